"""Pictures in gray: one, many in a grid, or one with its pixel values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from helpers.figures.inputs import as_pictures


def show_image(image: np.ndarray, title: str = "") -> Figure:
    """Draw one picture in gray, with its row and column numbers.

    Parameters
    ----------
    image
        (28, 28) or any (rows, columns); a last axis of length 1 is allowed. Black is the smallest
        possible value (0), white the largest: 255 for integers, 1 for floats that do not exceed 1.
    title
        Written above the picture.

    Raises
    ------
    ValueError
        If ``image`` is not one picture.
    """
    image = as_pictures(image, 2)
    figure, axis = plt.subplots(figsize=(3, 3), layout="constrained")
    drawn = axis.imshow(image, interpolation="nearest", **gray_scale(image))
    figure.colorbar(drawn, shrink=0.8, label="pixel value")
    axis.set(title=title, xlabel="column", ylabel="row")
    return figure


def show_grid(
    images: np.ndarray, names: Sequence[Any] | None = None, rows: int = 4, columns: int = 10
) -> Figure:
    """Draw the first ``rows`` x ``columns`` pictures, each with its name under it.

    Parameters
    ----------
    images
        (n, 28, 28) or (n, 28, 28, 1). If there are fewer than the grid holds, the rest stays empty.
    names
        One name per picture, or None for no names. There may be more names than pictures.
    rows, columns
        The size of the grid, each at least 1.

    Raises
    ------
    ValueError
        If ``images`` is not a stack of pictures, names are missing, or the grid is empty.
    """
    images = as_pictures(images)
    rows, columns = grid_shape(len(images), rows, columns)
    images = images[: rows * columns]
    if names is not None and len(names) < len(images):
        raise ValueError(f"expected a name for each of {len(images)} pictures, got {len(names)}")
    return draw_grid(images, names, rows, columns, **gray_scale(images))


def show_pixels(image: np.ndarray, title: str = "") -> Figure:
    """Draw one picture with the value of each pixel written on it.

    Parameters
    ----------
    image
        (28, 28), integers 0 to 255. Zeros are drawn as dots, so that the shape stays visible.
    title
        Written above the picture.

    Raises
    ------
    ValueError
        If ``image`` is not one picture.
    """
    image = as_pictures(image, 2)
    rows, columns = image.shape
    size = min(0.5, 8.4 / columns)  # inches per pixel
    figure, axis = plt.subplots(figsize=(size * columns, size * rows), layout="constrained")
    scale = gray_scale(image)
    axis.imshow(image, interpolation="nearest", **scale)
    for row, column in np.ndindex(rows, columns):
        value = image[row, column]
        text = "·" if value == 0 else f"{value:.2g}" if image.dtype.kind == "f" else str(value)
        color = "black" if value > scale["vmax"] / 2 else "white"
        axis.text(column, row, text, ha="center", va="center", fontsize=22 * size, color=color)
    axis.set(title=title, xlabel="column", ylabel="row")
    return figure


def gray_scale(images: np.ndarray) -> dict[str, Any]:
    """Return what ``imshow`` needs to draw 0 black and the largest possible value white.

    The largest is 1 for pictures scaled to 0-1, else 255.
    """
    scaled = images.dtype.kind in "fb" and not np.nanmax(images) > 1
    return {"cmap": "gray", "vmin": 0, "vmax": 1 if scaled else 255}


def grid_shape(count: int, rows: int | None, columns: int) -> tuple[int, int]:
    """Return the rows and columns of a grid; if ``rows`` is None, as many as ``count`` panels need.

    Raises
    ------
    ValueError
        If less than 1 row or column is asked for.
    """
    if columns < 1 or (rows is not None and rows < 1):
        raise ValueError(f"expected at least 1 row and 1 column, got {rows} and {columns}")
    return (-(-count // columns), min(columns, count)) if rows is None else (rows, columns)


def draw_grid(
    pictures: np.ndarray,
    names: Sequence[Any] | None,
    rows: int,
    columns: int,
    bar: str = "",
    **scale: Any,
) -> Figure:
    """Draw pictures on one ``scale`` (arguments of ``imshow``), each with its name under it.

    If ``bar`` is not empty, a color bar with this label stands beside them.
    """
    size = (0.8 * columns + 1.2 * bool(bar), (0.8 if names is None else 1) * rows + 0.4 * bool(bar))
    figure, axes = plt.subplots(rows, columns, figsize=size, squeeze=False, layout="constrained")
    for axis in axes.flat[len(pictures) :]:
        axis.set_axis_off()
    for position, (axis, picture) in enumerate(zip(axes.flat, pictures, strict=False)):
        drawn = axis.imshow(picture, interpolation="nearest", **scale)
        axis.set(xticks=[], yticks=[])
        if names is not None:
            axis.set_xlabel(str(names[position]), fontsize=8, labelpad=2)
    if bar:
        figure.colorbar(drawn, ax=axes, label=bar)
    return figure
