"""The steps that make a picture of a digit like MNIST's: one function each, in their order."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from helpers.photos.arrays import box, outermost, resized
from helpers.photos.opening import PhotoError

STROKE = (2.3, 3.4)  # pixels of 28: the middle half of MNIST's digits, which a test measures
BLOT = 0.72  # of the square around it: a disc fills pi / 4 = 0.79, no digit of MNIST so much
EVEN = 0.08  # paper is even if its tones vary by less than this share of its contrast with ink
COARSE = 200  # pixels of the longer side, where the digit is looked for
PALEST = 6  # gray values, 0-255: less contrast than this is paper


def fill_transparent(picture: np.ndarray) -> np.ndarray:
    """Put transparent pixels onto white, or onto black where all that is opaque is light."""
    if picture.shape[2] == 3:
        return picture
    colors, alpha = picture[..., :3], picture[..., 3:] / np.float32(255)
    opaque = colors[alpha[..., 0] > 0.5].mean(axis=-1)
    ground = 0 if opaque.size and np.percentile(opaque, 1) > 140 else 255
    return np.uint8(colors * alpha + ground * (1 - alpha) + 0.5)


def find_sheet(picture: np.ndarray) -> np.ndarray:
    """Cut out the sheet of paper, where the picture shows a table or a desk all around it."""
    from scipy import ndimage
    from skimage.measure import regionprops

    small = resized(picture, 96 / max(picture.shape)).mean(axis=2, dtype=np.float32)
    mask, light = _ink(small)
    labels, count = ndimage.label(mask & (not light))  # what is lighter than what lies around
    if not count:
        return picture
    sheet = max(regionprops(labels), key=lambda part: part.area)
    solid = sheet.area > 0.8 * sheet.area_filled and _is_rectangle(sheet.image_filled)
    tones = small[sheet.slice][ndimage.binary_erosion(sheet.image_convex, iterations=2)]
    written = tones.size and np.median(tones) - tones.min() > 0.2 * np.median(tones)
    inside = np.mean(outermost(labels == sheet.label)) < 0.15
    if not (solid and written and inside and sheet.area > 0.1 * small.size):
        return picture
    rows, columns = sheet.slice
    cut = _cut(picture, rows, columns, small.shape)
    inside = ndimage.binary_erosion(sheet.image_convex, iterations=2)
    inside = resized(np.float32(inside), shape=cut.shape[:2]) > 0.5
    return np.where(inside[..., None], cut, np.uint8(np.median(cut[inside], axis=0)))


def _is_rectangle(shape: np.ndarray) -> bool:
    """Tell whether a shape fills the smallest rectangle around it, which may be turned.

    A sheet seen at a slant nearly does; an oval, as a thick 0 is, fills pi / 4 = 0.79 of it.
    """
    angles = np.radians(np.arange(0, 90, 3))
    across = np.argwhere(shape) @ np.array([np.cos(angles), np.sin(angles)])
    along = np.argwhere(shape) @ np.array([-np.sin(angles), np.cos(angles)])
    return shape.sum() > 0.83 * ((np.ptp(across, axis=0) + 1) * (np.ptp(along, axis=0) + 1)).min()


def even_light(picture: np.ndarray) -> np.ndarray:
    """Take shadows and gradients out: each pixel is compared with the paper around it."""
    from scipy import ndimage

    small = resized(picture, 96 / max(picture.shape)).mean(axis=2, dtype=np.float32)
    mask, _ = _ink(small)
    contrast = abs(small[mask].mean() - small[~mask].mean()) if mask.any() else 0
    window = 1 + max(small.shape) // 4  # wider than a stroke, not than a shadow
    stroke = not ndimage.minimum_filter(mask, window, mode="constant", cval=1).any()
    plain = small[~ndimage.binary_dilation(mask, iterations=2)]  # without the edges of strokes
    if stroke and (not plain.size or plain.std() <= EVEN * contrast):
        return picture
    around = ndimage.uniform_filter(small, 1 + max(small.shape) // 6)
    light = ((small - around) ** 3).sum() < 0  # ink stands out from what is around it
    wide = np.pad(small, window, "reflect", reflect_type="odd")  # the light goes on outside
    paper = (ndimage.grey_closing if light else ndimage.grey_opening)(wide, window)
    paper = ndimage.gaussian_filter(paper, 1)[window:-window, window:-window]
    paper = resized(paper, shape=picture.shape[:2])[..., None]
    if light:  # light multiplies what paper and ink reflect
        return np.uint8(np.clip(picture * (paper.max() / np.maximum(paper, 20)), 0, 255))
    return np.uint8(np.clip(picture - (paper - paper.min()), 0, 255))


def _ink(tone: np.ndarray) -> tuple[np.ndarray, bool]:
    """Split light from dark by Otsu's threshold: what is ink, and whether the paper is lighter.

    Paper is what has more of the area and of the border together. The border is looked at in three
    depths, since one of them may be a drawn frame.
    """
    from skimage.filters import threshold_otsu

    if np.ptp(tone) < 1:
        return np.zeros(tone.shape, bool), True
    above = tone > threshold_otsu(tone)
    depths = 0, min(above.shape) // 24, min(above.shape) // 12
    border = [
        outermost(above[d : above.shape[0] - d, d : above.shape[1] - d]).mean() for d in depths
    ]
    light = above.mean() + np.median(border) > 1
    return above != light, bool(light)


def separate_ink(picture: np.ndarray) -> np.ndarray:
    """Measure how far each pixel's color lies from the paper's toward the ink's: 0 is paper."""
    scale = max(72 / max(picture.shape), 12 / min(picture.shape[:2]))
    small = resized(picture, scale).astype(np.float32)
    paper = np.median(small[::2, ::2], axis=(0, 1))
    axis = _ink_axis(small - paper)
    ink, _ = _ink((small - paper) @ axis)
    paper = np.median(small[~ink][::3], axis=0)  # which counts where there is more ink than paper
    axis = _ink_axis(small - paper)
    return picture.astype(np.float32) @ axis - np.float32(paper @ axis)


def _ink_axis(difference: np.ndarray) -> np.ndarray:
    """Find the direction in color in which the pixels farthest from the paper lie."""
    length = np.linalg.norm(difference, axis=2)
    far = difference[length >= np.quantile(length, 0.98)]
    axis = np.linalg.svd(far, full_matrices=False)[2][0].astype(np.float32)
    return axis if ((far @ axis) ** 3).sum() > 0 else -axis


def _coarse(ink: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Reduce to ``COARSE`` pixels, even out what a pen leaves blank, and mark what is ink."""
    from scipy import ndimage

    small = resized(ink, COARSE / max(ink.shape))
    if max(small.shape) > COARSE // 2:
        small = ndimage.uniform_filter(small, 3)
    return small, _mask(small)


def _mask(ink: np.ndarray, low: float = 0.5) -> np.ndarray:
    """Mark what is ink: Otsu's threshold for its core, and paler ink connected with it."""
    from skimage.filters import apply_hysteresis_threshold, threshold_otsu

    floor = _palest(ink)
    candidates = ink[ink > floor]
    if candidates.size < 4:
        return np.zeros(ink.shape, bool)
    high = threshold_otsu(candidates) if np.ptp(candidates) > 1 else floor
    return apply_hysteresis_threshold(ink, max(floor, low * high), high)


def _palest(ink: np.ndarray) -> float:
    """Give the tone above which it is not paper: more than its noise, and seen beside the ink."""
    below = ink[::3, ::3][ink[::3, ::3] < 0]
    noise = 1.4826 * np.median(-below) if below.size else 0  # of a normal distribution
    return max(5 * noise, 0.1 * ink.max(), PALEST)


def drop_lines(ink: np.ndarray) -> np.ndarray:
    """Drop ruled lines and grids: thin and straight from one side to the other.

    Where a stroke crosses such a line, it is higher than the line is thick, and stays.
    """
    if max(ink.shape) < 100:  # a printed line would be thinner than a pixel
        return ink
    small, dark = _coarse(ink)
    gone = np.zeros(dark.shape, bool)
    for mask in (dark, small > _palest(small)):  # lines as dark as the ink, and paler ones
        gone |= _level_lines(mask) | _level_lines(mask.T).T
    if not gone.any() or not (dark & ~gone).any():
        return ink
    return np.where(resized(np.float32(gone), shape=ink.shape) > 0.5, np.float32(0), ink)


def _level_lines(mask: np.ndarray) -> np.ndarray:
    """Mark the thin lines that cross the picture from left to right, within 20 degrees of level."""
    from scipy import ndimage
    from skimage.transform import hough_line

    width, gone = mask.shape[1], np.zeros(mask.shape, bool)
    ends = slice(0, width // 12), slice(width - width // 12, width)
    if not all(mask[:, end].any() for end in ends):
        return gone
    thick = ndimage.binary_opening(mask, np.ones((2 + width // 40, 1)))
    thin = mask & ~thick
    angles = np.radians(np.arange(70, 110.5, 0.5))
    votes, _, distances = hough_line(thin, angles)
    y, x = np.indices(mask.shape)
    while votes.max() > 0.5 * width:
        d, a = np.unravel_index(votes.argmax(), votes.shape)
        near = np.abs(x * np.cos(angles[a]) + y * np.sin(angles[a]) - distances[d]) < 3
        if all((thin & near)[:, end].any() for end in ends):
            gone |= near
        votes[max(0, d - 4) : d + 5] = 0
    return gone & ~thick


def drop_frame(ink: np.ndarray) -> np.ndarray:
    """Drop what lies along the frame, in a corner, or around: a scan's border, a table, a box.

    It stays where nothing else is in the picture.
    """
    small, mask = _coarse(ink)
    labels, parts = _parts(mask, small)
    corners = labels[[0, 0, -1, -1], [0, -1, 0, -1]]
    sides = labels[0], labels[-1], labels[:, 0], labels[:, -1]
    along = [
        part
        for part in parts
        if part.label in corners or max(np.mean(side == part.label) for side in sides) > 0.5
    ]
    inner = [part for part in parts if part not in along][:1]
    reach = 0.05 * max(mask.shape)  # nearer than that it is a stroke of the digit
    along = [part for part in along if not inner or _gap(part, inner) > reach]
    along += [part for part in parts if part not in along and _is_box(part, parts, labels)]
    if not along:
        return ink
    rest = _without(ink, mask, np.isin(labels, [part.label for part in along]))
    digit = box(_coarse(rest)[1])
    return rest if max(part.stop - part.start for part in digit) > 0.06 * max(mask.shape) else ink


def _is_box(part: _Part, parts: list[_Part], labels: np.ndarray) -> bool:
    """Tell whether a part is a drawn box, hollow and with straight sides, around a digit."""
    from scipy import ndimage

    top, left, bottom, right = part.box
    inside = [
        other
        for other in parts
        if top < other.box[0] and left < other.box[1] and bottom > other.box[2]
        if right > other.box[3] and other.mass > 0.1 * part.mass
    ]
    shape = labels[top:bottom, left:right] == part.label
    filled = ndimage.binary_fill_holes(shape)
    return bool(inside) and filled.sum() > 1.5 * shape.sum() and _is_rectangle(filled)


def keep_digit(ink: np.ndarray) -> np.ndarray:
    """Cut out the strongest stroke and what lies near it; drop specks and all else."""
    small, mask = _coarse(ink)
    labels, parts = _parts(mask, small)
    if not parts:
        raise PhotoError(_NOTHING)
    _expect_one(parts)
    main, *rest = sorted(parts, key=lambda part: -part.mass * (0.1 if _on_frame(part, mask) else 1))
    kept, near, whole = [], [main], not _on_frame(main, mask)
    while near:
        kept += near
        rest = [part for part in rest if part not in near]
        near = [part for part in rest if _belongs(part, kept, whole and _on_frame(part, mask))]
    digit = np.isin(labels, [part.label for part in kept])
    rows, columns = box(digit)
    if max(rows.stop - rows.start, columns.stop - columns.start) < 0.02 * max(mask.shape):
        raise PhotoError(_NOTHING)  # a speck
    rest = _without(ink, mask, mask & ~digit)
    return _cut(rest, _grown(rows, 2), _grown(columns, 2), small.shape)


_NOTHING = (
    "no digit found, the picture has nearly one tone: write with a darker or thicker pen, and come "
    "closer"
)


def _on_frame(part: _Part, mask: np.ndarray) -> bool:
    top, left, bottom, right = part.box
    return top == 0 or left == 0 or bottom == mask.shape[0] or right == mask.shape[1]


def _belongs(part: _Part, kept: list[_Part], on_frame: bool) -> bool:
    """Tell whether a part is a stroke of this digit: of enough ink, and near for its size."""
    if not 0.02 < part.mass / kept[0].mass < 3:
        return False
    boxes = np.array([each.box for each in kept])
    size = max(boxes[:, 2].max() - boxes[:, 0].min(), boxes[:, 3].max() - boxes[:, 1].min())
    size = max(size, min(part.size, 1.5 * size))
    reach = min(0.4, 0.03 + 2 * part.mass / kept[0].mass)
    return _gap(part, kept) < reach * size * (0.5 if on_frame else 1)


def _gap(part: _Part, others: list[_Part]) -> float:
    """Give the distance in pixels between a part and the nearest of others."""
    from scipy.spatial.distance import cdist

    return cdist(part.points, np.concatenate([each.points for each in others])).min()


def _expect_one(parts: list[_Part]) -> None:
    """Tell several digits from one in broken strokes: side by side, alike, with a gap between."""
    boxes = np.array([part.box for part in parts if part.mass > 0.25 * parts[0].mass])
    height = boxes[:, 2].max() - boxes[:, 0].min()
    alike = sorted(boxes[np.ptp(boxes[:, ::2], axis=1) > 0.7 * height], key=lambda box: box[1])
    for one, other in itertools.pairwise(alike):
        if other[1] - one[3] > 0.15 * height:
            advice = "cut the picture so that it holds one"
            raise PhotoError(f"several digits seen, {len(alike)} side by side: {advice}")


@dataclass(frozen=True, eq=False)
class _Part:
    """Ink that is connected: its label, how much it is, its box, and every third of its pixels."""

    label: int
    mass: float
    box: tuple[int, int, int, int]  # top, left, bottom, right
    points: np.ndarray  # (n, 2): rows and columns

    @property
    def size(self) -> int:
        return max(self.box[2] - self.box[0], self.box[3] - self.box[1])


def _parts(mask: np.ndarray, ink: np.ndarray) -> tuple[np.ndarray, list[_Part]]:
    """Find the connected parts, the one with most ink first; what is less than dust is left out."""
    from scipy import ndimage

    labels, count = ndimage.label(mask, np.ones((3, 3)))
    masses = ndimage.sum_labels(ink, labels, np.arange(1, count + 1))
    parts = []
    for label, (mass, place) in enumerate(
        zip(masses, ndimage.find_objects(labels), strict=True), 1
    ):
        if mass >= 0.005 * masses.max():
            (top, bottom), (left, right) = ((part.start, part.stop) for part in place)
            points = np.argwhere(labels[place] == label)[::3] + np.array([top, left])
            parts.append(_Part(label, mass, (top, left, bottom, right), points))
    return labels, sorted(parts, key=lambda part: -part.mass)


def _without(ink: np.ndarray, mask: np.ndarray, gone: np.ndarray) -> np.ndarray:
    """Set what is marked as gone, and the paper beside it, to paper."""
    from scipy import ndimage

    if not gone.any():
        return ink
    gone = gone | (ndimage.binary_dilation(gone, np.ones((3, 3)), 3) & ~mask)
    return np.where(resized(np.float32(gone), shape=ink.shape) > 0.5, np.float32(0), ink)


def enlarge(ink: np.ndarray) -> np.ndarray:
    """Bring the digit to the size that is good to work with: 120 pixels with its margin."""
    ink = np.pad(ink, max(2, max(ink.shape) // 10))
    return resized(ink, 120 / max(ink.shape), grow=True)


def _grown(part: slice, margin: int) -> slice:
    return slice(max(0, part.start - margin), max(part.start + 1, part.stop + margin))


def _cut(picture: np.ndarray, rows: slice, columns: slice, shape: tuple) -> np.ndarray:
    """Cut rows and columns of a reduced picture of this shape out of the whole one."""
    scale = picture.shape[0] / shape[0]
    ends = (int(n * scale) for n in (rows.start, rows.stop, columns.start, columns.stop))
    top, bottom, left, right = ends
    return picture[top : bottom + 1, left : right + 1]


def threshold(ink: np.ndarray) -> np.ndarray:
    """Make ink white and all else black."""
    from scipy import ndimage

    mask = _mask(ndimage.gaussian_filter(ink, 0.7), 0.65)
    if not mask.any():
        raise PhotoError(_NOTHING)
    labels, parts = _parts(mask, ink)
    strokes = [part.label for part in parts if part.mass > 0.02 * parts[0].mass]
    white = np.isin(labels, strokes)
    if share_of_square(white) > BLOT:
        raise PhotoError("a blot is seen, no strokes of a pen: write a digit, or come closer")
    return np.float32(255) * white


def share_of_square(mask: np.ndarray) -> float:
    """Give the share that a mask fills of the smallest upright square around it."""
    return mask.sum() / max(mask[box(mask)].shape) ** 2


def even_stroke(ink: np.ndarray) -> np.ndarray:
    """Bring the stroke's width to the training set's."""
    from scipy import ndimage
    from skimage.morphology import skeletonize

    for _ in range(2):
        mask = ink[box(ink > 127)] > 127
        unit = max(mask.shape) / 20
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


def stroke_width(mask: np.ndarray) -> float:
    """Give the mean width of strokes in pixels: their area by the length of their middle line."""
    from skimage.morphology import skeletonize

    return mask.sum() / max(1, skeletonize(mask).sum())


def fit(ink: np.ndarray) -> np.ndarray:
    """Fit the digit into 20 x 20 pixels with gray edges, its proportions kept."""
    ink = ink[box(ink > 127)]
    scale = 20 / max(ink.shape)
    shape = tuple(max(1, round(n * scale)) for n in ink.shape)
    return np.clip(resized(ink, shape=shape), 0, 255)


def center(ink: np.ndarray) -> np.ndarray:
    """Put the center of mass into the middle of 28 x 28 pixels, as the training set has it."""
    from scipy import ndimage

    row, column = ndimage.center_of_mass(ink)
    top = int(np.clip(round(13.5 - row), 0, 28 - ink.shape[0]))
    left = int(np.clip(round(13.5 - column), 0, 28 - ink.shape[1]))
    picture = np.zeros((28, 28), np.uint8)
    picture[top : top + ink.shape[0], left : left + ink.shape[1]] = np.uint8(ink + 0.5)
    return picture


DIGIT_STEPS = (
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
)
