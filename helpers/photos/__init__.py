"""Anyone's picture made like the training pictures: 28 x 28, light on dark, step by step.

``prepare_photo`` returns the picture that a network reads; ``explain_photo`` draws every step on
the way. Each subject has a module, here ``digits`` and ``garments``, with one function per step. To
add one, write its module and enter it in ``SUBJECTS``.
"""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from helpers.photos.digits import DIGIT
from helpers.photos.garments import GARMENT
from helpers.photos.opening import PhotoError, open_picture
from helpers.photos.steps import Color, Prepared, Subject

SUBJECTS = {subject.name: subject for subject in (DIGIT, GARMENT)}


def prepare_photo(source: Any, subject: str | Subject = "digit") -> Prepared:
    """Make a picture like those of the training set.

    Parameters
    ----------
    source
        A path, bytes, a file opened with "rb", a PIL image, an array (height, width) or (height,
        width, 1, 3 or 4) of numbers 0-255, 0-1 or bool, or what ``FileUpload`` of ipywidgets holds.
    subject
        "digit", as in MNIST, "garment", as in Fashion-MNIST, or a ``Subject`` of your own.

    Returns
    -------
    np.ndarray
        uint8 (28, 28), light on dark. A picture that already is like this comes back as it is.

    Raises
    ------
    PhotoError
        If this is no picture, is damaged, too large or too small, shows nothing, or several digits.
    """
    subject = _subject(subject)
    picture = open_picture(source)
    if _is_prepared(picture, subject):
        return picture[..., 0].copy()
    for _, step in subject.steps:
        picture = step(picture)
    return picture


def explain_photo(source: Any, subject: str | Subject = "digit", examples: Any = None) -> Figure:
    """Draw what each step of ``prepare_photo`` makes of a picture.

    Parameters
    ----------
    source, subject
        As for ``prepare_photo``, which also says what is raised.
    examples
        Training pictures of the same class, (n, 28, 28), to compare with; the first four are drawn.
    """
    subject = _subject(subject)
    picture = open_picture(source)
    stages = [("your picture", picture)]
    steps = () if _is_prepared(picture, subject) else subject.steps
    for number, (title, step) in enumerate(steps, 1):
        picture = step(picture)
        stages.append((f"{number} · {title}", picture))
    for example in [] if examples is None else np.asarray(examples)[:4]:
        stages.append(("training picture", example.reshape(28, 28)))
    rows = -(-len(stages) // 5)
    figure = plt.figure(figsize=(8.5, 1.95 * rows), layout="constrained")
    axes = figure.subplots(rows, 5, squeeze=False)
    for axis in axes.flat:
        axis.set_axis_off()
    for axis, (title, pixels) in zip(axes.flat, stages, strict=False):
        smoothing = "nearest" if len(pixels) == 28 else "antialiased"
        axis.imshow(pixels, cmap="gray", vmin=0, vmax=255, interpolation=smoothing)
        axis.set_title(title, fontsize=9)
    return figure


def _subject(subject: str | Subject) -> Subject:
    """Return the subject of this name."""
    if isinstance(subject, Subject):
        return subject
    if not isinstance(subject, str) or subject not in SUBJECTS:
        names = " or ".join(map(repr, SUBJECTS))
        raise PhotoError(f"expected subject {names}, got {subject!r}: choose one of them")
    return SUBJECTS[subject]


def _is_prepared(picture: Color, subject: Subject) -> bool:
    """Tell whether an opened picture already is like those of the training set."""
    if picture.shape != (28, 28, 3) or np.ptp(picture, axis=2).any() or picture.max() < 128:
        return False
    return subject.is_prepared(picture[..., 0])
