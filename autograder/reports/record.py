"""The machine-readable record of one submission: everything that its page shows except values and student text."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from autograder import __version__
from autograder.judging.verdict import Status, Verdict


def submission_record(result: Any, points: Mapping[str, float], grader: str = "") -> dict[str, Any]:
    """``result`` (graded or rejected) as JSON: own words only, so that it can be passed on as it is.

    ``grader`` is that of its plan: what decides a verdict, as a digest.
    """
    record: dict[str, Any] = {
        "version": __version__,
        "grader": grader,
        "student": result.student,
        "assignment": result.assignment,
        **({"notebook": result.unit.partition("/")[2]} if "/" in getattr(result, "unit", "") else {}),
    }
    verdicts = getattr(result, "verdicts", None)
    if verdicts is None:
        return record | {"state": "rejected", "digest": result.digest, "reason": result.reason}
    return record | {
        "state": "graded",
        "digest": result.submission.digest,
        "isolation": result.tier,
        "seed": result.fingerprint,
        "exercises": [
            _exercise(verdict, points.get(name, 0.0), result.submission.bonuses.get(name, 0.0))
            for name, verdict in verdicts.items()
        ],
        "essays": dict(result.submission.essays),
        "problems": list(result.submission.problems),
        "raised_while_loading": [
            {"cell": report.cell, "line": report.raised.line} for report in result.load if report.raised is not None
        ],
    }


def _exercise(verdict: Verdict, points: float, bonus: float) -> dict[str, Any]:
    decided = verdict.status is not Status.INTERNAL
    return {
        "exercise": verdict.exercise,
        "status": verdict.status.value,
        "points": points,
        "earned": verdict.fraction * points if decided else None,
        "bonus": bonus,
        "bonus_earned": verdict.fraction * bonus if decided else None,
        "rung": verdict.rung,
        "message": verdict.message,
        "hint": None if verdict.hint is None else {"name": verdict.hint.name, "source": verdict.hint.source},
        "where": verdict.where,
        "checks": [
            {"name": c.name, "share": c.share, "passed": c.passed, "message": c.message} for c in verdict.checks
        ],
        "cpu_seconds": round(verdict.cpu_seconds, 4),
    }


# A class has tens of thousands of these at once: as structs that the garbage collector need not visit.


class NamedHint(msgspec.Struct, frozen=True, gc=False):
    """The mistake that was recognised, and by what: "bank" or "structure"."""

    name: str
    source: str


class CheckRecord(msgspec.Struct, frozen=True, gc=False):
    """Whether one check passed."""

    name: str
    passed: bool


class ExerciseRecord(msgspec.Struct, frozen=True, gc=False):
    """What the class page needs to know of one exercise of one submission."""

    exercise: str
    status: str
    earned: float | None = None
    bonus: float = 0.0
    bonus_earned: float | None = None
    rung: str = ""
    message: str = ""
    hint: NamedHint | None = None
    checks: tuple[CheckRecord, ...] = ()
    cpu_seconds: float = 0.0


class Place(msgspec.Struct, frozen=True, gc=False):
    """A line of a cell."""

    cell: str
    line: int | None = None


class Record(msgspec.Struct, frozen=True, gc=False):
    """What the class page needs to know of one submission, read from its record file."""

    student: str
    state: str
    version: str = ""
    digest: str = ""
    isolation: str = ""
    seed: str = ""
    reason: str = ""
    exercises: tuple[ExerciseRecord, ...] = ()
    problems: tuple[str, ...] = ()
    raised_while_loading: tuple[Place, ...] = ()


def merged(records: Mapping[str, Record | None]) -> Record | None:
    """The records of the notebooks of one submission as one; None where one of them is missing.

    Of several, one that was rejected costs its own points only: what is said about it names the notebook.
    """
    found = {name: record for name, record in records.items() if record is not None}
    if len(found) < len(records) or not found:
        return None
    if len(found) == 1:
        return next(iter(found.values()))
    every, first = found.values(), next(iter(found.values()))
    graded = [record for record in every if record.state == "graded"]
    shown = graded[0] if graded else first
    wrong = [f"{name}: {record.reason}" for name, record in found.items() if record.reason]
    problems = [f"{name}: {problem}" for name, record in found.items() for problem in record.problems]
    return msgspec.structs.replace(
        shown,
        digest=" ".join(record.digest for record in every if record.digest),
        reason=" ".join(wrong),
        exercises=tuple(one for record in every for one in record.exercises),
        problems=(*wrong, *problems) if graded else tuple(problems),
        raised_while_loading=tuple(place for record in every for place in record.raised_while_loading),
    )


def read_record(path: Path) -> Record | None:
    """The record in the file, None if there is none or if it is not one."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Record)
    except (OSError, msgspec.MsgspecError):
        return None
