"""``autograder explain`` prints what is declared of an exercise, and finds it by its name."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from autograder.commands.catalogue import exercise_named
from autograder.commands.explain import explain_exercise
from autograder.errors import UsageError
from tests.this_course import COURSE


def explained(name: str, *assignments: str) -> str:
    """What is printed of one exercise, on a wide terminal."""
    console = Console(width=200, file=io.StringIO())
    for assignment, exercise in exercise_named(COURSE, name, assignments):
        explain_exercise(console, COURSE, assignment, exercise)
    return console.file.getvalue()


@pytest.mark.parametrize(
    "said",
    [
        "matmul_backward(grad_output, output, a, b)",
        "gradient of a, gradient of b",
        "The notebook says",
        "inputs unchanged",
        "public",
        "hidden",
        "Known mistakes",
        "(seen in '",
    ],
)
def test_statement_signature_cases_and_mistakes_are_printed(said):
    text = explained("matmul_backward")

    assert said in text


def test_the_kind_of_an_exercise_is_printed_beside_its_name():
    kinds = {"matmul_backward": "rule", "clip_grad_norm": "function", "cost": "predict"}

    first_lines = {name: explained(name).splitlines()[0] for name in kinds}

    assert {name: line for name, line in first_lines.items() if f"{name}  {kinds[name]}, " not in line} == {}


def test_every_known_mistake_is_printed_with_its_hint():
    ((_, exercise),) = exercise_named(COURSE, "matmul_backward", [])

    text = " ".join(explained("matmul_backward").split())

    assert [m.name for m in exercise.mistakes if " ".join(m.hint.split()) not in text] == []


def test_the_right_answers_of_a_prediction_are_printed():
    text = explained("cost", "ps2")

    assert "jacobian_entries" in text
    assert "4096000000" in text


def test_an_exercise_of_two_assignments_is_printed_for_each():
    found = exercise_named(COURSE, "linear_backward", [])

    assert len(found) == 2


def test_a_misspelt_name_is_told_with_names_like_it():
    with pytest.raises(UsageError, match="matmul_backward"):
        exercise_named(COURSE, "matmul_bakward", [])
