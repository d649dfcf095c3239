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
from autograder.grading._storage import (
    GLANCE,
    PATIENCE,
    database_refusal,
    patiently,
    server_refusal,
    storing,
    unreadable,
)
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
_LOCK_POSTGRESQL = f"""
SET LOCAL lock_timeout = '{PATIENCE:g}s';
SELECT pg_advisory_xact_lock(hashtext('autograder'));
DO $$ BEGIN
    IF to_regclass('submitted_assignment') IS NOT NULL AND to_regclass('grade') IS NOT NULL THEN
        LOCK TABLE submitted_assignment, grade IN SHARE ROW EXCLUSIVE MODE;
    END IF;
END $$
"""
"""What SQLite's write lock is there: one grader at a time, and no score by hand between what is read and written.

Others go on reading. The first lock is for the time before there are tables.
"""

_DRIVERS = {"psycopg": '"psycopg[binary]"', "psycopg2": "psycopg2-binary"}
"""What is installed for the module that SQLAlchemy wants: 2.1 and later the first, 2.0 the second."""


def make_gradebook(url: str, course_id: str) -> None:
    """Make nbgrader's tables at ``url`` if there are none, with the two course rows that it always has.

    A new file is made beside its place and moved there when it is whole: a half-made one would never be finished.
    Raises StorageError where it can't be written, UsageError where its folder is missing.
    """
    path = _file(url)
    if path is not None and not path.parent.is_dir():
        raise UsageError(
            f"There is no folder {path.parent} for the gradebook",
            next_step="Make it, or mend c.CourseDirectory.db_url in nbgrader_config.py",
        )
    if path is None or (path.exists() and path.stat().st_size > 0):
        _make_where_it_is(url, course_id, lock=path is None)
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


def _make_where_it_is(url: str, course_id: str, *, lock: bool) -> None:
    """Of two that find no tables on a server, one makes them while the other waits: that is what ``lock`` is for."""
    engine = open_engine(url)
    try:
        with engine.begin() as connection:
            missing = not sa.inspect(connection).has_table("grade")
            if missing and lock:
                _let_nbgrader_make(url, course_id)
        if missing and not lock:
            _let_nbgrader_make(url, course_id)
    finally:
        engine.dispose()


def _let_nbgrader_make(url: str, course_id: str) -> None:
    put_environment_first()
    from nbgrader.api import Gradebook  # seconds of import

    try:
        for name in (*COURSES, course_id):
            Gradebook(url, name).close()
    except (sa.exc.DBAPIError, subprocess.SubprocessError) as error:
        found = database_refusal(shown(url), getattr(error, "orig", None) or error)
        said = str(getattr(error, "orig", None) or error)
        raise found or StorageError(f"nbgrader could not make the gradebook {shown(url)}", got=said) from error


def _file(url: str) -> Path | None:
    """The file of a SQLite database, None for another kind."""
    return Path(url.removeprefix(_SQLITE_FILE)) if url.startswith(_SQLITE_FILE) else None


def shown(url: str) -> str:
    """The address of a gradebook without its password, for messages."""
    return sa.engine.make_url(url).render_as_string(hide_password=True)


def open_engine(url: str, *, keep: bool = False) -> sa.Engine:
    """An engine whose transactions take a write lock at their start: what they read is what they change.

    A connection lives as long as its transaction, or with ``keep``, to a file of SQLite's, as long as the engine: then
    SQLite need not read again what nobody else changed, half of its work. A kept one holds no lock between
    transactions; a process that is forked meanwhile must not touch it.
    A full disk, a lock that is not given up, a server that does not answer and their like are raised as StorageError;
    the database has then undone all that the transaction had done. Raises UsageError for another kind of database.
    """
    return _open_file(url, keep=keep) if url.startswith(_SQLITE_FILE) else _open_server(url)


def check_server(url: str) -> None:
    """Raise UsageError for what is no address of a database server that a gradebook may be on."""
    try:
        if sa.engine.make_url(url).get_backend_name() != "postgresql":
            raise _refused("another kind of database")
    except sa.exc.ArgumentError:  # which repeats the address, password and all
        raise _refused("no address of a database") from None


def _refused(address: str) -> UsageError:
    return UsageError(
        "The gradebook can't be opened",
        expected="sqlite:///FILE or postgresql://... in c.CourseDirectory.db_url",
        got=address,
        next_step="Mend it in nbgrader_config.py",
    )


def _open_server(url: str) -> sa.Engine:
    check_server(url)
    try:
        engine = sa.create_engine(url, poolclass=sa.NullPool)
    except sa.exc.ArgumentError:
        raise _refused("no address of a database") from None
    except ImportError as error:
        raise UsageError(
            f"The gradebook is on a database server, and the driver for it is not installed: {shown(url)}",
            got=str(error),
            next_step=f"Install it: `python -m pip install {_DRIVERS.get(error.name or '', error.name)}`",
        ) from error

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql(_LOCK_POSTGRESQL)

    @sa.event.listens_for(engine, "handle_error")
    def _explain(context: sa.engine.ExceptionContext) -> None:
        found = server_refusal(shown(url), context.original_exception)
        if found is not None:
            raise found from context.original_exception

    return engine


def _open_file(url: str, *, keep: bool) -> sa.Engine:
    path = Path(url.removeprefix(_SQLITE_FILE))
    address = sa.URL.create("sqlite", database=str(path))  # a path is no address: in one, ? and % mean something
    glance = {"timeout": GLANCE}
    if keep:
        engine = sa.create_engine(address, poolclass=sa.QueuePool, pool_size=1, connect_args=glance)
    else:
        engine = sa.create_engine(address, poolclass=sa.NullPool, connect_args=glance)

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: object) -> None:
        connection.isolation_level = None  # no implicit begin
        if keep and patiently(path, lambda: connection.execute("PRAGMA journal_mode").fetchone()) == ("delete",):
            connection.execute("PRAGMA journal_mode = TRUNCATE")  # as safe, and a third of the waiting for the disk

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        raw: Any = connection.connection.driver_connection
        patiently(path, lambda: raw.execute("BEGIN IMMEDIATE"))
        connection.info[_WAS] = _written(raw)

    @sa.event.listens_for(engine, "commit")
    def _commit(connection: sa.Connection) -> None:
        raw: Any = connection.connection.driver_connection
        if _written(raw) == connection.info.get(_WAS):
            raw.execute("ROLLBACK")  # to commit nothing, SQLite waits for everybody who reads
        else:
            patiently(path, lambda: raw.execute("COMMIT"))

    @sa.event.listens_for(engine, "handle_error")
    def _explain(context: sa.engine.ExceptionContext) -> None:
        error = context.original_exception
        found = database_refusal(str(path), error) or unreadable(str(path), error)
        if found is not None:
            raise found from error

    return engine


_WAS = "autograder: written at the beginning"


def _written(raw: Any) -> tuple[int, int]:
    """What tells whether a connection has written anything since: rows, and the version of the tables."""
    return raw.total_changes, raw.execute("PRAGMA schema_version").fetchone()[0]


def read_tables(engine: sa.Engine) -> sa.MetaData | None:
    """nbgrader's tables as they are, and ours (made if missing); None if nbgrader has not made its own."""
    with engine.begin() as connection:
        return tables_on(connection)


def tables_on(connection: sa.Connection) -> sa.MetaData | None:
    """The same in a transaction that is under way."""
    if not sa.inspect(connection).has_table("grade"):
        return None
    _require_what_is_used(connection)
    tables = sa.MetaData()
    tables.reflect(connection, only=NBGRADER_TABLES)
    _bring_up_to_date(connection, [_completion(tables), _bonus(tables), _schema(tables)])
    return tables


def _require_what_is_used(connection: sa.Connection) -> None:
    """Raise UsageError for a gradebook in which another version of nbgrader, or another program, left something out."""
    there = sa.inspect(connection)
    known = set(there.get_table_names())
    missing = [name for name in NBGRADER_TABLES if name not in known]
    for table, columns in _USED.items() if not missing else ():
        has = {column["name"] for column in there.get_columns(table)}
        missing += [f"{table}.{column}" for column in columns if column not in has]
    if missing:
        raise UsageError(
            "The gradebook was made by another version of nbgrader, or another program has changed it",
            expected="nbgrader's tables and columns",
            got=f"none called {', '.join(missing)}",
            next_step="`nbgrader db upgrade` brings an older one up to date; else restore one from a backup",
        )


_USED = {
    "grade": ("auto_score", "manual_score", "extra_credit", "needs_manual_grade"),
    "comment": ("auto_comment", "manual_comment"),
    "submitted_assignment": ("timestamp", "extension"),
    "submitted_notebook": ("late_submission_penalty",),
    "assignment": ("duedate", "course_id"),
}
"""Columns that not every version of nbgrader had, or that are read by name."""


def _completion(tables: sa.MetaData) -> sa.Table:
    return sa.Table(
        COMPLETION,
        tables,
        sa.Column("student", sa.String(128), primary_key=True),
        sa.Column("assignment", sa.String(128), primary_key=True),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("version", sa.String, nullable=False),
        sa.Column("tier", sa.String, nullable=False),
        sa.Column("fingerprint", sa.String, nullable=False),
        sa.Column("files", sa.JSON, nullable=False),
        sa.Column("finished", sa.DateTime, nullable=False),
        sa.Column("earlier", sa.JSON, nullable=False, server_default="{}"),
        sa.Column("answers", sa.JSON, nullable=False, server_default="{}"),
        sa.Column("closed", sa.JSON, nullable=False, server_default="{}"),
        sa.Column("grader", sa.String, nullable=False, server_default=""),
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
