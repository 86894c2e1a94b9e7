"""The inside of a model: its filters, its feature maps, and its layers with their shapes."""

from __future__ import annotations

import contextlib
import io
import re
import tempfile
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from helpers._shared import BLUE
from helpers.figures.inputs import as_numbers
from helpers.figures.pictures import draw_grid, grid_shape


def show_filters(
    weights: np.ndarray | list[np.ndarray],
    rows: int | None = None,
    columns: int = 8,
    title: str = "",
) -> Figure:
    """Draw the weights of each filter: positive ones blue, negative ones red, 0 white.

    Parameters
    ----------
    weights
        The kernel of a ``Conv2D``, (height, width, channels, n), of which the first input channel
        is drawn; or of a ``Dense`` layer on whole pictures, (784, n), drawn as 28 x 28. A list, as
        ``layer.get_weights()`` returns, stands for its first array.
    rows, columns
        The first ``rows`` x ``columns`` are drawn, on one scale; None means as many rows as it
        takes. Under each stands its position, from 0.
    title
        Written above all; if empty, the number of filters is.

    Raises
    ------
    ValueError
        If these are other weights, or NaN; or less than 1 row or column is asked for.
    """
    weights = np.asarray(weights[0] if isinstance(weights, list) and weights else weights)
    if weights.ndim == 2 and len(weights) == 784:
        weights = weights.reshape(28, 28, 1, -1)
    shape, advice = "(height, width, channels, n) or (784, n)", "model.layers[1].get_weights()[0]"
    weights = as_numbers(weights, 4, f"weights of shape {shape}", f"pass a kernel, as in {advice}")
    filters = np.moveaxis(weights[:, :, 0], -1, 0)
    rows, columns = grid_shape(len(filters), rows, columns)
    filters = filters[: rows * columns]
    top = np.abs(filters).max() or 1
    scale: dict[str, Any] = {"cmap": "RdBu", "vmin": -top, "vmax": top}
    figure = draw_grid(filters, range(len(filters)), rows, columns, "weight", **scale)
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
    maps = as_numbers(maps, 3, expected, "pass those of one picture and a Conv2D, as in maps[0]")
    scale: dict[str, Any] = {"cmap": "magma", "vmin": 0, "vmax": max(maps.max(), 0) or 1}
    maps = np.moveaxis(maps, -1, 0)
    shape = grid_shape(len(maps), None, columns)
    figure = draw_grid(maps, range(len(maps)), *shape, "activation", **scale)
    figure.suptitle(title or f"{len(maps)} feature maps")
    return figure


def draw_model(model: Any) -> Figure:
    """Draw a Keras model's layers from input to output, with the shapes of their outputs.

    Where pydot and the program ``dot`` of Graphviz are here and work, ``keras.utils.plot_model``
    draws; elsewhere matplotlib does: one box per layer with its name, type, output shape and number
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


def _dot_figure(model: Any) -> Figure | None:
    """Let Keras draw with pydot and ``dot``; return None where one is missing or broken."""
    import keras

    # Keras raises or prints what it misses; whatever that is, boxes can be drawn instead.
    silence, ignore = contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(Exception)
    with tempfile.TemporaryDirectory() as folder, silence, ignore:
        path, show = f"{folder}/model.png", {"show_shapes": True, "show_layer_activations": True}
        keras.utils.plot_model(model, path, show_layer_names=True, dpi=200, **show)
        drawing = plt.imread(path)
        height, width = (0.7 * pixels / 200 for pixels in drawing.shape[:2])  # 14 points to 10
        figure, axis = plt.subplots(figsize=(width, height + 0.4), layout="constrained")
        axis.imshow(drawing)
        return figure
    return None


def _box_figure(model: Any) -> Figure:
    """Draw one box per layer from top to bottom, and an arrow for each connection."""
    layers = getattr(model, "operations", model.layers)  # x + y is an operation, but no layer
    names = [layer.name for layer in layers]
    figure, axis = plt.subplots(figsize=(5.2, 0.75 * len(layers) + 0.4), layout="constrained")
    axis.barh(names, 2, 0.64, left=-1, color="white", edgecolor=BLUE)
    style: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 9}
    for row, layer in enumerate(layers):
        shape = getattr(getattr(layer, "output", None), "shape", "?")
        parameters = layer.count_params() if hasattr(layer, "count_params") else 0
        axis.text(0, row - 0.14, f"{layer.name} ({type(layer).__name__})", weight="bold", **style)
        axis.text(0, row + 0.14, f"output {shape}, {parameters:,} parameters", **style)
    for above, row in _connections(model, names):
        if above == row - 1:
            x, gap, bend = 0.0, 0.32, 0.0
        elif above == row:  # the layer is used twice in a row: a loop beside it
            x, gap, bend = 1.0, 0.2, 0.6
        else:  # an arrow that skips boxes bends
            x, gap, bend = 1.0, 0.0, 0.6 / (above - row)
        line = {"connectionstyle": f"arc3,rad={bend}", "shrinkA": 0, "shrinkB": 0}
        arrow = {"arrowstyle": "-|>", **line}
        axis.annotate("", (x, row - gap), (x, above + gap), arrowprops=arrow)
    axis.set(xlim=(-1.2, 1.2), ylim=(len(layers) - 0.6, -0.4))
    return figure


def _connections(model: Any, names: list[str]) -> list[tuple[int, int]]:
    """Return which layer feeds which, as pairs of positions in ``names``."""
    layers = model.get_config().get("layers", ())
    if not any("inbound_nodes" in layer for layer in layers):  # only functional models say so
        return [(row - 1, row) for row in range(1, len(names))]
    found = []
    for layer in layers:
        inbound = str(layer.get("inbound_nodes"))
        for source in re.findall(r"'keras_history': [\[(]'([^']+)'", inbound):
            found.append((names.index(source), names.index(layer["name"])))
    return found
