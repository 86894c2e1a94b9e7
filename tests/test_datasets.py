"""The data always arrives: real files, a real local server, and every fault that was thought of.

Two small sets are made for these tests, with their own SHA-256, laid out as the published ones.
"""

import contextlib
import functools
import gzip
import hashlib
import http.server
import json
import os
import random
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import trustme

from helpers import datasets, standin

COURSE = Path(__file__).parents[1]
SHAPES = {
    "train-labels-idx1-ubyte": (600,),
    "t10k-labels-idx1-ubyte": (100,),
    "train-images-idx3-ubyte": (600, 28, 28),
    "t10k-images-idx3-ubyte": (100, 28, 28),
}
IMAGES = "train-images-idx3-ubyte"
SETS = {"fashion_mnist": "Fashion-MNIST", "mnist": "MNIST"}


def idx(array):
    """Write an array as an IDX file: magic number, sizes, data."""
    header = (0x0800 + array.ndim).to_bytes(4, "big")
    return header + b"".join(n.to_bytes(4, "big") for n in array.shape) + array.tobytes()


def made_files():
    """Make the eight files: {folder: {name: decompressed bytes}}."""
    rng = np.random.default_rng(1)
    return {
        folder: {name: idx(rng.integers(0, 10 if len(shape) == 1 else 256, shape, dtype=np.uint8))
                 for name, shape in SHAPES.items()}
        for folder in SETS
    }  # fmt: skip


FILES = made_files()


class Handler(http.server.BaseHTTPRequestHandler):
    """Serve the made files; the first folder of the address says which fault to show."""

    def do_GET(self):
        fault, folder, name = self.path.strip("/").split("/")
        self.server.asked.append(self.path)
        content = gzip.compress(FILES[folder][name.removesuffix(".gz")], 1)
        if fault == "missing":
            return self.send_error(404)
        if fault == "forbidden":
            return self.send_error(403)
        if fault == "overloaded":
            return self.send_error(500)
        if fault == "flaky" and self.server.asked.count(self.path) <= 2:
            return self.send_error(500)
        if fault == "silent":
            return self.server.stopping.wait(20)
        if fault == "wrong":
            content = gzip.compress(b"\0" * 100_000)
        if fault == "swapped":
            content = gzip.compress(FILES["mnist"][name.removesuffix(".gz")], 1)
        if fault == "empty":
            content = b""
        if fault == "portal":
            content = b"\n<!doctype html><title>Log in</title>" + b"Welcome to our Wi-Fi. " * 1000
        if fault == "plain":
            content = FILES[folder][name.removesuffix(".gz")]
        self.send_response(200)
        if fault != "short":
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if fault == "slow":
            for start in range(0, len(content), 4096):
                self.wfile.write(content[start : start + 4096])
                self.server.stopping.wait(0.05)
        else:
            self.wfile.write(
                content[: len(content) // 2] if fault in ("half", "short") else content
            )
        return None

    def log_message(self, *args):
        """Keep the test output clean."""

    def handle(self):
        with contextlib.suppress(OSError):  # the client hung up
            super().handle()


@contextlib.contextmanager
def running_server(certificate=None):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.asked, server.stopping = [], threading.Event()
    server.daemon_threads = True
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.url = f"http{'s' if certificate else ''}://127.0.0.1:{server.server_port}"
    try:
        yield server
    finally:
        server.stopping.set()
        server.shutdown()
        server.server_close()


@pytest.fixture
def server():
    with running_server() as server:
        yield server


def use_made_sets():
    """Put the small sets in the place of the published ones (also run in child processes)."""
    datasets.FILES = {name: (SHAPES[name], key) for name, (_, key) in datasets.FILES.items()}
    for folder in SETS:
        attribute = f"_{folder.upper()}"
        published = getattr(datasets, attribute)
        digests = tuple(hashlib.sha256(FILES[folder][name]).hexdigest() for name in datasets.FILES)
        made = datasets._Dataset(published.name, published.folders, published.addresses, digests)
        setattr(datasets, attribute, made)
    for draw in ("draw_fashion_mnist", "draw_mnist"):
        small = functools.partial(getattr(standin, draw), train_count=600, test_count=100)
        setattr(standin, draw, small)
    datasets.TIMEOUT, datasets.PAUSES = (1, 1), (0, 0.1, 0.1)
    datasets.COURSE = Path(__file__).parent  # where there is no folder data


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """A machine with the small sets on no disk yet; returns the course's cache folder."""
    for name in ("COURSE", "FILES", "_FASHION_MNIST", "_MNIST", "TIMEOUT", "PAUSES"):
        monkeypatch.setattr(datasets, name, getattr(datasets, name))
    for name in ("draw_fashion_mnist", "draw_mnist"):
        monkeypatch.setattr(standin, name, getattr(standin, name))
    use_made_sets()
    datasets.COURSE = tmp_path / "course"
    for name in os.environ:
        if name.startswith("COURSE_") or name.upper().endswith("_PROXY"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("COURSE_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("COURSE_DATA_URL", "http://127.0.0.1:9")  # nobody answers there
    return tmp_path / "cache"


def write_set(folder, name="fashion_mnist", compressed=True):
    """Write the four files of a set into a folder."""
    folder.mkdir(parents=True)
    for file, content in FILES[name].items():
        if compressed:
            (folder / f"{file}.gz").write_bytes(gzip.compress(content, 1))
        else:
            (folder / file).write_bytes(content)


def write_npz(path, name="mnist"):
    """Write a set as Keras does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays = {}
    for file, (shape, key) in datasets.FILES.items():
        data = np.frombuffer(FILES[name][file], np.uint8)
        arrays[key] = data[-int(np.prod(shape)) :].reshape(shape)
    np.savez_compressed(path, **arrays)


def is_real(loaded, name="fashion_mnist"):
    """Whether these are exactly the made pictures and labels."""
    (train_images, train_labels), (test_images, test_labels) = loaded
    arrays = (train_labels, test_labels, train_images, test_images)
    return all(idx(a) == FILES[name][n] for a, n in zip(arrays, SHAPES, strict=True))


def leftovers(cache):
    """Files in the cache that are not whole published files (and not the stand-in)."""
    whole = {content for files in FILES.values() for content in files.values()}

    def is_whole(path):
        raw = path.read_bytes()
        with contextlib.suppress(EOFError, OSError):
            return (gzip.decompress(raw) if path.suffix == ".gz" else raw) in whole
        return False

    files = [path for path in cache.rglob("*") if path.is_file() and path.parent.name != "standin"]
    return [path.name for path in files if not is_whole(path)]


# --- where the data comes from -----------------------------------------------------------------


@pytest.mark.parametrize("layout", ["gz", "plain", "hyphen", "npz", "npz in its folder"])
def test_data_folder_is_read_in_every_layout(cache, tmp_path, monkeypatch, capsys, layout):
    folder = tmp_path / "stick"
    if "npz" in layout:
        inner = "fashion_mnist" if "folder" in layout else "."
        write_npz(folder / inner / "fashion_mnist.npz", "fashion_mnist")
    else:
        name = "fashion-mnist" if layout == "hyphen" else "fashion_mnist"
        write_set(folder / name, compressed=layout != "plain")
    monkeypatch.setenv("COURSE_DATA_DIR", str(folder))
    assert is_real(datasets.load_fashion_mnist())
    line = "Fashion-MNIST from your data folder: 600 training, 100 test pictures\n"
    assert capsys.readouterr().out == line


def test_relative_data_folder_counts_from_the_course(cache, tmp_path, monkeypatch):
    write_set(tmp_path / "stick/mnist", "mnist")
    (tmp_path / "course").mkdir()
    monkeypatch.setenv("COURSE_DATA_DIR", "../stick")
    monkeypatch.chdir(COURSE / "tests")
    assert is_real(datasets.load_mnist(), "mnist")


def test_folder_data_of_the_course_is_found_by_itself(cache, tmp_path, capsys):
    write_set(tmp_path / "course/data/mnist", "mnist")
    assert is_real(datasets.load_mnist(), "mnist")
    assert "MNIST from the course's data folder" in capsys.readouterr().out


def test_arrays_can_be_written_to(cache, tmp_path, monkeypatch):
    write_set(tmp_path / "stick/mnist", "mnist")
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path / "stick"))
    (images, labels), _ = datasets.load_mnist()
    images[0], labels[0] = 0, 0
    assert images.dtype == labels.dtype == np.uint8


def test_keras_cache_is_used(cache, tmp_path, capsys):
    write_set(tmp_path / "keras/datasets/fashion-mnist")
    write_npz(tmp_path / "keras/datasets/mnist.npz")
    assert is_real(datasets.load_fashion_mnist())
    assert is_real(datasets.load_mnist(), "mnist")
    assert capsys.readouterr().out.count("from Keras's cache") == 2


def test_damaged_file_in_keras_cache_is_named_and_left_alone(
    cache, tmp_path, server, monkeypatch, capsys
):
    broken = tmp_path / "keras/datasets/mnist.npz"
    broken.parent.mkdir(parents=True)
    broken.write_bytes(b"PK\x03\x04 half a file")
    monkeypatch.setenv("COURSE_DATA_URL", f"{server.url}/good")
    assert is_real(datasets.load_mnist(), "mnist")
    assert f"{broken} is not a whole .npz" in capsys.readouterr().out
    assert broken.exists()


def test_download_is_kept_and_used_the_next_time(cache, server, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_DATA_URL", f"{server.url}/good/")
    assert is_real(datasets.load_fashion_mnist())
    assert "downloaded from 127.0.0.1" in capsys.readouterr().out
    assert is_real(datasets.load_fashion_mnist())
    line = "Fashion-MNIST from the course's cache: 600 training, 100 test pictures\n"
    assert capsys.readouterr().out == line
    assert len(server.asked) == 4 and leftovers(cache) == []


def test_cache_can_serve_as_data_folder(cache, server, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_DATA_URL", f"{server.url}/good")
    datasets.load_mnist()
    monkeypatch.setenv("COURSE_DATA_DIR", str(cache))
    monkeypatch.setenv("COURSE_CACHE_DIR", str(cache / "elsewhere"))
    capsys.readouterr()
    assert is_real(datasets.load_mnist(), "mnist")
    assert "from your data folder" in capsys.readouterr().out


def test_server_that_decompresses_is_understood(cache, server, monkeypatch):
    monkeypatch.setenv("COURSE_DATA_URL", f"{server.url}/plain")
    assert is_real(datasets.load_fashion_mnist())
    assert is_real(datasets.load_fashion_mnist())
    assert len(server.asked) == 4


# --- the network fails -------------------------------------------------------------------------

FAULTS = {
    "silent": "did not answer in time",
    "half": "broke off before the end",
    "short": "cut short",
    "wrong": "is damaged",
    "swapped": "holds train-labels-idx1-ubyte of MNIST",
    "empty": "is empty",
    "portal": "is a web page instead of data",
    "missing": "answered with HTTP status 404",
    "forbidden": "answered with HTTP status 403",
    "overloaded": "answered with HTTP status 500",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_bad_server_gives_the_standin_with_its_reason(cache, server, monkeypatch, capsys, fault):
    monkeypatch.setenv("COURSE_DATA_URL", f"{server.url}/{fault}")
    assert not is_real(datasets.load_fashion_mnist())
    out = capsys.readouterr().out
    assert "THIS IS NOT FASHION-MNIST" in out and "COURSE_DATA_DIR" in out
    assert FAULTS[fault] in " ".join(out.replace("|", "").split())
    assert leftovers(cache) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_bad_server_raises_where_real_data_is_demanded(cache, server, monkeypatch, fault):
    monkeypatch.setenv("COURSE_DATA_URL", f"{server.url}/{fault}")
    monkeypatch.setenv("COURSE_DATA", "real")
    with pytest.raises(datasets.DataError, match=FAULTS[fault]):
        datasets.load_fashion_mnist()


@pytest.mark.parametrize("fault", ["refused", *FAULTS])
def test_next_mirror_is_asked(cache, server, monkeypatch, fault):
    first = "http://127.0.0.1:9" if fault == "refused" else f"{server.url}/{fault}"
    monkeypatch.setenv("COURSE_DATA_URL", f"{first} {server.url}/good")
    assert is_real(datasets.load_fashion_mnist())
    assert leftovers(cache) == []


def test_overloaded_server_is_asked_again(cache, server, monkeypatch):
    monkeypatch.setenv("COURSE_DATA_URL", f"{server.url}/flaky")
    assert is_real(datasets.load_fashion_mnist())
    assert len(server.asked) == 12  # three times for each file


def test_mirror_that_failed_for_good_is_not_asked_again(cache, server, monkeypatch):
    monkeypatch.setenv("COURSE_DATA_URL", f"{server.url}/missing {server.url}/good")
    datasets.load_fashion_mnist()
    assert sum("/missing/" in path for path in server.asked) == 1


def test_untrusted_certificate_is_refused_and_explained(cache, tmp_path, monkeypatch):
    authority = trustme.CA()
    with running_server(authority.issue_cert("127.0.0.1")) as server:
        monkeypatch.setenv("COURSE_DATA", "real")
        monkeypatch.setenv("COURSE_DATA_URL", f"{server.url}/good")
        with pytest.raises(datasets.DataError, match=r"does not trust.*REQUESTS_CA_BUNDLE"):
            datasets.load_fashion_mnist()
        assert server.asked == []
        authority.cert_pem.write_to_path(str(tmp_path / "school.pem"))
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "school.pem"))
        assert is_real(datasets.load_fashion_mnist())


@pytest.mark.parametrize(
    "proxy", ["http://127.0.0.1:9", "127.0.0.1:9", "nonsense://x", "http://:::", "http://"]
)
def test_wrong_proxy_is_named(cache, server, monkeypatch, proxy):
    monkeypatch.setenv("COURSE_DATA", "real")
    monkeypatch.setenv("COURSE_DATA_URL", f"{server.url}/good")
    monkeypatch.setenv("HTTP_PROXY", proxy)
    monkeypatch.setenv("http_proxy", proxy)
    with pytest.raises(datasets.DataError, match="proxy in HTTP_PROXY"):
        datasets.load_fashion_mnist()


@pytest.mark.parametrize("address", ["http://", "http://[::1", "https://x y", "192.168.1.5:8000"])
def test_address_that_is_none_is_a_clear_error(cache, monkeypatch, address):
    monkeypatch.setenv("COURSE_DATA", "real")
    monkeypatch.setenv("COURSE_DATA_URL", address)
    with pytest.raises(datasets.DataError, match=r"could not be downloaded|begin with http://"):
        datasets.load_fashion_mnist()


# --- files are damaged -------------------------------------------------------------------------

GOOD = gzip.compress(FILES["fashion_mnist"][IMAGES], 1)
DAMAGE = {
    "truncated": (GOOD[: len(GOOD) // 2], "cut short"),
    "empty": (b"", "is empty"),
    "flipped bit": (GOOD[:5000] + bytes([GOOD[5000] ^ 1]) + GOOD[5001:], "decompress|damaged"),
    "other set": (gzip.compress(FILES["mnist"][IMAGES]), "holds train-images-idx3-ubyte of MNIST"),
    "login page": (b"<html>log in</html>", "is a web page"),
    "only the magic": (b"\x1f\x8b", "cut short|decompress"),
    "noise": (random.Random(1).randbytes(len(GOOD)), "damaged|cut short"),
    "bomb": (gzip.compress(b"\0" * 30_000_000), "damaged"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damaged_cache_is_said_set_aside_and_fetched_again(
    cache, server, monkeypatch, capsys, damage
):
    content, words = DAMAGE[damage]
    write_set(cache / "fashion_mnist")
    path = cache / "fashion_mnist" / f"{IMAGES}.gz"
    path.write_bytes(content)
    monkeypatch.setenv("COURSE_DATA_URL", f"{server.url}/good")
    assert is_real(datasets.load_fashion_mnist())
    out = capsys.readouterr().out
    assert any(word in out for word in words.split("|")) and "set aside" in out
    assert path.with_name(path.name + ".damaged").read_bytes() == content
    assert len(server.asked) == 1
    assert is_real(datasets.load_fashion_mnist())
    assert "Note" not in capsys.readouterr().out


@pytest.mark.parametrize("damage", DAMAGE)
def test_damaged_file_in_data_folder_is_named_and_left_alone(
    cache, tmp_path, monkeypatch, capsys, damage
):
    content, words = DAMAGE[damage]
    write_set(tmp_path / "stick/fashion_mnist")
    path = tmp_path / "stick/fashion_mnist" / f"{IMAGES}.gz"
    path.write_bytes(content)
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path / "stick"))
    monkeypatch.setenv("COURSE_DATA", "real")
    with pytest.raises(datasets.DataError) as error:
        datasets.load_fashion_mnist()
    assert any(f"{path} {w}" in str(error.value) or w in str(error.value) for w in words.split("|"))
    assert path.read_bytes() == content


def test_npz_with_other_arrays_is_not_believed(cache, tmp_path, monkeypatch):
    folder = tmp_path / "stick"
    folder.mkdir()
    monkeypatch.setenv("COURSE_DATA_DIR", str(folder))
    monkeypatch.setenv("COURSE_DATA", "real")
    shapes = {key: shape for shape, key in datasets.FILES.values()}
    for arrays in (
        {"images": np.zeros(3)},
        {key: np.zeros(shape, np.uint8) for key, shape in shapes.items()},
        {key: np.full(shape, np.nan) for key, shape in shapes.items()},
        {key: np.array([None]) for key in shapes},
    ):
        np.savez(folder / "mnist.npz", **arrays)
        with pytest.raises(datasets.DataError, match=r"mnist\.npz"):
            datasets.load_mnist()


# --- folders and disks -------------------------------------------------------------------------


def test_data_folder_that_does_not_exist_is_a_clear_error(cache, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path / "nowhere"))
    with pytest.raises(datasets.DataError, match=r"nowhere.* does not exist.*unset it"):
        datasets.load_fashion_mnist()


def test_data_folder_that_is_a_file_is_a_clear_error(cache, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("hello")
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path / "file"))
    with pytest.raises(datasets.DataError, match="is a file"):
        datasets.load_mnist()


def test_data_folder_with_one_set_only_leads_on(cache, tmp_path, server, monkeypatch, capsys):
    write_set(tmp_path / "stick/mnist", "mnist")
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path / "stick"))
    monkeypatch.setenv("COURSE_DATA_URL", f"{server.url}/good")
    assert is_real(datasets.load_mnist(), "mnist")
    assert is_real(datasets.load_fashion_mnist())
    assert "COURSE_DATA_DIR holds no usable Fashion-MNIST" in capsys.readouterr().out


def test_data_folder_one_too_deep_is_noticed(cache, tmp_path, monkeypatch, capsys):
    write_set(tmp_path / "stick/mnist", "mnist")
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path / "stick/mnist"))
    datasets.load_mnist()
    out = " ".join(capsys.readouterr().out.replace("|", "").split())
    assert "STAND-IN" in out and "COURSE_DATA_DIR holds no usable MNIST" in out
    assert "give the folder above it" in out


def test_both_sets_can_be_written_into_a_folder(cache, tmp_path, monkeypatch, capsys):
    write_set(tmp_path / "keras/datasets/fashion-mnist")
    write_set(cache / "mnist", "mnist", compressed=False)
    assert datasets.main([str(tmp_path / "stick")]) == 0
    assert len(list((tmp_path / "stick").glob("*mnist/*.gz"))) == 8
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path / "stick"))
    assert is_real(datasets.load_fashion_mnist()) and is_real(datasets.load_mnist(), "mnist")
    assert capsys.readouterr().out.count("from your data folder") == 2


def test_a_folder_is_filled_with_real_data_or_not_at_all(cache, tmp_path, capsys):
    assert datasets.main([str(tmp_path / "stick")]) == 1
    assert "could not be downloaded" in capsys.readouterr().err
    assert not (tmp_path / "stick").exists()
    (tmp_path / "file").touch()
    write_set(cache / "fashion_mnist")
    write_set(cache / "mnist", "mnist")
    assert datasets.main([str(tmp_path / "file")]) == 1
    assert "could not be written" in capsys.readouterr().err


def test_unknown_choice_of_data_is_a_clear_error(cache, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", "rael")
    with pytest.raises(datasets.DataError, match=r"'rael', expected 'real' or 'standin'"):
        datasets.load_mnist()


IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
CAN_MOUNT = IS_ROOT and not subprocess.run(["unshare", "-m", "true"], check=False).returncode


@contextlib.contextmanager
def mounted(folder, options):
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


@contextlib.contextmanager
def read_only(folder):
    """Root may write to every folder but a file system mounted read-only."""
    if CAN_MOUNT:
        with mounted(folder, "ro"):
            yield
    elif IS_ROOT:
        pytest.skip("root writes everywhere, and nothing can be mounted here")
    else:
        folder.mkdir(mode=0o555)
        yield
        folder.chmod(0o755)


@contextlib.contextmanager
def full_disk(folder):
    """A disk or a quota of 100 kB: the labels fit, the pictures do not."""
    if CAN_MOUNT:
        with mounted(folder, "size=100k"):
            yield
    else:
        resource = pytest.importorskip("resource", reason="no quotas on Windows")
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
        yield
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("disk", [full_disk, read_only])
def test_data_arrives_where_nothing_can_be_kept(cache, server, monkeypatch, capsys, disk):
    monkeypatch.setenv("COURSE_DATA_URL", f"{server.url}/good")
    with disk(cache):
        assert is_real(datasets.load_fashion_mnist())
        assert "could not be written" in capsys.readouterr().out
        assert leftovers(cache) == []


@pytest.mark.parametrize("disk", [full_disk, read_only])
def test_standin_is_drawn_where_nothing_can_be_kept(cache, capsys, disk):
    with disk(cache):
        (images, _), _ = datasets.load_mnist()
    assert images.shape == (600, 28, 28)
    assert "could not be written" in " ".join(capsys.readouterr().out.replace("|", "").split())


# --- processes are stopped, or many ------------------------------------------------------------

LOAD = """
import json, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # also where started in the background
sys.path[:0] = json.loads(sys.argv[1])
import test_datasets
test_datasets.use_made_sets()
from helpers import datasets
loaded = datasets.load_fashion_mnist()
print("right" if test_datasets.is_real(loaded) else "WRONG")
"""
SEARCH_PATH = json.dumps([str(COURSE), str(COURSE / "tests")])


def start_loading():
    command = [sys.executable, "-c", LOAD, SEARCH_PATH]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def wait_for_first_byte(server):
    deadline = time.monotonic() + 30
    while not any(IMAGES in path for path in server.asked):
        assert time.monotonic() < deadline, "the download did not start"
        time.sleep(0.02)


posix_only = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")


@posix_only
def test_interrupted_download_says_so_and_leaves_nothing(cache, server, monkeypatch):
    monkeypatch.setenv("COURSE_DATA_URL", f"{server.url}/slow")
    process = start_loading()
    wait_for_first_byte(server)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=30)
    assert process.returncode != 0 and "Nothing half-done was kept" in out
    assert leftovers(cache) == []


@posix_only
def test_killed_download_leaves_nothing_that_breaks_the_next_run(
    cache, server, monkeypatch, capsys
):
    monkeypatch.setenv("COURSE_DATA_URL", f"{server.url}/slow")
    for delay in (0, 0.4, 1.5):
        server.asked.clear()
        process = start_loading()
        wait_for_first_byte(server)
        time.sleep(delay)
        process.kill()
        process.communicate()
        assert leftovers(cache) == []
    monkeypatch.setenv("COURSE_DATA_URL", f"{server.url}/good")
    assert is_real(datasets.load_fashion_mnist())
    assert "damaged" not in capsys.readouterr().out


KEEP = """
import pathlib, sys
sys.path.insert(0, sys.argv[1])
from helpers import datasets
print("ready", flush=True)
while True:
    for letter in b"AB":
        datasets._keep(pathlib.Path(sys.argv[2]), bytes([letter]) * 20_000_000, [])
"""


def test_killed_write_leaves_the_old_file_or_the_new_one(tmp_path):
    path = tmp_path / "file"
    for delay in np.linspace(0.05, 0.4, 8):
        command = [sys.executable, "-c", KEEP, str(COURSE), str(path)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE)
        process.stdout.readline()
        time.sleep(delay)
        process.kill()
        process.communicate()
        if path.exists():
            content = path.read_bytes()
            assert len(content) == 20_000_000 and len(set(content)) == 1
    assert path.exists()


def test_sixteen_processes_with_a_cold_cache_all_get_the_data(cache, server, monkeypatch):
    monkeypatch.setenv("COURSE_DATA_URL", f"{server.url}/good")
    processes = [start_loading() for _ in range(16)]
    for process in processes:
        out, _ = process.communicate(timeout=120)
        assert process.returncode == 0 and "right" in out and "Note" not in out, out
    assert leftovers(cache) == []


# --- the stand-in ------------------------------------------------------------------------------


def test_standin_on_request_does_not_touch_the_network(cache, server, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_DATA", "standin")
    monkeypatch.setenv("COURSE_DATA_URL", f"{server.url}/good")
    datasets.load_mnist()
    assert "as COURSE_DATA=standin asks" in capsys.readouterr().out and server.asked == []


def test_standin_is_drawn_once_and_again_when_damaged(cache, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", "standin")
    (first, _), _ = datasets.load_mnist()
    [path] = (cache / "standin").iterdir()
    path.write_bytes(path.read_bytes()[:1000])
    (second, _), _ = datasets.load_mnist()
    assert np.array_equal(first, second)
    monkeypatch.setattr(standin, "draw_mnist", None)  # the third time it is read, not drawn
    (third, _), _ = datasets.load_mnist()
    assert np.array_equal(first, third)


def test_notice_is_a_box_in_plain_ascii(cache, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_DATA", "standin")
    datasets.load_fashion_mnist()
    lines = capsys.readouterr().out.splitlines()
    assert len({len(line) for line in lines}) == 1 and lines[0] == lines[-1]
    assert "\n".join(lines).isascii()


def test_error_shows_no_traceback_in_a_notebook():
    assert datasets.DataError("what to do")._render_traceback_() == ["DataError: what to do"]


# --- the published data ------------------------------------------------------------------------


@pytest.mark.skipif(not os.environ.get("COURSE_DATA_DIR"), reason="COURSE_DATA_DIR is not set")
@pytest.mark.parametrize("load, mean", [("load_fashion_mnist", 0.2860), ("load_mnist", 0.1307)])
def test_published_data_is_as_known(load, mean, capsys):
    (train_images, train_labels), (test_images, test_labels) = getattr(datasets, load)()
    assert train_images.shape == (60_000, 28, 28) and test_images.shape == (10_000, 28, 28)
    assert train_labels.shape == (60_000,) and test_labels.shape == (10_000,)
    assert round(train_images.mean() / 255, 4) == mean
    assert "from your data folder" in capsys.readouterr().out


def test_module_fetches_both_sets_when_run(cache, monkeypatch):
    environment = {**os.environ, "COURSE_DATA": "rael"}
    done = subprocess.run(
        [sys.executable, "-m", "helpers.datasets"],
        cwd=COURSE, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1 and "COURSE_DATA is 'rael'" in done.stderr
    assert "Traceback" not in done.stderr


def test_nobody_answers_on_the_port_that_stands_for_no_network():
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", 9)) != 0
