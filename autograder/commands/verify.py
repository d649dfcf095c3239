"""``autograder verify``: the proof of a course, all that is wrong at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from rich.console import Console

from autograder.authoring.problems import Problem
from autograder.authoring.stored import write_stored_answers
from autograder.authoring.verify import check_declarations, check_exercise
from autograder.bridges.nbgrader._solved import require_full_marks
from autograder.bridges.nbgrader.release import release
from autograder.commands.catalogue import assignments_named
from autograder.course.content import content_anew
from autograder.errors import AutograderError, ReleaseError
from autograder.grading.course import Course

BAD = 1
FEW = 8
"""So many exercises are run here: to start other processes takes longer."""

Task = tuple[Course, str, int]


def run_verify(course: Course, assignments: Sequence[str], *, quick: bool, write: bool, workers: int) -> int:
    """Say everything that is wrong, one paragraph each. Exit code 0 if nothing is, else 1."""
    console = Console(soft_wrap=True, highlight=False)
    names = assignments_named(course, assignments)
    problems, tasks = list(check_folders(course)) if not assignments else [], []
    for name in names if write else ():
        if path := write_stored_answers(course.content, name):
            console.print(f"written: {path.relative_to(course.root)}", markup=False)
    if write:
        content_anew(course.root)
    unreadable = set()
    for name in names:
        found, number = check_declarations(course.content, name)
        problems += found
        if found and not number:
            unreadable.add(name)
        tasks += [(course, name, index) for index in range(number)]
    with console.status(f"Running {len(tasks)} exercises ..."):
        for several in _each(tasks, workers or os.cpu_count() or 1):
            problems += several
    if not quick:
        for name in (name for name in names if name not in unreadable):
            with console.status(f"Releasing {name} ..."):
                problems += check_release(course, name, lambda words: console.print(words, markup=False))
    for problem in problems:
        console.print(str(problem), markup=False)
    if problems:
        console.print(f"\n{_number(problems, 'problem')}.")
        return BAD
    without = ", but for the release" if quick else ""
    console.print(f"{_number(tasks, 'exercise')} in {_number(names, 'assignment')}: all in order{without}.")
    return 0


def _number(several: Sequence[object], word: str) -> str:
    return f"{len(several)} {word}{'' if len(several) == 1 else 's'}"


def check_folders(course: Course) -> Iterable[Problem]:
    """Folders of solutions/ that course.toml does not name."""
    for name in course.unnamed():
        told = f"there is a notebook in solutions/{name}, and no assignment of that name here"
        yield Problem("course.toml", told, f'Add the lines `[[assignment]]` and `name = "{name}"`, or take it away')


def check_release(course: Course, assignment: str, notice: Callable[[str], None] = print) -> Iterable[Problem]:
    """Build the release in a temporary folder, look for answers in it, and grade the solution against it."""

    def solved(workshop: Path, name: str) -> None:
        require_full_marks(course, workshop, name, notice)

    try:
        release(course, assignment, check=True, solved=solved)
    except ReleaseError as error:
        where = error.path.relative_to(course.root) if error.path.is_relative_to(course.root) else error.path
        cell = f", cell {error.cell!r}" if error.cell else ""
        yield Problem(f"{where.as_posix()}{cell}", AutograderError.__str__(error))
    except AutograderError as error:
        yield Problem(f"solutions/{assignment}", str(error))


def _each(tasks: Sequence[Task], workers: int) -> Iterable[list[Problem]]:
    if workers == 1 or len(tasks) <= FEW:
        return map(_one, tasks)
    with ProcessPoolExecutor(min(workers, len(tasks)), mp_context=get_context("spawn")) as pool:
        return list(pool.map(_one, tasks, chunksize=2))


def _one(task: Task) -> list[Problem]:
    course, assignment, index = task
    return check_exercise(course.content, assignment, index)
