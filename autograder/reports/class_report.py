"""What is to be said about a class, as plain JSON: of every submission, exercise, mistake and check, and what changed.

`docs/report.md` explains the fields and `report.schema.json` fixes them. The page and the table show nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import mean, median
from typing import Any

import msgspec

from autograder import __version__
from autograder.judging.verdict import Status
from autograder.reports.comparison import Earlier, changes
from autograder.reports.record import ExerciseRecord, Record

SCHEMA = 1
BINS = 10
SLOW, SLOWER = 2.0, 5.0
"""An answer is slow if it took so many seconds of processor time and so many times the median of that exercise."""
PASSED, NOT_ATTEMPTED, INTERNAL = Status.PASSED.value, Status.NOT_ATTEMPTED.value, Status.INTERNAL.value
TROUBLE: Mapping[str, str] = {Status.CRASHED.value: "crashed", INTERNAL: "could not be graded"}

Json = dict[str, Any]


class CellMark(msgspec.Struct, frozen=True, gc=False):
    """What the gradebook has on one grade cell. ``score`` is what counts, None if nothing does yet.

    ``credit`` is the extra credit in it.
    """

    cell: str
    points: float
    score: float | None
    auto: float | None = None
    manual: float | None = None
    needs_human: bool = False
    credit: float = 0.0


@dataclass(frozen=True)
class Standing:
    """One submission as the gradebook has it; ``handed_in`` is an ISO 8601 time in UTC, or None."""

    student: str
    cells: tuple[CellMark, ...]
    penalty: float = 0.0
    handed_in: str | None = None

    @property
    def score(self) -> float:
        """What counts, before a penalty."""
        return sum(cell.score or 0.0 for cell in self.cells)


@dataclass(frozen=True)
class Class:
    """What a report is made from. ``exercises`` and ``essays`` map to points, in the notebook's order.

    ``checks`` maps exercises to their grade cells. ``pages`` maps students to their feedback pages, as links.
    ``bonuses`` maps the exercises that give extra credit to how much.
    """

    assignment: str
    exercises: Mapping[str, float]
    essays: Mapping[str, float]
    checks: Mapping[str, str]
    standings: Sequence[Standing]
    records: Mapping[str, Record]
    pages: Mapping[str, str] = field(default_factory=dict)
    hidden: Sequence[Json] = ()
    weak: bool = False
    bonuses: Mapping[str, float] = field(default_factory=dict)


def build(of: Class, *, made: str, earlier: Earlier | None = None) -> Json:
    """The report, made at ``made`` (ISO 8601). ``earlier`` is the report of the previous run, if there was one."""
    students = [_student(of, standing) for standing in sorted(of.standings, key=lambda one: one.student)]
    known = {s["student"]: of.records[s["student"]] for s in students if s["state"] == "graded"}
    answers = _answers(of.exercises, known)
    report: Json = {
        "schema": SCHEMA,
        "assignment": of.assignment,
        "made": made,
        "version": __version__,
        "weak_isolation": of.weak,
        "summary": _summary(of, students),
        "histogram": _histogram(students),
        "students": students,
        "exercises": [
            _exercise(name, worth, of.bonuses.get(name, 0.0), answers[name]) for name, worth in of.exercises.items()
        ],
        "mistakes": _mistakes(answers),
        "shared_mistakes": _shared(answers),
        "checks": _checks(answers),
        "needs_human": _waiting(of, students),
        "trouble": _trouble(answers),
        "hidden_scores": list(of.hidden),
    }
    return report | {"changes": changes(earlier, report)}


def _student(of: Class, standing: Standing) -> Json:
    record = of.records.get(standing.student)
    state = _state(of, standing, record)
    score = standing.score
    extra = {of.checks[name] for name in of.bonuses}
    return {
        "student": standing.student,
        "state": state,
        "score": _round(score),
        "penalty": _round(standing.penalty),
        "final": _round(max(score - standing.penalty, 0.0)),
        "points": _round(sum(cell.points for cell in standing.cells)),
        "bonus": _round(sum(cell.credit for cell in standing.cells if cell.cell in extra)),
        "handed_in": standing.handed_in,
        "needs_human": [cell.cell for cell in standing.cells if cell.needs_human],
        "cells": {cell.cell: None if cell.score is None else _round(cell.score) for cell in standing.cells},
        "manual": {cell.cell: cell.manual for cell in standing.cells if cell.manual is not None},
        "page": of.pages.get(standing.student, ""),
        "digest": record.digest if record else "",
        "seed": record.seed if record else "",
        "version": record.version if record else "",
        "isolation": record.isolation if record else "",
        "reason": record.reason if record and state == "rejected" else "",
        "problems": list(record.problems) if record else [],
        "cells_raised": [place.cell for place in record.raised_while_loading] if record else [],
        "exercises": {e.exercise: _answer(e) for e in record.exercises} if record and state == "graded" else {},
    }


def _state(of: Class, standing: Standing, record: Record | None) -> str:
    """ "graded" or "rejected" by its record; "no record" if there is none or the gradebook has been told otherwise."""
    if record is None or record.state == "rejected":
        return "rejected" if record else "no record"
    auto = {cell.cell: cell.auto for cell in standing.cells}
    for one in record.exercises:
        cell = of.checks.get(one.exercise, "")
        if cell in auto and not _same(auto[cell], one.earned):
            return "no record"
    return "graded"


def _same(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) < 1e-6


def _answer(one: ExerciseRecord) -> Json:
    answer: Json = {"status": one.status, "earned": None if one.earned is None else _round(one.earned)}
    if one.bonus and one.bonus_earned is not None:
        answer["bonus"] = _round(one.bonus_earned)
    if one.hint is not None:
        answer["mistake"] = one.hint.name
    if one.rung:
        answer["rung"] = one.rung
    return answer


def _answers(exercises: Iterable[str], records: Mapping[str, Record]) -> dict[str, dict[str, ExerciseRecord]]:
    """The answers by exercise and student."""
    found: dict[str, dict[str, ExerciseRecord]] = {name: {} for name in exercises}
    for student, record in records.items():
        for one in record.exercises:
            if one.exercise in found:
                found[one.exercise][student] = one
    return found


def _summary(of: Class, students: Sequence[Json]) -> Json:
    scores = [student["final"] for student in students]
    states = [student["state"] for student in students]
    return {
        "submissions": len(students),
        **{state.replace(" ", "_"): states.count(state) for state in ("graded", "rejected", "no record")},
        "points": max((student["points"] for student in students), default=0.0),
        "automatic_points": _round(sum(of.exercises.values())),
        "bonus_points": _round(sum(of.bonuses.values())),
        "mean": _round(mean(scores)) if scores else None,
        "median": _round(median(scores)) if scores else None,
        "lowest": min(scores, default=None),
        "highest": max(scores, default=None),
        "waiting": sum(bool(student["needs_human"]) for student in students),
    }


def _histogram(students: Iterable[Json]) -> list[int]:
    """How many final scores lie in each tenth of the points; the last one includes both ends, and what is above.

    A score by hand may be below 0: then it is in the first.
    """
    counts = [0] * BINS
    for student in students:
        share = student["final"] / student["points"] if student["points"] else 0.0
        counts[max(0, min(int(share * BINS + 1e-9), BINS - 1))] += 1
    return counts


def _exercise(name: str, worth: float, bonus: float, answers: Mapping[str, ExerciseRecord]) -> Json:
    statuses = [one.status for one in answers.values()]
    counts = {status.value.replace(" ", "_"): statuses.count(status.value) for status in Status}
    counts.pop("manual")
    attempted = [one for one in answers.values() if one.status != NOT_ATTEMPTED]
    passed = counts["passed"]
    times = [one.cpu_seconds for one in attempted]
    return {
        "exercise": name,
        "points": _round(worth),
        "bonus": _round(bonus),
        **counts,
        "attempted": len(attempted),
        "pass_rate": round(passed / len(attempted), 4) if attempted else None,
        "cpu_median": round(median(times), 4) if times else None,
        "cpu_most": max(times, default=None),
        "slowest": max(answers, key=lambda student: answers[student].cpu_seconds) if any(times) else "",
    }


def _mistakes(answers: Mapping[str, Mapping[str, ExerciseRecord]]) -> list[Json]:
    """Each mistake that was recognised in each exercise and who made it; the most common first."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for exercise, by_student in answers.items():
        for student, one in by_student.items():
            if one.hint is not None:
                found.setdefault((exercise, one.hint.name, one.hint.source), []).append(student)
    return [
        {"exercise": exercise, "mistake": name, "source": source, "count": len(who), "students": who}
        for (exercise, name, source), who in sorted(found.items(), key=lambda item: -len(item[1]))
    ]


def _shared(answers: Mapping[str, Mapping[str, ExerciseRecord]]) -> list[Json]:
    """Mistakes that were made in more than one exercise: who made each of them somewhere."""
    exercises: dict[str, dict[str, int]] = {}
    students: dict[str, set[str]] = {}
    for exercise, by_student in answers.items():
        for student, one in by_student.items():
            if one.hint is not None:
                places = exercises.setdefault(one.hint.name, {})
                places[exercise] = places.get(exercise, 0) + 1
                students.setdefault(one.hint.name, set()).add(student)
    return [
        {"mistake": name, "exercises": places, "students": sorted(students[name])}
        for name, places in sorted(exercises.items(), key=lambda item: (-len(item[1]), item[0]))
        if len(places) > 1
    ]


def _checks(answers: Mapping[str, Mapping[str, ExerciseRecord]]) -> list[Json]:
    """Every check that somebody failed, the hardest first."""
    ran: dict[tuple[str, str], list[bool]] = {}
    for exercise, by_student in answers.items():
        for one in by_student.values():
            for check in one.checks:
                ran.setdefault((exercise, check.name), []).append(check.passed)
    rows = [
        {
            "exercise": e,
            "check": c,
            "failed": p.count(False),
            "ran": len(p),
            "fail_rate": round(p.count(False) / len(p), 4),
        }
        for (e, c), p in ran.items()
        if not all(p)
    ]
    return sorted(rows, key=lambda row: (-row["fail_rate"], -row["failed"]))


def _waiting(of: Class, students: Iterable[Json]) -> list[Json]:
    """Every submission at which a human must look, and why."""
    rows = []
    for student in students:
        why = []
        cells = set(student["needs_human"])
        essays = cells & set(of.essays)
        if student["state"] == "rejected":
            why.append(f"not graded: {student['reason']}")
        elif essays:
            why.append(f"{len(essays)} written answer{'s' if len(essays) > 1 else ''}")
        internal = [e for e, answer in student["exercises"].items() if answer["status"] == INTERNAL]
        if internal:
            why.append(f"the grader could not run {', '.join(internal)}")
        rest = cells - essays - {of.checks.get(name) for name in internal}
        if rest and student["state"] != "rejected":
            why.append(f"{len(rest)} other cell{'s' if len(rest) > 1 else ''}")
        if why and cells:
            rows.append({"student": student["student"], "why": why, "cells": sorted(cells)})
    return rows


def _trouble(answers: Mapping[str, Mapping[str, ExerciseRecord]]) -> list[Json]:
    """Answers that crashed, could not be run, or took far longer than others' to the same exercise."""
    rows = []
    for exercise, by_student in answers.items():
        right = [one.cpu_seconds for one in by_student.values() if one.status == PASSED]
        limit = max(SLOW, SLOWER * median(right)) if right else SLOW
        for student, one in by_student.items():
            kind = TROUBLE.get(one.status) or ("slow" if one.cpu_seconds > limit else None)
            if kind:
                rows.append(
                    {
                        "student": student,
                        "exercise": exercise,
                        "kind": kind,
                        "cpu_seconds": one.cpu_seconds,
                        "message": one.message,
                    }
                )
    return rows


def _round(value: float) -> float:
    """Without the last digits, in which the order of a sum shows."""
    return round(value, 6) + 0.0
