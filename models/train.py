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

from helpers import datasets, environment

HERE = Path(__file__).parent
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


def block(filters: int) -> list:
    """Give one convolution, normalized, at half the size after it."""
    from keras import layers

    return [
        layers.Conv2D(filters, 3, padding="same", use_bias=False),
        layers.BatchNormalization(),
        layers.ReLU(),
        layers.MaxPooling2D(2),
        layers.Dropout(0.1),
    ]


def train(model, images, labels, augment: list, epochs: int) -> float:
    """Train on varied copies of the pictures; return the accuracy on the validation pictures."""
    import keras

    images = images[..., None]
    steps = epochs * -(-(len(images) - VALIDATION) // 128)
    rate = keras.optimizers.schedules.CosineDecay(0.002, steps)
    varied = keras.Sequential([keras.Input((28, 28, 1)), *augment, model])
    varied.compile(
        optimizer=keras.optimizers.Adam(rate),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    history = varied.fit(
        images[VALIDATION:],
        labels[VALIDATION:],
        batch_size=128,
        epochs=epochs,
        validation_data=(images[:VALIDATION], labels[:VALIDATION]),
        verbose=2,
    )
    return history.history["val_accuracy"][-1]


def save(model, card: dict) -> None:
    """Write the model and its card, each whole or not at all.

    The model itself was never compiled, so no optimizer's memory is in the file.
    """
    path = HERE / f"{model.name}.keras"
    temporary = path.with_name(f"{model.name}.part.keras")
    model.save(temporary)
    card["file"] = {
        "name": path.name,
        "bytes": temporary.stat().st_size,
        "sha256": hashlib.sha256(temporary.read_bytes()).hexdigest(),
    }
    temporary.replace(path)
    temporary = HERE / f"{model.name}.json.part"
    temporary.write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n", "utf-8")
    temporary.replace(HERE / f"{model.name}.json")
    print(json.dumps(card, indent=2))


def make_fashion_cnn(epochs: int = 16) -> None:
    """Train the network that reads garments, measure it on the test set, and save it."""
    import keras
    from keras import layers

    (images, labels), (test_images, test_labels) = datasets.load_fashion_mnist()
    model = build_fashion_cnn()
    augment = [layers.RandomFlip("horizontal")]  # shifts made it worse: these are centered
    validation = train(model, images, labels, augment, epochs)
    guesses = model.predict(test_images[..., None], batch_size=500, verbose=0).argmax(axis=-1)
    names = datasets.FASHION_MNIST_CLASSES
    save(
        model,
        {
            "what": "names the garment in a picture as Fashion-MNIST has them",
            "classes": list(names),
            "input": {"shape": [28, 28, 1], "dtype": "uint8", "range": [0, 255]},
            "output": "10 probabilities, one a class",
            "keras": keras.__version__,
            "parameters": model.count_params(),
            "training": f"first {VALIDATION} training pictures for validation, the others for "
            f"training, {epochs} epochs, seed {SEED}, varied by flips",
            "accuracy": {
                "validation": round(float(validation), 4),
                "test": round(float((guesses == test_labels).mean()), 4),
                "test by class": {
                    name: round(float((guesses[test_labels == i] == i).mean()), 3)
                    for i, name in enumerate(names)
                },
            },
            "limits": "one garment, light on black, filling the frame; it names a class for any "
            "picture, also for one without a garment",
            "made by": "make models",
            "license": "MIT",
        },
    )


if __name__ == "__main__":
    environment.prepare(SEED)
    make_fashion_cnn()
