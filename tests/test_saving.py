"""Lesson 4 saves so that a kill at any moment destroys nothing: its own cells, really killed.

Only the pictures are others: few, and easy to tell apart.
"""

import json
import multiprocessing
import os
import pathlib
import random
import sys
import time

import nbformat
import numpy as np
import pandas as pd

COURSE = pathlib.Path(__file__).parents[1]
LESSON = COURSE / "notebooks/04_saving.ipynb"
KILLS, EPOCHS, STEPS = 20, 5, 8  # 8 batches of 128 an epoch
CLASSES = ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
           "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"]  # fmt: skip
BUILD = "build-imports build-code build-compile"
PREPARE = (
    "card-code card-check card-version card-load whole-code safe-folder safe-keep safe-latest "
    "finish-write-card"
)
FINISH = "finish-best finish-test finish-card finish-save finish-clear finish-load-code"


def some_pictures():
    """Make pictures of ten classes: each has a bright bar of its own."""
    rng = np.random.default_rng(1)
    labels = (np.arange(STEPS * 128 + 200) % 10).astype("uint8")
    images = rng.integers(0, 60, (len(labels), 28, 28), dtype="uint8")
    for label in range(10):
        row, column = divmod(label, 2)
        images[labels == label, row * 5 + 2 : row * 5 + 6, column * 14 : column * 14 + 14] = 255
    return images, labels


def names_before(practice):
    """Give the names that earlier cells of the lesson have made."""
    images, labels = some_pictures()
    return {
        "np": np, "pd": pd, "json": json, "pathlib": pathlib, "practice": practice,
        "class_names": list(CLASSES),
        "train_images": images[200:, ..., None], "train_labels": labels[200:],
        "validation_images": images[:200, ..., None], "validation_labels": labels[:200],
        "test": (images[:200], labels[:200]),
        "table": pd.DataFrame({"val_accuracy": [0.5]}),
    }  # fmt: skip


def run_lesson(folder, connection, rounds):
    """Run the lesson's cells in a folder: train, save, clear, and all over again."""
    os.chdir(folder)
    code = {cell.id: cell.source for cell in nbformat.read(LESSON, as_version=4).cells}
    names = names_before(folder)

    def run(cells):
        for cell in cells.split():
            exec(compile(code[cell], cell, "exec"), names)

    run(BUILD)
    names["model"] = names["new_model"]()
    run(PREPARE)
    for _ in range(rounds):
        run("safe-start")
        connection.send(len(names["rows"]))
        run("safe-fit")
        run(FINISH)


def last_epoch(folder):
    files = sorted((folder / "saved/training").glob("epoch-*.keras"))
    return int(files[-1].stem[-2:]) if files else 0


def history_time(folder):
    """Give the time of the last saving, or None."""
    try:
        return (folder / "saved/training/history.csv").stat().st_mtime_ns
    except FileNotFoundError:
        return None


def wait_for_saving(folder, before):
    """Wait until something has been saved: what comes first takes long and writes nothing."""
    deadline = time.monotonic() + 60
    while history_time(folder) == before:
        assert time.monotonic() < deadline, "nothing was saved"
        time.sleep(0.005)


def check_all_is_whole(folder):
    """Load every file that bears its final name."""
    import keras

    pictures, _ = some_pictures()
    for file in sorted((folder / "saved").rglob("*.*")):
        if file.name.startswith("fresh-"):
            continue
        if file.suffix == ".keras":
            model = keras.models.load_model(file)
            assert np.isfinite(model(pictures[:2, ..., None])).all()
            if file.name.startswith("epoch-"):
                assert int(model.optimizer.iterations) == int(file.stem[-2:]) * STEPS, file.name
        elif file.suffix == ".csv":
            table = pd.read_csv(file, index_col="epoch")
            assert list(table.index) == list(range(1, len(table) + 1)), file.name
            assert table.shape[1] == 4 and np.isfinite(table.to_numpy()).all(), file.name
            at_least = last_epoch(folder) if file.name == "history.csv" else EPOCHS
            assert len(table) >= at_least, file.name
        else:
            card = json.loads(file.read_text("utf-8"))
            assert card["classes"] == CLASSES and 0 < card["accuracy"]["test"] <= 1


def start(folder, rounds):
    """Start the lesson in a process of its own; give it, its pipe, and the epochs it found."""
    context = multiprocessing.get_context("forkserver" if sys.platform == "linux" else "spawn")
    if sys.platform == "linux":
        context.set_forkserver_preload(["keras"])  # imported once, for all twenty
    ours, theirs = context.Pipe()
    process = context.Process(target=run_lesson, args=(folder, theirs, rounds))
    process.start()
    assert ours.poll(60), "the lesson's cells did not start"
    return process, ours, ours.recv()  # a pipe that is dropped would stop the lesson


def test_kills_damage_nothing_and_training_goes_on_from_the_last_whole_epoch(tmp_path, monkeypatch):
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "2")
    chance = random.Random(4)
    finished, cut, found_epochs = set(), 0, []
    for number in range(KILLS):
        expected, before = last_epoch(tmp_path), history_time(tmp_path)
        process, pipe, found = start(tmp_path, rounds=1000)
        assert found == expected
        if number % 4:
            wait_for_saving(tmp_path, before)
        time.sleep(chance.uniform(0, 1.5))
        process.kill()
        process.join()
        pipe.close()
        assert process.exitcode != 1, "the cells ended with an error of their own"
        check_all_is_whole(tmp_path)
        names = {file.name for file in (tmp_path / "saved").glob("fashion_model.*")}
        assert finished <= names, "a finished file is gone"
        finished = names
        cut += any((tmp_path / "saved").rglob("fresh-*"))
        found_epochs.append(last_epoch(tmp_path))
    print(f"{cut} kills left a half-written file; epochs on disk after each: {found_epochs}")
    expected = last_epoch(tmp_path)
    process, pipe, found = start(tmp_path, rounds=1)
    process.join(60)
    assert found == expected and process.exitcode == 0
    check_all_is_whole(tmp_path)
    assert len(pd.read_csv(tmp_path / "saved/fashion_model.csv")) == EPOCHS
    assert not list((tmp_path / "saved/training").iterdir())
