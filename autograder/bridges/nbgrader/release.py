"""`make release`: assignments/ made from solutions/, the same bytes every time.

nbgrader's generate_assignment builds the notebooks, without its database, in a temporary folder; kit.zip and some small
files are added; the result is verified and only then takes the place of the old folder. nbgrader swallows exceptions of
hooks and skips what it can't read, so what counts is what is found in the folder afterwards.
"""

from __future__ import annotations

import filecmp
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from nbgrader.converters import GenerateAssignment, NbGraderException
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from autograder.bridges.nbgrader._verify import require_ids, verify
from autograder.bridges.nbgrader.config import configure
from autograder.bridges.pytest_plugin import shipped_conftest
from autograder.course.content import PRIVATE, PUBLIC
from autograder.course.kit_zip import NAME, kit_files, kit_zip
from autograder.errors import NotOneNotebookError, ReleaseError, UsageError
from autograder.grading._files import write_atomically
from autograder.grading.course import RELEASE, SOURCE, Course
from autograder.grading.pins import pins
from autograder.grading.release import CHECK, load_assignment, load_release
from autograder.grading.released_cells import RECORD, ReleasedCells, read_record

REQUIRED = ("numpy", "torch", "matplotlib", "ipython", "jupyterlab")
"""What a student installs, in the versions that the course is pinned to."""
GRADED_WITH = "3.11"
"""The oldest Python that may grade. Where there are several, Gradescope's image takes it; the workflows name it."""

_NO_DEMONSTRATIONS = "frozenset()\n"
NOT_IN_GIT = (NAME, "conftest.py", "requirements.txt", "README.md")
"""What a release holds and git does not: `make release` makes it, and so does what needs it (`complete`)."""

_LEFT_BY_USE = {"__pycache__", ".ipynb_checkpoints", ".pytest_cache"}
_PYTHON = f"""\
# Your work is graded with Python {GRADED_WITH} or newer. To install without packages for graphics cards:
#     python -m pip install uv
#     python -m uv pip install --torch-backend cpu -r requirements.txt
"""
_NOT_SHIPPED = shutil.ignore_patterns("__pycache__", "*.pyc", ".*", PUBLIC, PRIVATE)


@dataclass(frozen=True)
class Released:
    """One assignment that was released (or, with ``check``, would be): ``differences`` are paths that were not so."""

    assignment: str
    differences: tuple[str, ...]


def release(
    course: Course,
    assignment: str | None = None,
    *,
    check: bool = False,
    solved: Callable[[Path, str], None] | None = None,
) -> tuple[Released, ...]:
    """Make the folders of one assignment or of all; with ``check`` only say what would change.

    ``solved`` is asked about the workshop (a course of its own, with the source and the built release) before anything
    is released. Raises UsageError for an assignment without a source notebook and ReleaseError, with the old folder
    still in place, for one whose release does not verify.
    """
    known = course.assignment_names()
    if assignment is not None and assignment not in known:
        raise UsageError(
            f"There is no source notebook for {assignment!r}",
            expected=f"one of {', '.join(known) or 'none so far'}",
            next_step=f"Put it into {SOURCE}/{assignment}/",
        )
    released = []
    course.assignments.mkdir(parents=True, exist_ok=True)
    for name in known if assignment is None else (assignment,):
        with _workshop(course.assignments) as workshop:
            with _told_of_the_course(course, workshop):
                built = _build(course, name, workshop)
                if solved is not None:
                    solved(workshop, name)
            differences = tuple(_differences(course.assignments / name, built, whole=not check))
            if not check:
                if differences:
                    _swap(built, course.assignments / name, workshop)
                _keep_record(course, name)
        released.append(Released(name, differences))
    return tuple(released)


def after_generate_assignment(*, assignment: str, student: str, notebooks: list[str]) -> None:
    """nbgrader's hook, so that the stock command ships a whole folder too. The course is the working folder."""
    course = Course.at(Path.cwd())
    for folder in {Path(notebook).parent.name for notebook in notebooks}:
        _furnish(course, folder, course.assignments / folder)
        _keep_record(course, folder)


def _keep_record(course: Course, assignment: str) -> None:
    """What was released is kept beside the source: the release can be deleted, and nbgrader does that."""
    path = course.solutions / assignment / RECORD
    now = (course.assignments / assignment / RECORD).read_bytes()
    if not path.exists() or path.read_bytes() != now:
        write_atomically(path, now)


def _build(course: Course, assignment: str, workshop: Path) -> Path:
    """The verified release of ``assignment``, below ``workshop``."""
    names = [path.name for path in course.sources(assignment)]
    source = workshop / SOURCE / assignment
    shutil.copytree(course.solutions / assignment, source, ignore=_NOT_SHIPPED)
    for name in names:
        require_ids(source / name)
        _leave_out(source / name, course.manifest[assignment].drop)
    _generate(course, workshop, assignment)
    built = workshop / RELEASE / assignment
    for name in names:
        if not (built / name).is_file():
            raise ReleaseError("nbgrader did not release it", next_step="See its messages above", path=built / name)
    with _told_of_the_source(course, workshop):
        load_assignment(replace(course, assignments=workshop / RELEASE), assignment)
    _furnish(course, assignment, built)
    if kit_zip(course.content, assignment) != (built / NAME).read_bytes():
        raise ReleaseError("The kit is not the same when it is made again", next_step="Report this", path=built / NAME)
    for path in built.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    kit = [Path("kit", part) for part in kit_files(course.content, assignment)]
    for name in names:
        verify(course.content, source / name, built / name, assignment, kit=kit)
    return built


@contextmanager
def _told_of_the_source(course: Course, workshop: Path) -> Iterator[None]:
    """What is wrong with the notebooks of an assignment together is to be mended in the sources."""
    try:
        yield
    except NotOneNotebookError as error:
        wrong = error.wrong.replace(str(workshop / RELEASE), str(course.solutions))
        raise NotOneNotebookError(wrong, error.expected, error.got, error.next_step) from None


def _leave_out(notebook: Path, dropped: Sequence[str]) -> None:
    """Take the cells of exercises that are not given this term out of a copy of the source."""
    if not dropped:
        return
    ids = {cell for name in dropped for cell in (name, f"{name}{CHECK}")}
    made = json.loads(notebook.read_text(encoding="utf-8"))
    made["cells"] = [cell for cell in made["cells"] if cell["metadata"].get("nbgrader", {}).get("grade_id") not in ids]
    notebook.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


@contextmanager
def _told_of_the_course(course: Course, workshop: Path) -> Iterator[None]:
    """Name the course's own files in errors: the workshop is gone when somebody reads them.

    What is wrong with a built notebook is to be mended in its source.
    """
    try:
        yield
    except ReleaseError as error:
        if error.path.is_relative_to(workshop):
            place = error.path.relative_to(workshop)
            notebook = place.suffix == ".ipynb"
            error.path = course.solutions.joinpath(*place.parts[1:]) if notebook else course.root / place
        raise


def _generate(course: Course, root: Path, assignment: str) -> None:
    config = Config()
    configure(config)
    config.FindKit.course = str(course.root)
    config.SaveCells.enabled = False  # these two are nbgrader's --no-db
    config.GenerateAssignment.no_database = True
    config.GenerateAssignment.post_convert_hook = None
    coursedir = CourseDirectory(root=str(root), config=config)
    coursedir.assignment_id = assignment
    converter = GenerateAssignment(coursedir=coursedir, config=config)
    converter.log = logging.getLogger("autograder.release")
    try:
        converter.start()
    except NbGraderException as error:
        path = root / SOURCE / assignment
        raise ReleaseError("nbgrader can't release it", next_step="See its messages above", path=path) from error


def _furnish(course: Course, assignment: str, folder: Path) -> None:
    """Add what the notebook needs beside it."""
    shutil.rmtree(folder / "kit", ignore_errors=True)  # what was released before there was kit.zip
    for name, data in companions(course, assignment, folder).items():
        (folder / name).write_bytes(data)
    (folder / RECORD).write_bytes(_record(course, assignment, folder).to_json())


def _record(course: Course, assignment: str, folder: Path) -> ReleasedCells:
    """The cells of the release in ``folder``, and of all that are known to have gone before it."""
    known = read_record(course.solutions / assignment / RECORD)
    for name in [path.name for path in course.sources(assignment)]:
        for path in dict.fromkeys((course.assignments / assignment / name, folder / name)):
            if path.exists():
                known |= load_release(path).ever
    return known


def complete(course: Course, assignment: str) -> None:
    """Put beside a released notebook what git does not hold, as far as it is not there as it would be made now."""
    folder = course.assignments / assignment
    for name, data in companions(course, assignment, folder).items():
        path = folder / name
        if not path.is_file() or path.read_bytes() != data:
            write_atomically(path, data)


def companions(course: Course, assignment: str, folder: Path) -> dict[str, bytes]:
    """The files beside the released notebooks in ``folder``, all but the record of their cells."""
    notebooks = sorted(folder.glob("[!.]*.ipynb"))
    if not notebooks:
        raise ReleaseError("There is no released notebook", next_step="Run `make release`", path=folder)
    texts = {
        "conftest.py": _conftest(notebooks),
        "requirements.txt": _requirements(course.requirements),
        "README.md": _readme(assignment, [path.name for path in notebooks]),
    }
    return {NAME: kit_zip(course.content, assignment), **{name: text.encode() for name, text in texts.items()}}


def _conftest(notebooks: Sequence[Path]) -> str:
    """What makes `pytest <notebook>.ipynb` run the public checks: it knows the notebooks' demonstrations."""
    shipped = Path(shipped_conftest.__file__).read_text(encoding="utf-8")
    released = [load_release(path) for path in notebooks]
    cells = [cell for one in released for cell in one.cells if cell.role == "demo"]
    lines = "".join(f'    "{one}",\n' for one in sorted({shipped_conftest.digest(cell.source) for cell in cells}))
    header = f"# Generated from autograder/bridges/pytest_plugin/{shipped_conftest.__name__.rpartition('.')[2]}.py and "
    sources = ", ".join(f"{SOURCE}/{one.assignment}/{one.filename}" for one in released)
    header += f"{sources} by `make release`; edit there.\n"
    assert shipped.count(_NO_DEMONSTRATIONS) == 1
    return header + shipped.replace(_NO_DEMONSTRATIONS, f"frozenset((\n{lines}))\n")


def _requirements(folder: Path) -> str:
    """The pinned versions of what students need. Raises UsageError for one that is not pinned, or without pins."""
    pinned = pins(folder)
    lines = {name: [line for line in pinned if line.partition("==")[0] == name] for name in REQUIRED}
    missing = [name for name, found in lines.items() if not found]
    if missing:
        raise UsageError(f"{folder} does not pin {', '.join(missing)}", next_step="Run `make lock`")
    header = f"# Generated from {folder.name}/ by `make release`; edit there.\n{_PYTHON}"
    return header + "".join(f"{line}\n" for found in lines.values() for line in found)


def _readme(assignment: str, names: Sequence[str]) -> str:
    several = len(names) > 1
    opened = " and ".join(f"`{name}`" for name in names)
    handed_in = "all notebooks, each under its" if several else "the notebook under this"
    sources = ", ".join(f"{SOURCE}/{assignment}/{name}" for name in names)
    return (
        f"<!-- Generated from {sources} by `make release`; edit there. -->\n"
        f"# {assignment}\n"
        "\n"
        f"Open {opened} in Jupyter from this folder. Replace each `raise NotImplementedError(...)` by your answer\n"
        f"and run the check cell below it. Hand in {handed_in} name.\n"
        "\n"
        "* `requirements.txt`: what to install. With these two lines no package for graphics cards comes along:\n"
        "  `python -m pip install uv`, then `python -m uv pip install --torch-backend cpu -r requirements.txt`.\n"
        f"  Your work is graded with Python {GRADED_WITH} or newer: use nothing that only a newer one understands.\n"
        "* `kit.zip`: what the notebook imports: `check`, pictures and small helpers. Leave it packed, beside the\n"
        "  notebook; where you upload the notebook, upload it too. Grading uses its own copy.\n"
        f"* `conftest.py`: with it `pytest {names[0]}` runs all checks at once (`python -m pip install pytest`).\n"
    )


def _differences(old: Path, new: Path, *, whole: bool) -> Iterator[str]:
    """Paths that are in only one of two folders, or differ; unless ``whole``, only those that git holds."""
    before, after = _files(old), _files(new)
    for path in sorted(before | after):
        if not whole and path.as_posix() in NOT_IN_GIT:
            continue
        if path not in before or path not in after or not filecmp.cmp(old / path, new / path, shallow=False):
            yield path.as_posix()


def _files(folder: Path) -> set[Path]:
    shipped = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return {path for path in shipped if _LEFT_BY_USE.isdisjoint(path.parts)}


def _swap(new: Path, place: Path, workshop: Path) -> None:
    """Put ``new`` in ``place``; if that fails, what was there is there again."""
    old = workshop / "old"
    if place.exists():
        os.rename(place, old)
    try:
        os.rename(new, place)
    except OSError:
        if old.exists():
            os.rename(old, place)
        raise


@contextmanager
def _workshop(beside: Path) -> Iterator[Path]:
    """A temporary folder on the same file system as ``beside``, so that a rename is enough."""
    folder = Path(tempfile.mkdtemp(prefix=".release-", dir=beside.parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def out_of_date(released: Iterable[Released]) -> tuple[str, ...]:
    """The differing paths of all assignments, for `make check`."""
    return tuple(f"{one.assignment}/{path}" for one in released for path in one.differences)
