"""``autograder diagnose --self-test``: how good the diagnosis is, in figures."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder.authoring.mistakes import written
from autograder.commands.catalogue import assignments_named
from autograder.commands.grade import wide_console
from autograder.grading.course import Course
from autograder.judging.figures import Figures, families, figures, of_family, record
from autograder.judging.selftest import BANK, UNKNOWN, Measured, measure

BAD = 1
MOST = 40  # lines of one list
Task = tuple[Course, str, int, int]


def run_self_test(course: Course, assignments: Sequence[str], *, seed: int, as_json: bool, workers: int) -> int:
    """Measure and print. Exit code 0 if every known mistake is named and nothing false is said, else 1."""
    names = assignments_named(course, assignments)
    tasks = [(course, name, index, seed) for name in names for index in range(len(course.content[name]))]
    measured: dict[str, list[Measured]] = {name: [] for name in names}
    for (_, name, _, _), one in zip(tasks, _measure_all(tasks, workers or os.cpu_count() or 1), strict=True):
        measured[name].append(one)
    found = record(measured, seed)
    if as_json:
        json.dump(found, sys.stdout, indent=2)
        sys.stdout.write("\n")
    else:
        print_figures(wide_console(), measured, found)
    return BAD if found["false"] or found["not_caught"] or found["not_as_itself"] else 0


def _measure_all(tasks: Sequence[Task], workers: int) -> Iterable[Measured]:
    if workers == 1 or len(tasks) == 1:
        return map(_measure_one, tasks)
    with ProcessPoolExecutor(min(workers, len(tasks)), mp_context=get_context("spawn")) as pool:
        return list(pool.map(_measure_one, tasks))


def _measure_one(task: Task) -> Measured:
    course, assignment, index, seed = task
    exercise = course.content[assignment][index]
    sources = {mistake.name: written(mistake, exercise) for mistake in exercise.mistakes if mistake.source}
    return measure(exercise.expect(seed=seed), sources)


def print_figures(console: Console, measured: Mapping[str, Sequence[Measured]], found: Mapping[str, Any]) -> None:
    """Two tables, and the lists of what an author should read."""
    everything = [one for several in measured.values() for one in several]
    known = _table("Known mistakes", "assignment", "caught", "as itself", "ambiguous")
    for name, several in measured.items():
        _row(known, name, figures(of_family(several, BANK)), ("caught", "itself", "ambiguous"))
    known.add_section()
    _row(known, "together", figures(of_family(everything, BANK)), ("caught", "itself", "ambiguous"))
    console.print(known)
    console.print()
    made = _table("Mutated references, and answers that are in no bank", "mutation", "caught", "by bank", "ambiguous")
    columns = ("caught", "by_bank", "ambiguous")
    for family in families(everything):
        _row(made, family, figures(of_family(everything, family)), columns)
    made.add_section()
    _row(made, "mutants together", figures(of_family(everything, *families(everything))), columns)
    _row(made, "wrong for no reason", figures(of_family(everything, UNKNOWN)), columns)
    console.print(made)
    right = found["right_answers"]
    console.print(
        f"\n{right['tried']} right answers in several forms: {right['false']} false diagnoses. "
        f"{found['equivalent_mutants']} mutants equal the reference on every case and do not count.",
        highlight=False,
    )
    _list(console, "Said, and not so", found["false"], "hint")
    _list(console, "Not caught", found["not_caught"])
    _list(console, "Known mistakes not diagnosed as themselves", found["not_as_itself"])
    _list(console, "Told apart by the student's source alone", found["ambiguous"], "fits")
    _list(console, "Mutants described in other words than their own", found["in_other_words"], "said")


def _table(title: str, first: str, *middle: str) -> Table:
    table = Table(title=title, title_justify="left", header_style="bold", show_edge=False, pad_edge=False)
    table.add_column(first, no_wrap=True)
    for name in ("number", *middle, "bank off: explained", "located only", "silent", "false"):
        table.add_column(name, justify="right")
    return table


def _row(table: Table, name: str, counted: Figures, columns: Sequence[str]) -> None:
    table.add_row(
        escape(name),
        str(counted.trials),
        *(share(getattr(counted, column), counted.trials) for column in columns),
        share(counted.structural, counted.without_bank),
        share(counted.located, counted.without_bank),
        share(counted.silent, counted.without_bank),
        str(counted.false),
    )


def share(part: int, whole: int) -> str:
    """A count with its share of the whole: all and none are said only where they are exact."""
    if not whole:
        return "-"
    percent = 100 * part / whole
    shown = round(percent) if part in (0, whole) else min(max(round(percent), 1), 99)
    return f"{part} ({shown} %)"


def _list(console: Console, title: str, entries: Sequence[Mapping[str, Any]], extra: str = "") -> None:
    if not entries:
        return
    console.print(f"\n[bold]{escape(title)}[/bold]")
    for entry in entries[:MOST]:
        said = entry.get(extra, "")
        said = ", ".join(said) if isinstance(said, list) else said
        text = f"  {entry['exercise']}: {entry['name']}" + (f" ({said})" if said else "")
        console.print(text, markup=False, highlight=False, soft_wrap=True)
    if len(entries) > MOST:
        console.print(f"  and {len(entries) - MOST} more: see --json")
