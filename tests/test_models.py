"""The models that come with the course load, are small, and are as good as their cards say.

`make test-colab` runs the same tests on the oldest supported Keras.
"""

import hashlib
import json
import os
from pathlib import Path

import numpy as np
import pytest

from helpers import datasets
from models import variety

MODELS = Path(__file__).parents[1] / "models"
LOADERS = {"fashion_cnn": datasets.load_fashion_mnist, "digits_cnn": datasets.load_mnist}
GOALS = {"fashion_cnn": 0.92, "digits_cnn": 0.993}
each_model = pytest.mark.parametrize("name", LOADERS)


def load(name):
    import keras

    return keras.models.load_model(MODELS / f"{name}.keras")


def card(name):
    return json.loads((MODELS / f"{name}.json").read_text("utf-8"))


def test_every_model_is_tested():
    assert {path.stem for path in MODELS.glob("*.keras")} == set(LOADERS)


@each_model
def test_file_is_small_and_the_one_that_its_card_describes(name):
    content = (MODELS / f"{name}.keras").read_bytes()
    assert len(content) <= 1_000_000
    seen = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    assert {"name": f"{name}.keras", **seen} == card(name)["file"]


@each_model
def test_model_takes_raw_pictures_and_gives_probabilities(name):
    model, facts = load(name), card(name)
    assert list(model.input_shape[1:]) == facts["input"]["shape"]
    assert model.count_params() == facts["parameters"]
    pictures = np.random.default_rng(0).integers(0, 256, (3, 28, 28, 1), dtype=np.uint8)
    probabilities = model.predict(pictures, verbose=0)
    assert probabilities.shape == (3, len(facts["classes"]))
    assert probabilities.sum(axis=1) == pytest.approx(1, abs=1e-5)


@pytest.mark.skipif(not os.environ.get("COURSE_DATA_DIR"), reason="COURSE_DATA_DIR is not set")
@each_model
def test_model_is_as_good_as_its_card_says(name):
    _, (images, labels) = LOADERS[name]()
    guesses = load(name).predict(images[..., None], batch_size=500, verbose=0).argmax(axis=-1)
    accuracy = (guesses == labels).mean()
    assert accuracy >= GOALS[name]
    assert accuracy == pytest.approx(card(name)["accuracy"]["test"], abs=0.0005)


def test_digits_are_read_whatever_the_pen():
    rng = np.random.default_rng(7)
    traces, labels = variety.write(rng, 500)
    for radius in (0.5, 1, 2.5):  # pixels
        ink = np.clip(radius - (255 - traces.astype(float)) / variety.STEP + 0.5, 0, 1)
        guesses = load("digits_cnn").predict(np.uint8(255 * ink)[..., None], verbose=0)
        assert (guesses.argmax(axis=-1) == labels).mean() >= 0.97


def test_digits_model_is_unsure_where_there_is_no_digit():
    rng = np.random.default_rng(7)
    scribbles = variety.scribble(rng, 200)
    pictures = variety.vary(rng, scribbles, np.ones(len(scribbles), bool))
    sure = load("digits_cnn").predict(pictures, verbose=0).max(axis=-1) > 0.9
    assert sure.mean() <= 0.03


def test_variety_is_the_same_for_the_same_seed():
    traces, _ = variety.write(np.random.default_rng(7), 100)
    traced = np.arange(len(traces)) % 2 == 0
    once, again = (variety.vary(np.random.default_rng(1), traces, traced) for _ in range(2))
    assert once.dtype == np.uint8 and once.shape == (len(traces), 28, 28, 1)
    assert np.array_equal(once, again)
    assert not np.array_equal(once, variety.vary(np.random.default_rng(2), traces, traced))
