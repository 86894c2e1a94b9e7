"""What is known of the answers to one exercise."""

from typing import NamedTuple


class Answers(NamedTuple):
    """Answers that people give; each is code for the stub's place."""

    given: str  # what the lesson has made by then: code, run first
    right: list[str]  # other ways than the lesson's own solution
    wrong: dict[str, str]  # each wrong answer, and what its hint must say (a regular expression)
