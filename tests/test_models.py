"""The models that come with the course load, are small, and are as good as their cards say.

`make test-colab` runs the same tests on the oldest supported Keras.
"""

import functools
import hashlib
import json
import os
from pathlib import Path

import numpy as np
import pytest

from helpers import datasets
from models import augmentation, train

MODELS = Path(__file__).parents[1] / "models"
LOADERS = {"fashion_cnn": datasets.load_fashion_mnist, "digits_cnn": datasets.load_mnist}
GOALS = {"fashion_cnn": 0.92, "digits_cnn": 0.993}
each_model = pytest.mark.parametrize("name", LOADERS)


@functools.cache
def load(name):
    import keras

    return keras.models.load_model(MODELS / f"{name}.keras")


def predict(name, pictures):
    return load(name).predict(pictures, batch_size=500, verbose=0)


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
def test_card_says_what_training_would_write(name):
    facts = card(name)
    assert {key: facts.get(key) for key in train.CARDS[name]} == train.CARDS[name]


@each_model
def test_model_takes_raw_pictures_and_gives_probabilities(name):
    model, facts = load(name), card(name)
    assert list(model.input_shape[1:]) == facts["input"]["shape"]
    assert model.count_params() == facts["parameters"]
    pictures = np.random.default_rng(0).integers(0, 256, (3, 28, 28, 1), dtype=np.uint8)
    probabilities = predict(name, pictures)
    assert probabilities.shape == (3, len(facts["classes"]))
    assert probabilities.sum(axis=1) == pytest.approx(1, abs=1e-5)


@pytest.mark.slow
@pytest.mark.skipif(not os.environ.get("COURSE_DATA_DIR"), reason="COURSE_DATA_DIR is not set")
@each_model
def test_model_is_as_good_as_its_card_says(name, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", "real")
    (images, labels), (test_images, test_labels) = LOADERS[name]()
    images, labels = images[: train.VALIDATION], labels[: train.VALIDATION]
    sets = {"validation": (images, labels), "test": (test_images, test_labels)}
    if name == "digits_cnn":
        augmented, redrawn = train.augment_validation(images)
        sets["validation, augmented"] = augmented[..., 0], labels
        sets["validation, redrawn"] = redrawn[..., 0], labels
    pictures, wanted = map(np.concatenate, zip(*sets.values(), strict=True))
    correct = predict(name, pictures[..., None]).argmax(axis=-1) == wanted
    ends = np.cumsum([len(labels) for _, labels in sets.values()])
    correct = dict(zip(sets, np.split(correct, ends[:-1]), strict=True))

    stated = card(name)["accuracy"]
    by_class = [correct["test"][test_labels == label].mean() for label in range(10)]
    assert by_class == pytest.approx(list(stated.pop("test by class").values()), abs=0.0015)
    measured = {part: each.mean() for part, each in correct.items()}
    assert measured == pytest.approx(stated, abs=0.0005)
    assert measured["test"] >= GOALS[name]


def test_digits_are_read_whatever_the_pen():
    traces, labels = augmentation.write(np.random.default_rng(7), 500)
    distance = (255 - traces.astype(float)) / augmentation.STEP
    radii = np.reshape([0.5, 1, 2.5], (3, 1, 1, 1))  # pixels
    pictures = np.uint8(255 * np.clip(radii - distance + 0.5, 0, 1)).reshape(-1, 28, 28, 1)
    guesses = predict("digits_cnn", pictures).argmax(axis=-1).reshape(3, -1)
    assert ((guesses == labels).mean(axis=1) >= 0.97).all()


def test_digits_model_is_unsure_where_there_is_no_digit():
    rng = np.random.default_rng(7)
    scribbles = augmentation.scribble(rng, 200)
    pictures = augmentation.augment(rng, scribbles, np.ones(len(scribbles), bool))
    sure = predict("digits_cnn", pictures).max(axis=-1) > 0.9
    assert sure.mean() <= 0.03


def test_augmentation_is_the_same_for_the_same_seed():
    traces, _ = augmentation.write(np.random.default_rng(7), 100)
    traced = np.arange(len(traces)) % 2 == 0
    once, again, other = (
        augmentation.augment(np.random.default_rng(seed), traces, traced) for seed in (1, 1, 2)
    )
    assert once.dtype == np.uint8 and once.shape == (len(traces), 28, 28, 1)
    assert np.array_equal(once, again)
    assert not np.array_equal(once, other)
