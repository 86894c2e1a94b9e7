"""Every lesson keeps the form that readers and tools rely on, is fresh, and runs alone."""

import json
import re
import shutil
import statistics
import subprocess
import sys
import tomllib
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from benchmarks.lessons import MEMORY, execute_alone, make_origin
from tools.lessons import (
    COURSE,
    LESSONS,
    cell_named,
    code_cells,
    lesson,
    read,
    stale_cells,
    text_cells,
)

SETTINGS = tomllib.loads((COURSE / "pyproject.toml").read_text("utf-8"))
REPOSITORY = SETTINGS["tool"]["course"]["repository"]
each_lesson = pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)

# --- form -------------------------------------------------------------------------


def test_lessons_are_numbered_without_gaps():
    numbers = [int(path.name[:2]) for path in LESSONS]
    assert numbers == list(range(len(LESSONS))) and len(LESSONS) >= 2


@each_lesson
def test_lesson_is_valid_and_its_cells_have_readable_names(path):
    notebook = read(path)
    nbformat.validate(notebook)
    names = [cell.id for cell in notebook.cells]
    assert len(set(names)) == len(names)
    for name in names:
        assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name), name
        assert not re.fullmatch(r"[0-9a-f]{8}", name), f"{name} looks random"


@each_lesson
def test_lesson_opens_with_title_badges_and_goals(path):
    notebook = read(path)
    title, goals = notebook.cells[0].source, notebook.cells[1].source
    assert re.match(rf"# {int(path.name[:2])} · \S", title)
    place = f"notebooks/{path.name}"
    assert f"https://colab.research.google.com/github/{REPOSITORY}/blob/main/{place})" in title
    assert f"https://mybinder.org/v2/gh/{REPOSITORY}/main?urlpath=lab/tree/{place})" in title
    assert re.match(r"\| You will.* \| Time \| Before you start \|\n\|---\|---\|---\|\n", goals)
    assert "reading" in goals and "on 2 cores" in goals


@each_lesson
def test_lesson_ends_with_what_can_be_done_now_and_what_is_next(path):
    last = read(path).cells[-1].source
    assert last.startswith("## What you can do now\n\n- ") and "\n## Next\n" in last


@each_lesson
def test_setup_cell_is_the_same_everywhere(path):
    notebook = read(path)
    setup = cell_named(notebook, "setup-code").source
    assert setup == cell_named(read(LESSONS[0]), "setup-code").source
    assert f'"https://github.com/{REPOSITORY}"' in setup
    first = next(cell.id for cell in code_cells(notebook) if "import" in cell.source)
    assert first == "setup-code"


@each_lesson
def test_rhythm_is_short_cells_and_short_texts(path):
    notebook = read(path)
    lengths, words = [], []
    for cell in code_cells(notebook):
        lines = [line for line in cell.source.splitlines() if line.strip()]
        assert lines and len(lines) <= 20, cell.id
        assert max(map(len, lines)) <= 72, f"{cell.id} has a line over 72 characters"
        if cell.id != "setup-code":
            lengths.append(len(lines))
    for cell in text_cells(notebook):
        visible = re.sub(r"<details>.*?</details>|\|.*\||https?\S+", "", cell.source, flags=re.S)
        assert len(visible.split()) <= 100, f"{cell.id} has {len(visible.split())} words"
        words.append(len(visible.split()))
    assert statistics.median(lengths) <= 5
    assert sorted(lengths)[int(0.9 * len(lengths))] <= 12, "nine in ten are short"
    assert 15 <= statistics.median(words) <= 60


@each_lesson
def test_texts_are_kind_and_accessible(path):
    for cell in text_cells(read(path)):
        assert not re.search(r"\b(simply|just|obviously|trivial|of course)\b", cell.source, re.I), (
            cell.id
        )
        assert "![](" not in cell.source, f"{cell.id}: an image without alt text"
        for image in re.findall(r"<img[^>]*>", cell.source):
            assert re.search(r'alt="[^"]+"', image), cell.id


@each_lesson
def test_folded_answers_fold_everywhere(path):
    for cell in text_cells(read(path)):
        assert cell.source.count("<details>") == cell.source.count("</details>"), cell.id
        assert cell.source.count("<details>") == cell.source.count("</summary>\n\n"), cell.id
        assert not re.search(r"^[ \t]+</?(details|summary)", cell.source, re.M), cell.id


@each_lesson
def test_links_between_lessons_lead_somewhere(path):
    for cell in text_cells(read(path)):
        for target in re.findall(r"\]\(([^)#\s]+)\)", cell.source):
            if not target.startswith("http"):
                assert (path.parent / target).exists(), f"{cell.id}: {target}"


@each_lesson
def test_every_figure_is_followed_by_words(path):
    notebook = read(path)
    for cell, following in zip(notebook.cells, notebook.cells[1:], strict=False):
        if any("image/png" in output.get("data", {}) for output in cell.get("outputs", [])):
            assert following.cell_type == "markdown", cell.id


# --- stored outputs -------------------------------------------------------------------------


@each_lesson
def test_stored_outputs_are_those_of_the_cells_as_they_are_now(path):
    stale = stale_cells(read(path))
    assert not stale, f"run make lessons LESSONS=notebooks/{path.name}: {stale}"


@each_lesson
def test_outputs_are_whole_and_clean(path):
    notebook = read(path)
    counts = [cell.execution_count for cell in code_cells(notebook)]
    assert counts == list(range(1, len(counts) + 1)), "not executed in order: run make lessons"
    assert "widgets" not in notebook.metadata and path.stat().st_size <= 600_000
    for cell in code_cells(notebook):
        for output in cell.outputs:
            assert output.output_type != "error", cell.id
            assert output.get("name") != "stderr", cell.id
        stored = json.dumps([cell.outputs, cell.metadata], ensure_ascii=False)
        stored = re.sub(r'"image/png": "[^"]*"', "", stored)
        assert not re.search(r"(?<![\w.])/(root|home|tmp|work|Users|content|var)/", stored), cell.id
        assert not re.search(r"[A-Z]:\\\\|\\u00[01]|\\r", stored), cell.id
        assert "SYNTHETIC" not in stored, f"{cell.id} was run without the real data"


@each_lesson
def test_outputs_come_from_the_real_data(path):
    loading = [
        c for c in code_cells(read(path)) if re.search(r"datasets\.load_\w*mnist\(", c.source)
    ]
    assert loading
    for cell in loading:
        assert ": 60,000 training, 10,000 test pictures" in cell.outputs[0].text, cell.id


# --- alone -------------------------------------------------------------------------


@pytest.fixture(scope="session")
def origin(tmp_path_factory):
    return make_origin(tmp_path_factory.mktemp("origin") / "course")


@pytest.mark.slow
@each_lesson
def test_lesson_alone_on_colab_fetches_the_course_and_runs(path, origin, tmp_path):
    """It stops before the first training or exercise here; `make bench` runs all to the end."""
    notebook = read(path)
    last = (
        number
        for number, cell in enumerate(notebook.cells)
        if ".fit(" in cell.source or cell.id.startswith("exercise-")
    )
    notebook.cells = notebook.cells[: next(last, None)]
    cost = execute_alone(notebook, tmp_path, origin)
    assert (tmp_path / "course/helpers/_shared.py").exists()
    assert cost.gigabytes < MEMORY


def test_setup_gets_past_another_package_called_helpers(tmp_path, monkeypatch):
    (tmp_path / "helpers.py").write_text("print('the other one')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    setup = cell_named(read(LESSONS[0]), "setup-code")
    twice = "import helpers", setup.source, setup.source
    cells = [nbformat.v4.new_code_cell(source) for source in twice]
    notebook = nbformat.v4.new_notebook(cells=cells)
    where = {"metadata": {"path": str(COURSE / "notebooks")}}
    NotebookClient(notebook, timeout=120, resources=where).execute()
    assert "the other one" in cells[0].outputs[0].text
    assert all("seed 42" in cell.outputs[0].text for cell in cells[1:])


# --- student copies, and executing all lessons ---------------------------------------------------


def make(target, **variables):
    """Run a target with this Python, without installing anything."""
    settings = {"BIN": Path(sys.executable).parent, **variables}
    command = ["make", "-o", ".venv/lessons", target, *(f"{k}={v}" for k, v in settings.items())]
    return subprocess.run(command, cwd=COURSE, capture_output=True, text=True)


needs_make = pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")


@pytest.mark.slow
@needs_make
@pytest.mark.parametrize("outputs", [True, False])
def test_make_student_takes_the_solutions_out(outputs, tmp_path):
    done = make("student", STUDENT=tmp_path, OUTPUTS="yes" if outputs else "no")
    assert done.returncode == 0, done.stderr
    copies = sorted(tmp_path.glob("*.ipynb"))
    assert [path.name for path in copies] == [path.name for path in LESSONS]
    for copy, path in zip(copies, LESSONS, strict=True):
        kept = [
            cell for cell in read(path).cells if "solution" not in cell.metadata.get("tags", [])
        ]
        cells = read(copy).cells
        assert [cell.id for cell in cells] == [cell.id for cell in kept]
        assert [cell.source for cell in cells] == [cell.source for cell in kept]
        assert any(cell.get("outputs") for cell in cells) == outputs
        assert "<summary>Solution</summary>" not in copy.read_text("utf-8")


@pytest.mark.slow
@needs_make
def test_make_run_executes_and_stops_at_a_lesson_that_fails(tmp_path):
    names = {"1.ipynb": "6 * 7", "2.ipynb": "1 / 0", "3.ipynb": "'never'"}
    for name, source in names.items():
        cells = [nbformat.v4.new_code_cell(source)]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / name)
    lessons = " ".join(str(tmp_path / name) for name in names)
    done = make("run", LESSONS=lessons, BUILD=tmp_path / "build")
    assert done.returncode != 0 and "ZeroDivisionError" in done.stderr
    first, _, third = (read(tmp_path / "build" / name).cells[0] for name in names)
    assert first.outputs[0].data["text/plain"] == "42" and not third.outputs


# --- what the course must cover ------------------------------------------------------------

# Each line of the four published systems, and of the questions that they leave open: the cells in
# which a reader finds it, and what must stand there, in the text, the code or its stored output.
COVERED = {
    "A: load MNIST, one picture, its label and its raw pixels": {
        "02 digits-load": r"load_mnist\(\)",
        "02 digits-picture": r"Label \{digit_labels\[0\]\}",
        "02 digits-pixels": r"digit_images\[0\].*253",
    },
    "A: 60,000 + 10,000 pictures of 28 x 28": {
        "01 digits-code": r"60,000 training, 10,000 test.*\(60000, 28, 28\)",
    },
    "A: scaling by 255": {
        "02 build-lines": r"`Rescaling` \| 0–255 becomes 0–1",
        "02 scaling-explain": r"255 times as large",
    },
    "A: the network, loss, optimizer, metric": {
        "02 build-code": r"Rescaling\(1 / 255\).*Flatten\(\).*Dense\(128, activation=.relu.\).*"
        r"Dense\(10, activation=.softmax.\)",
        "02 compile-code": r"adam.*sparse_categorical_crossentropy.*accuracy",
        "02 optimizer-kinds": r"Adam",
    },
    "A: summary": {"02 count-summary": r"\.summary\(.*101,770"},
    "A: 5 epochs, batch size 32, evaluation": {
        "02 fit-code": r"batch_size=32, epochs=5",
        "02 exam-code": r"\.evaluate\(.*test accuracy 97",
    },
    "A: linear by default, ReLU, softmax": {
        "02 relu-default-code": r"Dense\(3\)\.activation.*linear",
        "02 relu-code": r"np\.maximum\(0,",
        "02 softmax-code": r"np\.exp\(.*powers / powers\.sum\(\)",
    },
    "A: test accuracy is below training accuracy": {"02 exam-explain": r"below training accuracy"},
    "A: a moved digit ruins everything, measured": {
        "02 moved-code": r"in the middle 9\d\.\d%, moved [3-7]\d\.\d%",
        "03 shift-test-mlp": r"0 pixels: 9\d.*pixels: [1-4]\d\.",
    },
    "B: environment checks, seeds": {
        "00 check-code": r"environment\.main\(\).*Ready for the course",
        "00 setup-code": r"environment\.prepare\(\).*seed 42",
    },
    "B: save_fig": {"01 save-grid-code": r"save_figure\(grid, .fashion_grid.\)"},
    "B: shape, dtype, split 5,000/55,000/10,000": {
        "01 shape-code": r"\(60000, 28, 28\)",
        "01 dtype": r"uint8 0 255",
        "01 split-first-shapes": r"\(5000, 28, 28\), \(55000, 28, 28\), \(10000, 28, 28\)",
    },
    "B: one image with the binary color map": {"01 picture-cmap-code": r"cmap=.binary."},
    "B: class ids and names, grid of 4 x 10": {
        "01 labels-code": r"train_labels\[:10\].*9, 0, 0, 3",
        "01 names": r"T-shirt/top.*Ankle boot",
        "01 grid-named": r"rows=4, columns=10",
    },
    "B: Sequential both ways, 266,610 parameters": {
        "02 add-code": r"\.add\(.*Dense\(300.*\.add\(.*Dense\(100.*\.add\(.*Dense\(10,",
        "02 list-code": r"Flatten\(\),.*Dense\(300.*Dense\(100.*Dense\(10,",
        "02 list-count": r"266,610 266,610 266,610",
    },
    "B: layers, name, get_layer, get_weights": {
        "02 inside-layers": r"layer\.name for layer in model\.layers",
        "02 inside-get-layer": r"get_layer\(",
        "02 weights-code": r"get_weights\(\).*\(784, 300\) \(300,\)",
    },
    "B: summary, plot_model": {
        "02 diagram-code": r"draw_model\(model\).*image/png",
        "02 diagram-explain": r"plot_model\(model, .model\.png., show_shapes=True\)",
    },
    "B: random weights, zero biases": {
        "02 weights-assert": r"\(biases == 0\)\.all\(\) and weights\.std\(\) > 0",
        "02 weights-explain": r"They are random.*biases are 0",
    },
    "B: plain SGD, 30 epochs with validation": {
        "02 train-compile": r"optimizer=.sgd.",
        "02 train-fit": r"epochs=30.*validation_data=",
    },
    "B: History, learning curves from a DataFrame": {
        "02 history-code": r"DataFrame\(history\.history",
        "02 history-plot": r"table\.plot\(.*ylim=\(0, 1\)",
    },
    "B: evaluation, three predictions with names": {
        "02 test-code": r"\.evaluate\(.*test accuracy 8[789]",
        "02 predict-code": r"test_images\[:3\].*\.predict\(.*round\(2\)",
        "02 predict-names": r"class_names\[class_id\].*columns=3",
    },
    "C: assert the four shapes": {"03 fashion-assert": r"(assert .*\.shape == .*){4}"},
    "C: the network, 507,530 parameters, each layer": {
        "03 cnn": r"Input\(\(28, 28, 1\)\).*Rescaling\(1 / 255\).*Conv2D\(16, 3, .*Conv2D\(64, 3.*"
        r"MaxPooling2D\(3, strides=2\).*Flatten.*Dense\(64.*Dense\(32.*Dense\(10",
        "03 cnn-explain": r"Rescale.*16 filters.*Pooling.*Flatten.*dense layers",
        "03 cnn-count": r"507_530.*495680",
    },
    "C: shapes grow, then shrink": {
        "03 cnn-count-explain": r"grow to .*10,816 .*36,864.*shrink.*7,744"
    },
    "C: Adam, batch size 128, validation_split": {
        "03 cnn-compile-code": r"adam.*sparse_categorical_crossentropy",
        "03 cnn-fit": r"batch_size=128.*validation_split=0\.2",
    },
    "C: 40 epochs": {"03 recorded-load": r"system_c_history\.csv.*\b40\b"},
    "C: the test set for the very end, and why": {
        "03 exam": r"Only pictures that took part in no decision",
        "03 exam-code": r"\.evaluate\(\s*clothes_test_images",
    },
    "C: if validation were poor, or good": {
        "03 next-steps": r"\| poor \| poor \|.*\| good \| poor \|"
    },
    "C: overfitting from the curves": {
        "03 recorded-accuracy": r"plot_learning_curves\(recorded, .accuracy.",
        "03 recorded-loss-explain": r"Validation loss turns",
    },
    "C: model and history saved, both loaded": {
        "04 save-code": r"model\.save\(",
        "04 save-load": r"load_model\(",
        "04 history-save": r"to_csv\(",
        "04 history-load": r"read_csv\(",
    },
    "D: four parts of a network": {
        "03 parts": r"\*\*architecture\*\*.*\*\*loss\*\*.*\*\*optimizer\*\*.*\*\*regularizer"
    },
    "D: dropout, L1, L2": {
        "03 dropout": r"Dropout\(0\.25\)",
        "03 penalty": r"\*\*L1\*\*.*\*\*L2\*\*",
        "03 experiment-table": r"dropout.*L1.*L2",
    },
    "D: a probability for every class": {
        "03 probabilities-code": r"lenet\.predict\(.*plot_probabilities\("
    },
    "D: batch size 200, reshape, one-hot labels": {
        "03 load-channel": r"reshape\(-1, 28, 28, 1\)",
        "03 one-hot-two": r"to_categorical\(2,.*0\., 0\., 1\., 0\.",
        "03 fit-code": r"train_one_hot,\s+batch_size=200",
    },
    "D: convolutions of 6, 16 and 120 filters": {
        "03 lenet-code": r"Conv2D\(6, 3.*Dropout.*Conv2D\(16, 3.*Conv2D\(120, 3.*Dense\(84",
    },
    "D: evaluation as name: value pairs": {"03 evaluate": r"\{name\}: \{value:.*accuracy: 0\.9.*"},
    "D: save, load, use without retraining": {
        "04 finish-load-code": r"load_checked\(.*\.predict\(",
        "05 load-model-code": r"load_model\(",
    },
    "1-4: the four questions that stay open": {
        "03 open": r"batches of 128.*92 % be improved.*faster.*smaller"
    },
    "5: going on after an interruption": {
        "04 stop-resume": r"callbacks=\[backup\]",
        "04 safe-fit": r"initial_epoch=len\(rows\)",
    },
    "6: one's own picture": {
        "05 naive-read": r"reader\.predict\(",
        "05 steps-code": r"photos\.explain_photo\(",
        "05 upload-read": r"photos\.prepare_photo\(source\)",
        "05 pad-code": r"explorers\.pad\(",
        "05 garment-show": r"show_grid\(",
    },
    "7: what a convolution is": {
        "03 definition": r"What exactly is a convolution\?",
        "03 convolve": r"def convolve\(",
    },
    "8: Adam, ReLU, softmax": {
        "02 optimizer-kinds": r"\*\*SGD\*\*.*\*\*Adam\*\*",
        "02 relu-explain": r"What is negative becomes 0",
        "02 softmax-paper": r"2\.72 / 4\.09",
    },
    "what broke since": {
        "02 older": r"predict_classes.*input_shape",
        "04 old-save": r"\.h5",
        "04 pickle-load": r"pickle\.loads",
        "05 three-old": r"predict_classes",
    },
}


def all_of(cell):
    """Return the source of a cell and all its outputs as one text."""
    return cell.source + json.dumps(cell.get("outputs", []), ensure_ascii=False)


@pytest.mark.parametrize("line", COVERED)
def test_every_line_of_the_published_systems_is_found(line):
    for place, pattern in COVERED[line].items():
        number, name = place.split()
        assert re.search(pattern, all_of(cell_named(lesson(number), name)), re.S), place
