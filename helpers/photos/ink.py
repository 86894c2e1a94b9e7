"""Find ink in a picture: how dark it must be, which parts hang together, and cutting them out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage
from scipy.spatial.distance import cdist
from skimage.filters import apply_hysteresis_threshold, threshold_otsu
from skimage.morphology import skeletonize

from helpers.photos.steps import Ink, Mask, box, outermost, resized

COARSE = 200  # pixels of the longer side, where the digit is looked for
PALEST = 6  # gray values, 0-255: less contrast than this is paper


@dataclass(frozen=True, eq=False)
class Part:
    """Connected ink: its label, how much it is, its box, and every third of its pixels."""

    label: int
    mass: float
    box: tuple[int, int, int, int]  # top, left, bottom, right
    points: np.ndarray  # (n, 2): rows and columns

    @property
    def size(self) -> int:
        """The longer side in pixels."""
        return max(self.box[2] - self.box[0], self.box[3] - self.box[1])


def split_tones(gray: np.ndarray) -> tuple[Mask, bool]:
    """Split light from dark by Otsu's threshold: what is ink, and whether the paper is lighter.

    Paper is what has more of the area and of the border together. The border is looked at in three
    depths, since one of them may be a drawn frame.
    """
    if np.ptp(gray) < 1:
        return np.zeros(gray.shape, bool), True
    above = gray > threshold_otsu(gray)
    height, width = above.shape
    depths = 0, min(above.shape) // 24, min(above.shape) // 12
    border = [outermost(above[d : height - d, d : width - d]).mean() for d in depths]
    paper_is_light = bool(above.mean() + np.median(border) > 1)
    return above != paper_is_light, paper_is_light


def mark_ink(ink: Ink, low: float = 0.5) -> Mask:
    """Mark what is ink: Otsu's threshold for its core, and paler ink connected with it."""
    lowest = palest(ink)
    candidates = ink[ink > lowest]
    if candidates.size < 4:
        return np.zeros(ink.shape, bool)
    high = threshold_otsu(candidates) if np.ptp(candidates) > 1 else lowest
    return apply_hysteresis_threshold(ink, max(lowest, low * high), high)


def palest(ink: Ink) -> float:
    """Return the tone above which it is not paper: more than its noise, and seen beside the ink."""
    below = ink[::3, ::3][ink[::3, ::3] < 0]
    noise = 1.4826 * np.median(-below) if below.size else 0  # of a normal distribution
    return max(5 * noise, 0.1 * ink.max(), PALEST)


def coarse(ink: Ink) -> tuple[Ink, Mask]:
    """Reduce to ``COARSE`` pixels, even out what a pen leaves blank, and mark what is ink."""
    small = resized(ink, COARSE / max(ink.shape))
    if max(small.shape) > COARSE // 2:
        small = ndimage.uniform_filter(small, 3)
    return small, mark_ink(small)


def find_parts(mask: Mask, ink: Ink) -> tuple[np.ndarray, list[Part]]:
    """Find the connected parts, the one with most ink first; dust is left out.

    Returns the number of its part for each pixel, 0 for the background, and the parts.
    """
    labels, count = ndimage.label(mask, np.ones((3, 3)))
    masses = ndimage.sum_labels(ink, labels, np.arange(1, count + 1))
    parts = []
    for label, place in enumerate(ndimage.find_objects(labels), 1):
        mass = masses[label - 1]
        if mass >= 0.005 * masses.max():
            rows, columns = place
            points = np.argwhere(labels[place] == label)[::3]
            points += np.array([rows.start, columns.start])
            corners = rows.start, columns.start, rows.stop, columns.stop
            parts.append(Part(label, mass, corners, points))
    return labels, sorted(parts, key=lambda part: -part.mass)


def touches_frame(part: Part, mask: Mask) -> bool:
    """Tell whether a part reaches the edge of the picture."""
    top, left, bottom, right = part.box
    return top == 0 or left == 0 or bottom == mask.shape[0] or right == mask.shape[1]


def gap(part: Part, others: list[Part]) -> float:
    """Return the distance in pixels between a part and the nearest of others."""
    return cdist(part.points, np.concatenate([each.points for each in others])).min()


def is_rectangle(mask: Mask) -> bool:
    """Tell whether a shape fills the smallest rectangle around it, which may be turned.

    A sheet seen at a slant nearly does; an oval, as a thick 0 is, fills pi / 4 = 0.79 of it.
    """
    angles = np.radians(np.arange(0, 90, 3))
    across = np.argwhere(mask) @ np.array([np.cos(angles), np.sin(angles)])
    along = np.argwhere(mask) @ np.array([-np.sin(angles), np.cos(angles)])
    return mask.sum() > 0.83 * ((np.ptp(across, axis=0) + 1) * (np.ptp(along, axis=0) + 1)).min()


def share_of_square(mask: Mask) -> float:
    """Return the share that a mask fills of the smallest upright square around it."""
    return mask.sum() / max(mask[box(mask)].shape) ** 2


def stroke_width(mask: Mask) -> float:
    """Return the mean width of strokes in pixels: their area by the length of their middle line."""
    return mask.sum() / max(1, skeletonize(mask).sum())


def erase(ink: Ink, mask: Mask, unwanted: Mask) -> Ink:
    """Set what is unwanted of a reduced picture's ink, and the paper beside it, to paper."""
    if not unwanted.any():
        return ink
    unwanted = unwanted | (ndimage.binary_dilation(unwanted, np.ones((3, 3)), 3) & ~mask)
    return blank(ink, unwanted)


def blank(ink: Ink, unwanted: Mask) -> Ink:
    """Set what is marked in a reduced picture to paper."""
    unwanted = resized(unwanted.astype(np.float32), shape=ink.shape) > 0.5
    return np.where(unwanted, np.float32(0), ink)


def cut(
    picture: np.ndarray, rows: slice, columns: slice, shape: tuple[int, ...], margin: int = 0
) -> np.ndarray:
    """Cut rows and columns of a reduced picture of this shape, and a margin, out of the whole."""
    scale = picture.shape[0] / shape[0]
    top, bottom, left, right = (
        int(n * scale)
        for part in (rows, columns)
        for n in (max(0, part.start - margin), part.stop + margin)
    )
    return picture[top : bottom + 1, left : right + 1]
