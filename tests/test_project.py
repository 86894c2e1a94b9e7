"""The files around the lessons agree with each other, and the house keeps its order."""

import ast
import re
import subprocess
import sys
import tokenize
import tomllib
from pathlib import Path

import pytest

COURSE = Path(__file__).parents[1]
HELPERS = sorted((COURSE / "helpers").glob("*.py"))
SETTINGS = tomllib.loads((COURSE / "pyproject.toml").read_text("utf-8"))
REPOSITORY = SETTINGS["tool"]["course"]["repository"]


def read(name):
    return (COURSE / name).read_text("utf-8")


def requirements():
    return [line for line in read("requirements.txt").splitlines() if line and line[0] != "#"]


def test_every_requirement_has_a_range():
    for line in requirements():
        assert re.match(r"[a-z-]+>=[\d.]+,<[\d.]+\s*(;|#)", line), line


def test_every_requirement_has_its_reason():
    lines = read("requirements.txt").splitlines()
    reasons = [line for line in requirements() if " # " in line]
    assert len(reasons) == len(requirements()) - 2  # the two lines of TensorFlow share theirs
    assert any(line.startswith("# TensorFlow:") for line in lines)


def test_conda_and_binder_install_the_same_requirements():
    assert "- -r requirements.txt" in read("environment.yml")
    [line] = [line for line in read("binder/requirements.txt").splitlines() if line[:1] != "#"]
    assert line == "-r ../requirements.txt"


def test_python_range_is_the_same_everywhere():
    from helpers import environment

    (_, oldest), (_, newest) = environment.PYTHON
    assert f"python>=3.{oldest},<3.{newest + 1}" in read("environment.yml")
    assert SETTINGS["tool"]["ruff"]["target-version"] == f"py3{oldest}"
    assert f"Python 3.{oldest}–3.{newest}" in read("README.md")
    minor = int(re.fullmatch(r"python-3\.(\d+)\s*", read("binder/runtime.txt"))[1])
    assert oldest <= minor <= newest
    versions = re.search(r"python: (\[.*\])", read(".github/workflows/tests.yml"))[1]
    assert ast.literal_eval(versions) == [f"3.{n}" for n in range(oldest, newest + 1)]


def test_repository_address_is_the_same_everywhere():
    files = [COURSE / name for name in ("README.md", "CONTRIBUTING.md")]
    files += sorted((COURSE / "notebooks").glob("*.ipynb"))
    pattern = (
        r"(?:github\.com/|/gh/|/github/)([\w.-]+/(?:pixels-to-predictions|[\w-]*course[\w-]*))"
    )
    for file in files:
        assert set(re.findall(pattern, file.read_text("utf-8"))) <= {REPOSITORY}, file.name


def test_every_helper_has_its_tests_and_a_line_in_the_table_of_contents():
    contents = ast.get_docstring(ast.parse(read("helpers/__init__.py")))
    for module in HELPERS:
        if module.stem != "__init__":
            assert (COURSE / f"tests/test_{module.name}").exists(), module.name
            assert f"``{module.stem}``" in contents


def test_helpers_stay_within_a_thousand_lines_of_code():
    total = 0
    for module in HELPERS:
        with module.open("rb") as file:
            tokens = list(tokenize.tokenize(file.readline))
        skipped = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT,
                   tokenize.DEDENT, tokenize.ENCODING, tokenize.ENDMARKER)  # fmt: skip
        lines = {
            n for t in tokens if t.type not in skipped for n in range(t.start[0], t.end[0] + 1)
        }
        documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            if isinstance(node, documented) and ast.get_docstring(node):
                lines -= set(range(node.body[0].lineno, node.body[0].end_lineno + 1))
        total += len(lines)
    assert total <= 1000, total


@pytest.mark.parametrize("module", [m.stem for m in HELPERS])
def test_helper_is_imported_without_tensorflow(module):
    name = "helpers" if module == "__init__" else f"helpers.{module}"
    code = (
        f"import sys, {name}; heavy = {{'tensorflow', 'keras'}} & set(sys.modules)\n"
        "sys.exit(', '.join(heavy) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=COURSE, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_helpers_lean_on_each_other_only_where_agreed():
    allowed = {("datasets", "standin")}
    for module in HELPERS:
        text = module.read_text("utf-8")
        for name in re.findall(r"(?:from helpers import|from \.|import helpers\.) ?(\w+)", text):
            assert (module.stem, name) in allowed
        assert not re.search(r"\b\d\d_[a-z]", text), f"{module.name} names a lesson"
