"""The steps of the workflows, run here as shell: with a Python that installs nothing, and this environment's grader."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from autograder.grading.collect import read_timestamp
from tests.bridges.ci.schemas import check_junit
from tests.cohort import make
from tests.end_to_end.conftest import new_course
from tests.workflows.workflow import CI, INSTRUCTOR, ROOT, STUDENT, execute, steps

PS3 = "ps3-activations-and-losses"
TYPED = "join(fromJSON(inputs.repositories), ' ')"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
EARLIER, COMMITTED = "2026-06-01T12:00:00+02:00", "2026-07-01T12:00:00+02:00"
WRITE_DOWN = "Write down when each was committed and collected"
CLASS = {"inputs.assignment": PS3, TYPED: "class/ada"}

PYTHON = """#!/bin/sh
# Python without a network: pip is recorded, a new environment is a link to this one, pytest passes unless told.
case "$2 $3" in
  "-m pip" | "-m uv") echo "$PWD: $*" >> {log} ;;
  "-s "*/install.py) echo "$PWD: $*" >> {log}; mkdir -p "$4/bin" && ln -s {here} "$4/bin/python" ;;
  "-m pytest") echo "$PWD: $*" >> {log}; test ! -e fails ;;
  *) exec {python} "$@" ;;
esac
"""


@pytest.fixture
def stubs(tmp_path):
    """Programs that come first on PATH, and what they were told."""
    folder = tmp_path / "stubs"
    folder.mkdir()
    log = tmp_path / "told.txt"
    log.touch()
    here = folder / "python"
    here.write_text(PYTHON.format(log=log, here=here, python=shlex.quote(sys.executable)))
    (folder / "sudo").write_text(f'#!/bin/sh\necho "sudo $*" >> {log}\n')
    for stub in folder.iterdir():
        stub.chmod(0o755)
    return folder, log


def named(path: Path, name: str):
    return next(step for step in steps(path) if step.settings.get("name") == name)


def test_this_repositorys_workflow_runs_what_a_person_runs(tmp_path, stubs):
    folder, log = stubs
    (tmp_path / ".ci").mkdir()
    (tmp_path / ".ci" / "run").write_text(f'echo "ran in $PWD" >> {log}\n')

    done = [execute(step, tmp_path, {}, first_on_path=folder) for step in steps(CI) if step.script]

    assert [one.returncode for one in done] == [0, 0], done
    told = log.read_text().splitlines()
    assert told[-1] == f"ran in {tmp_path}"
    assert all("apparmor_restrict_unprivileged_userns=0" in line for line in told[:-1])
    assert (ROOT / ".ci" / "run").exists()


# ---- a student's repository


def run_student(workspace: Path, folder: Path) -> list[subprocess.CompletedProcess[str]]:
    return [execute(step, workspace, {}, first_on_path=folder) for step in steps(STUDENT) if step.script]


@pytest.mark.parametrize("place", ["", "ps2-rules/", "a folder/"])
def test_a_students_notebooks_are_checked_where_they_are(tmp_path, stubs, place):
    folder, log = stubs
    repository = tmp_path / "repository"
    (repository / place).mkdir(parents=True, exist_ok=True)
    for name in ("-rules one.ipynb", "requirements.txt"):
        (repository / place / name).touch()

    done = run_student(repository, folder)

    told = log.read_text().splitlines()
    assert [one.returncode for one in done] == [0, 0], done
    assert f"uv pip install --quiet --torch-backend cpu --requirement ./{place}requirements.txt" in told[2]
    assert told[-1] == f"{(repository / place).resolve()}: -I -m pytest ./-rules one.ipynb"


def test_one_failing_notebook_fails_the_job_and_keeps_no_other_from_its_checks(tmp_path, stubs):
    folder, log = stubs
    for name in ("ps1", "ps2"):
        (tmp_path / "repository" / name).mkdir(parents=True)
        (tmp_path / "repository" / name / "rules.ipynb").touch()
    (tmp_path / "repository" / "ps1" / "fails").touch()

    done = run_student(tmp_path / "repository", folder)

    assert [one.returncode for one in done] == [0, 1]
    assert log.read_text().count("-m pytest ./") == 2


def test_a_repository_without_a_notebook_is_told(tmp_path, stubs):
    (tmp_path / "repository").mkdir()

    done = run_student(tmp_path / "repository", stubs[0])

    assert done[-1].returncode == 1
    assert "no notebook" in done[-1].stdout


# ---- the instructor's repository


def git(checkout: Path, *arguments: str, when: str = COMMITTED) -> None:
    """git in a student's repository, on the student's machine, whose clock says ``when``."""
    identity = {"EMAIL": "ada@example.org", "GIT_AUTHOR_DATE": EARLIER, "GIT_COMMITTER_DATE": when}
    named = {"GIT_AUTHOR_NAME": "Ada", "GIT_COMMITTER_NAME": "Ada", "HOME": str(checkout), "GIT_CONFIG_NOSYSTEM": "1"}
    env = {"PATH": os.environ["PATH"], **identity, **named}
    subprocess.run(["git", "-C", str(checkout), *arguments], env=env, check=True, capture_output=True)


def commit(checkout: Path, when: str = COMMITTED, files: str = "--all") -> None:
    """What is there as one commit; the first makes the repository."""
    if not (checkout / ".git").exists():
        git(checkout, "init", "--initial-branch=main")
    git(checkout, "add", files)
    git(checkout, "commit", "--allow-empty", "--message=work", when=when)


def handed_in(workspace: Path, data: bytes, folder: str = "") -> Path:
    """A student's checkout, with much in it that must stay there."""
    checkout = workspace / "handed-in"
    place = checkout / folder
    place.mkdir(parents=True)
    (place / "activations-and-losses.ipynb").write_bytes(data)
    commit(checkout)
    for name in ("Makefile", "conftest.py", "setup.sh", "deep/er/x.ipynb"):
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        (checkout / name).write_text("exit 1")
    (place / "secrets.ipynb").symlink_to(workspace / "elsewhere.ipynb")
    (place / "large.ipynb").write_bytes(b"")
    os.truncate(place / "large.ipynb", 300_000_000)
    return checkout


def collect(workspace: Path, folder: Path, repository: str) -> subprocess.CompletedProcess[str]:
    context = {"inputs.assignment": PS3, "matrix.repository": repository}
    return execute(named(INSTRUCTOR, "Take the notebooks and nothing else"), workspace, context, first_on_path=folder)


@pytest.mark.parametrize("place", ["", PS3])
def test_only_the_notebooks_are_taken_out_of_a_repository(tmp_path, stubs, place):
    handed_in(tmp_path, b"{}", place)

    done = collect(tmp_path, stubs[0], "class/ada")

    assert done.returncode == 0, done.stderr
    taken = sorted(path.relative_to(tmp_path).as_posix() for path in (tmp_path / "collected").rglob("*.*"))
    names = ("activations-and-losses.ipynb", "collected.txt", "timestamp.txt")
    assert taken == [f"collected/ada/{PS3}/{name}" for name in names]


def test_a_repository_without_the_notebook_is_collected_too(tmp_path, stubs):
    (tmp_path / "handed-in").mkdir()

    done = collect(tmp_path, stubs[0], "class/ada")

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "collected" / "ada" / PS3).is_dir()


def test_how_late_the_work_is_can_be_told_after_the_collection(tmp_path, stubs):
    commit(handed_in(tmp_path, b"{}"), when="2026-09-09T08:00:00+02:00", files="Makefile")

    collect(tmp_path, stubs[0], "class/ada")
    execute(named(INSTRUCTOR, "Tell whose repository could not be collected"), tmp_path, CLASS, first_on_path=stubs[0])
    noted = execute(named(INSTRUCTOR, WRITE_DOWN), tmp_path, CLASS, first_on_path=stubs[0])

    place = tmp_path / "collected" / "ada" / PS3
    assert noted.returncode == 0, noted.stderr
    assert read_timestamp(place) == (datetime(2026, 7, 1, 10, 0), ())
    collected = (place / "collected.txt").read_text().strip()
    assert abs(datetime.now(UTC) - datetime.fromisoformat(collected.replace(" UTC", "+00:00"))) < timedelta(hours=1)
    assert (tmp_path / "results" / "times.csv").read_text().splitlines() == [
        "student,committed (by the clock of the student),collected",
        f"ada,2026-07-01 10:00:00 UTC,{collected}",
    ]


def test_work_that_was_merged_counts_from_when_it_was_merged(tmp_path, stubs):
    checkout = tmp_path / "handed-in"
    (checkout / PS3).mkdir(parents=True)
    commit(checkout, EARLIER)
    git(checkout, "checkout", "-b", "work")
    (checkout / PS3 / "activations-and-losses.ipynb").write_text("{}")
    commit(checkout, "2026-06-02T12:00:00Z")
    git(checkout, "checkout", "main")
    git(checkout, "merge", "--no-ff", "--message=in time, says the branch", "work")
    (checkout / PS3).mkdir(exist_ok=True)

    collect(tmp_path, stubs[0], "class/ada")

    assert read_timestamp(tmp_path / "collected" / "ada" / PS3)[0] == datetime(2026, 7, 1, 10, 0)


def test_the_time_is_read_from_a_copy_that_has_of_the_past_its_times_only(tmp_path, stubs):
    origin = handed_in(tmp_path, b"{}").rename(tmp_path / "origin")
    git(origin, "config", "uploadpack.allowFilter", "true")
    checkout = next(step.settings["with"] for step in steps(INSTRUCTOR, "collect") if step.action)
    git(tmp_path, "clone", f"--filter={checkout['filter']}", origin.as_uri(), "handed-in")
    origin.rename(tmp_path / "out of reach")

    collect(tmp_path, stubs[0], "class/ada")

    assert read_timestamp(tmp_path / "collected" / "ada" / PS3)[0] == datetime(2026, 7, 1, 10, 0)


def test_work_whose_time_cannot_be_read_is_collected_all_the_same(tmp_path, stubs):
    (handed_in(tmp_path, b"{}") / ".git").rename(tmp_path / "gone")

    done = collect(tmp_path, stubs[0], "class/ada")

    assert done.returncode == 0, done.stderr
    place = tmp_path / "collected" / "ada" / PS3
    assert sorted(path.name for path in place.iterdir()) == ["activations-and-losses.ipynb", "collected.txt"]


@pytest.mark.parametrize("place", ["", PS3])
@pytest.mark.parametrize(
    "name", ["a/b/c/d/activations-and-losses.ipynb", "activations-and-losses.ipynb.txt", "x/A.IPYNB"]
)
def test_a_notebook_that_lies_deeper_or_has_another_ending_is_collected(tmp_path, stubs, place, name):
    checkout = tmp_path / "handed-in"
    for file in (name, ".git-like/hidden.ipynb", "README.md"):
        (checkout / place / file).parent.mkdir(parents=True, exist_ok=True)
        (checkout / place / file).write_text("{}")
    commit(checkout)

    done = collect(tmp_path, stubs[0], "class/ada")

    assert done.returncode == 0, done.stderr
    target = tmp_path / "collected" / "ada" / PS3
    taken = sorted(path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file())
    assert taken == sorted([name, "collected.txt", "timestamp.txt"])


def check_names(workspace: Path, folder: Path, repositories: str) -> subprocess.CompletedProcess[str]:
    step = named(INSTRUCTOR, "Refuse repositories that would be one student")
    return execute(step, workspace, {TYPED: repositories}, first_on_path=folder)


@pytest.mark.parametrize("repositories", ["class/ada", "class-a/ada class-b/bo", "class/ada class/ada2 class/ada.x"])
def test_repositories_of_different_students_pass(tmp_path, stubs, repositories):
    done = check_names(tmp_path, stubs[0], repositories)

    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize(
    "repositories, told",
    [
        ("class-a/ada class/bo class-b/ada", "got class-a/ada and class-b/ada"),
        ("class/ada class/ada", "of the name ada, got class/ada and class/ada"),
        ("", "got something else"),
        ("ada", "got something else"),
        ("class/ada\n::warning::x", "got something else"),
        ("class/$(id)", "got something else"),
        ("class/*", "got something else"),
    ],
)
def test_repositories_that_would_be_one_student_or_nobody_are_refused(tmp_path, stubs, repositories, told):
    done = check_names(tmp_path, stubs[0], repositories)

    assert done.returncode == 1
    assert told in done.stdout
    assert done.stdout.count("\n") == 1


@pytest.mark.parametrize("assignment, code", [(PS3, 0), ("ps3", 1), ("", 1), (".", 1), ("..", 1), (f"{PS3}/", 1)])
def test_an_assignment_that_is_not_named_in_full_is_refused(tmp_path, stubs, assignment, code):
    for name in (PS3, "ps1-chain-rule"):
        (tmp_path / "grader" / "assignments" / name).mkdir(parents=True)
    step = named(INSTRUCTOR, "Refuse an assignment that there is not")

    done = execute(step, tmp_path, {"inputs.assignment": assignment}, first_on_path=stubs[0])

    assert done.returncode == code
    assert (f"one, ps1-chain-rule, {PS3}." in done.stdout) is bool(code)


def test_a_repository_that_could_not_be_collected_is_told_and_noted(tmp_path, stubs):
    (tmp_path / "collected" / "ada" / PS3).mkdir(parents=True)
    step = named(INSTRUCTOR, "Tell whose repository could not be collected")

    done = execute(step, tmp_path, {"inputs.assignment": PS3, TYPED: "class/ada class/bo"}, first_on_path=stubs[0])

    assert done.returncode == 0
    assert done.stdout.startswith("::warning title=not collected::class/bo could not be read")
    assert (tmp_path / "results" / "not-collected.txt").read_text() == "class/bo\n"


@pytest.mark.parametrize("commit, code", [(COMMIT, 0), ("main", 1), ("v1.0.0", 1), ("", 1), (COMMIT[:12], 1)])
def test_a_grader_that_could_change_is_refused(tmp_path, stubs, commit, code):
    step = named(INSTRUCTOR, "Refuse a grader that could change between two runs")

    done = execute(step, tmp_path, {"vars.GRADER_COMMIT": commit}, first_on_path=stubs[0])

    assert done.returncode == code


def test_a_class_is_collected_and_graded(tmp_path, stubs):
    folder, log = stubs
    given = make.material(PS3)
    for student, data in (("ada", make.dana(given)), ("bo", b"{")):
        checkout = handed_in(tmp_path, data)
        collect(tmp_path, folder, f"class/{student}")
        checkout.rename(tmp_path / f"done-{student}")
    new_course(tmp_path / "grader")
    secret = "ab" * 32
    context = {
        "inputs.assignment": PS3, "vars.GRADER_COMMIT": COMMIT, "secrets.COURSE_SECRET": secret,
        TYPED: "class/ada class/bo",
    }  # fmt: skip

    done = [
        execute(step, tmp_path, context, first_on_path=folder) for step in steps(INSTRUCTOR, "grade") if step.script
    ]

    assert [one.returncode for one in done] == [0] * 8, done
    assert "install.py environment grade --torch cpu --project grader" in log.read_text()
    suites = check_junit((tmp_path / "results" / "junit.xml").read_bytes()).findall("testsuite")
    assert [suite.get("name") for suite in suites] == [f"ada, {PS3}", f"bo, {PS3}"]
    assert not (tmp_path / "results" / "not-collected.txt").exists()
    assert "0 of 90" in (tmp_path / "results" / "report.md").read_text()
    assert "not JSON" in (tmp_path / "summary.md").read_text()
    assert (tmp_path / "grader" / ".course-secret").stat().st_mode & 0o077 == 0
