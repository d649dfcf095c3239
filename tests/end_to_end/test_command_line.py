"""Bad input is told in one paragraph, exit code 2, without a traceback; nothing of a submission is imported."""

from __future__ import annotations

import pytest

from autograder.grading.run import Settings
from tests.cohort import make
from tests.end_to_end.conftest import command

PS3 = "ps3-activations-and-losses"


def hand_in(course, student: str, assignment: str, data: bytes, name: str | None = None):
    folder = course.submitted / student / assignment
    folder.mkdir(parents=True)
    (folder / (name or make.material(assignment).name)).write_bytes(data)
    return folder


@pytest.mark.parametrize(
    "args, said",
    [
        (("grade", "--assignment", "ps99"), "no assignment 'ps99'"),
        (("grade", "--submitted", "nowhere"), "is not a folder"),
        (("release", "--assignment", "nothing"), "no assignment 'nothing'"),
        (("check", "missing.ipynb"), "is not a file"),
        (("check", "--course", ".", "nbgrader_config.py"), "does not say which assignment"),
        (("intake", "nowhere"), "is not a folder"),
        (("grade", "--workers", "many"), "not a valid"),
        (("frobnicate",), "No such command"),
    ],
)
def test_a_wrong_command_is_told_in_one_paragraph(course, args, said):
    done = command(*args, cwd=course.root)

    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_outside_a_course_the_error_says_where_to_go(tmp_path):
    done = command("grade", cwd=tmp_path)

    assert done.returncode == 2
    assert "--course" in done.stderr


def test_a_notebook_of_another_assignment_is_told_and_the_others_are_graded(course):
    ps2, ps3 = (make.material(name) for name in make.ASSIGNMENTS)
    hand_in(course, "wrong", PS3, make.ada(ps2), ps3.name)
    hand_in(course, "right", PS3, make.chen(ps3))

    done = command("grade", cwd=course.root)

    assert done.returncode == 0
    assert "another assignment" in done.stdout
    assert (course.feedback / "right" / PS3).is_dir()


def test_a_missing_notebook_is_told(course):
    (course.submitted / "empty" / PS3).mkdir(parents=True)

    done = command("grade", "-a", "ps3", cwd=course.root)

    assert done.returncode == 0
    assert "No notebook was handed in" in done.stdout


TRAPS = (
    "conftest.py",
    "sitecustomize.py",
    "usercustomize.py",
    "numpy.py",
    "click.py",
    "kit/__init__.py",
    "autograder/__init__.py",
    "nbgrader_config.py",
    "jupyter_config.py",
)


def test_files_beside_a_submission_are_never_imported(course):
    folder = hand_in(course, "mallory", PS3, make.dana(make.material(PS3)))
    for name in TRAPS:
        trap = folder / name
        trap.parent.mkdir(exist_ok=True)
        sprung = course.root / f"sprung-{name.replace('/', '-')}"
        trap.write_text(f"open({str(sprung)!r}, 'w').close()\nraise SystemExit('trapped')\n")

    done = command("grade", "--course", course.root, "-a", "ps3", cwd=folder)

    assert done.returncode == 0, done.stderr
    assert [path.name for path in course.root.glob("sprung-*")] == []


def test_settings_take_one_worker_per_core_unless_told():
    assert Settings(box=None, tier="").processes >= 1
    assert Settings(box=None, tier="", workers=3).processes == 3
