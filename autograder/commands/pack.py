"""``autograder pack``: a course as one zip, for `--course` and AUTOGRADER_COURSE."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from autograder.authoring.packing import pack
from autograder.grading.course import Course


def run_pack(course: Course, target: Path | None, *, with_secret: bool) -> int:
    """Write the zip, and say what to do with it. Exit code 0."""
    console = Console(soft_wrap=True, highlight=False)
    path = target or Path("course.zip")
    names = pack(course, path.absolute(), with_secret=with_secret)
    console.print(f"{path}: {len(names)} files, {path.stat().st_size // 1024} KB", markup=False)
    console.print("It holds the right answers: give it to nobody but the machines that grade.")
    if not with_secret:
        console.print("The course secret is not in it, so hidden inputs are drawn anew: --with-secret takes it along.")
    return 0
