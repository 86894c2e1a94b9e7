"""Settings that all tests share."""

import os
from pathlib import Path

# Kept between runs, because drawing the synthetic sets takes time.
OWN = Path(__file__).parents[1] / "build/tests"
ALONE = "test_lesson_alone"  # executes a whole lesson
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


def pytest_xdist_make_scheduler(config, log):
    """Keep the tests of a file on one core, but let each lesson that is executed have its own."""
    from xdist.scheduler import LoadScopeScheduling

    class Scheduler(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return nodeid if ALONE in nodeid else nodeid.split("::")[0]

    return Scheduler(config, log)


def pytest_collection_modifyitems(items):
    """Begin with what takes longest; the cells of a lesson keep their order."""

    def place(item):
        name = item.nodeid if ALONE in item.nodeid else item.path.name
        return next((i for i, part in enumerate(LONGEST) if part in name), len(LONGEST))

    items.sort(key=place)
