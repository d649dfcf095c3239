"""`autograder prepare`: what it works out is what `check` and `ci` read; where it can't be kept it says so."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from autograder.boundary import tiers
from autograder.commands.prepare import run_prepare
from autograder.course.declare import Exercise
from autograder.errors import UsageError
from autograder.grading.answer_cache import AnswerCache
from autograder.grading.course import Course

ROOT = Path(__file__).resolve().parents[2]
NAME = "ps6-common-mistakes"


@pytest.fixture
def course(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(tiers, "strongest", lambda **_: "other-uid")
    shutil.copytree(ROOT / "assignments" / NAME, tmp_path / "course" / "assignments" / NAME)
    return Course.at(tmp_path / "course")


def test_what_was_prepared_is_not_worked_out_again(course, monkeypatch, capsys):
    code = run_prepare(course, ())
    monkeypatch.setattr(Exercise, "right", lambda *_: pytest.fail("worked out again"))

    plan = AnswerCache(course).plan(NAME)

    assert code == 0
    assert capsys.readouterr().out == f"{NAME}: kept\n"
    assert plan.tasks


def test_where_a_box_could_read_it_nothing_is_kept_and_the_reason_is_said(course, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(tiers, "strongest", lambda **_: "process")

    code = run_prepare(course, ())

    assert code == 1
    assert "only the process wall stands" in capsys.readouterr().out
    assert not (tmp_path / "cache").exists()


def test_without_a_place_for_it_that_is_said(course, monkeypatch, capsys):
    monkeypatch.setenv("XDG_CACHE_HOME", str(course.root / "cache"))
    nowhere = run_prepare(course, ())
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null/cache")
    refused = run_prepare(course, ())

    said = capsys.readouterr().out.splitlines()
    assert (nowhere, refused) == (1, 1)
    assert "no cache folder" in said[0]
    assert said[1] == f"{NAME}: could not be kept"


def test_an_assignment_that_is_not_there_is_a_wrong_command(course):
    with pytest.raises(UsageError):
        run_prepare(course, ("ps9",))
