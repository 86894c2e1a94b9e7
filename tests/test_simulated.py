"""The simulated pictures judge fairly, and the example pictures are the ones that are drawn."""

import itertools
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.simulated import conditions, examples, glyphs

COURSE = Path(__file__).parents[1]
PICTURES = sorted(path.name for path in examples.FOLDER.glob("*.[jp][pn]g"))
CLOSE = 0.015  # of the size of a glyph; a copy is at 0, most glyphs of one digit are beyond 0.03


def strokes_of(glyph):
    return [points for points, _ in glyphs.read(glyph)]


def outline(strokes):
    """Return points at even steps along all strokes, scaled to a box of 1 x 1."""
    steps = [np.append(0, np.hypot(*np.diff(stroke, axis=0).T).cumsum()) for stroke in strokes]
    total = sum(step[-1] for step in steps)
    points = []
    for stroke, step in zip(map(np.asarray, strokes), steps, strict=True):
        at = np.linspace(0, step[-1], 2 + int(100 * step[-1] / total))
        points.append(np.stack([np.interp(at, step, axis) for axis in stroke.T], axis=1))
    path = np.concatenate(points)
    size = np.ptp(path, axis=0)
    middle = (path.min(axis=0) + path.max(axis=0)) / 2
    return (path - middle) / np.maximum(size, 0.3 * size.max())  # a 1 is narrow and stays so


def distance(one, other):
    """Return how far each point of one outline is from the other one, on average."""
    between = np.linalg.norm(outline(one)[:, None] - outline(other), axis=2)
    return (between.min(axis=0).mean() + between.min(axis=1).mean()) / 2


def is_plain(strokes):
    """Say whether these are one or two straight lines: a 1 or 7 that has only one shape."""
    return len({tuple(point) for stroke in strokes for point in stroke}) <= 3


def test_no_glyph_trains_and_judges():
    training = [glyph for group in glyphs.TRAINING.values() for glyph in group]
    others = [*itertools.chain(*glyphs.JUDGING.values()), *glyphs.EXAMPLES.values()]
    others = {glyph: strokes_of(glyph) for glyph in others} | glyphs.PAD
    too_close = [
        (glyph, other)
        for glyph in training
        for other, strokes in others.items()
        if not (is_plain(strokes_of(glyph)) and is_plain(strokes))
        and distance(strokes_of(glyph), strokes) < CLOSE
    ]
    assert not too_close


@pytest.mark.parametrize(
    ("files", "table"),
    [
        ("models/*.py", "TRAINING"),
        ("benchmarks/simulated/conditions.py", "JUDGING"),
        ("benchmarks/simulated/examples.py", "EXAMPLES"),
        ("tests/test_browser.py", "PAD"),
    ],
)
def test_each_table_of_glyphs_has_its_own_use(files, table):
    text = "".join(path.read_text("utf-8") for path in COURSE.glob(files))
    assert set(re.findall(r"\b(TRAINING|JUDGING|EXAMPLES|PAD)\b", text)) == {table}


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    examples.draw_pictures(folder)
    return folder


def test_every_example_picture_is_drawn(drawn):
    assert sorted(path.name for path in drawn.iterdir()) == PICTURES


@pytest.mark.parametrize("name", PICTURES)
def test_example_picture_is_the_one_in_the_course(drawn, name):
    new, old = Image.open(drawn / name), Image.open(examples.FOLDER / name)
    assert (new.size, new.mode, new.getexif()) == (old.size, old.mode, old.getexif())
    difference = np.abs(np.asarray(new, float) - np.asarray(old, float)).max()
    # Versions of the library for JPEG may round differently; PNG is exact.
    assert difference <= (0 if name.endswith(".png") else 8)


@pytest.mark.parametrize("name", ["faint_pencil", "transparent", "scan_28"])
def test_condition_draws_the_same_pictures_every_time(name):
    once, again = (list(conditions.pictures(name, range(2))) for _ in range(2))
    for (picture, label), (other, same) in zip(once, again, strict=True):
        assert label == same and np.array_equal(np.asarray(picture), np.asarray(other))
