"""`autograder test --hidden` gives the points that `make grade` records, on submissions of the example cohort."""

from __future__ import annotations

import pytest

from tests.bridges.pytest_plugin.reading import points_of
from tests.end_to_end.conftest import command

pytestmark = pytest.mark.xdist_group("cohort")

ASSIGNMENT = "ps3-activations-and-losses"
STUDENTS = ("emil", "hana", "jana")


def test_the_points_of_the_items_sum_up_to_the_recorded_score(cohort, tmp_path):
    recorded = {}
    for student in STUDENTS:
        entries = cohort.record(student, ASSIGNMENT).get("exercises", [])
        recorded[f"{student}.{ASSIGNMENT}"] = sum(entry["earned"] + entry["bonus_earned"] for entry in entries)

    done = command(
        *("test", "--course", cohort.course.root, "--hidden", "--junitxml", tmp_path / "out.xml"),
        *(f"{student}/{ASSIGNMENT}" for student in STUDENTS),
        cwd=cohort.course.submitted,
    )

    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout + done.stderr
    assert points_of(tmp_path / "out.xml") == pytest.approx(recorded)
