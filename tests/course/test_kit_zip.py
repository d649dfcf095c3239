"""kit.zip: the same bytes on every machine, whole for its own exercises, and nothing for which none of them asks."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from autograder.course import kit_zip as building
from autograder.course.content import content_of
from autograder.course.kit_zip import kit_files, kit_zip
from autograder.kit import adapters
from tests.this_course import CATALOGUE, COURSE

ASSIGNMENTS = list(CATALOGUE)
TORCH = "ps6-common-mistakes"
ASK_ALL = """
import sys
sys.path.insert(0, sys.argv[1])
from kit.adapters import adapted
from kit.checking import exercises
for name, exercise in exercises().items():
    assert name == exercise.name
    adapted(getattr(exercise, "adapter", ""), lambda *args: None)
import kit
ours = [name for name in sys.modules if name.split(".")[0] == "autograder"]
print(len(exercises()), kit.__file__.startswith(sys.argv[1]), *ours)
"""


def test_the_bytes_are_the_same_for_a_copy_elsewhere_with_other_dates_and_modes(tmp_path, monkeypatch):
    library = shutil.copytree(building._KIT, tmp_path / "another machine" / "kit")
    root = tmp_path / "Kurs für alle"
    for name in ("course.toml", f"solutions/{TORCH}"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (COURSE.root / name).is_dir() else shutil.copy)(COURSE.root / name, root / name)
    for number, path in enumerate(sorted(tmp_path.rglob("*.py"), reverse=True)):
        os.utime(path, (number, number))
        path.chmod(0o600)
    before = kit_zip(CATALOGUE, TORCH)
    monkeypatch.setattr(building, "_KIT", library)

    assert kit_zip(content_of(root), TORCH) == before


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_entries_are_stored_in_order_with_one_date_and_mode(tmp_path, assignment):
    (tmp_path / "kit.zip").write_bytes(kit_zip(CATALOGUE, assignment))

    with zipfile.ZipFile(tmp_path / "kit.zip") as archive:
        entries = archive.infolist()

    assert [one.filename for one in entries] == sorted(f"kit/{name}" for name in kit_files(CATALOGUE, assignment))
    told = {(one.compress_type, one.date_time, one.create_system, one.external_attr >> 16) for one in entries}
    assert told == {(zipfile.ZIP_STORED, (1980, 1, 1, 0, 0, 0), 3, 0o100644)}


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_every_exercise_finds_its_adapter_in_the_archive_and_needs_nothing_of_the_grader(tmp_path, assignment):
    place = tmp_path / "kit.zip"
    place.write_bytes(kit_zip(CATALOGUE, assignment))

    done = subprocess.run([sys.executable, "-I", "-c", ASK_ALL, str(place)], capture_output=True, text=True)

    assert done.stderr == ""
    assert done.stdout.split() == [str(len(CATALOGUE[assignment])), "True"]


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_the_adapters_of_pytorch_ship_where_exercises_name_them(assignment):
    names = kit_files(CATALOGUE, assignment)

    assert any(name.startswith("repairs/") for name in names) is (assignment == TORCH)


def test_every_adapter_of_the_table_is_there():
    adapters.load_all()

    assert all(callable(adapters.adapter(name)) for name in adapters.TABLE)


def test_of_the_public_half_only_that_of_the_assignment_ships():
    for assignment in ASSIGNMENTS:
        shipped = {Path(name).name for name in kit_files(CATALOGUE, assignment) if name.startswith("public/")}
        own = {path.name for path in (CATALOGUE.folder(assignment) / "public").glob("*.*")}
        assert shipped == own | {"__init__.py"}
