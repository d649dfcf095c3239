"""The command line: thin commands around the rooms. Only this file imports the bridges."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import click
from rich.console import Console

from autograder import __version__
from autograder.errors import AutograderError, UsageError
from autograder.grading.course import Course, put_environment_first

INTERNAL, USAGE = 1, 2

course_option = click.option(
    "--course",
    "root",
    type=click.Path(file_okay=False, path_type=Path),
    default=".",
    help="The course's folder (default: here).",
)
assignment_option = click.option(
    "--assignment", "-a", "assignments", multiple=True, help="Only this assignment; may be given several times."
)


def main() -> None:
    """Enter the command line, isolated: the current folder and PYTHON* variables must not choose what is imported."""
    if not sys.flags.isolated:
        os.execv(sys.executable, [sys.executable, "-I", "-m", "autograder", *sys.argv[1:]])
    put_environment_first()
    try:
        commands(prog_name="autograder", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(USAGE)
    except click.Abort:
        sys.exit(130)
    except UsageError as error:
        _fail(error, USAGE)
    except AutograderError as error:
        _fail(error, INTERNAL)


def _fail(error: AutograderError, code: int) -> NoReturn:
    Console(stderr=True, soft_wrap=True).print(str(error), markup=False, highlight=False)
    sys.exit(code)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def commands() -> None:
    """Grade notebooks on backpropagation; no submission can give itself points."""


@commands.command()
@course_option
@assignment_option
@click.option(
    "--submitted",
    type=click.Path(path_type=Path),
    help="Grade this folder (students' folders in it) instead of submitted/.",
)
@click.option("--force", is_flag=True, help="Grade unchanged submissions again too.")
@click.option("--workers", type=click.IntRange(0), default=0, help="Worker processes (default: one per core).")
@click.option("--reseed", is_flag=True, help="Draw new hidden inputs from now on; recorded scores stay.")
@click.option(
    "--allow-weak-isolation", is_flag=True, help="Grade even where only weak walls stand; every report says so."
)
def grade(
    root: Path,
    assignments: Sequence[str],
    submitted: Path | None,
    force: bool,
    workers: int,
    reseed: bool,
    allow_weak_isolation: bool,
) -> None:
    """Grade everything in submitted/; with submitted/ empty, the example cohort into example/.

    Exit code: 0 every submission has a verdict, 1 something could not be graded, 2 usage.
    """
    from autograder.commands.grade import run_grade

    sys.exit(
        run_grade(
            _course(root),
            assignments,
            submitted=submitted,
            force=force,
            workers=workers,
            reseed=reseed,
            allow_weak=allow_weak_isolation,
        )
    )


@commands.command()
@course_option
@assignment_option
@click.argument("folder", type=click.Path(path_type=Path))
def intake(root: Path, assignments: Sequence[str], folder: Path) -> None:
    """Copy what is safe of FOLDER/<student>/<assignment>/ into submitted/: the notebook and its time, nothing else."""
    from autograder.commands.intake import run_intake

    sys.exit(run_intake(_course(root), folder, assignments))


@commands.command()
@course_option
@assignment_option
@click.option("--check", is_flag=True, help="Write nothing; fail if assignments/ is not what solutions/ give.")
def release(root: Path, assignments: Sequence[str], check: bool) -> None:
    """Make assignments/ (what students get) from solutions/ (what instructors edit)."""
    from autograder.commands.course import run_release

    sys.exit(run_release(_course(root), assignments, check=check))


@commands.command()
@course_option
@assignment_option
def register(root: Path, assignments: Sequence[str]) -> None:
    """Tell the gradebook about the assignments and their points."""
    from autograder.commands.course import run_register

    sys.exit(run_register(_course(root), assignments))


@commands.command()
@course_option
@click.argument("notebook", type=click.Path(path_type=Path))
@assignment_option
def check(root: Path, notebook: Path, assignments: Sequence[str]) -> None:
    """Grade one NOTEBOOK with the hidden cases and print what its student would be told. Records nothing."""
    from autograder.commands.check import run_check

    sys.exit(run_check(_course(root), notebook, assignments))


@commands.command()
@assignment_option
@click.option("--self-test", is_flag=True, help="Measure the diagnosis on known mistakes, mutants and right answers.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
@click.option("--seed", type=int, default=0, show_default=True, help="Draw the inputs from this seed.")
@click.option("--workers", type=click.IntRange(0), default=0, help="Worker processes (default: one per core).")
def diagnose(assignments: Sequence[str], self_test: bool, as_json: bool, seed: int, workers: int) -> None:
    """Say how good the hints are: what is caught, named, explained without the bank, and falsely said.

    Exit code: 0 every known mistake earns its own hint and nothing false is said, 1 otherwise, 2 usage.
    """
    from autograder.commands.diagnose import run_self_test

    if not self_test:
        raise click.UsageError("give --self-test; it is `autograder check` that diagnoses a notebook")
    sys.exit(run_self_test(assignments, seed=seed, as_json=as_json, workers=workers))


@commands.command()
@assignment_option
@course_option
@click.argument("exercise")
def explain(root: Path, assignments: Sequence[str], exercise: str) -> None:
    """Print all that is declared of EXERCISE, for authors: text, signature, checks, cases, known mistakes, hints."""
    from autograder.commands.explain import run_explain

    sys.exit(run_explain(_course(root), exercise, assignments))


@commands.group()
def new() -> None:
    """Write the files of something new."""


@new.command("rule")
@course_option
@click.argument("name")
@click.option("--assignment", "-a", required=True, help="The assignment that gets the exercise.")
@click.option("--points", type=click.IntRange(0), default=0, show_default=True, help="Points; 0 is practice.")
def new_rule(root: Path, name: str, assignment: str, points: int) -> None:
    """Write a backward rule NAME (cube makes cube_backward): operation, both halves, notebook cells, right answers.

    What is written is a worked example, y = x * x, to be changed; it passes the tests as it is. Nothing that exists is
    overwritten.
    """
    from autograder.commands.new import run_new_rule

    sys.exit(run_new_rule(_course(root), name, assignment, worth=points))


@commands.command()
def doctor() -> None:
    """Try each wall of the box on this machine and say what to do about those that are missing."""
    from autograder.commands.doctor import run_doctor

    sys.exit(run_doctor())


def _course(root: Path) -> Course:
    course = Course.at(root)
    if not course.solutions.is_dir():
        raise UsageError(
            f"{course.root} is no course",
            expected="a folder with solutions/ and assignments/ in it",
            next_step="Run the command in the course's folder, or name it with --course",
        )
    return course
