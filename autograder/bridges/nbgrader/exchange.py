"""nbgrader's exchange: what is collected is copied like a stranger's folder, and feedback finds its way back.

Students write into the exchange's inbound folder themselves, and nbgrader copies what lies there with links followed
and the instructor's rights: a link to the answers would be handed in as an answer. And it wants a submission's secret
beside the feedback page, where this course keeps nothing but the page; here it is read where it was collected.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from nbgrader.exchange import ExchangeError
from nbgrader.exchange.default import ExchangeCollect, ExchangeReleaseFeedback
from nbgrader.utils import notebook_hash

from autograder.bridges.nbgrader.exporter import course_of
from autograder.errors import SubmissionError
from autograder.grading._files import list_folder, read_regular, write_atomically
from autograder.grading.collect import read_secret, read_timestamp
from autograder.grading.course import Course
from autograder.grading.handed_in import SECRET, TIMESTAMP, stamp
from autograder.grading.notebook_json import FILE_BYTES
from autograder.grading.roster import is_student_id, told, told_all

MOST_NOTEBOOKS = 10
"""How many notebooks of one submission are taken, so that grading can say that they are too many."""

_Json = dict[str, Any]


class Collect(ExchangeCollect):  # type: ignore[misc]
    """`nbgrader collect`: notebooks, the time and the secret of a submission, each a regular file; nothing else."""

    src_records: list[_Json]

    def init_src(self) -> None:
        """Choose the submissions; a folder with a name that `nbgrader submit` would not make keeps no other out."""
        super().init_src()
        self.src_records = [one for one in self.src_records if is_student_id(one["username"])]

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
        names = [name for name in entries if name.lower().endswith(".ipynb") and not name.startswith(".")]
        for name in names[:MOST_NOTEBOOKS]:
            try:
                yield name, read_regular(source / name, source.parent, FILE_BYTES)
            except SubmissionError as error:
                self.log.warning("%s, %s: %s", told(source.name), told(name), error)
        if names[MOST_NOTEBOOKS:]:
            self.log.warning("%s: not taken: %s", told(source.name), told_all(names[MOST_NOTEBOOKS:]))


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
        if read_timestamp(submitted)[0] != read_timestamp(graded)[0]:
            self.log.warning("%s: not released. New work was collected since it was graded: grade it first", student)
            return False
        name = notebook_hash(secret=secret.decode(), notebook_id=page.stem)
        write_atomically(Path(self.dest_path) / f"{name}.html", page.read_bytes())
        self.log.info("%s: released", student)
        return True
