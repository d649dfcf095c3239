"""Every assignment in the real box: solutions and variants earn every automatic point, the blank notebook none."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from autograder.boundary.launcher import FreshBox
from autograder.boundary.tiers import strongest
from autograder.grading.intake import read_submission
from autograder.grading.pipeline import Graded, grade, open_plan
from autograder.grading.plan import Plan
from autograder.judging import Status
from tests.cohort import make
from tests.end_to_end.conftest import new_course
from tests.this_course import CATALOGUE

ASSIGNMENTS = list(CATALOGUE)


@pytest.fixture(scope="module")
def plans(tmp_path_factory) -> Callable[[str], Plan]:
    """The plan of an assignment: what is expected of every student."""
    course = new_course(tmp_path_factory.mktemp("plans") / "course")
    return cache(lambda assignment: open_plan(course, assignment))


def graded(plan, tmp_path, assignment: str, student) -> Graded:
    """One student's submission, graded without recording anything."""
    given = make.material(assignment)
    path = tmp_path / student.__name__ / assignment / given.name
    path.parent.mkdir(parents=True)
    path.write_bytes(student(given))
    tier = strongest(torch=plan.torch)
    taken = read_submission(path, plan.release, student.__name__)
    return grade(taken, plan, FreshBox(tier, proven=True), tier=tier)


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
@pytest.mark.parametrize(
    "student", [pytest.param(make.ada, id="solutions", marks=pytest.mark.slow), pytest.param(make.bo, id="variants")]
)
def test_right_answers_pass_in_the_box(plans, tmp_path, assignment, student):
    result = graded(plans(assignment), tmp_path, assignment, student)

    wrong = {name: v.message for name, v in result.verdicts.items() if v.status is not Status.PASSED}
    assert wrong == {}
    assert [report for report in result.load if report.raised] == []


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_the_notebook_as_handed_out_earns_nothing(plans, tmp_path, assignment):
    result = graded(plans(assignment), tmp_path, assignment, make.dana)

    assert {verdict.status for verdict in result.verdicts.values()} == {Status.NOT_ATTEMPTED}
    assert sum(verdict.fraction for verdict in result.verdicts.values()) == 0
