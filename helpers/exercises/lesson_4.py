"""Checks of lesson 4: history, saved models, cards."""

import contextlib
import copy
import io
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from helpers.exercises.checking import (
    MistakeError,
    UntouchedError,
    as_model,
    as_whole_number,
    exercise,
    need,
    recognize,
    result_of,
    seen,
)


@exercise(
    "4.1",
    "Make them agree",
    expects="a network of its own, with the weights of `other`",
    why="A loaded network is worth something only if it answers as the saved one did. Compare.",
)
def check_twin(twin: Any, /, networks: tuple) -> Iterator[str]:
    """Check that a network has its own weights, which equal those of `other`.

    `networks` is (other, model): the network to be copied, and the one of which files exist.
    """
    other, model = networks
    need(
        twin is not None,
        "Seen: None. load_weights fills a network and returns nothing. Build it and name it in "
        "one line, fill it in the next.",
    )
    twin = as_model(twin)
    need(twin is not other, "These are two names for one network: train one, and both change.")
    mine, goal = twin.get_weights(), other.get_weights()
    need(
        any(array.any() for array in goal if array.ndim == 1),
        "The biases of `other` are all 0: it has lost what it had learned. Run the lines that make "
        "and train it again. Which network is to be filled, and from which file?",
    )
    need(
        [array.shape for array in mine] == [array.shape for array in goal],
        f"Other layers. Seen: {twin.count_params():,} weights in {len(mine)} arrays. Expected: "
        f"{other.count_params():,} in {len(goal)}, shaped as those of `other`. Which function of "
        "the lesson builds such a network?",
    )
    yield f"the same layers: {twin.count_params():,} weights"
    need(
        not {id(weight) for weight in twin.weights} & {id(weight) for weight in other.weights},
        "Both networks use the same layers, so they share their weights: train one, and the other "
        "changes, too. Build new layers.",
    )
    yield "the weights are its own"
    _need_equal_weights(mine, goal, model.get_weights())
    difference = _largest_difference(twin, other)
    need(
        difference <= 1e-4,  # processors round differently
        f"All weights agree, and the probabilities differ by up to {difference:.2g}. Expected: 0. "
        "So a layer that has no weights is missing, or another one.",
    )
    yield f"the same probabilities: the largest difference is {difference:.2g}"


def _need_equal_weights(mine: list, goal: list, earlier: list) -> None:
    """Raise ``MistakeError`` unless all arrays agree; recognize whose weights they are."""
    gaps = [float(np.abs(a - b).max()) for a, b in zip(mine, goal, strict=True)]
    agree, largest = sum(gap <= 1e-6 for gap in gaps), max(gaps)
    if agree < len(gaps):
        mistakes = [
            (_alike(mine, earlier), "They are the weights of `model`. Which network was saved in "
             "the file you loaded?"),
            (agree > 0, f"Only {agree} of {len(gaps)} arrays of weights agree. Every layer must be "
             "filled."),
            (largest < 0.05, "That is close, but not the same. Were they rounded, or trained in "
             "between?"),
        ]  # fmt: skip
        facts = f"Seen: weights that differ from those of `other` by up to {largest:.2g}. "
        facts += "Expected: 0."
        otherwise = "Are they the random ones with which a network is built? Then nothing of "
        otherwise += "`other` was loaded."
        recognize(mine, mistakes, facts=facts, otherwise=otherwise)


def _alike(some: list, others: list) -> bool:
    """Say whether two lists of arrays are the same."""
    return len(some) == len(others) and all(map(np.array_equal, some, others))


def _largest_difference(twin: Any, other: Any) -> float:
    """Compare two networks on 64 noisy pictures, from dark to bright."""
    noise = np.random.default_rng(4).integers(0, 256, size=(64, 28, 28, 1))
    pictures = (noise * np.linspace(0, 1, 64).reshape(64, 1, 1, 1)).astype("uint8")
    try:
        answers = np.asarray(twin(pictures, training=False))
    except Exception:
        raise MistakeError("Your network does not take pictures of shape (28, 28, 1).") from None
    expected = np.asarray(other(pictures, training=False))
    need(
        answers.shape == expected.shape,
        f"Seen: answers of shape {answers.shape}. Expected: {expected.shape}.",
    )
    return float(np.abs(answers - expected).max())


@exercise(
    "4.2",
    "The best epoch",
    expects="a function that returns the number of an epoch",
    why="The last epoch is only the latest one. The one to keep is the best.",
)
def check_best_epoch(find_best: Any, /, table: Any) -> Iterator[str]:
    """Check that a function finds the epoch with the best validation accuracy in a table."""
    number = _epoch_of(find_best, table)
    yield f"it returns one whole number: {number} for your table"
    drawn = _long_trainings()
    found = [_epoch_of(find_best, some) for some in drawn]
    need(
        len(set(found)) == len(drawn),
        f"The answer is {found[0]} for every table. Look only at the one that your function is "
        "given, `table`: another training has its best epoch elsewhere.",
    )
    for some, epoch in zip(drawn, found, strict=True):
        _need_best(epoch, some)
    yield "of a training that went on too long, it returns the best epoch, not the last"
    best = table["val_accuracy"].max()
    need(
        number in table.index and table["val_accuracy"][number] == best,
        f"Seen: {number} for your table. Expected: the epoch with the accuracy {best:.3f}.",
    )
    yield f"that epoch of yours has the accuracy {best:.3f}"


def _epoch_of(find_best: Callable, table: Any) -> int:
    """Call the reader's function; raise ``MistakeError`` unless it returns a whole number."""
    try:
        answer = result_of(find_best, table)
    except UntouchedError:
        hint = "Your function still returns `...`. Write after return what it should return."
        need(not _names_in(find_best), hint)
        raise
    fraction = isinstance(answer, float) and not answer.is_integer()
    mistakes = [
        (fraction and np.isclose(table, answer).any(), f"Seen: {seen(answer)}, a value from the "
         "table. Expected: in which epoch it occurs."),
        (fraction and np.isclose(table, answer - 1).any(), f"Seen: {seen(answer)}, 1 more than a "
         "value from the table. Expected: in which epoch it occurs."),
        (isinstance(answer, str), f"Seen: {seen(answer)}. Expected: the number of the epoch alone, "
         "without quotes."),
    ]  # fmt: skip
    recognize(answer, mistakes)
    return as_whole_number(answer, "the number of one epoch, counted from 1")


def _long_trainings() -> list:
    """Make two tables like the reader's, in which every usual mistake gives another number."""
    import pandas as pd

    columns = {
        "accuracy": [0.60, 0.70, 0.78, 0.84, 0.88, 0.91, 0.94, 0.93],
        "loss": [0.97, 1.00, 0.60, 0.45, 0.35, 0.27, 0.20, 0.22],
        "val_accuracy": [0.62, 0.71, 0.80, 0.79, 0.78, 0.77, 0.76, 0.75],
        "val_loss": [0.95, 0.80, 0.66, 0.60, 0.55, 0.58, 0.63, 0.70],
    }
    there = pd.DataFrame(columns, index=pd.RangeIndex(1, 9, name="epoch"))
    back = there.iloc[6::-1].set_index(there.index[:7])
    return [there, back]


def _need_best(epoch: int, table: Any) -> None:
    """Raise ``MistakeError`` unless this is the best epoch of the table; say which one it is."""
    accuracies, position = table["val_accuracy"].to_numpy(), np.argmax(table["val_accuracy"])
    if epoch == position + 1:
        return
    mistakes = [
        (position, "That is its position, counted from 0. Epochs are counted from 1."),
        (np.argmax(table["accuracy"]) + 1, "That one has the best training accuracy: it is the "
         "best on pictures that were practiced. Another column counts."),
        (len(table), "That is the last one. Was it the best?"),
        (np.argmin(accuracies) + 1, "That is the lowest of them."),
        (np.argmin(table["val_loss"]) + 1, "That one has the lowest loss. Here, accuracy counts."),
        (position + 2, "That is one too many. idxmax returns the epoch itself, argmax its "
         "position."),
    ]  # fmt: skip
    facts = f"Validation accuracies {', '.join(map(str, accuracies))}: your function chooses epoch "
    facts += f"{epoch}."
    recognize(epoch, mistakes, facts=facts, otherwise="Expected: the epoch of the highest.")


@exercise(
    "4.3",
    "Check the card",
    expects="a function of a card and a network",
    why="Files come apart. A wrong card that is believed does more harm than none.",
)
def check_refusal(check_model: Any, /, model: Any) -> Iterator[str]:
    """Check that a function raises ValueError where a card does not fit a network."""
    need(callable(check_model), f"Seen: {seen(check_model)}. Expected: a function, with def.")
    fault, result = _outcome(check_model, _card_of(as_model(model)), model)
    silent = fault is None and (result is None or result is ...)
    if silent and not _names_in(check_model):  # a `return ...` left below own lines harms nobody
        raise UntouchedError
    for network in (as_model(model), _small_network()):
        fault, _ = _outcome(check_model, _card_of(network), network)
        mistakes = [
            (fault is not None and not isinstance(fault, ValueError), f"your function ended with "
             f"{_named(fault)}. Expected: that it does nothing."),
            (fault is not None, f"it was refused ({_named(fault)}). Print both sides of each "
             "comparison: are both numbers? And use nothing but `card` and `model`, which the "
             "function is given."),
        ]  # fmt: skip
        facts = f"The card of a network with {network.count_params():,} weights fits, but"
        recognize(fault, mistakes, facts=facts)
    yield "a card that fits passes, of your network and of another"
    card = _card_of(model)
    names, count = card["classes"], card["parameters"]
    both = {"classes": [*names, "Hat"], "parameters": count + 1}
    _need_refused(check_model, card | both, model, "neither weights nor classes fit")
    yield "where nothing fits, it raises ValueError"
    for wrong in (count + 1, count - 1):
        what = f"the card says {wrong:,} weights, and the network has {count:,}"
        _need_refused(check_model, card | {"parameters": wrong}, model, what)
    yield "a wrong number of weights is refused"
    for wrong in (names[:-1], [*names, "Hat"]):
        what = f"the card has {len(wrong)} classes, and the network gives {len(names)} numbers"
        _need_refused(check_model, card | {"classes": wrong}, model, what)
    yield "a wrong number of classes is refused, too few and too many"


def _need_refused(check_model: Callable, card: dict, model: Any, what: str) -> None:
    """Raise ``MistakeError`` unless the reader's function raises ValueError for this card."""
    fault, result = _outcome(check_model, card, model)
    returned = f"It returned {'...' if result is ... else repr(result):.40}: who looks at that? "
    returned = "" if result is None else returned
    mistakes = [
        (fault is None, f"nothing was raised. {returned}Expected: ValueError, with raise."),
        (not isinstance(fault, ValueError), f"seen {_named(fault)}. Expected: ValueError, which a "
         "program that loads can catch."),
    ]  # fmt: skip
    recognize(fault, mistakes, facts=f"Where {what}:")


def _outcome(function: Callable, card: dict, model: Any) -> tuple[Exception | None, Any]:
    """Call the reader's function on a copy of the card; return its error and its result."""
    result = None
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            result = function(copy.deepcopy(card), model)
    except Exception as fault:
        return fault, None
    return None, result


def _names_in(function: Any) -> tuple:
    """Return the names that a function uses besides its own variables: a stub uses none."""
    return getattr(getattr(function, "__code__", None), "co_names", ("unknown",))


def _named(fault: Exception | None) -> str:
    return f"{type(fault).__name__}{f': {fault}' if str(fault) else ''}"


def _card_of(model: Any) -> dict:
    """Write a card that fits a network, in the form of the lesson."""
    return {
        "classes": [f"class {number}" for number in range(model.output_shape[-1])],
        "input": {"shape": list(model.input_shape[1:]), "dtype": "uint8", "range": [0, 255]},
        "keras": "3.0.0",
        "parameters": model.count_params(),
        "accuracy": {"validation": 0.5},
    }


def _small_network() -> Any:
    """Build a network with 3 classes; no random number is drawn, no automatic name is used up."""
    import keras

    pictures = keras.Input((4, 4, 1), name="small_input")
    flat = keras.layers.Flatten(name="small_flatten")(pictures)
    zeros = {"kernel_initializer": "zeros", "bias_initializer": "zeros"}
    answers = keras.layers.Dense(3, name="small_dense", activation="softmax", **zeros)(flat)
    return keras.Model(pictures, answers, name="small")
