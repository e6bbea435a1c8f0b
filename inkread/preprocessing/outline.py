"""Grey pixels -> the four corners of a sheet that lies on a table, or nothing. Knows paper, not ink.

A sheet is a large quadrilateral of one lightness with a clearly darker or lighter table around it, all along those of
its sides that are in the picture. A strip or a slip of paper is small or long: its table must be far darker. Where that
is not plain to see there is no outline, and the picture is the page.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import numpy.typing as npt

from inkread.preprocessing.binarise import Grey

SMALLEST = 150  # pixels of the shorter side; smaller pictures are cuttings, not photos of a table
SIDE = 320  # pixels of the longer side that the outline is looked for on
LEVELS = np.linspace(0.2, 0.85, 9)  # of the way from the darkest to the lightest: where table and paper may part
BORDERED = 0.1  # of the picture's border; less table is not worth a look
EDGES = (40, 90)  # Canny's upper level
LOOKED_AT = 12  # of a mask's pieces, the largest
LARGE = 0.2  # of the picture; a smaller sheet is a label, or a slip of paper ...
LEAST = 0.02  # ... which is no smaller than this
WHOLE = 0.97  # of the picture; a larger one shows no table
FOUR_SIDED = 0.94  # overlap with its hull, by union: a quadrilateral, not another shape
SOLID = 0.88  # of the quadrilateral, with the holes that writing makes filled
CONTRAST = 0.16  # of the paper's lightness; so much darker (lighter) is the table just outside a side
STRONG = 0.4  # the same of a slip or a strip of paper, which may only be lighter than its table
SEEN = 0.9  # of the points along a side, that show the table beside the paper
TORN = 0.6  # of the points along a side, that may lie where the sheet is torn and shows a dark table
BORDER = 2.5  # pixels of the small picture; a side so near the border is the picture's own
INWARDS, OUTWARDS = 3.0, 3.0  # pixels of the small picture from a side to where paper and table are compared
STROKE = 9  # pixels of the small picture; strokes are narrower
BARE = 0.2  # of the energy of the strokes on a sheet; where there is less, nothing is written
WRITTEN = 0.003  # of the energy of the fullest of several sheets; one with less is bare, where what is fainter ...
FAINT = 0.01  # ... than so much of its boldest strokes is grain
SHARED = 0.1  # of the smaller sheet; two that lie apart share no more
SHARPEST = 40.0  # degrees; a corner of a sheet seen from above is blunter
LONGEST = 3.0  # times the shorter side; a longer one is a stroke, or a strip of paper ...
STRIP = 15.0  # ... which is no longer than this
CLOSE = 0.5  # of the picture's longer side; a shorter sheet is looked at again, more closely, ...
ROUND = 0.1  # ... with so much of its longer side around it
PLAIN = 0.55  # of the sheet's pixels lie near the usual lightness close by: a shadow may fall on a part of it
NEAR = 31  # pixels of the small picture, the side of what is close by; wider than words

Corners = npt.NDArray[np.float64]
Mask = npt.NDArray[np.uint8]
Energy = npt.NDArray[np.float32]


def outlines(grey: Grey) -> list[Corners]:
    """The corners float64 (4, 2) of each sheet in pixels, x and y, from the top left one clockwise; none may be seen.

    Of several sheets that lie apart, those that bear writing.

    Args:
        grey: uint8 (H, W), as seen.
    """
    found = _found(grey)
    if len(found) != 1 or np.ptp(found[0], axis=0).max() >= CLOSE * max(grey.shape):
        return found
    around = ROUND * np.ptp(found[0], axis=0).max()
    left, top = np.maximum(found[0].min(axis=0) - around, 0).astype(int).tolist()
    right, bottom = np.ceil(found[0].max(axis=0) + around).astype(int).tolist()
    closer = _found(grey[top:bottom, left:right])
    return [closer[0] + np.array([left, top])] if len(closer) == 1 else found


def in_rows(sheets: list[Corners]) -> list[Corners]:
    """Sheets row by row from the top; in a row from left to right, those that stand above one another from the top.

    Of a row are those whose middle is above the lower edge of its first.
    """
    left = sorted(sheets, key=lambda corners: float(corners[:, 1].min()))
    ordered: list[Corners] = []
    while left:
        end = left[0][:, 1].max()
        row = [corners for corners in left if corners is left[0] or corners[:, 1].mean() < end]
        left = [corners for corners in left if not any(corners is one for one in row)]
        columns: list[list[Corners]] = []
        for corners in sorted(row, key=lambda corners: float(corners[:, 0].min())):
            if columns and corners[:, 0].mean() < max(one[:, 0].max() for one in columns[-1]):
                columns[-1].append(corners)
            else:
                columns.append([corners])
        for column in columns:
            ordered += sorted(column, key=lambda corners: float(corners[:, 1].min()))
    return ordered


def _found(grey: Grey) -> list[Corners]:
    """The corners of the sheets that a picture shows: large ones, and slips or strips of paper beside them."""
    height, width = grey.shape
    if min(height, width) < SMALLEST:
        return []
    scale = max(height, width) / SIDE
    size = (max(1, round(width / scale)), max(1, round(height / scale)))
    reduced = cv2.resize(grey, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    small = cv2.medianBlur(reduced, 5).astype(np.uint8, copy=False)  # strokes fade, edges stay
    if not _has_border(small):
        return []
    candidates = [corners for mask in _sides(small) for corners in _quadrilaterals(mask)]
    if not candidates:
        return []
    near = cv2.medianBlur(small, NEAR).astype(np.uint8, copy=False)
    strokes = _strokes(reduced)
    large = [corners for corners in candidates if is_large(corners, small)]
    found = _apart(large, [_contrast_either_way(corners, small, near, strokes) for corners in large], CONTRAST)
    slips = [corners for corners in candidates if not is_large(corners, small)]
    apart = _apart(slips, [_contrast(corners, small, near) for corners in slips], STRONG)
    found += [slip for slip in apart if not any(_overlap(slip, sheet) for sheet in found)]
    scale_back = np.array([width / size[0], height / size[1]])
    return [np.asarray(corners * scale_back, dtype=np.float64) for corners in _written(found, strokes)]


def _apart(sheets: list[Corners], contrasts: list[float], least: float) -> list[Corners]:
    """The sheets that stand out from their table by so much, the one that does most first; of such as overlap, one."""
    kept: list[Corners] = []
    for number in np.argsort(-np.array(contrasts), kind="stable").tolist():
        if contrasts[number] >= least and not any(_overlap(sheets[number], other) for other in kept):
            kept.append(sheets[number])
    return kept


def _overlap(one: Corners, other: Corners) -> bool:
    """Whether two quadrilaterals share more than the edge of the smaller one."""
    first, second = one.astype(np.float32), other.astype(np.float32)
    shared, _ = cv2.intersectConvexConvex(first, second)
    return bool(shared > SHARED * min(cv2.contourArea(first), cv2.contourArea(second)))


def _written(sheets: list[Corners], strokes: Energy) -> list[Corners]:
    """Of several sheets those that bear strokes as bold as those on the fullest."""
    if len(sheets) < 2:
        return sheets
    fullest = max(sheets, key=lambda corners: _energy_on(corners, strokes))
    boldest = np.quantile(strokes[_field(fullest, strokes.shape) > 0], 0.99)
    bold = np.where(strokes > FAINT * boldest, strokes, np.float32(0))
    borne = [_energy_on(corners, bold) for corners in sheets]
    return [corners for corners, own in zip(sheets, borne, strict=True) if own >= WRITTEN * max(borne)]


def _has_border(small: Grey) -> bool:
    """Whether a part of the picture's border may be table: it differs from the middle, which is most of the paper, is
    far darker than the lightest, which a slip of paper is, or darker or lighter than so much as a large sheet takes.
    """
    border = np.concatenate([small[:2].ravel(), small[-2:].ravel(), small[:, :2].ravel(), small[:, -2:].ravel()])
    dark, middle, light, lightest = np.percentile(small, [100 * LARGE, 50, 100 - 100 * LARGE, 99])
    off = np.abs(border - middle) > CONTRAST / 2 * np.maximum(border, middle)
    darker = border < max((1 - STRONG) * lightest, (1 - CONTRAST) * light)
    table = (off, darker, (1 - CONTRAST) * border > dark)
    return max(float(part.mean()) for part in table) > BORDERED


def _sides(small: Grey) -> Iterator[Mask]:
    """What is lighter than each level, and what no edge runs through (where light falls unevenly, no level parts)."""
    low, high = np.percentile(small, [1, 99])
    if high - low < CONTRAST * high:
        return
    for level in (low + LEVELS * (high - low)).tolist():
        mask = (small > level).astype(np.uint8)
        yield cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)).astype(np.uint8, copy=False)
    for strong in EDGES:
        edges = cv2.Canny(small, strong / 2, strong)
        yield (cv2.dilate(edges, np.ones((3, 3), np.uint8)) == 0).astype(np.uint8)


def _quadrilaterals(mask: Mask) -> Iterator[Corners]:
    """The corners of the mask's largest pieces and holes that are quadrilaterals."""
    found, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    fewest = 2 * (LEAST * mask.size) ** 0.5  # points; the contour of a sheet has more, even a circle's
    contours = [contour for contour in found if len(contour) >= fewest]
    areas = np.array([cv2.contourArea(contour) for contour in contours])
    for number in np.argsort(-areas)[:LOOKED_AT].tolist():
        if not LEAST * mask.size <= areas[number] <= WHOLE * mask.size:
            continue
        hull = cv2.convexHull(contours[number])[:, 0].astype(np.int32)  # (P, 2)
        hull_area = float(cv2.contourArea(hull))
        rough = _four_corners(hull)
        if areas[number] < SOLID * hull_area or rough is None:
            continue
        corners = _fitted(rough, hull.astype(np.float64))
        shared, _ = cv2.intersectConvexConvex(corners.astype(np.float32), hull.astype(np.float32))
        whole = hull_area + float(cv2.contourArea(corners.astype(np.float32))) - shared
        if shared >= FOUR_SIDED * whole and _is_sheet(corners):
            yield corners


def _four_corners(hull: npt.NDArray[np.int32]) -> Corners | None:
    """The hull simplified to four corners."""
    length = cv2.arcLength(hull, True)
    for share in (0.01, 0.015, 0.02, 0.03, 0.04, 0.06):
        simple = cv2.approxPolyDP(hull, share * length, True)
        if len(simple) == 4:
            return simple[:, 0].astype(np.float64)
        if len(simple) < 4:
            return None
    return None


def _fitted(rough: Corners, points: Corners) -> Corners:
    """The corners where straight lines through the points of each side meet, from the top left one clockwise.

    A hull's points are where it turns: on a straight side they are few, so the sides are sampled between them.
    """
    closed = np.vstack([points, points[:1]])
    steps = np.linspace(0, 1, 8, endpoint=False)[:, None, None]
    dense = (closed[None, :-1] * (1 - steps) + closed[None, 1:] * steps).reshape(-1, 2)
    lines = []
    for start, end in zip(rough, np.roll(rough, -1, axis=0), strict=True):
        along = (end - start) / np.linalg.norm(end - start)
        normal = np.array([-along[1], along[0]])
        place = (dense - start) @ along / np.linalg.norm(end - start)
        near = dense[(np.abs((dense - start) @ normal) < BORDER) & (place > 0.05) & (place < 0.95)]
        near = near if len(near) >= 2 else np.array([start, end])
        centre = near.mean(axis=0)
        direction = np.linalg.svd(near - centre)[2][0] if len(near) > 2 else along
        lines.append((np.array([-direction[1], direction[0]]), centre))
    corners = []
    for (normal, centre), (before, other), fallback in zip(lines, [lines[-1], *lines[:-1]], rough, strict=True):
        sides = np.array([normal, before])
        steep = abs(float(np.linalg.det(sides))) > np.sin(np.radians(SHARPEST / 2))
        met = np.linalg.solve(sides, [normal @ centre, before @ other]) if steep else fallback
        corners.append(met + 0.5 if np.linalg.norm(met - fallback) < 4 * BORDER else fallback + 0.5)
    return _in_order(np.array(corners))


def _in_order(corners: Corners) -> Corners:
    """Clockwise, from the corner nearest to the top left."""
    middle = corners.mean(axis=0)
    angles = np.arctan2(corners[:, 1] - middle[1], corners[:, 0] - middle[0])
    clockwise = corners[np.argsort(angles)]
    return np.roll(clockwise, -int(np.argmin(clockwise.sum(axis=1))), axis=0)


def _is_sheet(corners: Corners) -> bool:
    """Whether four corners may be a sheet's: convex, no sharp corner, not too long."""
    sides = np.roll(corners, -1, axis=0) - corners
    lengths = np.linalg.norm(sides, axis=1)
    if lengths.max() > STRIP * lengths.min():
        return False
    cosines = (sides * np.roll(sides, -1, axis=0)).sum(axis=1) / (lengths * np.roll(lengths, -1))
    turns = sides[:, 0] * np.roll(sides, -1, axis=0)[:, 1] - sides[:, 1] * np.roll(sides, -1, axis=0)[:, 0]
    return bool((turns > 0).all() and (np.abs(cosines) < np.cos(np.radians(SHARPEST))).all())


def is_large(corners: Corners, picture: Grey) -> bool:
    """Whether a sheet is large and broad, and no slip or strip of paper."""
    lengths = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    area = float(cv2.contourArea(corners.astype(np.float32)))
    return bool(area >= LARGE * picture.size and lengths.max() <= LONGEST * lengths.min())


def _contrast(corners: Corners, small: Grey, near: Grey) -> float:
    """How much darker (lighter: below 0) than the paper the table is along the sides in the picture; 0 unless it is so
    all along them.

    ``near`` is what is usual close by each pixel of the small picture.
    """
    height, width = small.shape
    inside = _field(corners, small.shape)
    usual = near[inside > 0].astype(np.float64)
    if (np.abs(small[inside > 0] - usual) < np.maximum(0.2 * usual, 12)).mean() < PLAIN:
        return 0.0
    paper, differences, tables = float(np.median(small[inside > 0])), [], []
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        if _along_border(start, end, width, height):
            continue
        along = (end - start) / np.linalg.norm(end - start)
        outwards = np.array([along[1], -along[0]])
        places = start + (end - start) * np.linspace(0.06, 0.94, 40)[:, None]
        outer, inner = places + OUTWARDS * outwards, places - INWARDS * outwards
        kept = ((outer >= 0) & (outer < [width, height])).all(axis=1) & ((inner >= 0) & (inner < [width, height])).all(
            axis=1
        )
        if not kept.any():
            continue
        within, without = (small[p[kept, 1].astype(int), p[kept, 0].astype(int)].astype(float) for p in (inner, outer))
        differences.append((within - without) / np.maximum(within, without).clip(1))
        tables.append(np.maximum(within, without) < (1 - STRONG) * paper)  # where the sheet is torn
    if len(differences) < 2:
        return 0.0
    sign = np.sign(np.median(np.concatenate(differences)))
    for off, table in zip(differences, tables, strict=True):
        torn = table if sign > 0 and table.mean() <= TORN else np.zeros_like(table)
        if ((sign * off > CONTRAST / 2) | torn).mean() < SEEN or np.median(sign * off[~torn]) < CONTRAST:
            return 0.0
    return float(np.median(np.concatenate(differences)))


def _contrast_either_way(corners: Corners, small: Grey, near: Grey, strokes: Energy) -> float:
    """How much darker or lighter the table is; 0 for a dark field with writing around it: a box on a sheet."""
    contrast = _contrast(corners, small, near)
    if contrast >= 0:
        return contrast
    around = cv2.dilate(_field(corners, strokes.shape), np.ones((STROKE, STROKE), np.uint8))
    return -contrast if strokes[around == 0].sum() < BARE * _energy_on(corners, strokes) else 0.0


def _strokes(reduced: Grey) -> Energy:
    """The energy of what is narrow, dark or light, at each pixel of the small picture."""
    square = np.ones((STROKE, STROKE), np.uint8)
    hats = (cv2.morphologyEx(reduced, hat, square) for hat in (cv2.MORPH_TOPHAT, cv2.MORPH_BLACKHAT))
    light, dark = (hat.astype(np.float32) for hat in hats)
    return np.asarray(light * light + dark * dark, np.float32)


def _energy_on(corners: Corners, strokes: Energy) -> float:
    """The energy of the strokes on a sheet, its edges left out."""
    inside = cv2.erode(_field(corners, strokes.shape), np.ones((STROKE, STROKE), np.uint8))
    return float(strokes[inside > 0].sum())


def _field(corners: Corners, shape: tuple[int, ...]) -> Mask:
    """The pixels within four corners, 1 of a mask (H, W)."""
    within = np.zeros(shape, np.uint8)
    cv2.fillConvexPoly(within, np.rint(corners).astype(np.int32), 1)
    return within


def _along_border(start: Corners, end: Corners, width: int, height: int) -> bool:
    """Whether a side lies on the picture's border: the sheet goes on outside."""
    sides = (
        (start[0], end[0], 0),
        (start[0], end[0], width),
        (start[1], end[1], 0),
        (start[1], end[1], height),
    )
    return any(abs(a - edge) <= BORDER and abs(b - edge) <= BORDER for a, b, edge in sides)
