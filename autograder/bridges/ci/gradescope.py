"""Gradescope's results.json: https://gradescope-autograders.readthedocs.io/en/latest/specs/

Every text goes out as "text", which Gradescope shows literally. A submission without a verdict gets neither a score of
its own nor scores on its tests: the specification asks for one or the other, so Gradescope reports a failed autograder
and shows no zero.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator, Mapping
from typing import Any

from autograder.bridges.ci.results import Item, Result
from autograder.judging.verdict import Status
from autograder.reports.values import points

Json = dict[str, Any]

DIGITS = 6


def results(result: Result, *, seconds: float = 0.0, notes: tuple[str, ...] = ()) -> Json:
    """The content of results.json. ``notes`` are our own words about the hand-in, its time for example."""
    document: Json = {
        "execution_time": round(seconds, 1),
        "output": "\n\n".join(_about(result, notes)),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "extra_data": {
            "state": result.state,
            "assignment": result.assignment,
            "isolation": result.isolation,
            "hidden_inputs": result.fingerprint,
            "needs_human": result.needs_human,
        },
        "tests": list(_tests(result)),
    }
    if result.decided:
        document["score"] = round(result.earned, DIGITS)
    return document


def late_note(metadata: Mapping[str, Any]) -> tuple[str, ...]:
    """A sentence if submission_metadata.json says that the hand-in was late: what follows from that is Gradescope's.

    A student's own due date, where there is one, counts instead of the assignment's; of a group the latest.
    """
    handed_in = _moment(metadata.get("created_at"))
    users = metadata.get("users")
    own = [_due(user) for user in users if isinstance(user, Mapping)] if isinstance(users, list) else []
    dates = [date for date in own if date is not None] or [date for date in (_due(metadata),) if date is not None]
    if handed_in is None or not dates or handed_in <= max(dates):
        return ()
    minutes = math.ceil((handed_in - max(dates)) / datetime.timedelta(minutes=1))
    days, rest = divmod(minutes, 24 * 60)
    late = f"{f'{days} d ' if days else ''}{rest // 60} h {rest % 60} min"
    return (f"Handed in {late} after the due date. No points were taken off here.",)


def _tests(result: Result) -> Iterator[Json]:
    if result.state != "graded":
        yield _whole(result)
        return
    for number, item in enumerate(result.items, start=1):
        test: Json = {
            "name": item.exercise,
            "number": str(number),
            "status": "passed" if item.status is Status.PASSED else "failed",
            "output": "\n".join(_lines(item)),
            "tags": ["bonus"] if item.bonus else [] if item.points else ["practice"],
        }
        if result.decided:
            test |= {"score": round(item.earned or 0.0, DIGITS), "max_score": 0.0 if item.bonus else item.points}
        yield test


def _whole(result: Result) -> Json:
    """One test that stands for a submission that could not be read, or that the grader failed on."""
    test: Json = {"name": result.title, "status": "failed", "output": result.reason, "tags": ["needs a person"]}
    return test | {"score": 0.0, "max_score": result.points} if result.decided else test


def _lines(item: Item) -> Iterator[str]:
    yield item.word
    yield from item.said
    for quote in item.quotes:
        yield f"{quote.title}:"
        yield from (f"    {line}" for line in quote.text.split("\n"))


def _about(result: Result, notes: tuple[str, ...]) -> Iterator[str]:
    if result.state == "rejected":
        yield f"Not graded, and no points: {result.reason} A person will look at it."
    elif not result.decided:
        yield result.reason or "Some exercises could not be graded. This is not your fault, and no score was written."
    else:
        yield (
            f"{points(result.earned)} of {points(result.points)} points from the automatic checks; "
            f"{result.right} of {len(result.items)} exercises are right."
        )
    yield from result.notices
    yield from notes
    for essay in result.essays:
        state = "waits for a reader" if essay.written else "not attempted"
        yield f"{essay.name} ({points(essay.points)} points): {state}. Its points are not part of this score."
    yield from result.problems


def _due(place: Mapping[str, Any]) -> datetime.datetime | None:
    assignment = place.get("assignment")
    return _moment(assignment.get("due_date")) if isinstance(assignment, Mapping) else None


def _moment(text: object) -> datetime.datetime | None:
    """A time with its zone, None for anything else."""
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
