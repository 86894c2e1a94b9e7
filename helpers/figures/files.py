"""Saving a figure as a file."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure

from helpers._shared import whole_file


def save_figure(figure: Figure, name: str, folder: str | Path = "images") -> Path:
    """Save a figure as ``folder/name.png``, trimmed, at 150 dots per inch, and return its path.

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
    with whole_file(path) as fresh:
        figure.savefig(fresh, format="png", dpi=150, bbox_inches="tight")
    return path
