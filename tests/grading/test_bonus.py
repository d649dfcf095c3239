"""A bonus is extra credit on an exercise of 0 points: from the release, by the verdict, never over a human's."""

from __future__ import annotations

import shutil

import pytest
import sqlalchemy as sa

from autograder.bridges.nbgrader.register import HumanGradesError, register
from autograder.grading._database import BONUS
from autograder.grading.course import Course
from autograder.grading.gradebook import open_ledger
from autograder.grading.intake import Rejected, Submission, read_submission
from autograder.grading.pipeline import Graded
from autograder.judging.verdict import CheckResult, Status, Verdict
from tests.grading.ledgers import by_hand, registered
from tests.grading.notebooks import (
    ASSIGNMENT,
    NOTEBOOK,
    exercise,
    find,
    inserted,
    release_json,
    released,
    without,
    write,
)

EXTRA, ADD = "einsum_backward-check", "add_backward-check"
WORTH = 5.0
RIGHT = Verdict("einsum_backward", Status.PASSED)
WRONG = Verdict("einsum_backward", Status.FAILED)
INTERNAL = Verdict("einsum_backward", Status.INTERNAL)
PARTLY = Verdict(
    "einsum_backward", Status.PARTIAL, (CheckResult("values", 0.6, True), CheckResult("edges", 0.4, False))
)


def with_bonus(bonus=WORTH):
    """The small release with an exercise of 0 points that gives ``bonus``."""
    made = inserted(release_json(), "", *exercise("einsum_backward", "def einsum_backward(): ...", points=0))
    find(made, EXTRA)["metadata"]["autograder"] = {"bonus": bonus}
    return made


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return registered(tmp_path_factory.mktemp("course"), with_bonus())


@pytest.fixture
def course(template, tmp_path):
    return Course.at(shutil.copytree(template.root, tmp_path / "course"))


def graded(verdict, bonus=WORTH):
    bonuses = {"einsum_backward": bonus} if bonus else {}
    submission = Submission("alice", ASSIGNMENT, {}, "d1", (), frozenset(), {}, {}, bonuses=bonuses)
    others = {name: Verdict(name, Status.PASSED) for name in ("add_backward", "cost")}
    return Graded("alice", ASSIGNMENT, others | {"einsum_backward": verdict}, submission, (), (), "namespaces", "f1")


def rejected():
    return Rejected("alice", ASSIGNMENT, "The file is empty.", "d2")


def extra(ledger, cell=EXTRA):
    (total,) = ledger.totals(ASSIGNMENT)
    return next(mark.extra for mark in total.marks if mark.cell == cell)


@pytest.mark.parametrize("verdict, earned", [(RIGHT, 5.0), (PARTLY, 3.0), (WRONG, None)])
def test_a_verdict_earns_its_part_of_the_bonus(ledger, verdict, earned):
    ledger.record(graded(verdict), NOTEBOOK)

    assert extra(ledger) == earned


def test_the_total_is_score_and_bonus_out_of_the_same_points(ledger):
    ledger.record(graded(PARTLY), NOTEBOOK)

    (total,) = ledger.totals(ASSIGNMENT)

    assert (total.score, total.credit([EXTRA]), total.points) == (4.0 + 2.0 + 3.0, 3.0, 11.0)


def test_other_cells_get_no_extra_credit(ledger):
    ledger.record(graded(RIGHT), NOTEBOOK)

    assert extra(ledger, ADD) is None


@pytest.mark.parametrize("verdict, earned", [(RIGHT, 5.0), (PARTLY, 3.0), (WRONG, None), (INTERNAL, None)])
def test_a_regrade_replaces_the_bonus_that_the_last_one_gave(ledger, verdict, earned):
    ledger.record(graded(RIGHT), NOTEBOOK)

    ledger.record(graded(verdict), NOTEBOOK)

    assert extra(ledger) == earned


@pytest.mark.parametrize("failure", ["rejected", "set_internal", "no longer a bonus"])
def test_what_cannot_be_graded_keeps_no_bonus(ledger, failure):
    ledger.record(graded(RIGHT), NOTEBOOK)

    fail(ledger, failure)

    assert extra(ledger) is None


@pytest.mark.parametrize("failure", ["rejected", "set_internal", "no longer a bonus", "internal verdict"])
@pytest.mark.parametrize("given", [2.0, 0.0, 9.5])
def test_a_humans_extra_credit_stays_whatever_comes_after(ledger, failure, given):
    ledger.record(graded(RIGHT), NOTEBOOK)
    by_hand(ledger, EXTRA, extra_credit=given)

    fail(ledger, failure)
    after_failure = extra(ledger)
    ledger.record(graded(PARTLY), NOTEBOOK)

    assert (after_failure, extra(ledger)) == (given, given)


def fail(ledger, how):
    if how == "rejected":
        ledger.record_rejected(rejected(), NOTEBOOK)
    elif how == "set_internal":
        ledger.set_internal("alice", ASSIGNMENT, NOTEBOOK)
    else:
        ledger.record(graded(INTERNAL) if how == "internal verdict" else graded(RIGHT, bonus=0.0), NOTEBOOK)


@pytest.mark.parametrize("given", [0.0, 2.0, WORTH])
def test_extra_credit_that_a_human_gave_first_is_never_taken_for_ours(ledger, given):
    ledger.record(graded(WRONG), NOTEBOOK)
    by_hand(ledger, EXTRA, extra_credit=given)

    for verdict in (RIGHT, PARTLY, WRONG):
        ledger.record(graded(verdict), NOTEBOOK)

    assert extra(ledger) == given


def test_a_human_who_only_gave_a_score_leaves_the_bonus_to_the_grader(ledger):
    ledger.record(graded(RIGHT), NOTEBOOK)
    by_hand(ledger, EXTRA, extra_credit=WORTH, manual_score=0.0)  # the formgrader saves both

    ledger.record(graded(PARTLY), NOTEBOOK)

    assert extra(ledger) == 3.0


def test_a_human_who_empties_the_field_gives_it_back(ledger):
    ledger.record(graded(RIGHT), NOTEBOOK)
    by_hand(ledger, EXTRA, extra_credit=2.0)
    ledger.record(graded(PARTLY), NOTEBOOK)
    by_hand(ledger, EXTRA, extra_credit=None)

    ledger.record(graded(PARTLY), NOTEBOOK)

    assert extra(ledger) == 3.0


def test_a_submission_that_was_removed_gets_its_bonus_when_it_comes_again(ledger):
    ledger.record(graded(RIGHT), NOTEBOOK)
    with ledger.engine.begin() as connection:
        for name in ("grade", "submitted_notebook", "submitted_assignment"):
            connection.execute(sa.delete(ledger.statements.table(name)))

    ledger.record(graded(RIGHT), NOTEBOOK)

    assert extra(ledger) == WORTH


def test_a_bonus_that_changed_behind_a_humans_is_told_once(ledger):
    ledger.record(graded(WRONG), NOTEBOOK)
    by_hand(ledger, EXTRA, extra_credit=2.0)

    first, again = ledger.record(graded(RIGHT), NOTEBOOK), ledger.record(graded(RIGHT), NOTEBOOK)

    assert [(h.cell, h.manual, h.before, h.after) for h in first.hidden] == [(EXTRA, 2.0, 0.0, WORTH)]
    assert again.hidden == ()


def test_a_failure_in_between_does_not_make_an_unchanged_bonus_look_changed(ledger):
    ledger.record(graded(RIGHT), NOTEBOOK)
    by_hand(ledger, EXTRA, extra_credit=2.0)
    ledger.set_internal("alice", ASSIGNMENT, NOTEBOOK)

    recorded = ledger.record(graded(RIGHT), NOTEBOOK)

    assert recorded.hidden == ()


def test_a_recording_that_changes_no_bonus_writes_none(ledger):
    ledger.record(graded(RIGHT), NOTEBOOK)
    seen = []
    sa.event.listen(ledger.engine, "before_cursor_execute", lambda *event: seen.append(event[2]))

    ledger.record(graded(RIGHT), NOTEBOOK)

    assert [text for text in seen if not text.startswith("SELECT") and ("extra_credit" in text or BONUS in text)] == []


def test_a_gradebook_from_before_there_were_bonuses_is_read(ledger, course):
    with ledger.engine.begin() as connection:
        connection.execute(sa.text(f"DROP TABLE {BONUS}"))

    with open_ledger(course) as opened:
        opened.record(graded(RIGHT), NOTEBOOK)

        assert extra(opened) == WORTH


def test_an_exercise_with_our_bonus_only_may_leave_the_release(ledger, course):
    ledger.record(graded(RIGHT), NOTEBOOK)
    released(course.root, without(with_bonus(), EXTRA, "einsum_backward"))

    found = register(course, ASSIGNMENT)

    assert found.removed == ("einsum_backward", EXTRA)


def test_an_exercise_with_a_humans_extra_credit_may_not(ledger, course):
    ledger.record(graded(RIGHT), NOTEBOOK)
    by_hand(ledger, EXTRA, extra_credit=2.0)
    released(course.root, without(with_bonus(), EXTRA, "einsum_backward"))

    with pytest.raises(HumanGradesError, match="einsum_backward"):
        register(course, ASSIGNMENT)


@pytest.mark.parametrize("forged", [{"bonus": 1_000}, {"bonus": "5"}, {}, None, [5], {"bonus": 5, "more": 1}], ids=str)
def test_a_bonus_in_a_submissions_own_metadata_means_nothing(tmp_path, forged):
    release = released(tmp_path, with_bonus())
    made = with_bonus()
    for name in (EXTRA, ADD, "einsum_backward", "given-imports"):
        find(made, name)["metadata"]["autograder"] = forged
    path = write(tmp_path / "submitted" / "alice" / ASSIGNMENT / f"{NOTEBOOK}.ipynb", made)

    taken = read_submission(path, release, "alice")

    assert taken.bonuses == {"einsum_backward": WORTH}
    assert [c["metadata"].get("autograder") for c in taken.notebook["cells"] if "autograder" in c["metadata"]] == [
        {"bonus": WORTH}
    ]
