"""The generated class is the same each time, a mixture, and as right or wrong as it says."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.course.declare import answer_with
from autograder.judging import Status, judge
from benchmarks.cohort import a_class, all_right, bank_of
from benchmarks.written import definition, inputs, literal
from tests.cohort.make import material
from tests.exercises.catalogue import expect
from tests.this_course import CATALOGUE

PS2 = "ps2-vector-jacobian-products"
EXERCISES = {exercise.name: exercise for exercise in CATALOGUE[PS2]}


@pytest.fixture(scope="module")
def given():
    return material(PS2)


@pytest.fixture(scope="module")
def students(given):
    return list(a_class(given, 20))


def verdict(student, name, shared):
    """What the judge says of one answer of a notebook; ``shared`` are the right answers that it may call."""
    names = {"np": np, "math": __import__("math")}
    for source in (*shared.values(), student.answers[name]):
        exec(source, names)
    expected = expect(EXERCISES[name], 3)
    return judge(EXERCISES[name], expected, [answer_with(names[name], case) for case in expected.cases])


def test_a_class_is_the_same_each_time(given, students):
    again = list(a_class(given, 20))

    assert again == students


def test_a_class_is_a_mixture(students):
    right = [student for student in students if student.right]
    mistaken = [student for student in students if student.wrong]
    blank = [student for student in students if student.blank]

    assert (len(right), len(mistaken), len(blank)) == (12, 7, 2)
    assert all(1 <= len(student.wrong) <= 3 for student in mistaken)


def test_no_two_students_hand_in_the_same(given):
    answers = [student.answers for student in all_right(given, 5)]

    assert all(one != other for number, one in enumerate(answers) for other in answers[:number])


def test_what_is_wrong_is_what_the_class_says_is_wrong(given, students):
    mistakes = [(student, name) for student in students for name in student.wrong if name.endswith("_backward")]

    found = [verdict(student, name, given.answers).status for student, name in mistakes]

    assert mistakes
    assert Status.PASSED not in found


def test_answers_written_in_another_way_are_right(given, students):
    first = students[0]
    others = [
        name for name in first.answers if name.endswith("_backward") and first.answers[name] != given.answers[name]
    ]

    found = {name: verdict(first, name, given.answers).status for name in others}

    assert found
    assert set(found.values()) == {Status.PASSED}


def test_an_answer_that_needs_more_than_the_notebook_has_is_not_used():
    assert definition(expect, "answer", frozenset({"np"})) is None


def test_a_mistake_that_is_built_by_a_function_has_no_text_of_its_own():
    bank = EXERCISES["add_backward"].mistakes

    texts = [definition(mistake.wrong, "add_backward", frozenset({"np", "unbroadcast"})) for mistake in bank]

    assert any(texts)
    assert not all(texts)


def test_every_mistake_stands_under_the_name_of_its_exercise():
    mistakes = bank_of(PS2).mistakes

    starts = {name: {text.partition("(")[0] for text in texts} for name, texts in mistakes.items()}

    assert all(found <= {f"def {name}"} for name, found in starts.items() if name not in ("cost", "multiplications"))


def test_a_case_is_written_as_its_recipe():
    row = next(number for number, case in enumerate(EXERCISES["add_backward"].cases) if case.name == "row")

    assert inputs(EXERCISES["add_backward"], row) == "dict(a=normal(4, 3), b=normal(3))"


@pytest.mark.parametrize("value", [1.5, (1,), [2.0, float("inf")], {"a": None}, "x", True])
def test_a_literal_gives_the_value_back(value):
    assert eval(literal(value), {"inf": float("inf")}) == value
