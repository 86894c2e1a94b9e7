"""Synthetic sets have the form of the real ones, are repeatable, and hard enough to teach with."""

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from helpers.datasets import sets, synthetic

DRAW = {name: getattr(synthetic, name) for name in ("draw_fashion_mnist", "draw_mnist")}


@pytest.fixture(scope="module", params=DRAW)
def drawn(request):
    """Draw one set in the size of the real one."""
    return DRAW[request.param]()


@pytest.mark.slow
def test_form_is_that_of_the_real_sets(drawn):
    (images, labels), (test_images, test_labels) = drawn
    arrays = (labels, test_labels, images, test_images)
    assert tuple(array.shape for array in arrays) == sets.MNIST.shapes == sets.FASHION_MNIST.shapes
    for array in arrays:
        assert array.dtype == np.uint8 and array.flags.c_contiguous and array.flags.writeable


@pytest.mark.slow
def test_every_class_is_equally_frequent_and_labels_are_shuffled(drawn):
    for _, labels in drawn:
        assert np.bincount(labels, minlength=10).tolist() == [len(labels) // 10] * 10
        assert len(set(labels[:100].tolist())) == 10
        assert abs(np.mean(labels[1:] == labels[:-1]) - 0.1) < 0.02


@pytest.mark.slow
def test_background_is_black_and_every_picture_shows_something(drawn):
    for images, _ in drawn:
        assert 0.4 < np.mean(images == 0) < 0.9
        corners = images[:, [0, 0, -1, -1], [0, -1, 0, -1]]
        assert np.mean(corners == 0) > 0.97
        assert (images > 40).sum(axis=(1, 2)).min() >= 15


@pytest.mark.slow
def test_no_picture_is_drawn_twice_not_even_for_the_other_part(drawn):
    pictures = {image.tobytes() for images, _ in drawn for image in images}
    assert len(pictures) == 70_000


DIGESTS = """
import hashlib
from helpers.datasets import synthetic
for draw in (synthetic.draw_fashion_mnist, synthetic.draw_mnist):
    (images, _), _ = draw(500, 10)
    print(hashlib.sha256(images).hexdigest())
"""


def test_another_process_draws_the_same_bytes():
    command, course = [sys.executable, "-c", DIGESTS], Path(__file__).parents[1]
    there = subprocess.check_output(command, cwd=course, text=True).split()
    assert there == [hashlib.sha256(draw(500, 10)[0][0]).hexdigest() for draw in DRAW.values()]


@pytest.mark.parametrize("draw", DRAW.values(), ids=DRAW)
def test_test_set_does_not_depend_on_the_training_set(draw):
    _, (images, labels) = draw(500, 300)
    _, (same_images, same_labels) = draw(20, 300)
    assert np.array_equal(images, same_images)
    assert np.array_equal(labels, same_labels)
    (_, train_labels), _ = draw(300, 10)
    assert not np.array_equal(labels, train_labels)  # nor repeats it


def test_originals_are_split_where_a_writer_ends_and_none_is_lost():
    (train, train_labels), (test, test_labels) = synthetic._split_originals()
    assert len(train) == len(train_labels) == 1287
    assert len(test) == len(test_labels) == 510
    assert test_labels[:30].tolist() == [*range(10)] * 3  # how each writer's block begins
    originals = [picture.tobytes() for picture in (*train, *test)]
    assert len(set(originals)) == 1797


def test_each_part_is_drawn_from_its_own_originals_only(monkeypatch):
    def draw_from(train, test):
        monkeypatch.setattr(synthetic, "_split_originals", lambda: (train, test))
        return [images for images, _ in synthetic.draw_mnist(300, 300)]

    train, test = synthetic._split_originals()
    blots = [(np.ones_like(pictures), labels) for pictures, labels in (train, test)]
    train_images, test_images = draw_from(train, test)
    assert np.array_equal(train_images, draw_from(train, blots[1])[0])
    assert np.array_equal(test_images, draw_from(blots[0], test)[1])
    assert not np.array_equal(train_images, draw_from(blots[0], test)[0])


def test_digits_are_centered_by_mass_in_a_box_of_20_pixels():
    (images, _), _ = synthetic.draw_mnist(2000, 10)
    share = images / images.sum(axis=(1, 2), keepdims=True)
    column, row = share.sum(axis=1) @ np.arange(28), share.sum(axis=2) @ np.arange(28)
    assert abs(column.mean() - 14) < 0.3
    assert abs(row.mean() - 14) < 0.3
    assert np.quantile(np.abs([column - 14, row - 14]), 0.95) < 2
    rows = (images > 60).any(axis=2)
    height = 28 - rows[:, ::-1].argmax(axis=1) - rows.argmax(axis=1)
    assert 17 <= np.median(height) <= 20.5
    assert np.quantile(height, 0.99) <= 24


@pytest.mark.slow
def test_better_models_do_better_and_none_is_perfect(drawn):
    import keras
    from keras import layers
    from sklearn.neighbors import KNeighborsClassifier

    (images, labels), (test_images, test_labels) = ([a[:20_000] for a in part] for part in drawn)
    flat, test_flat = images[:10_000].reshape(-1, 784), test_images[:2000].reshape(-1, 784)
    means = np.stack([flat[labels[:10_000] == label].mean(axis=0) for label in range(10)])
    nearest = KNeighborsClassifier(1).fit(means, range(10)).score(test_flat, test_labels[:2000])
    neighbors = KNeighborsClassifier(3).fit(flat, labels[:10_000])
    neighbors = neighbors.score(test_flat, test_labels[:2000])
    assert 0.5 < nearest < 0.8 and nearest + 0.05 < neighbors

    dense = [layers.Flatten(), layers.Dense(128, "relu")]
    convolutions = [
        layers.Reshape((28, 28, 1)),
        layers.Conv2D(16, 3, activation="relu"),
        layers.Conv2D(32, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dense(64, "relu"),
    ]
    accuracies = []
    for body in (dense, convolutions):
        keras.utils.set_random_seed(0)
        model = keras.Sequential([layers.Rescaling(1 / 255), *body, layers.Dense(10, "softmax")])
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        model.fit(images, labels, batch_size=128, epochs=3, verbose=0)
        accuracies.append(model.evaluate(test_images, test_labels, verbose=0)[1])
    assert accuracies[0] > 0.75 and accuracies[0] + 0.015 < accuracies[1] < 0.99
    assert neighbors + 0.01 < accuracies[1]
