"""`inkread read` of many files and folders: answers in order, printed or as files, and one bad file stops none."""

import errno
import io
import json
import os
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest
from PIL import Image

from inkread.errors import BadPicture
from inkread.interfaces.many_pictures import in_order
from inkread.interfaces.output_places import Places, key
from inkread.interfaces.picture_list import NamedPicture, list_pictures
from inkread.results import Box, Character, Line, Reading, Word
from tests.conftest import ENVIRONMENT, Command


def reading_of(said: str, confidence: float = 1.0) -> Reading:
    box = Box(5, 20, 15, 35)
    word = Word(said, confidence, box, tuple(Character(sign, confidence, box, ()) for sign in said))
    return Reading((Line(said, said, (word,), box, confidence),), 40, 40, "fake")


class FakeReader:
    """Reads the name of a file instead of the file; two pages where the name says so, none where it is bad."""

    def read_pages(self, source: Path | bytes) -> Iterator[Reading]:
        said = source.decode() if isinstance(source, bytes) else source.stem
        if isinstance(source, Path) and not source.exists():
            raise BadPicture(f"{source} does not exist")
        if said.startswith("bad"):
            raise BadPicture(f"{source} is not a picture")
        if said.startswith("locked"):
            raise PermissionError(errno.EACCES, "Permission denied", str(source))
        if said.startswith("huge"):
            raise MemoryError
        if said.startswith("large"):
            raise cv2.error("Insufficient memory: Failed to allocate 8000000000 bytes")
        if said.startswith("odd"):
            raise cv2.error("Assertion failed")
        yield reading_of(said)
        if said.startswith("two"):
            yield reading_of(f"{said}-again")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder is empty, and a fake reads."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("inkread.loading.load", lambda _: FakeReader())
    return tmp_path


def make(*names: str) -> None:
    """Files that a fake reader and the overlay take for pictures."""
    content = io.BytesIO()
    Image.new("L", (40, 40), 255).save(content, "PNG")
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(content.getvalue())


def files_below(folder: str) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in Path(folder).rglob("*") if path.is_file()}


# Folders


def test_a_folder_means_its_pictures_by_name_and_those_of_its_folders_only_on_request(
    here: Path, inkread: Command
) -> None:
    make("scans/b.png", "scans/a.JPG", "scans/c.tif", "scans/deep/d.webp", "scans/.hidden.png", "scans/.git/e.png")
    flat = inkread("read", "scans")
    assert (flat.code, flat.err) == (0, "")
    assert flat.out.replace("\\", "/") == "== scans/a.JPG\na\n== scans/b.png\nb\n== scans/c.tif\nc\n"
    assert inkread("read", "scans", "--recursive").out.split()[2::3] == ["a", "b", "c", "d"]


def test_what_is_no_picture_in_a_folder_is_counted_in_one_line(here: Path, inkread: Command) -> None:
    make("scans/a.png", "scans/notes.txt", "scans/list.csv")
    answer = inkread("read", "scans")
    assert (answer.code, answer.out) == (0, "a\n")
    assert answer.sentence == "inkread: scans: files that are no pictures by their names, left out: 2"


def test_a_file_that_is_named_is_read_whatever_its_name(here: Path, inkread: Command) -> None:
    make("note.scan", ".hidden")
    assert inkread("read", "note.scan", ".hidden").out == "== note.scan\nnote\n== .hidden\n.hidden\n"


@pytest.mark.parametrize(
    ("inside", "said"),
    [(False, ""), (True, "; for those in the folders in it (1) try: inkread read empty --recursive")],
)
def test_a_folder_without_pictures_is_a_failure_that_does_not_stop_the_rest(
    here: Path, inkread: Command, inside: bool, said: str
) -> None:
    Path("empty").mkdir()
    make("a.png", *(["empty/deep/b.png"] if inside else []))
    answer = inkread("read", "empty", "a.png")
    assert (answer.code, answer.out) == (1, "a\n")
    assert answer.sentence.startswith("inkread: empty is a folder without pictures; expected files that end in .png")
    assert answer.sentence.endswith(said)


def test_a_folder_that_cannot_be_opened_is_told(here: Path, inkread: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    make("open/a.png", "open/closed/b.png")
    scan = os.scandir

    def closed(path: str) -> object:
        if Path(path).name == "closed":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", closed)
    answer = inkread("read", "open", "--recursive")
    assert (answer.code, answer.out) == (1, "a\n")
    assert "closed cannot be opened: Permission denied" in answer.sentence


# Failures


def test_each_failure_is_one_sentence_that_names_the_picture(here: Path, inkread: Command) -> None:
    make("a.png", "bad.png", "locked.png", "huge.png", "large.png", "odd.png", "b.png")
    named = ("a.png", "bad.png", "locked.png", "huge.png", "large.png", "odd.png", "none.png", "b.png")
    answer = inkread("read", *named)
    assert (answer.code, answer.out) == (1, "== a.png\na\n== b.png\nb\n")
    assert answer.err.splitlines() == [
        "inkread: bad.png is not a picture",
        "inkread: locked.png: Permission denied",
        "inkread: huge.png: there is not enough memory to read it",
        "inkread: large.png: there is not enough memory to read it",
        "inkread: odd.png: Assertion failed",
        "inkread: none.png does not exist; there are a.png, b.png, bad.png and 4 more; try: inkread read a.png",
    ]


def test_no_kind_of_file_makes_a_traceback(tmp_path: Path, inkread: Command) -> None:
    (tmp_path / "empty.png").touch()
    (tmp_path / "text.png").write_text("hello")
    (tmp_path / "cut.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    names = ["empty.png", "text.png", "cut.png", "none.png"]
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.png")
        names.append("pipe.png")
    answer = inkread("read", *(tmp_path / name for name in names))
    assert (answer.code, answer.out) == (1, "")
    said = answer.err.splitlines()
    assert len(said) == len(names)
    assert all(name in sentence for name, sentence in zip(names, said, strict=True))


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="the disk takes Unicode names only")
@pytest.mark.parametrize("form", ["text", "json"])
def test_names_that_are_no_utf8_or_break_lines_are_written_on_one_line(here: Path, inkread: Command, form: str) -> None:
    odd = os.fsdecode(b"caf\xe9\n.png")
    make(odd, "bad\n.png")
    answer = inkread("read", odd, "bad\n.png", "--format", form)
    assert answer.code == 1
    assert answer.sentence == r"inkread: bad\n.png is not a picture"
    if form == "json":
        assert json.loads(answer.out)["picture"] == odd
    else:
        assert answer.out.splitlines()[0] == r"== caf\udce9\n.png"


@pytest.mark.slow
def test_a_text_that_the_terminal_cannot_show_is_escaped(tmp_path: Path) -> None:
    program = (
        "import inkread.loading as r\nfrom tests.interfaces.test_interfaces_read_many import reading_of\n"
        "class Fake:\n    def read_pages(self, source): yield reading_of('№5')\n"
        "r.load = lambda _: Fake()\nfrom inkread.interfaces.cli import main\nimport sys\nmain(sys.argv[1:])"
    )
    make(str(tmp_path / "a.png"))
    answers = {
        form: subprocess.run(
            [sys.executable, "-c", program, "read", str(tmp_path / "a.png"), "--format", form],
            capture_output=True, check=True, timeout=60, env={**ENVIRONMENT, "PYTHONIOENCODING": "ascii"},
        ).stdout
        for form in ("text", "json", "alto")
    }  # fmt: skip
    assert answers["text"].split() == [rb"\u21165"]
    assert json.loads(answers["json"].decode("utf-8"))["text"] == "№5"
    assert "№5" in ET.tostring(ET.fromstring(answers["alto"]), "unicode")


def test_options_that_make_no_sense_are_refused_before_anything_is_read(here: Path, inkread: Command) -> None:
    make("a.png", "b.png")
    for arguments, said in (
        ("--output a.png", "--output is a.png, which is a file; expected a folder"),
        ("--format hocr", "hocr is one document a picture; for 2 name a folder: --output read/"),
        ("--overlay seen.png", "--overlay takes one picture; got 2; name a folder for several: --overlay seen/"),
        ("--overlay seen.gif", "--overlay is seen.gif; expected a name that ends in .jpg, .jpeg, .png, .webp"),
        ("--json --format alto", "--json and --format alto contradict each other"),
    ):
        answer = inkread("read", "a.png", "b.png", *arguments.split())
        assert (answer.code, answer.out) == (1, "")
        assert said in answer.sentence
    assert inkread("read", "a.png", "--format", "pdf").code == 2
    assert files_below(".") == {"a.png", "b.png"}


# Standard input


def test_a_picture_comes_from_standard_input(here: Path, inkread: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"piped")))
    assert inkread("read", "-").out == "piped\n"
    make("a.png")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"bad")))
    answer = inkread("read", "a.png", "-", "--output", "out")
    assert answer.code == 1
    assert answer.sentence.startswith("inkread: standard input: ")
    assert files_below("out") == {"a.txt"}
    monkeypatch.setattr("inkread.interfaces.picture_list.MAX_BYTES", 4)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"piped")))
    answer = inkread("read", "-", "a.png")
    assert (answer.code, answer.out) == (1, "a\n")
    assert answer.sentence == "inkread: standard input has more than 4 bytes; expected one picture"


# Files


@pytest.mark.parametrize(("form", "suffix"), [("text", "txt"), ("json", "json"), ("hocr", "hocr"), ("alto", "xml")])
def test_each_picture_has_a_file_in_the_folder_of_output(here: Path, inkread: Command, form: str, suffix: str) -> None:
    make("scans/a.png", "scans/deep/two.png", "bad.png")
    answer = inkread("read", "scans", "bad.png", "--recursive", "--format", form, "--output", "out/new")
    assert (answer.code, answer.out) == (1, "")
    assert "bad.png" in answer.sentence
    assert files_below("out/new") == {f"a.{suffix}", f"deep/two.{suffix}"}
    content = Path(f"out/new/deep/two.{suffix}").read_text(encoding="utf-8")
    if form == "text":
        assert content == "two\n\ftwo-again\n"
    elif form == "json":
        assert [page["page"] for page in json.loads(content)] == [1, 2]
    else:
        root = ET.fromstring(content.encode("utf-8"))
        said = "".join(root.itertext()) + "".join(e.get("CONTENT", "") for e in root.iter())
        assert "two-again" in said


def test_pictures_of_one_name_have_files_of_their_own_and_no_picture_is_overwritten(
    here: Path, inkread: Command
) -> None:
    make("a/note.png", "b/note.png", "b/Note.tif", "out/note.txt")  # the last a picture, whatever its name
    before = Path("out/note.txt").read_bytes()
    answer = inkread("read", "a/note.png", "b/note.png", "b/Note.tif", "out/note.txt", "--output", "out", "--json")
    assert answer.code == 0
    assert files_below("out") == {"note.txt", "note.json", "note-2.json", "Note-3.json", "note-4.json"}
    told = {name: json.loads(Path("out", name).read_text())["picture"] for name in files_below("out") - {"note.txt"}}
    assert told["note-2.json"] == str(Path("b/note.png"))
    assert "b/note.png: written to" in answer.err.replace("\\", "/")
    answer = inkread("read", "out/note.txt", "--output", "out")
    assert "note-2.txt" in answer.sentence and Path("out/note.txt").read_bytes() == before


def test_a_full_disk_is_told_and_leaves_the_old_answer(
    here: Path, inkread: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    make("a.png", "b.png")
    assert inkread("read", "a.png", "--output", "out").code == 0
    Path("out/a.txt").write_text("old")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    answer = inkread("read", "a.png", "b.png", "--output", "out")
    assert answer.code == 1
    told = [f"inkread: {name}.png: {Path('out') / name}.txt: No space left on device" for name in "ab"]
    assert answer.err.splitlines() == told
    assert Path("out/a.txt").read_text() == "old" and not Path("out/b.txt").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_an_output_that_takes_no_more_is_one_sentence_for_all_pictures(tmp_path: Path) -> None:
    Image.new("L", (40, 40), 255).save(tmp_path / "a.png")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "inkread", "read", "a.png", "a.png", "--json"], stdout=full, cwd=tmp_path,
            stderr=subprocess.PIPE, text=True, check=False, timeout=60, env={**ENVIRONMENT, "PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (1, "inkread: No space left on device\n")


def test_a_place_is_given_away_once(tmp_path: Path) -> None:
    places = Places(tmp_path, [NamedPicture("x", tmp_path / "x.txt", Path("x"))])
    names = [places.reserve(Path(stem), ".txt").name for stem in ("a", "A", "a-2", "x", "a")]
    assert len({key(tmp_path / name) for name in names}) == 5 and "x.txt" not in names
    assert names[:2] == ["a.txt", "A-2.txt"]


# Overlays


def test_overlays_of_many_go_to_a_folder_each_page_to_its_file(here: Path, inkread: Command) -> None:
    make("a.png", "deep/b.png")
    frames = [Image.new("L", (40, 40), level) for level in (255, 250)]
    frames[0].save("two.tif", save_all=True, append_images=frames[1:])
    answer = inkread("read", "a.png", "deep", "two.tif", "--overlay", "seen")
    assert (answer.code, answer.err) == (0, "")
    assert files_below("seen") == {"a.png", "b.png", "two.png", "two-page2.png"}
    with Image.open("seen/two-page2.png") as drawn:
        assert drawn.size == (40, 40) and drawn.getpixel((39, 0)) == (250, 250, 250)


def test_an_overlay_never_replaces_a_picture(here: Path, inkread: Command) -> None:
    make("a.png", "b.png")
    before = Path("a.png").read_bytes()
    answer = inkread("read", "a.png", "--overlay", "a.png")
    assert answer.code == 1
    assert answer.sentence == "inkread: --overlay is a.png, the picture itself; expected another name"
    assert inkread("read", "a.png", "b.png", "--overlay", ".").code == 0
    assert files_below(".") == {"a.png", "b.png", "a-2.png", "b-2.png"}
    assert Path("a.png").read_bytes() == before


# Order, memory, progress


def test_answers_come_in_the_order_of_the_pictures_and_few_wait() -> None:
    begun, most, lock = 0, 0, threading.Lock()

    def work(number: int) -> int:
        nonlocal begun
        with lock:
            begun += 1
        time.sleep(0.02 if number == 0 else 0.0)
        return -number

    answers = []
    for taken, (number, answer) in enumerate(in_order(work, range(50), at_once=3)):
        answers.append((number, answer()))
        most = max(most, begun - taken)
    assert answers == [(number, -number) for number in range(50)]
    assert most <= 7  # two for each thread, and the one in hand


def test_a_failure_comes_in_its_turn_and_who_stops_early_waits_for_few() -> None:
    begun = []

    def work(number: int) -> int:
        begun.append(number)
        return 1 // number

    seen = []
    for number, answer in in_order(work, [1, 0, *range(2, 1000)], at_once=2):
        try:
            seen.append((number, answer()))
        except ZeroDivisionError:
            seen.append((number, -1))
        if number == 2:
            break
    assert seen == [(1, 1), (0, -1), (2, 0)]
    assert len(begun) < 20


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.parametrize(("count", "shown"), [(5, True), (3, False)])
def test_a_bar_shows_on_a_terminal_how_far_it_is_and_the_output_stays_clean(
    tmp_path: Path, count: int, shown: bool
) -> None:
    import pty

    names = [str(tmp_path / f"{number}.png") for number in range(count)]
    for name in names:
        Image.new("L", (40, 40), 255).save(name)
    names[1:1] = [str(tmp_path / "none.png")] if shown else []
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "rb", buffering=0) as screen:
        done = subprocess.run(
            [sys.executable, "-m", "inkread", "read", *names], stdout=subprocess.PIPE, stderr=theirs, check=False,
            timeout=60, env={**ENVIRONMENT, "TERM": "xterm", "COLUMNS": "80"},
        )  # fmt: skip
        os.close(theirs)
        said = b""
        while part := read_some(screen):
            said += part
    assert done.stdout.decode().splitlines() == [f"== {name}" for name in names if "none" not in name]
    assert (b"reading" in said) == shown
    if shown:
        assert b"does not exist" in said and b"6/6" in said


def read_some(screen: io.FileIO) -> bytes:
    """What a pseudo-terminal holds; nothing when the program at its other end has gone."""
    try:
        return screen.read(4096) or b""
    except OSError:
        return b""


@pytest.mark.skipif(sys.platform == "win32", reason="long names are refused otherwise there")
def test_a_name_that_no_file_can_have_does_not_stop_the_others(tmp_path: Path, inkread: Command) -> None:
    Image.new("L", (60, 60), 255).save(tmp_path / "blank.png")
    answer = inkread("read", tmp_path / ("a" * 300 + ".png"), tmp_path / "blank.png", "--model", "digits")
    first, second = answer.err.splitlines()
    assert "File name too long" in first and "blank.png" in second


def test_a_star_that_the_shell_left_means_the_files_that_fit(tmp_path: Path) -> None:
    for name in ("b.jpg", "a.jpg", ".hidden.jpg", "c.png"):
        (tmp_path / name).touch()
    (tmp_path / "folder.jpg").mkdir()

    def names(pattern: str) -> list[str]:
        return [Path(picture.name).name for picture in list_pictures([tmp_path / pattern], recursive=False).pictures]

    assert names("*.jpg") == ["a.jpg", "b.jpg"]
    assert (names("*.gif"), names("none/*.jpg")) == (["*.gif"], ["*.jpg"])
    if sys.platform != "win32":  # where no name has a star
        (tmp_path / "*.jpg").touch()
        assert names("*.jpg") == ["*.jpg"]
