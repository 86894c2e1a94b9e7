"""The four systems of the course as published, on the real data, with three seeds each.

What a system is stands in its lesson's cells, and nowhere else: they are run here.

Every run is a process of its own, so that its memory can be measured. After each epoch, state and
history are saved in ``build/bench``: an interrupted benchmark goes on where it stopped. At the end,
``systems.csv`` (one line a run) and ``system_c_history.csv`` (40 epochs, which a lesson shows) are
written beside this file, and the table for README.md is printed. Times are seconds of processor
time, summed over all cores, because they depend less than a clock on what else the machine does.
To measure anew, delete ``build/bench`` first.

Run by ``make bench``; ``python -m benchmarks.systems A`` runs one system.
"""

import argparse
import contextlib
import csv
import inspect
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

from helpers._shared import COURSE, whole_file
from tools import lessons

HERE = Path(__file__).parent
WORK = COURSE / "build" / "bench"
SEEDS = (1, 2, 3)


class System(NamedTuple):
    """One system: where its lesson builds and trains it, and what it should reach."""

    name: str
    lesson: int
    model: str  # the lesson's name for it
    prepare: str  # the cells that load the data, build the model and compile it
    fit: str  # the cell that trains it
    evaluate: str  # the cell that measures it on the test set
    goal: float  # mean accuracy over the seeds
    metric: str = "test_accuracy"
    epochs: int = 0  # as published, where the lesson stops earlier to be done within its budget


SYSTEMS = {
    "A": System(
        "MLP on MNIST", 2, "digit_model",
        "digits-load build-code compile-code", "fit-code", "exam-code", 0.973,
    ),
    "B": System(
        "deeper MLP on Fashion-MNIST", 2, "model",
        "clothes-load clothes-split list-code train-compile", "train-fit", "test-code", 0.875,
    ),
    "C": System(
        "CNN on Fashion-MNIST", 3, "model",
        "fashion-load fashion-channel cnn cnn-compile-code", "cnn-fit", "exam-code", 0.915,
        "best_validation_accuracy", epochs=40,
    ),
    "D": System(
        "LeNet-style CNN on MNIST", 3, "lenet",
        "load-code load-channel one-hot-all lenet-code compile-code", "fit-code", "evaluate", 0.987,
        epochs=10,
    ),
}  # fmt: skip


def prepare(system: System) -> tuple[Any, dict[str, Any]]:
    """Run a system's cells up to its compiled model; return the model and all variables."""
    import keras
    import numpy as np

    from helpers import datasets

    variables = {"keras": keras, "layers": keras.layers, "np": np, "datasets": datasets}
    variables |= {"each_epoch": None}  # the lesson's report on each epoch
    lessons.run_cells(system.lesson, system.prepare, variables)
    return variables[system.model], variables


def arguments_of(method: str, system: System, variables: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments with which the lesson calls its model's ``fit`` or ``evaluate``."""
    model, cell = variables[system.model], getattr(system, method)
    signature = inspect.signature(getattr(model, method))
    stopped = contextlib.suppress(_StoppedError)
    with mock.patch.object(model, method, side_effect=_StoppedError) as call, stopped:
        lessons.run_cells(system.lesson, cell, variables)
    arguments = signature.bind(*call.call_args.args, **call.call_args.kwargs).arguments
    arguments.update(arguments.pop("kwargs", {}))
    return {name: arguments[name] for name in arguments if name not in ("verbose", "callbacks")}


class _StoppedError(Exception):
    """The lesson has called the method; no need to go on."""


def run(letter: str, seed: int) -> None:
    """Train and measure one system in this process, and write its result."""
    from helpers import environment

    os.environ["COURSE_DATA"] = "real"
    environment.prepare(seed)
    import keras

    class Clock(keras.callbacks.Callback):
        """Add the processor time of each epoch to the history."""

        def on_epoch_begin(self, epoch, logs=None):
            self.start = time.process_time()

        def on_epoch_end(self, epoch, logs=None):
            logs["cpu_seconds"] = round(time.process_time() - self.start, 2)

    system = SYSTEMS[letter]
    model, variables = prepare(system)
    fit = arguments_of("fit", system, variables)
    fit["epochs"] = system.epochs or fit["epochs"]
    folder = WORK / f"{letter}{seed}"
    folder.mkdir(parents=True, exist_ok=True)
    model.fit(
        **fit,
        verbose=2,
        callbacks=[
            Clock(),
            keras.callbacks.CSVLogger(folder / "history.csv", append=True),
            keras.callbacks.BackupAndRestore(str(folder / "backup"), delete_checkpoint=False),
        ],
    )
    test = arguments_of("evaluate", system, variables) | {"return_dict": True}
    accuracy = model.evaluate(**test, verbose=0)["accuracy"]
    epochs = read_history(folder)
    validation = [float(epoch["val_accuracy"]) for epoch in epochs if "val_accuracy" in epoch]
    result = {
        "system": letter,
        "seed": seed,
        "test_accuracy": round(accuracy, 4),
        "best_validation_accuracy": round(max(validation), 4) if validation else "",
        "cpu_seconds": round(sum(float(epoch["cpu_seconds"]) for epoch in epochs)),
        "epochs": fit["epochs"],
        "peak_memory_gb": round(peak_memory() / 1e9, 2),
    }
    write(folder / "result.json", json.dumps(result))


def read_history(folder: Path) -> list[dict]:
    """Read the epochs in order; one that was logged twice, around an interruption, counts once."""
    with (folder / "history.csv").open() as file:
        epochs = {int(epoch["epoch"]): epoch for epoch in csv.DictReader(file)}
    return [{k: v for k, v in epochs[n].items() if v != "NA"} for n in sorted(epochs)]


def peak_memory() -> int:
    """Return the largest memory of this process so far, in bytes."""
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def write(path: Path, text: str) -> None:
    """Write a whole file or none."""
    with whole_file(path) as fresh:
        fresh.write_text(text, "utf-8")


def write_csv(path: Path, rows: list[dict]) -> None:
    """Write rows with the same keys, under a line of these keys."""
    lines = [rows[0].keys(), *(row.values() for row in rows)]
    write(path, "".join(",".join(map(str, line)) + "\n" for line in lines))


def table(results: list[dict]) -> str:
    """Write the means over the seeds as a Markdown table."""
    lines = [
        "| System | Test accuracy | Best validation | Epochs | CPU seconds | Peak memory |",
        "|---|---|---|---|---|---|",
    ]
    for letter, system in SYSTEMS.items():
        runs = [result for result in results if result["system"] == letter]
        if not runs:
            continue

        def mean(key, runs=runs):
            return sum(float(run[key]) for run in runs) / len(runs)

        has_validation = runs[0]["best_validation_accuracy"] != ""
        validation = f"{mean('best_validation_accuracy'):.1%}" if has_validation else "–"
        lines.append(
            f"| {letter} · {system.name} | {mean('test_accuracy'):.1%} | {validation} | "
            f"{mean('epochs'):.0f} | {mean('cpu_seconds'):.0f} | {mean('peak_memory_gb'):.1f} GB |"
        )
    return "\n".join(lines)


def main() -> int:
    """Run what is missing, then write the results and compare them with the goals."""
    parser = argparse.ArgumentParser("python -m benchmarks.systems")
    parser.add_argument("systems", nargs="*", metavar="A|B|C|D", help="all four if none is named")
    parser.add_argument("--seed", type=int, help="one run in this process")
    arguments = parser.parse_args()
    letters = arguments.systems or list(SYSTEMS)
    if unknown := set(letters) - set(SYSTEMS):
        parser.error(f"unknown system {unknown.pop()!r}: expected A, B, C or D")
    if arguments.seed:
        run(letters[0], arguments.seed)
        return 0
    results = []
    for letter in letters:
        for seed in SEEDS:
            path = WORK / f"{letter}{seed}" / "result.json"
            if not path.exists():
                print(f"--- system {letter}, {SYSTEMS[letter].name}, seed {seed}", flush=True)
                command = [sys.executable, "-m", "benchmarks.systems", letter, "--seed", str(seed)]
                subprocess.run(command, check=True, cwd=COURSE)
            results.append(json.loads(path.read_text("utf-8")))
    print(table(results))
    missed = []
    for letter in letters:
        goal, key = SYSTEMS[letter].goal, SYSTEMS[letter].metric
        runs = [float(result[key]) for result in results if result["system"] == letter]
        if sum(runs) / len(runs) < goal:
            missed.append(f"system {letter}: {sum(runs) / len(runs):.4f}, goal {goal}")
    print("\n".join(missed) or "All systems reach their published figures.")
    if set(letters) == set(SYSTEMS):
        write_csv(HERE / "systems.csv", results)
        write_csv(HERE / "system_c_history.csv", read_history(WORK / f"C{SEEDS[0]}"))
    return len(missed)


if __name__ == "__main__":
    sys.exit(main())
