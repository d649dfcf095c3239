"""The gradebook that is made without nbgrader is nbgrader's."""

import sqlite3
from contextlib import closing

import pytest

from autograder.errors import StorageError
from autograder.grading import _blank
from autograder.grading._blank import STATEMENTS, make_blank, statements_of
from autograder.grading._database import make_gradebook
from tests.grading.make_blank import made_by_nbgrader


@pytest.fixture(scope="module")
def theirs(tmp_path_factory):
    return made_by_nbgrader(tmp_path_factory.mktemp("nbgrader") / "theirs.db", "calculus")


def contents(path):
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


def test_the_kept_statements_are_those_of_the_installed_nbgrader(theirs):
    kept = STATEMENTS.read_text(encoding="utf-8")

    assert kept == statements_of(theirs), "run `python -m tests.grading.make_blank`"


def test_a_blank_gradebook_holds_what_nbgraders_own_does(tmp_path, theirs):
    made = make_blank(tmp_path / "ours.db", "calculus")

    assert made
    assert statements_of(tmp_path / "ours.db") == statements_of(theirs)
    rows = [[line for line in contents(path) if line.startswith("INSERT")] for path in (tmp_path / "ours.db", theirs)]
    assert rows[0] == rows[1]


def test_nbgrader_opens_a_blank_gradebook(tmp_path):
    from nbgrader.api import Gradebook

    make_blank(tmp_path / "ours.db", "calculus")

    with Gradebook(f"sqlite:///{tmp_path / 'ours.db'}", "calculus") as gradebook:
        gradebook.add_student("ada")
        assert [student.id for student in gradebook.students] == ["ada"]


def test_statements_of_another_nbgrader_are_not_used(tmp_path, monkeypatch):
    monkeypatch.setattr(_blank, "version", lambda name: "0.9.7")

    made = make_blank(tmp_path / "ours.db", "calculus")

    assert not made
    assert list(tmp_path.iterdir()) == []


def test_a_gradebook_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / ".gradebook.db.unfinished").mkdir()

    with pytest.raises(StorageError, match="can't be"):
        make_gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}", "calculus")
