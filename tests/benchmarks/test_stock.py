"""The hidden tests of the stock course are true tests: the solution passes, a known mistake fails."""

from __future__ import annotations

import pytest

from benchmarks.cohort import bank_of
from benchmarks.stock import BEGIN, END, StockCourse, calls
from tests.cohort.make import material
from tests.this_course import CATALOGUE

PS2 = "ps2-vector-jacobian-products"
EXERCISES = {exercise.name: exercise for exercise in CATALOGUE[PS2]}
TRIED = ("numerical_jacobian", "unbroadcast", "mul_backward", "where_backward", "exp_backward", "transpose_backward")


@pytest.fixture(scope="module")
def given():
    return material(PS2)


def notebook_after_its_helpers(course):
    """The names that a student's notebook has before the first hidden test."""
    names = {}
    exec("import math\nimport numpy as np", names)
    exec(course.helpers.replace("from kit.", "from autograder.kit."), names)
    for source in course.given.answers.values():
        exec(source, names)
    return names


@pytest.fixture(scope="module", params=["torch", "numpy"])
def course(request, given, tmp_path_factory):
    return StockCourse(tmp_path_factory.mktemp("stock"), given, request.param)


@pytest.fixture(scope="module")
def names(course):
    return notebook_after_its_helpers(course)


@pytest.mark.parametrize("name", TRIED)
def test_the_solution_passes(course, names, name):
    exec(course.test(EXERCISES[name]).replace("from kit.", "from autograder.kit."), dict(names))


@pytest.mark.parametrize("name", TRIED)
def test_a_known_mistake_fails(course, names, name):
    wrong = dict(names)
    exec(bank_of(PS2).mistakes[name][0], wrong)

    with pytest.raises((AssertionError, RuntimeError, ValueError)):
        exec(course.test(EXERCISES[name]).replace("from kit.", "from autograder.kit."), wrong)


def test_a_wrong_prediction_fails(course, names):
    with pytest.raises(AssertionError, match="vjp_entries"):
        exec(course.test(EXERCISES["cost"]), names | {"vjp_entries": 1})


def test_every_check_cell_has_become_a_hidden_test(course):
    cells = {cell["id"]: "".join(cell["source"]) for cell in course.source["cells"]}

    checks = [source for name, source in cells.items() if name.endswith("-check")]

    assert len(checks) == len(EXERCISES)
    assert all(BEGIN in source and END in source and "check(" not in source for source in checks)


def test_the_hidden_tests_make_nearly_as_many_calls_as_ours():
    ours = sum(len(exercise.cases) for exercise in EXERCISES.values())

    assert 0.98 * ours <= sum(map(calls, EXERCISES.values())) <= ours
