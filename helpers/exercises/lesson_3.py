"""Checks of lesson 3: convolutions, shapes, a small network."""

import functools
from collections.abc import Iterator
from typing import Any

import numpy as np

from helpers.exercises.checking import (
    MistakeError,
    as_array,
    as_model,
    as_whole_number,
    exercise,
    need,
    recognize,
    seen,
)


@exercise(
    "3.1",
    "A convolution by hand",
    expects="a list of rows, each a list of numbers",
    why="A Conv2D layer does these sums, a few weights for all places, and learns the weights.",
)
def check_convolution(answer: Any, /, picture: np.ndarray, kernel: np.ndarray) -> Iterator[str]:
    """Check the map, a number for each place where the kernel fits into the picture, stride 1."""
    given = [[1, 0, 2, 3], [4, 1, 0, 2], [0, 5, 1, 1]], [[0, 1], [2, -1]]
    need(
        np.array_equal(picture, given[0]) and np.array_equal(kernel, given[1]),
        "tiny_picture or tiny_kernel has changed. Write its line again as it was.",
    )
    numbers = as_array(answer, "a list of rows, such as [[1, 2], [3, 4]], all of one length")
    right = _slide(picture, kernel)
    _need_size(numbers, right, picture, kernel)
    yield f"a window of {_grid(kernel.shape)} fits at {_grid(right.shape)} places"
    _need_sums(numbers.astype(float), right, picture, kernel)
    yield "each number is the sum of the products at its place"


def _need_size(
    numbers: np.ndarray, right: np.ndarray, picture: np.ndarray, kernel: np.ndarray
) -> None:
    """Raise ``MistakeError`` if there are too many or too few numbers."""
    if numbers.shape == right.shape:
        return
    (rows, columns), (height, width) = right.shape, kernel.shape
    products = kernel * picture[:height, :width]
    known = right[tuple(map(slice, numbers.shape))] if numbers.ndim == 2 else right
    mistakes = [
        (numbers.ndim > 2 and numbers.squeeze().shape == right.shape, "There are axes of length 1 "
         "too many: one list for each row is enough."),
        (numbers.size > 0 and np.array_equal(numbers, known), "These numbers are right, but some "
         "are missing. Go on until the window stands at the right border, and at the lower one."),
        (numbers.ndim == 4 or np.array_equal(numbers, products), "These are products. Add up those "
         "of a window."),
        ((), "One number is one window's. The window also fits further right and further down."),
        ((rows * columns,), "The count is right. Break it into rows: a list for each."),
        ((columns, rows), "Rows and columns are exchanged: one list for each step down."),
        (picture.shape, "As many numbers as pixels: that takes a frame of zeros (padding). Without "
         f"one, at how many places in a row of {picture.shape[1]} does a window of {width} fit?"),
        (right[::height, ::width].shape, "The window moved on by its own width. Its step is 1: "
         "each window overlaps the one before."),
    ]  # fmt: skip
    recognize(
        numbers.shape,
        mistakes,
        facts=f"Seen: {_grid(numbers.shape)}. Expected: a number for each place where the window "
        "fits.",
        otherwise="Count the places in a row, then those in a column.",
    )


def _need_sums(
    numbers: np.ndarray, right: np.ndarray, picture: np.ndarray, kernel: np.ndarray
) -> None:
    """Raise ``MistakeError`` unless the numbers are right; recognize which kernel made them."""
    agree = np.isclose(numbers, right)
    if agree.all():
        return
    turned = [
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
    mistakes = [(_slide(picture, wrong), hint) for wrong, hint in turned]
    no_relu = "A sum below 0 stays as it is: there is no ReLU here."
    row, column = np.argwhere(~agree)[0].tolist()
    window = picture[row : row + kernel.shape[0], column : column + kernel.shape[1]]
    recognize(
        numbers,
        [*mistakes, (np.maximum(right, 0), no_relu)],
        facts=f"Seen: {numbers.round(2).tolist()}.",
        otherwise=f"{agree.sum()} of {agree.size} numbers are right. Look at row {row}, column "
        f"{column}. Expected: the sum over the window {window.tolist()}, each pixel times the "
        f"weight at its place in {kernel.tolist()}.",
        alike=functools.partial(np.allclose, atol=0.01),
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
    expects="shapes as three numbers in parentheses, parameters as one whole number",
    why="Worked out beforehand, they tell you whether a network fits together and what it costs.",
)
def check_shapes_and_parameters(
    first_shape: Any, first_count: Any, second_shape: Any, second_count: Any, /, convolutions: tuple
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
        outgoing = _check_shape(f"{name}_shape", shape, layer, incoming)
        yield f"{name}_shape is {outgoing}"
        yield f"{name}_count is {_check_count(f'{name}_count', count, layer, incoming):,}"
        incoming = outgoing


def _check_shape(name: str, value: Any, layer: Any, incoming: tuple) -> tuple:
    """Check the shape that a Conv2D makes of square pictures or maps; return the right one."""
    size, window, stride = incoming[0], layer.kernel_size[0], layer.strides[0]
    frame = window - 1 if layer.padding == "same" else 0
    places, maps = (size + frame - window) // stride + 1, layer.filters
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
    facts = f"{name}: seen ({', '.join(f'{number:g}' for number in shape)}). Expected:"
    need(
        places == maps or not np.array_equal(shape, (maps, places, places)),
        f"{facts} the same numbers, but with the channels last.",
    )
    expects = f"{facts} places down, places across, number of maps."
    for number in shape[:2][shape[:2] != places]:
        _explain_places(number, size, window, stride, frame, expects)
    if shape[2] != maps:
        mistakes = [
            (incoming[2], f"{incoming[2]} channels came in. How many maps come out?"),
            (incoming[2] * maps, "A filter makes one map, out of all channels together."),
        ]
        expects = f"{facts} another last number; the size is right."
        recognize(shape[2], mistakes, facts=expects, otherwise="How many maps come out?")
    return places, places, maps


def _explain_places(
    number: float, size: int, window: int, stride: int, frame: int, facts: str
) -> None:
    """Raise ``MistakeError``: say how this wrong number of places in a row was found."""
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
    otherwise = "At how many places in a row does the window fit?"
    recognize(number, mistakes, facts=facts, otherwise=otherwise)


def _check_count(name: str, value: Any, layer: Any, incoming: tuple[int, ...]) -> int:
    """Check the number of parameters of a Conv2D on these pictures; return the right one."""
    count = as_whole_number(value, f"{name} as one whole number")
    channels, filters, window = incoming[2], layer.filters, layer.kernel_size[0]
    area = window * window
    right = filters * (area * channels + 1)
    if count == right:
        return right
    sizes = [places**2 for places in range(2, incoming[0] + 1)]
    mistakes = [
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
        *((filters * (other * channels + 1), f"The window of this layer is {window} × {window}.")
          for other in (9, 25)),
        *((right * size, "A filter is the same at every place: count it once.") for size in sizes),
        *((filters * size, "So many numbers are in the maps. Count what makes them.")
          for size in sizes),
    ]  # fmt: skip
    facts = f"{name}: seen {count:,}. Expected: all weights and biases of this layer."
    otherwise = "Count one filter: its window, in each channel, and its bias."
    recognize(count, mistakes, facts=facts, otherwise=otherwise)
    return right


TOLERANCE = 0.02  # how much accuracy a small network may lose


@exercise(
    "3.3",
    "Ten times smaller",
    expects="a trained Keras model for pictures of shape (28, 28, 1)",
    why="Most parameters of a network sit where the large maps meet a dense layer. A small network "
    "loads faster, answers faster, and fits on a phone.",
)
def check_small_cnn(
    small: Any, /, large: Any, images: np.ndarray, labels: np.ndarray
) -> Iterator[str]:
    """Check a CNN against a large one, on the same validation pictures (n, 28, 28, 1)."""
    need(
        small is not None and type(small).__name__ != "History",
        f"Seen: {seen(small)}. compile and fit change a network; neither returns one. Name it "
        "first, and write them in lines of their own.",
    )
    need(
        as_model(small) is not large,
        "small_cnn and model are the same network. Build a second one; model stays as it is.",
    )
    _need_probabilities(small, images[:100])
    yield "it gives ten probabilities for a picture"
    _need_convolution(small)
    yield "it has convolutions"
    count = _need_few_parameters(small, large.count_params() // 10)
    yield f"{count:,} parameters, {large.count_params() / count:.0f} times fewer than model"
    goal = _accuracy(large, images, labels)
    need(
        goal >= 0.5,
        f"`model` has {goal:.0%} of the validation pictures right: it is not the trained one any "
        "more. Run its cells again, from keras.Sequential to fit.",
    )
    accuracy = _accuracy(small, images, labels)
    if accuracy < goal - TOLERANCE:
        scaled = _accuracy(small, images[:1000] / 255, labels[:1000])
        mistakes = [
            (scaled > accuracy + 0.1, f"On pixels divided by 255 it has {scaled:.0%}. Train it on "
             "the pixels as they are, and scale them once, inside the network."),
            (accuracy < 0.3, "That is close to guessing. Was it compiled, and trained with fit, on "
             "pictures and their own labels?"),
        ]  # fmt: skip
        facts = f"Seen: {accuracy:.1%} of {len(labels):,} validation pictures right. Expected: "
        facts += f"{goal - TOLERANCE:.1%} or more; model has {goal:.1%}."
        otherwise = "Let fit go on for an epoch or two, or give the convolutions more filters."
        recognize(accuracy, mistakes, facts=facts, otherwise=otherwise)
    yield f"{accuracy:.1%} of the validation pictures right; model has {goal:.1%}"


def _need_probabilities(network: Any, images: np.ndarray) -> None:
    """Raise ``MistakeError`` unless ten probabilities come out for each picture."""
    try:
        result = np.asarray(network(images, training=False))
    except Exception:
        raise MistakeError(
            f"Seen: input {_input_shape(network)}. Expected: (28, 28, 1), the shape of one picture."
        ) from None
    mistakes = [
        (result.ndim != 2, f"Seen: {_grid(result.shape[1:])} numbers for a picture. Expected: ten "
         "in a row. Which layer makes one row of maps?"),
        (result.shape[1:] != (10,), f"Seen: {result.shape[-1]} outputs. Expected: 10, one for each "
         "class of clothes."),
    ]  # fmt: skip
    recognize(result, mistakes)
    sums = result.sum(axis=1)
    need(
        np.allclose(sums, 1, atol=0.01) and result.min() > -0.001,
        f"The ten outputs add up to {sums[0]:.2f}, for the first picture. Expected: probabilities, "
        "which add up to 1. Which activation makes them?",
    )


def _need_convolution(network: Any) -> None:
    """Raise ``MistakeError`` unless a window of more than one pixel slides over the pictures."""
    shape = _input_shape(network)
    axis = "The input needs a channel axis for it." if len(shape) == 2 else ""
    kernels = [weights.shape for weights in network.weights if len(weights.shape) == 4]
    mistakes = [
        (not kernels, f"Seen: input {shape} and no convolution. Expected: Conv2D in it. {axis}"),
        (all(max(kernel[:2]) == 1 for kernel in kernels), "A window of a single pixel sees no "
         "forms. Expected: a larger one."),
    ]  # fmt: skip
    recognize(network, mistakes)


def _need_few_parameters(network: Any, limit: int) -> int:
    """Return the number of parameters; raise ``MistakeError`` if it is above the limit."""
    count = network.count_params()
    if count > limit:
        trainable = sum(int(np.prod(weights.shape)) for weights in network.trainable_weights)
        layer = max(network.layers, key=lambda layer: layer.count_params())
        mistakes = [
            (trainable <= limit, "Frozen parameters (trainable=False) are kept and multiplied as "
             "before."),
        ]  # fmt: skip
        facts = f"Seen: {count:,} parameters. Expected: {limit:,} or fewer."
        otherwise = f"{type(layer).__name__} {layer.name!r} alone has {layer.count_params():,}. "
        otherwise += "Make fewer numbers come in there."
        recognize(count, mistakes, facts=facts, otherwise=otherwise)
    return count


def _input_shape(network: Any) -> Any:
    shape = network.input_shape
    return shape[1:] if isinstance(shape, tuple) else shape


def _accuracy(network: Any, images: np.ndarray, labels: np.ndarray) -> float:
    """Measure the accuracy in batches; nothing of the network changes."""
    right = 0
    for start in range(0, len(images), 250):
        batch = slice(start, start + 250)
        answers = np.asarray(network(images[batch], training=False)).argmax(axis=-1)
        right += (answers == labels[batch]).sum()
    return float(right / len(labels))
