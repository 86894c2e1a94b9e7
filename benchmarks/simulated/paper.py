"""Draw paper, lamps, and what a camera does to both: float arrays, (rows, columns, 3), 0 to 255."""

from __future__ import annotations

import io

import numpy as np
from numpy.random import Generator
from PIL import Image
from scipy import ndimage

PENS = ((25, 30, 45), (20, 35, 130), (30, 30, 30), (150, 25, 35))  # black, blue, gray, red
SHEET = (236, 234, 226)


def photo_shape(rng: Generator) -> tuple[int, int]:
    """Return the rows and columns of a photo, upright, square, or lying."""
    size = int(rng.choice([480, 700, 1000, 1280]))
    return (size, int(size * rng.choice([0.75, 1, 1.33])))


def color(rng: Generator, low: float, high: float, spread: float = 8) -> np.ndarray:
    """Return a color, (3,), about as light as a number between ``low`` and ``high``."""
    return np.clip(rng.uniform(low, high) + rng.normal(0, spread, 3), 0, 255)


def mix(background, ink: np.ndarray, tone) -> np.ndarray:
    """Lay ink, 0 to 1, of the color ``tone`` onto a color or a page: float (rows, columns, 3)."""
    return np.asarray(background, float) * (1 - ink[..., None]) + np.multiply(tone, ink[..., None])


def texture(shape, rng: Generator, grain: float, sigma: float = 1.2) -> np.ndarray:
    """Return rough paper as numbers to add, (rows, columns, 1), with deviation ``grain``."""
    noise = ndimage.gaussian_filter(rng.normal(size=shape), sigma)
    return (grain * noise / noise.std())[..., None]


def coordinates(shape) -> np.ndarray:
    """Return y and x of each pixel, from -1 to 1."""
    return np.mgrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j]


def light(shape, rng: Generator, depth: float) -> np.ndarray:
    """Return the light of a lamp on one side: factors, (rows, columns, 1), 1 to 1 - depth."""
    (y, x), a = coordinates(shape), rng.uniform(0, 2 * np.pi)
    fall = (x * np.cos(a) + y * np.sin(a)) / 2.8 + 0.5 + 0.15 * (x**2 + y**2) / 2
    return (1 - depth * np.clip(fall, 0, 1.2) / 1.2)[..., None]


def shadow(shape, rng: Generator, depth: float, softness: float) -> np.ndarray:
    """Return the shadow of a hand or phone: factors, (rows, columns, 1), 1 to 1 - depth."""
    y, x = coordinates(shape)
    a, offset = rng.uniform(0, 2 * np.pi), rng.uniform(-0.4, 0.4)
    edge = x * np.cos(a) + y * np.sin(a) - offset + 0.1 * np.sin(3 * x + 2 * y)
    return (1 - depth / (1 + np.exp(-edge / softness)))[..., None]


def lines(
    shape, rng: Generator, step: float, turn: float = 2, both: bool = True, width: float = 1.5
) -> np.ndarray:
    """Rule lines every ``step`` pixels, or a grid: ink, 0 to 1, turned by ``turn`` degrees."""
    rows, columns = np.indices(shape, dtype=np.float32)
    a = np.radians(rng.uniform(-turn, turn))
    y, x = rows * np.cos(a) + columns * np.sin(a), columns * np.cos(a) - rows * np.sin(a)
    ink = np.zeros(shape, np.float32)
    for along in (y, x) if both else (y,):
        distance = np.abs((along + rng.uniform(0, step)) % step - step / 2)
        ink = np.maximum(ink, np.clip(width / 2 + 0.5 - distance, 0, 1))
    return ink


def camera(
    picture, rng: Generator, blur: float = 0.8, noise: float = 3, quality: int = 80
) -> Image.Image:
    """Blur the picture, add the noise of a sensor, and save it as JPEG."""
    picture = ndimage.gaussian_filter(np.asarray(picture, np.float32), (blur, blur, 0))
    picture = picture + rng.normal(0, noise, picture.shape)
    return jpeg(Image.fromarray(np.uint8(np.clip(picture, 0, 255))), quality)


def jpeg(image: Image.Image, quality: int) -> Image.Image:
    """Save the image as JPEG, and open it again."""
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return Image.open(file)


def flat(picture: np.ndarray) -> Image.Image:
    """Return the picture as a program would save it, without a camera."""
    return Image.fromarray(np.uint8(np.clip(picture, 0, 255) + 0.5))
