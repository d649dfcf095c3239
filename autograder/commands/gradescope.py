"""``autograder gradescope``: the autograder.zip that an instructor uploads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from autograder.bridges.ci.results import automatic_points
from autograder.bridges.gradescope.build import NAME, build
from autograder.commands.released import releases_of
from autograder.errors import UsageError
from autograder.grading.asked import asked
from autograder.grading.course import Course
from autograder.grading.release import whole
from autograder.grading.units import by_assignment
from autograder.reports.values import points

FOLDER = "gradescope"


def run_gradescope(course: Course, assignments: Sequence[str], target: Path | None) -> int:
    """Build the zip of each assignment asked for and say what to do with it."""
    releases = releases_of(course)
    known = by_assignment(releases)
    names = asked(known, assignments)
    if not assignments or (target is not None and len(names) != 1):
        raise UsageError(
            "A zip is for one assignment",
            expected=f"one of {', '.join(known)}",
            got=", ".join(assignments) or "none",
            next_step="Name it with ASSIGNMENT= or --assignment",
        )
    for name in names:
        release = whole([releases[unit] for unit in known[name]])
        path = target or course.results / FOLDER / name / NAME
        build(course, name, path.absolute())
        print(f"{path}: {path.stat().st_size // 1024} KB, for {name}")
        print(f"  Autograder points: {points(automatic_points(release))}", end="")
        print(f", and {points(sum(release.essays.values()))} for essays in the rubric" if release.essays else "")
        print("  It holds the hidden inputs and the reference rules: upload it, and give it to nobody.")
        if course.needs_torch([name]):
            print("  The image installs PyTorch, without CUDA: give the container memory (3 GB).")
    return 0
