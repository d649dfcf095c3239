"""The plain table, and cells in general: numbers stay numbers, and no text becomes a formula."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.bridges.lms.sheet import csv_bytes, is_inert, number, read_sheet, write_sheet
from autograder.commands.export import pairs
from autograder.errors import UsageError
from tests.bridges.small_course import ASSIGNMENT


def rows(data):
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


def test_every_student_has_a_row_with_a_grade_or_the_reason(wrote):
    made = wrote("csv", roster="student,name\nada,=Ada\nbo,Bo\ncy,\ndi,\ned,\nnina,\n")

    found = {row["student"]: (row["score"], row["late penalty"], row["state"]) for row in rows(made.data)}
    assert found == {
        "ada": ("12.25", "0", "graded"),
        "bo": ("2.25", "0.75", "graded"),
        "cy": ("", "0", "waits for a person"),
        "di": ("", "0", "waits for a person"),
        "ed": ("", "0", "waits for a person"),
        "nina": ("", "", "nothing handed in"),
    }
    assert rows(made.data)[0]["name"] == "'=Ada"
    assert {row["points possible"] for row in rows(made.data)} == {"12"}


def test_without_a_roster_everybody_in_the_gradebook_is_exported(wrote):
    assert [row["student"] for row in rows(wrote("csv").data)] == ["ada", "bo", "cy", "di", "ed"]


def test_one_student_can_be_asked_for(wrote):
    assert [row["student"] for row in rows(wrote("csv", students=["bo"]).data)] == ["bo"]

    with pytest.raises(UsageError, match="not known"):
        wrote("csv", students=["nobody"])


def test_an_assignment_that_is_not_there_is_told(wrote):
    with pytest.raises(UsageError, match=f"one of {ASSIGNMENT}"):
        wrote("csv", assignments=["ps9"])


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2), max_size=4))
def test_no_cell_is_taken_for_a_formula_and_none_breaks_its_row(cells):
    data = csv_bytes([["head", "head"], *cells])

    found = list(csv.reader(io.StringIO(data.decode(), newline="")))
    assert len(found) == 1 + len(cells)
    for cell in (cell for row in found for cell in row):
        assert cell == "-" or _is_number(cell) or not cell.strip().startswith(("=", "+", "-", "@", "\t", "\r"))


@given(st.text(min_size=1))
def test_an_inert_identifier_is_found_again_as_it_was(identifier):
    if is_inert(identifier):
        ((found,),) = csv.reader(io.StringIO(csv_bytes([[identifier]]).decode(), newline=""))
        assert found == identifier


@pytest.mark.parametrize(
    "points, text",
    [(12.0, "12"), (-0.0, "0"), (7.25, "7.25"), (1 / 3, "0.3333"), (-1.5, "-1.5"), (1e-9, "0"), (1e6, "1000000")],
)
def test_points_are_written_without_exponents(points, text):
    assert number(points) == text
    assert csv_bytes([[text]]) == f"{text}\r\n".encode()


def test_a_file_that_cannot_be_written_is_told_and_the_old_one_stays(tmp_path):
    (tmp_path / "grades").mkdir()

    with pytest.raises(UsageError, match="can't be written"):
        write_sheet(tmp_path / "grades", b"")

    assert list(tmp_path.iterdir()) == [tmp_path / "grades"]


def test_a_sheet_of_another_encoding_is_told(tmp_path):
    (tmp_path / "x.csv").write_bytes("Zoë".encode("latin-1"))

    with pytest.raises(UsageError, match="UTF-8"):
        read_sheet(tmp_path / "x.csv", what="template")


@pytest.mark.parametrize("text", ["ps2", "ps2=", "=1"])
def test_a_pair_that_is_none_is_told(text):
    with pytest.raises(UsageError, match="ASSIGNMENT=VALUE"):
        pairs([text], "--assignment-id")


def _is_number(cell):
    try:
        float(cell)
    except ValueError:
        return False
    return True
