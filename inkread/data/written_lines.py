"""A text and a hand -> the ink of a written line and where each character stands: what a line network learns from.

Characters are laid side by side as loosely or as tightly as people write, then the whole line is slanted, bent, drawn
with another pen and worn as paper, light and camera wear it. `preprocessing.strip` brings it to the network's height.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from inkread.data.hands import Drawing, Hand, Proportions

CAPITAL = 34  # pixels, height of a capital while a line is laid out
SKY, GROUND = 1.5, 1.3  # capitals; room above and below the baseline
NIB = 4  # pixels, the side of the smallest dot
LOW_MARKS, HIGH_MARKS = ".,", "'\""  # what people set close to the letter before it
OVERHANG = 0.35  # capitals, how far a near mark may stand under or over a letter

Ink = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Style:
    """How a line is written; lengths in heights of a capital.

    Attributes:
        spacing, spacing_varies: mean and standard deviation of the room between characters; below 0 they touch.
        space, space_varies: the same for the room between words.
        near_marks: share of the full stops, commas and quotation marks that stand right beside the ink before them, or
            under its overhang; what follows comes near to them, too.
        joined: share of the characters that a stroke joins to the one before them.
        pitch: from the middle of a character to that of the next, a space being one step, as in the boxes of forms;
            0: characters take the room that they need.
        size_varies, stray: standard deviations of a character's size (a share) and of its place up or down.
        turn: standard deviation of a character's rotation, in degrees; lean_varies and width_varies: of how far its top
            leans to the right, and of the logarithm of its width by its height.
        slant: how far the top leans to the right; stretch: width by height, 1 as drawn.
        slope: rows down a column; drift: how far the line swings up and down.
        bend: standard deviation of the elastic warp.
        pen: -1 (thin) .. 1 (thick); 0 as drawn.
        blur: pixels; noise: of full ink, standard deviation; dirt: specks a capital's width.
        rule: of full ink; the rest of a ruled line, 0 none.
        lost: share of the ink that a dry pen or a photocopy left out.
        coarse: pixels a capital is tall in the picture; 0: as many as are drawn.
        two_tones: of full ink; what is darker is ink in a picture of black and white alone; 0: all tones.
    """

    proportions: Proportions = field(default_factory=Proportions)
    spacing: float = 0.12
    spacing_varies: float = 0.04
    space: float = 0.5
    space_varies: float = 0.08
    near_marks: float = 0.0
    joined: float = 0.0
    pitch: float = 0.0
    size_varies: float = 0.04
    stray: float = 0.02
    turn: float = 0.0
    lean_varies: float = 0.0
    width_varies: float = 0.0
    slant: float = 0.0
    stretch: float = 1.0
    slope: float = 0.0
    drift: float = 0.0
    bend: float = 0.0
    pen: float = 0.0
    blur: float = 0.0
    noise: float = 0.0
    dirt: float = 0.0
    rule: float = 0.0
    lost: float = 0.0
    coarse: float = 0.0
    two_tones: float = 0.0


def any_style(rng: np.random.Generator) -> Style:
    """A style out of all that people write, tidy hands as often as hasty ones."""
    tidy = rng.random() < 0.4
    haste = 0.4 if tidy else 1.0
    equal = rng.random() < 0.12
    return Style(
        Proportions(
            low=float(np.clip(rng.normal(0.62, 0.09), 0.42, 0.92)),
            rise=float(np.clip(rng.normal(1.05, 0.1), 0.85, 1.4)),
            fall=float(np.clip(rng.normal(0.38, 0.1), 0.15, 0.7)),
            equal=equal,
        ),
        spacing=_one_of(
            rng, (0.55, rng.normal(0.12, 0.06)), (0.25, rng.uniform(-0.09, 0.05)), (0.2, rng.uniform(0.1, 0.7))
        ),
        spacing_varies=haste * float(rng.uniform(0.01, 0.08)),
        space=_one_of(rng, (0.75, rng.uniform(0.3, 0.7)), (0.25, rng.uniform(0.6, 1.6))),
        space_varies=haste * float(rng.uniform(0.02, 0.15)),
        near_marks=float(rng.uniform(0.5, 1.0)) if rng.random() < 0.5 else 0.0,
        joined=float(rng.uniform(0.1, 0.8)) if rng.random() < 0.08 else 0.0,
        pitch=float(rng.uniform(0.85, 1.7)) if rng.random() < 0.12 else 0.0,
        size_varies=haste * float(rng.uniform(0.0, 0.12)),
        stray=haste * float(rng.uniform(0.0, 0.07)),
        turn=haste * float(rng.uniform(0.0, 5.0)) if rng.random() < 0.5 else 0.0,
        lean_varies=haste * float(rng.uniform(0.0, 0.12)),
        width_varies=haste * float(rng.uniform(0.0, 0.14)),
        slant=float(rng.normal(0.06, 0.14)),
        stretch=float(np.exp(rng.normal(0.0, 0.16))),
        slope=float(rng.normal(0, 0.012)) * haste,
        drift=haste * float(rng.uniform(0, 0.08)),
        bend=haste * float(rng.uniform(0, 0.035)),
        pen=float(np.clip(rng.normal(0, 0.5), -1, 1)),
        blur=float(rng.uniform(0.3, 1.8)) if rng.random() < 0.5 else 0.3,
        noise=float(rng.uniform(0, 0.12)) if rng.random() < 0.3 else 0.0,
        dirt=float(rng.uniform(0.0, 0.3)) if rng.random() < 0.15 else 0.0,
        rule=float(rng.uniform(0.2, 0.9)) if rng.random() < 0.06 else 0.0,
        lost=float(rng.uniform(0.02, 0.35)) if rng.random() < 0.1 else 0.0,
        coarse=float(rng.uniform(9, 22)) if rng.random() < 0.15 else 0.0,
        two_tones=float(rng.uniform(0.25, 0.6)) if rng.random() < 0.15 else 0.0,
    )


def _one_of(rng: np.random.Generator, *ways: tuple[float, float]) -> float:
    """One of several numbers, each with its probability."""
    shares, values = zip(*ways, strict=True)
    return float(rng.choice(values, p=shares))


@dataclass(frozen=True)
class WrittenLine:
    """A line as ink: float32 (H, W) in 0..1, and the column of each character's middle, (T,), spaces included."""

    ink: Ink = field(repr=False)
    text: str
    middles: npt.NDArray[np.float64]


def write_line(text: str, hand: Hand, style: Style, rng: np.random.Generator) -> WrittenLine | None:
    """Write a text; None where the hand draws one of its characters in no way, or nothing of it."""
    laid = _laid(text, hand, style, rng)
    if laid is None:
        return None
    sheet, middles = laid
    warped, moved = _warped(sheet, middles, style, rng)
    return WrittenLine(_worn(warped, style, rng), text, moved)


def _laid(
    text: str, hand: Hand, style: Style, rng: np.random.Generator
) -> tuple[Drawing, npt.NDArray[np.float64]] | None:
    """The characters side by side on a sheet, and their middles."""
    baseline, margin = round(SKY * CAPITAL), CAPITAL
    x = float(margin)
    placed: list[tuple[int, int, Drawing]] = []
    middles = np.zeros(len(text))
    joints: list[tuple[int, int]] = []  # of glyphs, by their places in `placed`
    for place, character in enumerate(text):
        if character == " ":
            loose = max(0.18, style.space + style.space_varies * rng.normal())
            room = (style.pitch or loose) * CAPITAL
            middles[place] = x + room / 2
            x += room
            continue
        drawn = hand.draw(character, rng)
        if drawn is None:
            return None
        size = CAPITAL * float(np.exp(style.size_varies * rng.normal()))
        ink, rim = _sized(drawn.ink, drawn.height * size, style, rng)
        width = ink.shape[1] - 2 * rim
        if style.pitch:  # to where its middle is to stand, but never back over its neighbour
            x = max(x, margin + (place + 0.5) * style.pitch * CAPITAL - width / 2 - drawn.bearing * size)
        near = bool(placed) and character in LOW_MARKS + HIGH_MARKS and rng.random() < style.near_marks
        if near and text[place - 1] != " ":
            rows = (0.7, 1.3) if character in LOW_MARKS else (0.0, 0.4)
            x = _edge(placed[-1], *(baseline + (row - 1) * CAPITAL for row in rows)) + CAPITAL * _close(rng)
        left = x + drawn.bearing * size * (not near)
        top = baseline - drawn.top * size + style.stray * CAPITAL * rng.normal()
        placed.append((round(top) - rim, max(0, round(left) - rim), ink))
        if place and text[place - 1] != " " and rng.random() < style.joined:
            joints.append((len(placed) - 2, len(placed) - 1))
        middles[place] = left + width / 2
        room = max(style.spacing + style.spacing_varies * rng.normal(), -0.35 * drawn.advance)
        if near:
            x = left + width + CAPITAL * _close(rng)
        else:
            x += max(drawn.advance * size + room * CAPITAL, 0.1 * CAPITAL)
    if not placed:
        return None
    right = max(left + ink.shape[1] for _, left, ink in placed)
    sheet = np.zeros((round((SKY + GROUND) * CAPITAL), right + margin), np.uint8)
    for top, left, ink in placed:
        cut = max(0, -top)
        window = sheet[top + cut : top + ink.shape[0], left : left + ink.shape[1]]
        np.maximum(window, ink[cut : cut + window.shape[0]], out=window)
    for before, after in joints:
        ends = (_side(placed[before], right=True), _side(placed[after], right=False))
        cv2.line(sheet, *ends, 255, int(rng.integers(2, 5)), cv2.LINE_AA)
    return sheet, middles


def _close(rng: np.random.Generator) -> float:
    """Room beside a mark that stands near, in heights of a capital."""
    return float(max(-0.03, rng.normal(0.09, 0.06)))


def _edge(placed: tuple[int, int, Drawing], top: float, bottom: float) -> float:
    """How far to the right a character's ink reaches between two rows; but no more than OVERHANG less than anywhere."""
    first, left, ink = placed
    inked = np.flatnonzero((ink > 127).any(axis=0))
    within = ink[max(0, round(top) - first) : max(0, round(bottom) - first)]
    there = np.flatnonzero((within > 127).any(axis=0))
    end = int(inked[-1]) if inked.size else ink.shape[1]
    return left + 1 + max(end - OVERHANG * CAPITAL, float(there[-1]) if there.size else 0.0)


def _side(placed: tuple[int, int, Drawing], right: bool) -> tuple[int, int]:
    """Where a stroke to a neighbour ends: column and row of the outermost ink in a character's lower half."""
    top, left, ink = placed
    lower = ink.shape[0] // 2
    rows, columns = np.nonzero(ink[lower:] > 127)
    if not len(rows):
        return left + ink.shape[1] // 2, top + lower
    outermost = columns.argmax() if right else columns.argmin()
    row, column = rows[outermost], columns[outermost]
    return left + int(column), top + lower + int(row)


def _sized(ink: Drawing, height: float, style: Style, rng: np.random.Generator) -> tuple[Drawing, int]:
    """A drawing at the height it is written, turned and leaning a little, and the rim that it got for that."""
    scale = height / ink.shape[0]
    wide = float(np.exp(style.width_varies * rng.normal()))
    size = (max(1, round(ink.shape[1] * scale * wide)), max(1, round(height)))
    if max(size) < 2 * NIB:  # a dot is as large as the nib
        size = (max(NIB, size[0]), max(NIB, size[1]))
    sized = cv2.resize(ink, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    if not (style.turn or style.lean_varies) or min(size) < 4:
        return np.asarray(sized, np.uint8), 0
    rim = max(size) // 4 + 1
    padded = cv2.copyMakeBorder(sized, rim, rim, rim, rim, cv2.BORDER_CONSTANT, value=0)
    middle = (padded.shape[1] / 2, padded.shape[0] / 2)
    turn = cv2.getRotationMatrix2D(middle, style.turn * rng.normal(), 1.0)
    lean = style.lean_varies * rng.normal()
    turn[0] += lean * np.array([0.0, -1.0, middle[1]])
    turned = cv2.warpAffine(padded, turn, (padded.shape[1], padded.shape[0]))
    return np.asarray(turned, np.uint8), rim


def _warped(
    sheet: Drawing, middles: npt.NDArray[np.float64], style: Style, rng: np.random.Generator
) -> tuple[Drawing, npt.NDArray[np.float64]]:
    """Slanted, stretched, sloping and bent; middles move along."""
    height, width = sheet.shape
    middle_row = SKY * CAPITAL - CAPITAL / 2
    lean = abs(style.slant) * height
    out_width = round(width * style.stretch + 2 * lean)
    rise = abs(style.slope) * out_width + style.drift * CAPITAL
    out_height = round(height + 2 * rise)
    x = np.arange(out_width, dtype=np.float32)[None, :]
    y = np.arange(out_height, dtype=np.float32)[:, None]
    swing = style.drift * CAPITAL * np.sin(x / (CAPITAL * rng.uniform(3, 9)) + rng.uniform(0, 6.3))
    back_y = y - rise - style.slope * (x - out_width / 2) - swing.astype(np.float32)
    back_x = (x - lean + style.slant * (back_y - middle_row)) / style.stretch
    back_y = np.broadcast_to(back_y, back_x.shape)
    if style.bend:
        points = (4, max(4, out_width // CAPITAL))
        for axis in (0, 1):
            grid = rng.standard_normal(points, dtype=np.float32) * (style.bend * CAPITAL)
            field = cv2.resize(grid, (out_width, out_height), interpolation=cv2.INTER_CUBIC)
            back_x, back_y = (back_x + field, back_y) if axis else (back_x, back_y + field)
    warped = cv2.remap(
        sheet, np.ascontiguousarray(back_x, np.float32), np.ascontiguousarray(back_y, np.float32), cv2.INTER_LINEAR
    )
    return np.asarray(warped, np.uint8), middles * style.stretch + lean


def _worn(sheet: Drawing, style: Style, rng: np.random.Generator) -> Ink:
    """Another pen, a blurred and noisy picture, specks and rests of rules."""
    ink: Ink = sheet.astype(np.float32) / np.float32(255)
    if style.pen > 0.2:
        side = 2 if style.pen < 0.6 else 3
        nib = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
        ink = np.asarray(cv2.dilate(ink, nib, iterations=2 if style.pen > 0.9 else 1), np.float32)
    if style.lost:
        ink = ink * _left(ink.shape, style.lost, rng)
    soft = cv2.GaussianBlur(ink, (0, 0), 1.0)
    level = float(np.clip(0.42 - 0.15 * style.pen, 0.25, 0.5))
    ink = np.clip((soft - level) * 2.5 + 0.5, 0, 1)
    if style.rule:
        row = int(SKY * CAPITAL + rng.integers(-4, 10) + (ink.shape[0] - sheet.shape[0]) / 2)
        begin = int(rng.integers(0, max(1, ink.shape[1] // 2)))
        end = int(rng.integers(begin, ink.shape[1]))
        ink[row : row + 2, begin:end] = np.maximum(ink[row : row + 2, begin:end], style.rule)
    if style.dirt:
        rows = np.flatnonzero((ink > 0.5).any(axis=1))  # dust far from a line is left out when lines are found
        for _ in range(rng.poisson(style.dirt * ink.shape[1] / CAPITAL)):
            centre = (int(rng.integers(ink.shape[1])), int(rng.integers(rows[0], rows[-1] + 1)) if rows.size else 0)
            cv2.circle(ink, centre, int(rng.integers(1, 3)), float(rng.uniform(0.4, 1)), -1)
    if style.blur > 0.3:
        ink = np.asarray(cv2.GaussianBlur(ink, (0, 0), style.blur), np.float32)
        ink = np.clip(ink / max(0.35, float(ink.max())), 0, 1)
    if style.coarse or style.two_tones:
        ink = _sampled(ink, style)
    if style.noise:  # the paper beyond the strokes' soft rim is clean when a line comes to the network
        near = cv2.dilate(ink, np.ones((5, 5), np.uint8)) > 0.2
        ink = np.clip(ink + style.noise * rng.standard_normal(ink.shape, dtype=np.float32) * near, 0, 1)
    return np.ascontiguousarray(ink, np.float32)


def _sampled(ink: Ink, style: Style) -> Ink:
    """As few pixels as a small picture has, or two tones, as fax machines and copiers send them."""
    height, width = ink.shape
    scale = min(1.0, style.coarse / CAPITAL) if style.coarse else 1.0
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(ink, size, interpolation=cv2.INTER_AREA)
    if style.two_tones:
        small = (small > style.two_tones).astype(np.float32)
    sampled: Ink = np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
    return np.clip(sampled, 0, 1)  # resizing rounds beyond 1


def _left(shape: tuple[int, ...], lost: float, rng: np.random.Generator) -> Ink:
    """Where ink stays, 0..1: spots and streaks as large as a nib are left out."""
    grain = (float(rng.uniform(1.0, 3.5)), float(rng.uniform(1.0, 3.5)))  # pixels a spot, down and across
    points = tuple(max(2, round(length / size)) for length, size in zip(shape, grain, strict=True))
    field = cv2.resize(rng.random(points, dtype=np.float32), shape[::-1], interpolation=cv2.INTER_LINEAR)
    left: Ink = np.clip((field - np.quantile(field, lost)) * 8 + 0.5, 0, 1).astype(np.float32)
    return left
