"""What `nbgrader autograde` grades with unless told otherwise: the pipeline, in the strongest box that stands here.

Another one can be named in nbgrader_config.py: `c.SubmissionExporter.grader = "package.module.function"`.
"""

from __future__ import annotations

from collections.abc import Callable

from autograder.boundary import tiers
from autograder.errors import UsageError
from autograder.grading.course import Course
from autograder.grading.intake import Submission
from autograder.grading.pipeline import Graded, grade, open_plan

Grade = Callable[[Submission], Graded]
OpenGrader = Callable[[Course, str], Grade]


def open_grader(course: Course, assignment: str) -> Grade:
    """A grader for one assignment. Raises UsageError where only weak walls stand."""
    return _open(course, assignment, accept_weak=False)


def open_grader_behind_weak_walls(course: Course, assignment: str) -> Grade:
    """The same wherever a box can be made at all: a submission may read what the grader can read."""
    return _open(course, assignment, accept_weak=True)


def _open(course: Course, assignment: str, *, accept_weak: bool) -> Grade:
    plan = open_plan(course, assignment)
    chosen = tiers.choose(torch=plan.torch)
    box, tier = chosen.box, chosen.tier
    if tier not in tiers.ACCEPTED and not accept_weak:
        raise UsageError(
            "Only the process wall stands on this machine: a submission could read what you can read",
            expected="an isolated box",
            next_step="`make doctor` says what is missing; to grade all the same, set `c.SubmissionExporter.grader` to "
            f"`{__name__}.{open_grader_behind_weak_walls.__name__}` in nbgrader_config.py",
        )
    return lambda submission: grade(submission, plan, box, tier=tier)
