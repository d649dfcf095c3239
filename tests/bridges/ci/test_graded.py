"""Real submissions in a real box: every format has the score of the record, and tells what the page tells."""

from __future__ import annotations

import json
import re
import shutil

import pytest

from autograder.boundary.launcher import FreshBox
from autograder.boundary.tiers import strongest
from autograder.bridges.ci import classroom50, github, gradescope, junit, markdown
from autograder.bridges.ci.places import cell_lines
from autograder.bridges.ci.results import from_graded
from autograder.grading.intake import read_submission
from autograder.grading.pipeline import grade, open_plan
from autograder.reports.record import submission_record
from tests.bridges.ci.mixed import ASSIGNMENT, STATUSES, mixed
from tests.bridges.ci.schemas import check_junit
from tests.bridges.ci.test_formats import ENVIRONMENT
from tests.cohort import make
from tests.end_to_end.conftest import command, new_course


@pytest.fixture(scope="module")
def given():
    return make.material(ASSIGNMENT)


@pytest.fixture(scope="module")
def graded(tmp_path_factory, given):
    """What the pipeline found, the plan, and the course with its gradebook."""
    course = new_course(tmp_path_factory.mktemp("ci") / "course")
    path = course.submitted / "mika" / ASSIGNMENT / given.name
    path.parent.mkdir(parents=True)
    path.write_bytes(mixed(given))
    plan = open_plan(course, ASSIGNMENT)
    taken = read_submission(path, plan.release, "mika")
    tier = strongest()
    return grade(taken, plan, FreshBox(tier, proven=True), tier=tier), plan, course


@pytest.fixture(scope="module")
def result(graded, given):
    found, plan, _ = graded
    return from_graded(found, plan, student="mika", file=f"hw/{given.name}", lines=cell_lines(mixed(given)), weak=False)


@pytest.fixture(scope="module")
def formats(result):
    who = classroom50.identity(ENVIRONMENT)
    return {
        "gradescope": json.dumps(gradescope.results(result)),
        "junit": junit.document([result]).decode(),
        "markdown": markdown.report([result]),
        "github": "\n".join(github.annotation_lines([result])),
        "classroom50": json.dumps(classroom50.result_json(result, who)),
    }


def test_every_format_has_the_score_of_the_record(graded, formats):
    found, plan, _ = graded
    record = submission_record(found, plan.release.exercises)

    scores = {
        "gradescope": json.loads(formats["gradescope"])["score"],
        "tests": sum(test["score"] for test in json.loads(formats["gradescope"])["tests"]),
        "classroom50": json.loads(formats["classroom50"])["score"] / classroom50.POINT,
        "junit": sum(
            float(one.get("value"))
            for one in check_junit(formats["junit"].encode()).iterfind("testsuite/testcase/properties/property")
            if one.get("name") == "score"
        ),
        "markdown": float(re.search(r"\*\*([\d.]+) of", formats["markdown"])[1]),
    }
    earned = sum(entry["earned"] + entry["bonus_earned"] for entry in record["exercises"])
    assert scores == {name: pytest.approx(earned, abs=1e-6) for name in scores}


def test_every_exercise_ended_as_it_deserves(result):
    ended = {item.exercise: item.status.value for item in result.items}

    assert ended == dict.fromkeys(ended, "not attempted") | STATUSES


def test_a_failure_says_what_the_feedback_page_says(formats):
    for words in ("one at zero", "Which slope does the notebook agree on at exactly 0?", "mean forgotten"):
        assert all(words in formats[name] for name in ("gradescope", "junit", "markdown", "github"))


def test_the_annotation_of_an_error_is_at_the_line_that_raised_it(formats, given):
    lines = mixed(given).decode().split("\n")
    where = next(number for number, line in enumerate(lines, start=1) if "::error::owned" in line)

    assert f"::error file=hw/{given.name},line={where},title=tanh_backward" in formats["github"]


def test_of_predictions_only_their_score_is_told(formats):
    told = "\n".join(line for text in formats.values() for line in text.split("\n"))

    assert "which ones is not said here" in told
    assert not re.search("ten_sigmoids_bound|sigmoid_steepest_at", told)


def test_what_the_code_said_is_there_and_does_nothing(formats):
    assert all("owned" in formats[name] for name in ("gradescope", "junit", "markdown", "github"))
    commands = [
        line for line in formats["github"].split("\n") if not re.match(r"::(error|warning|notice) file=hw/", line)
    ]
    assert commands == []
    assert "\x1b" not in "".join(formats.values())


def test_the_command_grades_what_it_is_given_and_records_nothing(graded, tmp_path):
    _, _, course = graded
    before = sorted(path for path in course.root.rglob("*") if path.suffix != ".pyc")

    done = command("ci", course.submitted / "nobody", "-a", "ps3", "--junit", tmp_path / "junit.xml", cwd=course.root)

    assert done.returncode == 1, done.stderr
    assert "No notebook was handed in" in done.stdout
    assert check_junit((tmp_path / "junit.xml").read_bytes()).get("failures") == "1"
    assert sorted(path for path in course.root.rglob("*") if path.suffix != ".pyc") == before


@pytest.mark.slow
def test_the_whole_cohort_has_the_scores_of_make_grade(tmp_path):
    course = new_course(tmp_path / "course")
    shutil.copytree(make.COHORT, course.submitted, dirs_exist_ok=True)
    command("grade", cwd=course.root)

    done = command("ci", course.submitted, "--junit", tmp_path / "junit.xml", "--fail-under", "0", cwd=course.root)

    assert done.returncode == 0, done.stderr
    suites = check_junit((tmp_path / "junit.xml").read_bytes()).findall("testsuite")
    found = {
        suite.get("name"): float(one.get("value"))
        for suite in suites
        for one in suite.iterfind("properties/property")
        if one.get("name") == "score"
    }
    reports = [json.loads((course.reports / name / "report.json").read_bytes()) for name in make.ASSIGNMENTS]
    recorded = {f"{student['student']}, {report['assignment']}": student["score"] for report in reports
                for student in report["students"]}  # fmt: skip
    assert found == pytest.approx(recorded, abs=1e-6)
