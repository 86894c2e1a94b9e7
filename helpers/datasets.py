"""Fashion-MNIST and MNIST: found on this machine or downloaded, and always verified.

A set is looked for in this order:

1. the folder named in ``COURSE_DATA_DIR``, then the folder ``data`` of the course;
2. the course's cache (``COURSE_CACHE_DIR``, or ``~/.cache/pixels-to-predictions``), then Keras's;
3. the publishers' addresses and mirrors, or instead the servers in ``COURSE_DATA_URL``;
4. a stand-in, drawn by ``helpers.standin``, with a notice. ``COURSE_DATA=real`` forbids it,
   ``COURSE_DATA=standin`` asks for it.

Every file is compared with its published SHA-256, wherever it comes from.
``python -m helpers.datasets`` fetches both sets in advance, ``python -m helpers.datasets FOLDER``
writes them into a folder.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import sys
import textwrap
import time
import urllib.request
import uuid
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

# fmt: off
FASHION_MNIST_CLASSES = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
                         "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")
# fmt: on
COURSE = Path(__file__).parents[1]
_MISSING = "is not on this machine and could not be downloaded"
TIMEOUT = (5, 15)  # seconds to wait for a connection, and then for each next byte
PAUSES = (0, 1, 3)  # seconds before each round through the addresses

# The four files of a set: the shape of the array, and its name in Keras's .npz.
# Labels come first, so that a missing network is noticed on a small file.
FILES = {
    "train-labels-idx1-ubyte": ((60_000,), "y_train"),
    "t10k-labels-idx1-ubyte": ((10_000,), "y_test"),
    "train-images-idx3-ubyte": ((60_000, 28, 28), "x_train"),
    "t10k-images-idx3-ubyte": ((10_000, 28, 28), "x_test"),
}


@dataclass(frozen=True)
class _Dataset:
    """One set: its name, its folder's names, its addresses, and the SHA-256 of its four files."""

    name: str
    folders: tuple[str, ...]
    addresses: tuple[str, ...]
    sha256: tuple[str, ...]  # of the decompressed files, in the order of FILES, as published


_FASHION_MNIST = _Dataset(
    "Fashion-MNIST",
    ("fashion_mnist", "fashion-mnist"),
    (
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
        "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
    ),
    (
        "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
        "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    ),
)
_MNIST = _Dataset(
    "MNIST",
    ("mnist",),
    (
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ),
    (
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    ),
)


class DataError(RuntimeError):
    """The data cannot be had as asked for. The message says what was seen and what to do."""

    def _render_traceback_(self) -> list[str]:
        """Let a notebook show the message alone."""
        return [f"DataError: {self}"]


class _NotTheFileError(ValueError):
    """These bytes are not the published file."""


def load_fashion_mnist():
    """Load the 70,000 pictures of garments and print where they came from.

    Returns
    -------
    (train_images, train_labels), (test_images, test_labels)
        As ``keras.datasets.fashion_mnist.load_data()``: uint8 images (60000, 28, 28) and
        (10000, 28, 28), 0 black to 255 white; uint8 labels (60000,) and (10000,), the positions in
        ``FASHION_MNIST_CLASSES``.

    Raises
    ------
    DataError
        If ``COURSE_DATA_DIR`` is not a folder, or ``COURSE_DATA=real`` and the set cannot be had.

    References
    ----------
    Xiao, Rasul, Vollgraf: Fashion-MNIST, 2017, arXiv 1708.07747. MIT license.
    """
    return _load(_FASHION_MNIST)


def load_mnist():
    """Load the 70,000 handwritten digits of MNIST and print where they came from.

    Returns
    -------
    (train_images, train_labels), (test_images, test_labels)
        As ``keras.datasets.mnist.load_data()``: uint8 images (60000, 28, 28) and (10000, 28, 28),
        0 paper to 255 ink; uint8 labels (60000,) and (10000,), the digits.

    Raises
    ------
    DataError
        If ``COURSE_DATA_DIR`` is not a folder, or ``COURSE_DATA=real`` and the set cannot be had.

    References
    ----------
    LeCun, Bottou, Bengio, Haffner: Gradient-based learning applied to document recognition, 1998.
    CC BY-SA 3.0.
    """
    return _load(_MNIST)


def _load(dataset: _Dataset):
    """Search, download or draw one set, as the environment variables ask."""
    choice = os.environ.get("COURSE_DATA", "")
    if choice not in ("", "real", "standin"):
        raise DataError(f"COURSE_DATA is {choice!r}, expected 'real' or 'standin', or nothing.")
    if choice == "standin":
        return _load_standin(dataset, "as COURSE_DATA=standin asks", [])

    contents, sources, notes = _collect(dataset)
    if len(contents) < len(FILES):
        if choice == "real":
            raise DataError(_failure(dataset, notes))
        return _load_standin(dataset, f"because {dataset.name} {_MISSING}", notes)
    arrays = {}
    for name, (shape, key) in FILES.items():
        pixels = np.frombuffer(contents.pop(name), np.uint8, offset=_header_size(shape))
        arrays[key] = pixels.reshape(shape).copy()  # a view of bytes is read-only
    for note in notes:
        print(f"Note: {note}")
    counts = f"{len(arrays['y_train']):,} training, {len(arrays['y_test']):,} test pictures"
    print(f"{dataset.name} {' and '.join(sources)}: {counts}")
    return (arrays["x_train"], arrays["y_train"]), (arrays["x_test"], arrays["y_test"])


def _collect(dataset: _Dataset) -> tuple[dict[str, bytes], dict[str, None], list[str]]:
    """Find or download the four files: their verified content, their sources, and notes.

    A file that cannot be had ends the search, and less than four come back.
    """
    folders, addresses = _folders(), _addresses(dataset)
    contents, sources, notes = {}, {}, []  # a dictionary keeps the order of the sources
    for name in FILES:
        found = _find(dataset, name, folders, notes) or _download(dataset, name, addresses, notes)
        if not found:
            break
        contents[name], source = found
        sources[source] = None
    own = folders.get("from your data folder")
    if own and "from your data folder" not in sources:
        deep = any((own / f"{name}{end}").exists() for name in FILES for end in ("", ".gz"))
        advice = "give the folder above it" if deep else "looked elsewhere"
        notes.insert(0, f"COURSE_DATA_DIR holds no usable {dataset.name}: {advice}.")
    return contents, sources, notes


def _failure(dataset: _Dataset, notes: list[str]) -> str:
    reasons = "".join(f"- {note}\n" for note in notes)
    return f"{dataset.name} {_MISSING}:\n{reasons}{_how_to_get(dataset)}"


def main(arguments: list[str]) -> int:
    """Fetch both sets into the cache, or write them into a folder given as the one argument."""
    try:
        if not arguments:
            load_fashion_mnist()
            load_mnist()
            return 0
        for dataset in (_FASHION_MNIST, _MNIST):
            contents, _, notes = _collect(dataset)
            if len(contents) < len(FILES):
                raise DataError(_failure(dataset, notes))
            failed: list[str] = []
            for name, content in contents.items():
                path = Path(arguments[0]) / dataset.folders[0] / f"{name}.gz"
                _keep(path, gzip.compress(content, 6, mtime=0), failed)
            if failed:
                raise DataError("\n".join(failed))
            print(f"{dataset.name} written into {arguments[0]}")
    except DataError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


# --- on this machine -------------------------------------------------------------------------


def _folders() -> dict[str, Path]:
    """Give the folders to search, in order, by the words that name them to a student."""
    folders = {}
    if chosen := os.environ.get("COURSE_DATA_DIR", ""):
        here = os.path.expanduser(chosen)
        folder = next(filter(os.path.isdir, (here, COURSE / chosen)), None)
        if folder is None:
            seen = "is a file" if os.path.isfile(here) else "does not exist or cannot be opened"
            raise DataError(
                f"COURSE_DATA_DIR is {chosen!r}, which {seen}. Expected a folder that holds "
                "fashion_mnist/ and mnist/. Correct it, or unset it to have the data downloaded."
            )
        folders["from your data folder"] = Path(folder)
    folders["from the course's data folder"] = COURSE / "data"
    folders["from the course's cache"] = _cache_folder()
    keras_home = os.environ.get("KERAS_HOME") or os.path.expanduser("~/.keras")
    folders["from Keras's cache"] = Path(keras_home) / "datasets"
    return folders


def _cache_folder() -> Path:
    chosen = os.environ.get("COURSE_CACHE_DIR") or "~/.cache/pixels-to-predictions"
    return Path(os.path.expanduser(chosen))


def _addresses(dataset: _Dataset) -> list[str]:
    """Give the addresses to download from, in order."""
    chosen = os.environ.get("COURSE_DATA_URL", "").split()
    for url in chosen:
        if not url.startswith(("http://", "https://")):
            raise DataError(f"COURSE_DATA_URL is {url!r}, expected to begin with http://")
    return [f"{url.rstrip('/')}/{dataset.folders[0]}/" for url in chosen] or [*dataset.addresses]


def _find(dataset: _Dataset, name: str, folders: dict[str, Path], notes: list[str]):
    """Look for one file in all folders: (verified content, source), or None."""
    for source, folder in folders.items():
        for path in _candidates(dataset, name, folder):
            try:
                if not path.is_file():
                    continue
                if path.suffix == ".npz":
                    return _verify(_read_npz(path, name), dataset, name), source
                return _verify(path.read_bytes(), dataset, name), source
            except _NotTheFileError as fault:
                notes.append(f"{path} {fault}. {_set_aside(path, source)}")
            except OSError as fault:
                notes.append(f"{path} cannot be read ({fault.strerror}); looked elsewhere.")
    return None


def _candidates(dataset: _Dataset, name: str, folder: Path) -> list[Path]:
    """List the places of one file below a folder: IDX, compressed or not, or a .npz of Keras."""
    places = [folder / sub / (name + end) for sub in dataset.folders for end in (".gz", "")]
    for sub in dataset.folders:
        places += [folder / f"{sub}.npz", folder / sub / f"{sub}.npz"]
    return places


def _set_aside(path: Path, source: str) -> str:
    """Rename a bad file of the course's own cache; say what was done."""
    if source != "from the course's cache":
        return "It was left as it is; delete or replace it."
    try:
        path.replace(path.with_name(path.name + ".damaged"))
    except OSError:
        return "It could not be set aside; delete it."
    return f"It was set aside as {path.name}.damaged."


def _read_npz(path: Path, name: str) -> bytes:
    """Read one array of a .npz in Keras's layout and write it as IDX."""
    shape, key = FILES[name]
    try:
        with np.load(path, allow_pickle=False) as file:
            array = file[key]
    except OSError:
        raise
    except Exception as fault:  # a damaged .npz fails in many ways
        raise _NotTheFileError(f"is not a whole .npz with {key} ({fault})") from fault
    if array.shape != shape or not np.can_cast(array.dtype, np.int64):
        raise _NotTheFileError(
            f"holds {key} as {array.dtype} {array.shape}, expected uint8 {shape}"
        )
    header = (0x0800 + len(shape)).to_bytes(4, "big")
    return header + b"".join(n.to_bytes(4, "big") for n in shape) + array.astype(np.uint8).tobytes()


# --- verified --------------------------------------------------------------------------------


def _header_size(shape: tuple[int, ...]) -> int:
    """Give the bytes before the data of an IDX file: a magic number and one number a dimension."""
    return 4 + 4 * len(shape)


def _verify(raw: bytes, dataset: _Dataset, name: str) -> bytes:
    """Decompress if necessary and compare with the published SHA-256."""
    shape, _ = FILES[name]
    size = _header_size(shape) + int(np.prod(shape))
    if not raw:
        raise _NotTheFileError("is empty")
    if raw[:200].lstrip()[:1] == b"<":
        raise _NotTheFileError("is a web page instead of data, perhaps the network's login page")
    content = _decompress(raw, size) if raw[:2] == b"\x1f\x8b" else raw
    digest = hashlib.sha256(content).hexdigest()
    for known in (dataset, _FASHION_MNIST, _MNIST):
        for known_name, known_digest in zip(FILES, known.sha256, strict=True):
            if digest == known_digest and (known, known_name) == (dataset, name):
                return content
            if digest == known_digest:
                raise _NotTheFileError(f"holds {known_name} of {known.name}")
    if len(content) < size:
        raise _NotTheFileError(f"is cut short: {len(content):,} bytes of {size:,}")
    raise _NotTheFileError("is damaged: its SHA-256 is not the published one")


def _decompress(raw: bytes, size: int) -> bytes:
    try:
        return zlib.decompressobj(wbits=31).decompress(raw, size + 1)
    except zlib.error as fault:
        raise _NotTheFileError(f"cannot be decompressed ({fault})") from fault


# --- downloaded ------------------------------------------------------------------------------


def _download(dataset: _Dataset, name: str, addresses: list[str], notes: list[str]):
    """Fetch one file into memory, verify it and keep it: (content, source), or None.

    An address that fails for good is removed from ``addresses``, so that it is not asked again for
    the next file; one that breaks off or is overloaded gets another round.
    """
    for pause in PAUSES:
        time.sleep(pause if addresses else 0)
        for address in list(addresses):
            url = f"{address}{name}.gz"
            try:
                raw = _fetch(url, f"{dataset.name} {name.split('-idx')[0]}")
                content = _verify(raw, dataset, name)
            except KeyboardInterrupt:
                print("\nStopped. Nothing half-done was kept. Run this again to go on, or set")
                print("COURSE_DATA=standin to work with drawn pictures.")
                raise
            except Exception as fault:  # the zoo of requests, urllib3 and sockets
                reason, temporary = _explain(fault)
                if (note := f"{url} {reason}") not in notes:
                    notes.append(note)
                if not temporary:
                    addresses.remove(address)
                continue
            suffix = ".gz" if raw[:2] == b"\x1f\x8b" else ""
            _keep(_cache_folder() / dataset.folders[0] / (name + suffix), raw, notes)
            return content, f"downloaded from {url.split('/')[2]}"
    return None


def _fetch(url: str, title: str) -> bytes:
    """Download one file into memory with a progress bar (on stdout: stderr looks like an error)."""
    import pooch
    from tqdm import tqdm

    target = io.BytesIO()
    style = {"unit": "B", "unit_scale": True, "ncols": 76, "file": sys.stdout, "leave": False}
    with tqdm(total=1, desc=title, **style) as bar:  # pooch sets the total
        pooch.HTTPDownloader(progressbar=bar, chunk_size=2**16, timeout=TIMEOUT)(url, target, None)
    return target.getvalue()


def _explain(fault: Exception) -> tuple[str, bool]:
    """Say in words why a download failed, and whether another try may help."""
    from requests import exceptions

    if isinstance(fault, _NotTheFileError):
        return str(fault), "cut short" in str(fault)
    if isinstance(fault, exceptions.HTTPError):
        status = fault.response.status_code
        return f"answered with HTTP status {status}", status == 429 or status >= 500
    if isinstance(fault, exceptions.SSLError):
        return (
            "has a certificate that this machine does not trust (verification stays on). Behind a "
            "school's or company's firewall, set REQUESTS_CA_BUNDLE to its certificate file",
            False,
        )
    if isinstance(fault, exceptions.ChunkedEncodingError):
        return "broke off before the end", True
    if isinstance(fault, exceptions.Timeout) or "timed out" in str(fault).lower():
        reason = "did not answer in time"
    elif isinstance(fault, exceptions.ConnectionError):
        reason = "could not be reached"
    else:
        reason = f"failed: {fault}"
    if {"http", "https", "all"} & set(urllib.request.getproxies()):
        reason += ". A proxy is set: correct or unset the proxy in HTTP_PROXY and HTTPS_PROXY"
    return reason, False


def _keep(path: Path, raw: bytes, notes: list[str]) -> None:
    """Write a whole file or none: to a temporary name first, then renamed."""
    temporary = path.with_name(f"{path.name}.{uuid.uuid4().hex}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            temporary.write_bytes(raw)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as fault:
        notes.append(f"{path} could not be written ({fault.strerror}); next time it is made again.")


# --- drawn -----------------------------------------------------------------------------------


def _load_standin(dataset: _Dataset, why: str, notes: list[str]):
    """Draw the stand-in, or read it from the cache, and say loudly that it is one."""
    from helpers import standin

    code = hashlib.sha256(Path(standin.__file__).read_bytes()).hexdigest()[:8]
    path = _cache_folder() / "standin" / f"{dataset.folders[0]}-{code}.npz"
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {key: file[key] for _, key in FILES.values()}
    except Exception:  # not there, or damaged: what is drawn is drawn again
        draw = standin.draw_mnist if dataset is _MNIST else standin.draw_fashion_mnist
        (x_train, y_train), (x_test, y_test) = draw()
        arrays = {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}
        buffer = io.BytesIO()
        np.savez(buffer, **arrays)
        _keep(path, buffer.getvalue(), notes)
    _print_notice(dataset, why, notes)
    return (arrays["x_train"], arrays["y_train"]), (arrays["x_test"], arrays["y_test"])


def _how_to_get(dataset: _Dataset) -> str:
    if os.environ.get("COURSE_DATA") == "standin":
        return "To get the real ones: unset COURSE_DATA."
    return (
        "To get the real ones: connect this machine to the internet and run this again, or set "
        f"COURSE_DATA_DIR to a folder with {dataset.folders[0]}/ in it."
    )


def _print_notice(dataset: _Dataset, why: str, notes: list[str]) -> None:
    """Print a box in plain ASCII, which every terminal can show."""
    paragraphs = [
        f"THIS IS NOT {dataset.name.upper()}, BUT A STAND-IN",
        f"The pictures are drawn by the course, {why}.",
        *(f"- {note}" for note in notes),
        "Every cell runs. Pictures, labels and numbers will differ from those in the text.",
        _how_to_get(dataset),
    ]
    print("+" + "-" * 74 + "+")
    for paragraph in paragraphs:
        for line in textwrap.wrap(paragraph, 70):
            print(f"| {line:<72} |")
    print("+" + "-" * 74 + "+")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
