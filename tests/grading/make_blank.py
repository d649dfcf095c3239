"""Writes down anew how nbgrader makes a gradebook, after its version has changed: `python -m tests.grading.make_blank`."""

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
        STATEMENTS.write_text(
            statements_of(made_by_nbgrader(Path(folder) / "gradebook.db", "course")), encoding="utf-8"
        )
