"""nbgrader's database: made by nbgrader, its tables read from the database itself, and one table of ours."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from autograder.grading.course import put_environment_first

NBGRADER_TABLES = (
    "course", "assignment", "notebook", "base_cell", "grade_cells", "solution_cells", "task_cells", "source_cell",
    "student", "submitted_assignment", "submitted_notebook", "grade", "comment",
)  # fmt: skip

COMPLETION = "autograder_completion"

_SECONDS_TO_WAIT = 60
"""For the formgrader, or another grader, to finish writing."""


def make_gradebook(url: str, course_id: str) -> None:
    """Let nbgrader make its tables at ``url`` if there are none, with the two course rows that it always has."""
    engine = open_engine(url)
    try:
        if sa.inspect(engine).has_table("grade"):
            return
    finally:
        engine.dispose()
    put_environment_first()
    from nbgrader.api import Gradebook  # seconds of import, once in a course's life

    for name in ("default_course", course_id):
        Gradebook(url, name).close()


def open_engine(url: str) -> sa.Engine:
    """An engine whose transactions take SQLite's write lock at their start: what they read is what they change.

    A connection lives as long as its transaction, so that nothing is held open beside the formgrader or across a fork.
    """
    if not url.startswith("sqlite"):
        return sa.create_engine(url, poolclass=sa.NullPool)
    engine = sa.create_engine(url, poolclass=sa.NullPool, connect_args={"timeout": _SECONDS_TO_WAIT})

    @sa.event.listens_for(engine, "connect")
    def _no_implicit_begin(connection: Any, _: object) -> None:
        connection.isolation_level = None

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def read_tables(engine: sa.Engine) -> sa.MetaData | None:
    """nbgrader's tables as they are, and ours (made if missing); None if nbgrader has not made its own."""
    if not sa.inspect(engine).has_table("grade"):
        return None
    tables = sa.MetaData()
    tables.reflect(engine, only=NBGRADER_TABLES)
    sa.Table(
        COMPLETION,
        tables,
        sa.Column("student", sa.String(128), primary_key=True),
        sa.Column("assignment", sa.String(128), primary_key=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("version", sa.String(32), nullable=False),
        sa.Column("tier", sa.String(64), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("files", sa.JSON, nullable=False),
        sa.Column("finished", sa.DateTime, nullable=False),
        sa.Column("earlier", sa.JSON, nullable=False),
    ).create(engine, checkfirst=True)
    return tables
