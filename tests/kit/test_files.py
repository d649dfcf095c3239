"""`kit.data` where no box is: in kit.zip, in a folder `kit`, and in a course's own files."""

from __future__ import annotations

import subprocess
import sys
import zipfile

import pytest

from autograder.course.content import content_of
from autograder.course.kit_zip import kit_files, kit_zip
from autograder.kit import files

MANIFEST = 'id = "small"\n[[assignment]]\nname = "words"\n'
PUBLIC = """\
from kit import data
from kit.declare import Function, Stored

LONGEST = len(data("words.txt").read_text(encoding="utf-8").split()[0])
COUNT = Function("count", "count(scale)", "How many words.", stored=(Stored("one", {"scale": 1.0}, 3.0),))
"""
PRIVATE = """\
from autograder.course.declare import Exercise
from kit import data
from kit.declare import case

from ..public import words as public


def _count(scale):
    return scale * len(data("words.txt").read_text(encoding="utf-8").split())


COUNT = Exercise(public.COUNT, reference=_count, cases=(case("two", scale=2.0),))
"""
USE = """\
import sys
sys.path.insert(0, {place!r})
import io
import numpy as np
from kit import check, data

def count(scale):
    return scale * len(data("words.txt").read_text(encoding="utf-8").split())

check(count)
print(np.load(data("faces/one.npy").open("rb")).tolist())
try:
    data("nothing.txt")
except FileNotFoundError as error:
    print(error)
"""


@pytest.fixture(autouse=True)
def no_box(monkeypatch):
    """Another test in this process may have said where a box has its data."""
    monkeypatch.setattr(files, "_places", [])


@pytest.fixture
def course(tmp_path):
    """A course whose exercise counts the words of a file."""
    numpy = pytest.importorskip("numpy")
    folder = tmp_path / "my course" / "solutions" / "words"
    for half in ("public/data/faces", "private"):
        (folder / half).mkdir(parents=True)
    (folder.parents[1] / "course.toml").write_text(MANIFEST)
    (folder / "public" / "words.py").write_text(PUBLIC)
    (folder / "private" / "words.py").write_text(PRIVATE)
    (folder / "public" / "data" / "words.txt").write_text("größer als nichts", encoding="utf-8")
    (folder / "public" / "data" / ".DS_Store").write_text("left by a system")
    numpy.save(folder / "public" / "data" / "faces" / "one.npy", numpy.arange(3))
    return content_of(folder.parents[1])


def test_the_data_of_an_assignment_is_in_its_kit(course):
    names = {name for name in kit_files(course, "words") if name.startswith("public/data")}

    assert names == {"public/data/words.txt", "public/data/faces/one.npy"}


@pytest.mark.parametrize("packed", [True, False])
def test_a_notebook_reads_its_data_from_the_archive_and_from_a_folder(course, tmp_path, packed):
    place = tmp_path / "kit.zip"
    place.write_bytes(kit_zip(course, "words"))
    if not packed:
        with zipfile.ZipFile(place) as opened:
            opened.extractall(tmp_path / "unpacked")
        place = tmp_path / "unpacked"

    done = subprocess.run([sys.executable, "-I", "-c", USE.format(place=str(place))], capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-2:] == [
        "[0, 1, 2]",
        "there is no data file 'nothing.txt'. The files here: faces/one.npy, words.txt",
    ]


def test_both_halves_of_an_exercise_read_the_data_where_the_course_lies(course):
    (exercise,) = course["words"]

    (kept, _) = exercise.expect(seed=0).cases

    assert kept.arrays[0] == 2.0 * 3
    assert len("größer") == course.modules("words", "public")["words"].LONGEST


def test_a_change_of_the_data_is_a_change_of_what_decides_verdicts(course):
    assert "words.txt" in {path.name for path in course.files("words")}
