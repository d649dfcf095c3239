"""Two passes: the verdict that counts is the one alone; our fault is never a zero, the student's never ours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest

from autograder.boundary.job import Cell, Job, Outcome, Raised, Reply, Returned, Task
from autograder.exercises.declare import Exercise, answer_with
from autograder.grading.passes import run_passes
from autograder.grading.plan import Plan
from autograder.judging import Status
from tests.judging.test_judge import SCALE
from tests.rows import collected

OTHER = Exercise(
    public=SCALE.public.__class__(
        name="other_backward",
        statement="the same again",
        forward=SCALE.public.forward,
        oracle=SCALE.public.oracle,
        cases=SCALE.public.cases,
    ),
    op=SCALE.op,
    cases=SCALE.cases,
)
EXERCISES = {SCALE.name: SCALE, OTHER.name: OTHER}
CELLS = (Cell("mul_backward", "..."), Cell("other_backward", "..."))

Behaviour = Callable[[Job, Task], Reply | str]


@dataclass
class FakeBox:
    """A box whose answers are scripted: for each task a reply, or how the box ended in the middle of it."""

    behave: Behaviour
    canary: str = "finished"
    canary_says: object = field(default_factory=lambda: np.arange(3.0) + 1)
    jobs: list[Job] = field(default_factory=list)

    def run(self, job: Job) -> Outcome:
        self.jobs.append(job)
        replies = {}
        for task in job.tasks:
            if task.exercise == "canary":
                if self.canary != "finished":
                    return Outcome(ended=self.canary)
                returned = (Returned("one", value=self.canary_says),)
                return Outcome(replies={"canary": Reply("canary", returned, True)})
            answer = self.behave(job, task)
            if isinstance(answer, str):
                return Outcome(replies=replies, ended=answer, detail="scripted")
            replies[task.exercise] = answer
        return Outcome(replies=replies)


@pytest.fixture
def plan() -> Plan:
    expected = {name: exercise.expect(seed=0) for name, exercise in EXERCISES.items()}
    return Plan(None, EXERCISES, expected, "seed.release")


def right(plan: Plan, task: Task) -> Reply:
    """A right answer to every call of ``task``."""
    cases = {case.label: case for case in plan.expected[task.exercise].cases}
    returned = [answer_with(lambda *args, c=cases[call.case]: c.arrays, cases[call.case]) for call in task.calls]
    return Reply(task.exercise, tuple(returned), True)


def wrong(task: Task) -> Reply:
    return Reply(task.exercise, tuple(Returned(call.case, value=0.0) for call in task.calls), True)


def test_right_answers_need_one_box(plan):
    box = FakeBox(lambda job, task: right(plan, task))

    answers = run_passes(CELLS, EXERCISES, plan, box)

    assert {verdict.status for verdict in answers.verdicts.values()} == {Status.PASSED}
    assert len(box.jobs) == 1


def test_an_exercise_that_ends_the_box_costs_itself_and_not_its_neighbour(plan):
    box = FakeBox(lambda job, task: "killed" if task.exercise == "mul_backward" else right(plan, task))

    answers = run_passes(CELLS, EXERCISES, plan, box)

    assert answers.verdicts["mul_backward"].status is Status.CRASHED
    assert answers.verdicts["other_backward"].status is Status.PASSED


def test_where_the_known_program_fails_too_the_fault_is_ours(plan):
    box = FakeBox(lambda job, task: "killed", canary="killed")

    answers = run_passes(CELLS, EXERCISES, plan, box)

    assert {verdict.status for verdict in answers.verdicts.values()} == {Status.INTERNAL}


def test_where_the_known_program_is_answered_wrongly_the_fault_is_ours_too(plan):
    answers = {
        "other numbers": np.arange(3.0),
        "one of three off": np.array([1.0, 2.0, 4.0]),
        "another shape": np.ones((1, 3)),
        "a list": [1.0, 2.0, 3.0],
        "nothing": None,
    }

    with collected() as each:
        for name, says in answers.items():
            with each(name):
                box = FakeBox(lambda job, task: "killed", canary_says=says)

                verdicts = run_passes(CELLS, EXERCISES, plan, box).verdicts

                assert {verdict.status for verdict in verdicts.values()} == {Status.INTERNAL}


def test_a_box_that_cannot_be_built_is_our_fault(plan):
    box = FakeBox(lambda job, task: "refused")

    answers = run_passes(CELLS, EXERCISES, plan, box)

    assert {verdict.status for verdict in answers.verdicts.values()} == {Status.INTERNAL}


def test_an_answer_spoilt_by_its_neighbour_counts_as_it_is_alone(plan):
    def behave(job: Job, task: Task) -> Reply:
        return wrong(task) if task.exercise == "other_backward" and len(job.tasks) > 1 else right(plan, task)

    answers = run_passes(CELLS, EXERCISES, plan, FakeBox(behave))

    assert answers.verdicts["other_backward"].status is Status.PASSED


def test_a_wall_clock_expiry_is_tried_again_alone(plan):
    tries = []

    def behave(job: Job, task: Task) -> Reply | str:
        if task.exercise == "other_backward":
            return right(plan, task)
        tries.append(len(job.tasks))
        return right(plan, task) if len(tries) == 3 else "wall"

    answers = run_passes(CELLS, EXERCISES, plan, FakeBox(behave))

    assert answers.verdicts["mul_backward"].status is Status.PASSED
    assert tries == [2, 1, 1]


def test_what_was_not_attempted_is_not_run(plan):
    box = FakeBox(lambda job, task: right(plan, task))

    answers = run_passes(CELLS, {"other_backward"}, plan, box)

    assert set(answers.verdicts) == {"other_backward"}
    assert [task.exercise for task in box.jobs[0].tasks] == ["other_backward"]


def test_what_was_answered_before_the_crash_counts_and_what_was_not_earns_nothing(plan):
    def behave(job: Job, task: Task) -> Reply | str:
        return "killed" if task.exercise == "mul_backward" else right(plan, task)

    class Dying(FakeBox):
        def run(self, job: Job) -> Outcome:
            outcome = super().run(job)
            if outcome.ended != "killed":
                return outcome
            whole = right(plan, job.tasks[0])
            values = tuple(got for got in whole.returned if not got.case.startswith("row"))
            return Outcome(replies={"mul_backward": Reply("mul_backward", values, False)}, ended="killed")

    answers = run_passes(CELLS, EXERCISES, plan, Dying(behave))

    verdict = answers.verdicts["mul_backward"]
    assert verdict.status is Status.PARTIAL
    assert verdict.fraction == pytest.approx(1 - SCALE.checks["edges"])


def test_jobs_hold_inputs_and_nothing_that_was_expected(plan):
    box = FakeBox(lambda job, task: Reply(task.exercise, tuple(
        Returned(call.case, "raised", raised=Raised("ValueError", "no")) for call in task.calls), True))  # fmt: skip

    run_passes(CELLS, EXERCISES, plan, box)

    sent = [
        np.asarray(value).tobytes()
        for job in box.jobs
        for task in job.tasks
        for call in task.calls
        for value in call.args
    ]
    secret = [
        array.tobytes() for expected in plan.expected.values() for case in expected.cases for array in case.arrays
    ]
    assert sent
    assert not set(sent) & set(secret)
