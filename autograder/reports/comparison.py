"""What changed since the previous run: whose score, in which exercises, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

Json = dict[str, Any]

NOTHING: Json = {"against": None, "students": [], "appeared": [], "gone": []}


class EarlierAnswer(msgspec.Struct, frozen=True, gc=False):
    """One exercise of one student in the previous report."""

    status: str
    earned: float | None = None


class EarlierStudent(msgspec.Struct, frozen=True):
    """One student in the previous report."""

    student: str
    state: str
    final: float
    penalty: float = 0.0
    digest: str = ""
    seed: str = ""
    version: str = ""
    cells: dict[str, float | None] = {}
    manual: dict[str, float] = {}
    exercises: dict[str, EarlierAnswer] = {}


class Earlier(msgspec.Struct, frozen=True):
    """The previous report, as far as the comparison needs it."""

    schema: int
    assignment: str
    made: str
    students: tuple[EarlierStudent, ...]
    changes: dict[str, Any]


def read_earlier(path: Path, *, schema: int, assignment: str) -> Earlier | None:
    """The report in the file; None if there is none, or none of this schema and assignment."""
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Earlier)
    except (OSError, msgspec.MsgspecError):
        return None
    return found if (found.schema, found.assignment) == (schema, assignment) else None


def changes(earlier: Earlier | None, now: Json) -> Json:
    """How ``now`` differs from the report before it.

    Where nothing differs the comparison that was made before stays: a run over an unchanged class hides nothing.
    """
    if earlier is None:
        return dict(NOTHING)
    before = {one.student: one for one in earlier.students}
    after = {one["student"]: one for one in now["students"]}
    changed = [row for name, one in after.items() if name in before and (row := _changed(before[name], one))]
    appeared = [name for name in after if name not in before]
    gone = [name for name in before if name not in after]
    if not (changed or appeared or gone):
        return earlier.changes
    return {"against": earlier.made, "students": changed, "appeared": appeared, "gone": gone}


def _changed(before: EarlierStudent, after: Json) -> Json | None:
    """One student's changes with the reasons, None if score, state and results are as they were."""
    exercises = [
        {
            "exercise": name,
            "before": was.status,
            "after": answer["status"],
            "earned_before": was.earned,
            "earned_after": answer["earned"],
        }
        for name, answer in after["exercises"].items()
        if (was := before.exercises.get(name)) and (was.status, was.earned) != (answer["status"], answer["earned"])
    ]
    by_hand = sorted(
        cell for cell in {*before.manual, *after["manual"]} if before.manual.get(cell) != after["manual"].get(cell)
    )
    same = before.final == after["final"] and before.state == after["state"]
    if same and not exercises and not by_hand:
        return None
    return {
        "student": before.student,
        "before": before.final,
        "after": after["final"],
        "state_before": before.state,
        "state_after": after["state"],
        "why": _why(before, after, by_hand) or ["graded again, with another result"],
        "exercises": exercises,
    }


def _why(before: EarlierStudent, after: Json, by_hand: list[str]) -> list[str]:
    reasons = []
    if before.digest != after["digest"]:
        reasons.append("another notebook was handed in")
    if before.version and after["version"] and before.version != after["version"]:
        reasons.append("another version of the grader")
    if before.seed and after["seed"]:
        (secret, _, release), (secret_now, _, release_now) = before.seed.partition("."), after["seed"].partition(".")
        if secret != secret_now:
            reasons.append("other hidden inputs")
        if release != release_now:
            reasons.append("the assignment was changed")
    if by_hand:
        reasons.append(f"a person's score on {', '.join(by_hand)}")
    if before.penalty != after["penalty"]:
        reasons.append("the late penalty")
    if after["state"] == "no record" != before.state:
        reasons.append("graded by nbgrader since")
    return reasons
