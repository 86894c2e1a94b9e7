"""The steps that make a picture of a garment like Fashion-MNIST's: one function each, in order."""

from __future__ import annotations

import numpy as np

from helpers.photos.opening import PhotoError

SMALL = 196  # pixels of the longer side: seven for each pixel of the result
CLOSE = 5.0  # CIE 1976 color difference (2.3 can barely be seen): up to here it is the ground
DARK = 60  # gray value, 0-255: a ground darker than this stays dark, all others count as paper
PALE = 160  # gray value for what the lines of a drawing enclose: the middle of Fashion-MNIST's
SLOPE = 2.0  # lightness a pixel, of 100: an edge is steeper, a shadow's rim is not
CUT_OUT = 0.05  # a picture of which more than this is transparent was cut out by its maker
LUMA = np.float32([0.299, 0.587, 0.114])  # how bright red, green and blue are: ITU-R BT.601


def reduce_picture(picture: np.ndarray) -> np.ndarray:
    """Reduce the picture to what the result can show, uint8 (height, width, 3 or 4)."""
    from PIL import Image

    small = Image.fromarray(picture)
    small.thumbnail((SMALL, SMALL), Image.Resampling.BOX, reducing_gap=None)
    return np.asarray(small)


def drop_ground(picture: np.ndarray) -> np.ndarray:
    """Make transparent what has the border's color or is a shadow on it, uint8 (h, w, 4).

    A picture that was cut out already stays so.

    Raises
    ------
    PhotoError
        If nothing differs from the border.
    """
    from scipy import ndimage
    from skimage.color import rgb2lab
    from skimage.filters import threshold_otsu

    if picture.shape[-1] == 4:
        opacity = np.float32(picture[..., 3:]) / 255
        picture = np.uint8(picture[..., :3] * opacity + 255 * (1 - opacity))
        if (opacity < 0.5).mean() > CUT_OUT:
            return np.dstack([picture, np.uint8(opacity >= 0.5) * 255])
    edge = _edge(picture.shape[:2])
    away = np.float32(rgb2lab(picture) - rgb2lab(_ground(picture, edge) / 255))
    if min(edge.shape) > 2 * 28:  # take out grain: more of it where the border has a texture
        rough = np.median(np.linalg.norm(away, axis=-1)[edge]) > CLOSE / 2
        sigma = min(edge.shape) / (100 if rough else 200)
        away = ndimage.gaussian_filter(away, (sigma, sigma, 0))
    difference = np.linalg.norm(away, axis=-1)
    if difference.max() < CLOSE:
        raise PhotoError(
            "no garment found: the whole picture has nearly one color; take it on a ground of "
            "another color than the garment's"
        )
    lowest = max(CLOSE, 2.5 * np.median(difference[edge]))  # 2.5: nearly all of the grain
    garment = difference > np.clip(0.6 * threshold_otsu(difference), lowest, 30)
    shadow = _shadow(away, ~garment, edge) & garment
    if shadow.sum() < garment.sum() / 2:  # else it is a pale garment
        garment &= ~shadow
    return np.dstack([picture, np.uint8(garment) * 255])


def keep_garment(picture: np.ndarray) -> np.ndarray:
    """Keep the largest part, and those at least a tenth as large: shoes come in pairs."""
    from scipy import ndimage

    parts, _ = ndimage.label(picture[..., 3], np.ones((3, 3)))
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    if not sizes.any():
        raise PhotoError("no garment found: take the picture closer, and on an even ground")
    return _opaque(picture, (sizes >= 0.1 * sizes.max())[parts] & (parts > 0))


def drop_hook(picture: np.ndarray) -> np.ndarray:
    """Drop the rows on top that are much narrower than the garment: the hook of a hanger."""
    garment = picture[..., 3] > 0
    rows = np.flatnonzero(garment.any(axis=1))
    widths = [np.ptp(np.flatnonzero(row)) + 1 for row in garment[rows]]
    top = rows[np.argmax(np.greater(widths, 0.15 * max(widths)))]
    return _opaque(picture, garment & (np.arange(len(garment)) >= top)[:, None])


def take_tones(picture: np.ndarray) -> np.ndarray:
    """Make it gray and light on black, float (h, w): 0 is the ground, the garment is 1 to 255.

    Fashion-MNIST's photos were taken on white and negated: what was dark is light.
    """
    from scipy import ndimage

    gray, garment = picture[..., :3] @ LUMA, picture[..., 3] > 0
    paper = np.median(gray[~garment]) if not garment.all() else 255
    # White is the ground, or a garment lighter than the ground: the exposure is corrected with it.
    white = max(paper, np.percentile(gray[garment], 98))
    tones = gray if paper < DARK else 255 * (1 - gray / white)
    whole = ndimage.binary_fill_holes(ndimage.binary_closing(np.pad(garment, 3), iterations=2))
    whole = whole[3:-3, 3:-3] | garment
    if whole.sum() > 2.5 * garment.sum():  # only lines were drawn: fill what they enclose
        tones, garment = np.where(garment, tones, PALE), whole
    return np.clip(tones, 1, 255) * garment


def fit_garment(tones: np.ndarray) -> np.ndarray:
    """Trim to the garment, fit it into 28 x 28 pixels in the middle, its lightest tone white.

    The longer side fills the frame, proportions are kept: the procedure of Fashion-MNIST (Xiao,
    Rasul and Vollgraf 2017, arXiv 1708.07747, figure 1).
    """
    from PIL import Image

    rows, columns = np.flatnonzero(tones.any(axis=1)), np.flatnonzero(tones.any(axis=0))
    garment = np.float32(tones[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    height, width = (max(1, round(28 * n / max(garment.shape))) for n in garment.shape)
    how = Image.Resampling.BOX if max(garment.shape) > 28 else Image.Resampling.BICUBIC
    small = np.asarray(Image.fromarray(garment).resize((width, height), how))
    small = np.clip(small * (255 / small.max()), 0, 255)
    top, left = (28 - height) // 2, (28 - width) // 2
    frame = np.zeros((28, 28), np.uint8)
    frame[top : top + height, left : left + width] = small.round()
    return frame


GARMENT_STEPS = (
    ("reduced", reduce_picture),
    ("ground dropped", drop_ground),
    ("largest part", keep_garment),
    ("hook dropped", drop_hook),
    ("gray on black", take_tones),
    ("28 pixels", fit_garment),
)


def _edge(shape: tuple[int, int]) -> np.ndarray:
    """Mark a thin frame along the edges, bool (h, w)."""
    edge = np.ones(shape, bool)
    width = max(1, round(0.03 * min(shape)))
    edge[width:-width, width:-width] = False
    return edge


def _ground(picture: np.ndarray, edge: np.ndarray) -> np.ndarray:
    """Guess the ground's colors behind the garment, float (h, w, 3), 0-255.

    Surfaces of the second degree are fitted to the border. What is far from them, because the
    garment touches the border, is left out and the fit repeated, first as a level, then as a slope.
    """
    y, x = np.meshgrid(*(np.linspace(-1, 1, n) for n in edge.shape), indexing="ij")
    terms = np.stack([np.ones_like(x), x, y, x * y, x * x, y * y], axis=-1)
    few = slice(None, None, 1 + edge.sum() // 500)
    places, colors = terms[edge][few], np.float64(picture[edge][few])
    far = np.abs(colors - np.median(colors, axis=0)).max(axis=1)
    for degree in (1, 3, 3, 6, 6):
        near = far <= max(12, 2.5 * np.median(far))
        fit = np.linalg.lstsq(places[near, :degree], colors[near], rcond=None)[0]
        far = np.abs(places[:, :degree] @ fit - colors).max(axis=1)
    return np.clip(terms @ fit, 0, 255)


def _shadow(away: np.ndarray, ground: np.ndarray, edge: np.ndarray) -> np.ndarray:
    """Mark the ground and what it fades into without an edge, somewhat darker, of the same hue."""
    from scipy import ndimage

    darker, hue = -away[..., 0], np.linalg.norm(away[..., 1:], axis=-1)
    slope = np.hypot(*np.gradient(ndimage.gaussian_filter(darker, 1)))
    soft = (darker > 0) & (darker < 35) & (hue < 8) & (slope < SLOPE)
    parts, _ = ndimage.label(ground | soft)
    return np.isin(parts, np.unique(parts[edge & ground])) & (parts > 0)


def _opaque(picture: np.ndarray, garment: np.ndarray) -> np.ndarray:
    """Give the picture with this opacity."""
    return np.dstack([picture[..., :3], np.uint8(garment) * 255])
