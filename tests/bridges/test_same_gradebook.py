"""Stock `nbgrader autograde` with our configuration and our fast path leave the same gradebook and the same files."""

from __future__ import annotations

import copy
import shutil

import pytest
from nbgrader.api import Gradebook

from autograder.bridges.nbgrader.register import register
from autograder.bridges.nbgrader.release import release
from autograder.grading.course import Course
from autograder.grading.gradebook import open_ledger
from tests.bridges.small_course import (
    ASSIGNMENT,
    BONUS,
    RIGHT_ADD,
    RIGHT_MUL,
    RIGHT_SUM,
    answered,
    autograde,
    bonuses,
    comments,
    give_by_hand,
    grades,
    hand_in,
    record,
    rows,
    with_bonus,
    write_sources,
)
from tests.grading.notebooks import cell, find, inserted, with_sources, without

UNCHANGED = "Why are gradients added?\n\n*Write your answer here.*"
ESSAY = "Every path from a to the loss adds its part."


def all_right(course):
    return answered(course, add_backward=RIGHT_ADD, mul_backward=RIGHT_MUL, sum_backward=RIGHT_SUM, essay_why=ESSAY)


def partial(course):
    return answered(
        course,
        add_backward=RIGHT_ADD + "  # partial",
        mul_backward=RIGHT_MUL + "  # wrong",
        sum_backward=RIGHT_SUM + "  # partial",
    )


def duplicated(course):
    made = all_right(course)
    made["cells"] += [copy.deepcopy(find(made, "mul_backward-check")), copy.deepcopy(find(made, "add_backward"))]
    return made


def stripped(course):
    made = all_right(course)
    for one in made["cells"]:
        one.pop("id")
        one["metadata"] = {"tags": ["skip-execution"]}
    return made


def forged(course):
    made = all_right(course)
    find(made, "add_backward-check")["metadata"]["nbgrader"] |= {"points": 4_000, "checksum": "0" * 32}
    for name in ("add_backward-check", "sum_backward-check"):
        find(made, name)["metadata"]["autograder"] = {"bonus": 4_000}
    find(made, "mul_backward-check")["metadata"]["nbgrader"]["schema_version"] = 99
    find(made, "mul_backward-check")["outputs"] = [
        {"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": {"text/plain": "3.0"}}
    ]
    return made


SUBMISSIONS = {
    "all right": all_right,
    "partial and wrong": partial,
    "blank": answered,
    "essay only": lambda course: answered(course, essay_why=ESSAY),
    "white space added": lambda course: answered(course, essay_why=UNCHANGED + "  \n"),
    "internal": lambda course: answered(course, add_backward=RIGHT_ADD + "  # internal", mul_backward=RIGHT_MUL),
    "internal bonus": lambda course: answered(course, sum_backward=RIGHT_SUM + "  # internal"),
    "duplicated grade cell": duplicated,
    "deleted grade cells": lambda course: without(all_right(course), "add_backward-check", "mul_backward-check"),
    "deleted essay and answer": lambda course: without(all_right(course), "essay-why", "add_backward"),
    "no ids and no metadata": stripped,
    "forged points schema and output": forged,
    "essay below": lambda course: inserted(all_right_but_essay(course), "", cell("markdown", "mine", ESSAY)),
    "essay in code": lambda course: inserted(all_right_but_essay(course), "", cell("code", "mine", f"# {ESSAY}")),
    "essay with a picture": lambda course: with_picture(all_right(course)),
    "answer in a locked cell": lambda course: with_sources(
        answered(course), {"add_backward_check": f"{RIGHT_ADD}\n\ncheck(add_backward)"}
    ),
    "old schema": lambda course: _with_schema(all_right(course), 1),
    "not JSON": lambda course: "{",
    "empty file": lambda course: "",
    "no notebook": lambda course: "[1, 2]",
}


def all_right_but_essay(course):
    return answered(course, add_backward=RIGHT_ADD, mul_backward=RIGHT_MUL, sum_backward=RIGHT_SUM)


def with_picture(made):
    found = find(made, "essay-why")
    found["source"] = f"{ESSAY}\n\n![](attachment:a.gif)"
    found["attachments"] = {"a.gif": {"image/gif": "R0lGODlhAQABAAAAACw="}}
    return made


def _with_schema(made, version):
    for one in made["cells"]:
        one["metadata"].get("nbgrader", {})["schema_version"] = version
    return made


def broken(course):
    return "{"


RESUBMISSIONS = {
    f"{before.__name__} then {after.__name__}": (before, after)
    for before in (all_right, partial, answered)
    for after in (all_right, partial, answered, broken)
}
BONUSES_BY_HAND = {"all_right then partial": 2.0, "partial then all_right": 0.0, "all_right then broken": 1.5}


@pytest.fixture(scope="module")
def bonus_course(template, tmp_path_factory):
    """The small course with a third exercise that gives a bonus."""
    course = Course.at(shutil.copytree(template.root, tmp_path_factory.mktemp("bonus") / "course"))
    write_sources(course, with_bonus())
    release(course)
    register(course, ASSIGNMENT)
    return course


@pytest.fixture(scope="module")
def both(bonus_course, tmp_path_factory):
    """Two copies of the course, after nbgrader graded the one and the fast path the other, twice."""
    courses = [Course.at(shutil.copytree(bonus_course.root, tmp_path_factory.mktemp(way) / "course")) for way in "ab"]
    for course, grade in zip(courses, (autograde, record), strict=True):
        for name, made in SUBMISSIONS.items():
            path = hand_in(course, student(name), made(course))
            path.with_name("timestamp.txt").write_text("2024-01-02 03:04:05.678 +0200")
        for name, (before, _) in RESUBMISSIONS.items():
            hand_in(course, student(name), before(course))
        grade(course)
        for name, (_, after) in RESUBMISSIONS.items():
            give_by_hand(course, student(name), "add_backward-check", 2.5)
            give_by_hand(course, student(name), "essay-why", 4.0)
            if name in BONUSES_BY_HAND:
                give_by_hand(course, student(name), "sum_backward-check", None, extra=BONUSES_BY_HAND[name])
            hand_in(course, student(name), after(course))
        grade(course)
    return courses


@pytest.mark.parametrize("name", [*SUBMISSIONS, *RESUBMISSIONS])
def test_a_submission_is_recorded_the_same_both_ways(both, name):
    stock, fast = both

    recorded = [(grades(course, student(name)), comments(course, student(name))) for course in (stock, fast)]

    assert recorded[0] == recorded[1]


@pytest.mark.parametrize("name", [*SUBMISSIONS, *RESUBMISSIONS])
def test_the_autograded_files_are_the_same_both_ways(both, name):
    stock, fast = both

    assert files(stock, student(name)) == files(fast, student(name))


def test_no_table_of_nbgraders_differs(both):
    stock, fast = both

    assert rows(stock) == rows(fast)


def test_both_ways_remember_the_same_bonuses(both):
    stock, fast = both

    assert bonuses(stock) == bonuses(fast)
    assert (student("all right"), "sum_backward-check", BONUS, 1) in bonuses(fast)


BONUSES = {
    "all right": BONUS,
    "partial and wrong": 0.7 * BONUS,
    "blank": None,
    "internal bonus": None,
    "forged points schema and output": BONUS,
    "deleted grade cells": BONUS,
    "partial then partial": 0.7 * BONUS,
    "all_right then answered": None,
    "answered then all_right": BONUS,
    "partial then broken": None,
    **BONUSES_BY_HAND,
}


@pytest.mark.parametrize("name, expected", BONUSES.items())
def test_a_bonus_is_extra_credit_unless_a_human_gave_some(both, name, expected):
    found = [grades(course, student(name))["sum_backward-check"][2] for course in both]

    assert found == [expected, expected]


def test_nbgraders_own_totals_are_ours(both):
    for course in both:
        with open_ledger(course) as ledger:
            ours = {total.student: (total.score, total.points) for total in ledger.totals(ASSIGNMENT)}
        with Gradebook(course.gradebook_url, course.course_id) as gradebook:
            theirs = {s.student.id: (s.score, s.max_score) for s in gradebook.assignment_submissions(ASSIGNMENT)}

        assert ours == {name: pytest.approx(total) for name, total in theirs.items()}
        assert ours[student("all right")] == (4 + 3 + BONUS, 12)


@pytest.mark.parametrize("first, then", [(autograde, record), (record, autograde)], ids=["stock first", "fast first"])
def test_either_way_replaces_the_bonus_that_the_other_gave(bonus_course, tmp_path, first, then):
    course = Course.at(shutil.copytree(bonus_course.root, tmp_path / "course"))
    hand_in(course, "alice", all_right(course))
    first(course)
    hand_in(course, "alice", partial(course))

    then(course)

    assert grades(course, "alice")["sum_backward-check"] == (0.0, None, 0.7 * BONUS, 0)


def student(name):
    return ("again-" if name in RESUBMISSIONS else "") + name.replace(" ", "-")


def files(course, name):
    folder = course.autograded / name / ASSIGNMENT
    return {path.name: (path.read_bytes(), oct(path.stat().st_mode)) for path in folder.iterdir()}
