"""The drawing pad: draw with mouse, pen or finger, and a network reads it while you draw.

The browser sends strokes. Here they become a picture, which is prepared and read.
"""

from __future__ import annotations

import base64
import functools
import io
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import anywidget
import numpy as np
import traitlets
from IPython.display import display
from matplotlib.figure import Figure
from PIL import Image, ImageDraw

from helpers._shared import BLUE, GRAY, CourseError

SIZE = 280  # pixels of the sheet, ten times the 28 of a prepared picture; pad.js has the same
INVITATION = "Draw on the white sheet. The network answers while you draw."


class PadError(CourseError, ValueError):
    """The pad cannot use this model or this preparation."""


class Reading(NamedTuple):
    """What became of the strokes; None for what there is not."""

    picture: np.ndarray | None
    prepared: np.ndarray | None
    probabilities: np.ndarray | None
    message: str


def pad(
    model: Callable[..., Any],
    prepare: Callable[[np.ndarray], np.ndarray],
    class_names: Sequence[str] | None = None,
) -> Pad:
    """Return a drawing pad, a widget that shows itself at the end of a cell.

    After drawing, it has ``picture`` (280, 280) uint8, dark on light; ``prepared`` (28, 28) uint8,
    what the network saw; and ``probabilities`` (classes,) float32. Each is None as long as there is
    none: before drawing, or when ``prepare`` refused the picture, which the pad then says.

    Where widgets cannot run, as on a page of GitHub, an example is shown instead. With
    ``COURSE_STATIC=1`` in the environment, only the example is put out.

    Parameters
    ----------
    model
        A Keras model for raw pictures, uint8 (n, 28, 28, 1), that returns n rows of probabilities.
    prepare
        Makes uint8 (28, 28), light on dark, of a drawn picture. If it raises an error, the pad
        shows the error's sentence.
    class_names
        The name of each class, in the order of the ids; None means the digits 0 to 9.

    Raises
    ------
    PadError
        If ``model`` or ``prepare`` cannot be called, or the model does not return one probability
        per name.
    """
    for name, given in {"model": model, "prepare": prepare}.items():
        if not callable(given):
            seen = f"{type(given).__name__}: {given}"
            raise PadError(f"expected {name} to be callable, got {seen}")
    names = [str(name) for name in (range(10) if class_names is None else class_names)]
    _check_model(model, len(names))
    return Pad(functools.partial(_read, model, prepare, names), names)


class Pad(anywidget.AnyWidget):
    """The widget. Its traits are what Python and the browser share."""

    _esm = Path(__file__).with_suffix(".js")
    _css = Path(__file__).with_suffix(".css")
    _names: traitlets.List = traitlets.List().tag(sync=True)
    _drawing = traitlets.Dict({"id": 0, "strokes": []}).tag(sync=True)
    _answer = traitlets.Dict().tag(sync=True)
    picture: np.ndarray | None = None
    prepared: np.ndarray | None = None
    probabilities: np.ndarray | None = None

    def __init__(self, read: Callable[[Sequence[dict]], Reading], names: list[str]):
        super().__init__(_names=names, _answer=_reply(read([]), 0))
        self._read = read
        self._example = read(_example_strokes())  # also warms up what is slow the first time

    @traitlets.observe("_drawing")
    def _read_drawing(self, change: dict) -> None:
        reading = self._read(change["new"]["strokes"])
        self.picture, self.prepared, self.probabilities, _ = reading
        self._answer = _reply(reading, change["new"]["id"])

    def _ipython_display_(self) -> None:
        data, metadata = self._outputs()
        display(data, metadata=metadata, raw=True)

    def _outputs(self) -> tuple[dict, dict]:
        """Return the pad, and the example for pages where no widget runs, as display data."""
        text = f"A drawing pad. An example is shown: a drawn 3. {self._example.message}"
        png = base64.b64encode(_draw_example(self._example, self._names)).decode()
        static = os.environ.get("COURSE_STATIC") == "1"
        data, metadata = (None if static else self._repr_mimebundle_()) or ({}, {})
        data |= {"image/png": png, "text/plain": text}
        return data, metadata | {"image/png": {"alt": text}}


def _check_model(model: Callable[..., Any], classes: int) -> None:
    """Raise PadError if the model does not return probabilities, one per class."""
    try:
        row = _predict(model, np.zeros((28, 28), np.uint8))
    except Exception as error:  # Keras raises many kinds
        reason = str(error).strip().split("\n")[0]
        raise PadError(
            "expected a model that reads pictures of shape (n, 28, 28, 1), but this one cannot: "
            f"{reason}"
        ) from error
    fine = row.shape == (classes,) and row.min() >= 0 and abs(row.sum() - 1) <= 0.01
    if not fine:  # NaN is not fine either
        raise PadError(
            f"expected {classes} probabilities that add up to 1, one per class, got shape "
            f"{row.shape} and the sum {row.sum():.2f}: use a model that ends in softmax, and name "
            "its classes"
        )


def _read(
    model: Callable[..., Any],
    prepare: Callable[[np.ndarray], np.ndarray],
    names: Sequence[str],
    strokes: Sequence[dict],
) -> Reading:
    """Draw the strokes, prepare the picture, and let the model read it."""
    if not strokes:
        return Reading(None, None, None, INVITATION)
    picture = draw_strokes(strokes)
    try:
        prepared = np.asarray(prepare(picture))
        if prepared.shape != (28, 28) or prepared.dtype != np.uint8:
            seen = f"{prepared.dtype} {prepared.shape}"
            raise PadError(f"expected uint8 (28, 28) from the preparation, got {seen}")
        probabilities = _predict(model, prepared)
    except Exception as error:  # an error here would be shown nowhere else
        return Reading(picture, None, None, str(error) or type(error).__name__)
    best = probabilities.argmax()
    message = f"The network reads: {names[int(best)]} ({_percent(probabilities[best])})"
    return Reading(picture, prepared, probabilities, message)


def _predict(model: Callable[..., Any], picture: np.ndarray) -> np.ndarray:
    """Return the probabilities of one picture (28, 28). A call is much faster than ``predict``."""
    return np.asarray(model(picture[np.newaxis, ..., np.newaxis], training=False))[0]


def draw_strokes(strokes: Sequence[dict]) -> np.ndarray:
    """Draw strokes, {"width": w, "points": [[x, y], ...]} in pixels of the sheet, black on white.

    Drawn at twice the size and reduced, for smooth edges. Returns (280, 280) uint8.
    """
    sheet = Image.new("L", (2 * SIZE, 2 * SIZE), 255)
    pen = ImageDraw.Draw(sheet)
    for stroke in strokes:
        points = [(2 * x, 2 * y) for x, y in stroke["points"]]
        pen.line(points, fill=0, width=round(2 * stroke["width"]))
        for point in points:  # round ends and corners
            pen.circle(point, stroke["width"], fill=0)
    return np.asarray(sheet.reduce(2))


def _example_strokes() -> list[dict]:
    """Return the strokes of a 3: two arcs, clockwise, that meet in the middle."""
    upper, lower = np.radians(np.arange(-150, 91, 6)), np.radians(np.arange(-90, 151, 6))
    x = np.concatenate([135 + 46 * np.cos(upper), 135 + 54 * np.cos(lower)])
    y = np.concatenate([92 + 42 * np.sin(upper), 186 + 52 * np.sin(lower)])
    return [{"width": 18, "points": np.stack([x, y], axis=1).tolist()}]


def _percent(share: float) -> str:
    """Write a probability as a percentage that never claims to be sure."""
    return "<1%" if share < 0.01 else ">99%" if share > 0.99 else f"{share:.0%}"


def _reply(reading: Reading, number: int) -> dict:
    """Turn a reading into what a message to the browser can hold; ``number`` is the drawing's."""
    _, prepared, probabilities, message = reading
    return {
        "id": number,
        "message": message,
        "prepared": [] if prepared is None else prepared.ravel().tolist(),
        "shares": [] if probabilities is None else probabilities.tolist(),
        "percents": [] if probabilities is None else [_percent(share) for share in probabilities],
    }


def _draw_example(reading: Reading, names: Sequence[str]) -> bytes:
    """Draw the sheet, what the network sees of it, and its answer, as the bytes of a PNG file."""
    figure = Figure(figsize=(8, 2.9), layout="constrained")
    sheet, seen, bars = figure.subplots(1, 3, width_ratios=[3, 3, 4])
    sheet.imshow(reading.picture, cmap="gray", vmin=0, vmax=255)
    sheet.set(title="drawn", xticks=[], yticks=[])
    seen.set(title="what the network sees", xticks=[], yticks=[])
    if reading.probabilities is not None:
        seen.imshow(reading.prepared, cmap="gray", vmin=0, vmax=255)
        drawn = bars.barh(names, reading.probabilities, color=GRAY)
        drawn[reading.probabilities.argmax()].set_color(BLUE)
        bars.bar_label(drawn, [_percent(share) for share in reading.probabilities], padding=3)
        bars.invert_yaxis()
    bars.set(xlim=(0, 1.2), xticks=[0, 0.5, 1], title=reading.message, xlabel="probability")
    figure.suptitle("An example. Run this cell to draw here yourself.")
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=80)
    return file.getvalue()
