"""Checks of lesson 5: names, one picture, the confusion matrix."""

import functools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from helpers.exercises.checking import as_array, as_names, exercise, need, recognize, seen


@exercise(
    "5.1",
    "Names for probabilities",
    expects="a list of class names, one for each picture",
    why="People want a word for each picture. The axis decides whether they get one.",
)
def check_names(
    names: Any, /, probabilities: np.ndarray, class_names: Sequence[str]
) -> Iterator[str]:
    """Check that each of n rows, (n, classes), got the name of its largest probability."""
    shape, count = np.shape(probabilities), len(probabilities)
    need(
        len(shape) == 2 and shape[1] == len(class_names),
        f"more was changed: its shape is {shape}. Expected: a row for each picture, a column for "
        "each class. Give your own results names of their own, and run the cell again.",
    )
    _need_order(names)
    _need_words(names, probabilities)
    words = as_names(names, f"a list of {count} names")
    yield "the answer is made of texts"
    mistakes = [
        ([class_names[i] for i in probabilities.argmax(axis=0)], f"Seen: {_WRONG_AXIS} Expected: "
         "one name per picture. Which axis is last?"),
        (len(words) != count, f"Seen: {len(words)} name{'s' * (len(words) != 1)}. Expected: "
         f"{count}, one for each picture. Does your code go through all rows?"),
    ]  # fmt: skip
    recognize(words, mistakes)
    yield f"there is one for each of the {count} pictures"
    _need_largest(words, probabilities, class_names)
    yield "each is the name of the largest probability of its row"


_WRONG_AXIS = "one answer for each class: argmax ran along axis 0, down the pictures."


def _need_order(names: Any) -> None:
    """Recognize a set, which has no order, an iterator, which is used up, and what is no text."""
    listed = names if isinstance(names, (list, tuple)) else []
    numbers = all(isinstance(name, (int, float, np.number, np.ndarray)) for name in listed)
    other = next((name for name in listed if not isinstance(name, str)), "")
    mistakes = [
        (isinstance(names, (set, frozenset)), "which has no order and holds each name once. "
         "Expected: a list."),
        (isinstance(names, Iterator), "used up after one look. Expected: a list, in [ ]."),
        (not numbers and not isinstance(other, str), f"and in it {seen(other)}. Expected: names "
         "alone, as texts."),
    ]  # fmt: skip
    recognize(names, mistakes, facts=f"Seen: {seen(names)},")


def _need_words(names: Any, probabilities: np.ndarray) -> None:
    """Recognize an answer of numbers, or of one text, where names are wanted."""
    facts = f"Seen: {seen(names)}. Expected: a list of {len(probabilities)} names."
    hint = f"{facts} That is one text alone. Does your code go through all rows?"
    need(not isinstance(names, str), hint)
    numbers = np.asarray(names)
    if numbers.dtype.kind in "biuf":
        largest = probabilities.max(axis=-1)
        mistakes = [
            (numbers.size == 0, "It is empty."),
            (numbers.ndim == 0, "Without axis, argmax looks at all rows at once."),
            (numbers.shape == largest.shape and np.allclose(numbers, largest, atol=0.006), "These "
             "are the largest probabilities, from max. Their positions lead to the names."),
            (probabilities.argmax(axis=0), f"That is {_WRONG_AXIS}"),
            (probabilities.argmax(axis=-1), "These are class ids, and they are right. Use each as "
             "a position in class_names."),
        ]  # fmt: skip
        recognize(numbers, mistakes, facts=facts, otherwise="It is made of numbers.")


def _need_largest(words: list, probabilities: np.ndarray, class_names: Sequence[str]) -> None:
    """Recognize names of other probabilities than the largest, and names out of order."""
    largest, smallest = probabilities.argmax(axis=-1), probabilities.argmin(axis=-1)
    ids = largest, smallest, probabilities.argsort(axis=-1)[:, -2]
    right, least, second = ([class_names[i] for i in some] for some in ids)
    if words == right:
        return
    strange = next((word for word in words if word not in class_names), None)
    wrong = [place for place, word in enumerate(words) if word != right[place]]
    mistakes = [
        (least, "Seen: the names of the smallest probabilities. Expected: the largest."),
        (second, "Seen: the names of the second largest probabilities. Expected: the largest."),
        (sorted(words) == sorted(right), "Seen: the right names in another order. Expected: that "
         "of the pictures, first to last."),
        (str(strange).isdigit(), f"Seen: {seen(strange)}, a number as text. Expected: the name at "
         "its position."),
        (strange is not None, f"Seen: {seen(strange)}. Expected: names as they stand in "
         "class_names."),
    ]  # fmt: skip
    otherwise = (
        f"Seen: {len(wrong)} of {len(right)} names are not those of the largest probability, the "
        f"first at position {wrong[0]}. Expected: class_names, at its position."
    )
    recognize(words, mistakes, otherwise=otherwise)


@exercise(
    "5.2",
    "Read a confusion matrix",
    expects="two class names: the true one, then the answer",
    why="Accuracy says how often a network fails. The matrix says at what.",
)
def check_confused(
    pair: Any, /, labels: np.ndarray, answers: np.ndarray, class_names: Sequence[str]
) -> Iterator[str]:
    """Check that a pair of names is that of the most frequent mistake among (n,) answers."""
    facts = f"Seen: {seen(pair)}. Expected: two names, the true class and the one it was taken for."
    mistakes = [
        (isinstance(pair, str), ""),
        (pair is None, "np.fill_diagonal, for one, changes counts and returns None."),
    ]
    recognize(pair, mistakes, facts=facts)
    _need_order(pair)
    if np.asarray(pair).dtype.kind in "biuf":
        mistakes = [
            (np.size(pair) == 2, "These are two numbers, class ids or counts. class_names has the "
             "names."),
            (np.size(pair) == 1, "Without axis, argmax counts through all cells, row after row. "
             "Ask for the row first."),
        ]  # fmt: skip
        recognize(pair, mistakes, facts=facts, otherwise="It is made of numbers.")
    words = as_names(pair, "two class names")
    strange = next((word for word in words if word not in class_names), None)
    mistakes = [
        (len(words) != 2, facts),
        (strange is not None, f"Seen: {seen(strange)}. Expected: a name as it stands in "
         "class_names."),
    ]  # fmt: skip
    recognize(words, mistakes)
    yield "these are two names of classes"
    need(
        words[0] != words[1],
        f"Seen: {words[0]} twice. The largest counts of all stand on the diagonal: what is right. "
        "Expected: a mistake, so leave the diagonal out.",
    )
    yield "they name a mistake, not what is right"
    row, column = (list(class_names).index(word) for word in words)
    _need_most(row, column, labels, answers)
    yield "no other mistake is made more often"


def _need_most(row: int, column: int, labels: np.ndarray, answers: np.ndarray) -> None:
    """Recognize which other cell of the confusion matrix was read."""
    counts = np.zeros((10, 10), dtype=int)  # ten classes
    np.add.at(counts, (np.asarray(labels), np.asarray(answers)), 1)
    np.fill_diagonal(counts, 0)
    count, most = counts[row, column], counts.max()
    if count == most:
        return
    mistakes = [
        (counts[column, row] == most, "Row and column are swapped: a row is the true class, a "
         "column the answer."),
        (count == 0, "This one never happens: did you look for the smallest count?"),
        (column == counts.sum(axis=0).argmax(), "This column holds most wrong answers in total. "
         "Look for the largest single cell."),
        (row == counts.sum(axis=1).argmax(), "This row holds most mistakes in total. Look along it "
         "for its largest cell."),
    ]  # fmt: skip
    facts = f"Seen: a mistake made {count} times. Expected: one made {most} times."
    recognize(count, mistakes, facts=facts, otherwise="Compare all cells beside the diagonal.")


@exercise(
    "5.3",
    "One picture for predict",
    expects="an array of shape (1, 28, 28, 1)",
    why="A network never complains about a wrong scale or a negative. You have to look.",
)
def check_batch(batch: Any, /, sent: np.ndarray) -> Iterator[str]:
    """Check that a negative (28, 28), floats 0 to 1, became a batch of one raw picture."""
    _need_sent(sent)
    array = as_array(batch, "an array of shape (1, 28, 28, 1)")
    if array.shape != (1, 28, 28, 1):
        shapes = [
            ((28, 28), "The batch and the channel are missing."),
            ((28, 28, 1), "The channel is there. What must stand in front?"),
            ((1, 28, 28), "The channel is missing. Some networks get it from Keras: do not rely "
             "on it."),
            ((28, 28, 1, 1), "Both new axes stand at the end: this is a batch of 28 rows."),
            ((1, 1, 28, 28), "Both new axes stand in front. Where does the channel go?"),
        ]  # fmt: skip
        goal = "(1, 28, 28, 1), that is batch, rows, columns, channel"
        facts = f"Seen: shape {array.shape}. Expected: {goal}."
        recognize(array.shape, shapes, facts=facts, otherwise="Count its axes.")
    yield "it is a batch of one picture with one channel"
    picture = array[0, ..., 0].astype("float64")
    need(not np.isnan(picture).any(), "Seen: NaN, not a number. Expected: values from 0 to 255.")
    mistakes = [
        (array.dtype == "int8", "int8 ends at 127. Expected: 0 to 255, such as uint8 has."),
        (picture.min() <= -1, "Expected: none below 0. Which number is white, at your scale?"),
        (picture.max() <= 0, "All is black. Rounded, or made whole, before the multiplication?"),
        (picture.max() <= 1.01, "This network divides by 255 itself, so it wants raw pixels. "
         "Expected: 0 to 255."),
        (picture.max() >= 255.5, "Expected: 0 to 255. Which number makes 1 to 255?"),
    ]  # fmt: skip
    facts = f"Seen: values from {picture.min():.4g} to {picture.max():.4g}."
    recognize(picture, mistakes, facts=facts)
    yield "the values are raw pixels, up to 255"
    _need_picture(picture, 255 - 255 * sent)
    yield "the garment is light on dark, each pixel as it was"


def _need_sent(sent: np.ndarray) -> None:
    """Recognize that ``sent`` was written over: it is the measure for the answer."""
    again = "Give your own steps names of their own, and run the cell again."
    kept = as_array(sent, f"sent as it came. {again}")
    need(
        kept.shape == (28, 28) and kept.min() >= 0 and kept.max() <= 1,
        f"sent was changed: it is {seen(sent)} now. Expected: (28, 28), from 0 to 1. {again}",
    )
    need(
        np.median(kept[[0, -1]]) > 0.5,
        f"sent was changed: it is light on dark now. Expected: dark on white, as it came. {again}",
    )


def _need_picture(picture: np.ndarray, raw: np.ndarray) -> None:
    """Recognize a picture that is not ``raw``, both (28, 28); a rounding by 1 is fine."""
    alike = functools.partial(np.allclose, atol=1.01)
    if alike(picture, raw):
        return
    negative = "Seen: dark on white, as it was sent. Expected: light on dark. Turn it around."
    turned = "Seen: the picture turned or mirrored. Expected: rows and columns as they were."
    mistakes = [
        (255 - raw, negative),
        (256 - raw, negative),
        *((np.rot90(one, quarters), turned) for one in (raw, raw.T) for quarters in range(4)),
        (len(np.unique(picture)) <= 2 < len(np.unique(raw.round())), "Seen: two values only, the "
         "grays are gone. Expected: all of them. Change to whole numbers last, after the "
         "multiplication."),
    ]  # fmt: skip
    off = int((abs(picture - raw) > 1.01).sum())
    otherwise = (
        f"Seen: {off} of 784 pixels are not those of the picture sent. Is it another picture? "
        "Expected: white (1) becomes 0, black (0) becomes 255."
    )
    recognize(picture, mistakes, otherwise=otherwise, alike=alike)
