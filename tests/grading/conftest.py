"""What tests of the pipeline start from: the small release of `notebooks.py`, and the gradebook of a test's course."""

from __future__ import annotations

import pytest

from autograder.grading.gradebook import open_ledger
from tests.grading.notebooks import released


@pytest.fixture
def release(tmp_path):
    return released(tmp_path)


@pytest.fixture
def ledger(course):
    with open_ledger(course) as opened:
        yield opened
