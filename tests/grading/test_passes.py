"""Two passes: the verdict that counts is the one alone; our fault is never a zero, the student's never ours.

Alone, an exercise is run at its check and at the notebook's end, and the better of the two counts.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from autograder.boundary.job import Cell, Job, Outcome, Raised, Rebound, Reply, Returned, Task
from autograder.course.declare import Exercise, answer_with
from autograder.grading.passes import run_passes
from autograder.grading.plan import Plan
from autograder.judging import Status
from tests.judging.test_judge import SCALE
from tests.rows import collected
from tests.this_course import CATALOGUE

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
    above: int = 0
    """How many cells stand above what is run just now."""

    def run(self, job: Job) -> Outcome:
        self.jobs.append(job)
        early, replies = {}, {}
        steps = [(stop.after, stop.task, early) for stop in job.stops]
        for self.above, task, found in [*steps, *((len(job.cells), task, replies) for task in job.tasks)]:
            if task.exercise == "canary":
                if self.canary != "finished":
                    return Outcome(ended=self.canary)
                returned = (Returned("one", value=self.canary_says),)
                return Outcome(replies={"canary": Reply("canary", returned, True)})
            answer = self.behave(job, task)
            if isinstance(answer, str):
                return Outcome(replies=replies, ended=answer, detail="scripted", early=early)
            found[task.exercise] = answer
        return Outcome(replies=replies, early=early, rebound=(Rebound("other_backward", "gate"),))


RELEASE: Any = SimpleNamespace(assignment="small")


@pytest.fixture
def plan() -> Plan:
    expected = {name: exercise.expect(seed=0) for name, exercise in EXERCISES.items()}
    return Plan(RELEASE, EXERCISES, expected, "seed.release")


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
    assert tries == [2, 1, 1, 1]


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
            if outcome.ended != "killed" or not job.piecewise:
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


PLACES = {"mul_backward": 1, "other_backward": 2}


def at_check_and_end(plan: Plan, early: str, late: str) -> tuple[FakeBox, Callable[[], object]]:
    """A box in which mul_backward is one thing at its check and another at the end, and what comes of it."""

    def behave(job: Job, task: Task) -> Reply | str:
        if task.exercise != "mul_backward":
            return right(plan, task)
        how = early if box.above == 1 else late
        return {"right": right(plan, task), "wrong": wrong(task)}.get(how, how)

    box = FakeBox(behave)
    return box, lambda: run_passes(CELLS, EXERCISES, plan, box, places=PLACES)


KINDS = ("right", "wrong", "killed", "wall", "cpu", "malformed")


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_right_at_its_check_is_right_whatever_it_is_at_the_end(plan, kind):
    _, answers = at_check_and_end(plan, "right", kind)

    assert {verdict.status for verdict in answers().verdicts.values()} == {Status.PASSED}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_mended_below_its_check_is_right_whatever_it_was_there(plan, kind):
    _, answers = at_check_and_end(plan, kind, "right")

    assert {verdict.status for verdict in answers().verdicts.values()} == {Status.PASSED}


@pytest.mark.parametrize("early, late", list(itertools.product(KINDS[1:], repeat=2)))
def test_what_is_wrong_at_both_earns_nothing_and_is_nobody_elses_fault(plan, early, late):
    _, answers = at_check_and_end(plan, early, late)

    verdict = answers().verdicts["mul_backward"]

    assert verdict.status in (Status.FAILED, Status.CRASHED)
    assert verdict.fraction == 0


def test_the_cells_that_changed_an_answer_below_its_check_are_named(plan):
    _, answers = at_check_and_end(plan, "right", "wrong")

    found = answers().two

    assert found.keys() == {"mul_backward"}
    assert found["mul_backward"].early
    assert found["mul_backward"].rebound == (Rebound("other_backward", "gate"),)


def test_nothing_is_said_of_cells_that_changed_nothing(plan):
    _, answers = at_check_and_end(plan, "wrong", "wrong")

    assert answers().two == {}


def test_a_wrong_answer_needs_one_more_box(plan):
    box, answers = at_check_and_end(plan, "wrong", "wrong")

    answers()

    assert [len(job.numbered) for job in box.jobs] == [2, 2]


SPOILS = ("", "wrong", "killed", "wall", "malformed")


def test_no_set_of_neighbours_costs_a_right_answer_its_points(plan):
    """Each of three exercises may spoil each other one once it was run, in any way and in any combination."""
    third = Exercise(
        public=OTHER.public.__class__(
            name="third_backward", statement="and again", forward=SCALE.public.forward, oracle=SCALE.public.oracle,
            cases=SCALE.public.cases,
        ),
        op=SCALE.op,
        cases=SCALE.cases,
    )  # fmt: skip
    exercises = {**EXERCISES, third.name: third}
    expected = {name: exercise.expect(seed=0) for name, exercise in exercises.items()}
    plan = Plan(RELEASE, exercises, expected, "seed.release")
    cells = (*CELLS, Cell("third_backward", "..."))
    places = {**PLACES, "third_backward": 3}
    pairs = [(one, other) for one in exercises for other in exercises if one != other]

    failing = []
    for ways in itertools.product(SPOILS, repeat=len(pairs)):
        if sum(map(bool, ways)) > 3:
            continue
        spoils = {pair: way for pair, way in zip(pairs, ways, strict=True) if way}
        guilty = {one for one, _ in spoils}

        def behave(job, task, spoils=spoils, guilty=guilty):
            before = itertools.takewhile(lambda one: one is not task, job.numbered)
            way = next((spoils[one.exercise, task.exercise] for one in before
                        if (one.exercise, task.exercise) in spoils), "")  # fmt: skip
            if way in ("killed", "wall", "malformed"):
                return way
            return wrong(task) if way or task.exercise in guilty else right(plan, task)

        found = run_passes(cells, exercises, plan, FakeBox(behave), places=places).verdicts
        innocent = exercises.keys() - guilty
        if any((found[name].status is Status.PASSED) != (name in innocent) for name in exercises):
            failing.append((spoils, {name: one.status for name, one in found.items()}))

    assert failing == []


PREDICTION = next(one for one in CATALOGUE["ps2-vector-jacobian-products"] if one.name == "multiplications")


def test_a_prediction_counts_as_it_stands_at_its_check_and_once():
    plan = Plan(RELEASE, {PREDICTION.name: PREDICTION}, {PREDICTION.name: PREDICTION.expect(seed=0)}, "seed.release")

    def read(job: Job, task: Task) -> Reply:
        values = PREDICTION.answers if box.above == 1 else dict.fromkeys(PREDICTION.answers, 7)
        return Reply(task.exercise, tuple(Returned(name, value=values[name]) for name in task.names), True)

    earned = {}
    for place in (1, 2):
        box = FakeBox(read)
        answers = run_passes(CELLS, {PREDICTION.name}, plan, box, places={PREDICTION.name: place})
        earned[place] = (answers.verdicts[PREDICTION.name].fraction, [len(job.numbered) for job in box.jobs])

    assert earned == {1: (1.0, [1]), 2: (0.0, [1, 1])}
