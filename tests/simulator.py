"""Pictures as people send them: digits with a known label, put on paper or a canvas.

Each condition is a function ``(digit, random) -> PIL image or array``, listed in ``CONDITIONS``.
Half of the digits are strokes drawn here, with forms that MNIST hardly has; half are handwritten
ones of a test set. The same seed gives the same pictures. Sources: none; all is drawn or MNIST.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterable, Iterator

import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage
from scipy.interpolate import CubicSpline

# Strokes in a unit box, x to the right and y down; several forms a digit. A stroke whose points
# stand in a list is drawn as a smooth curve, in a tuple with straight lines.
OVAL = [(.5, 0), (.16, .14), (.02, .5), (.16, .87), (.5, 1), (.84, .87), (.98, .5), (.84, .14),
        (.5, 0)]  # fmt: skip
FORMS: dict[int, list[list]] = {
    0: [[OVAL], [OVAL],
        [[(.6, .02), (.25, .1), (.05, .5), (.3, .95), (.7, .9), (.95, .5), (.7, .1), (.45, .05)]]],
    1: [[((.5, 0), (.5, 1))],
        [((.25, .25), (.55, 0), (.55, 1))],
        [((.25, .22), (.5, 0), (.5, 1)), ((.2, 1), (.8, 1))]],
    2: [[[(.05, .25), (.3, .02), (.75, .05), (.9, .3), (.6, .6), (.05, 1)], ((.05, 1), (.95, 1))],
        [[(.1, .2), (.4, 0), (.85, .15), (.75, .5), (.3, .95), (.1, .85), (.3, .78), (.6, .95),
          (.95, .95)]]],
    3: [[[(.1, .12), (.45, 0), (.85, .15), (.75, .4), (.4, .48), (.8, .58), (.9, .82), (.5, 1),
          (.05, .88)]],
        [((.1, 0), (.85, 0), (.45, .4)), [(.45, .4), (.8, .5), (.9, .78), (.5, 1), (.05, .88)]]],
    4: [[((.7, 1), (.7, 0), (.02, .68), (.98, .68))],
        [((.2, 0), (.1, .55), (.95, .55)), ((.75, .05), (.7, 1))],
        [((.15, .02), (.12, .5), (.75, .5)), ((.8, 0), (.8, 1))]],
    5: [[((.9, 0), (.2, 0), (.15, .42)),
         [(.15, .42), (.5, .36), (.88, .5), (.85, .85), (.5, 1), (.05, .9)]],
        [((.2, .06), (.15, .45)), ((.28, .02), (.95, 0)),
         [(.15, .45), (.55, .38), (.9, .6), (.75, .93), (.4, 1), (.05, .9)]]],
    6: [[[(.75, 0), (.35, .25), (.1, .65), (.3, .97), (.7, .97), (.9, .72), (.65, .52), (.3, .58),
          (.12, .75)]],
        [[(.55, 0), (.2, .4), (.1, .75), (.4, 1), (.8, .9), (.82, .62), (.5, .52), (.15, .7)]]],
    7: [[((.05, 0), (.95, 0), (.35, 1))],
        [((.05, 0), (.95, 0), (.35, 1)), ((.3, .5), (.85, .48))],
        [((.05, .12), (.08, 0), (.92, .02)), [(.92, .02), (.6, .45), (.42, 1)]]],
    8: [[[(.85, .12), (.5, 0), (.15, .15), (.3, .4), (.7, .58), (.88, .82), (.5, 1), (.12, .82),
          (.3, .58), (.7, .4), (.85, .12)]],
        [[(.5, 0), (.2, .12), (.22, .36), (.5, .46), (.8, .34), (.8, .1), (.5, 0)],
         [(.5, .46), (.12, .6), (.12, .88), (.5, 1), (.88, .88), (.88, .6), (.5, .46)]]],
    9: [[[(.88, .25), (.6, .02), (.2, .12), (.15, .4), (.5, .52), (.88, .25)],
         ((.88, .2), (.82, 1))],
        [[(.85, .2), (.5, 0), (.12, .2), (.3, .5), (.75, .42), (.88, .15), (.85, .6), (.6, 1),
          (.2, .95)]]],
}  # fmt: skip


def smooth(points: list) -> np.ndarray:
    """Lay a curve through the points, (n, 2): cubic splines, at even steps along the stroke."""
    points = np.array(points)
    steps = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    return CubicSpline(steps, points)(np.linspace(0, steps[-1], 12 * len(points)))


def strokes(label: int, random, turn: float = 6) -> list[np.ndarray]:
    """Write a digit: strokes (n, 2) within about 0-1; narrow, slanted, turned, shaky by chance."""
    form = FORMS[label][random.integers(len(FORMS[label]))]
    aspect, slant = random.uniform(0.5, 0.8), random.normal(0, 0.1)
    angle = np.radians(random.uniform(-turn, turn))
    matrix = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    lines = []
    for stroke in form:
        points = np.array(stroke) + random.normal(0, 0.02, (len(stroke), 2))
        points = smooth(list(points)) if isinstance(stroke, list) else points
        x, y = (points - 0.5).T
        lines.append(np.stack([aspect * x - slant * y, y]).T @ matrix.T + 0.5)
    return lines


class Digit:
    """One digit to be put into pictures: strokes of ours, or a handwritten one of a test set."""

    def __init__(self, label: int, random, image: np.ndarray | None = None):
        self.label, self.image, self.random = label, image, random

    def ink(self, shape, share=0.5, pen=0.06, turn=6.0, place=None, hard=False) -> np.ndarray:
        """Draw it: 0-1 of ``shape``, as high as ``share`` of it, the pen in parts of its height."""
        height, width = shape
        size = share * min(height, width)
        if place is None:
            place = self.random.uniform(0.5 * size, np.subtract(shape, 0.5 * size))
        middle = np.array(place, float)[::-1]
        if self.image is not None:
            return self._handwritten(shape, size, pen, turn, middle, hard)
        factor = 1 if hard or max(shape) > 1600 else 3
        canvas = Image.new("L", (width * factor, height * factor))
        draw = ImageDraw.Draw(canvas)
        thick = max(1, round(pen * size * factor))
        for line in strokes(self.label, self.random, turn):
            points = [tuple(p) for p in ((line - 0.5) * size + middle) * factor]
            draw.line(points, fill=255, width=thick, joint="curve")
            for x, y in points if thick > 2 else ():
                r = thick / 2
                draw.ellipse((x - r, y - r, x + r, y + r), fill=255)
        if factor > 1:
            canvas = canvas.resize((width, height), Image.Resampling.BOX)
        return np.asarray(canvas, np.float32) / 255

    def _handwritten(self, shape, size, pen, turn, middle, hard) -> np.ndarray:
        """Enlarge a test picture; bring its stroke near to the pen, which keeps its character."""
        from skimage.morphology import skeletonize

        big = Image.fromarray(self.image).resize((224, 224), Image.Resampling.BICUBIC)
        big = np.asarray(big.rotate(self.random.uniform(-turn, turn)), np.float32)
        mask = big > 110
        away = ndimage.distance_transform_edt(~mask) - ndimage.distance_transform_edt(mask)
        inner = ndimage.distance_transform_edt(mask)
        own = 2 * np.percentile(inner[mask], 90)
        wish = np.clip(pen * 160, own * 0.45, own * 1.6)
        away = away - (wish - own) / 2
        middle_line = ndimage.distance_transform_edt(~skeletonize(mask))
        away = np.minimum(away, middle_line - wish / 3)  # a thin part is thinned, never broken
        zoom = size / 160  # the digit fills 20 of 28 pixels: 160 of 224
        edge = 0.5 / max(zoom, 0.05)
        soft = np.clip(0.5 - away / (2 * edge), 0, 1) if not hard else np.float32(away <= 0)
        rows, columns = np.indices(shape, dtype=np.float32)
        if max(shape) * zoom and zoom < 0.8:
            soft = ndimage.gaussian_filter(soft, 0.4 / zoom)
        where = [(rows - middle[1]) / zoom + 111.5, (columns - middle[0]) / zoom + 111.5]
        return np.clip(ndimage.map_coordinates(soft, where, order=0 if hard else 1), 0, 1)


# --- paper, light, camera --------------------------------------------------------------------


def color(random, low: float, high: float, spread: float = 8) -> np.ndarray:
    return np.clip(random.uniform(low, high) + random.normal(0, spread, 3), 0, 255)


def mix(ground: np.ndarray, ink: np.ndarray, tone) -> np.ndarray:
    """Lay ink (h, w) of a color onto a ground (3,) or (h, w, 3): float (h, w, 3)."""
    return ground * (1 - ink[..., None]) + np.asarray(tone, float) * ink[..., None]


def texture(shape, random, grain: float, sigma: float = 1.2) -> np.ndarray:
    noise = ndimage.gaussian_filter(random.normal(size=shape), sigma)
    return (grain * noise / noise.std())[..., None]


def light(shape, random, depth: float) -> np.ndarray:
    """A lamp on one side: factors (h, w, 1) from 1 down to 1 - depth."""
    y, x = np.mgrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j]
    a = random.uniform(0, 2 * np.pi)
    fall = (x * np.cos(a) + y * np.sin(a)) / 2.8 + 0.5 + 0.15 * (x**2 + y**2) / 2
    return (1 - depth * np.clip(fall, 0, 1.2) / 1.2)[..., None]


def shade(shape, random, depth: float, soft: float) -> np.ndarray:
    """The shadow of a hand or phone: factors (h, w, 1)."""
    y, x = np.mgrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j]
    a, offset = random.uniform(0, 2 * np.pi), random.uniform(-0.4, 0.4)
    edge = x * np.cos(a) + y * np.sin(a) - offset + 0.1 * np.sin(3 * x + 2 * y)
    return (1 - depth / (1 + np.exp(-edge / soft)))[..., None]


def lines(shape, random, step: float, turn: float = 2, both: bool = True, thick=1.5) -> np.ndarray:
    """Ruled lines or a grid, 0-1."""
    rows, columns = np.indices(shape, dtype=np.float32)
    a = np.radians(random.uniform(-turn, turn))
    y, x = rows * np.cos(a) + columns * np.sin(a), columns * np.cos(a) - rows * np.sin(a)
    result = np.zeros(shape, np.float32)
    for along in (y, x) if both else (y,):
        away = np.abs((along + random.uniform(0, step)) % step - step / 2)
        result = np.maximum(result, np.clip(thick / 2 + 0.5 - away, 0, 1))
    return result


def camera(picture, random, blur: float = 0.8, noise: float = 3, quality: int = 80) -> Image.Image:
    """Blur, add the sensor's noise, and save as JPEG."""
    picture = ndimage.gaussian_filter(np.asarray(picture, np.float32), (blur, blur, 0))
    picture = picture + random.normal(0, noise, picture.shape)
    return jpeg(Image.fromarray(np.uint8(np.clip(picture, 0, 255))), quality)


def jpeg(image: Image.Image, quality: int) -> Image.Image:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return Image.open(file)


def flat(picture) -> Image.Image:
    return Image.fromarray(np.uint8(np.clip(picture, 0, 255) + 0.5))


def photo_shape(random) -> tuple[int, int]:
    size = int(random.choice([480, 700, 1000, 1280]))
    return (size, int(size * random.choice([0.75, 1, 1.33])))


PENS = ((25, 30, 45), (20, 35, 130), (30, 30, 30), (150, 25, 35))  # black, blue, red
SHEET = (236, 234, 226)


def pen_of(random):
    return PENS[random.integers(len(PENS))]


# --- conditions ------------------------------------------------------------------------------


def phone_photo(digit: Digit, random):
    shape = photo_shape(random)
    page = mix(
        color(random, 190, 240),
        digit.ink(shape, random.uniform(0.25, 0.6), random.uniform(0.03, 0.08)),
        pen_of(random),
    )
    return camera(page * light(shape, random, 0.3), random, 1.2)


def ruled_notebook(digit, random):
    shape = photo_shape(random)
    page = mix(
        color(random, 215, 245),
        lines(shape, random, shape[0] / random.uniform(8, 22), both=False, thick=shape[0] / 400)
        * 0.8,
        (120, 150, 210),
    )
    if random.random() < 0.5:
        margin = np.zeros(shape, np.float32)
        x = int(shape[1] * random.uniform(0.03, 0.15))
        margin[:, x : x + 1 + shape[1] // 300] = 0.8
        page = mix(page, margin, (215, 90, 100))
    page = mix(
        page,
        digit.ink(shape, random.uniform(0.15, 0.5), random.uniform(0.03, 0.08)),
        pen_of(random),
    )
    return camera(page * light(shape, random, 0.25), random, 1)


def grid_paper(digit, random):
    shape = photo_shape(random)
    page = mix(
        color(random, 215, 245),
        lines(shape, random, shape[0] / random.uniform(8, 25), thick=shape[0] / 400)
        * random.uniform(0.5, 0.9),
        (130, 160, 205),
    )
    page = mix(
        page,
        digit.ink(shape, random.uniform(0.15, 0.5), random.uniform(0.04, 0.08)),
        pen_of(random),
    )
    return camera(page * light(shape, random, 0.25), random, 1)


def pencil_on_grid(digit, random):
    shape = photo_shape(random)
    page = mix(
        color(random, 220, 245),
        lines(shape, random, shape[0] / random.uniform(6, 14), 4, thick=shape[0] / 450)
        * random.uniform(0.5, 1),
        (130, 150, 190),
    )
    page = mix(
        page,
        digit.ink(shape, random.uniform(0.3, 0.6), random.uniform(0.025, 0.05))
        * random.uniform(0.6, 0.9),
        (80, 80, 85),
    )
    return camera(page * light(shape, random, 0.2), random, 0.8)


def dark_grid(digit, random):
    """A printed grid as dark as the pen."""
    shape = photo_shape(random)
    grid = lines(
        shape, random, shape[0] / random.uniform(5, 12), thick=shape[0] / random.uniform(110, 300)
    )
    page = mix(color(random, 220, 245), grid, color(random, 50, 110))
    ink = digit.ink(shape, random.uniform(0.3, 0.6), random.uniform(0.05, 0.09))
    return camera(mix(page, ink, (50, 50, 60)) * light(shape, random, 0.2), random, 0.8)


def faint_pencil(digit, random):
    shape = photo_shape(random)
    ink = digit.ink(shape, random.uniform(0.3, 0.6), random.uniform(0.02, 0.04))
    worn = np.clip(0.75 + texture(shape, random, 0.2)[..., 0], 0.3, 1)
    page = mix(np.array(SHEET, float), ink * worn * random.uniform(0.25, 0.5), (80, 80, 85))
    return camera((page + texture(shape, random, 2)) * light(shape, random, 0.25), random, 0.8, 2)


def hard_shadow(digit, random):
    shape = photo_shape(random)
    page = mix(
        np.array(SHEET, float),
        digit.ink(shape, random.uniform(0.25, 0.6), random.uniform(0.03, 0.07)),
        pen_of(random),
    )
    return camera(
        page * shade(shape, random, random.uniform(0.3, 0.6), random.uniform(0.02, 0.2)), random, 1
    )


def strong_gradient(digit, random):
    shape = photo_shape(random)
    page = mix(
        np.array(SHEET, float),
        digit.ink(shape, random.uniform(0.25, 0.7), random.uniform(0.03, 0.09)),
        pen_of(random),
    )
    return camera(page * light(shape, random, 0.75), random, 1)


def rough_paper(digit, random):
    shape = photo_shape(random)
    page = color(random, 150, 220, 15) + texture(shape, random, 8, random.uniform(1, 4))
    page = mix(
        page, digit.ink(shape, random.uniform(0.3, 0.6), random.uniform(0.04, 0.09)), (40, 40, 50)
    )
    return camera(page * light(shape, random, 0.2), random, 0.8)


def colored(digit, random):
    shape = photo_shape(random)
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
    paper, ink = pairs[random.integers(len(pairs))]
    page = mix(
        np.array(paper, float),
        digit.ink(shape, random.uniform(0.3, 0.7), random.uniform(0.04, 0.1)),
        ink,
    )
    return (
        camera(page * light(shape, random, 0.15), random) if random.random() < 0.5 else flat(page)
    )


def one_pixel_line(digit, random):
    size = int(random.choice([200, 300, 500, 800]))
    ink = (
        digit.ink((size, size), random.uniform(0.3, 0.9), 0.5 / size, hard=True)
        if digit.image is None
        else thin(digit, (size, size), random)
    )
    return flat(mix(np.full(3, 255.0), ink, (0, 0, 0)))


def thin(digit, shape, random, share=None):
    """The middle line of a handwritten digit."""
    from skimage.morphology import skeletonize

    share = share or random.uniform(0.3, 0.9)
    return skeletonize(digit.ink(shape, share, 0.06, hard=True) > 0.5).astype(np.float32)


def marker(digit, random):
    shape = photo_shape(random)
    page = mix(
        np.array(SHEET, float),
        digit.ink(shape, random.uniform(0.4, 0.8), random.uniform(0.12, 0.2)),
        pen_of(random),
    )
    return camera(page * light(shape, random, 0.2), random)


def paint_program(digit, random):
    shape = (int(random.integers(100, 700)), int(random.integers(100, 900)))
    ink = digit.ink(shape, random.uniform(0.3, 0.9), random.uniform(0.015, 0.1), hard=True)
    return flat(
        mix(
            np.full(3, 255.0),
            ink,
            random.choice([(0, 0, 0), (0, 0, 0), (237, 28, 36), (63, 72, 204)]),
        )
    )


def web_canvas(digit, random):
    size = int(random.choice([200, 280, 400]))
    return flat(
        mix(
            np.zeros(3),
            digit.ink((size, size), random.uniform(0.4, 0.9), random.uniform(0.04, 0.15)),
            (255, 255, 255),
        )
    )


def dark_mode(digit, random):
    shape = photo_shape(random)
    ground = color(random, 0, 60, 5)
    ink = random.choice(
        [(255, 255, 255), (240, 220, 60), (90, 200, 250), (250, 120, 110), (150, 150, 150)]
    )
    page = mix(ground, digit.ink(shape, random.uniform(0.2, 0.7), random.uniform(0.02, 0.08)), ink)
    return jpeg(flat(page), 85) if random.random() < 0.5 else flat(page)


def transparent(digit, random):
    size = int(random.integers(80, 600))
    ink = digit.ink((size, size), random.uniform(0.4, 0.9), random.uniform(0.03, 0.1))
    tone = random.choice([(0, 0, 0), (255, 255, 255), (20, 60, 200), (250, 220, 40)])
    pixels = np.zeros((size, size, 4), np.uint8)
    pixels[..., :3] = tone if random.random() < 0.5 else np.where(ink[..., None] > 0, tone, 0)
    pixels[..., 3] = np.uint8(255 * ink)
    return Image.fromarray(pixels)


def tiny(digit, random):
    size = int(random.integers(20, 48))
    ink = digit.ink((size * 8, size * 8), random.uniform(0.6, 0.9), random.uniform(0.07, 0.14))
    page = mix(np.full(3, random.uniform(200, 255)), ink, (20, 20, 20))
    page = flat(page).resize((size, size), Image.Resampling.BOX)
    return page if random.random() < 0.6 else Image.fromarray(255 - np.asarray(page))


def scan_28(digit, random):
    """A photo that someone reduced to 28 x 28 already: dark on light, anywhere, any pen."""
    ink = digit.ink((280, 280), random.uniform(0.45, 0.95), random.uniform(0.04, 0.14))
    page = mix(color(random, 170, 255, 0), ink * random.uniform(0.6, 1), (20, 20, 20))
    page = page * light((280, 280), random, random.uniform(0, 0.3))
    page = (
        flat(page)
        .resize((28, 28), random.choice([Image.Resampling.BOX, Image.Resampling.BILINEAR]))
        .convert("L")
    )
    noise = random.normal(0, random.choice([0, 3]), (28, 28))
    return np.uint8(np.clip(np.asarray(page) + noise, 0, 255))


def inverted_28(digit, random):
    """A picture of 28 x 28 drawn to fill it, light on dark or dark on light, not centered."""
    ink = digit.ink((280, 280), random.uniform(0.7, 1), random.uniform(0.06, 0.12))
    small = (
        flat(ink[..., None].repeat(3, 2) * 255).resize((28, 28), Image.Resampling.BOX).convert("L")
    )
    return np.asarray(small) if random.random() < 0.5 else 255 - np.asarray(small)


def small_in_sheet(digit, random):
    shape = (int(random.integers(900, 2200)), int(random.integers(900, 2200)))
    page = mix(
        np.array(SHEET, float),
        digit.ink(shape, random.uniform(0.05, 0.12), random.uniform(0.05, 0.09)),
        pen_of(random),
    )
    return camera(page * light(shape, random, 0.25), random, 1, 2)


def touching_edge(digit, random):
    """The digit reaches one side of the frame, or is cut by a hair."""
    shape, share = photo_shape(random), random.uniform(0.5, 0.95)
    half = 0.5 * share * min(shape)
    place = [random.uniform(half, n - half) for n in shape]
    place[0] = half if random.random() < 0.5 else shape[0] - half
    page = mix(
        np.array(SHEET, float),
        digit.ink(shape, share, random.uniform(0.04, 0.1), place=place),
        pen_of(random),
    )
    return camera(page * light(shape, random, 0.15), random)


def tight_crop(digit, random):
    ink = digit.ink((600, 600), 0.8, random.uniform(0.04, 0.12), place=(300, 300))
    rows, columns = np.where(ink.max(1) > 0.5)[0], np.where(ink.max(0) > 0.5)[0]
    m = int(random.integers(0, 30))
    ink = ink[max(0, rows[0] - m) : rows[-1] + 1 + m, max(0, columns[0] - m) : columns[-1] + 1 + m]
    return flat(mix(color(random, 200, 255), ink, pen_of(random)))


def turned(digit, random):
    shape = photo_shape(random)
    page = mix(
        np.array(SHEET, float),
        digit.ink(shape, random.uniform(0.3, 0.7), random.uniform(0.03, 0.09), turn=15),
        pen_of(random),
    )
    return camera(page * light(shape, random, 0.2), random)


def blurred(digit, random):
    shape = photo_shape(random)
    share = random.uniform(0.3, 0.6)
    page = mix(
        np.array(SHEET, float), digit.ink(shape, share, random.uniform(0.04, 0.09)), pen_of(random)
    )
    return camera(
        page * light(shape, random, 0.2), random, share * min(shape) * random.uniform(0.01, 0.03)
    )


def strong_jpeg(digit, random):
    size = int(random.integers(80, 400))
    page = mix(
        color(random, 200, 255),
        digit.ink((size, size), random.uniform(0.4, 0.8), random.uniform(0.05, 0.1)),
        pen_of(random),
    )
    return camera(page, random, 0.5, 2, int(random.integers(5, 18)))


def whiteboard(digit, random):
    shape = photo_shape(random)
    y, x = np.indices(shape) / max(shape)
    spot = np.exp(-((x - random.uniform(0, 1)) ** 2 + (y - random.uniform(0, 1)) ** 2) / 0.01)
    ink = digit.ink(shape, random.uniform(0.3, 0.6), random.uniform(0.04, 0.08))
    ink = ink * np.clip(0.85 + texture(shape, random, 0.15, 3)[..., 0], 0.4, 1)
    page = mix(
        color(random, 165, 205),
        ink,
        random.choice([(30, 30, 30), (30, 60, 160), (180, 30, 40), (20, 120, 60)]),
    )
    return camera(page * light(shape, random, 0.35) + 60 * spot[..., None], random)


def blackboard(digit, random):
    shape = photo_shape(random)
    ink = digit.ink(shape, random.uniform(0.3, 0.7), random.uniform(0.05, 0.1))
    ink = ink * np.clip(0.75 + texture(shape, random, 0.3, 1.5)[..., 0], 0.1, 1)
    page = np.array(random.choice([(40, 70, 55), (45, 45, 48)]), float) + texture(
        shape, random, 6, 12
    )
    return camera(mix(page, ink, (225, 225, 220)) * light(shape, random, 0.3), random)


def scan_border(digit, random):
    """A scan with black along one or two sides."""
    shape = photo_shape(random)
    page = mix(
        np.full(3, 245.0),
        digit.ink(
            shape,
            random.uniform(0.25, 0.55),
            random.uniform(0.03, 0.07),
            place=np.multiply(shape, 0.5),
        ),
        pen_of(random),
    )
    for side in random.choice(4, random.integers(1, 3), replace=False):
        page = np.rot90(page, side)
        page[: int(len(page) * random.uniform(0.01, 0.07))] = random.uniform(0, 60)
        page = np.rot90(page, -side)
    return jpeg(flat(page), 75)


def table_edge(digit, random):
    """A sheet on a table of wood or a dark desk, seen at one corner."""
    shape = photo_shape(random)
    page = mix(
        np.array(SHEET, float),
        digit.ink(
            shape,
            random.uniform(0.25, 0.45),
            random.uniform(0.04, 0.08),
            place=np.multiply(shape, 0.5),
        ),
        pen_of(random),
    )
    table = np.array(random.choice([(120, 80, 50), (50, 45, 45), (160, 120, 85)]), float) + texture(
        shape, random, 7, 3
    )
    y, x = np.mgrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j]
    away = np.full(shape, -1.0)
    for _ in range(random.integers(1, 3)):
        a = random.integers(4) * np.pi / 2 + random.normal(0, 0.08)
        away = np.maximum(away, x * np.cos(a) + y * np.sin(a) - random.uniform(0.72, 0.92))
    return camera(
        np.where(away[..., None] > 0, table, page) * light(shape, random, 0.25), random, 1
    )


def sheet_on_table(digit, random):
    """A small piece of paper, the table all around."""
    shape = photo_shape(random)
    page = mix(
        np.array(SHEET, float),
        digit.ink(
            shape,
            random.uniform(0.2, 0.35),
            random.uniform(0.04, 0.09),
            place=np.multiply(shape, 0.5),
        ),
        pen_of(random),
    )
    table = np.array(random.choice([(120, 80, 50), (50, 45, 45), (90, 95, 100)]), float) + texture(
        shape, random, 6, 3
    )
    y, x = np.mgrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j]
    a = random.normal(0, 0.12)
    u, v = x * np.cos(a) + y * np.sin(a), y * np.cos(a) - x * np.sin(a)
    outside = (np.abs(u) > random.uniform(0.55, 0.8)) | (np.abs(v) > random.uniform(0.55, 0.8))
    return camera(np.where(outside[..., None], table, page) * light(shape, random, 0.2), random, 1)


def thumb(digit, random):
    """A finger in the frame."""
    shape = photo_shape(random)
    page = mix(
        np.array(SHEET, float),
        digit.ink(
            shape,
            random.uniform(0.3, 0.5),
            random.uniform(0.04, 0.08),
            place=np.multiply(shape, 0.5),
        ),
        pen_of(random),
    )
    y, x = np.mgrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j]
    cx, cy = random.choice([-1.05, 1.05]), random.uniform(0.4, 1)
    finger = np.clip((1 - ((x - cx) / 0.3) ** 2 - ((y - cy) / 0.18) ** 2) * 8, 0, 1)
    return camera(mix(page, finger, (205, 150, 120)) * light(shape, random, 0.2), random)


def broken_strokes(digit, random):
    """Gaps in the strokes, as of a dry pen or a bad scan."""
    size = int(random.integers(200, 600))
    ink = digit.ink((size, size), random.uniform(0.5, 0.8), random.uniform(0.05, 0.09))
    y, x = np.indices((size, size))
    for _ in range(3):
        a, place = random.uniform(0, np.pi), random.uniform(0.3, 0.7, 2) * size
        gap = np.abs((x - place[0]) * np.cos(a) + (y - place[1]) * np.sin(a)) < size * 0.008
        ink = ink * ~gap
    return flat(mix(color(random, 225, 255), ink, pen_of(random)))


def pixel_art(digit, random):
    ink = digit.ink((160, 160), random.uniform(0.7, 0.9), 0.12)
    small = (
        np.asarray(
            flat(ink[..., None].repeat(3, 2) * 255)
            .resize((16, 16), Image.Resampling.BOX)
            .convert("L")
        )
        > 90
    )
    big = np.kron(small, np.ones((int(random.integers(4, 30)),) * 2)).astype(np.uint8) * 255
    return big if random.random() < 0.5 else 255 - big


def huge(digit, random):
    shape = (3000, 4000)
    small = (750, 1000)
    page = mix(
        np.array(SHEET, float),
        digit.ink(small, random.uniform(0.2, 0.6), random.uniform(0.03, 0.08)),
        pen_of(random),
    )
    page = camera(page * light(small, random, 0.3), random, 0.6, 3, 90)
    return jpeg(page.resize(shape[::-1], Image.Resampling.BICUBIC), 80)


def speckled(digit, random):
    size = int(random.integers(150, 600))
    ink = digit.ink((size, size), random.uniform(0.4, 0.8), random.uniform(0.04, 0.09))
    dust = ndimage.gaussian_filter(random.normal(size=(size, size)), size / 300)
    dust = dust > np.quantile(dust, random.uniform(0.995, 0.9995))
    return flat(mix(color(random, 220, 255), np.maximum(ink, dust * 0.9), (20, 20, 20)))


def stretched(digit, random):
    """A long sheet, or a screen shot with the digit in a corner."""
    shape = (int(random.integers(150, 300)), int(random.integers(500, 1000)))
    shape = shape if random.random() < 0.5 else shape[::-1]
    return flat(
        mix(
            color(random, 235, 255, 2),
            digit.ink(shape, random.uniform(0.4, 0.9), random.uniform(0.04, 0.09)),
            pen_of(random),
        )
    )


CONDITIONS: dict[str, Callable] = {
    function.__name__: function
    for function in (
        phone_photo, ruled_notebook, grid_paper, pencil_on_grid, dark_grid, faint_pencil,
        hard_shadow, strong_gradient, rough_paper, colored, one_pixel_line, marker,
        paint_program, web_canvas,
        dark_mode, transparent, tiny, scan_28, inverted_28, small_in_sheet, touching_edge,
        tight_crop, turned, blurred, strong_jpeg, whiteboard, blackboard, scan_border, table_edge,
        sheet_on_table, thumb, broken_strokes, pixel_art, huge, speckled, stretched,
    )
}  # fmt: skip


def pictures(name: str, numbers: Iterable[int], images=None, labels=None) -> Iterator[tuple]:
    """Give the pictures of a condition with these numbers, each with its label, the last digit.

    With ``images`` and ``labels``, those whose number has an odd tens digit are handwritten.
    """
    for number in numbers:
        random = np.random.default_rng([zlib.crc32(name.encode()), number])
        label, image = number % 10, None
        if images is not None and number // 10 % 2:
            image = images[random.choice(np.flatnonzero(labels == label))]
        yield CONDITIONS[name](Digit(label, random, image), random), label
