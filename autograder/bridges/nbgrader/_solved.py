"""Whether the solution of a built release earns full marks in the box: an author's mistake is not a student's."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from autograder.boundary import tiers
from autograder.errors import AutograderError, ReleaseError
from autograder.grading.course import RELEASE, SOURCE, Course
from autograder.grading.intake import Rejected, read_submission
from autograder.grading.pipeline import grade, open_plan
from autograder.grading.walls import raise_walls
from autograder.judging import Status

FIXED = bytes(range(32))
"""The hidden inputs here are drawn from this: nobody is graded with them."""

_FEW = 5


def require_full_marks(course: Course, workshop: Path, assignment: str, notice: Callable[[str], None]) -> None:
    """Grade the source in ``workshop`` against the release built there. Raises ReleaseError for what is not right.

    Where no box can be had on this machine it is not tried, and ``notice`` says so.
    """
    course = replace(course, solutions=workshop / SOURCE, assignments=workshop / RELEASE)
    for unit in course.units(assignment):
        _require(course, unit, notice)


def _require(course: Course, unit: str, notice: Callable[[str], None]) -> None:
    torch = course.needs_torch([unit])
    with closing(tiers.begin(torch=torch, data=course.data([unit]))) as begun:
        plan = open_plan(course, unit, secret=FIXED)
        source = course.solutions / plan.release.assignment / plan.release.filename
        taken = read_submission(source, plan.release, "solution", within=source.parent)
        if isinstance(taken, Rejected):
            raise ReleaseError("The source can't be graded", got=taken.reason, path=source)
        try:
            walls = raise_walls(accept_weak=True, torch=torch, begun=begun)
        except AutograderError as error:
            notice(f"{unit}: its solution was not run, as there is no box here. {error}")
            return
        with closing(walls.box):
            graded = grade(taken, plan, walls.box, tier=walls.tier)
    wrong = [one for one in graded.verdicts.values() if one.status is not Status.PASSED]
    if wrong:
        told = [f"{one.exercise} ({one.message or one.status.value})" for one in wrong[:_FEW]]
        more = f" and {len(wrong) - _FEW} more" if len(wrong) > _FEW else ""
        raise ReleaseError(
            "The solution does not earn full marks in the box that grades students",
            expected="every exercise right", got=f"not right: {'; '.join(told)}{more}",
            next_step=f"See `autograder check` on {source.name}; mend the solution, a given cell or the hidden cases",
            path=source,
        )  # fmt: skip
