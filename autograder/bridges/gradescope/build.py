"""The autograder.zip of one assignment: the grader, the released notebook, the course secret and two scripts.

    setup.sh, run_autograder      what Gradescope looks for at the top
    requirements/                 what grading needs, pinned with hashes, and what installs it; PyTorch only where the
                                  assignment is about it: without it the image is small
    course/.course-secret         so that the hidden inputs are those of `make grade`
    course/assignments/<assignment>/<notebook>.ipynb, and the record of the cells that were ever released
    course/course.toml, course/solutions/<assignment>/{public,private}/
                                  the content: of this assignment, and of those of which it asks exercises again
    autograder/                   this package

Nothing else of a course is in it: no source notebooks, no submissions, no gradebook, no path of the machine. It holds
answers all the same, so it is written for its owner alone. The same course gives the same bytes.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import autograder
from autograder.course.content import content_files
from autograder.errors import UsageError
from autograder.grading._files import write_atomically
from autograder.grading.course import Course
from autograder.grading.released_cells import RECORD
from autograder.grading.secret import FILE_NAME, course_secret

NAME = "autograder.zip"
SCRIPTS = ("setup.sh", "run_autograder")
LOCKS, WITH_TORCH = ("uv.txt", "ci.txt"), ("ci-torch.txt", "torch.txt")
"""What `autograder ci` imports, and what the box offers. Bubblewrap is not among it: the container refuses it."""
LOCK_MAKER = "lock.py"

SUFFIXES = frozenset({".py", ".html", ".css", ".json"})
EPOCH = (1980, 1, 1, 0, 0, 0)
EXECUTABLE, READABLE, PRIVATE = 0o755, 0o644, 0o600


def build(course: Course, assignment: str, target: Path) -> None:
    """Write the zip for ``assignment``, atomically and for its owner alone.

    Raises UsageError where the assignment is not released, the pins are missing or ``target`` can't be written. Makes
    the course secret if there is none yet.
    """
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data, mode in sorted(_entries(course, assignment)):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix: the mode below counts
            entry.external_attr = (0o100000 | mode) << 16
            archive.writestr(entry, data)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(target, made.getvalue(), mode=PRIVATE)
    except OSError as error:
        raise UsageError(
            f"{target} can't be written", got=str(error.strerror), next_step="Name another file with --to"
        ) from error


def _entries(course: Course, assignment: str) -> Iterator[tuple[str, bytes, int]]:
    """Every file: its name, its content and its mode."""
    released = course.releases(assignment)
    here = Path(__file__).parent
    yield from ((name, (here / name).read_bytes(), EXECUTABLE) for name in SCRIPTS)
    for path in _installer(course.requirements, torch=course.needs_torch([assignment])):
        yield f"requirements/{path.name}", _read(path), READABLE
    yield from ((f"course/assignments/{assignment}/{one.name}", one.read_bytes(), PRIVATE) for one in released)
    if (record := released[0].with_name(RECORD)).exists():
        yield f"course/assignments/{assignment}/{RECORD}", record.read_bytes(), PRIVATE
    for name, data in content_files(course.content, [assignment]).items():
        yield f"course/{name}", data, PRIVATE
    yield f"course/{FILE_NAME}", course_secret(course.root).hex().encode() + b"\n", PRIVATE
    package = Path(autograder.__file__).parent
    for path in package.rglob("*"):
        if path.suffix in SUFFIXES and "__pycache__" not in path.parts:
            yield f"autograder/{path.relative_to(package).as_posix()}", path.read_bytes(), PRIVATE


def _installer(folder: Path, *, torch: bool) -> list[Path]:
    """The programs that install the locks, and the locks."""
    programs = [path for path in folder.glob("*.py") if path.name != LOCK_MAKER]
    return [folder / "install.py", *(path for path in programs if path.name != "install.py"),
            *(folder / name for name in (*LOCKS, *(WITH_TORCH if torch else ())))]  # fmt: skip


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"{path} can't be read",
            expected="the pinned versions, and what installs them",
            got=str(error.strerror),
            next_step="Run the command in the course's folder, or name it with --course",
        ) from error
