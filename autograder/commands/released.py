"""The assignments that were released in a course, with its sources or without: a build for Gradescope has none."""

from __future__ import annotations

from autograder.errors import UsageError
from autograder.grading.course import Course
from autograder.grading.release import Release, load_release


def releases_of(course: Course) -> dict[str, Release]:
    """Every released assignment by name. Raises UsageError where there is none."""
    names = sorted({path.parent.name for path in course.assignments.glob("[!.]*/*.ipynb")})
    if not names:
        raise UsageError(
            f"{course.root} is no course",
            expected="a folder with assignments/ in it",
            next_step="Run the command in the course's folder, or name it with --course",
        )
    return {name: load_release(course.release(name)) for name in names}
