"""What a person gave in the formgrader gets onto the feedback page, whenever that was, and stays the gradebook's."""

from __future__ import annotations

import pytest

from autograder.grading.by_hand import by_hand, show_marks
from autograder.grading.gradebook import open_ledger
from autograder.grading.marks import Mark, Total
from autograder.reports.by_hand import ByHand, Remark, with_marks
from tests.bridges.small_course import give_by_hand, sql
from tests.grading.small_run import ASSIGNMENT, NOTEBOOK, copy_of, graded, new_course, plan_of
from tests.reports.html_parts import Parts

RIGHT, BROKEN = "s0000", "s0004"
PLACE = "<!doctype html>before<!-- from a person --><!-- /from a person -->after"
WORDS = "Say <script>alert(1)</script> why."


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    """A course that was graded once."""
    course = new_course(tmp_path_factory.mktemp("once") / "course", 5)
    graded(course)
    return course


@pytest.fixture
def course(once, tmp_path):
    return copy_of(once, tmp_path / "course")


def shown(course):
    """Bring the pages up to date."""
    with open_ledger(course) as ledger:
        totals = ledger.totals(ASSIGNMENT)
    return show_marks(course, plan_of(course).release, totals)


def page_of(course, student=RIGHT):
    return (course.feedback / student / ASSIGNMENT / f"{NOTEBOOK}.html").read_text()


def test_a_score_and_a_comment_by_hand_are_on_the_students_page_and_the_total_counts_them(course):
    give_by_hand(course, RIGHT, "essay-why", 3.0, words=WORDS, extra=None)

    changed = shown(course)

    told = Parts(page_of(course))
    assert changed == (RIGHT,)
    assert "From your instructor" in told.text
    assert WORDS in told.text
    assert f"{8 + 3} of" in told.text
    assert told.active == []


def test_nothing_by_hand_changes_nothing(course):
    before = page_of(course)

    assert shown(course) == ()
    assert page_of(course) == before


def test_what_is_taken_back_disappears(course):
    before = page_of(course)
    give_by_hand(course, RIGHT, "essay-why", 3.0, words=WORDS, extra=None)
    shown(course)
    give_by_hand(course, RIGHT, "essay-why", None, words="", extra=None)

    shown(course)

    assert page_of(course) == before


def test_a_page_with_marks_is_not_graded_again(course):
    give_by_hand(course, RIGHT, "essay-why", 3.0)
    shown(course)

    summary = graded(course)

    assert RIGHT in [name.student for name in summary.unchanged]
    assert "From your instructor" in page_of(course)


def test_a_regraded_page_gets_its_marks_again(course):
    give_by_hand(course, RIGHT, "essay-why", 3.0)
    shown(course)
    marked = page_of(course)
    graded(course, force=True)

    shown(course)

    assert page_of(course) == marked


def test_somebody_whose_file_was_not_graded_may_be_given_points_too(course):
    give_by_hand(course, BROKEN, "essay-why", 2.0, words="by word of mouth", extra=None)

    assert shown(course) == (BROKEN,)
    assert "by word of mouth" in page_of(course, BROKEN)


def test_a_page_that_somebody_else_wrote_is_left_alone(course):
    path = course.feedback / RIGHT / ASSIGNMENT / f"{NOTEBOOK}.html"
    path.write_text(PLACE)
    give_by_hand(course, RIGHT, "essay-why", 3.0)

    assert shown(course) == ()
    assert page_of(course) == PLACE


def test_without_a_page_there_is_nothing_to_do(course):
    sql(course, "DELETE FROM autograder_completion")
    give_by_hand(course, RIGHT, "essay-why", 3.0)

    assert shown(course) == ()


def test_remarks_are_in_the_notebooks_order_and_say_what_nobody_has_read(course):
    release = plan_of(course).release
    first, second = release.exercises
    marks = (
        Mark("essay-why", 5.0, None, None, None, True),
        Mark(f"{second}-check", 4.0, 4.0, None, None, False),
        Mark(f"{first}-check", 4.0, 0.0, 2.0, 0.5, False),
    )

    given = by_hand(release, Total("ada", marks, 1.0, None), {second: " look again \n"})

    assert given == ByHand(
        (Remark(first, 4.0, 2.0, 0.5), Remark(second, 4.0, None, 0.0, "look again")),
        score=5.5, points=13.0, penalty=1.0, waiting=["essay-why"],
    )  # fmt: skip


def test_a_bonus_of_the_graders_is_no_remark(course):
    release = plan_of(course).release
    mark = Mark(f"{next(iter(release.exercises))}-check", 0.0, 0.0, None, 3.0, False, bonus=3.0, ours=True)

    assert by_hand(release, Total("ada", (mark,), 0.0, None), {}).remarks == ()


def test_a_page_without_a_place_stays_as_it_is():
    given = ByHand((Remark("essay-why", 5.0, 5.0),), 5.0, 5.0)

    assert with_marks("<p>nbgrader's own</p>", given) == "<p>nbgrader's own</p>"


def test_the_penalty_and_what_waits_are_told():
    page = with_marks(PLACE, ByHand((Remark("a", 1.0, 1.0),), 4.0, 9.0, penalty=2.0, waiting=["essay-why"]))

    told = " ".join(Parts(page).text.split())
    assert "4 of 9 points, everything counted; 2 were taken off for being late. Not read yet: essay-why" in told
