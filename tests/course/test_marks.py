"""Functions below an exercise that are its mistakes and right answers: marked there, and found with the content."""

from __future__ import annotations

import sys

import pytest

from autograder.course.content import Content
from autograder.course.manifest import read_manifest
from autograder.errors import UsageError

NAMES = ("one", "two")
PUBLIC = """from kit.declare import Function

DOUBLE = Function("double", "double(x)", "Twice x.")
"""
PRIVATE = '''from autograder.course.declare import Exercise, mistake
from kit.declare import case
from kit.draws import exactly

from ..public import numbers as public

DOUBLE = Exercise(
    public.DOUBLE,
    reference=lambda x: 2 * x,
    cases=(case("two", x=exactly(2.0)), case("three", x=exactly(3.0))),
    mistakes=(mistake("square", lambda x: x * x, "Is twice three nine?"),),
    right_answers=(lambda x: x + x,),
)


@DOUBLE.mistake
def one_more(x):
    """How much is twice four,
    and how much did you get?"""
    return 2 * x + 1


@DOUBLE.mistake(source="sum")
class TwoTooMuch:
    """Why?"""


@DOUBLE.right
def by_sum(x):
    return sum([x, x])
'''
AGAIN = '''from autograder.course.declare import reuse

DOUBLE = reuse("one", "double", without=WITHOUT)


@DOUBLE.mistake
def half(x):
    """Up or down?"""
    return x / 2
'''


@pytest.fixture
def course(tmp_path, monkeypatch):
    """Writes a course of two assignments and gives its content."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def written(private=PRIVATE, without="()"):
        (tmp_path / "course.toml").write_text('id = "c"\n' + "".join(f'[[assignment]]\nname = "{n}"\n' for n in NAMES))
        for name, half, text in (
            ("one", "public", PUBLIC),
            ("one", "private", private),
            ("two", "private", AGAIN.replace("WITHOUT", without)),
        ):
            path = tmp_path / "solutions" / name / half / "numbers.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return Content(tmp_path, read_manifest(tmp_path))

    return written


def test_what_is_marked_is_found_after_what_is_declared(course):
    (double,) = course()["one"]

    assert [one.name for one in double.mistakes] == ["square", "one-more", "two-too-much"]
    assert [one.source for one in double.mistakes] == ["", "", "sum"]
    assert double.mistakes[1].hint == "How much is twice four, and how much did you get?"
    assert [one.__name__ for one in double.right_answers] == ["<lambda>", "by_sum"]


def test_mistakes_and_right_answers_come_along_where_an_exercise_is_asked_again(course):
    (double,) = course()["two"]

    assert [one.name for one in double.mistakes] == ["square", "one-more", "two-too-much", "half"]
    assert len(double.right_answers) == 2


def test_a_mistake_that_no_case_exposes_any_more_stays_behind(course):
    (double,) = course(without='("three",)')["two"]

    assert [one.name for one in double.mistakes] == ["one-more", "two-too-much", "half"]


def test_two_mistakes_of_one_name_are_both_found(course):
    other = "\n\nTRIPLE = DOUBLE\n\n\n@TRIPLE.mistake\ndef one_more(x):\n    'Again?'\n    return 2 * x + 2\n"

    (double,) = course(PRIVATE + other)["one"]

    assert [one.name for one in double.mistakes].count("one-more") == 2


@pytest.mark.parametrize(
    "old, new, told",
    [
        ("def one_more", "def case", "case is the name of something else in this file"),
        ('@DOUBLE.mistake(source="sum")', '@DOUBLE.mistake(source="(")', "error: "),
        ('    """Why?"""', "    pass", "TwoTooMuch: a mistake needs a docstring: the hint"),
    ],
)
def test_a_mark_that_cannot_be_used_is_refused_at_its_line(course, old, new, told):
    text = PRIVATE.replace(old, new)

    with pytest.raises(UsageError, match=r"solutions/one/private/numbers\.py, line \d+") as caught:
        course(text)["one"]

    assert told in str(caught.value)
