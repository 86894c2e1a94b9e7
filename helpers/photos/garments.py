"""The steps that make a picture of a garment like Fashion-MNIST's: one function each, in order."""

from __future__ import annotations

import numpy as np
from PIL import Image
from scipy import ndimage
from skimage.color import rgb2lab
from skimage.filters import threshold_otsu

from helpers.photos.opening import PhotoError
from helpers.photos.steps import Color, Cutout, Ink, Mask, Prepared, Subject, box, outermost

SMALL = 196  # pixels of the longer side: seven for each pixel of the result
CLOSE = 5.0  # CIE 1976 color difference (2.3 can barely be seen): up to here it is the background
DARK = 60  # gray value, 0-255: a background darker than this stays dark, all others count as paper
PALE = 160  # gray value for what the lines of a drawing enclose: the middle of Fashion-MNIST's
SLOPE = 2.0  # lightness per pixel, of 100: an edge is steeper, a shadow's rim is not
CUT_OUT = 0.05  # a picture of which more than this is transparent was cut out by its maker
LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # brightness of red, green, blue: ITU-R BT.601


def reduce_picture(picture: Color) -> Color:
    """Reduce the picture to what the result can show."""
    small = Image.fromarray(picture)
    small.thumbnail((SMALL, SMALL), Image.Resampling.BOX, reducing_gap=None)
    return np.asarray(small)


def drop_background(picture: Color) -> Cutout:
    """Make transparent what has the border's color or is a shadow on it.

    A picture that its maker cut out stays so.

    Raises
    ------
    PhotoError
        If nothing differs from the border.
    """
    if picture.shape[-1] == 4:
        opacity = picture[..., 3:] / np.float32(255)
        picture = (picture[..., :3] * opacity + 255 * (1 - opacity)).astype(np.uint8)
        if (opacity < 0.5).mean() > CUT_OUT:
            return _with_opacity(picture, opacity >= 0.5)
    edge = _edge(picture.shape[:2])
    away = rgb2lab(picture) - rgb2lab(_background(picture, edge) / 255)
    away = away.astype(np.float32)
    if min(edge.shape) > 2 * 28:  # take out grain: more of it where the border has a texture
        rough = np.median(np.linalg.norm(away, axis=-1)[edge]) > CLOSE / 2
        sigma = min(edge.shape) / (100 if rough else 200)
        away = ndimage.gaussian_filter(away, (sigma, sigma, 0))
    difference = np.linalg.norm(away, axis=-1)
    if difference.max() < CLOSE:
        raise PhotoError(
            "no garment found: the whole picture has nearly one color; take it on a background of "
            "another color than the garment's"
        )
    lowest = max(CLOSE, 2.5 * np.median(difference[edge]))  # 2.5: nearly all of the grain
    garment = difference > np.clip(0.6 * threshold_otsu(difference), lowest, 30)
    shadow = _shadow(away, ~garment, edge) & garment
    if shadow.sum() < garment.sum() / 2:  # else it is a pale garment
        garment &= ~shadow
    return _with_opacity(picture, garment)


def keep_garment(picture: Cutout) -> Cutout:
    """Keep the largest part, and those at least a tenth as large: shoes come in pairs."""
    parts, _ = ndimage.label(picture[..., 3], np.ones((3, 3)))
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    if not sizes.any():
        raise PhotoError("no garment found: take the picture closer, on an even background")
    return _with_opacity(picture, (sizes >= 0.1 * sizes.max())[parts] & (parts > 0))


def drop_hook(picture: Cutout) -> Cutout:
    """Drop the rows on top that are much narrower than the garment: the hook of a hanger."""
    garment = picture[..., 3] > 0
    rows = np.flatnonzero(garment.any(axis=1))
    widths = [np.ptp(np.flatnonzero(row)) + 1 for row in garment[rows]]
    top = rows[np.argmax(np.greater(widths, 0.15 * max(widths)))]
    return _with_opacity(picture, garment & (np.arange(len(garment)) >= top)[:, None])


def take_tones(picture: Cutout) -> Ink:
    """Make it gray and light on black: the background is 0, the garment is 1 to 255.

    Fashion-MNIST's photos were taken on white and negated: what was dark is light.
    """
    gray, garment = picture[..., :3] @ LUMA, picture[..., 3] > 0
    paper = np.median(gray[~garment]) if not garment.all() else 255
    # The background is white, or a garment lighter than it: this corrects the exposure.
    white = max(paper, np.percentile(gray[garment], 98))
    tones = gray if paper < DARK else 255 * (1 - gray / white)
    whole = ndimage.binary_fill_holes(ndimage.binary_closing(np.pad(garment, 3), iterations=2))
    whole = whole[3:-3, 3:-3] | garment
    if whole.sum() > 2.5 * garment.sum():  # only lines were drawn: fill what they enclose
        tones, garment = np.where(garment, tones, PALE), whole
    return (np.clip(tones, 1, 255) * garment).astype(np.float32)


def fit_garment(tones: Ink) -> Prepared:
    """Trim to the garment, fit it into 28 x 28 pixels in the middle, its lightest tone white.

    The longer side fills the frame, proportions are kept: the procedure of Fashion-MNIST (Xiao,
    Rasul and Vollgraf 2017, arXiv 1708.07747, figure 1).
    """
    garment = tones[box(tones > 0)]
    height, width = (max(1, round(28 * n / max(garment.shape))) for n in garment.shape)
    method = Image.Resampling.BOX if max(garment.shape) > 28 else Image.Resampling.BICUBIC
    small = np.asarray(Image.fromarray(garment).resize((width, height), method))
    small = np.clip(small * (255 / small.max()), 0, 255)
    top, left = (28 - height) // 2, (28 - width) // 2
    frame = np.zeros((28, 28), np.uint8)
    frame[top : top + height, left : left + width] = small.round()
    return frame


def is_prepared_garment(picture: Prepared) -> bool:
    """Tell whether the frame around a gray picture is dark, as in Fashion-MNIST."""
    corners = picture[[0, 0, -1, -1], [0, -1, 0, -1]]
    return bool(min(np.median(outermost(picture)), np.median(corners)) < 32)


GARMENT = Subject(
    "garment",
    steps=(
        ("reduced", reduce_picture),
        ("background dropped", drop_background),
        ("largest part", keep_garment),
        ("hook dropped", drop_hook),
        ("gray on black", take_tones),
        ("28 pixels", fit_garment),
    ),
    is_prepared=is_prepared_garment,
)


def _edge(shape: tuple[int, ...]) -> Mask:
    """Mark a thin frame along the edges."""
    edge = np.ones(shape, bool)
    width = max(1, round(0.03 * min(shape)))
    edge[width:-width, width:-width] = False
    return edge


def _background(picture: Color, edge: Mask) -> np.ndarray:
    """Guess the background's colors behind the garment, float (h, w, 3), 0-255.

    Surfaces of the second degree are fitted to the border. What is far from them, because the
    garment touches the border, is left out and the fit repeated, first as a level, then as a slope.
    """
    y, x = np.meshgrid(*(np.linspace(-1, 1, n) for n in edge.shape), indexing="ij")
    terms = np.stack([np.ones_like(x), x, y, x * y, x * x, y * y], axis=-1)
    few = slice(None, None, 1 + edge.sum() // 500)
    places, colors = terms[edge][few], picture[edge][few].astype(np.float64)
    far = np.abs(colors - np.median(colors, axis=0)).max(axis=1)
    for degree in (1, 3, 3, 6, 6):
        near = far <= max(12, 2.5 * np.median(far))
        fit = np.linalg.lstsq(places[near, :degree], colors[near], rcond=None)[0]
        far = np.abs(places[:, :degree] @ fit - colors).max(axis=1)
    return np.clip(terms @ fit, 0, 255)


def _shadow(away: np.ndarray, background: Mask, edge: Mask) -> Mask:
    """Mark the background and what it fades into without an edge: darker, of the same hue.

    ``away`` says how far each pixel is from the background, float (h, w, 3) in CIELAB.
    """
    darker, hue = -away[..., 0], np.linalg.norm(away[..., 1:], axis=-1)
    slope = np.hypot(*np.gradient(ndimage.gaussian_filter(darker, 1)))
    soft = (darker > 0) & (darker < 35) & (hue < 8) & (slope < SLOPE)
    parts, _ = ndimage.label(background | soft)
    return np.isin(parts, np.unique(parts[edge & background])) & (parts > 0)


def _with_opacity(picture: np.ndarray, garment: Mask) -> Cutout:
    """Return the picture, opaque where the garment is."""
    return np.dstack([picture[..., :3], garment.astype(np.uint8) * 255])
