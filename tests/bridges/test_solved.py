"""A release whose own solution is not right is refused before any student gets it, and the old one stays."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from autograder.commands.course import run_release
from autograder.errors import ReleaseError
from autograder.grading.course import Course

ROOT = Path(__file__).resolve().parents[2]
ASSIGNMENT = "ps1-chain-rule"


@pytest.fixture
def course(tmp_path):
    """Our own first assignment, to be spoilt."""
    for folder in ("solutions", "assignments"):
        shutil.copytree(ROOT / folder / ASSIGNMENT, tmp_path / folder / ASSIGNMENT)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    return Course.at(tmp_path)


def spoil(course, cell_id, before, after):
    path = course.source(ASSIGNMENT)
    made = json.loads(path.read_text())
    (cell,) = (cell for cell in made["cells"] if cell["id"] == cell_id)
    text = "".join(cell["source"])
    assert before in text
    cell["source"] = text.replace(before, after)
    path.write_text(json.dumps(made))


def test_a_wrong_solution_is_told_to_its_author_at_release_and_not_to_students(course):
    before = course.release(ASSIGNMENT).read_bytes()
    spoil(course, "adjoint", "### BEGIN SOLUTION", "### BEGIN SOLUTION\n    return 0.0")

    with pytest.raises(ReleaseError, match=r"does not earn full marks.*adjoint"):
        run_release(course, [ASSIGNMENT], check=False)

    assert course.release(ASSIGNMENT).read_bytes() == before
