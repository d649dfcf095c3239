"""The terminal's table: students by exercises, totals, what needs a human, where the files are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder.judging.verdict import Status, Verdict
from autograder.reports.values import points

SIGNS: Mapping[Status, tuple[str, str]] = {
    Status.PASSED: ("ok", "green"),
    Status.PARTIAL: ("part", "yellow"),
    Status.FAILED: ("x", "red"),
    Status.NOT_ATTEMPTED: ("-", "dim"),
    Status.CRASHED: ("crash", "red"),
    Status.MANUAL: ("read", "cyan"),
    Status.INTERNAL: ("?", "magenta"),
}
LEGEND = "ok right · part partly · x not right · - not attempted · crash took its box down · ? could not be graded"


@dataclass(frozen=True)
class Row:
    """One student in the table. ``score`` is the gradebook's, essays and manual scores included."""

    student: str
    verdicts: Mapping[str, Verdict]
    score: float
    of: float
    needs_human: bool
    remark: str = ""


def print_class(console: Console, assignment: str, exercises: Sequence[str], rows: Sequence[Row]) -> None:
    """The table of one assignment. Wide classes of exercises are turned: one line per student, one sign per exercise."""
    table = Table(title=escape(assignment), title_justify="left", header_style="bold", show_edge=False, pad_edge=False)
    table.add_column("student", no_wrap=True)
    table.add_column("points", justify="right", no_wrap=True)
    for status in (Status.PASSED, Status.PARTIAL, Status.FAILED, Status.CRASHED, Status.NOT_ATTEMPTED, Status.INTERNAL):
        table.add_column(SIGNS[status][0], justify="right", style=SIGNS[status][1], no_wrap=True)
    table.add_column("not right, with the mistake where it is known")
    for row in rows:
        counts = [
            sum(verdict.status is status for verdict in row.verdicts.values())
            for status in (
                Status.PASSED,
                Status.PARTIAL,
                Status.FAILED,
                Status.CRASHED,
                Status.NOT_ATTEMPTED,
                Status.INTERNAL,
            )
        ]
        table.add_row(
            escape(row.student),
            f"{points(row.score)}/{points(row.of)}{'*' if row.needs_human else ''}",
            *(str(count) if count else "" for count in counts),
            escape(row.remark or _trouble(row.verdicts, exercises)),
        )
    console.print(table)
    console.print(f"[dim]{LEGEND}; * a person must look[/dim]")


def _trouble(verdicts: Mapping[str, Verdict], exercises: Sequence[str], most: int = 4) -> str:
    """The exercises that did not pass, with the name of the mistake."""
    wrong = [
        f"{name}{': ' + verdict.hint.name if verdict.hint else ''}"
        for name in exercises
        if (verdict := verdicts.get(name)) is not None
        and verdict.status not in (Status.PASSED, Status.NOT_ATTEMPTED, Status.MANUAL)
    ]
    more = f", and {len(wrong) - most} more" if len(wrong) > most else ""
    return ", ".join(wrong[:most]) + more
