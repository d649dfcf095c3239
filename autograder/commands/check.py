"""``autograder check``: one notebook, hidden cases included, on the terminal; nothing is recorded."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path

from rich.console import Console

from autograder.boundary.text import clean
from autograder.boundary.warm import WarmBox
from autograder.bridges.ci.finding import find_notebook
from autograder.commands.released import releases_of
from autograder.commands.walls import proven_box, warm_box
from autograder.errors import UsageError
from autograder.grading.annotate import score
from autograder.grading.answer_cache import AnswerCache
from autograder.grading.asked import asked
from autograder.grading.course import Course
from autograder.grading.intake import Rejected, read_submission
from autograder.grading.pipeline import grade
from autograder.judging import Status, Verdict
from autograder.reports.feedback import WORDS
from autograder.reports.values import as_lines, bonus, compared, named_values, points

LONGEST = 600


def run_check(course: Course, notebook: Path, assignments: Sequence[str], early: WarmBox | None = None) -> int:
    """Print the verdict on each exercise. Exit code 0 if there is one for each, 1 if something could not be graded.

    ``early`` is what `commands.early` began.
    """
    console = Console(soft_wrap=True, highlight=False)
    if not notebook.is_file():
        raise UsageError(f"{notebook} is not a file", expected="a notebook", next_step="Check the path")
    known = releases_of(course)
    releases = {name: known[name] for name in asked(known, assignments)}
    entry = find_notebook(notebook.absolute(), releases)
    name = entry.unit
    others = tuple(release for other, release in releases.items() if other != name)
    taken = read_submission(entry.path, releases[name], "check", within=entry.within, others=others, notes=entry.notes)
    if isinstance(taken, Rejected):
        raise UsageError(taken.reason)
    with ExitStack() as stack:
        begun = stack.enter_context(closing(warm_box(early, torch=course.needs_torch([name]), data=course.data())))
        cache = AnswerCache(course)
        plan = cache.plan(name)
        _ = plan.kept_tasks  # while the box is attacked
        walls = proven_box(console, accept_weak=True, torch=plan.torch, begun=begun)
        stack.callback(walls.box.close)
        plan = cache.settled(plan, walls.tier)
        graded = grade(taken, plan, walls.box, tier=walls.tier)
    for problem in taken.problems:
        console.print(problem, markup=False)
    total = extra = 0.0
    bonuses = plan.release.bonuses
    for exercise, worth in plan.release.exercises.items():
        verdict = graded.verdicts[exercise]
        earned = score(verdict, worth)
        total += earned or 0.0
        told = f"{points(earned)}/{points(worth)}" if worth and earned is not None else ""
        if exercise in bonuses and earned is not None:
            extra += verdict.fraction * bonuses[exercise]
            told = bonus(verdict.fraction * bonuses[exercise], bonuses[exercise])
        console.print(f"{exercise:<28} {WORDS[verdict.status]:<15} {told}", markup=False)
        if verdict.status is not Status.NOT_ATTEMPTED:
            for line in told_lines(verdict):
                console.print(f"    {line}", markup=False)
    told = f", {bonus(extra, sum(bonuses.values()))} among them" if bonuses else ""
    most = sum(plan.release.exercises.values())
    console.print(f"{points(total + extra)} of {points(most)} points{told}", markup=False)
    return 1 if any(verdict.status is Status.INTERNAL for verdict in graded.verdicts.values()) else 0


def told_lines(verdict: Verdict) -> list[str]:
    """What one verdict tells: message, what was raised, hint or place, notes, and the smallest failing shown case."""
    hint = verdict.hint.text if verdict.hint else verdict.where
    lines = [text for text in (verdict.message, clean(verdict.student_text, LONGEST), hint, *verdict.notes) if text]
    if verdict.shown:
        lines.append(f"in the case '{verdict.shown.case}':")
        arguments = (matrix for name, value in verdict.shown.inputs for matrix in named_values(name, value))
        for one in (*arguments, *compared(verdict.shown.finding)):
            lines += [f"  {line}" for line in as_lines(one)]
    return lines
