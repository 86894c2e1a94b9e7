"""What the steps for digits and for garments share."""

from __future__ import annotations

import numpy as np


def outermost(picture: np.ndarray) -> np.ndarray:
    """Give the outermost pixels in a row."""
    return np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])


def box(mask: np.ndarray) -> tuple[slice, slice]:
    """Give rows and columns that hold all that is marked."""
    if not mask.any():
        return slice(0, 0), slice(0, 0)
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def resized(array, scale=1.0, shape=None, grow=False):
    """Resize with averaging: by a scale, smaller only unless ``grow``, or to a shape."""
    from PIL import Image

    if shape is None:
        scale = scale if grow else min(scale, 1)
        shape = tuple(max(1, round(n * scale)) for n in array.shape[:2])
    if shape == array.shape[:2]:
        return array
    how = Image.Resampling.BOX if shape[0] < array.shape[0] else Image.Resampling.BICUBIC
    if array.ndim == 2:
        return np.asarray(Image.fromarray(np.float32(array)).resize(shape[::-1], how))
    return np.asarray(Image.fromarray(array).resize(shape[::-1], how))
