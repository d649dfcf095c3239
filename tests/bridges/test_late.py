"""Being late costs what nbgrader's plugin says, on both ways."""

from __future__ import annotations

import shutil

import pytest

from autograder.bridges.nbgrader.late import late_penalty
from autograder.errors import UsageError
from autograder.grading.course import Course
from tests.bridges.small_course import (
    NOTEBOOK,
    RIGHT_ADD,
    answered,
    autograde,
    give_by_hand,
    hand_in,
    record,
    rows,
    sql,
)

CONFIG = """
from nbgrader.plugins import LateSubmissionPlugin

class TooMuch(LateSubmissionPlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return {penalty}

c = get_config()
c.AssignLatePenalties.plugin_class = TooMuch
"""

EVERYTHING = "c = get_config()\nc.LateSubmissionPlugin.penalty_method = 'zero'\n"


def late(course):
    sql(course, "UPDATE assignment SET duedate = '2024-01-01 00:00:00.000000'")
    path = hand_in(course, "alice", answered(course, add_backward=RIGHT_ADD))
    path.with_name("timestamp.txt").write_text("2024-01-01 01:00:00.0 UTC")


@pytest.mark.parametrize("penalty", ["0.25 * score", "score + 1", "-1", "None", "total_seconds_late / 3600"])
def test_a_late_submission_costs_the_same_both_ways(course, tmp_path, penalty):
    twin = Course.at(shutil.copytree(course.root, tmp_path / "twin"))
    for each in (course, twin):
        late(each)
        (each.root / "nbgrader_config.py").write_text(CONFIG.format(penalty=penalty))

    autograde(course, more=late_plugin(course))
    record(twin)

    assert rows(course) == rows(twin)


def test_the_penalty_counts_the_score_that_a_human_gave(course):
    late(course)
    (course.root / "nbgrader_config.py").write_text(EVERYTHING)
    record(course)
    give_by_hand(course, "alice", "essay-why", 3.0)

    record(course)

    assert rows(course)["submitted_notebook"] == [("alice", NOTEBOOK, 0, 4.0 + 3.5)]


def test_an_extension_moves_the_due_date(course):
    late(course)
    (course.root / "nbgrader_config.py").write_text(EVERYTHING)
    record(course)
    sql(course, "UPDATE submitted_assignment SET extension = '1970-01-01 02:00:00.000000'")

    record(course)

    assert rows(course)["submitted_notebook"] == [("alice", NOTEBOOK, 0, None)]


def test_a_course_without_penalties_has_none(course):
    (course.root / "nbgrader_config.py").write_text("c = get_config()\n")

    assert late_penalty(course) is None


@pytest.mark.parametrize(
    "text, said",
    [
        ("c = get_config()\nc.LateSubmissionPlugin.penalty_method = 'zeroo'\n", "TraitError: .*zeroo"),
        ("c = get_config()\nc.AssignLatePenalties.plugin_class = 'nowhere.Plugin'\n", "nowhere"),
        ("c = get_config(\n", "SyntaxError"),
        ("c = get_config()\nc.LateSubmissionPlugin.penalty_method = zero\n", "NameError: .*zero"),
    ],
)
def test_a_mistake_in_the_configuration_is_told(course, text, said):
    (course.root / "nbgrader_config.py").write_text(text)

    with pytest.raises(UsageError, match=rf"(?s)nbgrader_config\.py can't be used. Got .*{said}.*Mend it"):
        late_penalty(course)


@pytest.mark.parametrize(
    "penalty, said", [("1 / 0", "ZeroDivisionError"), ("float('nan')", "a penalty of nan"), ("'5'", "TypeError")]
)
def test_a_plugin_that_fails_is_told_with_whose_penalty_it_was(course, penalty, said):
    late(course)
    (course.root / "nbgrader_config.py").write_text(CONFIG.format(penalty=penalty))

    with pytest.raises(UsageError, match=f"plugin that nbgrader_config.py names fails for alice.*{said}.*Mend it"):
        record(course)


def late_plugin(course):
    """The configuration that nbgrader itself would load from the course's folder."""
    from traitlets.config.loader import PyFileConfigLoader

    return PyFileConfigLoader("nbgrader_config.py", path=str(course.root)).load_config()
