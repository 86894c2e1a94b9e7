"""The checks of the exercises, one file per lesson; ``checking`` runs them.

Every ``lesson_<number>.py`` of this folder is found, and its checks can be called from here:
``exercises.check_split(...)``.
"""

import importlib
import pkgutil

from helpers.exercises.checking import EXERCISES, NotPassedError, exercise, show_progress

__all__ = ["EXERCISES", "NotPassedError", "exercise", "show_progress"]

for _number in sorted(
    int(module.name.removeprefix("lesson_"))
    for module in pkgutil.iter_modules(__path__)
    if module.name.startswith("lesson_")
):
    _lesson = importlib.import_module(f"{__name__}.lesson_{_number}")
    _checks = {name: value for name, value in vars(_lesson).items() if name.startswith("check_")}
    globals().update(_checks)
    __all__ += list(_checks)
