"""The checks of what figures are given: each returns an array, or says what was expected."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def as_pictures(images: ArrayLike, rank: int = 3) -> np.ndarray:
    """Check that these are pictures, or one if ``rank`` is 2; drop a channel axis of length 1."""
    if isinstance(images, tuple):
        raise ValueError("got a tuple: unpack it, as in train_images, train_labels = train")
    images = np.asarray(images)
    if images.ndim == rank + 1 and images.shape[-1] == 1:
        images = images[..., 0]
    if images.ndim != rank or not images.size or images.dtype.kind not in "uifb":
        expected, advice = "pictures of shape (n, 28, 28)", "for one picture, use show_image"
        if rank == 2:
            expected = "one picture of shape (28, 28)"
            advice = "pass one, as in train_images[0]; for several, use show_grid"
        raise ValueError(f"expected {expected}, got {images.dtype} {images.shape}: {advice}")
    return images


def as_ids(labels: ArrayLike, count: int, name: str = "labels", length: int = 0) -> np.ndarray:
    """Check that these are ids of ``count`` classes, ``length`` of them if that is not 0."""
    labels = np.asarray(labels)
    if labels.ndim != 1 or labels.dtype.kind not in "iu" or not labels.size:
        advice = "pass labels such as train_labels; one-hot or probabilities after .argmax(axis=1)"
        seen = f"{labels.dtype} {labels.shape}: {advice}"
        raise ValueError(f"expected {name} as whole numbers, shape (n,), got {seen}")
    if labels.min() < 0 or labels.max() >= count:
        seen = f"values from {labels.min()} to {labels.max()}"
        advice = "pass labels and class names of the same data set"
        raise ValueError(f"expected {name} from 0 to {count - 1}, got {seen}: {advice}")
    if length and length != len(labels):
        seen = f"expected {length} {name}, one per picture, got {len(labels)}"
        raise ValueError(f"{seen}: pass labels and answers for the same pictures")
    return labels


def as_numbers(values: ArrayLike, rank: int, expected: str, advice: str) -> np.ndarray:
    """Check that this is one array of finite numbers with ``rank`` axes."""
    values = np.asarray(values)
    if values.ndim != rank or not values.size or values.dtype.kind not in "fiu":
        raise ValueError(f"expected {expected}, got {values.dtype} {values.shape}: {advice}")
    if not np.isfinite(values).all():
        advice = "training broke down; check that pictures are scaled, lower the learning rate"
        raise ValueError(f"expected {expected}, got NaN or infinity: {advice}")
    return values


def as_probabilities(values: ArrayLike, rank: int) -> np.ndarray:
    """Check that these are probabilities: one row if ``rank`` is 1, one per picture if it is 2."""
    expected, advice = "probabilities of shape (n, classes)", "pass model.predict(images) whole"
    if rank == 1:
        expected, advice = "probabilities of shape (classes,)", "pass one row, as in [0]"
    values = as_numbers(values, rank, expected, advice)
    low, high, sums = values.min(), values.max(), values.sum(axis=-1)
    if low < 0 or high > 1 or np.abs(sums - 1).max() > 0.01:
        seen = f"{low:.3g} to {high:.3g} with sums from {sums.min():.3g} to {sums.max():.3g}"
        advice = "if these are logits, pass keras.ops.softmax(logits)"
        raise ValueError(f"expected probabilities that add up to 1, got {seen}: {advice}")
    return values
