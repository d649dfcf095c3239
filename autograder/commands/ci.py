"""``autograder ci``: grade what a CI service has and write it in that service's format; nothing is recorded.

Every file asked for is written before grading begins, as "not graded", and replaced at the end: whatever happens to
the grader in between, what is found there is no earlier result and no zero.
"""

from __future__ import annotations

import io
import os
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from autograder.boundary.limits import CI
from autograder.boundary.text import clean
from autograder.boundary.warm import WarmBox
from autograder.bridges.ci import classroom50, github
from autograder.bridges.ci.finding import Entry, Holding, find, find_single
from autograder.bridges.ci.places import cell_lines
from autograder.bridges.ci.results import Result, from_graded, from_rejected, not_graded, together
from autograder.commands.ci_outputs import Outputs, check_places, publish, write
from autograder.commands.released import releases_of
from autograder.commands.signs import lines
from autograder.commands.walls import Walls, proven_box, warm_box
from autograder.errors import SubmissionError, UsageError
from autograder.grading._files import read_regular
from autograder.grading.answer_cache import AnswerCache
from autograder.grading.asked import asked
from autograder.grading.course import Course
from autograder.grading.intake import Rejected, read_submission
from autograder.grading.notebook_json import FILE_BYTES
from autograder.grading.pipeline import grade
from autograder.grading.plan import Plan
from autograder.grading.release import Release
from autograder.grading.units import by_assignment
from autograder.judging.verdict import Status
from autograder.reports.values import points

BELOW, NOT_GRADED = 1, 3  # 2 is usage
ANYBODY = "submission"
LONGEST = 600


def run_ci(
    course: Course,
    path: Path,
    assignments: Sequence[str],
    outputs: Outputs,
    *,
    fail_under: float | None,
    allow_weak: bool,
    early: WarmBox | None = None,
) -> int:
    """Grade everything at ``path`` and write it; the exit code.

    0: every submission has a verdict and reaches ``fail_under`` of its automatic points, 1: one does not, 2: usage,
    3: the grader could not grade something. Without ``fail_under`` it is 1, and 0 for formats with scores of their own.
    ``early`` is what `commands.early` began.
    """
    if outputs.metadata is not None and outputs.gradescope is None:
        raise UsageError(
            "--gradescope-metadata says nothing without --gradescope",
            next_step="Add --gradescope, the file in which a late hand-in is told, or leave it out",
        )
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a log that can't show a sign is no reason to fail
    check_places(outputs, path)
    write(outputs, [not_graded()], 0.0)
    try:
        results = _graded_and_written(course, path, assignments, outputs, allow_weak, early)
    except UsageError:
        publish(outputs, [not_graded()])
        raise
    except Exception as error:
        _tell("nothing was graded", f"{type(error).__name__}: {error}")
        publish(outputs, [not_graded()])
        return NOT_GRADED
    needed = fail_under if fail_under is not None else 0.0 if outputs.single else 1.0
    if not all(result.decided for result in results):
        return NOT_GRADED
    return 0 if all(result.reaches(needed) for result in results) else BELOW


def _graded_and_written(
    course: Course,
    path: Path,
    assignments: Sequence[str],
    outputs: Outputs,
    allow_weak: bool,
    early: WarmBox | None,
) -> list[Result]:
    started = time.monotonic()
    who = classroom50.identity(os.environ) if outputs.classroom50 else {}
    results, problems = _graded(course, path, assignments, outputs, allow_weak, early)
    write(outputs, results, time.monotonic() - started, who)
    for line in (*_lines(results), *problems):
        print(github.harmless(line))
    publish(outputs, results)
    return results


def _graded(
    course: Course,
    path: Path,
    assignments: Sequence[str],
    outputs: Outputs,
    allow_weak: bool,
    early: WarmBox | None,
) -> tuple[list[Result], tuple[str, ...]]:
    """All results, and what was noticed that belongs to no submission."""
    releases = releases_of(course)
    wanted = {name: releases[name] for name in asked(releases, assignments)}
    held = _held(path.absolute(), wanted, tuple(releases.values()), single=outputs.single)
    if outputs.single and len(by_assignment(entry.unit for entry in held.entries)) != 1:
        raise UsageError(
            f"{path} holds {len(held.entries)} submissions",
            expected="one: results.json and result.json are about one submission",
            next_step="Name the assignment with --assignment",
        )
    if not held.entries:
        raise UsageError(f"{path} holds no submission", expected="a notebook", next_step="Check the path")
    results = _each(course, held, releases, allow_weak, early)
    return [together(results)] if outputs.single else results, held.problems


def _held(path: Path, wanted: Mapping[str, Release], known: Sequence[Release], *, single: bool) -> Holding:
    """What is at ``path``. A format for one submission of a known assignment is about whatever a student laid there."""
    if single and len(by_assignment(wanted)) == 1 and (path.is_dir() or len(wanted) == 1):
        found = [find_single(path, release, known) for release in wanted.values()]
        return Holding(tuple(entry for one in found for entry in one.entries))
    return find(path, wanted)


def _each(
    course: Course, held: Holding, releases: Mapping[str, Release], allow_weak: bool, early: WarmBox | None
) -> list[Result]:
    """Every submission in turn; a failure of ours on one of them is the result of that one."""
    done: list[Result] = []
    with (
        closing(_Graders(course, allow_weak, early)) as graders,
        lines(lambda: f"grading: {len(done)} of {len(held.entries)} submissions"),
    ):
        for entry in held.entries:
            done.append(_result(entry, releases, graders))  # noqa: PERF401 - it is counted meanwhile
    return done


def _result(entry: Entry | Rejected, releases: Mapping[str, Release], graders: _Graders) -> Result:
    file = _named(entry.path) if isinstance(entry, Entry) else ""
    try:
        return _one(entry, file, releases, graders)
    except UsageError:
        raise
    except Exception as error:
        _tell(f"{entry.student or entry.unit} was not graded", f"{type(error).__name__}: {error}")
        return not_graded(entry.unit, student=entry.student, file=file)


class _Graders:
    """What grading an assignment takes, made when it is first needed."""

    def __init__(self, course: Course, allow_weak: bool, early: WarmBox | None) -> None:
        self._course = course
        self._cache = AnswerCache(course)
        self._allow_weak = allow_weak
        self._early = early
        self._plans: dict[str, Plan] = {}
        self._walls: dict[bool, Walls] = {}

    def of(self, assignment: str) -> tuple[Plan, Walls]:
        """The plan and the proven box. Raises as `open_plan` and `proven_box`."""
        torch = self._course.needs_torch([assignment])
        begun = None
        if torch not in self._walls:  # its imports go on beside ours
            begun = warm_box(self._early, torch=torch, data=self._course.data())
        try:
            plan = self._plans.get(assignment) or self._cache.plan(assignment)
            _ = plan.kept_tasks  # while the box is attacked
            if torch not in self._walls:
                self._walls[torch] = proven_box(
                    Console(stderr=True), accept_weak=self._allow_weak, torch=torch, begun=begun
                )
        except BaseException:
            if begun is not None:
                begun.close()
            raise
        if assignment not in self._plans:
            self._plans[assignment] = self._cache.settled(plan, self._walls[torch].tier)
        return self._plans[assignment], self._walls[torch]

    def close(self) -> None:
        """Let go of the boxes."""
        for walls in self._walls.values():
            walls.box.close()


def _one(entry: Entry | Rejected, file: str, releases: Mapping[str, Release], graders: _Graders) -> Result:
    release = releases[entry.unit]
    if isinstance(entry, Rejected):
        return _rejected(entry, release, file)
    student = entry.student or ANYBODY
    taken = read_submission(
        entry.path, release, student, within=entry.within, others=tuple(releases.values()), notes=entry.notes
    )
    if isinstance(taken, Rejected):
        return _rejected(replace(taken, student=entry.student), release, file)
    plan, around = graders.of(entry.unit)
    graded = grade(taken, plan, around.box, tier=around.tier, allowance=CI)
    for verdict in graded.verdicts.values():
        if verdict.status is Status.INTERNAL:
            _tell(f"{verdict.exercise} was not graded", verdict.message)
    return from_graded(graded, plan, student=entry.student, file=file, lines=_places(entry), weak=around.weak)


def _rejected(entry: Rejected, release: Release, file: str) -> Result:
    if entry.fault:
        _tell(f"{entry.student or entry.unit} was not graded", entry.reason)
        return not_graded(entry.unit, student=entry.student, file=file)
    return from_rejected(entry, release, student=entry.student, file=file)


def _places(entry: Entry) -> Mapping[str, tuple[int, int]]:
    try:
        return cell_lines(read_regular(entry.path, entry.within, FILE_BYTES))
    except SubmissionError:
        return {}


def _named(path: Path) -> str:
    """The file as CI names it: from the top of its workspace, else from here, else by its name alone."""
    for top in (os.environ.get("GITHUB_WORKSPACE"), os.getcwd()):
        if top and path.is_relative_to(top):
            return clean(path.relative_to(top).as_posix(), LONGEST)
    return clean(path.name, LONGEST)


def _lines(results: Sequence[Result]) -> list[str]:
    """What is told on the terminal: our own words only, so that a log has nothing of a student's in it."""
    lines = []
    for result in results:
        lines.append(result.title)
        lines += [f"  {text}" for text in (*result.notices, *result.problems, result.reason) if text]
        for item in result.items:
            earned = "?" if item.earned is None else points(item.earned)
            told = f"{earned}/{points(item.points)}" if item.points else "practice"
            lines.append(f"  {item.exercise:<28} {item.word:<18} {told}")
        for essay in result.essays:
            lines.append(f"  {essay.name:<28} {'waits for a reader' if essay.written else 'not attempted'}")
        lines.append(f"  {points(result.earned)} of {points(result.points)} points" if result.decided else "  no score")
    return lines


def _tell(what: str, why: str) -> None:
    """Our own failure, for instructors: on standard error, never in a result."""
    print(github.harmless(f"{what}: {clean(why, LONGEST)}"), file=sys.stderr)
