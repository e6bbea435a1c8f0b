import importlib.util
import json
import string
import subprocess
import sys
from pathlib import Path

import cv2
import matplotlib
import numpy as np
import pytest
from fontTools.ttLib import TTFont
from PIL import Image

from inkread.alphabet import DIGITS, LETTERS
from inkread.data import fonts
from inkread.data.fonts import BOARD, CAPITAL, FontFile, read_folder, render, same_shape, write
from inkread.errors import BadData, BadOption, DataMissing, DownloadFailed, UnknownCharacter
from inkread.preprocessing.binarise import stroke_width
from inkread.preprocessing.frame import is_framed

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "scripts" / "fetch_fonts.py"
TYPE = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
SANS = FontFile(TYPE / "DejaVuSans.ttf", "sans")
SERIF = FontFile(TYPE / "DejaVuSerif.ttf", "serif")


def remapped(path, changes):
    """DejaVu Sans with some characters drawn as others, or, mapped to None, not at all."""
    font = TTFont(SANS.path)
    for table in font["cmap"].tables:
        if table.isUnicode():
            before = dict(table.cmap)
            for character, other in changes.items():
                if other is None:
                    table.cmap.pop(ord(character), None)
                else:
                    table.cmap[ord(character)] = before[ord(other)]
    font.save(path)
    return FontFile(path, path.stem)


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("fetch_fonts", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def shape_of(character):
    return fonts._Hand(SANS).shape(character)


def test_every_character_is_written_as_often_as_asked_and_labelled_by_its_letter():
    split = render([SANS, SERIF], "aBj", 4, np.random.default_rng(1))
    assert split.images.shape == (12, 28, 28)
    assert split.images.dtype == np.uint8
    assert split.written.tolist() == list("aaaaBBBBjjjj")
    np.testing.assert_array_equal(split.labels, LETTERS.encode(split.written))


def test_all_glyphs_are_frames_of_full_contrast_and_no_two_are_equal():
    split = render([SANS], "aBefGijkMpQrstWxyz", 2, np.random.default_rng(2))
    assert len({image.tobytes() for image in split.images}) == len(split)
    assert all(is_framed(image.astype(np.float32) / 255, "emnist") for image in split.images)
    assert (split.images.max(axis=(1, 2)) >= 250).all()


def test_the_same_generator_writes_the_same_glyphs_and_another_writes_others():
    first, again, other = (render([SANS], "gQ", 3, np.random.default_rng(seed)) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first.images, again.images)
    assert (first.images != other.images).any()


def test_every_family_writes_equally_often_however_many_weights_it_has(monkeypatch):
    asked = []
    shape = fonts._Hand.shape
    monkeypatch.setattr(
        fonts._Hand, "shape", lambda hand, c: (asked.append(hand.family) if c == "w" else None, shape(hand, c))[1]
    )
    bold = FontFile(TYPE / "DejaVuSans-Bold.ttf", "sans")
    monkeypatch.setattr(fonts._Hand, "draws", lambda hand, c: True)
    render([SANS, bold, SERIF], "w", 6, np.random.default_rng(5))
    drawn = asked[-6:]
    assert drawn.count("sans") == drawn.count("serif") == 3


@pytest.mark.slow
def test_what_is_written_looks_most_like_the_letter_it_is_labelled_with():
    """The oracle: the nearest of the 26 plain shapes, framed alike; letters whose capitals differ clearly."""
    letters = "AEGHKMPRSTWXZ"
    split = render([SANS], letters, 10, np.random.default_rng(6))
    plain = np.stack([fonts.frame(_boxed(shape_of(c)), "emnist") for c in letters]).astype(float)
    soft = np.stack([cv2.GaussianBlur(p, (0, 0), 2) for p in plain]).reshape(len(letters), -1)
    glyphs = np.stack([cv2.GaussianBlur(i.astype(float), (0, 0), 2) for i in split.images]).reshape(len(split), -1)
    soft /= np.linalg.norm(soft, axis=1, keepdims=True)
    found = np.array(list(letters))[(glyphs @ soft.T).argmax(axis=1)]
    assert (found == split.written).mean() > 0.7  # by chance 0.08


def _boxed(shape):
    return np.pad(fonts._cropped(shape > 0.5).astype(np.uint8) * 255, 8)


def test_a_pen_that_does_not_close_loops_keeps_the_two_holes_of_b(monkeypatch):
    monkeypatch.setattr(fonts, "FILLED", 0.0)
    mask = np.pad(fonts._cropped(shape_of("B") > 0.5), fonts.ROOM)
    rng = np.random.default_rng(7)
    for pen in (2.0, 10.0, 40.0):
        redrawn = fonts._redrawn(mask, pen, rng)
        assert cv2.connectedComponents((~redrawn).astype(np.uint8), connectivity=4)[0] - 1 == 3  # paper and two holes


@pytest.mark.parametrize("pen", [6.0, 10.0, 16.0])
def test_strokes_are_as_wide_as_the_pen_that_was_asked_for(pen):
    mask = np.pad(fonts._cropped(shape_of("O") > 0.5), fonts.ROOM)
    widths = [stroke_width(fonts._redrawn(mask, pen, np.random.default_rng(seed))) for seed in range(20)]
    assert np.mean(widths) == pytest.approx(pen, rel=0.1)


def test_small_letters_that_are_drawn_as_capitals_are_left_to_other_fonts(tmp_path):
    capitals = remapped(tmp_path / "capitals.ttf", {c: c.upper() for c in string.ascii_lowercase})
    hand = fonts._Hand(capitals)
    assert not any(hand.draws(c) for c in string.ascii_lowercase)
    assert all(hand.draws(c) for c in string.ascii_uppercase)
    with pytest.raises(BadData, match="none of the 1 fonts draws 'a'"):
        render([capitals], "a", 1, np.random.default_rng(0))
    assert len(render([capitals, SANS], "aA", 2, np.random.default_rng(0))) == 4


def test_one_small_letter_drawn_as_its_capital_is_left_out_alone(tmp_path):
    hand = fonts._Hand(remapped(tmp_path / "one.ttf", {"e": "E"}))
    assert [c for c in string.ascii_lowercase if not hand.draws(c)] == ["e"]


@pytest.mark.parametrize("font", [SANS, SERIF], ids=["sans", "serif"])
def test_a_font_with_real_small_letters_keeps_all_of_them(font):
    assert all(fonts._Hand(font).draws(c) for c in string.ascii_letters)


def test_a_character_that_a_font_lacks_or_is_told_to_omit_is_not_written(tmp_path):
    gap = remapped(tmp_path / "gap.ttf", {"Q": None})
    assert not fonts._Hand(gap).draws("Q")
    assert not fonts._Hand(FontFile(SANS.path, "sans", omit="xQ")).draws("x")
    with pytest.raises(BadData, match="'Q'"):
        render([gap], "Q", 1, np.random.default_rng(0))


def test_a_shape_is_the_same_at_another_size_and_another_letter_is_not():
    shape = shape_of("G")
    half = cv2.resize(shape, (BOARD // 2, BOARD // 2), interpolation=cv2.INTER_AREA)
    assert same_shape(shape, half)
    assert not same_shape(shape, shape_of("g"))
    assert not same_shape(shape, np.zeros_like(shape))


def test_an_h_is_drawn_at_the_height_that_pens_are_measured_by():
    assert fonts._height(shape_of("H")) == pytest.approx(CAPITAL, abs=2)


def test_i_sometimes_loses_its_dot_and_never_its_stem(monkeypatch):
    monkeypatch.setattr(fonts, "BROKEN", 0.0)
    monkeypatch.setattr(fonts, "SPECKED", 0.0)
    shape, rng = shape_of("i"), np.random.default_rng(9)
    pieces = [cv2.connectedComponents((write(shape, "i", rng) > 100).astype(np.uint8))[0] - 1 for _ in range(100)]
    assert 5 <= pieces.count(1) <= 45  # 15 lost on purpose, some joined by a thick pen
    assert pieces.count(0) == 0


def test_digits_are_written_for_an_alphabet_of_digits():
    split = render([SANS], "07", 1, np.random.default_rng(0), alphabet=DIGITS)
    assert split.labels.tolist() == [0, 7]


def test_bad_orders_are_refused_with_a_sentence(tmp_path):
    rng = np.random.default_rng(0)
    with pytest.raises(BadOption, match="0 fonts"):
        render([], "A", 1, rng)
    with pytest.raises(BadOption, match="0 characters"):
        render([SANS], "", 1, rng)
    with pytest.raises(BadOption, match="-1 glyphs"):
        render([SANS], "A", -1, rng)
    with pytest.raises(UnknownCharacter, match="É"):
        render([SANS], "É", 1, rng)
    text = tmp_path / "no.ttf"
    text.write_text("not a font")
    with pytest.raises(BadData, match=r"no\.ttf cannot be read as a font"):
        render([FontFile(text, "no")], "A", 1, rng)
    with pytest.raises(BadData, match="cannot be read as a font"):
        render([FontFile(tmp_path / "absent.ttf", "no")], "A", 1, rng)
    assert len(render([SANS], "A", 0, rng)) == 0


def test_a_folder_gives_its_families_to_one_part_each(tmp_path):
    entries = [
        {"family": "one", "split": "train", "omit": "z"},
        {"family": "one-two", "split": "val"},
    ]
    (tmp_path / "fonts.json").write_text(json.dumps({"families": entries}))
    for name in ("one-400", "one-700", "one-two-400"):
        (tmp_path / f"{name}.woff2").write_bytes(b"")
    train, val = read_folder(tmp_path)
    assert [(f.path.name, f.family, f.omit) for f in train] == [
        ("one-400.woff2", "one", "z"),
        ("one-700.woff2", "one", "z"),
    ]
    assert [(f.path.name, f.family) for f in val] == [("one-two-400.woff2", "one-two")]


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"families": [{}]}', '{"families": [{"family": "a", "split": "other"}]}']
)
def test_a_manifest_that_is_none_is_told(tmp_path, text):
    (tmp_path / "fonts.json").write_text(text)
    (tmp_path / "a-400.woff2").write_bytes(b"")
    with pytest.raises(BadData, match="not a list of font families"):
        read_folder(tmp_path)


def test_a_folder_without_manifest_or_fonts_says_how_to_get_them(tmp_path):
    with pytest.raises(DataMissing, match=r"fetch_fonts\.py"):
        read_folder(tmp_path / "absent")
    (tmp_path / "fonts.json").write_text('{"families": [{"family": "a", "split": "train"}]}')
    with pytest.raises(DataMissing, match="not its fonts"):
        read_folder(tmp_path)


def test_the_committed_list_names_each_family_once_with_version_open_licence_and_part(script):
    families = json.loads(script.LISTED.read_text())["families"]
    assert len({entry["family"] for entry in families}) == len(families) >= 20
    for entry in families:
        assert entry["licence"] in script.OPEN_LICENCES
        assert entry["version"].count(".") == 2
        assert set(entry.get("omit", "")) <= set(string.ascii_letters)
    assert {entry["split"] for entry in families} == {"train", "val"}


def fake_npm(folder, lines):
    """An npm that runs these lines of Python in the folder that it is called in."""
    folder.mkdir()
    npm = folder / "npm"
    npm.write_text(f"#!{sys.executable}\nimport json, sys, pathlib\n" + lines)
    npm.chmod(0o755)
    return str(npm)


INSTALLS = """
for order in sys.argv[1:]:
    if not order.startswith("@"):
        continue
    name, version = order[1:].split("@")
    family = name.split("/")[1]
    package = pathlib.Path("node_modules") / ("@" + name)
    (package / "files").mkdir(parents=True)
    licence = "Apache-2.0" if family in APACHE else "OFL-1.1"
    (package / "package.json").write_text(json.dumps({"version": version, "license": licence}))
    (package / "LICENSE").write_text("open")
    (package / "files" / (family + "-latin-400-normal.woff2")).write_bytes(b"font")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for npm is a script with a shebang")
def test_fetching_keeps_one_file_a_weight_its_licence_and_the_list(script, tmp_path, monkeypatch):
    families = json.loads(script.LISTED.read_text())["families"]
    apache = [entry["family"] for entry in families if entry["licence"] == "Apache-2.0"]
    npm = fake_npm(tmp_path / "bin", f"APACHE = {apache}\n" + INSTALLS)
    monkeypatch.setattr(script.shutil, "which", lambda _: npm)
    assert script.fetch(tmp_path / "out") == len(families)
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {f"{e['family']}{end}" for e in families for end in ("-400.woff2", "-LICENSE")} | {"fonts.json"}
    train, val = read_folder(tmp_path / "out")
    assert len(train) + len(val) == len(families)


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for npm is a script with a shebang")
@pytest.mark.parametrize(
    ("lines", "sentence"),
    [("APACHE = []\n" + INSTALLS, "look at it anew"), ("sys.exit('no such package')", "no such package")],
)
def test_another_licence_or_a_failing_npm_leaves_the_folder_untouched(script, tmp_path, monkeypatch, lines, sentence):
    npm = fake_npm(tmp_path / "bin", lines)
    monkeypatch.setattr(script.shutil, "which", lambda _: npm)
    with pytest.raises((BadData, DownloadFailed), match=sentence):
        script.fetch(tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_without_npm_the_sentence_says_what_to_install(script, tmp_path, monkeypatch):
    monkeypatch.setattr(script.shutil, "which", lambda _: None)
    with pytest.raises(DownloadFailed, match=r"install Node\.js"):
        script.fetch(tmp_path)


def test_the_archive_holds_letters_with_their_case_and_a_part_for_each(script, tmp_path):
    train = script.written([SANS], 1, 2, seed=1)
    val = script.written([SERIF], 1, 1, seed=2)
    script.save(train, val, tmp_path / "letters.npz")
    with np.load(tmp_path / "letters.npz") as archive:
        assert archive["images"].shape == (57 + 52, 28, 28)
        assert archive["labels"].dtype == np.dtype("<U1")
        assert (archive["labels"][:57] == "q").sum() == 2
        assert archive["split"].tolist() == ["train"] * 57 + ["val"] * 52
    assert [path.name for path in tmp_path.iterdir()] == ["letters.npz"]


def test_the_script_tells_how_it_is_used():
    done = subprocess.run([sys.executable, SCRIPT, "--help"], capture_output=True, text=True, check=True, cwd=ROOT)
    assert "--render" in done.stdout


def test_the_drawing_board_holds_the_widest_letters_whole():
    for character in "WMQgjQ":
        shape = shape_of(character)
        assert shape[[0, -1]].max() == shape[:, [0, -1]].max() == 0
    assert Image.fromarray((shape * 255).astype(np.uint8)).size == (BOARD, BOARD)
