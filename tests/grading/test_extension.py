"""An extension for one student, given as the instructors' page says: the next run counts it, and grades nothing."""

from __future__ import annotations

import datetime
import subprocess
import sys

import pytest

from tests.docs.pages import commands
from tests.grading.small_run import ASSIGNMENT, ROOT, new_course
from tests.grading.small_run import graded as grade
from tests.grading.test_late_again import again, due, penalties

PAGE = ROOT / "docs" / "instructors.md"


@pytest.fixture
def course(tmp_path):
    """Three students, a day late, who lose everything for it."""
    made = new_course(tmp_path, 3)
    grade(made)
    due(made, datetime.datetime(2020, 1, 1))
    again(made)
    return made


@pytest.mark.slow
def test_an_extension_that_is_given_as_the_page_says_counts_at_the_next_run(course):
    (line,) = [command for command in commands(PAGE) if "grant_extension" in command.text]
    _, option, code = line.words
    mine = code.replace("ps3-activations-and-losses", ASSIGNMENT).replace("emil", "s0000")

    subprocess.run([sys.executable, option, mine], cwd=course.root, check=True)

    assert again(course) == (0, ["s0000"])
    assert penalties(course) == {"s0000": None, "s0001": 4.0, "s0002": None}
    subprocess.run([sys.executable, option, mine.replace(", days=3", "")], cwd=course.root, check=True)
    assert again(course) == (0, ["s0000"])
    assert penalties(course)["s0000"] == 8.0
