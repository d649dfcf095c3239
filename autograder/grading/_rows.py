"""Statements on nbgrader's tables, all on one connection: what is registered, a submission's rows, marks."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

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

    def answer(self, cell: RegisteredCell) -> bool:
        """Whether ``cell`` is the answer to an exercise that is graded automatically."""
        return cell.kind == SOLUTION and cell.name not in self.written


@dataclass(frozen=True)
class Rows:
    """nbgrader's tables on one connection; whoever opened it ends the transaction."""

    connection: sa.Connection
    tables: sa.MetaData

    def table(self, name: str) -> sa.Table:
        """A table by name."""
        return self.tables.tables[name]

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
        people, handed = self.table("student"), self.table("submitted_assignment")
        if self.connection.execute(sa.select(people.c.id).where(people.c.id == student)).first() is None:
            self.connection.execute(sa.insert(people).values(id=student))
        mine = sa.and_(handed.c.student_id == student, handed.c.assignment_id == known.id)
        submission = self.connection.execute(sa.select(handed.c.id).where(mine)).scalar_one_or_none()
        if submission is None:
            submission = new_id()
            row = {"id": submission, "assignment_id": known.id, "student_id": student, "timestamp": timestamp}
            self.connection.execute(sa.insert(handed).values(row))
        elif timestamp is not None:
            self.connection.execute(sa.update(handed).where(mine).values(timestamp=timestamp))
        return self.fill(known, submission)[known.notebooks[notebook]]

    def fill(self, known: RegisteredAssignment, submission: str) -> dict[str, str]:
        """Make what is missing below a submission, empty as nbgrader does; its notebooks' ids by source notebook."""
        books, grade, remark = self.table("submitted_notebook"), self.table("grade"), self.table("comment")
        query = sa.select(books.c.notebook_id, books.c.id).where(books.c.assignment_id == submission)
        copies: dict[str, str] = {source: key for source, key in self.connection.execute(query)}  # noqa: C416
        for name, source in known.notebooks.items():
            if source not in copies:
                copies[source] = new_id()
                row = {"id": copies[source], "assignment_id": submission, "notebook_id": source, "flagged": False}
                self.connection.execute(sa.insert(books).values(**row))
            cells = known.cells[name]
            empty = {"needs_manual_grade": True}
            self._add_missing(grade, copies[source], [cell.id for cell in cells if cell.graded], empty)
            self._add_missing(remark, copies[source], [cell.id for cell in cells if cell.commented], {})
        return copies

    def submission_ids(self, known: RegisteredAssignment) -> list[str]:
        """The ids of everybody's submission of an assignment."""
        handed = self.table("submitted_assignment")
        return list(self.connection.scalars(sa.select(handed.c.id).where(handed.c.assignment_id == known.id)))

    def _add_missing(self, table: sa.Table, place: str, cells: list[str], more: Mapping[str, object]) -> None:
        there = set(self.connection.scalars(sa.select(table.c.cell_id).where(table.c.notebook_id == place)))
        rows = [{"id": new_id(), "cell_id": key, "notebook_id": place, **more} for key in cells if key not in there]
        if rows:
            self.connection.execute(sa.insert(table), rows)

    def set_grades(self, place: str, decided: Iterable[tuple[RegisteredCell, float | None, bool]]) -> None:
        """Automatic scores, and whether a human must look: always where one has already given a score."""
        grade = self.table("grade")
        ask = sa.case((grade.c.manual_score.is_not(None), sa.true()), else_=sa.bindparam("ask"))
        statement = (
            sa.update(grade)
            .where(grade.c.cell_id == sa.bindparam("cell"), grade.c.notebook_id == place)
            .values(auto_score=sa.bindparam("auto"), needs_manual_grade=ask)
        )
        rows = [{"cell": cell.id, "auto": auto, "ask": human} for cell, auto, human in decided]
        if rows:
            self.connection.execute(statement, rows)

    def set_comments(self, place: str, said: Iterable[tuple[RegisteredCell, str | None]]) -> None:
        """Automatic comments."""
        remark = self.table("comment")
        statement = (
            sa.update(remark)
            .where(remark.c.cell_id == sa.bindparam("cell"), remark.c.notebook_id == place)
            .values(auto_comment=sa.bindparam("text"))
        )
        rows = [{"cell": cell.id, "text": text} for cell, text in said]
        if rows:
            self.connection.execute(statement, rows)

    def set_penalty(self, place: str, penalty: float | None) -> None:
        """The late penalty, None for none."""
        books = self.table("submitted_notebook")
        self.connection.execute(sa.update(books).where(books.c.id == place).values(late_submission_penalty=penalty))

    def seconds_late(self, known: RegisteredAssignment, student: str) -> float:
        """How long after the due date and the student's extension it was handed in, 0 if it was not."""
        handed = self.table("submitted_assignment")
        mine = sa.and_(handed.c.student_id == student, handed.c.assignment_id == known.id)
        extension = sa.type_coerce(handed.c.extension, sa.Interval)  # SQLite keeps it as a date
        row = self.connection.execute(sa.select(handed.c.timestamp, extension.label("extension")).where(mine)).one()
        if known.duedate is None or row.timestamp is None:
            return 0.0
        late: datetime.timedelta = row.timestamp - known.duedate - (row.extension or datetime.timedelta())
        return max(0.0, late.total_seconds())

    def marks(self, place: str) -> tuple[Mark, ...]:
        """Every grade at ``place``, by name."""
        return tuple(mark for _, mark in self._marks(self.table("grade").c.notebook_id == place))

    def marks_by_place(self, assignment: str) -> dict[str, list[Mark]]:
        """Every grade of ``assignment``, by the id of the student's copy of the notebook."""
        books, source, work = self.table("submitted_notebook"), self.table("notebook"), self.table("assignment")
        of_assignment = (
            sa.select(books.c.id)
            .join(source, source.c.id == books.c.notebook_id)
            .join(work, work.c.id == source.c.assignment_id)
            .where(work.c.name == assignment)
        )
        found: dict[str, list[Mark]] = {}
        for place, mark in self._marks(self.table("grade").c.notebook_id.in_(of_assignment)):
            found.setdefault(place, []).append(mark)
        return found

    def _marks(self, where: sa.ColumnElement[bool]) -> Iterable[tuple[str, Mark]]:
        grade, cell = self.table("grade"), self.table("base_cell")
        graded, task = self.table("grade_cells"), self.table("task_cells")
        points = sa.func.coalesce(graded.c.max_score, task.c.max_score, 0.0)
        query = (
            sa.select(
                grade.c.notebook_id, cell.c.name, points, grade.c.auto_score, grade.c.manual_score,
                grade.c.extra_credit, grade.c.needs_manual_grade,
            )
            .join(cell, cell.c.id == grade.c.cell_id)
            .outerjoin(graded, graded.c.id == cell.c.id)
            .outerjoin(task, task.c.id == cell.c.id)
            .where(where)
            .order_by(cell.c.name)
        )  # fmt: skip
        for place, *fields in self.connection.execute(query):
            yield place, Mark(*fields)

    def submissions(self, assignment: str) -> list[Any]:
        """(student, timestamp, id of the copy of the notebook, penalty) of all of ``assignment``, by student."""
        handed, books = self.table("submitted_assignment"), self.table("submitted_notebook")
        work = self.table("assignment")
        query = (
            sa.select(handed.c.student_id, handed.c.timestamp, books.c.id, books.c.late_submission_penalty)
            .join(books, books.c.assignment_id == handed.c.id)
            .join(work, work.c.id == handed.c.assignment_id)
            .where(work.c.name == assignment)
            .order_by(handed.c.student_id)
        )
        return list(self.connection.execute(query))


def new_id() -> str:
    """A key as nbgrader makes them."""
    return uuid.uuid4().hex
