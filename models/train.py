"""Train the small models that come with the course, and write a card for each: ``make models``.

``python -m models.train`` trains all of them, ``python -m models.train digits_cnn`` one. They are
trained on the oldest supported versions (``tests/colab-constraints.txt``), because the file of a
newer Keras may not load in an older one. Choices were made on the validation pictures; the test
set is used once, for the card.
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np

from helpers import datasets, environment
from helpers._shared import whole_file
from models import augmentation

HERE = Path(__file__).parent
BATCH = 128  # pictures per step
VALIDATION = 5000  # pictures, the first ones, as in the lessons
SEED = 1
EPOCHS = {"fashion_cnn": 16, "digits_cnn": 6}
CARDS: dict[str, dict] = {  # what a card says about a model before it is trained
    "fashion_cnn": {
        "what": "names the garment in a picture as Fashion-MNIST has them",
        "classes": list(datasets.FASHION_MNIST_CLASSES),
        "training": f"first {VALIDATION} training pictures for validation, the others for "
        f"training, {EPOCHS['fashion_cnn']} epochs, seed {SEED}, augmented by flips",
        "limits": "one garment, light on black, filling the frame; it names a class for any "
        "picture, also for one without a garment",
    },
    "digits_cnn": {
        "what": "reads one handwritten digit, as MNIST has them or prepared like them",
        "classes": [str(digit) for digit in range(10)],
        "training": f"first {VALIDATION} training pictures of MNIST for validation, the others "
        f"for training, {EPOCHS['digits_cnn']} epochs, seed {SEED}; each picture augmented, and "
        "also redrawn with other pens; beside them digits drawn from strokes, printed digits, and "
        "scribbles and letters as no digit (models/augmentation.py)",
        "limits": "one digit, light on black, in a box of 20 x 20 pixels with its center of mass "
        "in the middle; it names a digit for any picture, mostly with a low probability where "
        "there is none",
    },
}


def make_fashion_cnn() -> None:
    """Train the network that reads garments, measure it on the test set, and save it."""
    from keras import layers

    (images, labels), test = datasets.load_fashion_mnist()
    pictures = images[..., None]
    model = build_fashion_cnn()
    data: dict = {"x": pictures[VALIDATION:], "y": labels[VALIDATION:], "batch_size": BATCH}
    validation = train(
        model,
        data,
        (pictures[:VALIDATION], labels[:VALIDATION]),
        steps=-(-len(data["x"]) // BATCH),
        loss="sparse_categorical_crossentropy",
        augment=[layers.RandomFlip("horizontal")],  # shifts made it worse: these are centered
    )
    save(model, {"validation": validation, **measure_test(model, *test)})


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


def make_digits_cnn() -> None:
    """Train the network that reads digits, measure it on the test set, and save it."""
    (images, labels), test = datasets.load_mnist()
    held_out, held_out_labels = images[:VALIDATION], labels[:VALIDATION]
    rng = np.random.default_rng(SEED)
    pictures, traced, wanted = collect_digits(images[VALIDATION:], labels[VALIDATION:], rng)
    steps = len(pictures) // BATCH

    def batches():
        while True:
            for some in rng.permutation(len(pictures))[: steps * BATCH].reshape(steps, BATCH):
                yield augmentation.augment(rng, pictures[some], traced[some]), wanted[some]

    model = build_digits_cnn()
    validation = train(
        model,
        {"x": batches(), "steps_per_epoch": steps},
        (held_out[..., None], np.eye(10)[held_out_labels]),
        steps,
        loss="categorical_crossentropy",
    )
    augmented, redrawn = augment_validation(held_out)
    save(
        model,
        {
            "validation": validation,
            "validation, augmented": accuracy(model, augmented, held_out_labels),
            "validation, redrawn": accuracy(model, redrawn, held_out_labels),
            **measure_test(model, *test),
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
            # No dropout: with so much augmentation, the network learns nothing by heart.
            *block(32, dropout=0),
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


def block(filters: int, pool: int = 2, dropout: float = 0.1) -> list:
    """Return the layers of one convolution, normalized, and reduced to half the size."""
    from keras import layers

    return [
        layers.Conv2D(filters, 3, padding="same", use_bias=False),
        layers.BatchNormalization(),
        layers.ReLU(),
        layers.MaxPooling2D(pool),
        layers.Dropout(dropout),
    ]


def collect_digits(images, labels, rng) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Collect what the network for digits learns from.

    Returns
    -------
    pictures, traced, wanted
        Pictures or traces, uint8 (n, 28, 28); which are traces, bool (n,); and the wanted
        probabilities, (n, 10): nearly all for one class, and all alike where there is no digit.
    """
    no_digit, copies = 10, 12
    printed = augmentation.print_text("0123456789")
    printed_labels = np.repeat(np.arange(10), len(augmentation.fonts()))
    letters = augmentation.print_text(augmentation.LETTERS)
    written, written_labels = augmentation.write(rng, 12_000)
    scribbles = augmentation.scribble(rng, 4000)
    groups = [  # pictures, labels, are they traces?
        (images, labels, False),
        (np.tile(printed, (copies, 1, 1)), np.tile(printed_labels, copies), False),
        (letters, np.full(len(letters), no_digit), False),
        (augmentation.trace(images), labels, True),
        (written, written_labels, True),
        (scribbles, np.full(len(scribbles), no_digit), True),
    ]
    pictures, labels, are_traces = zip(*groups, strict=True)
    traced = np.repeat(are_traces, [len(group) for group in pictures])
    wanted = np.append(np.eye(10), np.full((1, 10), 0.1), axis=0)[np.concatenate(labels)]
    smooth = 0.02  # of the probability is for all classes, so that the network is never certain
    return np.concatenate(pictures), traced, wanted * (1 - smooth) + smooth / 10


def augment_validation(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return validation pictures, uint8 (n, 28, 28), augmented, and redrawn with other pens."""
    rng, traced = np.random.default_rng(SEED), np.ones(len(images), bool)
    augmented = augmentation.augment(rng, images, ~traced)
    return augmented, augmentation.augment(rng, augmentation.trace(images), traced)


def train(model, data: dict, validation: tuple, steps: int, loss: str, augment=()) -> float:
    """Fit a model on `data`, changed by the layers `augment`; return the validation accuracy.

    The learning rate falls as half a cosine, from 0.002 to 0 in all epochs of `steps` steps.
    """
    import keras

    epochs = EPOCHS[model.name]
    rate = keras.optimizers.schedules.CosineDecay(0.002, epochs * steps)
    trained = keras.Sequential([keras.Input((28, 28, 1)), *augment, model])
    trained.compile(keras.optimizers.Adam(rate), loss, metrics=["accuracy"])
    history = trained.fit(**data, epochs=epochs, validation_data=validation, verbose=2)
    return round(float(history.history["val_accuracy"][-1]), 4)


def accuracy(model, pictures, labels) -> float:
    """Return the share of the pictures, uint8 (n, 28, 28, 1), that are classified correctly."""
    guesses = model.predict(pictures, batch_size=500, verbose=0).argmax(axis=-1)
    return round(float((guesses == labels).mean()), 4)


def measure_test(model, images, labels) -> dict:
    """Return the accuracy on the test set for the card, in all and by class."""
    pictures = images[..., None]
    return {
        "test": accuracy(model, pictures, labels),
        "test by class": {
            name: round(accuracy(model, pictures[labels == i], i), 3)
            for i, name in enumerate(CARDS[model.name]["classes"])
        },
    }


def save(model, measured: dict) -> None:
    """Write the model and its card, each whole or not at all.

    The model itself was never compiled, so no optimizer's memory is in the file.
    """
    import keras

    path = HERE / f"{model.name}.keras"
    with whole_file(path) as temporary:
        model.save(temporary)
    content = path.read_bytes()
    card = {
        **CARDS[model.name],
        "accuracy": measured,
        "input": {"shape": [28, 28, 1], "dtype": "uint8", "range": [0, 255]},
        "output": "10 probabilities, one per class",
        "keras": keras.__version__,
        "parameters": model.count_params(),
        "made by": "make models",
        "license": "MIT",
        "file": {
            "name": path.name,
            "bytes": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        },
    }
    text = json.dumps(card, indent=2, ensure_ascii=False)
    with whole_file(path.with_suffix(".json")) as temporary:
        temporary.write_text(text + "\n", "utf-8")
    print(text)


MAKERS = {"fashion_cnn": make_fashion_cnn, "digits_cnn": make_digits_cnn}

if __name__ == "__main__":
    for name in sys.argv[1:] or MAKERS:
        environment.prepare(SEED)
        MAKERS[name]()
