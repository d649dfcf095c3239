"""What a person graded stays closed, whatever is graded again, until its answer or its worth gives a reason."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from autograder.errors import UsageError
from autograder.grading._database import SCHEMA, VERSION
from autograder.grading.closed import answer_digests
from autograder.grading.gradebook import Ledger
from autograder.grading.intake import Rejected
from tests.grading.ledgers import by_hand, registered
from tests.grading.notebooks import ASSIGNMENT, NOTEBOOK, released
from tests.grading.test_gradebook import ADD, COST, ESSAY, FAILED, INTERNAL, graded, marks

ANSWERS = {"add_backward": "a1", "cost": "c1", ESSAY: "e1"}


@pytest.fixture
def course(tmp_path):
    """The small release, registered."""
    return registered(tmp_path)


def recorded(ledger, answers=ANSWERS, **more):
    """Record a notebook with an essay and these answers."""
    made = graded(**{"essay": True, "digest": f"file of {sorted(answers.items())}", **more})
    return ledger.record(replace(made, answers=answers), NOTEBOOK)


def closed_by_a_person(ledger, **scores):
    """Scores as the formgrader saves them."""
    for cell, score in scores.items():
        by_hand(ledger, {"essay": ESSAY, "add": ADD, "cost": COST}[cell], manual_score=score, needs_manual_grade=False)


def worth(ledger, cell, points):
    """Give a cell other points, as a release does."""
    grades, cells = ledger.statements.table("grade_cells"), ledger.statements.table("base_cell")
    here = sa.select(cells.c.id).where(cells.c.name == cell)
    with ledger.engine.begin() as connection:
        connection.execute(sa.update(grades).where(grades.c.id.in_(here)).values(max_score=points))
    ledger.forget_registered()


def waits(ledger):
    return {cell for cell, (_, _, waits) in marks(ledger).items() if waits}


AGAIN = {
    "as it was": {},
    "with force, by another grader": {"fingerprint": "f2"},
    "with another verdict": {"add": FAILED},
    "with a failure of ours": {"add": INTERNAL},
    "another file, these answers": {"digest": "d2"},
    "another file, other answers elsewhere": {"answers": ANSWERS | {"cost": "c2"}},
}


def test_a_regrade_of_any_kind_leaves_every_essay_and_override_closed(ledger):
    recorded(ledger)
    closed_by_a_person(ledger, essay=3.5, add=2.0)

    opened = {}
    for name, how in AGAIN.items():
        told = recorded(ledger, **how)
        opened[name] = (waits(ledger), [one.cell for one in told.reopened])

    assert opened == dict.fromkeys(AGAIN, (set(), []))


@pytest.mark.parametrize(
    "cell, answers", [("essay", ANSWERS | {ESSAY: "e2"}), ("add", ANSWERS | {"add_backward": "a2"})]
)
def test_another_answer_opens_its_own_cell_and_says_why(ledger, cell, answers):
    recorded(ledger)
    closed_by_a_person(ledger, essay=3.5, add=2.0)

    told = recorded(ledger, answers)

    own = {"essay": ESSAY, "add": ADD}[cell]
    assert waits(ledger) == {own}
    assert [(one.cell, one.why) for one in told.reopened] == [(own, "another answer was handed in")]


def test_what_was_opened_waits_until_a_person_closes_it_again(ledger):
    recorded(ledger)
    closed_by_a_person(ledger, essay=3.5)
    recorded(ledger, ANSWERS | {ESSAY: "e2"})

    recorded(ledger, ANSWERS | {ESSAY: "e2"})
    still = waits(ledger)
    closed_by_a_person(ledger, essay=3.5)
    recorded(ledger, ANSWERS | {ESSAY: "e2"})

    assert (still, waits(ledger)) == ({ESSAY}, set())


def test_a_maximum_that_fell_below_the_score_opens_the_cell_and_says_why(ledger):
    recorded(ledger)
    closed_by_a_person(ledger, essay=3.5)
    worth(ledger, ESSAY, 3.0)

    told = recorded(ledger)

    assert waits(ledger) == {ESSAY}
    assert told.reopened[0].why == "its score 3.5 is above the 3 points that it is worth now"


@pytest.mark.parametrize("points", [0.0, 3.5, 7.0], ids=["dropped", "as much as the score", "more"])
def test_other_points_that_do_not_fall_below_the_score_open_nothing(ledger, points):
    recorded(ledger)
    closed_by_a_person(ledger, essay=3.5)
    worth(ledger, ESSAY, points)

    assert recorded(ledger).reopened == ()
    assert waits(ledger) == set()


def test_a_person_who_gives_more_than_the_maximum_is_not_asked_at_every_regrade(ledger):
    recorded(ledger)
    closed_by_a_person(ledger, essay=9.0)

    recorded(ledger)

    assert waits(ledger) == set()


def test_a_file_that_cannot_be_read_opens_what_was_graded_by_hand_and_says_why(ledger):
    recorded(ledger)
    closed_by_a_person(ledger, essay=3.5)

    told = ledger.record_rejected(Rejected("alice", ASSIGNMENT, "The file is empty.", "d9"), NOTEBOOK)

    assert [(one.cell, one.why) for one in told.reopened] == [(ESSAY, "what was handed in now could not be read")]
    assert marks(ledger)[ESSAY][1] == 3.5


def test_nbgraders_own_autograde_between_taking_back_and_saving_leaves_cells_closed(ledger):
    recorded(ledger)
    closed_by_a_person(ledger, essay=3.5, add=2.0)
    ledger.set_internal("alice", ASSIGNMENT, NOTEBOOK)
    for cell in (ESSAY, ADD):
        by_hand(ledger, cell, needs_manual_grade=True)  # nbgrader's SaveAutoGrades

    told = ledger.override(replace(graded(essay=True, digest="d5"), answers=ANSWERS), NOTEBOOK)

    assert (waits(ledger) & {ESSAY, ADD}, told.reopened) == (set(), ())


def test_a_run_killed_inside_nbgraders_own_autograde_opens_nothing_either(ledger):
    recorded(ledger)
    closed_by_a_person(ledger, essay=3.5)
    ledger.set_internal("alice", ASSIGNMENT, NOTEBOOK)
    by_hand(ledger, ESSAY, needs_manual_grade=True)

    recorded(ledger)

    assert waits(ledger) == set()


def unreadable(ledger, digest="d9"):
    return ledger.record_rejected(Rejected("alice", ASSIGNMENT, "The file is empty.", digest), NOTEBOOK)


def test_after_a_file_that_could_not_be_read_what_is_answered_as_before_is_closed_again(ledger):
    recorded(ledger)
    closed_by_a_person(ledger, essay=3.5, add=2.0)

    told = unreadable(ledger)
    assert {one.cell for one in told.reopened} == {ESSAY, ADD}
    assert {ESSAY, ADD} <= waits(ledger)
    told = recorded(ledger, ANSWERS | {"add_backward": "a2"})

    assert [(one.cell, one.why) for one in told.reopened] == [(ADD, "another answer was handed in")]
    assert waits(ledger) == {ADD}


def test_while_the_file_can_not_be_read_the_cells_wait_however_often_it_is_graded(ledger):
    recorded(ledger)
    closed_by_a_person(ledger, essay=3.5, add=2.0)

    for digest in ("d9", "d9", "d10"):
        unreadable(ledger, digest)
        assert {ESSAY, ADD} <= waits(ledger)
    ledger.set_internal("alice", ASSIGNMENT, NOTEBOOK)

    assert {ESSAY, ADD} <= waits(ledger)


def test_what_a_person_grades_of_a_file_that_can_not_be_read_stays_closed(ledger):
    recorded(ledger)
    unreadable(ledger)
    closed_by_a_person(ledger, essay=3.5, add=2.0, cost=1.0)

    told = unreadable(ledger)

    assert (waits(ledger), told.reopened) == (set(), ())


def before_there_were_versions(ledger):
    """Make the gradebook one of version 1."""
    with ledger.engine.begin() as connection:
        for column in ("answers", "closed", "grader"):
            connection.exec_driver_sql(f"ALTER TABLE autograder_completion DROP COLUMN {column}")
        connection.exec_driver_sql(f"DROP TABLE {SCHEMA}")
    ledger.close()


def test_a_gradebook_of_an_earlier_version_is_brought_up_to_date_with_everything_in_it(ledger, course):
    recorded(ledger)
    closed_by_a_person(ledger, essay=3.5)
    before_there_were_versions(ledger)

    with Ledger(course.gradebook_url) as newer:
        recorded(newer)

        assert waits(newer) == set()
        assert newer.completions(ASSIGNMENT)["alice"].closed == {ESSAY: 3.5}


def test_a_gradebook_of_an_earlier_version_and_another_file_ask_a_person(ledger, course):
    recorded(ledger)
    closed_by_a_person(ledger, essay=3.5)
    before_there_were_versions(ledger)

    with Ledger(course.gradebook_url) as newer:
        told = recorded(newer, digest="d7")

        assert "is not known" in told.reopened[0].why


def test_a_gradebook_of_a_later_version_is_refused_with_what_to_do(ledger, course):
    with ledger.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE {SCHEMA} SET version = {VERSION + 1}")

    with pytest.raises(UsageError, match=r"later version.*Install that version"):
        Ledger(course.gradebook_url)


def test_a_column_that_cannot_be_made_up_is_told(ledger, course):
    with ledger.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE autograder_completion DROP COLUMN tier")

    with pytest.raises(UsageError, match="a column 'tier' in autograder_completion"):
        Ledger(course.gradebook_url)


def test_an_essays_digest_is_that_of_its_cell_or_of_all_own_text_where_the_cell_is_as_released(tmp_path):
    release = released(tmp_path)
    blank = [{"id": c.id, "cell_type": c.cell_type, "source": c.source} for c in release.cells]
    mine = {"id": "own-1", "cell_type": "markdown", "source": "It adds."}
    photo = {"p.png": {"image/png": "AAAA"}}

    def digest(cells):
        return answer_digests({"cells": cells}, {}, release)[ESSAY]

    def essay(**changes):
        return [{**cell, **changes} if cell["id"] == ESSAY else cell for cell in blank]

    written = digest(essay(source="It adds."))

    assert len({digest(blank), digest([*blank, mine]), written, digest(essay(attachments=photo))}) == 4
    assert digest([*essay(source="It adds."), mine]) == written
