"""The Python side of the drawing pad; test_browser.py draws on it in a real browser."""

import base64
import json
import re
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter

from helpers import explorers
from helpers.explorers.pad import SIZE, PadError, _percent

COURSE = Path(__file__).parents[1]
LINE = {"width": 20, "points": [[140, 60], [140, 220]]}
WIDGET = "application/vnd.jupyter.widget-view+json"


def seven_model(pictures, training):
    assert pictures.dtype == np.uint8 and pictures.shape[1:] == (28, 28, 1) and not training
    rows = np.full((len(pictures), 10), 0.05)
    rows[:, 7] = 0.55
    return rows


def shrink(picture):
    return 255 - picture[5::10, 5::10]


@pytest.fixture
def pad():
    return explorers.pad(seven_model, shrink)


def draw(pad, *strokes):
    """Do as the browser does: send all strokes; return the answer that the browser gets."""
    drawn = {"id": pad._drawing["id"] + 1, "strokes": list(strokes)}
    data = {"method": "update", "state": {"_drawing": drawn}, "buffer_paths": []}
    pad._handle_msg({"content": {"data": data}, "buffers": []})
    answer = json.loads(json.dumps(pad.get_state("_answer")))["_answer"]
    assert answer["id"] == drawn["id"]
    return answer


# --- drawing and reading --------------------------------------------------------------------


def test_new_pad_has_nothing_yet_and_invites_to_draw(pad):
    assert pad.picture is None and pad.prepared is None and pad.probabilities is None
    assert pad._answer["message"].startswith("Draw on the white sheet")


def test_stroke_is_prepared_and_read(pad):
    answer = draw(pad, LINE)
    assert pad.picture.shape == (280, 280) and pad.picture.dtype == np.uint8
    assert pad.prepared.shape == (28, 28) and pad.prepared.dtype == np.uint8
    assert pad.probabilities.shape == (10,) and pad.probabilities.argmax() == 7
    assert answer["message"] == "The network reads: 7 (55%)"
    assert answer["prepared"] == pad.prepared.ravel().tolist()
    assert answer["shares"] == pad.probabilities.tolist() and answer["percents"][7] == "55%"


def test_picture_is_dark_on_light_where_the_pen_went(pad):
    draw(pad, LINE)
    rows, columns = np.nonzero(pad.picture < 128)
    assert pad.picture[0, 0] == 255 and pad.picture[140, 140] == 0
    assert (columns.min(), columns.max()) == pytest.approx((130, 150), abs=1)
    assert (pad.picture[140] < 128).sum() == pytest.approx(20, abs=1)
    assert (pad.picture[95] < 128).sum() == pytest.approx(20, abs=1)
    assert (rows.min(), rows.max()) == pytest.approx((50, 230), abs=1)  # with round ends


def test_single_point_is_a_dot(pad):
    draw(pad, {"width": 20, "points": [[100, 100]]})
    assert (pad.picture < 128).sum() == pytest.approx(np.pi * 10**2, rel=0.1)


def test_pad_forgets_when_all_strokes_are_taken_back(pad):
    draw(pad, LINE)
    answer = draw(pad)
    assert pad.picture is None and pad.prepared is None and pad.probabilities is None
    assert answer["message"].startswith("Draw") and answer["shares"] == []


def test_classes_may_have_names():
    pad = explorers.pad(seven_model, shrink, np.array([f"thing {n}" for n in range(10)]))
    assert draw(pad, LINE)["message"] == "The network reads: thing 7 (55%)"
    assert pad.get_state("_names")["_names"][2] == "thing 2"


@pytest.mark.parametrize(
    ("share", "text"), [(0, "<1%"), (0.009, "<1%"), (0.55, "55%"), (0.994, ">99%"), (1, ">99%")]
)
def test_percentages_never_claim_to_be_sure(share, text):
    assert _percent(share) == text


# --- what can go wrong ------------------------------------------------------------------------


def refusing(error):
    def prepare(picture):
        raise error

    return prepare


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (ValueError("this looks like 3 digits: draw one"), "this looks like 3 digits: draw one"),
        (ZeroDivisionError(), "ZeroDivisionError"),
    ],
)
def test_refused_picture_gets_a_sentence_and_no_reading(error, shown):
    pad = explorers.pad(seven_model, refusing(error))
    answer = draw(pad, LINE)
    assert answer["message"] == shown and answer["shares"] == [] and answer["prepared"] == []
    assert pad.picture is not None and pad.prepared is None and pad.probabilities is None


@pytest.mark.parametrize(
    ("prepare", "seen"),
    [
        (lambda picture: picture, "got uint8 (280, 280)"),
        (lambda picture: shrink(picture) / 255, "got float64 (28, 28)"),
        (lambda picture: None, "got object ()"),
    ],
)
def test_wrong_preparation_is_said_and_nothing_is_read(prepare, seen):
    pad = explorers.pad(seven_model, prepare)
    message = draw(pad, LINE)["message"]
    assert "expected uint8 (28, 28)" in message and seen in message
    assert pad.probabilities is None


def test_model_and_preparation_must_be_callable():
    with pytest.raises(PadError, match="expected model to be callable, got str: digits"):
        explorers.pad("digits.keras", shrink)
    with pytest.raises(PadError, match="expected prepare to be callable, got NoneType"):
        explorers.pad(seven_model, None)


def test_model_that_cannot_read_such_a_picture_is_named():
    def flat(pictures, training):
        raise ValueError("expected shape (None, 784)\nand much more")

    with pytest.raises(PadError, match=r"\(n, 28, 28, 1\).*: expected shape \(None, 784\)$"):
        explorers.pad(flat, shrink)


@pytest.mark.parametrize(
    ("row", "seen"),
    [
        (np.full(26, 1 / 26), r"expected 10 prob.*shape \(26,\)"),
        (np.full(10, 0.5), r"sum 5\.00: use a model that ends in softmax"),
        (np.array([-1, 2, *[0] * 8]), "use a model that ends in softmax"),
        (np.full(10, np.nan), "sum nan"),
    ],
)
def test_model_without_a_probability_for_each_class_is_refused(row, seen):
    with pytest.raises(PadError, match=seen):
        explorers.pad(lambda pictures, training: row[np.newaxis], shrink)


# --- where no widget runs ---------------------------------------------------------------------

CELL = """
import numpy as np
from helpers import explorers
explorers.pad(
    lambda pictures, training: np.eye(10)[[3]], lambda picture: 255 - picture[::10, ::10]
)
"""


@pytest.mark.parametrize("static", ["", "1"])
def test_example_is_put_out_with_the_pad_or_alone(monkeypatch, pad, static):
    monkeypatch.setenv("COURSE_STATIC", static)
    data, metadata = pad._outputs()
    assert (WIDGET in data) == (not static)
    text = "A drawing pad. An example is shown: a drawn 3. The network reads: 7 (55%)"
    assert data["text/plain"] == text and metadata["image/png"] == {"alt": text}
    picture = base64.b64decode(data["image/png"])
    assert picture[:4] == b"\x89PNG" and len(picture) < 40_000


def test_example_also_shows_why_a_picture_was_refused():
    pad = explorers.pad(seven_model, refusing(ValueError("nothing to see")))
    data, _ = pad._outputs()
    assert data["text/plain"].endswith("a drawn 3. nothing to see") and data["image/png"]


@pytest.mark.slow
def test_page_without_widgets_shows_the_example(monkeypatch, tmp_path):
    """A notebook is executed without a browser, as nbval and nbconvert do, and made a page."""
    monkeypatch.setenv("COURSE_STATIC", "")
    monkeypatch.setenv("PYTHONPATH", str(COURSE))
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)])
    where = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(notebook, timeout=60, resources=where, store_widget_state=False).execute()
    # this template passes on the text that describes a picture, others do not
    page, _ = HTMLExporter(template_name="classic").from_notebook_node(notebook)
    assert page.count("<img") == 1 and 'alt="A drawing pad. An example' in page
    assert "jupyter.widget-view" not in page


# --- the browser's part -----------------------------------------------------------------------


def test_browser_part_agrees_with_python_and_needs_no_network():
    script = (COURSE / "helpers/explorers/pad.js").read_text("utf-8")
    style = (COURSE / "helpers/explorers/pad.css").read_text("utf-8")
    assert f"const SIZE = {SIZE};" in script
    for field in ("id", "strokes", "message", "prepared", "shares", "percents"):
        assert re.search(rf"\b{field}\b", script)
    assert not re.search(r"https?:|\bimport\b|\bfetch\(|url\(", script + style)
