"""How many letters two names differ by, whichever of the two is the longer one."""

from __future__ import annotations

import pytest

from autograder.bridges.lms.likeness import distance


@pytest.mark.parametrize(
    "one, other, letters",
    [
        ("lovelace", "lovelace", 0),
        ("lovelace", "lovelac", 1),
        ("lovelace", "ovelace", 1),
        ("lovelace", "lovexlace", 1),
        ("lovelace", "lovelase", 1),
        ("lovelace", "lovleace", 1),
        ("wollstonecraft", "wolstonecroft", 2),
        ("wollstonecraft", "owllstoencraft", 2),
        ("wollstonecraft", "wollstoncraf", 2),
    ],
)
def test_letters_are_counted_alike_both_ways(one, other, letters):
    assert (distance(one, other), distance(other, one)) == (letters, letters)


@pytest.mark.parametrize("one, other", [("ada", "ida"), ("lovelace", "hopper"), ("chen", "chenchen")])
def test_names_that_are_no_matter_are_far_apart(one, other):
    assert distance(one, other) >= len(one)
