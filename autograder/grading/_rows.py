"""Statements on nbgrader's tables, all on one connection: what is registered, a submission's rows, marks.

What has an order is sorted here: a server sorts as its language does, and takes no text with a NUL.
"""

from __future__ import annotations

import datetime
import secrets
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from operator import attrgetter, itemgetter
from sys import intern
from typing import Any

import sqlalchemy as sa

from autograder.grading._statements import Statements
from autograder.grading.marks import Mark

GRADE, SOLUTION, TASK = "GradeCell", "SolutionCell", "TaskCell"
"""nbgrader's names for the kinds of cells; a written answer is registered as the first two."""


@dataclass(frozen=True)
class RegisteredCell:
    """One cell that the gradebook knows."""

    id: str
    name: str
    kind: str

    @property
    def graded(self) -> bool:
        """Whether submissions have a grade for it."""
        return self.kind in (GRADE, TASK)

    @property
    def commented(self) -> bool:
        """Whether submissions have a comment on it."""
        return self.kind in (SOLUTION, TASK)


@dataclass(frozen=True)
class RegisteredAssignment:
    """An assignment that the gradebook knows: ids of its notebooks by name, their cells, points by cell id."""

    id: str
    duedate: datetime.datetime | None
    notebooks: Mapping[str, str]
    cells: Mapping[str, tuple[RegisteredCell, ...]]
    points: Mapping[str, float]
    written: frozenset[str]
    """Grade ids that are answers themselves, so that a human grades them."""

    def automatic(self, cell: RegisteredCell) -> bool:
        """Whether the score of ``cell`` comes from a verdict."""
        return cell.kind == GRADE and cell.name not in self.written

    def of_verdicts(self, marks: Iterable[Mark]) -> tuple[Mark, ...]:
        """Those of ``marks`` whose automatic score is a verdict: that of an essay only says whether it waits."""
        return tuple(mark for mark in marks if mark.cell not in self.written)

    def answer(self, cell: RegisteredCell) -> bool:
        """Whether ``cell`` is the answer to an exercise that is graded automatically."""
        return cell.kind == SOLUTION and cell.name not in self.written


@dataclass(frozen=True)
class Rows:
    """nbgrader's tables on one connection; whoever opened it ends the transaction."""

    connection: sa.Connection
    statements: Statements

    def table(self, name: str) -> sa.Table:
        """A table by name."""
        return self.statements.table(name)

    def registered(self, assignment: str) -> RegisteredAssignment | None:
        """Everything registered of ``assignment``, None if the gradebook does not know it."""
        work, books, cells = self.table("assignment"), self.table("notebook"), self.table("base_cell")
        query = sa.select(work.c.id, work.c.duedate).where(work.c.name == assignment)
        row = self.connection.execute(query).one_or_none()
        if row is None:
            return None
        here = sa.select(books.c.name, books.c.id).where(books.c.assignment_id == row.id)
        notebooks = {name: key for name, key in self.connection.execute(here)}  # noqa: C416 - rows are no pairs
        found: dict[str, tuple[RegisteredCell, ...]] = {}
        for name, key in notebooks.items():
            inside = sa.select(cells.c.id, cells.c.name, cells.c.type).where(cells.c.notebook_id == key)
            found[name] = tuple(RegisteredCell(*cell) for cell in self.connection.execute(inside))
        points: dict[str, float] = {}
        for table in (self.table("grade_cells"), self.table("task_cells")):
            every_points = sa.select(table.c.id, table.c.max_score)
            points.update((key, most) for key, most in self.connection.execute(every_points))
        every = [cell for group in found.values() for cell in group]
        answers = {cell.name for cell in every if cell.kind == SOLUTION}
        written = frozenset(cell.name for cell in every if cell.kind == GRADE and cell.name in answers)
        return RegisteredAssignment(row.id, row.duedate, notebooks, found, points, written)

    def place(
        self,
        known: RegisteredAssignment,
        student: str,
        notebook: str,
        timestamp: datetime.datetime | None = None,
    ) -> str:
        """The id of the student's copy of ``notebook``; rows that nbgrader expects below it are made if missing."""
        handed = self.table("submitted_assignment")
        found = self._submission(known, student)
        if found is None:
            self._add_student(student)
            key = new_id()
            row = {"id": key, "assignment_id": known.id, "student_id": student, "timestamp": timestamp}
            self.connection.execute(sa.insert(handed).values(row))
        else:
            key = found.id
            if timestamp not in (None, found.timestamp):
                self.connection.execute(sa.update(handed).where(handed.c.id == key).values(timestamp=timestamp))
        return self.fill(known, key)[known.notebooks[notebook]]

    def _submission(self, known: RegisteredAssignment, student: str) -> Any:
        names = {"student": student, "assignment": known.id}
        return self.connection.execute(self.statements.submission, names).one_or_none()

    def _add_student(self, student: str) -> None:
        people = self.table("student")
        if self.connection.execute(sa.select(people.c.id).where(people.c.id == student)).first() is None:
            self.connection.execute(sa.insert(people).values(id=student))

    def fill(self, known: RegisteredAssignment, submission: str) -> dict[str, str]:
        """Make what is missing below a submission, empty as nbgrader does; its notebooks' ids by source notebook."""
        below = {"submission": submission, "books": list(known.notebooks.values())}
        found = self.connection.execute(self.statements.copies, below)
        copies: dict[str, str] = {source: key for source, key in found}  # noqa: C416 - rows are no pairs
        for name, source in known.notebooks.items():
            new = source not in copies
            if new:
                copies[source] = new_id()
                row = {"id": copies[source], "assignment_id": submission, "notebook_id": source, "flagged": False}
                self.connection.execute(sa.insert(self.table("submitted_notebook")).values(**row))
            cells, place = known.cells[name], copies[source]
            here = {"cells": [cell.id for cell in cells], "place": place}
            graded = set() if new else set(self.connection.scalars(self.statements.graded_cells, here))
            due = [cell.id for cell in cells if cell.graded and cell.id not in graded]
            self.statements.add_grades.run(self.connection, _empty(place, due))
            commented = set() if new else set(self.connection.scalars(self.statements.commented_cells, here))
            due = [cell.id for cell in cells if cell.commented and cell.id not in commented]
            self.statements.add_comments.run(self.connection, _empty(place, due))
        return copies

    def submission_ids(self, known: RegisteredAssignment) -> list[str]:
        """The ids of everybody's submission of an assignment."""
        handed = self.table("submitted_assignment")
        return list(self.connection.scalars(sa.select(handed.c.id).where(handed.c.assignment_id == known.id)))

    def set_grades(self, place: str, decided: Iterable[tuple[RegisteredCell, float | None, bool]]) -> None:
        """Automatic scores, and whether a human must look."""
        rows = [{"place": place, "cell": cell.id, "auto": auto, "ask": human} for cell, auto, human in decided]
        self.statements.set_grades.run(self.connection, rows)

    def set_asked(self, place: str, decided: Iterable[tuple[RegisteredCell, bool]]) -> None:
        """Whether a human must look, and nothing else."""
        rows = [{"place": place, "cell": cell.id, "ask": human} for cell, human in decided]
        self.statements.set_asked.run(self.connection, rows)

    def set_bonuses(self, place: str, changed: Iterable[tuple[RegisteredCell, Mark]]) -> None:
        """Extra credit as the marks have it, and which of it is the grader's."""
        pairs = list(changed)
        if not pairs:
            return
        rows = [{"place": place, "cell": cell.id, "credit": mark.extra} for cell, mark in pairs]
        self.connection.execute(self.statements.set_extra, rows)
        self.connection.execute(self.statements.drop_bonus, [{"place": place, "cell": cell.id} for cell, _ in pairs])
        given = [
            {"place": place, "cell": cell.id, "bonus": mark.bonus, "ours": mark.ours}
            for cell, mark in pairs
            if mark.bonus
        ]
        if given:
            self.connection.execute(self.statements.add_bonus, given)

    def set_comments(self, place: str, said: Iterable[tuple[RegisteredCell, str | None]]) -> None:
        """Automatic comments."""
        rows = [{"place": place, "cell": cell.id, "text": text and text.replace("\0", "\ufffd")} for cell, text in said]
        self.statements.set_comments.run(self.connection, rows)

    def set_penalty(self, place: str, penalty: float | None) -> None:
        """The late penalty, None for none."""
        self.connection.execute(self.statements.set_penalty, {"place": place, "penalty": penalty})

    def penalty(self, place: str) -> float | None:
        """The late penalty that is there."""
        found: float | None = self.connection.execute(self.statements.penalty, {"place": place}).scalar_one_or_none()
        return found

    def seconds_late(self, known: RegisteredAssignment, student: str) -> float:
        """How long after the due date and the student's extension it was handed in, 0 if it was not."""
        if known.duedate is None:
            return 0.0
        found = self._submission(known, student)
        if found.timestamp is None:
            return 0.0
        late: datetime.timedelta = found.timestamp - known.duedate - (found.extension or datetime.timedelta())
        return max(0.0, late.total_seconds())

    def marks(self, place: str, cells: Iterable[RegisteredCell]) -> tuple[Mark, ...]:
        """The grades of ``cells`` at ``place``, by name."""
        here = {"cells": [cell.id for cell in cells if cell.graded], "place": place}
        found = self.connection.execute(self.statements.marks, here)
        return tuple(sorted((_mark(*fields) for _, *fields in found), key=attrgetter("cell")))

    def marks_by_place(self, assignment: str) -> dict[str, list[Mark]]:
        """Every grade of ``assignment``, by the id of the student's copy of the notebook."""
        found: dict[str, list[Mark]] = {}
        here = {"assignment": assignment}
        for place, name, *fields in self.connection.execute(self.statements.marks_of_assignment, here):
            found.setdefault(place, []).append(_mark(intern(name), *fields))
        for marks in found.values():
            marks.sort(key=attrgetter("cell"))
        return found

    def undecided(self, known: RegisteredAssignment) -> set[str]:
        """The copies of notebooks in which a score is missing that no human gives."""
        cells = (cell for group in known.cells.values() for cell in group)
        here = {"cells": [cell.id for cell in cells if cell.graded and cell.name not in known.written]}
        return set(self.connection.scalars(self.statements.undecided, here))

    def submissions(self, assignment: str) -> list[Any]:
        """(student, timestamp, id of a copy of a notebook, penalty, id of the notebook) of ``assignment``, by student.

        As many for each student as the assignment has notebooks.
        """
        found = self.connection.execute(self.statements.submissions, {"assignment": assignment})
        return sorted(found, key=itemgetter(0))


MOST = 1e9
"""Points: what is above, or no number, nobody gave on purpose, and no sum, page or export can hold it."""


def _mark(cell: str, points: float, *rest: Any) -> Mark:
    """A grade as the gradebook has it; of a score by hand that is no usable number only that a person must look."""
    mark = Mark(cell, points, *rest)
    manual, extra = (given if _usable(given) else None for given in (mark.manual, mark.extra))
    if (manual, extra) == (mark.manual, mark.extra):
        return mark
    return replace(mark, manual=manual, extra=extra, needs_human=True)


def _usable(given: Any) -> bool:
    return isinstance(given, (int, float)) and abs(given) <= MOST  # SQLite keeps text in a column of numbers, too


def _empty(place: str, cells: Iterable[str]) -> list[dict[str, str]]:
    """Rows below a copy of a notebook, with keys."""
    return [{"id": new_id(), "cell_id": cell, "notebook_id": place} for cell in cells]


def new_id() -> str:
    """A key like nbgrader's, 32 hexadecimal digits; those made later sort later.

    Random keys lie all over their index: recording a submission then rewrites a page of it for every row, and takes
    the longer the larger the class.
    """
    return f"{time.time_ns() // 1_000:014x}{secrets.token_hex(9)}"
