"""Counts of a data set: pictures per class, and pixels per gray value."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from helpers._shared import BLUE
from helpers.figures.inputs import as_ids


def plot_class_counts(labels: np.ndarray, class_names: Sequence[str]) -> Figure:
    """Draw how many pictures each class has: one bar per class, with the count on it.

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
    labels = as_ids(labels, len(class_names))
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
    title
        Written above the bars.

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
