"""Settings that all tests share."""

import os
import re
from pathlib import Path

import pytest

OWN = (
    Path(__file__).parents[1] / "build/tests"
)  # kept between runs: drawing the synthetic sets takes time

# What takes longest begins first, so that all cores are busy to the end.
LONGEST = ("03_cnn", "02_mlp", "04_saving", "test_saving", "05_predictions", "test_browser")


def pytest_configure():
    """Use the real data where COURSE_DATA_DIR is set, else synthetic data; download nothing."""
    if not os.environ.get("COURSE_DATA_DIR"):
        os.environ.setdefault("COURSE_DATA", "synthetic")
    os.environ.setdefault("COURSE_CACHE_DIR", str(OWN / "cache"))
    os.environ["COURSE_PROGRESS_DIR"] = str(OWN / "progress")
    os.environ.setdefault("MPLBACKEND", "agg")
    if os.environ.get("PYTEST_XDIST_WORKER"):  # the cores are shared already, and threads cost time
        os.environ |= {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Keep the tests of a file on one core, but let each lesson that is executed have its own."""

    def group(item):
        path, _, name = item.nodeid.partition("::")
        alone = path.endswith("test_lessons.py") and "alone" in name
        return re.sub(r"\W+", "-", item.nodeid) if alone else path

    def place(item):
        name = group(item)
        return next((i for i, part in enumerate(LONGEST) if part in name), len(LONGEST))

    for item in items:
        item.add_marker(pytest.mark.xdist_group(group(item)))
    items.sort(key=place)  # stable: cells of a lesson keep their order
