"""The statements of a recording, built once per gradebook: building them costs more than running them.

nbgrader has no index by submission alone, only by cell and submission: so these name the ``cells`` of a notebook
besides the student's copy of it (``place``), and take no longer in a large class than in a small one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sqlalchemy as sa


@dataclass
class Bulk:
    """A statement for many rows, compiled once: to bind them SQLAlchemy's way costs five times what SQLite does.

    What is bound goes to the driver as it is, so no column may need more than that (a date would).
    """

    statement: sa.Executable
    _compiled: Any = None

    def run(self, connection: sa.Connection, rows: Sequence[Mapping[str, object]]) -> None:
        """Run it with each of ``rows``, in which the parameters are named."""
        if not rows:
            return
        if self._compiled is None:
            self._compiled = self.statement.compile(dialect=connection.dialect)  # type: ignore[attr-defined]
        if not self._compiled.positional:
            connection.exec_driver_sql(str(self._compiled), [dict(row) for row in rows])
            return
        names = self._compiled.positiontup
        connection.exec_driver_sql(str(self._compiled), [tuple([row[name] for name in names]) for row in rows])


class Statements:
    """Statements on nbgrader's tables, with parameters by name."""

    def __init__(self, tables: sa.MetaData) -> None:
        self.tables = tables

    def table(self, name: str) -> sa.Table:
        """A table by name."""
        return self.tables.tables[name]

    @cached_property
    def submission(self) -> sa.Select[Any]:
        """(id, timestamp, extension) of what ``student`` handed in for ``assignment`` (an id)."""
        handed = self.table("submitted_assignment")
        extension = sa.type_coerce(handed.c.extension, sa.Interval).label("extension")  # SQLite keeps it as a date
        mine = handed.c.student_id == sa.bindparam("student"), handed.c.assignment_id == sa.bindparam("assignment")
        return sa.select(handed.c.id, handed.c.timestamp, extension).where(*mine)

    @cached_property
    def copies(self) -> sa.Select[Any]:
        """(source notebook, copy) of each of ``books`` (source notebooks) below ``submission``."""
        books = self.table("submitted_notebook")
        at = _one_of(books.c.notebook_id, "books"), books.c.assignment_id == sa.bindparam("submission")
        return sa.select(books.c.notebook_id, books.c.id).where(*at)

    @cached_property
    def graded_cells(self) -> sa.Select[Any]:
        """Which of ``cells`` have a grade at ``place``."""
        return self._cells("grade")

    @cached_property
    def commented_cells(self) -> sa.Select[Any]:
        """Which of ``cells`` have a comment at ``place``."""
        return self._cells("comment")

    def _cells(self, name: str) -> sa.Select[Any]:
        table = self.table(name)
        return sa.select(table.c.cell_id).where(self._at_place(table))

    @staticmethod
    def _at_place(table: sa.Table) -> sa.ColumnElement[bool]:
        return sa.and_(_one_of(table.c.cell_id, "cells"), table.c.notebook_id == sa.bindparam("place"))

    @cached_property
    def every_mark(self) -> sa.Select[Any]:
        """(place, name, points, automatic, manual, extra, needs a human, bonus, ours) of every grade."""
        grade, cell = self.table("grade"), self.table("base_cell")
        graded, task, given = self.table("grade_cells"), self.table("task_cells"), self.table("autograder_bonus")
        points = sa.func.coalesce(graded.c.max_score, task.c.max_score, 0.0)
        columns = grade.c.auto_score, grade.c.manual_score, grade.c.extra_credit, grade.c.needs_manual_grade
        bonus = sa.func.coalesce(given.c.bonus, 0.0), sa.func.coalesce(given.c.ours, sa.false())
        return (
            sa.select(grade.c.notebook_id, cell.c.name, points, *columns, *bonus)
            .join(cell, cell.c.id == grade.c.cell_id)
            .outerjoin(graded, graded.c.id == cell.c.id)
            .outerjoin(task, task.c.id == cell.c.id)
            .outerjoin(given, sa.and_(given.c.place == grade.c.notebook_id, given.c.cell == grade.c.cell_id))
        )

    @cached_property
    def marks(self) -> sa.Select[Any]:
        """The same of ``cells`` at ``place``."""
        return self.every_mark.where(self._at_place(self.table("grade")))

    @cached_property
    def marks_of_assignment(self) -> sa.Select[Any]:
        """The same of everything handed in for ``assignment`` (a name)."""
        books, source, work = self.table("submitted_notebook"), self.table("notebook"), self.table("assignment")
        places = (
            sa.select(books.c.id)
            .join(source, source.c.id == books.c.notebook_id)
            .join(work, work.c.id == source.c.assignment_id)
            .where(work.c.name == sa.bindparam("assignment"))
        )
        return self.every_mark.where(self.table("grade").c.notebook_id.in_(places))

    @cached_property
    def undecided(self) -> sa.Select[Any]:
        """The places where one of ``cells`` has no automatic score."""
        grade = self.table("grade")
        at = _one_of(grade.c.cell_id, "cells"), grade.c.auto_score.is_(None)
        return sa.select(grade.c.notebook_id).where(*at).distinct()

    @cached_property
    def submissions(self) -> sa.Select[Any]:
        """(student, timestamp, place, penalty, source notebook) of what was handed in for ``assignment`` (a name)."""
        handed, books = self.table("submitted_assignment"), self.table("submitted_notebook")
        work = self.table("assignment")
        columns = handed.c.student_id, handed.c.timestamp, books.c.id, books.c.late_submission_penalty
        return (
            sa.select(*columns, books.c.notebook_id)
            .join(books, books.c.assignment_id == handed.c.id)
            .join(work, work.c.id == handed.c.assignment_id)
            .where(work.c.name == sa.bindparam("assignment"))
        )

    @cached_property
    def add_grades(self) -> Bulk:
        """Grades of ``cell_id`` at ``notebook_id`` with the key ``id``, empty as nbgrader makes them."""
        return self._add("grade", needs_manual_grade=sa.true())

    @cached_property
    def add_comments(self) -> Bulk:
        """Comments on ``cell_id`` at ``notebook_id`` with the key ``id``, empty as nbgrader makes them."""
        return self._add("comment")

    def _add(self, name: str, **more: Any) -> Bulk:
        keys: dict[str, Any] = {key: sa.bindparam(key) for key in ("id", "cell_id", "notebook_id")}
        return Bulk(sa.insert(self.table(name)).values(**keys, **more))

    @cached_property
    def set_grades(self) -> Bulk:
        """``auto`` for ``cell`` at ``place``, and whether a human is asked: ``ask``."""
        grade = self.table("grade")
        at = grade.c.cell_id == sa.bindparam("cell"), grade.c.notebook_id == sa.bindparam("place")
        ask: sa.BindParameter[bool] = sa.bindparam("ask")
        return Bulk(sa.update(grade).where(*at).values(auto_score=sa.bindparam("auto"), needs_manual_grade=ask))

    @cached_property
    def set_asked(self) -> Bulk:
        """Whether a human is asked for ``cell`` at ``place``: ``ask``."""
        grade = self.table("grade")
        at = grade.c.cell_id == sa.bindparam("cell"), grade.c.notebook_id == sa.bindparam("place")
        return Bulk(sa.update(grade).where(*at).values(needs_manual_grade=sa.bindparam("ask")))

    @cached_property
    def set_extra(self) -> sa.Update:
        """``credit`` for ``cell`` at ``place``."""
        grade = self.table("grade")
        at = grade.c.cell_id == sa.bindparam("cell"), grade.c.notebook_id == sa.bindparam("place")
        return sa.update(grade).where(*at).values(extra_credit=sa.bindparam("credit"))

    @cached_property
    def drop_bonus(self) -> sa.Delete:
        """Of ``cell`` at ``place``."""
        given = self.table("autograder_bonus")
        return sa.delete(given).where(given.c.cell == sa.bindparam("cell"), given.c.place == sa.bindparam("place"))

    @cached_property
    def add_bonus(self) -> sa.Insert:
        """With a value for each column."""
        return sa.insert(self.table("autograder_bonus"))

    @cached_property
    def set_comments(self) -> Bulk:
        """``text`` for ``cell`` at ``place``."""
        remark = self.table("comment")
        at = remark.c.cell_id == sa.bindparam("cell"), remark.c.notebook_id == sa.bindparam("place")
        return Bulk(sa.update(remark).where(*at).values(auto_comment=sa.bindparam("text")))

    @cached_property
    def penalty(self) -> sa.Select[Any]:
        """The penalty at ``place``."""
        books = self.table("submitted_notebook")
        return sa.select(books.c.late_submission_penalty).where(books.c.id == sa.bindparam("place"))

    @cached_property
    def set_penalty(self) -> sa.Update:
        """``penalty`` at ``place``."""
        books = self.table("submitted_notebook")
        at = books.c.id == sa.bindparam("place")
        return sa.update(books).where(at).values(late_submission_penalty=sa.bindparam("penalty"))

    @cached_property
    def completion(self) -> sa.Select[Any]:
        """(scores that were taken back, digest, answers, closed cells, state) of ``who`` in ``what`` (a name)."""
        done = self.table("autograder_completion")
        mine = done.c.student == sa.bindparam("who"), done.c.assignment == sa.bindparam("what")
        return sa.select(done.c.earlier, done.c.digest, done.c.answers, done.c.closed, done.c.state).where(*mine)

    @cached_property
    def drop_completion(self) -> sa.Delete:
        """Of ``who`` in ``what``."""
        done = self.table("autograder_completion")
        return sa.delete(done).where(done.c.student == sa.bindparam("who"), done.c.assignment == sa.bindparam("what"))

    @cached_property
    def set_files(self) -> sa.Update:
        """``now`` are those of ``who`` in ``what``."""
        done = self.table("autograder_completion")
        mine = done.c.student == sa.bindparam("who"), done.c.assignment == sa.bindparam("what")
        return sa.update(done).where(*mine).values(files=sa.bindparam("now", type_=sa.JSON))

    @cached_property
    def set_remembered(self) -> sa.Update:
        """The ``file``, ``given`` answers and ``shut`` cells of ``who`` in ``what``, for the next recording."""
        done = self.table("autograder_completion")
        mine = done.c.student == sa.bindparam("who"), done.c.assignment == sa.bindparam("what")
        json = {name: sa.bindparam(bound, type_=sa.JSON) for name, bound in (("answers", "given"), ("closed", "shut"))}
        return sa.update(done).where(*mine).values(digest=sa.bindparam("file"), **json)

    @cached_property
    def add_completion(self) -> sa.Insert:
        """With a value for each column."""
        return sa.insert(self.table("autograder_completion"))


def _one_of(column: sa.ColumnElement[Any], name: str) -> sa.ColumnElement[bool]:
    return column.in_(sa.bindparam(name, expanding=True))
