"""nbgrader's own commands, run in the course's folder with the repository's nbgrader_config.py."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import autograder
from tests.bridges.small_course import (
    ASSIGNMENT,
    NOTEBOOK,
    RIGHT_ADD,
    RIGHT_MUL,
    answered,
    grades,
    hand_in,
)

REPOSITORY = Path(autograder.__file__).parents[1]
OTHER_GRADER = '\nc = get_config()\nc.SubmissionExporter.grader = "tests.bridges.small_course.scripted"\n'


def nbgrader(course, *arguments):
    """Run one command as a shell would in the course's folder; nothing of the environment's PATH helps it."""
    shutil.copy(REPOSITORY / "nbgrader_config.py", course.root)
    with (course.root / "nbgrader_config.py").open("a") as stream:
        stream.write(OTHER_GRADER)
    return subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=course.root,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(REPOSITORY), "HOME": str(course.root)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_whole_round_with_nbgraders_commands(course, tmp_path):
    hand_in(course, "alice", answered(course, add_backward=RIGHT_ADD, mul_backward=RIGHT_MUL + "  # wrong"))
    hostile = hand_in(course, "mallory", "{").parent
    (hostile / "companion").symlink_to("/dev/zero")
    for name in ("nbgrader_config.py", "conftest.py", "sitecustomize.py", "numpy.py", "usercustomize.py"):
        (hostile / name).write_text("raise SystemExit(99)")
    course.gradebook.unlink()

    rounds = [
        nbgrader(course, "generate_assignment", ASSIGNMENT, "--force"),
        nbgrader(course, "autograde", ASSIGNMENT),
        nbgrader(course, "generate_feedback", ASSIGNMENT),
        nbgrader(course, "export", "--to", str(tmp_path / "grades.csv")),
    ]

    assert [(done.returncode, done.stderr[-2000:] if done.returncode else "") for done in rounds] == [(0, "")] * 4
    assert grades(course, "alice")["add_backward-check"] == (4.0, None, None, 0)
    assert grades(course, "mallory")["add_backward-check"] == (0.0, None, None, 1)
    assert "2 of 4 differ" in (course.feedback / "alice" / ASSIGNMENT / f"{NOTEBOOK}.html").read_text()
    assert ",alice," in (tmp_path / "grades.csv").read_text()
