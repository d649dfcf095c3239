"""The terminal's table: students by exercises, totals, what needs a human, where the files are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from autograder.judging.verdict import Status
from autograder.reports.record import ExerciseRecord, Record
from autograder.reports.values import bonus, points

SIGNS: Mapping[Status, tuple[str, str]] = {
    Status.PASSED: ("+", "green"),
    Status.PARTIAL: ("~", "yellow"),
    Status.FAILED: ("x", "red"),
    Status.NOT_ATTEMPTED: (".", "dim"),
    Status.CRASHED: ("!", "bold red"),
    Status.MANUAL: ("m", "cyan"),
    Status.INTERNAL: ("?", "bold magenta"),
}
LEGEND = "+ right  ~ partly right  x not right  ! crashed  . not attempted  ? could not be graded  * a person must look"
GROUP = 5  # signs between two spaces


@dataclass(frozen=True)
class Row:
    """One student in the table. ``score`` is the gradebook's, essays, manual scores and ``bonus`` included.

    ``penalty`` is what being late costs; it is not taken off the score, and shown beside it.

    ``record`` is what was written about the submission, in this run or an earlier one.
    """

    student: str
    record: Record | None
    score: float
    of: float
    needs_human: bool
    bonus: float = 0.0
    penalty: float = 0.0
    untimed: bool = False
    """Whether nothing says when it was handed in, though there is a due date."""


def print_class(
    console: Console, assignment: str, exercises: Sequence[str], rows: Sequence[Row], *, bonus_points: float = 0.0
) -> None:
    """The table of one assignment: a line per student, a sign per exercise, the mistakes by name.

    Where there are ``bonus_points`` to earn, each line says how many of them are in the score; where somebody was late,
    what that costs and what is left, or ? where it is not known.
    """
    table = Table(title=escape(assignment), title_justify="left", header_style="bold", show_edge=False, pad_edge=False)
    table.add_column("student", no_wrap=True)
    table.add_column("points", justify="right", no_wrap=True)
    if bonus_points:
        table.add_column("of which", no_wrap=True)
    late = any(row.penalty or row.untimed for row in rows)
    if late:
        table.add_column("late", no_wrap=True)
    table.add_column(f"{len(exercises)} exercises", no_wrap=True)
    table.add_column("not right, with the mistake where it is known")
    for row in rows:
        results = {result.exercise: result for result in row.record.exercises} if row.record else {}
        remark = "not graded" if row.record and row.record.state == "rejected" else _trouble(results, exercises)
        earned = f"{points(row.score)}/{points(row.of)}{'*' if row.needs_human else ' '}"
        extra = [Text(bonus(row.bonus, bonus_points) if row.bonus else "")] if bonus_points else []
        cost = (
            f"-{points(row.penalty)}: {points(max(0.0, row.score - row.penalty))}" if row.penalty else "?" * row.untimed
        )
        extra += [Text(cost)] if late else []
        table.add_row(Text(row.student), Text(earned), *extra, _signs(results, exercises), Text(remark))
    console.print(table)
    console.print(f"[dim]{LEGEND}[/dim]")
    console.print(f"[dim]exercises: {', '.join(exercises)}[/dim]\n", highlight=False)


def _signs(results: Mapping[str, ExerciseRecord], exercises: Sequence[str]) -> Text:
    """One sign per exercise in the notebook's order, in groups of five; neighbours that look alike are one piece."""
    signs = []
    for number, name in enumerate(exercises):
        result = results.get(name)
        sign, style = SIGNS[Status(result.status)] if result else (" ", "")
        signs.append((f" {sign}" if number and number % GROUP == 0 else sign, style))
    alike = groupby(signs, key=itemgetter(1))
    return Text.assemble(*(("".join(sign for sign, _ in pieces), style) for style, pieces in alike))


def _trouble(results: Mapping[str, ExerciseRecord], exercises: Sequence[str], most: int = 4) -> str:
    """The exercises that did not pass, with the name of the mistake."""
    wrong = [
        f"{name}{': ' + result.hint.name if result.hint else ''}"
        for name in exercises
        if (result := results.get(name)) is not None
        and Status(result.status) not in (Status.PASSED, Status.NOT_ATTEMPTED, Status.MANUAL)
    ]
    more = f", and {len(wrong) - most} more" if len(wrong) > most else ""
    return ", ".join(wrong[:most]) + more
