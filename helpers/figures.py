"""The course's figures: each function draws one and returns its ``Figure``.

Colors are from the palette of Okabe and Ito (2008), which people with any color vision tell apart.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

BLUE, ORANGE, GREEN, GRAY = "#0072B2", "#D55E00", "#009E73", "#666666"


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
    image = _one_picture(image)
    figure, axis = plt.subplots(figsize=(3, 3), layout="constrained")
    drawn = axis.imshow(image, cmap="gray", interpolation="nearest", vmin=0, vmax=_white(image))
    figure.colorbar(drawn, shrink=0.8, label="pixel value")
    axis.set(title=title, xlabel="column", ylabel="row")
    return figure


def show_grid(
    images: np.ndarray, names: Sequence[str] | None = None, rows: int = 4, columns: int = 10
) -> Figure:
    """Draw the first ``rows`` x ``columns`` pictures, each with its name under it.

    Parameters
    ----------
    images
        (n, 28, 28) or (n, 28, 28, 1). If there are fewer than the grid holds, the rest stays empty.
    names
        One name a picture, or None for no names. Longer than ``images`` is fine, shorter is not.

    Raises
    ------
    ValueError
        If ``images`` is not a stack of pictures, or names are missing.
    """
    images = _pictures(images)[: rows * columns]
    if rows < 1 or columns < 1:
        raise ValueError(f"expected at least 1 row and 1 column, got {rows} and {columns}")
    if names is not None and len(names) < len(images):
        raise ValueError(f"expected a name for each of {len(images)} pictures, got {len(names)}")
    size = (0.8 * columns, (0.8 if names is None else 1) * rows)
    figure, axes = plt.subplots(rows, columns, figsize=size, squeeze=False, layout="constrained")
    white = _white(images)
    for axis in axes.flat[len(images) :]:
        axis.set_axis_off()
    for position, (axis, image) in enumerate(zip(axes.flat, images, strict=False)):
        axis.imshow(image, cmap="gray", interpolation="nearest", vmin=0, vmax=white)
        axis.set(xticks=[], yticks=[])
        if names is not None:
            axis.set_xlabel(str(names[position]), fontsize=8, labelpad=2)
    return figure


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
    image = _one_picture(image)
    rows, columns = image.shape
    size = min(0.5, 8.4 / columns)  # inches a pixel
    figure, axis = plt.subplots(figsize=(size * columns, size * rows), layout="constrained")
    white = _white(image)
    axis.imshow(image, cmap="gray", interpolation="nearest", vmin=0, vmax=white)
    for row, column in np.ndindex(rows, columns):
        value = image[row, column]
        text = "·" if value == 0 else f"{value:.2g}" if image.dtype.kind == "f" else str(value)
        color = "black" if value > white / 2 else "white"
        axis.text(column, row, text, ha="center", va="center", fontsize=22 * size, color=color)
    axis.set(title=title, xlabel="column", ylabel="row")
    return figure


def plot_class_counts(labels: np.ndarray, class_names: Sequence[str]) -> Figure:
    """Draw how many pictures each class has, one bar a class, with the count on it.

    Parameters
    ----------
    labels
        (n,) integers, each a position in ``class_names``.
    class_names
        The name of each class, in the order of the ids.

    Raises
    ------
    ValueError
        If a label has no name, or labels are not whole numbers (one-hot rows, for example).
    """
    labels = np.asarray(labels)
    if labels.ndim != 1 or labels.dtype.kind not in "iu" or not labels.size:
        advice = "turn one-hot rows into ids with labels.argmax(axis=1)"
        if labels.ndim != 2:
            advice = "pass labels such as train_labels first, then the names"
        raise ValueError(
            f"expected labels as whole numbers, shape (n,), got {labels.dtype} {labels.shape}: "
            + advice
        )
    if labels.min() < 0 or labels.max() >= len(class_names):
        raise ValueError(
            f"labels go from {labels.min()} to {labels.max()}, but there are names for "
            f"0 to {len(class_names) - 1}: pass one name a class"
        )
    counts = np.bincount(labels, minlength=len(class_names))
    figure, axis = plt.subplots(figsize=(6, 0.3 * len(class_names) + 0.8), layout="constrained")
    bars = axis.barh(list(map(str, class_names)), counts, color=BLUE)
    axis.bar_label(bars, fmt="{:,.0f}", padding=3)
    axis.invert_yaxis()  # class 0 on top
    axis.set(title="Pictures in each class", xlabel="number of pictures")
    axis.margins(x=0.12)
    return figure


def plot_pixel_histogram(images: np.ndarray, title: str = "How often each gray occurs") -> Figure:
    """Draw how often each pixel value occurs, on a logarithmic axis.

    Parameters
    ----------
    images
        One picture or several, uint8, 0 black to 255 white.

    Raises
    ------
    ValueError
        If there are no pixels, or they are not uint8, or these are labels.
    """
    images = np.asarray(images)
    if images.dtype != np.uint8 or not images.size or images.ndim < 2:
        raise ValueError(
            f"expected uint8 pictures with values 0 to 255, got {images.dtype} {images.shape}: "
            "pass them as they were loaded, before any scaling"
        )
    counts = np.bincount(images.ravel(), minlength=256)
    figure, axis = plt.subplots(figsize=(6, 2.6), layout="constrained")
    axis.bar(range(256), counts, width=1, color=BLUE)
    axis.set_yscale("log")
    axis.set(title=title, xlabel="pixel value (0 black, 255 white)", ylabel="number of pixels")
    return figure


def save_figure(figure: Figure, name: str, folder: str | Path = "images") -> Path:
    """Save a figure as ``folder/name.png``, trimmed, at 150 dots an inch, and return its path.

    The folder is made if necessary. The file appears whole or not at all: an older one of this name
    is replaced at the end.

    Raises
    ------
    ValueError
        If ``name`` is empty, holds a folder, or ends in another format.
    TypeError
        If ``figure`` is not a figure, or ``name`` is not text.
    """
    if not isinstance(figure, Figure) or not isinstance(name, str):
        seen = f"{type(figure).__name__} and {type(name).__name__}"
        raise TypeError(f"expected a figure, then a name: save_figure(figure, 'grid'), got {seen}")
    name = name.removesuffix(".png")
    if not name or Path(name).name != name or Path(name).suffix:
        raise ValueError(f"expected a plain name such as 'grid', got {name!r}: use folder= as well")
    path = Path(folder) / f"{name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{uuid.uuid4().hex}.part")
    try:
        figure.savefig(temporary, format="png", dpi=150, bbox_inches="tight")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return path


def _pictures(images: np.ndarray) -> np.ndarray:
    """Check that these are pictures, and drop a channel axis of length 1."""
    images = _as_array(images)
    if images.ndim == 4 and images.shape[-1] == 1:
        images = images[..., 0]
    if images.ndim != 3 or not images.size or images.dtype.kind not in "uifb":
        raise ValueError(
            f"expected pictures of shape (n, 28, 28), got {images.dtype} {images.shape}: "
            "for one picture, use show_image"
        )
    return images


def _one_picture(image: np.ndarray) -> np.ndarray:
    """Check that this is one picture, and drop a channel axis of length 1."""
    image = _as_array(image)
    if image.ndim == 3 and image.shape[-1] == 1:
        image = image[..., 0]
    if image.ndim != 2 or not image.size or image.dtype.kind not in "uifb":
        raise ValueError(
            f"expected one picture of shape (28, 28), got {image.dtype} {image.shape}: "
            "pass one, as in train_images[0]; for several, use show_grid"
        )
    return image


def _as_array(images: np.ndarray) -> np.ndarray:
    """Refuse the pair of pictures and labels that the loaders give."""
    if isinstance(images, tuple):
        raise ValueError("got a tuple: unpack it, as in train_images, train_labels = train")
    return np.asarray(images)


def _white(images: np.ndarray) -> float:
    """Give the value drawn as white: 1 for pictures scaled to 0-1, else 255."""
    scaled = images.dtype.kind in "fb" and not np.nanmax(images) > 1
    return 1 if scaled else 255
