"""The statements of a recording, built once per gradebook: building them costs more than running them.

nbgrader has no index by submission alone, only by cell and submission: so these name the ``cells`` of a notebook
besides the student's copy of it (``place``), and take no longer in a large class than in a small one.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import sqlalchemy as sa


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
        """(place, name, points, automatic, manual, extra, needs a human) of every grade, by name."""
        grade, cell = self.table("grade"), self.table("base_cell")
        graded, task = self.table("grade_cells"), self.table("task_cells")
        points = sa.func.coalesce(graded.c.max_score, task.c.max_score, 0.0)
        columns = grade.c.auto_score, grade.c.manual_score, grade.c.extra_credit, grade.c.needs_manual_grade
        return (
            sa.select(grade.c.notebook_id, cell.c.name, points, *columns)
            .join(cell, cell.c.id == grade.c.cell_id)
            .outerjoin(graded, graded.c.id == cell.c.id)
            .outerjoin(task, task.c.id == cell.c.id)
            .order_by(cell.c.name)
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
    def submissions(self) -> sa.Select[Any]:
        """(student, timestamp, place, penalty) of everything handed in for ``assignment`` (a name), by student."""
        handed, books = self.table("submitted_assignment"), self.table("submitted_notebook")
        work = self.table("assignment")
        return (
            sa.select(handed.c.student_id, handed.c.timestamp, books.c.id, books.c.late_submission_penalty)
            .join(books, books.c.assignment_id == handed.c.id)
            .join(work, work.c.id == handed.c.assignment_id)
            .where(work.c.name == sa.bindparam("assignment"))
            .order_by(handed.c.student_id)
        )

    @cached_property
    def set_grade(self) -> sa.Update:
        """``auto`` for ``cell`` at ``place``; a human is asked if ``ask``, or if one has given a score."""
        grade = self.table("grade")
        ask = sa.case((grade.c.manual_score.is_not(None), sa.true()), else_=sa.bindparam("ask"))
        at = grade.c.cell_id == sa.bindparam("cell"), grade.c.notebook_id == sa.bindparam("place")
        return sa.update(grade).where(*at).values(auto_score=sa.bindparam("auto"), needs_manual_grade=ask)

    @cached_property
    def set_comment(self) -> sa.Update:
        """``text`` for ``cell`` at ``place``."""
        remark = self.table("comment")
        at = remark.c.cell_id == sa.bindparam("cell"), remark.c.notebook_id == sa.bindparam("place")
        return sa.update(remark).where(*at).values(auto_comment=sa.bindparam("text"))

    @cached_property
    def set_penalty(self) -> sa.Update:
        """``penalty`` at ``place``."""
        books = self.table("submitted_notebook")
        at = books.c.id == sa.bindparam("place")
        return sa.update(books).where(at).values(late_submission_penalty=sa.bindparam("penalty"))

    @cached_property
    def completion(self) -> sa.Select[Any]:
        """The scores that were taken back from ``student`` in ``assignment`` (a name)."""
        done = self.table("autograder_completion")
        mine = done.c.student == sa.bindparam("who"), done.c.assignment == sa.bindparam("what")
        return sa.select(done.c.earlier).where(*mine)

    @cached_property
    def drop_completion(self) -> sa.Delete:
        """Of ``who`` in ``what``."""
        done = self.table("autograder_completion")
        return sa.delete(done).where(done.c.student == sa.bindparam("who"), done.c.assignment == sa.bindparam("what"))

    @cached_property
    def add_completion(self) -> sa.Insert:
        """With a value for each column."""
        return sa.insert(self.table("autograder_completion"))


def _one_of(column: sa.ColumnElement[Any], name: str) -> sa.ColumnElement[bool]:
    return column.in_(sa.bindparam(name, expanding=True))
