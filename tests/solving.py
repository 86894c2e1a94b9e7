"""While nbval executes a lesson, the solution of each exercise passes there, strictly."""

import textwrap

import pytest
from answers import parts_of_exercises, solution
from nbval.plugin import IPyNbCell


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """Let the solution of an exercise pass in its lesson, so that a lesson is executed only once.

    nbval has run the check on the untouched stub. Then the solution takes the stub's place, and
    the check is run strictly: it raises an error if it does not pass. At last the stub is run
    again, so that the rest of the lesson meets it as a reader who skips the exercise does.
    """
    result = yield
    if isinstance(item, IPyNbCell) and "check" in item.cell.metadata.get("tags", []):
        number = ".".join(item.cell.id.split("-")[1:3])
        check = textwrap.indent(item.cell.source, "    ")
        for code in (
            solution(number),
            f"import os\nos.environ['COURSE_STRICT'] = '1'\ntry:\n{check}\n"
            "finally:\n    del os.environ['COURSE_STRICT']",
            parts_of_exercises()[number]["stub"].source,
        ):
            reply = item.parent.kernel.kc.execute_interactive(
                code, store_history=False, timeout=300, output_hook=lambda message: None
            )["content"]
            assert reply["status"] == "ok", f"solution of {number}: {reply.get('evalue')}"
    return result
