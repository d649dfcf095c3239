"""Stock `nbgrader autograde` with our configuration and our fast path leave the same gradebook and the same files."""

from __future__ import annotations

import copy
import shutil

import pytest

from autograder.grading.course import Course
from tests.bridges.small_course import (
    ASSIGNMENT,
    RIGHT_ADD,
    RIGHT_MUL,
    answered,
    autograde,
    comments,
    give_by_hand,
    grades,
    hand_in,
    record,
    rows,
)
from tests.grading.notebooks import find, without

UNCHANGED = "Why are gradients added?\n\n*Write your answer here.*"
ESSAY = "Every path from a to the loss adds its part."


def all_right(course):
    return answered(course, add_backward=RIGHT_ADD, mul_backward=RIGHT_MUL, essay_why=ESSAY)


def partial(course):
    return answered(course, add_backward=RIGHT_ADD + "  # partial", mul_backward=RIGHT_MUL + "  # wrong")


def duplicated(course):
    made = all_right(course)
    made["cells"] += [copy.deepcopy(find(made, "mul_backward-check")), copy.deepcopy(find(made, "add_backward"))]
    return made


def stripped(course):
    made = all_right(course)
    for cell in made["cells"]:
        cell.pop("id")
        cell["metadata"] = {"tags": ["skip-execution"]}
    return made


def forged(course):
    made = all_right(course)
    find(made, "add_backward-check")["metadata"]["nbgrader"] |= {"points": 4_000, "checksum": "0" * 32}
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
    "duplicated grade cell": duplicated,
    "deleted grade cells": lambda course: without(all_right(course), "add_backward-check", "mul_backward-check"),
    "deleted essay and answer": lambda course: without(all_right(course), "essay-why", "add_backward"),
    "no ids and no metadata": stripped,
    "forged points schema and output": forged,
    "old schema": lambda course: _with_schema(all_right(course), 1),
    "not JSON": lambda course: "{",
    "empty file": lambda course: "",
    "no notebook": lambda course: "[1, 2]",
}


def _with_schema(made, version):
    for cell in made["cells"]:
        cell["metadata"].get("nbgrader", {})["schema_version"] = version
    return made


def broken(course):
    return "{"


RESUBMISSIONS = {
    f"{before.__name__} then {after.__name__}": (before, after)
    for before in (all_right, partial, answered)
    for after in (all_right, partial, answered, broken)
}


@pytest.fixture(scope="module")
def both(template, tmp_path_factory):
    """Two copies of the course, after nbgrader graded the one and the fast path the other, twice."""
    courses = [Course.at(shutil.copytree(template.root, tmp_path_factory.mktemp(way) / "course")) for way in "ab"]
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


def student(name):
    return ("again-" if name in RESUBMISSIONS else "") + name.replace(" ", "-")


def files(course, name):
    folder = course.autograded / name / ASSIGNMENT
    return {path.name: (path.read_bytes(), oct(path.stat().st_mode)) for path in folder.iterdir()}
