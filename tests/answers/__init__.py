"""Right and wrong answers to every exercise, by lesson."""

from answers import lesson_1, lesson_2, lesson_3, lesson_4, lesson_5

ANSWERS = (
    lesson_1.ANSWERS | lesson_2.ANSWERS | lesson_3.ANSWERS | lesson_4.ANSWERS | lesson_5.ANSWERS
)
