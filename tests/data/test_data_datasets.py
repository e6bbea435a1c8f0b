from __future__ import annotations

import dataclasses
import os
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier

import inkread.data
from inkread.alphabet import DIGITS, LETTERS
from inkread.data import CATALOGUE, TASKS, acquire, catalogue, datasets, load
from inkread.data.datasets import names
from inkread.errors import BadData, BadOption, DataMissing, MissingDependency

real = pytest.mark.skipif("INKREAD_DATA" not in os.environ, reason="needs the data folder INKREAD_DATA")
NOWHERE = Path("no-such-folder")


def flat(images):
    return images.reshape(len(images), -1).astype(float)


def pictures(*splits):
    return {image.tobytes() for split in splits for image in split.images}


# MNIST


def test_mnist_comes_as_it_was_written(mnist_folder):
    dataset = load("mnist", mnist_folder)
    raw = (mnist_folder / "MNIST" / "raw" / "train-images-idx3-ubyte").read_bytes()
    expected = np.frombuffer(raw[16:], np.uint8).reshape(-1, 28, 28)
    assert pictures(dataset.train, dataset.val) == {image.tobytes() for image in expected}
    seven = dataset.train.images[dataset.train.labels == 7][0]
    assert seven[4:7, 5:22].min() == 255  # its bar is at the top: MNIST is not transposed
    assert (dataset.alphabet, dataset.framing, dataset.remark) == (DIGITS, "mnist", "")
    assert dataset.train.written[0] == DIGITS[dataset.train.labels[0]]
    assert len(dataset.test) == 50


def test_digits_are_mnist_where_it_is(mnist_folder):
    digits, mnist = load("digits", mnist_folder), load("mnist", mnist_folder)
    assert (digits.fingerprint, digits.name, digits.remark) == (mnist.fingerprint, "digits", "")


def test_the_environment_tells_the_data_folder(mnist_folder, monkeypatch):
    monkeypatch.setenv("INKREAD_DATA", str(mnist_folder))
    assert load("mnist").fingerprint == load("mnist", mnist_folder).fingerprint
    assert catalogue.data_folder(NOWHERE) == NOWHERE


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps caches elsewhere")
def test_without_an_environment_the_data_folder_is_the_users_own(monkeypatch, tmp_path):
    monkeypatch.delenv("INKREAD_DATA", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for cache, folder in ((str(tmp_path / "cache"), tmp_path / "cache"), ("", tmp_path / "home" / ".cache")):
        monkeypatch.setenv("XDG_CACHE_HOME", cache)
        assert catalogue.data_folder() == folder / "inkread" / "data"


@pytest.mark.parametrize(
    ("name", "change", "told"),
    [
        ("train-images-idx3-ubyte", lambda raw: raw[:-1], "train-images-idx3-ubyte is cut short: it has 470,415 bytes"),
        ("train-images-idx3-ubyte", lambda raw: raw + b"x", "is too long"),
        ("t10k-images-idx3-ubyte", lambda raw: b"<html>", r"is not an IDX file \(first bytes: 3c 68 74 6d"),
        ("t10k-images-idx3-ubyte", lambda raw: b"", r"first bytes: none, it is empty"),
        ("t10k-images-idx3-ubyte", lambda raw: raw[:10], "cut short within its header"),
        (
            "t10k-labels-idx1-ubyte",
            lambda raw: b"\0\0\x08\x01\0\0\0\x02\1\2",
            "expected one label for each 28x28 picture",
        ),
        ("train-labels-idx1-ubyte", lambda raw: raw[:8] + b"\x0b" * 600, "has labels outside 0 to 9"),
        (
            "train-labels-idx1-ubyte",
            lambda raw: b"\0\0\x08\x03" + b"\0\0\0\1" * 3 + b"\1",
            "has 3 dimensions; expected",
        ),
    ],
)
def test_damaged_files_are_told_apart(mnist_folder, name, change, told):
    path = mnist_folder / "MNIST" / "raw" / name
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(BadData, match=told):
        load("mnist", mnist_folder)


def test_a_data_set_that_is_not_there_tells_how_to_get_it(mnist_folder, tmp_path):
    with pytest.raises(DataMissing, match="inkread data get emnist-balanced"):
        load("emnist-balanced", mnist_folder)
    (mnist_folder / "MNIST" / "raw" / "t10k-labels-idx1-ubyte").unlink()
    with pytest.raises(DataMissing, match=r"MNIST is not in .*t10k-labels-idx1-ubyte is missing"):
        load("mnist", mnist_folder)


def test_without_torchvision_the_install_command_is_told(mnist_folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "torchvision", None)
    with pytest.raises(
        MissingDependency, match=r'MNIST needs torchvision; install it with: pip install "inkread\[train\]"'
    ):
        load("mnist", mnist_folder)
    assert len(load("sample-digits").train)


def test_loading_real_sized_mnist_takes_less_than_a_second_of_processor_time(tmp_path):
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    noise = np.random.default_rng(0).integers(0, 256, 47_040_000, dtype=np.uint8).tobytes()
    for prefix, count in (("train", 60_000), ("t10k", 10_000)):
        size = count.to_bytes(4, "big")
        (raw / f"{prefix}-images-idx3-ubyte").write_bytes(
            b"\0\0\x08\x03" + size + b"\0\0\0\x1c" * 2 + noise[: count * 784]
        )
        (raw / f"{prefix}-labels-idx1-ubyte").write_bytes(b"\0\0\x08\x01" + size + bytes(count))
    load("sample-digits")
    import torchvision.datasets  # noqa: F401  (its import is not the loading)

    times = []
    for _ in range(3):
        start = time.process_time()  # others may keep the cores busy
        load("mnist", tmp_path)
        times.append(time.process_time() - start)
    assert min(times) < 1


# EMNIST


def test_every_part_of_emnist_names_files_that_torchvision_finds(tmp_path):
    from torchvision.datasets import EMNIST

    for entry in CATALOGUE.values():
        if entry.name == "mnist":
            continue
        split = entry.name.removeprefix("emnist-")
        assert split in EMNIST.splits
        found = EMNIST.classes_split_dict[split]
        assert len(found) == len(entry.alphabet) + entry.first_label
        if split != "letters":
            assert sorted(entry.alphabet) == sorted(found) == list(entry.alphabet.characters)
        assert (entry.archive_md5, entry.sources) == (EMNIST.md5, (EMNIST.url,))


def test_mnist_has_the_checksums_that_torchvision_knows():
    from torchvision.datasets import MNIST

    entry = catalogue.find("mnist")
    assert [(file.member, file.member_md5) for file in entry.files] == MNIST.resources
    assert set(entry.sources) == set(MNIST.mirrors)


def test_letters_do_not_tell_case_and_classes_that_keep_it_do(emnist, tmp_path, monkeypatch):
    acquire.get("letters", tmp_path)
    assert load("letters", tmp_path).train.written is None
    byclass = catalogue.find("emnist-byclass")
    letters = catalogue.find("emnist-letters")
    same_files = dataclasses.replace(letters, alphabet=byclass.alphabet)
    monkeypatch.setitem(CATALOGUE, "emnist-letters", same_files)
    dataset = load("emnist-letters", tmp_path)
    assert "".join(dataset.train.written) == dataset.alphabet.decode(dataset.train.labels)


def test_merged_classes_are_those_of_the_paper():
    balanced = catalogue.find("emnist-balanced").alphabet
    assert len(balanced) == 47
    assert not set("cijklmopsuvwxyz") & set(balanced)


# What ships


def test_the_sample_says_that_it_is_one_and_how_to_get_all():
    dataset = load("digits", NOWHERE)
    assert "sample that ships with inkread: 4,000 digits of MNIST to train with, 1,000 to test" in dataset.remark
    assert "MNIST is not in no-such-folder; get it with: inkread data get mnist" in dataset.remark
    assert "get it" not in load("sample-digits").remark
    assert load("sample-digits").fingerprint == dataset.fingerprint


def test_the_sample_is_small_balanced_and_licensed():
    dataset = load("sample-digits")
    samples = Path(inkread.data.__file__).parent / "samples"
    assert (samples / "digits.npz").stat().st_size < 2_000_000
    assert "Attribution-ShareAlike 3.0" in (samples / "README.md").read_text("utf-8")
    assert np.bincount(np.concatenate([dataset.train.labels, dataset.val.labels])).tolist() == [400] * 10
    assert np.bincount(dataset.test.labels).tolist() == [100] * 10
    assert not pictures(dataset.train) & pictures(dataset.val, dataset.test)
    assert 250 < len(dataset.val) < 420


def test_the_sample_can_be_learnt_from():
    dataset = load("sample-digits")
    nearest = KNeighborsClassifier(3).fit(flat(dataset.train.images), dataset.train.labels)
    assert nearest.score(flat(dataset.test.images), dataset.test.labels) > 0.92


@real
def test_the_sample_is_a_part_of_real_mnist_with_the_same_sides():
    whole, sample = load("mnist", Path(os.environ["INKREAD_DATA"])), load("sample-digits")
    for part in ("train", "val", "test"):
        assert pictures(getattr(sample, part)) <= pictures(getattr(whole, part))
    sides = [len(whole.train), len(whole.val), len(whole.test)]
    assert sides == [54_948, 5_052, 10_000]
    assert whole.test.labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]  # as in LeCun's t10k
    nearest = KNeighborsClassifier(3).fit(flat(whole.train.images[:2000]), whole.train.labels[:2000])
    assert nearest.score(flat(whole.test.images[:500]), whole.test.labels[:500]) > 0.85


@pytest.fixture
def few_letters(monkeypatch):
    monkeypatch.setattr(datasets, "SYNTHETIC_EACH", 12)


def test_synthetic_letters_say_that_they_are(few_letters):
    dataset = load("letters", NOWHERE)
    assert dataset.remark.startswith("synthetic: 624 letters drawn by inkread itself, no handwriting")
    assert "EMNIST Letters is not in no-such-folder; get it with: inkread data get emnist-letters" in dataset.remark
    assert (dataset.alphabet, dataset.framing) == (LETTERS, "emnist")
    assert set(dataset.train.labels) == set(range(26))
    for part in (dataset.train, dataset.val, dataset.test):
        assert (LETTERS.encode(part.written) == part.labels).all()
    assert dataset.fingerprint == load("synthetic-letters").fingerprint


def test_synthetic_characters_have_all_62_classes(few_letters):
    dataset = load("characters", NOWHERE)
    assert len(dataset.alphabet) == 62 == len(set(dataset.train.labels))
    assert dataset.remark.startswith("synthetic: 744 characters")


# Names


def test_every_name_has_an_entry_or_ships():
    assert set(TASKS.values()) <= set(CATALOGUE)
    assert names() == ("digits", "letters", "characters", *CATALOGUE, "sample-digits", "synthetic-letters")
    for name, entry in CATALOGUE.items():
        assert name == entry.name
        assert entry.licence and entry.summary and entry.download_bytes > 10_000_000
        assert len(entry.files) == 4


def test_unknown_names_are_told():
    for name in ("emnist", "mnist2", ""):
        told = f"^'{name}' is neither a data set nor a folder or .npz file; the data sets are digits, letters, "
        with pytest.raises(BadOption, match=told):
            load(name, NOWHERE)


def test_the_room_imports_without_torch():
    import subprocess

    code = "import sys, inkread.data; sys.exit('torch' in sys.modules or 'torchvision' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], check=False).returncode == 0


def test_a_home_that_is_nobodys_is_a_name_like_any_other(monkeypatch):
    monkeypatch.setenv("INKREAD_DATA", "~nobody-is-called-so/data")
    assert catalogue.data_folder() == Path("~nobody-is-called-so/data")
    monkeypatch.delenv("INKREAD_DATA")
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    assert catalogue.data_folder().is_absolute()
