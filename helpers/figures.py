"""The course's figures: each function draws one and returns its ``Figure``.

Colors are from the palette of Okabe and Ito (2008), which people with any color vision tell apart.
"""

from __future__ import annotations

import contextlib
import io
import re
import tempfile
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

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
    image = _pictures(image, 2)
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
    images = _pictures(images)[: max(rows * columns, 1)]
    if names is not None and len(names) < len(images):
        raise ValueError(f"expected a name for each of {len(images)} pictures, got {len(names)}")
    return _panels(images, names, rows, columns, cmap="gray", vmin=0, vmax=_white(images))


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
    image = _pictures(image, 2)
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
    labels = _ids(labels, len(class_names))
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


def plot_learning_curves(history: Any, metric: str = "accuracy", title: str = "") -> Figure:
    """Draw a metric after each epoch: training solid, and validation dashed where there is one.

    The axis goes from 0 to 1 for accuracies, else from 0. The legend has the last values.

    Parameters
    ----------
    history
        What ``model.fit`` returned, its ``.history`` (a dictionary of lists), or a pandas table
        with one row an epoch, as read from what ``CSVLogger`` wrote; a column "epoch" is
        ignored, rows are counted from 1.
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
        raise TypeError(f"expected a history, got {type(history).__name__}: pass what fit gave")
    names = [name for name in table if name != "epoch" and np.size(table[name])]
    metric = metric.removeprefix("val_")
    if metric not in names:
        seen = f"it has {', '.join(names)}: choose one" if names else "it is empty: call model.fit"
        raise ValueError(f"{metric!r} is not in the history, {seen}")
    figure, axis = plt.subplots(figsize=(6, 3.4), layout="constrained")
    curves = {"training": (metric, BLUE, "o-"), "validation": (f"val_{metric}", ORANGE, "s--")}
    for part, (name, color, line) in curves.items():
        if name in names:
            values = _numbers(np.ravel(table[name]), 1, f"numbers in {name}", "choose a metric")
            label = f"{part}: {values[-1]:.3g} at the end"
            axis.plot(range(1, len(values) + 1), values, line, color=color, label=label)
    words = metric.replace("_", " ")
    axis.set(title=title or f"{words.capitalize()} after each epoch", xlabel="epoch", ylabel=words)
    axis.set_ylim(0, 1 if "acc" in metric else None)
    axis.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axis.grid(alpha=0.3)
    axis.legend()
    return figure


def plot_confusion_matrix(
    labels: np.ndarray, predicted: np.ndarray, class_names: Sequence[str]
) -> Figure:
    """Draw which class is taken for which: a row is a true class, a column an answer.

    In each cell stands the share of its row in percent, a dot where there is none.

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
    from sklearn.metrics import confusion_matrix

    names = list(map(str, class_names))
    labels = _ids(labels, len(names))
    predicted = _ids(predicted, len(names), "predicted", len(labels))
    shares = confusion_matrix(labels, predicted, labels=range(len(names)), normalize="true") * 100
    figure, axis = plt.subplots(figsize=[0.46 * len(names) + 1.6] * 2, layout="constrained")
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
    image, names = _pictures(image, 2), list(map(str, class_names))
    shares = _probabilities(probabilities, 1)
    if len(names) != len(shares):
        raise ValueError(f"expected {len(shares)} class names, got {len(names)}: pass them all")
    answer = shares.argmax()
    title, right = f"Answer: {names[answer]}", True
    if label is not None:
        right = _ids([label], len(names), "one label")[0] == answer
        title += " – right" if right else f" – wrong, it is {names[label]}"
    size = (7, 0.26 * len(names) + 0.9)
    figure, axes = plt.subplots(1, 2, figsize=size, width_ratios=[2, 3], layout="constrained")
    axes[0].imshow(image, cmap="gray", interpolation="nearest", vmin=0, vmax=_white(image))
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


def show_filters(
    weights: np.ndarray, rows: int | None = None, columns: int = 8, title: str = ""
) -> Figure:
    """Draw the weights of each filter: positive ones blue, negative ones red, 0 white.

    Parameters
    ----------
    weights
        The kernel of a ``Conv2D``, (height, width, channels, n), of which the first input channel
        is drawn; or of a ``Dense`` layer on whole pictures, (784, n), drawn as 28 x 28. A list, as
        ``layer.get_weights()`` gives, stands for its first array.
    rows, columns
        The first ``rows`` x ``columns`` are drawn, on one scale; None means as many rows as it
        takes. Under each stands its position, from 0.
    title
        Written above all; if empty, the number of filters is.

    Raises
    ------
    ValueError
        If these are other weights, or NaN; or less than 1 row or column is asked.
    """
    weights = np.asarray(weights[0] if isinstance(weights, list) and weights else weights)
    if weights.ndim == 2 and len(weights) == 784:
        weights = weights.reshape(28, 28, 1, -1)
    shape, advice = "(height, width, channels, n) or (784, n)", "model.layers[1].get_weights()[0]"
    weights = _numbers(weights, 4, f"weights of shape {shape}", f"pass a kernel, as in {advice}")
    filters = np.moveaxis(weights[:, :, 0], -1, 0)[: rows and max(rows * columns, 1)]
    top = np.abs(filters).max(initial=0) or 1
    scale = {"cmap": "RdBu", "vmin": -top, "vmax": top}
    figure = _panels(filters, range(len(filters)), rows, columns, "weight", **scale)
    figure.suptitle(title or f"Weights of {len(filters)} filters")
    return figure


def show_feature_maps(maps: np.ndarray, columns: int = 8, title: str = "") -> Figure:
    """Draw what a layer makes of one picture: each of its feature maps, from 0 (black) upward.

    Parameters
    ----------
    maps
        (rows, columns, n) or (1, rows, columns, n), the output of a layer for one picture. All
        have one scale, from 0 to the largest value; what is below 0 is black as well.
    columns
        How many stand side by side. Under each stands its position, from 0.
    title
        Written above all; if empty, the number of maps is.

    Raises
    ------
    ValueError
        If these are maps of several pictures, no maps, or NaN; or less than 1 column is asked for.
    """
    maps = maps[0] if np.ndim(maps) == 4 and len(maps) == 1 else maps
    expected = "feature maps of one picture, shape (rows, columns, n)"
    maps = _numbers(maps, 3, expected, "pass those of one picture and a Conv2D, as in maps[0]")
    scale = {"cmap": "magma", "vmin": 0, "vmax": max(maps.max(), 0) or 1}
    maps = np.moveaxis(maps, -1, 0)
    figure = _panels(maps, range(len(maps)), None, columns, "activation", **scale)
    figure.suptitle(title or f"{len(maps)} feature maps")
    return figure


def plot_reliability(labels: np.ndarray, probabilities: np.ndarray, bins: int = 10) -> Figure:
    """Draw how often a model is right against how sure it is.

    The pictures are put into equal bins by confidence, the largest of their probabilities. A point
    above is a bin: its mean confidence, and the share of right answers in it. Below is how many
    pictures the bin has. The title gives the expected calibration error: the distance between mean
    confidence and share of right answers, averaged over the bins, weighted with their pictures.

    Parameters
    ----------
    labels
        (n,) integers: the true classes.
    probabilities
        (n, classes) from 0 to 1, each row adding up to 1 within 0.01, as ``model.predict(images)``
        gives after a softmax.
    bins
        Number of equal bins between 0 and 1.

    Raises
    ------
    ValueError
        If these are not ids and probabilities, differ in length, or less than 1 bin is asked for.

    Notes
    -----
    Source: C. Guo et al., On Calibration of Modern Neural Networks, ICML 2017, equations 2 to 5.
    """
    shares = _probabilities(probabilities, 2)
    labels = _ids(labels, shares.shape[1], length=len(shares))
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


def draw_model(model: Any) -> Figure:
    """Draw a Keras model's layers from input to output, with the shapes of what they give.

    Where pydot and the program ``dot`` of Graphviz are here and work, ``keras.utils.plot_model``
    draws; elsewhere matplotlib does: one box a layer with its name, type, output shape and number
    of parameters.

    Raises
    ------
    ValueError
        If the model is not built: its shapes are not known yet.
    TypeError
        If this is no Keras model.
    """
    import keras

    if not isinstance(model, keras.Model):
        raise TypeError(f"expected a Keras model, got {type(model).__name__}: pass model itself")
    if not model.built:
        raise ValueError(f"{model.name!r} is not built: put keras.Input((28, 28)) first in it")
    figure = _dot_figure(model) or _box_figure(model)
    figure.axes[0].set_axis_off()
    figure.axes[0].set_title(f"{model.name}: {model.count_params():,} parameters")
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


def _pictures(images: np.ndarray, rank: int = 3) -> np.ndarray:
    """Check that these are pictures, or with rank 2 one; drop a channel axis of length 1."""
    if isinstance(images, tuple):
        raise ValueError("got a tuple: unpack it, as in train_images, train_labels = train")
    images = np.asarray(images)
    if images.ndim == rank + 1 and images.shape[-1] == 1:
        images = images[..., 0]
    if images.ndim != rank or not images.size or images.dtype.kind not in "uifb":
        expected, advice = "pictures of shape (n, 28, 28)", "for one picture, use show_image"
        if rank == 2:
            expected = "one picture of shape (28, 28)"
            advice = "pass one, as in train_images[0]; for several, use show_grid"
        raise ValueError(f"expected {expected}, got {images.dtype} {images.shape}: {advice}")
    return images


def _white(images: np.ndarray) -> float:
    """Give the value drawn as white: 1 for pictures scaled to 0-1, else 255."""
    scaled = images.dtype.kind in "fb" and not np.nanmax(images) > 1
    return 1 if scaled else 255


def _ids(labels: Any, count: int, name: str = "labels", length: int = 0) -> np.ndarray:
    """Check that these are ids of ``count`` classes, ``length`` of them if that is not 0."""
    labels = np.asarray(labels)
    if labels.ndim != 1 or labels.dtype.kind not in "iu" or not labels.size:
        advice = "pass labels such as train_labels; one-hot or probabilities after .argmax(axis=1)"
        seen = f"{labels.dtype} {labels.shape}: {advice}"
        raise ValueError(f"expected {name} as whole numbers, shape (n,), got {seen}")
    if labels.min() < 0 or labels.max() >= count:
        seen = f"{name} go from {labels.min()} to {labels.max()}"
        raise ValueError(f"{seen}, classes from 0 to {count - 1}: pass labels and names of one set")
    if length and length != len(labels):
        seen = f"expected {length} {name}, one a picture, got {len(labels)}"
        raise ValueError(f"{seen}: pass labels and answers for the same pictures")
    return labels


def _numbers(values: np.ndarray, rank: int, expected: str, advice: str) -> np.ndarray:
    """Check that this is one array of finite numbers with ``rank`` axes."""
    values = np.asarray(values)
    if values.ndim != rank or not values.size or values.dtype.kind not in "fiu":
        raise ValueError(f"expected {expected}, got {values.dtype} {values.shape}: {advice}")
    if not np.isfinite(values).all():
        advice = "training broke down; check that pictures are scaled, lower the learning rate"
        raise ValueError(f"expected {expected}, got NaN or infinity: {advice}")
    return values


def _probabilities(values: np.ndarray, rank: int) -> np.ndarray:
    """Check that these are probabilities: one row of them, or with rank 2 one row a picture."""
    expected, advice = "probabilities of shape (n, classes)", "pass model.predict(images) whole"
    if rank == 1:
        expected, advice = "probabilities of shape (classes,)", "pass one row, as in [0]"
    values = _numbers(values, rank, expected, advice)
    low, high, sums = values.min(), values.max(), values.sum(axis=-1)
    if low < 0 or high > 1 or np.abs(sums - 1).max() > 0.01:
        seen = f"{low:.3g} to {high:.3g} with sums from {sums.min():.3g} to {sums.max():.3g}"
        advice = "if these are logits, pass keras.ops.softmax(logits)"
        raise ValueError(f"expected probabilities that add up to 1, got {seen}: {advice}")
    return values


def _panels(
    pictures: np.ndarray, names: Any, rows: int | None, columns: int, bar: str = "", **scale: Any
) -> Figure:
    """Draw each picture with its name under it; without ``rows``, as many as it takes."""
    if columns < 1 or (rows is not None and rows < 1):
        raise ValueError(f"expected at least 1 row and 1 column, got {rows} and {columns}")
    if rows is None:
        rows, columns = -(-len(pictures) // columns), min(columns, len(pictures))
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


def _dot_figure(model: Any) -> Figure | None:
    """Let Keras draw with pydot and ``dot``; give None where one is missing or broken."""
    import keras

    # Keras raises what it misses, or prints it; the boxes can be drawn whatever that is.
    silence, ignore = contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(Exception)
    with tempfile.TemporaryDirectory() as folder, silence, ignore:
        path, show = f"{folder}/model.png", {"show_shapes": True, "show_layer_activations": True}
        keras.utils.plot_model(model, path, show_layer_names=True, dpi=200, **show)
        drawing = plt.imread(path)
        height, width = (0.7 * pixels / 200 for pixels in drawing.shape[:2])  # 14 points to 10
        figure, axis = plt.subplots(figsize=(width, height + 0.4), layout="constrained")
        axis.imshow(drawing)
        return figure


def _box_figure(model: Any) -> Figure:
    """Draw one box a layer from top to bottom, and an arrow for each connection."""
    layers = getattr(model, "operations", model.layers)  # x + y is an operation, but no layer
    names = [layer.name for layer in layers]
    told = model.get_config().get("layers", ())  # only a functional model says what feeds what
    feeds = {each["name"]: str(each["inbound_nodes"]) for each in told if "inbound_nodes" in each}
    figure, axis = plt.subplots(figsize=(5.2, 0.75 * len(layers) + 0.4), layout="constrained")
    axis.barh(names, 2, 0.64, left=-1, color="white", edgecolor=BLUE)
    for row, layer in enumerate(layers):
        shape = getattr(getattr(layer, "output", None), "shape", "?")
        text = f"output {shape}, {getattr(layer, 'count_params', int)():,} parameters"
        style = {"ha": "center", "va": "center", "fontsize": 9}
        axis.text(0, row - 0.14, f"{layer.name} ({type(layer).__name__})", weight="bold", **style)
        axis.text(0, row + 0.14, text, **style)
        sources = re.findall(r"'keras_history': [\[(]'([^']+)'", feeds.get(layer.name, ""))
        for above in map(names.index, sources if feeds else names[:row][-1:]):
            x, gap = (0, 0.32) if above == row - 1 else (1, 0)  # a line that skips boxes bends
            bend = {"connectionstyle": f"arc3,rad={x * 0.6 / (above - row)}"}
            how = {"arrowstyle": "-|>", "shrinkA": 0, "shrinkB": 0, **bend}
            axis.annotate("", (x, row - gap), (x, above + gap), arrowprops=how)
    axis.set(xlim=(-1.2, 1.2), ylim=(len(layers) - 0.6, -0.4))
    return figure
