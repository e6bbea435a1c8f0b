import cv2
import numpy as np
import pytest

from inkread.data.duplicates import ROWS_AT_ONCE, near_copies, nearest_cosine
from inkread.errors import BadArray, BadOption


def strokes(count, seed):
    """Random strokes, uint8 (count, 28, 28), no two alike."""
    rng = np.random.default_rng(seed)
    pictures = np.zeros((count, 28, 28), np.uint8)
    for picture in pictures:
        cv2.polylines(picture, [rng.integers(3, 25, (5, 2)).astype(np.int32)], False, 255, 2, cv2.LINE_AA)
    return pictures


def brute_force(images, references):
    def cosine(a, b):
        a, b = a.ravel().astype(float), b.ravel().astype(float)
        return a @ b / (np.linalg.norm(a) * np.linalg.norm(b))

    return np.array([max(cosine(a, b) for b in references) for a in images])


def test_the_nearest_cosine_is_what_every_pair_compared_one_by_one_gives():
    images, references = strokes(20, 1), strokes(15, 2)
    np.testing.assert_allclose(nearest_cosine(images, references), brute_force(images, references), rtol=1e-5)


def test_more_glyphs_than_fit_one_matrix_product_are_all_compared():
    references = strokes(3, 3)
    images = np.concatenate([strokes(ROWS_AT_ONCE + 5, 4), references])
    found = near_copies(images, references)
    assert found[-3:].all()
    np.testing.assert_array_equal(found, brute_force(images, references) > 0.97)


def test_a_resampled_and_paler_copy_is_found_and_another_glyph_is_not():
    references = strokes(10, 5)
    copies = np.stack(
        [cv2.resize(cv2.resize(r, (40, 40), interpolation=cv2.INTER_CUBIC), (28, 28)) for r in references]
    )
    assert near_copies((copies * 0.7).astype(np.uint8), references).all()
    assert not near_copies(strokes(10, 6), references).any()


def test_only_glyphs_of_the_same_label_are_compared_when_labels_are_given():
    references = strokes(3, 7)
    found = near_copies(
        references,
        references,
        labels=np.array(["A", "B", "C"]),
        reference_labels=np.array(["A", "C", "B"]),
    )
    assert found.tolist() == [True, False, False]


def test_a_letter_without_reference_and_a_blank_glyph_are_nobodys_copies():
    references = strokes(2, 8)
    found = nearest_cosine(references, references, labels=np.array(["A", "X"]), reference_labels=np.array(["A", "A"]))
    assert found[0] == pytest.approx(1, abs=1e-5)
    assert found[1] == 0
    blank = np.zeros((1, 28, 28), np.uint8)
    assert nearest_cosine(blank, references).tolist() == [0]
    assert nearest_cosine(references, blank).tolist() == [0, 0]


def test_no_glyphs_and_no_references_are_allowed():
    none = np.zeros((0, 28, 28), np.uint8)
    assert near_copies(none, strokes(2, 9)).shape == (0,)
    assert near_copies(strokes(2, 9), none).tolist() == [False, False]


@pytest.mark.parametrize(
    ("images", "references", "given", "sentence"),
    [
        (np.zeros((2, 784), np.uint8), np.zeros((2, 28, 28), np.uint8), {}, r"images is uint8 \(2, 784\)"),
        (np.zeros((2, 28, 28)), np.zeros((2, 28, 28), np.uint8), {}, "images is float64"),
        (np.zeros((2, 28, 28), np.uint8), np.zeros((2, 32, 32), np.uint8), {}, "frame both alike"),
        (np.zeros((2, 28, 28), np.uint8), np.zeros((2, 28, 28), np.uint8), {"labels": np.array([1, 2])}, "give both"),
        (
            np.zeros((2, 28, 28), np.uint8),
            np.zeros((2, 28, 28), np.uint8),
            {"labels": np.array([1]), "reference_labels": np.array([1, 2])},
            "one label for each of the 2",
        ),
    ],
)
def test_arrays_that_do_not_fit_are_told_apart(images, references, given, sentence):
    with pytest.raises(BadArray, match=sentence):
        near_copies(images, references, **given)


@pytest.mark.parametrize("threshold", [0, 1, -0.5, 97, float("nan")])
def test_a_threshold_that_is_no_cosine_is_refused(threshold):
    glyphs = strokes(1, 10)
    with pytest.raises(BadOption, match="a cosine between 0 and 1"):
        near_copies(glyphs, glyphs, threshold)
