"""The class page: everything in a class's report on one self-contained page for the instructor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograder.reports.class_report import BINS
from autograder.reports.pages import SECURITY, template
from autograder.reports.pictures import STATES, histogram, outcomes
from autograder.reports.tables import Cell, Table, table
from autograder.reports.values import bonus, points

Json = dict[str, Any]

MOST_NAMES = 200  # students listed by name in one place; the report has them all
MOST_ROWS = 300  # of a list other than those of students and exercises
STATE_WORDS = {"graded": "", "rejected": "not graded", "no record": "graded by nbgrader, no record here"}


def render_class(report: Json) -> str:
    """The page for a report that `class_report.build` made."""
    tables = {
        "students": _students(report["students"], report["summary"]["bonus_points"]),
        "exercises": _exercises(report["exercises"]),
        "mistakes": _mistakes(report["mistakes"]),
        "checks": _checks(report["checks"]),
    }
    return template("class_page.html").render(
        report=report,
        summary=report["summary"],
        security=SECURITY,
        tables=tables,
        scores=histogram(report["histogram"]) if report["students"] else "",
        bands=[(100 // BINS * n, 100 // BINS * (n + 1), count) for n, count in enumerate(report["histogram"])],
        ends=outcomes(report["exercises"]) if report["exercises"] else "",
        map=_map(report["mistakes"]),
        shared=[(one["mistake"], one["exercises"], _names(one["students"])) for one in report["shared_mistakes"]],
        waiting=_by_reason(report["needs_human"])[:MOST_ROWS],
        changed=[_change(one) for one in report["changes"]["students"][:MOST_ROWS]],
        appeared=_names(report["changes"]["appeared"]),
        gone=_names(report["changes"]["gone"]),
        trouble=report["trouble"][:MOST_ROWS],
        most_rows=MOST_ROWS,
    )


def _students(students: Sequence[Json], most: float) -> Table:
    def cells(one: Json) -> list[Cell]:
        right = sum(answer["status"] == "passed" for answer in one["exercises"].values())
        remarks = [STATE_WORDS[one["state"]]] if STATE_WORDS[one["state"]] else []
        remarks += [f"{len(one['cells_raised'])} cells raised an error"] if one["cells_raised"] else []
        remarks += ["a person must look"] if one["needs_human"] else []
        remarks += [f"late, {points(one['penalty'])} points taken off"] if one["penalty"] else []
        return [
            Cell(one["student"], link=one["page"]),
            Cell(
                points(one["final"]),
                bar=one["final"] / one["points"] if one["points"] else 0.0,
                more=bonus(one["bonus"], most) if one["bonus"] else "",
            ),
            Cell(f"{right}/{len(one['exercises'])}" if one["exercises"] else ""),
            Cell("; ".join(remarks)),
        ]

    return table(
        "students",
        "Every submission; names lead to the feedback pages",
        ("student", "points", "right", "remarks"),
        students,
        cells,
        {
            "name": lambda one: one["student"].lower(),
            "lowest first": lambda one: one["final"],
            "highest first": lambda one: -one["final"],
            "needs a person first": lambda one: (not one["needs_human"], one["student"].lower()),
        },
        numeric=(1, 2),
    )


def _exercises(exercises: Sequence[Json]) -> Table:
    place = {one["exercise"]: number for number, one in enumerate(exercises)}

    def cells(one: Json) -> list[Cell]:
        rate = one["pass_rate"]
        slowest = f"{one['cpu_most']:.2f} s" if one["cpu_most"] else ""
        return [
            Cell(one["exercise"]),
            Cell(_worth(one)),
            Cell("" if rate is None else f"{100 * rate:.0f} %", bar=rate),
            *[Cell(str(one[state] or "")) for state in STATES],
            Cell("" if one["cpu_median"] is None else f"{one['cpu_median']:.2f} s"),
            Cell(slowest, more=one["slowest"]),
        ]

    return table(
        "exercises",
        "The pass rate is that of those who attempted the exercise; times are processor seconds",
        ("exercise", "points", "pass rate", *(words for words, _, _ in STATES.values()), "median time", "longest"),
        exercises,
        cells,
        {
            "notebook's order": lambda one: place[one["exercise"]],
            "hardest first": lambda one: (one["pass_rate"] is None, one["pass_rate"] or 0.0),
            "slowest first": lambda one: -(one["cpu_most"] or 0.0),
            "least attempted first": lambda one: one["attempted"],
        },
        numeric=range(1, 5 + len(STATES)),
    )


def _worth(exercise: Json) -> str:
    if exercise["bonus"]:
        return f"+{points(exercise['bonus'])} bonus"
    return points(exercise["points"]) if exercise["points"] else "practice"


def _mistakes(mistakes: Sequence[Json]) -> Table:
    most = max((one["count"] for one in mistakes), default=1)

    def cells(one: Json) -> list[Cell]:
        return [
            Cell(one["exercise"]),
            Cell(one["mistake"].replace("-", " ")),
            Cell(str(one["count"]), bar=one["count"] / most),
            Cell("known mistake" if one["source"] == "bank" else "relation found"),
            Cell("who", more=_names(one["students"])),
        ]

    place = {name: n for n, name in enumerate(dict.fromkeys(one["exercise"] for one in mistakes))}
    return table(
        "mistakes",
        "Mistakes that were recognised",
        ("exercise", "mistake", "count", "how", "students"),
        mistakes,
        cells,
        {
            "most common first": lambda one: -one["count"],
            "exercise": lambda one: (one["exercise"], -one["count"], place[one["exercise"]]),
            "mistake": lambda one: (one["mistake"], -one["count"]),
        },
        numeric=(2,),
    )


def _checks(checks: Sequence[Json]) -> Table:
    return table(
        "checks",
        "Checks that were failed, of those that were run",
        ("exercise", "check", "failed", "of", "share"),
        checks[:MOST_ROWS],
        lambda one: [
            Cell(one["exercise"]),
            Cell(one["check"]),
            Cell(str(one["failed"])),
            Cell(str(one["ran"])),
            Cell(f"{100 * one['fail_rate']:.0f} %", bar=one["fail_rate"]),
        ],
        {
            "hardest first": lambda one: (-one["fail_rate"], -one["failed"]),
            "most often failed first": lambda one: -one["failed"],
            "exercise": lambda one: one["exercise"],
            "check": lambda one: one["check"],
        },
        numeric=(2, 3, 4),
    )


def _map(mistakes: Sequence[Json]) -> list[tuple[str, list[tuple[str, int, int]]]]:
    """For each exercise its mistakes with their counts, and a level from 1 (one student) to 4 (most common)."""
    most = max((one["count"] for one in mistakes), default=1)
    found: dict[str, list[tuple[str, int, int]]] = {}
    for one in mistakes:
        level = 1 if one["count"] == 1 else max(1, -(-4 * one["count"] // most))
        found.setdefault(one["exercise"], []).append((one["mistake"].replace("-", " "), one["count"], level))
    return list(found.items())


def _by_reason(waiting: Sequence[Json]) -> list[tuple[str, int, str]]:
    """The reasons for which a person is needed, with how many and who; the rarest, which are the oddest, first."""
    found: dict[str, list[str]] = {}
    for one in waiting:
        found.setdefault("; ".join(one["why"]), []).append(one["student"])
    ranked = sorted(found.items(), key=lambda item: len(item[1]))
    return [(why, len(students), _names(students)) for why, students in ranked]


def _change(one: Json) -> Json:
    moved = [
        f"{entry['exercise']}: {entry['before']} → {entry['after']}"
        for entry in one["exercises"]
        if entry["before"] != entry["after"]
    ]
    return {**one, "difference": one["after"] - one["before"], "why": "; ".join(one["why"]), "moved": moved}


def _names(students: Sequence[str]) -> str:
    more = f" and {len(students) - MOST_NAMES} more" if len(students) > MOST_NAMES else ""
    return ", ".join(students[:MOST_NAMES]) + more
