"""How a submission enters `nbgrader autograde`: through our intake, once, before nbgrader looks at anything of it.

nbgrader copies companion files with symbolic links followed, reads the student's `timestamp.txt` and parses the notebook
before the first preprocessor runs. An exporter is made after the folders are listed and before any of that happens, so
this one takes the list over: only folders of valid students, only the released notebook's name, no companion files.
"""

from __future__ import annotations

import copy
import dataclasses
import datetime
import fnmatch
import importlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

import nbformat
from nbconvert.exporters import NotebookExporter
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import parse_utc
from traitlets import Any as AnyTrait

from autograder.errors import SubmissionError
from autograder.grading._files import read_regular
from autograder.grading.course import Course, is_student
from autograder.grading.gradebook import Ledger
from autograder.grading.intake import Rejected, Submission, read_submission
from autograder.grading.pipeline import Graded
from autograder.grading.release import load_release

TIMESTAMP = "timestamp.txt"
LONGEST_TIMESTAMP = 200

Grade = Callable[[Submission], Graded]


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
        self._desks: dict[tuple[str, str, str], Desk] = {}
        self._graders: dict[str, Grade] = {}
        self._ledger: Ledger | None = None
        if isinstance(self.parent, Autograde):
            fence(self.parent)

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **kwargs: Any
    ) -> tuple[str, dict[str, Any]]:
        """The notebook at ``filename`` as nbgrader wants it. A submitted one is taken in, and its old scores back."""
        names = (resources or {}).get("nbgrader", {})
        course = course_of(self.parent.coursedir)
        path = Path(filename)
        if resources is None or not path.is_relative_to(course.submitted):
            return cast(tuple[str, dict[str, Any]], super().from_filename(filename, resources, **kwargs))
        student, assignment, notebook = names["student"], names["assignment"], names["notebook"]
        if self._ledger is None:
            self._ledger = Ledger(self.parent.coursedir.db_url)
        self._ledger.forget_registered()
        earlier = self._ledger.set_internal(student, assignment, notebook)
        try:
            desk = self._take_in(course, path, student, assignment, notebook, self._ledger)
            _keep_timestamp(course, path.parent, student, assignment)
            self._desks[student, assignment, notebook] = desk
            resources["metadata"] = {"name": notebook, "path": str(path.parent)}
            document = _restored(desk, course)
            return cast(tuple[str, dict[str, Any]], self.from_notebook_node(nbformat.from_dict(document), resources))
        except Exception:
            self.log.error("%s, %s: the automatic scores before were %s", student, assignment, dict(earlier))
            raise

    def desk(self, resources: Mapping[str, Any]) -> Desk:
        """What was laid out for the notebook that ``resources`` name. Raises RuntimeError if it did not come in here."""
        names = resources["nbgrader"]
        key = names["student"], names["assignment"], names["notebook"]
        if key not in self._desks:
            raise RuntimeError(f"{'/'.join(key)} was not taken in by {type(self).__name__}")
        return self._desks[key]

    def _take_in(
        self, course: Course, path: Path, student: str, assignment: str, notebook: str, ledger: Ledger
    ) -> Desk:
        release = load_release(course.release(assignment))
        taken = read_submission(path, release, student)
        return Desk(student, assignment, notebook, taken, self._grader(course, assignment), ledger)

    def _grader(self, course: Course, assignment: str) -> Grade:
        if assignment not in self._graders:
            self._graders[assignment] = _imported(self.grader)(course, assignment)
        return self._graders[assignment]


class NotebooksOnly(CourseDirectory):  # type: ignore[misc]
    """A course folder from which nothing but notebooks is copied, and timestamps only if they are plain short files."""

    def get_existing_timestamp(self, dest_path: str) -> datetime.datetime | None:
        """When the work in ``dest_path`` was handed in (UTC, naive), None if nothing credible says so."""
        text = _timestamp_in(Path(dest_path))
        if not text:
            return None
        try:
            return cast(datetime.datetime, parse_utc(text))
        except (ValueError, OverflowError):
            self.log.warning("%s does not hold a time; it is ignored", Path(dest_path) / TIMESTAMP)
            return None


def fence(converter: Autograde) -> None:
    """Let ``converter`` see only what intake may read: this runs after it listed folders, before it touches any."""
    stock = converter.coursedir
    traits = {name: copy.copy(getattr(stock, name)) for name in stock.trait_names(config=True)}
    converter.coursedir = NotebooksOnly(parent=stock.parent, **{**traits, "ignore": ["*", ".*"]})
    course = course_of(stock)
    found = dict(converter.assignments)
    converter.assignments = {}
    for assignment in sorted({Path(folder).name for folder in found}):
        expected = course.release(assignment).name
        if not fnmatch.fnmatchcase(Path(expected).stem, stock.notebook_id):
            continue
        for student, folder in course.submissions(assignment):
            if not fnmatch.fnmatchcase(student, stock.student_id):
                continue
            if not is_student(student):
                converter.log.error("%r is no student id: not graded", student)
                continue
            converter.assignments[str(folder)] = [str(folder / expected)]


def course_of(coursedir: CourseDirectory) -> Course:
    """The course that nbgrader's ``coursedir`` describes."""
    root = Path(coursedir.root)
    return dataclasses.replace(
        Course.at(root),
        solutions=root / coursedir.source_directory,
        assignments=root / coursedir.release_directory,
        submitted=root / coursedir.submitted_directory,
        course_id=coursedir.course_id,
    )


def _restored(desk: Desk, course: Course) -> dict[str, Any]:
    """The notebook to go on with: the student's, or the release where the student's can't be read."""
    if isinstance(desk.taken, Submission):
        return desk.taken.notebook
    return cast(dict[str, Any], json.loads(course.release(desk.assignment).read_text(encoding="utf-8")))


def _timestamp_in(folder: Path) -> str:
    try:
        data = read_regular(folder / TIMESTAMP, folder, LONGEST_TIMESTAMP)
    except SubmissionError:
        return ""
    return data.decode("ascii", "replace").strip()


def _keep_timestamp(course: Course, folder: Path, student: str, assignment: str) -> None:
    """Copy the timestamp beside the autograded notebook: nbgrader compares the two to see what was handed in anew."""
    text = _timestamp_in(folder)
    if text:
        target = course.autograded / student / assignment / TIMESTAMP
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        target.write_text(text + "\n", encoding="ascii", errors="replace")


def _imported(name: Any) -> Callable[[Course, str], Grade]:
    if not isinstance(name, str):
        return cast(Callable[[Course, str], Grade], name)
    module, _, attribute = name.rpartition(".")
    return cast(Callable[[Course, str], Grade], getattr(importlib.import_module(module), attribute))
