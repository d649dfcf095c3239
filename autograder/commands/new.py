"""``autograder init`` and ``autograder new``: a course, an assignment, an exercise, as worked examples to change."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from autograder.authoring.scaffold import ESSAY, Files, assignment_files, course_files, exercise_files, write
from autograder.errors import UsageError
from autograder.grading.asked import one_asked
from autograder.grading.course import Course


def run_init(folder: Path, title: str) -> int:
    """Begin a course in ``folder``, which is made. Exit code 0; nothing is written where anything is in the way."""
    folder = folder.absolute()
    if folder.exists() and not folder.is_dir():
        raise UsageError(
            f"{folder} is a file", expected="a new folder, or an empty one", next_step="Choose another name"
        )
    files = course_files(folder, folder.name, title)
    write(files)
    _tell(folder, files, [f"cd {folder.name}", 'autograder new assignment first --title "First steps"'])
    return 0


def run_new_assignment(course: Course, name: str, title: str, *, torch: bool) -> int:
    """Begin an assignment."""
    files = assignment_files(course, name, title, torch=torch)
    write(files)
    _tell(course.root, files, [f"autograder new rule square --assignment {name} --points 10", "autograder verify"])
    return 0


def run_new_exercise(course: Course, kind: str, name: str, assignment: str, worth: float) -> int:
    """Write an exercise of that kind."""
    assignment, _, notebook = assignment.partition("/")
    assignment = one_asked(course.manifest.names, assignment)
    points = int(worth) if worth == int(worth) else worth
    files = exercise_files(course, kind, name, assignment, points, notebook)
    write(files)
    steps = [
        "Change the example into your own, in each of these files.",
        f"autograder verify --assignment {assignment}",
        f"autograder release --assignment {assignment}",
    ]
    if kind != ESSAY:
        steps.insert(
            2, f"autograder explain {name if kind != 'rule' else name.removesuffix('_backward') + '_backward'}"
        )
    _tell(course.root, files, steps)
    return 0


def _tell(root: Path, files: Files, steps: Sequence[str]) -> None:
    console = Console(soft_wrap=True, highlight=False)
    console.print("Written:")
    for path in files:
        console.print(f"  {path.relative_to(root)}", markup=False)
    console.print("\nNext:")
    for number, step in enumerate(steps, 1):
        console.print(f"  {number}. {step}", markup=False)
