"""Any picture becomes like the training pictures, or a clear sentence says why it cannot."""

import contextlib
import io
import os
import struct
import zlib
from pathlib import Path

import ipywidgets
import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFile
from scipy import ndimage

from benchmarks.photos import without
from benchmarks.simulated import conditions, paper
from helpers import datasets
from helpers.photos import PhotoError, digits, explain_photo, garments, prepare_photo
from helpers.photos.steps import Subject, box, resized

NETWORK = Path(__file__).parents[1] / "models/digits_cnn.keras"
needs_data = pytest.mark.skipif(
    not os.environ.get("COURSE_DATA_DIR"), reason="COURSE_DATA_DIR is not set"
)


def seven(size=120, ink=0, paper=255, width=10):
    """A drawn 7, uint8 (size, size)."""
    image = Image.new("L", (size, size), paper)
    line = [(0.25 * size, 0.2 * size), (0.75 * size, 0.2 * size), (0.45 * size, 0.85 * size)]
    ImageDraw.Draw(image).line(line, fill=ink, width=width, joint="curve")
    return np.array(image)


SEVEN = seven()
PAGE = np.pad(SEVEN, 60, constant_values=255)  # a 7 with much paper around it


def file_of(picture, kind="PNG", **how):
    file = io.BytesIO()
    picture = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    picture.save(file, kind, **how)
    return file.getvalue()


def close(one, other, tolerance=12):
    """Two prepared pictures show the same: their mean difference is small."""
    return np.abs(one.astype(float) - other).mean() < tolerance


@pytest.fixture(scope="module")
def handwritten():
    _, (images, labels) = datasets.load_mnist()
    return images, labels


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


# --- what comes out --------------------------------------------------------------------------


def test_result_is_like_the_training_set():
    result = prepare_photo(SEVEN)
    assert result.shape == (28, 28) and result.dtype == np.uint8
    rows, columns = np.nonzero(result)
    assert max(np.ptp(rows), np.ptp(columns)) + 1 == 20
    middle = np.average(rows, weights=result[rows, columns])
    assert abs(middle - 13.5) < 1.1 and result[0, 0] == 0 and result.max() == 255
    assert len(np.unique(result)) > 10  # gray edges


def test_proportions_are_kept():
    rows, columns = np.nonzero(prepare_photo(SEVEN) > 60)
    assert abs((np.ptp(columns) + 1) / (np.ptp(rows) + 1) - 0.8) < 0.15


def test_prepared_digit_is_left_as_it_is():
    picture = prepare_photo(SEVEN)
    assert np.array_equal(prepare_photo(picture), picture)
    assert np.array_equal(prepare_photo(file_of(picture)), picture)


@needs_data
def test_picture_of_the_set_is_left_as_it_is(handwritten):
    for picture in handwritten[0][:200]:
        assert np.array_equal(prepare_photo(picture), picture)


def test_negated_or_moved_28_by_28_is_prepared():
    picture = prepare_photo(SEVEN)
    assert close(prepare_photo(255 - picture), picture)
    assert close(prepare_photo(np.roll(picture, (-4, -3), (0, 1))), picture)


@pytest.mark.parametrize("ink, paper", [(0, 255), (255, 0), (200, 90), (120, 180), (20, 60)])
def test_ink_is_light_whatever_the_tones(ink, paper):
    assert close(prepare_photo(seven(ink=ink, paper=paper)), prepare_photo(SEVEN))


@pytest.mark.parametrize("size, width", [(20, 2), (60, 4), (500, 1), (1500, 12), (4000, 300)])
def test_any_size_and_pen_gives_nearly_the_same(size, width):
    result = prepare_photo(seven(size, width=width))
    assert close(result, prepare_photo(SEVEN), 22)
    assert 40 < (result > 127).sum() < 130  # neither lost nor a blob


@pytest.mark.parametrize("ink", [(0, 0, 0), (255, 255, 255), (250, 220, 40), (20, 60, 200)])
def test_transparent_background_is_filled_so_that_the_ink_shows(ink):
    picture = np.dstack([np.full((*SEVEN.shape, 3), ink, np.uint8), 255 - SEVEN])
    assert close(prepare_photo(Image.fromarray(picture)), prepare_photo(SEVEN))


@pytest.mark.parametrize("code, turn", [(3, 2), (6, 1), (8, 3), (2, None)])
@pytest.mark.parametrize("kind, size", [("JPEG", 300), ("PNG", 300), ("JPEG", 2400)])
def test_orientation_of_the_phone_is_followed(code, turn, kind, size):
    picture = seven(size, width=size // 12)
    stored = np.fliplr(picture) if turn is None else np.rot90(picture, turn)
    exif = Image.Exif()
    exif[0x0112] = code
    raw = file_of(np.ascontiguousarray(stored), kind, exif=exif)
    assert close(prepare_photo(raw), prepare_photo(picture))


def test_bar_apart_from_its_five_is_kept_and_dust_is_not():
    image = Image.new("L", (200, 200), 255)
    draw = ImageDraw.Draw(image)
    draw.line([(80, 62), (80, 100)], width=9)
    draw.arc((60, 90, 130, 160), -110, 150, width=9)
    draw.line([(88, 45), (135, 40)], width=9)
    whole = prepare_photo(image)
    assert (whole[4:8] > 127).sum() > 6  # the bar
    for place in ((10, 10), (190, 20), (20, 180), (185, 185)):
        draw.rectangle((*place, place[0] + 3, place[1] + 3), fill=0)
    assert close(prepare_photo(image), whole, 3)


def test_black_border_of_a_scan_is_dropped():
    picture = PAGE.copy()
    picture[:, :14] = picture[-10:] = 5
    assert close(prepare_photo(picture), prepare_photo(PAGE), 4)


@pytest.mark.parametrize("margin, width", [(0, 3), (4, 3), (8, 6), (20, 4), (60, 10), (90, 14)])
def test_drawn_frame_and_box_are_dropped(margin, width):
    page = np.pad(seven(300, width=24), ((200, 200), (300, 300)), constant_values=255)
    framed = Image.fromarray(page)
    edges = margin, margin, framed.width - 1 - margin, framed.height - 1 - margin
    ImageDraw.Draw(framed).rectangle(edges, outline=0, width=width)
    assert close(prepare_photo(framed), prepare_photo(page))


@pytest.mark.parametrize("radius", [5, 10, 35, 90])
def test_blot_is_no_digit(radius):
    image = Image.new("L", (300, 300), 255)
    ImageDraw.Draw(image).ellipse([150 - radius] * 2 + [150 + radius] * 2, fill=0)
    with pytest.raises(PhotoError, match="a blot is seen, no strokes"):
        prepare_photo(image)


def test_no_digit_of_the_set_is_taken_for_a_blot(handwritten):
    shares = [digits.share_of_square(picture > 127) for picture in handwritten[0]]
    assert max(shares) < digits.BLOT


@needs_data
def test_stroke_widths_aimed_at_are_those_of_the_training_set():
    """The middle half of its first 1,500 digits, at the size at which the step works."""
    (images, _), _ = datasets.load_mnist()
    widths = [
        width_of_stroke(resized(np.pad(picture.astype("f4"), 2), 5, grow=True))
        for picture in images[:1500]
    ]
    assert np.quantile(widths, [0.25, 0.75]) == pytest.approx(digits.STROKE, abs=0.1)


def width_of_stroke(ink):
    """The width in pixels of the result, in which the longer side has 20."""
    mask = ink[box(ink > 127)] > 127
    return digits.stroke_width(np.pad(mask, 12)) * 20 / max(mask.shape)


@pytest.mark.parametrize("width", [2, 8, 14, 20, 30, 40])
def test_pen_of_any_width_gives_strokes_like_the_training_set(width):
    """The thickest pen needs a second round: thinner strokes make a smaller digit."""
    image = Image.new("L", (140, 140))
    ImageDraw.Draw(image).ellipse((30, 20, 110, 120), outline=255, width=width)
    result = width_of_stroke(digits.even_stroke(np.asarray(image, np.float32)))
    assert digits.STROKE[0] - 0.4 < result < digits.STROKE[1] + 0.5


def test_digit_at_the_frame_is_not_taken_for_the_frame():
    picture = np.pad(SEVEN, ((0, 60), (30, 30)), constant_values=255)[22:]
    rows, columns = np.nonzero(prepare_photo(picture) > 60)
    assert max(np.ptp(rows), np.ptp(columns)) > 17 and np.ptp(columns) > 11


# --- what goes in ----------------------------------------------------------------------------


class FileUpload:
    def __init__(self, value):
        self.value = value


RAW = file_of(SEVEN)
UPLOADS = {
    "version 7": {"a.png": {"metadata": {"name": "a.png"}, "content": RAW}},
    "version 8": ({"name": "a.png", "size": len(RAW), "content": memoryview(RAW)},),
    "one file of it": {"name": "a.png", "content": memoryview(RAW)},
    "widget": FileUpload(({"name": "a.png", "content": memoryview(RAW)},)),
    "bytes": RAW,
    "bytearray": bytearray(RAW),
    "memoryview": memoryview(RAW),
    "file": io.BytesIO(RAW),
    "image": Image.open(io.BytesIO(RAW)),
    "array": SEVEN,
    "bool": SEVEN > 127,
    "float 0-1": SEVEN / 255,
    "float 0-255": SEVEN.astype("float32"),
    "whole numbers": SEVEN.astype("int64"),
    "16 bits": SEVEN.astype("uint16") * 257,
    "one channel": SEVEN[..., None],
    "three channels": np.dstack([SEVEN] * 3),
    "four channels": np.dstack([SEVEN] * 3 + [SEVEN * 0 + 255]),
    "batch of one": SEVEN[None, ..., None],
}


@pytest.mark.parametrize("kind", UPLOADS)
def test_every_kind_of_source_gives_the_same(kind):
    assert np.array_equal(prepare_photo(UPLOADS[kind]), prepare_photo(SEVEN))


def test_real_upload_widget_is_read():
    with pytest.raises(PhotoError, match="no picture yet"):
        prepare_photo(ipywidgets.FileUpload())


def test_path_is_read_as_text_and_as_path(tmp_path):
    path = tmp_path / "my seven.PNG"
    path.write_bytes(RAW)
    assert np.array_equal(prepare_photo(str(path)), prepare_photo(SEVEN))
    assert np.array_equal(prepare_photo(path), prepare_photo(SEVEN))


def test_file_read_once_before_is_read_again():
    file = io.BytesIO(RAW)
    file.read()
    assert np.array_equal(prepare_photo(file), prepare_photo(SEVEN))


@pytest.mark.parametrize(
    "mode", ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr", "HSV", "I", "F"]
)
def test_every_mode_of_pillow_is_read(mode):
    image = Image.fromarray(SEVEN)
    image = (image.convert("RGB") if mode in ("HSV", "YCbCr", "CMYK") else image).convert(mode)
    assert close(prepare_photo(image), prepare_photo(SEVEN), 3)


@pytest.mark.parametrize(
    "kind", ["CMYK JPEG", "gray JPEG", "palette GIF", "BMP", "TIFF", "WEBP", "16-bit PNG"]
)
def test_every_kind_of_file_is_read(kind):
    image = Image.fromarray(SEVEN)
    raw = {
        "CMYK JPEG": lambda: file_of(image.convert("RGB").convert("CMYK"), "JPEG"),
        "gray JPEG": lambda: file_of(image, "JPEG"),
        "palette GIF": lambda: file_of(image.convert("P"), "GIF"),
        "16-bit PNG": lambda: file_of(SEVEN.astype(np.uint16) * 200 + 3000),  # all beyond 8 bits
    }.get(kind, lambda: file_of(image.convert("RGB"), kind))()
    assert close(prepare_photo(raw), prepare_photo(SEVEN))


def test_first_picture_of_an_animation_is_taken():
    frames = [Image.fromarray(SEVEN), Image.fromarray(SEVEN.T.copy())]
    raw = file_of(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert close(prepare_photo(raw), prepare_photo(SEVEN))


# --- what cannot be read ---------------------------------------------------------------------


def bomb(size):
    """A small PNG that says it has so many pixels on each side."""

    def chunk(name, content):
        check = zlib.crc32(name + content)
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", check)

    head = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    packed = zlib.compress(bytes(1_000_000))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    )


WRONG = {
    "empty": (b"", "is empty"),
    "text": (b"Dear Sir or Madam, no picture", "is no picture.*expected PNG"),
    "cut PNG": (file_of(seven(600))[:300], "damaged or cut short.*download it again"),
    "cut JPEG": (file_of(seven(600), "JPEG")[:2000], "damaged or cut short.*download it again"),
    "HEIC": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC.*export it as JPEG"),
    "bomb": (bomb(30_000), "pixels.*reduce it"),
    "one pixel": (np.zeros((1, 1), np.uint8), "1 x 1 pixels.*at least 8 x 8"),
    "no pixels": (np.zeros((0, 28), np.uint8), "expected an array of pixels"),
    "white": (np.full((100, 100, 3), 255, np.uint8), "no digit found.*darker"),
    "black": (np.zeros((28, 28), np.uint8), "no digit found"),
    "transparent": (np.zeros((50, 50, 4), np.uint8), "no digit found"),
    "NaN": (np.full((28, 28), np.nan), "NaN"),
    "infinity": (np.full((28, 28), np.inf), "NaN or infinity"),
    "negative": (SEVEN / 127.5 - 1, "from -1 to 1.*undo the scaling"),
    "too bright": (SEVEN * 2.0, "from 0 to 510"),
    "batch": (np.zeros((5, 28, 28), np.uint8), r"\(5, 28, 28\).*one picture of a batch"),
    "batch with channel": (np.zeros((5, 28, 28, 1), np.uint8), "one picture of a batch"),
    "flat row": (np.zeros(784), "expected .height, width"),
    "channels first": (np.zeros((3, 64, 64), np.uint8), "moveaxis"),
    "two channels": (np.zeros((64, 64, 2), np.uint8), "got uint8"),
    "words": (np.array(["a", "b"]), "expected an array of pixels"),
    "two digits": (np.hstack([SEVEN, SEVEN]), "several digits.*holds one"),
    "nothing": (None, "got NoneType"),
    "a number": (7, "got int"),
    "a list": ([1, 2], "a list of 2 int"),
    "no upload": ((), "no picture yet"),
    "no upload 7": ({}, "no picture yet"),
    "two uploads": (UPLOADS["version 8"] * 2, "2 uploads"),
    "text file": (io.StringIO("x"), "opened as text"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_wrong_input_is_explained(kind):
    source, message = WRONG[kind]
    with pytest.raises(PhotoError, match=f"(?s){message}"):
        prepare_photo(source)


@pytest.mark.parametrize(
    "name, message",
    [("no.jpg", "no file"), ("folder", "is a folder"), ("text.png", "'text.png' is no picture")],
)
def test_wrong_path_is_explained(tmp_path, name, message):
    (tmp_path / "folder").mkdir()
    (tmp_path / "text.png").write_text("not a picture")
    with pytest.raises(PhotoError, match=message):
        prepare_photo(tmp_path / name)


def test_text_that_is_no_path_is_explained():
    for text in ("", "\0", "x" * 5000, "https://example.org/seven.png"):
        with pytest.raises(PhotoError):
            prepare_photo(text)


def test_closed_file_and_closed_image_are_explained(tmp_path):
    file = io.BytesIO(RAW)
    file.close()
    image = Image.open(io.BytesIO(RAW))
    image.close()
    for source in (file, image):
        with pytest.raises(PhotoError):
            prepare_photo(source)


@pytest.mark.parametrize("subject", ["letter", ["digit"], None])
def test_unknown_subject_is_explained(subject):
    for call in (prepare_photo, explain_photo):
        with pytest.raises(PhotoError, match="expected subject 'digit' or 'garment', got"):
            call(SEVEN, subject)


def test_subject_of_ones_own_is_prepared_with_its_steps():
    subject = Subject(
        "corner", (("cut", lambda picture: picture[:28, :28, 0]),), lambda gray: False
    )
    assert np.array_equal(prepare_photo(SEVEN, subject), SEVEN[:28, :28])
    titles = [axis.get_title() for axis in explain_photo(SEVEN, subject).axes]
    assert titles[:3] == ["your picture", "1 · cut", ""]


@pytest.mark.parametrize("noise", [1, 3, 8])
def test_empty_sheet_is_refused(noise):
    random = np.random.default_rng(0)
    page = np.full((600, 800, 3), 220.0) * paper.light((600, 800), random, 0.3)
    with pytest.raises(PhotoError, match="no digit found"):
        prepare_photo(paper.camera(page, random, noise=noise))


@pytest.mark.parametrize("ink, paper", [(0, 255), (255, 0), (140, 200)])
def test_several_digits_are_refused_in_any_tone(ink, paper):
    three = np.hstack([seven(ink=ink, paper=paper)] * 3)
    with pytest.raises(PhotoError, match="several digits seen, 3 side by side"):
        prepare_photo(three)


@pytest.mark.parametrize("size", [30_000, 12_000])  # Pillow itself refuses the first one only
def test_picture_of_too_many_pixels_is_not_decoded(monkeypatch, size):
    def load(image):
        raise AssertionError("decoded")

    monkeypatch.setattr(ImageFile.ImageFile, "load", load)
    with pytest.raises(AssertionError, match="decoded"):
        prepare_photo(RAW)
    with pytest.raises(PhotoError, match="pixels: reduce it"):
        prepare_photo(bomb(size))


@pytest.mark.parametrize("subject", ["digit", "garment"])
@pytest.mark.parametrize("shape", [(8, 8), (9, 400), (400, 9), (28, 28), (57, 57), (700, 700)])
def test_noise_never_crashes_and_is_not_changed(subject, shape):
    random = np.random.default_rng(3)
    for channels in ((), (3,), (4,)):
        picture = random.integers(0, 256, (*shape, *channels), np.uint8)
        before = picture.copy()
        with contextlib.suppress(PhotoError):
            result = prepare_photo(picture, subject)
            assert result.shape == (28, 28) and result.dtype == np.uint8
        assert np.array_equal(picture, before)


# --- explained -------------------------------------------------------------------------------


def test_every_step_is_drawn_beside_training_pictures():
    examples = np.random.default_rng(0).integers(0, 256, (9, 28, 28), dtype=np.uint8)
    figure = explain_photo(SEVEN, examples=examples)
    drawn = [axis for axis in figure.axes if axis.images]
    titles = [axis.get_title() for axis in drawn]
    assert titles[0] == "your picture" and titles[-4:] == ["training picture"] * 4
    assert len(titles[1:-4]) == len(set(titles[1:-4])) == len(digits.DIGIT.steps)
    last = np.asarray(drawn[-5].images[0].get_array())
    assert np.array_equal(last, prepare_photo(SEVEN))
    assert np.array_equal(np.asarray(drawn[-4].images[0].get_array()), examples[0])


def test_prepared_picture_is_drawn_alone():
    assert len(explain_photo(prepare_photo(SEVEN)).axes[0].images) == 1


# --- garments --------------------------------------------------------------------------------


def prepare_garment(picture):
    return prepare_photo(picture, "garment")


def draw(background=(255, 255, 255), color=(40, 60, 120), size=(300, 300), shape="shirt"):
    picture = Image.new("RGB", size, background)
    pen = ImageDraw.Draw(picture)
    if shape == "shirt":
        pen.polygon([(60, 60), (240, 60), (260, 120), (215, 130), (215, 250), (85, 250), (85, 130),
                     (40, 120)], fill=color)  # fmt: skip
    elif shape == "trousers":
        pen.polygon([(100, 40), (200, 40), (210, 270), (165, 270), (150, 110), (135, 270),
                     (90, 270)], fill=color)  # fmt: skip
    elif shape == "bag":
        pen.rectangle((60, 130, 240, 260), fill=color)
        pen.arc((100, 50, 200, 220), 180, 360, fill=color, width=9)
    elif shape == "shoe":
        pen.polygon([(30, 120), (110, 120), (270, 190), (270, 220), (30, 220)], fill=color)
    return np.array(picture)


def as_set(seed=0):
    """Draw a 28×28 picture as the set has them."""
    picture = np.zeros((28, 28), np.uint8)
    picture[0:28, 6:22] = np.random.default_rng(seed).integers(60, 256, (28, 16))
    return picture


def test_result_is_a_picture_of_the_set():
    result = prepare_garment(draw())
    assert result.shape == (28, 28) and result.dtype == np.uint8
    assert result.max() == 255 and result[[0, 0, -1, -1], [0, -1, 0, -1]].max() == 0


def test_prepared_picture_is_left_as_it_is():
    picture = as_set()
    assert np.array_equal(prepare_garment(np.dstack([picture] * 3)), picture)


def test_negated_28_by_28_is_turned_back():
    picture = as_set()
    result = prepare_garment(np.dstack([255 - picture] * 3))
    assert np.abs(result.astype(int) - picture).mean() < 3


def test_longer_side_fills_the_frame_and_proportions_are_kept():
    tall, wide = prepare_garment(draw(shape="trousers")), prepare_garment(draw(shape="shoe"))
    assert tall.any(axis=1).all() and abs(tall.any(axis=0).sum() - 28 * 120 / 230) <= 2
    assert wide.any(axis=0).all() and abs(wide.any(axis=1).sum() - 28 * 100 / 240) <= 2


@pytest.mark.parametrize("size", [(300, 300), (700, 300), (300, 900)])
def test_place_in_the_frame_does_not_matter(size):
    moved = np.full((size[1], size[0], 3), 255, np.uint8)
    moved[-300:, -300:] = draw()
    apart = np.abs(prepare_garment(moved).astype(int) - prepare_garment(draw()))
    assert apart.mean() < 12


def test_gap_between_trouser_legs_stays_dark():
    result = prepare_garment(draw(background=(170, 120, 80), shape="trousers"))
    assert result[20:, 13].max() < 60 and result[20:, 9:12].max() > 150


def test_handle_of_a_bag_survives_and_its_opening_stays_dark():
    result = prepare_garment(draw(background=(200, 190, 90), shape="bag"))
    assert result[:4].any() and result[8, 13:15].max() < 60


@pytest.mark.parametrize("low", [0.6, 0.8])
def test_uneven_light_is_no_garment(low):
    lit = draw(background=(220, 215, 210)) * np.linspace(1, low, 300)[None, :, None]
    apart = np.abs(prepare_garment(np.uint8(lit)).astype(int) - prepare_garment(draw()))
    assert apart.mean() < 30


def test_soft_shadow_is_no_garment():
    shirt = draw(background=(130, 130, 130), color=(200, 200, 200))
    mask = (shirt > 130).any(axis=-1)
    shade = 1 - 0.4 * ndimage.gaussian_filter(ndimage.shift(mask * 1.0, (12, 14)), 9)
    shaded = np.uint8(np.where(mask[..., None], shirt, 130 * shade[..., None]))
    plain, result = prepare_garment(shirt), prepare_garment(shaded)
    assert np.mean((plain > 0) != (result > 0)) < 0.06


def test_dark_garment_is_light_and_texture_survives():
    picture = draw(color=(30, 30, 30))
    picture[150:170, 90:210] = 120
    result = prepare_garment(picture)
    assert result[20:25, 12:16].min() > 200 > result[12:15, 12:16].min() > 90


def test_light_garment_on_a_dark_background_is_light():
    result = prepare_garment(draw(background=(20, 20, 25), color=(230, 225, 220)))
    assert np.median(result[result > 0]) > 200


def test_pale_garment_on_white_is_found():
    result = prepare_garment(draw(background=(254, 254, 254), color=(232, 232, 232)))
    assert (result > 0).mean() == pytest.approx((prepare_garment(draw()) > 0).mean(), abs=0.05)


def test_garment_that_touches_the_border_is_found():
    cut = draw()[60:251, 40:261]
    result = prepare_garment(cut)
    assert (result > 0).mean() == pytest.approx((prepare_garment(draw()) > 0).mean(), abs=0.06)


def test_textured_background_is_dropped():
    grain = np.random.default_rng(0).normal(0, 8, (300, 300, 1))
    result = prepare_garment(np.uint8(np.clip(draw(background=(180, 140, 100)) + grain, 0, 255)))
    assert np.mean((result > 0) != (prepare_garment(draw()) > 0)) < 0.06


def test_specks_do_not_move_the_crop():
    picture = draw()
    picture[5:12, 5:12] = picture[285:292, 280:287] = 0
    apart = np.abs(prepare_garment(picture).astype(int) - prepare_garment(draw()))
    assert apart.mean() < 12


def test_outline_is_filled():
    outline = Image.new("RGB", (300, 300), "white")
    ImageDraw.Draw(outline).rectangle((80, 40, 220, 260), outline="black", width=3)
    assert prepare_garment(np.array(outline))[14, 14] > 100


def test_hook_of_a_hanger_is_dropped():
    picture = draw()
    picture[10:61, 148:152] = 60
    apart = np.abs(prepare_garment(picture).astype(int) - prepare_garment(draw()))
    assert apart.mean() < 8


def test_narrow_garment_keeps_its_top():
    trousers = draw(shape="trousers")
    picture = np.dstack([trousers, np.uint8(trousers[..., 0] < 200) * 255])
    assert np.array_equal(garments.drop_hook(picture), picture)


def test_cut_out_is_taken_as_it_is():
    shirt = draw(color=(252, 252, 252))  # white on white: only the opacity shows it
    opacity = np.uint8(draw()[..., :1] < 200) * 255
    result = prepare_garment(np.dstack([shirt, opacity]))
    assert np.mean((result > 0) != (prepare_garment(draw()) > 0)) < 0.06


@pytest.mark.parametrize("color", [0, 128, 255])
@pytest.mark.parametrize("shape", [(300, 300, 3), (40, 600, 3), (28, 28, 3), (8, 8, 3), (9, 9, 4)])
def test_flat_color_is_refused(shape, color):
    with pytest.raises(PhotoError, match="no garment found"):
        prepare_garment(np.full(shape, color, np.uint8))


# --- what the steps are worth ----------------------------------------------------------------


BOX = Image.fromarray(PAGE)
ImageDraw.Draw(BOX).rectangle((20, 20, 220, 220), outline=0, width=6)
NOTE = PAGE.copy()
NOTE[20:28, 20:60] = 0
DOWN = np.arange(240)[:, None]
NEEDS = {  # a picture of the same 7 for each step that it cannot do without
    "fill_transparent": np.dstack([np.zeros((*SEVEN.shape, 3), np.uint8), 255 - SEVEN]),
    "find_sheet": np.pad(np.pad(SEVEN, 20, constant_values=255), 100, constant_values=60),
    "even_light": np.uint8(PAGE * np.where(DOWN.T < 150, 1, 0.3)),  # half in a shadow
    "separate_ink": np.uint8(np.where(SEVEN[..., None] < 128, [200, 60, 60], [60, 129, 129])),
    "drop_lines": np.uint8(np.minimum(PAGE, np.where(DOWN % 30 < 2, 60, 255))),  # ruled paper
    "drop_frame": BOX,
    "keep_digit": NOTE,
    "threshold": np.uint8(np.where(PAGE < 128, 60 + 0.6 * DOWN, 255)),  # the pen fades
    "even_stroke": seven(width=2),
    "fit": SEVEN,
    "center": SEVEN,
}


@pytest.mark.parametrize("step", NEEDS)
def test_step_is_needed(step):
    """With the step, the picture becomes like a plain 7; without it, it does not."""
    picture, expected = NEEDS[step], prepare_photo(SEVEN)
    assert close(prepare_photo(picture), expected)
    try:
        crippled = prepare_photo(picture, without(step))
    except PhotoError:
        return
    assert not close(crippled, expected, 15)


@pytest.mark.slow
def test_network_reads_a_picture_of_every_condition():
    """One picture each; the benchmark has 30, and handwritten ones."""
    import keras

    numbers = [100 + (order + 2) % 10 for order in range(len(conditions.CONDITIONS))]
    prepared, digit = {}, {}
    for condition, number in zip(conditions.CONDITIONS, numbers, strict=True):
        [(picture, digit[condition])] = conditions.pictures(condition, [number])
        prepared[condition] = prepare_photo(picture)
    batch = np.stack(list(prepared.values()))[..., np.newaxis]
    network = keras.models.load_model(NETWORK)
    read = dict(zip(prepared, network.predict(batch, verbose=0).argmax(axis=1), strict=True))
    assert read == digit
