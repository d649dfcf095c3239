"""A registered release, and what a human writes into its gradebook."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from autograder.bridges.nbgrader.register import register
from autograder.grading.course import Course
from autograder.grading.gradebook import Ledger
from tests.grading.notebooks import ASSIGNMENT, Json, released


def registered(root: Path, made: Json | None = None, *, url: str = "") -> Course:
    """A course with this release, or the small one, and nothing handed in; its gradebook may be elsewhere."""
    course = replace(Course.at(root), db_url=url)
    released(root, made)
    register(course, ASSIGNMENT)
    return course


def by_hand(ledger: Ledger, cell: str, **marks: Any) -> None:
    """A human's ``manual_score`` or ``extra_credit`` in every submission, as the formgrader saves them."""
    grade, cells = ledger.statements.table("grade"), ledger.statements.table("base_cell")
    here = sa.select(cells.c.id).where(cells.c.name == cell)
    with ledger.engine.begin() as connection:
        connection.execute(sa.update(grade).where(grade.c.cell_id.in_(here)).values(marks))
