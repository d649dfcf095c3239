"""Which grader: another one grades again and says what changed, and a dry run says it beforehand and writes nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from autograder.grading.gradebook import open_ledger
from autograder.grading.preview import lines, preview
from autograder.grading.run import Settings, run
from tests.bridges.small_course import sql
from tests.grading.small_run import ASSIGNMENT, ScriptedBox, files, new_course, plan_of
from tests.grading.test_closed import before_there_were_versions

STUDENTS = 3  # right, half right, wrong


class Mended(ScriptedBox):
    """A grader that finds everything right."""

    def _one(self, name, call, source):
        return super()._one(name, call, "")


def graded(course, grader, box=ScriptedBox, **settings):
    plan = replace(plan_of(course), grader=grader)
    return run(course, {ASSIGNMENT: plan}, Settings(box(plan), "scripted", workers=1, **settings))


def previewed(course, grader, box=ScriptedBox, **settings):
    plan = replace(plan_of(course), grader=grader)
    return preview(course, {ASSIGNMENT: plan}, Settings(box(plan), "scripted", workers=1, **settings))


@pytest.fixture
def course(tmp_path):
    """Three students, graded by the grader "one"."""
    made = new_course(tmp_path / "course", STUDENTS)
    graded(made, "one")
    return made


def everything(course):
    return files(course), course.gradebook.read_bytes(), sorted(path.name for path in course.root.iterdir())


def test_the_same_grader_grades_nothing_again(course):
    summary = graded(course, "one")

    assert (len(summary.unchanged), summary.graded, summary.by_another) == (STUDENTS, [], [])


def test_another_grader_grades_all_again_and_says_which_scores_are_others(course):
    summary = graded(course, "two", Mended)

    assert len(summary.by_another) == STUDENTS
    assert [(one.student, one.before, one.after) for one in summary.changed] == [
        ("s0001", 0.0, 4.0), ("s0002", 0.0, 4.0), ("s0002", 0.0, 4.0),
    ]  # fmt: skip


def test_the_gradebook_and_the_record_say_which_grader_it_was(course):
    with open_ledger(course) as ledger:
        done = ledger.completions(ASSIGNMENT)["s0000"]

    assert done.grader == "one"
    assert '"grader": "one"' in course.record("s0000", ASSIGNMENT).read_text()


def test_a_dry_run_says_how_far_it_is(course):
    told = []
    plan = replace(plan_of(course), grader="two")

    settings = Settings(ScriptedBox(plan), "scripted", workers=1)
    preview(course, {ASSIGNMENT: plan}, settings, lambda *how_far: told.append(how_far))

    assert told == [(number, STUDENTS) for number in range(STUDENTS + 1)]


def test_a_dry_run_says_what_another_grader_would_change_and_writes_nothing(course):
    before = everything(course)

    found = previewed(course, "two", Mended)

    assert everything(course) == before
    assert (len(found.graded), found.new, found.unchanged) == (STUDENTS, [], 0)
    assert list(lines(found.changed)) == [
        f"s0001, {ASSIGNMENT}, other_backward-check: 0 -> 4",
        f"s0002, {ASSIGNMENT}, mul_backward-check: 0 -> 4",
        f"s0002, {ASSIGNMENT}, other_backward-check: 0 -> 4",
    ]


def test_a_dry_run_is_what_the_run_then_does(course):
    found = previewed(course, "two", Mended)

    summary = graded(course, "two", Mended)

    assert found.changed == sorted(summary.changed, key=lambda one: (one.assignment, one.student))


def test_a_dry_run_of_what_is_unchanged_and_in_a_course_without_a_gradebook(course, tmp_path):
    fresh = new_course(tmp_path / "fresh", 2)
    fresh.gradebook.unlink()

    unchanged, new = previewed(course, "one"), previewed(fresh, "one")

    assert (unchanged.unchanged, unchanged.graded) == (STUDENTS, [])
    assert (len(new.new), new.changed, fresh.gradebook.exists()) == (2, [], False)


def test_a_dry_run_brings_no_old_gradebook_up_to_date(course):
    with open_ledger(course) as ledger:
        before_there_were_versions(ledger)
    before = everything(course)

    found = previewed(course, "one")

    assert everything(course) == before
    assert len(found.graded) == STUDENTS  # which grader it was is not known


def test_a_score_by_hand_is_told_to_stand(course):
    here = "SELECT id FROM base_cell WHERE name = 'mul_backward-check'"
    sql(course, f"UPDATE grade SET manual_score = 3 WHERE cell_id IN ({here})")

    found = previewed(course, "two", Mended)

    told = f"s0002, {ASSIGNMENT}, mul_backward-check: 0 -> 4 (the score by hand, 3, stands)"
    assert told in list(lines(found.changed))
