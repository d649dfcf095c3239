"""Our code, started where a student's files lie: nothing of theirs is loaded by it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import autograder
from tests.docs.pages import blocks
from tests.workflows.workflow import ALL, ROOT, steps

EXAMPLE = next(block.text for block in blocks(ROOT / "docs" / "ci.md") if block.language == "python")
SCRIPTS = Path(autograder.__file__).parent / "bridges" / "gradescope"
NOT_ISOLATED = re.compile(r"(?:python|\$python|\$name|\$1)\"? (?!-I |-V|-E -s \"?[^ ]*requirements/install\.py)-")
THEIRS = """
with open("ran.txt", "a") as file:
    file.write(__name__)
with open("result.json", "w") as file:
    file.write("full marks")
"""
STAND_IN = """#!/bin/sh
printf '%s\\n' "$@" > "{folder}/started.txt"
exec "{python}" -I -m autograder --version
"""


@pytest.fixture
def checkout(tmp_path):
    """A repository with a module of the student's for each that Python has, and for each of ours."""
    folder = tmp_path / "checkout"
    (folder / "autograder").mkdir(parents=True)
    names = {*sys.stdlib_module_names, "sitecustomize", "usercustomize", "click", "numpy", "autograder/__init__"}
    for name in names - {"__main__"}:
        (folder / f"{name}.py").write_text(THEIRS)
    return folder


def test_the_example_for_classroom_50_runs_nothing_of_the_students(checkout, tmp_path):
    (checkout / "autograder.py").write_text(EXAMPLE)
    (tmp_path / "bin").mkdir()
    stand_in = tmp_path / "bin" / "python"
    stand_in.write_text(STAND_IN.format(folder=tmp_path, python=sys.executable))
    stand_in.chmod(0o755)

    done = subprocess.run(
        [sys.executable, "autograder.py"], cwd=checkout, capture_output=True, text=True,
        env={"PATH": "/usr/bin:/bin:.", "GRADER": str(tmp_path), "COURSE": "/private/course"},
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, "")
    assert autograder.__version__ in done.stdout
    started = (tmp_path / "started.txt").read_text().split()
    assert started[:4] == ["-I", "-m", "autograder", "ci"]
    assert "/private/course" in started
    assert not (checkout / "ran.txt").exists()


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)
def test_a_workflow_starts_every_python_isolated(path):
    assert [step.script for step in steps(path) if NOT_ISOLATED.search(step.script)] == []


@pytest.mark.parametrize("name", ["setup.sh", "run_autograder"])
def test_so_do_the_scripts_of_the_zip(name):
    assert NOT_ISOLATED.findall((SCRIPTS / name).read_text()) == []
