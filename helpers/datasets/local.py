"""Data on this machine: the folders to search, what lies in them, and how a file is kept.

NumPy is needed only to read an .npz file of Keras, so that a machine on which nothing is installed
can be told where its data is.
"""

from __future__ import annotations

import os
from pathlib import Path

from helpers._shared import CourseError, cache_folder, data_folders, whole_file
from helpers.datasets.sets import KEYS, DataError, Dataset, File
from helpers.datasets.verify import Found, NotTheFileError, verify

OWN = "your data folder"  # as in `data_folders`


def folders_to_search() -> dict[str, Path]:
    """Return the folders where sets may lie, as `data_folders` does.

    Raises
    ------
    DataError
        If ``COURSE_DATA_DIR`` is set and is not a folder.
    """
    try:
        return data_folders()
    except CourseError as error:
        raise DataError(str(error)) from None


def places(dataset: Dataset, file: File, folder: Path) -> list[Path]:
    """List where one file may lie below a folder: IDX, compressed or not, or in Keras's .npz."""
    paths = [folder / name / (file.name + end) for name in dataset.folders for end in (".gz", "")]
    for name in dataset.folders:
        paths += [folder / f"{name}.npz", folder / name / f"{name}.npz"]
    return [path for path in paths if os.path.isfile(path)]


def where(dataset: Dataset) -> str:
    """Name the folders that hold the whole set, judged by file names alone; "" if none does."""
    folders = folders_to_search()
    names = [
        next((name for name, folder in folders.items() if places(dataset, file, folder)), "")
        for file in dataset.files
    ]
    return " and ".join(dict.fromkeys(names)) if all(names) else ""


def find(dataset: Dataset, file: File, folders: dict[str, Path], notes: list[str]) -> Found | None:
    """Look for one file in all folders. What was wrong with those that were seen goes to notes."""
    for name, folder in folders.items():
        for path in places(dataset, file, folder):
            try:
                raw = _read_npz(path, file) if path.suffix == ".npz" else path.read_bytes()
                return verify(raw, dataset, file, f"from {name}")
            except NotTheFileError as fault:
                notes.append(f"{path} {fault}. {_set_aside(path, folder)}")
            except OSError as fault:
                notes.append(f"{path} cannot be read ({fault.strerror}); looked elsewhere.")
    return None


def explain_own_folder(dataset: Dataset, folder: Path) -> str:
    """Say that the reader's own folder was of no use, and what to do if the cause can be seen."""
    advice = "looked elsewhere"
    try:
        if set(os.listdir(folder)) & {name + end for name in KEYS for end in ("", ".gz")}:
            advice = "give the folder above it"
    except OSError as fault:
        advice = f"it cannot be opened ({fault.strerror})"
    return f"COURSE_DATA_DIR holds no usable {dataset.name}: {advice}."


def keep(path: Path, raw: bytes, notes: list[str]) -> None:
    """Write a whole file or none. A disk that is full or read-only is only worth a note."""
    try:
        with whole_file(path) as fresh:
            fresh.write_bytes(raw)
    except OSError as fault:
        notes.append(f"{path} could not be written ({fault.strerror}); next time it is made again.")


def _set_aside(path: Path, folder: Path) -> str:
    """Rename a bad file of the course's own cache; say what was done."""
    if folder != cache_folder():
        return "It was left as it is; delete or replace it."
    try:
        path.replace(path.with_name(path.name + ".damaged"))
    except OSError:
        return "It could not be set aside; delete it."
    return f"It was set aside as {path.name}.damaged."


def _read_npz(path: Path, file: File) -> bytes:
    """Read one array of an .npz in Keras's layout and write it as IDX."""
    import numpy as np

    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as arrays:
            array = arrays[file.key]
    except OSError:
        raise
    except Exception as fault:  # a damaged .npz fails in many ways
        raise NotTheFileError(f"is not a whole .npz with {file.key} ({fault})") from fault
    if array.shape != file.shape or not np.can_cast(array.dtype, np.int64):
        seen = f"{array.dtype} {array.shape}"
        raise NotTheFileError(f"holds {file.key} as {seen}, expected uint8 {file.shape}")
    return file.header + array.astype(np.uint8).tobytes()
