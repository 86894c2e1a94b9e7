"""Each exercise answers back: right, wrong and strange answers, and the lessons with solutions."""

import ast
import contextlib
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

import nbformat
import numpy as np
import pytest
from answers import ANSWERS
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from nbclient import NotebookClient

from helpers import exercises, standin
from helpers.exercises import checking

COURSE = Path(__file__).parents[1]
LESSONS = sorted((COURSE / "notebooks").glob("*.ipynb"))
NUMBERS = list(exercises.EXERCISES)


def read(path):
    return nbformat.read(path, as_version=4)


def parts_of_exercises():
    """Give for each exercise of the lessons its cells, by their role ("" is the text)."""
    found = {}
    for path in LESSONS:
        for cell in read(path).cells:
            if named := re.fullmatch(r"exercise-(\d+)-(\d+)(?:-(\w+))?", cell.id):
                number = f"{named[1]}.{named[2]}"
                found.setdefault(number, {})[named[3] or "text"] = cell
    return found


CELLS = parts_of_exercises()
each_exercise = pytest.mark.parametrize("number", NUMBERS)


def solution(number):
    """Give the code of the folded solution."""
    [code] = re.findall(r"```python\n(.*?)```", CELLS[number]["solution"].source, re.S)
    return code


def answers(kind):
    for number, known in ANSWERS.items():
        for index, code in enumerate(getattr(known, kind)):
            yield pytest.param(number, code, id=f"{number}-{kind}-{index + 1}")


@pytest.fixture(autouse=True)
def progress(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_PROGRESS_DIR", str(tmp_path / "progress"))
    monkeypatch.delenv("COURSE_STRICT", raising=False)
    return tmp_path / "progress"


@pytest.fixture(scope="session")
def garments():
    """Three thousand pictures and their class ids: a check needs no more."""
    images, labels = standin.draw_fashion_mnist(3000, 10)[0]
    return images, labels


@pytest.fixture
def attempt(garments, tmp_path, monkeypatch):
    """Put an answer in the stub's place, run the lesson's own check, give what it prints."""
    monkeypatch.chdir(tmp_path)

    def run(number, answer):
        names = {"images": garments[0].copy(), "labels": garments[1].copy()}
        exec(textwrap.dedent(ANSWERS[number].given), names)
        exec(textwrap.dedent(answer), names)
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            exec(CELLS[number]["check"].source, names)
        return printed.getvalue()

    return run


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


# --- answers -------------------------------------------------------------------------


@each_exercise
def test_untouched_stub_is_silent_and_fails_strictly(number, attempt, progress, monkeypatch):
    stub = CELLS[number]["stub"].source
    assert attempt(number, stub).strip().endswith("not attempted yet")
    monkeypatch.setenv("COURSE_STRICT", "1")
    with pytest.raises(exercises.NotPassedError, match="not attempted yet"):
        attempt(number, stub)
    assert not progress.exists()


@each_exercise
def test_solution_passes_strictly_and_is_remembered(number, attempt, progress, monkeypatch):
    monkeypatch.setenv("COURSE_STRICT", "1")
    parts = exercises.EXERCISES[number].parts
    report = attempt(number, solution(number))
    assert f"{parts} of {parts} checks passed" in report and "Why it matters" in report
    assert report.count("✓") == parts and "✗" not in report
    assert [path.name for path in progress.iterdir()] == [number]


@pytest.mark.parametrize(("number", "code"), list(answers("right")))
def test_right_answer_by_another_road_passes(number, code, attempt):
    parts = exercises.EXERCISES[number].parts
    report = attempt(number, code)
    assert f"{parts} of {parts} checks passed" in report, report


@pytest.mark.parametrize(("number", "code"), list(answers("wrong")))
def test_wrong_answer_gets_the_hint_that_names_the_mistake(number, code, attempt, progress):
    report = attempt(number, code)
    assert "✗" in report and not progress.exists()
    assert re.search(ANSWERS[number].wrong[code], report), report
    assert "could not be read" not in report, report


class Hostile:
    """An answer whose every method fails."""

    def __array__(self, *arguments, **options):
        raise RuntimeError("no array")

    __eq__ = __len__ = __iter__ = __repr__ = __getattr__ = __call__ = __array__


def answer_names(number):
    """Give the names that the stub leaves open: ``name = ...`` and functions that return it."""
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


@each_exercise
def test_strange_answers_get_a_sentence_and_never_pass(number, garments, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {"images": garments[0].copy(), "labels": garments[1].copy()}
    exec(textwrap.dedent(ANSWERS[number].given), names)
    solved = dict(names)
    exec(solution(number), solved)
    exec(CELLS[number]["stub"].source, names)
    open_names = answer_names(number)
    assert len(open_names) == exercises.EXERCISES[number].answers

    @settings(max_examples=150, deadline=None, derandomize=True, database=None)
    @given(st.tuples(*[JUNK for _ in open_names]))
    def throw(values):
        tried = names | dict(zip(open_names, values, strict=True))
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            exec(CELLS[number]["check"].source, tried)
        report = printed.getvalue()
        assert f"Exercise {number} · " in report  # `print` as an answer prints before it
        if "✗" not in report and "not attempted yet" not in report:
            assert all(the_same(tried[name], solved[name]) for name in open_names), report

    throw()


@each_exercise
def test_check_changes_nothing_of_the_reader(number, garments, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    names = {"images": garments[0].copy(), "labels": garments[1].copy()}
    exec(textwrap.dedent(ANSWERS[number].given), names)
    exec(solution(number), names)
    before, state = prints(names), np.random.get_state()[1].tolist()
    with contextlib.redirect_stdout(io.StringIO()):
        exec(CELLS[number]["check"].source, names)
    after = prints(names)
    assert {name: after[name] for name in before} == before
    assert np.random.get_state()[1].tolist() == state
    for value in names.values():
        assert not isinstance(value, np.ndarray) or value.flags.writeable


def prints(names):
    """Give for each name what would change if its value did."""

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
    @exercises.exercise("0.1", "A test", parts=1, expects="a number", why="x")
    def check(answer):
        yield f"{answer + 1}"

    try:
        check("text")
    finally:
        del exercises.EXERCISES["0.1"]
    printed = capsys.readouterr().out
    assert "0 of 1 checks passed" in printed and "TypeError" in printed
    assert "Seen: the text 'text'. Expected: a number." in printed


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


# --- whole lessons -------------------------------------------------------------------------


def solved(path):
    """Give a lesson in which each exercise is tried untouched, and then with its solution."""
    notebook = read(path)
    cells = []
    for cell in notebook.cells:
        if "check" not in cell.metadata.get("tags", []):
            cells.append(cell)
            continue
        number = ".".join(cell.id.split("-")[1:3])
        untouched = nbformat.v4.new_code_cell(cell.source)
        untouched.metadata["tags"] = ["raises-exception"]
        cells += [untouched, nbformat.v4.new_code_cell(solution(number)), cell]
    notebook.cells = cells
    return notebook


@pytest.mark.parametrize("path", LESSONS[1:], ids=lambda path: path.stem)
def test_lesson_with_all_solutions_runs_strictly(path, monkeypatch):
    """In a folder of its own inside the course, so that nothing of the reader's is used."""
    monkeypatch.setenv("COURSE_STRICT", "1")
    (COURSE / "build").mkdir(exist_ok=True)
    notebook = solved(path)
    with tempfile.TemporaryDirectory(dir=COURSE / "build") as folder:
        where = {"metadata": {"path": folder}}
        NotebookClient(notebook, timeout=300, resources=where).execute()
    checks = [cell for cell in notebook.cells if "exercises.check_" in cell.source]
    tried, passed = checks[::2], checks[1::2]
    assert len(tried) == len(passed) >= 2
    for cell in tried:
        assert cell.outputs[-1].ename == "NotPassedError", cell.source
        assert "not attempted yet" in cell.outputs[-1].evalue
    for cell in passed:
        assert "Why it matters" in cell.outputs[0].text


@pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")
@pytest.mark.parametrize("outputs", [True, False])
def test_make_student_takes_the_solutions_out(outputs, tmp_path):
    command = ["make", "-o", ".venv/lessons", "student", f"STUDENT={tmp_path}"]
    command += [f"BIN={Path(sys.executable).parent}", *([] if outputs else ["OUTPUTS=no"])]
    subprocess.run(command, cwd=COURSE, check=True, capture_output=True)
    copies = sorted(tmp_path.glob("*.ipynb"))
    assert [path.name for path in copies] == [path.name for path in LESSONS]
    for copy, path in zip(copies, LESSONS, strict=True):
        kept = [
            cell for cell in read(path).cells if "solution" not in cell.metadata.get("tags", [])
        ]
        cells = read(copy).cells
        assert [cell.id for cell in cells] == [cell.id for cell in kept]
        assert [cell.source for cell in cells] == [cell.source for cell in kept]
        assert any(cell.get("outputs") for cell in cells) == outputs
        assert "<summary>Solution</summary>" not in copy.read_text("utf-8")
