"""Checks of lesson 5: names, one picture, the confusion matrix."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from helpers.exercises.checking import as_array, as_names, exercise, need, seen


@exercise(
    "5.1",
    "Names for probabilities",
    parts=3,
    expects="a list of class names, one for each picture",
    why="People want a word for each picture. The axis decides whether they get one.",
)
def check_names(
    names: Sequence[str], probabilities: np.ndarray, class_names: Sequence[str]
) -> Iterator[str]:
    """Check that each of n rows, (n, classes), got the name of its largest probability."""
    shape = np.shape(probabilities)
    need(
        len(shape) == 2 and shape[1] == len(class_names),
        f"more was changed: its shape is {shape}. Expected: a row for each picture, a column for "
        "each class. Give your own results names of their own, and run the cell again.",
    )
    ids = probabilities.argmax(axis=-1)
    _need_order(names)
    _need_words(names, probabilities, class_names)
    words = as_names(names, f"a list of {len(ids)} names")
    yield "the answer is made of texts"
    across = [class_names[i] for i in probabilities.argmax(axis=0)]
    need(words != across, f"Seen: {_WRONG_AXIS} Expected: one name a picture. Which axis is last?")
    need(
        len(words) == len(ids),
        f"Seen: {len(words)} name{'s' * (len(words) != 1)}. Expected: {len(ids)}, "
        "one for each picture. Does your code go through all rows?",
    )
    yield f"there is one for each of the {len(ids)} pictures"
    _need_largest(words, probabilities, class_names)
    yield "each is the name of the largest probability of its row"


_WRONG_AXIS = "one answer for each class: argmax ran along axis 0, down the pictures."


def _need_order(names: Any) -> None:
    """Recognize a set, which has no order, an iterator, which is used up, and what is no text."""
    need(
        not isinstance(names, (set, frozenset)),
        f"Seen: {seen(names)}, which has no order and holds each name once. Expected: a list.",
    )
    once = isinstance(names, Iterator)
    need(not once, f"Seen: {seen(names)}, used up after one look. Expected: a list, in [ ].")
    if isinstance(names, (list, tuple)) and any(not _is_number(name) for name in names):
        other = next((name for name in names if not isinstance(name, str)), "")
        need(
            isinstance(other, str),
            f"Seen: {seen(names)}, and in it {seen(other)}. Expected: names alone, as texts.",
        )


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, np.number, np.ndarray))


def _need_words(names: Any, probabilities: np.ndarray, class_names: Sequence[str]) -> None:
    """Recognize an answer of numbers, or of one text, where names are wanted."""
    goal = f"Expected: a list of {len(probabilities)} names."
    if isinstance(names, str):
        one = "one name alone" if names in class_names else "one text"
        need(False, f"Seen: {one}, {seen(names)}. {goal} Does your code go through all rows?")
    numbers = np.asarray(names)
    if numbers.dtype.kind not in "biuf":
        return
    need(numbers.size, f"Seen: {seen(names)}, empty. {goal}")
    need(
        numbers.ndim, f"Seen: {seen(names)}. Without axis, argmax looks at all rows at once. {goal}"
    )
    is_same = numbers.shape == (len(probabilities),)
    shares = is_same and np.allclose(numbers, probabilities.max(axis=-1), atol=0.006)
    need(
        not shares,
        f"Seen: the largest probabilities, from max. {goal} Their positions lead to them.",
    )
    down = np.array_equal(numbers, probabilities.argmax(axis=0))
    need(not down, f"Seen: {_WRONG_AXIS} {goal}")
    ids = is_same and np.array_equal(numbers, probabilities.argmax(axis=-1))
    need(not ids, f"Seen: class ids, numbers. They are right. {goal} Use each as a position.")
    need(False, f"Seen: {seen(names)}, made of numbers. {goal}")


def _need_largest(words: list, probabilities: np.ndarray, class_names: Sequence[str]) -> None:
    """Recognize names of other probabilities than the largest, and names out of order."""
    right = [class_names[i] for i in probabilities.argmax(axis=-1)]
    least = [class_names[i] for i in probabilities.argmin(axis=-1)]
    second = [class_names[i] for i in probabilities.argsort(axis=-1)[:, -2]]
    need(words != least, "Seen: the names of the smallest probabilities. Expected: the largest.")
    need(
        words != second,
        "Seen: the names of the second largest probabilities. Expected: the largest.",
    )
    need(
        words == right or sorted(words) != sorted(right),
        "Seen: the right names in another order. Expected: that of the pictures, first to last.",
    )
    strange = next((word for word in words if word not in class_names), None)
    digits = strange is not None and strange.isdigit()
    need(
        not digits, f"Seen: {seen(strange)}, a number as text. Expected: the name at its position."
    )
    need(strange is None, f"Seen: {seen(strange)}. Expected: names as they stand in class_names.")
    wrong = [place for place, word in enumerate(words) if word != right[place]]
    need(
        not wrong,
        f"Seen: {len(wrong)} of {len(right)} names are not those of the largest probability, "
        f"the first at position {min(wrong, default=0)}. Expected: class_names, at its position.",
    )


@exercise(
    "5.2",
    "Read a confusion matrix",
    parts=3,
    expects="two class names: the true one, then the answer",
    why="Accuracy says how often a network fails. The matrix says at what.",
)
def check_confused(
    pair: Sequence[str], labels: np.ndarray, answers: np.ndarray, class_names: Sequence[str]
) -> Iterator[str]:
    """Check that a pair of names is that of the most frequent mistake among (n,) answers."""
    goal = "Expected: two names, the true class and the one it was taken for."
    need(not isinstance(pair, str), f"Seen: {seen(pair)}. {goal}")
    need(
        pair is not None,
        f"Seen: None. {goal} np.fill_diagonal, for one, changes counts and gives None back.",
    )
    _need_order(pair)
    if np.asarray(pair).dtype.kind in "biuf":
        need(
            np.size(pair) != 2,
            f"Seen: two numbers, class ids or counts. {goal} class_names has them.",
        )
        need(
            np.size(pair) != 1,
            f"Seen: {seen(pair)}. {goal} Without axis, argmax counts through all cells, row after "
            "row. Ask for the row first.",
        )
        need(False, f"Seen: {seen(pair)}, made of numbers. {goal}")
    words = as_names(pair, "two class names")
    need(len(words) == 2, f"Seen: {len(words)} names. {goal}")
    strange = next((word for word in words if word not in class_names), None)
    need(strange is None, f"Seen: {seen(strange)}. Expected: a name as it stands in class_names.")
    yield "these are two names of classes"
    need(
        words[0] != words[1],
        f"Seen: {words[0]} twice. The largest counts of all stand on the diagonal: what is right. "
        "Expected: a mistake, so leave the diagonal out.",
    )
    yield "they name a mistake, not what is right"
    _need_most(tuple(list(class_names).index(word) for word in words), labels, answers)
    yield "no other mistake is made more often"


def _need_most(place: tuple, labels: np.ndarray, answers: np.ndarray) -> None:
    """Recognize which other cell of the confusion matrix (row, column) was read."""
    counts = np.zeros((10, 10), dtype=int)  # ten classes
    np.add.at(counts, (np.asarray(labels), np.asarray(answers)), 1)
    np.fill_diagonal(counts, 0)
    seen_count, most = counts[place], counts.max()
    if seen_count == most:
        return
    stay = f"Seen: a mistake made {seen_count} times. Expected: one made {most} times."
    need(
        counts[place[::-1]] != most,
        f"{stay} Row and column are swapped: a row is the true class, a column the answer.",
    )
    need(seen_count > 0, f"{stay} This one never happens: did you look for the smallest count?")
    need(
        place[1] != counts.sum(axis=0).argmax(),
        f"{stay} This column holds most wrong answers in total. Look for the largest single cell.",
    )
    need(
        place[0] != counts.sum(axis=1).argmax(),
        f"{stay} This row holds most mistakes in total. Look along it for its largest cell.",
    )
    need(False, f"{stay} Compare all cells beside the diagonal.")


@exercise(
    "5.3",
    "One picture for predict",
    parts=3,
    expects="an array of shape (1, 28, 28, 1)",
    why="A network never complains about a wrong scale or a negative. You have to look.",
)
def check_batch(batch: np.ndarray, sent: np.ndarray) -> Iterator[str]:
    """Check that a negative (28, 28), floats 0 to 1, became a batch of one raw picture."""
    goal = "Expected: (1, 28, 28, 1), that is batch, rows, columns, channel"
    _need_sent(sent)
    array = as_array(batch, "an array of shape (1, 28, 28, 1)")
    hint = _SHAPES.get(f"{array.shape}", "Count its axes.")
    need(array.shape == (1, 28, 28, 1), f"Seen: shape {array.shape}. {goal}. {hint}")
    yield "it is a batch of one picture with one channel"
    picture, raw = array[0, ..., 0].astype("float64"), 255 - 255 * sent
    need(not np.isnan(picture).any(), "Seen: NaN, not a number. Expected: values from 0 to 255.")
    span = f"Seen: values from {picture.min():.4g} to {picture.max():.4g}."
    need(array.dtype != "int8", f"{span} int8 ends at 127. Expected: 0 to 255, such as uint8 has.")
    need(
        picture.min() > -1, f"{span} Expected: none below 0. Which number is white, at your scale?"
    )
    need(
        picture.max() > 0,
        f"{span} All is black. Rounded, or made whole, before the multiplication?",
    )
    need(
        picture.max() > 1.01,
        f"{span} This network divides by 255 itself, so it wants raw pixels. Expected: 0 to 255.",
    )
    need(picture.max() < 255.5, f"{span} Expected: 0 to 255. Which number makes 1 to 255?")
    yield "the values are raw pixels, up to 255"
    _need_picture(picture, raw)
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


_SHAPES = {
    "(28, 28)": "The batch and the channel are missing.",
    "(28, 28, 1)": "The channel is there. What must stand in front?",
    "(1, 28, 28)": "The channel is missing. Some networks get it from Keras: do not rely on it.",
    "(28, 28, 1, 1)": "Both new axes stand at the end: this is a batch of 28 rows.",
    "(1, 1, 28, 28)": "Both new axes stand in front. Where does the channel go?",
}


def _need_picture(picture: np.ndarray, raw: np.ndarray) -> None:
    """Recognize a picture that is not ``raw``, both (28, 28); a rounding by 1 is fine."""

    def is_like(other: np.ndarray) -> bool:
        return np.allclose(picture, other, atol=1.01)

    negative = is_like(255 - raw) or is_like(256 - raw)
    need(
        not negative,
        "Seen: dark on white, as it was sent. Expected: light on dark. Turn it around.",
    )
    turned = any(
        is_like(np.rot90(one, quarters)) for one in (raw, raw.T) for quarters in range(4)
    ) and not is_like(raw)
    need(
        not turned, "Seen: the picture turned or mirrored. Expected: rows and columns as they were."
    )
    need(
        len(np.unique(picture)) > 2 or len(np.unique(raw.round())) <= 2,
        "Seen: two values only, the grays are gone. Expected: all of them. "
        "Change to whole numbers last, after the multiplication.",
    )
    off = int((abs(picture - raw) > 1.01).sum())
    need(
        off == 0,
        f"Seen: {off} of 784 pixels are not those of the picture sent. Is it another picture? "
        "Expected: white (1) becomes 0, black (0) becomes 255.",
    )
