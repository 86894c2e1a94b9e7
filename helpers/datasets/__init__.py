"""Data sets of small pictures: found on this machine or downloaded, and always verified.

A set is looked for in this order:

1. the folder named in ``COURSE_DATA_DIR``, then the folder ``data`` of the course;
2. the course's cache (``COURSE_CACHE_DIR``, or ``~/.cache/pixels-to-predictions``), then Keras's;
3. the publishers' addresses and mirrors, or instead the servers in ``COURSE_DATA_URL``;
4. synthetic data, drawn by the course, with a notice. ``COURSE_DATA=real`` forbids it,
   ``COURSE_DATA=synthetic`` asks for it.

Every file is compared with its published SHA-256, wherever it comes from.
``python -m helpers.datasets`` fetches the sets of the lessons in advance,
``python -m helpers.datasets FOLDER`` writes them into a folder.
"""

from __future__ import annotations

import hashlib
import io
import os
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from helpers._shared import cache_folder
from helpers.datasets import download, local, sets
from helpers.datasets.sets import DataError, Dataset
from helpers.datasets.verify import Found

if TYPE_CHECKING:
    import numpy as np

    ImagesAndLabels = tuple[np.ndarray, np.ndarray]
    TrainAndTest = tuple[ImagesAndLabels, ImagesAndLabels]

FASHION_MNIST_CLASSES = sets.FASHION_MNIST.classes
KMNIST_CLASSES = sets.KMNIST.classes
_MISSING = "is not on this machine and could not be downloaded"


def load_fashion_mnist() -> TrainAndTest:
    """Load the 70,000 pictures of garments and print where they came from.

    Returns
    -------
    (train_images, train_labels), (test_images, test_labels)
        As ``keras.datasets.fashion_mnist.load_data()``: uint8 images (60000, 28, 28) and
        (10000, 28, 28), 0 black to 255 white; uint8 labels (60000,) and (10000,), the positions in
        ``FASHION_MNIST_CLASSES``.

    Raises
    ------
    DataError
        If ``COURSE_DATA_DIR`` is not a folder, or ``COURSE_DATA=real`` and the set cannot be had.

    References
    ----------
    Xiao, Rasul, Vollgraf: Fashion-MNIST, 2017, arXiv 1708.07747. MIT license.
    """
    return load(sets.FASHION_MNIST)


def load_mnist() -> TrainAndTest:
    """Load the 70,000 handwritten digits of MNIST and print where they came from.

    Returns
    -------
    (train_images, train_labels), (test_images, test_labels)
        As ``keras.datasets.mnist.load_data()``: uint8 images (60000, 28, 28) and (10000, 28, 28),
        0 paper to 255 ink; uint8 labels (60000,) and (10000,), the digits.

    Raises
    ------
    DataError
        If ``COURSE_DATA_DIR`` is not a folder, or ``COURSE_DATA=real`` and the set cannot be had.

    References
    ----------
    LeCun, Bottou, Bengio, Haffner: Gradient-based learning applied to document recognition, 1998.
    CC BY-SA 3.0 license.
    """
    return load(sets.MNIST)


def load_kmnist() -> TrainAndTest:
    """Load the 70,000 handwritten Japanese characters of Kuzushiji-MNIST and print their source.

    Returns
    -------
    (train_images, train_labels), (test_images, test_labels)
        In the form of `load_mnist`; the labels are the positions in ``KMNIST_CLASSES``, which
        names ten hiragana: お き す つ な は ま や れ を.

    Raises
    ------
    DataError
        If ``COURSE_DATA_DIR`` is not a folder, or the set cannot be had: it has no synthetic
        replacement.

    References
    ----------
    "KMNIST Dataset", created by ROIS-DS Center for Open Data in the Humanities, adapted from
    "Kuzushiji Dataset", doi:10.20676/00000341. CC BY-SA 4.0 license.
    Clanuwat et al.: Deep learning for classical Japanese literature, 2018, arXiv 1812.01718.
    """
    return load(sets.KMNIST)


def load(dataset: Dataset) -> TrainAndTest:
    """Find, download, or draw one set, as the environment variables ask."""
    choice = os.environ.get("COURSE_DATA", "")
    if choice not in ("", "real", "synthetic"):
        raise DataError(f"COURSE_DATA is {choice!r}, expected 'real' or 'synthetic', or nothing.")
    if choice == "synthetic":
        if not dataset.draw:
            raise DataError(
                f"COURSE_DATA is 'synthetic', but there is no synthetic {dataset.name}: unset it, "
                "or set it to 'real'."
            )
        return _load_synthetic(dataset, "as COURSE_DATA=synthetic asks", [])

    found, notes = collect(dataset)
    if not found:
        if choice == "real" or not dataset.draw:
            raise DataError(explain_failure(dataset, notes))
        return _load_synthetic(dataset, f"because {dataset.name} {_MISSING}", notes)
    for note in notes:
        print(f"Note: {note}")
    sources = " and ".join(dict.fromkeys(file.source for file in found))
    arrays = _make_arrays(dataset, found)
    counts = f"{len(arrays['y_train']):,} training, {len(arrays['y_test']):,} test pictures"
    print(f"{dataset.name} {sources}: {counts}")
    return (arrays["x_train"], arrays["y_train"]), (arrays["x_test"], arrays["y_test"])


def collect(dataset: Dataset) -> tuple[list[Found], list[str]]:
    """Find or download the four files of a set.

    Returns
    -------
    found, notes
        The verified files, in the order of ``dataset.files``, or none if one cannot be had; and
        sentences for the reader on what went wrong on the way.
    """
    folders, mirrors = local.folders_to_search(), download.mirrors_of(dataset)
    found: list[Found] = []
    notes: list[str] = []
    for file in dataset.files:
        part = local.find(dataset, file, folders, notes)
        part = part or download.fetch(dataset, file, mirrors, notes)
        if not part:
            break
        found.append(part)
    if local.OWN in folders and f"from {local.OWN}" not in {file.source for file in found}:
        notes.insert(0, local.explain_own_folder(dataset, folders[local.OWN]))
    return found if len(found) == len(dataset.files) else [], notes


def explain_failure(dataset: Dataset, notes: list[str]) -> str:
    """Say why a set could not be had, and how to get it."""
    reasons = "".join(f"- {note}\n" for note in notes)
    return f"{dataset.name} {_MISSING}:\n{reasons}{_how_to_get(dataset)}"


def _how_to_get(dataset: Dataset) -> str:
    if os.environ.get("COURSE_DATA") == "synthetic":
        return "To get the real pictures: unset COURSE_DATA."
    return (
        "To get the real pictures: connect this machine to the internet and run this again, or "
        f"set COURSE_DATA_DIR to a folder with {dataset.folders[0]}/ in it."
    )


def _make_arrays(dataset: Dataset, found: list[Found]) -> dict[str, np.ndarray]:
    """Turn the four files into arrays that can be written to, by their names in Keras."""
    import numpy as np  # not above: a bare machine can be told where its data is

    arrays = {}
    for file, content in zip(dataset.files, (part.content for part in found), strict=True):
        values = np.frombuffer(content, np.uint8, offset=len(file.header))
        arrays[file.key] = values.reshape(file.shape).copy()  # a view of bytes is read-only
    return arrays


def _load_synthetic(dataset: Dataset, why: str, notes: list[str]) -> TrainAndTest:
    """Draw the synthetic set, or read it from the cache, and say loudly that it is synthetic."""
    import numpy as np

    from helpers.datasets import synthetic

    code = hashlib.sha256(Path(synthetic.__file__).read_bytes()).hexdigest()[:8]
    path = cache_folder() / "synthetic" / f"{dataset.folders[0]}-{code}.npz"
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as kept:
            arrays = {file.key: kept[file.key] for file in dataset.files}
        if tuple(array.shape for array in arrays.values()) != dataset.shapes:
            raise ValueError("another size")
    except Exception:  # not there, or damaged: it is drawn again
        (train_count,), (test_count,), *_ = dataset.shapes
        train, test = getattr(synthetic, dataset.draw)(train_count, test_count)
        arrays = dict(zip(("x_train", "y_train", "x_test", "y_test"), (*train, *test), strict=True))
        buffer = io.BytesIO()
        np.savez(buffer, **arrays)
        local.keep(path, buffer.getvalue(), notes)
    _print_notice(dataset, why, notes)
    return (arrays["x_train"], arrays["y_train"]), (arrays["x_test"], arrays["y_test"])


def _print_notice(dataset: Dataset, why: str, notes: list[str]) -> None:
    """Print a box in plain ASCII, which every terminal can show."""
    paragraphs = [
        f"THIS IS NOT {dataset.name.upper()}, BUT SYNTHETIC DATA",
        f"The pictures are drawn by the course, {why}.",
        *(f"- {note}" for note in notes),
        "Every cell runs. Pictures, labels, and numbers will differ from those in the text.",
        _how_to_get(dataset),
    ]
    print("+" + "-" * 74 + "+")
    for paragraph in paragraphs:
        for line in textwrap.wrap(paragraph, 70):
            print(f"| {line:<72} |")
    print("+" + "-" * 74 + "+")
