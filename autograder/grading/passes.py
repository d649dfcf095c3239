"""Two passes through the box: all exercises together, then each one that did not pass alone.

The first pass puts the kept cases only, when all cells have run; who passes there has passed. What has not is run
again, alone in a fresh box, and that counts: so a crash, a hang or a patched library costs the exercise that did it,
and no other. There it is run twice, with all cases: where its check stands in the notebook, as the student saw it, and
at the notebook's end. The better of the two counts: a name that is used again below the check costs nothing, and an
answer that is mended further down is mended. Predictions are read where their check stands, once.

Who takes long or waits is left alone at first, and tried in earnest when all others have been: so what is right is
found before time runs out. All of it together has a budget. When that is used up, what was answered counts, and the
rest has run out of time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from autograder.boundary.budget import Budgeted
from autograder.boundary.canary import CANARY, answered
from autograder.boundary.job import Box, Cell, CellReport, Job, Outcome, Rebound, Reply, Stop, Task
from autograder.boundary.limits import SUBMISSION, Allowance
from autograder.course.declare import Expected
from autograder.grading.plan import Plan
from autograder.judging import Status, Verdict, judge

SLOW = 2.0
"""CPU seconds of one exercise: what takes longer in the first pass is run again no oftener than it must."""


@dataclass(frozen=True)
class Two:
    """An exercise that is another one at its check than at the notebook's end.

    ``early``: the verdict is on what stood at its check. ``rebound``: the later cells and the names that they changed.
    """

    early: bool
    rebound: tuple[Rebound, ...]


@dataclass(frozen=True)
class Answers:
    """What both passes gave: a verdict for every exercise that was run, and how loading went.

    ``waited``: something was given up for the time on the clock, which may have been too short on a busy machine.
    """

    verdicts: Mapping[str, Verdict]
    load: tuple[CellReport, ...]
    left_out: tuple[str, ...]
    two: Mapping[str, Two] = field(default_factory=dict)
    waited: bool = False


def run_passes(
    cells: tuple[Cell, ...],
    attempted: Iterable[str],
    plan: Plan,
    box: Box,
    sources: Mapping[str, str] | None = None,
    places: Mapping[str, int] | None = None,
    *,
    allowance: Allowance = SUBMISSION,
) -> Answers:
    """Run the attempted exercises of one submission and judge what comes back.

    ``sources`` (exercise to the student's source) may choose a hint; no point depends on it.
    ``places`` says after how many of the cells the check of each exercise stands; the end unless given.
    """
    names = [name for name in plan.exercises if name in set(attempted)]
    if not names:
        return Answers({}, (), ())
    stands = {name: min((places or {}).get(name, len(cells)), len(cells)) for name in names}
    within = Budgeted(box, allowance)
    verdicts, answered, costly, load, left_out = _first_pass(cells, plan, stands, within)
    two: dict[str, Two] = {}
    slow: list[tuple[_Exercise, Outcome]] = []

    def look(exercise: _Exercise) -> None:
        """Run one alone and settle it, unless it takes long or waits; what it gave back is then let go of."""
        both = within.run(exercise.first_look())
        if exercise.costly or both.ended in ("wall", "cpu"):
            slow.append((exercise, replace(both, early={}, replies={})))
        else:
            settle(exercise, both)

    def settle(exercise: _Exercise, both: Outcome) -> None:
        nonlocal load, left_out
        name = exercise.name
        alone = _alone(exercise, within, both) if within.lasts or both.ended != "spent" else None
        if alone is None or (alone.spent and verdicts[name].fraction >= alone.verdict.fraction):
            verdicts[name] = _out_of_time(verdicts[name], plan, box, answered=name in answered)
            return
        verdicts[name] = alone.verdict
        if alone.two is not None:
            two[name] = alone.two
        if not load:
            load, left_out = alone.outcome.load, alone.outcome.left_out

    aloud = bool(left_out)
    for name in [name for name in names if verdicts[name].status is not Status.PASSED]:
        near, source = verdicts[name].fraction > 0, (sources or {}).get(name, "")
        look(_Exercise(name, plan, cells, stands[name], source, aloud, near, costly=name in costly))
    for exercise, both in slow:
        settle(exercise, both)
    waited = within.waited and any(verdict.status is not Status.PASSED for verdict in verdicts.values())
    return Answers(verdicts, load, left_out, two, waited)


def _first_pass(
    cells: tuple[Cell, ...], plan: Plan, stands: Mapping[str, int], box: Box
) -> tuple[dict[str, Verdict], set[str], frozenset[str], tuple[CellReport, ...], tuple[str, ...]]:
    """The verdicts when all run together, who answered everything, what was costly, and how loading went."""
    first = box.run(_together(cells, plan, stands))
    verdicts, answered = {}, set()
    for name in stands:
        verdicts[name] = _at_first(plan, name, first)
        reply = first.early.get(name) or first.replies.get(name)
        if reply is not None and reply.complete:
            answered.add(name)
    return verdicts, answered, _costly(first, plan, stands), first.load, first.left_out


def _costly(outcome: Outcome, plan: Plan, stands: Mapping[str, int]) -> frozenset[str]:
    """The exercises that used up much time in the first box, and the one under way when it ended too early."""
    called = [name for name in stands if not _is_read(plan.kept_tasks[name])]
    replies = {name: outcome.replies[name] for name in called if name in outcome.replies}
    slow = {name for name, reply in replies.items() if reply.cpu > SLOW}
    if outcome.ended not in ("finished", "refused") and outcome.load:
        slow.update([name for name in called if not _complete(outcome, name)][:1])  # all before it had left the box
    return frozenset(slow)


def _out_of_time(first: Verdict, plan: Plan, box: Box, *, answered: bool) -> Verdict:
    """The verdict on an exercise for which there was no time, or too little, to run it alone.

    If it was answered when all ran together, that counts; where not even a known program is answered it is our fault.
    """
    if answered or first.fraction:
        return replace(first, notes=(*first.notes, NOT_ALONE))
    if fault := canary_fault(box, torch=plan.torch):
        return internal(first.exercise, fault)
    return Verdict(first.exercise, Status.CRASHED, message=OUT_OF_TIME)


def _together(cells: tuple[Cell, ...], plan: Plan, stands: Mapping[str, int]) -> Job:
    """The first pass: predictions where they stand, all others at the end."""
    tasks = [plan.kept_tasks[name] for name in stands]
    stops = sorted((Stop(stands[task.exercise], task) for task in tasks if _is_read(task)), key=lambda stop: stop.after)
    others = tuple(task for task in tasks if not _is_read(task))
    return Job(cells, others, plan.torch, stops=tuple(stops), glance=True, assignment=plan.release.assignment)


def _at_first(plan: Plan, name: str, outcome: Outcome) -> Verdict:
    reply = outcome.early.get(name) or outcome.replies.get(name)
    return judge(plan.exercises[name], plan.kept[name], reply, explained=False)


def _is_read(task: Task) -> bool:
    return task.driver == "read"


@dataclass(frozen=True)
class _Exercise:
    """One exercise of a submission that is run alone; ``stands`` is after how many cells its check does."""

    name: str
    plan: Plan
    cells: tuple[Cell, ...]
    stands: int
    source: str
    aloud: bool
    near: bool = False
    """Whether its values were right in the first pass."""
    costly: bool = False
    """Whether it ended the first box, or took long in it: then it is not run twice for nothing."""

    @property
    def task(self) -> Task:
        """What it is asked first: without the large inputs, which count only where the values are right."""
        return self.plan.tasks[self.name] if self.near else self.plan.small_tasks[self.name]

    def first_look(self) -> Job:
        """The first box of its own. Of a costly one it only shows whether a later cell changes what it is made of."""
        task = self.task
        looks_only = self.costly and not _is_read(task)
        return self.twice(Task(task.exercise, task.driver, adapter=task.adapter) if looks_only else task)

    def twice(self, task: Task) -> Job:
        """At its check and, unless it is a prediction, again at the end."""
        tasks = () if _is_read(task) else (task,)
        stops = (Stop(self.stands, task),)
        return Job(
            self.cells, tasks, self.plan.torch, self.aloud, stops, glance=True, assignment=self.plan.release.assignment
        )

    def once(self, task: Task, cells: tuple[Cell, ...]) -> Job:
        """When these cells have run; each answer leaves the box at once."""
        return Job(cells, (task,), self.plan.torch, self.aloud, piecewise=True, assignment=self.plan.release.assignment)


@dataclass(frozen=True)
class _Try:
    """What came back of an exercise from one place in the notebook, and the box that it came from."""

    reply: Reply | None
    outcome: Outcome

    @property
    def crashed(self) -> bool:
        """Whether the box ended before all was answered."""
        return self.outcome.ended != "finished" and not (self.reply and self.reply.complete)

    @property
    def values(self) -> tuple[object, ...]:
        """Something that is equal for equal answers."""
        if self.reply is None:
            return ()
        numbers = b"" if self.reply.burst is None else bytes(self.reply.burst.numbers)
        return (numbers, *((got.case, got.status) for got in self.reply.returned))


@dataclass(frozen=True)
class _Alone:
    """The verdict that counts, how loading went, and whether there were two answers."""

    verdict: Verdict
    outcome: Outcome
    two: Two | None = None
    spent: bool = False


def _alone(exercise: _Exercise, box: Budgeted, both: Outcome) -> _Alone:
    """Run one exercise alone and judge it, on its large inputs only where the values are right: else they earn nothing.

    Where it is not right for want of a box, a known program says whose fault that is.
    """
    name, plan = exercise.name, exercise.plan
    whole, expected = exercise.task is plan.tasks[name], plan.small[name]
    if whole:
        expected = plan.expected[name]
    tries = _tried(exercise, exercise.task, box, both)
    if not whole and any(_judged(exercise, expected, one).fraction for one in tries):
        if not exercise.costly:
            both = box.run(exercise.twice(plan.tasks[name]))
        tries, expected = _tried(exercise, plan.tasks[name], box, both), plan.expected[name]
    found = {id(one): _judged(exercise, expected, one) for one in tries}
    counts = max(tries, key=lambda one: found[id(one)].fraction)  # the end's where both are worth the same
    outcome = tries[0].outcome if tries[0].outcome.load else both
    crashed = [one for one in tries if one.crashed]
    if crashed and found[id(counts)].status is not Status.PASSED:
        refused = next((one for one in crashed if one.outcome.ended == "refused"), None)
        if refused is not None or canary_fault(box.box, torch=plan.torch):
            return _Alone(internal(name, (refused or crashed[0]).outcome.detail), outcome)
    verdict = _judged(exercise, expected, counts, explained=True)
    spent = counts.crashed and any(one.outcome.ended == "spent" for one in crashed)
    return _Alone(verdict, outcome, _two(tries, [found[id(one)] for one in tries], counts, both.rebound), spent)


def _tried(exercise: _Exercise, task: Task, box: Box, both: Outcome) -> list[_Try]:
    """What comes back at the end of the notebook (not of a prediction) and at the check; ``both`` is of one with both.

    Where that box ended before all is answered, each of the two that is not gets a box of its own, which lets every
    answer out at once: what came back before it ended is judged too.
    """
    name = exercise.name
    if exercise.costly and not _is_read(task):
        return _tried_one_by_one(exercise, task, box, both)
    early, late = _Try(both.early.get(name), both), _Try(both.replies.get(name), both)
    if early.crashed:
        early = _again(exercise.once(task, exercise.cells[: exercise.stands]), name, both, box)
    if _is_read(task):
        return [early]
    if late.crashed:
        late = _again(exercise.once(task, exercise.cells), name, both, box)
    return [late, early]


def _tried_one_by_one(exercise: _Exercise, task: Task, box: Box, seen: Outcome) -> list[_Try]:
    """The same for a costly exercise: at the check only where a later cell changes what it is made of."""
    late = _again(exercise.once(task, exercise.cells), exercise.name, seen, box)
    if seen.ended == "finished" and not seen.rebound:
        return [late]
    return [late, _again(exercise.once(task, exercise.cells[: exercise.stands]), exercise.name, seen, box)]


def _again(job: Job, name: str, earlier: Outcome, box: Box) -> _Try:
    """One more box. Nobody who has waited only once has waited too long: a busy machine is not a verdict."""
    outcome = earlier if earlier.ended in ("refused", "spent") else box.run(job)
    if outcome.ended == "wall" and earlier.ended != "wall":
        outcome = box.run(job)
    return _Try(outcome.replies.get(name), outcome)


def _judged(exercise: _Exercise, expected: Expected, one: _Try, *, explained: bool = False) -> Verdict:
    verdict = judge(expected.exercise, expected, one.reply, exercise.source, explained=explained)
    if not one.crashed or verdict.status is Status.PASSED:
        return verdict
    if verdict.fraction > 0:
        return replace(verdict, notes=(*verdict.notes, crash_message(one.outcome)))
    return Verdict(exercise.name, Status.CRASHED, message=crash_message(one.outcome))


def _two(tries: Sequence[_Try], verdicts: Sequence[Verdict], counts: _Try, rebound: tuple[Rebound, ...]) -> Two | None:
    """What to say where an exercise is not the same at its check and at the end; a prediction is read but once."""
    if len(tries) == 1:
        return Two(early=True, rebound=rebound) if rebound and verdicts[0].status is not Status.PASSED else None
    late, early = tries
    same = late.values == early.values and verdicts[0].checks == verdicts[1].checks
    if verdicts[0].status is Status.PASSED or same:
        return None
    return Two(early=counts is early, rebound=rebound)


def canary_fault(box: Box, *, torch: bool) -> str:
    """Why a known program is not answered rightly in a new box; empty if it is: a failure was then the submission's."""
    outcome = box.run(replace(CANARY, torch=torch))
    return "" if answered(outcome) else outcome.detail or outcome.ended


def internal(name: str, detail: str) -> Verdict:
    """The verdict for our own failure: no score, a human is asked."""
    return Verdict(
        name, Status.INTERNAL, message=f"the grader could not run this exercise: {detail or 'no reason known'}"
    )


OUT_OF_TIME = (
    "ran out of time: the notebook as a whole had used up what one submission may use before this was answered. "
    "Does another cell or answer wait, or never end?"
)
NOT_ALONE = "there was no time left to run it once more, alone"


def crash_message(outcome: Outcome) -> str:
    """What a student is told about an exercise that took its box down. Our own words."""
    return {
        "cpu": "the code did not finish: it used up its processor time. Is there a loop that never ends?",
        "wall": "the code did not finish within the time limit. Does something wait forever?",
        "spent": OUT_OF_TIME,
        "malformed": "the code disturbed the grader's channel, so nothing of it could be read",
    }.get(outcome.ended, "the code ended its own process (an exit, a crash in native code, or too much memory)")


def _complete(outcome: Outcome, name: str) -> bool:
    reply = outcome.replies.get(name)
    return reply is not None and reply.complete
