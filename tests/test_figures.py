"""Each figure holds what it promises: pictures, names, values, bars."""

import shutil
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
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
    """Return the pixel arrays of all pictures in a figure."""
    return [np.asarray(image.get_array()) for axis in figure.axes for image in axis.images]


def limits(figure):
    """Return the values that are drawn darkest and brightest, each pair once."""
    return {image.get_clim() for axis in figure.axes for image in axis.images}


def written(texts):
    return [text.get_text() for text in texts]


def sizes(axis, side):
    """Return the "width" or "height" of each bar."""
    return [getattr(bar, f"get_{side}")() for bar in axis.patches]


@pytest.mark.parametrize(
    "image, scale", [(IMAGES[0] // 4, (0, 255)), (IMAGES[0] / 255, (0, 1)), (IMAGES[0], (0, 255))]
)
@pytest.mark.parametrize("channel", [False, True])
def test_image_is_drawn_from_black_to_the_white_of_its_type(image, scale, channel):
    figure = figures.show_image(image[..., None] if channel else image, "dark")
    assert np.array_equal(drawn(figure), [image]) and limits(figure) == {scale}
    assert figure.axes[0].get_title() == "dark"


@pytest.mark.parametrize("rows, columns", [(3, 4), (2, 3), (4, 4), (1, 1)])
def test_grid_has_as_many_pictures_as_fit_with_their_names_in_reading_order(rows, columns):
    count = min(rows * columns, 12)
    figure = figures.show_grid(IMAGES, np.arange(12), rows, columns)  # names may be numbers
    assert np.array_equal(drawn(figure), IMAGES[:count])
    assert [axis.get_xlabel() for axis in figure.axes][:count] == list(map(str, range(count)))
    assert [axis.axison for axis in figure.axes] == [n < count for n in range(rows * columns)]


def test_pixels_are_written_where_they_are():
    image = np.zeros((28, 28), np.uint8)
    image[3, 7] = 200
    [axis] = figures.show_pixels(image).axes
    texts = {text.get_position(): text for text in axis.texts}
    assert len(texts) == 784
    assert texts[7, 3].get_text() == "200" and texts[7, 3].get_color() == "black"
    assert texts[3, 7].get_text() == "·" and texts[3, 7].get_color() == "white"


def test_scaled_pixels_have_two_digits():
    [axis] = figures.show_pixels(np.array([[0.123, 0.9]])).axes
    assert written(axis.texts) == ["0.12", "0.9"]
    assert [text.get_color() for text in axis.texts] == ["white", "black"]


def test_count_bars_have_the_length_and_label_of_their_class():
    [axis] = figures.plot_class_counts([0, 2, 2, 2], NAMES).axes
    assert sizes(axis, "width") == [1, 0, 3] and written(axis.texts) == ["1", "0", "3"]
    assert written(axis.get_yticklabels()) == NAMES and axis.yaxis_inverted()


def test_histogram_counts_every_pixel():
    [axis] = figures.plot_pixel_histogram(IMAGES).axes
    assert sizes(axis, "height") == [(value == IMAGES).sum() for value in range(256)]
    assert axis.get_yscale() == "log"


@pytest.mark.parametrize("metric", ["accuracy", "val_accuracy"])
@pytest.mark.parametrize(
    "history",
    [
        SimpleNamespace(history=HISTORY, epoch=[0, 1, 2]),  # as model.fit returns it
        HISTORY,
        pd.DataFrame({"epoch": [0, 1, 2], **HISTORY}, index=[7, 8, 9]),
    ],
    ids=["fit", "dictionary", "table"],
)
def test_curves_are_the_metric_of_training_and_validation(history, metric):
    [axis] = figures.plot_learning_curves(history, metric).axes
    training, validation = axis.lines
    assert training.get_xydata().tolist() == [[1, 0.5], [2, 0.7], [3, 0.9]]
    assert validation.get_xydata().tolist() == [[1, 0.6], [2, 0.7], [3, 0.65]]
    legend = written(axis.get_legend().get_texts())
    assert legend == ["training: 0.9 at the end", "validation: 0.65 at the end"]
    # They are told apart without color as well.
    assert training.get_linestyle() == "-" and validation.get_linestyle() == "--"
    assert {training.get_marker(), validation.get_marker()} == {"o", "s"}


def test_curves_stand_on_zero_and_accuracy_ends_at_one():
    [axis] = figures.plot_learning_curves(HISTORY).axes
    assert axis.get_ylim() == (0, 1) and axis.get_title() == "Accuracy after each epoch"
    [axis] = figures.plot_learning_curves(HISTORY, "loss", "Loss of C").axes
    assert axis.get_ylim()[0] == 0 and axis.get_ylim()[1] > 3 and len(axis.lines) == 1
    said = axis.get_title(), axis.get_xlabel(), axis.get_ylabel()
    assert said == ("Loss of C", "epoch", "loss")


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
    assert written(axis.texts) == ["50", "50", "<1", "25", "75", "·", "·", "·", "·"]
    assert axis.texts[1].get_position() == (1, 0)
    assert written(axis.get_xticklabels()) == written(axis.get_yticklabels()) == NAMES
    assert axis.get_ylabel() == "true class" and axis.get_xlabel() == "predicted class"
    assert "50.1% of 1,004 answers are right" in axis.get_title()


def test_confusion_numbers_stand_out_from_their_cells():
    [axis] = figures.plot_confusion_matrix([0, 1, 1, 1, 2], [0, 1, 1, 0, 2], NAMES).axes
    colors = [text.get_color() for text in axis.texts[:5]]
    assert colors == ["white", figures.GRAY, figures.GRAY, "black", "white"]
    assert all(tick.get_rotation() == 45 for tick in axis.get_xticklabels())


@pytest.mark.parametrize(
    "label, title, color",
    [
        (None, "Answer: Ankle boot", figures.BLUE),
        (np.uint8(1), "Answer: Ankle boot – right", figures.BLUE),
        (0, "Answer: Ankle boot – wrong, it is cat", figures.ORANGE),
    ],
)
def test_probabilities_have_bars_and_the_answer_is_marked(label, title, color):
    figure = figures.plot_probabilities(IMAGES[0][..., None], SURE[1], NAMES, label)
    assert np.array_equal(drawn(figure), IMAGES[:1]) and figure.get_suptitle() == title
    axis, ticks = figure.axes[1], figure.axes[1].get_yticklabels()
    assert sizes(axis, "width") == [0.05, 0.8, 0.15] and axis.yaxis_inverted()
    assert written(axis.texts) == ["0.05", "0.80", "0.15"] and written(ticks) == NAMES
    colors = [bar.get_facecolor() for bar in axis.patches]
    assert colors == [to_rgba(each) for each in (figures.GRAY, color, figures.GRAY)]
    for texts in (axis.texts, ticks):
        assert [text.get_fontweight() for text in texts] == ["normal", "bold", "normal"]


@pytest.mark.parametrize(
    "weights, size, count",
    [(WEIGHTS, {}, 10), ([WEIGHTS, np.zeros(10)], {}, 10), (WEIGHTS, {"rows": 2, "columns": 3}, 6)],
    ids=["kernel", "as get_weights returns it", "the first six"],
)
def test_filters_are_drawn_around_zero_on_one_scale(weights, size, count):
    figure = figures.show_filters(weights, **size)
    shown = np.moveaxis(WEIGHTS[:, :, 0, :count], -1, 0)
    assert np.array_equal(drawn(figure), shown)
    assert limits(figure) == {(-np.abs(shown).max(), np.abs(shown).max())}
    assert figure.axes[0].images[0].cmap(0.5)[:3] == pytest.approx((1, 1, 1), abs=0.05)
    assert [axis.get_xlabel() for axis in figure.axes if axis.images] == list("0123456789")[:count]
    assert figure.axes[-1].get_ylabel() == "weight"
    assert figure.get_suptitle() == f"Weights of {count} filters"


def test_dense_weights_are_drawn_as_pictures():
    weights = np.arange(784 * 3.0).reshape(784, 3)
    figure = figures.show_filters(weights, title="each class")
    assert np.array_equal(drawn(figure)[1], weights[:, 1].reshape(28, 28))
    assert len(drawn(figure)) == 3 and figure.get_suptitle() == "each class"
    assert len(figure.axes) == 3 + 1  # no empty panels, and the color bar


@pytest.mark.parametrize("maps", [MAPS, MAPS[None]], ids=["maps", "batch of one"])
def test_feature_maps_are_drawn_from_zero_on_one_scale(maps):
    figure = figures.show_feature_maps(maps, columns=5)
    assert np.array_equal(drawn(figure)[:10], np.moveaxis(MAPS, -1, 0))
    assert limits(figure) == {(0, MAPS.max())}
    assert figure.axes[3].get_xlabel() == "3" and figure.axes[-1].get_ylabel() == "activation"
    assert figure.get_suptitle() == "10 feature maps"


def test_dead_filters_and_maps_are_drawn():
    assert limits(figures.show_filters(np.zeros((3, 3, 1, 4)))) == {(-1, 1)}
    assert limits(figures.show_feature_maps(-np.ones((3, 3, 2)))) == {(0, 1)}


def test_reliability_points_are_confidence_and_accuracy_of_each_bin():
    top, bottom = figures.plot_reliability([0, 1, 2, 1], SURE, bins=8).axes
    points, diagonal = top.lines
    assert np.allclose(points.get_xydata(), [[0.7, 0.5], [0.8, 1], [0.9, 1]])
    assert diagonal.get_xydata().tolist() == [[0, 0], [1, 1]] and diagonal.get_linestyle() == "--"
    assert sizes(bottom, "height") == [0, 0, 0, 0, 0, 2, 1, 1]
    assert [bar.get_x() for bar in bottom.patches] == [n / 8 for n in range(8)]
    assert written(bottom.texts) == ["0", "0", "0", "0", "0", "2", "1", "1"]
    # (2 |0.5 - 0.7| + |1 - 0.8| + |1 - 0.9|) / 4
    assert "expected calibration error 0.175" in top.get_title()


def test_full_certainty_is_in_the_last_bin():
    top, bottom = figures.plot_reliability([0, 1], np.eye(2)).axes
    assert sizes(bottom, "height") == [0] * 9 + [2] and "error 0.000" in top.get_title()


@pytest.fixture(scope="session")
def models():
    """Return a chain of layers, a model with a branch ("+" is no layer), and a layer used twice."""
    import keras

    layers = [keras.Input((28, 28)), keras.layers.Flatten(), keras.layers.Dense(10, name="answer")]
    start = keras.Input((4,))
    block = keras.Sequential([keras.Input((4,)), keras.layers.Dense(4)])(start)
    twice = keras.layers.Dense(4)
    return SimpleNamespace(
        chain=keras.Sequential(layers, name="small"),
        branched=keras.Model(start, keras.layers.Dense(2)(block + start)),
        repeated=keras.Model(start, twice(twice(start))),
    )


@pytest.fixture
def leaves_nothing(tmp_path, monkeypatch, capfd):
    """Check afterward that no file was left and nothing printed."""
    for folder in ("work", "temporary"):
        (tmp_path / folder).mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    monkeypatch.chdir(tmp_path / "work")
    capfd.readouterr()
    yield
    assert [*tmp_path.glob("*/*")] == [] and capfd.readouterr() == ("", "")


@pytest.mark.skipif(not shutil.which("dot"), reason="needs Graphviz's program dot")
def test_model_is_drawn_by_dot(models, leaves_nothing):
    figure = figures.draw_model(models.chain)
    [axis], [picture] = figure.axes, drawn(figure)
    width = picture.shape[1]
    assert width > 500 and picture.min() < 0.1 < 0.9 < picture.max()
    assert figure.get_size_inches()[0] == pytest.approx(0.7 * width / 200)
    assert axis.get_title() == "small: 7,850 parameters" and not axis.axison


def arrows(axis):
    """Return where each arrow starts, and where its head is."""
    found = [text for text in axis.texts if hasattr(text, "xy")]
    return sorted((*np.round([text.get_position(), text.xy], 2).ravel(),) for text in found)


@pytest.mark.parametrize("fault", ["no dot", "no pydot", "broken dot"])
@pytest.mark.parametrize("notebook", [False, True])
def test_model_is_drawn_as_boxes(models, fault, notebook, leaves_nothing, monkeypatch, tmp_path):
    if fault == "no pydot":
        monkeypatch.setattr("keras.src.utils.model_visualization.pydot", None)
    else:
        monkeypatch.setenv("PATH", str(tmp_path))
    if fault == "broken dot":
        (tmp_path / "dot").write_text("#!/bin/sh\necho no library; echo no font >&2; exit 1\n")
        (tmp_path / "dot").chmod(0o755)
    if notebook:  # there Keras prints instead of raising
        monkeypatch.setitem(sys.modules, "IPython.core.magics.namespace", sys)
    [axis] = figures.draw_model(models.chain).axes
    assert len(axis.patches) == 2 and axis.get_title() == "small: 7,850 parameters"
    first, *others = filter(None, written(axis.texts))
    assert first.endswith("(Flatten)") and axis.yaxis_inverted()  # the first layer on top
    answer = ["answer (Dense)", "output (None, 10), 7,850 parameters"]
    assert others == ["output (None, 784), 0 parameters", *answer]
    assert arrows(axis) == [(0, 0.32, 0, 0.68)]


def test_arrows_follow_the_connections_of_a_model(models, monkeypatch):
    monkeypatch.setenv("PATH", "")
    [axis] = figures.draw_model(models.branched).axes
    assert len(axis.patches) == 4
    chain = [(0, 0.32, 0, 0.68), (0, 1.32, 0, 1.68), (0, 2.32, 0, 2.68)]
    assert arrows(axis) == [*chain, (1, 0, 1, 2)]
    [axis] = figures.draw_model(models.repeated).axes
    assert arrows(axis) == [(0, 0.32, 0, 0.68), (1, 1.2, 1, 0.8)]


def test_unbuilt_model_is_told_to_begin_with_an_input(models):
    from keras import Input, Sequential, layers

    for content in ([layers.Flatten(), layers.Dense(3)], [], [Input((3,))]):
        with pytest.raises(ValueError, match=r"'blank' is not built: put keras.Input"):
            figures.draw_model(Sequential(content, name="blank"))


def broken(array):
    """Return a copy with one NaN."""
    array = np.array(array, float)
    array.flat[1] = np.nan
    return array


image, grid, pixels = figures.show_image, figures.show_grid, figures.show_pixels
counts, histogram = figures.plot_class_counts, figures.plot_pixel_histogram
curves, confusion = figures.plot_learning_curves, figures.plot_confusion_matrix
answer, reliability = figures.plot_probabilities, figures.plot_reliability
filters, maps = figures.show_filters, figures.show_feature_maps
save, draw = figures.save_figure, figures.draw_model


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: draw(None), "expected a Keras model, got NoneType: pass model"),
        (lambda: draw("model.keras"), "expected a Keras model, got str"),
        (lambda: curves([0.5, 0.7]), "expected a history, got list: pass what model.fit returned"),
        (lambda: curves(None), "expected a history, got NoneType"),
        (lambda: save("grid", Figure()), "expected a figure, then a name: .* got str and Figure"),
        (lambda: save(Figure(), 3), "got Figure and int"),
        (lambda: save(None, "grid"), "got NoneType and str"),
    ],
)
def test_wrong_type_says_what_was_expected(call, words):
    with pytest.raises(TypeError, match=words):
        call()


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: image(IMAGES), r"one picture of shape \(28, 28\), got uint8 \(12"),
        (lambda: image((IMAGES, [1, 2])), "unpack it"),
        (lambda: pixels(IMAGES[:2]), "for several, use show_grid"),
        (lambda: grid(None), r"expected pictures .* got object \(\)"),
        (lambda: grid(IMAGES[0]), "for one picture, use show_image"),
        (lambda: grid(IMAGES[:0]), "expected pictures"),
        (lambda: grid(IMAGES, ["one"]), "name for each of 12 pictures, got 1"),
        (lambda: grid(IMAGES, rows=0), "at least 1 row"),
        (lambda: grid(IMAGES / 255, rows=-1), "got -1 and 10"),
        (lambda: histogram(IMAGES / 255), "before any scaling"),
        (lambda: histogram(IMAGES[:0]), "expected uint8"),
        (lambda: histogram(IMAGES[0, 0]), r"got uint8 \(28,\)"),
        (lambda: counts(np.eye(3), "abc"), r"argmax\(axis=1\)"),
        (lambda: counts(["a", "b"], "ab"), "pass labels such as train_labels"),
        (lambda: counts([], "abc"), "whole numbers"),
        (lambda: counts([0, 3], "abc"), "expected labels from 0 to 2, got values from 0 to 3"),
        (lambda: counts([-1], "abc"), "values from -1 to -1: pass .* of the same data set"),
        (lambda: curves({}), "'accuracy' is not .* it is empty: call model.fit"),
        (lambda: curves({"accuracy": []}), "it is empty"),
        (lambda: curves(HISTORY, "acc"), "has accuracy, val_accuracy, loss:"),
        (lambda: curves({"loss": broken([1, 2])}, "loss"), "in loss, got NaN"),
        (lambda: curves({"loss": [1], "val_loss": [np.inf]}, "loss"), "in val_loss, got NaN"),
        (lambda: curves({"loss": ["x"]}, "loss"), "expected numbers in loss"),
        (lambda: confusion([0, 1], [0, 1, 2], NAMES), "expected 2 predicted.*3"),
        (lambda: confusion([0, 1], [-1, 1], NAMES), "expected predicted from 0 .* from -1"),
        (lambda: confusion([0] * 4, SURE, NAMES), r"predicted as .*argmax\(axis=1"),
        (lambda: answer(IMAGES[:1], SURE[0], NAMES), r"train_images\[0\]"),
        (lambda: answer(IMAGES[0], SURE[:1], NAMES), r"one row, as in \[0\]"),
        (lambda: answer(IMAGES[0], SURE[0], "ab"), "3 class names, got 2"),
        (lambda: answer(IMAGES[0], [2, -1, 0], NAMES), r"softmax\(logits\)"),
        (lambda: answer(IMAGES[0], SURE[0], NAMES, 3), "one label from 0 to 2, got .* 3 to 3"),
        (lambda: answer(IMAGES[0], SURE[0], NAMES, np.eye(3)[0]), "one label as"),
        (lambda: filters(np.zeros((128, 10))), r"\(784, n\), got float64 \(128, 10"),
        (lambda: filters([]), r"get_weights\(\)\[0\]"),
        (lambda: filters(WEIGHTS[..., :0]), r"\(3, 5, 2, 0\)"),
        (lambda: filters(broken(WEIGHTS)), "weights .*got NaN .*learning rate"),
        (lambda: filters(WEIGHTS, columns=0), "at least 1 row and 1 column"),
        (lambda: maps(np.stack([MAPS] * 2)), r"one picture, .*maps\[0\]"),
        (lambda: maps(MAPS[0]), r"feature maps .*got float32 \(4, 10"),
        (lambda: maps(broken(MAPS)), "expected feature maps .*got NaN"),
        (lambda: maps(MAPS[:0]), r"\(0, 4, 10\)"),
        (lambda: maps(MAPS, columns=0), "got None and 0"),
        (lambda: reliability([0, 1, 2], SURE), "expected 4 labels, one per picture, got 3"),
        (lambda: reliability([0, 1, 2, 3], SURE), "labels from 0 to 2, got values from 0 to 3"),
        (lambda: reliability([0] * 4, SURE / 2), "add up to 1, got .* from 0.5 to 0.5"),
        (lambda: reliability([0], [[1.5, -0.5, 0]]), "got -0.5 to 1.5"),
        (lambda: reliability([0] * 4, broken(SURE)), "expected probabilities .*got NaN"),
        (lambda: reliability([], np.zeros((0, 3))), r"got float64 \(0, 3\)"),
        (lambda: reliability([0] * 4, SURE, bins=0), "at least 1 bin, got 0"),
        (lambda: save(Figure(), "../grid"), "plain name"),
        (lambda: save(Figure(), "grid.jpg"), "plain name"),
    ],
)
def test_wrong_input_says_what_was_expected_and_draws_nothing(call, words):
    with pytest.raises(ValueError, match=words):
        call()
    assert not plt.get_fignums()


def test_saved_figure_is_a_picture_in_the_images_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    figure = figures.show_grid(IMAGES)
    path = figures.save_figure(figure, "grid")
    assert path == Path("images/grid.png") == figures.save_figure(figure, "grid.png")
    with Image.open(path) as saved:
        assert saved.format == "PNG" and saved.size[0] > 600
    assert [*path.parent.iterdir()] == [path]


def test_interrupted_save_keeps_the_older_file(tmp_path, monkeypatch):
    figure = figures.show_image(IMAGES[0])
    path = figures.save_figure(figure, "kept", tmp_path)
    before = path.read_bytes()

    def interrupted(file, **how):
        Path(file).write_bytes(b"half a picture")
        assert path.read_bytes() == before  # also if the program were killed here
        raise KeyboardInterrupt

    monkeypatch.setattr(figure, "savefig", interrupted)
    with pytest.raises(KeyboardInterrupt):
        figures.save_figure(figure, "kept", tmp_path)
    assert path.read_bytes() == before and [*tmp_path.iterdir()] == [path]
