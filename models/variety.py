"""Pictures of digits as people make them: other pens, sizes, slants, styles, papers and cameras.

MNIST was written on forms, by people of one country, and scanned by one machine. This file gives
its pictures the variety of others, and adds digits drawn from strokes of our own, printed ones,
and what is no digit, so that the network learns to be unsure.

A picture here is gray, uint8, 0 paper to 255 ink. A *trace* is the same with, instead of the ink,
the nearness to the middle of a stroke, so that a pen of any width can be drawn along it later.
"""

import functools
import string

import numpy as np
from scipy import ndimage

STEP = 20  # gray levels of a trace for one pixel of distance
LETTERS = "".join(
    sorted(set(string.ascii_letters) - set("BDGIJOQSTYZbgijloqstyz"))
)  # unlike digits

# Each style of each digit: its strokes through points, "xy" on a grid of 10 x 10 from top left.
# Corners are rounded; a point that is repeated stays sharp.
STYLES = {
    0: (["50 20 04 07 29 59 87 94 72 50"], ["60 30 12 06 38 69 95 82 50 41"],
        ["50 20 04 07 29 59 87 94 72 50", "81 18"], ["40 12 17 49 77 72 40"]),
    1: (["50 59"], ["33 50 50 50 59"], ["33 50 50 50 59", "29 89"], ["05 60 60 60 69"],
        ["14 50 50 50 59", "19 99"], ["50 59", "29 89"]),
    2: (["12 30 60 82 64 37 09 09 09 99"], ["12 30 60 82 64 38 19 17 38 69 98"],
        ["10 80 80 80 09 09 09 99"], ["12 30 60 72 54 28 19 18 38 69 99"]),
    3: (["11 40 71 82 64 44 44 64 87 69 39 08"], ["10 80 80 80 43 43 75 87 59 19"],
        ["11 50 82 44 44 44 87 69 39 08"]),
    4: (["60 60 06 06 06 96", "60 69"], ["20 15 15 15 85", "70 69"], ["10 05 05 05 95", "53 59"],
        ["40 06 06 06 96", "63 69"], ["10 14 26 56 85", "80 79"]),
    5: (["80 20 20 20 14 14 54 86 78 49 09"], ["20 14 14 54 86 78 49 09", "20 90"],
        ["81 40 12 24 64 87 59 18"], ["90 10 10 10 15 15 53 86 69 19"]),
    6: (["70 32 15 18 49 79 87 65 35 17"], ["60 16 19 59 88 66 45 17"],
        ["50 14 17 39 69 87 65 35 17"], ["83 60 30 14 17 49 79 86 55 26 17"]),
    7: (["00 90 90 90 39"], ["00 90 90 90 39", "25 85"], ["02 00 00 00 90 90 90 49"],
        ["01 30 60 90 90 55 49"], ["02 00 00 00 90 90 90 49", "35 85"]),
    8: (["82 50 20 13 35 65 88 59 28 16 45 74 82"], ["40 11 23 44 74 82 61 40",
        "44 16 18 49 79 87 65 44"], ["80 40 11 23 65 87 69 29 08 25 63 81"]),
    9: (["82 50 20 13 25 55 83 82 82 82 79"], ["82 50 20 13 25 55 83 81 86 59 28"],
        ["80 40 13 35 65 80 80 80 79"], ["72 40 12 14 36 55 73 72 72 67 29"]),
}  # fmt: skip


def vary(rng: np.random.Generator, pictures: np.ndarray, traced: np.ndarray) -> np.ndarray:
    """Give each picture the looks of another hand, pen, paper and camera.

    Parameters
    ----------
    rng
        Where the lots come from.
    pictures
        Pictures or traces, uint8 (n, 28, 28), each in a box of about 20 pixels in the middle.
    traced
        Which ones are traces, bool (n,).

    Returns
    -------
    np.ndarray
        uint8 (n, 28, 28, 1).
    """
    lots = _Lots(rng, len(pictures))
    warped = _warp(lots, pictures)
    ink = np.where(traced[:, None, None], _draw(lots, warped), _swell(lots, warped / 255))
    for spoil in (_wear, _blur, _fade, _harden, _soil):
        ink = spoil(lots, ink)
    return np.uint8(255 * np.clip(ink, 0, 1))[..., None]


class _Lots:
    """Lots for `n` pictures. Each has its own strength: some stay nearly as they are."""

    def __init__(self, rng: np.random.Generator, n: int) -> None:
        self.rng, self.n = rng, n
        self.strength = self.between(0, 1)

    def between(self, low: float, high: float) -> np.ndarray:
        """Return a number for each picture, (n, 1, 1)."""
        return self.rng.uniform(low, high, (self.n, 1, 1)).astype(np.float32)

    def about(self, spread: float) -> np.ndarray:
        """Return a number around 0 for each picture, (n, 1, 1), as strong as the picture's lot."""
        return self.between(-spread, spread) * self.strength

    def chance(self, probability: float) -> np.ndarray:
        """Return True with this probability for each picture, (n, 1, 1)."""
        return self.between(0, 1) < probability

    def cloud(self, knots: int) -> np.ndarray:
        """Return noise, (n, 28, 28), that is smooth between `knots` x `knots` places."""
        place = np.linspace(0, knots - 1, 28, dtype=np.float32)[:, None]
        weights = np.maximum(0, 1 - np.abs(place - np.arange(knots, dtype=np.float32)))
        return weights @ self.rng.standard_normal((self.n, knots, knots), np.float32) @ weights.T


def _warp(lots: _Lots, pictures: np.ndarray) -> np.ndarray:
    """Turn, slant, stretch, shake and move; sometimes a side is cut off, as by a photo's edge."""
    y, x = np.mgrid[:28, :28].astype(np.float32) - 13.5
    x, y = x - lots.about(3), y - lots.about(3)
    turn, slant = lots.about(np.radians(20)), lots.about(0.3)
    x, y = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    size = np.exp(lots.about(0.28) - 0.05 * lots.strength)
    x, y = (x + slant * y) / size / np.exp(lots.about(0.2)), y / size / np.exp(lots.about(0.1))
    shake = 0.9 * lots.strength
    x, y = x + shake * lots.cloud(5), y + shake * lots.cloud(5)
    which = np.broadcast_to(np.arange(lots.n)[:, None, None], x.shape)
    warped = ndimage.map_coordinates(
        pictures, [which, y + 13.5, x + 13.5], np.float32, order=1, prefilter=False
    )
    left = np.where(lots.chance(0.05), lots.between(7, 10), 20)
    side = lots.rng.integers(4, size=(lots.n, 1, 1))
    return warped * (np.choose(side, [x, -x, y, -y]) < left)


def _draw(lots: _Lots, trace: np.ndarray) -> np.ndarray:
    """Draw along a trace with a pen between a hair (1 pixel) and a marker (6 pixels)."""
    radius = np.exp(lots.between(np.log(0.5), np.log(3)))
    pressure = 1 + 0.25 * lots.strength * lots.cloud(6)
    return np.clip((radius * pressure - (255 - trace) / STEP) * lots.between(0.6, 1.5) + 0.5, 0, 1)


def _swell(lots: _Lots, ink: np.ndarray) -> np.ndarray:
    """Let ink run, or dry up, by up to one pixel."""
    amount, kind = lots.between(0, 1), lots.between(0, 1)
    wide = ndimage.maximum_filter(ink, (1, 3, 3)) - ink
    thin = ndimage.minimum_filter(ink, (1, 2, 2)) - ink
    return ink + amount * np.where(kind < 0.25, wide, np.where(kind > 0.8, thin, 0))


def _wear(lots: _Lots, ink: np.ndarray) -> np.ndarray:
    """Leave gaps, as pencils and dry markers do on rough paper, and thresholds after them."""
    gaps = np.clip(lots.cloud(14) - lots.between(0.6, 2), 0, 1)
    return ink * (1 - np.where(lots.chance(0.2), gaps, 0))


def _blur(lots: _Lots, ink: np.ndarray) -> np.ndarray:
    """Blur as an unsharp photo, or one made smaller, by up to two pixels."""
    soft = ndimage.uniform_filter(ndimage.uniform_filter(ink, (1, 3, 3)), (1, 3, 3))
    return ink + np.where(lots.chance(0.3), lots.between(0, 1), 0) * (soft - ink)


def _fade(lots: _Lots, ink: np.ndarray) -> np.ndarray:
    """Change contrast and brightness: pencil is pale, a camera's gray is not a scanner's."""
    bent = np.maximum(ink, 0) ** np.exp(lots.about(0.7))
    return bent * np.where(lots.chance(0.3), lots.between(0.4, 1), 1)


def _harden(lots: _Lots, ink: np.ndarray) -> np.ndarray:
    """Make edges hard, as a threshold or a drawing program without gray does."""
    level = lots.between(0.25, 0.6) * ink.max(axis=(1, 2), keepdims=True)
    return np.where(lots.chance(0.2), ink > level, ink)


def _soil(lots: _Lots, ink: np.ndarray) -> np.ndarray:
    """Add what preparation may leave: specks, a bit of a ruled line, a grain."""
    shape = ink.shape
    specks = lots.rng.random(shape, np.float32) < np.where(lots.chance(0.08), 0.004, 0)
    y, x = np.mgrid[:28, :28]
    place, start = lots.rng.integers(28, size=(2, lots.n, 1, 1))
    across = np.where(lots.chance(0.5), (y == place) & (x > start), (x == place) & (y > start))
    line = np.where(lots.chance(0.08), lots.between(0.1, 0.7), 0) * across
    grain = np.where(lots.chance(0.15), 0.08, 0) * lots.rng.standard_normal(shape, np.float32)
    return np.maximum(ink, np.maximum(specks * lots.between(0.3, 1), line)) + grain


def trace(pictures: np.ndarray) -> np.ndarray:
    """Find the middle lines of gray pictures, uint8 (n, 28, 28), and return their traces."""
    from skimage.morphology import skeletonize

    traces = np.empty_like(pictures)
    for place, picture in enumerate(pictures.astype(np.float32)):
        fine = ndimage.zoom(picture, 3, order=1, grid_mode=True, mode="grid-constant")
        middle = skeletonize(fine > fine.max() / 2)
        distance = ndimage.distance_transform_edt(~middle).reshape(28, 3, 28, 3).mean(axis=(1, 3))
        traces[place] = 255 - np.minimum(STEP / 3 * distance, 255)
    return traces


def write(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Write digits with strokes of our own, about `count`, each with an unsteady hand.

    Returns
    -------
    traces, labels
        uint8 (n, 28, 28) and (n,).
    """
    styles = [(label, strokes) for label, group in STYLES.items() for strokes in group]
    share = -(-count // len(STYLES))
    traces, labels = [], []
    for label, strokes in styles:
        n = share // len(STYLES[label])
        points = [np.array([[int(x), int(y)] for x, y in s.split()], float) for s in strokes]
        traces.append(_trace_strokes(rng, points, n))
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
    """Return `n` traces, uint8, of strokes through points whose places vary by `spread`."""
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
    return np.uint8(255 - np.minimum(STEP * np.min(distance, axis=0), 255))


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
    from pathlib import Path

    import matplotlib

    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    wanted = ("DejaVuS", "STIXGeneral", "cmr10", "cmss10", "cmtt10")
    files = [file for file in sorted(folder.glob("*.ttf")) if file.name.startswith(wanted)]
    return tuple(str(file) for file in files if "Display" not in file.name)  # these hold no digits


def print_text(text: str) -> np.ndarray:
    """Print each character in each font of Matplotlib: uint8 (characters * fonts, 28, 28)."""
    from PIL import Image, ImageDraw, ImageFont

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
