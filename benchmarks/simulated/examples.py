"""Draw the example pictures of lesson 5: ``python -m benchmarks.simulated.examples``.

They are strokes on drawn paper, and two garments: all comes from points and noise, none is a photo.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageDraw, ImageFilter
from scipy import interpolate, ndimage

from benchmarks.simulated.glyphs import EXAMPLES, read

FOLDER = Path(__file__).parents[2] / "notebooks/pictures"


def draw_pictures(folder: Path) -> None:
    """Draw all example pictures into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    draw_digits(folder)
    draw_doubtful(folder)
    draw_garments(folder)


def draw_digits(folder: Path) -> None:
    """Draw ten digits, one for each thing that happens to pictures."""
    rng = np.random.default_rng(1)
    upright, lying = (480, 640), (640, 480)  # columns and rows
    sheet = paper(lying, (46, 62, 54), rng, texture=0.7, light=(0, 0.2))
    sheet = write(sheet, rng, "0", (220, 110), 250, 11, (240, 240, 232), grain=0.5)
    save(folder / "0-chalk.jpg", sheet, rng)

    sheet = paper(upright, (226, 224, 218), rng, light=(0, 0.3))
    sheet = write(sheet, rng, "1", (70, 90), 150, 2.2, (92, 92, 98), grain=0.55, strength=0.75)
    save(folder / "1-pencil.jpg", sheet, rng, blur=0.5)

    sheet = paper(upright, (232, 234, 236), rng)
    rule(sheet, 40, (120, 150, 200), 0.55, 2, start=12, both=True)
    sheet = write(sheet, rng, "2", (120, 150), 330, 6, (30, 50, 140))
    save(folder / "2-grid.jpg", sheet, rng)

    sheet = paper(lying, (240, 236, 222), rng, light=(0, -0.15))
    rule(sheet, 52, (110, 140, 190), 0.6, 2, start=30)
    sheet = write(sheet, rng, "3", (250, 100), 270, 5, (30, 30, 34), slant=0.15)
    save(folder / "3-ruled.jpg", sheet, rng)

    sheet = paper(upright, (228, 222, 210), rng, light=(0, 0.3), shadow=(0.85, 0.62, 0.06))
    sheet = write(sheet, rng, "4", (110, 150), 340, 10, (26, 28, 40))
    save(folder / "4-shadow.jpg", sheet, rng)

    sheet = paper((360, 720), (236, 236, 234), rng)
    sheet = write(sheet, rng, "5", (20, 70), 560, 15, (20, 20, 22), slant=-0.1)
    save(folder / "5-tall.jpg", sheet, rng)

    sheet = paper(lying, (234, 230, 224), rng, light=(0, 0.15))
    sheet = write(sheet, rng, "6", (230, 90), 300, 9, (24, 40, 90))
    note = Image.Exif()
    note[0x0112] = 3  # "turn me by 180 degrees": the phone was held upside down
    save(folder / "6-upside-down.jpg", sheet[::-1, ::-1], rng, exif=note)

    pixels = np.zeros((400, 400, 4), np.uint8)
    pixels[..., 3] = np.uint8(255 * ink("7", (400, 400), (110, 50), 300, 9, rng))
    Image.fromarray(pixels).save(folder / "7-transparent.png", optimize=True)

    sheet = paper((480, 480), (246, 214, 84), rng, light=(0, 0.15))
    sheet = write(sheet, rng, "8", (140, 90), 300, 7, (196, 40, 44), slant=0.1)
    save(folder / "8-sticky-note.jpg", sheet, rng)

    page = Image.new("L", (400, 400), 255)
    [(points, _)] = read(EXAMPLES["9"])
    path = smooth(points) * 2.3 + (90, 40)
    ImageDraw.Draw(page).line([tuple(p) for p in path.round()], fill=0, width=1)
    page = page.convert("1", dither=Image.Dither.NONE)
    page.save(folder / "9-one-pixel.png", optimize=True)


def draw_doubtful(folder: Path) -> None:
    """Draw what should make a reader doubt: an open 4, a letter, two digits at once."""
    rng = np.random.default_rng(2)
    gray, blue = (232, 230, 224), (30, 30, 60)
    for name, glyph, left in (("4-or-9", "4 or 9", 90), ("letter-b", "b", 110)):
        sheet = paper((400, 480), gray, rng, light=(0, 0.1))
        sheet = write(sheet, rng, glyph, (left, 90), 300, 8, blue)
        save(folder / f"doubt-{name}.jpg", sheet, rng)
    sheet = paper((640, 400), gray, rng, light=(0, 0.1))
    for glyph, left in (("4", 110), ("2", 370)):
        sheet = write(sheet, rng, glyph, (left, 90), 220, 7, blue)
    save(folder / "doubt-42.jpg", sheet, rng)


def draw_garments(folder: Path) -> None:
    """Draw two garments on a table: a T-shirt darker than it, trousers lighter."""
    rng = np.random.default_rng(3)
    outline = [(190, 90), (225, 112), (262, 118), (299, 112), (334, 90), (392, 118), (470, 226),
               (402, 268), (374, 226), (370, 510), (156, 512), (150, 226), (120, 268), (52, 226),
               (132, 118)]  # fmt: skip
    collar = [(190, 90), (225, 112), (262, 118), (299, 112), (334, 90), (318, 84), (296, 102),
              (262, 107), (228, 102), (206, 84)]  # fmt: skip
    mask, cloth = sew((520, 600), [(outline, 150), (collar, 110)], (120, 170, 235), rng)
    sheet = paper((520, 600), (238, 236, 232), rng, light=(0, 0.2))
    shadow = ndimage.shift(ndimage.gaussian_filter(mask[..., 0], 9), (8, 7))
    sheet *= 1 - 0.35 * shadow[..., None]
    save(folder / "garment-t-shirt.jpg", sheet * (1 - mask) + cloth * mask, rng)

    outline = [(250, 40), (392, 40), (404, 120), (424, 440), (346, 442), (324, 170), (316, 170),
               (298, 442), (218, 440), (238, 120)]  # fmt: skip
    belt = [(250, 40), (392, 40), (395, 58), (247, 58)]
    mask, cloth = sew((640, 480), [(outline, 225), (belt, 170)], (238, 224, 190), rng)
    sheet = paper((640, 480), (70, 50, 38), rng, texture=1.0, light=(0.3, 0.1))
    rule(sheet, 96, (30, 20, 14), 0.5, 3, start=40)
    save(folder / "garment-trouser.jpg", sheet * (1 - mask) + cloth * mask, rng)


# --- the parts of a picture ------------------------------------------------------------------


def paper(size, color, rng: Generator, texture=0.0, light=(0, 0), shadow=None) -> np.ndarray:
    """Draw paper of ``size`` (columns, rows): float (rows, columns, 3).

    ``light`` is the slope of a lamp's light over the sheet, to the right and down; ``shadow`` the
    place, depth, and softness of the edge of a shadow.
    """
    columns, rows = size
    y, x = np.mgrid[:rows, :columns]
    fine, coarse = (
        ndimage.gaussian_filter(rng.normal(0, 1, (rows, columns)), sigma) for sigma in (1.2, 6)
    )
    fibers = fine + coarse * 3
    sheet = np.ones((rows, columns, 1)) * np.array(color, float)
    sheet += texture * fibers[..., None] / fibers.std()
    shade = 1 + light[0] * (x / columns - 0.5) + light[1] * (y / rows - 0.5)
    if shadow:
        edge, depth, softness = shadow
        distance = (x * 0.8 + y * 0.6 - edge * columns) / (softness * columns)
        shade *= 1 - depth / (1 + np.exp(-distance))
    return sheet * shade[..., None]


def rule(sheet: np.ndarray, every: int, color, strength: float, width: int, start=0, both=False):
    """Print lines, or a grid, onto a sheet, in place."""
    for lines in (sheet, sheet.swapaxes(0, 1)) if both else (sheet,):
        for place in range(start, len(lines) - width, every):
            cut = lines[place : place + width]
            cut[:] = cut * (1 - strength) + np.array(color) * strength * cut.mean() / 255


def write(sheet, rng, glyph, place, height, pen, color, strength=1.0, **how) -> np.ndarray:
    """Write a glyph onto a sheet, whose light falls on the ink as well. See `ink`."""
    mask = strength * ink(glyph, sheet.shape[:2], place, height, pen, rng, **how)[..., None]
    light = 0.35 + 0.65 * (sheet / np.maximum(sheet.max(), 1) * 255) / 255
    return sheet * (1 - mask) + mask * np.array(color, float) * light


def ink(glyph, shape, place, height, pen, rng: Generator, slant=0.0, grain=0.0) -> np.ndarray:
    """Draw an example glyph: ink from 0 to 1, (rows, columns).

    ``place`` is the column and row of its top left corner, ``pen`` the width of its strokes, both
    in pixels, ``grain`` how much of the ink is missing here and there.
    """
    page = Image.new("L", (2 * shape[1], 2 * shape[0]))
    draw = ImageDraw.Draw(page)
    for points, _ in read(EXAMPLES[glyph]):
        path = smooth(points) * height / 140
        path[:, 0] += slant * (height - path[:, 1])
        path += place
        path += ndimage.gaussian_filter1d(rng.normal(0, height / 25, path.shape), 9, axis=0)
        pressure = 1 + 0.25 * ndimage.gaussian_filter1d(rng.normal(0, 3, len(path)), 15)
        for (x, y), p in zip(2 * path, pressure, strict=True):
            draw.circle((x, y), max(pen * p, 1), fill=255)
        draw.line([tuple(p) for p in 2 * path], fill=255, width=max(round(1.4 * pen), 1))
    mask = np.asarray(page.reduce(2)) / 255
    return mask * (1 - grain * rng.random(mask.shape)) if grain else mask


def smooth(points: np.ndarray) -> np.ndarray:
    """Lay a curve through the points, as a hand does: the mean of a round and a tight spline."""
    steps = np.r_[0, np.cumsum(np.hypot(*np.diff(points, axis=0).T))]
    curve = interpolate.make_interp_spline(steps, points, k=min(3, len(points) - 1))
    at = np.linspace(0, steps[-1], 40 * len(points))
    return interpolate.PchipInterpolator(steps, points)(at) * 0.5 + curve(at) * 0.5


def sew(size, parts, color, rng: Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw a garment with soft folds from its parts, (polygon, tone): its mask, its cloth."""
    columns, rows = size
    layers = [Image.new("L", (2 * columns, 2 * rows)) for _ in range(2)]
    for points, tone in parts:
        outline = [(2 * x, 2 * y) for x, y in points]
        for layer, value in zip(layers, (255, tone), strict=True):
            ImageDraw.Draw(layer).polygon(outline, fill=value)
    mask, tones = (
        np.asarray(layer.filter(ImageFilter.GaussianBlur(2)).reduce(2)) / 255 for layer in layers
    )
    folds = ndimage.gaussian_filter(rng.normal(0, 1, (rows, columns)), (60, 9))
    tones = np.clip(tones + 8 / 255 * folds / folds.std(), 0.1, 1)
    return mask[..., None], tones[..., None] * np.array(color)


def save(path: Path, sheet: np.ndarray, rng: Generator, blur=0.8, **options) -> None:
    """Save as a phone does: a little blur, then JPEG."""
    sheet = ndimage.gaussian_filter(sheet, (blur, blur, 0))
    rng.normal(size=sheet.shape[:2])  # not used, but without it the pictures after it change
    image = Image.fromarray(np.uint8(np.clip(sheet, 0, 255)))
    image.save(path, quality=80, optimize=True, **options)


if __name__ == "__main__":
    draw_pictures(FOLDER)
    sizes = [path.stat().st_size for path in FOLDER.glob("*.[jp][pn]g")]
    print(f"{len(sizes)} pictures, {sum(sizes) / 1000:.0f} kB")
