"""What every test of the bridges starts from: a small course, released and registered, with a scripted grader."""

from __future__ import annotations

import shutil

import pytest

from autograder.bridges.nbgrader.register import register
from autograder.bridges.nbgrader.release import release
from autograder.grading.course import Course
from tests.bridges.small_course import ASSIGNMENT, write_sources


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    """A course that is made once and copied."""
    made = Course.at(tmp_path_factory.mktemp("course"))
    write_sources(made)
    release(made)
    register(made, ASSIGNMENT)
    return made


@pytest.fixture
def course(template, tmp_path):
    """A course of the test's own: released, registered, nothing handed in."""
    return Course.at(shutil.copytree(template.root, tmp_path / "course"))
