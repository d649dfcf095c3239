"""The example cohort: everybody gets exactly what their code deserves."""

from __future__ import annotations

import html
import json

import pytest

from tests.cohort import make
from tests.cohort.answers import CRASHING, ENDLESS, FORGED, TYPICAL
from tests.end_to_end.conftest import command, new_course

pytestmark = pytest.mark.xdist_group("cohort")

ASSIGNMENTS = make.ASSIGNMENTS

MISTAKES = {
    "ps2-vector-jacobian-products": {
        "numerical_jacobian": "one-sided",
        "add_backward": "no-unbroadcast",
        "mul_backward": "upstream-ignored",
        "mean_backward": "n-is-total-size",
        "maximum_backward": "tie-counted-twice",
        "getitem_backward": "repeats-overwritten",
        "matmul_backward": "forgot-transpose",
    },
    "ps3-activations-and-losses": {
        "relu_backward": "one-at-zero",
        "sigmoid_backward": "input-for-output",
        "softmax_backward": "diagonal-only",
        "mse_backward": "mean-forgotten",
        "cross_entropy_backward": "mean-forgotten",
    },
}


def test_the_committed_cohort_is_what_its_recipes_make():
    stale = [str(path) for path, data in make.files() if (make.COHORT / path).read_bytes() != data]

    assert not stale, "run `python -m tests.cohort.make`"


def test_the_run_ends_well_and_says_where_things_are(cohort):
    assert cohort.exit_code == 0, cohort.output
    assert "gradebook.db" in cohort.output
    assert "feedback" in cohort.output


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
@pytest.mark.parametrize("student", ["ada", "bo"])
def test_right_answers_earn_every_automatic_point_however_they_are_written(cohort, student, assignment):
    entries = cohort.exercises(student, assignment)

    assert {name: e["status"] for name, e in entries.items() if e["status"] != "passed"} == {}
    assert sum(e["earned"] for e in entries.values()) == pytest.approx(sum(e["points"] for e in entries.values()))


def test_a_right_bonus_answer_is_extra_credit_and_the_most_stays_a_hundred(cohort):
    folder = cohort.course.reports / "ps2-vector-jacobian-products"

    students = {one["student"]: one for one in json.loads((folder / "report.json").read_bytes())["students"]}

    assert {name: (students[name]["bonus"], students[name]["points"]) for name in ("ada", "dana", "jana")} == {
        "ada": (5.0, 100.0),
        "dana": (0.0, 100.0),
        "jana": (0.0, 100.0),
    }
    assert "+5 of 5 bonus" in cohort.output


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_the_notebook_as_handed_out_earns_nothing(cohort, assignment):
    entries = cohort.exercises("dana", assignment)

    assert {e["status"] for e in entries.values()} == {"not attempted"}
    assert sum(e["earned"] for e in entries.values()) == 0


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
@pytest.mark.parametrize(
    "student, theirs", [("fatima", CRASHING), ("goran", ENDLESS), ("hana", FORGED)], ids=["crash", "loop", "forge"]
)
def test_an_attack_costs_its_own_exercise_and_no_other(cohort, student, theirs, assignment):
    entries = cohort.exercises(student, assignment)

    attacked = theirs[assignment]
    assert {name: entries[name]["earned"] for name in attacked} == dict.fromkeys(attacked, 0)
    rest = {name: e["status"] for name, e in entries.items() if name not in attacked}
    assert {name: status for name, status in rest.items() if status != "passed"} == {}


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_points_claimed_in_the_notebook_are_not_given(cohort, assignment):
    entries = cohort.exercises("ivan", assignment)

    assert sum(e["earned"] for e in entries.values()) == 0
    assert max(e["points"] for e in entries.values()) < 100


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_a_broken_file_is_told_and_not_graded(cohort, assignment):
    record = cohort.record("jana", assignment)

    assert record["state"] == "rejected"
    assert "JSON" in record["reason"]


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_typical_mistakes_are_named(cohort, assignment):
    entries = cohort.exercises("emil", assignment)

    named = {name: (entries[name]["hint"] or {}).get("name") for name in MISTAKES[assignment]}
    assert named == MISTAKES[assignment]
    assert {n for n, e in entries.items() if e["status"] == "passed"} >= set(entries) - set(TYPICAL[assignment])


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_nobody_elses_submission_changes_a_score(cohort, tmp_path, assignment):
    alone = new_course(tmp_path / "alone")
    (alone.root / ".course-secret").write_bytes((cohort.course.root / ".course-secret").read_bytes())
    given = make.material(assignment)
    for student in (make.ada, make.emil):
        target = alone.submitted / student.__name__ / assignment / given.name
        target.parent.mkdir(parents=True)
        target.write_bytes(student(given))

    command("grade", "--assignment", assignment, "--workers", "1", cwd=alone.root)

    for student in ("ada", "emil"):
        mine = alone.record(student, assignment).read_text()
        theirs = cohort.course.record(student, assignment).read_text()
        assert without_times(mine) == without_times(theirs)


def without_times(record: str) -> list[str]:
    return [line for line in record.splitlines() if "cpu_seconds" not in line]


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_feedback_pages_carry_no_script_and_nothing_from_outside(cohort, assignment):
    for student in ("ada", "emil", "hana", "jana"):
        page = next((cohort.course.feedback / student / assignment).glob("*.html")).read_text()

        assert "<script" not in page
        assert "http" not in page.replace("http-equiv", "")
        assert "default-src 'none'" in html.unescape(page)


def test_an_unchanged_cohort_is_not_graded_again(cohort):
    again = command("grade", cwd=cohort.course.root)

    assert "0 submissions" in again.stdout
    assert again.returncode == 0
