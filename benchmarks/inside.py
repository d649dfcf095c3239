"""What a measured process does: `python -m benchmarks.inside verdicts|floor|prepare|stages ...`, started by throughput.

Each prints nothing and fails if a verdict is not what it must be: a benchmark of wrong results is worth nothing.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def clocks() -> tuple[float, float]:
    """Wall-clock and CPU seconds, the latter with all children that were waited for."""
    return time.perf_counter(), sum(os.times()[:4])


BEGUN = clocks()


def verdicts(root: Path, assignment: str, rounds: int) -> None:
    """Grade every submission of the course ``rounds`` times, writing nothing."""
    from autograder.grading.pipeline import grade, open_plan
    from autograder.judging import Status

    plan = open_plan(_course(root), assignment)
    submissions = _submissions(root, plan)
    with _box(plan.torch) as walls:
        for _ in range(rounds):
            for submission in submissions:
                graded = grade(submission, plan, walls.box, tier=walls.tier)
                wrong = [name for name, verdict in graded.verdicts.items() if verdict.status is not Status.PASSED]
                assert not wrong, wrong


def prepare(root: Path, assignment: str, file: Path) -> None:
    """Work out what the floor needs."""
    from autograder.grading.pipeline import open_plan
    from benchmarks.floor import prepare

    plan = open_plan(_course(root), assignment)
    prepare(_submissions(root, plan)[0], plan, file)


def stages(root: Path, assignment: str, file: Path) -> None:
    """One run of the whole pipeline in this process, with the time by stage written to ``file``."""
    from autograder.bridges.nbgrader.late import late_penalty
    from autograder.bridges.nbgrader.register import register
    from autograder.grading.class_report import write_class_report
    from autograder.grading.pipeline import open_plan
    from autograder.grading.release import load_release
    from autograder.grading.run import Settings, run
    from benchmarks.stages import Stopwatch

    once: dict[str, tuple[float, float]] = {}
    begun = BEGUN

    def lap(name: str) -> None:
        nonlocal begun
        now = clocks()
        once[name] = now[0] - begun[0], now[1] - begun[1]
        begun = now

    course = _course(root)
    lap("imports")
    plan = open_plan(course, assignment)
    releases = {name: load_release(course.release(name)) for name in course.assignment_names()}
    _ = plan.tasks
    lap("expected answers")
    with _box(plan.torch) as walls:
        lap("walls proven")
        register(course, assignment)
        settings = Settings(walls.box, walls.tier, workers=1, force=True, late=late_penalty(course))
        lap("gradebook made")
        watch = Stopwatch()
        watch.attach(walls.box)
        watch.start()
        summary = run(course, {assignment: plan}, settings, known=releases)
        watch.charge()
        wall, cpu = dict(watch.wall), dict(watch.cpu)
        begun = clocks()
        assert len(summary.graded) == len(list(course.submitted.iterdir())), "not every submission was graded"
        write_class_report(course, plan.release, summary.totals[assignment], hidden=summary.hidden)
        lap("class page")
    found: dict[str, Any] = {"count": len(summary.graded)}
    file.write_text(json.dumps(found | {"once": once, "wall": wall, "cpu": cpu}), encoding="utf-8")


def _course(root: Path) -> Any:
    from autograder.grading.course import Course, put_environment_first

    put_environment_first()
    return Course.at(root)


def _submissions(root: Path, plan: Any) -> list[Any]:
    from autograder.grading.intake import Rejected, read_submission

    release = plan.release
    found = []
    for folder in sorted((root / "submitted").iterdir()):
        taken = read_submission(folder / release.assignment / release.filename, release, folder.name)
        assert not isinstance(taken, Rejected), taken
        found.append(taken)
    return found


@contextlib.contextmanager
def _box(torch: bool) -> Iterator[Any]:
    """The walls that the command would use, taken down afterwards."""
    from rich.console import Console

    from autograder.commands.walls import proven_box

    walls = proven_box(Console(stderr=True), accept_weak=True, torch=torch)
    with contextlib.ExitStack() as stack:
        stack.callback(getattr(walls.box, "close", lambda: None))
        yield walls


def main() -> None:
    """Do what the arguments say."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["verdicts", "floor", "prepare", "stages"])
    parser.add_argument("--root", type=Path)
    parser.add_argument("--assignment")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--file", type=Path)
    given = parser.parse_args()
    if given.what == "floor":
        from benchmarks.floor import serve

        serve(given.file, given.rounds)
    elif given.what == "verdicts":
        verdicts(given.root, given.assignment, given.rounds)
    elif given.what == "prepare":
        prepare(given.root, given.assignment, given.file)
    else:
        stages(given.root, given.assignment, given.file)


if __name__ == "__main__":
    main()
