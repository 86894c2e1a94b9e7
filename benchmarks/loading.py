"""Loading both sets, verified, against Keras's own loader, which does not verify.

Both read the same compressed content in one run, in turn; the median of several rounds counts.
Needs COURSE_DATA_DIR. Exit status 1 if the verified way takes more than 1.3 times as long.
"""

import contextlib
import importlib
import io
import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from helpers import datasets, environment
from helpers.datasets import local, sets

ROUNDS = 9
LIMIT = 1.3


def keras_loaders(folder: Path) -> list:
    """Lay the data out as Keras keeps it, and let Keras's loaders read that, without any check."""
    chosen = local.folders_to_search()[local.OWN]
    for name in sets.KEYS:
        shutil.copy(chosen / "fashion_mnist" / f"{name}.gz", folder)
    (x_train, y_train), (x_test, y_test) = datasets.load_mnist()
    arrays = {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}
    np.savez_compressed(folder / "mnist.npz", **arrays)
    loaders = []
    for name in ("fashion_mnist", "mnist"):
        module = importlib.import_module(f"keras.src.datasets.{name}")
        module.get_file = lambda fname, **_: str(folder / fname)
        loaders.append(module.load_data)
    return loaders


def seconds(*loaders) -> float:
    """Time the loaders, one after the other."""
    start = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()):
        for load in loaders:
            load()
    return time.perf_counter() - start


def main() -> int:
    """Print one line for each way, and the ratio."""
    if not os.environ.get("COURSE_DATA_DIR"):
        print("Set COURSE_DATA_DIR to the folder with the real data.")
        return 2
    os.environ["COURSE_DATA"] = "real"
    environment.prepare()
    with tempfile.TemporaryDirectory() as folder:
        theirs_load = keras_loaders(Path(folder))
        ours, theirs = [], []
        for _ in range(ROUNDS):
            ours.append(seconds(datasets.load_fashion_mnist, datasets.load_mnist))
            theirs.append(seconds(*theirs_load))
    ratio = statistics.median(ours) / statistics.median(theirs)
    print(f"this course, verified:   {statistics.median(ours):.2f} s")
    print(f"Keras, without a check:  {statistics.median(theirs):.2f} s")
    print(f"ratio:                   {ratio:.2f}  (limit {LIMIT})")
    return int(ratio > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
