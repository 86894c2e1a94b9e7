"""Settings that all tests share."""

import os


def pytest_configure(config):
    """Run on the real data where COURSE_DATA_DIR names it, else on the stand-in: never download."""
    if not os.environ.get("COURSE_DATA_DIR"):
        os.environ.setdefault("COURSE_DATA", "standin")
    os.environ.setdefault("COURSE_CACHE_DIR", str(config.cache.mkdir("course")))
    os.environ["COURSE_PROGRESS_DIR"] = str(config.cache.mkdir("progress"))
    os.environ.setdefault("MPLBACKEND", "agg")
