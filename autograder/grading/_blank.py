"""A new gradebook without importing nbgrader: the statements that its pinned version makes one with, kept in a file.

nbgrader needs several seconds and a second process for it. The statements are used for that version alone; for any
other, and for other databases than SQLite, nbgrader is asked (`_database`).
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

STATEMENTS = Path(__file__).with_name("gradebook.sql")
_OF_VERSION = "-- An empty gradebook as nbgrader {version} makes it."
COURSES = ("default_course",)
"""The course that nbgrader always makes, besides the one that it is asked for."""


def make_blank(path: Path, course_id: str) -> bool:
    """Make an empty gradebook at ``path``, where nothing is; False if the kept statements are of another nbgrader.

    Raises sqlite3.Error or OSError where the file can't be written.
    """
    statements = STATEMENTS.read_text(encoding="utf-8")
    if not statements.startswith(_first_line()):
        return False
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(f"BEGIN;\n{statements}")
        courses = dict.fromkeys((*COURSES, course_id))
        connection.executemany("INSERT INTO course (id) VALUES (?)", [(name,) for name in courses])
        connection.commit()
    return True


def statements_of(path: Path) -> str:
    """The text to keep: what makes the tables of the gradebook at ``path``, which the installed nbgrader has made."""
    with closing(sqlite3.connect(path)) as connection:
        made = [sql for (sql,) in connection.execute("SELECT sql FROM sqlite_master WHERE sql NOT NULL ORDER BY rowid")]
        revisions = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    filled = [f"INSERT INTO alembic_version (version_num) VALUES ('{revision}')" for (revision,) in revisions]
    tidy = ["\n".join(line.rstrip() for line in sql.splitlines()).replace("\t", "    ") for sql in made]
    return "\n".join([_first_line(), *(f"{sql};" for sql in (*tidy, *filled)), ""])


def _first_line() -> str:
    return _OF_VERSION.format(version=version("nbgrader"))
