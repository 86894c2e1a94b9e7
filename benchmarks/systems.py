"""The four systems of the course as published, on the real data, with three seeds each.

Every run is a process of its own, so that its memory can be measured. After each epoch, state and
history are saved in ``build/bench``: an interrupted benchmark goes on where it stopped. At the end,
``systems.csv`` (one line a run) and ``system_c_history.csv`` (40 epochs, which a lesson shows) are
written beside this file, and the table for README.md is printed. Times are seconds of processor
time, summed over all cores, because they depend less than a clock on what else the machine does.
To measure anew, delete ``build/bench`` first.

Run by ``make bench``; ``python -m benchmarks.systems A`` runs one system.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
WORK = HERE.parent / "build" / "bench"
SEEDS = (1, 2, 3)
NAMES = {
    "A": "MLP on MNIST",
    "B": "deeper MLP on Fashion-MNIST",
    "C": "CNN on Fashion-MNIST",
    "D": "LeNet-style CNN on MNIST",
}
GOALS = {"A": 0.973, "B": 0.875, "C": 0.915, "D": 0.987}  # C: validation, best epoch; others: test
EPOCHS = {"A": 5, "B": 30, "C": 40, "D": 10}


def build(system: str):
    """Build and compile one system: architecture, loss and optimizer as published."""
    import keras
    from keras import layers

    inside = {
        "A": [layers.Flatten(), layers.Dense(128, activation="relu")],
        "B": [
            layers.Flatten(),
            layers.Dense(300, activation="relu"),
            layers.Dense(100, activation="relu"),
        ],
        "C": [
            layers.Conv2D(16, 3, activation="relu"),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(3, strides=2),
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dense(32, activation="relu"),
        ],
        "D": [
            layers.Conv2D(6, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Dropout(0.25),
            layers.Conv2D(16, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Dropout(0.25),
            layers.Conv2D(120, 3, activation="relu"),
            layers.Flatten(),
            layers.Dense(84, activation="relu"),
        ],
    }[system]
    shape = (28, 28) if system in "AB" else (28, 28, 1)
    model = keras.Sequential([keras.Input(shape), layers.Rescaling(1 / 255), *inside])
    model.add(layers.Dense(10, activation="softmax"))
    model.compile(
        optimizer="sgd" if system == "B" else "adam",
        loss="categorical_crossentropy" if system == "D" else "sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model


def fit_arguments(system: str, images, labels) -> dict:
    """Give the published arguments of ``fit``: data, batch size, epochs and validation."""
    import keras

    arguments = {"x": images, "y": labels, "epochs": EPOCHS[system], "batch_size": 32}
    if system == "B":
        arguments.update(x=images[5000:], y=labels[5000:])
        arguments["validation_data"] = (images[:5000], labels[:5000])
    if system == "C":
        arguments.update(batch_size=128, validation_split=0.2)
    if system == "D":
        arguments.update(batch_size=200, y=keras.utils.to_categorical(labels, 10))
    return arguments


def run(system: str, seed: int) -> None:
    """Train and measure one system in this process, and write its result."""
    from helpers import datasets, environment

    os.environ["COURSE_DATA"] = "real"
    environment.prepare(seed)
    import keras

    class Clock(keras.callbacks.Callback):
        """Add the processor time of each epoch to the history."""

        def on_epoch_begin(self, epoch, logs=None):
            self.start = time.process_time()

        def on_epoch_end(self, epoch, logs=None):
            logs["cpu_seconds"] = round(time.process_time() - self.start, 2)

    load = datasets.load_mnist if system in "AD" else datasets.load_fashion_mnist
    (images, labels), (test_images, test_labels) = load()
    folder = WORK / f"{system}{seed}"
    folder.mkdir(parents=True, exist_ok=True)
    model = build(system)
    model.fit(
        **fit_arguments(system, images, labels),
        verbose=2,
        callbacks=[
            Clock(),
            keras.callbacks.CSVLogger(folder / "history.csv", append=True),
            keras.callbacks.BackupAndRestore(str(folder / "backup"), delete_checkpoint=False),
        ],
    )
    if system == "D":
        test_labels = keras.utils.to_categorical(test_labels, 10)
    _, accuracy = model.evaluate(test_images, test_labels, verbose=0)
    epochs = read_history(folder)
    validation = [float(epoch["val_accuracy"]) for epoch in epochs if "val_accuracy" in epoch]
    result = {
        "system": system,
        "seed": seed,
        "test_accuracy": round(accuracy, 4),
        "best_validation_accuracy": round(max(validation), 4) if validation else "",
        "cpu_seconds": round(sum(float(epoch["cpu_seconds"]) for epoch in epochs)),
        "epochs": EPOCHS[system],
        "peak_memory_gb": round(peak_memory() / 1e9, 2),
    }
    write(folder / "result.json", json.dumps(result))


def read_history(folder: Path) -> list[dict]:
    """Read the epochs in order; one that was logged twice, around an interruption, counts once."""
    with (folder / "history.csv").open() as file:
        epochs = {int(epoch["epoch"]): epoch for epoch in csv.DictReader(file)}
    return [{k: v for k, v in epochs[n].items() if v != "NA"} for n in sorted(epochs)]


def peak_memory() -> int:
    """Give the largest memory of this process so far, in bytes."""
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def write(path: Path, text: str) -> None:
    """Write a whole file or none."""
    temporary = path.with_name(path.name + ".part")
    temporary.write_text(text, "utf-8")
    temporary.replace(path)


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
    for system, name in NAMES.items():
        runs = [result for result in results if result["system"] == system]
        if not runs:
            continue

        def mean(key, runs=runs):
            return sum(float(run[key]) for run in runs) / len(runs)

        has_validation = runs[0]["best_validation_accuracy"] != ""
        validation = f"{mean('best_validation_accuracy'):.1%}" if has_validation else "–"
        lines.append(
            f"| {system} · {name} | {mean('test_accuracy'):.1%} | {validation} | "
            f"{EPOCHS[system]} | {mean('cpu_seconds'):.0f} | {mean('peak_memory_gb'):.1f} GB |"
        )
    return "\n".join(lines)


def main() -> int:
    """Run what is missing, then write the results and compare them with the goals."""
    parser = argparse.ArgumentParser("python -m benchmarks.systems")
    parser.add_argument("systems", nargs="*", metavar="A|B|C|D", help="all four if none is named")
    parser.add_argument("--seed", type=int, help="one run in this process")
    arguments = parser.parse_args()
    arguments.systems = arguments.systems or list(NAMES)
    if unknown := set(arguments.systems) - set(NAMES):
        parser.error(f"unknown system {unknown.pop()!r}: expected A, B, C or D")
    if arguments.seed:
        run(arguments.systems[0], arguments.seed)
        return 0
    results = []
    for system in arguments.systems:
        for seed in SEEDS:
            path = WORK / f"{system}{seed}" / "result.json"
            if not path.exists():
                print(f"--- system {system}, {NAMES[system]}, seed {seed}", flush=True)
                command = [sys.executable, "-m", "benchmarks.systems", system, "--seed", str(seed)]
                subprocess.run(command, check=True, cwd=HERE.parent)
            results.append(json.loads(path.read_text("utf-8")))
    print(table(results))
    missed = []
    for system in arguments.systems:
        key = "best_validation_accuracy" if system == "C" else "test_accuracy"
        runs = [float(result[key]) for result in results if result["system"] == system]
        if sum(runs) / len(runs) < GOALS[system]:
            missed.append(f"system {system}: {sum(runs) / len(runs):.4f}, goal {GOALS[system]}")
    print("\n".join(missed) or "All systems reach their published figures.")
    if set(arguments.systems) == set(NAMES):
        write_csv(HERE / "systems.csv", results)
        write_csv(HERE / "system_c_history.csv", read_history(WORK / f"C{SEEDS[0]}"))
    return len(missed)


if __name__ == "__main__":
    sys.exit(main())
