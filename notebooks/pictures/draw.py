"""Draw the example pictures of lesson 5, beside this file.

Own strokes on drawn paper, two garments on drawn ground: all comes from
points and noise, none is a photo. ``python notebooks/pictures/draw.py``.
"""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter
from scipy import interpolate, ndimage

FOLDER = Path(__file__).parent

# Strokes of each sign through points (x, y) in a box 100 wide and 140 high, as a hand writes them.
STROKES = {
    "0": [
        [
            (58, 4),
            (30, 12),
            (10, 50),
            (12, 100),
            (38, 136),
            (72, 124),
            (92, 80),
            (84, 30),
            (60, 6),
            (44, 10),
        ]
    ],
    "1": [[(26, 38), (44, 22), (58, 2), (56, 60), (52, 138)]],
    "2": [
        [
            (12, 34),
            (28, 8),
            (60, 2),
            (82, 24),
            (74, 58),
            (44, 96),
            (8, 134),
            (50, 128),
            (98, 132),
        ]
    ],
    "3": [
        [
            (14, 18),
            (44, 2),
            (78, 14),
            (74, 46),
            (42, 64),
            (78, 74),
            (90, 106),
            (62, 136),
            (22, 132),
            (6, 114),
        ]
    ],
    "4": [
        [(58, 2), (36, 44), (8, 92), (50, 88), (98, 86)],
        [(72, 50), (68, 92), (64, 140)],
    ],
    "5": [
        [
            (30, 8),
            (24, 36),
            (18, 64),
            (50, 54),
            (84, 70),
            (88, 106),
            (58, 136),
            (14, 128),
        ],
        [(30, 8), (60, 8), (92, 2)],
    ],
    "6": [
        [
            (74, 2),
            (40, 30),
            (14, 78),
            (16, 118),
            (46, 138),
            (80, 122),
            (84, 88),
            (56, 74),
            (26, 90),
            (16, 112),
        ]
    ],
    "7": [
        [(8, 12), (50, 10), (92, 6), (74, 44), (52, 90), (40, 138)],
        [(34, 74), (58, 70), (84, 70)],
    ],
    "8": [
        [
            (74, 18),
            (46, 2),
            (20, 22),
            (34, 54),
            (70, 82),
            (84, 112),
            (54, 138),
            (20, 118),
            (28, 84),
            (62, 56),
            (82, 30),
            (72, 14),
        ]
    ],
    "9": [
        [
            (80, 26),
            (50, 4),
            (18, 22),
            (16, 56),
            (44, 70),
            (74, 52),
            (82, 24),
            (82, 60),
            (74, 104),
            (56, 138),
        ]
    ],
    "4 or 9": [
        [(34, 6), (20, 34), (18, 62), (50, 68), (84, 58)],
        [(80, 12), (76, 56), (72, 96), (68, 138)],
        [(34, 6), (48, 8)],
    ],
    "b": [
        [(20, 2), (18, 60), (16, 132)],
        [(17, 84), (44, 66), (78, 82), (82, 112), (54, 136), (18, 128)],
    ],
}


def smooth(points, per=40):
    """Draw a curve through the points, as a hand does."""
    points = np.array(points, float)
    steps = np.r_[0, np.cumsum(np.hypot(*np.diff(points, axis=0).T))]
    curve = interpolate.make_interp_spline(
        steps, points, k=min(3, len(points) - 1)
    )
    at = np.linspace(0, steps[-1], per * len(points))
    return (
        interpolate.PchipInterpolator(steps, points)(at) * 0.5
        + curve(at) * 0.5
    )


def ink(
    sign, size, height, at, pen, rng, slant=0.0, turn=0.0, grain=0.0
):
    """Draw a sign: 0 none to 1 full ink, (rows, columns). `at` is its top left; `pen` the width."""
    columns, rows = size
    sheet = Image.new("L", (2 * columns, 2 * rows))
    draw = ImageDraw.Draw(sheet)
    cos, sin = np.cos(turn), np.sin(turn)
    for stroke in STROKES[sign]:
        path = smooth(stroke) * height / 140
        path[:, 0] += slant * (height - path[:, 1])
        path = path @ np.array([[cos, sin], [-sin, cos]]) + at
        path += ndimage.gaussian_filter1d(
            rng.normal(0, height / 25, path.shape), 9, axis=0
        )
        press = 1 + 0.25 * ndimage.gaussian_filter1d(
            rng.normal(0, 3, len(path)), 15
        )
        for (x, y), p in zip(2 * path, press, strict=True):
            draw.circle((x, y), max(pen * p, 1), fill=255)
        draw.line(
            [tuple(p) for p in 2 * path],
            fill=255,
            width=max(round(1.4 * pen), 1),
        )
    mask = np.asarray(sheet.reduce(2)) / 255
    if grain:
        mask = mask * (1 - grain * rng.random(mask.shape))
    return mask


def paper(size, color, rng, texture=0.0, light=(0, 0), shadow=None):
    """Draw paper under a lamp: float (rows, columns, 3). `light` is its slope over the sheet."""
    columns, rows = size
    y, x = np.mgrid[:rows, :columns]
    fibers = ndimage.gaussian_filter(
        rng.normal(0, 1, (rows, columns)), 1.2
    )
    fibers += (
        ndimage.gaussian_filter(rng.normal(0, 1, (rows, columns)), 6)
        * 3
    )
    sheet = np.ones((rows, columns, 1)) * np.array(color, float)
    sheet += texture * fibers[..., None] / fibers.std()
    shade = (
        1 + light[0] * (x / columns - 0.5) + light[1] * (y / rows - 0.5)
    )
    if shadow:
        edge, depth, soft = shadow
        shade *= 1 - depth / (
            1
            + np.exp(
                -(x * 0.8 + y * 0.6 - edge * columns) / (soft * columns)
            )
        )
    return sheet * shade[..., None]


def write(sheet, mask, color):
    """Put ink of a color onto a sheet."""
    shade = sheet / np.maximum(sheet.max(), 1) * 255
    return sheet * (1 - mask[..., None]) + mask[..., None] * np.array(
        color, float
    ) * (0.35 + 0.65 * shade / 255)


def lines(
    sheet, every, color, strength=0.5, width=1, both=False, start=0
):
    """Print rules, or a grid, onto a sheet."""
    for axis in (0, 1) if both else (0,):
        for place in range(start, sheet.shape[axis] - width, every):
            cut = (
                (slice(place, place + width),)
                if axis == 0
                else (slice(None), slice(place, place + width))
            )
            sheet[cut] = (
                sheet[cut] * (1 - strength)
                + np.array(color) * strength * sheet[cut].mean() / 255
            )
    return sheet


def save(name, sheet, rng, noise=0.0, blur=0.8, quality=80, exif=None):
    """Save as a phone does: a little blur, a little noise, JPEG. Or PNG, exactly."""
    if blur:
        sheet = ndimage.gaussian_filter(sheet, (blur, blur, 0))
    sheet = sheet + rng.normal(0, noise, sheet.shape[:2])[..., None]
    image = Image.fromarray(np.uint8(np.clip(sheet, 0, 255)))
    more = {} if exif is None else {"exif": exif}
    if name.endswith(".png"):
        image.save(FOLDER / name, optimize=True)
    else:
        image.save(
            FOLDER / name, quality=quality, optimize=True, **more
        )


def digits():
    """Draw ten digits, one for each thing that happens to pictures."""
    size = 480, 640
    rng = np.random.default_rng(1)
    board = paper(
        (640, 480), (46, 62, 54), rng, texture=0.7, light=(0, 0.2)
    )
    mask = ink("0", (640, 480), 250, (220, 110), 11, rng, grain=0.5)
    save("0-chalk.jpg", write(board, mask, (240, 240, 232)), rng)

    sheet = paper(size, (226, 224, 218), rng, light=(0, 0.3))
    mask = ink("1", size, 150, (70, 90), 2.2, rng, grain=0.55)
    save(
        "1-pencil.jpg",
        write(sheet, mask * 0.75, (92, 92, 98)),
        rng,
        blur=0.5,
    )

    sheet = lines(
        paper(size, (232, 234, 236), rng),
        40,
        (120, 150, 200),
        0.55,
        2,
        True,
        12,
    )
    mask = ink("2", size, 330, (120, 150), 6, rng)
    save("2-grid.jpg", write(sheet, mask, (30, 50, 140)), rng)

    sheet = lines(
        paper((640, 480), (240, 236, 222), rng, light=(0, -0.15)),
        52,
        (110, 140, 190),
        0.6,
        2,
        False,
        30,
    )
    mask = ink("3", (640, 480), 270, (250, 100), 5, rng, slant=0.15)
    save("3-ruled.jpg", write(sheet, mask, (30, 30, 34)), rng)

    sheet = paper(
        size,
        (228, 222, 210),
        rng,
        light=(0, 0.3),
        shadow=(0.85, 0.62, 0.06),
    )
    mask = ink("4", size, 340, (110, 150), 10, rng)
    save("4-shadow.jpg", write(sheet, mask, (26, 28, 40)), rng)

    sheet = paper((360, 720), (236, 236, 234), rng)
    mask = ink("5", (360, 720), 560, (20, 70), 15, rng, slant=-0.1)
    save("5-tall.jpg", write(sheet, mask, (20, 20, 22)), rng)

    sheet = paper((640, 480), (234, 230, 224), rng, light=(0, 0.15))
    mask = ink("6", (640, 480), 300, (230, 90), 9, rng)
    turned = Image.Exif()
    turned[0x0112] = (
        3  # "turn me by 180 degrees": the phone was held upside down
    )
    save(
        "6-upside-down.jpg",
        write(sheet, mask, (24, 40, 90))[::-1, ::-1],
        rng,
        exif=turned,
    )

    mask = ink("7", (400, 400), 300, (110, 50), 9, rng)
    pixels = np.zeros((400, 400, 4), np.uint8)
    pixels[..., 3] = np.uint8(255 * mask)
    Image.fromarray(pixels).save(
        FOLDER / "7-transparent.png", optimize=True
    )

    sheet = paper((480, 480), (246, 214, 84), rng, light=(0, 0.15))
    mask = ink("8", (480, 480), 300, (140, 90), 7, rng, slant=0.1)
    save("8-sticky-note.jpg", write(sheet, mask, (196, 40, 44)), rng)

    sheet = Image.new("L", (400, 400), 255)
    draw = ImageDraw.Draw(sheet)
    path = smooth(STROKES["9"][0]) * 2.3 + (90, 40)
    draw.line([tuple(p) for p in path.round()], fill=0, width=1)
    sheet.convert("1", dither=Image.Dither.NONE).save(
        FOLDER / "9-one-pixel.png", optimize=True
    )


def doubtful():
    """Draw what should make a reader doubt: an open 4, a letter, two digits at once."""
    rng = np.random.default_rng(2)
    size = 400, 480
    sheet = paper(size, (232, 230, 224), rng, light=(0, 0.1))
    mask = ink("4 or 9", size, 300, (90, 90), 8, rng)
    save("doubt-4-or-9.jpg", write(sheet, mask, (30, 30, 60)), rng)
    sheet = paper(size, (232, 230, 224), rng, light=(0, 0.1))
    mask = ink("b", size, 300, (110, 90), 8, rng)
    save("doubt-letter-b.jpg", write(sheet, mask, (30, 30, 60)), rng)
    size = 640, 400
    sheet = paper(size, (232, 230, 224), rng, light=(0, 0.1))
    mask = np.maximum(
        ink("4", size, 220, (110, 90), 7, rng),
        ink("2", size, 220, (370, 90), 7, rng),
    )
    save("doubt-42.jpg", write(sheet, mask, (30, 30, 60)), rng)


def _garment(size, parts, rng, folds=8.0):
    """Draw a garment: its parts, (polygon, tone), with soft folds. Returns mask and tone."""
    columns, rows = size
    big = Image.new("L", (2 * columns, 2 * rows))
    tones = Image.new("L", (2 * columns, 2 * rows))
    for points, tone in parts:
        outline = [(2 * x, 2 * y) for x, y in points]
        ImageDraw.Draw(big).polygon(outline, fill=255)
        ImageDraw.Draw(tones).polygon(outline, fill=tone)
    mask = (
        np.asarray(big.filter(ImageFilter.GaussianBlur(2)).reduce(2))
        / 255
    )
    tone = (
        np.asarray(tones.filter(ImageFilter.GaussianBlur(2)).reduce(2))
        / 255
    )
    wave = ndimage.gaussian_filter(
        rng.normal(0, 1, (rows, columns)), (60, 9)
    )
    return mask, tone + folds / 255 * wave / wave.std()


def garments():
    """Draw two garments on a table: a T-shirt darker than it, trousers lighter."""
    rng = np.random.default_rng(3)
    size = 520, 600
    outline = [(190, 90), (225, 112), (262, 118), (299, 112), (334, 90), (392, 118), (470, 226), (402, 268),
               (374, 226), (370, 510), (156, 512), (150, 226), (120, 268), (52, 226), (132, 118)]  # fmt: skip
    collar = [(190, 90), (225, 112), (262, 118), (299, 112), (334, 90), (318, 84), (296, 102), (262, 107), (228, 102), (206, 84)]  # fmt: skip
    mask, tone = _garment(size, [(outline, 150), (collar, 110)], rng)
    sheet = paper(size, (238, 236, 232), rng, light=(0, 0.2))
    shadow = ndimage.shift(ndimage.gaussian_filter(mask, 9), (8, 7))
    sheet *= 1 - 0.35 * shadow[..., None]
    cloth = np.clip(tone, 0.1, 1)[..., None] * np.array((120, 170, 235))
    save(
        "garment-t-shirt.jpg",
        sheet * (1 - mask[..., None]) + cloth * mask[..., None],
        rng,
    )

    size = 640, 480
    outline = [(250, 40), (392, 40), (404, 120), (424, 440), (346, 442), (324, 170), (316, 170), (298, 442), (218, 440), (238, 120)]  # fmt: skip
    belt = [(250, 40), (392, 40), (395, 58), (247, 58)]
    mask, tone = _garment(size, [(outline, 225), (belt, 170)], rng)
    sheet = paper(
        size, (70, 50, 38), rng, texture=1.0, light=(0.3, 0.1)
    )
    sheet = lines(sheet, 96, (30, 20, 14), 0.5, 3, False, 40)
    cloth = np.clip(tone, 0.1, 1)[..., None] * np.array((238, 224, 190))
    save(
        "garment-trouser.jpg",
        sheet * (1 - mask[..., None]) + cloth * mask[..., None],
        rng,
    )


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    digits()
    doubtful()
    garments()
    print(
        f"{sum(path.stat().st_size for path in FOLDER.glob('*.[jp][pn]g')) / 1000:.0f} kB"
    )
