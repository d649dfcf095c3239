"""``autograder intake``: handed-in folders into submitted/, without anything that a submission should not bring."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from autograder.commands.grade import chosen
from autograder.errors import UsageError
from autograder.grading.collect import safe_copy
from autograder.grading.course import Course
from autograder.grading.intake import Rejected
from autograder.grading.release import load_release
from autograder.grading.roster import find_submissions


def run_intake(course: Course, folder: Path, assignments: Sequence[str]) -> int:
    """Copy every notebook found in ``folder``; say what was left behind and what was not taken."""
    console = Console(soft_wrap=True, highlight=False)
    if not folder.is_dir():
        raise UsageError(
            f"{folder} is not a folder",
            expected="a folder with <student>/<assignment>/<notebook>.ipynb in it",
            next_step="Check the path",
        )
    releases = {name: load_release(course.release(name)) for name in chosen(course, assignments)}
    listing = find_submissions(folder, releases)
    rejected = list(listing.rejected)
    for found in listing.found:
        target = course.submitted / found.student / found.assignment
        os.makedirs(target.parent, exist_ok=True)
        release, others = releases[found.assignment], tuple(releases.values())
        copied = safe_copy(found.path.parent, target, release, student=found.student, others=others)
        if isinstance(copied, Rejected):
            rejected.append(copied)
            continue
        left = f"; left behind: {', '.join(copied.left_behind)}" if copied.left_behind else ""
        console.print(f"{found.student}, {found.assignment}{left}", markup=False)
        for problem in copied.problems:
            console.print(f"  {problem}", markup=False)
    for entry in rejected:
        console.print(f"not taken: {entry.student}, {entry.assignment}: {entry.reason}", markup=False)
    for problem in listing.problems:
        console.print(problem, markup=False)
    console.print(f"{len(listing.found) - (len(rejected) - len(listing.rejected))} taken into {course.submitted.name}/")
    return 0
