"""Stale results are told from fresh ones, whatever was changed: a cell, an output, a helper."""

import nbformat
import pytest

from tools import lessons

HELPER = '''"""Draw."""

SIZE = 3  # inches


def show(image):
    """Draw one picture."""
    return _draw(image, SIZE)


def _draw(image, size):
    return image * size


def other():
    return 1
'''


@pytest.fixture
def helpers(tmp_path, monkeypatch):
    """Put one small module in the place of the course's figures; return its file."""
    monkeypatch.setattr(lessons, "COURSE", tmp_path)
    lessons._definitions.cache_clear()
    file = tmp_path / "helpers/figures/pictures.py"
    file.parent.mkdir(parents=True)
    file.write_text(HELPER, "utf-8")
    (tmp_path / "helpers/_shared.py").touch()
    yield file
    lessons._definitions.cache_clear()


@pytest.fixture
def path(tmp_path, helpers):
    """Return the file of a stamped notebook: a cell that calculates, and one that draws."""
    calculate = nbformat.v4.new_code_cell("1 + 1", id="sum", execution_count=1)
    calculate.outputs = [nbformat.v4.new_output("execute_result", {"text/plain": "2"})]
    draw = nbformat.v4.new_code_cell("figures.show(1);", id="drawn", execution_count=2)
    notebook = nbformat.v4.new_notebook(cells=[calculate, draw])
    nbformat.write(notebook, tmp_path / "one.ipynb")
    assert lessons.main(["stamp", str(tmp_path / "one.ipynb")]) == 0
    return tmp_path / "one.ipynb"


def stale(path):
    return lessons.stale_cells(lessons.read(path))


def test_stamped_notebook_is_fresh_and_verified(path):
    assert stale(path) == {} and lessons.main(["verify", str(path)]) == 0


def test_notebook_that_was_never_stamped_is_stale(path):
    notebook = lessons.read(path)
    del notebook.cells[0].metadata["fingerprint"]
    nbformat.write(notebook, path)
    assert "never executed" in stale(path)["sum"]


def test_edited_cell_is_named(path, capsys):
    path.write_text(path.read_text("utf-8").replace("1 + 1", "1 + 2"), "utf-8")
    assert list(stale(path)) == ["sum"] and "edited" in stale(path)["sum"]
    assert lessons.main(["verify", str(path)]) == 1
    assert "sum was edited after it was executed: run make lessons" in capsys.readouterr().out


def test_output_changed_by_hand_is_named(path):
    path.write_text(path.read_text("utf-8").replace('"2"', '"3"'), "utf-8")
    assert list(stale(path)) == ["sum"] and "other outputs" in stale(path)["sum"]


@pytest.mark.parametrize("old, new", [("image * size", "image + size"), ("SIZE = 3", "SIZE = 4")])
def test_changed_helper_makes_the_cells_stale_that_draw_with_it(path, helpers, old, new):
    helpers.write_text(HELPER.replace(old, new), "utf-8")
    lessons._definitions.cache_clear()
    assert list(stale(path)) == ["drawn"] and "other helpers" in stale(path)["drawn"]


@pytest.mark.parametrize("old, new", [("return 1", "return 2"), ("Draw one picture", "Draw it"),
                                      ("# inches", "# inches, both sides")])  # fmt: skip
def test_other_functions_docstrings_and_comments_make_nothing_stale(path, helpers, old, new):
    helpers.write_text(HELPER.replace(old, new), "utf-8")
    lessons._definitions.cache_clear()
    assert stale(path) == {}


def test_wrong_call_explains_itself(capsys):
    assert lessons.main(["look"]) == 2 and "stamp" in capsys.readouterr().out


def test_cells_of_a_lesson_run_elsewhere():
    variables = lessons.run_cells("02", "fit-steps", {})
    assert variables["steps"] == 1875


def test_cell_that_is_not_there_is_named():
    with pytest.raises(KeyError, match="no cell 'nothing'"):
        lessons.run_cells(1, "nothing", {})
