"""The assignments of a course, and what is said of a folder that does not hold the one notebook it should."""

from __future__ import annotations

import pickle

import pytest

from autograder.errors import NotOneNotebookError, UsageError
from autograder.grading.course import Course
from autograder.grading.release import load_releases
from tests.grading.notebooks import half_released, write

PS1, PS5 = "ps1-rules", "ps5-steps"


@pytest.fixture
def course(tmp_path) -> Course:
    """Two assignments, of which one was released."""
    return half_released(tmp_path, PS1, PS5)


def test_a_copy_and_a_hidden_file_make_no_second_assignment(course):
    for name in ("rules-Copy1.ipynb", "._rules.ipynb"):
        write(course.solutions / PS1 / name, "{}")
    write(course.solutions / "notes" / "._rules.ipynb", "{}")

    assert course.assignment_names() == (PS1, PS5)


def test_a_hidden_file_is_no_second_notebook(course):
    write(course.solutions / PS1 / "._rules.ipynb", "{}")

    assert course.source(PS1).name == "rules.ipynb"


def test_two_notebooks_are_told_by_name(course):
    write(course.solutions / PS1 / "rules-Copy1.ipynb", "{}")

    with pytest.raises(UsageError, match=r"holds 2 notebooks. Expected one and got rules-Copy1\.ipynb, rules\.ipynb"):
        course.source(PS1)


def test_an_assignment_that_was_not_released_says_what_to_do(course):
    with pytest.raises(NotOneNotebookError, match=r"ps5-steps holds 0 notebooks.*make release") as raised:
        course.release(PS5)

    assert isinstance(raised.value, UsageError)
    assert isinstance(raised.value, LookupError)
    assert str(pickle.loads(pickle.dumps(raised.value))) == str(raised.value)


def test_one_assignment_that_was_not_released_keeps_no_other_from_being_read(course):
    assert list(load_releases(course)) == [PS1]
