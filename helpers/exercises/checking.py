"""Run the check of an exercise: it says what is right, or which mistake was made.

A check prints what it saw. It never raises (unless ``COURSE_STRICT=1`` is set, for tests), never
trains, and never changes what it is given. An answer that is still ``...`` was not attempted yet.
A passed exercise is remembered as an empty file in the folder ``progress`` of the course.
"""

from __future__ import annotations

import contextlib
import copy
import functools
import inspect
import os
import types
import warnings
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from helpers._shared import COURSE, CourseError


class Exercise(NamedTuple):
    """What the course knows about an exercise; ``number`` is the lesson, a dot, and its place."""

    number: str
    title: str
    expects: str
    why: str
    answers: int


EXERCISES: dict[str, Exercise] = {}  # by number, in the order of the lessons; filled by `exercise`


class NotPassedError(CourseError, AssertionError):
    """An exercise was not passed, and ``COURSE_STRICT`` asks for an error then."""


class MistakeError(Exception):
    """A mistake was recognized. The message names it and says where to look."""


class UntouchedError(Exception):
    """The answer is still the ``...`` of the stub."""


# --- progress -------------------------------------------------------------------------


def show_progress() -> None:
    """Print how many exercises were passed in each lesson, and which one is next."""
    passed = _passed()
    print(f"{len(passed)} of {len(EXERCISES)} exercises passed")
    for lesson in dict.fromkeys(number.split(".")[0] for number in EXERCISES):
        numbers = [number for number in EXERCISES if number.split(".")[0] == lesson]
        marks = "".join("■" if number in passed else "□" for number in numbers)
        done = sum(number in passed for number in numbers)
        print(f"  lesson {lesson}  {marks:5} {done} of {len(numbers)}")
    following = next((entry for entry in EXERCISES.values() if entry.number not in passed), None)
    if following:
        lesson = following.number.split(".")[0]
        print(f"Go on in lesson {lesson}: exercise {following.number} · {following.title}")
    else:
        print("All of them. Show somebody what you can do now.")


def _folder() -> Path:
    return Path(os.environ.get("COURSE_PROGRESS_DIR") or COURSE / "progress")


def _passed() -> set[str]:
    """Return the numbers of the exercises passed so far; ignore whatever else is in the folder."""
    try:
        return {path.name for path in _folder().iterdir()} & set(EXERCISES)
    except OSError:
        return set()


def _remember(number: str) -> str:
    """Make the file that stands for a passed exercise; return a note if that is impossible.

    There is one empty file per exercise, so two kernels cannot spoil each other's notes.
    """
    try:
        _folder().mkdir(parents=True, exist_ok=True)
        (_folder() / number).touch()
    except OSError as fault:
        return f"  (not remembered for next time: {_folder().name}: {fault.strerror})\n"
    return ""


# --- running a check -------------------------------------------------------------------------


def exercise(number: str, title: str, *, expects: str, why: str) -> Callable:
    """Make a check of a generator that yields what is right and raises ``MistakeError``.

    The reader's answers are the positional-only parameters of the generator, those before ``/``.
    What the lesson gives, such as pictures to compare with, comes after it.

    Parameters
    ----------
    number, title
        Those of the heading in the lesson, "1.2" and "Scale the pixels".
    expects
        What an answer is, in words, for one that could not be read at all.
    why
        Why it matters: printed with a right answer.
    """

    def decorate(check: Callable[..., Iterator[str]]) -> Callable[..., None]:
        kinds = [parameter.kind for parameter in inspect.signature(check).parameters.values()]
        answers = kinds.count(inspect.Parameter.POSITIONAL_ONLY)
        if not answers or number in EXERCISES:
            raise ValueError(f"Exercise {number}: it exists already, or no answer stands before /.")
        entry = EXERCISES[number] = Exercise(number, title, expects, why, answers)

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
    """Look at the answers; return whether they are right, and the report for the reader."""
    head, right, hint = f"Exercise {entry.number} · {entry.title}: ", [], ""
    open_ones = sum(answer is ... for answer in values[: entry.answers])
    try:
        if open_ones:
            raise UntouchedError
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            for sentence in check(*map(_guarded, values)):
                right.append(f"  ✓ {sentence}")
    except UntouchedError:
        some = f" ({open_ones} of {entry.answers} answers are still ...)"
        return False, f"{head}not attempted yet{some if 0 < open_ones < entry.answers else ''}"
    except MistakeError as mistake:
        hint = str(mistake)
    except Exception as fault:  # whatever an answer may be, the reader gets a sentence
        hint = (
            f"This answer could not be read ({type(fault).__name__}). Seen: {seen(values[0])}. "
            f"Expected: {entry.expects}."
        )
    if hint:
        return False, "\n".join([f"{head}not passed yet", *right, f"  ✗ {hint}"])
    why = f"{_remember(entry.number)}Why it matters: {entry.why}"
    return True, "\n".join([f"{head}passed", *right, why])


def _guarded(value: Any) -> Any:
    """Return what a check may look at without changing the reader's own."""
    if isinstance(value, np.ndarray):
        view = value.view()
        view.flags.writeable = False
        return view
    if isinstance(value, (list, dict, set, bytearray)) or type(value).__name__ == "DataFrame":
        return copy.deepcopy(value)
    return value


# --- for the checks -------------------------------------------------------------------------


def need(condition: Any, hint: str) -> None:
    """Raise ``MistakeError`` with this hint unless the condition holds."""
    if not condition:
        raise MistakeError(hint)


def recognize(
    value: Any,
    mistakes: Iterable[tuple[Any, str]],
    *,
    facts: str = "",
    otherwise: str | None = None,
    alike: Callable[[Any, Any], Any] = np.array_equal,
) -> None:
    """Raise ``MistakeError`` with the hint of the first mistake in the table that was made.

    Parameters
    ----------
    value
        The answer, or what matters in it.
    mistakes
        Rows of (mistake, hint). A mistake is a wrong value, with which ``value`` is compared, or
        a condition, worked out already: ``True`` if the mistake was made.
    facts
        What was seen and expected: it is printed before the hint.
    otherwise
        The hint for a value that is certainly wrong. Without it, a value may be right.
    alike
        How values are compared: ``np.array_equal`` or, for instance, ``np.allclose``.
    """
    for mistake, hint in mistakes:
        made = mistake if isinstance(mistake, (bool, np.bool_)) else alike(value, mistake)
        need(not made, f"{facts} {hint}".strip())
    need(otherwise is None, f"{facts} {otherwise}".strip())


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
    """Return the answer as an array of numbers; raise ``MistakeError`` if it is not one."""
    with contextlib.suppress(Exception):
        array = np.asarray(value)
        if array.dtype.kind in "biuf":
            return array
    raise MistakeError(f"Seen: {seen(value)}. Expected: {expects}.")


def as_whole_number(value: Any, expects: str) -> int:
    """Return the answer as an int; 12.0 and an array of one number count, True and "12" do not."""
    hint = f"Seen: {seen(value)}, in quotes. Without them, it is a number."
    need(not isinstance(value, str), hint)
    array = as_array(value, expects)
    if array.dtype.kind == "b" or array.size != 1 or not float(array.item()).is_integer():
        raise MistakeError(f"Seen: {seen(value)}. Expected: {expects}.")
    return int(array.item())


def as_names(value: Any, expects: str) -> list[str]:
    """Return the answer as a list of texts; a tuple or an array of texts counts, too."""
    with contextlib.suppress(Exception):
        if not isinstance(value, (str, bytes, dict)):
            names = [item.item() if isinstance(item, np.generic) else item for item in value]
            if names and all(isinstance(name, str) for name in names):
                return names
    raise MistakeError(f"Seen: {seen(value)}. Expected: {expects}.")


def as_model(value: Any) -> Any:
    """Return the answer, a built Keras model; raise ``MistakeError`` if it is not one."""
    import keras

    is_model = isinstance(value, keras.Model)
    need(is_model, f"Seen: {seen(value)}. Expected: a Keras model, such as keras.Sequential([…]).")
    hint = "The model has no shapes and no weights yet. Its first line should be keras.Input."
    need(value.built, hint)
    return value


def result_of(function: Any, *arguments: Any) -> Any:
    """Call the reader's function on copies; raise ``MistakeError`` where it is none or fails."""
    hint = f"Seen: {seen(function)}. Expected: a function, with def and return."
    need(callable(function), hint)
    try:
        result = function(*copy.deepcopy(arguments))
    except Exception as fault:
        raise MistakeError(
            f"Your function ended with {type(fault).__name__}: {fault}. Expected: a result. Call "
            "it in a cell of its own, with small numbers, and look where it stops."
        ) from None
    if result is ...:
        raise UntouchedError
    hint = "Your function returns None. Its last line should begin with return."
    need(result is not None, hint)
    return result
