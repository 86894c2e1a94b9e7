"""The stand-in has the form of the real sets, is repeatable, and hard enough to teach with."""

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from helpers import standin

ROOT = Path(__file__).parents[1]
DRAW = {"fashion_mnist": standin.draw_fashion_mnist, "mnist": standin.draw_mnist}


@pytest.fixture(scope="module", params=DRAW)
def drawn(request):
    """Return one full set and the seconds it took."""
    start = time.perf_counter()
    return DRAW[request.param](), time.perf_counter() - start


def test_shapes_and_types_are_those_of_the_real_sets(drawn):
    for (images, labels), count in zip(drawn[0], (60_000, 10_000), strict=True):
        assert images.shape == (count, 28, 28)
        assert labels.shape == (count,)
        assert images.dtype == labels.dtype == np.uint8
        for array in (images, labels):
            assert array.flags.c_contiguous
            assert array.flags.writeable


def test_every_class_is_equally_frequent_and_labels_are_shuffled(drawn):
    for _, labels in drawn[0]:
        assert np.bincount(labels, minlength=10).tolist() == [len(labels) // 10] * 10
        assert len(set(labels[:100].tolist())) == 10
        assert abs(np.mean(labels[1:] == labels[:-1]) - 0.1) < 0.02


def test_full_set_is_drawn_in_seconds(drawn):
    assert drawn[1] < 20  # about 4 on two cores; room for a busy machine


def test_background_is_black_and_every_picture_shows_something(drawn):
    for images, _ in drawn[0]:
        assert 0.4 < np.mean(images == 0) < 0.9
        corners = images[:, [0, 0, -1, -1], [0, -1, 0, -1]]
        assert np.mean(corners == 0) > 0.97
        assert (images > 40).sum(axis=(1, 2)).min() >= 15


def test_no_picture_is_drawn_twice_not_even_for_the_other_part(drawn):
    pictures = {image.tobytes() for images, _ in drawn[0] for image in images}
    assert len(pictures) == 70_000


@pytest.mark.parametrize("draw", DRAW.values(), ids=DRAW)
def test_two_calls_give_the_same_bytes(draw):
    first, second = draw(500, 300), draw(500, 300)
    for part, other in zip(first, second, strict=True):
        for array, same in zip(part, other, strict=True):
            assert array.tobytes() == same.tobytes()


@pytest.mark.parametrize("draw", DRAW.values(), ids=DRAW)
def test_two_processes_give_the_same_bytes(draw):
    code = (
        "import hashlib; from helpers import standin; "
        f"(images, _), _ = standin.{draw.__name__}(500, 10); "
        "print(hashlib.sha256(images).hexdigest())"
    )
    runs = [subprocess.check_output([sys.executable, "-c", code], cwd=ROOT) for _ in range(2)]
    assert runs[0] == runs[1]


@pytest.mark.parametrize("draw", DRAW.values(), ids=DRAW)
def test_test_set_does_not_depend_on_the_training_set(draw):
    _, (images, labels) = draw(500, 300)
    _, (same_images, same_labels) = draw(20, 300)
    assert np.array_equal(images, same_images)
    assert np.array_equal(labels, same_labels)
    (_, train_labels), _ = draw(300, 10)
    assert not np.array_equal(labels, train_labels)  # nor repeats it


def test_importing_is_light():
    code = (
        "import sys, helpers.standin; "
        "print({'keras', 'tensorflow', 'sklearn', 'scipy', 'skimage'} & set(sys.modules))"
    )
    heavy = subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True)
    assert heavy.strip() == "set()"


def test_originals_are_split_where_a_writer_ends_and_none_is_lost():
    (train, train_labels), (test, test_labels) = standin._split_originals()
    assert len(train) == len(train_labels) == 1287
    assert len(test) == len(test_labels) == 510
    assert test_labels[:30].tolist() == [*range(10)] * 3  # how each writer's block begins
    originals = [picture.tobytes() for picture in (*train, *test)]
    assert len(set(originals)) == 1797


def test_each_part_is_drawn_from_its_own_originals_only(monkeypatch):
    def draw_from(train, test):
        monkeypatch.setattr(standin, "_split_originals", lambda: (train, test))
        return [images for images, _ in standin.draw_mnist(300, 300)]

    train, test = standin._split_originals()
    blots = [(np.ones_like(pictures), labels) for pictures, labels in (train, test)]
    train_images, test_images = draw_from(train, test)
    assert np.array_equal(train_images, draw_from(train, blots[1])[0])
    assert np.array_equal(test_images, draw_from(blots[0], test)[1])
    assert not np.array_equal(train_images, draw_from(blots[0], test)[0])


def test_digits_are_centered_by_mass_in_a_box_of_20_pixels():
    (images, _), _ = standin.draw_mnist(2000, 10)
    share = images / images.sum(axis=(1, 2), keepdims=True)
    column, row = share.sum(axis=1) @ np.arange(28), share.sum(axis=2) @ np.arange(28)
    assert abs(column.mean() - 14) < 0.3
    assert abs(row.mean() - 14) < 0.3
    assert np.quantile(np.abs([column - 14, row - 14]), 0.95) < 2
    rows = (images > 60).any(axis=2)
    height = 28 - rows[:, ::-1].argmax(axis=1) - rows.argmax(axis=1)
    assert 17 <= np.median(height) <= 20.5
    assert np.quantile(height, 0.99) <= 24


def test_nearest_mean_beats_guessing_and_loses_to_neighbors(drawn):
    from sklearn.neighbors import KNeighborsClassifier

    (images, labels), (test_images, test_labels) = drawn[0]
    images, test_images = images[:10_000].reshape(-1, 784), test_images[:2000].reshape(-1, 784)
    labels, test_labels = labels[:10_000], test_labels[:2000]
    means = np.stack([images[labels == label].mean(axis=0) for label in range(10)])
    nearest = KNeighborsClassifier(1).fit(means, range(10)).score(test_images, test_labels)
    neighbors = KNeighborsClassifier(3).fit(images, labels).score(test_images, test_labels)
    assert 0.5 < nearest < 0.8
    assert nearest + 0.05 < neighbors < 0.97


def test_convolutions_beat_dense_layers_and_neither_is_perfect(drawn):
    import keras
    from keras import layers

    dense = [layers.Flatten(), layers.Dense(128, "relu")]
    convolutions = [
        layers.Reshape((28, 28, 1)),
        layers.Conv2D(16, 3, activation="relu"),
        layers.Conv2D(32, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dense(64, "relu"),
    ]
    (images, labels), (test_images, test_labels) = drawn[0]
    accuracies = []
    for body in (dense, convolutions):
        keras.utils.set_random_seed(0)
        model = keras.Sequential([layers.Rescaling(1 / 255), *body, layers.Dense(10, "softmax")])
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        model.fit(images[:20_000], labels[:20_000], batch_size=128, epochs=3, verbose=0)
        accuracies.append(model.evaluate(test_images, test_labels, verbose=0)[1])
    assert accuracies[0] > 0.75
    assert accuracies[0] + 0.015 < accuracies[1] < 0.99
