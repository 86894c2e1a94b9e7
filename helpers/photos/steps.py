"""What steps are made of: the pictures that they hand on, the subjects, and tools for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Color = NDArray[np.uint8]  # (height, width, 3): red, green, blue; a fourth value is the opacity
Cutout = NDArray[np.uint8]  # (height, width, 4): opaque where the garment is, else transparent
Ink = NDArray[np.float32]  # (height, width): 0 is the background; the larger, the more ink
Mask = NDArray[np.bool_]  # (height, width): true for the pixels that are marked
Prepared = NDArray[np.uint8]  # (28, 28): light on dark, like a picture of the training set


@dataclass(frozen=True)
class Subject:
    """What pictures show, such as a digit, and how such a picture is prepared.

    Attributes
    ----------
    name
        What ``prepare_photo`` calls it.
    steps
        Titles and functions, from a ``Color`` picture to a ``Prepared`` one: each function takes
        what the one before it returns.
    is_prepared
        Tells whether 28 x 28 gray values already are like a picture of the training set.
    """

    name: str
    steps: tuple[tuple[str, Callable[[Any], Any]], ...]
    is_prepared: Callable[[Prepared], bool]


def outermost(picture: np.ndarray) -> np.ndarray:
    """Return the outermost pixels in a row."""
    return np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])


def box(mask: Mask) -> tuple[slice, slice]:
    """Return the rows and the columns that hold all that is marked."""
    if not mask.any():
        return slice(0, 0), slice(0, 0)
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def resized(
    picture: np.ndarray,
    scale: float = 1.0,
    shape: tuple[int, ...] | None = None,
    grow: bool = False,
) -> np.ndarray:
    """Resize with averaging: to a shape, or by a scale, which enlarges only with ``grow``."""
    if shape is None:
        scale = scale if grow else min(scale, 1)
        shape = tuple(max(1, round(n * scale)) for n in picture.shape[:2])
    height, width = shape
    if shape == picture.shape[:2]:
        return picture
    method = Image.Resampling.BOX if height < picture.shape[0] else Image.Resampling.BICUBIC
    picture = picture.astype(np.float32) if picture.ndim == 2 else picture
    return np.asarray(Image.fromarray(picture).resize((width, height), method))
