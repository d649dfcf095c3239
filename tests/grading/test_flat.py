"""What a run costs does not grow with the class: memory by submission, and no work that is done over."""

from __future__ import annotations

import json
import pickle

import pytest

from autograder.grading.intake import read_submission
from autograder.grading.pipeline import grade
from tests.grading.small_run import (
    ASSIGNMENT,
    NOTEBOOK,
    ScriptedBox,
    graded,
    new_course,
    plan_of,
    stable,
    submission,
)

SMALL, LARGE = 200, 2_000
KILOBYTES = 10
"""By which peak memory may grow with each submission: names, marks and what is told."""


@pytest.mark.slow
def test_memory_is_flat_in_the_number_of_submissions(tmp_path):
    peaks = {}
    for size in (SMALL, LARGE):
        course = new_course(tmp_path / str(size), size)
        with stable() as runs:
            assert runs.run(course, memory=str(tmp_path / "peaks")) == 0
        peaks[size] = json.loads((tmp_path / "peaks").read_text())

    grown = [large - small for small, large in zip(peaks[SMALL], peaks[LARGE], strict=True)]

    assert max(grown) < KILOBYTES * (LARGE - SMALL)


def test_what_a_worker_hands_back_holds_no_notebook_and_no_values(tmp_path):
    course = new_course(tmp_path / "course", 3)
    plan = plan_of(course)
    path = course.submitted / "s0002" / ASSIGNMENT / f"{NOTEBOOK}.ipynb"
    whole = grade(read_submission(path, plan.release, "s0002"), plan, ScriptedBox(plan))

    small = whole.for_the_gradebook()

    assert any(verdict.shown for verdict in whole.verdicts.values())
    assert not any(verdict.shown for verdict in small.verdicts.values())
    assert (small.submission.notebook, small.submission.cells, small.submission.sources) == ({}, (), {})
    assert len(pickle.dumps(small)) < 2_000 * len(small.verdicts)


def test_a_run_keeps_names_and_numbers_of_what_it_graded(tmp_path):
    course = new_course(tmp_path / "course", 5)

    summary = graded(course)

    assert summary.graded == [(f"s000{number}", ASSIGNMENT) for number in range(4)]


def test_the_release_is_read_once_and_not_for_every_submission(tmp_path, monkeypatch):
    course = new_course(tmp_path / "course", 3, lambda _: submission(0))
    monkeypatch.setattr(type(course), "release", None)

    summary = graded(course)

    assert len(summary.graded) == 3
