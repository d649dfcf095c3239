"""``autograder explain``: all that is declared of one exercise, on the terminal, for authors."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder.authoring.mistakes import seen_in
from autograder.authoring.source import source_of
from autograder.commands.catalogue import exercise_named
from autograder.commands.grade import wide_console
from autograder.course.declare import Exercise, derive, generator
from autograder.grading.course import Course
from autograder.kit.declare import Case, Function, Instance, Predict, Rule
from autograder.kit.functions import Named
from autograder.reports.values import points

SEED = 0
LONGEST = 48  # characters of an argument


def run_explain(course: Course, name: str, assignments: Sequence[str]) -> int:
    """Print every exercise of that name. Exit code 0."""
    console = wide_console()
    for number, (assignment, exercise) in enumerate(exercise_named(course, name, assignments)):
        if number:
            console.print()
            console.rule()
        explain_exercise(console, course, assignment, exercise)
    return 0


def explain_exercise(console: Console, course: Course, assignment: str, exercise: Exercise) -> None:
    """Statement, signature, the notebook's text, checks, cases, known mistakes."""
    source = source_of(course, assignment, exercise.name)
    worth = source.points(exercise.name)
    extra = source.bonus(exercise.name)
    practice = f"{points(extra)} bonus points" if extra else "practice"
    told = "not in the notebook" if worth is None else f"{points(worth)} points" if worth else practice
    console.print(f"[bold]{escape(exercise.name)}[/bold]  {exercise.public.kind}, {escape(assignment)}, {told}")
    _paragraph(console, "Statement", exercise.public.statement)
    if not isinstance(exercise.public, Predict):
        _paragraph(console, "Signature", exercise.public.signature)
        _paragraph(console, "Returns", ", ".join(exercise.public.results))
    _paragraph(console, "The notebook says", source.text_before(exercise.name))
    _checks(console, exercise)
    if isinstance(exercise.public, Predict):
        _answers(console, exercise, exercise.public)
    else:
        _cases(console, exercise)
    _mistakes(console, exercise)


def _paragraph(console: Console, title: str, text: str) -> None:
    if text:
        console.print(f"\n[bold]{title}[/bold]")
        for line in text.strip().splitlines():
            console.print(f"  {line}", markup=False, highlight=False)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", header_style="dim", show_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _checks(console: Console, exercise: Exercise) -> None:
    table = _table("Checks", "check", "share")
    for name, share in exercise.checks.items():
        table.add_row(escape(name), f"{100 * share:.4g} %")
    console.print()
    console.print(table)
    tolerances = f"relative {exercise.rtol:g}, and {exercise.floor:g} of the case's own scale"
    if not isinstance(exercise.public, Predict):
        console.print(f"  Tolerance: {tolerances}.", highlight=False)


def _answers(console: Console, exercise: Exercise, public: Predict) -> None:
    table = _table("Answers", "variable", "type", "allowed", "right")
    for name, declared in public.answers.items():
        allowed = ", ".join(map(repr, declared.allowed))
        table.add_row(escape(name), declared.type.__name__, escape(allowed), escape(repr(exercise.answers[name])))
    console.print()
    console.print(table)


def _cases(console: Console, exercise: Exercise) -> None:
    table = _table("Cases", "half", "case", "check", "shown", "arguments")
    for row in _public_rows(exercise):
        table.add_row(*map(escape, row))
    for case in exercise.cases:
        instance = exercise.instance(case, SEED)
        table.add_row("hidden", *map(escape, (case.name, case.check, "yes" if case.shown else "no", sizes(instance))))
    console.print()
    console.print(table)


def _public_rows(exercise: Exercise) -> Iterator[tuple[str, str, str, str, str]]:
    """The public cases of a rule; the stored answers and properties of a function."""
    public = exercise.public
    if isinstance(public, Rule):
        assert exercise.op is not None
        for case in public.cases:
            instance = public.instance(case, _generator(exercise, case), exercise.op.forward)
            yield "public", case.name, case.check, "yes", sizes(instance)
    elif isinstance(public, Function):
        for stored in public.stored:
            yield "public", stored.name, "stored answer", "yes", _listed(stored.inputs)
        for one in public.properties:
            yield "public", one.name, "property", "yes", one.says


def _generator(exercise: Exercise, case: Case) -> np.random.Generator:
    return generator(derive(SEED, "public"), exercise.name, case.name)


def sizes(instance: Instance) -> str:
    """Every argument with its shape: ``x (2, 3), axis=-1``."""
    positional = [f"{name} {described(value)}" for name, value in zip(instance.labels, instance.args, strict=True)]
    return ", ".join([*positional, *(f"{name}={described(value)}" for name, value in instance.kwargs.items())])


def _listed(inputs: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {described(value)}" for name, value in inputs.items())


def described(value: Any) -> str:
    """An argument in few words: the shape of an array, what a list holds, a plain value as it is."""
    if isinstance(value, np.ndarray):
        return str(value.shape) if value.dtype.kind == "f" else f"{value.shape} {value.dtype}"
    if isinstance(value, Named):
        return value.name
    if isinstance(value, (list, tuple)) and any(isinstance(part, (np.ndarray, Named)) for part in value):
        return f"[{', '.join(map(described, value))}]"
    if callable(value):
        return "drawn"
    text = repr(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 4]} ..."


def _mistakes(console: Console, exercise: Exercise) -> None:
    console.print("\n[bold]Known mistakes[/bold]")
    expected = exercise.expect(seed=SEED, draws=("kept",))
    for mistake in exercise.mistakes:
        console.print(
            f"  {mistake.name} (seen in '{seen_in(exercise, mistake, expected)}')", markup=False, highlight=False
        )
        console.print(f"      {inspect.cleandoc(mistake.hint)}", markup=False, highlight=False)
    if not exercise.mistakes:
        console.print("  none")
