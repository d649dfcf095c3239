"""The ledger: what one submission's recording writes, what it never touches, and what it remembers."""

from __future__ import annotations

import datetime
import os

import pytest
import sqlalchemy as sa

from autograder.errors import StorageError, UsageError
from autograder.grading.course import put_environment_first
from autograder.grading.gradebook import Ledger, NotRegisteredError, open_ledger
from autograder.grading.intake import Rejected, Submission
from autograder.grading.pipeline import Graded
from autograder.judging.verdict import CheckResult, Status, Verdict
from tests.grading.ledgers import by_hand, registered
from tests.grading.notebooks import ASSIGNMENT, NOTEBOOK, exercise, notebook

PARTIAL = Verdict("cost", Status.PARTIAL, checks=(CheckResult("values", 0.5, True), CheckResult("edges", 0.5, False)))
PASSED = Verdict("add_backward", Status.PASSED)
FAILED = Verdict("add_backward", Status.FAILED, message="wrong")
INTERNAL = Verdict("add_backward", Status.INTERNAL)
ADD, COST, ESSAY = "add_backward-check", "cost-check", "essay-sums"


@pytest.fixture
def course(tmp_path):
    """The small release of `notebooks.py`, registered."""
    return registered(tmp_path)


def graded(add=PASSED, *, student="alice", essay=False, digest="d1", fingerprint="f1"):
    submission = Submission(student, ASSIGNMENT, {}, digest, (), frozenset(), {}, {ESSAY: essay})
    verdicts = {"add_backward": add, "cost": PARTIAL} if add else {"cost": PARTIAL}
    return Graded(student, ASSIGNMENT, verdicts, submission, (), (), "namespaces", fingerprint)


def marks(ledger, student="alice"):
    (total,) = (total for total in ledger.totals(ASSIGNMENT) if total.student == student)
    return {mark.cell: (mark.auto, mark.manual, mark.needs_human) for mark in total.marks}


def test_scores_are_the_verdicts_parts_of_the_points(ledger):
    ledger.record(graded(), NOTEBOOK)

    assert marks(ledger) == {ADD: (4.0, None, False), COST: (1.0, None, False), ESSAY: (0.0, None, False)}


def test_a_changed_essay_waits_for_a_human(ledger):
    ledger.record(graded(essay=True), NOTEBOOK)

    assert marks(ledger)[ESSAY] == (None, None, True)


@pytest.mark.parametrize("verdict", [INTERNAL, None], ids=["internal", "no verdict at all"])
def test_what_the_grader_could_not_decide_waits_for_a_human(ledger, verdict):
    ledger.record(graded(verdict), NOTEBOOK)

    assert marks(ledger)[ADD] == (None, None, True)


def test_a_total_counts_manual_scores_before_automatic_ones(ledger):
    ledger.record(graded(essay=True), NOTEBOOK)
    by_hand(ledger, ESSAY, manual_score=3.5)

    (total,) = ledger.totals(ASSIGNMENT)

    assert (total.score, total.points, total.needs_human) == (4.0 + 1.0 + 3.5, 11.0, True)


@pytest.mark.parametrize("given", [float("inf"), -float("inf"), 1e308, "eight"])
@pytest.mark.parametrize("what", ["manual_score", "extra_credit"])
def test_a_score_by_hand_that_no_sum_can_hold_is_none_and_a_person_must_look(ledger, what, given):
    ledger.record(graded(), NOTEBOOK)
    with ledger.engine.begin() as connection:
        connection.exec_driver_sql(
            f"UPDATE grade SET needs_manual_grade = 0, {what} = ? "
            "WHERE cell_id IN (SELECT id FROM base_cell WHERE name = ?)", (given, ADD),
        )  # fmt: skip

    (total,) = ledger.totals(ASSIGNMENT)
    (mark,) = (mark for mark in total.marks if mark.cell == ADD)
    assert (mark.manual, mark.extra, mark.needs_human) == (None, None, True)
    assert total.score <= total.points


@pytest.mark.parametrize(
    "change, lacks",
    [("ALTER TABLE grade DROP COLUMN extra_credit", "grade.extra_credit"), ("DROP TABLE comment", "comment")],
)
def test_a_gradebook_of_another_nbgrader_is_refused_with_what_it_lacks(course, ledger, change, lacks):
    with ledger.engine.begin() as connection:
        connection.exec_driver_sql(change)

    with pytest.raises(UsageError, match=rf"another version of nbgrader.*got none called {lacks}"):
        open_ledger(course)


def test_what_cannot_be_read_in_a_gradebook_is_told(course, ledger):
    ledger.record(graded(), NOTEBOOK)
    with ledger.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE submitted_assignment SET student_id = CAST(x'ff41fe' AS TEXT)")

    with pytest.raises(StorageError, match=r"holds what can't be read.*autograder restore"):
        ledger.totals(ASSIGNMENT)


def test_a_manual_score_that_hides_a_changed_automatic_one_is_told(ledger):
    ledger.record(graded(), NOTEBOOK)
    by_hand(ledger, ADD, manual_score=2.0)
    by_hand(ledger, COST, manual_score=2.0)

    recorded = ledger.record(graded(FAILED), NOTEBOOK)

    (hidden,) = recorded.hidden
    assert (hidden.cell, hidden.manual, hidden.before, hidden.after) == (ADD, 2.0, 4.0, 0.0)


def test_an_essay_that_could_not_be_read_for_a_while_hides_no_automatic_score(ledger):
    ledger.record(graded(essay=True), NOTEBOOK)
    by_hand(ledger, ESSAY, manual_score=3.5, needs_manual_grade=False)
    ledger.record_rejected(Rejected("alice", ASSIGNMENT, "not JSON", "d2"), NOTEBOOK)

    assert ESSAY not in [one.cell for one in ledger.record(graded(essay=True), NOTEBOOK).hidden]


def test_an_internal_failure_takes_automatic_scores_back_and_nothing_else(ledger):
    ledger.record(graded(essay=True), NOTEBOOK)
    by_hand(ledger, ESSAY, manual_score=3.5)

    earlier = ledger.set_internal("alice", ASSIGNMENT, NOTEBOOK)

    assert earlier == {ADD: 4.0, COST: 1.0}
    assert marks(ledger) == {ADD: (None, None, True), COST: (None, None, True), ESSAY: (None, 3.5, True)}


def test_earlier_scores_outlive_a_second_failure(ledger):
    ledger.record(graded(), NOTEBOOK)
    ledger.set_internal("alice", ASSIGNMENT, NOTEBOOK)

    earlier = ledger.set_internal("alice", ASSIGNMENT, NOTEBOOK)

    assert earlier[ADD] == 4.0
    assert ledger.completions(ASSIGNMENT)["alice"].earlier[ADD] == 4.0


def test_an_internal_failure_before_anything_was_recorded_asks_for_a_human(ledger):
    earlier = ledger.set_internal("alice", ASSIGNMENT, NOTEBOOK)

    assert earlier == {}
    assert marks(ledger)[ADD] == (None, None, True)


def test_a_score_after_an_internal_failure_is_compared_with_the_last_one(ledger):
    ledger.record(graded(), NOTEBOOK)
    by_hand(ledger, ADD, manual_score=2.0)
    ledger.set_internal("alice", ASSIGNMENT, NOTEBOOK)

    recorded = ledger.record(graded(), NOTEBOOK)

    assert recorded.hidden == ()


def test_a_completion_says_what_was_graded_and_how(ledger):
    ledger.record(graded(), NOTEBOOK, files={"autograded/alice/x.ipynb": "ab" * 32})

    done = ledger.completed(ASSIGNMENT)["alice"]

    assert (done.state, done.digest, done.tier, done.fingerprint) == ("graded", "d1", "namespaces", "f1")
    assert done.files == {"autograded/alice/x.ipynb": "ab" * 32}
    assert done.version == "0.1.0"


def test_a_rejected_submission_is_completed_too(ledger):
    ledger.record_rejected(Rejected("alice", ASSIGNMENT, "The file is empty.", "d2"), NOTEBOOK)

    assert ledger.completed(ASSIGNMENT)["alice"].state == "rejected"
    assert set(marks(ledger).values()) == {(0.0, None, True)}


@pytest.mark.parametrize("spoil", ["internal verdict", "set_internal", "score taken out", "student removed"])
def test_a_submission_without_all_its_scores_is_not_completed(ledger, spoil):
    ledger.record(graded(INTERNAL if spoil == "internal verdict" else PASSED), NOTEBOOK)
    if spoil == "set_internal":
        ledger.set_internal("alice", ASSIGNMENT, NOTEBOOK)
    if spoil == "score taken out":
        with ledger.engine.begin() as connection:
            connection.execute(sa.update(ledger.statements.table("grade")).values(auto_score=None))
    if spoil == "student removed":
        with ledger.engine.begin() as connection:
            connection.execute(sa.delete(ledger.statements.table("submitted_assignment")))

    assert ledger.completed(ASSIGNMENT) == {}


def test_an_essay_that_waits_does_not_keep_a_submission_from_being_completed(ledger):
    ledger.record(graded(essay=True), NOTEBOOK)

    assert set(ledger.completed(ASSIGNMENT)) == {"alice"}


def test_all_of_a_recording_is_written_or_nothing(ledger):
    ledger.record(graded(), NOTEBOOK)
    before = marks(ledger), ledger.completions(ASSIGNMENT)
    broken = Verdict("add_backward", Status.PARTIAL, checks=(CheckResult("values", -0.5, True),))

    with pytest.raises(ValueError, match=r"fraction -0\.5"):
        ledger.record(graded(broken, digest="d2"), NOTEBOOK)

    assert (marks(ledger), ledger.completions(ASSIGNMENT)) == before


def test_a_killed_recording_leaves_the_old_one(ledger, monkeypatch):
    ledger.record(graded(), NOTEBOOK)
    before = marks(ledger), ledger.completions(ASSIGNMENT)
    monkeypatch.setattr(Ledger, "_complete", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))

    with pytest.raises(KeyboardInterrupt):
        ledger.record(graded(FAILED), NOTEBOOK)

    assert (marks(ledger), ledger.completions(ASSIGNMENT)) == before


@pytest.mark.parametrize("zone", [None, datetime.UTC, datetime.timezone(datetime.timedelta(hours=2))], ids=str)
def test_a_time_is_kept_in_utc(ledger, zone):
    moment = datetime.datetime(2024, 1, 1, 12, 0, tzinfo=zone)

    ledger.record(graded(), NOTEBOOK, timestamp=moment)

    expected = moment if zone is None else moment.astimezone(datetime.UTC).replace(tzinfo=None)
    assert ledger.totals(ASSIGNMENT)[0].timestamp == expected


def test_a_regrade_without_a_time_keeps_the_earlier_one(ledger):
    ledger.record(graded(), NOTEBOOK, timestamp=datetime.datetime(2024, 1, 1))

    ledger.record(graded(), NOTEBOOK)

    assert ledger.totals(ASSIGNMENT)[0].timestamp == datetime.datetime(2024, 1, 1)


def test_the_number_of_statements_does_not_grow_with_the_exercises(tmp_path):
    counts = []
    for number in (1, 30):
        cells = [cell for n in range(number) for cell in exercise(f"rule_{n}", f"def rule_{n}(): ...")]
        course = registered(tmp_path / str(number), notebook(*cells))
        with open_ledger(course) as ledger:
            ledger.record(graded(), NOTEBOOK)
            counts.append(_statements(ledger, lambda ledger=ledger: ledger.record(graded(), NOTEBOOK)))

    assert counts[0] == counts[1]


def test_no_statement_of_a_recording_reads_a_whole_table_that_grows_with_the_class(ledger):
    ledger.record(graded(), NOTEBOOK)

    with ledger.engine.connect() as connection:
        plans = [
            str(step[3])
            for statement, values in _seen(ledger, lambda: ledger.record(graded(), NOTEBOOK))
            for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        ]

    assert [plan for plan in plans if plan.startswith("SCAN")] == []


def test_submissions_do_not_mix(ledger):
    ledger.record(graded(), NOTEBOOK)

    ledger.record(graded(FAILED, student="bob"), NOTEBOOK)

    assert (marks(ledger)[ADD][0], marks(ledger, "bob")[ADD][0]) == (4.0, 0.0)


@pytest.mark.parametrize("names", [("ps9-nothing", NOTEBOOK), (ASSIGNMENT, "other")])
def test_what_is_not_registered_is_told(ledger, names):
    with pytest.raises(NotRegisteredError, match="make register"):
        ledger.set_internal("alice", *names)


def test_a_gradebook_without_tables_is_told(tmp_path):
    with pytest.raises(NotRegisteredError, match="make register"):
        Ledger(f"sqlite:///{tmp_path / 'empty.db'}")


def test_the_environments_scripts_come_first_once(monkeypatch):
    monkeypatch.setenv("PATH", "/usr/bin")

    put_environment_first()
    once = os.environ["PATH"]
    put_environment_first()

    assert os.environ["PATH"] == once
    assert once.endswith(f"{os.pathsep}/usr/bin")


def _statements(ledger, act):
    return len(_seen(ledger, act))


def _seen(ledger, act):
    """The statements that ``act`` runs in its transaction, each with one set of values."""
    seen = []

    def note(_connection, _cursor, statement, values, _context, many):
        if not statement.startswith("BEGIN"):
            seen.append((statement, tuple(values[0] if many else values)))

    sa.event.listen(ledger.engine, "before_cursor_execute", note)
    act()
    sa.event.remove(ledger.engine, "before_cursor_execute", note)
    return seen
