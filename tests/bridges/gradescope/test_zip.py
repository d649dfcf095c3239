"""What is in autograder.zip, and what its scripts say."""

from __future__ import annotations

import re
import shutil
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import autograder
from autograder.bridges.gradescope.build import NEEDED, SCRIPTS, build
from autograder.errors import UsageError
from autograder.grading.course import Course
from autograder.grading.secret import course_secret

ROOT = Path(__file__).resolve().parents[3]
HERE = Path(autograder.__file__).parent / "bridges" / "gradescope"
SHELLCHECK = Path(sys.executable).with_name("shellcheck")
PS3 = "ps3-activations-and-losses"


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """The released assignments, and besides them what must stay at home."""
    root = tmp_path_factory.mktemp("course")
    shutil.copytree(ROOT / "assignments" / PS3, root / "assignments" / PS3)
    shutil.copy(ROOT / "constraints.txt", root)
    for name in ("solutions/ps3/secret.ipynb", "submitted/ada/ps3/x.ipynb", "gradebook.db", "tests/test_a.py"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("stays at home")
    return Course.at(root)


@pytest.fixture(scope="module")
def archive(course, tmp_path_factory):
    path = tmp_path_factory.mktemp("zip") / "sub" / "autograder.zip"
    build(course, PS3, path)
    with zipfile.ZipFile(path) as content:
        yield content


def test_the_scripts_are_at_the_top_and_executable(archive):
    for name in SCRIPTS:
        mode = archive.getinfo(name).external_attr >> 16

        assert mode & 0o111 == 0o111
        assert archive.read(name).startswith(b"#!/usr/bin/env bash\n")


def test_of_the_course_only_what_grading_needs_is_in_it(archive, course):
    inside = {name for name in archive.namelist() if not name.startswith("autograder/")}

    assert inside == {
        *SCRIPTS,
        "constraints.txt",
        "requirements.txt",
        "course/.course-secret",
        f"course/assignments/{PS3}/activations-and-losses.ipynb",
        f"course/assignments/{PS3}/released-cells.json",
    }
    assert bytes.fromhex(archive.read("course/.course-secret").decode()) == course_secret(course.root)


def test_the_package_is_whole_and_nothing_but_the_package(archive):
    inside = {Path(name) for name in archive.namelist() if name.startswith("autograder/")}
    package = {path.relative_to(ROOT) for path in (ROOT / "autograder").rglob("*.py")}

    assert package <= inside
    assert {path.suffix for path in inside} <= {".py", ".html", ".css", ".json"}


def test_no_path_of_this_machine_and_no_address_of_a_registry_is_in_it(archive):
    places = [str(ROOT).encode(), str(Path.home()).encode() + b"/", b"index-url", b"--find-links"]

    found = [(name, place) for name in archive.namelist() for place in places if place in archive.read(name)]

    assert found == []


def test_the_zip_is_for_its_owner_and_the_same_each_time(course, tmp_path):
    first, second = tmp_path / "a.zip", tmp_path / "b.zip"

    build(course, PS3, first)
    build(course, PS3, second)

    assert stat.S_IMODE(first.stat().st_mode) == 0o600
    assert first.read_bytes() == second.read_bytes()


def test_pytorch_is_installed_only_where_the_assignment_is_about_it(course, archive, tmp_path):
    shutil.copytree(ROOT / "assignments" / "ps6-common-mistakes", course.assignments / "ps6-common-mistakes")

    build(course, "ps6-common-mistakes", tmp_path / "ps6.zip")

    with zipfile.ZipFile(tmp_path / "ps6.zip") as content:
        assert content.read("requirements.txt").decode().split() == [*NEEDED, "torch"]
    assert archive.read("requirements.txt").decode().split() == [*NEEDED]


def test_every_requirement_is_pinned(archive):
    pinned = {line.split("==")[0].lower() for line in archive.read("constraints.txt").decode().splitlines()}

    assert {*archive.read("requirements.txt").decode().split(), "torch"} <= pinned


def test_what_was_not_released_is_told(course, tmp_path):
    with pytest.raises(UsageError, match="make release"):
        build(course, "ps9-nothing", tmp_path / "a.zip")


def test_a_zip_that_cannot_be_written_is_told(course, tmp_path):
    (tmp_path / "taken").write_text("")

    with pytest.raises(UsageError, match=r"a\.zip can't be written.*--to"):
        build(course, PS3, tmp_path / "taken" / "a.zip")


def test_missing_pins_are_told(course, tmp_path):
    bare = Course.at(tmp_path)
    shutil.copytree(course.assignments, bare.assignments)

    with pytest.raises(UsageError, match=r"constraints\.txt can't be read.*--course"):
        build(bare, PS3, tmp_path / "a.zip")


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_scripts_are_sound_shell(name):
    parsed = subprocess.run(["bash", "-n", str(HERE / name)], capture_output=True, text=True)
    linted = subprocess.run([SHELLCHECK, str(HERE / name)], capture_output=True, text=True)

    assert parsed.stderr == ""
    assert linted.stdout == ""


def test_the_scripts_name_no_fixed_place():
    for name in SCRIPTS:
        text = (HERE / name).read_text()

        assert not re.search(r"^[^#]*\s/autograder\b", text, re.MULTILINE)
