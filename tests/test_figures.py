"""Each figure holds what it promises: pictures, names, values, bars."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from helpers import figures

IMAGES = np.random.default_rng(0).integers(0, 256, (12, 28, 28), dtype=np.uint8)
WEIGHTS = np.random.default_rng(1).normal(size=(3, 5, 2, 10)).astype("float32")
MAPS = np.random.default_rng(2).normal(size=(6, 4, 10)).astype("float32")
HISTORY = {"accuracy": [0.5, 0.7, 0.9], "val_accuracy": [0.6, 0.7, 0.65], "loss": [3.0, 2.0, 1.5]}
NAMES = ["cat", "Ankle boot", "cow"]
SURE = np.array([[0.9, 0.1, 0], [0.05, 0.8, 0.15], [0.1, 0.2, 0.7], [0.7, 0.3, 0]])


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


def texts(axis):
    return [text.get_text() for text in axis.texts]


class History:
    """What `model.fit` returns, as far as a figure can see."""

    history = HISTORY
    epoch = (0, 1, 2)


@pytest.mark.parametrize(
    "history", [History(), HISTORY, pd.DataFrame({"epoch": [0, 1, 2], **HISTORY}, index=[7, 8, 9])]
)
def test_curves_are_the_metric_of_training_and_validation(history):
    [axis] = figures.plot_learning_curves(history).axes
    training, validation = axis.lines
    assert training.get_xydata().tolist() == [[1, 0.5], [2, 0.7], [3, 0.9]]
    assert validation.get_xydata().tolist() == [[1, 0.6], [2, 0.7], [3, 0.65]]
    legend = [text.get_text() for text in axis.get_legend().get_texts()]
    assert legend == ["training: 0.9 at the end", "validation: 0.65 at the end"]


def test_curves_are_told_apart_without_color():
    training, validation = figures.plot_learning_curves(HISTORY).axes[0].lines
    assert training.get_linestyle() == "-" and validation.get_linestyle() == "--"
    assert {training.get_marker(), validation.get_marker()} == {"o", "s"}


def test_curves_stand_on_zero_and_accuracy_ends_at_one():
    [axis] = figures.plot_learning_curves(HISTORY).axes
    assert axis.get_ylim() == (0, 1) and axis.get_title() == "Accuracy after each epoch"
    [axis] = figures.plot_learning_curves(HISTORY, "loss", "Loss of C").axes
    assert axis.get_ylim()[0] == 0 and axis.get_ylim()[1] > 3 and len(axis.lines) == 1
    assert (axis.get_title(), axis.get_xlabel(), axis.get_ylabel()) == (
        "Loss of C",
        "epoch",
        "loss",
    )


def test_validation_metric_is_drawn_beside_that_of_training():
    [axis] = figures.plot_learning_curves(HISTORY, "val_accuracy").axes
    assert [line.get_ydata()[0] for line in axis.lines] == [0.5, 0.6]


@pytest.mark.parametrize("count", [1, 2, 3, 30])
def test_epochs_are_whole_numbers(count):
    figure = figures.plot_learning_curves({"loss": [1] * count}, "loss")
    figure.canvas.draw()
    ticks = figure.axes[0].get_xticks()
    assert len(ticks) and all(tick == int(tick) for tick in ticks)


def test_confusion_rows_are_true_classes_in_percent():
    labels = [0] * 1000 + [1] * 4
    predicted = [0] * 500 + [1] * 496 + [2] * 4 + [1, 1, 1, 0]
    figure = figures.plot_confusion_matrix(labels, predicted, NAMES)
    [axis] = figure.axes
    assert np.allclose(drawn(figure)[0], [[50, 49.6, 0.4], [25, 75, 0], [0, 0, 0]])
    assert texts(axis) == ["50", "50", "<1", "25", "75", "·", "·", "·", "·"]
    assert axis.texts[1].get_position() == (1, 0)
    assert [tick.get_text() for tick in axis.get_xticklabels()] == NAMES
    assert [tick.get_text() for tick in axis.get_yticklabels()] == NAMES
    assert axis.get_ylabel() == "true class" and axis.get_xlabel() == "predicted class"
    assert "50.1% of 1,004 answers are right" in axis.get_title()


def test_confusion_numbers_stand_out_from_their_cells():
    [axis] = figures.plot_confusion_matrix([0, 1, 1, 1, 2], [0, 1, 1, 0, 2], NAMES).axes
    assert [text.get_color() for text in axis.texts[:5]] == ["white", *[figures.GRAY] * 2, "black",
                                                             "white"]  # fmt: skip
    assert all(tick.get_rotation() == 45 for tick in axis.get_xticklabels())


def test_probability_bars_have_the_length_and_number_of_their_class():
    figure = figures.plot_probabilities(IMAGES[0], SURE[1], NAMES)
    assert np.array_equal(drawn(figure)[0], IMAGES[0])
    axis = figure.axes[1]
    assert [bar.get_width() for bar in axis.patches] == [0.05, 0.8, 0.15]
    assert texts(axis) == ["0.05", "0.80", "0.15"] and axis.yaxis_inverted()
    assert [tick.get_text() for tick in axis.get_yticklabels()] == NAMES
    assert figure.get_suptitle() == "Answer: Ankle boot"


def test_largest_probability_is_marked_by_color_and_bold():
    axis = figures.plot_probabilities(IMAGES[0], SURE[1], NAMES).axes[1]
    colors = [tuple(bar.get_facecolor()) for bar in axis.patches]
    assert colors[0] == colors[2] != colors[1]
    for written in (axis.texts, axis.get_yticklabels()):
        assert [text.get_fontweight() for text in written] == ["normal", "bold", "normal"]


@pytest.mark.parametrize(
    "label, title, color",
    [
        (np.uint8(1), "Answer: Ankle boot – right", figures.BLUE),
        (0, "Answer: Ankle boot – wrong, it is cat", figures.ORANGE),
    ],
)
def test_title_says_whether_the_answer_is_right(label, title, color):
    figure = figures.plot_probabilities(IMAGES[0][..., None], SURE[1], NAMES, label)
    assert figure.get_suptitle() == title
    assert figure.axes[1].patches[1].get_facecolor() == plt.matplotlib.colors.to_rgba(color)


def test_filters_are_drawn_around_zero_on_one_scale():
    figure = figures.show_filters(WEIGHTS)
    assert np.array_equal(drawn(figure)[:10], np.moveaxis(WEIGHTS[:, :, 0], -1, 0))
    largest = np.abs(WEIGHTS[:, :, 0]).max()
    pictures = [axis.images[0] for axis in figure.axes if axis.images]
    assert {picture.get_clim() for picture in pictures} == {(-largest, largest)}
    assert pictures[0].cmap(0.5)[:3] == pytest.approx((1, 1, 1), abs=0.05)
    assert [axis.get_xlabel() for axis in figure.axes if axis.images] == list("0123456789")
    assert figure.axes[-1].get_ylabel() == "weight"
    assert figure.get_suptitle() == "Weights of 10 filters"


def test_dense_weights_are_drawn_as_pictures():
    weights = np.arange(784 * 3.0).reshape(784, 3)
    figure = figures.show_filters(weights, title="each class")
    assert np.array_equal(drawn(figure)[1], weights[:, 1].reshape(28, 28))
    assert len(drawn(figure)) == 3 and figure.get_suptitle() == "each class"
    assert len(figure.axes) == 3 + 1  # no empty panels, and the color bar


def test_filters_may_be_what_get_weights_gives():
    assert len(drawn(figures.show_filters([WEIGHTS, np.zeros(10)]))) == 10


def test_as_many_filters_are_drawn_as_asked_for():
    figure = figures.show_filters(WEIGHTS, rows=2, columns=3)
    assert len(drawn(figure)) == 6 and figure.get_suptitle() == "Weights of 6 filters"
    largest = np.abs(WEIGHTS[:, :, 0, :6]).max()
    assert figure.axes[0].images[0].get_clim() == (-largest, largest)


def test_filters_that_are_all_zero_are_drawn():
    assert figures.show_filters(np.zeros((3, 3, 1, 4))).axes[0].images[0].get_clim() == (-1, 1)


@pytest.mark.parametrize("maps", [MAPS, MAPS[None]])
def test_feature_maps_are_drawn_from_zero_on_one_scale(maps):
    figure = figures.show_feature_maps(maps, columns=5)
    assert np.array_equal(drawn(figure)[:10], np.moveaxis(MAPS, -1, 0))
    clims = {axis.images[0].get_clim() for axis in figure.axes if axis.images}
    assert clims == {(0, MAPS.max())}
    assert figure.axes[3].get_xlabel() == "3" and figure.axes[-1].get_ylabel() == "activation"
    assert figure.get_suptitle() == "10 feature maps"


def test_dead_feature_maps_are_drawn():
    assert figures.show_feature_maps(-np.ones((3, 3, 2))).axes[0].images[0].get_clim() == (0, 1)


def test_reliability_points_are_confidence_and_accuracy_of_each_bin():
    figure = figures.plot_reliability([0, 1, 2, 1], SURE, bins=8)
    top, bottom = figure.axes
    points, diagonal = top.lines
    assert np.allclose(points.get_xydata(), [[0.7, 0.5], [0.8, 1], [0.9, 1]])
    assert diagonal.get_xydata().tolist() == [[0, 0], [1, 1]] and diagonal.get_linestyle() == "--"
    assert [bar.get_height() for bar in bottom.patches] == [0, 0, 0, 0, 0, 2, 1, 1]
    assert [bar.get_x() for bar in bottom.patches] == [n / 8 for n in range(8)]
    assert texts(bottom) == ["0", "0", "0", "0", "0", "2", "1", "1"]
    # (2 |0.5 - 0.7| + |1 - 0.8| + |1 - 0.9|) / 4
    assert "expected calibration error 0.175" in top.get_title()


def test_full_certainty_is_in_the_last_bin():
    figure = figures.plot_reliability([0, 1], np.eye(2))
    assert [bar.get_height() for bar in figure.axes[1].patches] == [0] * 9 + [2]
    assert "error 0.000" in figure.axes[0].get_title()


@pytest.fixture(scope="module")
def keras():
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    return pytest.importorskip("keras")


@pytest.fixture
def sequential(keras):
    layers = [keras.Input((28, 28)), keras.layers.Flatten(), keras.layers.Dense(10, name="answer")]
    return keras.Sequential(layers, name="small")


@pytest.fixture
def leaves_nothing(tmp_path, monkeypatch, capfd):
    """Check afterwards that no file was left and nothing printed."""
    for folder in ("work", "temporary"):
        (tmp_path / folder).mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    monkeypatch.chdir(tmp_path / "work")
    capfd.readouterr()
    yield
    assert [*tmp_path.glob("*/*")] == [] and capfd.readouterr() == ("", "")


@pytest.mark.skipif(not shutil.which("dot"), reason="needs Graphviz's program dot")
def test_model_is_drawn_by_dot(sequential, leaves_nothing):
    figure = figures.draw_model(sequential)
    [axis] = figure.axes
    [picture] = drawn(figure)
    width = picture.shape[1]
    assert width > 500 and picture.min() < 0.1 < 0.9 < picture.max()
    assert figure.get_size_inches()[0] == pytest.approx(0.7 * width / 200)
    assert axis.get_title() == "small: 7,850 parameters" and not axis.axison


def without_dot(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", "")


def without_pydot(monkeypatch, tmp_path):
    monkeypatch.setattr("keras.src.utils.model_visualization.pydot", None)


def with_a_broken_dot(monkeypatch, tmp_path):
    program = tmp_path / "dot"
    program.write_text("#!/bin/sh\necho no library; echo no font >&2; exit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.mark.parametrize("spoil", [without_dot, without_pydot, with_a_broken_dot])
@pytest.mark.parametrize("notebook", [False, True])
def test_model_is_drawn_as_boxes(
    sequential, spoil, notebook, leaves_nothing, monkeypatch, tmp_path
):
    spoil(monkeypatch, tmp_path)
    if notebook:  # there Keras prints instead of raising
        monkeypatch.setitem(sys.modules, "IPython.core.magics.namespace", sys)
    [axis] = figures.draw_model(sequential).axes
    assert len(axis.patches) == 2 and axis.get_title() == "small: 7,850 parameters"
    written = [text for text in texts(axis) if text]
    assert written[0].endswith("(Flatten)")
    assert written[1:] == [
        "output (None, 784), 0 parameters", "answer (Dense)", "output (None, 10), 7,850 parameters"
    ]  # fmt: skip
    assert arrows(axis) == [(0, 0.32, 0, 0.68)]
    assert axis.yaxis_inverted()  # the first layer on top


def arrows(axis):
    """Where each arrow starts, and where its head is."""
    found = [text for text in axis.texts if hasattr(text, "xy")]
    return [(*np.round([text.get_position(), text.xy], 2).ravel(),) for text in found]


def test_arrows_follow_the_branches_of_a_model(keras, monkeypatch):
    monkeypatch.setenv("PATH", "")
    start = keras.Input((4,))
    block = keras.Sequential([keras.Input((4,)), keras.layers.Dense(4)])(start)
    model = keras.Model(start, keras.layers.Dense(2)(block + start))  # "+" is no layer
    [axis] = figures.draw_model(model).axes
    assert len(axis.patches) == 4
    chain = [(0, 0.32, 0, 0.68), (0, 1.32, 0, 1.68), (0, 2.32, 0, 2.68)]
    assert sorted(arrows(axis)) == [*chain, (1, 0, 1, 2)]


def test_figures_come_without_keras():
    code = "import sys; from helpers import figures; sys.exit('keras' in sys.modules)"
    assert not subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parents[1]
    ).returncode


def test_unbuilt_model_is_told_to_begin_with_an_input(keras):
    for layers in ([keras.layers.Flatten(), keras.layers.Dense(3)], [], [keras.Input((3,))]):
        with pytest.raises(ValueError, match=r"'blank' is not built: put keras.Input"):
            figures.draw_model(keras.Sequential(layers, name="blank"))


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: figures.draw_model(None), "expected a Keras model, got NoneType: pass model"),
        (lambda: figures.draw_model("model.keras"), "expected a Keras model, got str"),
        (lambda: figures.plot_learning_curves([0.5, 0.7]), "expected a history, got list"),
        (lambda: figures.plot_learning_curves(None), "expected a history, got NoneType"),
    ],
)
def test_wrong_type_says_what_was_expected(call, words):
    with pytest.raises(TypeError, match=words):
        call()


def broken(array):
    """A copy with one NaN."""
    array = np.array(array, float)
    array.flat[1] = np.nan
    return array


curves, confusion = figures.plot_learning_curves, figures.plot_confusion_matrix
answer, reliability = figures.plot_probabilities, figures.plot_reliability


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
        (lambda: curves({}), "'accuracy' is not .* it is empty: call model.fit"),
        (lambda: curves({"accuracy": []}), "it is empty"),
        (lambda: curves(pd.DataFrame({"epoch": []})), "it is empty"),
        (lambda: curves(HISTORY, "acc"), "has accuracy, val_accuracy, loss:"),
        (lambda: curves({"epoch": [0], "loss": [1]}), "it has loss: choose one"),
        (lambda: curves({"loss": broken([1, 2])}, "loss"), "in loss, got NaN"),
        (lambda: curves({"loss": ["x"]}, "loss"), "expected numbers in loss"),
        (lambda: confusion([0, 1], [0, 1, 2], NAMES), "expected 2 predicted.*3"),
        (lambda: confusion([0, 3], [0, 1], NAMES), "labels go from 0 to 3"),
        (lambda: confusion([0, 1], [-1, 1], NAMES), "predicted go from -1"),
        (lambda: confusion(np.eye(3, dtype=int), [0], NAMES), r"labels as .*argmax\(axis=1\)"),
        (lambda: confusion([0] * 4, SURE, NAMES), r"predicted as .*argmax\(axis=1"),
        (lambda: confusion([0.0, np.nan], [0, 1], NAMES), "whole numbers"),
        (lambda: confusion(np.array([], int), [], NAMES), r"got int64 \(0,\)"),
        (lambda: answer(IMAGES[:1], SURE[0], NAMES), r"train_images\[0\]"),
        (lambda: answer(IMAGES[0], SURE[:1], NAMES), r"one row, as in \[0\]"),
        (lambda: answer(IMAGES[0], 2, NAMES), r"shape \(classes,\), got int64 \(\)"),
        (lambda: answer(IMAGES[0], SURE[0], "ab"), "3 class names, got 2"),
        (lambda: answer(IMAGES[0], SURE[0], "abcd"), "3 class names, got 4"),
        (lambda: answer(IMAGES[0], [2, -1, 0], NAMES), r"softmax\(logits\)"),
        (lambda: answer(IMAGES[0], broken(SURE[0]), NAMES), "got NaN"),
        (lambda: answer(IMAGES[0], SURE[0], NAMES, 3), "one label go from 3"),
        (lambda: answer(IMAGES[0], SURE[0], NAMES, np.eye(3)[0]), "one label as"),
        (lambda: answer(IMAGES[0], SURE[0], NAMES, "cow"), "one label as"),
        (lambda: figures.show_filters(np.zeros(10)), r"expected weights .*got float64 \(10,\)"),
        (lambda: figures.show_filters(np.zeros((128, 10))), r"\(784, n\), got float64 \(128, 10"),
        (lambda: figures.show_filters([]), r"get_weights\(\)\[0\]"),
        (lambda: figures.show_filters(WEIGHTS[..., :0]), r"\(3, 5, 2, 0\)"),
        (lambda: figures.show_filters(broken(WEIGHTS)), "weights .*got NaN .*learning rate"),
        (lambda: figures.show_filters(WEIGHTS, rows=0), "at least 1 row"),
        (lambda: figures.show_filters(WEIGHTS, columns=0), "at least 1 row and 1 column"),
        (lambda: figures.show_feature_maps(np.stack([MAPS] * 2)), r"one picture, .*maps\[0\]"),
        (lambda: figures.show_feature_maps(MAPS[0]), r"feature maps .*got float32 \(4, 10"),
        (lambda: figures.show_feature_maps(broken(MAPS)), "expected feature maps .*got NaN"),
        (lambda: figures.show_feature_maps(MAPS[:0]), r"\(0, 4, 10\)"),
        (lambda: reliability([0, 1, 2], SURE), "expected 4 labels, one a picture, got 3"),
        (lambda: reliability([0, 1, 2, 3], SURE), "labels go from 0 to 3, classes .* 2:"),
        (lambda: reliability(np.eye(3), SURE), r"argmax\(axis=1\)"),
        (lambda: reliability([0, 1], [0, 1]), r"probabilities of shape \(n, classes\)"),
        (lambda: reliability([0] * 4, 5 * SURE), r"got 0 to 4.5 .*softmax\(logits\)"),
        (lambda: reliability([0] * 4, SURE / 2), "add up to 1, got .* from 0.5 to 0.5"),
        (lambda: reliability([0], [[1.5, -0.5, 0]]), "got -0.5 to 1.5"),
        (lambda: reliability([0] * 4, broken(SURE)), "expected probabilities .*got NaN"),
        (lambda: reliability([], np.zeros((0, 3))), r"got float64 \(0, 3\)"),
        (lambda: reliability([0] * 4, SURE, bins=0), "at least 1 bin, got 0"),
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
