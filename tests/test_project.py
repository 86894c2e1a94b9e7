"""The files around the lessons agree with each other, and the house keeps its order."""

import ast
import functools
import http.server
import itertools
import os
import re
import shutil
import subprocess
import sys
import threading
import tokenize
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from helpers.datasets import sets
from tools.lessons import LESSONS, code_cells
from tools.lessons import read as read_lesson

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


# --- packages ---------------------------------------------------------------------------------


def test_every_requirement_has_a_range():
    for line in [*requirements(), *SETTINGS["dependency-groups"]["dev"]]:
        operators = {bound.operator for bound in Requirement(line.split("#")[0]).specifier}
        assert operators == {">=", "<"} or line.startswith("jupyter-repo2docker"), line


def test_colabs_versions_satisfy_every_range():
    """`make test-colab` installs them, so what it tests must be within what is promised."""
    pins = dict(
        line.split("==") for line in read("tests/colab-constraints.txt").splitlines()
        if line and line[0] != "#"
    )  # fmt: skip
    ranges = {each.name: each.specifier for each in map(Requirement, map(code, requirements()))}
    assert len(pins) > 10
    for name, version in pins.items():
        assert name not in ranges or ranges[name].contains(version), f"{name} {version}"
    lowest = {name: min(b.version for b in bounds if b.operator == ">=")
              for name, bounds in ranges.items() if name in pins}  # fmt: skip
    for name, bound in lowest.items():
        seen = pins[name].split(".")[: bound.count(".") + 1]
        assert seen == bound.split("."), f"{name}>={bound} is never tested: Colab has {pins[name]}"


def code(line):
    """Return a line of requirements.txt without its reason."""
    return line.split(" #")[0]


# What another requirement brings, of necessity; and modules whose package has another name.
BROUGHT = {"IPython": "ipykernel", "traitlets": "ipykernel", "requests": "pooch", "absl": "keras"}
PACKAGES = {"PIL": "pillow", "sklearn": "scikit-learn", "skimage": "scikit-image",
            "tensorflow": "tensorflow-cpu"} | BROUGHT  # fmt: skip


def test_everything_that_lessons_and_helpers_import_is_required():
    names = {Requirement(code(line)).name for line in requirements()}
    sources = [file.read_text("utf-8") for file in HELPERS]
    sources += [cell.source for path in LESSONS for cell in code_cells(read_lesson(path))]
    modules = set()
    for node in itertools.chain.from_iterable(ast.walk(ast.parse(source)) for source in sources):
        if isinstance(node, ast.Import):
            modules |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            modules.add(node.module.split(".")[0])
    modules -= sys.stdlib_module_names | {"helpers"}
    assert {"pandas", "keras", "PIL"} <= modules
    assert {PACKAGES.get(module, module) for module in modules} <= names


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


# --- README -------------------------------------------------------------------------------------


def lesson_facts(path):
    """Return what a lesson says of itself: number, title, minutes for reading and exercises."""
    number, title = re.match(r"# (\d+) · (.+)", read_lesson(path).cells[0].source).groups()
    goals = read_lesson(path).cells[1].source
    minutes = [int(n) for n in re.findall(r"(\d+) min (?:reading|for \d+ exercises)", goals)]
    return number, title, sum(minutes)


def test_readme_lists_every_lesson_as_it_calls_itself():
    badge = f"https://colab.research.google.com/github/{REPOSITORY}/blob/main/notebooks/"
    binder = f"https://mybinder.org/v2/gh/{REPOSITORY}/main?urlpath=lab/tree/notebooks/"
    lines = [line for line in read("README.md").splitlines() if re.match(r"\| \d+ \|", line)]
    assert len(lines) == len(LESSONS)
    for line, path in zip(lines, LESSONS, strict=True):
        number, title, minutes = lesson_facts(path)
        assert line.startswith(f"| {number} | [{title}](notebooks/{path.name}) | ")
        assert f" | {minutes} min | " in line, (line[:90], minutes)
        assert f"({badge}{path.name})" in line and f"({binder}{path.name})" in line


def anchors(text):
    """Return the anchors that GitHub makes of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", text, flags=re.S), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


PAGES = [path for path in ("README.md", "CONTRIBUTING.md", "notebooks/pictures/README.md")]


@pytest.mark.parametrize("page", PAGES)
def test_links_of_the_pages_lead_somewhere(page):
    text = read(page)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith("http"):
            continue
        name, _, anchor = target.partition("#")
        file = (COURSE / page).parent / name if name else COURSE / page
        assert file.exists(), target
        assert not anchor or anchor in anchors(file.read_text("utf-8")), target


def test_addresses_that_only_publishing_makes_true_are_marked():
    assert f"say `{REPOSITORY.split('/')[0]}`" in read("README.md") or "OWNER" not in REPOSITORY


def test_every_command_and_variable_that_the_pages_name_exists():
    text = read("README.md") + read("CONTRIBUTING.md")
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.M))
    assert set(re.findall(r"`make ([a-z-]+)", text)) <= targets
    assert targets - set(re.findall(r"make ([a-z-]+)", text)) == set(), "a target nobody is told of"
    for module in re.findall(r"python -m ((?:helpers|benchmarks|tools|models)[\w.]*)", text):
        file = COURSE / module.replace(".", "/")
        assert file.with_suffix(".py").exists() or (file / "__main__.py").exists(), module
    sources = "".join(path.read_text("utf-8") for path in HELPERS)
    for name in re.findall(r"`(COURSE_\w+)", text):
        assert re.search(rf"\b{name}\b", sources), name


def test_size_of_the_download_is_that_of_the_sets():
    size = f"{sum(each.megabytes for each in sets.SETS if each.in_lessons):.0f} MB"
    assert f"downloads Fashion-MNIST and MNIST ({size})" in read("README.md")
    assert f"once a download of {size}" in read_lesson(LESSONS[0]).cells[1].source


def test_folders_are_told_of():
    told = re.findall(r"^\| `([.\w]+)/`", read("CONTRIBUTING.md"), re.M)
    told += re.findall(r"^\| `[.\w]+/`, `([.\w]+)/`", read("CONTRIBUTING.md"), re.M)
    tracked = subprocess.run(["git", "ls-files"], cwd=COURSE, capture_output=True, text=True)
    if tracked.returncode == 0:  # else this is no checkout, but a copy
        folders = {line.split("/")[0] for line in tracked.stdout.splitlines() if "/" in line}
        assert folders == set(told)


def test_repository_address_is_the_same_everywhere():
    files = [COURSE / "README.md", COURSE / "CONTRIBUTING.md", *LESSONS]
    place = r"(?:github\.com|mybinder\.org/v2/gh|google\.com/github)/([\w.-]+/[\w.-]+)"
    for file in files:
        assert set(re.findall(place, file.read_text("utf-8"))) == {REPOSITORY}, file.name


# --- make ---------------------------------------------------------------------------------------

needs_make = pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")


@needs_make
@pytest.mark.skipif(not shutil.which("perl"), reason="perl is not installed")
def test_make_links_writes_the_address_everywhere_and_back(tmp_path):
    course = tmp_path / "course"
    shutil.copytree(COURSE, course, ignore=shutil.ignore_patterns(".*", "build", "data", "saved"))
    subprocess.run("git init -q && git add .", shell=True, cwd=course, check=True)

    def texts():
        return {path: path.read_bytes() for path in course.rglob("*")
                if path.is_file() and ".git" not in path.parts}  # fmt: skip

    before, old = texts(), REPOSITORY.encode()
    new = "/".join(["some.body", "my-course"])  # in two parts, or this file would have it as well
    subprocess.run(["make", "links", f"REPO={new}"], cwd=course, check=True)
    after = texts()
    assert not any(old in content for content in after.values())
    changed = {path.name for path in before if before[path] != after[path]}
    assert {"pyproject.toml", "README.md", "CONTRIBUTING.md", LESSONS[-1].name} <= changed
    assert all(old not in before[path] or new.encode() in after[path] for path in before)
    subprocess.run(["make", "links", f"REPO={REPOSITORY}"], cwd=course, check=True)
    assert texts() == before


@needs_make
def test_make_links_without_an_address_says_what_it_needs():
    done = subprocess.run(["make", "links"], cwd=COURSE, capture_output=True, text=True)
    assert done.returncode != 0 and "make links REPO=owner/name" in done.stdout


def planned(target, *settings, path=None):
    """Return the commands that make would run for a target on a new machine."""
    command = ["make", "-n", "-W", "requirements.txt", target, *settings]
    environment = {**os.environ, "PATH": path or os.environ["PATH"]}
    done = subprocess.run(command, cwd=COURSE, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@needs_make
@pytest.mark.parametrize("target, after", [("lab", "jupyter lab"), ("test", "-m pytest")])
def test_installing_shows_that_it_moves_and_says_what_is_next(target, after):
    plan = planned(target)
    install = next(line for line in plan.splitlines() if "install" in line and "-r req" in line)
    assert "quiet" not in install and "-q" not in install.split()
    assert plan.index("0.5 GB to download") < plan.index(install) < plan.index("Installed.")
    assert plan.index("Installed.") < plan.rindex(" now") < plan.rindex(after)


@needs_make
def test_uv_installs_where_it_is_found_and_pip_elsewhere_and_in_a_classroom(tmp_path, monkeypatch):
    monkeypatch.delenv("PIP_NO_INDEX", raising=False)
    uv = tmp_path / "uv"
    uv.write_text("#!/bin/sh\n")
    uv.chmod(0o755)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    assert f"{uv} pip install --python" in planned("lab", path=path)
    assert "-m pip install" in planned("lab", "UV=")
    assert "-m pip install" in planned("lab", "PIP_NO_INDEX=1", path=path)


# --- helpers ------------------------------------------------------------------------------------


def test_every_helper_has_its_tests_and_a_line_in_the_table_of_contents():
    contents = ast.get_docstring(ast.parse(read("helpers/__init__.py")))
    for module in MODULES:
        if module != "__init__":
            assert (COURSE / f"tests/test_{module.strip('_')}.py").exists(), module
            assert f"``{module}``" in contents


def lines_of_code(module):
    """Return the numbers of the lines that hold code: no comments, no docstrings."""
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
def test_helper_can_be_read_in_one_sitting(module):
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
    """All lean on _shared; the machine check asks the loader where data is looked for."""
    allowed = {("environment", "datasets")}
    for file in HELPERS:
        text = file.read_text("utf-8")
        module = file.relative_to(COURSE / "helpers").parts[0].removesuffix(".py")
        for name in re.findall(
            r"(?:from helpers import|from helpers\.|import helpers\.) ?(\w+)", text
        ):
            assert name in (module, "_shared") or (module, name) in allowed, (file.name, name)
        assert "from ." not in text, "write `from helpers import`: it is clear from anywhere"
        assert not re.search(r"\b\d\d_[a-z]", text), f"{file.name} names a lesson"


def test_nothing_outside_of_tests_leans_on_tests_or_bends_the_import_path():
    for folder in ("helpers", "models", "benchmarks", "tools", "notebooks", "tests"):
        for file in sorted((COURSE / folder).rglob("*.py")):
            text = file.read_text("utf-8")
            assert folder == "tests" or not re.search(r"(?:from|import) tests\b", text), file
            assert not re.search(r"^\s*sys\.path", text, re.M), file
