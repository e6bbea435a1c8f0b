"""Ink of a line's shape that is no writing: what a line network must learn to read as nothing."""

from __future__ import annotations

import cv2
import numpy as np

from inkread.data.written_lines import CAPITAL, Ink


def scribble(rng: np.random.Generator) -> Ink:
    """Ink of a line's shape that is no writing of this alphabet: doodles, signs, blots, hatching, spots, grain."""
    width = round(CAPITAL * float(rng.uniform(1.5, 14)))
    height = round(CAPITAL * float(rng.uniform(1.2, 2.4)))
    kinds = (_doodle, _signs, _blots, _hatching, _spots, _grain)
    ink = kinds[int(rng.integers(len(kinds)))](width, height, rng)
    soft = cv2.GaussianBlur(ink, (0, 0), float(rng.uniform(0.5, 1.5))).astype(np.float32)
    soft[height // 2, width // 2] = 1  # never without any ink
    clipped: Ink = np.clip(soft, 0, 1)
    return clipped


def _doodle(width: int, height: int, rng: np.random.Generator) -> Ink:
    """One long line that wanders all over."""
    ink = np.zeros((height, width), np.float32)
    turns = int(rng.integers(12, 60))
    points = np.cumsum(rng.normal(0, height * 0.35, (turns, 2)), axis=0)
    points -= points.min(axis=0)
    points *= np.array([width - 3, height - 3]) / np.maximum(points.max(axis=0), 1)
    fine = cv2.resize(points.astype(np.float32)[:, None, :], (1, turns * 8), interpolation=cv2.INTER_CUBIC)
    closed, pen = bool(rng.integers(2)), int(rng.integers(1, 5))
    cv2.polylines(ink, [np.rint(fine).astype(np.int32)], closed, 1.0, pen, cv2.LINE_AA)
    return ink


def _signs(width: int, height: int, rng: np.random.Generator) -> Ink:
    """Square signs of many strokes side by side, as other scripts have them."""
    ink = np.zeros((height, width), np.float32)
    side = min(height, round(CAPITAL * 1.3))
    pen = int(rng.integers(1, 4))
    for left in range(0, max(1, width - side // 2), round(side * float(rng.uniform(1.0, 1.2)))):
        for _ in range(int(rng.integers(6, 14))):
            begin = rng.integers(2, side - 2, 2)
            way = int(rng.integers(3))
            reach = rng.integers(side // 4, side, 2)
            end = begin + reach * np.array([(1, 0), (0, 1), (rng.choice([-1, 1]), 1)][way])
            (x, y), (to_x, to_y) = begin.tolist(), np.clip(end, 1, side - 2).astype(int).tolist()
            cv2.line(ink, (left + x, y), (left + to_x, to_y), 1.0, pen, cv2.LINE_AA)
    return ink


def _blots(width: int, height: int, rng: np.random.Generator) -> Ink:
    """Smudges: a smooth random field above a level."""
    points = (max(3, height // int(rng.integers(3, 16))), max(3, width // int(rng.integers(3, 16))))
    grid = rng.standard_normal(points, dtype=np.float32)
    field = cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC)
    blots: Ink = np.clip((field - float(rng.uniform(0.2, 1.2))) * 3, 0, 1).astype(np.float32)
    return blots


def _hatching(width: int, height: int, rng: np.random.Generator) -> Ink:
    """Parallel strokes, crossed or not."""
    ink = np.zeros((height, width), np.float32)
    pen, lean = int(rng.integers(1, 4)), float(rng.uniform(-1.5, 1.5))
    for begin in np.arange(-height, width + height, float(rng.uniform(4, 9))):
        wobble = rng.normal(0, 1.5, 2)
        for sign in (1, -1) if rng.random() < 0.5 else (1,):
            top, bottom = begin + wobble[0], begin + sign * lean * height + wobble[1]
            cv2.line(ink, (round(top), 0), (round(bottom), height), 1.0, pen, cv2.LINE_AA)
    return ink


def _spots(width: int, height: int, rng: np.random.Generator) -> Ink:
    """What is left of gravel, clouds and leaves in black and white: rough edges, islands of all sizes."""
    field = np.zeros((height, width), np.float32)
    for size in np.exp(rng.uniform(np.log(0.8), np.log(8), 3)):
        noise = cv2.GaussianBlur(rng.standard_normal((height, width)).astype(np.float32), (0, 0), float(size))
        field += noise / noise.std() * np.float32(rng.uniform(0, size))
    spots: Ink = (field > float(rng.uniform(-0.2, 1.4)) * field.std()).astype(np.float32)
    return spots


def _grain(width: int, height: int, rng: np.random.Generator) -> Ink:
    """What is left of wood and cloth in black and white: dashes and streaks, all in about one direction."""
    noise = rng.standard_normal((2 * height, 2 * width), dtype=np.float32)
    along, across = float(rng.uniform(4, 40)), float(rng.uniform(0.6, 2.5))
    streaks = cv2.GaussianBlur(noise, (0, 0), sigmaX=along, sigmaY=across)
    angle = float(rng.choice([0, 0, 90, rng.uniform(-60, 60)])) + float(rng.normal(0, 2))
    turned = cv2.getRotationMatrix2D((width, height), angle, 1.0)
    field = cv2.warpAffine(streaks, turned, (2 * width, 2 * height), borderMode=cv2.BORDER_REFLECT)
    part = field[height // 2 : height // 2 + height, width // 2 : width // 2 + width]
    grain: Ink = (part > float(rng.uniform(0, 1.5)) * part.std()).astype(np.float32)
    return grain
