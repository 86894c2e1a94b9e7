"""Answers to the exercises of lesson 4."""

from answers.model import Answers

NETWORKS = """
    import pathlib

    import keras
    import numpy as np
    from keras import layers

    practice = pathlib.Path()
    few_images, few_labels = images[:100, ..., np.newaxis], labels[:100]


    def build_model():
        return keras.Sequential(
            [
                keras.Input((28, 28, 1)),
                layers.Rescaling(1 / 255),
                layers.Conv2D(16, 3, activation="relu"),
                layers.MaxPooling2D(2),
                layers.Conv2D(32, 3, activation="relu"),
                layers.MaxPooling2D(2),
                layers.Flatten(),
                layers.Dense(64, activation="relu"),
                layers.Dense(10, activation="softmax"),
            ]
        )


    def new_model():
        model = build_model()
        model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
        return model


    def draw_weights(model, seed):  # as good as trained, and done at once
        rng = np.random.default_rng(seed)
        model.set_weights([rng.normal(0, 0.1, w.shape) for w in model.get_weights()])


    model, other, copy = build_model(), build_model(), build_model()
    draw_weights(model, 1)
    draw_weights(other, 2)
    draw_weights(copy, 1)
    model.save_weights(practice / "model.weights.h5")
"""
HISTORY = """
    import numpy as np
    import pandas as pd

    columns = {"accuracy": [0.4, 0.7], "loss": [2.0, 1.0]}
    columns |= {"val_accuracy": [0.5, 0.6], "val_loss": [1.5, 0.9]}
    table = pd.DataFrame(columns, index=pd.RangeIndex(1, 3, name="epoch"))
"""


def function(name, body):
    """Return the code of a function of the exercise, from the lines of its body."""
    heads = {"find_best": "def find_best(table):", "check_model": "def check_model(card, model):"}
    return heads[name] + "".join(f"\n    {line}" for line in body.splitlines())


def find_best(body):
    """Return the code of `find_best`."""
    return function("find_best", body)


def check_model(body):
    """Return the code of `check_model`."""
    return function("check_model", body)


COUNT = "if card['parameters'] != model.count_params():\n    raise ValueError('weights')\n"
CLASSES = "if len(card['classes']) != model.output_shape[-1]:\n    raise ValueError('classes')"

ANSWERS = {
    "4.1": Answers(
        given=NETWORKS,
        right=[
            "twin = build_model()\ntwin.set_weights(other.get_weights())",
            """
            other.save(practice / "other.keras")
            twin = keras.models.load_model(practice / "other.keras")
            """,
            """
            pictures = keras.Input((28, 28, 1))
            twin = keras.Model(pictures, build_model()(pictures))
            twin.set_weights(other.get_weights())
            """,
        ],
        wrong={
            "twin = build_model()": "nothing of `other` was loaded",
            "twin = keras.models.clone_model(other)": "nothing of `other` was loaded",
            """
            twin = build_model()
            twin.save_weights(practice / "other.weights.h5")
            twin.load_weights(practice / "other.weights.h5")
            """: "nothing of `other` was loaded",
            """
            twin = build_model()
            twin.save_weights(practice / "other.weights.h5")
            other.load_weights(practice / "other.weights.h5")
            """: "it has lost what it had learned",
            "twin = other": "two names for one network",
            "twin = keras.Sequential([keras.Input((28, 28, 1)), *other.layers])": "share their "
            "weights",
            "twin = copy": "the weights of `model`",
            """
            twin = build_model()
            twin.load_weights(practice / "model.weights.h5")
            """: "Which network was saved in the file you loaded",
            """
            other.save_weights(practice / "other.weights.h5")
            twin = build_model().load_weights(practice / "other.weights.h5")
            """: "Build it and name it in one line",
            """
            twin = build_model()
            twin.layers[1].set_weights(other.layers[1].get_weights())
            """: "Only 2 of 8 arrays of weights agree",
            """
            twin = build_model()
            twin.set_weights([w.round(2) for w in other.get_weights()])
            """: "close, but not the same",
            """
            twin = keras.Sequential([keras.Input((28, 28, 1)), *build_model().layers[1:]])
            twin.set_weights(other.get_weights())
            """: "All weights agree, and the probabilities differ",
            """
            twin = keras.Sequential(
                [keras.Input((28, 28, 1)), layers.Flatten(), layers.Dense(10)]
            )
            """: "Other layers. Seen: 7,850 weights",
            "twin = other.get_weights()": "Expected: a Keras model",
            "twin = build_model": "the function build_model itself",
        },
    ),
    "4.2": Answers(
        given=HISTORY,
        right=[
            find_best("return table['val_accuracy'].idxmax()"),
            find_best("return table.sort_values('val_accuracy').index[-1]"),
            find_best(
                "scores = list(table['val_accuracy'])\nreturn scores.index(max(scores)) + 1.0"
            ),
        ],
        wrong={
            find_best("return np.argmax(table['val_accuracy'])"): "position, counted from 0",
            find_best("return len(table)"): "That is the last one",
            find_best("return np.argmax(table['accuracy']) + 1"): "best training accuracy",
            find_best("return table['val_accuracy'].idxmin()"): "the lowest of them",
            find_best("return np.argmin(table['val_loss']) + 1"): "Here, accuracy counts",
            find_best("return table['val_accuracy'].max()"): "in which epoch it occurs",
            find_best("return np.max(table['val_accuracy']) + 1"): "1 more than a value from the",
            find_best("return table['val_accuracy'].idxmax() + 1"): "one too many. idxmax",
            find_best("return str(np.argmax(table['val_accuracy']) + 1)"): "without quotes",
            find_best("best = np.argmax(table['val_accuracy']) + 1\nreturn ..."): "still returns",
            find_best("return np.argmax(table) + 1"): "Expected: the epoch of the highest",
            find_best("return 2"): "The answer is 2 for every table",
            find_best("np.argmax(table['val_accuracy']) + 1"): "should begin with return",
            find_best("return table.idxmax()"): r"Seen: an array of shape \(4,\)",
            find_best("return table['val_acc'].idxmax()"): "ended with KeyError: 'val_acc'",
            "find_best = np.argmax(table['val_accuracy']) + 1": "Expected: a function",
        },
    ),
    "4.3": Answers(
        given=NETWORKS,
        right=[
            check_model(
                "fits = card['parameters'] == model.count_params()\n"
                "if not (fits and len(card['classes']) == model.output_shape[-1]):\n"
                "    raise ValueError('the card belongs to another network')\n"
                "return True"
            ),
            check_model(
                "count = sum(w.size for w in model.get_weights())\n"
                "if int(card['parameters']) != count:\n"
                "    raise ValueError(f'{count} weights')\n"
                "if len(card['classes']) != model.layers[-1].units:\n"
                "    raise ValueError('classes')"
            ),
            check_model(COUNT + CLASSES + "\nreturn ..."),
        ],
        wrong={
            check_model(COUNT): "the card has 9 classes",
            check_model(COUNT + "return ..."): r"It returned \.\.\.: who looks at that",
            check_model(COUNT.replace("()", "")): "Print both sides of each comparison",
            check_model(COUNT.replace(":", " and len(card['classes']) != 10:")): "56,715 weights",
            check_model(COUNT.replace("raise", "return")): r"It returned ValueError\('weights'\)",
            check_model(COUNT.replace("ValueError(", "Exception(")): "seen Exception: weights",
            check_model(COUNT + "if len(card['classes']) != 10:\n    raise ValueError"): (
                "51 weights fits, but it was refused"
            ),
            check_model(CLASSES): "the card says 56,715 weights",
            check_model("return card['parameters'] == model.count_params()"): (
                "It returned False: who looks at that"
            ),
            check_model("if card['parameters'] != model.count_params():\n    print('no')"): (
                "nothing was raised. Expected: ValueError"
            ),
            check_model(COUNT.replace("!=", "==") + CLASSES): "fits, but it was refused",
            check_model("raise ValueError('refused')"): "fits, but it was refused",
            check_model(COUNT.replace("!=", ">") + CLASSES): "the card says 56,713 weights",
            check_model(COUNT + CLASSES.replace("!=", "<")): "the card has 11 classes",
            check_model("assert card['parameters'] == model.count_params()"): (
                "seen AssertionError"
            ),
            check_model(COUNT.replace("card['parameters']", "56714") + CLASSES): (
                "51 weights fits, but it was refused"
            ),
            check_model(COUNT + CLASSES.replace("len(card['classes'])", "card['classes']")): (
                "fits, but it was refused"
            ),
            check_model(COUNT.replace("parameters", "params")): "ended with KeyError: 'params'",
            "check_model = True": "Expected: a function",
        },
    ),
}
