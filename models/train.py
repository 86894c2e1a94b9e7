"""Train the small models that come with the course, and write a card for each: ``make models``.

They are trained on the oldest supported versions (``tests/colab-constraints.txt``), because the
file of a newer Keras may not load in an older one. Choices were made on the validation pictures;
the test set is used once, for the card.
"""

import hashlib
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
import variety

from helpers import datasets, environment

HERE = Path(__file__).parent
BATCH = 128  # pictures a step
VALIDATION = 5000  # pictures, the first ones, as in the lessons
SEED = 1


def build_fashion_cnn():
    """Build a network of three convolutions for raw pictures, uint8 (n, 28, 28, 1)."""
    import keras
    from keras import layers

    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Rescaling(1 / 255),
            *block(32),
            *block(64),
            *block(128),
            layers.Flatten(),
            layers.Dropout(0.4),
            layers.Dense(64, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ],
        name="fashion_cnn",
    )


def block(filters: int, pool: int = 2, dropout: float = 0.1) -> list:
    """Give one convolution, normalized, at half the size after it."""
    from keras import layers

    return [
        layers.Conv2D(filters, 3, padding="same", use_bias=False),
        layers.BatchNormalization(),
        layers.ReLU(),
        layers.MaxPooling2D(pool),
        layers.Dropout(dropout),
    ]


def train(model, data: dict, validation: tuple, epochs: int, steps: int, loss, augment=()) -> float:
    """Fit a model on `data`, varied by the layers `augment`; return the validation accuracy.

    The learning rate falls as half a cosine, from 0.002 to 0 in `epochs` times `steps`.
    """
    import keras

    rate = keras.optimizers.schedules.CosineDecay(0.002, epochs * steps)
    varied = keras.Sequential([keras.Input((28, 28, 1)), *augment, model])
    varied.compile(keras.optimizers.Adam(rate), loss, metrics=["accuracy"])
    history = varied.fit(**data, epochs=epochs, validation_data=validation, verbose=2)
    return round(float(history.history["val_accuracy"][-1]), 4)


def save(model, card: dict) -> None:
    """Write the model and its card, each whole or not at all.

    The model itself was never compiled, so no optimizer's memory is in the file.
    """
    import keras

    path = HERE / f"{model.name}.keras"
    temporary = path.with_name(f"{model.name}.part.keras")
    model.save(temporary)
    card |= {
        "input": {"shape": [28, 28, 1], "dtype": "uint8", "range": [0, 255]},
        "output": "10 probabilities, one a class",
        "keras": keras.__version__,
        "parameters": model.count_params(),
        "made by": "make models",
        "license": "MIT",
        "file": {
            "name": path.name,
            "bytes": temporary.stat().st_size,
            "sha256": hashlib.sha256(temporary.read_bytes()).hexdigest(),
        },
    }
    temporary.replace(path)
    temporary = HERE / f"{model.name}.json.part"
    temporary.write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n", "utf-8")
    temporary.replace(HERE / f"{model.name}.json")
    print(json.dumps(card, indent=2))


def share_right(model, pictures, labels) -> float:
    """Return the share of the pictures, uint8 (n, 28, 28, 1), that are named rightly."""
    guesses = model.predict(pictures, batch_size=500, verbose=0).argmax(axis=-1)
    return round(float((guesses == labels).mean()), 4)


def test_accuracy(model, images, labels, names) -> dict:
    """Return the accuracy on the test set for the card, in all and by class."""
    pictures = images[..., None]
    return {
        "test": share_right(model, pictures, labels),
        "test by class": {
            name: round(share_right(model, pictures[labels == i], i), 3)
            for i, name in enumerate(names)
        },
    }


def make_fashion_cnn(epochs: int = 16) -> None:
    """Train the network that reads garments, measure it on the test set, and save it."""
    from keras import layers

    (images, labels), test = datasets.load_fashion_mnist()
    pictures, names = images[..., None], datasets.FASHION_MNIST_CLASSES
    model = build_fashion_cnn()
    data = {"x": pictures[VALIDATION:], "y": labels[VALIDATION:], "batch_size": BATCH}
    validation = train(
        model,
        data,
        (pictures[:VALIDATION], labels[:VALIDATION]),
        epochs,
        steps=-(-len(data["x"]) // BATCH),
        loss="sparse_categorical_crossentropy",
        augment=[layers.RandomFlip("horizontal")],  # shifts made it worse: these are centered
    )
    save(
        model,
        {
            "what": "names the garment in a picture as Fashion-MNIST has them",
            "classes": list(names),
            "training": f"first {VALIDATION} training pictures for validation, the others for "
            f"training, {epochs} epochs, seed {SEED}, varied by flips",
            "accuracy": {"validation": validation, **test_accuracy(model, *test, names)},
            "limits": "one garment, light on black, filling the frame; it names a class for any "
            "picture, also for one without a garment",
        },
    )


def build_digits_cnn():
    """Build a network of four convolutions for raw pictures, uint8 (n, 28, 28, 1)."""
    import keras
    from keras import layers

    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Rescaling(1 / 255),
            *block(32, dropout=0),  # no dropout: with this variety it learns nothing by heart
            *block(48, dropout=0, pool=1),
            *block(64, dropout=0),
            *block(128, dropout=0),
            layers.Flatten(),
            layers.Dropout(0.2),
            layers.Dense(64, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ],
        name="digits_cnn",
    )


def collect_digits(images, labels, rng) -> tuple:
    """Collect what the network for digits learns from.

    Returns pictures or traces, uint8 (n, 28, 28); which are traces, bool (n,); and the wanted
    probabilities, (n, 10): nearly all for one class, and all alike where there is no digit.
    """
    no_digit, copies = 10, 12
    printed = variety.print_text("0123456789")
    printed_labels = np.repeat(np.arange(10), len(variety.fonts()))
    letters = variety.print_text(variety.LETTERS)
    written, written_labels = variety.write(rng, 12_000)
    scribbles = variety.scribble(rng, 4000)
    groups = [  # pictures, labels, are they traces?
        (images, labels, False),
        (np.tile(printed, (copies, 1, 1)), np.tile(printed_labels, copies), False),
        (letters, np.full(len(letters), no_digit), False),
        (variety.trace(images), labels, True),
        (written, written_labels, True),
        (scribbles, np.full(len(scribbles), no_digit), True),
    ]
    pictures, labels, traced = zip(*groups, strict=True)
    traced = np.repeat(traced, [len(group) for group in pictures])
    wanted = np.append(np.eye(10), np.full((1, 10), 0.1), axis=0)[np.concatenate(labels)]
    smooth = 0.02  # of the probability is for all classes, so that the network is never certain
    return np.concatenate(pictures), traced, wanted * (1 - smooth) + smooth / 10


def make_digits_cnn(epochs: int = 6) -> None:
    """Train the network that reads digits, measure it on the test set, and save it."""
    (images, labels), test = datasets.load_mnist()
    held, held_labels = images[:VALIDATION], labels[:VALIDATION]
    rng = np.random.default_rng(SEED)
    pictures, traced, wanted = collect_digits(images[VALIDATION:], labels[VALIDATION:], rng)
    steps = len(pictures) // BATCH

    def batches():
        while True:
            for some in rng.permutation(len(pictures))[: steps * BATCH].reshape(steps, BATCH):
                yield variety.vary(rng, pictures[some], traced[some]), wanted[some]

    model = build_digits_cnn()
    validation = train(
        model,
        {"x": batches(), "steps_per_epoch": steps},
        (held[..., None], np.eye(10)[held_labels]),
        epochs,
        steps,
        loss="categorical_crossentropy",
    )
    digits = [str(digit) for digit in range(10)]
    varied = varied_accuracy(model, held, held_labels)
    save(
        model,
        {
            "what": "reads one handwritten digit, as MNIST has them or prepared like them",
            "classes": digits,
            "training": f"first {VALIDATION} training pictures of MNIST for validation, the "
            f"others for training, {epochs} epochs, seed {SEED}; each picture varied, and also "
            "redrawn with other pens; beside them digits drawn from strokes, printed digits, and "
            "scribbles and letters as no digit (models/variety.py)",
            "accuracy": {
                "validation": validation,
                **varied,
                **test_accuracy(model, *test, digits),
            },
            "limits": "one digit, light on black, in a box of 20 x 20 pixels with its center of "
            "mass in the middle; it names a digit for any picture, mostly with a low probability "
            "where there is none",
        },
    )


def varied_accuracy(model, images, labels) -> dict:
    """Return the accuracy on validation pictures, varied, and redrawn with other pens."""
    rng, traced = np.random.default_rng(SEED), np.ones(len(images), bool)
    varied = variety.vary(rng, images, ~traced)
    redrawn = variety.vary(rng, variety.trace(images), traced)
    return {
        "validation, varied": share_right(model, varied, labels),
        "validation, redrawn": share_right(model, redrawn, labels),
    }


MAKERS = {"fashion_cnn": make_fashion_cnn, "digits_cnn": make_digits_cnn}

if __name__ == "__main__":
    for name in sys.argv[1:] or MAKERS:
        environment.prepare(SEED)
        MAKERS[name]()
