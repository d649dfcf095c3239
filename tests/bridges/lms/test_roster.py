"""A roster: any columns in any order, and a clear word on what is wrong with it."""

from __future__ import annotations

import pytest

from autograder.bridges.lms.roster import read_roster
from autograder.errors import UsageError


@pytest.fixture
def roster(tmp_path):
    def made(text):
        path = tmp_path / "roster.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_roster(path)

    return made


@pytest.mark.parametrize(
    "text",
    [
        "student,name,canvas_id,email\nada,Ada Lovelace,11,Ada@x.edu\n",
        "\ufeffE-Mail;Canvas ID;Student ID;Full name\r\nAda@x.edu;11;ada;Ada Lovelace\r\n",
        "id,last_name,first_name,email,canvas_id,nonsense\nada,Lovelace,Ada,Ada@x.edu,11,=1+1\n",
    ],
    ids=["our names", "as a spreadsheet saves it", "nbgrader's names"],
)
def test_columns_are_found_by_their_headings(roster, text):
    person = roster(text).find("canvas_id", "11")

    assert (person.student, person.name, person.known["email"]) == ("ada", "Ada Lovelace", "Ada@x.edu")


def test_a_login_is_found_in_any_case_and_a_number_only_as_it_is(roster):
    people = roster("student,login,sis_id\nada,ALove,X1\n")

    assert (people.find("sis_login_id", "alove").student, people.find("sis_user_id", "x1")) == ("ada", None)


def test_empty_cells_say_nothing(roster):
    people = roster("student,canvas_id\nada,\nbo,\n,\n")

    assert ([person.student for person in people], people.find("canvas_id", "")) == (["ada", "bo"], None)


@pytest.mark.parametrize(
    "text, said",
    [
        ("name,email\nAda,a@x\n", "no column of student ids"),
        ("student,name\n../etc,Ada\n", "Row 2"),
        ("student,name\nada,Ada\n,Bo\n", "Row 3"),
        ("student,name\n\nada,Ada\n,\n,Bo\n", "Row 5"),
        ("\nstudent,name\n,Bo\n", "Row 3"),
        ("student,canvas_id\nada,11\nbo,11\n", "same canvas_id"),
        ("student,email\nada,A@x.edu\nbo,a@X.edu\n", "same email"),
        ("student\nada\nada\n", "same student"),
        ("", "nothing"),
        (b"student,name\nada,\xff\n", "UTF-8"),
        (b"student\nada\0\n", "can't be read"),
    ],
)
def test_what_is_wrong_with_a_roster_is_told(roster, text, said):
    with pytest.raises(UsageError, match=said):
        roster(text)


def test_a_roster_that_is_not_there_is_told(tmp_path):
    with pytest.raises(UsageError, match="No such file"):
        read_roster(tmp_path / "none.csv")
