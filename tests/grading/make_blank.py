"""Writes down anew how nbgrader makes a gradebook: `python -m tests.grading.make_blank`, after a new version of it."""

import tempfile
from pathlib import Path

from autograder.grading._blank import STATEMENTS, statements_of


def made_by_nbgrader(path, course_id):
    """A gradebook at `path` that nbgrader alone has made."""
    from autograder.grading._database import _let_nbgrader_make

    _let_nbgrader_make(f"sqlite:///{path}", course_id)
    return path


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        made = made_by_nbgrader(Path(folder) / "gradebook.db", "course")
        STATEMENTS.write_text(statements_of(made), encoding="utf-8")
