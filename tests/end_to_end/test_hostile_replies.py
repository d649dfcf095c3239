"""The trusted side against replies that nobody vouches for: judged, on the page, in every file and format."""

from __future__ import annotations

import json
import resource

import numpy as np
import pytest

from autograder.boundary.job import CellReport, Raised
from autograder.bridges.ci import classroom50, github, gradescope, junit, markdown
from autograder.bridges.ci.results import from_graded
from autograder.grading.intake import read_submission
from autograder.grading.one import _written
from autograder.grading.pipeline import Graded, open_plan
from autograder.grading.work import Settings, Work
from autograder.judging import Status, Verdict, judge
from autograder.judging._judge import right_answers
from tests.cohort import make
from tests.judging import hostile_values
from tests.this_course import CATALOGUE

AT_ONCE = 4
GIB = 1 << 30


@pytest.fixture
def plans(course, tmp_path):
    """For each assignment a plan and a solved submission."""
    made = {}
    for assignment in CATALOGUE:
        given = make.material(assignment)
        path = tmp_path / assignment / given.name
        path.parent.mkdir(parents=True)
        path.write_bytes(make.ada(given))
        plan = open_plan(course, assignment)
        made[assignment] = plan, read_submission(path, plan.release, "ada")
    return made


def hostile(rng: np.random.Generator, plan, submission) -> Graded:
    """What would be graded if a box gave such replies to some exercises; the others are blank."""
    names = rng.choice(list(plan.exercises), size=AT_ONCE, replace=False)
    verdicts = {name: Verdict(name, Status.NOT_ATTEMPTED) for name in plan.exercises}
    for name in names:
        expected = plan.expected[name] if rng.integers(2) else plan.kept[name]
        reply = hostile_values.reply(rng, name, right_answers(expected))
        verdicts[name] = judge(plan.exercises[name], expected, reply, "x" * int(rng.integers(0, 50)))
    raised = Raised("an error", "\x1b[31m" * 40, submission.cells[0].id, int(rng.integers(1 << 40)))
    load = (CellReport(submission.cells[0].id, raised, "</pre>" * 200),)
    return Graded("ada", plan.release.assignment, verdicts, submission, load, (), "namespaces", plan.fingerprint)


def rounds(course, plans, count: int) -> list[str]:
    """So many hostile submissions through everything that is made of one; what went wrong, by its seed."""
    failed = []
    work = Work(course, {name: plan for name, (plan, _) in plans.items()}, Settings(None, "namespaces"), ())
    for seed in range(count):
        rng = np.random.default_rng(seed)
        assignment = list(plans)[seed % len(plans)]
        plan, submission = plans[assignment]
        try:
            graded = hostile(rng, plan, submission)
            internal = [name for name, one in graded.verdicts.items() if one.status is Status.INTERNAL]
            _, files, trouble = _written(work, plan, graded, None)
            record = json.loads(files[1].data, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
            result = from_graded(graded, plan, student="ada", file="", lines={}, weak=False)
            junit.document([result])
            github.annotation_lines([result])
            texts = markdown.report([result]), github.summary([result])
            json.dumps([gradescope.results(result), classroom50.result_json(result, {}), texts], allow_nan=False)
            if internal or trouble or len(record["exercises"]) != len(plan.exercises):
                failed.append(f"{seed} {assignment}: {internal} {trouble}")
        except Exception as error:
            failed.append(f"{seed} {assignment}: {type(error).__name__}: {error}"[:300])
    return failed


def test_right_answers_as_the_judge_tries_itself_on_them_pass(plans):
    failed = [
        name
        for plan, _ in plans.values()
        for name, expected in plan.expected.items()
        if judge(plan.exercises[name], expected, right_answers(expected)).status is not Status.PASSED
    ]

    assert not failed


def test_no_reply_ends_a_run_or_is_could_not_be_graded(course, plans):
    assert rounds(course, plans, 60) == []


@pytest.mark.slow
def test_five_hundred_hostile_replies_end_no_run_and_stay_under_a_gibibyte(course, plans):
    assert rounds(course, plans, 500) == []
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 < GIB
