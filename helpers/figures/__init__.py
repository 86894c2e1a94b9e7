"""The course's figures: each function draws one and returns its ``Figure``.

- ``pictures``  pictures in gray: one, many in a grid, or one with its pixel values
- ``counts``    how many pictures each class has, and how often each pixel value occurs
- ``curves``    how a metric changes from epoch to epoch
- ``answers``   how good a model's answers are: confusion matrix, probabilities, reliability
- ``networks``  the inside of a model: filters, feature maps, and the layers with their shapes
- ``inputs``    the checks of what these functions are given
- ``files``     saving a figure
"""
# ruff: noqa: F401 - these names are imported for the lessons: figures.show_grid(...)

from helpers._shared import BLUE, GRAY, GREEN, ORANGE
from helpers.figures.answers import plot_confusion_matrix, plot_probabilities, plot_reliability
from helpers.figures.counts import plot_class_counts, plot_pixel_histogram
from helpers.figures.curves import plot_learning_curves
from helpers.figures.files import save_figure
from helpers.figures.networks import draw_model, show_feature_maps, show_filters
from helpers.figures.pictures import show_grid, show_image, show_pixels
