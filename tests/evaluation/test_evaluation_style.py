"""The colours of drawings, as people see them whose eyes differ, and the looks that need no colour."""

from itertools import combinations

import numpy as np
import numpy.typing as npt
import pytest

from inkread.evaluation import style

Floats = npt.NDArray[np.float64]

# What is left of linear red, green and blue. Machado, Oliveira and Fernandes 2009, severity 1.
VISION = {
    "common": np.eye(3),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
}
XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = XYZ.sum(axis=1)


def lab(colour: str, vision: str = "common") -> Floats:
    """CIE L*a*b* of '#rrggbb', as it looks to an eye: 2.3 apart can just be told apart."""
    shares = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
    x, y, z = np.cbrt(np.maximum(XYZ @ np.clip(VISION[vision] @ linear, 0, 1) / WHITE, 0.008856))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def test_the_measure_knows_black_white_and_red() -> None:
    assert lab("#ffffff") == pytest.approx([100, 0, 0], abs=0.1)
    assert lab("#ff0000") == pytest.approx([53.2, 80.1, 67.2], abs=0.3)  # Lindbloom's table
    red, green = (lab(colour, "deuteranopia") for colour in ("#a05010", "#607000"))
    apart = np.linalg.norm(red - green) / np.linalg.norm(lab("#a05010") - lab("#607000"))
    assert apart < 0.4  # that eye takes one for the other


@pytest.mark.parametrize("vision", VISION)
def test_every_two_colours_of_classes_are_told_apart_by_every_eye(vision: str) -> None:
    apart = {
        pair: float(np.linalg.norm(lab(pair[0], vision) - lab(pair[1], vision)))
        for pair in combinations((*style.CLASSES, style.PAPER), 2)
    }
    assert min(apart.values()) > 10, min(apart, key=lambda pair: apart[pair])


@pytest.mark.parametrize("vision", VISION)
def test_before_and_after_and_more_and_less_are_far_apart_for_every_eye(vision: str) -> None:
    assert np.linalg.norm(lab(style.BEFORE, vision) - lab(style.AFTER, vision)) > 40


def test_curves_are_told_apart_without_any_colour() -> None:
    assert len({look.line for look in style.SERIES}) == len(style.SERIES)
    assert len({look.marker for look in style.SERIES}) == len(style.SERIES)


def test_strengths_stay_in_order_in_grey_print() -> None:
    shades = style.strengths()(np.linspace(0, 1, 21))[:, :3]
    lightness = [lab("#" + "".join(f"{round(255 * part):02x}" for part in shade))[0] for shade in shades]
    assert (np.diff(lightness) < -1).all()


def test_zero_is_the_colour_of_paper_and_signs_are_equally_strong() -> None:
    less, nothing, more = style.signs()([0.0, 0.5, 1.0])[:, :3]
    assert nothing == pytest.approx([1, 1, 1], abs=0.01)
    assert np.abs(less - 1).max() > 0.9 < np.abs(more - 1).max()
