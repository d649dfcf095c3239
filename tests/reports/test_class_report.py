"""The class's report: true to the results, to its schema, and to what changed since the last one."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from msgspec.structs import replace as with_changes

import autograder.reports
from autograder.judging.verdict import CheckResult, Hint, Status, Verdict
from autograder.reports.class_page import render_class
from autograder.reports.class_report import SCHEMA, CellMark, Standing, build
from autograder.reports.comparison import read_earlier
from autograder.reports.grades_table import grades_csv, inert
from tests.reports.html_parts import Parts
from tests.reports.made_up import EXERCISES, a_class, class_of, record_of, standing

PLACE = Path(autograder.reports.__file__).parent / "report.schema.json"
NOW, LATER = "2026-11-02 10:00:00 UTC", "2026-11-03 10:00:00 UTC"
FIRST = "rule_3_backward"  # worth six points
PRACTICE = "rule_0_backward"  # worth none
RIGHT = [Verdict(name, Status.PASSED, (CheckResult("values", 1.0, True),)) for name in EXERCISES]
HINT = Hint("upstream-ignored", "What arrives?", "bank")
WRONG = [Verdict(v.exercise, Status.FAILED, hint=HINT) if v.exercise == FIRST else v for v in RIGHT]


def validate(report):
    jsonschema.Draft202012Validator(json.loads(PLACE.read_text())).validate(json.loads(json.dumps(report)))


def earlier(tmp_path, report):
    path = tmp_path / "report.json"
    path.write_text(json.dumps(report))
    return read_earlier(path, schema=SCHEMA, assignment="ps2-rules")


@pytest.mark.parametrize("size", [0, 1, 200])
def test_a_report_fits_its_schema(size):
    validate(build(a_class(size), made=NOW))


def test_a_report_with_changes_rejections_and_hidden_scores_fits_its_schema(tmp_path):
    before = build(a_class(20), made=NOW)
    hidden = [{"student": "student001", "cell": "x-check", "manual": 1.0, "before": None, "after": 2.0}]
    now = a_class(25, seed=2, hidden=hidden, weak=True)
    now.records["student003"] = with_changes(
        now.records["student003"], state="rejected", reason="not JSON", exercises=()
    )

    report = build(now, made=LATER, earlier=earlier(tmp_path, before))

    validate(report)
    assert len(report["changes"]["students"]) > 10
    assert report["changes"]["appeared"] == [f"student{n:03d}" for n in range(20, 25)]


def test_the_schema_refuses_what_it_does_not_know():
    report = build(a_class(1), made=NOW) | {"unknown": 1}

    with pytest.raises(jsonschema.ValidationError, match="unknown"):
        validate(report)


def test_every_submission_counts_in_every_exercise():
    report = build(a_class(200), made=NOW)

    states = ("passed", "partial", "failed", "crashed", "internal", "not_attempted")
    assert {sum(one[state] for state in states) for one in report["exercises"]} == {200}
    assert sum(report["histogram"]) == 200


def test_a_mistake_is_listed_with_who_made_it():
    report = build(class_of({"ada": RIGHT, "bo": WRONG, "chen": WRONG}), made=NOW)

    assert report["mistakes"] == [
        {"exercise": FIRST, "mistake": HINT.name, "source": "bank", "count": 2, "students": ["bo", "chen"]}
    ]


def test_the_report_holds_no_words_of_a_student():
    report = build(class_of({"ada": WRONG}), made=NOW)

    assert "secret words" not in json.dumps(report)
    assert report["students"][0]["cells_raised"] == ["own-1"]


def test_a_submission_without_a_record_still_has_its_score():
    of = replace(class_of({"ada": RIGHT, "bo": RIGHT}), records={"ada": record_of("ada", RIGHT)})

    report = build(of, made=NOW)

    assert [one["state"] for one in report["students"]] == ["graded", "no record"]
    assert report["students"][1]["final"] == report["students"][0]["final"] > 0


def test_a_record_that_the_gradebook_contradicts_is_not_believed():
    of = class_of({"ada": RIGHT}, records={"ada": record_of("ada", WRONG)})

    report = build(of, made=NOW)

    assert report["students"][0]["state"] == "no record"
    assert report["mistakes"] == []


def test_a_late_penalty_is_taken_off_and_not_below_zero():
    of = class_of({"ada": RIGHT}, standings=[standing("ada", RIGHT, penalty=1_000.0)])

    report = build(of, made=NOW)

    assert report["students"][0]["final"] == 0.0


def test_an_internal_failure_waits_for_a_person():
    failed = [Verdict(FIRST, Status.INTERNAL, message="no box") if v.exercise == FIRST else v for v in RIGHT]
    marks = standing("ada", failed, manual={"essay-why": 5.0}).cells
    marks = tuple(with_changes(mark, needs_human=mark.auto is None and mark.manual is None) for mark in marks)

    report = build(class_of({"ada": failed}, standings=[Standing("ada", marks)]), made=NOW)

    assert report["needs_human"][0]["why"] == [f"the grader could not run {FIRST}"]
    assert report["trouble"][0]["kind"] == "could not be graded"


def test_a_slow_answer_is_found_among_fast_ones():
    made = {name: [replace(v, cpu_seconds=0.1) for v in RIGHT] for name in ("ada", "bo", "chen")}
    made["bo"][0] = replace(made["bo"][0], cpu_seconds=30.0)

    report = build(class_of(made), made=NOW)

    assert [(one["student"], one["kind"]) for one in report["trouble"]] == [("bo", "slow")]


@pytest.mark.parametrize(
    "change, why",
    [
        ({"digest": "d2"}, "another notebook was handed in"),
        ({"seed": "cccc.bbbb"}, "other hidden inputs"),
        ({"seed": "aaaa.dddd"}, "the assignment was changed"),
        ({"version": "9.9"}, "another version of the grader"),
        ({}, "graded again, with another result"),
    ],
)
def test_a_changed_score_comes_with_its_reason(tmp_path, change, why):
    before = build(class_of({"ada": WRONG}), made=NOW)
    now = class_of({"ada": RIGHT}, records={"ada": record_of("ada", RIGHT, **change)})

    changed = build(now, made=LATER, earlier=earlier(tmp_path, before))["changes"]

    assert changed["against"] == NOW
    assert changed["students"][0]["why"] == [why]
    assert changed["students"][0]["after"] - changed["students"][0]["before"] == 6.0
    assert [one["exercise"] for one in changed["students"][0]["exercises"]] == [FIRST]


def test_a_score_by_hand_is_a_reason(tmp_path):
    before = build(class_of({"ada": WRONG}), made=NOW)
    by_hand = standing("ada", WRONG, manual={f"{FIRST}-check": 3.0})

    changed = build(class_of({"ada": WRONG}, standings=[by_hand]), made=LATER, earlier=earlier(tmp_path, before))

    assert changed["changes"]["students"][0]["why"] == [f"a person's score on {FIRST}-check"]


def test_a_run_over_an_unchanged_class_keeps_the_comparison(tmp_path):
    first = build(class_of({"ada": WRONG}), made=NOW)
    second = build(class_of({"ada": RIGHT}), made=LATER, earlier=earlier(tmp_path, first))

    third = build(class_of({"ada": RIGHT}), made="later still", earlier=earlier(tmp_path, second))

    assert third["changes"] == second["changes"]
    assert third["changes"]["against"] == NOW


@pytest.mark.parametrize("content", ["", "{", "[]", '{"schema": 0}', "null"])
def test_a_broken_earlier_report_is_no_report(tmp_path, content):
    path = tmp_path / "report.json"
    path.write_text(content)

    found = read_earlier(path, schema=SCHEMA, assignment="ps2-rules")

    assert found is None


def test_the_table_has_a_line_for_each_submission_and_its_numbers():
    report = build(class_of({"ada": RIGHT, "bo": WRONG}), made=NOW)

    rows = list(csv.DictReader(io.StringIO(grades_csv(report), newline="")))

    assert [row["student"] for row in rows] == ["ada", "bo"]
    assert rows[1][f"{FIRST}-check"] == "0.0"
    assert rows[1][f"{FIRST} mistake"] == HINT.name
    assert rows[0]["final"] == str(sum(EXERCISES.values()))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "  =1", "＝1"])
def test_a_cell_that_looks_like_a_formula_is_made_text(text):
    made = inert(text)

    assert made == f"'{text}"


@pytest.mark.parametrize("value", [1.5, -2, None, "ada", "a=b", ""])
def test_other_cells_stay_as_they_are(value):
    assert inert(value) is value


def test_a_formula_in_a_reason_is_neutralised_in_the_table():
    of = class_of({"ada": RIGHT})
    of.records["ada"] = with_changes(of.records["ada"], state="rejected", reason='=HYPERLINK("x")', exercises=())

    rows = list(csv.DictReader(io.StringIO(grades_csv(build(of, made=NOW)), newline="")))

    assert rows[0]["reason"] == '\'=HYPERLINK("x")'


def with_bonus(extra):
    """A class of one, with six points' worth of extra credit on an exercise of 0 points, of which ``extra`` counts."""
    bonuses = {PRACTICE: 6.0}
    was = standing("ada", RIGHT)
    cells = [with_changes(c, score=extra, credit=extra) if c.cell == f"{PRACTICE}-check" else c for c in was.cells]
    records = {"ada": record_of("ada", RIGHT, bonuses=bonuses)}
    return class_of({"ada": RIGHT}, standings=[replace(was, cells=tuple(cells))], records=records, bonuses=bonuses)


def test_a_bonus_is_in_the_score_and_not_in_the_most():
    report = build(with_bonus(4.5), made=NOW)

    validate(report)
    (ada,) = report["students"]
    assert (ada["score"] - ada["bonus"], ada["bonus"]) == (sum(EXERCISES.values()), 4.5)
    assert ada["points"] == sum(EXERCISES.values()) + 5.0
    assert report["summary"]["bonus_points"] == 6.0


def test_what_a_verdict_gave_as_a_bonus_is_with_the_exercise():
    report = build(with_bonus(4.5), made=NOW)

    answers = report["students"][0]["exercises"]
    assert answers[PRACTICE] == {"status": "passed", "earned": 0.0, "bonus": 6.0}
    assert "bonus" not in answers[FIRST]
    assert {one["exercise"]: one["bonus"] for one in report["exercises"] if one["bonus"]} == {PRACTICE: 6.0}


def test_the_table_has_the_bonus_in_a_column_of_its_own():
    rows = list(csv.DictReader(io.StringIO(grades_csv(build(with_bonus(4.5), made=NOW)), newline="")))

    assert (rows[0]["bonus"], rows[0][f"{PRACTICE}-check"]) == ("4.5", "4.5")


def test_the_class_page_says_what_is_a_bonus():
    parts = Parts(render_class(build(with_bonus(4.5), made=NOW)))

    assert "+4.5 of 6 bonus" in parts.text
    assert "+6 bonus" in parts.text


def test_an_empty_mark_counts_nothing():
    of = class_of({}, standings=[Standing("ada", (CellMark("essay-why", 5.0, None, needs_human=True),))], records={})

    report = build(of, made=NOW)

    assert report["students"][0]["final"] == 0.0
    assert report["summary"]["waiting"] == 1
