"""Is this machine fit for the course? What is here, and one fix for each thing that is wrong.

``python -m helpers.environment`` prints the report. This file, and what it imports from the course,
needs the standard library only and keeps to the syntax of Python 3.9, the oldest that people still
have: they get a sentence, not a SyntaxError.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.machinery
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterator, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

from helpers._shared import COURSE, CourseError, cache_folder
from helpers.datasets import DataError, local, sets

PYTHON = ((3, 11), (3, 13))  # the oldest and the newest that the lessons are tested with
PACKAGES = {"TensorFlow": ((2, 20), (2, 22)), "Keras": ((3, 13), (4,))}  # at least, and below

_WHEELS = ("Linux x86_64", "Linux aarch64", "Darwin arm64", "Windows amd64")
_OWNERS = ("tensorflow", "tensorflow-cpu", "tensorflow-intel", "tf-nightly", "tf-nightly-cpu")
_LONGEST_PATH = 188  # characters of .venv\Lib\site-packages\... in TensorFlow 2.21
_INSTALL = "Run `python -m pip install -r requirements.txt` in the course folder."
_COLAB = "Choose Runtime > Disconnect and delete runtime, then start again: Colab brings its own."


class Finding(NamedTuple):
    """One line of the report: a thing, what was seen, and the fix (empty when all is well)."""

    thing: str
    seen: str
    fix: str = ""


class NotReadyError(CourseError, RuntimeError):
    """Keras cannot run here. The message says what was seen and names one fix."""


def prepare(seed: int = 42) -> None:
    """Import Keras without TensorFlow's messages, set the seed, and say so in one line.

    Parameters
    ----------
    seed
        Where the random numbers of Python, NumPy and TensorFlow start.

    Raises
    ------
    NotReadyError
        If TensorFlow is missing or broken, or this Python is too old.
    """
    if sys.version_info[:2] < PYTHON[0]:
        raise NotReadyError(_explain(f"this is Python {platform.python_version()}."))
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    try:
        with _stderr_held():
            import keras
            import tensorflow as tf

            keras.ops.ones(1)  # the first operation has messages of its own
            gpus = len(tf.config.list_physical_devices("GPU"))
    except Exception as error:
        causes = re.findall(r"^\w+Error: .+", str(error), re.MULTILINE)  # TensorFlow nests them
        seen = [f"{type(error).__name__}: {error}", *causes][-1]
        raise NotReadyError(_explain(seen)) from error
    keras.utils.set_random_seed(seed)
    device = _count(gpus, "GPU") if gpus else _count(_cores(), "CPU core")
    print(f"Keras {keras.__version__} on {device}, seed {seed}")
    for thing, seen, fix in report():
        if fix and thing in ("Kernel", "Metal", "helpers", "Memory"):
            print(f"{thing}: {seen}. {fix}")


def report() -> list[Finding]:
    """Look at this machine without importing TensorFlow; name no path and nothing that varies."""
    facts = _look()
    return [*_judge_python(facts), *_judge_packages(facts), *_judge_machine(facts)]


def main(arguments: Sequence[str] = ()) -> int:
    """Print the report; with ``--before-install``, only what would make installing fail.

    Returns
    -------
    int
        Exit status: 0 when the machine is fit, 1 when something stands in the way.
    """
    before_install = "--before-install" in arguments
    findings, fixes = report(), []
    if before_install:
        findings = [f for f in findings if f.fix and f.thing in ("Python", "Long paths", "Disk")]
    for thing, seen, fix in findings:
        print(f"{thing:<13}{seen}")
        if fix and fix not in fixes:
            print(f"{'':<10}-> {fix}")
            fixes.append(fix)
    if not before_install:
        print("\nNot ready yet: follow the arrows." if fixes else "\nReady for the course.")
    return 1 if fixes else 0


def on_colab() -> bool:
    """Tell whether this is Google Colab, which has its own TensorFlow: install nothing there."""
    return "COLAB_RELEASE_TAG" in os.environ or "google.colab" in sys.modules


# --- judging: from facts to findings ---------------------------------------------------------


class _Facts(NamedTuple):
    """What was seen on this machine; a default stands where a look failed."""

    packages: dict[str, str]  # distributions and their versions
    python: Sequence[int] = PYTHON[0]
    computer: str = _WHEELS[0]  # system and processor; "32-bit" is added where it is so
    wrong_kernel: bool = False
    limited_path: int = 0  # characters of the course's path, where Windows allows 260 in all
    lost_libraries: Sequence[str] = ()  # of the Visual C++ runtime
    foreign_helpers: bool = False
    colab: bool = False
    cores: int = 1
    gpus: Sequence[str] = ()
    memory: int = 0  # bytes, 0 is unknown
    free: float = 1e12  # bytes on the disk that is written to next
    data: Finding = Finding("Data", "could not be looked for")
    dot: bool = False

    def supported(self) -> bool:
        """Tell whether TensorFlow can be installed for this Python."""
        return self.computer in _WHEELS and PYTHON[0] <= tuple(self.python[:2]) <= PYTHON[1]


def _judge_python(facts: _Facts) -> Iterator[Finding]:
    """Judge whether TensorFlow installs and loads here, and whether this is the course's Python."""
    oldest, newest = map(_dotted, PYTHON)
    online = "open the lessons on Colab or Binder"
    if facts.wrong_kernel:
        fix = "Choose Kernel > Change Kernel... (VS Code: Select Kernel > .venv) or run `make lab`."
        yield Finding("Kernel", "not the course's own Python (.venv)", fix)
    if facts.supported():
        fix = ""
    elif facts.computer == "Darwin x86_64":
        fix = f"TensorFlow left Intel Macs after 2.16.2: {online} (Apple silicon: arm64 Python)."
    elif facts.computer.endswith("32-bit"):
        fix = f"TensorFlow needs 64 bits: install the 64-bit Python {newest}, or {online}."
    elif facts.computer not in _WHEELS:
        fix = f"TensorFlow has no wheel for this kind of computer: {online}."
    else:
        fix = f"The course and TensorFlow need Python {oldest} to {newest}: install {newest} and"
        fix += f" start again (`make lab PYTHON=python{newest}`), or {online}."
    yield Finding("Python", f"{_dotted(facts.python)} for {facts.computer}", fix)
    if facts.limited_path + _LONGEST_PATH >= 260 and not _tensorflow(facts.packages):
        fix = "Move the course to a short path such as C:\\course, or enable long paths in Windows."
        yield Finding("Long paths", f"off; the folder has {facts.limited_path} characters", fix)
    if facts.lost_libraries:
        fix = "Install https://aka.ms/vs/17/release/vc_redist.x64.exe, then restart the kernel."
        yield Finding("Visual C++", f"{', '.join(facts.lost_libraries)} cannot be loaded", fix)


def _judge_packages(facts: _Facts) -> Iterator[Finding]:
    """Judge the versions of TensorFlow and Keras, and find packages that do harm."""
    for thing, names in (("TensorFlow", _OWNERS), ("Keras", ("keras",))):
        found = {facts.packages[name] for name in names if name in facts.packages}
        low, high = PACKAGES[thing]
        number = tuple(int(digits) for digits in re.findall(r"\d+", min(found, default=""))[:2])
        seen = " and ".join(sorted(found)) or "not installed"
        fix = _COLAB if facts.colab else _INSTALL
        if len(found) > 1:
            seen += " overwrite each other"
            fix = fix if facts.colab else f"Delete the folder .venv and make it anew. {_INSTALL}"
        elif low <= number < high:
            fix = ""
        elif found:
            seen += f" (expected: {_dotted(low)} or newer, below {_dotted(high)})"
        if facts.wrong_kernel or not facts.supported() or (facts.colab and number >= high):
            fix = ""  # it stands above; or Colab has moved on
        yield Finding(thing, seen, fix)
    if "tensorflow-metal" in facts.packages:
        fix = "It gives wrong results: run `python -m pip uninstall tensorflow-metal` and restart."
        yield Finding("Metal", "tensorflow-metal is installed", fix)
    if facts.foreign_helpers or "helpers" in facts.packages:
        fix = "Run `python -m pip uninstall helpers` (a file of your own: rename it) and restart."
        yield Finding("helpers", "another package of this name is in the way", fix)


def _judge_machine(facts: _Facts) -> Iterator[Finding]:
    """Judge memory, disk and data; what computes and a missing `dot` are no faults."""
    device = _count(facts.cores, "CPU core")
    if facts.gpus and "tensorflow-cpu" not in facts.packages:
        device = f"{_count(len(facts.gpus), 'GPU')} ({facts.gpus[0]}), {device}"
    yield Finding("Device", device)

    size = facts.memory / 2**30
    memory, fix = f"{size:.0f} GB" if size else "unknown", ""
    if 0 < facts.memory < 2e9:
        memory = f"{size:.1f} GB (expected: 2 GB)"
        fix = "A lesson needs about 1.5 GB: run one kernel at a time, or use Colab."
    yield Finding("Memory", memory, fix)

    disk, fix = "enough", ""
    megabytes = 200 if _tensorflow(facts.packages) else 3000  # for the data; for installing
    if facts.free < megabytes * 1e6:
        disk = f"less than {megabytes} MB free"
        fix = "Free some space, or move the course to another disk (the data: COURSE_CACHE_DIR)."
    yield Finding("Disk", disk, fix)
    yield facts.data
    yield Finding("dot", "found" if facts.dot else "not found: matplotlib draws diagrams instead")


def _explain(seen: str) -> str:
    """Say why Keras cannot run, and the fix of the likeliest cause."""
    causes = ("Kernel", "Python", "Visual C++", "TensorFlow", "Keras")
    fixes = [finding.fix for finding in report() if finding.fix and finding.thing in causes]
    anew = "Delete the folder .venv and install the course again, as README.md says."
    return f"Keras cannot run here: {seen}\n{[*fixes, _COLAB if on_colab() else anew][0]}"


def _tensorflow(packages: dict[str, str]) -> set[str]:
    """Select the versions of the distributions that own the package `tensorflow`."""
    return {packages[name] for name in _OWNERS if name in packages}


def _dotted(version: Sequence[int]) -> str:
    return ".".join(map(str, version))


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" + "s" * (number != 1)


# --- looking: the facts of this machine ------------------------------------------------------


def _look() -> _Facts:
    """Gather the facts; where a look fails (as Windows' own do elsewhere), the default stands."""
    looks: dict[str, Callable[[], Any]] = {
        "packages": _packages,
        "python": lambda: sys.version_info[:3],
        "computer": _computer,
        "wrong_kernel": lambda: _is_wrong_kernel(Path(sys.prefix), COURSE),
        "limited_path": _limited_path,
        "lost_libraries": _lost_libraries,
        "foreign_helpers": lambda: _is_foreign_helpers(sys.path, COURSE / "helpers"),
        "colab": on_colab,
        "cores": _cores,
        "gpus": _gpus,
        "memory": _memory,
        "free": _free,
        "data": _find_data,
        "dot": lambda: shutil.which("dot") is not None,
    }
    facts: dict[str, Any] = {"packages": {}}
    for name, look in looks.items():
        with contextlib.suppress(Exception):
            facts[name] = look()
    return _Facts(**facts)


def _packages() -> dict[str, str]:
    """Read the versions of the packages that matter, importing none."""
    found = {}
    for name in (*_OWNERS, "keras", "tensorflow-metal", "helpers"):
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found


def _computer() -> str:
    """Name system and processor as in `_WHEELS`; Windows may emulate another processor."""
    system, machine = platform.system(), platform.machine()
    if system == "Windows":
        machine = sysconfig.get_platform().rsplit("-", 1)[-1]
    return f"{system} {machine}" + ("" if sys.maxsize > 2**32 else " 32-bit")


def _is_wrong_kernel(prefix: Path, course: Path) -> bool:
    """Tell whether the course has a .venv of its own, and this Python lives outside the course."""
    own, prefix, course = (course / ".venv").resolve(), prefix.resolve(), course.resolve()
    return own.is_dir() and prefix != own and course not in prefix.parents


def _limited_path() -> int:
    """Measure the course's path, unless Windows allows more than 260 characters."""
    winreg: Any = importlib.import_module("winreg")  # on Windows only
    folder = r"SYSTEM\CurrentControlSet\Control\FileSystem"
    with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, folder) as key:
        allowed = winreg.QueryValueEx(key, "LongPathsEnabled")[0]
    return 0 if allowed else len(str(COURSE))


def _lost_libraries() -> list[str]:
    """Try to load the libraries of the Visual C++ runtime that TensorFlow needs."""
    import ctypes  # not in every Python

    lost = []
    for name in ("msvcp140.dll", "msvcp140_1.dll", "vcruntime140_1.dll"):
        try:
            ctypes.WinDLL(name)  # type: ignore[attr-defined]
        except OSError:
            lost.append(name)
    return lost


def _is_foreign_helpers(path: Sequence[str], own: Path) -> bool:
    """Tell whether another `helpers` comes first on the import path."""
    spec = importlib.machinery.PathFinder.find_spec("helpers", path)
    places = list(spec.submodule_search_locations or [spec.origin or ""]) if spec else []
    return bool(places) and Path(places[0]).resolve() != own.resolve()


def _cores() -> int:
    """Count the CPU cores that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _gpus(patience: float = 5) -> list[str]:
    """Read the names of the GPUs that NVIDIA's driver lists within this many seconds."""
    command = ["nvidia-smi", "-L"]
    listing = subprocess.run(command, capture_output=True, text=True, timeout=patience)
    return re.findall(r"^GPU \d+: (.+?) \(", listing.stdout, re.MULTILINE)


def _memory(cgroup: str = "/sys/fs/cgroup") -> int:
    """Read the bytes of memory of this machine, or of the container if it may use less."""
    if sys.platform == "win32":
        import ctypes

        kilobytes = ctypes.c_ulonglong()
        ctypes.windll.kernel32.GetPhysicallyInstalledSystemMemory(ctypes.byref(kilobytes))
        return kilobytes.value * 1024
    sizes = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for name in ("memory.max", "memory/memory.limit_in_bytes"):  # cgroup version 2, version 1
        limit = Path(cgroup, name)
        if limit.exists() and limit.read_text().strip().isdigit():  # else "max"
            sizes.append(int(limit.read_text()))
    return min(sizes)


def _free() -> int:
    """Read the free bytes of the disk that is written to next: by pip, or else for the data."""
    folder = cache_folder() if _tensorflow(_packages()) else COURSE
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def _find_data() -> Finding:
    """Say where the sets of the lessons are, judged by file names only."""
    found: dict[str, list[sets.Dataset]] = {}
    try:
        for dataset in sets.SETS:
            if dataset.in_lessons:
                found.setdefault(local.where(dataset), []).append(dataset)
    except DataError:
        name = Path(os.environ["COURSE_DATA_DIR"]).name
        fix = "Set COURSE_DATA_DIR to the folder that holds fashion_mnist and mnist, or unset it."
        return Finding("Data", f"COURSE_DATA_DIR (.../{name}) is not a folder", fix)
    seen = []
    for place, here in found.items():
        size = sum(dataset.megabytes for dataset in here)
        later = f"not here yet: fetched on first use ({size:.0f} MB)"
        names = " and ".join(dataset.name for dataset in here)
        seen.append(f"{names} {f'found in {place}' if place else later}")
    return Finding("Data", "; ".join(seen))


@contextlib.contextmanager
def _stderr_held() -> Iterator[None]:
    """Hold what C++ writes to file descriptor 2; give it back only if the block fails."""
    try:
        held = tempfile.TemporaryFile()  # noqa: SIM115
        stderr = os.dup(2)
    except OSError:  # closed, or nowhere to write
        yield
        return
    with held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        except BaseException:
            held.seek(0)
            with contextlib.suppress(OSError):
                os.write(stderr, held.read())
            raise
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
