"""The example cohort through both LMSs and back: the same work comes in, and the same scores go out by every way."""

from __future__ import annotations

import csv
import io

import pytest
from nbgrader.api import Gradebook

from autograder.bridges.lms.export import Request
from autograder.commands.export import run_export
from autograder.commands.intake import run_intake
from autograder.grading.course import Course
from tests.bridges.lms.cohort import NEVER, NUMBER, PEOPLE, PS2, STUDENTS, UNREADABLE, download, taken_in
from tests.bridges.lms.importers import CanvasCourse, MoodleCourse
from tests.cohort.make import COHORT


@pytest.fixture(scope="module")
def course(template, tmp_path_factory):
    return taken_in(tmp_path_factory.mktemp("lms") / "course", template.gradebook)


def exported(course, tmp_path, to, **options):
    run_export(course, Request(to, [PS2], roster=course.root / "roster.csv", **options), tmp_path / "out.csv")
    return (tmp_path / "out.csv").read_bytes()


def of_nbgrader(course):
    """The scores as nbgrader itself counts them."""
    with Gradebook(course.gradebook_url) as gradebook:
        found = {
            one.student.id: (one.score, one.late_submission_penalty) for one in gradebook.assignment_submissions(PS2)
        }
    return {student: max(0.0, score - (penalty or 0.0)) for student, (score, penalty) in found.items()}


@pytest.mark.parametrize("lms", ["canvas", "moodle"])
def test_every_notebook_of_the_cohort_comes_in_unchanged(course, tmp_path, lms, capsys):
    fresh = Course.at(course.root, submitted=tmp_path / "submitted")

    run_intake(fresh, download(lms, tmp_path), [], roster=course.root / "roster.csv")

    for student in STUDENTS:
        (sent,) = (COHORT / student / PS2).glob("*.ipynb")
        there = fresh.submitted / student / PS2 / sent.name
        assert student == UNREADABLE or there.read_bytes() == sent.read_bytes()
    assert f"not taken: {UNREADABLE}, {PS2}: The file is not JSON." in capsys.readouterr().out
    assert not (fresh.submitted / UNREADABLE / PS2).exists()


def test_scores_are_the_same_by_every_way_out(course, tmp_path):
    in_canvas = CanvasCourse({777: PS2}, PEOPLE)
    in_moodle = MoodleCourse({"Email address": {f"{student}@x.edu": student for student in NUMBER}}, (PS2,))

    in_canvas.upload(exported(course, tmp_path, "canvas", ids={PS2: "777"}))
    in_moodle.upload(exported(course, tmp_path, "moodle"))
    plain = csv.DictReader(io.StringIO(exported(course, tmp_path, "csv").decode(), newline=""))

    expected = of_nbgrader(course)
    from_canvas = {student: in_canvas.grades.get((number, 777)) for student, number in NUMBER.items()}
    from_plain = {row["student"]: row["score"] for row in plain}
    assert (in_canvas.created, in_canvas.strangers) == ([], [])
    assert len(expected) == len(STUDENTS) - 1
    for student in NUMBER:
        score = expected.get(student)
        assert in_moodle.grades[student, PS2] == (None if score is None else pytest.approx(score, abs=1e-4))
        texts = from_canvas[student] or "", from_plain[student]
        assert texts == (("", "") if score is None else (texts[0], texts[0]))
        assert score is None or float(texts[0]) == pytest.approx(score, abs=1e-4)


def test_who_never_handed_in_has_no_grade_and_is_named(course, tmp_path, capsys):
    plain = exported(course, tmp_path, "csv").decode()

    assert f"{PS2}: nothing handed in: {UNREADABLE}, {NEVER}" in capsys.readouterr().out
    assert f"\r\n{NEVER},Kim Example,kim@x.edu,{PS2},,100,,,,nothing handed in,\r\n" in plain
