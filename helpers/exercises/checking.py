"""A check for each exercise: it says what is right, or which mistake was made.

A check prints what it saw. It never raises (unless ``COURSE_STRICT=1`` is set, for tests), never
trains, and never changes what it is given. An answer that is still ``...`` was not attempted yet.
A passed exercise is remembered: one empty file for each in the folder ``progress`` of the course.
"""

from __future__ import annotations

import contextlib
import copy
import functools
import os
import types
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

COURSE = Path(__file__).resolve().parents[2]


class Exercise(NamedTuple):
    """What the course knows of an exercise: its number is lesson, dot, place in the lesson."""

    number: str
    title: str
    parts: int
    expects: str
    why: str
    answers: int


EXERCISES: dict[str, Exercise] = {}  # by number, in the order of the lessons; filled below


class NotPassedError(AssertionError):
    """An exercise was not passed, and ``COURSE_STRICT`` asks for an error then."""

    def _render_traceback_(self) -> list[str]:
        """Let a notebook show the message alone."""
        return [f"NotPassedError: {self}"]


class Wrong(Exception):
    """A mistake was recognized. The message names it, and says where to look."""


class Untouched(Exception):
    """The answer is still the ``...`` of the stub."""


# --- progress -------------------------------------------------------------------------


def show_progress() -> None:
    """Print how many exercises were passed, by lesson, and where to go on."""
    passed = _passed()
    print(f"{len(passed)} of {len(EXERCISES)} exercises passed")
    for lesson in dict.fromkeys(number.split(".")[0] for number in EXERCISES):
        numbers = [number for number in EXERCISES if number.split(".")[0] == lesson]
        marks = "".join("■" if number in passed else "□" for number in numbers)
        done = sum(number in passed for number in numbers)
        print(f"  lesson {lesson}  {marks:5} {done} of {len(numbers)}")
    open_ones = [entry for number, entry in EXERCISES.items() if number not in passed]
    if open_ones:
        number, title, *_ = open_ones[0]
        print(f"Go on in lesson {number.split('.')[0]}: exercise {number} · {title}")
    else:
        print("All of them. Show somebody what you can do now.")


def _folder() -> Path:
    return Path(os.environ.get("COURSE_PROGRESS_DIR") or COURSE / "progress")


def _passed() -> set[str]:
    """Give the numbers of the exercises passed so far; whatever else lies there is ignored."""
    try:
        return {path.name for path in _folder().iterdir()} & set(EXERCISES)
    except OSError:
        return set()


def _remember(number: str) -> str:
    """Make the file that stands for a passed exercise; say so if that cannot be done.

    One empty file for each: it is there or not, so two kernels cannot spoil each other's notes.
    """
    try:
        _folder().mkdir(parents=True, exist_ok=True)
        (_folder() / number).touch()
    except OSError as fault:
        return f"  (not remembered for next time: {_folder().name}: {fault.strerror})\n"
    return ""


# --- running a check -------------------------------------------------------------------------


def exercise(
    number: str, title: str, *, parts: int, expects: str, why: str, answers: int = 1
) -> Callable:
    """Make a check of a generator: it yields what is right, and raises ``Wrong`` at a mistake.

    Parameters
    ----------
    number, title
        Those of the heading in the lesson, "1.2" and "Scale the pixels".
    parts
        How many things are looked at: the generator yields so many times for a right answer.
    expects
        What an answer is, in words, for one that could not be read at all.
    why
        Why it matters: printed with a right answer.
    answers
        How many names the reader fills: the first values that the check gets.
    """
    entry = EXERCISES[number] = Exercise(number, title, parts, expects, why, answers)

    def decorate(check: Callable[..., Iterator[str]]) -> Callable[..., None]:
        @functools.wraps(check)
        def run(*values: Any) -> None:
            passed, report = _examine(entry, check, values)
            strict = os.environ.get("COURSE_STRICT", "") not in ("", "0")
            if strict and not passed:
                raise NotPassedError(report)
            print(report)

        return run

    return decorate


def _examine(entry: Exercise, check: Callable, values: tuple) -> tuple[bool, str]:
    """Look at an answer; say whether it is right, and the report for the reader."""
    head, right, hint = f"Exercise {entry.number} · {entry.title}: ", [], ""
    open_ones = sum(value is ... for value in values)
    try:
        if open_ones:
            raise Untouched
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            for sentence in check(*map(_guarded, values)):
                right.append(sentence)
    except Untouched:
        more = f" ({open_ones} of {entry.answers} answers are still ...)"
        more = more if 0 < open_ones < entry.answers else ""
        return False, f"{head}not attempted yet{more}"
    except Wrong as mistake:
        hint = str(mistake)
    except Exception as fault:  # whatever an answer may be, the reader gets a sentence
        hint = (
            f"This answer could not be read ({type(fault).__name__}). Seen: {seen(values[0])}. "
            f"Expected: {entry.expects}."
        )
    lines = [f"{head}{len(right)} of {entry.parts} checks passed"]
    lines += [f"  ✓ {sentence}" for sentence in right]
    if hint:
        return False, "\n".join([*lines, f"  ✗ {hint}"])
    return True, "\n".join([*lines, f"{_remember(entry.number)}Why it matters: {entry.why}"])


def _guarded(value: Any) -> Any:
    """Give what a check may look at without changing the reader's own."""
    if isinstance(value, np.ndarray):
        view = value.view()
        view.flags.writeable = False
        return view
    if isinstance(value, (list, dict, set, bytearray)) or type(value).__name__ == "DataFrame":
        return copy.deepcopy(value)
    return value


# --- for the checks -------------------------------------------------------------------------


def need(condition: Any, hint: str) -> None:
    """Raise ``Wrong`` with this hint unless the condition holds."""
    if not condition:
        raise Wrong(hint)


def seen(value: Any) -> str:
    """Say in a few words what a value is: "an array of shape (28, 28), uint8"."""
    with contextlib.suppress(Exception):  # a value may refuse to be looked at
        return _described(value)
    return f"an object of type {type(value).__name__}"


def _described(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return f"{value}"
    if isinstance(value, (int, float, complex, np.generic)):
        return f"the number {_short(value)}"
    if isinstance(value, str):
        return f"the text {_short(value)}"
    if isinstance(value, type):
        return f"the class {value.__name__} itself: brackets after its name make one of its kind"
    if isinstance(value, (list, tuple, set, dict)):
        return f"a {type(value).__name__} of {len(value)}"
    if isinstance(value, types.FunctionType):
        return f"the function {value.__name__} itself, not what it returns"
    kind = getattr(value.dtype, "name", value.dtype)
    return f"an array of shape {tuple(value.shape)}, {kind}"


def _short(value: Any) -> str:
    text = "?"
    with contextlib.suppress(Exception):
        text = repr(value.item() if isinstance(value, np.generic) else value)
    return text if len(text) <= 60 else text[:57] + "..."


def as_array(value: Any, expects: str) -> np.ndarray:
    """Give the answer as an array of numbers; raise ``Wrong`` where it is none."""
    with contextlib.suppress(Exception):
        array = np.asarray(value)
        if array.dtype.kind in "biuf":
            return array
    raise Wrong(f"Seen: {seen(value)}. Expected: {expects}.")


def as_whole_number(value: Any, expects: str) -> int:
    """Give the answer as an int; 12.0 and an array of one number count, True and "12" do not."""
    if isinstance(value, str):
        raise Wrong(f"Seen: {seen(value)}, in quotes. Without them it is a number.")
    array = as_array(value, expects)
    if array.dtype.kind == "b" or array.size != 1 or not float(array.item()).is_integer():
        raise Wrong(f"Seen: {seen(value)}. Expected: {expects}.")
    return int(array.item())


def as_names(value: Any, expects: str) -> list[str]:
    """Give the answer as a list of texts; a tuple or an array of texts counts too."""
    with contextlib.suppress(Exception):
        if not isinstance(value, (str, bytes, dict)):
            names = [item.item() if isinstance(item, np.generic) else item for item in value]
            if names and all(isinstance(name, str) for name in names):
                return names
    raise Wrong(f"Seen: {seen(value)}. Expected: {expects}.")


def as_model(value: Any) -> Any:
    """Give the answer, a Keras model that has been built; raise ``Wrong`` where it is none."""
    import keras

    if isinstance(value, type) or not isinstance(value, keras.Model):
        raise Wrong(f"Seen: {seen(value)}. Expected: a Keras model, such as keras.Sequential([…]).")
    if not value.built:
        raise Wrong(
            "The model has no shapes and no weights yet. Its first line should be keras.Input."
        )
    return value


def result_of(function: Any, *arguments: Any) -> Any:
    """Call the reader's function on copies; raise ``Wrong`` where it is none or fails."""
    if not callable(function):
        raise Wrong(f"Seen: {seen(function)}. Expected: a function, with def and return.")
    try:
        result = function(*copy.deepcopy(arguments))
    except Exception as fault:
        raise Wrong(
            f"Your function ended with {type(fault).__name__}: {fault}. Expected: a result. Call "
            "it in a cell of its own, with small numbers, and look where it stops."
        ) from None
    if result is ...:
        raise Untouched
    need(result is not None, "Your function gives None. Its last line should begin with return.")
    return result
