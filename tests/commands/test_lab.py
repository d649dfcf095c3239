"""`make lab` opens copies: nothing a student does there reaches assignments/, and no work there is lost."""

from __future__ import annotations

import json
import os

import pytest

from autograder.commands.lab import environment, prepare
from autograder.grading.course import Course
from tests.grading.notebooks import exercise, given, notebook, write

ASSIGNMENT, NOTEBOOK = "tiny-rules", "rules.ipynb"
OFFERED = f"exchange/backpropagation/outbound/{ASSIGNMENT}"
RELEASED = notebook(given("given-imports", "from kit import check"), *exercise("add_backward", "...", points=4))


@pytest.fixture
def course(tmp_path):
    """A course with one released assignment."""
    made = Course.at(tmp_path)
    write(made.assignments / ASSIGNMENT / NOTEBOOK, RELEASED)
    write(made.assignments / ASSIGNMENT / "kit.zip", "first")
    write(made.assignments / ASSIGNMENT / "__pycache__" / "conftest.pyc", "left by use")
    return made


def opened(course):
    """`make lab`, up to the moment JupyterLab starts."""
    return prepare(course, (ASSIGNMENT,), course.root / "lab")


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_copy_is_what_was_released_and_on_offer_in_the_exchange(course):
    opened(course)

    expected = {NOTEBOOK, "kit.zip"}
    assert set(contents(course.root / "lab" / "student" / ASSIGNMENT)) == expected
    assert set(contents(course.root / "lab" / OFFERED)) == expected


def test_work_on_the_copy_changes_nothing_that_was_released(course):
    before = contents(course.assignments)
    opened(course)

    for path in (course.root / "lab" / "student" / ASSIGNMENT).rglob("*.*"):
        path.write_text("changed")

    assert contents(course.assignments) == before


def test_a_copy_nobody_worked_on_follows_the_release(course):
    opened(course)
    write(course.assignments / ASSIGNMENT / NOTEBOOK, "newer")

    said = opened(course)

    assert said == ()
    assert (course.root / "lab" / "student" / ASSIGNMENT / NOTEBOOK).read_text() == "newer"


def test_work_is_kept_and_said_so_while_the_kit_beside_it_follows(course):
    opened(course)
    mine = course.root / "lab" / "student" / ASSIGNMENT
    (mine / NOTEBOOK).write_text("my work")
    write(course.assignments / ASSIGNMENT / NOTEBOOK, "newer")
    write(course.assignments / ASSIGNMENT / "kit.zip", "second")

    said = [opened(course), opened(course)]

    assert [len(lines) for lines in said] == [1, 1]
    assert (mine / NOTEBOOK).read_text() == "my work"
    assert (mine / "kit.zip").read_text() == "second"


def test_the_view_is_a_students(course):
    opened(course)

    config = course.root / "lab" / "config"
    disabled = json.loads((config / "labconfig" / "page_config.json").read_text())["disabledExtensions"]
    servers = json.loads((config / "jupyter_server_config.json").read_text())["ServerApp"]["jpserver_extensions"]
    assert disabled["@jupyter/nbgrader:formgrader"]
    assert "@jupyter/nbgrader:assignment-list" not in disabled
    assert servers == {
        "nbgrader.server_extensions.formgrader": False,
        "nbgrader.server_extensions.course_list": False,
    }


def test_other_places_of_configuration_stay(course, monkeypatch):
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "elsewhere")

    found = environment(course.root)["JUPYTER_CONFIG_PATH"]

    assert found.split(os.pathsep) == [str(course.root / "config"), "elsewhere"]
