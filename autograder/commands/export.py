"""``autograder export``: the gradebook as a file for Canvas, Moodle or a spreadsheet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from autograder.bridges.lms.export import Request, To, export
from autograder.bridges.lms.names import fit_for
from autograder.bridges.lms.sheet import write_sheet
from autograder.bridges.nbgrader.settings import configured
from autograder.errors import UsageError
from autograder.grading.course import Course


def run_export(course: Course, request: Request, out: Path | None) -> int:
    """Write the file; tell everybody who is not in it, or has no grade, and why."""
    _check_options(request)
    console = Console(soft_wrap=True, highlight=False)
    course = configured(course)
    example = Course.example(course.root) if course.manifest.example else None
    if example is not None and not _there(course) and _there(example):
        course = example
        console.print("Nothing was graded in this course yet: this is the example cohort.", markup=False)
    if not _there(course):
        raise UsageError(
            f"There is no gradebook in {course.results}: nothing was graded yet", next_step="Run `autograder grade`"
        )
    made = export(course, course.gradebook_url, request)
    target = out or course.reports / f"{request.to}.csv"
    write_sheet(target, made.data)
    for line in made.lines:
        console.print(fit_for(console.encoding, line), markup=False)
    if request.to == "canvas":
        console.print("Canvas imports no comments: for those there is `autograder export --to csv`", markup=False)
    home = course.root if course.results.is_relative_to(course.root) else course.results
    where = out or target.relative_to(home)
    console.print(f"{made.rows} row{'s' if made.rows != 1 else ''} written to {where}", markup=False)
    return 0


def _there(course: Course) -> bool:
    """Whether there is a gradebook; one on a server answers for itself."""
    return course.gradebook is None or course.gradebook.is_file()


def _check_options(request: Request) -> None:
    """Raise UsageError for an option that would be ignored: whoever gave it expects another file."""
    options: tuple[tuple[str, object, tuple[To, ...]], ...] = (
        ("--template", request.template, ("canvas",)),
        ("--assignment-id", request.ids, ("canvas",)),
        ("--identify-by", request.identify_by, ("moodle",)),
        ("--item", request.titles, ("canvas", "moodle")),
    )
    for option, given, formats in options:
        if given and request.to not in formats:
            raise UsageError(
                f"{option} says nothing with --to {request.to}",
                expected=" or ".join(f"--to {one}" for one in formats),
                got=f"--to {request.to}",
                next_step="Leave it out, or change --to",
            )


def pairs(given: Sequence[str], option: str) -> dict[str, str]:
    """``("ps2=12345",)`` as a dict. Raises UsageError."""
    found: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name or not value or name in found:
            raise UsageError(
                f"{option} {text!r} can't be understood", expected=f"{option} ASSIGNMENT=VALUE, once for each"
            )
        found[name] = value
    return found
