"""Places, whole files and readers' errors, which all helpers share."""

import subprocess
import sys
from pathlib import Path

import pytest

from helpers import _shared


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Be a new user, whose home is this folder."""
    for name in ("COURSE_CACHE_DIR", "COURSE_DATA_DIR", "KERAS_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    return tmp_path


def test_cache_lies_in_the_home_unless_another_folder_is_chosen(home, monkeypatch):
    assert _shared.cache_folder() == home / ".cache/pixels-to-predictions"
    monkeypatch.setenv("COURSE_CACHE_DIR", "~/elsewhere")
    assert _shared.cache_folder() == home / "elsewhere"


def test_data_is_looked_for_in_the_course_then_in_both_caches(home):
    assert _shared.data_folders() == {
        "the course's data folder": _shared.COURSE / "data",
        "the course's cache": home / ".cache/pixels-to-predictions",
        "Keras's cache": home / ".keras/datasets",
    }


def test_chosen_data_folder_comes_first_and_may_be_given_from_the_course(home, monkeypatch):
    monkeypatch.chdir(home)
    monkeypatch.setenv("COURSE_DATA_DIR", "notebooks")
    assert next(iter(_shared.data_folders().items())) == (
        "your data folder",
        _shared.COURSE / "notebooks",
    )
    (home / "notebooks").mkdir()
    assert _shared.data_folders()["your data folder"] == Path("notebooks")


def test_file_of_that_name_does_not_hide_the_folder_in_the_course(home, monkeypatch):
    monkeypatch.chdir(home)
    (home / "notebooks").write_text("a file")
    monkeypatch.setenv("COURSE_DATA_DIR", "notebooks")
    assert _shared.data_folders()["your data folder"] == _shared.COURSE / "notebooks"


@pytest.mark.parametrize("name, seen", [("stick", "does not exist"), ("file", "is a file")])
def test_chosen_data_folder_that_is_none_is_an_error(home, monkeypatch, name, seen):
    (home / "file").touch()
    monkeypatch.setenv("COURSE_DATA_DIR", str(home / name))
    with pytest.raises(_shared.CourseError, match=f"(?s)which {seen}.*Expected a folder"):
        _shared.data_folders()


def test_file_appears_whole_and_its_folder_with_it(tmp_path):
    path = tmp_path / "new/folder/word.txt"
    with _shared.whole_file(path) as fresh:
        fresh.write_text("half")
        assert not path.exists() and fresh.suffix == ".txt"
    assert path.read_text() == "half" and list(path.parent.iterdir()) == [path]


def test_file_that_could_not_be_finished_leaves_the_older_one_and_nothing_else(tmp_path):
    path = tmp_path / "word.txt"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError), _shared.whole_file(path) as fresh:
        fresh.write_text("half")
        1 / 0  # noqa: B018
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


def test_notebook_shows_the_message_of_an_error_alone():
    class SomeError(_shared.CourseError):
        pass

    assert SomeError("seen\nto do")._render_traceback_() == ["SomeError: seen", "to do"]


def test_nothing_but_the_standard_library_is_needed():
    code = "import sys; before = set(sys.modules); import helpers._shared\n"
    code += "print({m.split('.')[0] for m in set(sys.modules) - before} - sys.stdlib_module_names)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=_shared.COURSE, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "{'helpers'}"
