"""A hand-in that looks like a course is never one: whatever command meets it, nothing of it runs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from autograder.bridges.nbgrader.register import register
from autograder.bridges.nbgrader.release import release
from autograder.grading.course import Course
from tests.authoring.course import ONE, Begun
from tests.hostile import course as small
from tests.hostile.course import RULES
from tests.hostile.folders import FOLDERS

BESIDE = next(folder for folder in FOLDERS if folder.name == "course-files-beside")
GRADER = (sys.executable, "-I", "-m", "autograder")
PYTEST = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider")
USAGE, PYTESTS_USAGE = 2, 4


@dataclass(frozen=True)
class Scene:
    """A course with the hand-in among its submissions, and a checkout of the student's own."""

    course: Course
    trophies: Path
    checkout: Path

    @property
    def handed_in(self) -> Path:
        """The folder of the hand-in below submitted/."""
        return self.course.submitted / BESIDE.name / RULES.name

    def run(self, *command: str, cwd: Path, course: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command there; ``course`` is AUTOGRADER_COURSE."""
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.trophies.parent), "OMP_NUM_THREADS": "1"}
        done = subprocess.run(
            command, cwd=cwd, env=environment | ({"AUTOGRADER_COURSE": course} if course else {}),
            capture_output=True, text=True, timeout=600,
        )  # fmt: skip
        assert list(self.trophies.iterdir()) == [], done.stdout + done.stderr
        return done


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    top = tmp_path_factory.mktemp("whose")
    course, trophies = Course.at(top / "course"), top / "trophies"
    course.root.mkdir()
    trophies.mkdir()
    small.write(course)
    BESIDE.hand_in(course.submitted, course, trophies)
    made = Scene(course, trophies, top / "checkout")
    shutil.copytree(made.handed_in, made.checkout)
    return made


@pytest.mark.parametrize("words", [("check",), ("ci",), ("test", "--hidden")], ids=lambda words: words[0])
def test_in_the_course_it_is_graded_and_nothing_of_it_runs(scene, words):
    path = scene.handed_in.relative_to(scene.course.root) / RULES.file

    done = scene.run(*GRADER, *words, str(path), cwd=scene.course.root)

    assert "sin_backward" in done.stdout, done.stderr
    assert done.returncode in (0, 1)


def test_a_class_with_it_is_graded_and_nothing_of_it_runs(scene):
    done = scene.run(*GRADER, "grade", "--assignment", RULES.name, cwd=scene.course.root)

    assert BESIDE.name in done.stdout, done.stderr
    assert done.returncode == 0


@pytest.mark.slow
def test_nbgraders_own_autograde_runs_nothing_of_it(scene, tmp_path):
    course = Begun.at(tmp_path / "course", "function").course
    release(course, ONE)
    register(course, ONE)
    handed_in = course.submitted / "eve" / ONE
    shutil.copytree(scene.handed_in, handed_in, ignore=shutil.ignore_patterns("*.ipynb"))
    shutil.copy(course.source(ONE), handed_in)
    script = "from nbgrader.apps import NbGraderApp; NbGraderApp.launch_instance()"

    done = scene.run(sys.executable, "-c", script, "autograde", ONE, "--create", cwd=course.root)

    assert done.returncode == 0, done.stderr[-2000:]
    assert course.autograded_notebook("eve", ONE, ONE).is_file()


@pytest.mark.parametrize(
    "command, code",
    [
        ((*GRADER, "check", RULES.file), USAGE),
        ((*GRADER, "ci", RULES.file), USAGE),
        ((*GRADER, "ci", "."), USAGE),
        ((*GRADER, "test", "--hidden", RULES.file), PYTESTS_USAGE),
        ((*PYTEST, "--noconftest", "--hidden", RULES.file), PYTESTS_USAGE),
    ],
    ids=["check", "ci", "ci .", "test", "pytest"],
)
def test_a_checkout_that_looks_like_a_course_is_none_unless_it_is_named(scene, command, code):
    done = scene.run(*command, cwd=scene.checkout)

    assert done.returncode == code, done.stdout + done.stderr
    assert "which nobody has named" in done.stderr
    assert "--course" in done.stderr


def test_a_course_inside_of_submitted_is_none(scene):
    done = scene.run(*GRADER, "check", RULES.file, cwd=scene.handed_in)

    assert done.returncode == USAGE
    assert "may look like a course" in done.stderr


def test_of_two_courses_one_must_be_named(scene):
    done = scene.run(*GRADER, "ci", RULES.file, cwd=scene.checkout, course=str(scene.course.root))

    assert done.returncode == USAGE
    assert "Say with --course which one" in done.stderr


def test_with_the_course_named_the_checkout_is_graded(scene):
    done = scene.run(*GRADER, "ci", RULES.file, "--course", str(scene.course.root), cwd=scene.checkout)

    assert done.returncode == 1
    assert "sin_backward" in done.stdout
