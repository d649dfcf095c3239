"""Answers to public cases that are generated are the references'; nothing is stale in their file."""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path

import pytest

from autograder.authoring import stored as authoring
from autograder.course.content import content_of
from autograder.kit.stored import FILE
from tests.exercises.catalogue import shared
from tests.this_course import CATALOGUE

COURSE = """id = "small"

[[assignment]]
name = "one"
"""
PUBLIC = """from kit.declare import Function
from kit.stored import stored

HALF = Function("half", "half(x, by=2.0)", "x / by, and x.", results=("half", "whole"), stored=stored("half", {
    "three": {"x": [1.0, 2.0, 4.0]}, "by three": {"x": [1.0], "by": 3.0}}))
"""
PRIVATE = """from autograder.course.declare import Exercise
from ..public import halves as public

HALF = Exercise(public.HALF, reference=lambda x, by=2.0: (x / by, x))
"""


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A course with one function of two public cases; a function that loads it anew."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    (tmp_path / "course.toml").write_text(COURSE)
    for half, text in (("public", PUBLIC), ("private", PRIVATE)):
        folder = tmp_path / "solutions" / "one" / half
        folder.mkdir(parents=True)
        (folder / "halves.py").write_text(text)

    def load():
        content_of.__globals__["_content_of"].cache_clear()
        return content_of(tmp_path)

    return load


@pytest.mark.parametrize("assignment", [pytest.param(one, marks=shared(one.split("-")[0])) for one in CATALOGUE])
def test_no_answer_of_the_course_is_stale(assignment):
    assert authoring.stale_answers(CATALOGUE, assignment) == []


def test_answers_are_written_rounded_and_read_when_the_course_is_loaded(small):
    path = authoring.write_stored_answers(small(), "one")

    first, second = small()["one"][0].public.stored
    assert path == authoring.answers_file(small(), "one")
    assert first.expected == [[0.5, 1.0, 2.0], [1.0, 2.0, 4.0]]
    assert second.expected == [[0.3333333333333], [1.0]]
    assert authoring.stale_answers(small(), "one") == []


def test_what_is_missing_wrong_or_of_no_case_is_stale(small):
    path = authoring.write_stored_answers(small(), "one")
    path.write_text(json.dumps({"half": {"three": [[0.5, 1.0, 2.1], [1.0, 2.0, 4.0]], "old": [0.0]}}))

    told = authoring.stale_answers(small(), "one")

    words = ("'three' is not the reference's", "no answer to the public case 'by three'", "is called 'old'")
    assert len(told) == len(words)
    assert all(sum(word in one and "verify --write" in one for one in told) == 1 for word in words)


def test_an_assignment_without_generated_answers_has_no_file(small):
    public = small().folder("one") / "public" / "halves.py"
    path = authoring.write_stored_answers(small(), "one")
    public.write_text(
        PUBLIC.replace("stored=stored(", "stored=() and (").replace("from kit.stored import stored\n", "")
    )

    assert path.is_file()
    assert authoring.write_stored_answers(small(), "one") is None
    assert not path.is_file()


def test_answers_are_read_within_a_zip_too(tmp_path, monkeypatch):
    kit = Path(authoring.calling.__file__).parent
    with zipfile.ZipFile(tmp_path / "kit.zip", "w") as archive:
        for path in kit.rglob("*.py"):
            archive.write(path, f"boxed/kit/{path.relative_to(kit)}")
        archive.writestr("boxed/__init__.py", "")
        archive.writestr("boxed/kit/public/__init__.py", "")
        archive.writestr("boxed/kit/public/halves.py", PUBLIC.replace("from kit.", "from boxed.kit."))
        archive.writestr(f"boxed/kit/public/{FILE}", json.dumps({"half": {"three": [[7.0], [8.0]]}}))
    monkeypatch.syspath_prepend(tmp_path / "kit.zip")

    from boxed.kit.public.halves import HALF

    assert [one.expected for one in HALF.stored] == [[[7.0], [8.0]], None]
