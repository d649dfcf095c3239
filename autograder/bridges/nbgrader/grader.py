"""What `nbgrader autograde` grades with unless told otherwise: the pipeline, in the strongest box that stands here.

Another one can be named in nbgrader_config.py: `c.SubmissionExporter.grader = "package.module.function"`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, closing

from autograder.boundary import tiers
from autograder.grading.course import Course
from autograder.grading.intake import Submission
from autograder.grading.pipeline import Graded, grade, open_plan
from autograder.grading.walls import raise_walls

Grade = Callable[[Submission], Graded]
OpenGrader = Callable[[Course, str], Grade]


def open_grader(course: Course, assignment: str) -> Grade:
    """A grader for one assignment. Raises as `raise_walls`, where only weak walls stand for one."""
    return _open(course, assignment, accept_weak=False)


def open_grader_behind_weak_walls(course: Course, assignment: str) -> Grade:
    """The same wherever a box can be made at all: a submission may read what the grader can read."""
    return _open(course, assignment, accept_weak=True)


def _open(course: Course, assignment: str, *, accept_weak: bool) -> Grade:
    other = f"{__name__}.{open_grader_behind_weak_walls.__name__}"
    with ExitStack() as stack:
        torch, data = course.needs_torch([assignment]), course.data([assignment])
        begun = stack.enter_context(closing(tiers.begin(torch=torch, data=data)))
        plan = open_plan(course, assignment)
        walls = raise_walls(
            accept_weak=accept_weak,
            torch=plan.torch,
            how_to_accept=f"set `c.SubmissionExporter.grader` to `{other}` in nbgrader_config.py",
            begun=begun,
        )
        stack.pop_all()
    return lambda submission: grade(submission, plan, walls.box, tier=walls.tier)
