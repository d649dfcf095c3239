"""The file for Canvas, taken in by Canvas's own rules: the right grades, nobody new, no new assignment."""

from __future__ import annotations

import csv
import io
from types import SimpleNamespace

import pytest

from autograder.bridges.lms.canvas import _other_points
from autograder.bridges.lms.canvas_template import Place
from autograder.bridges.lms.grades import Column
from autograder.errors import UsageError
from tests.bridges.lms.importers import CanvasCourse
from tests.bridges.small_course import ASSIGNMENT

TITLE, ID = "Tiny rules!", 777
PEOPLE = {
    11: ("Lovelace, Ada", "S1", "ada"),
    12: ("Chen, Bo", "S2", "bo"),
    13: ("Curie, Cy", "S3", "cy"),
    14: ("Dirac, Di", "S4", "di"),
    99: ("Never, Nina", "S9", "nina"),
    100: ("Student, Test", "", "0123456789abcdef"),
}
ROSTER = "student,name,canvas_id\nada,Ada,11\nbo,Bo,12\ncy,Cy,13\ndi,Di,14\nnina,Nina,99\n"
HEADS = "Student,ID,SIS User ID,SIS Login ID,Section"


def template(*, assignments=f"{TITLE} (777),Other (778)", cells=",", people=None, worth="12.00,5.00"):
    """As Canvas exports it: with a column of the instructor's, a row about posting, and totals."""
    wide = assignments.count(",") + 1
    lines = [
        f"{HEADS},Notes,{assignments},Current Score,Final Score",
        f",,,,,,{','.join(['Manual Posting'] * wide)},,",
        f"    Points Possible,,,,,,{worth},(read only),(read only)",
    ]
    for number, (name, sis, login) in (people or PEOPLE).items():
        lines.append(f'"{name}",{number},{sis},{login},"Section 1, and 2",note,{cells},50,50')
    return "\r\n".join(lines) + "\r\n"


def canvas(people=None):
    return CanvasCourse({ID: TITLE, 778: "Other"}, people or PEOPLE)


def worth(points):
    return Column(SimpleNamespace(assignment=ASSIGNMENT), points, {})


def place(points):
    return Place(6, f"{TITLE} (777)", TITLE, "777", points)


def uploaded(made, course=None):
    course = course or canvas()
    course.upload(made.data)
    return course


def test_canvas_finds_everybody_and_the_assignment(wrote):
    made = wrote("canvas", template=template(), roster=ROSTER)

    course = uploaded(made)

    assert (course.created, course.strangers) == ([], [])
    assert course.grades == {(11, ID): "12.25", (12, ID): "2.25", (13, ID): "", (14, ID): "", (99, ID): ""}
    assert course.points == {ID: "12.00"}


def test_everybody_without_a_grade_is_told(wrote):
    said = wrote("canvas", template=template(), roster=ROSTER).said

    assert f"{ASSIGNMENT}: nothing handed in: nina" in said
    assert f"{ASSIGNMENT}: no grade yet, a person is needed: cy (mul_backward-check), di (essay-why)" in said
    assert "ed: in the gradebook, but not in the roster; not exported" in said
    assert "'Student, Test' (100) in Canvas's gradebook is nobody here; left out" in said


@pytest.mark.parametrize(
    "roster",
    [
        "student,sis_user_id\nada,S1\nbo,S2\n",
        "student,login\nada,ADA\nbo,bo\n",
        "student,email\nada,Ada\nbo,bo\n",
        'student,name\nada,Ada Lovelace\nbo,"Chen, Bo"\n',
    ],
    ids=["SIS id", "login", "e-mail as login", "name"],
)
def test_people_are_matched_by_any_id_in_the_roster(wrote, roster):
    course = uploaded(wrote("canvas", template=template(), roster=roster))

    assert course.grades == {(11, ID): "12.25", (12, ID): "2.25"}


def test_without_a_roster_our_ids_are_taken_for_logins(wrote):
    made = wrote("canvas", template=template())

    assert uploaded(made).grades == {(11, ID): "12.25", (12, ID): "2.25", (13, ID): "", (14, ID): ""}
    assert "ed: no row in Canvas's gradebook; not exported" in made.said


def test_the_first_id_of_the_roster_decides_alone(wrote):
    made = wrote("canvas", template=template(), roster="student,canvas_id,login,name\nada,55,ada,Ada Lovelace\n")

    assert uploaded(made).grades == {}
    assert "ada: no row in Canvas's gradebook" in made.said


def test_a_name_that_two_people_have_is_not_guessed(wrote):
    people = {**PEOPLE, 15: ("Lovelace, Ada", "S5", "ada2")}

    made = wrote("canvas", template=template(people=people), roster="student,name\nada,Ada Lovelace\n")

    assert uploaded(made, canvas(people)).grades == {}
    assert "ada: more than one row in Canvas's gradebook" in made.said


def test_a_grade_that_canvas_has_is_never_deleted_by_an_empty_cell(wrote):
    made = wrote("canvas", template=template(cells="EX,5"), roster=ROSTER)

    assert uploaded(made).grades[99, ID] == "EX"
    assert f"nina: no grade for {ASSIGNMENT}; Canvas keeps 'EX'" in made.said


def test_only_graded_leaves_everybody_else_out(wrote):
    made = wrote("canvas", template=template(), roster=ROSTER, only_graded=True)

    assert set(uploaded(made).grades) == {(11, ID), (12, ID)}


# Never a new assignment


@pytest.mark.parametrize(
    "assignments, options, said",
    [
        ("Something else (777),Other (778)", {}, "'Something else' is 777"),
        (f"{TITLE} (776),{TITLE} (777)", {}, "--assignment-id tiny-rules=ID"),
        (f"{TITLE} (777),Other (778)", {"ids": {"tiny-rules": "1"}}, "one column with the id 1"),
        (f"{TITLE},Other (778)", {}, "can't be told"),
        (f"{TITLE} Final Score (777),Other (778)", {"ids": {"tiny-rules": "777"}}, "can't be told"),
    ],
    ids=["another title", "twice", "no such id", "no id", "a heading that Canvas ignores"],
)
def test_without_one_column_that_is_meant_there_is_no_file(wrote, assignments, options, said):
    with pytest.raises(UsageError, match="Which column") as error:
        wrote("canvas", template=template(assignments=assignments), roster=ROSTER, **options)

    assert said in str(error.value)


def test_without_template_and_id_the_error_says_how_to_get_them(wrote):
    with pytest.raises(UsageError, match="Export Entire Gradebook"):
        wrote("canvas", roster=ROSTER)


def test_an_id_that_was_given_counts_whatever_the_title_is(wrote):
    made = wrote(
        "canvas", template=template(assignments="Anything (777),Other (778)"), roster=ROSTER, ids={"tiny": "777"}
    )

    assert uploaded(made).created == []
    assert uploaded(made).grades[11, ID] == "12.25"


def test_two_ids_of_one_assignment_are_refused(wrote):
    with pytest.raises(UsageError, match=r"two ids in Canvas.*got '776' and '777'"):
        wrote("canvas", template=template(), roster=ROSTER, ids={"tiny": "776", "tiny-rules": "777"})


def test_a_title_that_was_given_counts(wrote):
    made = wrote("canvas", template=template(assignments="PS 1 (777),O (778)"), roster=ROSTER, titles={"tiny": "PS 1"})

    assert uploaded(made).grades[11, ID] == "12.25"


def test_an_id_that_is_no_number_is_refused(wrote):
    with pytest.raises(UsageError, match="not a number"):
        wrote("canvas", roster=ROSTER, ids={"tiny-rules": "7) x (7"})


def test_with_ids_and_a_roster_no_template_is_needed(wrote):
    made = wrote("canvas", roster=ROSTER, ids={"tiny-rules": "777"})

    course = uploaded(made)

    assert (course.created, course.strangers) == ([], [])
    assert course.grades == {(11, ID): "12.25", (12, ID): "2.25"}
    assert "look at the preview" in made.said


def test_without_a_template_somebody_whom_canvas_could_not_find_by_id_is_left_out(wrote):
    made = wrote("canvas", roster="student,name,canvas_id\nada,Ada Lovelace,\nbo,Bo,x\n", ids={"tiny-rules": "777"})

    assert uploaded(made).strangers == []
    assert "ada: no canvas_id, sis_user_id or sis_login_id" in made.said
    assert "bo: 'x' is no ID of Canvas's" in made.said


# What is in the file


def test_points_that_differ_are_told_and_canvas_keeps_its_own(wrote):
    made = wrote("canvas", template=template(worth="10,5"), roster=ROSTER)

    assert uploaded(made).points == {ID: "10"}
    assert f"{ASSIGNMENT} is worth 12 points here and 10 in Canvas" in made.said


@pytest.mark.parametrize("worth", ["12", "12.0", "12.00", '"12,00"'])
def test_the_same_points_written_otherwise_are_the_same(wrote, worth):
    made = wrote("canvas", template=template(worth=f"{worth},5.00"), roster=ROSTER)

    assert "is worth" not in made.said


@pytest.mark.parametrize("written", ["100", "100.00", "100,00", "100.0"])
def test_round_points_are_compared_as_numbers(written):
    assert _other_points(worth(100.0), place(written)) == ""
    assert "is worth 1 points here" in _other_points(worth(1.0), place(written))


@pytest.mark.parametrize("written", ["1,000.00", "1.000,00", "1 000,00", "1,000", "1000"])
def test_thousands_are_understood_in_every_language(written):
    assert _other_points(worth(1000.0), place(written)) == ""
    assert "is worth 100 points here" in _other_points(worth(100.0), place(written))


@pytest.mark.parametrize("score", ["-1,5", "-1.5", "-,5", "7,25", "EX"])
def test_a_score_that_canvas_has_is_kept_as_it_is(wrote, score):
    made = wrote("canvas", template=template(cells=f'"{score}",5'), roster=ROSTER)

    cells = [row[5] for row in csv.reader(io.StringIO(made.data.decode(), newline="")) if row[1] == "99"]
    assert cells == [score]


def test_cells_that_look_like_formulas_are_neutralised_and_ids_are_not_mangled(wrote):
    people = {11: ("=cmd|x", "=S1", "ada"), 12: ("@Bo", "-2", "bo")}

    made = wrote("canvas", template=template(people=people), roster=ROSTER)

    cells = [cell for row in csv.reader(io.StringIO(made.data.decode(), newline="")) for cell in row]
    assert not [cell for cell in cells if cell.lstrip().startswith(("=", "+", "@", "\t", "\r"))]
    assert uploaded(made, canvas(people)).grades == {(11, ID): "12.25", (12, ID): "2.25"}
    assert "ada: SIS User ID looks like a formula and was left empty" in made.said


def test_a_template_with_semicolons_and_decimal_commas_is_understood(wrote):
    text = template(worth="12.00,5.00").replace('"Section 1, and 2"', "Section 1").replace('", "', '"')
    text = "\r\n".join(line.replace(", ", "~").replace(",", ";").replace("~", ", ") for line in text.split("\r\n"))

    course = uploaded(wrote("canvas", template="\ufeff" + text.replace("12.00", "12,00"), roster=ROSTER))

    assert (course.grades[11, ID], course.points) == ("12.25", {ID: "12.00"})


@pytest.mark.parametrize(
    "heads", [f"{HEADS[:-7]},Integration ID,Root Account,Section", "LastName,FirstName,ID,Section"]
)
def test_other_headings_of_canvas_are_kept(wrote, heads):
    width = heads.count(",") + 1
    ada = ["Lovelace", "Ada", "11"] if heads.startswith("Last") else ["Lovelace Ada", "11"]
    rows = [f"{heads},{TITLE} (777)", ",".join([*ada, *[""] * (width - len(ada)), ""])]

    made = wrote("canvas", template="\r\n".join(rows), roster=ROSTER)

    first, _, *people = csv.reader(io.StringIO(made.data.decode(), newline=""))
    assert first == [*heads.split(","), f"{TITLE} (777)"]
    assert [row[-1] for row in people] == ["12.25"]


@pytest.mark.parametrize("text", ["a,b,c\n1,2,3\n", "Student,ID\n", f"Name,{HEADS}\n"])
def test_what_is_no_gradebook_of_canvas_is_told(wrote, text):
    with pytest.raises(UsageError, match="no gradebook of Canvas's"):
        wrote("canvas", template=text, roster=ROSTER)


def test_there_is_no_column_for_comments_and_that_is_told(wrote):
    made = wrote("canvas", template=template(), roster=ROSTER)

    assert b"Details" not in made.data
    assert "Canvas imports no comments" in made.said
