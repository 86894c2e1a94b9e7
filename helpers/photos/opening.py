"""Open a picture, whatever holds it: a file, bytes, an array, an upload; or say what is wrong."""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from helpers._shared import CourseError
from helpers.photos.steps import Color

WORK_SIZE = 1000  # pixels of the longer side; larger pictures are reduced when they are opened
LARGEST = 100_000_000  # pixels that may be decoded: 300 MB of memory in color
SMALLEST = 8  # pixels of the shorter side: with fewer, no stroke of a digit has a shape
_HEIC = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1")  # ISO 23008-12


class PhotoError(CourseError, ValueError):
    """What was given cannot be read as a picture."""


def open_picture(source: Any) -> Color:
    """Open a picture, turn it upright, and return its colors.

    Parameters
    ----------
    source
        A path, bytes, a file opened with "rb", a PIL image, an array (height, width) or (height,
        width, 1, 3 or 4) of numbers 0-255, 0-1 or bool, or what ``FileUpload`` of ipywidgets holds.

    Returns
    -------
    np.ndarray
        uint8 (height, width, 3), at most ``WORK_SIZE`` high and wide; gray has three equal values.
        A fourth is opacity, where some pixels are transparent.

    Raises
    ------
    PhotoError
        If this is no picture, is damaged, too large or too small.
    """
    source = _unwrapped(source)
    if isinstance(source, Image.Image):
        return _colors(source)
    if hasattr(source, "__array__") and not isinstance(source, memoryview):
        return _colors(_image_of(np.asarray(source)))
    if isinstance(source, (str, os.PathLike)):
        name, raw = repr(os.path.basename(source) or str(source)), _file_content(source)
    elif hasattr(source, "read"):
        name, raw = "the file", _stream_content(source)
    elif isinstance(source, (bytes, bytearray, memoryview)):
        name, raw = "the picture", bytes(source)
    else:
        raise PhotoError(
            f"expected a picture, got {type(source).__name__}: pass a path such as 'three.jpg', "
            "its bytes, a PIL image or one array of pixels"
        )
    return _decode(raw, name)


def _unwrapped(source: Any) -> Any:
    """Take the one content out of what ``FileUpload`` holds, in ipywidgets 7 or 8."""
    if type(source).__name__ == "FileUpload":
        source = source.value
    if isinstance(source, Mapping) and "content" not in source:
        source = tuple(source.values())  # ipywidgets 7: name -> file
    if isinstance(source, (tuple, list)):
        if not source:
            raise PhotoError("no picture yet: upload one, then run this cell again")
        if not all(isinstance(each, Mapping) and "content" in each for each in source):
            seen = f"a {type(source).__name__} of {len(source)} {type(source[0]).__name__}"
            raise PhotoError(f"expected one picture, got {seen}: pass one, as in pictures[0]")
        if len(source) > 1:
            raise PhotoError(f"expected one picture, got {len(source)} uploads: upload only one")
        source = source[0]
    return source["content"] if isinstance(source, Mapping) else source


def _file_content(path: str | os.PathLike) -> bytes:
    """Read a file; say in words why it cannot be read."""
    path = Path(path).expanduser()
    try:
        if path.is_dir():
            raise PhotoError(f"{str(path)!r} is a folder: write the name of one picture in it")
        return path.read_bytes()
    except FileNotFoundError:
        seen, advice = f"there is no file {str(path)!r}", f"in the folder {Path.cwd().name!r}"
        raise PhotoError(f"{seen} {advice}: check its name, its ending and its folder") from None
    except (OSError, ValueError) as fault:  # not allowed, name too long, a zero byte in it
        reason = getattr(fault, "strerror", None) or fault
        raise PhotoError(f"{str(path)!r} cannot be read ({reason}): copy it elsewhere") from None


def _stream_content(file: Any) -> bytes:
    """Read a file object from its beginning."""
    try:
        if getattr(file, "seekable", bool)():
            file.seek(0)
        raw = file.read()
    except (OSError, ValueError) as fault:  # closed, or opened for writing
        advice = "open it with open(path, 'rb')"
        raise PhotoError(f"the file cannot be read ({fault}): {advice}") from None
    if not isinstance(raw, bytes):
        raise PhotoError("the file was opened as text: open it with open(path, 'rb')")
    return raw


def _decode(raw: bytes, name: str) -> Color:
    """Decode the bytes of a picture file; say in words what else they are."""
    if not raw:
        raise PhotoError(f"{name} is empty (0 bytes): save, copy or download the picture again")
    if raw[4:8] == b"ftyp" and raw[8:12] in _HEIC:
        advice = "open it on the phone or computer that made it and export it as JPEG or PNG"
        raise PhotoError(f"{name} is a HEIC picture, which cannot be read here: {advice}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(raw))
        image.draft("RGB", (WORK_SIZE, WORK_SIZE))  # JPEG alone: decodes at a half, 1/4 or 1/8
        return _colors(image)
    except Image.DecompressionBombError:
        raise PhotoError(_too_large(name)) from None
    except UnidentifiedImageError:
        advice = "expected PNG, JPEG, GIF, BMP, TIFF or WebP; the ending of a name is not enough"
        raise PhotoError(f"{name} is no picture, it begins with {raw[:16]!r}: {advice}") from None


def _too_large(name: str, pixels: str = "more than 100 million pixels") -> str:
    return f"{name} has {pixels}: reduce it to 4000 x 4000 or less, or cut the digit out"


def _colors(image: Image.Image) -> Color:
    """Return the colors of an image, upright and reduced."""
    width, height = image.size
    if width * height > LARGEST:
        raise PhotoError(_too_large("the picture", f"{width} x {height} pixels"))
    if min(width, height) < SMALLEST:
        seen = f"the picture has {width} x {height} pixels"
        raise PhotoError(f"{seen}, expected at least {SMALLEST} x {SMALLEST}: take a larger one")
    try:
        image.load()
        if image.mode.startswith(("I", "F")):  # 16 or 32 bits, which convert() would clip
            turned = ImageOps.exif_transpose(image)
            return _colors(_image_of(np.asarray(turned).astype(np.float64), deep=True))
        if factor := -(-max(width, height) // WORK_SIZE) - 1:
            mode = "RGBA" if image.has_transparency_data else "RGB"
            image = _with_exif(image.convert(mode).reduce(factor + 1), image)
        image = ImageOps.exif_transpose(image)
        if image.has_transparency_data:
            colors = np.asarray(image.convert("RGBA"))
            return colors if colors[..., 3].min() < 255 else colors[..., :3]
        return np.asarray(image.convert("RGB"))
    except PhotoError:
        raise
    except (OSError, SyntaxError, ValueError, EOFError) as fault:  # each decoder has its own
        advice = "copy or download it again, or open it in a paint program and save it as PNG"
        raise PhotoError(f"the picture is damaged or cut short ({fault}): {advice}") from None


def _with_exif(image: Image.Image, original: Image.Image) -> Image.Image:
    """Hand the note on which side is up to a reduced copy."""
    image.getexif().update(original.getexif())
    return image


def _image_of(array: np.ndarray, deep: bool = False) -> Image.Image:
    """Make a PIL image of an array of pixels, or say what is wrong with it.

    Values up to 1 are taken as 0-1, others as 0-255; whole numbers above that, or ``deep`` ones, as
    0-65535.
    """
    seen = f"{array.dtype} {array.shape}"
    while array.ndim > 2 and (array.shape[0] == 1 or array.shape[-1] == 1):
        array = array[0] if array.shape[0] == 1 else array[..., 0]
    if array.dtype.kind not in "buif" or not array.size:
        raise PhotoError(f"expected an array of pixels, got {seen}: pass numbers, as in images[0]")
    if array.ndim == 3 and array.shape[0] in (3, 4) and array.shape[2] not in (3, 4):
        advice = "put them last with np.moveaxis(picture, 0, -1)"
        raise PhotoError(f"expected colors in the last axis, got {seen}: {advice}")
    if array.ndim != 2 and not (array.ndim == 3 and array.shape[2] in (3, 4)):
        advice = "pass one picture of a batch, as in images[0]"
        raise PhotoError(f"expected (height, width) or (height, width, 3), got {seen}: {advice}")
    low, high = float(array.min()), float(array.max())
    if not np.isfinite([low, high]).all():
        raise PhotoError(f"the array {seen} holds NaN or infinity: expected 0-1 or 0-255")
    whole = deep or array.dtype.kind in "ui"
    if low < 0 or high > (65535 if whole else 255):
        advice = "expected 0-1 or 0-255; undo the scaling"
        raise PhotoError(f"the array {seen} goes from {low:.4g} to {high:.4g}: {advice}")
    scale = 255 if high <= 1 else 1 / 257 if high > 255 else 1
    if array.dtype != np.uint8 or scale != 1:
        array = (array * scale + 0.5).astype(np.uint8)
    return Image.fromarray(array)
