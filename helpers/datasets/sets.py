"""The data sets of the course. Each one is a single entry: its names, addresses, and digests.

A new set needs one more entry here and one more loader in ``helpers.datasets``. This file needs
the standard library only, and a syntax that Python 3.9 can read (see ``helpers.environment``).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from helpers._shared import CourseError

# The four files of a set, and what Keras calls the same array in an .npz file.
# Labels come first, so that a missing network is noticed on a small file.
KEYS = {
    "train-labels-idx1-ubyte": "y_train",
    "t10k-labels-idx1-ubyte": "y_test",
    "train-images-idx3-ubyte": "x_train",
    "t10k-images-idx3-ubyte": "x_test",
}


class DataError(CourseError, RuntimeError):
    """The data cannot be had as asked for. The message says what was seen and what to do."""


class File(NamedTuple):
    """One of the four files of a set, in the IDX format: a header, then one byte per value."""

    name: str
    key: str
    shape: tuple[int, ...]
    sha256: str

    @property
    def header(self) -> bytes:
        """The first bytes of the file: a magic number, and one number per dimension."""
        sizes = b"".join(number.to_bytes(4, "big") for number in self.shape)
        return (0x0800 + len(self.shape)).to_bytes(4, "big") + sizes

    @property
    def size(self) -> int:
        """The number of bytes, decompressed."""
        return len(self.header) + math.prod(self.shape)


@dataclass(frozen=True)
class Dataset:
    """All that the course knows about one set."""

    name: str
    folders: tuple[str, ...]  # the names that its folder may have; the first is used for writing
    mirrors: tuple[str, ...]  # addresses to download from, in this order
    sha256: tuple[str, ...]  # of the four files, in the order of KEYS
    classes: tuple[str, ...]  # the name of each label
    megabytes: float  # to download
    license: str
    reference: str
    sha256_of_gz: bool = False  # of the compressed files as published, not of their content
    draw: str = ""  # the function of `synthetic` that draws a replacement, where there is one
    in_lessons: bool = True  # fetched in advance, and looked for by the machine check
    shapes: tuple[tuple[int, ...], ...] = ((60_000,), (10_000,), (60_000, 28, 28), (10_000, 28, 28))

    @property
    def files(self) -> tuple[File, ...]:
        """The four files."""
        return tuple(map(File, KEYS, KEYS.values(), self.shapes, self.sha256))


FASHION_MNIST = Dataset(
    name="Fashion-MNIST",
    folders=("fashion_mnist", "fashion-mnist"),
    mirrors=(
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
        "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
    ),
    sha256=(
        "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
        "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    ),
    classes=(
        *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
        *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
    ),
    megabytes=30.88,
    license="MIT",
    reference="Xiao, Rasul, Vollgraf: Fashion-MNIST, 2017, arXiv 1708.07747",
    draw="draw_fashion_mnist",
)

MNIST = Dataset(
    name="MNIST",
    folders=("mnist",),
    mirrors=(
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ),
    sha256=(
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    ),
    classes=tuple("0123456789"),
    megabytes=11.59,
    license="CC BY-SA 3.0",
    reference="LeCun, Bottou, Bengio, Haffner: Gradient-based learning applied to document "
    "recognition, 1998",
    draw="draw_mnist",
)

# The digests are those of TensorFlow Datasets 4.9.10 (url_checksums/kmnist.txt). The TorchVision
# of Ruby has the same ones; the one of Python publishes only MD5.
KMNIST = Dataset(
    name="Kuzushiji-MNIST",
    folders=("kmnist", "KMNIST"),
    mirrors=("http://codh.rois.ac.jp/kmnist/dataset/kmnist/",),
    sha256=(
        "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17",
        "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c",
        "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4",
        "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5",
    ),
    sha256_of_gz=True,
    classes=("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"),
    megabytes=21.24,
    license="CC BY-SA 4.0",
    reference='"KMNIST Dataset", created by ROIS-DS Center for Open Data in the Humanities, '
    'adapted from "Kuzushiji Dataset", doi:10.20676/00000341',
    in_lessons=False,
)

SETS = (FASHION_MNIST, MNIST, KMNIST)
