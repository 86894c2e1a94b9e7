"""The benchmarks measure what the lessons teach, and README says what they recorded."""

import csv
import re

import numpy as np
import pytest

from benchmarks import lessons, photos, systems
from benchmarks.simulated import conditions
from tools.lessons import COURSE, LESSONS, cell_named, read

README = (COURSE / "README.md").read_text("utf-8")


def rows(name):
    with (COURSE / "benchmarks" / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


# --- the four systems -------------------------------------------------------------------------

# As published: parameters, optimizer, loss, and the settings of fit.
SPARSE = "sparse_categorical_crossentropy"
PUBLISHED = {
    "A": (101_770, "Adam", SPARSE, {"batch_size": 32, "epochs": 5}, 60_000),
    "B": (266_610, "SGD", SPARSE, {"batch_size": None, "epochs": 30}, 55_000),
    "C": (507_530, "Adam", SPARSE,
          {"batch_size": 128, "epochs": 40, "validation_split": 0.2}, 60_000),
    "D": (109_994, "Adam", "categorical_crossentropy", {"batch_size": 200, "epochs": 10}, 60_000),
}  # fmt: skip


@pytest.fixture(scope="module", params=systems.SYSTEMS)
def taken(request):
    """Return a system's letter, and what the benchmark takes from its lesson."""
    system = systems.SYSTEMS[request.param]
    model, variables = systems.prepare(system)
    fit, evaluate = (
        systems.arguments_of(method, system, variables) for method in ("fit", "evaluate")
    )
    fit["epochs"] = system.epochs or fit["epochs"]
    return request.param, model, fit, evaluate


def test_lesson_trains_each_system_as_published(taken):
    letter, model, fit, evaluate = taken
    parameters, optimizer, loss, settings, count = PUBLISHED[letter]
    assert model.count_params() == parameters
    assert (type(model.optimizer).__name__, model.loss) == (optimizer, loss)
    defaults = {"batch_size": None, "validation_split": 0.0}
    assert {name: fit.get(name, defaults.get(name)) for name in settings} == settings
    assert len(fit["x"]) == len(fit["y"]) == count and len(evaluate["x"]) == 10_000
    assert ("validation_data" in fit) == (letter == "B")
    assert int(model.optimizer.iterations) == 0, "taking the arguments must not train"


def test_benchmark_trains_and_measures_with_what_it_took(taken):
    _, model, fit, evaluate = taken
    few = {name: fit[name][:400] for name in ("x", "y")}
    history = model.fit(**(fit | few | {"epochs": 1, "verbose": 0}))
    assert np.isfinite(history.history["loss"]).all()
    few = {name: evaluate[name][:100] for name in ("x", "y")} | {"return_dict": True}
    assert 0 <= model.evaluate(**(evaluate | few), verbose=0)["accuracy"] <= 1


def test_readme_shows_the_recorded_systems():
    results = rows("systems.csv")
    assert systems.table(results) in README
    runs = {(run["system"], int(run["seed"])) for run in results}
    assert runs == {(letter, seed) for letter in systems.SYSTEMS for seed in systems.SEEDS}
    assert {run["epochs"] for run in results if run["system"] == "C"} == {"40"}
    assert len(rows("system_c_history.csv")) == 40


# --- pictures ---------------------------------------------------------------------------------


def test_readme_shows_the_recorded_pictures():
    results = [tuple(row.values()) for row in rows("photos.csv")]
    assert photos.summary(results) in README
    read_in = {name for name, way, _ in results if way == "prepare"} - {"all"}
    assert read_in == set(conditions.CONDITIONS), "run make bench again"
    total = f"{photos.COUNT * len(read_in):,} simulated\npictures, {photos.COUNT} in each of "
    assert f"{total}{len(read_in)} conditions" in README


# --- lessons ----------------------------------------------------------------------------------


def test_every_lesson_is_recorded():
    """Seconds decide nothing here: `make bench` holds the budgets, on a machine that is quiet."""
    recorded = rows("lessons.csv")
    assert [row["lesson"] for row in recorded] == [path.stem for path in LESSONS], "run make bench"
    for row, path in zip(recorded, LESSONS, strict=True):
        cell_named(read(path), row["slowest_cell"])
        assert 0 < float(row["slowest_cell_seconds"]) <= float(row["seconds"])
        assert 0 < float(row["memory_gb"]) <= lessons.MEMORY


def test_lessons_say_how_long_they_compute():
    for row, path in zip(rows("lessons.csv"), LESSONS, strict=True):
        promised = re.search(r"(under )?(\d+) min computing on 2 cores", read(path).cells[1].source)
        limit = 60 * int(promised[2])
        assert float(row["seconds"]) <= limit * (1 if promised[1] else 1.5), path.stem
