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

import numpy as np
import pandas as pd
import pytest

from tools.lessons import cell_named, lesson, run_cells

LESSON = "04"
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
    """Return the names that earlier cells of the lesson have made."""
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
    names = names_before(folder)

    def run(cells):
        run_cells(LESSON, cells, names)

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


def wait_for_changes(folder, times):
    """Wait until a file has been made or renamed in this folder so many times."""
    deadline = time.monotonic() + 60
    before = folder.stat().st_mtime_ns
    while times:
        assert time.monotonic() < deadline, f"nothing was saved in {folder.name}"
        now = folder.stat().st_mtime_ns
        times -= now != before
        before = now
        time.sleep(0.0005)


def wait_for_the_moment(folder, number, chance):
    """Wait for any moment (5 of 20), while an epoch is saved (10), while the result is (5)."""
    if number % 4 == 0:
        time.sleep(chance.uniform(0, 3))
        return
    if number % 4 == 3:
        wait_for_changes(folder / "saved", chance.randint(1, 3))
    else:
        wait_for_changes(folder / "saved/training", chance.randint(1, 6))
    time.sleep(chance.uniform(0, 0.015))


def unfinished(folder):
    files = (folder / "saved").rglob("fresh-*")
    return {(file.name, file.stat().st_mtime_ns) for file in files}


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
            newest = file.with_name(f"epoch-{len(table):02d}.keras")
            if newest.exists():  # first the history, then the model: never a model without its row
                assert file.stat().st_mtime_ns <= newest.stat().st_mtime_ns, "saved the wrong way"
        else:
            card = json.loads(file.read_text("utf-8"))
            assert card["classes"] == CLASSES and 0 < card["accuracy"]["test"] <= 1


def start(folder, rounds):
    """Start the lesson in a process of its own; give it, its pipe, and the epochs it found."""
    context = multiprocessing.get_context("forkserver" if sys.platform == "linux" else "spawn")
    if sys.platform == "linux":
        context.set_forkserver_preload(["keras"])  # imported once, for all of them
    ours, theirs = context.Pipe()
    process = context.Process(target=run_lesson, args=(folder, theirs, rounds))
    process.start()
    assert ours.poll(60), "the lesson's cells did not start"
    return process, ours, ours.recv()  # a pipe that is dropped would stop the lesson


@pytest.mark.slow
def test_kills_damage_nothing_and_training_goes_on_from_the_last_whole_epoch(tmp_path, monkeypatch):
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "2")
    chance = random.Random(4)
    finished, cut, found_epochs, between = set(), 0, [], False
    for number in range(KILLS):
        expected, before = last_epoch(tmp_path), unfinished(tmp_path)
        process, pipe, found = start(tmp_path, rounds=1000)
        assert found == expected
        wait_for_the_moment(tmp_path, number, chance)
        process.kill()
        process.join()
        pipe.close()
        assert process.exitcode != 1, "the cells ended with an error of their own"
        check_all_is_whole(tmp_path)
        names = {file.name for file in (tmp_path / "saved").glob("fashion_model.*")}
        assert finished <= names, "a finished file is gone"
        finished = names
        cut += bool(unfinished(tmp_path) - before)
        found_epochs.append(last_epoch(tmp_path))
        if found_epochs[-1] > 1 and not between:  # as if killed between history and model
            between = True
            (tmp_path / f"saved/training/epoch-{found_epochs[-1]:02d}.keras").unlink()
    print(f"{cut} kills left an unfinished file; epochs on disk after each: {found_epochs}")
    assert between and finished and cut, "the kills hit no saving: they show nothing"
    expected = last_epoch(tmp_path)
    process, pipe, found = start(tmp_path, rounds=1)
    process.join(60)
    assert found == expected and process.exitcode == 0
    check_all_is_whole(tmp_path)
    assert len(pd.read_csv(tmp_path / "saved/fashion_model.csv")) == EPOCHS
    assert not list((tmp_path / "saved/training").iterdir())


def test_clearing_stopped_at_any_step_leaves_all_epochs_or_none(tmp_path, monkeypatch):
    clear = cell_named(lesson(LESSON), "finish-clear").source
    training = tmp_path / "training"
    left, stopped = [], True
    while stopped:
        training.mkdir(exist_ok=True)
        for number in range(1, EPOCHS + 1):
            (training / f"epoch-{number:02d}.keras").touch()
        counter = [len(left)]
        with monkeypatch.context() as patch:
            for name in ("rename", "mkdir", "unlink", "rmdir"):
                patch.setattr(os, name, stopping(getattr(os, name), counter))
            try:
                exec(clear, {"saved": tmp_path, "training": training})
                stopped = False
            except KeyboardInterrupt:
                pass
        left.append(len(list(training.glob("*"))))
    assert len(left) > EPOCHS and set(left) == {0, EPOCHS}


def stopping(function, counter):
    """Make a function that stops the program when the counter, shared by all, is used up."""

    def run(*arguments, **options):
        if not counter[0]:
            raise KeyboardInterrupt
        counter[0] -= 1
        return function(*arguments, **options)

    return run
