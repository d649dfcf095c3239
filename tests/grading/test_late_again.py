"""What being late costs follows the due date, extensions and the policy at the next run, without grading anything."""

from __future__ import annotations

import datetime

import pytest
import sqlalchemy as sa

from autograder.grading.gradebook import open_ledger
from tests.bridges.small_course import sql
from tests.grading.small_run import ScriptedBox, graded, new_course, plan_of


@pytest.fixture
def course(tmp_path):
    """Three students who handed in on 2 January 2020, graded when nothing was due."""
    made = new_course(tmp_path / "course", 3)
    graded(made)
    return made


def due(course, moment):
    with open_ledger(course) as ledger, ledger.engine.begin() as connection:
        connection.execute(sa.update(ledger.statements.table("assignment")).values(duedate=moment))


def everything(student, score, seconds):
    return score


def penalties(course):
    return dict(sql(course, "SELECT sa.student_id, late_submission_penalty FROM submitted_notebook sn"
                            " JOIN submitted_assignment sa ON sa.id = sn.assignment_id"))  # fmt: skip


def again(course, late=everything):
    box = ScriptedBox(plan_of(course))
    summary = graded(course, box, late=late)
    return box.seen, [name.student for name in summary.late_anew]


def test_a_due_date_that_is_set_later_counts_at_the_next_run_and_nothing_is_graded(course):
    due(course, datetime.datetime(2020, 1, 1))

    seen, anew = again(course)

    assert (seen, anew) == (0, ["s0000", "s0001"])  # the third has no points to lose
    assert penalties(course)["s0000"] == 8.0


def test_a_due_date_that_moves_takes_the_penalty_away(course):
    due(course, datetime.datetime(2020, 1, 1))
    again(course)
    due(course, datetime.datetime(2021, 1, 1))

    assert again(course) == (0, ["s0000", "s0001"])
    assert set(penalties(course).values()) == {None}


def test_a_policy_that_is_taken_back_takes_the_penalty_away(course):
    due(course, datetime.datetime(2020, 1, 1))
    again(course)

    assert again(course, late=None) == (0, ["s0000", "s0001"])


def test_a_penalty_that_is_as_it_was_is_not_told(course):
    due(course, datetime.datetime(2020, 1, 1))
    again(course)

    assert again(course) == (0, [])


def test_a_score_by_hand_since_the_last_run_counts_in_the_penalty(course):
    due(course, datetime.datetime(2020, 1, 1))
    again(course)
    sql(
        course, "UPDATE grade SET manual_score = 5 WHERE cell_id IN (SELECT id FROM base_cell WHERE name = 'essay-why')"
    )

    again(course)

    assert penalties(course)["s0000"] == 13.0
