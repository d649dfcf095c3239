"""A course as data: where its files are. nbgrader's layout, with solutions/ as source and assignments/ as release."""

from __future__ import annotations

import os
import sysconfig
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.course.manifest import FILE, Manifest, read_manifest
from autograder.course.packed import folder_of
from autograder.errors import NotOneNotebookError, UsageError
from autograder.grading.units import assignment_of, by_assignment, unit_of

if TYPE_CHECKING:
    from autograder.course.content import Content

SOURCE, RELEASE, SUBMITTED = "solutions", "assignments", "submitted"
AUTOGRADED, FEEDBACK, ANSWER_KEY, REPORTS = "autograded", "feedback", "answer-key", "reports"

_SQLITE = "sqlite:///"

FROM = "AUTOGRADER_COURSE"
"""Names the course whose content is used where a folder holds none, and which stands in for a folder not named."""


@dataclass(frozen=True)
class Course:
    """The folders and files of one course. Nothing is opened and nothing is made.

    ``root`` holds what an instructor writes; ``results`` what grading writes (the same folder, but for the example).
    """

    root: Path
    solutions: Path
    assignments: Path
    submitted: Path
    results: Path
    course_id: str = ""
    """nbgrader's id of the course where that is not the one in course.toml."""
    db_url: str = ""
    """Where nbgrader's configuration puts the gradebook, if it does."""
    zone: str = ""
    """The time zone of nbgrader's exchange, which writes its clock's name into ``timestamp.txt``."""

    @classmethod
    def at(cls, root: Path | str, *, submitted: Path | None = None, results: Path | None = None) -> Course:
        """The course in the folder ``root``, made absolute; submissions and results may live elsewhere."""
        base = Path(root).absolute()
        return cls(
            root=base,
            solutions=base / SOURCE,
            assignments=base / RELEASE,
            submitted=submitted.absolute() if submitted else base / SUBMITTED,
            results=results.absolute() if results else base,
        )

    @classmethod
    def example(cls, root: Path | str) -> Course:
        """The same course with its example cohort handed in, and every result in a folder of its own.

        Raises UsageError for a course without an example.
        """
        base = Path(root).absolute()
        place = cls.at(base).manifest.example
        if not place:
            raise UsageError(f"{base / FILE} names no example", next_step="Put submissions into submitted/")
        return cls.at(base, submitted=base / place, results=base / "example")

    @property
    def content_root(self) -> Path:
        """The folder with course.toml and the content: this one, or the course that AUTOGRADER_COURSE names."""
        if os.path.lexists(self.root / FILE) or not (other := os.environ.get(FROM)):
            return self.root
        return folder_of(Path(other))

    @property
    def manifest(self) -> Manifest:
        """What course.toml says. Raises UsageError where there is none, or one that can't be used."""
        return read_manifest(self.content_root)

    @property
    def content(self) -> Content:
        """The exercises of its assignments. Raises UsageError as `manifest`."""
        from autograder.course.content import content_of  # where folders alone matter, the engine is not needed

        return content_of(self.content_root)

    @property
    def id(self) -> str:
        """nbgrader's key of the course, in the gradebook and the exchange."""
        return self.course_id or self.manifest.id

    def needs_torch(self, names: Iterable[str]) -> bool:
        """Whether the box of any of these assignments, or of notebooks of theirs, has PyTorch in it."""
        return self.manifest.needs_torch(map(assignment_of, names))

    def data(self, names: Iterable[str] | None = None) -> tuple[tuple[Path, str], ...]:
        """The folders of data that the boxes of these assignments or units show; of all if not said."""
        chosen = self.manifest.names if names is None else by_assignment(names)
        places = {name: self.content_root / SOURCE / name / "public" / "data" for name in chosen}
        return tuple((place, name) for name, place in places.items() if place.is_dir())

    @property
    def autograded(self) -> Path:
        """Annotated notebooks: ``<student>/<assignment>/<notebook>.ipynb``."""
        return self.results / AUTOGRADED

    @property
    def feedback(self) -> Path:
        """A page per student and assignment."""
        return self.results / FEEDBACK

    @property
    def reports(self) -> Path:
        """The class page, tables and files for learning management systems."""
        return self.results / REPORTS

    @property
    def gradebook(self) -> Path | None:
        """The file of nbgrader's database; None where that is on a server."""
        return Path(self.gradebook_url.removeprefix(_SQLITE)) if self.gradebook_url.startswith(_SQLITE) else None

    @property
    def gradebook_url(self) -> str:
        """nbgrader's database as SQLAlchemy names it."""
        return self.db_url or f"{_SQLITE}{self.results / 'gradebook.db'}"

    @property
    def backups(self) -> Path:
        """Copies of the gradebook as it was before a run."""
        return self.results / "backups"

    @property
    def secret(self) -> Path:
        """The file with the course secret, from which hidden cases are drawn."""
        return self.root / ".course-secret"

    @property
    def requirements(self) -> Path:
        """The folder with the pinned versions, a lock for each group of packages, and what installs them."""
        return self.root / "requirements"

    def assignment_names(self) -> tuple[str, ...]:
        """The assignments that have a folder with a source notebook, in the order of course.toml.

        Where there is no source at all (a course that was packed), those that were released.
        """
        return self._in_order(_with_notebooks(self.solutions) or _with_notebooks(self.assignments))

    def released_names(self) -> tuple[str, ...]:
        """The assignments that have a folder with a released notebook, in the order of course.toml."""
        return self._in_order(_with_notebooks(self.assignments))

    def unnamed(self) -> tuple[str, ...]:
        """Folders of solutions/ that hold a notebook and that course.toml does not name: nothing is done for them."""
        return tuple(name for name in _with_notebooks(self.solutions) if name not in self.manifest.names)

    def _in_order(self, folders: Sequence[str]) -> tuple[str, ...]:
        return tuple(name for name in self.manifest.names if name in folders)

    def sources(self, assignment: str) -> tuple[Path, ...]:
        """The notebooks of ``assignment`` with the answers, by name. Raises NotOneNotebookError where there is none."""
        return _notebooks(self.solutions / assignment, "Put the notebook with the answers there")

    def releases(self, assignment: str) -> tuple[Path, ...]:
        """The notebooks of ``assignment`` that students get, by name. Raises NotOneNotebookError without any."""
        otherwise = "Make it with `make release`, or name the other assignments with --assignment"
        return _notebooks(self.assignments / assignment, otherwise)

    def units(self, assignment: str) -> tuple[str, ...]:
        """What is graded of ``assignment``: itself, or each of its notebooks where several are released."""
        found = _listed(self.assignments / assignment)
        return tuple(unit_of(assignment, path.stem) for path in found) if len(found) > 1 else (assignment,)

    def source(self, unit: str) -> Path:
        """The notebook of a unit with the answers. Raises NotOneNotebookError unless there is exactly one."""
        return _one_of(self.solutions, unit, self.sources)

    def release(self, unit: str) -> Path:
        """The notebook of a unit that students get. Raises NotOneNotebookError unless there is exactly one."""
        return _one_of(self.assignments, unit, self.releases)

    def record(self, student: str, unit: str) -> Path:
        """The machine-readable record of one notebook, in a folder where no student's id meets another file."""
        return self.reports / unit / "students" / f"{student}.json"

    def feedback_page(self, student: str, assignment: str, notebook: str) -> Path:
        """Where the page of one submission goes."""
        return self.feedback / student / assignment / f"{notebook}.html"

    def autograded_notebook(self, student: str, assignment: str, notebook: str) -> Path:
        """Where the annotated notebook goes."""
        return self.autograded / student / assignment / f"{notebook}.ipynb"

    def below_results(self, path: Path) -> str:
        """A file of the results as the gradebook and other tables name it."""
        return path.relative_to(self.results).as_posix()


def _with_notebooks(folder: Path) -> tuple[str, ...]:
    """The folders in ``folder`` that hold a notebook, or several: Jupyter leaves copies, macOS files with a dot."""
    return tuple(sorted({path.parent.name for path in folder.glob("[!.]*/[!.]*.ipynb")}))


def _listed(folder: Path) -> tuple[Path, ...]:
    return tuple(sorted(path for path in folder.glob("[!.]*.ipynb") if path.is_file()))


def _notebooks(folder: Path, otherwise: str) -> tuple[Path, ...]:
    found = _listed(folder)
    if not found:
        raise NotOneNotebookError(f"{folder} holds 0 notebooks", expected="one, or several", next_step=otherwise)
    return found


def _one_of(place: Path, unit: str, notebooks: Callable[[str], tuple[Path, ...]]) -> Path:
    folder, _, stem = unit.partition("/")
    found = [path for path in notebooks(folder) if stem in ("", path.stem)]
    if len(found) != 1:
        raise NotOneNotebookError(
            f"{place / folder} holds {len(found)} notebooks{f' called {stem}' if stem else ''}",
            expected="one",
            got=", ".join(path.name for path in found),
            next_step="Keep one of them there" if found else "Run `make release`",
        )
    return found[0]


def put_environment_first() -> None:
    """Put this environment's scripts first on PATH: nbgrader runs `alembic` by name when it makes a database."""
    scripts = sysconfig.get_path("scripts")
    others = [part for part in os.environ.get("PATH", "").split(os.pathsep) if part and part != scripts]
    os.environ["PATH"] = os.pathsep.join([scripts, *others])
