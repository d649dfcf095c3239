"""A course of another subject, with several notebooks in one assignment, from its release to its exports."""

from __future__ import annotations

import csv
import json
import shutil
import sys
import zipfile
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from autograder.authoring.answers import check_right_answers
from autograder.authoring.mistakes import problems_of
from autograder.authoring.problems import Places
from autograder.course.content import content_of
from autograder.grading.cluster.client import order_of
from autograder.grading.cluster.freight import Batch, parcel
from autograder.grading.cluster.station import Station
from autograder.grading.course import Course
from autograder.grading.gradebook import open_ledger
from autograder.grading.plan import open_plan
from autograder.grading.release import load_releases
from autograder.grading.roster import find_submissions
from autograder.reports.record import read_record
from tests.bridges.small_course import give_by_hand, rows, sql
from tests.courses.conftest import HERE, command
from tests.courses.students import CLASS

pytestmark = pytest.mark.xdist_group("linear algebra")

SCORES = {
    "vectors-and-matrices": {"ada": 20, "bo": 3, "chen": 8, "eve": 1},
    "numerics": {"ada": 16, "bo": 1.5, "chen": 5, "eve": 5},
    "gradient-descent": {"ada": 10, "bo": 0},
}
HINTS = {
    "vectors-and-matrices": {
        "project": "length-forgotten",
        "quadratic_backward": "symmetry-assumed",
        "product_shapes": "entry-by-entry",
        "back_substitution": "others-not-subtracted",
    },
    "numerics/roots": {"newton_root": "one-step-more", "cancellation": "as-if-exact"},
    "numerics/systems": {"jacobi_step": "new-values-used", "condition_number": "squared"},
    "gradient-descent": {"logged_loss": "detached-only", "computation_order": "children-first"},
}
MISSING = "This notebook was not handed in"


def test_every_kind_of_exercise_is_in_it():
    content = content_of(HERE)

    kinds = {exercise.public.kind for assignment in content for exercise in content[assignment]}

    assert kinds == {"rule", "function", "predict"}
    assert sum(len(content[assignment]) for assignment in content) == 10


def test_its_mistakes_are_seen_and_told_apart_and_its_right_answers_are_right():
    content = content_of(HERE)

    wrong = []
    for assignment in content:
        for exercise in content[assignment]:
            wrong += problems_of(exercise)
            wrong += check_right_answers(Places(content, assignment), exercise, exercise.expect(seed=1))

    assert wrong == []


@pytest.mark.parametrize("assignment", SCORES)
def test_everybody_has_the_points_that_the_answers_are_worth(graded, assignment):
    with open_ledger(graded.course) as ledger:
        found = {total.student: total.score for total in ledger.totals(assignment)}

    assert found == SCORES[assignment]


@pytest.mark.parametrize("unit", HINTS)
def test_each_known_mistake_of_bo_is_named(graded, unit):
    record = read_record(graded.course.record("bo", unit))

    assert {one.exercise: one.hint and one.hint.name for one in record.exercises} == HINTS[unit]


def test_nbgraders_own_totals_are_those_of_all_notebooks(graded):
    with Gradebook(graded.course.gradebook_url, graded.course.id) as gradebook:
        found = {s.student.id: (s.score, s.max_score) for s in gradebook.assignment_submissions("numerics")}
        names = [notebook.name for notebook in gradebook.find_assignment("numerics").notebooks]

    assert found == {student: (score, 20) for student, score in SCORES["numerics"].items()}
    assert sorted(names) == ["roots", "systems"]


def test_a_notebook_that_was_not_handed_in_earns_nothing_and_waits_for_nobody(graded):
    course = graded.course
    page = course.feedback_page("chen", "numerics", "systems").read_text()

    with open_ledger(course) as ledger:
        (total,) = (total for total in ledger.totals("numerics") if total.student == "chen")

    assert f"chen, numerics/systems: {MISSING}" in graded.output
    assert MISSING in page
    assert not total.needs_human
    assert not course.autograded_notebook("chen", "numerics", "systems").exists()


def test_each_notebook_has_a_page_and_they_lead_to_each_other(graded):
    pages = {name: graded.course.feedback_page("ada", "numerics", name).read_text() for name in ("roots", "systems")}
    alone = graded.course.feedback_page("ada", "vectors-and-matrices", "vectors-and-matrices").read_text()

    assert '<a href="systems.html">' in pages["roots"]
    assert '<a href="roots.html">' in pages["systems"]
    assert "Other notebooks" not in alone


def test_a_class_page_and_a_table_are_about_the_whole_assignment(graded):
    table = graded.course.reports / "numerics" / "grades.csv"
    with table.open() as file:
        found = {row["student"]: row for row in csv.DictReader(file)}

    assert float(found["bo"]["score"]) == 1.5
    assert found["bo"]["newton_root mistake"] == "one-step-more"
    assert found["bo"]["jacobi_step mistake"] == "new-values-used"
    assert (graded.course.reports / "numerics" / "index.html").exists()


def test_an_lms_gets_one_grade_for_an_assignment(graded, tmp_path):
    done = command("export", "--to", "csv", "--out", tmp_path / "grades.csv", cwd=graded.course.root)
    with (tmp_path / "grades.csv").open() as file:
        found = {(row["student"], row["assignment"]): row for row in csv.DictReader(file)}

    assert done.returncode == 0, done.stderr
    assert (found["eve", "numerics"]["score"], found["eve", "numerics"]["points possible"]) == ("5", "20")
    assert found["ada", "numerics"]["state"] == "waits for a person"  # her essay
    assert len(found) == 12


def test_what_is_unchanged_is_not_graded_again_and_a_new_answer_costs_its_own_notebook_alone(graded, tmp_path):
    course = Course.at(shutil.copytree(graded.course.root, tmp_path / "course"))
    path = course.submitted / "ada" / "numerics" / "systems.ipynb"
    path.write_text(path.read_text().replace("np.linalg.cond(A)", "1.0 + np.linalg.cond(A)"))

    done = command("grade", "--assignment", "numerics", cwd=course.root)

    assert "1 submission in" in done.stdout
    assert "6 unchanged" in done.stdout
    with open_ledger(course) as ledger:
        assert {total.student: total.score for total in ledger.totals("numerics")}["ada"] == 13


def test_what_a_person_graded_in_one_notebook_stays_closed_when_the_other_changes(graded, tmp_path):
    course = Course.at(shutil.copytree(graded.course.root, tmp_path / "course"))
    give_by_hand(course, "ada", "essay-stopping", 3.0, extra=0.0)
    path = course.submitted / "ada" / "numerics" / "systems.ipynb"
    path.write_text(path.read_text().replace("np.linalg.cond(A)", "1.0 + np.linalg.cond(A)"))

    command("grade", "--assignment", "numerics", cwd=course.root)

    with open_ledger(course) as ledger:
        (total,) = (total for total in ledger.totals("numerics") if total.student == "ada")
    assert not total.needs_human
    assert total.score == 16
    assert "16" in course.feedback_page("ada", "numerics", "roots").read_text().split("From your instructor")[1]


@pytest.mark.slow
def test_stock_autograde_leaves_the_same_gradebook_and_the_same_notebooks(released, tmp_path):
    fast, stock = (Course.at(shutil.copytree(released.root, tmp_path / way)) for way in ("fast", "stock"))
    shutil.copy(HERE / "nbgrader_config.py", stock.root)
    command("grade", "--assignment", "numerics", cwd=fast.root)
    shutil.copy(fast.secret, stock.secret)
    command("register", "--assignment", "numerics", cwd=stock.root)

    done = command("autograde", "numerics", cwd=stock.root, program=Path(sys.executable).with_name("nbgrader"))

    assert done.returncode == 0, done.stderr
    assert rows(stock) == rows(fast)
    assert _notebooks(stock) == _notebooks(fast)


def _notebooks(course):
    found = course.autograded.rglob("*.ipynb")
    return {path.relative_to(course.autograded).as_posix(): path.read_bytes() for path in found}


@pytest.mark.slow
def test_both_notebooks_are_taken_in_and_a_later_hand_in_replaces_both(graded, tmp_path):
    course = Course.at(shutil.copytree(graded.course.root, tmp_path / "course"))
    coming = shutil.move(course.submitted, tmp_path / "coming")
    time = Path(coming) / "ada" / "numerics" / "timestamp.txt"
    time.write_text("2026-03-01 10:00:00 UTC")
    first = command("intake", coming, cwd=course.root)
    for path in time.parent.glob("*.ipynb"):
        path.write_text(path.read_text().replace("return", "return  # again:", 0) + "\n")
    time.write_text("2026-03-02 10:00:00 UTC")

    second = command("intake", coming, cwd=course.root)

    assert "13 taken into submitted/, 1 not taken" in first.stdout
    assert f"chen, numerics/systems: {MISSING}" in first.stdout
    assert "2 taken into submitted/, 11 there already" in second.stdout
    assert sorted(path.name for path in (course.submitted / "ada" / "numerics").iterdir()) == [
        "roots.ipynb", "systems.ipynb", "timestamp.txt",
    ]  # fmt: skip


@pytest.mark.slow
def test_names_do_not_matter_where_the_cells_say_which_notebook_it_is(released, tmp_path):
    course = Course.at(shutil.copytree(released.root, tmp_path / "course"))
    folder = course.submitted / "ada" / "numerics"
    (folder / "roots.ipynb").rename(folder / "first.ipynb")
    (folder / "systems.ipynb").rename(folder / "roots.ipynb")
    for other in ("bo", "chen", "eve"):
        shutil.rmtree(course.submitted / other)

    done = command("grade", "--assignment", "numerics", cwd=course.root)

    with open_ledger(course) as ledger:
        assert [total.score for total in ledger.totals("numerics")] == [16], done.stdout


@pytest.mark.parametrize(
    "words, lines",
    [
        (("check", "submitted/bo/numerics/systems.ipynb"), ("jacobi_step", "0 of 8 points")),
        (("ci", "submitted/ada/numerics"), ("numerics/roots", "numerics/systems", "8 of 8 points")),
        (("test", "-v", "submitted/ada/numerics/roots.ipynb"), ("newton_root", "cancellation")),
        (("explain", "jacobi_step"), ("numerics, 5 points",)),
    ],
    ids=["check", "ci", "test", "explain"],
)
@pytest.mark.slow
def test_a_command_knows_which_notebook_it_is_about(released, words, lines):
    done = command(*words, cwd=released.root)

    assert done.returncode in (0, 1), done.stdout + done.stderr
    assert [line for line in lines if line not in done.stdout + done.stderr] == []


@pytest.mark.slow
def test_gradescope_gets_one_zip_and_one_score_for_both_notebooks(released, tmp_path):
    built = command("gradescope", "--assignment", "numerics", "--to", tmp_path / "a.zip", cwd=released.root)
    run = command(
        "ci", "submitted/chen/numerics", "--assignment", "numerics", "--gradescope", tmp_path / "results.json",
        cwd=released.root,
    )  # fmt: skip

    if built.returncode == 0:  # elsewhere a course needs its locks
        names = zipfile.ZipFile(tmp_path / "a.zip").namelist()
        assert {"course/assignments/numerics/roots.ipynb", "course/assignments/numerics/systems.ipynb"} <= {*names}
    found = json.loads((tmp_path / "results.json").read_text())
    assert run.returncode == 0, run.stderr
    assert found["score"] == 5
    assert MISSING in found["output"]


def test_a_worker_elsewhere_grades_each_notebook_of_an_assignment(released, tmp_path):
    releases = load_releases(released)
    plans = {unit: open_plan(released, unit) for unit in released.units("numerics")}
    station = Station(order_of(released, plans, releases, accept_weak=True), tmp_path)
    listing = find_submissions(released.submitted, releases)
    entries = [entry for entry in (*listing.found, *listing.rejected) if entry.unit in plans]

    station.open()
    try:
        answer = station.grade(Batch(tuple(parcel(released, entry) for entry in entries)))
    finally:
        station.close()

    found = {(one.result.student, one.result.unit): one for one in answer.prepared}
    passed = [
        name for name, verdict in found["ada", "numerics/systems"].result.verdicts.items() if verdict.fraction == 1
    ]
    assert len(found) == len(entries) == 8
    assert found["chen", "numerics/systems"].result.missing
    assert passed == ["jacobi_step", "condition_number"]
    assert "feedback/ada/numerics/systems.html" in {file.path for file in found["ada", "numerics/systems"].files}


def test_a_cell_in_two_notebooks_is_refused_before_anything_is_released(released, tmp_path):
    course = Course.at(shutil.copytree(released.root, tmp_path / "course"))
    source = course.solutions / "numerics"
    shutil.copy(source / "roots.ipynb", source / "roots-Copy1.ipynb")

    done = command("release", "--assignment", "numerics", cwd=course.root)

    assert done.returncode == 2
    said = " ".join((done.stdout + done.stderr).split())
    assert "holds 3 notebooks, and newton_root is in two" in said
    assert "roots-Copy1.ipynb and roots.ipynb" in said


@pytest.mark.slow
def test_a_second_notebook_in_mid_term_loses_nothing_that_was_graded(graded, tmp_path):
    course = Course.at(shutil.copytree(graded.course.root, tmp_path / "course"))
    give_by_hand(course, "ada", "essay-stopping", 3.0, extra=0.0)
    sql(course, "DELETE FROM autograder_completion WHERE assignment = 'numerics/systems'")
    sql(course, "UPDATE autograder_completion SET assignment = 'numerics' WHERE assignment = 'numerics/roots'")

    done = command("grade", "--assignment", "numerics", cwd=course.root)

    with open_ledger(course) as ledger:
        (total,) = (total for total in ledger.totals("numerics") if total.student == "ada")
    assert total.score == 19, done.stdout
    assert not total.needs_human


def test_the_class_is_the_one_that_is_described():
    assert list(CLASS) == ["ada", "bo", "chen", "eve"]
