"""The assignments that were released in a course, with its sources or without: a build for Gradescope has none."""

from __future__ import annotations

from autograder.errors import UsageError
from autograder.grading.course import RELEASE, Course
from autograder.grading.release import Release, load_releases


def releases_of(course: Course) -> dict[str, Release]:
    """Every released assignment by name. Raises UsageError where there is none."""
    releases = load_releases(course)
    if not releases:
        raise UsageError(
            f"{course.root} has no released assignment",
            expected=f"a folder with {RELEASE}/<assignment>/<notebook>.ipynb in it",
            next_step="Run `make release`, or name the course's folder with --course",
        )
    return releases
