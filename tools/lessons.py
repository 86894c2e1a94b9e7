"""Read the lessons, run cells of theirs elsewhere, and tell whether stored results are stale.

``make lessons`` executes the lessons and stores a fingerprint with each code cell: of its source,
of its outputs, and of the helpers' code that draws what it shows. A cell is stale if one of them
differs from what is there now. ``make check`` and pre-commit ask for that.

    python -m tools.lessons verify notebooks/*.ipynb   name every stale cell; exit status 1 if any
    python -m tools.lessons stamp build/*.ipynb        store fingerprints; `make lessons` does it
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
import sys
from functools import cache
from pathlib import Path

import nbformat

COURSE = Path(__file__).resolve().parents[1]
LESSONS = sorted((COURSE / "notebooks").glob("[0-9][0-9]_*.ipynb"))  # the one list of lessons
DRAWING = "figures|photos|explorers"  # the helpers whose code decides what a cell shows


def read(path: Path) -> nbformat.NotebookNode:
    """Return a notebook in nbformat 4."""
    return nbformat.read(path, as_version=4)


def lesson(number: int | str) -> nbformat.NotebookNode:
    """Return the lesson of this number, such as 2 or "02"."""
    return read(LESSONS[int(number)])


def code_cells(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    """Return the code cells of a notebook in their order."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def text_cells(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    """Return the Markdown cells of a notebook in their order."""
    return [cell for cell in notebook.cells if cell.cell_type == "markdown"]


def cell_named(notebook: nbformat.NotebookNode, name: str) -> nbformat.NotebookNode:
    """Return the cell with this id.

    Raises
    ------
    KeyError
        If the notebook has no such cell.
    """
    for cell in notebook.cells:
        if cell.id == name:
            return cell
    raise KeyError(f"no cell {name!r} in this lesson")


def run_cells(number: int | str, names: str, variables: dict) -> dict:
    """Run cells of a lesson, given by their ids with spaces between, in these variables."""
    notebook = lesson(number)
    for name in names.split():
        source = cell_named(notebook, name).source
        exec(compile(source, f"lesson {number}, {name}", "exec"), variables)
    return variables


# --- fingerprints ----------------------------------------------------------------------------


def fingerprint(cell: nbformat.NotebookNode) -> dict[str, str]:
    """Return short digests of a code cell's source, its outputs, and the helpers it draws with."""
    prints = {
        "source": _digest(cell.source),
        "outputs": _digest(json.dumps(cell.outputs, sort_keys=True, ensure_ascii=False)),
    }
    if code := _drawing_code(cell.source):
        prints["helpers"] = _digest(code)
    return prints


def stale_cells(notebook: nbformat.NotebookNode) -> dict[str, str]:
    """Return the ids of cells whose stored outputs are not those of `make lessons`, and why."""
    reasons = {
        "source": "was edited after it was executed",
        "outputs": "has other outputs than it put out",
        "helpers": "was executed with other helpers",
    }
    stale = {}
    for cell in code_cells(notebook):
        stored, now = cell.metadata.get("fingerprint"), fingerprint(cell)
        if stored is None:
            stale[cell.id] = "was never executed by make lessons"
        elif changed := [key for key in reasons if stored.get(key) != now.get(key)]:
            stale[cell.id] = " and ".join(reasons[key] for key in changed)
    return stale


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _drawing_code(source: str) -> str:
    """Return the code of each drawing helper that a cell calls, with all that this code uses."""
    parts = []
    for module, name in sorted(set(re.findall(rf"\b({DRAWING})\.(\w+)", source))):
        definitions, found, wanted = _definitions(module), {}, [name]
        while wanted:
            name = wanted.pop()
            if name in definitions and name not in found:
                found[name], uses = definitions[name]
                wanted += uses
        parts += [found[name] for name in sorted(found)]
    return "\n".join(parts)


@cache
def _definitions(module: str) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return what a helper package and _shared define: code without docstrings, names in it."""
    table: dict[str, tuple[str, tuple[str, ...]]] = {}
    shared = COURSE / "helpers/_shared.py"
    for path in [*sorted((COURSE / "helpers" / module).rglob("*.py")), shared]:
        text = path.read_text("utf-8")
        for node in ast.parse(text).body:
            names = [getattr(node, "name", None)]
            if isinstance(node, ast.Assign | ast.AnnAssign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                names = [each.id for target in targets for each in _names(target)]
            code = ast.get_source_segment(text, node) or ""
            for inner in ast.walk(node):
                if isinstance(inner, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(inner):
                    docstring = ast.get_source_segment(text, inner.body[0]) or ""
                    code = code.replace(docstring, "")
            code = " ".join(re.sub(r"\s# .*", "", code).split())
            uses = tuple(sorted({each.id for each in _names(node)}))
            for name in filter(None, names):  # two modules may have a private one of the same name
                known, used = table.get(name, ("", ()))
                table[name] = (known + code, used + uses)
    return table


def _names(node: ast.AST) -> list[ast.Name]:
    return [each for each in ast.walk(node) if isinstance(each, ast.Name)]


def main(arguments: list[str]) -> int:
    """Stamp or verify notebooks; return 1 if a cell is stale, 2 if it is not clear what to do."""
    action, *files = arguments or [""]
    if action not in ("stamp", "verify"):
        print(__doc__)
        return 2
    stale = 0
    for file in files or [str(path.relative_to(COURSE)) for path in LESSONS]:
        notebook = read(Path(file))
        if action == "stamp":
            for cell in code_cells(notebook):
                cell.metadata["fingerprint"] = fingerprint(cell)
            nbformat.write(notebook, file)
            continue
        for name, reason in stale_cells(notebook).items():
            print(f"{file}: {name} {reason}: run make lessons")
            stale += 1
    return int(stale > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
