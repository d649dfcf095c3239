"""No file of a submission gets into the process that grades, however pytest is called."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from autograder.bridges.pytest_plugin.isolation import run_isolated
from autograder.bridges.pytest_plugin.listing import Listing
from autograder.bridges.pytest_plugin.options import Options
from autograder.commands.test import run_test
from autograder.errors import AutograderError
from tests.bridges.pytest_plugin.reading import cases
from tests.cohort.answers import TYPICAL
from tests.cohort.make import as_file, material
from tests.end_to_end.conftest import new_course

ASSIGNMENT = "ps3-activations-and-losses"
NOTEBOOK = material(ASSIGNMENT).name

SPRING = """
import pathlib
pathlib.Path({marker!r}).open("a").write(__name__ + "\\n")
"""
VERDICT = """
import pytest

@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    report.outcome = "passed"
    return report
"""
CHOOSES = "addopts = -p evil\npythonpath = .\nrequired_plugins =\n"
INI_FILES = {
    "pytest.ini": f"[pytest]\n{CHOOSES}",
    "tox.ini": f"[pytest]\n{CHOOSES}",
    "setup.cfg": f"[tool:pytest]\n{CHOOSES}",
    "pyproject.toml": '[tool.pytest.ini_options]\naddopts = "-p evil"\npythonpath = ["."]\n',
}
MODULES = (
    "evil.py",
    "numpy.py",
    "sitecustomize.py",
    "usercustomize.py",
    "xdist.py",
    "autograder/__init__.py",
    "kit/__init__.py",
)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course in which somebody handed in one answer, wrong at zero, and traps beside it."""
    made = new_course(tmp_path_factory.mktemp("traps") / "course")
    folder = made.submitted / "eve" / ASSIGNMENT
    folder.mkdir(parents=True)
    given = material(ASSIGNMENT)
    wrong = {"relu_backward": TYPICAL[ASSIGNMENT]["relu_backward"]}
    (folder / NOTEBOOK).write_bytes(as_file(given.notebook(wrong)))
    for name in ("conftest.py", *MODULES):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(SPRING.format(marker=str(made.root / "marker")) + VERDICT)
    return made


@pytest.fixture
def folder(course):
    """Where the submission is, with no trap sprung and no ini file yet."""
    folder = course.submitted / "eve" / ASSIGNMENT
    (course.root / "marker").unlink(missing_ok=True)
    for name in INI_FILES:
        (folder / name).unlink(missing_ok=True)
    return folder


def sprung(course) -> str:
    marker = course.root / "marker"
    return marker.read_text() if marker.exists() else ""


def execute(*words: str | Path, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    scripts = Path(sys.executable).parent
    line = [str(scripts / str(words[0])), *map(str, words[1:])]
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(cwd), **variables}
    return subprocess.run(line, cwd=cwd, env=environment, capture_output=True, text=True)


def verdicts(path: Path) -> dict[str, str]:
    found = cases(path)
    return {name.partition("::")[2]: case.ended for name, case in found.items() if name.startswith("relu_backward")}


UNCHANGED = {"values": "passed", "edges": "failed", "inputs unchanged": "passed", "cost": "passed"}


def test_the_traps_are_set(course, folder):
    (folder / "pytest.ini").write_text(INI_FILES["pytest.ini"])

    execute("pytest", "--collect-only", NOTEBOOK, cwd=folder, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")

    assert {"conftest", "evil"} <= set(sprung(course).split())


def test_no_trap_springs_no_verdict_changes_and_nothing_is_left_behind(course, folder, tmp_path):
    for name, text in INI_FILES.items():
        (folder / name).write_text(text)
    before = sorted(folder.rglob("*"))

    done = execute(
        *("autograder", "test", "--course", course.root, "--hidden", "-k", "relu_backward", "-n", "2"),
        *("--junitxml", tmp_path / "out.xml", "."),
        cwd=folder,
        PYTEST_ADDOPTS="-p evil",
        PYTEST_PLUGINS="evil",
    )

    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout + done.stderr
    assert verdicts(tmp_path / "out.xml") == UNCHANGED
    assert sprung(course) == ""
    assert sorted(folder.rglob("*")) == before


def test_plain_pytest_with_hidden_cases_leaves_its_process_before_a_conftest_is_loaded(course, folder, tmp_path):
    path = folder.relative_to(course.root) / NOTEBOOK

    done = execute(
        *("pytest", path, "--hidden", "-k", "relu_backward", f"--junitxml={tmp_path / 'out.xml'}", "-q", "--tb=long"),
        cwd=course.root,
        PYTHONPATH=str(course.root),
    )

    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout + done.stderr
    assert verdicts(tmp_path / "out.xml") == UNCHANGED
    assert sprung(course) == ""


def test_plain_pytest_refuses_to_grade_once_it_has_obeyed_an_ini_file_of_a_submission(course, folder):
    (folder / "pytest.ini").write_text("[pytest]\n")

    done = execute("pytest", folder / NOTEBOOK, "--hidden", cwd=course.root)

    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "use `autograder test`" in done.stderr
    assert sprung(course) == ""


@pytest.mark.parametrize(
    "paths, settings, told",
    [
        (["nothing.ipynb"], {}, "does not exist"),
        (["."], {"workers": "many"}, "a number, or auto"),
        (["."], {"assignments": ["ps9"]}, "There is no assignment"),
    ],
)
def test_what_cannot_be_done_is_told_with_pytests_exit_code_for_it(course, capsys, paths, settings, told):
    assignments = settings.pop("assignments", [])
    usual = {"hidden": True, "allow_weak": False, "exitfirst": False, "verbose": 0, "quiet": 0, "maxfail": 0}

    code = run_test(course, assignments, paths, **usual, **settings)

    assert code == pytest.ExitCode.USAGE_ERROR
    assert told in capsys.readouterr().err


def test_a_process_that_was_not_started_isolated_does_not_grade(course, tmp_path):
    listing = Listing(root=str(course.root), tier="process", weak=True, hidden=True, alone=False, notebooks=())

    with pytest.raises(AutograderError, match="not isolated"):
        run_isolated(listing, Options(), tmp_path)
