"""What the helpers share: places on this machine, one error class, whole files, and colors.

This file needs the standard library only, because ``environment`` runs before anything is
installed.
"""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

COURSE = Path(__file__).resolve().parents[1]

# From the palette of Okabe and Ito (2008), which people with any color vision tell apart.
BLUE, ORANGE, GREEN, GRAY = "#0072B2", "#D55E00", "#009E73", "#666666"


class CourseError(Exception):
    """Something that a reader can mend: what was seen, what was expected, and what to do."""

    def _render_traceback_(self) -> list[str]:
        """Let a notebook show the message alone."""
        return f"{type(self).__name__}: {self}".splitlines()


def cache_folder() -> Path:
    """Return the folder where downloads are kept: ``COURSE_CACHE_DIR``, or one in the home."""
    chosen = os.environ.get("COURSE_CACHE_DIR") or "~/.cache/pixels-to-predictions"
    return Path(os.path.expanduser(chosen))


def data_folders() -> dict[str, Path]:
    """Return the folders where data sets may lie, in the order of the search.

    The keys name them to a reader. A relative ``COURSE_DATA_DIR`` counts from the current folder,
    then from the course.

    Raises
    ------
    CourseError
        If ``COURSE_DATA_DIR`` is set and is not a folder.
    """
    folders = {}
    if chosen := os.environ.get("COURSE_DATA_DIR", ""):
        here = Path(os.path.expanduser(chosen))
        folder = here if os.path.isdir(here) else COURSE / chosen
        if not os.path.isdir(folder):
            seen = "is a file" if os.path.isfile(here) else "does not exist or cannot be opened"
            raise CourseError(
                f"COURSE_DATA_DIR is {chosen!r}, which {seen}. Expected a folder that holds "
                "fashion_mnist/ and mnist/. Correct it, or unset it to have the data downloaded."
            )
        folders["your data folder"] = folder
    folders["the course's data folder"] = COURSE / "data"
    folders["the course's cache"] = cache_folder()
    keras_home = os.environ.get("KERAS_HOME") or os.path.expanduser("~/.keras")
    folders["Keras's cache"] = Path(keras_home) / "datasets"
    return folders


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside ``path`` to write to; afterward, rename it to ``path``.

    The file appears whole or not at all: if the block fails, nothing of it is left, and an older
    file of this name stays as it was. The folder is made if necessary.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{uuid.uuid4().hex}{path.suffix}")
    try:
        yield fresh
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
