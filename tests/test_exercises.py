"""Each exercise answers back: right, wrong, strange, and untouched answers."""

import ast
import contextlib
import functools
import io
import os
import re
import shutil
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from answers import ANSWERS, parts_of_exercises, solution
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from helpers import exercises
from helpers._shared import COURSE
from helpers.datasets import synthetic
from helpers.exercises import checking
from tools.lessons import LESSONS, read

CELLS = parts_of_exercises()
NUMBERS = list(exercises.EXERCISES)
each_exercise = pytest.mark.parametrize("number", NUMBERS)


def marked(number, code, name):
    """Return a parameter set, marked as slow if this code trains a network."""
    trains = re.search(r"\bfit\(|\btrain_fast\(", code)
    return pytest.param(number, code, id=name, marks=[pytest.mark.slow] if trains else [])


def each_answer(kind):
    """Return a decorator that hands each right or wrong answer to a test."""
    cases = [
        marked(number, code, f"{number}-{kind}-{index}")
        for number in NUMBERS
        for index, code in enumerate(getattr(ANSWERS[number], kind), 1)
    ]
    return pytest.mark.parametrize(("number", "code"), cases)


def each_cell(part):
    """Return a decorator that hands the code of each exercise's stub or solution to a test."""
    code = solution if part == "solution" else lambda number: CELLS[number][part].source
    cases = [marked(number, code(number), number) for number in NUMBERS]
    return pytest.mark.parametrize(("number", "code"), cases)


@pytest.fixture(autouse=True)
def progress(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_PROGRESS_DIR", str(tmp_path / "progress"))
    monkeypatch.delenv("COURSE_STRICT", raising=False)
    return tmp_path / "progress"


@pytest.fixture(scope="session")
def fill(tmp_path_factory):
    """Put an answer in the stub's place, run it as the lesson would, and return the variables."""
    images, labels = synthetic.draw_fashion_mnist(3000, 10)[0]  # a check needs no more

    def run(number, answer):
        variables = {"images": images.copy(), "labels": labels.copy()}
        with contextlib.chdir(tmp_path_factory.mktemp("lesson")):
            exec(textwrap.dedent(ANSWERS[number].given), variables)
            exec(textwrap.dedent(answer), variables)
        return variables

    return run


@pytest.fixture(scope="session")
def solved(fill):
    """Return the variables after the lesson's own solution; it runs once, for all tests."""
    return functools.cache(lambda number: fill(number, solution(number)))


def report_on(number, variables):
    """Run the lesson's own check, and return what it prints."""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(CELLS[number]["check"].source, dict(variables))
    return printed.getvalue()


@pytest.fixture
def attempt(fill):
    """Return what the lesson's own check prints about an answer."""
    return lambda number, answer: report_on(number, fill(number, answer))


# --- every exercise is whole -------------------------------------------------------------------


def test_exercises_of_lessons_checks_and_tests_are_the_same():
    assert list(CELLS) == NUMBERS == list(ANSWERS)


@each_exercise
def test_exercise_has_all_its_cells_in_order(number):
    path = LESSONS[int(number.split(".")[0])]
    names = [cell.id for cell in read(path).cells]
    start = names.index(f"exercise-{number.replace('.', '-')}")
    assert list(CELLS[number]) == ["text", "stub", "check", "hint", "solution"]
    assert names[start : start + 5] == [cell.id for cell in CELLS[number].values()]
    tags = [cell.metadata.get("tags") for cell in CELLS[number].values()]
    assert tags == [None, ["exercise"], ["check"], ["hint"], ["solution"]]
    title = exercises.EXERCISES[number].title
    assert CELLS[number]["text"].source.startswith(f"### Exercise {number} · {title}\n")
    assert "not attempted yet" in CELLS[number]["check"].outputs[0].text
    assert len(ANSWERS[number].right) >= 1 and len(ANSWERS[number].wrong) >= 3


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_lesson_says_how_many_exercises_it_has(path):
    said = re.findall(r"min for (\d+) exercises", read(path).cells[1].source) or ["0"]
    assert said == [str(sum(number.startswith(f"{int(path.name[:2])}.") for number in NUMBERS))]


# --- answers -------------------------------------------------------------------------


@each_cell("stub")
def test_untouched_stub_is_silent_and_fails_strictly(number, code, fill, progress, monkeypatch):
    variables, title = fill(number, code), exercises.EXERCISES[number].title
    assert report_on(number, variables) == f"Exercise {number} · {title}: not attempted yet\n"
    monkeypatch.setenv("COURSE_STRICT", "1")
    with pytest.raises(exercises.NotPassedError, match="not attempted yet"):
        report_on(number, variables)
    assert not progress.exists()


@each_cell("solution")
def test_solution_passes_strictly_and_is_remembered(number, code, solved, progress, monkeypatch):
    monkeypatch.setenv("COURSE_STRICT", "1")
    report = report_on(number, solved(number))
    assert report.startswith(f"Exercise {number} · {exercises.EXERCISES[number].title}: passed\n")
    assert "✓" in report and "✗" not in report and "Why it matters" in report
    assert [path.name for path in progress.iterdir()] == [number]


@each_answer("right")
def test_right_answer_found_a_different_way_passes(number, code, attempt):
    assert ": passed\n" in (report := attempt(number, code)), report


@each_answer("wrong")
def test_wrong_answer_gets_the_hint_that_names_the_mistake(number, code, attempt, progress):
    report = attempt(number, code)
    assert ": not passed yet\n" in report and "✗" in report and not progress.exists()
    assert re.search(ANSWERS[number].wrong[code], report), report
    assert "could not be read" not in report, report


class Hostile:
    """An answer whose every method fails."""

    def __array__(self, *arguments, **options):
        raise RuntimeError("no array")

    __eq__ = __len__ = __iter__ = __repr__ = __getattr__ = __call__ = __array__


def answer_names(number):
    """Return the names that the stub leaves open: ``name = ...`` and functions that return it."""
    names = []
    for node in ast.parse(CELLS[number]["stub"].source).body:
        open_value = any(isinstance(n, ast.Constant) and n.value is ... for n in ast.walk(node))
        if open_value and isinstance(node, ast.Assign):
            names += [target.id for target in node.targets]
        elif open_value and isinstance(node, ast.FunctionDef):
            names.append(node.name)
    return names


NUMBERS_OF_ANY_KIND = st.one_of(
    st.integers(), st.floats(), st.complex_numbers(), st.booleans(), st.fractions()
)
SHAPES = st.one_of(
    arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=6),
    st.sampled_from([(28, 28), (1, 28, 28), (1, 28, 28, 1), (28, 28, 1), (1000, 28, 28), (10,)]),
)
ARRAYS = st.builds(
    lambda shape, dtype, seed: np.random.default_rng(seed).normal(50, 90, shape).astype(dtype),
    SHAPES,
    st.sampled_from(["uint8", "int64", "float16", "float32", "float64", "bool", "complex64", "U3"]),
    st.integers(0, 9),
)
LEAVES = st.one_of(st.none(), NUMBERS_OF_ANY_KIND, st.text(max_size=9), st.binary(max_size=9))
STRANGE = st.sampled_from(
    [
        Hostile(), Hostile, object(), len, print, lambda *any: any, lambda: 1, np, iter([1]), {},
        np.array([None, "a"], dtype=object), np.float64("nan"), np.full((28, 28), np.nan),
        np.array([]), 10**400, range(3), "sparse_categorical_crossentropy", ["Sneaker"] * 3,
    ]
)  # fmt: skip
JUNK = st.one_of(
    LEAVES, ARRAYS, STRANGE, st.recursive(LEAVES, lambda s: st.lists(s) | st.tuples(s, s))
)


def the_same(one, other):
    """Say whether junk is, by accident, the right answer (12.0 is as right as 12)."""
    try:
        return bool(np.all(np.asarray(one) == np.asarray(other)))
    except Exception:
        return False


@each_cell("solution")
def test_strange_answers_get_a_sentence_and_never_pass(number, code, solved):
    right, open_names = solved(number), answer_names(number)
    assert len(open_names) == exercises.EXERCISES[number].answers

    @settings(max_examples=100, deadline=None, derandomize=True, database=None)
    @given(st.tuples(*[JUNK for _ in open_names]))
    def throw(values):
        tried = right | dict(zip(open_names, values, strict=True))
        report = report_on(number, tried)
        assert f"Exercise {number} · " in report  # `print` as an answer prints before it
        if "✗" not in report and "not attempted yet" not in report:
            assert all(the_same(tried[name], right[name]) for name in open_names), report

    throw()


@each_cell("solution")
def test_check_changes_nothing_of_the_reader(number, code, solved):
    names = solved(number)
    before, state = prints(names), np.random.get_state()[1].tolist()
    report_on(number, names)
    assert prints(names) == before
    assert np.random.get_state()[1].tolist() == state
    for value in names.values():
        assert not isinstance(value, np.ndarray) or value.flags.writeable


def prints(names):
    """Return for each name what would change if its value did."""

    def of(value):
        if hasattr(value, "get_weights"):
            return [weights.tobytes() for weights in value.get_weights()]
        if isinstance(value, np.ndarray):
            return value.tobytes()
        return value.to_csv() if hasattr(value, "to_csv") else repr(value)

    return {name: of(value) for name, value in names.items() if not name.startswith("__")}


# --- the machinery -------------------------------------------------------------------------


def passing(number):
    """Pass an exercise, whatever it is."""
    checking._remember(number)


def test_progress_says_where_to_go_on(capsys, progress):
    first, second = NUMBERS[:2]
    exercises.show_progress()
    assert f"0 of {len(NUMBERS)} exercises passed" in capsys.readouterr().out
    passing(first)
    exercises.show_progress()
    printed = capsys.readouterr().out
    assert f"1 of {len(NUMBERS)} exercises passed" in printed and "■□" in printed
    assert f"exercise {second} · {exercises.EXERCISES[second].title}" in printed
    for number in NUMBERS:
        passing(number)
    exercises.show_progress()
    assert "All of them" in capsys.readouterr().out


def test_progress_survives_damage(capsys, progress):
    progress.mkdir()
    (progress / NUMBERS[0]).write_bytes(b"\x00\xff rubbish")
    (progress / "99.9").touch()
    (progress / NUMBERS[1]).mkdir()
    exercises.show_progress()
    assert capsys.readouterr().out.startswith(f"2 of {len(NUMBERS)}")


def test_progress_that_cannot_be_kept_is_said_and_harms_nothing(capsys, attempt, progress):
    progress.write_text("a file where the folder should be")
    report = attempt(NUMBERS[0], solution(NUMBERS[0]))
    assert "Why it matters" in report and "not remembered" in report
    exercises.show_progress()
    assert capsys.readouterr().out.startswith("0 of")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_progress_in_a_read_only_folder_is_said(attempt, progress):
    progress.mkdir(mode=0o500)
    assert "not remembered" in attempt(NUMBERS[0], solution(NUMBERS[0]))


def test_kernels_that_pass_exercises_at_once_lose_none(progress):
    code = """if True:
        import sys
        from helpers.exercises import checking
        for number in sys.argv[1:]:
            checking._remember(number)"""
    commands = [[sys.executable, "-c", code, *NUMBERS[start::4]] for start in range(4)]
    running = [subprocess.Popen(command, cwd=COURSE) for command in commands * 2]
    assert [process.wait(60) for process in running] == [0] * 8
    assert checking._passed() == set(NUMBERS)


def test_check_that_meets_an_error_says_what_was_seen_and_expected(capsys):
    @exercises.exercise("0.1", "A test", expects="a number", why="x")
    def check(answer, /):
        yield f"{answer + 1}"

    try:
        check("text")
    finally:
        del exercises.EXERCISES["0.1"]
    printed = capsys.readouterr().out
    assert ": not passed yet" in printed and "TypeError" in printed
    assert "Seen: the text 'text'. Expected: a number." in printed


@pytest.mark.parametrize(
    ("number", "check"), [("0.1", lambda answer: None), (NUMBERS[0], lambda answer, /: None)]
)
def test_exercise_without_an_answer_or_with_a_number_taken_is_refused(number, check):
    known = dict(exercises.EXERCISES)
    with pytest.raises(ValueError, match=number):
        exercises.exercise(number, "A test", expects="x", why="x")(check)
    assert known == exercises.EXERCISES


def test_check_in_a_new_file_is_found_in_the_order_of_the_lessons(tmp_path):
    shutil.copytree(COURSE / "helpers", tmp_path / "helpers")
    for number in (10, 9):
        (tmp_path / f"helpers/exercises/lesson_{number}.py").write_text(
            "from helpers.exercises.checking import exercise\n"
            f"@exercise('{number}.1', 'A test', expects='', why='')\n"
            f"def check_{number}(answer, /): yield 'x'\n"
        )
    code = "from helpers import exercises as e\nprint(*e.EXERCISES, e.check_9, e.check_10)"
    command = [sys.executable, "-c", code]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ran.stdout.startswith(" ".join([*NUMBERS, "9.1", "10.1", "<function check_9"]))


def test_every_exercise_has_a_check_of_its_own_name():
    assert len([name for name in dir(exercises) if name.startswith("check_")]) == len(NUMBERS)


def test_first_mistake_of_a_table_that_was_made_is_named():
    table = [(1, "one"), (False, "not made"), (np.array([2, 3]), "array"), (2.04, "close"), (1, "")]

    def hint(value, **options):
        with pytest.raises(checking.MistakeError) as caught:
            checking.recognize(value, table, facts="Seen.", **options)
        return str(caught.value)

    assert hint(1) == "Seen. one"
    assert hint([2, 3]) == "Seen. array"
    assert hint(2, alike=lambda one, two: np.isclose(one, two, atol=0.1).all()) == "Seen. close"
    assert hint(5, otherwise="other") == "Seen. other"
    table.insert(0, (np.True_, "made"))
    assert hint(5) == "Seen. made"
    checking.recognize(5, table[1:])  # no row fits, and the value may be right


def test_half_filled_answer_is_said_to_be_half_filled(attempt):
    several = [number for number in NUMBERS if exercises.EXERCISES[number].answers > 1]
    for number in several:
        first = f"{answer_names(number)[0]} = 1"
        report = attempt(number, CELLS[number]["stub"].source + "\n" + first)
        count = exercises.EXERCISES[number].answers
        assert f"not attempted yet ({count - 1} of {count} answers are still ...)" in report
    assert several


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (np.zeros((2, 3), "uint8"), "an array of shape (2, 3), uint8"),
        (np.float32(0.5), "the number 0.5"),
        (None, "None"),
        (True, "True"),
        ("a" * 99, "the text 'aaa"),
        ([1, 2], "a list of 2"),
        (dict, "the class dict itself"),
        (solution, "the function solution itself"),
        (Hostile(), "an object of type Hostile"),
    ],
    ids=str.split("array number none true text list class function hostile"),
)
def test_what_was_seen_is_said_in_words(value, words):
    assert words in checking.seen(value) and len(checking.seen(value)) < 90
