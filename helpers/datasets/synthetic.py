"""Synthetic Fashion-MNIST and MNIST, drawn for machines with neither network nor data.

Garments are shapes whose cut, fabric, and place are random; nothing of the real set is in them.
Digits are the 1,797 handwritten ones of scikit-learn, enlarged and gently warped. Both sets have
the sizes and types of the real ones and are the same on every call.
"""

from collections.abc import Callable
from functools import partial, reduce
from itertools import pairwise

import numpy as np

_Part = tuple[np.ndarray, np.ndarray]  # pictures and their labels
_Artist = Callable[[np.random.Generator, int, int], np.ndarray]  # (rng, label, n) -> n pictures


def draw_fashion_mnist(train_count: int = 60_000, test_count: int = 10_000) -> tuple[_Part, _Part]:
    """Draw ten classes of garments, in the order of Fashion-MNIST's ids.

    Parameters
    ----------
    train_count, test_count : int
        Number of pictures; the ten classes share them equally.

    Returns
    -------
    (train_images, train_labels), (test_images, test_labels)
        Images uint8, (count, 28, 28), background 0; labels uint8, (count,). Classes are shuffled.
    """
    train = _draw_set(_draw_garments, train_count, first=9, seed=[2017, 0])
    return train, _draw_set(_draw_garments, test_count, first=9, seed=[2017, 1])


def draw_mnist(train_count: int = 60_000, test_count: int = 10_000) -> tuple[_Part, _Part]:
    """Draw digits from scikit-learn's 1,797 handwritten ones, each copy warped differently.

    No original is in both parts and, as far as the order of the file shows, no writer either
    (see `_split_originals`). Pictures held out of the training part have no such guarantee.
    Parameters and result are those of `draw_fashion_mnist`.

    Notes
    -----
    Source: E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine
    Learning Repository, 1998: its test part, by 13 writers, as in `sklearn.datasets.load_digits`.
    """
    originals, test_originals = _split_originals()
    train = _draw_set(_digit_artist(*originals), train_count, first=5, seed=[1998, 0])
    return train, _draw_set(_digit_artist(*test_originals), test_count, first=7, seed=[1998, 1])


def _draw_set(artist: _Artist, count: int, first: int, seed: list[int]) -> _Part:
    """Return `count` pictures, (count, 28, 28), and their labels, (count,), in shuffled order.

    The first picture has the class of the first one in the real set, of which the lessons speak.
    """
    rng, batch = np.random.default_rng(seed), 250  # arrays for 250 pictures fit a CPU's cache
    labels = rng.permutation(np.arange(count) % 10).astype(np.uint8)
    place = int(np.argmax(labels == first))
    labels[[0, place]] = labels[[place, 0]]
    images = np.zeros((count, 28, 28), np.uint8)
    for label in range(10):
        places = np.flatnonzero(labels == label)
        for start in range(0, len(places), batch):
            some = places[start : start + batch]
            images[some] = 255 * np.clip(artist(rng, label, len(some)), 0, 1)
    return images, labels


class Draws:
    """Random draws for `n` pictures."""

    def __init__(self, rng: np.random.Generator, n: int) -> None:
        self.rng, self.n = rng, n

    def number(self, low: float, high: float) -> np.ndarray:
        """Return a number between `low` and `high` for each picture, (n, 1, 1)."""
        return self.rng.uniform(low, high, (self.n, 1, 1)).astype(np.float32)

    def chance(self, probability: float) -> np.ndarray:
        """Return 1 with this probability, else 0, for each picture, (n, 1, 1)."""
        return (self.number(0, 1) < probability).astype(np.float32)

    def smooth_noise(self, knots: int) -> np.ndarray:
        """Return noise, (n, 28, 28), that is smooth between `knots` x `knots` places."""
        place = np.linspace(0, knots - 1, 28, dtype=np.float32)[:, None]
        weights = np.maximum(0, 1 - np.abs(place - np.arange(knots, dtype=np.float32)))
        return weights @ self.rng.standard_normal((self.n, knots, knots), np.float32) @ weights.T


class _PlacedDraws(Draws):
    """Random draws, and where the pixels of the pictures are: x (n, 1, 28), y (n, 28, 1).

    Both are 0 in the middle of the picture and grow by 1 per pixel; `jitter` moves and scales
    each picture.
    """

    def __init__(self, rng: np.random.Generator, n: int, jitter: float = 0) -> None:
        super().__init__(rng, n)
        place, size = np.arange(28, dtype=np.float32) - 13.5, self.number(-jitter, jitter) / 10 + 1
        self.x = (place[None, None, :] - self.number(-jitter, jitter)) * size
        self.y = (place[None, :, None] - self.number(-jitter, jitter)) * size


# Digits


def _split_originals() -> tuple[_Part, _Part]:
    """Return scikit-learn's digits, (count, 8, 8) from 0 to 1, for training and for testing.

    The file holds 14 blocks of about 130 pictures, each by one writer; all but two start with
    0 1 ... 9 three times. The eleventh starts at picture 1,287: the file is cut there.
    """
    from sklearn.datasets import load_digits

    digits, cut = load_digits(), 1287
    pictures, labels = (digits.images / 16).astype(np.float32), digits.target
    return (pictures[:cut], labels[:cut]), (pictures[cut:], labels[cut:])


def _digit_artist(pictures: np.ndarray, labels: np.ndarray) -> _Artist:
    """Return a function that draws warped copies of digits, given as (count, 8, 8).

    The originals are enlarged once. A copy reads the enlargement at 28 x 28 points, turned,
    slanted, scaled, and shaken, centered on the center of mass. An original pixel is 2.5 points
    wide, so that the digit fills the 20 x 20 box of MNIST; its gray is turned into sharp ink.
    """
    from scipy import ndimage

    zoom, border = 8, 4
    canvas = np.pad(pictures, ((0, 0), (border, border), (border, border)))
    weights = ndimage.zoom(np.eye(16, dtype=np.float32), (zoom, 1), mode="nearest", grid_mode=True)
    large = weights @ canvas @ weights.T
    share = pictures / pictures.sum((1, 2), keepdims=True)
    middle = (np.arange(8, dtype=np.float32) + border + 0.5) * zoom
    mass_x, mass_y = share.sum(1) @ middle, share.sum(2) @ middle

    def draw(rng: np.random.Generator, label: int, n: int) -> np.ndarray:
        draws = _PlacedDraws(rng, n)
        chosen = rng.choice(np.flatnonzero(labels == label), n)[:, None, None]
        x = draws.x - 0.5 + 0.9 * draws.smooth_noise(5)
        y = draws.y - 0.5 + 0.9 * draws.smooth_noise(5)
        turn, slant = draws.number(-0.2, 0.2), draws.number(-0.15, 0.45)
        column = mass_x[chosen] + zoom / 2.5 / draws.number(0.75, 1.05) * (x + (turn + slant) * y)
        row = mass_y[chosen] + zoom / 2.5 / draws.number(0.85, 1.05) * (y - turn * x)
        row, column = (np.clip(at, 0, len(weights) - 1).astype(int) for at in (row, column))
        ink = large[chosen, row, column] - draws.number(0.38, 0.62)
        return 0.5 + ink * draws.number(2.5, 4.5)

    return draw


# Garments: a shape times its fabric. Depths, widths, and distances are in pixels.


def _curve(at: np.ndarray, *knots: tuple) -> np.ndarray:
    """Return the broken line through knots (place, height), level beyond its ends."""
    height = knots[0][1]
    for (left, low), (right, high) in pairwise(knots):
        height = height + (high - low) * np.clip((at - left) / (right - left), 0, 1)
    return height


def _inside(*depths: np.ndarray) -> np.ndarray:
    """Return how much of each pixel, 0 to 1, is covered that lies this deep inside all edges."""
    return np.clip(reduce(np.minimum, depths) + 0.5, 0, 1)


def _line(distance: np.ndarray, width: np.ndarray | float) -> np.ndarray:
    """Return how much of each pixel, 0 to 1, is covered by a line at this distance."""
    return np.clip(width / 2 + 0.5 - np.abs(distance), 0, np.minimum(1, width))


def _darken(shape: np.ndarray, *marks: np.ndarray) -> np.ndarray:
    """Return the shape with marks on it; a mark of 1 is black, one below 0 is lighter."""
    return reduce(lambda marked, mark: marked * (1 - mark), marks, shape)


def _draw_garments(rng: np.random.Generator, label: int, n: int) -> np.ndarray:
    """Return `n` pictures of one class, (n, 28, 28), brightness 0 to 1."""
    draws = _PlacedDraws(rng, n, jitter=0.8)
    if label in _CUTS:
        return _draw_top(draws, *_CUTS[label]) * _draw_fabric(draws, patterned=0.5)
    draw: dict[int, Callable[[_PlacedDraws], np.ndarray]] = {
        1: _draw_trouser,
        5: _draw_sandal,
        7: partial(_draw_shoe, low=7, high=14, heel=0),  # sneaker
        8: _draw_bag,
        9: partial(_draw_shoe, low=14, high=27, heel=7),  # ankle boot
    }
    return draw[label](draws) * _draw_fabric(draws, patterned=0.15)


def _draw_fabric(draws: _PlacedDraws, patterned: float) -> np.ndarray:
    """Return brightness (n, 28, 28): plain, striped, checked, or printed, shaded and grainy."""
    wave, start = draws.number(1, 2.5), draws.number(0, 6)
    across = np.sin(draws.y * wave + start) * draws.chance(0.4 * patterned)
    along = np.sin(draws.x * wave + start) * draws.chance(0.25 * patterned)
    blots = np.sign(draws.smooth_noise(12) - 0.4) * draws.chance(0.25 * patterned)
    block = np.sign(draws.y - draws.number(-10, 4)) * draws.chance(0.3 * patterned)
    pattern = (across + along + blots + block) * draws.number(0.08, 0.4)
    shade = 0.08 * draws.smooth_noise(5) - draws.number(0, 0.015) * np.abs(draws.x)
    grain = draws.rng.standard_normal((draws.n, 28, 28), np.float32) * draws.number(0.01, 0.06)
    light = 0.95 - 0.7 * draws.number(0, 1) ** 2
    return np.maximum(light * (1 + pattern + shade + grain), 0.02)


_CUTS = {  # half the width (from, to), flare; chances of sleeves, neck, and fastening
    #   slim wide flare  long short scoop collar buttons opening
    0: (6.0, 8.5, 1.0, 0.08, 0.78, 0.50, 0.04, 0.03, 0.00),  # T-shirt/top
    2: (5.8, 7.8, 1.0, 0.96, 0.02, 0.20, 0.12, 0.03, 0.04),  # Pullover
    3: (3.6, 6.2, 4.5, 0.25, 0.30, 0.50, 0.08, 0.08, 0.00),  # Dress
    4: (5.2, 8.0, 2.0, 0.98, 0.02, 0.00, 0.60, 0.30, 0.85),  # Coat
    6: (5.5, 7.8, 1.0, 0.60, 0.30, 0.10, 0.75, 0.75, 0.05),  # Shirt
}


def _draw_top(draws: _PlacedDraws, slim, wide, flare, long, short, scoop, *fastening) -> np.ndarray:
    """Return body, sleeves, and neck of a garment for the upper body (see `_CUTS`)."""
    y, side = draws.y + 13.5, np.abs(draws.x + draws.number(-0.04, 0.04) * draws.y)
    width, kind = draws.number(slim, wide), draws.number(0, 1)
    neck, shoulder = width * draws.number(0.35, 0.55), width * np.where(kind < long + short, 1, 0.8)
    waist, hem = width * draws.number(0.78, 1), width + draws.number(-1, 1) + draws.number(0, flare)
    body = _curve(y, (0, neck), (0.4 * width, shoulder), (width, width), (15, waist), (27, hem))
    end = np.minimum(width * draws.number(3.2, 4.2), draws.number(23, 27.5))  # of a long sleeve
    end = np.where(kind < long, end, width * draws.number(0.9, 1.5) * (kind < long + short))
    gap = _curve(y, (width, 0), (26, draws.number(0.3, 3)))  # between body and sleeve
    arm = body + gap + _curve(y, (0, 0), (width, draws.number(2.5, 4)))
    sleeve = _inside(arm - side, end - y - 0.3 * (side - body))
    shape = np.maximum(_inside(body - side), sleeve * (1 - _line(side - body - gap / 2, gap)))
    shape = shape * _inside(draws.number(25.5, 27.5) - y)
    depth = draws.number(0.5, 2.5) + draws.number(1, 4) * draws.chance(scoop)
    hole = _inside(depth * (1 - (side / (neck - 1)) ** draws.number(1, 3)) - y)
    seam = _line(side - body, 1) * draws.number(0, 0.3)
    return _darken(shape, hole, seam, *_draw_fastening(draws, y - depth, side, neck, *fastening))


def _draw_fastening(
    draws: _PlacedDraws, y, side, neck, collar, buttons, opening
) -> list[np.ndarray]:
    """Return the marks of a collar, buttons, and an open or closed front; y is 0 at the neck."""
    fold = _line(side - neck * (1 - y / draws.number(2, 7)), 1.2) * draws.number(0.3, 0.7)
    knobs = _line(side - draws.number(-3, 2).clip(0), 1.1) * (np.cos(y * draws.number(1, 2)) > 0.4)
    knobs = knobs * _inside(y) * draws.number(0.3, 0.8)
    front = _line(side, draws.number(0.7, 1.2) + y.clip(0) * draws.number(-0.1, 0.1).clip(0))
    front = front * _inside(y) * draws.number(0.3, 1)
    fold, knobs = fold * draws.chance(collar), knobs * draws.chance(buttons)
    return [fold, knobs, front * draws.chance(opening)]


def _draw_trouser(draws: _PlacedDraws) -> np.ndarray:
    """Return two legs under a waistband."""
    y, side = draws.y + 13.5, np.abs(draws.x + draws.number(-0.06, 0.06) * draws.y)
    hip, hem = draws.number(4, 6.5), draws.number(-2, 2.5)
    leg = _curve(y, (0, hip * draws.number(0.75, 0.9)), (8, hip), (27, hip + hem))
    gap = _curve(y, (draws.number(6, 11), 0), (27, draws.number(0.5, 5)))
    belt = _line(y - draws.number(1.5, 2.5), 0.9) * draws.number(0, 0.5)
    return _darken(_inside(leg - side, draws.number(25, 27.5) - y), _line(side, gap), belt)


def _draw_shoe(draws: _PlacedDraws, low: float, high: float, heel: float) -> np.ndarray:
    """Return a shoe that points left, `low` to `high` pixels tall, with a heel up to `heel`."""
    x, tall = draws.x, draws.number(low, high)
    toe, ankle = draws.number(3.5, 6), draws.number(-1, 4)
    up, back, dip = tall / 2 - draws.y, draws.number(11, 13), tall - draws.number(0, 4)
    bend = np.minimum(tall, 0.4 * tall + 4)
    tip = (-13, toe / 2), (-12, 0.8 * toe), (-9, toe), (-5, toe + 1)
    top = _curve(x, *tip, (ankle, bend), (ankle + 2, tall), (ankle + 4, dip), (9, dip), (12, tall))
    arch = _curve(x, (-6, 0), (5, draws.number(-3, heel).clip(0)))
    post = _inside(x - back + draws.number(3, 6), up)
    shape = _inside(top - up, x + 13, back - x) * np.maximum(_inside(up - arch), post)
    sole = _line(up - arch, 2 * draws.number(1.2, 3)) * draws.number(-0.5, 0.3)
    welt = _line(up - arch - draws.number(1.2, 3), 1) * draws.number(0, 0.7)
    laces = (np.cos(2 * (x + up)) > 0) * _inside(2.5 - np.abs(x - ankle + 1), up - top + 3)
    slope = x + up * draws.number(-0.8, 0.8) - draws.number(-2, 6)
    stripes = (np.cos(slope * draws.number(1.2, 2)) > 0) * _inside(3.5 - np.abs(slope), up - 3)
    stripes = stripes * draws.chance(0.4) * draws.number(-0.5, 0.8)
    return _darken(shape, sole, welt, 0.5 * laces * draws.chance(0.6), stripes)


def _draw_sandal(draws: _PlacedDraws) -> np.ndarray:
    """Return straps with gaps over a thin sole, flat, wedged, or on a heel."""
    x, heel, ankle = draws.x, 13 * draws.number(0, 1) ** 2, draws.number(4, 12)
    up, low = (heel + ankle) / 2 - draws.y, _curve(x, (-6, 0), (7, heel))
    post = _inside(x - draws.number(8, 11), up)
    sole = _inside(low + draws.number(1.2, 3) - up, 12.8 - np.abs(x))
    sole = sole * np.maximum(_inside(up - low * draws.chance(0.7)), post)
    toe, instep = draws.number(3, 6), draws.number(1.5, 4)
    top = low + _curve(x, (-12, 1), (-9, toe), (-5, toe), (0, instep), (4, instep), (10, ankle))
    wave = np.cos((x + up * draws.number(-0.9, 0.9)) * draws.number(0.8, 1.3) + draws.number(0, 6))
    straps = np.maximum(_inside(3 * (wave - draws.number(-0.2, 0.4))), _line(top - up - 0.5, 1.2))
    straps = straps * _inside(top - up, up - low, 12 - np.abs(x))
    return np.maximum(sole, straps * draws.number(0.6, 1))


def _draw_bag(draws: _PlacedDraws) -> np.ndarray:
    """Return a bag with a handle, a flap, and a clasp."""
    y, side, top, bottom = draws.y, np.abs(draws.x), draws.number(-8, -1), draws.number(8, 12.5)
    upper, lower, corner = draws.number(7, 12), draws.number(8.5, 13), draws.number(0.5, 4)
    knots = (top, upper - corner), (top + corner, upper)
    width = _curve(y, *knots, (bottom - corner, lower), (bottom, lower - corner))
    flap = _line(y - top - draws.number(2, 9) + side**2 * draws.number(-0.02, 0.05), 1)
    clasp = _inside(1 - np.hypot(side, y - top - draws.number(3, 8))) * draws.number(-0.3, 0.6)
    shape = _darken(_inside(width - side, y - top, bottom - y), flap * draws.number(0, 0.6), clasp)
    reach, rise = draws.number(3, 9), (top + 13.5) * draws.number(0.5, 1)
    bend = draws.number(1, 2.5)
    arch = (side / reach) ** bend + (np.maximum(top - y, 0) / rise) ** bend
    handle = _line((arch ** (1 / bend) - 1) * np.minimum(reach, rise), draws.number(0.8, 2))
    return np.maximum(shape, handle * _inside(top - y) * draws.chance(0.85))
