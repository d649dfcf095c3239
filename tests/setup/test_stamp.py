"""When an environment is taken for whole, and when it is made anew."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import sys
sys.path.insert(0, {folder!r})
from wanted import Wanted
wanted = Wanted(sys.argv[1:])
if {finish}:
    wanted.begin()
    wanted.finish(wanted.groups, wanted.torch or "cpu")
    wanted.read()
print(wanted.is_whole(), wanted.can_grow())
"""
WHOLE, GROWS, ANEW = "True True", "False True", "False False"


@pytest.fixture
def clone(tmp_path):
    """A clone with an environment that grading and tests were set up in, as far as its stamp says."""
    folder = tmp_path / "clone"
    folder.mkdir()
    shutil.copytree(ROOT / "requirements", folder / "requirements", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    python = folder / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    assert ask(folder, "grade", "test", finish=True) == WHOLE
    return folder


def ask(clone, *groups, finish=False, project=True):
    """Whether the environment in ``clone`` is whole for ``groups``, and whether groups may be added to it."""
    program = PROGRAM.format(folder=str(clone / "requirements"), finish=finish)
    place = ["--project", clone] if project else []
    line = [getattr(sys, "_base_executable", sys.executable), "-c", program, clone / ".venv", *groups, *place]
    return subprocess.run(line, capture_output=True, text=True, check=True).stdout.strip()


def append(clone, name):
    with (clone / name).open("a") as file:
        file.write("# changed\n")


def without_stamp(clone):
    (clone / ".venv" / ".installed.json").unlink()


def half_a_stamp(clone):
    stamp = clone / ".venv" / ".installed.json"
    stamp.write_text(stamp.read_text()[:40])


def begun(clone):
    (clone / ".venv" / ".installed.json").write_text("{}\n")


def not_ours(clone):
    (clone / ".venv" / ".installed.json").write_text("[1]\n")


def another_python(clone):
    stamp = clone / ".venv" / ".installed.json"
    stamp.write_text(json.dumps(json.loads(stamp.read_text()) | {"python": "3.10"}))


def python_gone(clone):
    (clone / ".venv" / "bin" / "python").unlink()
    (clone / ".venv" / "bin" / "python").symlink_to("/nowhere/python3.11")


CHANGES = {
    "nothing": (lambda clone: None, WHOLE),
    "no stamp": (without_stamp, ANEW),
    "half a stamp": (half_a_stamp, ANEW),
    "a set-up that was begun": (begun, ANEW),
    "a stamp that is no stamp": (not_ours, ANEW),
    "another Python": (another_python, ANEW),
    "its Python is gone": (python_gone, ANEW),
    "another lock": (lambda clone: append(clone, "requirements/grade.txt"), ANEW),
    "another torch": (lambda clone: append(clone, "requirements/torch.txt"), ANEW),
    "the lock of a group that is not installed": (lambda clone: append(clone, "requirements/lab.txt"), WHOLE),
    "another pyproject.toml": (lambda clone: append(clone, "pyproject.toml"), GROWS),
}


def test_only_what_was_finished_here_from_this_lock_is_whole(clone):
    found = {}
    for number, (name, (change, expected)) in enumerate(CHANGES.items()):
        kept = clone.with_name(f"kept-{number}")
        shutil.copytree(clone, kept, symlinks=True)
        change(clone)
        answer = ask(clone, "grade", "test")
        shutil.rmtree(clone)
        kept.rename(clone)
        if answer != expected:
            found[name] = answer

    assert found == {}


def test_a_clone_that_was_moved_or_renamed_gets_a_new_environment(clone):
    moved = clone.with_name("umbenannt für später")
    clone.rename(moved)

    assert ask(moved, "grade") == ANEW


def test_a_copy_whose_original_is_still_there_gets_an_environment_of_its_own(clone):
    copy = clone.with_name("copy")
    shutil.copytree(clone, copy, symlinks=True)

    assert ask(copy, "grade") == ANEW
    assert ask(clone, "grade") == WHOLE


def test_fewer_groups_are_there_and_more_are_added(clone):
    assert ask(clone, "grade") == WHOLE
    assert ask(clone, "grade", "lint") == GROWS
    assert ask(clone, "grade", "--torch", "cpu") == WHOLE
    assert ask(clone, "grade", "--torch", "cuda") == ANEW


def test_a_folder_that_no_set_up_has_made_is_left_alone(tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("three years of work")

    ran = install(tmp_path / "thesis", "grade")

    assert ran.returncode == 1
    assert ran.stderr.endswith("make grade VENV=/path/to/it\n")
    assert (tmp_path / "thesis" / "chapter.txt").read_text() == "three years of work"


def test_a_place_that_cannot_be_written_is_said_in_one_paragraph(tmp_path):
    (tmp_path / "file").write_text("")

    ran = install(tmp_path / "file" / "environment", "grade")

    assert ran.returncode == 1
    assert "Traceback" not in ran.stderr
    assert ran.stderr.startswith("Setting up ")
    assert len(ran.stderr.splitlines()) == 1


@pytest.mark.parametrize("answer", ["Python 3.8.18", "Python 2.7.18"])
def test_a_python_that_is_too_old_is_said_with_its_version(tmp_path, answer):
    old = tmp_path / "python"
    old.write_text(f'#!/bin/sh\n[ "$1" = -V ] && echo "{answer}" && exit\nexit 1\n')
    old.chmod(0o755)

    ran = subprocess.run(
        ["make", f"PYTHON={old}", "VENV=" + os.fspath(tmp_path / "environment"), "grade"],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip

    assert ran.returncode == 2
    assert f"needs Python 3.11 or newer; '{old}' is {answer}. Name a newer one" in ran.stderr
    assert not (tmp_path / "environment").exists()


def test_a_python_that_is_not_there_is_said(tmp_path):
    line = ["sh", ROOT / "requirements" / "setup.sh", "", "python3.99", tmp_path / "environment", "grade"]

    ran = subprocess.run(line, capture_output=True, text=True)

    assert ran.returncode == 2
    assert "there is no 'python3.99' here" in ran.stderr


def install(*arguments):
    python = getattr(sys, "_base_executable", sys.executable)
    return subprocess.run([python, ROOT / "requirements" / "install.py", *arguments], capture_output=True, text=True)
