"""`inkread language`: what a model learns from, what is measured without it, and what goes wrong in one sentence."""

import inspect
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inkread.alphabet import CHARACTERS, DIGITS, LETTERS, Alphabet
from inkread.decoding import LanguageModel, NgramOptions, decode, load_language
from inkread.errors import BadOption
from inkread.interfaces.cli import COMMANDS, LANGUAGE_VERBS
from inkread.interfaces.commands import language
from inkread.interfaces.language_learning import Sources, hold_out, surprises, within_reach
from inkread.interfaces.language_sources import LONGEST_PASSAGE, blend, choose_alphabet, parted, read_words
from tests.conftest import ENVIRONMENT, Command
from tests.handwriting import penned

FARM = (
    ("the hen", "a goat", "the old sheep", "our cow"),
    ("eats", "likes", "finds"),
    ("hay", "corn", "the barn", "grass"),
)
OF_LETTERS = ("--alphabet", "letters")
SEA = ("the crew", "a sailor", "our captain"), ("hoists", "mends", "watches"), ("the sail", "a rope", "the anchor")


def sentences(parts: tuple[tuple[str, ...], ...], count: int) -> list[str]:
    draw = np.random.default_rng(0)
    return [" ".join(part[draw.integers(len(part))] for part in parts) + "!" for _ in range(count)]


@pytest.fixture
def farm(tmp_path: Path) -> Path:
    path = tmp_path / "farm.txt"
    path.write_text("\n".join(f"{line} {number % 9}" for number, line in enumerate(sentences(FARM, 400))), "utf-8")
    return path


@pytest.fixture
def sea(tmp_path: Path) -> Path:
    path = tmp_path / "sea.txt"
    path.write_text("\n".join(f"{one} {number:b}" for number, one in enumerate(sentences(SEA, 60))), "utf-8")
    return path


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "models" / "my.lm"


def bits(model: LanguageModel, text: str) -> float:
    return -model.log_prob(text) / np.log(2) / (len(text) + 1)


# What is learnt


def test_a_model_expects_what_it_learnt_from_and_says_so(farm: Path, out: Path, inkread: Command) -> None:
    answer = inkread("language", "train", farm, "--out", out, *OF_LETTERS)
    assert (answer.code, answer.err) == (0, "")
    assert "Read 1 file: 400 passages" in answer.out
    assert re.search(r"; 800 characters that the alphabet lacks left out", answer.out)  # the digits and the !
    assert (
        f"Wrote {out} (" in answer.out
        and f"Try next: inkread read note.png --model letters --language {out}" in answer.out
    )
    model = load_language(out)
    assert model.alphabet == LETTERS and model.about == "400 passages of farm.txt"
    assert bits(model, "THE HEN EATS CORN") < 1.5
    assert bits(model, "QXZVJ KWPFB") > 4


def test_a_model_is_for_what_is_read_unless_told_otherwise(farm: Path, out: Path, inkread: Command) -> None:
    answer = inkread("language", "train", farm, "--out", out)
    assert "; 0 characters that the alphabet lacks left out" in answer.out
    assert f"Try next: inkread read note.png --language {out}" in answer.out
    assert load_language(out).alphabet == CHARACTERS.folded()
    note = farm.with_name("note.png")
    ink, _ = penned(["The hen eats 7"], 60, 5)
    Image.fromarray(np.rint(255 * (1 - np.pad(ink, 40))).astype(np.uint8)).save(note)
    read = inkread("read", note, "--language", out)
    assert (read.code, read.out, read.err) == (0, "The hen eats 7\n", "")


def test_a_language_that_lacks_what_is_read_is_told(farm: Path, out: Path, inkread: Command) -> None:
    assert inkread("language", "train", farm, "--out", out, *OF_LETTERS).code == 0
    note = farm.with_name("note.png")
    Image.fromarray(np.full((40, 60), 255, np.uint8)).save(note)
    answer = inkread("read", note, "--language", out)
    assert f"{out} knows only {LETTERS.characters}: whatever else is written" in answer.err
    assert "knows only" not in inkread("read", note, "--language", out, "--model", "letters").err


def test_a_model_of_ones_own_decodes(farm: Path, out: Path, inkread: Command) -> None:
    assert inkread("language", "train", farm, "--out", out, *OF_LETTERS).code == 0
    seen = np.full((6, 26), 0.01)
    seen[range(6), LETTERS.encode("OUPCQW")] = 0.4
    seen[range(6), LETTERS.encode("OURCOW")] = 0.38
    assert decode(np.log(seen), LETTERS, language=load_language(out)).text == "OUR COW"


def test_a_folder_is_read_with_all_its_texts(farm: Path, sea: Path, out: Path, inkread: Command) -> None:
    deeper = farm.parent / "folder" / "deeper"
    deeper.mkdir(parents=True)
    farm.rename(deeper / "b.txt")
    sea.rename(deeper.parent / "a.txt")
    (deeper / "picture.png").write_bytes(b"\xff\xd8")
    answer = inkread("language", "train", deeper.parent, "--out", out)
    assert "Read 2 files: 460 passages" in answer.out
    assert load_language(out).about == "460 passages of a.txt, b.txt"


def test_nearer_texts_count_more(farm: Path, sea: Path, out: Path, inkread: Command) -> None:
    diary = farm.with_name("diary.txt")
    diary.write_text("\n".join(f"the hen eats grass {word}" for word in ("today", "again", "often") * 7))
    inkread("language", "train", farm, diary, "--out", out, *OF_LETTERS)
    pooled = bits(load_language(out), "THE HEN EATS GRASS")
    inkread("language", "train", farm, "--like", diary, "--out", out, *OF_LETTERS)
    assert bits(load_language(out), "THE HEN EATS GRASS") < pooled
    answer = inkread("language", "train", farm, "--like", sea, "--out", out, *OF_LETTERS)
    assert "Nearer to what will be read: 1 file: 60 passages" in answer.out
    assert "on 1 nearer passage (" in answer.out  # a twentieth of the 27 that differ


def test_several_nearer_texts_may_follow_one_flag(farm: Path, sea: Path, out: Path, inkread: Command) -> None:
    more = sea.with_name("more.txt")
    more.write_text("aye aye captain\n")
    inkread("language", "train", farm, "--like", sea, more, "--out", out)
    assert load_language(out).about == "400 passages of farm.txt; nearer: 61 passages of sea.txt, more.txt"


def test_words_of_a_list_become_likelier(farm: Path, out: Path, inkread: Command) -> None:
    inkread("language", "train", farm, "--out", out, *OF_LETTERS)
    before = bits(load_language(out), "GRYPHON")
    names = farm.with_name("names.txt")
    names.write_text("gryphon\t3\nPegasus\t1e-3\nSea-serpent\n")
    assert inkread("language", "train", farm, "--words", names, "--out", out, *OF_LETTERS).code == 0
    assert bits(load_language(out), "GRYPHON") < before - 1
    assert read_words(names, LETTERS) == {"GRYPHON": 3.0, "PEGASUS": 0.001, "SEA": 1.0, "SERPENT": 1.0}


@pytest.mark.slow
def test_word_frequencies_of_a_language_may_take_the_place_of_the_texts(
    farm: Path, out: Path, inkread: Command
) -> None:
    pytest.importorskip("wordfreq")
    assert inkread("language", "train", farm, "--wordfreq", "de", "--out", out).code == 0
    model = load_language(out)
    assert bits(model, "VIELLEICHT") < bits(model, "LLEICHTVIE") - 1
    assert model.about.endswith("wordfreq's 'de'")


def test_every_source_of_words_has_the_same_share() -> None:
    blended = blend([{"A": 1.0, "B": 3.0}, {"B": 10.0}])
    assert blended == {"A": 0.125, "B": 0.875}


@pytest.mark.parametrize(
    ("asked", "alphabet"),
    [
        ("letters", LETTERS), ("digits", DIGITS), ("characters", CHARACTERS.folded()), ("9876543210", DIGITS),
        (LETTERS.characters[::-1], LETTERS),
        ("ab", Alphabet("ab")), ("BA1", Alphabet("1AB", fold_case=True)), ("Aab", Alphabet("Aab")),
    ],
)  # fmt: skip
def test_an_alphabet_is_that_of_a_data_set_with_the_same_characters(asked: str, alphabet: Alphabet) -> None:
    assert choose_alphabet(asked) == alphabet


def test_digits_are_learnt_from_texts_with_numbers(farm: Path, out: Path, inkread: Command) -> None:
    answer = inkread("language", "train", farm, "--alphabet", "digits", "--out", out)
    assert answer.code == 0 and "--model digits --language" in answer.out
    assert load_language(out).alphabet == DIGITS


def test_a_large_alphabet_gets_the_longest_context_that_it_can_have(farm: Path, out: Path, inkread: Command) -> None:
    characters = "".join(chr(code) for code in range(0x21, 0x7F))
    assert inkread("language", "train", farm, f"--alphabet={characters}", "--out", out).code == 0
    assert load_language(out).alphabet == Alphabet(characters)
    alphabet = Alphabet(characters)
    assert within_reach(NgramOptions(), alphabet).context == 62 // 7 - 1  # 95 symbols take 7 bits of a key's 62
    assert within_reach(NgramOptions(context=9), alphabet).context == 9  # what was asked for is refused, not changed
    assert within_reach(NgramOptions(), LETTERS) == NgramOptions()


def test_what_is_kept_can_be_limited(farm: Path, out: Path, inkread: Command) -> None:
    assert inkread("language", "train", farm, "--context", 3, "--contexts", 100, "--out", out).code == 0
    depths = load_language(out).contexts.depths
    assert len(depths) <= 4 and sum(depths) <= 100


@pytest.mark.slow
@pytest.mark.parametrize("alphabet", ["characters", "letters"])
def test_a_model_of_much_text_is_as_small_as_those_that_ship(
    alphabet: str, tmp_path: Path, out: Path, inkread: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inkread.decoding.ngram.MOST_CONTEXTS", 17_000)  # a tenth of both
    monkeypatch.setattr("inkread.decoding.ngram.TABLE", 700_000)
    draw = np.random.default_rng(0)
    words = np.array(["".join(draw.choice(list("etaoinshrdlu"), draw.integers(2, 8))) for _ in range(3_000)])
    text = tmp_path / "much.txt"
    text.write_text("\n".join(" ".join(draw.choice(words, 12)) for _ in range(4_000)), "utf-8")
    assert inkread("language", "train", text, "--out", out, "--alphabet", alphabet).code == 0
    model = load_language(out)
    assert 0.9 * 700_000 < model.contexts.chances.size <= 700_000 or len(model.contexts.children) > 0.9 * 17_000
    assert out.stat().st_size <= 600_000
    whole = out.with_name("whole.lm")
    model.save(whole)
    assert out.stat().st_size < 0.75 * whole.stat().st_size


def test_two_lines_are_learnt_from_but_not_measured(tmp_path: Path, out: Path, inkread: Command) -> None:
    text = tmp_path / "two.txt"
    text.write_text("Don't confirm/deny the café's menu!\nMeet me at noon by the old bridge.\n", "utf-8")
    answer = inkread("language", "train", text, "--out", out, *OF_LETTERS)
    assert (answer.code, answer.err) == (0, "")
    assert "Not measured: there are fewer than 20 different passages" in answer.out
    assert load_language(out).alphabet == LETTERS


# What is measured


def test_what_measures_a_model_is_not_what_it_learnt(farm: Path, sea: Path) -> None:
    texts, nearer = ["A B", "C"] * 30, [f"X{'Y' * number}" for number in range(41)]
    held = hold_out(Sources([*texts, *nearer], nearer))
    assert len(held) == 2 and set(held) <= set(nearer)
    left = Sources([*texts, *nearer], nearer).without(held)
    assert not set(held) & {*left.texts, *left.nearer}
    assert len(left.texts) == 99 and len(left.nearer) == 39
    assert held == hold_out(Sources(texts, nearer[::-1]))  # whatever their order
    assert hold_out(Sources(texts)) == []  # two different ones: too few


def test_the_figure_is_that_of_a_model_that_never_saw_the_passages(
    farm: Path, out: Path, inkread: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    from inkread.interfaces import language_learning

    learnt: list[Sources] = []
    real = language_learning.learn
    monkeypatch.setattr(
        language_learning, "learn", lambda sources, *rest: (learnt.append(sources), real(sources, *rest))[1]
    )
    shown = inkread("language", "train", farm, "--out", out, *OF_LETTERS).out
    held = hold_out(learnt[1])
    assert not set(held) & set(learnt[0].texts) and set(held) <= set(learnt[1].texts)
    model = real(learnt[0], LETTERS, NgramOptions())
    expected = -sum(model.log_prob(text) for text in held) / np.log(2) / sum(len(text) + 1 for text in held)
    assert f"Measured: {expected:.2f} bits a character on {len(held)} passages" in shown
    assert "The model that is saved learns from these, too" in shown


def test_the_bits_of_many_passages_are_those_of_each() -> None:
    model = language.opened(None)[0]
    passages = ["A", "MEET AT NOON", "QQ", "BY THE OLD BRIDGE"]
    for passage, costs in zip(passages, surprises(model, passages), strict=True):
        assert len(costs) == len(passage) + 1
        assert costs.sum() == pytest.approx(-model.log_prob(passage) / np.log(2))


def test_a_book_on_one_line_is_parted_between_words() -> None:
    words = "THE OLD BRIDGE " * 1000
    pieces = list(parted(words.strip()))
    assert " ".join(pieces) == words.strip()
    assert max(map(len, pieces)) <= LONGEST_PASSAGE and len(pieces) == -(-len(words) // LONGEST_PASSAGE)
    endless = "X" * (LONGEST_PASSAGE + 1)
    assert list(parted(f"{endless} A")) == [endless, "A"]
    assert list(parted("")) == []


# What goes wrong


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("--out my.lm", "name at least one text"),
        ("none.txt --out my.lm", "cannot read none.txt: No such file"),
        ("latin.txt --out my.lm", r"latin.txt is not UTF-8 text \(byte 3\)"),
        ("empty.txt --out my.lm", "empty.txt has no text"),
        ("folder --out my.lm", "the folder folder has no .txt files"),
        ("digits.txt --out my.lm --alphabet letters", "digits.txt has no character of the alphabet 'ABC.*Z'"),
        ("short.txt --out my.lm", "some thousand words at least"),
        ("good.txt --like none.txt --out my.lm", "cannot read none.txt"),
        ("good.txt --like digits.txt --out my.lm --alphabet letters", "digits.txt has no character"),
        ("good.txt --words none.txt --out my.lm", "cannot read none.txt"),
        ("good.txt --words list.txt --out my.lm", r"list.txt has the line 'hen\\tmany'; expected"),
        ("good.txt --words digits.txt --out my.lm --alphabet letters", "digits.txt has no word that can be written"),
        ("good.txt --out folder", "--out folder is a folder; name a file in it, such as folder"),
        ("good.txt --out good.txt", "--out good.txt exists and is no language model"),
        ("good.txt --out good.txt/my.lm", "good.txt is a file, not a folder"),
        ("good.txt --out my.lm --alphabet AAB", "'A' came twice"),
        ("good.txt --out my.lm --alphabet=", "--alphabet= has nothing behind it; expected a value"),
        ("good.txt --out my.lm --context 0 --alphabet letters", "context is 0; expected 1 to 11"),
        ("good.txt --out my.lm --contexts 5 --alphabet letters", "contexts is 5; expected at least 27"),
        ("good.txt --out my.lm --blend 2", "blend is 2.0; expected 0 to 1"),
    ],
)  # fmt: skip
def test_what_cannot_be_learnt_is_said_in_one_sentence(
    arguments: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inkread: Command
) -> None:
    monkeypatch.chdir(tmp_path)
    contents = {
        "good.txt": "\n".join(sentences(FARM, 50)).encode(), "digits.txt": b"12 34\n", "short.txt": b"hi\n",
        "empty.txt": b"\n \n", "latin.txt": "café\n".encode("latin-1"), "list.txt": b"goat\nhen\tmany\n",
    }  # fmt: skip
    for name, content in contents.items():
        Path(name).write_bytes(content)
    Path("folder").mkdir()
    answer = inkread("language", "train", *arguments.split())
    assert answer.code == 1
    assert re.search(said, answer.sentence), answer.sentence
    assert {path.name for path in tmp_path.iterdir()} == {*contents, "folder"} and not any(Path("folder").iterdir())
    assert all(Path(name).read_bytes() == content for name, content in contents.items())


def test_a_failure_leaves_the_model_that_is_there(farm: Path, out: Path, inkread: Command) -> None:
    assert inkread("language", "train", farm, "--out", out).code == 0
    before = out.read_bytes()
    assert inkread("language", "train", farm, "--contexts", 1, "--out", out).code == 1
    assert out.read_bytes() == before and list(out.parent.iterdir()) == [out]
    assert inkread("language", "train", farm, "--context", 2, "--out", out).code == 0
    assert out.read_bytes() != before  # a model may take the place of a model


@pytest.mark.parametrize("asked", ["a b", "ab\n", "".join(map(chr, range(0x4E00, 0x4E00 + 255)))])
def test_an_alphabet_that_no_model_can_have_is_refused(asked: str) -> None:
    with pytest.raises(BadOption, match="the alphabet"):
        choose_alphabet(asked)


def test_a_missing_wordfreq_is_one_sentence(
    farm: Path, out: Path, inkread: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "wordfreq", None)
    answer = inkread("language", "train", farm, "--wordfreq", "en", "--out", out)
    assert answer.code == 1 and not out.exists()
    assert answer.sentence == ('inkread: --wordfreq needs wordfreq; install it with: pip install "inkread[language]"')


@pytest.mark.parametrize(
    ("asked", "said"), [("xx", "no language 'xx'; expected one of ar, "), ("ru", "most words of wordfreq's 'ru'")]
)
def test_a_language_that_does_not_fit_is_one_sentence(
    asked: str, said: str, farm: Path, out: Path, inkread: Command
) -> None:
    pytest.importorskip("wordfreq")
    answer = inkread("language", "train", farm, "--wordfreq", asked, "--out", out)
    assert answer.code == 1 and said in answer.sentence


# Showing and scoring


def test_the_shipped_model_is_shown(inkread: Command) -> None:
    answer = inkread("language", "show")
    model = language.opened(None)[0]
    assert answer.code == 0
    assert re.search(r"english\.lm, which ships \(\d\.\d\d MB\)", answer.out)
    assert f"alphabet: {LETTERS.characters}, both cases of a letter one, and the space" in answer.out
    assert model.about in answer.out
    for depth, contexts in enumerate(model.contexts.depths):
        assert re.search(rf"│ {depth} +│ {contexts:,} +│", answer.out)


def test_the_number_of_words_shown_is_that_of_the_words_learnt(farm: Path, out: Path, inkread: Command) -> None:
    answer = inkread("language", "train", farm, "--out", out, *OF_LETTERS)
    words = {word for line in sentences(FARM, 400) for word in line.strip("!").split()}
    assert f", {len(words)} words" in answer.out
    assert f", {len(words)} words" in inkread("language", "show", out).out


@pytest.mark.parametrize("verb", ["show", "score"])
def test_what_is_no_model_is_one_sentence(verb: str, farm: Path, inkread: Command) -> None:
    flags = () if verb == "show" else (farm, "--language")
    assert "not a whole language model" in inkread("language", verb, *flags, farm).sentence
    assert "cannot read the language model" in inkread("language", verb, *flags, farm.with_name("none.lm")).sentence


def test_scoring_tells_bits_and_the_least_expected_words(tmp_path: Path, inkread: Command) -> None:
    text = tmp_path / "note.txt"
    text.write_text("meet me at noon\nbring the qwzxjv to the bridge\n")
    answer = inkread("language", "score", text)
    model = language.opened(None)[0]
    expected = -sum(map(model.log_prob, ("MEET ME AT NOON", "BRING THE QWZXJV TO THE BRIDGE"))) / np.log(2) / 47
    assert answer.code == 0 and f"{expected:.2f} bits a character; guessing takes 4.75" in answer.out
    rows = [line for line in answer.out.splitlines() if line.startswith("│")]
    assert "QWZXJV" in rows[0] and "BRING THE" in rows[0]
    assert inkread("language", "score").sentence.endswith("name at least one text: inkread language score notes.txt")


# The command


@pytest.mark.parametrize(("verb", "summary", "place"), [(verb, *rest) for verb, rest in LANGUAGE_VERBS.items()])
def test_every_verb_and_every_option_is_explained(verb: str, summary: str, place: str, inkread: Command) -> None:
    assert place.startswith("language:") and language.__name__.rpartition(".")[0] == COMMANDS
    function = getattr(language, place.partition(":")[2])
    told = inspect.getdoc(function)
    assert told is not None and told.split(maxsplit=1)[0] == summary.split(maxsplit=1)[0]
    shown = " ".join(inkread("language", verb, "--help").out.split())
    assert summary in shown
    for name in set(inspect.signature(function).parameters) - {"options"}:
        assert re.search(rf"^{name}\n    \S", told, flags=re.MULTILINE), f"{verb} says nothing of {name}"


def test_the_options_are_those_of_the_ngram_with_its_values(inkread: Command) -> None:
    shown = " ".join(inkread("language", "train", "--help").out.replace("│", "").split())
    for name, value in vars(NgramOptions()).items():
        told = "without it, 170,000" if value is None else rf"\[default: {value}\]"
        assert re.search(rf"--{name} [A-Z]+ .*?{told}", shown), name


def test_learning_from_the_shell_needs_neither_torch_nor_pictures(farm: Path, out: Path) -> None:
    program = (
        "import contextlib, sys\nfrom inkread.interfaces.cli import main\n"
        f"with contextlib.suppress(SystemExit): main(['language', 'train', {str(farm)!r}, '--out', {str(out)!r}])\n"
        "print(sorted({'torch', 'cv2', 'PIL', 'onnxruntime', 'sklearn', 'matplotlib'} & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=ENVIRONMENT, timeout=60
    )
    assert done.stdout.splitlines()[-1] == "[]" and done.stderr == ""
    assert load_language(out).alphabet == CHARACTERS.folded()
