"""helpers.environment: what the report says of good and bad machines, and how lessons start."""

import ast
import ctypes
import dataclasses
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import types
from pathlib import Path

import nbclient
import nbformat
import pytest
from packaging.requirements import Requirement

from helpers import _shared, datasets, environment
from helpers.datasets import sets
from helpers.environment import _Facts

ROOT = Path(environment.__file__).parents[1]
INSTALL = "python -m pip install -r requirements.txt"
PACKAGES = {"tensorflow-cpu": "2.21.0", "keras": "3.15.1"}
FIT = _Facts(PACKAGES, python=(3, 12, 1), cores=2, memory=8 * 2**30)


@pytest.fixture
def course(tmp_path):
    """Copy the helpers into an empty course folder, which has no .venv."""
    shutil.copytree(ROOT / "helpers", tmp_path / "course" / "helpers")
    return tmp_path / "course"


def clean(home, **extra):
    """Return a student's settings and an empty home; under PYTEST_… a kernel watches no fd."""
    ours = re.compile("PYTEST|PYTHON|COURSE|KERAS|TF_")
    kept = {name: value for name, value in os.environ.items() if not ours.match(name)}
    Path(home).mkdir(exist_ok=True)
    return {**kept, "HOME": str(home), "USERPROFILE": str(home), **extra}


def run(course, *arguments, python=sys.executable, **extra):
    """Run Python in the course folder; return (exit status, standard output, standard error)."""
    command, env = [python, *arguments], clean(course.parent / "home", **extra)
    done = subprocess.run(command, cwd=course, env=env, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


def faults(facts, monkeypatch):
    """Judge the facts given in place of this machine's; return {thing: fix} of what is wrong."""
    monkeypatch.setattr(environment, "_look", lambda: facts)
    return {finding.thing: finding.fix for finding in environment.report() if finding.fix}


def line(thing):
    """Return what the report of this machine says of one thing."""
    return next((finding for finding in environment.report() if finding.thing == thing), None)


def fake(folder, package, text):
    """Write a package of one file and return the folder to put on the import path."""
    (folder / package).mkdir(parents=True)
    (folder / package / "__init__.py").write_text(text)
    return str(folder)


def installed(folder, *names):
    """Write what pip leaves of installed packages, and return the folder for the import path."""
    for name in names:
        record = folder / f"{name.replace('-', '_')}-0.2.0.dist-info"
        record.mkdir(parents=True)
        text = f"Metadata-Version: 2.1\nName: {name}\nVersion: 0.2.0\n"
        (record / "METADATA").write_text(text)
    return str(folder)


# --- the report on good and bad machines -----------------------------------------------------


def test_a_fit_machine_has_no_fault(monkeypatch):
    assert faults(FIT, monkeypatch) == {}


def only(packages, **change):
    return {"packages": packages, **change}


@pytest.mark.parametrize(
    ("change", "thing", "fix"),
    [
        ({"python": (3, 9, 18)}, "Python", "3.11 to 3.13: install 3.13"),
        ({"python": (3, 10, 13)}, "Python", "PYTHON=python3.13"),
        ({"python": (3, 14, 0)}, "Python", "open the lessons on Colab or Binder"),
        ({"python": (3, 14, 0), "packages": {}}, "Python", "3.11 to 3.13: install 3.13"),
        ({"computer": "Darwin x86_64"}, "Python", "Intel Macs after 2.16.2"),
        ({"computer": "Windows arm64"}, "Python", "no wheel for this kind of computer"),
        ({"computer": "Windows win32 32-bit"}, "Python", "install the 64-bit Python 3.13"),
        ({"computer": "Linux x86_64 32-bit"}, "Python", "install the 64-bit Python 3.13"),
        ({"wrong_kernel": True}, "Kernel", "Kernel > Change Kernel"),
        ({"wrong_kernel": True, "packages": {}}, "Kernel", "Kernel > Change Kernel"),
        ({"lost_libraries": ["msvcp140_1.dll"]}, "Visual C++", "vc_redist.x64.exe"),
        (only({"keras": "3.15.1"}), "TensorFlow", INSTALL),
        (only({"tensorflow-cpu": "2.21.0"}), "Keras", INSTALL),
        (only({**PACKAGES, "tensorflow-cpu": "2.19.1"}), "TensorFlow", INSTALL),
        (only({**PACKAGES, "tensorflow-cpu": "2.22.0rc0"}), "TensorFlow", INSTALL),
        (only({**PACKAGES, "keras": "2.15.0"}), "Keras", INSTALL),
        (only({**PACKAGES, "keras": "4.0"}), "Keras", INSTALL),
        (only({**PACKAGES, "tensorflow": "2.20.0"}), "TensorFlow", "Delete the folder .venv"),
        (only({"keras": "3.13.0"}, colab=True), "TensorFlow", "Disconnect and delete runtime"),
        (only({**PACKAGES, "tensorflow-metal": "1.2.0"}), "Metal", "uninstall tensorflow-metal"),
        (only({**PACKAGES, "helpers": "0.2.0"}), "helpers", "uninstall helpers"),
        ({"foreign_helpers": True}, "helpers", "uninstall helpers"),
        ({"memory": int(1e9)}, "Memory", "needs about 1.5 GB"),
        ({"free": 1e8}, "Disk", "COURSE_CACHE_DIR"),
    ],
)
def test_each_fault_is_named_alone_with_its_fix(change, thing, fix, monkeypatch):
    found = faults(FIT._replace(**change), monkeypatch)
    assert list(found) == [thing]
    assert fix in found[thing]
    assert found[thing].isascii(), "an old Windows console cannot print it"


@pytest.mark.parametrize("computer", ["Linux aarch64", "Darwin arm64", "Windows amd64"])
@pytest.mark.parametrize("python", [(3, 11, 0), (3, 13, 9)])
def test_supported_machines_are_welcome(computer, python, monkeypatch):
    assert faults(FIT._replace(computer=computer, python=python), monkeypatch) == {}


def test_what_the_course_can_do_without_is_no_fault(monkeypatch):
    assert not faults(FIT._replace(dot=False, gpus=(), memory=0), monkeypatch)
    newer = {"tensorflow": "2.23.0", "keras": "3.16.0"}
    assert not faults(FIT._replace(packages=newer, colab=True), monkeypatch), "Colab moves on"


def test_on_colab_nothing_is_ever_installed(monkeypatch):
    for packages in ({}, {"tensorflow": "2.19.0", "tf-nightly": "2.20.0", "keras": "3.0.0"}):
        found = faults(FIT._replace(packages=packages, colab=True), monkeypatch)
        assert set(found) == {"TensorFlow", "Keras"}
        assert not re.search(r"pip|install|\.venv", " ".join(found.values()))


def test_a_deep_folder_on_windows_counts_only_before_installing(monkeypatch):
    deep = FIT._replace(computer="Windows amd64", limited_path=90, packages={})
    assert "short path" in faults(deep, monkeypatch)["Long paths"]
    assert "Long paths" not in faults(deep._replace(limited_path=40), monkeypatch)
    assert "Long paths" not in faults(deep._replace(packages=PACKAGES), monkeypatch)


def test_versions_agree_with_requirements():
    text = (ROOT / "requirements.txt").read_text()
    wanted = {}
    for entry in re.findall(r"^(\w[^#\n]*)", text, re.MULTILINE):
        requirement = Requirement(entry.strip())
        wanted[requirement.name] = requirement.specifier
    owners = {"tensorflow-cpu": "TensorFlow", "tensorflow": "TensorFlow", "keras": "Keras"}
    for name, thing in owners.items():
        low, high = (".".join(map(str, limit)) for limit in environment.PACKAGES[thing])
        assert wanted[name] == Requirement(f"x>={low},<{high}").specifier
    oldest, newest = (".".join(map(str, number)) for number in environment.PYTHON)
    assert f"Python {oldest}-{newest}." in text


# --- looking at this machine -----------------------------------------------------------------


def test_report_needs_no_package_at_all(course):
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", course.parent / "bare"], check=True
    )
    folder = "Scripts" if os.name == "nt" else "bin"
    python = str(course.parent / "bare" / folder / "python")
    status, output, errors = run(course, "-m", "helpers.environment", python=python)
    assert (status, errors) == (1, "")
    assert re.search(rf"^TensorFlow +not installed\n +-> .*{INSTALL}", output, re.MULTILINE)
    assert output.count(INSTALL) == 1, "one fix, said once"
    before = run(course, "-m", "helpers.environment", "--before-install", python=python)
    assert before == (0, "", "")


def test_before_install_tells_only_what_stops_pip(monkeypatch, capsys):
    bad = FIT._replace(python=(3, 14, 0), packages={}, memory=1, free=1e9, foreign_helpers=True)
    monkeypatch.setattr(environment, "_look", lambda: bad)
    assert environment.main(["--before-install"]) == 1
    output = capsys.readouterr().out
    assert re.findall(r"^\w+", output, re.MULTILINE) == ["Python", "Disk"]
    assert "3000 MB" in output


def test_an_old_python_can_read_what_is_imported_and_nothing_must_be_installed(course):
    code = "import sys, helpers.environment as _\nprint({'keras', 'numpy'} & {*sys.modules})\n"
    code += "print(*[m.__file__ for name, m in sys.modules.items() if name[:7] == 'helpers'])"
    status, output, errors = run(course, "-c", code)
    heavy, files = output.splitlines()
    assert (status, heavy, errors) == (0, "set()", "")
    assert {"environment.py", "_shared.py", "sets.py", "local.py"} <= {
        Path(file).name for file in files.split()
    }
    for file in files.split():
        ast.parse(Path(file).read_text("utf-8"), feature_version=(3, 9))


def test_report_of_a_ready_machine_has_no_path_and_never_varies(course):
    data = course.parent / "data"
    data.mkdir()
    first = run(course, "-m", "helpers.environment", COURSE_DATA_DIR=str(data))
    assert first == run(course, "-m", "helpers.environment", COURSE_DATA_DIR=str(data))
    assert first[0] == 0, first
    assert first[1].endswith("\nReady for the course.\n")
    lost = run(course, "-m", "helpers.environment", COURSE_DATA_DIR=str(data / "none"))
    assert lost[0] == 1
    for output in (first[1], lost[1]):
        assert not re.search(r"(?<![\w.])(/|[A-Za-z]:\\)\w", output), output


def test_a_look_that_fails_does_not_stop_the_report(monkeypatch):
    def fail(*_):
        raise PermissionError("not for you")

    monkeypatch.setattr(os, "sysconf", fail)
    monkeypatch.setattr(shutil, "disk_usage", fail)
    monkeypatch.setattr(environment, "_find_data", fail)
    monkeypatch.setattr(environment, "_packages", fail)
    assert (line("Memory").seen, line("Disk").seen) == ("unknown", "enough")
    assert line("Data").seen == "could not be looked for"
    assert line("TensorFlow").seen == "not installed"


def test_another_helpers_is_noticed(course, tmp_path):
    fake(tmp_path / "package", "helpers", "")
    (tmp_path / "file").mkdir()
    (tmp_path / "file" / "helpers.py").touch()
    code = "import sys; from helpers import environment; sys.path.insert(0, sys.argv[1]);"
    code += "print([f.fix for f in environment.report() if f.thing == 'helpers'])"
    for kind in ("package", "file"):
        assert "uninstall helpers" in run(course, "-c", code, str(tmp_path / kind))[1]
    assert run(course, "-c", code, str(course))[1] == "[]\n"
    installed(tmp_path / "installed", "helpers")
    assert "uninstall helpers" in run(course, "-c", code, str(tmp_path / "installed"))[1]


def test_a_python_from_elsewhere_is_the_wrong_kernel(course):
    assert not environment._is_wrong_kernel(Path(sys.prefix), course), "no .venv, no other choice"
    (course / ".venv").mkdir()
    assert environment._is_wrong_kernel(Path(sys.prefix), course)
    assert not environment._is_wrong_kernel(course / ".venv", course)
    assert not environment._is_wrong_kernel(course / ".venv-colab", course)


def test_the_limit_of_a_container_counts(tmp_path):
    whole = environment._memory(str(tmp_path))
    assert whole == os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    (tmp_path / "memory").mkdir()
    (tmp_path / "memory" / "memory.limit_in_bytes").write_text("9223372036854771712\n")
    (tmp_path / "memory.max").write_text("max\n")
    assert environment._memory(str(tmp_path)) == whole
    (tmp_path / "memory.max").write_text("1073741824\n")
    assert environment._memory(str(tmp_path)) == 2**30
    (tmp_path / "memory" / "memory.limit_in_bytes").write_text("536870912\n")
    assert environment._memory(str(tmp_path)) == 2**29


def test_windows_is_asked_for_long_paths_and_libraries(monkeypatch):
    assert environment._look().limited_path == 0, "not on Linux"
    assert environment._look().lost_libraries == ()
    registry = {"LongPathsEnabled": 0}
    winreg = types.ModuleType("winreg")
    winreg.HKEY_LOCAL_MACHINE = "HKLM"
    winreg.OpenKey = lambda root, folder: memoryview(b"")  # anything that `with` accepts
    winreg.QueryValueEx = lambda key, name: (registry[name], 4)
    monkeypatch.setitem(sys.modules, "winreg", winreg)
    monkeypatch.setattr(ctypes, "WinDLL", ctypes.CDLL, raising=False)
    assert environment._look().limited_path == len(str(ROOT))
    assert len(environment._look().lost_libraries) == 3, "no such library here"
    registry["LongPathsEnabled"] = 1
    assert environment._look().limited_path == 0


def test_the_build_of_python_counts_not_the_processor_that_windows_emulates(monkeypatch):
    monkeypatch.setattr(platform, "system", lambda: "Windows")
    monkeypatch.setattr(platform, "machine", lambda: "ARM64")
    monkeypatch.setattr(sysconfig, "get_platform", lambda: "win-amd64")
    assert environment._computer() == "Windows amd64"
    monkeypatch.setattr(sys, "maxsize", 2**31 - 1)
    assert environment._computer() == "Windows amd64 32-bit"


@pytest.mark.skipif(os.name == "nt", reason="the imitation of nvidia-smi is a shell script")
def test_gpus_are_those_that_the_driver_lists(tmp_path, monkeypatch):
    program = tmp_path / "nvidia-smi"
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    program.write_text("#!/bin/sh\necho 'GPU 0: Tesla T4 (UUID: GPU-1234)'\n")
    program.chmod(0o755)
    assert environment._look().gpus == ["Tesla T4"]
    program.write_text("#!/bin/sh\necho 'NVIDIA-SMI has failed: no driver'\nexit 9\n")
    assert environment._look().gpus == []
    program.write_text("#!/bin/sh\nexec sleep 20\n")
    with pytest.raises(subprocess.TimeoutExpired):
        environment._gpus(patience=0.1)


def test_a_gpu_is_named_only_where_tensorflow_uses_it(monkeypatch):
    facts = FIT._replace(gpus=["Tesla T4"], packages={"tensorflow": "2.20.0", "keras": "3.13.0"})
    monkeypatch.setattr(environment, "_look", lambda: facts)
    assert line("Device").seen == "1 GPU (Tesla T4), 2 CPU cores"
    monkeypatch.setattr(environment, "_look", lambda: FIT._replace(gpus=["Tesla T4"]))
    assert line("Device").seen == "2 CPU cores"


# --- where the data is -----------------------------------------------------------------------


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Start from an empty home and no setting that names a folder; return the home."""
    for name in ("COURSE_DATA", "COURSE_DATA_DIR", "COURSE_CACHE_DIR", "KERAS_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    monkeypatch.setattr(_shared, "COURSE", tmp_path / "course")
    return tmp_path / "home"


def put(folder, ending=""):
    """Write the four files of a data set, of two pictures each."""
    folder.mkdir(parents=True)
    for file in TINY.files:
        (folder / f"{file.name}{ending}").write_bytes(content(file))


def content(file):
    return file.header + bytes(file.size - len(file.header))


TINY = dataclasses.replace(sets.MNIST, shapes=((2,), (2,), (2, 28, 28), (2, 28, 28)))
DIGESTS = tuple(hashlib.sha256(content(file)).hexdigest() for file in TINY.files)
TINY = dataclasses.replace(TINY, sha256=DIGESTS)


@pytest.mark.parametrize(
    ("setting", "place"),
    [
        ("", "the course's data folder"),
        ("{here}/stick", "your data folder"),
        ("stick", "your data folder"),
        ("~/stick", "your data folder"),
        ("only-in-the-course", "your data folder"),
        ("file-here-and-folder-in-the-course", "your data folder"),
        ("empty", "the course's data folder"),
        ("file", None),
        ("nowhere", None),
    ],
)
def test_machine_check_and_loader_agree(setting, place, home, monkeypatch, capsys):
    here, course = home.parent / "here", home.parent / "course"
    in_course = ("data", "only-in-the-course", "file-here-and-folder-in-the-course")
    for folder in (here / "stick", home / "stick", *(course / name for name in in_course)):
        put(folder / "mnist")
    (here / "empty").mkdir()
    for name in ("file", in_course[-1]):
        (here / name).touch()
    monkeypatch.chdir(here)
    monkeypatch.setenv("COURSE_DATA_DIR", setting.format(here=here))
    monkeypatch.setattr(sets, "SETS", (TINY,))
    if place:
        assert line("Data") == ("Data", f"MNIST found in {place}", "")
        datasets.load(TINY)
        assert f"MNIST from {place}: 2 training" in capsys.readouterr().out
    else:
        assert line("Data").seen == f"COURSE_DATA_DIR (.../{setting}) is not a folder"
        assert line("Data").fix.startswith("Set COURSE_DATA_DIR to the folder that holds")
        with pytest.raises(datasets.DataError, match="COURSE_DATA_DIR is"):
            datasets.load(TINY)


def test_data_not_here_yet_is_no_fault(home):
    later = "Fashion-MNIST and MNIST not here yet: fetched on first use (42 MB)"
    assert line("Data") == ("Data", later, "")


def test_data_is_found_in_the_folder_of_the_instructor(home, monkeypatch):
    put(home / "usb" / "fashion-mnist", ".gz")
    put(home / "usb" / "mnist")
    monkeypatch.setenv("COURSE_DATA_DIR", "~/usb")
    assert line("Data").seen == "Fashion-MNIST and MNIST found in your data folder"


def test_data_is_found_in_the_caches(home, monkeypatch):
    put(home / ".cache" / "pixels-to-predictions" / "fashion_mnist", ".gz")
    (home / ".keras" / "datasets").mkdir(parents=True)
    (home / ".keras" / "datasets" / "mnist.npz").touch()
    both = "Fashion-MNIST found in the course's cache; MNIST found in Keras's cache"
    assert line("Data").seen == both
    monkeypatch.setenv("COURSE_CACHE_DIR", str(home / "a"))
    assert "Fashion-MNIST not here yet: fetched on first use (31 MB); MNIST" in line("Data").seen
    monkeypatch.setenv("KERAS_HOME", str(home / "b"))
    assert "Fashion-MNIST and MNIST not here yet" in line("Data").seen


def test_half_a_data_set_is_not_found(home):
    put(home / ".cache" / "pixels-to-predictions" / "mnist", ".gz")
    (home / ".cache/pixels-to-predictions/mnist/t10k-labels-idx1-ubyte.gz").unlink()
    assert line("Data").seen.startswith("Fashion-MNIST and MNIST not here yet")


# --- how lessons start -----------------------------------------------------------------------


SAYS = r"Keras \d+\.\d+\.\d+ on \d+ (CPU cores?|GPUs?), seed {}\n"
BROKEN = "import os\nos.write(2, b'a line of C++\\n')\nraise ImportError('DLL load failed')\n"


@pytest.mark.slow
def test_prepare_says_one_line_and_sets_the_seed(course):
    code = "import random; from helpers.environment import prepare\n"
    code += "for seed in (42, 42, 7):\n    prepare(seed)\n"
    code += "    import keras, numpy as np\n    print(random.random(), np.random.rand(),"
    code += (
        " float(keras.random.normal(())), float(keras.initializers.GlorotUniform()((1, 1))[0, 0]))"
    )
    status, output, errors = run(course, "-c", code)
    assert (status, errors) == (0, "")
    lines = output.splitlines(keepends=True)
    for seed, said in zip((42, 42, 7), lines[::2], strict=True):
        assert re.fullmatch(SAYS.format(seed), said)
    assert lines[1] == lines[3]
    assert all(a != b for a, b in zip(lines[1].split(), lines[5].split(), strict=True))


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="closes a file descriptor in a shell")
def test_prepare_works_without_standard_error_and_tells_what_matters_in_a_lesson(course, tmp_path):
    (course / ".venv").mkdir()
    harmful = installed(tmp_path / "installed", "tensorflow-metal", "helpers")
    code = "from helpers.environment import prepare; prepare()"
    shell = f'exec "{sys.executable}" -c "{code}" <&- 2>&-'
    status, output, _ = run(course, "-c", shell, python="/bin/sh", PYTHONPATH=harmful)
    assert status == 0
    said, kernel, metal, helpers = output.splitlines(keepends=True)
    assert re.fullmatch(SAYS.format(42), said)
    assert kernel.startswith("Kernel: not the course's own Python (.venv). Choose Kernel > Change")
    assert metal.startswith("Metal: tensorflow-metal is installed. It gives wrong results")
    assert helpers.startswith("helpers: another package of this name is in the way. Run `python")


def test_a_broken_tensorflow_gives_one_clear_error_and_its_own_words(course, tmp_path):
    broken = fake(tmp_path / "broken", "tensorflow", BROKEN)
    code = "import os\nfrom helpers.environment import prepare\ntry:\n    prepare()\n"
    code += "except RuntimeError as error:\n    print(error)\n    os.write(2, b'open again\\n')"
    status, output, errors = run(course, "-c", code, PYTHONPATH=broken)
    assert (status, errors) == (0, "a line of C++\nopen again\n")
    seen, fix = output.splitlines()
    assert seen == "Keras cannot run here: ImportError: DLL load failed"
    assert fix.startswith("Delete the folder .venv and install the course again")


def test_a_python_that_is_too_old_is_refused_first(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 9, 18))
    with pytest.raises(environment.NotReadyError, match=r"(?s)this is Python.*install 3\.13"):
        environment.prepare()


def kernel(course, code, **extra):
    """Run one cell in a Jupyter kernel; return its outputs."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    client = nbclient.NotebookClient(
        notebook, timeout=60, allow_errors=True, resources={"metadata": {"path": str(course)}}
    )
    client.execute(env=clean(course.parent / "home", **extra))
    return notebook.cells[0].outputs


@pytest.mark.slow
def test_prepare_is_quiet_in_a_notebook(course):
    (output,) = kernel(course, "from helpers import environment\nenvironment.prepare()")
    assert output.name == "stdout"
    assert re.fullmatch(SAYS.format(42), output.text)


def test_a_notebook_shows_the_message_without_a_traceback(course, tmp_path):
    broken = fake(tmp_path / "broken", "tensorflow", BROKEN)
    outputs = kernel(course, "from helpers.environment import *\nprepare()", PYTHONPATH=broken)
    told = {output.output_type: output for output in outputs}
    assert told["stream"].text == "a line of C++\n"
    first, second = told["error"].traceback
    assert first == "NotReadyError: Keras cannot run here: ImportError: DLL load failed"
    assert second.startswith("Delete the folder .venv")
