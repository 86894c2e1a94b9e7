"""How good a model's answers are: confusion matrix, probabilities, reliability."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from helpers._shared import BLUE, GRAY, ORANGE
from helpers.figures.inputs import as_ids, as_pictures, as_probabilities
from helpers.figures.pictures import gray_scale


def plot_confusion_matrix(
    labels: np.ndarray, predicted: np.ndarray, class_names: Sequence[str]
) -> Figure:
    """Draw which class is taken for which: one row per true class, one column per answer.

    Each cell shows its share of the row in percent, or a dot where there is none.

    Parameters
    ----------
    labels, predicted
        (n,) integers, each a position in ``class_names``: the true classes and the answers.
    class_names
        The name of each class, in the order of the ids.

    Raises
    ------
    ValueError
        If these are not ids (one-hot rows or probabilities), differ in length, or have no name.
    """
    from sklearn.metrics import confusion_matrix  # slow to import, and only needed here

    names = list(map(str, class_names))
    labels = as_ids(labels, len(names))
    predicted = as_ids(predicted, len(names), "predicted", len(labels))
    shares = confusion_matrix(labels, predicted, labels=range(len(names)), normalize="true") * 100
    size = 0.46 * len(names) + 1.6
    figure, axis = plt.subplots(figsize=(size, size), layout="constrained")
    axis.imshow(shares, cmap="Blues", vmin=0, vmax=100)
    for (row, column), share in np.ndenumerate(shares):
        text = "·" if share == 0 else "<1" if share <= 0.5 else f"{share:.0f}"
        color = "white" if share > 50 else GRAY if share <= 0.5 else "black"
        axis.text(column, row, text, ha="center", va="center", fontsize=9, color=color)
    axis.set_xticks(range(len(names)), names, rotation=45, ha="right", rotation_mode="anchor")
    axis.set_yticks(range(len(names)), names)
    right = f"{np.mean(labels == predicted):.1%} of {len(labels):,} answers are right"
    axis.set_title(f"Which class is taken for which, in % of the row\n{right}", fontsize=11)
    axis.set(xlabel="predicted class", ylabel="true class")
    return figure


def plot_probabilities(
    image: np.ndarray, probabilities: np.ndarray, class_names: Sequence[str], label: Any = None
) -> Figure:
    """Draw a picture, and beside it the probability of each class, the largest one marked.

    Parameters
    ----------
    image
        (28, 28) or (28, 28, 1), as in `show_image`.
    probabilities
        (classes,) from 0 to 1, adding up to 1 within 0.01, as in ``model.predict(images)[0]``.
    class_names
        The name of each class, in the order of the ids.
    label
        The true class, one integer; the title then says whether the answer is right.

    Raises
    ------
    ValueError
        If these are several pictures, rows or labels, no probabilities, or a class has no name.
    """
    image, names = as_pictures(image, 2), list(map(str, class_names))
    shares = as_probabilities(probabilities, 1)
    if len(names) != len(shares):
        raise ValueError(f"expected {len(shares)} class names, got {len(names)}: pass them all")
    answer = shares.argmax()
    title, right = f"Answer: {names[answer]}", True
    if label is not None:
        right = as_ids([label], len(names), "one label")[0] == answer
        title += " – right" if right else f" – wrong, it is {names[label]}"
    size = (7, 0.26 * len(names) + 0.9)
    figure, axes = plt.subplots(1, 2, figsize=size, width_ratios=[2, 3], layout="constrained")
    axes[0].imshow(image, interpolation="nearest", **gray_scale(image))
    axes[0].set(xticks=[], yticks=[])
    bars = axes[1].barh(names, shares, color=GRAY)
    bars[answer].set_color(BLUE if right else ORANGE)
    texts = axes[1].bar_label(bars, [f"{share:.2f}" for share in shares], padding=3)
    for text in (texts[answer], axes[1].get_yticklabels()[answer]):
        text.set_fontweight("bold")
    axes[1].invert_yaxis()  # class 0 on top
    axes[1].set(xlim=(0, 1.15), xticks=[0, 0.25, 0.5, 0.75, 1], xlabel="probability")
    figure.suptitle(title)
    return figure


def plot_reliability(labels: np.ndarray, probabilities: np.ndarray, bins: int = 10) -> Figure:
    """Draw how often a model is right against how sure it is.

    The confidence of an answer is the largest of its probabilities. Answers of similar confidence
    are put into one of equally wide bins. Above, each bin is a point: its mean confidence, and its
    share of right answers. Below, a bar shows how many pictures the bin has. The title gives the
    expected calibration error: the distance between mean confidence and share of right answers,
    averaged over the bins, weighted with their pictures.

    Parameters
    ----------
    labels
        (n,) integers: the true classes.
    probabilities
        (n, classes) from 0 to 1, each row adding up to 1 within 0.01, as ``model.predict(images)``
        returns after a softmax.
    bins
        Number of equally wide bins between 0 and 1.

    Raises
    ------
    ValueError
        If these are not ids and probabilities, differ in length, or less than 1 bin is asked for.

    Notes
    -----
    Source: C. Guo et al., On Calibration of Modern Neural Networks, ICML 2017, equations 2 to 5.
    """
    shares = as_probabilities(probabilities, 2)
    labels = as_ids(labels, shares.shape[1], length=len(shares))
    if bins < 1:
        raise ValueError(f"expected at least 1 bin, got {bins}")
    confidence, right = shares.max(axis=1), shares.argmax(axis=1) == labels
    edges = np.linspace(0, 1, bins + 1)
    places = np.digitize(confidence, edges[1:-1])
    counts, sure, hits = (np.bincount(places, w, bins) for w in (None, confidence, right))
    error, used = np.abs(hits - sure).sum() / len(labels), counts > 0
    figure, axes = plt.subplots(2, 1, figsize=(5, 5), height_ratios=[3, 1], layout="constrained")
    points = sure[used] / counts[used], hits[used] / counts[used]
    axes[0].plot(*points, "o-", color=BLUE, label="this model", clip_on=False)
    axes[0].plot([0, 1], [0, 1], "--", color=GRAY, label="as often right as sure")
    axes[0].legend()
    title = f"Is it as often right as it is sure?\nexpected calibration error {error:.3f}"
    axes[0].set(title=title, ylabel="share of right answers", xlim=(0, 1), ylim=(0, 1))
    bars = axes[1].bar(edges[:-1], counts, 1 / bins, align="edge", color=BLUE, edgecolor="white")
    axes[1].bar_label(bars, fmt="{:,.0f}", fontsize=8, padding=2, rotation=90 * (bins > 10))
    axes[1].margins(y=0.3 + 0.4 * (bins > 10))  # room for the numbers
    axes[1].set(xlim=(0, 1), xlabel="confidence (largest probability)", ylabel="pictures")
    return figure
