"""A gradebook that is no file: what can't be opened is told without a traceback and without the password."""

from __future__ import annotations

import sys

import pytest

from autograder.errors import AutograderError
from autograder.grading._database import make_gradebook
from autograder.grading.gradebook import Ledger

ADDRESSES = {
    "mysql://grader:hunter2@host/grades": "another kind of database",
    "postgresql+nonsense://grader:hunter2@/grades": "no address of a database",
    "no address hunter2": "no address of a database",
    "postgresql://grader:hunter2@/grades?host=/nowhere": "can't be used",
}


def test_an_address_that_leads_nowhere_is_told_with_what_to_do():
    wrong = []
    for url, expected in ADDRESSES.items():
        for opening in (Ledger, lambda url: make_gradebook(url, "course")):
            with pytest.raises(AutograderError) as raised:
                opening(url)
            said = str(raised.value)
            if expected not in said or "db_url" not in said or "hunter2" in said:
                wrong.append((url, said))

    assert wrong == []


@pytest.mark.parametrize(
    "driver, package", [("psycopg", r'"psycopg\[binary\]"'), ("psycopg2", "psycopg2-binary")], ids=str
)
def test_a_driver_that_is_not_installed_is_named_as_it_is_installed(monkeypatch, driver, package):
    monkeypatch.setitem(sys.modules, driver, None)

    with pytest.raises(AutograderError, match=rf"driver for it is not installed.*pip install {package}`") as raised:
        Ledger(f"postgresql+{driver}://grader:hunter2@/grades")

    assert "hunter2" not in str(raised.value)
