"""What a box may see, kept: it is taken while all that it was worked out from is as it was, and else worked out."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from autograder.boundary import visible as module
from autograder.boundary.visible import known, visible
from autograder.grading import allow_list_cache
from autograder.grading.course import Course


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course of a user who has a cache folder, in a process that has worked nothing out."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(module, "_known", {})
    (tmp_path / "course").mkdir()
    return Course.at(tmp_path / "course")


@pytest.fixture
def file(course, tmp_path):
    """The file with the list, after a command that had to work it out."""
    seen = visible(False)
    allow_list_cache.keep(course, torch=False)
    module._known.clear()
    (found,) = (tmp_path / "cache").rglob("*.json")
    assert seen.witnesses
    return found


def recalled(course: Course) -> bool:
    """Whether a new process takes the list."""
    module._known.clear()
    return allow_list_cache.recall(course, torch=False)


def test_what_is_kept_is_what_was_worked_out(course, file):
    taken = recalled(course)
    kept = known(False)
    module._known.clear()

    assert taken
    assert kept == visible(False)


def test_the_file_is_the_users_alone(file):
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (file, file.parent, file.parent.parent)]

    assert modes == [0o600, 0o700, 0o700]


def test_the_list_for_pytorch_is_another_one(course, file):
    assert not allow_list_cache.recall(course, torch=True)


def test_another_witness_makes_the_list_out_of_date(course, file, tmp_path):
    """One that changes, and one that comes to be."""
    data = json.loads(file.read_bytes())
    witness, missing = tmp_path / "witness", tmp_path / "missing"
    witness.write_text("as it was")
    data["seen"]["witnesses"] += [str(witness), str(missing)]
    data["states"] += allow_list_cache._states([witness, missing])
    file.write_text(json.dumps(data))
    before = recalled(course)
    witness.write_text("as it is now")
    changed = recalled(course)
    data["states"][-2:] = allow_list_cache._states([witness, missing])
    file.write_text(json.dumps(data))
    mended = recalled(course)
    missing.touch()

    assert (before, changed, mended, recalled(course)) == (True, False, True, False)


def test_what_a_package_was_installed_into_is_a_witness(course, file):
    places = {Path(entry) for entry in allow_list_cache._circumstances() if Path(entry).name == "site-packages"}

    assert places <= set(visible(False).witnesses)
    assert any(path.name == "RECORD" for path in visible(False).witnesses)


def test_another_word_to_the_loader_makes_the_list_out_of_date(course, file, monkeypatch):
    monkeypatch.setenv("LD_LIBRARY_PATH", "/elsewhere")

    assert not recalled(course)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"seen": {}}', "no JSON", '{"seen": {"interpreter": 1}}'])
def test_what_is_damaged_is_not_taken(course, file, text):
    file.write_text(text)

    assert not recalled(course)
    assert known(False) is None


def test_what_others_may_write_is_not_taken(course, file):
    file.chmod(0o666)

    assert not recalled(course)


def test_nothing_is_kept_in_a_course(course, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(course.root / "cache"))
    visible(False)

    allow_list_cache.keep(course, torch=False)

    assert os.listdir(course.root) == []
