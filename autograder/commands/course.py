"""``autograder release`` and ``autograder register``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from autograder.bridges.nbgrader._solved import require_full_marks
from autograder.bridges.nbgrader.register import register
from autograder.bridges.nbgrader.release import out_of_date, release
from autograder.bridges.nbgrader.settings import configured
from autograder.errors import UsageError
from autograder.grading.asked import asked
from autograder.grading.backups import check_belongs, keep_backup
from autograder.grading.course import Course
from autograder.grading.hold import hold
from autograder.grading.release import load_assignment


def run_release(course: Course, assignments: Sequence[str], *, check: bool) -> int:
    """Make the released folders, or with ``check`` say which differ from what solutions/ give."""
    console = Console(soft_wrap=True, highlight=False)
    names = asked(course.assignment_names(), assignments)

    def solved(workshop: Path, name: str) -> None:
        require_full_marks(course, workshop, name, lambda words: console.print(words, markup=False))

    made = [one for name in names for one in release(course, name, check=check, solved=None if check else solved)]
    if (unnamed := course.unnamed()) and not assignments:
        raise UsageError(
            f"course.toml does not name {', '.join(unnamed)}, in which there is a notebook",
            expected=f"one of {', '.join(course.manifest.names)}",
            next_step="Add the line `[[assignment]]` and below it the line `name = ...`, or take the folder out of "
            "solutions/" + (f"; {', '.join(names)} was released" if names and not check else ""),
        )
    if not check:
        for one in made:
            console.print(f"assignments/{one.assignment}", markup=False)
        return 0
    stale = out_of_date(made)
    if not stale:
        return 0
    console.print("assignments/ is not what solutions/ and the kit give. Run `make release` and commit. Different:")
    for path in stale:
        console.print(f"  {path}", markup=False)
    return 1


def run_register(course: Course, assignments: Sequence[str]) -> int:
    """Register the assignments in the gradebook."""
    console = Console(soft_wrap=True, highlight=False)
    course = configured(course)
    names = asked(course.assignment_names(), assignments)
    for name in names:
        load_assignment(course, name)  # what is wrong with one is told before any is registered
    with hold(course):
        check_belongs(course)
        keep_backup(course)
        for name in names:
            register(course, name)
            console.print(f"registered {name}", markup=False)
    return 0
