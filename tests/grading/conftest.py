"""What every test of the pipeline starts from: the small release of `notebooks.py`, on disk."""

from __future__ import annotations

import pytest

from tests.grading.notebooks import released


@pytest.fixture
def release(tmp_path):
    return released(tmp_path)
