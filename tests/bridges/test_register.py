"""`make register`: the gradebook as `nbgrader generate_assignment` would make it, and again without losing anything."""

from __future__ import annotations

import pytest
from nbgrader.api import Gradebook
from nbgrader.converters import GenerateAssignment

from autograder.bridges.nbgrader.register import HumanGradesError, register
from autograder.bridges.nbgrader.release import release
from tests.bridges.small_course import (
    ADD,
    ASSIGNMENT,
    NOTEBOOK,
    RIGHT_ADD,
    answered,
    autograde,
    give_by_hand,
    grades,
    hand_in,
    record,
    rows,
    source_json,
    sql,
    stock_config,
    write_sources,
)
from tests.grading.notebooks import essay, exercise, find, without


def released_again(course, made):
    write_sources(course, made)
    release(course)
    return register(course, ASSIGNMENT)


def with_points(points):
    made = source_json()
    find(made, "add_backward-check")["metadata"]["nbgrader"]["points"] = points
    return made


def with_more():
    made = source_json()
    made["cells"] += [*exercise("sub_backward", ADD.replace("add", "sub"), points=2), essay("essay-more", "More?", 1)]
    return made


def test_the_gradebook_is_as_nbgrader_makes_it(course):
    ours = rows(course)
    course.gradebook.unlink()
    coursedir, config = stock_config(course)

    GenerateAssignment(coursedir=coursedir, config=config, force=True).start()

    assert rows(course) == ours


def test_registering_again_changes_nothing_at_all(course):
    before = sql(course, "SELECT * FROM base_cell"), sql(course, "SELECT * FROM source_cell"), rows(course)

    found = register(course, ASSIGNMENT)

    assert (sql(course, "SELECT * FROM base_cell"), sql(course, "SELECT * FROM source_cell"), rows(course)) == before
    assert (found.added, found.removed, found.changed) == ((), (), ())


def test_points_follow_the_release_although_there_are_submissions(course):
    hand_in(course, "alice", answered(course, add_backward=RIGHT_ADD))
    record(course)

    found = released_again(course, with_points(40))
    record(course)

    assert found.changed == ("add_backward-check",)
    assert grades(course, "alice")["add_backward-check"] == (40.0, None, None, 0)


def test_after_new_points_both_ways_still_agree(course):
    released_again(course, with_points(40))
    hand_in(course, "alice", answered(course, add_backward=RIGHT_ADD))
    autograde(course)
    stock = rows(course)

    record(course)

    assert rows(course) == stock


def test_new_cells_get_empty_grades_in_every_submission(course):
    hand_in(course, "alice", answered(course, add_backward=RIGHT_ADD))
    record(course)

    found = released_again(course, with_more())

    assert found.added == ("essay-more", "sub_backward", "sub_backward-check")
    assert grades(course, "alice")["sub_backward-check"] == (None, None, None, 1)
    assert grades(course, "alice")["add_backward-check"] == (4.0, None, None, 0)


def test_a_removed_cell_takes_its_automatic_grades_along(course):
    hand_in(course, "alice", answered(course, add_backward=RIGHT_ADD))
    record(course)

    found = released_again(course, without(source_json(), "add_backward", "add_backward-check"))

    assert found.removed == ("add_backward", "add_backward-check")
    assert set(grades(course, "alice")) == {"mul_backward-check", "essay-why"}


def test_a_cell_that_a_human_graded_is_not_removed(course):
    hand_in(course, "alice", answered(course, add_backward=RIGHT_ADD))
    record(course)
    give_by_hand(course, "alice", "add_backward-check", 2.0)
    before = rows(course)

    with pytest.raises(HumanGradesError, match="add_backward"):
        released_again(course, without(source_json(), "add_backward", "add_backward-check"))

    assert rows(course) == before


def test_a_renamed_notebook_replaces_the_old_one(course):
    hand_in(course, "alice", answered(course, add_backward=RIGHT_ADD))
    record(course)
    old = course.source(ASSIGNMENT)
    old.rename(old.with_name("other.ipynb"))
    release(course)

    register(course, ASSIGNMENT)

    assert [name for name, *_ in rows(course)["notebook"]] == ["other"]
    assert [(student, name) for student, name, *_ in rows(course)["submitted_notebook"]] == [("alice", "other")]


def test_nbgrader_finds_everything_that_was_registered(course):
    with Gradebook(course.gradebook_url, course.course_id) as gradebook:
        assignment = gradebook.find_assignment(ASSIGNMENT)

        assert assignment.max_score == 12
        assert gradebook.find_notebook(NOTEBOOK, ASSIGNMENT).max_written_score == 5
        assert gradebook.find_graded_cell("add_backward-check", NOTEBOOK, ASSIGNMENT).max_score == 4


def test_the_duedate_that_an_instructor_set_stays(course):
    sql(course, "UPDATE assignment SET duedate = '2030-01-01 00:00:00.000000'")

    register(course, ASSIGNMENT)

    assert rows(course)["assignment"][0][1] == "2030-01-01 00:00:00.000000"


def test_there_is_nothing_to_register_without_a_release(course):
    course.release(ASSIGNMENT).unlink()

    with pytest.raises(LookupError, match="make release"):
        register(course, ASSIGNMENT)
