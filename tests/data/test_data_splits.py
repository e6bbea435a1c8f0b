from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkread.data.splits import Split, divide, fingerprint, hashes, join, without
from inkread.errors import BadArray


def glyphs(count: int, seed: int = 0) -> Split:
    rng = np.random.default_rng(seed)
    return Split(rng.integers(0, 256, (count, 28, 28)).astype(np.uint8), rng.integers(0, 10, count))


def pictures(split: Split) -> set[bytes]:
    return {image.tobytes() for image in split.images}


def test_a_hash_is_that_of_the_picture_alone():
    split = glyphs(5)
    expected = [
        int.from_bytes(hashlib.blake2b(image.tobytes(), digest_size=8).digest(), "little") for image in split.images
    ]
    assert hashes(split.images).tolist() == expected
    assert hashes(split.images[:, ::-1][:, ::-1]).tolist() == expected  # however it lies in memory
    assert hashes(split.images[:0]).shape == (0,)


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1), st.integers(1, 60), st.floats(0.05, 0.5), st.floats(0, 0.4))
def test_duplicates_stay_on_one_side(seed, count, val, test):
    once = glyphs(count, seed)
    rng = np.random.default_rng(seed)
    parts = divide(once.take(rng.integers(0, count, 3 * count)), val, test)
    assert sum(map(len, parts)) == 3 * count
    for i, j in ((0, 1), (0, 2), (1, 2)):
        assert not pictures(parts[i]) & pictures(parts[j])


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1))
def test_the_side_depends_on_neither_order_nor_company(seed):
    split = glyphs(200)
    chosen = np.random.default_rng(seed).permutation(200)[:120]
    _, val, _ = divide(split.take(chosen))
    assert pictures(val) == pictures(divide(split)[1]) & pictures(split.take(chosen))


def test_the_shares_are_as_asked():
    train, val, test = divide(glyphs(12_000))
    assert (len(train) + len(val), len(test)) == (12_000, 0)
    assert abs(len(val) - 1000) < 4 * np.sqrt(1000)
    train, val, test = divide(glyphs(10_000), 0.1, 0.1)
    assert abs(len(val) - 1000) < 4 * np.sqrt(900) > abs(len(test) - 1000)


def test_a_larger_validation_share_contains_the_smaller():
    split = glyphs(500)
    assert pictures(divide(split, 1 / 12)[1]) <= pictures(divide(split, 1 / 10)[1])


def test_labels_and_written_characters_go_with_their_pictures():
    split = Split(glyphs(300).images, np.arange(300), np.array(list("aB" * 150)))
    for part in divide(split, 0.2, 0.2):
        for image, label, written in zip(part.images, part.labels, part.written, strict=True):
            assert (image == split.images[label]).all()
            assert written == "aB"[label % 2]


def test_fingerprints_tell_any_change():
    split = glyphs(20)
    same = fingerprint([split, None])
    assert len(same) == 16 == len(same.strip().lower())
    assert int(same, 16) >= 0
    assert fingerprint([Split(split.images.copy(), split.labels.copy()), None]) == same
    image, labels = split.images.copy(), split.labels.copy()
    image[3, 4, 5] ^= 1
    labels[7] += 1
    others = [
        [Split(image, split.labels), None],
        [Split(split.images, labels), None],
        [split],
        [None, split],
        [split, split.take(split.labels > 99)],
    ]
    assert len({same, *map(fingerprint, others)}) == 1 + len(others)


def test_joined_parts_keep_order_and_mark_unknown_writing():
    told = Split(glyphs(2).images, np.array([0, 1]), np.array(["a", "B"]))
    joined = join([glyphs(3), told, glyphs(0)])
    assert joined.written.tolist() == ["", "", "", "a", "B"]
    assert (joined.images[3:] == told.images).all()
    assert join([glyphs(3), glyphs(2)]).written is None
    assert len(join([])) == 0


def test_without_leaves_out_exactly_what_others_have():
    split = glyphs(50)
    left = without(split, [split.take(np.arange(10)), glyphs(5, seed=9), split.take(np.arange(45, 50))])
    assert (left.images == split.images[10:45]).all()
    assert without(split, []) is split


@pytest.mark.parametrize(
    "arrays",
    [
        (np.zeros((2, 28, 28)), np.zeros(2, np.int64)),
        (np.zeros((2, 28, 27), np.uint8), np.zeros(2, np.int64)),
        (np.zeros((2, 784), np.uint8), np.zeros(2, np.int64)),
        (np.zeros((2, 28, 28), np.uint8), np.zeros(3, np.int64)),
        (np.zeros((2, 28, 28), np.uint8), np.zeros(2, np.int64), np.array(["a"])),
    ],
)
def test_arrays_that_do_not_fit_are_refused(arrays):
    with pytest.raises(BadArray, match="expected"):
        Split(*arrays)
