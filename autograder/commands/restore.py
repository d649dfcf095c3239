"""``autograder restore``: the gradebook as it was before a run."""

from __future__ import annotations

from rich.console import Console

from autograder.bridges.nbgrader.settings import configured
from autograder.grading.backups import backups, on_a_server, restore
from autograder.grading.course import Course
from autograder.grading.hold import hold


def run_restore(course: Course, name: str, *, only_list: bool) -> int:
    """Put a copy back, or list the copies."""
    console = Console(soft_wrap=True, highlight=False)
    course = configured(course)
    if course.gradebook is None:
        raise on_a_server(course)
    if only_list:
        for path in backups(course):
            console.print(f"{path.name}  {path.stat().st_size / 1024:,.0f} kB", markup=False)
        if not backups(course):
            console.print("There are no backups yet: each `make grade` makes one of a gradebook that changed.")
        return 0
    with hold(course):
        done = restore(course, name)
    there = f"is {done.damaged.name} now, as it was damaged" if done.damaged else f"is in {course.backups.name}/ too"
    console.print(f"The gradebook is again that of {done.copy.name}; what was there {there}.", markup=False)
    console.print("`make grade` brings pages and notebooks up to date with it.")
    return 0
