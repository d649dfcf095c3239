"""One submission is one submission: what fails while its files are made costs it values, not others their grades."""

from __future__ import annotations

import json

import pytest

from autograder.grading import one
from autograder.judging import Status
from tests.grading.small_run import ASSIGNMENT, EXERCISES, answer, graded, hand_in, new_course, release_json


@pytest.fixture
def course(tmp_path):
    """Two students: one whose first answer is wrong, one with everything right."""
    made = new_course(tmp_path / "course", 0)
    for student, remark in (("anna", "# wrong"), ("zoe", "")):
        handed = release_json()
        for cell in handed["cells"]:
            if cell["id"] in EXERCISES:
                cell["source"] = answer(cell["id"], remark)
        hand_in(made, student, handed)
    return made


def record(course):
    """The record of the first student's submission."""
    return json.loads(course.record("anna", ASSIGNMENT).read_bytes())


def test_a_page_that_cannot_show_a_value_is_made_without_it_and_the_run_goes_on(course, monkeypatch):
    render = one.render

    def fails_on_values(page):
        if any(section.verdict.shown for section in page.sections):
            raise ValueError("Exceeds the limit for integer string conversion")
        return render(page)

    monkeypatch.setattr(one, "render", fails_on_values)

    summary = graded(course)

    assert [name.student for name in summary.graded] == ["anna", "zoe"]
    assert any("anna" in line and "values are left out" in line for line in summary.problems)
    assert record(course)["exercises"][0]["status"] == Status.FAILED.value


def test_files_that_cannot_be_made_at_all_go_before_a_person_and_the_run_goes_on(course, monkeypatch):
    autograded = one.autograded

    def fails_for_anna(course, release, outcome):
        if outcome.student == "anna" and any(v.status is Status.FAILED for v in outcome.verdicts.values()):
            raise RecursionError
        return autograded(course, release, outcome)

    monkeypatch.setattr(one, "autograded", fails_for_anna)

    summary = graded(course)

    assert [name.student for name in summary.graded] == ["anna", "zoe"]
    assert {(student, exercise) for student, _, exercise in summary.internal} == {("anna", name) for name in EXERCISES}
    assert record(course)["exercises"][0]["status"] == Status.INTERNAL.value
