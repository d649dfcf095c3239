"""The command line: thin commands around the rooms. Only this file imports the bridges."""

from __future__ import annotations

import gc
import io
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

import click

from autograder import __version__
from autograder.commands.choosing import course_here
from autograder.commands.pytest_options import pytest_options
from autograder.commands.signs import StoppedError, open_standard_streams, stoppable
from autograder.errors import AutograderError, UsageError
from autograder.grading.course import Course, put_environment_first

INTERNAL, USAGE = 1, 2

course_option = click.option(
    "--course",
    "root",
    type=click.Path(path_type=Path),
    help="The course: its folder, or a zip that `autograder pack` made (default: this folder, else AUTOGRADER_COURSE).",
)
assignment_option = click.option(
    "--assignment", "-a", "assignments", multiple=True, help="Only this assignment; may be given several times."
)


def main() -> None:
    """Enter the command line, isolated: the current folder and PYTHON* variables must not choose what is imported."""
    if not sys.flags.isolated:
        os.execv(sys.executable, [sys.executable, "-I", "-m", "autograder", *sys.argv[1:]])
    open_standard_streams()
    put_environment_first()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a name that a terminal can't show must not end the command
    try:
        with stoppable():
            commands(prog_name="autograder", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(USAGE)
    except click.Abort:
        _stopped(signal.SIGINT)
    except StoppedError as stop:
        _stopped(stop.number)
    except UsageError as error:
        _fail(error, USAGE)
    except AutograderError as error:
        _fail(error, INTERNAL)
    except OSError as error:
        _refused(error)
    finally:
        gc.freeze()  # what is left goes with the process: to look for cycles in it first takes up to a second


def _stopped(number: int) -> NoReturn:
    """A word at the end that somebody asked for."""
    goes_on = "grade" in sys.argv[1:2]
    rest = "What was recorded stays: run the same command again, and it goes on from there." if goes_on else ""
    print(f"Stopped by {signal.Signals(number).name}. {rest}".rstrip(), file=sys.stderr)
    sys.exit(128 + number)


def _refused(error: OSError) -> None:
    """What the operating system refused, told in a line: standard output (what is recorded is in place before), a file.

    Raises ``error`` again where it is no matter of this machine's.
    """
    from autograder.grading._storage import machine_refusal

    if sys.stdout is not None:
        try:
            sys.stdout.flush()
        except OSError as lost:
            with suppress(OSError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what still waits to be written goes there at the end
            print(f"The output could not be written: {lost.strerror}. What was recorded stays.", file=sys.stderr)
            sys.exit(INTERNAL)
    told = machine_refusal(error)
    if told is None:
        raise error
    _fail(told, INTERNAL)


def _fail(error: AutograderError, code: int) -> NoReturn:
    """Tell it in one line, which a name that a student chose can neither end nor make a command of."""
    from rich.console import Console

    from autograder.bridges.ci.github import harmless

    Console(stderr=True, soft_wrap=True).print(harmless(str(error)), markup=False, highlight=False)
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
@click.option("--scheduler", default="", help="Grade on the workers of this Dask cluster: tls://host:8786.")
@click.option("--dry-run", is_flag=True, help="Grade, print which scores would change, and write nothing.")
def grade(
    root: Path | None,
    assignments: Sequence[str],
    submitted: Path | None,
    force: bool,
    workers: int,
    reseed: bool,
    allow_weak_isolation: bool,
    scheduler: str,
    dry_run: bool,
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
            scheduler=scheduler,
            dry=dry_run,
        )
    )


@commands.command()
@course_option
@assignment_option
@click.argument("source", type=click.Path(path_type=Path))
@click.option(
    "--from",
    "kind",
    type=click.Choice(["folder", "nbgrader", "canvas", "moodle"]),
    help="What SOURCE is (default: what it looks like).",
)
@click.option("--roster", type=click.Path(path_type=Path), help="Who is who: student and ids of the LMS, a CSV file.")
@click.option("--replace", is_flag=True, help="Replace other work that is there, even if it may be newer.")
@click.option(
    "--late",
    type=click.Choice(["last", "last-on-time"]),
    default="last",
    help="Which of several uploads counts: the last one (default), or the last that the LMS did not mark late.",
)
def intake(
    root: Path, assignments: Sequence[str], source: Path, kind: Any, roster: Path | None, replace: bool, late: Any
) -> None:
    """Take what was handed in into submitted/: each student's notebook and its time, nothing else.

    SOURCE is a folder with <student>/<assignment>/ in it (as nbgrader collects, too), or the submissions as downloaded
    from Canvas or Moodle. What is there is replaced only by what is known to be newer; submitted/.earlier/ keeps it.
    """
    from autograder.commands.intake import run_intake

    sys.exit(run_intake(_course(root), source, assignments, kind=kind, roster=roster, replace=replace, late=late))


@commands.command()
@course_option
@assignment_option
@click.option("--to", type=click.Choice(["canvas", "moodle", "csv"]), required=True, help="For which program.")
@click.option("--roster", type=click.Path(path_type=Path), help="Who is who: student and ids of the LMS, a CSV file.")
@click.option("--template", type=click.Path(path_type=Path), help="The gradebook as Canvas exported it.")
@click.option("--assignment-id", "ids", multiple=True, help="Canvas's id of an assignment: ps2=12345.")
@click.option("--item", "titles", multiple=True, help="What an assignment is called in the LMS: 'ps2=Problem set 2'.")
@click.option(
    "--identify-by", type=click.Choice(["email", "idnumber", "username", "id"]), help="How Moodle finds people."
)
@click.option("--only-graded", is_flag=True, help="Leave out students without any grade.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The file (default: in reports/).")
def export(
    root: Path | None,
    assignments: Sequence[str],
    to: Any,
    roster: Path | None,
    template: Path | None,
    ids: Sequence[str],
    titles: Sequence[str],
    identify_by: str | None,
    only_graded: bool,
    out: Path | None,
) -> None:
    """Write the gradebook as a file that Canvas or Moodle imports, and tell everybody who gets no grade.

    Canvas needs the gradebook that it exported itself (--template), because it makes a new assignment of every column
    that it does not know. Moodle needs a roster.
    """
    from autograder.bridges.lms.export import Request
    from autograder.commands.export import pairs, run_export

    request = Request(
        to, assignments, (), roster, template, pairs(ids, "--assignment-id"), pairs(titles, "--item"),
        identify_by or "", only_graded,
    )  # fmt: skip
    sys.exit(run_export(_course(root), request, out))


@commands.command()
@course_option
@assignment_option
@click.option("--check", is_flag=True, help="Write nothing; fail if assignments/ is not what solutions/ give.")
def release(root: Path | None, assignments: Sequence[str], check: bool) -> None:
    """Make assignments/ (what students get) from solutions/ (what instructors edit)."""
    from autograder.commands.course import run_release

    sys.exit(run_release(_course(root), assignments, check=check))


@commands.command()
@course_option
@assignment_option
def register(root: Path | None, assignments: Sequence[str]) -> None:
    """Tell the gradebook about the assignments and their points."""
    from autograder.commands.course import run_register

    sys.exit(run_register(_course(root), assignments))


@commands.command()
@course_option
@click.argument("name", default="")
@click.option("--list", "only_list", is_flag=True, help="Restore nothing; list the backups, the newest first.")
def restore(root: Path | None, name: str, only_list: bool) -> None:
    """Put a backup of the gradebook in its place: the newest, or the one called NAME. What was there is kept too."""
    from autograder.commands.restore import run_restore

    sys.exit(run_restore(_course(root), name, only_list=only_list))


@commands.command()
@course_option
@click.argument("notebook", type=click.Path(path_type=Path))
@assignment_option
def check(root: Path | None, notebook: Path, assignments: Sequence[str]) -> None:
    """Grade one NOTEBOOK with the hidden cases and print what its student would be told. Records nothing."""
    from autograder.commands import early
    from autograder.commands.choosing import course_to_judge

    course = course_to_judge(root, [notebook])
    with early.begun(course, notebook, assignments) as box:
        from autograder.commands.check import run_check

        sys.exit(run_check(course, notebook, assignments, box))


@commands.command()
@course_option
@assignment_option
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--gradescope", type=click.Path(dir_okay=False, path_type=Path), help="Write Gradescope's results.json.")
@click.option(
    "--gradescope-metadata",
    "metadata",
    type=click.Path(path_type=Path),
    help="Gradescope's submission_metadata.json: a late hand-in is told.",
)
@click.option("--junit", type=click.Path(dir_okay=False, path_type=Path), help="Write JUnit XML.")
@click.option("--markdown", type=click.Path(dir_okay=False, path_type=Path), help="Write a report in Markdown.")
@click.option(
    "--classroom50", type=click.Path(dir_okay=False, path_type=Path), help="Write Classroom 50's result.json."
)
@click.option(
    "--github/--no-github",
    default=None,
    help="Annotations and a job summary for GitHub Actions (default: where GITHUB_ACTIONS is true).",
)
@click.option(
    "--fail-under",
    type=click.FloatRange(0, 1),
    help="The share of the automatic points below which the exit code is 1 (default 1; 0 with --gradescope and "
    "--classroom50, which read the score from their file).",
)
@click.option(
    "--allow-weak-isolation", is_flag=True, help="Grade even where only weak walls stand; every report says so."
)
def ci(
    root: Path | None,
    assignments: Sequence[str],
    path: Path,
    fail_under: float | None,
    allow_weak_isolation: bool,
    github: bool | None,
    **files: Path | None,
) -> None:
    """Grade PATH with the hidden cases for a CI service: a notebook, a submission's folder, or a folder of students.

    Exit code: 0 every submission has a verdict and enough points, 1 one has fewer, 2 usage, 3 something could not be
    graded. Files are written in any case; without a verdict there is no score in them. Records nothing.
    """
    from autograder.commands import early
    from autograder.commands.choosing import course_to_judge

    course = course_to_judge(root, [path])
    with early.begun(course, path, assignments) as box:
        from autograder.commands.ci import run_ci
        from autograder.commands.ci_outputs import Outputs

        on_github = os.environ.get("GITHUB_ACTIONS") == "true" if github is None else github
        outputs = Outputs(github=on_github, **files)
        code = run_ci(
            course,
            path,
            assignments,
            outputs,
            fail_under=fail_under,
            allow_weak=allow_weak_isolation,
            early=box,
        )
    sys.exit(code)


@commands.command()
@course_option
@assignment_option
def prepare(root: Path | None, assignments: Sequence[str]) -> None:
    """Work out the right answers of released assignments beforehand: `check` and `ci` then start faster.

    They are kept in the user's cache folder, readable by this user alone. Exit code: 0 all are kept, 1 not all are
    (those are then worked out each time), 2 usage.
    """
    from autograder.commands.prepare import run_prepare

    sys.exit(run_prepare(course_here(root), assignments))


@commands.command("test")
@course_option
@assignment_option
@pytest_options
@click.argument("paths", nargs=-1, required=True)
def run_as_tests(root: Path | None, assignments: Sequence[str], paths: Sequence[str], **options: Any) -> None:
    """Run the checks of the notebooks at PATHS as pytest items: a notebook, a submission's folder, or a class.

    PATH::relu_backward or PATH::relu_backward::values names items. Exit codes are pytest's.
    """
    from autograder.commands.test import run_test_at

    sys.exit(run_test_at(root, assignments, paths, **options))


@commands.command()
@course_option
@assignment_option
@click.option("--to", "target", type=click.Path(dir_okay=False, path_type=Path), help="Write the zip here.")
def gradescope(root: Path | None, assignments: Sequence[str], target: Path | None) -> None:
    """Build autograder.zip for Gradescope: grader, released notebook and hidden inputs of one assignment."""
    from autograder.commands.gradescope import run_gradescope

    sys.exit(run_gradescope(course_here(root), assignments, target))


@commands.command()
@course_option
@assignment_option
@click.option("--self-test", is_flag=True, help="Measure the diagnosis on known mistakes, mutants and right answers.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
@click.option("--seed", type=int, default=0, show_default=True, help="Draw the inputs from this seed.")
@click.option("--workers", type=click.IntRange(0), default=0, help="Worker processes (default: one per core).")
def diagnose(
    root: Path | None, assignments: Sequence[str], self_test: bool, as_json: bool, seed: int, workers: int
) -> None:
    """Say how good the hints are: what is caught, named, explained without the bank, and falsely said.

    Exit code: 0 every known mistake earns its own hint and nothing false is said, 1 otherwise, 2 usage.
    """
    from autograder.commands.diagnose import run_self_test

    if not self_test:
        raise click.UsageError("give --self-test; it is `autograder check` that diagnoses a notebook")
    sys.exit(run_self_test(course_here(root), assignments, seed=seed, as_json=as_json, workers=workers))


@commands.command()
@assignment_option
@course_option
@click.argument("exercise")
def explain(root: Path | None, assignments: Sequence[str], exercise: str) -> None:
    """Print all that is declared of EXERCISE, for authors: text, signature, checks, cases, known mistakes, hints."""
    from autograder.commands.explain import run_explain

    sys.exit(run_explain(_course(root), exercise, assignments))


@commands.command()
@course_option
@assignment_option
@click.option("--quick", is_flag=True, help="Without building releases and grading the solutions in the box.")
@click.option("--write", is_flag=True, help="First renew the stored answers of public cases.")
@click.option("--workers", type=click.IntRange(0), default=0, help="Worker processes (default: one per core).")
def verify(root: Path | None, assignments: Sequence[str], quick: bool, write: bool, workers: int) -> None:
    """Prove a course: say everything that is wrong with it, at once, with file, line and next step.

    Declarations and notebooks agree; reference, PyTorch and finite differences agree on every case; each mistake is
    caught and earns its own hint; right answers have full marks; the release holds no solution, and every solution
    has full marks in the box. Exit code: 0 all is in order, 1 something is wrong, 2 usage.
    """
    from autograder.commands.verify import run_verify

    sys.exit(run_verify(_course(root), assignments, quick=quick, write=write, workers=workers))


@commands.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--title", default="", help="What the course is called.")
def init(folder: Path, title: str) -> None:
    """Begin a course in FOLDER, which is made and gives it its id: all that `new`, `release` and `grade` need."""
    from autograder.commands.new import run_init

    sys.exit(run_init(folder, title))


@commands.group()
def new() -> None:
    """Write the files of something new: a worked example that passes `autograder verify` as it is."""


@new.command("assignment")
@course_option
@click.argument("name")
@click.option("--title", default="", help="What it is called.")
@click.option("--torch", is_flag=True, help="It is about PyTorch, which its box then has.")
def new_assignment(root: Path | None, name: str, title: str, torch: bool) -> None:
    """Begin an assignment: its folder with a notebook, and its name in course.toml."""
    from autograder.commands.new import run_new_assignment

    sys.exit(run_new_assignment(_course(root), name, title, torch=torch))


def _new_exercise(kind: str, help: str) -> None:
    @new.command(kind, help=f"{help} Nothing that exists is overwritten.")
    @course_option
    @click.argument("name")
    @click.option(
        "--assignment",
        "-a",
        required=True,
        help="The assignment that gets it; with several notebooks ASSIGNMENT/NOTEBOOK.",
    )
    @click.option("--points", type=click.FloatRange(0), default=0, show_default=True, help="Points; 0 is practice.")
    def command(root: Path | None, name: str, assignment: str, points: float) -> None:
        from autograder.commands.new import run_new_exercise

        sys.exit(run_new_exercise(_course(root), kind, name, assignment, points))


_new_exercise("rule", "Write a backward rule NAME (cube makes cube_backward): both halves and the notebook's cells.")
_new_exercise("function", "Write any other function NAME: both halves and the notebook's cells.")
_new_exercise("repair", "Write a PyTorch program NAME to be repaired: both halves and the notebook's cells.")
_new_exercise("predict", "Write a prediction NAME, answer variables: both halves and the notebook's cells.")
_new_exercise("essay", "Write an essay NAME, which a person grades: the notebook's cells.")


@commands.command()
@course_option
@click.option("--to", "target", type=click.Path(dir_okay=False, path_type=Path), help="The zip (default: course.zip).")
@click.option("--with-secret", is_flag=True, help="The course secret too: the same hidden inputs as here.")
def pack(root: Path | None, target: Path | None, with_secret: bool) -> None:
    """Write the course as one zip, which --course and AUTOGRADER_COURSE take, for machines that grade elsewhere."""
    from autograder.commands.pack import run_pack

    sys.exit(run_pack(_course(root), target, with_secret=with_secret))


@commands.command(context_settings={"ignore_unknown_options": True})
@course_option
@assignment_option
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def lab(root: Path | None, assignments: Sequence[str], arguments: Sequence[str]) -> None:
    """Open copies of the released assignments in JupyterLab as a student sees them; ARGUMENTS are JupyterLab's.

    The copies are in lab/, with an nbgrader exchange of their own. What is worked on there is kept until it is deleted.
    """
    from autograder.commands.lab import run_lab

    run_lab(_course(root), assignments, arguments)


@commands.command()
def doctor() -> None:
    """Try each wall of the box on this machine and say what to do about those that are missing."""
    from autograder.commands.doctor import run_doctor

    sys.exit(run_doctor())


def _course(root: Path | None) -> Course:
    course = course_here(root)
    if not course.solutions.is_dir():
        raise UsageError(
            f"{course.root} is no course",
            expected="a folder with solutions/ and assignments/ in it",
            next_step="Run the command in the course's folder, or name it with --course",
        )
    return course
