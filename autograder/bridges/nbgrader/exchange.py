"""nbgrader's exchange: what is collected is copied like a stranger's folder, and feedback finds its way back.

Students write into the exchange's inbound folder themselves, and nbgrader copies what lies there with links followed
and the instructor's rights: a link to the answers would be handed in as an answer. And it wants a submission's secret
beside the feedback page, where this course keeps nothing but the page; here it is read where it was collected.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

from nbgrader.api import Gradebook
from nbgrader.exchange import ExchangeError
from nbgrader.exchange.default import ExchangeCollect, ExchangeReleaseAssignment, ExchangeReleaseFeedback
from nbgrader.utils import notebook_hash

from autograder.bridges.nbgrader.exporter import course_of
from autograder.bridges.nbgrader.release import complete
from autograder.errors import AutograderError, SubmissionError
from autograder.grading._files import list_folder, read_regular, write_atomically
from autograder.grading.collect import read_secret, read_timestamp
from autograder.grading.course import Course
from autograder.grading.earlier import keep_what_is_there
from autograder.grading.file_names import is_notebook_name
from autograder.grading.handed_in import SECRET, TIMESTAMP, stamp
from autograder.grading.notebook_json import FILE_BYTES
from autograder.grading.release import Release, load_assignment
from autograder.grading.roster import is_student_id, told, told_all
from autograder.grading.which import NotHandedInError, find_notebook, is_untouched, notebook_of, read_plain

MOST_NOTEBOOKS = 10
"""How many notebooks of one submission are taken, so that grading can say that they are too many."""

_Json = dict[str, Any]


class ReleaseAssignment(ExchangeReleaseAssignment):  # type: ignore[misc]
    """`nbgrader release_assignment`: also what is beside the notebook and not in git, kit.zip above all."""

    def init_src(self) -> None:
        """Make what is missing beside the released notebook."""
        super().init_src()
        try:
            complete(course_of(self.coursedir), self.coursedir.assignment_id)
        except AutograderError as error:
            self.fail(f"{self.coursedir.assignment_id}: what students need beside the notebook can't be made. {error}")


class Collect(ExchangeCollect):  # type: ignore[misc]
    """`nbgrader collect`: notebooks, the time and the secret of a submission, each a regular file; nothing else."""

    src_records: list[_Json]

    def init_src(self) -> None:
        """Choose the submissions, by nbgrader's rule but for those that hold the handout alone.

        A folder with a name that `nbgrader submit` would not make keeps no other out. What says that it is one
        student's and belongs to another is nobody's.
        """
        super().init_src()
        self._everything = self._all_records()
        chosen = [self._with_work(one) for one in self.src_records if is_student_id(one["username"])]
        self.src_records = [one for one in chosen if not self._contradiction(one)]

    def copy_files(self) -> None:
        """Collect; what is about to be replaced in ``submitted/`` is kept in ``submitted/.earlier/``."""
        course, assignment = course_of(self.coursedir), self.coursedir.assignment_id
        for one in self.src_records if self._releases() else ():
            there = course.submitted / one["username"] / assignment
            time = self.coursedir.get_existing_timestamp(str(there)) if there.is_dir() else None
            newer = self.update and (time is None or one["timestamp"] > time)
            if there.is_dir() and (newer or (self.before_duedate and time != one["timestamp"])):
                for name in _notebook_names(there, course.submitted):
                    keep_what_is_there(course.submitted, one["username"], assignment, name, time)
        super().copy_files()

    def _registered(self) -> frozenset[str]:
        """The students whom the gradebook or ``submitted/`` knows."""
        course = course_of(self.coursedir)
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
            known = {student.id for student in gradebook.students}
        try:
            return frozenset(known | set(list_folder(course.submitted, course.submitted, limit=None)))
        except (OSError, SubmissionError):
            return frozenset(known)

    def _all_records(self) -> dict[str, list[_Json]]:
        """Every submission of the assignment that lies in the inbound folder, by student, the newest first."""
        found: dict[str, list[_Json]] = {}
        pattern = f"*+{self.coursedir.assignment_id}+*"
        for path in sorted(Path(self.inbound_path).glob(pattern)):
            one = self._path_to_record(str(path))
            found.setdefault(one["username"], []).append(one)
        return {name: sorted(ones, key=lambda one: one["timestamp"], reverse=True) for name, ones in found.items()}

    def _with_work(self, record: _Json) -> _Json:
        """The submission itself or, where it holds the handout alone, the newest before it with work in it."""
        releases = self._releases()
        if not self._is_blank(record, releases):
            return record
        for other in self._everything.get(record["username"], ()):
            if other["timestamp"] < record["timestamp"] and not self._is_blank(other, releases):
                self.log.warning("%s: the last submission is as it was handed out; the one of %s has work in it and "
                                 "counts", record["username"], other["timestamp"])  # fmt: skip
                return other
        return record

    def _is_blank(self, record: _Json, releases: Sequence[Release]) -> bool:
        """Whether every notebook of the assignment that is there is as it was handed out, and there is one."""
        folder = Path(self.inbound_path) / record["filename"]
        blank = False
        for release in releases:
            try:
                path, _ = find_notebook(folder, folder.parent, release, releases)
                plain, _, _ = read_plain(read_regular(path, folder.parent, FILE_BYTES), release, releases)
            except NotHandedInError:
                continue
            except SubmissionError:
                return False
            if not is_untouched(plain, release):
                return False
            blank = True
        return blank

    def _releases(self) -> tuple[Release, ...]:
        """The notebooks of the assignment; none where it was not released."""
        try:
            return load_assignment(course_of(self.coursedir), self.coursedir.assignment_id)
        except (AutograderError, LookupError):
            return ()

    def _contradiction(self, record: _Json) -> bool:
        """Whether the name says one student and the owner of the folder is another, or two names are one folder."""
        name = record["username"]
        others = [other for other in self._everything if other != name and is_student_id(other)]
        same = [other for other in others if other.casefold() == name.casefold()]
        if same:
            self.log.warning("%s and %s differ in small and capital letters only: neither is collected. Rename the "
                             "folders of one of them", name, same[0])  # fmt: skip
            return True
        owner = _owner(Path(self.inbound_path) / record["filename"]) if self.check_owner else ""
        if owner and owner != name and (owner in others or owner in self._registered()):
            self.log.warning("%s: the name is %s's, the folder belongs to %s: not collected. Ask both; without "
                             "ExchangeCollect.check_owner it is", told(record["filename"]), name, owner)  # fmt: skip
            return True
        return False

    def _path_to_record(self, path: str) -> _Json:
        try:
            found = cast(_Json, super()._path_to_record(path))
        except (ExchangeError, ValueError, OverflowError):
            found = {"username": "", "filename": Path(path).name, "timestamp": datetime.datetime.min}
        if not is_student_id(found["username"]):
            self.log.warning("%s in the inbound folder names no student and time: not collected", told(Path(path).name))
        return found

    def do_copy(self, src: str, dest: str, log: Any = None) -> None:
        """Copy the submission ``src`` of the inbound folder to ``dest``, which is not there yet.

        The time is that of the folder's name, by which nbgrader chose it. What is not taken is told in the log; a
        submission of which nothing is left is a folder without a notebook, and graded as such.
        """
        source, target = Path(src), Path(dest)
        files = dict(self._notebooks(source))
        files[TIMESTAMP] = stamp(self._path_to_record(src)["timestamp"])
        secret = read_secret(source)
        if secret is not None:
            files[SECRET] = secret
        target.mkdir(parents=True)
        for name, data in files.items():
            write_atomically(target / name, data, 0o664 if self.coursedir.groupshared else 0o644)
        if self.coursedir.groupshared:
            target.chmod(0o2775)

    def _notebooks(self, source: Path) -> Iterator[tuple[str, bytes]]:
        """The notebooks of a submission, by name; links and what else is no file are told."""
        try:
            entries = list_folder(source, source.parent)
        except SubmissionError as error:
            self.log.warning("%s: %s", told(source.name), error)
            return
        names = [name for name in entries if is_notebook_name(name) and not name.startswith(".")]
        if not names:  # it may lie deeper, or in an archive: what was found is taken under the right name
            yield from self._elsewhere(source)
        for name in names[:MOST_NOTEBOOKS]:
            try:
                yield name, read_regular(source / name, source.parent, FILE_BYTES)
            except SubmissionError as error:
                self.log.warning("%s, %s: %s", told(source.name), told(name), error)
        if names[MOST_NOTEBOOKS:]:
            self.log.warning("%s: not taken: %s", told(source.name), told_all(names[MOST_NOTEBOOKS:]))

    def _elsewhere(self, source: Path) -> Iterator[tuple[str, bytes]]:
        """The notebooks where there is none at the top of a submission."""
        releases = self._releases()
        for release in releases:
            try:
                path, notes = find_notebook(source, source.parent, release, releases)
                data, more = notebook_of(read_regular(path, source.parent, FILE_BYTES), release, releases)
            except SubmissionError:
                continue
            for note in (*notes, *more):
                self.log.warning("%s: %s", told(source.name), note)
            yield release.filename, data


def _owner(path: Path) -> str:
    """The login name of whom a folder belongs to; nothing where that is not known."""
    try:
        return path.owner()
    except (OSError, KeyError, NotImplementedError):
        return ""


def _notebook_names(folder: Path, within: Path) -> list[str]:
    try:
        return [name for name in list_folder(folder, within) if name.lower().endswith(".ipynb")]
    except SubmissionError:
        return []


class ReleaseFeedback(ExchangeReleaseFeedback):  # type: ignore[misc]
    """`nbgrader release_feedback`: the pages in ``feedback/``, each where only its student finds it.

    A page goes out only if it is about what was collected last: else the student would take it for an answer to work
    that nobody has graded.
    """

    def copy_files(self) -> None:
        """Release every page of the assignment, but for the students that nbgrader was told to leave out."""
        course = course_of(self.coursedir)
        excluded = set(self.coursedir.student_id_exclude.split(","))
        released = 0
        for page in self._pages(course):
            student = page.parents[1].name
            if student not in excluded:
                released += self._release(course, student, page)
        self.log.info("Released %d feedback page%s to %s", released, "" if released == 1 else "s", self.dest_path)

    def _pages(self, course: Course) -> Iterator[Path]:
        """The pages of the assignment of the students asked for, in order."""
        students = self.coursedir.student_id or "*"
        assignment = self.coursedir.assignment_id
        yield from sorted(course.feedback.glob(f"{students}/{assignment}/*.html"))

    def _release(self, course: Course, student: str, page: Path) -> bool:
        submitted, graded = (
            place / student / self.coursedir.assignment_id for place in (course.submitted, course.autograded)
        )
        secret = read_secret(submitted, course.submitted)
        if secret is None:
            self.log.warning("%s: not released. The work was not collected from the exchange", student)
            return False
        if read_timestamp(submitted, zone=course.zone)[0] != read_timestamp(graded)[0]:
            self.log.warning("%s: not released. New work was collected since it was graded: grade it first", student)
            return False
        name = notebook_hash(secret=secret.decode(), notebook_id=page.stem)
        write_atomically(Path(self.dest_path) / f"{name}.html", page.read_bytes())
        self.log.info("%s: released", student)
        return True
