"""``autograder test``: pytest on submissions, each check an item, out of reach of the files that they bring along."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from autograder.bridges.ci.github import harmless
from autograder.bridges.pytest_plugin.isolation import run_isolated
from autograder.bridges.pytest_plugin.listing import Listing, listed
from autograder.bridges.pytest_plugin.options import AUTO, Options
from autograder.commands.choosing import course_to_judge
from autograder.commands.released import releases_of
from autograder.commands.walls import proven_box
from autograder.errors import AutograderError, UsageError
from autograder.grading.asked import asked
from autograder.grading.course import Course
from autograder.grading.roster import told

USAGE, INTERNAL = 4, 3
"""pytest's exit codes for these two."""


def run_test_at(root: Path | None, assignments: Sequence[str], paths: Sequence[str], **options: Any) -> int:
    """As `run_test`, in the course that is named with ``root``, or else the one that this is run in."""
    try:
        course = course_to_judge(root, [Path(path.partition("::")[0]) for path in paths])
    except UsageError as error:
        Console(stderr=True, soft_wrap=True, highlight=False).print(harmless(str(error)), markup=False)
        return USAGE
    return run_test(course, assignments, paths, **options)


def run_test(
    course: Course,
    assignments: Sequence[str],
    paths: Sequence[str],
    *,
    hidden: bool,
    allow_weak: bool,
    exitfirst: bool,
    verbose: int,
    quiet: int,
    maxfail: int,
    **others: Any,
) -> int:
    """Run the checks of every notebook at ``paths`` as pytest items. The exit code is pytest's.

    ``others`` are the remaining fields of Options, as on the command line.
    """
    options = Options(maxfail=1 if exitfirst else maxfail, verbose=verbose - quiet, **others)
    console = Console(stderr=True, soft_wrap=True, highlight=False)
    try:
        if options.workers and options.workers not in AUTO and not options.workers.isdecimal():
            raise UsageError(f"-n {options.workers}", expected="a number, or auto")
        known = releases_of(course)
        releases = {name: known[name] for name in asked(known, assignments)}
        here = Path.cwd()
        notebooks, noticed = listed(paths, releases, here)
        others_told = tuple(told(name) for name in known if name not in releases)
        for problem in noticed:
            if not problem.startswith(others_told):
                console.print(problem, markup=False)
        walls = proven_box(
            console, accept_weak=allow_weak, torch=course.needs_torch(one.assignment for one in notebooks)
        )
        walls.box.close()  # each process that pytest grades in makes its own
        listing = Listing(
            root=str(course.root),
            tier=walls.tier,
            weak=walls.weak,
            hidden=hidden,
            alone=options.processes > 0 and len(notebooks) == 1,
            notebooks=notebooks,
        )
        return run_isolated(listing, options, here)
    except AutograderError as error:
        console.print(harmless(str(error)), markup=False)
        return USAGE if isinstance(error, UsageError) else INTERNAL
