"""The files around the lessons agree with each other, and the house keeps its order."""

import ast
import csv
import functools
import http.server
import os
import re
import subprocess
import sys
import threading
import tokenize
import tomllib
from pathlib import Path

import pytest
import simulator

from benchmarks import photos, systems

COURSE = Path(__file__).parents[1]
HELPERS = sorted((COURSE / "helpers").rglob("*.py"))
MODULES = sorted(
    {module.relative_to(COURSE / "helpers").parts[0].removesuffix(".py") for module in HELPERS}
)
SETTINGS = tomllib.loads((COURSE / "pyproject.toml").read_text("utf-8"))
DATA = os.environ.get("COURSE_DATA_DIR")
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


@pytest.mark.skipif(sys.platform == "win32", reason="repo2docker needs Linux or macOS")
def test_binder_uses_its_folder_graphviz_and_the_data_script():
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", "."]
    plan = subprocess.run(command, cwd=COURSE, capture_output=True, text=True)
    plan = plan.stdout + plan.stderr
    assert 'install --no-cache-dir -r "binder/requirements.txt"' in plan, plan[-2000:]
    assert "apt-get install --yes --no-install-recommends graphviz" in plan
    assert "RUN ./binder/postBuild" in plan


@pytest.fixture
def binder(tmp_path, monkeypatch):
    """Run Binder's data script as a new user would, with one server to download from."""
    for name in os.environ:
        if name.startswith("COURSE_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("COURSE_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")

    def run(url):
        monkeypatch.setenv("COURSE_DATA_URL", url)
        script = ["bash", "binder/postBuild"]
        return subprocess.run(script, cwd=COURSE, capture_output=True, text=True, timeout=120)

    return run


def test_binder_is_built_also_when_the_data_cannot_be_fetched(binder):
    done = binder("http://127.0.0.1:9")
    assert done.returncode == 0 and "lessons will try again" in done.stdout


@pytest.mark.skipif(not DATA, reason="COURSE_DATA_DIR is not set")
@pytest.mark.skipif((COURSE / "data").exists(), reason="the course's folder data would be used")
def test_binder_fetches_both_sets_from_a_folder_served_as_the_readme_says(binder, tmp_path):
    folder = COURSE / DATA
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        done = binder(f"http://127.0.0.1:{server.server_port}")
        server.shutdown()
    assert done.returncode == 0 and "MNIST downloaded from 127.0.0.1" in done.stdout
    assert len(list((tmp_path / "cache").rglob("*ubyte*"))) == 8


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


def test_readme_shows_the_recorded_benchmark():
    with (COURSE / "benchmarks/systems.csv").open() as file:
        results = list(csv.DictReader(file))
    assert systems.table(results) in read("README.md")
    assert {(run["system"], int(run["seed"])) for run in results} == {
        (system, seed) for system in systems.NAMES for seed in systems.SEEDS
    }


def test_readme_shows_the_recorded_pictures():
    with (COURSE / "benchmarks/photos.csv").open() as file:
        _, *rows = csv.reader(file)
    assert photos.summary(rows) in read("README.md")
    conditions = {name for name, way, _ in rows if way == "prepare"} - {"all"}
    assert f"{len(conditions)} conditions" in read("README.md")
    assert conditions == set(simulator.CONDITIONS), "run make bench again"


def test_repository_address_is_the_same_everywhere():
    files = [COURSE / "README.md", COURSE / "CONTRIBUTING.md"]
    files += sorted((COURSE / "notebooks").glob("*.ipynb"))
    place = r"(?:github\.com|mybinder\.org/v2/gh|google\.com/github)/([\w.-]+/[\w.-]+)"
    for file in files:
        assert set(re.findall(place, file.read_text("utf-8"))) == {REPOSITORY}, file.name


def test_every_helper_has_its_tests_and_a_line_in_the_table_of_contents():
    contents = ast.get_docstring(ast.parse(read("helpers/__init__.py")))
    for module in MODULES:
        if module != "__init__":
            assert (COURSE / f"tests/test_{module}.py").exists(), module
            assert f"``{module}``" in contents


def lines_of_code(module):
    """Give the numbers of the lines that hold code: no comments, no docstrings."""
    with module.open("rb") as file:
        tokens = list(tokenize.tokenize(file.readline))
    skipped = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT,
               tokenize.DEDENT, tokenize.ENCODING, tokenize.ENDMARKER)  # fmt: skip
    lines = {n for t in tokens if t.type not in skipped for n in range(t.start[0], t.end[0] + 1)}
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        documented = isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        if documented and ast.get_docstring(node):
            lines -= set(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    return lines


@pytest.mark.parametrize("module", HELPERS, ids=lambda module: module.stem)
def test_helper_can_be_read_at_one_sitting(module):
    lines = lines_of_code(module)
    assert len(lines) <= 450, len(lines)
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef):
            length = len(lines & set(range(node.lineno, node.end_lineno + 1)))
            assert length <= 40, f"{node.name} has {length} lines of code"


@pytest.mark.parametrize("module", MODULES)
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
    for file in HELPERS:
        text = file.read_text("utf-8")
        module = file.relative_to(COURSE / "helpers").parts[0].removesuffix(".py")
        for name in re.findall(
            r"(?:from helpers import|from helpers\.|import helpers\.) ?(\w+)", text
        ):
            assert name == module or (module, name) in allowed, (file.name, name)
        assert "from ." not in text, "write `from helpers import`: it is clear from anywhere"
        assert not re.search(r"\b\d\d_[a-z]", text), f"{file.name} names a lesson"
