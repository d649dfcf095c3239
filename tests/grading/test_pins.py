"""What a course is pinned to: its own lock, or, in a folder of one's own without one, what grades it."""

from __future__ import annotations

from importlib.metadata import version

import pytest

from autograder.errors import UsageError
from autograder.grading.pins import LOCKS, pins


def test_a_course_without_a_lock_is_pinned_to_what_is_installed(tmp_path):
    found = pins(tmp_path / "requirements")

    assert f"numpy=={version('numpy')}" in found
    assert not any("+" in line for line in found)


def test_a_lock_that_lacks_a_part_is_told(tmp_path):
    (tmp_path / LOCKS[0]).write_text("numpy==2.0.0 \\\n    --hash=sha256:00\n")

    with pytest.raises(UsageError, match=LOCKS[1]):
        pins(tmp_path)
