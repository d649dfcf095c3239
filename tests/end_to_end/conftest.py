"""A course in a temporary folder, and the example cohort graded in it once per session."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from autograder.grading.course import Course
from tests.cohort import make

ROOT = Path(__file__).resolve().parents[2]


def new_course(root: Path) -> Course:
    """A course like this repository, without submissions."""
    root.mkdir(parents=True)
    for folder in ("assignments", "solutions", "requirements"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("course.toml", "nbgrader_config.py"):
        shutil.copy(ROOT / name, root)
    (root / "submitted").mkdir()
    return Course.at(root)


def command(*args: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a person would, from any folder."""
    line = [str(Path(sys.executable).with_name("autograder")), *map(str, args)]
    return subprocess.run(
        line, cwd=cwd, env={"PATH": "/usr/bin:/bin", "HOME": str(cwd), **environment}, capture_output=True, text=True
    )


@dataclass(frozen=True)
class GradedCohort:
    """The cohort after `autograder grade`."""

    course: Course
    output: str
    exit_code: int

    def record(self, student: str, assignment: str) -> Mapping:
        """The machine-readable record of one submission."""
        return json.loads(self.course.record(student, assignment).read_bytes())

    def exercises(self, student: str, assignment: str) -> dict[str, Mapping]:
        """Exercise to its entry in the record."""
        return {entry["exercise"]: entry for entry in self.record(student, assignment)["exercises"]}


@pytest.fixture(scope="session")
def cohort(tmp_path_factory) -> GradedCohort:
    course = new_course(tmp_path_factory.mktemp("cohort") / "course")
    for path, data in make.files():
        target = course.submitted / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)

    done = command("grade", cwd=course.root)

    assert "Traceback" not in done.stderr, done.stderr
    return GradedCohort(course, done.stdout + done.stderr, done.returncode)


@pytest.fixture
def course(tmp_path) -> Course:
    return new_course(tmp_path / "course")
