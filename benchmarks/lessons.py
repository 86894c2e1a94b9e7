"""Time and memory of every lesson, executed as on Colab: alone in an empty folder.

``python -m benchmarks.lessons`` prints a line per lesson and writes ``lessons.csv``: the seconds of
all cells together and of the slowest one, and the kernel's peak memory. With numbers, as in
``python -m benchmarks.lessons 2 3``, it measures these lessons anew. Exit status 1 if a budget is
missed: 90 s for a cell, 4 minutes for a lesson, 1.5 GB for a kernel. Measure on a machine that does
nothing else.
"""

from __future__ import annotations

import contextlib
import csv
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import nbformat
from nbclient import NotebookClient
from traitlets.config import Config

from helpers._shared import data_folders, whole_file
from tools.lessons import COURSE, LESSONS, read

RECORD = Path(__file__).with_suffix(".csv")
CELL, LESSON, MEMORY = 90, 240, 1.5  # seconds, seconds, GB
# The kernel's own peak, in kilobytes; ru_maxrss would begin with that of the process that began it.
PEAK = "import re; print(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1])"


class Cost(NamedTuple):
    """What executing a lesson costs."""

    seconds: float
    slowest: float  # seconds of the slowest cell
    cell: str  # its id
    gigabytes: float  # the kernel's peak memory; 0 where it cannot be measured


def make_origin(folder: Path) -> str:
    """Make a repository of the working tree and return its address, to be cloned from."""
    unwanted = shutil.ignore_patterns(".*", "build", "images", "data", "__pycache__")
    shutil.copytree(COURSE, folder, ignore=unwanted)
    who = ["-c", "user.name=course", "-c", "user.email=course@localhost"]
    for command in (["init", "-q"], ["add", "."], [*who, "commit", "-q", "-m", "course"]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    return folder.as_uri()


def execute_alone(notebook: nbformat.NotebookNode, folder: Path, origin: str) -> Cost:
    """Execute a notebook in an empty folder, where its first cell has to fetch the course.

    The outputs are stored in ``notebook``. A cell that raises an error ends it, unless it is tagged
    ``raises-exception``.
    """
    started, seconds = {}, {}
    last = nbformat.v4.new_code_cell(PEAK)
    if sys.platform == "linux":
        notebook.cells.append(last)
    client = NotebookClient(
        notebook,
        timeout=300,
        config=Config({"KernelManager": {"transport_encryption": "auto"}}),  # else it warns
        resources={"metadata": {"path": str(folder)}},
        on_cell_start=lambda cell, cell_index: started.update({cell.id: time.monotonic()}),
        on_cell_executed=lambda cell, cell_index, execute_reply: seconds.update(
            {cell.id: time.monotonic() - started[cell.id]}
        ),
    )
    with _as_on_colab(origin) as environment:
        client.execute(env=environment)
    slowest = max(seconds, key=lambda name: seconds[name])
    gigabytes = int(last.outputs[0].text) / 1e6 if sys.platform == "linux" else 0
    return Cost(sum(seconds.values()), seconds[slowest], slowest, gigabytes)


@contextlib.contextmanager
def _as_on_colab(origin: str) -> Iterator[dict[str, str]]:
    """Yield the environment variables of a kernel on Colab that fetches the course from here."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    kept |= {"COURSE_URL": origin, "COLAB_RELEASE_TAG": "release-colab-simulated"}
    if os.environ.get("COURSE_DATA_DIR"):
        kept["COURSE_DATA_DIR"] = str(data_folders()["your data folder"].resolve())
    with tempfile.TemporaryDirectory() as folder:
        yield kept | {"COURSE_PROGRESS_DIR": folder}


def main(numbers: list[str]) -> int:
    """Measure the lessons of these numbers, or all; return 1 if a budget is missed."""
    os.environ["COURSE_DATA"] = "real"
    chosen = [LESSONS[int(number)] for number in numbers] or LESSONS
    costs = {}
    with tempfile.TemporaryDirectory() as place:
        origin = make_origin(Path(place, "origin"))
        for path in chosen:
            folder = Path(place, path.stem)
            folder.mkdir()
            cost = costs[path.stem] = execute_alone(read(path), folder, origin)
            print(
                f"{path.stem}: {cost.seconds:.0f} s, slowest cell {cost.slowest:.0f} s "
                f"({cost.cell}), {cost.gigabytes:.2f} GB",
                flush=True,
            )
    record(costs)
    over = [c for c in costs.values() if c.seconds > LESSON or c.slowest > CELL]
    return int(bool(over) or any(cost.gigabytes > MEMORY for cost in costs.values()))


def record(costs: dict[str, Cost]) -> None:
    """Write one row per lesson; a lesson that was not measured now keeps its row."""
    known = {}
    if RECORD.exists():
        with RECORD.open(encoding="utf-8") as file:
            known = {row["lesson"]: row for row in csv.DictReader(file)}
    for name, (seconds, slowest, cell, gigabytes) in costs.items():
        known[name] = {
            "lesson": name,
            "seconds": round(seconds),
            "slowest_cell_seconds": round(slowest),
            "slowest_cell": cell,
            "memory_gb": round(gigabytes, 2),
        }
    rows = [known[path.stem] for path in LESSONS if path.stem in known]
    with whole_file(RECORD) as fresh, fresh.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
