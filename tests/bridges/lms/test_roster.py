"""A roster: any columns in any order, and a clear word on what is wrong with it."""

from __future__ import annotations

import pytest

from autograder.bridges.lms.canvas_template import read_template
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


# Ids that a spreadsheet made numbers of


@pytest.mark.parametrize(
    "cell, read",
    [
        ("4711.0", "4711"),
        ("4711,00", "4711"),
        ("4711.000", "4711"),
        ('=""0815""', "0815"),
        ("'0815", "0815"),
        ("'é1", "é1"),
    ],
)
def test_a_number_that_a_spreadsheet_wrote_exactly_is_read(roster, cell, read):
    for column in ("canvas_id", "moodle_id", "moodle_participant", "moodle_participant ps2", "idnumber", "sis_user_id"):
        people = roster(f'student,{column}\nada,"{cell}"\n')

        assert people.people[0].known[column] == read


@pytest.mark.parametrize(
    "cell", ["4.711E+03", "4,711E+03", "4E+05", "1.23457E+11", "4,711", "4.711", "4 711", "4'711", "1,234,567",
             "4\u00a0711", "4711.5", "#####", "#N/A", "#REF!"],
)  # fmt: skip
def test_a_number_that_a_spreadsheet_spoilt_is_refused_with_row_and_column(roster, cell):
    for column in ("canvas_id", "Moodle ID", "moodle_participant"):
        with pytest.raises(UsageError, match=rf"(?s){cell[0]}.* in row 4, column {column}"):
            roster(f'student,{column}\nada,11\n\nbo,"{cell}"\n')


@pytest.mark.parametrize("cell", ["4.711E+03", "4,711", "1.2E7", "#NAME?"])
def test_other_ids_are_refused_where_they_can_be_nothing_else(roster, cell):
    with pytest.raises(UsageError, match="in row 2, column student"):
        roster(f'name,student\nAda,"{cell}"\n')
    for column in ("idnumber", "sis_user_id", "username"):
        with pytest.raises(UsageError, match=f"in row 2, column {column}"):
            roster(f'student,{column}\nada,"{cell}"\n')


@pytest.mark.parametrize("cell", ["a.b", "12.345.678", "1E5", "E10", "x1", "12.345"])
def test_an_id_that_only_looks_like_a_number_stays(roster, cell):
    assert roster(f"student,idnumber\nada,{cell}\n").people[0].known["idnumber"] == cell


def test_every_spoilt_cell_is_listed_at_once(roster):
    with pytest.raises(UsageError, match=r"'1E\+5' in row 2, column canvas_id, '2,000' in row 3, column canvas_id"):
        roster('student,canvas_id\nada,1E+5\nbo,"2,000"\n')


def test_a_number_with_a_comma_and_no_quotation_marks_is_told(roster):
    with pytest.raises(UsageError, match=r"Row 2 of roster\.csv has more cells than the heading"):
        roster("student,canvas_id\nada,4,711\n")


def test_a_template_that_a_spreadsheet_spoilt_is_refused_and_an_exact_one_read(tmp_path):
    head = "Student,ID,SIS User ID,SIS Login ID,Section,tiny (5)\n"
    (tmp_path / "bad.csv").write_text(head + '"Lovelace, Ada",4.711E+03,S1,ada,A,\n')
    (tmp_path / "good.csv").write_text(head + '"Lovelace, Ada",4711.0,S1,ada,A,\n')

    with pytest.raises(UsageError, match=r"template bad.csv.*'4.711E\+03' in row 2, column ID"):
        read_template(tmp_path / "bad.csv")
    (row,) = read_template(tmp_path / "good.csv").rows
    assert (row.id, row.cells[1]) == ("4711", "4711")


def test_two_ids_that_differ_in_case_only_are_refused(roster):
    with pytest.raises(UsageError, match="differ in small and capital letters only"):
        roster("student\nada\nAda\n")


def test_moodles_numbers_are_those_of_the_assignment_that_the_column_names(roster):
    people = roster("student,moodle_participant ps2,moodle_participant ps3-x\nada,5,7\n")

    found = [people.participants(name) for name in ("ps2-rules", "ps3-x", "ps1-y")]

    assert [people.find(column, "5") is not None for column in found] == [True, False, False]
