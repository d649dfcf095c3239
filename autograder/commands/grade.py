"""``autograder grade``: a class, graded, recorded and shown."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from autograder.boundary import tiers
from autograder.bridges.nbgrader.late import late_penalty
from autograder.bridges.nbgrader.register import HumanGradesError, register
from autograder.bridges.nbgrader.settings import configured
from autograder.commands.choosing import share_secret
from autograder.commands.cluster import check_scheduler, cluster
from autograder.commands.signs import lines
from autograder.commands.walls import Walls, proven_box
from autograder.errors import AutograderError, ReleaseError, UsageError
from autograder.grading._storage import waiting_for
from autograder.grading.asked import asked
from autograder.grading.backups import check_belongs, keep_backup
from autograder.grading.by_hand import show_marks
from autograder.grading.class_report import whole_record, write_class_report
from autograder.grading.course import Course
from autograder.grading.hold import hold
from autograder.grading.marks import Total
from autograder.grading.plan import Plan, open_plan
from autograder.grading.preview import Preview, preview
from autograder.grading.preview import lines as lines_of
from autograder.grading.release import CHECK, Release, load_releases, whole
from autograder.grading.run import Settings, Summary, run
from autograder.grading.secret import keep_secret, new_secret
from autograder.grading.units import assignment_of, by_assignment
from autograder.grading.workers import Each, each
from autograder.reports.terminal import Row, print_class

if TYPE_CHECKING:
    from autograder.grading.cluster.client import Cluster

INTERNAL = 1
MOST_NAMED = 4  # cells of one submission
SOME_NAMED = 10  # students


def run_grade(
    course: Course,
    assignments: Sequence[str],
    *,
    submitted: Path | None,
    force: bool,
    workers: int,
    reseed: bool,
    allow_weak: bool,
    scheduler: str = "",
    dry: bool = False,
) -> int:
    """Grade, print, and give the exit code. With ``scheduler``, the workers of that cluster run the submissions.

    With ``dry`` nothing is written, and what would change is printed.
    """
    console = wide_console()
    if dry and (scheduler or reseed):
        raise UsageError(
            f"--dry-run writes nothing, and {'--scheduler' if scheduler else '--reseed'} does",
            next_step="Leave one of them out",
        )
    if scheduler:
        check_scheduler(scheduler, workers=workers)
    secret_in = share_secret(course, reseed=reseed)
    course, example = _choose(configured(course), submitted)
    names = asked(course.assignment_names(), assignments)
    with nullcontext() if dry else hold(course), ExitStack() as stack:
        report = stack.enter_context(_signs(console))
        torch, begun = course.needs_torch(names), None
        if not scheduler:  # its imports go on beside ours
            begun = stack.enter_context(closing(tiers.begin(torch=torch, data=course.data(names))))
        secret = new_secret() if reseed else None
        plans, missing = _plans(course, names, console, secret, by_name=bool(assignments))
        names, left_out = tuple(by_assignment(plans)), dict(missing)
        releases, accept = load_releases(course), example or allow_weak
        late, strangers = late_penalty(course), check_belongs(course)
        if secret is not None:  # what is wrong with the course was told above, and its old secret is still there then
            for place in {course.root, secret_in}:
                keep_secret(place, secret)
        walls: Walls | Cluster
        if scheduler:
            walls = stack.enter_context(cluster(console, scheduler, course, plans, releases, accept_weak=accept))
            graders: Each = walls.each
        else:
            walls = proven_box(console, accept_weak=accept, torch=torch, begun=begun)
            graders = each
        settings = Settings(walls.box, walls.tier, weak=walls.weak, workers=workers, force=force, late=late)
        if dry:
            with report.bar():
                found = preview(course, plans, settings, report, known=releases)
            _print_preview(console, found)
            return 0
        keep_backup(course)
        left_out |= _not_registered(course, names, by_name=bool(assignments))
        plans = {unit: plan for unit, plan in plans.items() if assignment_of(unit) not in left_out}
        started = time.monotonic()
        with report.bar():
            summary = run(course, plans, settings, report, known=releases, each=graders)
        summary.problems += [*strangers, *(f"{name} was not graded: {why}" for name, why in left_out.items())]
        for plan in plans.values():
            show_marks(course, plan.release, summary.totals.get(plan.release.assignment, ()))
        pages = [
            write_class_report(course, release, summary.totals[name], hidden=summary.hidden, weak=walls.weak)
            for name, release in _wholes(plans).items()
            if summary.totals.get(name)
        ]
    _print(console, course, plans, summary, time.monotonic() - started, example, pages)
    missed = any(_handed_in(course, assignment_of(unit)) for unit in left_out)
    return INTERNAL if summary.internal or summary.failed or missed else 0


def wide_console() -> Console:
    """A console for tables: as wide as the terminal, and wide enough where the output is a file."""
    console = Console()
    return console if console.is_terminal else Console(width=140)


def _choose(course: Course, submitted: Path | None) -> tuple[Course, bool]:
    """The course to grade: as given, or, with nothing handed in, the example cohort in a place of its own."""
    if submitted is not None:
        if not submitted.is_dir():
            raise UsageError(
                f"{submitted} is not a folder",
                expected="a folder with one folder per student",
                next_step="Check the path given with SUBMITTED= or --submitted",
            )
        return replace(course, submitted=submitted.absolute()), False
    if _has_submissions(course.submitted):
        return course, False
    if not course.manifest.example:
        raise UsageError(
            f"Nobody has handed in anything: {course.submitted} is empty, and the course names no example",
            expected="<student>/<assignment>/<notebook>.ipynb in it",
            next_step="Put submissions there (`autograder intake` does it), or name another folder with --submitted",
        )
    return Course.example(course.root), True


def _has_submissions(folder: Path) -> bool:
    """Whether anybody handed anything in."""
    try:
        return any(not name.startswith(".") and (folder / name).is_dir() for name in os.listdir(folder))
    except FileNotFoundError:
        return False
    except OSError as error:
        raise UsageError(
            f"{folder} can't be listed",
            got=str(error.strerror),
            next_step="Mend its permissions, or name another folder with --submitted",
        ) from error


def _handed_in(course: Course, assignment: str) -> bool:
    """Whether anybody has a folder of that name among what was handed in."""
    return any((course.submitted / student / assignment).is_dir() for student in os.listdir(course.submitted))


def _plans(
    course: Course, names: Sequence[str], console: Console, secret: bytes | None, *, by_name: bool
) -> tuple[Mapping[str, Plan], Mapping[str, AutograderError]]:
    """The plans, and why there is none for an assignment that nobody named: the others are graded all the same."""
    plans: dict[str, Plan] = {}
    left_out: dict[str, AutograderError] = {}
    with console.status("Working out what is right ...") if console.is_terminal else _nothing():
        for name in names:
            try:
                plans |= {unit: open_plan(course, unit, secret=secret) for unit in course.units(name)}
            except (UsageError, ReleaseError) as error:
                left_out[name] = error
                if by_name:
                    raise
        if not by_name:
            left_out |= {name: _unnamed(name) for name in course.unnamed()}
    if left_out and not plans:
        raise next(iter(left_out.values()))
    return plans, left_out


def _wholes(plans: Mapping[str, Plan]) -> dict[str, Release]:
    """Each assignment as one release, whatever notebooks it has."""
    return {name: whole([plans[unit].release for unit in units]) for name, units in by_assignment(plans).items()}


def _unnamed(name: str) -> AutograderError:
    return UsageError("course.toml does not name it", next_step=f'Add `[[assignment]]` and `name = "{name}"` there')


def _not_registered(course: Course, names: Sequence[str], *, by_name: bool) -> Mapping[str, AutograderError]:
    """Register the assignments; those where what people gave stands in the way, unless somebody named them."""
    left_out: dict[str, AutograderError] = {}
    for name in names:
        try:
            register(course, name)
        except HumanGradesError as error:
            left_out[name] = error
            if by_name or len(left_out) == len(names):
                raise
    return left_out


@contextmanager
def _nothing() -> Iterator[None]:
    yield


@contextmanager
def _signs(console: Console) -> Iterator[_Report]:
    """Signs of life: a bar where there is a terminal, elsewhere a line every few seconds, from the beginning."""
    report = _Report(console)
    with nullcontext() if console.is_terminal else lines(report.line):
        yield report


class _Report:
    """What the run calls after each submission."""

    def __init__(self, console: Console) -> None:
        columns = (TextColumn("grading"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._task = self._progress.add_task("grading", total=None)
        self._done, self._total = 0, 0

    def bar(self) -> Progress:
        """The bar, to be shown meanwhile, with the time left; nothing where the output is no terminal."""
        return self._progress

    def __call__(self, done: int, total: int) -> None:
        self._done, self._total = done, total
        self._progress.update(self._task, completed=done, total=total)

    def line(self) -> str:
        """How far it is, for where there is no bar."""
        waits = waiting_for()
        told = f"grading: {self._done} of {self._total} submissions" if self._total else "grading: getting ready"
        return f"{told}; waiting for the gradebook, held by {waits}" if waits else told


def _print(
    console: Console,
    course: Course,
    plans: Mapping[str, Plan],
    summary: Summary,
    seconds: float,
    example: bool,
    pages: Sequence[Path],
) -> None:
    """Everything an instructor needs to know after a run."""
    if example:
        console.print("Nothing is in submitted/: this is the example cohort, graded into example/.\n")
    rejected = {(entry.student, entry.unit): entry.reason for entry in summary.rejected}
    for name, release in _wholes(plans).items():
        rows = [
            Row(
                t.student, whole_record(course, release, t.student), t.score, t.points, t.needs_human,
                t.credit([f"{exercise}{CHECK}" for exercise in release.bonuses]), t.penalty,
                (t.student, name) in summary.untimed and t.timestamp is None,
            )
            for t in summary.totals.get(name, ())
        ]  # fmt: skip
        if rows:
            extra = sum(release.bonuses.values())
            print_class(console, name, tuple(release.exercises), rows, bonus_points=extra)
    _print_list(console, "Not graded", [f"{s}, {a}: {reason}" for (s, a), reason in sorted(rejected.items())])
    _print_list(
        console, "Could not be graded (our fault; no score was written)", [", ".join(i) for i in summary.internal]
    )
    _print_list(
        console,
        "Could not be read or graded (our fault; an earlier score and page stay, and a person must look)",
        list(dict.fromkeys(f"{one.student}, {one.unit}: {one.reason}" for one in summary.failed)),
    )
    waiting = [
        f"{total.student}, {name}: {_waiting(total)}"
        for name, totals in summary.totals.items()
        for total in totals
        if total.needs_human
    ]
    _print_list(console, "Needs a person (make formgrader)", waiting)
    _print_list(
        console,
        "Graded by a person, and to be looked at again",
        [f"{r.student}, {r.assignment}, {r.cell}: {r.why}" for r in summary.reopened],
    )
    _print_list(console, "The same notebook has another score now", list(lines_of(summary.changed)))
    _print_list(
        console,
        "A manual score hides an automatic one that changed",
        [
            f"{h.student}, {h.assignment}, {h.cell}: manual {h.manual}, was {h.before}, now {h.after}"
            for h in summary.hidden
        ],
    )
    _print_list(console, *_untimed(summary))
    _print_list(console, "Noticed", summary.problems)
    count = len(summary.graded) + len(summary.rejected)
    console.print(
        f"{count} submission{'s' if count != 1 else ''} in {seconds:.1f} s"
        + (f" ({len(summary.by_another)} of them graded before by another grader)" if summary.by_another else "")
        + (f", {len(summary.unchanged)} unchanged and not graded again" if summary.unchanged else "")
        + (f" ({len(summary.moved)} of them with a new time of submission)" if summary.moved else "")
        + (f" ({len(summary.late_anew)} of them with another late penalty)" if summary.late_anew else ""),
        highlight=False,
    )
    for what, where in (
        ("feedback pages", course.feedback),
        ("annotated notebooks", course.autograded),
        ("records", course.reports),
        ("gradebook", course.gradebook or "on the database server"),
    ):
        console.print(f"  {what:<20} {_relative(where, course.root)}", highlight=False, markup=False)
    for page in pages:
        console.print(f"  {'class page':<20} {_relative(page, course.root)}", highlight=False, markup=False)


def _print_preview(console: Console, found: Preview) -> None:
    """What a run would change."""
    _print_list(console, "Would not be graded", [f"{r.student}, {r.unit}: {r.reason}" for r in found.rejected])
    _print_list(console, "Scores that would change", list(lines_of(found.changed)), most=1_000)
    _print_list(console, "Noticed", found.problems)
    people = len({(one.student, one.assignment) for one in found.changed})
    console.print(
        f"{len(found.graded)} would be graded ({len(found.new)} of them for the first time), {found.unchanged} are"
        f" unchanged; {len(found.changed)} scores of {people} submissions would change. Nothing was written.",
        highlight=False,
    )


def _untimed(summary: Summary) -> tuple[str, list[str]]:
    """Whose lateness is not known though there is a due date, and why. Nothing is taken off for it."""
    before = {(t.student, name) for name, totals in summary.totals.items() for t in totals if t.timestamp is not None}
    lines = []
    for name in sorted({one.assignment for one in summary.untimed}):
        whose = {one.student: why for one, why in summary.untimed.items() if one.assignment == name}
        for reason in sorted(set(whose.values())):
            students = sorted(student for student, why in whose.items() if why == reason)
            lines.append(f"{name}, {reason}: {_some(students)}")
        earlier = sorted(student for student in whose if (student, name) in before)
        if earlier:
            lines.append(f"{name}, the time of what was handed in earlier counts instead: {_some(earlier)}")
    names = sorted(one.student for one in summary.untimed if one not in before)
    if lines:
        lines.append("Write the time into timestamp.txt beside the notebook: 2026-10-01 23:59:00 +0200")
    return f"Time of submission unknown, so lateness is not counted: {_some(names)}", lines


def _some(names: Sequence[str]) -> str:
    """How many, and the first of them by name."""
    more = f" and {len(names) - SOME_NAMED} more" if len(names) > SOME_NAMED else ""
    return f"{len(names)} ({', '.join(names[:SOME_NAMED])}{more})" if names else "0"


def _waiting(total: Total) -> str:
    """The cells that a person must look at, by name unless there are many."""
    cells = [mark.cell for mark in total.marks if mark.needs_human]
    return ", ".join(cells) if len(cells) <= MOST_NAMED else f"{len(cells)} of {len(total.marks)} cells"


def _print_list(console: Console, title: str, lines: Sequence[str], most: int = 20) -> None:
    if not lines:
        return
    console.print(f"[bold]{escape(title)}[/bold]")
    for line in lines[:most]:
        console.print(f"  {line}", markup=False, highlight=False, soft_wrap=True)
    if len(lines) > most:
        console.print(f"  and {len(lines) - most} more")
    console.print()


def _relative(path: Path | str, root: Path) -> str:
    return str(path.relative_to(root)) if isinstance(path, Path) and path.is_relative_to(root) else str(path)
