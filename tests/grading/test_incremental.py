"""A run grades what the gradebook does not vouch for, whatever the reason, and leaves the rest alone."""

from __future__ import annotations

import shutil

import pytest

from tests.bridges.small_course import sql
from tests.grading.small_run import (
    ASSIGNMENT,
    NOTEBOOK,
    ScriptedBox,
    copy_of,
    files,
    graded,
    hand_in,
    new_course,
    plan_of,
    state,
    submission,
)

STUDENTS = 5
RIGHT = "s0000"
PAGE = f"feedback/{RIGHT}/{ASSIGNMENT}/{NOTEBOOK}.html"
COPY = f"autograded/{RIGHT}/{ASSIGNMENT}/{NOTEBOOK}.ipynb"
TIME = f"autograded/{RIGHT}/{ASSIGNMENT}/timestamp.txt"
RECORD = f"reports/{ASSIGNMENT}/students/{RIGHT}.json"
NOON, EVENING = "2030-01-01 12:00:00.000000 UTC", "2030-01-03 20:00:00.000000 UTC"


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    """A course that was graded once, when everything was due at noon on the second."""
    course = new_course(tmp_path_factory.mktemp("once") / "course", STUDENTS)
    sql(course, "UPDATE assignment SET duedate = '2020-01-02 12:00:00.000000'")
    graded(course, late=late)
    return course


@pytest.fixture
def course(once, tmp_path):
    return copy_of(once, tmp_path / "course")


def late(student, score, seconds):
    """A point for each begun day."""
    return 1.0 + seconds // 86_400


def again(course, **settings):
    """One more run: its summary, and how often it used the box."""
    box = ScriptedBox(plan_of(course))
    return graded(course, box, late=late, **settings), box.seen


def time_of(course, student=RIGHT):
    """When the gradebook says that it was handed in, and what that costs."""
    return sql(
        course,
        "SELECT sa.timestamp, sn.late_submission_penalty FROM submitted_assignment sa"
        " JOIN submitted_notebook sn ON sn.assignment_id = sa.id WHERE sa.student_id = ?",
        student,
    )


def test_nothing_is_done_for_what_is_unchanged(course):
    before = state(course)

    summary, runs = again(course)

    assert (runs, len(summary.unchanged), summary.moved, summary.graded) == (0, STUDENTS, [], [])
    assert state(course) == before


def test_force_grades_again_and_changes_nothing(course):
    before = state(course)

    summary, runs = again(course, force=True)

    assert (len(summary.graded), len(summary.rejected)) == (STUDENTS - 1, 1)
    assert runs > 0
    assert state(course) == before


@pytest.mark.parametrize("when, penalty", [(NOON, None), (EVENING, 2.0)], ids=["in time", "late"])
def test_a_new_time_alone_updates_lateness_without_grading(course, when, penalty):
    hand_in(course, RIGHT, submission(0), when)

    summary, runs = again(course)

    assert (runs, [name.student for name in summary.moved]) == (0, [RIGHT])
    assert time_of(course) == [(when.replace("2030", "2020").removesuffix(" UTC"), penalty)]


@pytest.mark.parametrize("when", [NOON, EVENING, "nonsense"])
def test_after_a_new_time_all_is_as_if_it_had_been_graded_again(course, tmp_path, when):
    hand_in(course, RIGHT, submission(0), when)
    forced = copy_of(course, tmp_path / "forced")
    again(forced, force=True)

    again(course)

    assert state(course) == state(forced)


def test_a_new_time_is_told_once(course):
    hand_in(course, RIGHT, submission(0), EVENING)
    again(course)

    summary, _ = again(course)

    assert summary.moved == []


def test_a_broken_file_is_moved_in_time_too(course):
    hand_in(course, "s0004", submission(4), EVENING)

    summary, _ = again(course)

    assert [name.student for name in summary.moved] == ["s0004"]
    assert time_of(course, "s0004") == [("2020-01-03 20:00:00.000000", 0.0)]


@pytest.mark.parametrize("path", [PAGE, COPY, RECORD])
@pytest.mark.parametrize("harm", [lambda path: path.unlink(), lambda path: path.write_bytes(b"edited")])
def test_a_file_deleted_or_edited_by_hand_is_made_again(course, path, harm):
    before = state(course)
    (course.results / path).chmod(0o644)
    harm(course.results / path)

    summary, _ = again(course)

    assert [name.student for name in summary.graded] == [RIGHT]
    assert state(course) == before


def test_a_time_file_deleted_by_hand_is_made_again_without_grading(course):
    before = state(course)
    (course.results / TIME).unlink()

    _, runs = again(course)

    assert runs == 0
    assert state(course) == before


def test_with_a_gradebook_from_before_the_first_run_all_is_graded_again(course):
    before = state(course)
    sql(course, "DELETE FROM autograder_completion")
    for table in ("grade", "comment", "submitted_notebook", "submitted_assignment", "student"):
        sql(course, f"DELETE FROM {table}")

    summary, _ = again(course)

    assert len(summary.graded) + len(summary.rejected) == STUDENTS
    assert state(course) == before


def test_with_an_older_gradebook_what_was_handed_in_since_is_graded_again(course, tmp_path):
    shutil.copy(course.gradebook, tmp_path / "backup.db")
    hand_in(course, RIGHT, submission(2), EVENING)
    hand_in(course, "new", submission(1))
    again(course)
    expected = state(course)
    shutil.copy(tmp_path / "backup.db", course.gradebook)

    summary, _ = again(course)

    assert [name.student for name in summary.graded] == ["new", RIGHT]
    assert state(course) == expected


def test_with_older_files_what_was_handed_in_since_is_graded_again(course, tmp_path):
    shutil.copytree(course.feedback, tmp_path / "feedback")
    hand_in(course, RIGHT, submission(2), EVENING)
    again(course)
    expected = state(course)
    shutil.rmtree(course.feedback)
    shutil.copytree(tmp_path / "feedback", course.feedback)

    summary, _ = again(course)

    assert [name.student for name in summary.graded] == [RIGHT]
    assert state(course) == expected


def test_without_a_folder_of_results_all_is_graded_again(course):
    before = files(course)
    shutil.rmtree(course.autograded)

    summary, _ = again(course, workers=2)

    assert len(summary.graded) + len(summary.rejected) == STUDENTS
    assert files(course) == before
