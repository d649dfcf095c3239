"""A source in one spelling: what says nothing about the rule that was written is gone from it."""

from __future__ import annotations

import pytest

from autograder.judging.source import LONGEST, normalised

SPELLINGS = {
    "a docstring": 'def f(x):\n    """Doubles."""\n    return 2 * x',
    "comments": "def f(x):  # doubles\n    # twice\n    return 2 * x",
    "other spaces and brackets": "def f( x ) :\n  return (2*x)",
    "text between the statements": "def f(x):\n    return 2 * x\n    'unused'",
}


@pytest.mark.parametrize("source", SPELLINGS.values(), ids=SPELLINGS)
def test_one_spelling_is_made_of_all(source):
    assert normalised(source) == "def f(x):\n    return 2 * x"


def test_a_body_of_text_alone_stays_a_body():
    assert normalised("def f():\n    'nothing'") == "def f():\n    pass"


@pytest.mark.parametrize("source", ["def f(:", "x = 1\n" * LONGEST], ids=["broken", "too long"])
def test_what_is_broken_or_too_long_has_no_spelling(source):
    assert normalised(source) == ""
