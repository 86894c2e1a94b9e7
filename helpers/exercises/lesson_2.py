"""Checks of lesson 2: parameters, a network, its loss, and why it fails."""

import contextlib
import functools
import itertools
import types
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from helpers.exercises.checking import (
    MistakeError,
    as_model,
    as_whole_number,
    exercise,
    need,
    recognize,
    seen,
)


@exercise(
    "2.1",
    "Count the parameters",
    expects="three whole numbers",
    why="You know the size of a network before it is built, and which layer makes it large: here "
    "the one that looks at the pixels.",
)
def check_parameters(hidden: Any, output: Any, network: Any, /) -> Iterator[str]:
    """Check the numbers of parameters: Dense(64) after 784 pixels, Dense(10), both together."""
    first, second = 784 * 64 + 64, 64 * 10 + 10
    _need_count("hidden_count", hidden, 784, 64)
    yield f"hidden layer: {first:,}"
    _need_count("output_count", output, 64, 10)
    yield f"output layer: {second:,}"
    total = _as_count("network_count", network)
    if total != first + second:
        mistakes = [
            (first, "That is the hidden layer alone."),
            (second, "That is the output layer alone."),
            (first * second, "That is one times the other. Each layer adds its parameters."),
            (first + second + 784, "The input has no parameters: pixels are not adjusted."),
        ]
        facts = f"network_count: seen {total:,}. Expected: the parameters of all layers together."
        otherwise = "Which layers have any, and how many does each have?"
        recognize(total, mistakes, facts=facts, otherwise=otherwise)
    yield f"the whole network: {total:,}"


def _need_count(name: str, value: Any, inputs: int, neurons: int) -> None:
    """Raise ``MistakeError`` unless the value is the number of parameters of a dense layer."""
    number = _as_count(name, value)
    weights, added = inputs * neurons, inputs + neurons
    if number == weights + neurons:
        return
    adds = "Weights were added up there. Each neuron has one for each input: multiply."
    mistakes = [
        (weights, "Those are the weights alone. What else does each neuron have?"),
        (weights + inputs, "A bias for each input? It is the neurons that have one."),
        (weights + 1, "One bias for the whole layer? Each neuron has its own."),
        (neurons, "Those are the neurons. Each has many parameters."),
        (inputs, "Those are the inputs of one neuron."),
        (inputs + 1, f"That is one neuron. The layer has {neurons}."),
        (28 * neurons + neurons, "That takes one row of pixels. How many come out of Flatten?"),
        (784 * neurons + neurons, "This layer does not see the pixels, but what the layer before "
         "gives it. How many numbers are that?"),
        (784 * 128 + 128, "That is for 128 neurons, as in the lesson. Here there are fewer."),
        (128 * 10 + 10, "That is for 128 inputs, as in the lesson. Here there are fewer."),
        *((wrong, adds) for wrong in (added, added + 1, added + neurons)),
    ]  # fmt: skip
    facts = f"{name}: seen {number:,}. Expected: the weights and biases of all {neurons} neurons."
    otherwise = "How many inputs does one neuron have? How many parameters, then?"
    recognize(number, mistakes, facts=facts, otherwise=otherwise)


def _as_count(name: str, value: Any) -> int:
    """Return the answer as an int; recognize a comma between thousands, which makes a tuple."""
    fraction = isinstance(value, float) and not value.is_integer()
    mistakes = [
        (isinstance(value, tuple) and len(value) == 2, "seen two numbers with a comma between "
         "them. Python writes thousands without a comma."),
        (isinstance(value, str), f"seen {seen(value)}, in quotes. Expected: a number, without "
         "quotes and commas."),
        (fraction, f"seen {seen(value)}. In Python, a point begins the fraction. Write thousands "
         "without one."),
    ]  # fmt: skip
    recognize(value, mistakes, facts=f"{name}:")
    number = as_whole_number(value, f"{name}, a whole number")
    need(abs(number) < 10**12, f"{name}: seen a number of {len(str(number))} digits, far too many.")
    return number


@exercise(
    "2.2",
    "Build a network",
    expects="a Keras model for pictures of 28 × 28",
    why="A layer forgotten, doubled, or misplaced: nothing warns you, and training runs. So read a "
    "network line by line.",
)
def check_network(model: Any, /) -> Iterator[str]:
    """Check that a model scales, flattens, has 64 neurons with ReLU and gives ten probabilities.

    It is tried with weights of the check's own; the model's are neither used nor changed.
    """
    network = as_model(model)
    rng = np.random.default_rng(2)
    pictures = rng.integers(0, 256, (20, 28, 28)).astype("float32")
    _ten_numbers(network, pictures)
    yield "pictures of 28 × 28 go in, and ten numbers for each come out"
    facts = f"Seen: {_in_words(network)}."
    shapes = [(784, 64), (64,), (64, 10), (10,)]
    _need_shapes([tuple(weights.shape) for weights in network.trainable_variables], shapes, facts)
    yield "one hidden layer of 64 neurons looks at all 784 pixels"
    spreads = zip(shapes, [0.05, 0.5, 0.3, 0.5], strict=True)
    weights = [rng.normal(0, spread, shape).astype("float32") for shape, spread in spreads]
    others = [variable.value for variable in network.non_trainable_variables]
    answers, _ = network.stateless_call(weights, others, pictures, training=False)
    distance, (scale, hidden, last) = _nearest(np.asarray(answers), pictures, weights)
    need(
        distance < 1e-3,
        f"{facts} These layers do something else than described. Is one too many, or in another "
        "place, or does one have something else in its brackets?",
    )
    recognize(scale, _WRONG_SCALES, facts=facts)
    yield "the pixels are scaled, once, before the first neuron sees them"
    facts = f"Seen: {hidden} in the hidden layer, {last} at the end."
    recognize(hidden, _WRONG_HIDDEN, facts=facts)
    recognize(last, _WRONG_LAST, facts=facts)
    yield "ReLU in the hidden layer, softmax at the end"


def _softmax(sums: np.ndarray) -> np.ndarray:
    powers = np.exp(sums - sums.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


_ACTIVATIONS: dict[str, Callable] = {
    "relu": lambda sums: np.maximum(sums, 0),
    "softmax": _softmax,
    "sigmoid": lambda sums: 1 / (1 + np.exp(-sums)),
    "linear": lambda sums: sums,
    "tanh": np.tanh,
}
_WRONG_SCALES = [
    (1.0, "The pixels reach the neurons as they are, from 0 to 255. Expected: from 0 to 1. Which "
     "layer does that?"),
    (1 / 255**2, "The pixels are divided by 255 twice. Expected: once."),
    (255.0, "The pixels are multiplied by 255. Expected: from 0 to 1, so divided."),
    (1 / 256, "The largest pixel becomes a little less than 1. Which number is the largest "
     "pixel?"),
]  # fmt: skip
_WRONG_HIDDEN = [
    ("linear", "A dense layer has an activation only if you ask for it. Without one, two layers do "
     "no more than one."),
    ("softmax", "Softmax makes probabilities. Where in the network are they wanted?"),
    ("sigmoid", "Expected: what cuts off below zero in the hidden layer."),
    ("tanh", "Expected: what cuts off below zero in the hidden layer."),
]  # fmt: skip
_WRONG_LAST = [
    ("linear", "So logits come out, of any size and sign. What turns them into probabilities?"),
    ("sigmoid", "So each number lies between 0 and 1 by itself, and ten of them do not add up to "
     "1."),
    ("relu", "So numbers of any size come out. Expected: probabilities, which add up to 1."),
    ("tanh", "So numbers from −1 to 1 come out. Expected: probabilities."),
]  # fmt: skip


def _nearest(answers: np.ndarray, pictures: np.ndarray, weights: list) -> tuple[float, tuple]:
    """Find the usual scale and activations whose answers are nearest, and how far they are off."""
    products, distances = pictures.reshape(len(pictures), -1) @ weights[0], {}
    scales = [1 / 255, *(scale for scale, _ in _WRONG_SCALES)]
    for scale, hidden in itertools.product(scales, _ACTIVATIONS):
        inner = _ACTIVATIONS[hidden](products * scale + weights[1])
        sums = inner @ weights[2] + weights[3]
        for last in _ACTIVATIONS:
            outer = _ACTIVATIONS[last](sums)
            size = np.abs(outer).mean() + 1e-9
            distances[scale, hidden, last] = np.abs(answers - outer).mean() / size
    return min((distance, how) for how, distance in distances.items())


def _need_shapes(shapes: list[tuple], expected: list[tuple], facts: str) -> None:
    """Raise ``MistakeError`` unless the shapes of all weights are those of the two dense layers."""
    kernels = [shape for shape in shapes if len(shape) == 2]
    inputs, neurons = ([shape[axis] for shape in kernels] for axis in (0, 1))
    listed = " and ".join(map(str, neurons))
    if shapes != expected:
        mistakes = [
            (len(kernels) * 2 != len(shapes), "Expected: dense layers, each with weights and "
             "biases."),
            (inputs[:1] == [28], "The first dense layer sees 28 numbers, one row at a time. "
             "Flatten comes too late."),
            (len(kernels) != 2, f"Dense layers: {len(kernels)}. Expected: one hidden layer, and "
             "the output."),
            (neurons != [64, 10], f"The dense layers have {listed} neurons. Expected: 64 and 10."),
        ]  # fmt: skip
        otherwise = "Expected: 784 numbers for each of the 64 neurons, and 64 for each of the ten."
        recognize(shapes, mistakes, facts=facts, otherwise=otherwise)


def _ten_numbers(network: Any, pictures: np.ndarray) -> np.ndarray:
    """Return what comes out for these pictures; raise ``MistakeError`` unless (count, 10)."""
    try:
        answers = np.asarray(network(pictures, training=False))
    except Exception:
        raise MistakeError(
            "The model does not take pictures of 28 × 28. Seen: input shape "
            f"{getattr(network, 'input_shape', 'unknown')}; None stands for the number of "
            "pictures, which Keras adds itself. Expected: (None, 28, 28)."
        ) from None
    if answers.shape != (len(pictures), 10):
        mistakes = [
            (answers.ndim == 3, "Dense looked at each of the 28 rows by itself. What makes one row "
             "of all pixels?"),
        ]  # fmt: skip
        facts = f"Seen: {answers.shape} comes out for {len(pictures)} pictures. Expected: ten "
        facts += "numbers per picture."
        otherwise = "The last layer has a neuron per class. How many are there, from 0 to 9?"
        recognize(answers, mistakes, facts=facts, otherwise=otherwise)
    return answers


def _in_words(network: Any) -> str:
    """Name the layers in order, with their number of neurons and activation, or their scale."""
    words = []
    for layer in network.layers:
        name = type(layer).__name__
        numbers = [getattr(layer, "units", None), getattr(layer, "scale", None)]
        of = [f"{number:.3g}" for number in numbers if isinstance(number, (int, float))]
        if name in ("Dense", "Activation"):
            of.append(getattr(layer.activation, "__name__", "?"))
        words += [] if name == "InputLayer" else [f"{name}({', '.join(of)})" if of else name]
    return " → ".join(words)[:300] or "no layers"


@exercise(
    "2.3",
    "Choose the loss",
    expects="four losses, each a name in quotes or an object",
    why="Labels of the wrong form stop with an error. Logits taken for probabilities do not: "
    "training runs, and the network hardly learns.",
)
def check_losses(loss_a: Any, loss_b: Any, loss_c: Any, loss_d: Any, /) -> Iterator[str]:
    """Check four losses: for class ids and one-hot labels, each after softmax and for logits."""
    losses = [loss_a, loss_b, loss_c, loss_d]
    for letter, loss, case in zip("abcd", losses, _CASES, strict=True):
        _need_fit(f"loss_{letter}", loss, case)
        yield f"loss_{letter} takes {' and '.join(case)}"


_CASES = [
    ("class ids", "probabilities"),
    ("one-hot labels", "probabilities"),
    ("class ids", "logits"),
    ("one-hot labels", "logits"),
]


def _need_fit(name: str, loss: Any, case: tuple[str, str]) -> None:
    """Raise ``MistakeError`` unless a loss takes the labels and outputs of this case."""
    fits = _cases_of(_loss_function(name, loss))
    if case in fits:
        return
    name_of_class = getattr(loss, "__name__", "this loss")  # or of a function
    called = loss if isinstance(loss, str) else getattr(loss, "name", None) or name_of_class
    if not fits:
        mistakes = [
            ("squared" in called or called.lower() == "mse", "Squared errors suit answers that are "
             "measured, such as a price."),
            ("binary" in called, "This one is for yes or no, not for one class of ten."),
        ]  # fmt: skip
        facts = f"{name}: seen {called}. Expected: −ln of the probability given to the right class."
        recognize(called, mistakes, facts=facts, otherwise="This one is not made for it.")
    labels, outputs = fits[0]
    once = "It applies softmax itself. Here the last layer has done so: once is enough."
    never = "It takes what it gets for probabilities. Does this last layer give any?"
    hints = [f"It takes {labels}. Here, they are {case[0]}."] if labels != case[0] else []
    if outputs != case[1]:
        hints.append(once if outputs == "logits" else never)
    option = " with from_logits=True" if getattr(loss, "from_logits", False) else ""
    raise MistakeError(f"{name}: seen {called}{option}. {' '.join(hints)}")


def _loss_function(name: str, loss: Any) -> Any:
    """Return a loss as a function, as ``compile`` does; raise ``MistakeError`` if unknown."""
    import keras

    word = loss if isinstance(loss, str) else ""
    mistakes = [
        ("acc" in word.lower() or isinstance(loss, keras.metrics.Metric), "seen a metric. Metrics "
         "are measured for you but steer nothing. A tiny change of a weight hardly ever changes "
         "the accuracy, so it has no slope. Expected: a loss."),
        ("(" in word, f"seen {seen(loss)}, in quotes. Only a name may stand in quotes. A loss with "
         "an option is an object: without quotes, beginning with keras.losses."),
    ]  # fmt: skip
    recognize(loss, mistakes, facts=f"{name}:")
    a_class = isinstance(loss, type) and issubclass(loss, keras.losses.Loss)
    kinds = (str, keras.losses.Loss, types.FunctionType, functools.partial)
    if a_class or isinstance(loss, kinds):
        with contextlib.suppress(Exception):
            return keras.losses.get(loss)
    raise MistakeError(
        f"{name}: seen {seen(loss)}. Keras knows no such loss. Expected: a name in quotes, spelled "
        "as in lesson 1, or an object from keras.losses."
    )


def _cases_of(function: Any) -> list[tuple[str, str]]:
    """Try a loss in all four cases; return those in which it gives the cross-entropy."""
    logits = np.random.default_rng(3).normal(1, 2, (6, 10)).astype("float32")
    probabilities = _softmax(logits)
    ids = np.array([2, 7, 0, 9, 4, 2])
    right = -np.log(probabilities[range(6), ids]).mean()
    fits = []
    for case in _CASES:
        labels = ids if case[0] == "class ids" else np.eye(10, dtype="float32")[ids]
        outputs = probabilities if case[1] == "probabilities" else logits
        with contextlib.suppress(Exception):  # labels of another form
            value = float(np.mean(np.asarray(function(labels, outputs))))
            if np.isclose(value, right, rtol=1e-3):
                fits.append(case)
    return fits


@exercise(
    "2.4",
    "Always the same answer",
    expects="a trained Keras model for pictures of 28 × 28",
    why="The same answer for every picture is a symptom. Look at what goes into the first layer "
    "before you change anything else.",
)
def check_repaired(model: Any, /, images: np.ndarray, labels: np.ndarray) -> Iterator[str]:
    """Check that a network for pictures with pixels 0 to 255 scales them and tells them apart."""
    need(model is not None, "Seen: None. train_fast changes a network and returns nothing.")
    need(
        np.max(images) > 1,
        f"The largest pixel of validation_images is now {np.max(images):.3g}. Run the cells that "
        "load and split the clothes again: it is the network that should scale.",
    )
    network, labels = as_model(model), np.asarray(labels[:500])
    pictures = images[:500].astype("float32")
    answers = _ten_numbers(network, pictures)
    need(
        np.isfinite(answers).all(),
        "Seen: nan, which means not a number. The steps were so large that the weights left all "
        "bounds. Which numbers go into the first dense layer?",
    )
    yield "ten numbers come out for each picture, and all are numbers"
    ids = answers.argmax(axis=-1)
    right, counts = (ids == labels).mean(), np.bincount(ids)
    facts = f"Seen: class {counts.argmax()} for {counts.max()} of {len(ids)} pictures, "
    facts += f"{right:.0%} right."
    _need_scaled(_entering(network, pictures), right, facts)
    yield "the network itself brings the pixels to about 0 to 1"
    _need_trained(network, answers, facts)
    renamed = _accuracy_after_renaming(ids, labels)
    _need_different(ids, renamed, answers, facts)
    yield f"{len(np.unique(ids))} different answers for 500 pictures"
    mistakes = [
        (right < 0.4 <= renamed, "It tells the classes apart, and calls them by wrong ids. Were "
         "labels changed?"),
        (right < 0.4, "Expected: at least 40 %. What else differs from the lesson?"),
    ]  # fmt: skip
    recognize(ids, mistakes, facts=facts)
    yield f"{right:.0%} of them are right; guessing gets 10 % right"


def _need_scaled(largest: float, right: float, facts: str) -> None:
    """Raise ``MistakeError`` unless what enters the first dense layer is about 1 at most."""
    mistakes = [
        (largest < 0.1, "Expected: about 1. Were the pixels divided twice?"),
        (largest > 20 and right >= 0.4, "It learns all the same: smaller steps, or other pictures, "
         "hide the cause. Leave train_fast and the pictures as they were. What should the network "
         "do with them first?"),
        (largest > 20, "Expected: about 1. More epochs do not mend that. What do the networks that "
         "learned in this lesson do with the pixels first?"),
    ]  # fmt: skip
    facts += f" The largest number that enters its first dense layer is {largest:.3g}."
    recognize(largest, mistakes, facts=facts)


def _need_trained(network: Any, answers: np.ndarray, facts: str) -> None:
    """Raise ``MistakeError`` where all biases are still 0, or softmax went over the pictures."""
    biases = [weights for weights in network.get_weights() if weights.ndim == 1]
    mistakes = [
        (bool(biases) and not any(map(np.any, biases)), f"{facts} All biases are still 0: it has "
         "not been trained. Give it to train_fast."),
        (np.allclose(answers.sum(axis=0), 1, atol=1e-3), "Over all pictures together, the numbers "
         "of one class add up to 1. Expected: the ten numbers of one picture. Along which axis "
         "does your softmax go?"),
    ]  # fmt: skip
    recognize(network, mistakes)


def _entering(network: Any, pictures: Any) -> float:
    """Return the largest number, in size, that enters the first layer with weights."""
    import keras

    learning = [layer for layer in network.layers if layer.trainable_weights]
    need(learning, "This network has no weights that training could adjust.")
    first = learning[0]
    if isinstance(network, keras.Sequential):
        for layer in network.layers[: network.layers.index(first)]:
            pictures = layer(pictures)
    else:
        before = keras.Model(network.inputs, first.input, name="before")
        pictures = before(pictures, training=False)
    if isinstance(first, keras.Model):
        return _entering(first, pictures)
    return float(np.abs(np.asarray(pictures)).max())


def _need_different(ids: np.ndarray, renamed: float, answers: np.ndarray, facts: str) -> None:
    """Raise ``MistakeError`` if pictures of different classes get the same answer."""
    if len(np.unique(ids)) < 6 and renamed < 0.4:
        sums = answers.sum(axis=1)
        mistakes = [
            (not np.allclose(sums, 1, atol=1e-2), "Its ten numbers do not add up to 1. The loss in "
             "train_fast expects probabilities."),
        ]  # fmt: skip
        otherwise = "The pixels are scaled, so look at the rest: layers, learning rate, pictures, "
        otherwise += "and labels as they were?"
        facts += " Expected: nearly all classes."
        recognize(ids, mistakes, facts=facts, otherwise=otherwise)


def _accuracy_after_renaming(ids: np.ndarray, labels: np.ndarray) -> float:
    """Return the accuracy if each answer stood for its most frequent label."""
    return sum(np.bincount(labels[ids == one]).max() for one in np.unique(ids)) / len(ids)
