"""Checks of lesson 3: convolutions, shapes, a small network."""

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from helpers.exercises.checking import (
    Wrong,
    as_array,
    as_model,
    as_whole_number,
    exercise,
    need,
    seen,
)


@exercise(
    "3.1",
    "A convolution by hand",
    parts=2,
    expects="a list of rows, each a list of numbers",
    why="A Conv2D layer does these sums, a few weights for all places, and learns the weights.",
)
def check_convolution(answer: Any, picture: np.ndarray, kernel: np.ndarray) -> Iterator[str]:
    """Check the map, a number for each place where the kernel fits into the picture, stride 1."""
    given = [[1, 0, 2, 3], [4, 1, 0, 2], [0, 5, 1, 1]], [[0, 1], [2, -1]]
    need(
        np.array_equal(picture, given[0]) and np.array_equal(kernel, given[1]),
        "tiny_picture or tiny_kernel has changed. Write its line again as it was.",
    )
    numbers = as_array(answer, "a list of rows, such as [[1, 2], [3, 4]], all of one length")
    right = _slide(picture, kernel)
    need(
        numbers.shape == right.shape,
        f"Seen: {_grid(numbers.shape)}. Expected: a number for each place where the window fits. "
        + _hint_for_size(numbers, picture, kernel),
    )
    yield f"a window of {_grid(kernel.shape)} fits at {_grid(right.shape)} places"
    numbers = numbers.astype(float)
    if not np.allclose(numbers, right):
        hint = _hint_for_sums(numbers, picture, kernel)
        raise Wrong(f"Seen: {numbers.round(2).tolist()}. {hint}")
    yield "each number is the sum of the products at its place"


def _hint_for_size(numbers: np.ndarray, picture: np.ndarray, kernel: np.ndarray) -> str:
    """Say why there are too many or too few numbers."""
    places, (height, width) = _slide(picture, kernel).shape, kernel.shape
    products = kernel * picture[:height, :width]
    if numbers.ndim > 2 and numbers.squeeze().shape == places:
        return "There are axes of length 1 too many: one list for each row is enough."
    known = _slide(picture, kernel)[tuple(map(slice, numbers.shape))] if numbers.ndim == 2 else ()
    if numbers.size and np.array_equal(numbers, known):
        return (
            "These numbers are right, but some are missing. Go on until the window stands at "
            "the right border, and at the lower one."
        )
    if numbers.ndim == 4 or np.array_equal(numbers, products):
        return "These are products. Add up those of a window."
    hints = {
        (): "One number is one window's. The window also fits further right and further down.",
        (places[0] * places[1],): "The count is right. Break it into rows: a list for each.",
        places[::-1]: "Rows and columns are exchanged: one list for each step down.",
        picture.shape: "As many numbers as pixels: that takes a frame of zeros (padding). Without "
        f"one, at how many places in a row of {picture.shape[1]} does a window of {width} fit?",
        np.empty(places)[::height, ::width].shape: "The window moved on by its own width. Its step "
        "is 1: each window overlaps the one before.",
    }
    return hints.get(numbers.shape, "Count the places in a row, then those in a column.")


def _hint_for_sums(numbers: np.ndarray, picture: np.ndarray, kernel: np.ndarray) -> str:
    """Say which mistake makes these numbers, or where to look for it."""
    mistakes = [
        (kernel[::-1, ::-1], "The kernel was turned around, as mathematicians do. Expected: its "
         "upper left weight on the upper left pixel, as Keras does."),
        (kernel[::-1], "The kernel stands on its head: its upper row met the lower pixels."),
        (kernel[:, ::-1], "Left and right of the kernel are exchanged."),
        (kernel.T, "Rows and columns of the kernel are exchanged: its upper row belongs on the "
         "upper row of the window."),
        (kernel / kernel.size, "These are averages of the products. Expected: their sums."),
        (abs(kernel), "A minus got lost: a negative weight takes its pixel away."),
        (kernel**0, "The pixels were added as they are. Each needs its weight first."),
    ]  # fmt: skip
    for wrong, hint in mistakes:
        if np.allclose(numbers, _slide(picture, wrong), atol=0.01):
            return hint
    if np.allclose(numbers, np.maximum(_slide(picture, kernel), 0)):
        return "A sum below 0 stays as it is: there is no ReLU here."
    agree = np.isclose(numbers, _slide(picture, kernel))
    row, column = np.argwhere(~agree)[0].tolist()
    window = picture[row : row + kernel.shape[0], column : column + kernel.shape[1]]
    return (
        f"{agree.sum()} of {agree.size} numbers are right. Look at row {row}, column {column}. "
        f"Expected: the sum over the window {window.tolist()}, each pixel times the weight at its "
        f"place in {kernel.tolist()}."
    )


def _slide(picture: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    windows = np.lib.stride_tricks.sliding_window_view(picture, kernel.shape)
    return (windows * kernel).sum(axis=(2, 3))


def _grid(shape: tuple[int, ...]) -> str:
    """Say a shape in words: "2 × 3", "6 numbers without rows", "one number"."""
    if not shape:
        return "one number"
    return " × ".join(map(str, shape)) if shape[1:] else f"{shape[0]} numbers without rows"


@exercise(
    "3.2",
    "Shapes and parameters",
    parts=4,
    answers=4,
    expects="shapes as three numbers in parentheses, parameters as one whole number",
    why="Worked out beforehand, they tell you whether a network fits together and what it costs.",
)
def check_shapes_and_parameters(
    first_shape: Any, first_count: Any, second_shape: Any, second_count: Any, convolutions: tuple
) -> Iterator[str]:
    """Check what two Conv2D layers in a row make of color pictures (28, 28, 3)."""
    incoming = (28, 28, 3)
    settings = [(8, 3, 1, "same"), (16, 5, 2, "valid")]
    need(
        settings == [(c.filters, c.kernel_size[0], c.strides[0], c.padding) for c in convolutions],
        "The layers `first` and `second` have changed. Write their lines again as they were.",
    )
    answers = ("first", first_shape, first_count), ("second", second_shape, second_count)
    for (name, shape, count), layer in zip(answers, convolutions, strict=True):
        expected = _check_shape(f"{name}_shape", shape, layer, incoming)
        yield f"{name}_shape is {expected}"
        yield f"{name}_count is {_check_count(f'{name}_count', count, layer, incoming):,}"
        incoming = expected


def _check_shape(name: str, value: Any, layer: Any, incoming: tuple[int, ...]) -> tuple[int, ...]:
    """Check the shape that a Conv2D makes of square pictures or maps; give the right one."""
    size, window = incoming[0], layer.kernel_size[0]
    frame = window - 1 if layer.padding == "same" else 0
    places = (size + frame - window) // layer.strides[0] + 1
    right = (places, places, layer.filters)
    need(
        not isinstance(value, (tuple, list)) or len(value) != 4,
        f"{name}: seen four numbers. The shape of a batch has four; the first counts the pictures. "
        "Expected: the three numbers of one picture.",
    )
    shape = as_array(value, f"{name} as three numbers, (height, width, channels)")
    need(
        shape.shape == (3,),
        f"{name}: seen {seen(value)}. Expected: three numbers, (height, width, channels).",
    )
    found = f"{name}: seen ({', '.join(f'{number:g}' for number in shape)}). Expected: "
    need(
        places == layer.filters or not np.array_equal(shape, right[::-1]),
        f"{found}the same numbers, but with the channels last.",
    )
    for number in shape[:2]:
        hint = _hint_for_places(number, size, window, layer.strides[0], frame)
        need(number == places, f"{found}places down, places across, number of maps. {hint}")
    hints = {
        incoming[2]: f"{incoming[2]} channels came in. How many maps come out?",
        incoming[2] * layer.filters: "A filter makes one map, out of all channels together.",
    }
    hint = hints.get(shape[2], "How many maps come out?")
    need(shape[2] == layer.filters, f"{found}another last number; the size is right. {hint}")
    return right


def _hint_for_places(number: float, size: int, window: int, stride: int, frame: int) -> str:
    """Say how this wrong number of places in a row was found."""
    mistakes = [
        ((size - window) // stride + 1, "The window may stand over the border here: what does "
         'padding="same" do to the size?'),
        (size + frame - window + 1, "That is the size with stride 1. What does this stride skip?"),
        (-(-size // stride), "That is the size with a frame around. This layer has no padding."),
        (-(-(size - window) // stride) + 1, "The last step would lead over the border, and is not "
         "made: round down."),
        ((size - window) // stride, "These are the steps. The place before the first one counts, "
         "too."),
        (size + frame, "That is the size with the frame. How often does the window fit into that?"),
        ((size - window) / stride + 1, "Half a place is none: round down."),
    ]  # fmt: skip
    return _first_match(number, mistakes, "At how many places in a row does the window fit?")


def _check_count(name: str, value: Any, layer: Any, incoming: tuple[int, ...]) -> int:
    """Check the number of parameters of a Conv2D on these pictures or maps; give the right one."""
    count = as_whole_number(value, f"{name} as one whole number")
    channels, filters, window = incoming[2], layer.filters, layer.kernel_size[0]
    area = window * window
    right = filters * (area * channels + 1)
    sizes = [places**2 for places in range(2, incoming[0] + 1)]
    others = {filters * (size * channels + 1) for size in (9, 25)} - {right}
    each_place = {right * size for size in sizes}
    maps = {filters * size for size in sizes}
    mistakes = [  # the first that fits is the mistake
        (filters * area * channels, "Those are the weights. Each filter has one number more."),
        (filters * area * channels + 1, "One bias for all? Each filter has its own."),
        (filters * (area + 1), f"A filter looks through all {channels} channels that come in."),
        (filters * area, f"A filter looks through all {channels} channels, and has a bias."),
        (area * channels + 1, f"That is one filter. The layer has {filters}."),
        (area * channels, f"That is one filter without its bias. The layer has {filters}."),
        (channels * (area * filters + 1), "Filters and incoming channels seem exchanged: it is the "
         "filters that have one bias each."),
        (filters * (area * 3 + 1), "Not the picture comes in here, but the maps of first."),
        (filters * (window * channels + 1), f"A window of {window} × {window} has more pixels."),
        (filters * (area * channels * 3 + 1), "The colors are no longer there: only the maps of "
         "first come in."),
        *((number, f"The window of this layer is {window} × {window}.") for number in others),
        *((number, "A filter is the same at every place: count it once.") for number in each_place),
        *((number, "So many numbers are in the maps. Count what makes them.") for number in maps),
    ]  # fmt: skip
    hint = "Count one filter: its window, in each channel, and its bias."
    hint = _first_match(count, mistakes, hint)
    need(
        count == right,
        f"{name}: seen {count:,}. Expected: all weights and biases of this layer. {hint}",
    )
    return right


def _first_match(value: float, pairs: list[tuple[int, str]], otherwise: str) -> str:
    return next((hint for wrong, hint in pairs if wrong == value), otherwise)


TOLERANCE = 0.02  # how much accuracy a small network may lose


@exercise(
    "3.3",
    "Ten times smaller",
    parts=4,
    expects="a trained Keras model for pictures of shape (28, 28, 1)",
    why="Most parameters of a network sit where the large maps meet a dense layer. A small network "
    "loads faster, answers faster, and fits on a phone.",
)
def check_small_cnn(
    small: Any, large: Any, images: np.ndarray, labels: np.ndarray
) -> Iterator[str]:
    """Check a CNN against a large one, on the same validation pictures (n, 28, 28, 1)."""
    need(
        small is not None and type(small).__name__ != "History",
        f"Seen: {seen(small)}. compile and fit change a network; what they give back is none. Name "
        "it first, and write them in lines of their own.",
    )
    need(
        as_model(small) is not large,
        "small_cnn and model are the same network. Build a second one; model stays as it is.",
    )
    _check_probabilities(small, images[:100])
    yield "it gives ten probabilities for a picture"
    _need_convolution(small)
    yield "it has convolutions"
    count, limit = small.count_params(), large.count_params() // 10
    need(
        count <= limit,
        f"Seen: {count:,} parameters. Expected: {limit:,} or fewer. " + _too_many(small, limit),
    )
    yield f"{count:,} parameters, {large.count_params() / count:.0f} times fewer than model"
    accuracy, goal = (_accuracy(network, images, labels) for network in (small, large))
    need(
        goal >= 0.5,
        f"`model` has {goal:.0%} of the validation pictures right: it is not the trained one any "
        "more. Run its cells again, from keras.Sequential to fit.",
    )
    need(
        accuracy >= goal - TOLERANCE,
        f"Seen: {accuracy:.1%} of {len(labels):,} validation pictures right. Expected: "
        f"{goal - TOLERANCE:.1%} or more; model has {goal:.1%}. "
        + _why_wrong(small, accuracy, images[:1000], labels[:1000]),
    )
    yield f"{accuracy:.1%} of the validation pictures right; model has {goal:.1%}"


def _check_probabilities(network: Any, images: np.ndarray) -> None:
    """Need a row of ten shares for each picture."""
    result = None
    with contextlib.suppress(Exception):
        result = np.asarray(network(images, training=False))
    need(
        result is not None,
        f"Seen: input {_input_shape(network)}. Expected: (28, 28, 1), the shape of one picture.",
    )
    need(
        result.ndim == 2,
        f"Seen: {_grid(result.shape[1:])} numbers for a picture. Expected: ten in a row. Which "
        "layer makes one row of maps?",
    )
    need(
        result.shape[1] == 10,
        f"Seen: {result.shape[1]} outputs. Expected: 10, one for each class of clothes.",
    )
    sums = result.sum(axis=1)
    need(
        np.allclose(sums, 1, atol=0.01) and result.min() > -0.001,
        f"The ten outputs add up to {sums[0]:.2f}, for the first picture. Expected: probabilities, "
        "which add up to 1. Which activation makes them?",
    )


def _need_convolution(network: Any) -> None:
    """Raise ``Wrong`` unless a window of more than one pixel slides over the pictures."""
    axis = " The input needs a channel axis for it." if len(_input_shape(network)) == 2 else ""
    kernels = [weights.shape for weights in network.weights if len(weights.shape) == 4]
    need(
        kernels,
        f"Seen: input {_input_shape(network)} and no convolution. Expected: Conv2D in it.{axis}",
    )
    need(
        any(max(shape[:2]) > 1 for shape in kernels),
        "A window of a single pixel sees no forms. Expected: a larger one.",
    )


def _too_many(network: Any, limit: int) -> str:
    """Say why a network has more parameters than the limit."""
    trainable = sum(int(np.prod(weights.shape)) for weights in network.trainable_weights)
    if trainable <= limit:
        return "Frozen parameters (trainable=False) are kept and multiplied as before."
    layer = max(network.layers, key=lambda layer: layer.count_params())
    return (
        f"{type(layer).__name__} {layer.name!r} alone has {layer.count_params():,}. Make fewer "
        "numbers come in there."
    )


def _why_wrong(network: Any, accuracy: float, images: np.ndarray, labels: np.ndarray) -> str:
    """Say why a network gives many wrong answers."""
    scaled = _accuracy(network, images / 255, labels)
    if scaled > accuracy + 0.1:
        return (
            f"On pixels divided by 255 it has {scaled:.0%}. Train it on the pixels as they are, "
            "and scale them once, inside the network."
        )
    if accuracy < 0.3:
        return (
            "It is near guessing. Was it compiled, and trained with fit, on pictures and their "
            "own labels?"
        )
    return "Let fit go on for an epoch or two, or give the convolutions more filters."


def _input_shape(network: Any) -> Any:
    shape = network.input_shape
    return shape[1:] if isinstance(shape, tuple) else shape


def _accuracy(network: Any, images: np.ndarray, labels: np.ndarray) -> float:
    """Measure the share of right answers in batches; nothing of the network changes."""
    right = 0
    for start in range(0, len(images), 250):
        batch = slice(start, start + 250)
        answers = np.asarray(network(images[batch], training=False)).argmax(axis=-1)
        right += (answers == labels[batch]).sum()
    return float(right / len(labels))
