"""Stock `nbgrader autograde` with our configuration: what it records, and what no submission can do to it."""

from __future__ import annotations

import json
import os
import shutil

import nbformat
import pytest
from nbgrader.converters import NbGraderException
from nbgrader.utils import determine_grade

from autograder.grading.annotate import annotated
from autograder.grading.course import Course
from autograder.grading.intake import read_submission
from autograder.grading.pipeline import Graded
from autograder.grading.release import load_release
from autograder.judging.verdict import CheckResult, Status, Verdict
from tests.bridges.small_course import (
    ADD_POINTS,
    ASSIGNMENT,
    HINT,
    MUL_POINTS,
    NOTEBOOK,
    RIGHT_ADD,
    RIGHT_MUL,
    answered,
    autograde,
    both_ways,
    comments,
    give_by_hand,
    grades,
    hand_in,
    rows,
    sql,
)
from tests.grading.notebooks import without


def right(course):
    return answered(course, add_backward=RIGHT_ADD, mul_backward=RIGHT_MUL, essay_why="Paths add up.")


@pytest.mark.parametrize("fraction", [0.0, 1e-9, 0.1, 1 / 3, 0.7, 2 / 3, 0.9999999999999999, 1.0])
@pytest.mark.parametrize("points", [0, 1, 3, 7.3])
def test_nbgrader_reads_exactly_the_verdicts_points_from_a_check_cell(course, fraction, points):
    path = hand_in(course, "alice", right(course))
    submission = read_submission(path, load_release(course.release(ASSIGNMENT)), "alice")
    checks = CheckResult("values", fraction, True), CheckResult("edges", 1 - fraction, False)
    verdict = Verdict("add_backward", Status.PARTIAL, checks=checks, student_text="4.0")
    made = Graded("alice", ASSIGNMENT, {"add_backward": verdict}, submission, (), (), "", "")

    cells = nbformat.from_dict(annotated(_with_points(submission.notebook, points), made)).cells

    graded = next(cell for cell in cells if cell.id == "add_backward-check")
    assert determine_grade(graded) == (verdict.fraction * points, points)


@both_ways
def test_a_right_answer_gets_its_points_and_a_written_one_waits_for_a_human(course, graded_by):
    hand_in(course, "alice", right(course))

    graded_by(course)

    assert grades(course, "alice") == {
        "add_backward-check": (ADD_POINTS, None, None, 0),
        "mul_backward-check": (MUL_POINTS, None, None, 0),
        "essay-why": (None, None, None, 1),
    }


@both_ways
def test_a_blank_notebook_gets_nothing_and_nobody_has_to_read_it(course, graded_by):
    hand_in(course, "alice", answered(course))

    graded_by(course)

    assert grades(course, "alice") == dict.fromkeys(
        ("add_backward-check", "mul_backward-check", "essay-why"), (0.0, None, None, 0)
    )


@both_ways
def test_hints_become_automatic_comments(course, graded_by):
    hand_in(course, "alice", answered(course, add_backward=RIGHT_ADD + "  # wrong", mul_backward=RIGHT_MUL))

    graded_by(course)

    assert comments(course, "alice") == {
        "add_backward": (f"2 of 4 differ\n\n{HINT}", None),
        "mul_backward": (None, None),
        "essay-why": ("No response.", None),
    }


@both_ways
def test_an_undecided_exercise_has_no_score_and_a_human_is_asked(course, graded_by):
    hand_in(course, "alice", answered(course, add_backward=RIGHT_ADD + "  # internal", mul_backward=RIGHT_MUL))

    graded_by(course)

    found = grades(course, "alice")
    assert (found["add_backward-check"], found["mul_backward-check"]) == (
        (None, None, None, 1),
        (MUL_POINTS, None, None, 0),
    )


@both_ways
def test_a_regrade_keeps_what_a_human_gave(course, graded_by):
    hand_in(course, "alice", right(course))
    graded_by(course)
    give_by_hand(course, "alice", "add_backward-check", 1.5, "see me")
    hand_in(course, "alice", answered(course, add_backward=RIGHT_ADD + "  # wrong"))

    graded_by(course)

    assert grades(course, "alice")["add_backward-check"] == (0.0, 1.5, 0.5, 1)
    assert comments(course, "alice")["add_backward"][1] == "see me"


@both_ways
def test_a_regrade_leaves_what_a_human_graded_closed(course, graded_by):
    hand_in(course, "alice", right(course))
    graded_by(course)
    give_by_hand(course, "alice", "add_backward-check", 1.5)
    give_by_hand(course, "alice", "essay-why", 2.5)

    for _ in range(2):
        graded_by(course)

    assert grades(course, "alice")["add_backward-check"] == (ADD_POINTS, 1.5, 0.5, 0)
    assert grades(course, "alice")["essay-why"][1::2] == (2.5, 0)


@both_ways
@pytest.mark.parametrize("broken", ["", "{", "[]", b"\xff\xfe\x00", '{"cells": 3}'], ids=repr)
def test_a_file_that_cannot_be_read_replaces_the_old_score_by_zero_for_a_human_to_see(course, graded_by, broken):
    hand_in(course, "alice", right(course))
    graded_by(course)
    hand_in(course, "alice", broken)

    graded_by(course)

    assert set(grades(course, "alice").values()) == {(0.0, None, None, 1)}


def test_a_rejected_submission_can_be_opened_by_the_formgrader_and_says_why(course):
    hand_in(course, "alice", "{")

    autograde(course)

    first = nbformat.read(course.autograded_notebook("alice", ASSIGNMENT, NOTEBOOK), as_version=4).cells[0]
    assert first.source.startswith("**This submission was not graded.**")


def test_a_stale_score_does_not_survive_when_the_grader_breaks(course, caplog):
    hand_in(course, "alice", right(course))
    autograde(course)
    give_by_hand(course, "alice", "mul_backward-check", 2.0)
    hand_in(course, "alice", answered(course, add_backward=RIGHT_ADD + "  # raise"))

    with pytest.raises(NbGraderException):
        autograde(course)

    assert grades(course, "alice")["add_backward-check"] == (None, None, None, 1)
    assert grades(course, "alice")["mul_backward-check"] == (None, 2.0, 0.5, 0)  # a person closed it
    assert f"its automatic scores were {{'add_backward-check': {ADD_POINTS:.1f}" in caplog.text


def test_a_broken_grader_costs_no_other_student_anything(course):
    hand_in(course, "alice", answered(course, add_backward=RIGHT_ADD + "  # raise"))
    hand_in(course, "bob", right(course))

    with pytest.raises(NbGraderException):
        autograde(course)

    assert grades(course, "bob")["add_backward-check"] == (ADD_POINTS, None, None, 0)


def test_nothing_is_touched_where_no_grader_can_be_opened(course):
    hand_in(course, "alice", right(course))
    autograde(course)
    before = rows(course)

    with pytest.raises(NbGraderException, match="no walls"):
        autograde(course, grader=_no_grader)

    assert rows(course) == before


def test_nothing_is_touched_where_the_release_is_broken(course):
    hand_in(course, "alice", answered(course, add_backward=RIGHT_ADD))
    autograde(course)
    before = rows(course)
    course.release(ASSIGNMENT).write_text("{")

    with pytest.raises(NbGraderException, match="make release"):
        autograde(course)

    assert rows(course) == before


def test_a_changed_automatic_score_behind_a_manual_one_is_told(course, caplog):
    hand_in(course, "alice", right(course))
    autograde(course)
    give_by_hand(course, "alice", "add_backward-check", 1.5)
    hand_in(course, "alice", answered(course, add_backward=RIGHT_ADD + "  # wrong"))

    autograde(course)

    assert f"the manual score 1.5 stands; the automatic one was {ADD_POINTS:.1f} and is 0.0" in caplog.text


def test_a_notebook_that_did_not_come_in_through_intake_is_not_graded(course):
    from autograder.bridges.nbgrader.preprocessors import Judge

    with pytest.raises(RuntimeError, match="SubmissionExporter"):
        Judge().preprocess(nbformat.v4.new_notebook(), {"nbgrader": {}})


def test_saved_outputs_earn_nothing_even_without_execution(course):
    made = answered(course)
    for cell in made["cells"]:
        if cell["cell_type"] == "code":
            data = {"text/plain": "3.0"}
            cell["outputs"] = [{"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": data}]
    hand_in(course, "alice", made)

    autograde(course)

    assert grades(course, "alice")["add_backward-check"] == (0.0, None, None, 0)


@both_ways
def test_deleting_the_check_cells_does_not_keep_an_old_score(course, graded_by):
    hand_in(course, "alice", right(course))
    graded_by(course)
    hand_in(course, "alice", without(answered(course), "add_backward-check", "mul_backward-check"))

    graded_by(course)

    assert grades(course, "alice")["add_backward-check"] == (0.0, None, None, 0)


@both_ways
def test_a_renamed_notebook_is_graded_all_the_same(course, graded_by):
    hand_in(course, "alice", right(course), name="rules (1)")

    graded_by(course)

    assert grades(course, "alice")["add_backward-check"] == (ADD_POINTS, None, None, 0)


HOSTILE = {
    "notebook is a link": lambda folder, secret: _relink(folder / f"{NOTEBOOK}.ipynb", secret),
    "notebook is a pipe": lambda folder, secret: _repipe(folder / f"{NOTEBOOK}.ipynb"),
    "notebook is a folder": lambda folder, secret: _refolder(folder / f"{NOTEBOOK}.ipynb"),
    "folder is a link": lambda folder, secret: _relink_folder(folder, secret.parent),
    "companion is a link": lambda folder, secret: (folder / "notes.txt").symlink_to(secret),
    "companion is endless": lambda folder, secret: (folder / "data.bin").symlink_to("/dev/zero"),
    "companion is a pipe": lambda folder, secret: os.mkfifo(folder / "pipe"),
    "companion folder loops": lambda folder, secret: (folder / "loop").symlink_to(folder),
    "companion is code": lambda folder, secret: (folder / "numpy.py").write_text("raise SystemExit"),
    "timestamp is a link": lambda folder, secret: (folder / "timestamp.txt").symlink_to(secret),
    "timestamp is nonsense": lambda folder, secret: (folder / "timestamp.txt").write_text("soon"),
    "timestamp is huge": lambda folder, secret: (folder / "timestamp.txt").write_text("2024-01-01 " * 100_000),
    "notebook is unreadable": lambda folder, secret: (folder / f"{NOTEBOOK}.ipynb").write_bytes(b"\0" * 100),
}


@pytest.fixture(scope="module")
def attacked(template, tmp_path_factory):
    """One class with every hostile folder in it, between two honest students, graded once."""
    course = Course.at(shutil.copytree(template.root, tmp_path_factory.mktemp("attacked") / "course"))
    secret = tmp_path_factory.mktemp("elsewhere") / f"{NOTEBOOK}.ipynb"
    secret.write_text(json.dumps(right(course)))
    hand_in(course, "alice", right(course))
    hand_in(course, "zoe", right(course))
    for name, attack in HOSTILE.items():
        attack(hand_in(course, name.replace(" ", "-"), answered(course)).parent, secret)
    autograde(course)
    return course


@pytest.mark.parametrize("name", ["alice", "zoe"])
def test_hostile_folders_cost_an_honest_student_nothing(attacked, name):
    assert grades(attacked, name)["add_backward-check"] == (ADD_POINTS, None, None, 0)


@pytest.mark.parametrize("name", [name.replace(" ", "-") for name in HOSTILE])
def test_a_hostile_folder_earns_nothing_and_brings_nothing_in(attacked, name):
    left = {path.name for path in (attacked.autograded / name / ASSIGNMENT).iterdir()}

    assert grades(attacked, name)["add_backward-check"][0] == 0.0
    assert left == {f"{NOTEBOOK}.ipynb"}


def test_odd_student_ids_are_not_graded(course):
    hand_in(course, "alice", right(course))
    for name in ("..hidden", "a b", "\u00e9", "x" * 65, "a..b", "-rf", "a,b", "[ab]", "alice "):
        hand_in(course, name, right(course))

    autograde(course)

    assert sql(course, "SELECT id FROM student") == [("alice",)]


def test_a_late_submission_is_late_by_its_timestamp(course):
    sql(course, "UPDATE assignment SET duedate = '2024-01-01 00:00:00.000000'")
    hand_in(course, "alice", right(course)).with_name("timestamp.txt").write_text("2024-01-01 01:00:00.0 UTC")

    autograde(course)

    assert rows(course)["submitted_assignment"] == [("alice", ASSIGNMENT, "2024-01-01 01:00:00.000000", None)]


def test_a_newer_timestamp_makes_nbgrader_grade_again(course):
    hand_in(course, "alice", answered(course)).with_name("timestamp.txt").write_text("2024-01-01 01:00:00.0 UTC")
    autograde(course, force=False)
    hand_in(course, "alice", right(course)).with_name("timestamp.txt").write_text("2024-01-02 01:00:00.0 UTC")

    autograde(course, force=False)

    assert grades(course, "alice")["add_backward-check"] == (ADD_POINTS, None, None, 0)


def test_only_the_students_asked_for_are_graded(course):
    hand_in(course, "alice", right(course))
    hand_in(course, "bob", right(course))

    autograde(course, student="b*")

    assert sql(course, "SELECT id FROM student") == [("bob",)]


def _with_points(notebook, points):
    for cell in notebook["cells"]:
        if cell["id"] == "add_backward-check":
            cell["metadata"]["nbgrader"]["points"] = points
    return notebook


def _no_grader(course, assignment):
    from autograder.errors import UsageError

    raise UsageError("There are no walls")


def _relink(path, target):
    path.unlink()
    path.symlink_to(target)


def _repipe(path):
    path.unlink()
    os.mkfifo(path)


def _refolder(path):
    path.unlink()
    path.mkdir()


def _relink_folder(folder, target):
    (folder / f"{NOTEBOOK}.ipynb").unlink()
    folder.rmdir()
    folder.symlink_to(target)
