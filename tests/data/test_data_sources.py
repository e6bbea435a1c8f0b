from __future__ import annotations

import io
import os
import pickle
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inkread.alphabet import CHARACTERS, DIGITS, LETTERS
from inkread.data import folders, hashes, load
from inkread.data.datasets import load_for
from inkread.data.strokes import letters
from inkread.errors import BadData, BadOption
from inkread.preprocessing.frame import frame_picture


@pytest.fixture(scope="module")
def glyphs():
    """40 glyphs each of a few characters, framed as EMNIST's."""
    return letters(40, np.random.default_rng(3), "ABab7")


def scan(glyph: np.ndarray, side: int = 90, paper: int = 255) -> Image.Image:
    """A glyph as a person would scan it: dark on light, with margins, another size."""
    big = np.asarray(Image.fromarray(glyph).resize((side, side), Image.Resampling.BICUBIC)).astype(float)
    return Image.fromarray(np.pad(paper - big * (paper / 255), 15, constant_values=paper).astype(np.uint8))


def fill(folder, glyphs, names, extension="png", mode="L"):
    for character, name in names.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        for number, glyph in enumerate(glyphs.images[glyphs.written == character]):
            scan(glyph).convert(mode).save(folder / name / f"{number}.{extension}")


def saved(path, **arrays):
    np.savez(path, **arrays)
    return path


def everything(dataset):
    parts = [part for part in (dataset.train, dataset.val, dataset.test) if part is not None]
    return (np.concatenate([getattr(part, name) for part in parts]) for name in ("images", "labels", "written"))


# A folder per character


@pytest.mark.parametrize(
    ("extension", "mode"), [("png", "L"), ("jpg", "RGB"), ("tiff", "L"), ("bmp", "RGB"), ("webp", "RGB"), ("gif", "P")]
)
def test_a_folder_per_character_becomes_a_data_set(tmp_path, glyphs, extension, mode):
    fill(tmp_path / "mine", glyphs, {"A": "A", "b": "b"}, extension, mode)
    dataset = load(tmp_path / "mine")
    images, labels, written = everything(dataset)
    assert (dataset.name, dataset.alphabet.characters, dataset.framing) == ("mine", "Ab", "emnist")
    assert len(images) == 80
    assert min(len(dataset.train), len(dataset.val), len(dataset.test)) > 0
    assert dataset.alphabet.decode(labels) == "".join(written)
    originals = glyphs.images[glyphs.written == "A"].reshape(40, -1).astype(float)
    found = images[written == "A"].reshape(-1, 784).astype(float)
    cosines = found @ originals.T / np.linalg.norm(found, axis=1)[:, None] / np.linalg.norm(originals, axis=1)
    assert cosines.max(axis=1).min() > 0.9  # upright, framed, ink high: each is near the glyph it was made of


def test_pictures_are_framed_as_everywhere_else(tmp_path, glyphs):
    fill(tmp_path, glyphs, {"7": "7"})
    dataset = load(tmp_path)
    images, *_ = everything(dataset)
    assert dataset.framing == "mnist"  # digits alone
    expected = {frame_picture(path, "mnist").tobytes() for path in (tmp_path / "7").iterdir()}
    assert {image.tobytes() for image in images} == expected


def test_runs_within_the_folder_are_no_characters(tmp_path, glyphs):
    fill(tmp_path, glyphs, {"A": "A", "7": "runs/mine-cnn"})
    assert load(tmp_path).alphabet.characters == "A"


def test_cases_may_be_spelt_out_in_folder_names(tmp_path, glyphs):
    fill(tmp_path, glyphs, {"A": "upper_A", "a": "a_lower", "B": "B", "b": "lower_b"})
    dataset = load(tmp_path)
    assert dataset.alphabet.characters == "ABab"


def test_capitals_alone_make_an_alphabet_that_folds_case(tmp_path, glyphs):
    fill(tmp_path, glyphs, {"A": "A", "B": "B"})
    alphabet = load(tmp_path).alphabet
    assert (alphabet.characters, alphabet.index("b")) == ("AB", 1)


def test_for_letters_both_cases_are_one_class_and_the_case_is_kept(tmp_path, glyphs):
    fill(tmp_path, glyphs, {"A": "upper_A", "a": "lower_a", "7": "7"})
    dataset = load("letters", sources=[tmp_path])
    _, labels, written = everything(dataset)
    assert dataset.alphabet == LETTERS
    assert set(labels) == {0}
    assert sorted(set(written)) == ["A", "a"]
    assert "80 glyphs" in dataset.remark
    assert "(40 others are not in the alphabet)" in dataset.remark
    assert "nothing to train with of BCDEFGHIJKLMNOPQRSTUVWXYZ" in dataset.remark


def test_folders_may_say_what_is_for_training_and_what_for_the_test(tmp_path, glyphs):
    fill(tmp_path / "train", glyphs, {"A": "A", "B": "B"})
    fill(tmp_path / "test", glyphs, {"a": "A"})
    dataset = load(tmp_path)
    assert len(dataset.test) == 40
    assert len(dataset.train) + len(dataset.val) == 80
    assert len(dataset.val) > 0  # split from training, as with MNIST


def test_what_systems_leave_behind_is_no_picture(tmp_path, glyphs):
    fill(tmp_path, glyphs, {"A": "A"})
    for name in ("A/.DS_Store", "A/Thumbs.db", "A/desktop.ini", "__MACOSX/A/._1.png", ".git/config"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"no picture")
    (tmp_path / "B").mkdir()  # nobody has written a B yet
    assert load(tmp_path).alphabet.characters == "A"


def test_the_same_folder_gives_the_same_data_set(tmp_path, glyphs):
    fill(tmp_path, glyphs, {"A": "A"})
    assert load(tmp_path).fingerprint == load(tmp_path).fingerprint


def test_pictures_that_cannot_be_used_are_all_counted_and_some_named(tmp_path, glyphs):
    fill(tmp_path, glyphs, {"A": "A"})
    (tmp_path / "A" / "notes.txt").write_text("hello")
    Image.new("L", (50, 50), 255).save(tmp_path / "A" / "blank.png")
    for number in range(5):
        (tmp_path / "A" / f"x{number}.png").write_bytes(b"\x89PNG cut short")
    with pytest.raises(BadData, match=r"7 of 47 files cannot be used; mend or remove them") as caught:
        load(tmp_path)
    assert "A/blank.png: the picture is blank" in str(caught.value).replace("\\", "/")
    assert "A/notes.txt is not a picture" in str(caught.value).replace("\\", "/")
    assert "and 2 more" in str(caught.value)


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ([], "has no folders; expected one per character"),
        (["A", "slash"], "'slash' is not named by one character"),
        (["upper_AB"], "'upper_AB' is not named by one character"),
        (["A", "B"], "no pictures in them"),
    ],
)
def test_a_folder_of_another_layout_is_told(tmp_path, names, told):
    for name in names:
        (tmp_path / name).mkdir()
    with pytest.raises(BadData, match=told):
        load(tmp_path)


def test_a_folder_that_cannot_be_opened_is_not_left_out_without_a_word(tmp_path, glyphs, monkeypatch):
    fill(tmp_path, glyphs, {"A": "A", "B": "B"})
    opened = os.scandir

    def closed(place):
        if Path(place).name == "B":
            raise PermissionError(13, "Permission denied", str(place))
        return opened(place)

    monkeypatch.setattr(os, "scandir", closed)
    with pytest.raises(BadData, match=r"B cannot be read \(Permission denied\); mend or remove it"):
        load(tmp_path)


# .npz files


def test_framed_glyphs_in_npz_come_back_bit_for_bit(tmp_path, glyphs):
    path = saved(tmp_path / "a.npz", images=glyphs.images, labels=glyphs.written)
    dataset = load(path)
    images, labels, written = everything(dataset)
    assert {image.tobytes() for image in images} == {image.tobytes() for image in glyphs.images}
    assert dataset.alphabet.characters == "7ABab"
    assert dataset.alphabet.decode(labels) == "".join(written)


def test_the_parts_that_a_file_names_are_kept(tmp_path, glyphs):
    split = np.array(["train", "val", "train", "train"] * 50)
    path = saved(tmp_path / "a.npz", images=glyphs.images, labels=glyphs.written, split=split)
    dataset = load(path)
    assert (len(dataset.train), len(dataset.val), dataset.test) == (150, 50, None)
    assert (dataset.val.images == glyphs.images[1::4]).all()


def test_a_file_with_a_test_part_alone_can_be_evaluated_and_says_so(tmp_path, glyphs):
    path = saved(tmp_path / "a.npz", images=glyphs.images, labels=glyphs.written, split=np.full(200, "test"))
    dataset = load("characters", sources=[path])
    assert (len(dataset.train), len(dataset.val), len(dataset.test)) == (0, 0, 200)
    assert "nothing to train with" in dataset.remark


def test_dark_ink_on_light_paper_is_turned_into_light_on_dark(tmp_path, glyphs):
    images = glyphs.images.copy()
    images[::3] = 255 - images[::3]  # even mixed
    one = load(saved(tmp_path / "a.npz", images=images, labels=glyphs.written))
    other = load(saved(tmp_path / "b.npz", images=glyphs.images, labels=glyphs.written))
    assert one.fingerprint == other.fingerprint


@pytest.mark.parametrize(
    "change",
    [lambda x: x / 255, lambda x: x.astype(np.int64), lambda x: x.astype(np.float32)],
    ids=["0..1", "int", "0..255"],
)
def test_other_number_types_mean_the_same(tmp_path, glyphs, change):
    one = load(saved(tmp_path / "a.npz", images=change(glyphs.images), labels=glyphs.written))
    other = load(saved(tmp_path / "b.npz", images=glyphs.images, labels=glyphs.written))
    assert one.fingerprint == other.fingerprint


def test_black_and_white_pictures_of_any_size_are_framed(tmp_path, glyphs):
    large = np.kron(glyphs.images > 127, np.ones((1, 4, 4), bool))
    dataset = load(saved(tmp_path / "a.npz", images=large, labels=glyphs.written))
    images, _, written = everything(dataset)
    assert images.shape == (200, 28, 28)
    mean = images[written == "A"].mean(axis=0).ravel()
    assert np.corrcoef(mean, glyphs.images[glyphs.written == "A"].mean(axis=0).ravel())[0, 1] > 0.95


def test_photographed_glyphs_on_grey_paper_are_found_and_framed(tmp_path, glyphs):
    photos = np.stack([np.asarray(scan(glyph, 60, paper=170)) for glyph in glyphs.images])
    dataset = load(saved(tmp_path / "a.npz", images=photos, labels=glyphs.written))
    images, *_ = everything(dataset)
    assert np.median(images[:, 0]) == 0
    assert images.reshape(len(images), -1).max(axis=1).min() == 255


def test_integer_labels_are_classes_of_the_alphabet(tmp_path, glyphs):
    classes = np.array([LETTERS.index(c) if c in LETTERS else 0 for c in glyphs.written])
    dataset = load("letters", sources=[saved(tmp_path / "a.npz", images=glyphs.images, labels=classes)])
    _, labels, written = everything(dataset)
    assert np.bincount(labels).tolist() == np.bincount(classes).tolist() == [120, 80]
    assert set(written) == {"A", "B"}


def test_integer_labels_of_digits_need_no_zero(tmp_path, glyphs):
    dataset = load("digits", sources=[saved(tmp_path / "a.npz", images=glyphs.images, labels=np.full(200, 7))])
    assert set(dataset.train.labels) == {7}
    assert dataset.alphabet == DIGITS


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        (
            np.tile(np.arange(1, 27), 8)[:200],
            r"labels run from 1 to 26; expected 0 to 25, where A is 0 and Z is 25; subtract 1",
        ),
        (np.arange(200) % 13 + 1, "unclear whether they count from 0 or from 1"),
        (np.arange(200), "labels run from 0 to 199; expected 0 to 25"),
        (np.arange(200) % 9 - 1, "labels run from -1 to 7"),
        (np.full(200, 1.5), "labels is float64; expected one character each"),
        (np.full(200, "upper"), "labels has 'upper'; expected one character each"),
        (np.full(200, ""), "labels has ''"),
        (np.full(199, "A"), r"labels is \(199,\) for 200 images"),
        (np.full(200, "7"), "shows nothing of the alphabet"),
    ],
)
def test_labels_that_mean_nothing_are_told(tmp_path, glyphs, labels, told):
    path = saved(tmp_path / "a.npz", images=glyphs.images, labels=labels)
    with pytest.raises(BadData, match=told):
        load("letters", sources=[path])


def test_letters_for_a_network_of_digits_name_what_would_learn_them(tmp_path, glyphs):
    fill(tmp_path / "my letters", glyphs, {"A": "A"})
    with pytest.raises(BadData, match=r"; for the characters that it shows: inkread train '.*/my letters'$"):
        load("digits", sources=[tmp_path / "my letters"])
    numbered = saved(tmp_path / "a.npz", images=glyphs.images, labels=np.full(200, "7"))
    with pytest.raises(BadData, match=r"at least one of its characters$"):
        load_for(LETTERS, "emnist", [numbered], "mine")  # a network that is there learns no other alphabet


def test_integers_without_an_alphabet_are_told(tmp_path, glyphs):
    path = saved(tmp_path / "a.npz", images=glyphs.images, labels=np.zeros(200, int))
    with pytest.raises(BadData, match="no alphabet tells what they mean"):
        load(path)


@pytest.mark.parametrize(
    ("images", "told"),
    [
        (np.zeros((200, 784), np.uint8), r"images is uint8 \(200, 784\); expected \(N, height, width\)"),
        (np.zeros((200, 28, 28, 3), np.uint8), "expected"),
        (np.zeros((200, 28, 28), np.uint8), "200 of 200 images are blank"),
        (np.full((200, 28, 28), np.nan), "values from nan to nan"),
        (np.full((200, 28, 28), 300), "values from 300 to 300"),
        (np.full((200, 28, 28), -1.0), "values from -1 to -1"),
        (np.full((200, 28, 28), "x"), "images is <U1"),
    ],
)
def test_images_that_are_none_are_told(tmp_path, images, told):
    path = saved(tmp_path / "a.npz", images=images, labels=np.full(200, "A"))
    with pytest.raises(BadData, match=told):
        load(path)


def test_a_split_of_other_words_is_told(tmp_path, glyphs):
    path = saved(tmp_path / "a.npz", images=glyphs.images, labels=glyphs.written, split=np.full(200, "fold1"))
    with pytest.raises(BadData, match="with 'fold1'; expected 'train', 'val' or 'test'"):
        load(path)


class Bomb:
    def __reduce__(self):
        return (pytest.fail, ("a pickle was loaded",))


def test_a_pickle_is_never_loaded(tmp_path, glyphs):
    path = saved(tmp_path / "a.npz", images=glyphs.images, labels=np.array([Bomb()] * 200, object))
    with pytest.raises(BadData, match=r"holds Python objects \(pickle\), which inkread never loads"):
        load(path)
    (tmp_path / "b.npz").write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(BadData, match=r"pickle|cannot be read as \.npz"):
        load(tmp_path / "b.npz")


def test_a_file_that_is_no_npz_is_told(tmp_path, glyphs):
    whole = io.BytesIO()
    np.savez(whole, images=glyphs.images, labels=glyphs.written)
    for content in (b"", b"hello", whole.getvalue()[: len(whole.getvalue()) // 2]):
        (tmp_path / "a.npz").write_bytes(content)
        with pytest.raises(BadData, match=r"cannot be read as \.npz|pickle"):
            load(tmp_path / "a.npz")
    np.save(tmp_path / "b.npy", glyphs.images)
    (tmp_path / "b.npy").rename(tmp_path / "b.npz")
    with pytest.raises(BadData, match="is a single array"):
        load(tmp_path / "b.npz")
    with pytest.raises(BadData, match="has no labels"):
        load(saved(tmp_path / "c.npz", images=glyphs.images))
    (tmp_path / "d.csv").write_text("label,pixel")
    with pytest.raises(BadData, match=r"neither a folder nor an .npz file"):
        load(tmp_path / "d.csv")


# Several together


def test_sources_are_put_together_part_by_part(tmp_path, glyphs):
    upper, lower = (np.isin(glyphs.written, list(letters)) for letters in ("AB", "ab"))
    split = np.array(["train"] * 60 + ["val"] * 20)
    one = saved(tmp_path / "one.npz", images=glyphs.images[upper], labels=glyphs.written[upper], split=split)
    two = saved(tmp_path / "two.npz", images=glyphs.images[lower], labels=glyphs.written[lower])
    fill(tmp_path / "three", glyphs, {"B": "B"})
    both = load("letters", sources=[one, two, tmp_path / "three"])
    alone = load("letters", sources=[two])
    third = load("letters", sources=[tmp_path / "three"])
    assert len(both.train) == 60 + len(alone.train) + len(third.train)
    assert len(both.val) == 20 + len(alone.val) + len(third.val)
    assert len(both.test) == len(alone.test) + len(third.test)
    for name in ("one.npz", "two.npz", "three"):
        assert name in both.remark


def test_a_picture_held_out_by_one_source_is_not_trained_with_from_another(tmp_path, glyphs):
    one = saved(tmp_path / "one.npz", images=glyphs.images, labels=glyphs.written)
    two = saved(
        tmp_path / "two.npz",
        images=glyphs.images,
        labels=glyphs.written,
        split=np.array(["train"] * 100 + ["val"] * 100),
    )
    dataset = load("characters", sources=[one, two])
    held_out = {image.tobytes() for part in (dataset.val, dataset.test) for image in part.images}
    assert not held_out & {image.tobytes() for image in dataset.train.images}
    assert "left out of training because the same picture is among those held out" in dataset.remark


def test_a_source_that_is_named_again_is_taken_once_and_told(tmp_path, mnist_folder, glyphs):
    path = saved(tmp_path / "mine.npz", images=glyphs.images, labels=glyphs.written)
    (tmp_path / "other").mkdir()
    once = load("letters", sources=[path])
    twice = load("letters", sources=[path, tmp_path / "other" / ".." / "mine.npz", path])
    assert twice.fingerprint == once.fingerprint
    assert twice.remark == f"{once.remark}; {path} was named 3 times and is taken once"
    assert load(path, sources=[path]).fingerprint == load(path).fingerprint
    own = load_for(LETTERS, "emnist", [path, path], "mine")
    assert (own.fingerprint, "named 2 times" in own.remark) == (once.fingerprint, True)
    folder = load("digits", sources=[mnist_folder, mnist_folder])
    assert folder.fingerprint == load("digits", sources=[mnist_folder]).fingerprint
    assert folder.remark == f"{mnist_folder} was named 2 times and is taken once"


def test_a_data_folder_among_the_sources_adds_the_named_data_set(tmp_path, mnist_folder, glyphs):
    own = saved(tmp_path / "own.npz", images=glyphs.images, labels=glyphs.written)
    dataset = load("digits", sources=[mnist_folder, own])
    alone = load("mnist", mnist_folder)
    sevens = load("digits", sources=[own])
    assert len(dataset.train) == len(alone.train) + len(sevens.train)
    assert len(dataset.test) == 50 + len(sevens.test)
    assert "650 glyphs of MNIST" in dataset.remark
    assert load("digits", sources=[mnist_folder]).fingerprint == alone.fingerprint


def test_a_data_folder_needs_the_name_of_what_is_wanted(mnist_folder):
    with pytest.raises(BadOption, match="is a data folder; name the data set in it"):
        load(mnist_folder)


@pytest.mark.parametrize("place", ["MNIST", "MNIST/raw"])
def test_a_folder_within_a_data_folder_names_the_one_that_was_meant(mnist_folder, place):
    expected = "holds IDX files; expected them unpacked in DATA/MNIST/raw or DATA/EMNIST/raw, and --data DATA"
    with pytest.raises(BadData, match=expected):
        load("digits", sources=[mnist_folder / place])
    with pytest.raises(BadData, match=expected):
        load(mnist_folder / place)


def test_a_handful_of_pictures_may_have_none_for_validation(tmp_path, glyphs):
    few = np.argsort(hashes(glyphs.images))[100:103]  # none falls into the validation part
    path = saved(tmp_path / "a.npz", images=glyphs.images[few], labels=glyphs.written[few])
    dataset = load(path)
    assert (len(dataset.train), len(dataset.val)) == (3, 0)


def test_within_one_source_too_no_picture_is_learnt_from_and_measured(tmp_path, glyphs):
    images = np.concatenate([glyphs.images[:20], glyphs.images[:3], glyphs.images[5:7]])
    labels = np.concatenate([glyphs.written[:20], glyphs.written[:3], glyphs.written[5:7]])
    part = np.array(["train"] * 10 + ["val"] * 10 + ["val", "test", "test"] + ["test"] * 2)
    part[12], images[12], labels[12] = "val", images[21], labels[21]  # in the test part, too
    dataset = load(saved(tmp_path / "a.npz", images=images, labels=labels, split=part))
    assert (len(dataset.train), len(dataset.val), len(dataset.test)) == (5, 10, 4)
    assert "5 left out of training because the same picture is among those held out" in dataset.remark
    assert "1 left out of validation because the same picture is among those of the test part" in dataset.remark


def test_sources_that_are_not_there_are_told(tmp_path):
    with pytest.raises(BadData, match="does not exist"):
        load("letters", sources=[tmp_path / "nowhere"])
    with pytest.raises(
        BadOption, match=r"is neither a data set nor a folder or .npz file; the data sets are digits, letters"
    ):
        load("lettres")


def test_every_character_has_a_folder_of_its_own_on_every_file_system():
    names = [folders.folder_name(character) for character in CHARACTERS]
    assert len({name.casefold() for name in names}) == len(CHARACTERS)
    assert "".join(folders.character_of(name) for name in names) == CHARACTERS.characters
    assert not set("".join(names)) & set('<>:"/\\|?*.')  # what Windows forbids, or drops at an end
    assert folders.character_of("U+D83D") is None and folders.character_of("U+2F") is None


def test_glyphs_that_were_set_aside_are_not_read(tmp_path, glyphs):
    fill(tmp_path, glyphs, {"A": "A", "B": "U+003F"})
    fill(tmp_path / "doubtful", glyphs, {"A": "A"})
    fill(tmp_path / "rejected", glyphs, {"A": "A"})
    assert folders.characters(tmp_path) == "?A"
