"""Augment pictures of digits: other pens, sizes, slants, styles, papers, and cameras.

MNIST was written on forms, by people of one country, and scanned by one machine. The network for
digits also learns from changed copies of its pictures, from digits drawn along the training
glyphs, from printed ones, and from what is no digit, so that it learns to be unsure.

A picture here is gray, uint8, 0 paper to 255 ink. A *trace* holds, instead of the ink, how close
each pixel is to the middle of a stroke, so that a pen of any width can be drawn along it later.
"""

import functools
import string
from pathlib import Path

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage
from skimage.morphology import skeletonize

from benchmarks.simulated.glyphs import TRAINING, read
from helpers.datasets import synthetic

STEP = 20  # gray levels of a trace for one pixel of distance
LIKE_DIGITS = "BDGIJOQSTYZbgijloqstyz"
LETTERS = "".join(sorted(set(string.ascii_letters) - set(LIKE_DIGITS)))


def augment(rng: np.random.Generator, pictures: np.ndarray, traced: np.ndarray) -> np.ndarray:
    """Change each picture as another hand, pen, paper, and camera would.

    Parameters
    ----------
    rng
        The source of all random numbers.
    pictures
        Pictures or traces, uint8 (n, 28, 28), each in a box of about 20 pixels in the middle.
    traced
        Which ones are traces, bool (n,).

    Returns
    -------
    np.ndarray
        uint8 (n, 28, 28, 1).
    """
    draws = Draws(rng, len(pictures))
    warped = _warp(draws, pictures)
    ink = np.where(traced[:, None, None], _ink(draws, warped), _thicken(draws, warped / 255))
    for change in (_erase_gaps, _blur, _fade, _harden, _add_specks):
        ink = change(draws, ink)
    return (255 * np.clip(ink, 0, 1)).astype(np.uint8)[..., None]


class Draws(synthetic.Draws):
    """Random draws for `n` pictures. Each has its own strength: some stay nearly as they are."""

    def __init__(self, rng: np.random.Generator, n: int) -> None:
        super().__init__(rng, n)
        self.strength = self.number(0, 1)

    def jitter(self, spread: float) -> np.ndarray:
        """Return a number around 0 for each picture, (n, 1, 1), larger for stronger changes."""
        return self.number(-spread, spread) * self.strength


def _warp(draws: Draws, pictures: np.ndarray) -> np.ndarray:
    """Turn, slant, stretch, shake, and move; sometimes cut off a side, as a photo's edge does."""
    y, x = np.mgrid[:28, :28].astype(np.float32) - 13.5
    x, y = x - draws.jitter(3), y - draws.jitter(3)
    turn, slant = draws.jitter(np.radians(20)), draws.jitter(0.3)
    x, y = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    size = np.exp(draws.jitter(0.28) - 0.05 * draws.strength)
    x = (x + slant * y) / size / np.exp(draws.jitter(0.2))
    y = y / size / np.exp(draws.jitter(0.1))
    shake = 0.9 * draws.strength
    x, y = x + shake * draws.smooth_noise(5), y + shake * draws.smooth_noise(5)
    which = np.broadcast_to(np.arange(draws.n)[:, None, None], x.shape)
    warped = ndimage.map_coordinates(
        pictures, [which, y + 13.5, x + 13.5], np.float32, order=1, prefilter=False
    )
    kept = np.where(draws.chance(0.05), draws.number(7, 10), 20)
    side = draws.rng.integers(4, size=(draws.n, 1, 1))
    return warped * (np.choose(side, [x, -x, y, -y]) < kept)


def _ink(draws: Draws, trace: np.ndarray) -> np.ndarray:
    """Draw along a trace with a pen between a hair (1 pixel) and a marker (6 pixels)."""
    radius = np.exp(draws.number(np.log(0.5), np.log(3)))
    pressure = 1 + 0.25 * draws.strength * draws.smooth_noise(6)
    distance = (255 - trace) / STEP
    return np.clip((radius * pressure - distance) * draws.number(0.6, 1.5) + 0.5, 0, 1)


def _thicken(draws: Draws, ink: np.ndarray) -> np.ndarray:
    """Let ink run, or dry up, by up to one pixel."""
    amount, way = draws.number(0, 1), draws.number(0, 1)
    wide = ndimage.maximum_filter(ink, (1, 3, 3)) - ink
    thin = ndimage.minimum_filter(ink, (1, 2, 2)) - ink
    return ink + amount * np.where(way < 0.25, wide, np.where(way > 0.8, thin, 0))


def _erase_gaps(draws: Draws, ink: np.ndarray) -> np.ndarray:
    """Leave gaps, as pencils and dry markers do on rough paper, and thresholds after them."""
    gaps = np.clip(draws.smooth_noise(14) - draws.number(0.6, 2), 0, 1)
    return ink * (1 - np.where(draws.chance(0.2), gaps, 0))


def _blur(draws: Draws, ink: np.ndarray) -> np.ndarray:
    """Blur by up to two pixels, as an unsharp photo, or one that was made smaller."""
    soft = ndimage.uniform_filter(ndimage.uniform_filter(ink, (1, 3, 3)), (1, 3, 3))
    return ink + np.where(draws.chance(0.3), draws.number(0, 1), 0) * (soft - ink)


def _fade(draws: Draws, ink: np.ndarray) -> np.ndarray:
    """Change contrast and brightness: pencil is pale, a camera's gray is not a scanner's."""
    bent = np.maximum(ink, 0) ** np.exp(draws.jitter(0.7))
    return bent * np.where(draws.chance(0.3), draws.number(0.4, 1), 1)


def _harden(draws: Draws, ink: np.ndarray) -> np.ndarray:
    """Make edges hard, as a threshold or a drawing program without gray does."""
    level = draws.number(0.25, 0.6) * ink.max(axis=(1, 2), keepdims=True)
    return np.where(draws.chance(0.2), ink > level, ink)


def _add_specks(draws: Draws, ink: np.ndarray) -> np.ndarray:
    """Add what preparation may leave: specks, a bit of a ruled line, a grain."""
    shape = ink.shape
    specks = draws.rng.random(shape, np.float32) < np.where(draws.chance(0.08), 0.004, 0)
    y, x = np.mgrid[:28, :28]
    place, start = draws.rng.integers(28, size=(2, draws.n, 1, 1))
    across = np.where(draws.chance(0.5), (y == place) & (x > start), (x == place) & (y > start))
    line = np.where(draws.chance(0.08), draws.number(0.1, 0.7), 0) * across
    grain = np.where(draws.chance(0.15), 0.08, 0) * draws.rng.standard_normal(shape, np.float32)
    return np.maximum(ink, np.maximum(specks * draws.number(0.3, 1), line)) + grain


def trace(pictures: np.ndarray) -> np.ndarray:
    """Find the middle lines of gray pictures, uint8 (n, 28, 28), and return their traces."""
    traces = np.empty_like(pictures)
    for place, picture in enumerate(pictures.astype(np.float32)):
        fine = ndimage.zoom(picture, 3, order=1, grid_mode=True, mode="grid-constant")
        middle = skeletonize(fine > fine.max() / 2)
        distance = ndimage.distance_transform_edt(~middle).reshape(28, 3, 28, 3).mean(axis=(1, 3))
        traces[place] = 255 - np.minimum(STEP / 3 * distance, 255)
    return traces


def write(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Write about `count` digits along the training glyphs, each with an unsteady hand.

    Returns
    -------
    traces, labels
        uint8 (n, 28, 28) and (n,).
    """
    traces, labels = [], []
    for label, glyphs in TRAINING.items():
        n = -(-count // len(TRAINING)) // len(glyphs)
        for glyph in glyphs:
            traces.append(_trace_strokes(rng, [points for points, _ in read(glyph)], n))
            labels.append(np.full(n, label, np.uint8))
    return np.concatenate(traces), np.concatenate(labels)


def scribble(rng: np.random.Generator, count: int) -> np.ndarray:
    """Scribble what is no digit: three or four strokes through four to six points each."""
    groups = []
    for _ in range(20):
        sizes = rng.integers(4, 7, rng.integers(3, 5))
        points = [rng.uniform(0, 9, (size, 2)) for size in sizes]
        groups.append(_trace_strokes(rng, points, count // 20, spread=2))
    return np.concatenate(groups)


def _trace_strokes(rng, strokes: list[np.ndarray], n: int, spread: float = 0.45) -> np.ndarray:
    """Return `n` traces, uint8, of strokes through points that are moved by about `spread`."""
    lines = []
    for points in strokes:
        path = points + rng.normal(0, spread, (n, *points.shape))
        same = np.all(points[1:] == points[:-1], axis=1)
        for place in np.flatnonzero(same) + 1:  # a repeated point moves with its twin
            path[:, place] = path[:, place - 1]
        lines.append(_round_corners(path))
    everything = np.concatenate(lines, axis=1)
    low, high = everything.min(axis=1, keepdims=True), everything.max(axis=1, keepdims=True)
    middle, size = (low + high) / 2, np.maximum((high - low).max(axis=2, keepdims=True), 1)
    distance = [_distance((line - middle) * 18 / size + 13.5) for line in lines]
    return (255 - np.minimum(STEP * np.min(distance, axis=0), 255)).astype(np.uint8)


def _round_corners(path: np.ndarray, times: int = 2) -> np.ndarray:
    """Cut the corners of paths, (n, points, 2), twice (Chaikin 1974); the ends stay."""
    for _ in range(times):
        start, end = path[:, :-1], path[:, 1:]
        cut = np.stack([0.75 * start + 0.25 * end, 0.25 * start + 0.75 * end], axis=2)
        cut = cut.reshape(len(path), -1, 2)
        path = np.concatenate([path[:, :1], cut, path[:, -1:]], axis=1)
    return path


def _distance(path: np.ndarray) -> np.ndarray:
    """Return the distance of each pixel, (n, 28, 28), to the nearest piece of its path."""
    pixels = np.stack(np.meshgrid(np.arange(28), np.arange(28)), axis=-1).astype(np.float32)
    nearest = np.full((len(path), 28, 28), 99, np.float32)
    path = path.astype(np.float32)[:, :, None, None]
    for place in range(path.shape[1] - 1):
        start, way = path[:, place], path[:, place + 1] - path[:, place]
        from_start = pixels - start
        along = (from_start * way).sum(-1) / np.maximum((way * way).sum(-1), 1e-6)
        gap = from_start - np.clip(along, 0, 1)[..., None] * way
        nearest = np.minimum(nearest, np.hypot(gap[..., 0], gap[..., 1]))
    return nearest


@functools.cache
def fonts() -> tuple[str, ...]:
    """Return the files of the text fonts that come with Matplotlib."""
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    wanted = ("DejaVuS", "STIXGeneral", "cmr10", "cmss10", "cmtt10")
    files = [file for file in sorted(folder.glob("*.ttf")) if file.name.startswith(wanted)]
    return tuple(str(file) for file in files if "Display" not in file.name)  # these hold no digits


def print_text(text: str) -> np.ndarray:
    """Print each character in each font of Matplotlib: uint8 (characters * fonts, 28, 28)."""
    pictures = []
    for character in text:
        for file in fonts():
            page = Image.new("L", (160, 160))
            ImageDraw.Draw(page).text((40, 20), character, 255, ImageFont.truetype(file, 90))
            glyph = page.crop(page.getbbox())
            glyph.thumbnail((20, 20), Image.Resampling.BOX)
            picture = Image.new("L", (28, 28))
            picture.paste(glyph, ((28 - glyph.width) // 2, (28 - glyph.height) // 2))
            pictures.append(np.asarray(picture))
    return np.stack(pictures)
