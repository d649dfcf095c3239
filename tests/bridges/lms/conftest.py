"""A graded course for the exports: a student of every kind, recorded once; tests of exports only read it."""

from __future__ import annotations

import json
import shutil
from types import SimpleNamespace

import pytest

from autograder.grading.course import Course
from autograder.grading.intake import read_submission
from autograder.grading.release import load_release
from autograder.reports.record import submission_record
from tests.bridges.lms.clerk import Clerk
from tests.bridges.small_course import (
    ASSIGNMENT,
    NOTEBOOK,
    RIGHT_ADD,
    RIGHT_MUL,
    answered,
    give_by_hand,
    give_penalty,
    hand_in,
    record,
    scripted,
    sql,
)

WRONG = "def add_backward(grad_output, output, a, b):\n    return 0  # wrong"
INTERNAL = "def mul_backward(grad_output, output, a, b):\n    return 0  # internal"


@pytest.fixture(scope="session")
def graded(template, tmp_path_factory):
    """ada: all right, an essay and extra credit by hand. bo: one wrong, late. cy: INTERNAL. di: an essay waits.

    ed: no notebook, rejected. Of 12 points.
    """
    course = Course.at(shutil.copytree(template.root, tmp_path_factory.mktemp("graded") / "course"))
    hand_in(course, "ada", answered(course, add_backward=RIGHT_ADD, mul_backward=RIGHT_MUL, essay_why="Paths."))
    hand_in(course, "bo", answered(course, add_backward=WRONG, mul_backward=RIGHT_MUL))
    hand_in(course, "cy", answered(course, add_backward=RIGHT_ADD, mul_backward=INTERNAL))
    hand_in(course, "di", answered(course, add_backward=RIGHT_ADD, essay_why="Sums."))
    hand_in(course, "ed", b"no notebook")
    record(course)
    give_by_hand(course, "ada", "essay-why", 4.0, extra=1.25)
    sql(course, "UPDATE grade SET needs_manual_grade = 0 WHERE manual_score IS NOT NULL")
    give_penalty(course, "bo", 0.75)
    _write_records(course)
    (course.root / "nbgrader_config.py").write_text(
        "from autograder.bridges.nbgrader.config import configure\nconfigure(get_config())\n"
    )
    return course


def _write_records(course: Course) -> None:
    release = load_release(course.release(ASSIGNMENT))
    grade = scripted(course, ASSIGNMENT)
    for folder in sorted(course.submitted.iterdir()):
        taken = read_submission(folder / ASSIGNMENT / f"{NOTEBOOK}.ipynb", release, folder.name)
        result = grade(taken) if hasattr(taken, "cells") else taken
        path = course.record(folder.name, ASSIGNMENT)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(submission_record(result, release.exercises)))


@pytest.fixture
def wrote(graded, tmp_path, capsys):
    """`autograder export` with these options: the file's bytes and what was said."""
    from autograder.bridges.lms.export import Request
    from autograder.commands.export import run_export

    def made(to, **options):
        for name in ("roster", "template"):
            if name in options:
                path = tmp_path / f"{name}.csv"
                path.write_text(options[name], encoding="utf-8")
                options[name] = path
        out = tmp_path / "out.csv"
        run_export(graded, Request(to, **options), out)
        return SimpleNamespace(data=out.read_bytes(), said=capsys.readouterr().out)

    return made


@pytest.fixture
def clerk(course, tmp_path, capsys):
    """Who takes in, into a course of the test's own."""
    return Clerk(course, tmp_path, capsys)
