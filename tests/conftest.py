"""Settings that all tests share."""

import os
from pathlib import Path

import solving

# Kept between runs, because drawing the synthetic sets takes time.
OWN = Path(__file__).parents[1] / "build/tests"
# What takes longest begins first, so that all cores are busy to the end.
LONGEST = ("03_cnn", "02_mlp", "04_saving", "test_saving", "05_predictions", "test_browser")


def pytest_configure(config):
    """Use the real data where COURSE_DATA_DIR is set, else synthetic data; download nothing."""
    if not os.environ.get("COURSE_DATA_DIR"):
        os.environ.setdefault("COURSE_DATA", "synthetic")
    os.environ.setdefault("COURSE_CACHE_DIR", str(OWN / "cache"))
    os.environ["COURSE_PROGRESS_DIR"] = str(OWN / "progress")
    os.environ.setdefault("MPLBACKEND", "agg")
    os.environ.pop(
        "MAKEFLAGS", None
    )  # tests that run make begin anew, whatever `make test` was told
    if os.environ.get("PYTEST_XDIST_WORKER"):  # the cores are shared already, and threads cost time
        os.environ |= {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}
    config.pluginmanager.register(solving)  # hooks of this file do not reach the notebooks


def pytest_collection_modifyitems(items):
    """Begin with what takes longest; the cells of a lesson keep their order."""

    def place(item):
        return next((i for i, part in enumerate(LONGEST) if part in item.path.name), len(LONGEST))

    items.sort(key=place)
