"""Each figure holds what it promises: pictures, names, values, bars."""

import os
import subprocess
import sys
import time
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image

from helpers import figures

IMAGES = np.random.default_rng(0).integers(0, 256, (12, 28, 28), dtype=np.uint8)


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def drawn(figure):
    """The pixel arrays of all pictures in a figure."""
    return [np.asarray(image.get_array()) for axis in figure.axes for image in axis.images]


def test_image_is_drawn_on_the_whole_scale_from_black_to_white():
    figure = figures.show_image(IMAGES[0] // 4, "dark")
    axis = figure.axes[0]
    assert np.array_equal(drawn(figure)[0], IMAGES[0] // 4)
    assert axis.images[0].get_clim() == (0, 255) and axis.get_title() == "dark"


def test_scaled_image_is_not_drawn_black():
    figure = figures.show_image(IMAGES[0] / 255)
    assert figure.axes[0].images[0].get_clim() == (0, 1)


def test_image_may_have_a_channel_axis():
    assert drawn(figures.show_image(IMAGES[0][..., None]))[0].shape == (28, 28)


def test_grid_has_every_picture_with_its_name_in_reading_order():
    names = [f"class {n}" for n in range(12)]
    figure = figures.show_grid(IMAGES, names, rows=3, columns=4)
    assert [axis.get_xlabel() for axis in figure.axes] == names
    assert np.array_equal(drawn(figure), IMAGES)


def test_grid_shows_as_many_as_there_is_room_for():
    assert len(drawn(figures.show_grid(IMAGES, rows=2, columns=3))) == 6
    assert len(drawn(figures.show_grid(IMAGES, rows=4, columns=4))) == 12
    assert len(drawn(figures.show_grid(IMAGES, rows=1, columns=1))) == 1


def test_grid_names_may_be_numbers():
    figure = figures.show_grid(IMAGES, np.arange(12), rows=1, columns=12)
    assert figure.axes[11].get_xlabel() == "11"


def test_pixels_are_written_where_they_are():
    image = np.zeros((28, 28), np.uint8)
    image[3, 7] = 200
    [axis] = figures.show_pixels(image).axes
    texts = {text.get_position(): text for text in axis.texts}
    assert len(texts) == 784
    assert texts[7, 3].get_text() == "200" and texts[7, 3].get_color() == "black"
    assert texts[3, 7].get_text() == "·" and texts[3, 7].get_color() == "white"


def test_count_bars_have_the_length_and_label_of_their_class():
    [axis] = figures.plot_class_counts([0, 2, 2, 2], ["cat", "dog", "cow"]).axes
    assert [bar.get_width() for bar in axis.patches] == [1, 0, 3]
    assert [text.get_text() for text in axis.texts] == ["1", "0", "3"]
    assert [tick.get_text() for tick in axis.get_yticklabels()] == ["cat", "dog", "cow"]
    assert axis.yaxis_inverted()


def test_histogram_counts_every_pixel():
    [axis] = figures.plot_pixel_histogram(IMAGES).axes
    heights = [bar.get_height() for bar in axis.patches]
    assert len(heights) == 256 and sum(heights) == IMAGES.size
    assert heights[17] == (IMAGES == 17).sum() and axis.get_yscale() == "log"


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: figures.show_image(IMAGES), r"one picture of shape \(28, 28\), got uint8 \(12"),
        (lambda: figures.show_image(np.zeros((0, 28))), "one picture"),
        (lambda: figures.show_pixels(IMAGES[:2]), "for several, use show_grid"),
        (lambda: figures.show_pixels(np.array([["a"]])), "one picture"),
        (lambda: figures.show_grid(IMAGES[0]), "for one picture, use show_image"),
        (lambda: figures.show_grid(IMAGES[:0]), "expected pictures"),
        (lambda: figures.show_grid(IMAGES, ["one"]), "name for each of 12 pictures, got 1"),
        (lambda: figures.show_grid(IMAGES, rows=0), "at least 1 row"),
        (lambda: figures.plot_class_counts(np.eye(3), "abc"), r"argmax\(axis=1\)"),
        (lambda: figures.plot_class_counts([0.5], "abc"), "pass labels such as train_labels"),
        (lambda: figures.plot_class_counts(["a", "b"], "ab"), "pass labels such as train_labels"),
        (lambda: figures.plot_pixel_histogram(IMAGES[0, 0]), r"got uint8 \(28,\)"),
        (lambda: figures.show_image((IMAGES, [1, 2])), "unpack it"),
        (lambda: figures.show_grid((IMAGES, [1, 2])), "unpack it"),
        (lambda: figures.save_figure(plt.figure(), "grid.jpg"), "plain name"),
        (lambda: figures.plot_class_counts([], "abc"), "whole numbers"),
        (lambda: figures.plot_class_counts([0, 3], "abc"), "labels go from 0 to 3"),
        (lambda: figures.plot_class_counts([-1], "abc"), "labels go from -1"),
        (lambda: figures.plot_pixel_histogram(IMAGES / 255), "before any scaling"),
        (lambda: figures.plot_pixel_histogram(IMAGES[:0]), "expected uint8"),
        (lambda: figures.save_figure(plt.figure(), ""), "plain name"),
        (lambda: figures.save_figure(plt.figure(), "../grid"), "plain name"),
    ],
)  # fmt: skip
def test_wrong_input_says_what_was_expected(call, words):
    with pytest.raises(ValueError, match=words):
        call()


@pytest.mark.parametrize("arguments", [("grid", plt.Figure()), (plt.Figure(), 3), (None, "grid")])
def test_swapped_arguments_are_named(arguments):
    with pytest.raises(TypeError, match="expected a figure, then a name"):
        figures.save_figure(*arguments)


def test_saved_figure_is_a_picture_in_the_images_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = figures.save_figure(figures.show_grid(IMAGES), "grid")
    assert path == Path("images/grid.png")
    assert Image.open(path).size[0] > 600
    assert figures.save_figure(figures.show_grid(IMAGES), "grid.png") == path
    assert [file.name for file in path.parent.iterdir()] == ["grid.png"]


def test_failed_save_keeps_the_older_file(tmp_path):
    path = figures.save_figure(figures.show_image(IMAGES[0]), "kept", tmp_path)
    before = path.read_bytes()
    figure = figures.show_image(IMAGES[1], "$broken^formula_$")
    with pytest.raises(ValueError):
        figures.save_figure(figure, "kept", tmp_path)
    assert path.read_bytes() == before and len(list(tmp_path.iterdir())) == 1


SAVE = """
import sys

import matplotlib
matplotlib.use("agg")
sys.path.insert(0, sys.argv[1])
from helpers import figures
figure = figures.show_image([[0, 255]])
print("ready", flush=True)
while True:
    figures.save_figure(figure, "kept", sys.argv[2])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kills as Linux and macOS do")
def test_killed_save_leaves_a_whole_file(tmp_path):
    course = os.fspath(Path(__file__).parents[1])
    command = [sys.executable, "-c", SAVE, course, os.fspath(tmp_path)]
    for _ in range(3):
        process = subprocess.Popen(command, stdout=subprocess.PIPE)
        process.stdout.readline()
        deadline = 60
        while not (tmp_path / "kept.png").exists() and deadline:
            deadline -= 1
            time.sleep(0.05)
        process.kill()
        process.communicate()
        Image.open(tmp_path / "kept.png").load()
