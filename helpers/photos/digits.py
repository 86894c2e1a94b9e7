"""The steps that make a picture of a digit like MNIST's: one function each, in their order."""

from __future__ import annotations

import itertools

import numpy as np
from scipy import ndimage
from skimage.measure import regionprops
from skimage.morphology import skeletonize
from skimage.transform import hough_line

from helpers.photos.ink import (
    Part,
    blank,
    coarse,
    cut,
    erase,
    find_parts,
    gap,
    is_rectangle,
    mark_ink,
    palest,
    share_of_square,
    split_tones,
    stroke_width,
    touches_frame,
)
from helpers.photos.opening import PhotoError
from helpers.photos.steps import Color, Ink, Mask, Prepared, Subject, box, outermost, resized

STROKE = (2.3, 3.4)  # pixels of 28: the middle half of MNIST's digits, which a test measures
BLOT = 0.72  # of the square around it: a disc fills pi / 4 = 0.79, no digit of MNIST so much
EVEN = 0.08  # paper is even if its tones vary by less than this share of its contrast with ink
NOTHING = (
    "no digit found, the picture has nearly one tone: write with a darker or thicker pen, and come "
    "closer"
)


def fill_transparent(picture: Color) -> Color:
    """Put transparent pixels onto white, or onto black where all that is opaque is light."""
    if picture.shape[2] == 3:
        return picture
    colors, alpha = picture[..., :3], picture[..., 3:] / np.float32(255)
    opaque = colors[alpha[..., 0] > 0.5].mean(axis=-1)
    background = 0 if opaque.size and np.percentile(opaque, 1) > 140 else 255
    return (colors * alpha + background * (1 - alpha) + 0.5).astype(np.uint8)


def find_sheet(picture: Color) -> Color:
    """Cut out the sheet of paper, where the picture shows a table or a desk all around it."""
    small = resized(picture, 96 / max(picture.shape)).mean(axis=2, dtype=np.float32)
    mask, paper_is_light = split_tones(small)
    labels, count = ndimage.label(mask & (not paper_is_light))  # lighter than what lies around it
    if not count:
        return picture
    sheet = max(regionprops(labels), key=lambda part: part.area)
    solid = sheet.area > 0.8 * sheet.area_filled and is_rectangle(sheet.image_filled)
    inner = ndimage.binary_erosion(sheet.image_convex, iterations=2)
    tones = small[sheet.slice][inner]
    written = tones.size and np.median(tones) - tones.min() > 0.2 * np.median(tones)
    inside = np.mean(outermost(labels == sheet.label)) < 0.15
    if not (solid and written and inside and sheet.area > 0.1 * small.size):
        return picture
    rows, columns = sheet.slice
    paper = cut(picture, rows, columns, small.shape)
    inner = resized(inner.astype(np.float32), shape=paper.shape[:2]) > 0.5
    return np.where(inner[..., None], paper, np.uint8(np.median(paper[inner], axis=0)))


def even_light(picture: Color) -> Color:
    """Take shadows and gradients out: each pixel is compared with the paper around it."""
    small = resized(picture, 96 / max(picture.shape)).mean(axis=2, dtype=np.float32)
    mask, _ = split_tones(small)
    contrast = abs(small[mask].mean() - small[~mask].mean()) if mask.any() else 0
    window = 1 + max(small.shape) // 4  # wider than a stroke, not than a shadow
    stroke = not ndimage.minimum_filter(mask, window, mode="constant", cval=1).any()
    plain = small[~ndimage.binary_dilation(mask, iterations=2)]  # without the edges of strokes
    if stroke and (not plain.size or plain.std() <= EVEN * contrast):
        return picture
    around = ndimage.uniform_filter(small, 1 + max(small.shape) // 6)
    paper_is_light = ((small - around) ** 3).sum() < 0  # ink stands out from what is around it
    wide = np.pad(small, window, "reflect", reflect_type="odd")  # the light goes on outside
    paper = (ndimage.grey_closing if paper_is_light else ndimage.grey_opening)(wide, window)
    paper = ndimage.gaussian_filter(paper, 1)[window:-window, window:-window]
    paper = resized(paper, shape=picture.shape[:2])[..., None]
    if paper_is_light:  # light multiplies what paper and ink reflect
        even = picture * (paper.max() / np.maximum(paper, 20))
    else:
        even = picture - (paper - paper.min())
    return np.clip(even, 0, 255).astype(np.uint8)


def separate_ink(picture: Color) -> Ink:
    """Measure how far each pixel's color lies from the paper's toward the ink's: 0 is paper."""
    scale = max(72 / max(picture.shape), 12 / min(picture.shape[:2]))
    small = resized(picture, scale).astype(np.float32)
    paper = np.median(small[::2, ::2], axis=(0, 1))
    axis = _ink_axis(small - paper)
    ink, _ = split_tones((small - paper) @ axis)
    paper = np.median(small[~ink][::3], axis=0)  # which counts where there is more ink than paper
    axis = _ink_axis(small - paper)
    return picture.astype(np.float32) @ axis - np.float32(paper @ axis)


def drop_lines(ink: Ink) -> Ink:
    """Drop ruled lines and grids: thin and straight from one side to the other.

    Where a stroke crosses such a line, it is higher than the line is thick, and stays.
    """
    if max(ink.shape) < 100:  # a printed line would be thinner than a pixel
        return ink
    small, dark = coarse(ink)
    lines = np.zeros(dark.shape, bool)
    for mask in (dark, small > palest(small)):  # lines as dark as the ink, and paler ones
        lines |= _level_lines(mask) | _level_lines(mask.T).T
    return blank(ink, lines) if lines.any() and (dark & ~lines).any() else ink


def drop_frame(ink: Ink) -> Ink:
    """Drop what lies along the frame, in a corner, or around: a scan's border, a table, a box.

    It stays where nothing else is in the picture.
    """
    small, mask = coarse(ink)
    labels, parts = find_parts(mask, small)
    corners = labels[[0, 0, -1, -1], [0, -1, 0, -1]]
    sides = labels[0], labels[-1], labels[:, 0], labels[:, -1]
    along = [
        part
        for part in parts
        if part.label in corners or max(np.mean(side == part.label) for side in sides) > 0.5
    ]
    inner = [part for part in parts if part not in along][:1]
    reach = 0.05 * max(mask.shape)  # nearer than that it is a stroke of the digit
    along = [part for part in along if not inner or gap(part, inner) > reach]
    along += [part for part in parts if part not in along and _is_box(part, parts, labels)]
    if not along:
        return ink
    rest = erase(ink, mask, np.isin(labels, [part.label for part in along]))
    digit = box(coarse(rest)[1])
    return rest if max(part.stop - part.start for part in digit) > 0.06 * max(mask.shape) else ink


def keep_digit(ink: Ink) -> Ink:
    """Cut out the strongest stroke and what lies near it; drop specks and all else.

    Raises
    ------
    PhotoError
        If there is no ink, only a speck, or several digits side by side.
    """
    small, mask = coarse(ink)
    labels, parts = find_parts(mask, small)
    if not parts:
        raise PhotoError(NOTHING)
    _expect_one(parts)
    main, *rest = sorted(
        parts, key=lambda part: -part.mass * (0.1 if touches_frame(part, mask) else 1)
    )
    kept: list[Part] = []
    near, whole = [main], not touches_frame(main, mask)
    while near:
        kept += near
        rest = [part for part in rest if part not in near]
        near = [part for part in rest if _belongs(part, kept, whole and touches_frame(part, mask))]
    digit = np.isin(labels, [part.label for part in kept])
    rows, columns = box(digit)
    if max(rows.stop - rows.start, columns.stop - columns.start) < 0.02 * max(mask.shape):
        raise PhotoError(NOTHING)  # a speck
    return cut(erase(ink, mask, mask & ~digit), rows, columns, small.shape, margin=2)


def enlarge(ink: Ink) -> Ink:
    """Bring the digit to the size that is good to work with: 120 pixels with its margin."""
    ink = np.pad(ink, max(2, max(ink.shape) // 10))
    return resized(ink, 120 / max(ink.shape), grow=True)


def threshold(ink: Ink) -> Ink:
    """Make ink white, 255, and all else black, 0.

    Raises
    ------
    PhotoError
        If there is no ink, or a blot instead of strokes.
    """
    mask = mark_ink(ndimage.gaussian_filter(ink, 0.7), 0.65)
    if not mask.any():
        raise PhotoError(NOTHING)
    labels, parts = find_parts(mask, ink)
    white = np.isin(labels, [part.label for part in parts if part.mass > 0.02 * parts[0].mass])
    if share_of_square(white) > BLOT:
        raise PhotoError("a blot is seen, no strokes of a pen: write a digit, or come closer")
    return np.float32(255) * white


def even_stroke(ink: Ink) -> Ink:
    """Bring the stroke's width to the training set's.

    The second round corrects the first, which changes the digit's size, and so what a pixel is.
    """
    for _ in range(2):
        mask = ink[box(ink > 127)] > 127
        unit = max(mask.shape) / 20  # a pixel of the result
        mask = np.pad(mask, 12)
        width = stroke_width(mask) / unit
        target = np.clip(width, *STROKE)
        grow = (target - width) * unit / 2
        if abs(grow) < 0.25:
            break
        distance = ndimage.distance_transform_edt(~mask) - ndimage.distance_transform_edt(mask)
        new = distance <= grow
        if grow < 0:
            new |= ndimage.distance_transform_edt(~skeletonize(mask)) <= target * unit / 2 * 0.8
        ink = np.float32(255) * new
    return ink


def fit(ink: Ink) -> Ink:
    """Fit the digit into 20 x 20 pixels with gray edges, its proportions kept."""
    ink = ink[box(ink > 127)]
    scale = 20 / max(ink.shape)
    shape = tuple(max(1, round(n * scale)) for n in ink.shape)
    return np.clip(resized(ink, shape=shape), 0, 255)


def center(ink: Ink) -> Prepared:
    """Put the center of mass into the middle of 28 x 28 pixels, as the training set has it."""
    row, column = ndimage.center_of_mass(ink)
    top = int(np.clip(round(13.5 - row), 0, 28 - ink.shape[0]))
    left = int(np.clip(round(13.5 - column), 0, 28 - ink.shape[1]))
    picture = np.zeros((28, 28), np.uint8)
    picture[top : top + ink.shape[0], left : left + ink.shape[1]] = np.uint8(ink + 0.5)
    return picture


def is_prepared_digit(picture: Prepared) -> bool:
    """Tell whether a digit fits into 20 x 20 pixels and is centered by mass, as in MNIST.

    LeCun, Bottou, Bengio and Haffner 1998, "Gradient-Based Learning Applied to Document
    Recognition", section III.
    """
    size = max(part.stop - part.start for part in box(picture > 0))
    away = np.subtract(ndimage.center_of_mass(picture), 13.5)
    return bool(18 <= size <= 20 and np.abs(away).max() < 1.1)


DIGIT = Subject(
    "digit",
    steps=(
        ("transparent to plain", fill_transparent),
        ("the sheet", find_sheet),
        ("light evened out", even_light),
        ("ink against paper", separate_ink),
        ("lines dropped", drop_lines),
        ("frame dropped", drop_frame),
        ("the digit alone", keep_digit),
        ("120 pixels", enlarge),
        ("only ink", threshold),
        ("stroke width", even_stroke),
        ("20 pixels", fit),
        ("centered", center),
    ),
    is_prepared=is_prepared_digit,
)


def _ink_axis(difference: np.ndarray) -> np.ndarray:
    """Find the direction in color in which the pixels farthest from the paper lie."""
    length = np.linalg.norm(difference, axis=2)
    far = difference[length >= np.quantile(length, 0.98)]
    axis = np.linalg.svd(far, full_matrices=False)[2][0].astype(np.float32)
    return axis if ((far @ axis) ** 3).sum() > 0 else -axis


def _level_lines(mask: Mask) -> Mask:
    """Mark the thin lines that cross the picture from left to right, within 20 degrees of level."""
    width, lines = mask.shape[1], np.zeros(mask.shape, bool)
    ends = slice(0, width // 12), slice(width - width // 12, width)
    if not all(mask[:, end].any() for end in ends):
        return lines
    thick = ndimage.binary_opening(mask, np.ones((2 + width // 40, 1)))
    thin = mask & ~thick
    angles = np.radians(np.arange(70, 110.5, 0.5))
    votes, _, distances = hough_line(thin, angles)
    y, x = np.indices(mask.shape)
    while votes.max() > 0.5 * width:
        d, a = np.unravel_index(votes.argmax(), votes.shape)
        near = np.abs(x * np.cos(angles[a]) + y * np.sin(angles[a]) - distances[d]) < 3
        if all((thin & near)[:, end].any() for end in ends):
            lines |= near
        votes[max(0, d - 4) : d + 5] = 0
    return lines & ~thick


def _is_box(part: Part, parts: list[Part], labels: np.ndarray) -> bool:
    """Tell whether a part is a drawn box, hollow and with straight sides, around a digit."""
    top, left, bottom, right = part.box
    inside = [
        other
        for other in parts
        if top < other.box[0] and left < other.box[1] and bottom > other.box[2]
        if right > other.box[3] and other.mass > 0.1 * part.mass
    ]
    shape = labels[top:bottom, left:right] == part.label
    filled = ndimage.binary_fill_holes(shape)
    return bool(inside) and filled.sum() > 1.5 * shape.sum() and is_rectangle(filled)


def _belongs(part: Part, kept: list[Part], on_frame: bool) -> bool:
    """Tell whether a part is a stroke of this digit: of enough ink, and near for its size."""
    if not 0.02 < part.mass / kept[0].mass < 3:
        return False
    boxes = np.array([each.box for each in kept])
    size = max(boxes[:, 2].max() - boxes[:, 0].min(), boxes[:, 3].max() - boxes[:, 1].min())
    size = max(size, min(part.size, 1.5 * size))
    reach = min(0.4, 0.03 + 2 * part.mass / kept[0].mass)
    return gap(part, kept) < reach * size * (0.5 if on_frame else 1)


def _expect_one(parts: list[Part]) -> None:
    """Tell several digits from one in broken strokes: side by side, alike, with a gap between."""
    boxes = np.array([part.box for part in parts if part.mass > 0.25 * parts[0].mass])
    height = boxes[:, 2].max() - boxes[:, 0].min()
    alike = sorted(boxes[np.ptp(boxes[:, ::2], axis=1) > 0.7 * height], key=lambda box: box[1])
    for one, other in itertools.pairwise(alike):
        if other[1] - one[3] > 0.15 * height:
            advice = "cut the picture so that it holds one"
            raise PhotoError(f"several digits seen, {len(alike)} side by side: {advice}")
