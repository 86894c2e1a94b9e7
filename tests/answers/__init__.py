"""Right and wrong answers to every exercise, one file per lesson, and the lessons' solutions.

Every ``lesson_<number>.py`` of this folder is found; it has a dictionary ``ANSWERS``.
"""

import functools
import importlib
import pkgutil
import re

from answers.model import Answers
from tools.lessons import LESSONS, read

ANSWERS: dict[str, Answers] = {}
for _number in sorted(
    int(module.name.removeprefix("lesson_"))
    for module in pkgutil.iter_modules(__path__)
    if module.name.startswith("lesson_")
):
    ANSWERS |= importlib.import_module(f"{__name__}.lesson_{_number}").ANSWERS


@functools.cache
def parts_of_exercises():
    """Return for each exercise of the lessons its cells, by their role ("text" is the first)."""
    found = {}
    for path in LESSONS:
        for cell in read(path).cells:
            if named := re.fullmatch(r"exercise-(\d+)-(\d+)(?:-(\w+))?", cell.id):
                number = f"{named[1]}.{named[2]}"
                found.setdefault(number, {})[named[3] or "text"] = cell
    return found


def solution(number):
    """Return the code of the folded solution of an exercise, such as "1.2"."""
    source = parts_of_exercises()[number]["solution"].source
    [code] = re.findall(r"```python\n(.*?)```", source, re.S)
    return code
