"""Learning curves: how a metric changes from epoch to epoch."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from helpers._shared import BLUE, ORANGE
from helpers.figures.inputs import as_numbers


def plot_learning_curves(history: Any, metric: str = "accuracy", title: str = "") -> Figure:
    """Draw a metric after each epoch: training solid, and validation dashed where there is one.

    The axis goes from 0 to 1 for accuracies, else from 0. The legend has the last values.

    Parameters
    ----------
    history
        What ``model.fit`` returned, its ``.history`` (a dictionary of lists), or a pandas table
        with one row per epoch, as read from what ``CSVLogger`` wrote. A column "epoch" is ignored:
        rows are counted from 1.
    metric
        A name in the history, such as "accuracy" or "loss"; "val_accuracy" is drawn with it.
    title
        Written above the curves; if empty, the metric's name is.

    Raises
    ------
    ValueError
        If there are no epochs, no such metric, or values that are NaN or infinite.
    TypeError
        If ``history`` is something else, such as a model or one list.
    """
    table = getattr(history, "history", history)
    if not hasattr(table, "keys"):
        seen = type(history).__name__
        raise TypeError(f"expected a history, got {seen}: pass what model.fit returned")
    names = [name for name in table if name != "epoch" and np.size(table[name])]
    metric = metric.removeprefix("val_")
    if metric not in names:
        seen = f"it has {', '.join(names)}: choose one" if names else "it is empty: call model.fit"
        raise ValueError(f"{metric!r} is not in the history, {seen}")
    curves = {
        name: as_numbers(np.ravel(table[name]), 1, f"numbers in {name}", "choose a metric")
        for name in (metric, f"val_{metric}")
        if name in names
    }
    figure, axis = plt.subplots(figsize=(6, 3.4), layout="constrained")
    styles = [("training", BLUE, "o-"), ("validation", ORANGE, "s--")]
    for values, (part, color, line) in zip(curves.values(), styles, strict=False):
        label = f"{part}: {values[-1]:.3g} at the end"
        axis.plot(range(1, len(values) + 1), values, line, color=color, label=label)
    words = metric.replace("_", " ")
    axis.set(title=title or f"{words.capitalize()} after each epoch", xlabel="epoch", ylabel=words)
    axis.set_ylim(0, 1 if "acc" in metric else None)
    axis.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axis.grid(alpha=0.3)
    axis.legend()
    return figure
