"""What a verdict means for each check of its exercise: passed, failed, skipped or our own error, in words and points.

A check is reported as passed exactly if it earns its share: what is right behind a closed gate is skipped, with the
reason. So the points of the items sum up to the score of the exercise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from autograder.boundary.text import clean
from autograder.bridges.ci.results import Item
from autograder.course.declare import COST, UNCHANGED, VALUES, Exercise
from autograder.judging.verdict import Status, Verdict
from autograder.kit.declare import Predict
from autograder.reports.feedback import LADDER, WORDS

ANSWERS = "answers"
"""The one check of a prediction: which of its answers is right is not said."""

Ended: TypeAlias = Literal["passed", "failed", "skipped", "error"]


@dataclass(frozen=True)
class Outcome:
    """How one check ended. ``share`` is the earned part of the exercise's points, None where nobody could decide."""

    ended: Ended
    text: str = ""
    share: float | None = 0.0


def checks_of(exercise: Exercise, *, hidden: bool) -> Mapping[str, float]:
    """The checks that are items, with their shares.

    Without ``hidden`` those of which feedback may print values: with a case that is drawn to be shown, or with every
    case. A prediction has none of them.
    """
    if isinstance(exercise.public, Predict):
        return {ANSWERS: 1.0} if hidden else {}
    if hidden:
        return exercise.checks
    of_cases = {case.check for case in exercise.cases}
    shown = {case.check for case in exercise.cases if case.shown}
    return {name: share for name, share in exercise.checks.items() if name in shown or name not in of_cases}


def outcome(exercise: Exercise, verdict: Verdict, check: str, item: Item) -> Outcome:
    """How ``check`` of ``exercise`` ended. ``item`` is the same verdict in the words that every bridge uses."""
    name = exercise.name
    if verdict.status is Status.INTERNAL:
        return Outcome(
            "error", f"{name}: {verdict.message}. No score was written; this is not the answer's fault", None
        )
    if verdict.status is Status.NOT_ATTEMPTED:
        return Outcome("skipped", "not attempted")
    if isinstance(exercise.public, Predict):
        ended: Ended = "passed" if verdict.status is Status.PASSED else "failed"
        return Outcome(ended, "" if ended == "passed" else told(verdict, item, ANSWERS), verdict.fraction)
    results = {result.name: result for result in verdict.checks}
    if verdict.status is Status.CRASHED:
        if check == VALUES:
            return Outcome("failed", told(verdict, item, check))
        return Outcome("skipped", f"no answer: {name}::{VALUES} says why")
    result = results[check]
    if verdict.status is Status.FAILED and (result.passed or check == COST):
        return Outcome("skipped", f"counts once {name}::{VALUES} passes")
    if result.passed:
        return Outcome("passed", share=result.share)
    if check == UNCHANGED and not result.case:
        return Outcome("skipped", f"no answer came back: {name}::{VALUES} says why")
    telling = _telling(exercise, verdict)
    if check == telling:
        return Outcome("failed", told(verdict, item, check))
    return Outcome("failed", f"{name}::{check}: {result.message}\n{name}::{telling} says more")


def _telling(exercise: Exercise, verdict: Verdict) -> str:
    """The check under which the verdict is told in full: that of the case it shows, else the first that failed."""
    if verdict.shown is not None:
        return next(case.check for case in exercise.cases if case.name == verdict.shown.case)
    return next(result.name for result in verdict.checks if not result.passed)


def told(verdict: Verdict, item: Item, check: str) -> str:
    """The verdict in full: how far the answer got, what is wrong, the hint, the smallest failing case."""
    ladder = [] if check == ANSWERS else _ladder(verdict)
    lines = [f"{verdict.exercise}::{check}: {WORDS[verdict.status]}", *ladder, *item.said]
    for quote in item.quotes:
        lines += ["", f"{quote.title}:", *(f"  | {line}" for line in quote.text.split("\n"))]
    if verdict.cell is not None and verdict.line is not None and item.quotes:
        lines.append(f"  (line {verdict.line} of the cell {clean(verdict.cell, 64)})")
    return "\n".join(lines)


def _ladder(verdict: Verdict) -> list[str]:
    """The rungs in a line: ``+`` those that were climbed, ``x`` the one where it stopped."""
    names = [name for name, _ in LADDER]
    if verdict.rung not in names:
        return []
    stop = names.index(verdict.rung)
    signs = ["+"] * stop + ["x"] + ["."] * (len(names) - stop - 1)
    return ["   ".join(f"{sign} {words}" for sign, (_, words) in zip(signs, LADDER, strict=True)), ""]
