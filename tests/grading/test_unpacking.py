"""Archives are read within limits, counted over all that one student handed in."""

from __future__ import annotations

import io
import zipfile

import pytest

from autograder.errors import SubmissionError
from autograder.grading.unpacking import Budget, members


def packed(*sizes: int) -> bytes:
    """A zip archive with one file of each size."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for number, size in enumerate(sizes):
            archive.writestr(f"{number}.ipynb", b"x" * size)
    return made.getvalue()


def test_what_was_read_of_one_archive_is_missing_for_the_next():
    budget = Budget(10)
    for member in members(packed(3, 3), budget):
        member.read()

    (next_one,) = members(packed(5), budget)

    with pytest.raises(SubmissionError, match="too much to read"):
        next_one.read()


def test_what_the_budget_is_just_enough_for_is_read():
    budget = Budget(10)

    assert [len(member.read()) for member in members(packed(3, 7), budget)] == [3, 7]
