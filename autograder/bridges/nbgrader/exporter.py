"""How a submission enters `nbgrader autograde`: through our intake, once, before nbgrader looks at anything of it.

nbgrader copies companion files with symbolic links followed, reads the student's `timestamp.txt` and parses the
notebook before the first preprocessor runs. An exporter is made after the folders are listed and before any of that
happens, so this one takes the list over: only folders of valid students, only the released notebook's name, no
companion files.
"""

from __future__ import annotations

import copy
import dataclasses
import datetime
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, cast

import nbformat
from nbconvert.exporters import NotebookExporter
from nbgrader.converters import Autograde, NbGraderException
from nbgrader.coursedir import CourseDirectory
from traitlets import Any as AnyTrait
from traitlets.utils.importstring import import_item

from autograder.bridges.nbgrader.grader import Grade, OpenGrader
from autograder.errors import AutograderError, MachineError
from autograder.grading._files import write_atomically
from autograder.grading.collect import read_timestamp
from autograder.grading.course import Course
from autograder.grading.gradebook import Ledger
from autograder.grading.handed_in import TIMESTAMP, stamp
from autograder.grading.intake import Rejected, Submission, read_submission
from autograder.grading.pipeline import Graded
from autograder.grading.release import Release, load_assignment, load_release
from autograder.grading.roster import Found, find_submissions

Key = tuple[str, str, str]
"""Student, assignment, notebook."""


@dataclasses.dataclass
class Desk:
    """One submission on its way through nbgrader: what was taken in, how to grade it, and what came out."""

    student: str
    assignment: str
    notebook: str
    taken: Submission | Rejected
    grade: Grade
    ledger: Ledger
    graded: Graded | None = None


class SubmissionExporter(NotebookExporter):  # type: ignore[misc]
    """Reads a submitted notebook through intake and lays it out for `Judge`; reads autograded ones as usual."""

    export_from_notebook = None

    grader = AnyTrait(
        "autograder.bridges.nbgrader.grader.open_grader",
        help="(course, assignment) -> (submission -> graded), or its dotted name",
    ).tag(config=True)

    def __init__(self, config: Any = None, **kwargs: Any) -> None:
        """Made by a converter; nbgrader's Autograde is fenced in at once."""
        super().__init__(config=config, **kwargs)
        self._desks: dict[Key, Desk] = {}
        self._earlier: dict[Key, dict[str, float]] = {}
        self._handed_in: dict[Key, Found | Rejected] = {}
        self._graders: dict[str, Grade] = {}
        self._ledger: Ledger | None = None
        if isinstance(self.parent, Autograde):
            try:
                self._prepare(self.parent)
            except (AutograderError, LookupError) as error:
                self.log.error("%s Nothing was graded.", error)
                raise NbGraderException(str(error)) from error

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **kwargs: Any
    ) -> tuple[str, dict[str, Any]]:
        """The notebook at ``filename`` as nbgrader wants it. A submitted one is taken in, its old scores taken back."""
        if resources is None or not isinstance(self.parent, Autograde):
            return cast(tuple[str, dict[str, Any]], super().from_filename(filename, resources, **kwargs))
        key = _key(resources)
        path = Path(filename)
        try:
            if not path.is_relative_to(course_of(self.parent.coursedir).submitted):
                return cast(tuple[str, dict[str, Any]], super().from_filename(filename, resources, **kwargs))
            resources["metadata"] = {"name": path.stem, "path": str(path.parent)}
            document = nbformat.from_dict(self._take_in(key))
            return cast(tuple[str, dict[str, Any]], self.from_notebook_node(document, resources))
        except Exception:
            self.log.error("%s, %s: not graded; its automatic scores were %s", *key[:2], self._earlier.get(key, {}))
            raise

    def _prepare(self, converter: Autograde) -> None:
        """All that can fail for everybody, before anything of anybody is touched."""
        self._handed_in = fence(converter)
        open_grader = _imported(self.grader)
        course = course_of(converter.coursedir)
        for unit in {entry.unit for entry in self._handed_in.values()}:
            self._graders[unit] = open_grader(course, unit)

    def desk(self, resources: Mapping[str, Any]) -> Desk:
        """What was laid out for the notebook that ``resources`` name. Raises RuntimeError if it came in elsewhere."""
        key = _key(resources)
        if key not in self._desks:
            raise RuntimeError(f"{'/'.join(key)} was not taken in by {type(self).__name__}")
        return self._desks[key]

    def _take_in(self, key: Key) -> dict[str, Any]:
        """Read a submission, lay it out, and return the notebook to go on with: the release where it can't be read."""
        student, assignment, notebook = key
        course = course_of(self.parent.coursedir)
        if self._ledger is None:
            self._ledger = Ledger(self.parent.coursedir.db_url)
        self._ledger.forget_registered()
        taken: Submission | Rejected | None = None
        try:
            taken = self._read(course, key)
        finally:
            if not (isinstance(taken, Rejected) and taken.fault):  # what could not be read keeps what it has
                self._earlier[key] = dict(self._ledger.set_internal(student, assignment, notebook))
        if isinstance(taken, Rejected) and taken.fault:
            raise MachineError(taken.reason)
        self._desks[key] = Desk(student, assignment, notebook, taken, self._graders[taken.unit], self._ledger)
        _keep_timestamp(course, student, assignment)
        if isinstance(taken, Submission):
            for problem in taken.problems:
                self.log.warning("%s, %s: %s", student, assignment, problem)
            return taken.notebook
        return cast(dict[str, Any], nbformat.read(course.release(taken.unit), as_version=4))

    def _read(self, course: Course, key: Key) -> Submission | Rejected:
        entry = self._handed_in[key]
        if isinstance(entry, Rejected):
            return entry
        release, others = load_release(course.release(entry.unit)), releases(course)
        return read_submission(
            entry.path, release, entry.student, within=course.submitted, others=others, notes=entry.notes
        )


class NotebooksOnly(CourseDirectory):  # type: ignore[misc]
    """A course folder from which nothing but notebooks is copied, and in which only a credible timestamp counts."""

    def get_existing_timestamp(self, dest_path: str) -> datetime.datetime | None:
        """When the work in ``dest_path`` was handed in (UTC, naive), None if nothing credible says so."""
        moment, problems = read_timestamp(Path(dest_path), zone=zone_of(self))
        for problem in problems:
            self.log.warning("%s: %s", dest_path, problem)
        return None if moment is None else moment.astimezone(datetime.UTC).replace(tzinfo=None)


def fence(converter: Autograde) -> dict[Key, Found | Rejected]:
    """Let ``converter`` see only what intake may read: it has listed folders, and not yet touched any.

    Returns what was handed in, by student, assignment and notebook. A notebook that is missing beside another is left
    to nbgrader, which writes zeros for it.
    """
    stock = converter.coursedir
    traits = {name: copy.copy(getattr(stock, name)) for name in stock.trait_names(config=True)}
    converter.coursedir = NotebooksOnly(parent=stock.parent, **{**traits, "ignore": ["*", ".*"]})
    course = course_of(stock)
    known = {release.unit: release for release in releases(course)}
    wanted = {release.unit: release for name in _assignments(converter) for release in load_assignment(course, name)}
    listing = find_submissions(course.submitted, known | wanted)
    for problem in listing.problems:
        converter.log.warning("%s", problem)
    converter.assignments = {}
    handed_in: dict[Key, Found | Rejected] = {}
    entries: list[Found | Rejected] = [*listing.found, *listing.rejected]
    for entry in entries:
        if entry.unit not in wanted or (isinstance(entry, Rejected) and entry.missing):
            continue
        release = wanted[entry.unit]
        if fnmatchcase(entry.student, stock.student_id) and fnmatchcase(release.notebook, stock.notebook_id):
            folder = course.submitted / entry.student / entry.assignment
            converter.assignments.setdefault(str(folder), []).append(str(folder / release.filename))
            handed_in[entry.student, entry.assignment, release.notebook] = entry
    return handed_in


def _assignments(converter: Autograde) -> list[str]:
    """Which assignments nbgrader is about to grade: ``submitted/<student>/<assignment>``."""
    return sorted({Path(folder).name for folder in converter.assignments})


def course_of(coursedir: CourseDirectory) -> Course:
    """The course that nbgrader's ``coursedir`` describes."""
    root = Path(coursedir.root)
    return dataclasses.replace(
        Course.at(root),
        solutions=root / coursedir.source_directory,
        assignments=root / coursedir.release_directory,
        submitted=root / coursedir.submitted_directory,
        course_id=coursedir.course_id,
        zone=zone_of(coursedir),
    )


def zone_of(coursedir: CourseDirectory) -> str:
    """The time zone of the exchange, as nbgrader's configuration has it."""
    return str(coursedir.config.get("Exchange", {}).get("timezone", ""))


def releases(course: Course) -> tuple[Release, ...]:
    """Every released notebook of the course: what was handed in under the wrong assignment is told by them."""
    return tuple(load_release(path) for path in sorted(course.assignments.glob("[!.]*/*.ipynb")))


def _key(resources: Mapping[str, Any]) -> Key:
    names = resources["nbgrader"]
    return names["student"], names["assignment"], names["notebook"]


def _keep_timestamp(course: Course, student: str, assignment: str) -> None:
    """Copy the timestamp beside the autograded notebook: nbgrader compares the two to see what was handed in anew."""
    moment, _ = read_timestamp(course.submitted / student / assignment, zone=course.zone)
    if moment is not None:
        target = course.autograded / student / assignment
        target.mkdir(parents=True, exist_ok=True)
        write_atomically(target / TIMESTAMP, stamp(moment))


def _imported(name: Any) -> OpenGrader:
    return cast(OpenGrader, import_item(name) if isinstance(name, str) else name)
