"""The file for Moodle, taken in by Moodle's own rules, where one bad row ends the whole import."""

from __future__ import annotations

import csv
import io

import pytest

from autograder.errors import UsageError
from tests.bridges.lms.importers import ImportAbortedError, MoodleCourse
from tests.bridges.small_course import ASSIGNMENT

ROSTER = (
    "student,email,idnumber,username,moodle_id\n"
    "ada,Ada@x.edu,A1,alove,3\nbo,bo@x.edu,A2,bochen,4\ncy,cy@x.edu,A3,cyc,5\ndi,di@x.edu,A4,did,6\nnina,n@x.edu,A9,nin,9\n"
)
PEOPLE = {
    "Email address": {"Ada@x.edu": "ada", "bo@x.edu": "bo", "cy@x.edu": "cy", "di@x.edu": "di", "n@x.edu": "nina"},
    "ID number": {"A1": "ada", "A2": "bo", "A3": "cy", "A4": "di", "A9": "nina"},
    "Username": {"alove": "ada", "bochen": "bo", "cyc": "cy", "did": "di", "nin": "nina"},
    "User ID": {"3": "ada", "4": "bo", "5": "cy", "6": "di", "9": "nina"},
}
GRADES = {"ada": 12.25, "bo": 2.25, "cy": None, "di": None, "nina": None}


def uploaded(made, item=ASSIGNMENT, people=PEOPLE):
    course = MoodleCourse(people, (item,))
    course.upload(made.data)
    return course


@pytest.mark.parametrize("by", ["", "email", "idnumber", "username", "id"])
def test_moodle_takes_the_whole_file(wrote, by):
    course = uploaded(wrote("moodle", roster=ROSTER, identify_by=by))

    assert course.grades == {(student, ASSIGNMENT): score for student, score in GRADES.items()}


def test_feedback_says_what_is_wrong_and_where_to_read_on(wrote):
    feedback = uploaded(wrote("moodle", roster=ROSTER)).feedback

    assert feedback["bo", ASSIGNMENT] == (
        "Late: 0.75 points taken off. add_backward: 2 of 4 differ. Not answered: essay-why. "
        "Details: feedback/bo/tiny-rules/rules.html"
    )
    assert feedback["ada", ASSIGNMENT].startswith("Everything that the program checks is right.")
    assert {feedback[student, ASSIGNMENT] for student in ("cy", "di", "nina")} == {""}


def test_no_text_of_a_student_is_in_the_file(wrote):
    assert b"script" not in wrote("moodle", roster=ROSTER).data


def test_the_item_may_have_a_title(wrote):
    made = wrote("moodle", roster=ROSTER, titles={"tiny": "Problem set 1"})

    assert uploaded(made, "Problem set 1").grades["ada", "Problem set 1"] == 12.25


def test_only_graded_leaves_out_who_would_lose_a_grade(wrote):
    made = wrote("moodle", roster=ROSTER, only_graded=True)

    assert set(uploaded(made).grades) == {("ada", ASSIGNMENT), ("bo", ASSIGNMENT)}


@pytest.mark.parametrize(
    "row, options, said",
    [
        ("zed,,,,", {}, "zed: no email in the roster"),
        ("zed,+z@x.edu,,,", {}, "zed: '+z@x.edu' is what a spreadsheet takes for a formula"),
        ("zed,=1+1,,,", {}, "zed: '=1+1' is what a spreadsheet"),
        ("zed,,,,0", {"identify_by": "id"}, "zed: '0' is no id"),
        ("zed,,,,x7", {"identify_by": "id"}, "zed: 'x7' is no id"),
    ],
)
def test_whoever_moodle_could_not_be_told_is_left_out_and_listed(wrote, row, options, said):
    made = wrote("moodle", roster=f"{ROSTER}{row}\n", **options)

    assert f"{said}" in made.said
    assert uploaded(made).grades.keys() == {(student, ASSIGNMENT) for student in GRADES}


def test_who_is_in_the_gradebook_alone_is_not_exported(wrote):
    assert "ed: in the gradebook, but not in the roster" in wrote("moodle", roster=ROSTER).said


def test_the_identifier_that_most_people_have_is_taken(wrote):
    roster = "student,email,username\nada,,alove\nbo,bo@x.edu,bochen\n"

    assert uploaded(wrote("moodle", roster=roster)).grades.keys() == {("ada", ASSIGNMENT), ("bo", ASSIGNMENT)}


def test_without_a_roster_our_ids_are_moodles_only_if_that_is_said(wrote):
    with pytest.raises(UsageError, match="--roster"):
        wrote("moodle")

    people = {"Username": {student: student for student in ("ada", "bo", "cy", "di", "ed")}}
    course = uploaded(wrote("moodle", identify_by="username"), people=people)

    assert course.grades["ada", ASSIGNMENT] == 12.25


def test_two_columns_of_one_name_are_refused(wrote):
    with pytest.raises(UsageError, match="same heading"):
        wrote("moodle", roster=ROSTER, titles={"tiny": "Email address"})


def test_every_row_has_a_grade_and_a_comment_and_no_cell_is_a_formula(wrote):
    made = wrote("moodle", roster=ROSTER)

    rows = list(csv.reader(io.StringIO(made.data.decode(), newline="")))
    assert {len(row) for row in rows} == {3}
    assert not [cell for row in rows for cell in row if cell != "-" and cell.startswith(("=", "+", "-", "@"))]


def test_the_importer_of_these_tests_would_notice(wrote):
    made = wrote("moodle", roster=ROSTER.replace("n@x.edu", "unknown@x.edu"))

    with pytest.raises(ImportAbortedError, match="unknown user"):
        uploaded(made)
