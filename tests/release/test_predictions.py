"""A prediction cannot be looked up: no right answer stands in anything released, and the kit's half holds none."""

from __future__ import annotations

import dataclasses

import pytest

from autograder.kit.declare import Answer, Predict
from tests.cohort.make import ROOT
from tests.this_course import CATALOGUE

PREDICTIONS = [
    pytest.param(assignment, exercise, id=f"{assignment.split('-')[0]}-{exercise.name}")
    for assignment, exercises in CATALOGUE.items()
    for exercise in exercises
    if isinstance(exercise.public, Predict)
]
DISTINCTIVE = 1000  # smaller whole numbers stand everywhere


def spellings(value: object) -> set[str]:
    """How a distinctive right answer could be written down; nothing for small numbers and words of a choice."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return {repr(value)} if isinstance(value, dict) else set()
    if isinstance(value, int):
        return {f"{value}", f"{value:_}", f"{value:,}"} if abs(value) >= DISTINCTIVE else set()
    digits = repr(value)
    return {digits} if len(digits.strip("-0.")) > 3 else set()


def written(exercise) -> set[str]:
    """Every spelling of every distinctive right answer of one exercise."""
    return {text for value in exercise.answers.values() for text in spellings(value)}


@pytest.mark.parametrize("assignment, exercise", [param for param in PREDICTIONS if written(param.values[1])])
def test_no_released_file_spells_out_a_right_answer(assignment, exercise):
    wanted = written(exercise)

    found = [
        f"{path.relative_to(ROOT)}: {text}"
        for path in sorted((ROOT / "assignments" / assignment).rglob("*"))
        if path.suffix in (".ipynb", ".py", ".md", ".txt")
        for text in wanted
        if text in path.read_text(encoding="utf-8")
    ]

    assert found == []


def test_the_kits_half_of_a_prediction_has_no_place_for_a_right_answer():
    fields = {field.name for field in dataclasses.fields(Answer)}

    assert fields == {"type", "allowed", "keys"}


@pytest.mark.parametrize("assignment, exercise", PREDICTIONS)
def test_a_choice_leaves_a_choice(assignment, exercise):
    assert all(len(answer.allowed) != 1 for answer in exercise.public.answers.values())
