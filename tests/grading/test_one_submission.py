"""One submission is one submission: what fails for one of them, and what it uses up, costs the others nothing."""

from __future__ import annotations

import errno
import os
from dataclasses import replace

import numpy as np
import pytest

from autograder.boundary.job import Outcome, Reply, Returned, Task
from autograder.boundary.limits import AGAIN, SUBMISSION, Allowance
from autograder.errors import MachineError
from autograder.grading import _files, one
from autograder.grading._files import read_regular
from autograder.grading.passes import run_passes
from autograder.judging import Status
from tests.grading.small_run import ASSIGNMENT, NOTEBOOK, ScriptedBox, files, graded, hand_in, new_course, plan_of
from tests.grading.small_run import submission as handed_in
from tests.grading.test_passes import CELLS, EXERCISES, FakeBox, plan, right  # noqa: F401

OURS = [errno.EACCES, errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.EMFILE, errno.ENFILE, errno.ENOMEM]


def scores(summary):
    return {total.student: total.score for total in summary.totals[ASSIGNMENT]}


def break_reading(monkeypatch, number, student):
    """From now on this machine can't open what that student handed in."""
    original = os.open

    def opening(path, flags, *rest, **more):
        if str(path) == f"{NOTEBOOK}.ipynb" and student in os.readlink(f"/proc/self/fd/{more['dir_fd']}"):
            raise OSError(number, os.strerror(number))
        return original(path, flags, *rest, **more)

    monkeypatch.setattr(_files.os, "open", opening)


def test_what_our_machine_could_not_read_is_no_zero_and_keeps_what_was_there(tmp_path, monkeypatch):
    course = new_course(tmp_path / "course", 2)
    before = scores(graded(course))
    kept = files(course)
    hand_in(course, "s0000", handed_in(1))  # a newer file, which can't be read either
    wrong = []
    for number in OURS:
        with monkeypatch.context() as patched:
            break_reading(patched, number, "s0000")
            summary = graded(course, force=True)
        told = [(one.student, one.fault) for one in summary.failed]
        if told != [("s0000", "reading")] or scores(summary) != before or files(course) != kept or summary.rejected:
            wrong.append((os.strerror(number), told, scores(summary)))

    assert not wrong
    assert not graded(course).failed


def test_what_could_never_be_read_waits_for_a_person(tmp_path, monkeypatch):
    course = new_course(tmp_path / "course", 2)
    break_reading(monkeypatch, errno.EIO, "s0000")

    summary = graded(course)

    (total,) = (one for one in summary.totals[ASSIGNMENT] if one.student == "s0000")
    assert total.needs_human
    assert [name.student for name in summary.graded] == ["s0001"]
    assert "our fault" in summary.failed[0].reason


def test_a_students_folder_that_cannot_be_listed_costs_nobody_a_score(tmp_path, monkeypatch):
    course = new_course(tmp_path / "course", 2)
    before = scores(graded(course))
    original = os.open

    def opening(path, flags, *rest, **more):
        if str(path) == "s0000":
            raise OSError(errno.EACCES, "Permission denied")
        return original(path, flags, *rest, **more)

    monkeypatch.setattr(_files.os, "open", opening)
    summary = graded(course, force=True)

    assert [(one.student, one.fault) for one in summary.failed] == [("s0000", "listing")]
    assert scores(summary) == before


def test_a_file_that_is_written_to_while_it_is_read_says_nothing_of_the_submission(tmp_path, monkeypatch):
    path = tmp_path / "notebook.ipynb"
    path.write_bytes(b"{}")
    original = _files._read

    def reading(descriptor, limit):
        data = original(descriptor, limit)
        path.write_bytes(b"{ more }")
        return data

    monkeypatch.setattr(_files, "_read", reading)

    with pytest.raises(MachineError, match="written to while it was read"):
        read_regular(path, tmp_path, 100)


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("place", ["read_timestamp", "read_submission", "judged", "finish"])
def test_what_our_own_code_raises_costs_one_submission_its_score_and_not_the_run(tmp_path, monkeypatch, place, workers):
    course = new_course(tmp_path / "course", 3, lambda number: handed_in(0))
    original = getattr(one, place)
    left = [1]

    def broken(*given, **more):
        if "s0001" in repr(given) and (place != "finish" or left.pop()):
            left.append(0)
            raise ValueError("a fault of ours")
        return original(*given, **more)

    monkeypatch.setattr(one, place, broken)
    summary = graded(course, workers=workers)

    assert [(failed.student, failed.fault) for failed in summary.failed] == [("s0001", "grading")]
    assert {name.student for name in summary.graded} == {"s0000", "s0002"}
    (total,) = (one for one in summary.totals[ASSIGNMENT] if one.student == "s0001")
    assert total.needs_human


# What one submission may use


class Waiting(FakeBox):
    """A box in which everything but right answers waits, for as long as it is let; time is what it says."""

    seconds = 5.0

    def run(self, job):
        outcome = super().run(job)
        if outcome.ended in ("wall", "cpu"):
            given_up = outcome.ended == "wall" and not job.glance
            idle = 4.0 if job.glance else self.seconds
            spent = {"idle": idle, "waited": given_up} if outcome.ended == "wall" else {"cpu": self.seconds}
            outcome = replace(outcome, **spent)
        return outcome


def ended(plan, how, allowance):  # noqa: F811
    def behave(job, task: Task):
        return how if task.exercise == "mul_backward" else right(plan, task)

    box = Waiting(behave)
    return run_passes(CELLS, EXERCISES, plan, box, allowance=allowance)


@pytest.mark.parametrize("how", ["wall", "cpu"])
def test_who_uses_up_the_time_loses_the_exercise_that_does_and_no_other(plan, how):  # noqa: F811
    answers = ended(plan, how, Allowance(wall=60, cpu=12, waiting=12))

    assert answers.verdicts["other_backward"].status is Status.PASSED
    assert answers.verdicts["mul_backward"].status is Status.CRASHED
    assert answers.waited == (how == "wall")


def test_an_exercise_that_ended_its_box_has_not_run_out_of_time(plan):  # noqa: F811
    verdict = ended(plan, "killed", Allowance()).verdicts["mul_backward"]

    assert verdict.status is Status.CRASHED
    assert not verdict.message.startswith("ran out of time")


def test_when_the_time_is_used_up_the_rest_has_run_out_of_time_and_is_not_our_fault(plan):  # noqa: F811
    box = FakeBox(lambda job, task: "killed")

    answers = run_passes(CELLS, EXERCISES, plan, box, allowance=Allowance(wall=0.0))

    for verdict in answers.verdicts.values():
        assert (verdict.status, verdict.fraction) == (Status.CRASHED, 0.0)
        assert verdict.message.startswith("ran out of time")
    assert [job.tasks[0].exercise for job in box.jobs] == ["canary"] * len(EXERCISES)
    assert answers.waited


def test_what_was_answered_before_the_time_was_used_up_counts(plan):  # noqa: F811
    def behave(job, task):
        if job.one_exercise:
            return "cpu"
        if task.exercise == "other_backward":
            return "cpu"
        return right(plan, task)

    answers = run_passes(CELLS, EXERCISES, plan, Spending(behave), allowance=Allowance(cpu=1.0))

    assert answers.verdicts["mul_backward"].status is Status.PASSED
    assert answers.verdicts["other_backward"].message.startswith("ran out of time")
    assert not answers.waited


class Spending(FakeBox):
    def run(self, job):
        return replace(super().run(job), cpu=2.0)


class Slow(ScriptedBox):
    """Whoever wrote `# wrong` is waited for in vain, while others are graded beside; alone it is quick."""

    def run(self, job):
        if job.cells[0].id == "canary":
            returned = (Returned("one", value=np.arange(3.0) + 1),)
            return Outcome(replies={"canary": Reply("canary", returned, True)})
        outcome = super().run(job)
        beside = job.left is not None and job.left.waits == SUBMISSION.waits
        if beside and any("# wrong" in cell.source for cell in job.cells):
            return Outcome(ended="wall", waited=True, detail="nothing was heard", idle=1000.0)
        return outcome


def test_who_ran_out_of_time_on_the_clock_beside_others_is_graded_once_more_alone(tmp_path):
    course = new_course(tmp_path / "course", 3, lambda number: handed_in(number % 2))
    box = Slow(plan_of(course))

    beside = graded(course, box, workers=2)
    alone = graded(course, ScriptedBox(plan_of(course)), workers=1, force=True)

    assert scores(beside) == scores(alone)
    assert beside.internal == []


def test_the_second_time_counts_and_there_is_no_third(tmp_path):
    course = new_course(tmp_path / "course", 3, lambda number: handed_in(number % 2))

    summary = graded(course, Slow(plan_of(course)), workers=2, again=replace(AGAIN, waits=SUBMISSION.waits))

    assert {name.student for name in summary.graded} == {"s0000", "s0001", "s0002"}
    assert scores(summary)["s0001"] == 0
    assert np.all([scores(summary)[name] > 0 for name in ("s0000", "s0002")])
