"""nbgrader's exchange in a folder of the test's own, with the small course on one side and students on the other.

hall(course, folder)          an exchange
it.release(), it.collect(), it.release_feedback()        the instructor's, configured as the course is
it.fetch("ada"), it.submit("ada"), it.fetch_feedback("ada")    a student's, with nothing configured but names
it.desk("ada")                the student's folder of the assignment
it.inbound                    where submissions lie
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from nbgrader.auth import Authenticator
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeFactory
from traitlets.config import Config

from autograder.grading.course import Course
from tests.bridges.small_course import ASSIGNMENT, stock_config
from tests.grading.notebooks import Json, write


@dataclass(frozen=True)
class Hall:
    """One exchange."""

    course: Course
    root: Path
    homes: Path

    @property
    def inbound(self) -> Path:
        """Where submissions lie until they are collected."""
        return self.root / self.course.id / "inbound"

    def desk(self, student: str) -> Path:
        """The assignment as ``student`` has it."""
        return self.homes / student / ASSIGNMENT

    def release(self) -> None:
        """`nbgrader release_assignment`."""
        self._instructor("ReleaseAssignment")

    def collect(self, *, update: bool = False, check_owner: bool = False) -> None:
        """`nbgrader collect`, with ``--update``."""
        self._instructor("Collect", update=update, check_owner=check_owner)

    def release_feedback(self) -> None:
        """`nbgrader release_feedback`."""
        self._instructor("ReleaseFeedback")

    def fetch(self, student: str) -> None:
        """`nbgrader fetch_assignment`."""
        self._student("FetchAssignment", student)

    def submit(self, student: str, made: Json | None = None, name: str = "rules") -> None:
        """`nbgrader submit`, after saving the notebook ``made``."""
        if made is not None:
            write(self.desk(student) / f"{name}.ipynb", made)
        self._student("Submit", student)

    def fetch_feedback(self, student: str) -> list[str]:
        """`nbgrader fetch_feedback`, and the pages that are there."""
        self._student("FetchFeedback", student)
        return [page.read_text() for page in sorted(self.desk(student).glob("feedback/*/*.html"))]

    def _instructor(self, what: str, **more: bool) -> None:
        coursedir, config = stock_config(self.course)
        config.Exchange.root = str(self.root)
        coursedir.student_id = "*"
        self._start(what, coursedir, config, **more)

    def _student(self, what: str, student: str) -> None:
        config = Config()
        config.CourseDirectory.course_id = self.course.id
        config.CourseDirectory.student_id = student
        config.Exchange.root = str(self.root)
        config.Exchange.cache = str(self.homes / student / ".cache")
        config.Exchange.assignment_dir = str(self.homes / student)
        (self.homes / student).mkdir(parents=True, exist_ok=True)
        coursedir = CourseDirectory(root=str(self.homes / student), config=config)
        coursedir.assignment_id = ASSIGNMENT
        self._start(what, coursedir, config)

    @staticmethod
    def _start(what: str, coursedir: CourseDirectory, config: Config, **more: bool) -> None:
        factory = ExchangeFactory(config=config)
        made = getattr(factory, what)(
            coursedir=coursedir, authenticator=Authenticator(config=config), config=config, **more
        )
        made.log = logging.getLogger("exchange")
        made.start()


def hall(course: Course, folder: Path) -> Hall:
    """An exchange in ``folder``, and homes for students."""
    (folder / "exchange").mkdir()
    (folder / "exchange").chmod(0o777)
    return Hall(course, folder / "exchange", folder / "homes")
