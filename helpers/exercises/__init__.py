"""The exercises' checks, one for each exercise, by lesson; ``checking`` runs them."""

from helpers.exercises.checking import EXERCISES, NotPassedError, exercise, show_progress
from helpers.exercises.lesson_1 import check_one_class, check_scaled, check_split
from helpers.exercises.lesson_2 import check_losses, check_network, check_parameters, check_repaired
from helpers.exercises.lesson_3 import (
    check_convolution,
    check_shapes_and_parameters,
    check_small_cnn,
)
from helpers.exercises.lesson_4 import check_best_epoch, check_refusal, check_twin
from helpers.exercises.lesson_5 import check_batch, check_confused, check_names

__all__ = [
    "EXERCISES",
    "NotPassedError",
    "check_batch",
    "check_best_epoch",
    "check_confused",
    "check_convolution",
    "check_losses",
    "check_names",
    "check_network",
    "check_one_class",
    "check_parameters",
    "check_refusal",
    "check_repaired",
    "check_scaled",
    "check_shapes_and_parameters",
    "check_small_cnn",
    "check_split",
    "check_twin",
    "exercise",
    "show_progress",
]
