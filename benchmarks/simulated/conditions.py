"""Pictures as people send them: digits with a known label, put on paper or a canvas.

Each condition is a function that draws one such picture and is listed in ``CONDITIONS``. Half of
the digits are drawn from the judging glyphs, in forms that MNIST hardly has; half are handwritten
ones of a test set. The same number gives the same picture.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageDraw
from scipy import ndimage
from scipy.interpolate import CubicSpline
from skimage.morphology import skeletonize

from benchmarks.simulated.glyphs import JUDGING, read
from benchmarks.simulated.paper import (
    PENS,
    SHEET,
    camera,
    color,
    coordinates,
    flat,
    jpeg,
    light,
    lines,
    mix,
    photo_shape,
    shadow,
    texture,
)

Picture = Image.Image | np.ndarray


def pictures(
    condition: str,
    numbers: Iterable[int],
    images: np.ndarray | None = None,
    labels: np.ndarray | None = None,
) -> Iterator[tuple[Picture, int]]:
    """Yield the pictures of a condition with these numbers, each with its label, the last digit.

    With ``images`` and ``labels``, those whose number has an odd tens digit are handwritten.
    """
    for number in numbers:
        rng = np.random.default_rng([zlib.crc32(condition.encode()), number])
        label, image = number % 10, None
        if images is not None and number // 10 % 2:
            image = images[rng.choice(np.flatnonzero(labels == label))]
        yield CONDITIONS[condition](Digit(label, rng, image), rng), label


class Digit:
    """One digit to be put into pictures: from a judging glyph, or a handwritten ``image``."""

    def __init__(self, label: int, rng: Generator, image: np.ndarray | None = None) -> None:
        self.label, self.rng, self.image = label, rng, image

    def write(self, page, shape, share: float, pen: float, tone=None, **how) -> np.ndarray:
        """Draw the digit onto a page or color, in the color ``tone`` or that of any pen."""
        ink = self.ink(shape, share, pen, **how)
        return mix(page, ink, any_pen(self.rng) if tone is None else tone)

    def ink(self, shape, share=0.5, pen=0.06, turn=6.0, place=None, hard=False) -> np.ndarray:
        """Draw the digit: ink, 0 to 1, of this shape.

        It is ``share`` of the shorter side high; ``pen`` is the width of its strokes in parts of
        its height; it is turned by up to ``turn`` degrees. ``place`` is the row and column of its
        middle, anywhere if None. ``hard`` edges have no gray.
        """
        height, width = shape
        size = share * min(height, width)
        if place is None:
            place = self.rng.uniform(0.5 * size, np.subtract(shape, 0.5 * size))
        middle = np.array(place, float)[::-1]
        if self.image is not None:
            return self._handwritten(self.image, shape, size, pen, turn, middle, hard)
        factor = 1 if hard or max(shape) > 1600 else 3
        canvas = Image.new("L", (width * factor, height * factor))
        draw = ImageDraw.Draw(canvas)
        thick = max(1, round(pen * size * factor))
        for line in _strokes(self.label, self.rng, turn):
            points = [tuple(p) for p in ((line - 0.5) * size + middle) * factor]
            draw.line(points, fill=255, width=thick, joint="curve")
            for x, y in points if thick > 2 else ():
                r = thick / 2
                draw.ellipse((x - r, y - r, x + r, y + r), fill=255)
        if factor > 1:
            canvas = canvas.resize((width, height), Image.Resampling.BOX)
        return np.asarray(canvas, np.float32) / 255

    def _handwritten(self, image, shape, size, pen, turn, middle, hard) -> np.ndarray:
        """Enlarge a test picture; bring its stroke close to the pen, which keeps its character."""
        large = Image.fromarray(image).resize((224, 224), Image.Resampling.BICUBIC)
        mask = np.asarray(large.rotate(self.rng.uniform(-turn, turn))) > 110
        inner = ndimage.distance_transform_edt(mask)
        distance = ndimage.distance_transform_edt(~mask) - inner
        own = 2 * np.percentile(inner[mask], 90)
        wanted = np.clip(pen * 160, own * 0.45, own * 1.6)
        middle_line = ndimage.distance_transform_edt(~skeletonize(mask))
        # A thin part is thinned, never broken.
        distance = np.minimum(distance - (wanted - own) / 2, middle_line - wanted / 3)
        zoom = size / 160  # the digit fills 20 of 28 pixels: 160 of 224
        edge = 0.5 / max(zoom, 0.05)
        soft = np.float32(distance <= 0) if hard else np.clip(0.5 - distance / (2 * edge), 0, 1)
        if zoom < 0.8:
            soft = ndimage.gaussian_filter(soft, 0.4 / zoom)
        rows, columns = np.indices(shape, dtype=np.float32)
        where = [(rows - middle[1]) / zoom + 111.5, (columns - middle[0]) / zoom + 111.5]
        return np.clip(ndimage.map_coordinates(soft, where, order=0 if hard else 1), 0, 1)


def _strokes(label: int, rng: Generator, turn: float) -> list[np.ndarray]:
    """Write a judging glyph as any hand might: strokes, (n, 2), in a box of about 1 x 1."""
    glyph = JUDGING[label][rng.integers(len(JUDGING[label]))]
    aspect, slant = rng.uniform(0.5, 0.8), rng.normal(0, 0.1)
    angle = np.radians(rng.uniform(-turn, turn))
    matrix = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    strokes = []
    for points, curved in read(glyph):
        points = points / 100 + rng.normal(0, 0.02, points.shape)
        x, y = ((_curve(points) if curved else points) - 0.5).T
        strokes.append(np.stack([aspect * x - slant * y, y]).T @ matrix.T + 0.5)
    return strokes


def _curve(points: np.ndarray) -> np.ndarray:
    """Lay cubic splines through the points, (n, 2), and return even steps along them."""
    steps = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    return CubicSpline(steps, points)(np.linspace(0, steps[-1], 12 * len(points)))


def any_pen(rng: Generator) -> tuple[int, int, int]:
    """Return the color of one of the pens."""
    return PENS[rng.integers(len(PENS))]


# --- conditions: the next ones are photos of paper -------------------------------------------


def phone_photo(digit: Digit, rng: Generator) -> Picture:
    """Draw a digit in pen on plain paper."""
    shape = photo_shape(rng)
    page = color(rng, 190, 240)
    page = digit.write(page, shape, rng.uniform(0.25, 0.6), rng.uniform(0.03, 0.08))
    return camera(page * light(shape, rng, 0.3), rng, 1.2)


def ruled_notebook(digit: Digit, rng: Generator) -> Picture:
    """Draw a digit on lines, with or without a red margin."""
    shape = photo_shape(rng)
    page = color(rng, 215, 245)
    ink = lines(shape, rng, shape[0] / rng.uniform(8, 22), both=False, width=shape[0] / 400)
    page = mix(page, ink * 0.8, (120, 150, 210))
    if rng.random() < 0.5:
        margin = np.zeros(shape, np.float32)
        x = int(shape[1] * rng.uniform(0.03, 0.15))
        margin[:, x : x + 1 + shape[1] // 300] = 0.8
        page = mix(page, margin, (215, 90, 100))
    page = digit.write(page, shape, rng.uniform(0.15, 0.5), rng.uniform(0.03, 0.08))
    return camera(page * light(shape, rng, 0.25), rng, 1)


def grid_paper(digit: Digit, rng: Generator) -> Picture:
    """Draw a digit on a blue grid."""
    shape = photo_shape(rng)
    page = color(rng, 215, 245)
    ink = lines(shape, rng, shape[0] / rng.uniform(8, 25), width=shape[0] / 400)
    page = mix(page, ink * rng.uniform(0.5, 0.9), (130, 160, 205))
    page = digit.write(page, shape, rng.uniform(0.15, 0.5), rng.uniform(0.04, 0.08))
    return camera(page * light(shape, rng, 0.25), rng, 1)


def pencil_on_grid(digit: Digit, rng: Generator) -> Picture:
    """Draw a digit in pencil on a grid that may be turned."""
    shape = photo_shape(rng)
    page = color(rng, 220, 245)
    grid = lines(shape, rng, shape[0] / rng.uniform(6, 14), 4, width=shape[0] / 450)
    page = mix(page, grid * rng.uniform(0.5, 1), (130, 150, 190))
    ink = digit.ink(shape, rng.uniform(0.3, 0.6), rng.uniform(0.025, 0.05))
    page = mix(page, ink * rng.uniform(0.6, 0.9), (80, 80, 85))
    return camera(page * light(shape, rng, 0.2), rng, 0.8)


def dark_grid(digit: Digit, rng: Generator) -> Picture:
    """Draw a digit on a printed grid as dark as the pen."""
    shape = photo_shape(rng)
    step, width = shape[0] / rng.uniform(5, 12), shape[0] / rng.uniform(110, 300)
    grid = lines(shape, rng, step, width=width)
    page = mix(color(rng, 220, 245), grid, color(rng, 50, 110))
    share, pen = rng.uniform(0.3, 0.6), rng.uniform(0.05, 0.09)
    page = digit.write(page, shape, share, pen, (50, 50, 60))
    return camera(page * light(shape, rng, 0.2), rng, 0.8)


def faint_pencil(digit: Digit, rng: Generator) -> Picture:
    """Draw a digit in a pencil that is hardly pressed, on rough paper."""
    shape = photo_shape(rng)
    ink = digit.ink(shape, rng.uniform(0.3, 0.6), rng.uniform(0.02, 0.04))
    worn = np.clip(0.75 + texture(shape, rng, 0.2)[..., 0], 0.3, 1)
    page = mix(SHEET, ink * worn * rng.uniform(0.25, 0.5), (80, 80, 85))
    return camera((page + texture(shape, rng, 2)) * light(shape, rng, 0.25), rng, 0.8, 2)


def hard_shadow(digit: Digit, rng: Generator) -> Picture:
    """Draw a digit in the shadow of a hand or phone."""
    shape = photo_shape(rng)
    page = digit.write(SHEET, shape, rng.uniform(0.25, 0.6), rng.uniform(0.03, 0.07))
    page = page * shadow(shape, rng, rng.uniform(0.3, 0.6), rng.uniform(0.02, 0.2))
    return camera(page, rng, 1)


def strong_gradient(digit: Digit, rng: Generator) -> Picture:
    """Draw a digit on a sheet that is dark on one side."""
    shape = photo_shape(rng)
    page = digit.write(SHEET, shape, rng.uniform(0.25, 0.7), rng.uniform(0.03, 0.09))
    return camera(page * light(shape, rng, 0.75), rng, 1)


def rough_paper(digit: Digit, rng: Generator) -> Picture:
    """Draw a digit on coarse, tinted paper."""
    shape = photo_shape(rng)
    page = color(rng, 150, 220, 15) + texture(shape, rng, 8, rng.uniform(1, 4))
    share, pen = rng.uniform(0.3, 0.6), rng.uniform(0.04, 0.09)
    page = digit.write(page, shape, share, pen, (40, 40, 50))
    return camera(page * light(shape, rng, 0.2), rng, 0.8)


def colored(digit: Digit, rng: Generator) -> Picture:
    """Draw a digit in one color on another, sometimes with little contrast in gray."""
    shape = photo_shape(rng)
    pairs = [
        ((225, 60, 60), (90, 150, 90)),
        ((250, 225, 90), (40, 90, 200)),
        ((40, 110, 60), (235, 235, 120)),
        ((240, 170, 190), (150, 40, 120)),
        ((150, 190, 240), (190, 60, 50)),
        ((120, 120, 220), (235, 150, 60)),
        ((250, 240, 120), (60, 160, 70)),
        ((30, 60, 120), (250, 250, 250)),
    ]
    sheet, tone = pairs[rng.integers(len(pairs))]
    page = digit.write(sheet, shape, rng.uniform(0.3, 0.7), rng.uniform(0.04, 0.1), tone)
    return camera(page * light(shape, rng, 0.15), rng) if rng.random() < 0.5 else flat(page)


def one_pixel_line(digit: Digit, rng: Generator) -> Picture:
    """Draw a digit with the thinnest pen of a drawing program."""
    size = int(rng.choice([200, 300, 500, 800]))
    share = rng.uniform(0.3, 0.9)
    if digit.image is None:
        ink = digit.ink((size, size), share, 0.5 / size, hard=True)
    else:
        ink = skeletonize(digit.ink((size, size), share, 0.06, hard=True) > 0.5).astype(float)
    return flat(mix((255, 255, 255), ink, (0, 0, 0)))


def marker(digit: Digit, rng: Generator) -> Picture:
    """Draw a large digit with a thick pen."""
    shape = photo_shape(rng)
    page = digit.write(SHEET, shape, rng.uniform(0.4, 0.8), rng.uniform(0.12, 0.2))
    return camera(page * light(shape, rng, 0.2), rng)


# --- the next ones come from a program -------------------------------------------------------


def paint_program(digit: Digit, rng: Generator) -> Picture:
    """Draw a digit with the mouse, with hard edges."""
    shape = (int(rng.integers(100, 700)), int(rng.integers(100, 900)))
    ink = digit.ink(shape, rng.uniform(0.3, 0.9), rng.uniform(0.015, 0.1), hard=True)
    tone = rng.choice([(0, 0, 0), (0, 0, 0), (237, 28, 36), (63, 72, 204)])
    return flat(mix((255, 255, 255), ink, tone))


def web_canvas(digit: Digit, rng: Generator) -> Picture:
    """Draw a digit in white on black, as on a web page for trying out a network."""
    size = int(rng.choice([200, 280, 400]))
    share, pen = rng.uniform(0.4, 0.9), rng.uniform(0.04, 0.15)
    return flat(digit.write((0, 0, 0), (size, size), share, pen, (255, 255, 255)))


def dark_mode(digit: Digit, rng: Generator) -> Picture:
    """Draw a digit in a light color on a dark screen."""
    shape = photo_shape(rng)
    screen = color(rng, 0, 60, 5)
    tone = rng.choice(
        [(255, 255, 255), (240, 220, 60), (90, 200, 250), (250, 120, 110), (150, 150, 150)]
    )
    page = digit.write(screen, shape, rng.uniform(0.2, 0.7), rng.uniform(0.02, 0.08), tone)
    return jpeg(flat(page), 85) if rng.random() < 0.5 else flat(page)


def transparent(digit: Digit, rng: Generator) -> Picture:
    """Draw a digit whose background is transparent, whatever color hides behind it."""
    size = int(rng.integers(80, 600))
    ink = digit.ink((size, size), rng.uniform(0.4, 0.9), rng.uniform(0.03, 0.1))
    tone = rng.choice([(0, 0, 0), (255, 255, 255), (20, 60, 200), (250, 220, 40)])
    pixels = np.zeros((size, size, 4), np.uint8)
    pixels[..., :3] = tone if rng.random() < 0.5 else np.where(ink[..., None] > 0, tone, 0)
    pixels[..., 3] = np.uint8(255 * ink)
    return Image.fromarray(pixels)


def tiny(digit: Digit, rng: Generator) -> Picture:
    """Draw an icon of 20 to 47 pixels, dark on light or light on dark."""
    size = int(rng.integers(20, 48))
    ink = digit.ink((size * 8, size * 8), rng.uniform(0.6, 0.9), rng.uniform(0.07, 0.14))
    page = flat(mix([rng.uniform(200, 255)] * 3, ink, (20, 20, 20)))
    page = page.resize((size, size), Image.Resampling.BOX)
    return page if rng.random() < 0.6 else Image.fromarray(255 - np.asarray(page))


def scan_28(digit: Digit, rng: Generator) -> Picture:
    """Draw a photo that someone reduced to 28 x 28 already: dark on light, anywhere, any pen."""
    ink = digit.ink((280, 280), rng.uniform(0.45, 0.95), rng.uniform(0.04, 0.14))
    page = mix(color(rng, 170, 255, 0), ink * rng.uniform(0.6, 1), (20, 20, 20))
    page = page * light((280, 280), rng, rng.uniform(0, 0.3))
    method = rng.choice([Image.Resampling.BOX, Image.Resampling.BILINEAR])
    small = np.asarray(flat(page).resize((28, 28), method).convert("L"))
    noise = rng.normal(0, rng.choice([0, 3]), (28, 28))
    return np.clip(small + noise, 0, 255).astype(np.uint8)


def inverted_28(digit: Digit, rng: Generator) -> Picture:
    """Draw 28 x 28 pixels that the digit fills, not centered, light on dark or dark on light."""
    ink = digit.ink((280, 280), rng.uniform(0.7, 1), rng.uniform(0.06, 0.12))
    small = np.asarray(flat(ink * 255).resize((28, 28), Image.Resampling.BOX))
    return small if rng.random() < 0.5 else 255 - small


# --- the rest: an unlucky place, surface, light, or file ------------------------------------


def small_in_sheet(digit: Digit, rng: Generator) -> Picture:
    """Draw a digit that takes up a tenth of a sheet."""
    shape = (int(rng.integers(900, 2200)), int(rng.integers(900, 2200)))
    page = digit.write(SHEET, shape, rng.uniform(0.05, 0.12), rng.uniform(0.05, 0.09))
    return camera(page * light(shape, rng, 0.25), rng, 1, 2)


def touching_edge(digit: Digit, rng: Generator) -> Picture:
    """Draw a digit that reaches one side of the frame, or is cut by a hair."""
    shape, share = photo_shape(rng), rng.uniform(0.5, 0.95)
    half = 0.5 * share * min(shape)
    place = [rng.uniform(half, n - half) for n in shape]
    place[0] = half if rng.random() < 0.5 else shape[0] - half
    page = digit.write(SHEET, shape, share, rng.uniform(0.04, 0.1), place=place)
    return camera(page * light(shape, rng, 0.15), rng)


def tight_crop(digit: Digit, rng: Generator) -> Picture:
    """Draw a digit that was cut out close to its strokes."""
    ink = digit.ink((600, 600), 0.8, rng.uniform(0.04, 0.12), place=(300, 300))
    rows, columns = np.where(ink.max(1) > 0.5)[0], np.where(ink.max(0) > 0.5)[0]
    m = int(rng.integers(0, 30))
    ink = ink[max(0, rows[0] - m) : rows[-1] + 1 + m, max(0, columns[0] - m) : columns[-1] + 1 + m]
    return flat(mix(color(rng, 200, 255), ink, any_pen(rng)))


def turned(digit: Digit, rng: Generator) -> Picture:
    """Draw a digit that is turned by up to 15 degrees."""
    shape = photo_shape(rng)
    page = digit.write(SHEET, shape, rng.uniform(0.3, 0.7), rng.uniform(0.03, 0.09), turn=15)
    return camera(page * light(shape, rng, 0.2), rng)


def blurred(digit: Digit, rng: Generator) -> Picture:
    """Draw a digit out of focus."""
    shape, share = photo_shape(rng), rng.uniform(0.3, 0.6)
    page = digit.write(SHEET, shape, share, rng.uniform(0.04, 0.09)) * light(shape, rng, 0.2)
    return camera(page, rng, share * min(shape) * rng.uniform(0.01, 0.03))


def strong_jpeg(digit: Digit, rng: Generator) -> Picture:
    """Draw a small picture that was saved with the blocks of a low JPEG quality."""
    size = int(rng.integers(80, 400))
    page = color(rng, 200, 255)
    page = digit.write(page, (size, size), rng.uniform(0.4, 0.8), rng.uniform(0.05, 0.1))
    return camera(page, rng, 0.5, 2, int(rng.integers(5, 18)))


def whiteboard(digit: Digit, rng: Generator) -> Picture:
    """Draw a digit in dry marker on a whiteboard that a lamp is mirrored in."""
    shape = photo_shape(rng)
    y, x = np.indices(shape) / max(shape)
    spot = np.exp(-((x - rng.uniform(0, 1)) ** 2 + (y - rng.uniform(0, 1)) ** 2) / 0.01)
    ink = digit.ink(shape, rng.uniform(0.3, 0.6), rng.uniform(0.04, 0.08))
    ink = ink * np.clip(0.85 + texture(shape, rng, 0.15, 3)[..., 0], 0.4, 1)
    board = color(rng, 165, 205)
    page = mix(board, ink, rng.choice([(30, 30, 30), (30, 60, 160), (180, 30, 40), (20, 120, 60)]))
    return camera(page * light(shape, rng, 0.35) + 60 * spot[..., None], rng)


def blackboard(digit: Digit, rng: Generator) -> Picture:
    """Draw a digit in chalk on a board that was wiped."""
    shape = photo_shape(rng)
    ink = digit.ink(shape, rng.uniform(0.3, 0.7), rng.uniform(0.05, 0.1))
    ink = ink * np.clip(0.75 + texture(shape, rng, 0.3, 1.5)[..., 0], 0.1, 1)
    board = rng.choice([(40, 70, 55), (45, 45, 48)]) + texture(shape, rng, 6, 12)
    return camera(mix(board, ink, (225, 225, 220)) * light(shape, rng, 0.3), rng)


def scan_border(digit: Digit, rng: Generator) -> Picture:
    """Draw a scan with black along one or two sides."""
    shape = photo_shape(rng)
    share, pen = rng.uniform(0.25, 0.55), rng.uniform(0.03, 0.07)
    page = digit.write((245, 245, 245), shape, share, pen, place=np.multiply(shape, 0.5))
    for side in rng.choice(4, rng.integers(1, 3), replace=False):
        page = np.rot90(page, side)
        page[: int(len(page) * rng.uniform(0.01, 0.07))] = rng.uniform(0, 60)
        page = np.rot90(page, -side)
    return jpeg(flat(page), 75)


def table_edge(digit: Digit, rng: Generator) -> Picture:
    """Draw a sheet on a table of wood or a dark desk, seen at one corner."""
    shape = photo_shape(rng)
    share, pen = rng.uniform(0.25, 0.45), rng.uniform(0.04, 0.08)
    page = digit.write(SHEET, shape, share, pen, place=np.multiply(shape, 0.5))
    table = rng.choice([(120, 80, 50), (50, 45, 45), (160, 120, 85)]) + texture(shape, rng, 7, 3)
    (y, x), outside = coordinates(shape), np.zeros(shape, bool)
    for _ in range(rng.integers(1, 3)):
        a = rng.integers(4) * np.pi / 2 + rng.normal(0, 0.08)
        outside |= x * np.cos(a) + y * np.sin(a) - rng.uniform(0.72, 0.92) > 0
    page = np.where(outside[..., None], table, page)
    return camera(page * light(shape, rng, 0.25), rng, 1)


def sheet_on_table(digit: Digit, rng: Generator) -> Picture:
    """Draw a small piece of paper, the table all around."""
    shape = photo_shape(rng)
    share, pen = rng.uniform(0.2, 0.35), rng.uniform(0.04, 0.09)
    page = digit.write(SHEET, shape, share, pen, place=np.multiply(shape, 0.5))
    table = rng.choice([(120, 80, 50), (50, 45, 45), (90, 95, 100)]) + texture(shape, rng, 6, 3)
    (y, x), a = coordinates(shape), rng.normal(0, 0.12)
    u, v = x * np.cos(a) + y * np.sin(a), y * np.cos(a) - x * np.sin(a)
    outside = (np.abs(u) > rng.uniform(0.55, 0.8)) | (np.abs(v) > rng.uniform(0.55, 0.8))
    page = np.where(outside[..., None], table, page)
    return camera(page * light(shape, rng, 0.2), rng, 1)


def thumb(digit: Digit, rng: Generator) -> Picture:
    """Draw a digit with a finger in the frame."""
    shape = photo_shape(rng)
    share, pen = rng.uniform(0.3, 0.5), rng.uniform(0.04, 0.08)
    page = digit.write(SHEET, shape, share, pen, place=np.multiply(shape, 0.5))
    (y, x), left, top = coordinates(shape), rng.choice([-1.05, 1.05]), rng.uniform(0.4, 1)
    finger = np.clip((1 - ((x - left) / 0.3) ** 2 - ((y - top) / 0.18) ** 2) * 8, 0, 1)
    return camera(mix(page, finger, (205, 150, 120)) * light(shape, rng, 0.2), rng)


def broken_strokes(digit: Digit, rng: Generator) -> Picture:
    """Draw a digit with gaps in its strokes, as of a dry pen or a bad scan."""
    size = int(rng.integers(200, 600))
    ink = digit.ink((size, size), rng.uniform(0.5, 0.8), rng.uniform(0.05, 0.09))
    y, x = np.indices((size, size))
    for _ in range(3):
        a, place = rng.uniform(0, np.pi), rng.uniform(0.3, 0.7, 2) * size
        gap = np.abs((x - place[0]) * np.cos(a) + (y - place[1]) * np.sin(a)) < size * 0.008
        ink = ink * ~gap
    return flat(mix(color(rng, 225, 255), ink, any_pen(rng)))


def pixel_art(digit: Digit, rng: Generator) -> Picture:
    """Draw a digit of 16 x 16 black and white squares."""
    ink = digit.ink((160, 160), rng.uniform(0.7, 0.9), 0.12)
    small = np.asarray(flat(ink * 255).resize((16, 16), Image.Resampling.BOX)) > 90
    big = np.kron(small, np.ones((int(rng.integers(4, 30)),) * 2)).astype(np.uint8) * 255
    return big if rng.random() < 0.5 else 255 - big


def huge(digit: Digit, rng: Generator) -> Picture:
    """Draw a photo of 12 megapixels."""
    shape = (750, 1000)
    page = digit.write(SHEET, shape, rng.uniform(0.2, 0.6), rng.uniform(0.03, 0.08))
    photo = camera(page * light(shape, rng, 0.3), rng, 0.6, 3, 90)
    return jpeg(photo.resize((4000, 3000), Image.Resampling.BICUBIC), 80)


def speckled(digit: Digit, rng: Generator) -> Picture:
    """Draw a digit among specks of dust."""
    size = int(rng.integers(150, 600))
    ink = digit.ink((size, size), rng.uniform(0.4, 0.8), rng.uniform(0.04, 0.09))
    dust = ndimage.gaussian_filter(rng.normal(size=(size, size)), size / 300)
    dust = dust > np.quantile(dust, rng.uniform(0.995, 0.9995))
    return flat(mix(color(rng, 220, 255), np.maximum(ink, dust * 0.9), (20, 20, 20)))


def stretched(digit: Digit, rng: Generator) -> Picture:
    """Draw a long sheet, or a screen shot with the digit in a corner."""
    shape = (int(rng.integers(150, 300)), int(rng.integers(500, 1000)))
    shape = shape if rng.random() < 0.5 else shape[::-1]
    page = color(rng, 235, 255, 2)
    return flat(digit.write(page, shape, rng.uniform(0.4, 0.9), rng.uniform(0.04, 0.09)))


CONDITIONS: dict[str, Callable[[Digit, Generator], Picture]] = {
    function.__name__: function
    for function in (
        phone_photo, ruled_notebook, grid_paper, pencil_on_grid, dark_grid, faint_pencil,
        hard_shadow, strong_gradient, rough_paper, colored, one_pixel_line, marker,
        paint_program, web_canvas, dark_mode, transparent, tiny, scan_28, inverted_28,
        small_in_sheet, touching_edge, tight_crop, turned, blurred, strong_jpeg, whiteboard,
        blackboard, scan_border, table_edge, sheet_on_table, thumb, broken_strokes, pixel_art,
        huge, speckled, stretched,
    )
}  # fmt: skip
