"""Several submissions are recorded in one transaction: all of them or none, and none waits long for others."""

from __future__ import annotations

import itertools

import pytest

from autograder.errors import AutograderError
from autograder.grading import run as running
from autograder.grading.intake import Submission
from autograder.grading.pipeline import Graded
from autograder.judging.verdict import Status, Verdict
from tests.grading.ledgers import registered
from tests.grading.notebooks import ASSIGNMENT, NOTEBOOK


@pytest.fixture
def course(tmp_path):
    """The small release of `notebooks.py`, registered."""
    return registered(tmp_path)


def graded(student):
    submission = Submission(student, ASSIGNMENT, {}, "d1", (), frozenset(), {}, {})
    verdicts = {name: Verdict(name, Status.PASSED) for name in ("add_backward", "cost")}
    return Graded(student, ASSIGNMENT, verdicts, submission, (), (), "namespaces", "f1")


def test_what_is_recorded_together_is_there_afterwards(ledger):
    with ledger.together():
        for student in ("ada", "bo"):
            ledger.record(graded(student), NOTEBOOK)

    assert sorted(ledger.completed(ASSIGNMENT)) == ["ada", "bo"]
    assert [total.score for total in ledger.totals(ASSIGNMENT)] == [6.0, 6.0]


def test_of_what_is_recorded_together_nothing_is_there_if_it_breaks_off(ledger):
    ledger.record(graded("ada"), NOTEBOOK)

    def break_off():
        with ledger.together():
            ledger.record(graded("bo"), NOTEBOOK)
            raise KeyError

    with pytest.raises(KeyError):
        break_off()

    ledger.record(graded("cleo"), NOTEBOOK)
    assert [total.student for total in ledger.totals(ASSIGNMENT)] == ["ada", "cleo"]
    assert sorted(ledger.completed(ASSIGNMENT)) == ["ada", "cleo"]


def test_results_that_come_at_once_are_put_together(monkeypatch):
    monkeypatch.setattr(running, "SECONDS_TOGETHER", 3600.0)

    batches = list(running._batches(iter(range(45))))

    assert list(map(len, batches)) == [20, 20, 5]
    assert list(itertools.chain.from_iterable(batches)) == list(range(45))


def test_no_result_waits_longer_than_it_may(monkeypatch):
    monkeypatch.setattr(running, "SECONDS_TOGETHER", -1.0)

    assert list(running._batches(iter(range(3)))) == [[0], [1], [2]]


def test_where_grading_breaks_off_what_was_done_before_is_recorded():
    def breaking_off():
        yield from range(3)
        raise AutograderError("no more")

    seen = []

    with pytest.raises(AutograderError):
        seen.extend(running._batches(breaking_off()))

    assert seen == [[0, 1, 2]]


def test_without_results_there_is_nothing_to_record():
    assert list(running._batches(iter(()))) == []
