"""Anyone's picture made like the training pictures: 28 x 28, light on dark, step by step.

``prepare_photo`` gives the picture that a network reads; ``explain_photo`` draws every step on the
way. The steps stand in ``digits`` and ``garments``, one function each; ``opening`` reads the file.
"""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from helpers.photos.arrays import box, outermost
from helpers.photos.digits import DIGIT_STEPS
from helpers.photos.garments import GARMENT_STEPS
from helpers.photos.opening import PhotoError, open_picture


def prepare_photo(source: Any, subject: str = "digit") -> np.ndarray:
    """Make a picture like those of the training set.

    Parameters
    ----------
    source
        A path, bytes, a file opened with "rb", a PIL image, an array (height, width) or (height,
        width, 1, 3 or 4) of numbers 0-255, 0-1 or bool, or what ``FileUpload`` of ipywidgets holds.
    subject
        "digit", as in MNIST, or "garment", as in Fashion-MNIST.

    Returns
    -------
    np.ndarray
        uint8 (28, 28), light on dark. What already is such a picture comes back as it is.

    Raises
    ------
    PhotoError
        If this is no picture, is damaged, too large or too small, shows nothing, or several digits.
    """
    steps = _steps(subject)
    picture = open_picture(source)
    if _is_prepared(picture, subject):
        return picture[..., 0].copy()
    for _, step in steps:
        picture = step(picture)
    return picture


def explain_photo(source: Any, subject: str = "digit", examples: Any = None) -> Figure:
    """Draw what each step of ``prepare_photo`` makes of a picture.

    Parameters
    ----------
    source, subject
        As for ``prepare_photo``, which see also for what is raised.
    examples
        Training pictures of the same class, (n, 28, 28), to compare with; the first four are drawn.
    """
    steps = _steps(subject)
    picture = open_picture(source)
    stages = [("your picture", picture)]
    for title, step in () if _is_prepared(picture, subject) else steps:
        picture = step(picture)
        stages.append((title, picture))
    examples = [] if examples is None else list(np.asarray(examples)[:4])
    stages += [("training picture", np.asarray(each).reshape(28, 28)) for each in examples]
    rows = -(-len(stages) // 5)
    how = {"figsize": (8.5, 1.95 * rows), "squeeze": False, "layout": "constrained"}
    figure, axes = plt.subplots(rows, 5, **how)
    for axis in axes.flat:
        axis.set_axis_off()
    for number, (axis, (title, pixels)) in enumerate(zip(axes.flat, stages, strict=False)):
        how = {"cmap": "gray", "vmin": 0, "vmax": 255}
        axis.imshow(pixels, interpolation="nearest" if len(pixels) == 28 else "antialiased", **how)
        numbered = 0 < number < len(stages) - len(examples)
        axis.set_title(f"{number} · {title}" if numbered else title, fontsize=9)
    return figure


def _steps(subject: str) -> tuple:
    """Give the steps of a subject: titles and functions."""
    subjects = {"digit": DIGIT_STEPS, "garment": GARMENT_STEPS}
    if subject not in subjects:
        raise PhotoError(
            f"expected subject 'digit' or 'garment', got {subject!r}: give one of them"
        )
    return subjects[subject]


def _is_prepared(picture: np.ndarray, subject: str) -> bool:
    """Tell whether an opened picture already is as in the training set.

    MNIST's digits are fitted into 20 x 20 pixels, then centered by mass (LeCun et al. 1998).
    """
    from scipy import ndimage

    if picture.shape != (28, 28, 3) or np.ptp(picture, axis=2).any() or picture.max() < 128:
        return False
    gray = picture[..., 0]
    if subject == "garment":
        corners = gray[[0, 0, -1, -1], [0, -1, 0, -1]]
        return bool(min(np.median(outermost(gray)), np.median(corners)) < 32)
    size = max(part.stop - part.start for part in box(gray > 0))
    away = np.subtract(ndimage.center_of_mass(gray), 13.5)
    return bool(18 <= size <= 20 and np.abs(away).max() < 1.1)
