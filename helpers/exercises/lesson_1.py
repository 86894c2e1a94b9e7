"""Checks of lesson 1: pictures as arrays, the split, scaling."""

import functools
from collections.abc import Iterator
from typing import Any

import numpy as np

from helpers.exercises.checking import MistakeError, as_array, exercise, need, recognize, seen


@exercise(
    "1.1",
    "One class only",
    expects="an array of pictures, (count, 28, 28)",
    why="Looking at one class at a time shows what an average over all ten hides.",
)
def check_one_class(sneakers: Any, /, data: tuple) -> Iterator[str]:
    """Check that all sneakers were taken from the training pictures, and nothing else.

    `data` is ((train_images, train_labels), (test_images, test_labels)), as the loader returns it.
    """
    (images, labels), _ = data
    wanted, expects = 7, "pictures, (count, 28, 28)"
    kept = as_array(sneakers, expects)
    _need_pictures(kept, f"Seen: {seen(sneakers)}. Expected: {expects}.")
    yield "the shape is that of pictures"
    _need_no_others(kept, data, wanted)
    goal = images[labels == wanted]
    mistakes = [
        (len(kept) > len(goal), "So there are others among them. Which comparison is true for a "
         "sneaker only?"),
        (len(kept) < len(goal), "Labels say which pictures to keep; a position does not."),
    ]  # fmt: skip
    facts = f"Seen: {len(kept):,} pictures. Expected: {len(goal):,}, one for each sneaker's label."
    recognize(kept, mistakes, facts=facts)
    yield f"as many as there are labels of sneakers: {len(kept):,}"
    need(
        _same_pictures(kept, goal),
        "The number of pictures is right, but not every one is a sneaker of the training set. "
        "Keep the pictures unchanged, and let their labels choose.",
    )
    yield "each of them is a sneaker, unchanged"


def _need_pictures(kept: np.ndarray, facts: str) -> None:
    """Raise ``MistakeError`` unless this is an array of pictures, (count, 28, 28)."""
    mistakes = [
        (kept.dtype.kind == "b", "A comparison gives true and false. Now use it as an index: of "
         "which array?"),
        ((28, 28), "That is a single picture. A number as an index chooses by place, not by "
         "class."),
        (kept.ndim < 2, "Those are single numbers: labels, perhaps, or positions. Which array "
         "holds the pictures?"),
        (kept.ndim == 2 and len(kept) == 1, "These are positions, in a tuple. Which array are they "
         "positions of?"),
        (kept.ndim == 4 and len(kept) == 0, "The index was one False. A list compared with a text "
         "is not compared name by name. Compare train_labels, an array, with a class id."),
        (kept.ndim == 4 and len(kept) == 1, "That is one axis too many. Are there brackets around "
         "it all?"),
        (kept.shape[1:] != (28, 28), "Keep rows and columns as they are."),
    ]  # fmt: skip
    recognize(kept.shape, mistakes, facts=facts)


def _need_no_others(kept: np.ndarray, data: tuple, wanted: int) -> None:
    """Raise ``MistakeError`` if these are the pictures of another class, set, or comparison."""
    (images, labels), (test_images, test_labels) = data
    others = [other for other in range(10) if other != wanted]
    mistakes = [
        (len(kept) == 0, "No picture was kept. A label is a class id: is it ever equal to what you "
         "ask?"),
        *((images[labels == other], f"These are all the pictures of class {other}. Expected: the "
           "sneakers. Find their name in class_names, and count its position from 0.")
          for other in others),
        (test_images[test_labels == wanted], "These are sneakers of the test set. Expected: those "
         "of the training pictures."),
        (images[labels != wanted], "These are all pictures except the sneakers. Which comparison "
         "is true for a sneaker?"),
    ]  # fmt: skip
    recognize(kept, mistakes)


def _same_pictures(some: np.ndarray, others: np.ndarray) -> bool:
    """Say whether two arrays of one length hold the same pictures, in whatever order."""
    if np.array_equal(some, others):
        return True
    first, second = ([p.astype("f4").tobytes() for p in pictures] for pictures in (some, others))
    return sorted(first) == sorted(second)


@exercise(
    "1.2",
    "Make the split",
    expects="four arrays: pictures and labels for training, pictures and labels for validation",
    why="Only pictures that the network has never seen tell how good it is at new ones.",
)
def check_split(
    train_images: Any,
    train_labels: Any,
    validation_images: Any,
    validation_labels: Any,
    /,
    data: tuple,
) -> Iterator[str]:
    """Check that the last 10,000 training pictures became the validation set.

    `data` is ((train_images, train_labels), (test_images, test_labels)), as the loader returns it.
    """
    (images, labels), (test_images, _) = data
    cut = len(images) - 10_000
    pairs = {
        "training": _as_pair("training", train_images, train_labels),
        "validation": _as_pair("validation", validation_images, validation_labels),
    }
    yield "each set has one label for each picture"
    places = {kind: _place(kind, pair[0], images, test_images) for kind, pair in pairs.items()}
    _need_last(places["training"], places["validation"], cut, len(images))
    yield f"validation: the last {len(places['validation']):,} pictures"
    _need_others(places["training"], cut)
    yield f"training: the other {cut:,}; no picture is in both"
    for kind, (_, own_labels) in pairs.items():
        fit = (own_labels == labels[list(places[kind])]).mean()
        need(
            fit == 1,
            f"Of the {kind} labels, {fit:.0%} belong to their pictures. Expected: all. "
            "Pictures and labels must be cut at the same places.",
        )
    yield "every picture has kept its own label"


def _as_pair(kind: str, pictures: Any, labels: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return pictures (count, 28, 28) and labels (count,); raise ``MistakeError`` if not such."""
    expects = f"{kind} pictures of shape (count, 28, 28) and labels of shape (count,)"
    pictures, labels = as_array(pictures, expects), as_array(labels, expects)
    mistakes = [
        (pictures.ndim == 1 and labels.ndim == 3, "Pictures and labels have changed places."),
        (labels.ndim == 3, f"Pictures stand in the place of the {kind} labels."),
        (labels.ndim == 2, "Expected: class ids, as they are in train_labels."),
        (pictures.shape[1:] != (28, 28) or labels.ndim != 1, "Expected: (count, 28, 28) and "
         "(count,). A slice with a colon keeps all axes."),
        (pictures.shape[:1] != labels.shape, "Expected: as many labels as pictures. Cut both at "
         "the same place."),
        (pictures.size == 0, "No picture is left. Look at the two sides of the colon."),
    ]  # fmt: skip
    facts = f"Seen: {kind} pictures {pictures.shape}, labels {labels.shape}."
    recognize(pictures, mistakes, facts=facts)
    return pictures, labels


def _place(kind: str, pictures: np.ndarray, images: np.ndarray, test_images: np.ndarray) -> range:
    """Return where these pictures stand in the training set; raise ``MistakeError`` if nowhere."""
    if place := _find(pictures, images):
        return place
    need(
        not _find(pictures, test_images),
        f"Your {kind} pictures are taken from the test set. The exam stays closed: take them from "
        "train_images.",
    )
    raise MistakeError(
        f"Your {kind} pictures are no unbroken stretch of train_images. A slice with one colon "
        "makes one: leave the pictures in their order, and their pixels as they are."
    )


def _find(pictures: np.ndarray, images: np.ndarray) -> range | None:
    """Find where `pictures` stand in `images`, side by side; None if they do not."""
    middle = 14  # one row is enough to find the few candidates
    alike = (images[:, middle] == pictures[0, middle]).all(axis=1)
    for start in np.flatnonzero(alike):
        stretch = images[start : start + len(pictures)]
        if np.array_equal(stretch[0], pictures[0]) and np.array_equal(stretch, pictures):
            return range(start, start + len(pictures))
    return None


def _need_last(train: range, validation: range, cut: int, count: int) -> None:
    """Raise ``MistakeError`` unless the validation pictures are those from `cut` on."""
    mistakes = [
        (train[0] == cut and validation[0] == 0, "Have the two sets changed places?"),
        (validation[-1] != count - 1, "Is the colon before or after the place of the cut?"),
        (abs(validation[0] - cut) == 1, f"These are {len(validation):,}: one off. [a:] begins with "
         "picture a itself."),
        (validation[0] != cut, f"These are {len(validation):,}. Where must the cut be?"),
    ]  # fmt: skip
    facts = f"Seen: validation pictures {_span(validation)}. Expected: the last {count - cut:,}."
    recognize(validation, mistakes, facts=facts)


def _need_others(train: range, cut: int) -> None:
    """Raise ``MistakeError`` unless the training pictures are those before `cut`."""
    both, lost = train[-1] + 1 - cut, cut - len(train)
    mistakes = [
        (both > 0, f"Pictures in both sets: {both:,}. The network would be asked what it has "
         "learned by heart. Where must the training set end?"),
        (lost > 0, f"Pictures in neither set: {lost:,}. Expected: none."),
    ]  # fmt: skip
    recognize(train, mistakes, facts=f"Seen: training pictures {_span(train)}.")


def _span(place: range) -> str:
    return f"{place[0]:,} to {place[-1]:,}"


@exercise(
    "1.3",
    "Scale the pixels",
    expects="an array of pictures, scaled",
    why="Small numbers of one size let training take steps that suit every pixel.",
)
def check_scaled(scaled: Any, /, train_images: np.ndarray) -> Iterator[str]:
    """Check that the first 1,000 pictures, uint8, were brought to float32 between 0 and 1."""
    images = train_images[:1000]
    need(
        images.dtype == np.uint8 and images.max() > 1,
        f"train_images itself has changed: {images.dtype}, largest value {images.max()}. Run the "
        "cell that loads the clothes again, and leave `few` as it is.",
    )
    pictures = as_array(scaled, f"floats of shape {images.shape}")
    need(
        pictures.shape == images.shape,
        f"Seen: shape {pictures.shape}. Expected: {images.shape}, the {len(images):,} of `few`.",
    )
    yield f"the shape is kept: {pictures.shape}"
    mistakes = [
        (images, f"Nothing is scaled yet: the largest value is still {pictures.max():.0f}. "
         "Divide."),
        (images // 255, f"Seen: only 0 and 1, as {pictures.dtype}. What comes after the point was "
         "dropped. Two things do that: // and a conversion to whole numbers."),
        (pictures.dtype.kind != "f", f"Seen: {pictures.dtype}, which holds no fractions. Expected: "
         "float32."),
        (np.isin(pictures, [0, 1]).all(), "Seen: only 0 and 1. All grays between are gone. Were "
         "they rounded, or compared?"),
    ]  # fmt: skip
    recognize(pictures, mistakes)
    yield "fractions are kept"
    _need_scale(pictures, images / 255)
    yield f"each value is the pixel's own, from 0 to {pictures.max():.3g}"
    need(
        pictures.dtype == np.float32,
        f"The values are right. Seen: {pictures.dtype}, {pictures.itemsize} bytes per number. "
        "Expected: float32. Convert either the pixels or the result.",
    )
    yield "float32: four bytes per pixel"


def _need_scale(pictures: np.ndarray, goal: np.ndarray) -> None:
    """Raise ``MistakeError`` unless the values are those of `goal`, from 0 to 1."""
    precise = pictures.dtype.itemsize >= 4  # two bytes hold about three digits
    alike = functools.partial(np.allclose, rtol=0, atol=1e-5 if precise else 1e-3)
    if alike(pictures, goal):
        return
    mistakes = [
        (goal / 255, "Divided twice? The largest value should be 1."),
        (goal * 255 / 256, "256 values fit in a uint8. The largest of them should become 1."),
        (goal * 2 - 1, "Some networks use this scale, from -1 to 1. Here black is 0."),
        (1 - goal, "Black and white have changed places."),
        (goal * 255 * 255, "Was it multiplied? Small numbers come from a division."),
        (goal / goal.max(axis=(1, 2), keepdims=True), "Each picture was divided by its own largest "
         "value, so dark clothes turn bright. Divide all by the same number."),
    ]  # fmt: skip
    facts = (
        f"Seen: values from {pictures.min():.4g} to {pictures.max():.4g}. "
        f"Expected: from {goal.min():.3g} to {goal.max():.3g}."
    )
    otherwise = "Each should be the pixel's own value divided by the largest possible one."
    recognize(pictures, mistakes, facts=facts, otherwise=otherwise, alike=alike)
