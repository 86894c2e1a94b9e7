"""The data always arrives: real files, a real local server, and every fault that was thought of.

Three small sets are made for these tests, each in the form of a published one.
"""

import contextlib
import dataclasses
import gzip
import hashlib
import http.server
import os
import random
import re
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import numpy as np
import pytest
import trustme

from helpers import _shared, datasets
from helpers.datasets import __main__, download, local, sets, synthetic

COURSE = Path(__file__).parents[1]
SHAPES = ((600,), (100,), (600, 28, 28), (100, 28, 28))
IMAGES = "train-images-idx3-ubyte"
NOBODY = "http://127.0.0.1:9"  # nobody answers there
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="Windows has other permissions")


def make_set(published, rng):
    """Return a small set in the form of a published one, and its files: {name: content}."""
    form = dataclasses.replace(published, shapes=SHAPES, sha256=("",) * 4)
    contents = {}
    for file in form.files:
        top = 10 if len(file.shape) == 1 else 256
        contents[file.name] = file.header + rng.integers(0, top, file.shape, np.uint8).tobytes()
    verified = map(pack, contents.values()) if published.sha256_of_gz else contents.values()
    digests = tuple(hashlib.sha256(raw).hexdigest() for raw in verified)
    return dataclasses.replace(form, sha256=digests), contents


def pack(content):
    """Compress a file as the publisher of the made sets does."""
    return gzip.compress(content, 1, mtime=0)


RNG = np.random.default_rng(1)
MADE = {published.folders[0]: make_set(published, RNG) for published in sets.SETS}
FASHION, MNIST, KMNIST = (made for made, _ in MADE.values())
FILES = {folder: contents for folder, (_, contents) in MADE.items()}


class Handler(http.server.BaseHTTPRequestHandler):
    """Serve the made files; the first folder of the address says which fault to show."""

    def do_GET(self):
        fault, folder, name = self.path.strip("/").split("/")
        self.server.asked.append(self.path)
        plain = FILES[folder][name.removesuffix(".gz")]
        content = {
            "wrong": pack(b"\0" * 100_000),
            "swapped": pack(FILES["mnist"][name.removesuffix(".gz")]),
            "empty": b"",
            "portal": b"\n<!doctype html><title>Log in</title>" + b"Welcome to our Wi-Fi. " * 1000,
            "plain": plain,
            "anew": gzip.compress(plain, 9, mtime=0),
        }.get(fault, pack(plain))
        status = {"missing": 404, "forbidden": 403, "overloaded": 500}.get(fault, 200)
        if fault == "flaky" and self.server.asked.count(self.path) <= 2:
            status = 500
        if status != 200:
            return self.send_error(status)
        if fault == "silent":
            return self.server.stopping.wait(20)
        self.send_response(200)
        if fault not in ("short", "endless"):
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        while fault == "endless":
            self.wfile.write(bytes(2**16))  # until the client hangs up
        stalled = fault == "stalled" and IMAGES in name
        if stalled or fault in ("half", "short"):
            content = content[: len(content) // 2]
        self.wfile.write(content)
        if stalled:
            self.server.half_sent.set()
            self.server.stopping.wait(60)
        return None

    def log_message(self, *args):
        """Keep the test output clean."""

    def handle(self):
        with contextlib.suppress(OSError):  # the client hung up
            super().handle()


@contextlib.contextmanager
def running_server(certificate=None):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.asked, server.stopping, server.half_sent = [], threading.Event(), threading.Event()
    server.daemon_threads = True
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
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


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """Be a machine that has none of the sets yet; return the course's cache folder."""
    monkeypatch.setattr(sets, "SETS", (FASHION, MNIST, KMNIST))
    monkeypatch.setattr(_shared, "COURSE", tmp_path / "course")
    monkeypatch.setattr(download, "TIMEOUT", (1, 1))
    monkeypatch.setattr(download, "PAUSES", (0, 0.01, 0.01))
    for name in os.environ:
        if name.startswith("COURSE_") or name.upper().endswith("_PROXY"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("COURSE_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("COURSE_DATA_URL", NOBODY)
    return tmp_path / "cache"


@pytest.fixture
def stick(cache, tmp_path, monkeypatch):
    """Return a folder that is named in COURSE_DATA_DIR, and still empty."""
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path / "stick"))
    (tmp_path / "stick").mkdir()
    return tmp_path / "stick"


def write_set(folder, name="fashion_mnist", compressed=True):
    """Write the four files of a set into a folder."""
    folder.mkdir(parents=True)
    for file, content in FILES[name].items():
        path = folder / (file + ".gz" * compressed)
        path.write_bytes(pack(content) if compressed else content)


def write_npz(path, dataset):
    """Write a set as Keras does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays = {}
    for file in dataset.files:
        content = FILES[dataset.folders[0]][file.name]
        arrays[file.key] = np.frombuffer(content, np.uint8)[len(file.header) :].reshape(file.shape)
    np.savez_compressed(path, **arrays)


def is_real(loaded, dataset):
    """Tell whether these are exactly the made pictures and labels."""
    (train_images, train_labels), (test_images, test_labels) = loaded
    arrays = (train_labels, test_labels, train_images, test_images)
    return all(
        array.shape == file.shape
        and file.header + array.tobytes() == FILES[dataset.folders[0]][file.name]
        for array, file in zip(arrays, dataset.files, strict=True)
    )


def loads(dataset):
    return is_real(datasets.load(dataset), dataset)


def leftovers(cache):
    """List the files in the cache that are neither whole published files nor synthetic."""
    whole = {content for files in FILES.values() for content in files.values()}
    whole |= set(map(pack, whole))
    files = [path for path in cache.rglob("*") if path.is_file()]
    files = [path for path in files if path.parent.name != "synthetic"]
    return [path.name for path in files if path.read_bytes() not in whole]


def unboxed(text):
    """Return the words of a notice without its frame."""
    return " ".join(text.replace("|", "").split())


# --- where the data comes from -----------------------------------------------------------------


@pytest.mark.parametrize("layout", ["gz", "plain", "hyphen", "npz", "npz in its folder"])
def test_data_folder_is_read_in_every_layout(stick, capsys, layout):
    if "npz" in layout:
        inner = "fashion_mnist" if "folder" in layout else "."
        write_npz(stick / inner / "fashion_mnist.npz", FASHION)
    else:
        name = "fashion-mnist" if layout == "hyphen" else "fashion_mnist"
        write_set(stick / name, compressed=layout != "plain")
    assert loads(FASHION)
    line = "Fashion-MNIST from your data folder: 600 training, 100 test pictures\n"
    assert capsys.readouterr().out == line


def test_arrays_can_be_written_to(stick):
    write_set(stick / "mnist", "mnist")
    (images, labels), _ = datasets.load(MNIST)
    images[0], labels[0] = 0, 0
    assert images.dtype == labels.dtype == np.uint8


def test_keras_cache_is_used(cache, tmp_path, capsys):
    write_set(tmp_path / "keras/datasets/fashion-mnist")
    write_npz(tmp_path / "keras/datasets/mnist.npz", MNIST)
    assert loads(FASHION) and loads(MNIST)
    assert capsys.readouterr().out.count("from Keras's cache") == 2


def test_damaged_file_in_keras_cache_is_named_and_left_alone(
    cache, tmp_path, server, monkeypatch, capsys
):
    broken = tmp_path / "keras/datasets/mnist.npz"
    broken.parent.mkdir(parents=True)
    broken.write_bytes(b"PK\x03\x04 half a file")
    monkeypatch.setenv("COURSE_DATA_URL", f"{server.url}/good")
    assert loads(MNIST)
    assert f"{broken} is not a whole .npz" in capsys.readouterr().out
    assert broken.exists()


def test_download_is_kept_and_used_the_next_time(cache, server, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_DATA_URL", f"{server.url}/good/")
    assert loads(FASHION)
    assert "downloaded from 127.0.0.1" in capsys.readouterr().out
    assert loads(FASHION)
    line = "Fashion-MNIST from the course's cache: 600 training, 100 test pictures\n"
    assert capsys.readouterr().out == line
    assert len(server.asked) == 4 and leftovers(cache) == []


def test_cache_lies_in_the_home_unless_another_is_chosen(cache, tmp_path, server, monkeypatch):
    monkeypatch.delenv("COURSE_CACHE_DIR")
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    monkeypatch.setenv("COURSE_DATA_URL", f"{server.url}/good")
    assert loads(MNIST) and loads(MNIST)
    folder = tmp_path / "home/.cache/pixels-to-predictions/mnist"
    assert len(list(folder.iterdir())) == len(server.asked) == 4 and not cache.exists()


def test_cache_can_serve_as_data_folder(cache, server, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_DATA_URL", f"{server.url}/good")
    datasets.load(MNIST)
    monkeypatch.setenv("COURSE_DATA_DIR", str(cache))
    monkeypatch.setenv("COURSE_CACHE_DIR", str(cache / "elsewhere"))
    capsys.readouterr()
    assert loads(MNIST)
    assert "from your data folder" in capsys.readouterr().out


def test_server_that_decompresses_is_understood(cache, server, monkeypatch):
    monkeypatch.setenv("COURSE_DATA_URL", f"{server.url}/plain")
    assert loads(FASHION) and loads(FASHION)
    assert len(server.asked) == 4


# --- a set whose compressed files alone can be verified, and which has no replacement ------------


def test_set_verified_compressed_is_downloaded_kept_copied_and_found_again(
    cache, tmp_path, server, monkeypatch, capsys
):
    monkeypatch.setenv("COURSE_DATA_URL", f"{server.url}/good")
    assert loads(KMNIST)
    __main__.write(KMNIST, tmp_path / "stick")
    for folder in (cache, tmp_path / "stick"):
        for name, content in FILES["kmnist"].items():
            assert (folder / f"kmnist/{name}.gz").read_bytes() == pack(content)
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path / "stick"))
    assert loads(KMNIST)
    sources = re.findall("Kuzushiji-MNIST (d[^:]*|f.*):", capsys.readouterr().out)
    assert sources == ["downloaded from 127.0.0.1", "from your data folder"]
    assert len(server.asked) == 4


@pytest.mark.parametrize("fault", ["anew", "plain", "wrong"])
def test_only_the_published_bytes_are_accepted_where_no_others_can_be_verified(
    cache, stick, server, monkeypatch, fault
):
    (stick / "kmnist").mkdir()
    (stick / "kmnist/train-labels-idx1-ubyte").write_bytes(b"\0" * 608)
    monkeypatch.setenv("COURSE_DATA_URL", f"{server.url}/{fault}")
    with pytest.raises(datasets.DataError) as error:
        datasets.load(KMNIST)
    assert str(error.value).count("is not the published .gz file") == 2
    assert leftovers(cache) == []


def test_set_without_replacement_raises_and_says_what_to_do(cache, monkeypatch):
    seen = rf"(?s)Kuzushiji-MNIST.*could not be downloaded.*{NOBODY}.* could not be reached"
    with pytest.raises(datasets.DataError, match=rf"{seen}.*COURSE_DATA_DIR.* with kmnist/ in it"):
        datasets.load(KMNIST)
    monkeypatch.setenv("COURSE_DATA", "synthetic")
    with pytest.raises(datasets.DataError, match="there is no synthetic Kuzushiji-MNIST: unset"):
        datasets.load(KMNIST)


# --- the network fails -------------------------------------------------------------------------

FAULTS = {
    "silent": "did not answer in time",
    "half": "broke off before the end",
    "short": "cut short",
    "wrong": "is damaged",
    "swapped": "holds train-labels-idx1-ubyte of MNIST",
    "empty": "is empty",
    "endless": "sends more than the file can hold",
    "portal": "is a web page instead of data",
    "missing": "answered with HTTP status 404",
    "forbidden": "answered with HTTP status 403",
    "overloaded": "answered with HTTP status 500",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_bad_server_gives_synthetic_data_and_the_reason_or_an_error(
    cache, server, monkeypatch, capsys, fault
):
    monkeypatch.setattr(download, "TIMEOUT", (1, 0.3))  # this server need not be waited for
    monkeypatch.setenv("COURSE_DATA_URL", f"{server.url}/{fault}")
    assert not loads(FASHION)
    out = unboxed(capsys.readouterr().out)
    assert "THIS IS NOT FASHION-MNIST, BUT SYNTHETIC DATA" in out and "COURSE_DATA_DIR" in out
    assert FAULTS[fault] in out
    monkeypatch.setenv("COURSE_DATA", "real")
    with pytest.raises(datasets.DataError, match=FAULTS[fault]):
        datasets.load(FASHION)
    assert leftovers(cache) == []


@pytest.mark.parametrize("fault", ["refused", *FAULTS])
def test_next_server_is_asked(cache, server, monkeypatch, fault):
    first = NOBODY if fault == "refused" else f"{server.url}/{fault}"
    monkeypatch.setenv("COURSE_DATA_URL", f"{first} {server.url}/good")
    assert loads(FASHION)
    assert leftovers(cache) == []


def test_mirrors_of_the_entry_are_asked_in_turn_and_not_again_once_they_failed(
    cache, server, monkeypatch, capsys
):
    monkeypatch.delenv("COURSE_DATA_URL")
    mirrors = tuple(f"{server.url}/{fault}/mnist/" for fault in ("missing", "good", "wrong"))
    assert loads(dataclasses.replace(MNIST, mirrors=mirrors))
    assert [path.split("/")[1] for path in server.asked] == ["missing"] + ["good"] * 4
    assert "answered with HTTP status 404" in capsys.readouterr().out


def test_overloaded_server_is_asked_again(cache, server, monkeypatch):
    monkeypatch.setenv("COURSE_DATA_URL", f"{server.url}/flaky")
    assert loads(FASHION)
    assert len(server.asked) == 12  # three times for each file


def test_untrusted_certificate_is_refused_and_explained(cache, tmp_path, monkeypatch):
    authority = trustme.CA()
    with running_server(authority.issue_cert("127.0.0.1")) as server:
        monkeypatch.setenv("COURSE_DATA", "real")
        monkeypatch.setenv("COURSE_DATA_URL", f"{server.url}/good")
        with pytest.raises(datasets.DataError, match=r"does not trust.*REQUESTS_CA_BUNDLE"):
            datasets.load(FASHION)
        assert server.asked == []
        authority.cert_pem.write_to_path(str(tmp_path / "school.pem"))
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "school.pem"))
        assert loads(FASHION)


@pytest.mark.parametrize("proxy", [NOBODY, "127.0.0.1:9", "nonsense://x", "http://:::", "http://"])
def test_wrong_proxy_is_named(cache, server, monkeypatch, proxy):
    monkeypatch.setenv("COURSE_DATA", "real")
    monkeypatch.setenv("COURSE_DATA_URL", f"{server.url}/good")
    monkeypatch.setenv("HTTP_PROXY", proxy)
    monkeypatch.setenv("http_proxy", proxy)
    with pytest.raises(datasets.DataError, match="proxy in HTTP_PROXY"):
        datasets.load(FASHION)


@pytest.mark.parametrize("address", ["http://", "http://[::1", "https://x y", "192.168.1.5:8000"])
def test_address_that_is_none_is_a_clear_error(cache, monkeypatch, address):
    monkeypatch.setenv("COURSE_DATA", "real")
    monkeypatch.setenv("COURSE_DATA_URL", address)
    with pytest.raises(datasets.DataError, match=r"could not be downloaded|begin with http://"):
        datasets.load(FASHION)


def test_password_in_an_address_is_not_shown(cache, server, monkeypatch, capsys):
    secret = server.url.replace("//", "//me:s3cret@")
    monkeypatch.setenv("COURSE_DATA_URL", f"{secret}/missing {secret}/good")
    assert loads(FASHION)
    out = capsys.readouterr().out
    assert f"{server.url}/missing/" in out and "downloaded from 127.0.0.1" in out
    assert "s3cret" not in out


# --- files are damaged -------------------------------------------------------------------------

GOOD = pack(FILES["fashion_mnist"][IMAGES])
DAMAGE = {
    "truncated": (GOOD[: len(GOOD) // 2], "cut short"),
    "empty": (b"", "is empty"),
    "flipped bit": (GOOD[:5000] + bytes([GOOD[5000] ^ 1]) + GOOD[5001:], "decompress|damaged"),
    "other set": (pack(FILES["mnist"][IMAGES]), "holds train-images-idx3-ubyte of MNIST"),
    "login page": (b"<html>log in</html>", "is a web page"),
    "only the magic": (b"\x1f\x8b", "cut short|decompress"),
    "noise": (random.Random(1).randbytes(len(GOOD)), "damaged|cut short"),
    "bomb": (pack(b"\0" * 30_000_000), "damaged"),
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
    assert loads(FASHION)
    out = capsys.readouterr().out
    assert re.search(words, out) and "set aside" in out
    assert path.with_name(path.name + ".damaged").read_bytes() == content
    assert len(server.asked) == 1
    assert loads(FASHION)
    assert "Note" not in capsys.readouterr().out


@pytest.mark.parametrize("damage", DAMAGE)
def test_damaged_file_in_data_folder_is_named_and_left_alone(stick, monkeypatch, damage):
    content, words = DAMAGE[damage]
    write_set(stick / "fashion_mnist")
    path = stick / "fashion_mnist" / f"{IMAGES}.gz"
    path.write_bytes(content)
    monkeypatch.setenv("COURSE_DATA", "real")
    with pytest.raises(datasets.DataError, match=f"{path} .*({words})"):
        datasets.load(FASHION)
    assert path.read_bytes() == content


def test_npz_with_other_arrays_is_not_believed(stick, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", "real")
    for arrays in (
        {"images": np.zeros(3)},
        {file.key: np.zeros(file.shape, np.uint8) for file in MNIST.files},
        {file.key: np.full(file.shape, np.nan) for file in MNIST.files},
        {file.key: np.array([None]) for file in MNIST.files},
    ):
        np.savez(stick / "mnist.npz", **arrays)
        with pytest.raises(datasets.DataError, match=r"mnist\.npz"):
            datasets.load(MNIST)


# --- folders and disks -------------------------------------------------------------------------


@pytest.mark.parametrize("name, words", [("none", "does not exist.*unset it"), ("file", "a file")])
def test_data_folder_that_is_none_is_a_clear_error(stick, monkeypatch, name, words):
    (stick / "file").touch()
    monkeypatch.setenv("COURSE_DATA_DIR", str(stick / name))
    with pytest.raises(datasets.DataError, match=f"{name}'.* {words}"):
        datasets.load(FASHION)


def test_data_folder_with_one_set_only_leads_on(stick, server, monkeypatch, capsys):
    write_set(stick / "mnist", "mnist")
    monkeypatch.setenv("COURSE_DATA_URL", f"{server.url}/good")
    assert loads(MNIST) and loads(FASHION)
    assert "COURSE_DATA_DIR holds no usable Fashion-MNIST" in capsys.readouterr().out


def test_data_folder_one_too_deep_is_noticed(stick, monkeypatch, capsys):
    write_set(stick / "mnist", "mnist")
    monkeypatch.setenv("COURSE_DATA_DIR", str(stick / "mnist"))
    datasets.load(MNIST)
    out = unboxed(capsys.readouterr().out)
    assert "SYNTHETIC" in out and "COURSE_DATA_DIR holds no usable MNIST" in out
    assert "give the folder above it" in out


def test_sets_of_the_lessons_are_written_into_a_folder(cache, tmp_path, monkeypatch, capsys):
    write_set(tmp_path / "keras/datasets/fashion-mnist")
    write_set(cache / "mnist", "mnist", compressed=False)
    assert __main__.main([str(tmp_path / "stick")]) == 0
    assert len(list((tmp_path / "stick").glob("*/*.gz"))) == 8
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path / "stick"))
    assert loads(FASHION) and loads(MNIST)
    assert capsys.readouterr().out.count("from your data folder") == 2


def test_sets_of_the_lessons_are_fetched_in_advance(cache, server, monkeypatch):
    monkeypatch.setenv("COURSE_DATA_URL", f"{server.url}/good")
    assert __main__.main([]) == 0
    assert sorted(folder.name for folder in cache.iterdir()) == ["fashion_mnist", "mnist"]
    assert len(server.asked) == 8 and leftovers(cache) == []


def test_a_folder_is_filled_with_real_data_or_not_at_all(cache, tmp_path, capsys):
    assert __main__.main([str(tmp_path / "stick")]) == 1
    assert "could not be downloaded" in capsys.readouterr().err
    assert not (tmp_path / "stick").exists()
    (tmp_path / "file").touch()
    write_set(cache / "fashion_mnist")
    assert __main__.main([str(tmp_path / "file")]) == 1
    assert "could not be written" in capsys.readouterr().err


def test_unknown_choice_of_data_is_a_clear_error(cache, monkeypatch):
    settings = {**os.environ, "COURSE_DATA": "rael"}
    command = [sys.executable, "-m", "helpers.datasets"]
    done = subprocess.run(command, cwd=COURSE, env=settings, capture_output=True, text=True)
    message = "COURSE_DATA is 'rael', expected 'real' or 'synthetic', or nothing.\n"
    assert (done.returncode, done.stderr) == (1, message)


@posix_only
def test_data_folder_that_may_not_be_opened_is_named():
    notes = []
    with tempfile.TemporaryDirectory() as outside:
        os.chmod(outside, 0o755)
        folder = Path(outside, "stick")
        write_set(folder / "mnist", "mnist")
        folder.chmod(0)
        if os.getuid() == 0:
            os.seteuid(65534)  # root may open everything
        try:
            assert local.find(MNIST, MNIST.files[0], {local.OWN: folder}, notes) is None
            said = local.explain_own_folder(MNIST, folder)
        finally:
            os.seteuid(os.getuid())
            folder.chmod(0o755)
    assert "cannot be opened (Permission denied)" in said and not notes


@contextlib.contextmanager
def full_disk():
    """Set a quota of 100 kB per file: the labels fit, the pictures do not."""
    import resource  # not on Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@posix_only
@pytest.mark.parametrize("disk", ["full", "not there"])
def test_data_arrives_where_nothing_can_be_kept(cache, server, monkeypatch, capsys, disk):
    if disk == "not there":
        cache.touch()  # a file in the place of the folder
    monkeypatch.setenv("COURSE_DATA_URL", f"{server.url}/good")
    with full_disk() if disk == "full" else contextlib.nullcontext():
        assert loads(FASHION)
        monkeypatch.setenv("COURSE_DATA", "synthetic")
        (images, _), _ = datasets.load(MNIST)
    assert images.shape == (600, 28, 28)
    real, drawn = capsys.readouterr().out.split("+--", 1)
    assert "could not be written" in real and "could not be written" in unboxed(drawn)
    assert disk == "not there" or (leftovers(cache) == [] and not any(cache.glob("synthetic/*")))


# --- processes are stopped, or many ------------------------------------------------------------

LOAD = """
import signal
from helpers import _shared, datasets
from helpers.datasets.sets import Dataset
signal.signal(signal.SIGINT, signal.default_int_handler)  # also where started in the background
_shared.COURSE /= "nowhere"  # the real one may have a folder data
datasets.load({dataset!r})
"""


def start_loading(dataset):
    """Start a process that loads a made set."""
    command = [sys.executable, "-c", LOAD.format(dataset=dataset)]
    return subprocess.Popen(
        command, cwd=COURSE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


@posix_only
def test_interrupted_download_says_so_and_leaves_nothing(cache, server, monkeypatch):
    monkeypatch.setenv("COURSE_DATA_URL", f"{server.url}/stalled")
    process = start_loading(FASHION)
    assert server.half_sent.wait(60)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    assert process.returncode != 0 and "Nothing half-done was kept" in out
    assert leftovers(cache) == []


@posix_only
def test_killed_download_leaves_nothing_that_breaks_the_next_run(
    cache, server, monkeypatch, capsys
):
    monkeypatch.setenv("COURSE_DATA_URL", f"{server.url}/stalled")
    process = start_loading(FASHION)
    assert server.half_sent.wait(60)
    process.kill()
    process.communicate()
    assert leftovers(cache) == [] and len(list(cache.rglob("*labels*"))) == 2
    monkeypatch.setenv("COURSE_DATA_URL", f"{server.url}/good")
    assert loads(FASHION)
    assert "damaged" not in capsys.readouterr().out


KEEP = """
import pathlib, sys
from helpers.datasets import local

def write_half(path, raw):
    with path.open("wb") as file:
        file.write(raw[: len(raw) // 2])
    print("half", flush=True)
    sys.stdin.read()

pathlib.Path.write_bytes = write_half
local.keep(pathlib.Path(sys.argv[1]), b"new", [])
"""


def test_killed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    command = [sys.executable, "-c", KEEP, str(path)]
    with subprocess.Popen(
        command, cwd=COURSE, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout.readline().strip() == b"half"
        process.kill()
    assert path.read_bytes() == b"old"


@pytest.mark.slow
def test_many_processes_with_a_cold_cache_all_get_the_data(cache, server, monkeypatch):
    monkeypatch.setenv("COURSE_DATA_URL", f"{server.url}/good")
    processes = [start_loading(FASHION) for _ in range(12)]
    for process in processes:
        out, _ = process.communicate(timeout=120)
        assert process.returncode == 0 and "600 training" in out and "Note" not in out, out
    assert leftovers(cache) == []


# --- synthetic data ----------------------------------------------------------------------------


def test_synthetic_data_on_request_does_not_touch_the_network(cache, server, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_DATA", "synthetic")
    monkeypatch.setenv("COURSE_DATA_URL", f"{server.url}/good")
    datasets.load(MNIST)
    assert "as COURSE_DATA=synthetic asks" in unboxed(capsys.readouterr().out)
    assert server.asked == []


def test_synthetic_set_is_drawn_once_and_again_when_damaged(cache, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", "synthetic")
    (first, labels), _ = datasets.load(MNIST)
    [path] = (cache / "synthetic").iterdir()
    whole = path.read_bytes()
    path.write_bytes(whole[:1000])
    assert np.array_equal(first, datasets.load(MNIST)[0][0]) and path.read_bytes() == whole
    arrays = {
        "x_train": first[:9],
        "y_train": labels,
        "x_test": first[:100],
        "y_test": labels[:100],
    }
    np.savez(path, **arrays)
    assert np.array_equal(first, datasets.load(MNIST)[0][0]) and path.read_bytes() == whole
    monkeypatch.setattr(synthetic, "draw_mnist", None)  # now it is read, not drawn
    assert np.array_equal(first, datasets.load(MNIST)[0][0])


def test_notice_is_a_box_in_plain_ascii(cache, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_DATA", "synthetic")
    datasets.load(FASHION)
    lines = capsys.readouterr().out.splitlines()
    assert len({len(line) for line in lines}) == 1 and lines[0] == lines[-1]
    assert "\n".join(lines).isascii()


# --- the published data ------------------------------------------------------------------------


@pytest.mark.parametrize("published", sets.SETS, ids=lambda published: published.folders[0])
def test_entry_is_complete_and_its_loader_names_license_and_reference(published):
    assert len(published.sha256) == 4
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in published.sha256)
    assert published.mirrors
    assert all(re.fullmatch(r"https?://\S+/", mirror) for mirror in published.mirrors)
    assert len(set(published.classes)) == 10
    assert not published.draw or callable(getattr(synthetic, published.draw))
    text = " ".join(getattr(datasets, f"load_{published.folders[0]}").__doc__.split())
    assert f"{published.license} license" in text and published.reference in text


def test_no_two_sets_share_a_file_a_folder_or_a_mirror():
    for attribute in ("sha256", "folders", "mirrors"):
        values = [value for published in sets.SETS for value in getattr(published, attribute)]
        assert len(set(values)) == len(values)


@pytest.mark.skipif(not os.environ.get("COURSE_DATA_DIR"), reason="COURSE_DATA_DIR is not set")
@pytest.mark.parametrize("load, mean", [("load_fashion_mnist", 0.2860), ("load_mnist", 0.1307)])
def test_published_data_is_as_known(load, mean, capsys):
    (train_images, train_labels), (test_images, test_labels) = getattr(datasets, load)()
    assert train_images.shape == (60_000, 28, 28) and test_images.shape == (10_000, 28, 28)
    assert train_labels.shape == (60_000,) and test_labels.shape == (10_000,)
    assert round(train_images.mean() / 255, 4) == mean
    assert "from your data folder" in capsys.readouterr().out


def test_kmnist_is_loaded_from_its_entry(cache, monkeypatch):
    monkeypatch.setenv("COURSE_DATA_URL", NOBODY)
    with pytest.raises(datasets.DataError, match=r"kmnist/train-labels-idx1-ubyte\.gz"):
        datasets.load_kmnist()


def test_importing_needs_the_standard_library_only():
    code = "import sys, helpers.datasets; print({'numpy', 'pooch', 'requests'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], cwd=COURSE, capture_output=True, text=True)
    assert done.stdout == "set()\n"


def test_nobody_answers_on_the_port_that_means_no_network():
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", 9)) != 0
