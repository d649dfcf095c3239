"""nbgrader's exchange, both sides: assignments out, notebooks and nothing else in, feedback back to its student."""

from __future__ import annotations

import dataclasses
import os
from datetime import UTC, datetime

import pytest
from nbgrader.utils import parse_utc

from autograder.bridges.nbgrader.release import NOT_IN_GIT
from autograder.grading.collect import safe_copy
from autograder.grading.handed_in import SECRET, TIMESTAMP
from autograder.grading.release import load_release
from tests.bridges.exchange import hall
from tests.bridges.small_course import (
    ASSIGNMENT,
    NOTEBOOK,
    RIGHT_ADD,
    answered,
    grades,
    record,
    sql,
)
from tests.grading.notebooks import write

PAGE = "<!doctype html><title>feedback for {}</title>"
ARRIVED = {f"{NOTEBOOK}.ipynb", TIMESTAMP, SECRET}


@pytest.fixture
def exchange(course, tmp_path):
    """The small course's exchange, with its assignment released."""
    made = hall(course, tmp_path)
    made.release()
    return made


@pytest.fixture
def submitted(course, exchange):
    """What two students handed in: ada a right answer, bo the notebook as it was given."""
    for student in ("ada", "bo"):
        exchange.fetch(student)
    exchange.submit("ada", answered(course, add_backward=RIGHT_ADD))
    exchange.submit("bo")
    return exchange


def names(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def collected(course, student):
    return course.submitted / student / ASSIGNMENT


def write_pages(course):
    """Feedback pages, as `make grade` puts them."""
    for folder in course.submitted.iterdir():
        page = course.feedback / folder.name / ASSIGNMENT / f"{NOTEBOOK}.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(PAGE.format(folder.name))


def test_a_student_fetches_the_whole_released_folder_and_nothing_else(course, exchange):
    exchange.fetch("ada")

    assert names(exchange.desk("ada")) == names(course.assignments / ASSIGNMENT)


def test_out_of_a_fresh_clone_which_holds_notebooks_alone_students_fetch_the_kit_too(course, tmp_path):
    folder = course.assignments / ASSIGNMENT
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    for name in NOT_IN_GIT:
        (folder / name).unlink()
    (tmp_path / "clone").mkdir()
    exchange = hall(course, tmp_path / "clone")

    exchange.release()
    exchange.fetch("ada")

    assert {path.name: path.read_bytes() for path in exchange.desk("ada").iterdir()} == before


def test_what_was_submitted_is_collected_without_its_companions_and_graded(course, submitted):
    submitted.collect()
    record(course)

    assert names(collected(course, "ada")) == ARRIVED
    assert grades(course, "ada")["add_backward-check"] == (4.0, None, None, 0)
    assert grades(course, "bo")["add_backward-check"] == (0.0, None, None, 0)


def test_the_time_of_submission_reaches_the_gradebook(course, submitted):
    named = next(one.name for one in submitted.inbound.iterdir() if one.name.startswith("ada+")).split("+")[2]

    submitted.collect()
    record(course)

    (told,) = sql(course, "SELECT timestamp FROM submitted_assignment WHERE student_id = 'ada'")[0]
    assert datetime.fromisoformat(told) == parse_utc(named)


def test_a_newer_submission_replaces_the_collected_one_with_update_only(course, submitted):
    submitted.collect()
    first = (collected(course, "bo") / SECRET).read_bytes()
    submitted.submit("bo", answered(course, add_backward=RIGHT_ADD))

    submitted.collect()
    kept = (collected(course, "bo") / SECRET).read_bytes()
    submitted.collect(update=True)

    assert kept == first
    assert RIGHT_ADD.splitlines()[1].strip() in (collected(course, "bo") / f"{NOTEBOOK}.ipynb").read_text()


def test_a_link_to_the_answers_is_not_handed_in_as_an_answer(course, submitted):
    forged = submitted.inbound / f"mallory+{ASSIGNMENT}+2024-01-01 00:00:00.000000 UTC"
    forged.mkdir()
    (forged / f"{NOTEBOOK}.ipynb").symlink_to(course.source(ASSIGNMENT))
    (forged / "notes").symlink_to(course.solutions)
    (forged / SECRET).symlink_to(course.requirements / "torch.txt")

    submitted.collect()
    record(course)

    assert names(collected(course, "mallory")) == {TIMESTAMP}
    assert grades(course, "mallory")["add_backward-check"] == (0.0, None, None, 1)


@pytest.mark.parametrize(
    "name", ["..+{}+2024-01-01 00:00:00 UTC", "x+{}+yesterday", "y+{}+", "a b+{}+2024-01-01", "{}"]
)
def test_a_strange_name_in_the_inbound_folder_keeps_nobody_else_out(course, submitted, name):
    (submitted.inbound / name.format(ASSIGNMENT)).mkdir()

    submitted.collect()

    assert sorted(os.listdir(course.submitted)) == ["ada", "bo"]


def test_feedback_reaches_the_student_whom_it_is_about(course, submitted):
    submitted.collect()
    record(course)
    write_pages(course)

    submitted.release_feedback()

    assert submitted.fetch_feedback("ada") == [PAGE.format("ada")]
    assert submitted.fetch_feedback("bo") == [PAGE.format("bo")]


def test_feedback_is_not_released_on_work_that_nobody_graded(course, submitted):
    submitted.collect()
    record(course)
    write_pages(course)
    submitted.submit("bo")
    submitted.collect(update=True)

    submitted.release_feedback()

    assert submitted.fetch_feedback("ada") == [PAGE.format("ada")]
    assert submitted.fetch_feedback("bo") == []


def test_feedback_on_work_that_came_another_way_is_left_where_it_is(course, submitted, caplog):
    submitted.collect()
    record(course)
    write_pages(course)
    (collected(course, "bo") / SECRET).unlink()

    submitted.release_feedback()

    assert submitted.fetch_feedback("bo") == []
    assert "bo: not released" in caplog.text


def test_intake_of_a_collected_folder_keeps_what_feedback_needs(course, submitted, tmp_path):
    release = load_release(course.release(ASSIGNMENT))
    elsewhere = dataclasses.replace(course, submitted=tmp_path / "taken")
    submitted.collect()

    copied = safe_copy(collected(course, "ada"), collected(elsewhere, "ada"), release)

    assert names(collected(elsewhere, "ada")) == ARRIVED
    assert (collected(elsewhere, "ada") / SECRET).read_bytes() == (collected(course, "ada") / SECRET).read_bytes()
    assert copied.left_behind == ()
    assert abs(copied.submitted_at - datetime.now(UTC).replace(tzinfo=None)).days == 0


@pytest.mark.parametrize("secret", [b"", b"short", b"../../etc/passwd", b"f" * 257, b"F" * 128])
def test_intake_takes_no_secret_that_nbgrader_would_not_make(course, submitted, tmp_path, secret):
    release = load_release(course.release(ASSIGNMENT))
    submitted.collect()
    (collected(course, "ada") / SECRET).write_bytes(secret)

    safe_copy(collected(course, "ada"), tmp_path / "taken" / ASSIGNMENT, release)

    assert names(tmp_path / "taken" / ASSIGNMENT) == {f"{NOTEBOOK}.ipynb", TIMESTAMP}


# Whose it is, and what is kept


def laid(exchange, student, time, made):
    """A submission in the inbound folder, as `nbgrader submit` lays it there."""
    folder = exchange.inbound / f"{student}+{ASSIGNMENT}+{time} UTC"
    write(folder / f"{NOTEBOOK}.ipynb", made)
    return folder


def answer_of(course, student):
    return (collected(course, student) / f"{NOTEBOOK}.ipynb").read_text()


def test_what_one_student_laid_down_in_the_name_of_another_is_not_collected(course, submitted, monkeypatch):
    monkeypatch.setattr("autograder.bridges.nbgrader.exchange._owner", lambda path: "bo")

    submitted.collect(check_owner=True)

    assert [path.name for path in sorted(course.submitted.iterdir())] == ["bo"]


def test_an_account_that_is_no_students_says_nothing(course, submitted, monkeypatch):
    monkeypatch.setattr("autograder.bridges.nbgrader.exchange._owner", lambda path: "jovyan")

    submitted.collect(check_owner=True)

    assert [path.name for path in sorted(course.submitted.iterdir())] == ["ada", "bo"]


def test_names_that_differ_in_case_only_are_not_collected(course, submitted):
    laid(submitted, "Ada", "2024-01-01 00:00:00.000000", answered(course))

    submitted.collect()

    assert [path.name for path in sorted(course.submitted.iterdir())] == ["bo"]


def test_a_later_submission_of_the_untouched_handout_does_not_count(course, exchange):
    laid(exchange, "ada", "2024-01-01 00:00:00.000000", answered(course, add_backward=RIGHT_ADD))
    laid(exchange, "ada", "2024-01-02 00:00:00.000000", answered(course))

    exchange.collect()

    assert "return grad_output, grad_output" in answer_of(course, "ada")
    assert "2024-01-01" in (collected(course, "ada") / TIMESTAMP).read_text()


def test_what_an_update_replaces_is_kept(course, submitted):
    submitted.collect()
    before = answer_of(course, "ada")
    submitted.submit("ada", answered(course, add_backward=f"{RIGHT_ADD}  # again"))

    submitted.collect(update=True)

    (kept,) = (course.submitted / ".earlier" / "ada" / ASSIGNMENT).glob(f"*/{NOTEBOOK}.ipynb")
    assert (kept.read_text(), "# again" in answer_of(course, "ada")) == (before, True)


def test_a_notebook_that_lies_deeper_is_collected(course, exchange):
    folder = laid(exchange, "ada", "2024-01-01 00:00:00.000000", answered(course))
    (folder / f"{NOTEBOOK}.ipynb").unlink()
    write(folder / "work" / "final.ipynb", answered(course, add_backward=RIGHT_ADD))

    exchange.collect()

    assert "return grad_output, grad_output" in answer_of(course, "ada")
