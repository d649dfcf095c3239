"""The course of this repository is proven by the very functions that `autograder verify` asks."""

from __future__ import annotations

import pytest

from autograder.authoring.verify import check_declarations, check_exercise
from autograder.commands.verify import check_folders, check_release
from tests.exercises.catalogue import shared
from tests.this_course import CATALOGUE, COURSE

each_assignment = pytest.mark.parametrize(
    "assignment", [pytest.param(name, marks=shared(name.split("-")[0])) for name in CATALOGUE]
)


def told(problems):
    return [str(problem) for problem in problems]


def test_every_folder_is_named():
    assert told(check_folders(COURSE)) == []


@each_assignment
def test_declarations_and_notebooks_say_the_same(assignment):
    problems, number = check_declarations(CATALOGUE, assignment)

    assert told(problems) == []
    assert number == len(CATALOGUE[assignment])


@each_assignment
def test_authorities_agree_mistakes_are_told_apart_and_right_answers_are_right(assignment):
    numbers = range(len(CATALOGUE[assignment]))

    problems = [problem for number in numbers for problem in check_exercise(CATALOGUE, assignment, number)]

    assert told(problems) == []


@pytest.mark.slow
@each_assignment
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_they_do_whatever_was_drawn(assignment, seed):
    numbers = range(len(CATALOGUE[assignment]))

    problems = [p for number in numbers for p in check_exercise(CATALOGUE, assignment, number, seed=seed)]

    assert told(problems) == []


@pytest.mark.parametrize("assignment", list(CATALOGUE))
def test_the_release_holds_no_solution_and_the_solution_earns_full_marks(assignment):
    assert told(check_release(COURSE, assignment)) == []
