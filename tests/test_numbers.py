"""Numbers in the lessons' texts are those of the cells or records that they come from.

A percentage, a decimal, and a number from 1,000 on must stand in the code or the stored outputs of
its section, or of what ``SOURCES`` names. A range such as "87 to 89 %" must hold one of those.
"""

import re

import pytest

from tools.lessons import COURSE, LESSONS, cell_named, lesson, read

# Texts that speak of another section or of a record: its cells, or its file.
SOURCES = {
    "01 means-guess": "01 balance-assert",
    "01 scale": "01 shape-code",
    "01 baseline-mean-explain": "01 split-first-shapes",
    "02 exam": "01 exam-digits exam-one",
    "02 lead-question": "02 clothes-split",
    "03 evaluate-explain": "benchmarks/systems.csv",
    "03 exam-explain": "benchmarks/systems.csv",
    "04 finish-test-explain": "01 exam-fashion",
    "04 safe-first": "04 load-split",
    "05 confusion-guess": "01 exam-fashion",
}
# Texts whose numbers are given (a year, an example) or worked out in the text itself.
GIVEN = """
    00 data  01 balance  01 scale-layer-explain  01 one-hot-loss  02 softmax  02 softmax-paper
    02 softmax-try  02 optimizer-try  02 compile-explain  02 scaling-explain  02 list-question
    02 list-count-explain  02 train-wait  03 lenet-count-explain  03 dropout-explain
    03 experiment  03 cnn-count-explain  03 open  04 save-load-explain  04 stop-resume-explain
    05 bars-sure-explain  05 bars-unsure-explain  05 calibration  05 training-look-explain
"""
# Folded texts that tell what a reader's own try gives; it was measured, but is not stored.
TRIED = "02 fit-try  03 again-try  05 try-invert"

NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?"
CLAIM = re.compile(  # a number, or a range of two, with or without percent signs
    rf"(?<![\w.,·/*+=-])({NUMBER})(?: ?%)?"
    rf"(?:(?: to | and | or |–)({NUMBER}))?(?: ?%)?(?!\w|,\d|\.\d)"
)


def listed(names):
    return {" ".join(pair) for pair in re.findall(r"(\d\d) (\S+)", names)}


def claims(text):
    """Return the numbers that must come from somewhere: as written, (low, high), and slack."""
    text = re.sub(r"```.*?```|`[^`]*`|\]\([^)]*\)|https?:\S+", " ", text, flags=re.S)
    found = []
    for match in CLAIM.finditer(text):
        (first, second), percent = match.groups(), "%" in match[0]
        values = [float(each.replace(",", "")) for each in (first, second) if each]
        if not percent and "." not in match[0] and values[0] < 1000:
            continue
        step = 10.0 ** -len((second or first).partition(".")[2])
        if len(values) == 2 and values[0] < values[1]:  # a range
            found.append((match[0], values, step / 2))
        else:
            slack = 5 * step if percent and step < 1 else step  # figures change a little per run
            found += [(match[0], [value, value], slack) for value in values]
    return found


def numbers_in(text):
    """Return every number in a text, shares also as percentages."""
    digits = re.findall(r"\d+(?:[,_]\d{3}(?!\d))*(?:\.\d+)?", text)
    values = {float(re.sub("[,_]", "", each)) for each in digits}
    return values | {100 * value for value in values if value <= 1}


def text_of(cell):
    """Return a code cell's source and all that it put out as text."""
    outputs = cell.get("outputs", [])
    shown = [each.get("text") or each.get("data", {}).get("text/plain", "") for each in outputs]
    return "\n".join([cell.source, *shown])


def sections(notebook):
    """Return the cells of each section, which begins with a heading of the second level."""
    found = [[]]
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and cell.source.startswith("## "):
            found.append([])
        found[-1].append(cell)
    return found


def unsupported(number, cells):
    """Return the claims of a section's texts for which there is no number, by text."""
    missing = {}
    known = set().union(*(numbers_in(text_of(c)) for c in cells if c.cell_type == "code"))
    for cell in cells:
        name = f"{number} {cell.id}"
        if cell.cell_type != "markdown" or cell.id.startswith("exercise-"):
            continue
        numbers = known | numbers_in(source_text(SOURCES[name]) if name in SOURCES else "")
        lost = [
            claim
            for claim, (low, high), slack in claims(cell.source)
            if not any(low - slack <= value <= high + slack for value in numbers)
        ]
        missing |= {name: lost} if lost else {}
    return missing


def source_text(source):
    """Return the text of a record's file, or of cells such as "01 scale shape-code"."""
    if source.startswith("benchmarks/"):
        return (COURSE / source).read_text("utf-8")
    number, *names = source.split()
    return "\n".join(text_of(cell_named(lesson(number), name)) for name in names)


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_numbers_in_texts_come_from_a_cell_or_a_record(path):
    missing = {}
    for cells in sections(read(path)):
        missing |= unsupported(path.name[:2], cells)
    missing = {name: lost for name, lost in missing.items() if name not in listed(GIVEN + TRIED)}
    assert not missing, f"mend the text, or name its source in SOURCES: {missing}"


def test_lists_of_sources_name_only_texts_that_need_them(monkeypatch):
    needed = set(listed(TRIED))
    with monkeypatch.context() as patch:
        patch.setattr("test_numbers.SOURCES", {})
        for path in LESSONS:
            for cells in sections(read(path)):
                needed |= set(unsupported(path.name[:2], cells))
    assert needed >= set(SOURCES) | listed(GIVEN)


@pytest.mark.parametrize(
    "text, numbers, supported",
    [
        ("It reaches 97.5 %.", {97.2}, True),
        ("It reaches 97.5 %.", {92.5}, False),
        ("About 70 % are right.", {69.9}, True),
        ("About 70 % are right.", {67.7}, False),
        ("Between 87 and 89 % are right.", {88.2}, True),
        ("From 87 to 89 % are right.", {90.1}, False),
        ("All 266,610 of them", {266610.0}, True),
        ("All 266,610 of them", {266611.5}, False),
        ("A loss of 0.35 is low.", {0.36}, True),
        ("A loss of 0.35 is low.", {0.53}, False),
        ("28 rows, `0.35`, and [a link](12.5)", set(), True),
    ],
)
def test_number_is_held_to_its_source(text, numbers, supported):
    lost = [
        claim
        for claim, (low, high), slack in claims(text)
        if not any(low - slack <= value <= high + slack for value in numbers)
    ]
    assert (not lost) == supported
