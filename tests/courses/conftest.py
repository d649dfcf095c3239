"""The course in linear_algebra/, released and graded once, by the commands that a person types."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from autograder.grading.course import Course
from tests.courses.students import hand_in

HERE = Path(__file__).parent / "linear_algebra"


def command(*words: str | Path, cwd: Path, program: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run ``autograder`` (or another program) as a person would in the course's folder."""
    line = [str(program or Path(sys.executable).with_name("autograder")), *map(str, words)]
    scripts = str(Path(sys.executable).parent)
    environment = {"PATH": f"{scripts}{os.pathsep}/usr/bin:/bin", "HOME": str(cwd)}
    return subprocess.run(line, cwd=cwd, env=environment, capture_output=True, text=True)


@dataclass(frozen=True)
class Graded:
    """The course after `autograder grade`, and what that said."""

    course: Course
    output: str


@pytest.fixture(scope="session")
def released(tmp_path_factory) -> Course:
    """The course with its class's work handed in."""
    root = tmp_path_factory.mktemp("linear-algebra") / "course"
    shutil.copytree(HERE, root, ignore=shutil.ignore_patterns("__pycache__"))
    done = command("release", cwd=root)
    assert done.returncode == 0, done.stdout + done.stderr
    hand_in(root)
    return Course.at(root)


@pytest.fixture(scope="session")
def graded(released, tmp_path_factory) -> Graded:
    course = Course.at(shutil.copytree(released.root, tmp_path_factory.mktemp("graded") / "course"))
    done = command("grade", cwd=course.root)
    assert done.returncode == 0, done.stdout + done.stderr
    return Graded(course, done.stdout + done.stderr)
