"""The machine-readable record of one submission: everything that its page shows except values and student text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograder import __version__
from autograder.judging.verdict import Status, Verdict


def submission_record(result: Any, points: Mapping[str, float]) -> dict[str, Any]:
    """``result`` (graded or rejected) as JSON: own words only, so that it can be passed on as it is."""
    record: dict[str, Any] = {
        "version": __version__,
        "student": result.student,
        "assignment": result.assignment,
    }
    verdicts = getattr(result, "verdicts", None)
    if verdicts is None:
        return record | {"state": "rejected", "reason": result.reason}
    return record | {
        "state": "graded",
        "digest": result.submission.digest,
        "isolation": result.tier,
        "seed": result.fingerprint,
        "exercises": [_exercise(verdict, points.get(name, 0.0)) for name, verdict in verdicts.items()],
        "essays": dict(result.submission.essays),
        "problems": list(result.submission.problems),
    }


def _exercise(verdict: Verdict, points: float) -> dict[str, Any]:
    decided = verdict.status is not Status.INTERNAL
    return {
        "exercise": verdict.exercise,
        "status": verdict.status.value,
        "points": points,
        "earned": verdict.fraction * points if decided else None,
        "rung": verdict.rung,
        "message": verdict.message,
        "hint": None if verdict.hint is None else {"name": verdict.hint.name, "source": verdict.hint.source},
        "checks": [
            {"name": c.name, "share": c.share, "passed": c.passed, "message": c.message} for c in verdict.checks
        ],
        "cpu_seconds": round(verdict.cpu_seconds, 4),
    }
