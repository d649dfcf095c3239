"""nbgrader's database: made as nbgrader makes it, its tables read from the database itself, and tables of ours."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from autograder.errors import StorageError, UsageError
from autograder.grading._blank import COURSES, make_blank
from autograder.grading._files import UNFINISHED
from autograder.grading._storage import database_refusal, storing
from autograder.grading.course import put_environment_first

NBGRADER_TABLES = (
    "course", "assignment", "notebook", "base_cell", "grade_cells", "solution_cells", "task_cells", "source_cell",
    "student", "submitted_assignment", "submitted_notebook", "grade", "comment",
)  # fmt: skip

COMPLETION = "autograder_completion"
"""What was graded, and how."""

BONUS = "autograder_bonus"
"""Which extra credit is the grader's: nbgrader's column is for humans, and both write into it."""

SCHEMA, VERSION = "autograder_schema", 2
"""Our tables' version, and the table that holds it: 1, without such a table, did not know what a person had graded."""

_SQLITE_FILE = "sqlite:///"
_SECONDS_TO_WAIT = 60
"""For the formgrader, or another grader, to finish writing."""


def make_gradebook(url: str, course_id: str) -> None:
    """Make nbgrader's tables at ``url`` if there are none, with the two course rows that it always has.

    A new file is made beside its place and moved there when it is whole: a half-made one would never be finished.
    Raises StorageError where it can't be written.
    """
    path = _file(url)
    if path is None or (path.exists() and path.stat().st_size > 0):
        if not _has_tables(url):
            _let_nbgrader_make(url, course_id)
        return
    beside = path.with_name(f".{path.name}{UNFINISHED}")
    with storing(path):
        beside.unlink(missing_ok=True)
        if not _made_blank(beside, course_id):
            _let_nbgrader_make(f"{_SQLITE_FILE}{beside}", course_id)
        os.replace(beside, path)


def _made_blank(path: Path, course_id: str) -> bool:
    try:
        return make_blank(path, course_id)
    except sqlite3.Error as error:
        wrong = StorageError("The gradebook could not be made", got=str(error))
        raise database_refusal(str(path), error) or wrong from error


def _has_tables(url: str) -> bool:
    engine = open_engine(url)
    try:
        return sa.inspect(engine).has_table("grade")
    finally:
        engine.dispose()


def _let_nbgrader_make(url: str, course_id: str) -> None:
    put_environment_first()
    from nbgrader.api import Gradebook  # seconds of import

    try:
        for name in (*COURSES, course_id):
            Gradebook(url, name).close()
    except (sa.exc.OperationalError, subprocess.SubprocessError) as error:
        found = database_refusal(url, getattr(error, "orig", None) or error)
        said = str(getattr(error, "orig", None) or error)
        raise found or StorageError(f"nbgrader could not make the gradebook {url}", got=said) from error


def _file(url: str) -> Path | None:
    """The file of a SQLite database, None for another kind."""
    return Path(url.removeprefix(_SQLITE_FILE)) if url.startswith(_SQLITE_FILE) else None


def open_engine(url: str, *, keep: bool = False) -> sa.Engine:
    """An engine whose transactions take SQLite's write lock at their start: what they read is what they change.

    A connection lives as long as its transaction, or with ``keep`` as long as the engine: then SQLite need not read
    again what nobody else changed, half of its work. A kept one holds no lock between transactions; a process that is
    forked meanwhile must not touch it.
    A full disk, a lock that is not given up and their like are raised as StorageError; SQLite has then undone all that
    the transaction had done.
    """
    if not url.startswith("sqlite"):
        return sa.create_engine(url, poolclass=sa.NullPool)
    waiting = {"timeout": _SECONDS_TO_WAIT}
    if keep:
        engine = sa.create_engine(url, poolclass=sa.QueuePool, pool_size=1, connect_args=waiting)
    else:
        engine = sa.create_engine(url, poolclass=sa.NullPool, connect_args=waiting)

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: object) -> None:
        connection.isolation_level = None  # no implicit begin
        if keep and connection.execute("PRAGMA journal_mode").fetchone() == ("delete",):
            connection.execute("PRAGMA journal_mode = TRUNCATE")  # as safe, and a third of the waiting for the disk

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    @sa.event.listens_for(engine, "handle_error")
    def _explain(context: sa.engine.ExceptionContext) -> None:
        found = database_refusal(url.removeprefix(_SQLITE_FILE), context.original_exception)
        if found is not None:
            raise found from context.original_exception

    return engine


def read_tables(engine: sa.Engine) -> sa.MetaData | None:
    """nbgrader's tables as they are, and ours (made if missing); None if nbgrader has not made its own."""
    if not sa.inspect(engine).has_table("grade"):
        return None
    tables = sa.MetaData()
    tables.reflect(engine, only=NBGRADER_TABLES)
    ours = [_completion(tables), _bonus(tables), _schema(tables)]
    with engine.begin() as connection:
        _bring_up_to_date(connection, ours)
    return tables


def _completion(tables: sa.MetaData) -> sa.Table:
    return sa.Table(
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
        sa.Column("earlier", sa.JSON, nullable=False, server_default="{}"),
        sa.Column("answers", sa.JSON, nullable=False, server_default="{}"),
        sa.Column("closed", sa.JSON, nullable=False, server_default="{}"),
        sa.Column("grader", sa.String(64), nullable=False, server_default=""),
    )


def _bonus(tables: sa.MetaData) -> sa.Table:
    return sa.Table(
        BONUS,
        tables,
        sa.Column("place", sa.String(32), primary_key=True),  # as in nbgrader's grade: the copy of the notebook
        sa.Column("cell", sa.String(32), primary_key=True),
        sa.Column("bonus", sa.Float, nullable=False),
        sa.Column("ours", sa.Boolean, nullable=False),
    )


def _schema(tables: sa.MetaData) -> sa.Table:
    return sa.Table(SCHEMA, tables, sa.Column("version", sa.Integer, nullable=False))


def _bring_up_to_date(connection: sa.Connection, ours: Sequence[sa.Table]) -> None:
    """Make our tables, or give those of an earlier version the columns that they lack.

    Raises UsageError for a gradebook of a later version, whose columns may mean what this one does not know, and for
    one that lacks a column which can't be made up.
    """
    schema = ours[-1]
    there = sa.inspect(connection)
    version = 0
    if there.has_table(SCHEMA):
        version = connection.execute(sa.select(schema.c.version)).scalar_one_or_none() or 0
        if version > VERSION:
            raise UsageError(
                "The gradebook was written by a later version of the autograder",
                expected=f"tables of version {VERSION} or before",
                got=f"version {version}",
                next_step="Install that version, or restore a gradebook of before from a backup",
            )
    for table in ours:
        if not there.has_table(table.name):
            table.create(connection)
            continue
        columns = {column["name"] for column in there.get_columns(table.name)}
        for column in table.columns:
            if column.name not in columns:
                _add(connection, table, column)
    if version != VERSION:
        connection.execute(sa.delete(schema))
        connection.execute(sa.insert(schema).values(version=VERSION))


def _add(connection: sa.Connection, table: sa.Table, column: sa.Column[Any]) -> None:
    if column.server_default is None:
        raise UsageError(
            "The gradebook has a table of ours that another program has changed",
            expected=f"a column {column.name!r} in {table.name}",
            next_step="Restore a gradebook of before from a backup",
        )
    made = sa.schema.CreateColumn(column).compile(dialect=connection.dialect)
    connection.exec_driver_sql(
        f"ALTER TABLE {connection.dialect.identifier_preparer.format_table(table)} ADD COLUMN {made}"
    )
