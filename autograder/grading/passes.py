"""Two passes through the box: all exercises together, then each one that did not pass alone.

The second pass's verdict counts, so a crash, a hang or a patched library costs the exercise that did it and no other.
The first pass puts the kept cases only; the second one all, as a failure is explained by a case that may be shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from autograder.boundary.canary import CANARY, answered
from autograder.boundary.job import Box, Cell, CellReport, Job, Outcome
from autograder.grading.plan import Plan
from autograder.judging import Status, Verdict, judge


@dataclass(frozen=True)
class Answers:
    """What both passes gave: a verdict for every exercise that was run, and how loading went."""

    verdicts: Mapping[str, Verdict]
    load: tuple[CellReport, ...]
    left_out: tuple[str, ...]


def run_passes(
    cells: tuple[Cell, ...],
    attempted: Iterable[str],
    plan: Plan,
    box: Box,
    sources: Mapping[str, str] | None = None,
) -> Answers:
    """Run the attempted exercises of one submission and judge what comes back.

    ``sources`` (exercise to the student's source) may choose a hint; no point depends on it.
    """
    written = sources or {}
    names = [name for name in plan.exercises if name in set(attempted)]
    if not names:
        return Answers({}, (), ())
    first = box.run(Job(cells, tuple(plan.kept_tasks[name] for name in names), plan.torch))
    verdicts = {
        name: judge(plan.exercises[name], plan.kept[name], first.replies.get(name), written.get(name, ""))
        for name in names
    }
    load, left_out = first.load, first.left_out
    for name in names:
        if verdicts[name].status is not Status.PASSED:
            job = Job(cells, (plan.tasks[name],), plan.torch, aloud=bool(left_out))
            outcome, verdicts[name] = _alone(job, name, plan, box, written)
            if not load:
                load, left_out = outcome.load, outcome.left_out
    return Answers(verdicts, load, left_out)


def _alone(job: Job, name: str, plan: Plan, box: Box, sources: Mapping[str, str]) -> tuple[Outcome, Verdict]:
    """The verdict that counts for one exercise: alone in a fresh box that loads the cells again.

    Alone, each answer leaves the box at once, so what came back before the box ended is judged too.
    """
    outcome = box.run(job)
    if outcome.ended == "wall":
        outcome = box.run(job)  # a busy machine is not a verdict
    if outcome.ended == "refused":
        return outcome, internal(name, outcome.detail)
    verdict = _judge(plan, name, outcome, sources)
    if outcome.ended == "finished" or _complete(outcome, name):
        return outcome, verdict
    if canary_fault(box, torch=plan.torch):
        return outcome, internal(name, outcome.detail)
    if verdict.fraction > 0:
        return outcome, replace(verdict, notes=(*verdict.notes, crash_message(outcome)))
    return outcome, Verdict(name, Status.CRASHED, message=crash_message(outcome))


def canary_fault(box: Box, *, torch: bool) -> str:
    """Why a known program is not answered rightly in a new box; empty if it is: a failure was then the submission's."""
    outcome = box.run(replace(CANARY, torch=torch))
    return "" if answered(outcome) else outcome.detail or outcome.ended


def internal(name: str, detail: str) -> Verdict:
    """The verdict for our own failure: no score, a human is asked."""
    return Verdict(
        name, Status.INTERNAL, message=f"the grader could not run this exercise: {detail or 'no reason known'}"
    )


def crash_message(outcome: Outcome) -> str:
    """What a student is told about an exercise that took its box down. Our own words."""
    return {
        "cpu": "the code did not finish: it used up its processor time. Is there a loop that never ends?",
        "wall": "the code did not finish within the time limit. Does something wait forever?",
        "malformed": "the code disturbed the grader's channel, so nothing of it could be read",
    }.get(outcome.ended, "the code ended its own process (an exit, a crash in native code, or too much memory)")


def _judge(plan: Plan, name: str, outcome: Outcome, sources: Mapping[str, str]) -> Verdict:
    return judge(plan.exercises[name], plan.expected[name], outcome.replies.get(name), sources.get(name, ""))


def _complete(outcome: Outcome, name: str) -> bool:
    reply = outcome.replies.get(name)
    return reply is not None and reply.complete
