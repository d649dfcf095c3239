"""What a notebook's items are, how each verdict ends them, and what is said: with scripted verdicts, without a box."""

from __future__ import annotations

import pytest

from autograder.boundary.tiers import Chosen
from autograder.bridges.pytest_plugin import judging
from autograder.bridges.pytest_plugin.isolation import PLUGIN
from autograder.bridges.pytest_plugin.listing import FILE, Listed, Listing
from autograder.errors import AutograderError
from autograder.grading.pipeline import Graded
from autograder.grading.plan import open_plan
from autograder.judging.verdict import CheckResult, Hint, Status, Verdict
from tests.bridges.pytest_plugin.reading import cases, total
from tests.cohort.make import as_file, material
from tests.end_to_end.conftest import new_course
from tests.reports.made_up import HOSTILE, wrong
from tests.this_course import CATALOGUE

pytest_plugins = ["pytester"]

ASSIGNMENT = "ps3-activations-and-losses"
EXERCISES = {exercise.name: exercise for exercise in CATALOGUE[ASSIGNMENT]}
RELU_POINTS = 6
FEW = ("relu_backward", "softmax", "predict", "essay-softmax-cross-entropy")
INTERNAL = Verdict("relu_backward", Status.INTERNAL, message="the grader could not run this exercise")


class Box:
    """A box that nobody runs anything in."""

    closed = 0

    def close(self):
        self.closed += 1


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    return new_course(tmp_path_factory.mktemp("pytest") / "course")


@pytest.fixture(scope="module")
def plan(course):
    return open_plan(course, ASSIGNMENT)


@pytest.fixture
def run(pytester, course, plan, monkeypatch):
    """Run the plugin on one notebook; `calls` collects which exercises each run of the box was for.

    `stands` is the tier that is found when the first of them is graded, unless it is the listing's.
    """

    class Run:
        def __init__(self):
            self.calls, self.output, self.exit_code = [], "", 0

        def __call__(self, *verdicts, arguments=(), data=None, trouble=None, stands=None, **listing):
            self.calls = []
            script = {verdict.exercise: verdict for verdict in verdicts}
            monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
            monkeypatch.setattr(judging, "open_plan", lambda *_: plan)
            monkeypatch.setattr(judging, "grade", lambda *given, tier: self.grade(script, trouble, *given))
            path = pytester.path / "ada.ipynb"
            path.write_bytes(data or as_file(material(ASSIGNMENT).released))
            only = tuple(listing.pop("only", FEW))
            listed = Listed(ASSIGNMENT, "ada.ipynb", "ada", str(path), str(pytester.path), only=only)
            settings = {"tier": "namespaces", "weak": False, "hidden": True, "alone": False, **listing}
            self.box = Box()
            chosen = Chosen(self.box, stands or settings["tier"])
            monkeypatch.setattr(judging.tiers, "choose", lambda *, torch, data: chosen)
            Listing(root=str(course.root), notebooks=(listed,), **settings).write(pytester.path)
            done = pytester.runpytest_inprocess("-p", PLUGIN, FILE, "--junitxml=out.xml", *arguments)
            self.output, self.exit_code = done.stdout.str(), done.ret
            return cases(pytester.path / "out.xml")

        def grade(self, script, trouble, submission, plan, box):
            self.calls.append(list(plan.exercises))
            if trouble is not None:
                raise trouble
            verdicts = {name: script.get(name) or passed(name) for name in plan.exercises}
            return Graded("ada", ASSIGNMENT, verdicts, submission, (), (), "namespaces", "cafe.cafe")

    return Run()


def passed(name: str) -> Verdict:
    checks = tuple(CheckResult(check, share, True) for check, share in EXERCISES[name].checks.items())
    return Verdict(name, Status.PASSED, checks)


def with_checks(name: str, *failing: str, **changes) -> Verdict:
    """A verdict on which these checks failed."""
    checks = tuple(
        CheckResult(check, share, check not in failing, f"{check} went wrong" if check in failing else "")
        for check, share in EXERCISES[name].checks.items()
    )
    status = Status.FAILED if "values" in failing else Status.PARTIAL
    return Verdict(name, changes.pop("status", status), checks, **changes)


def ended(found, exercise: str) -> dict[str, str]:
    return {name.partition("::")[2]: case.ended for name, case in found.items() if name.startswith(f"{exercise}::")}


def test_there_is_an_item_for_each_exercise_and_check_and_for_each_essay(run):
    found = run(only=())

    expected = [f"{name}::{check}" for name, one in EXERCISES.items() if name != "predict" for check in one.checks]
    assert [name for name in found if not name.startswith(("predict", "essay"))] == expected
    assert found["essay-softmax-cross-entropy"].ended == "skipped"


def test_all_right_answers_pass_and_their_points_are_what_the_exercises_are_worth(run, plan):
    found = run(only=())

    assert {case.ended for name, case in found.items() if not name.startswith("essay")} == {"passed"}
    assert total(found, "points") == pytest.approx(sum(plan.release.exercises.values()))
    assert total(found, "max_points") == pytest.approx(plan.release.points)
    assert run.exit_code == 0


def test_behind_a_failed_gate_what_is_right_is_skipped_and_earns_nothing(run):
    found = run(with_checks("relu_backward", "values", "edges"))

    assert ended(found, "relu_backward") == {
        "values": "failed",
        "edges": "failed",
        "inputs unchanged": "skipped",
        "cost": "skipped",
    }
    assert sum(float(case.properties["points"]) for name, case in found.items() if name.startswith("relu_")) == 0


def test_a_partly_right_answer_earns_the_shares_of_the_checks_that_pass(run):
    found = run(with_checks("relu_backward", "edges"))

    earned = sum(float(case.properties["points"]) for name, case in found.items() if name.startswith("relu_backward"))
    assert ended(found, "relu_backward")["edges"] == "failed"
    assert earned == pytest.approx(RELU_POINTS * (1 - EXERCISES["relu_backward"].checks["edges"]))


def test_a_failure_tells_the_ladder_the_hint_and_the_case_once_and_no_traceback(run):
    hint = Hint("one-at-zero", "Which slope did the notebook agree on?", "bank")
    shown = wrong().shown
    case = EXERCISES["relu_backward"].cases[0].name
    verdict = with_checks(
        "relu_backward",
        "values",
        "edges",
        rung="value",
        hint=hint,
        shown=type(shown)(case, shown.inputs, shown.finding),
    )

    found = run(verdict)

    text = found["relu_backward::values"].text
    assert "+ right shapes   x right values" in text
    assert "one at zero: Which slope did the notebook agree on?" in text
    assert f"Smallest failing case: {case}" in text or f"Smallest failing case, {case}" in text
    assert found["relu_backward::edges"].text.endswith("relu_backward::values says more")
    assert "Traceback" not in run.output
    assert ".py" not in text


def test_an_untouched_exercise_is_skipped_and_earns_nothing(run):
    found = run(Verdict("relu_backward", Status.NOT_ATTEMPTED))

    assert set(ended(found, "relu_backward").values()) == {"skipped"}
    assert {found[name].properties["points"] for name in found if name.startswith("relu_backward")} == {"0"}
    assert run.exit_code == 0


def test_a_crash_fails_the_gate_and_skips_the_rest(run):
    found = run(Verdict("relu_backward", Status.CRASHED, message="the code ended its own process"))

    assert ended(found, "relu_backward").pop("values") == "failed"
    assert set(ended(found, "relu_backward").values()) == {"failed", "skipped"}
    assert "ended its own process" in found["relu_backward::values"].text


def test_where_no_answer_came_back_nobody_is_told_that_inputs_were_changed(run):
    found = run(with_checks("relu_backward", "values", "edges", "inputs unchanged", rung="raised"))

    assert ended(found, "relu_backward")["inputs unchanged"] == "skipped"


def test_our_own_failure_is_an_error_without_points(run):
    found = run(INTERNAL)

    relu = [case for name, case in found.items() if name.startswith("relu_backward")]
    assert {case.ended for case in relu} == {"error"}
    assert all("points" not in case.properties for case in relu)
    assert run.exit_code == pytest.ExitCode.TESTS_FAILED


def test_a_grader_that_cannot_work_is_an_error_of_every_item_in_one_line_each(run):
    trouble = AutograderError("The box does not run", next_step="Run `make doctor`")

    found = run(trouble=trouble)

    assert {case.ended for name, case in found.items() if not name.startswith("essay")} == {"error"}
    assert found["softmax::values"].text == "The box does not run. Run `make doctor`."
    assert len(run.calls) == 1


def test_of_predictions_only_the_whole_is_told(run):
    verdict = with_checks("predict", next(iter(EXERCISES["predict"].checks)), message="sigmoid_steepest_at: not right")

    found = run(verdict)

    assert ended(found, "predict") == {"answers": "failed"}
    assert "sigmoid_steepest_at" not in run.output
    assert float(found["predict::answers"].properties["points"]) == pytest.approx(6 * verdict.fraction)


def test_a_notebook_that_cannot_be_read_is_one_failing_item_that_says_why(run, plan):
    found = run(data=b'{"cells": [')

    assert list(found) == ["notebook"]
    assert "not JSON" in found["notebook"].text
    assert found["notebook"].properties == {"points": "0", "max_points": f"{plan.release.points:g}"}


def test_what_is_selected_of_a_notebook_is_in_the_box_once(run):
    run(arguments=["-k", "softmax and not log"], only=())

    assert run.calls == [["softmax", "softmax_backward"]]


def test_workers_that_share_a_notebook_grade_exercise_by_exercise(run):
    run(alone=True, arguments=["-k", "relu_backward or tanh_backward"], only=())

    assert run.calls == [["relu_backward"], ["leaky_relu_backward"], ["tanh_backward"]]


def test_items_can_be_asked_for_by_name(run):
    found = run(only=["relu_backward::edges", "softmax"])

    assert [name for name in found if "softmax" not in name] == ["relu_backward::edges"]
    assert ended(found, "softmax")
    assert not ended(found, "softmax_backward")


def test_nothing_is_graded_to_list_the_items(run, pytester):
    run(arguments=["--collect-only", "-q"])

    assert "ada.ipynb::relu_backward::inputs unchanged" in run.output
    assert run.calls == []


def test_without_hidden_cases_there_is_no_score_and_nothing_about_predictions_or_cost(run):
    found = run(with_checks("relu_backward", "edges"), hidden=False)

    assert ended(found, "relu_backward") == {"values": "passed", "edges": "failed", "inputs unchanged": "passed"}
    assert found["predict"].ended == "skipped"
    assert all(case.properties == {} for case in found.values())


def test_without_hidden_cases_only_the_draws_that_may_be_shown_are_in_the_box(course, plan, monkeypatch):
    monkeypatch.setattr(judging, "open_plan", lambda *_: plan)
    listing = Listing(root=str(course.root), tier="process", weak=True, hidden=False, alone=False, notebooks=())

    labels = {call.case for task in judging.Room(listing).plan(ASSIGNMENT).tasks.values() for call in task.calls}

    assert labels
    assert all(label.endswith("/shown") for label in labels)


def test_the_box_is_closed_when_the_session_ends(run):
    run(with_checks("relu_backward", "edges"))

    assert run.calls
    assert run.box.closed == 1


def test_behind_other_walls_than_were_announced_nothing_is_graded(run):
    found = run(stands="other-uid", only=("relu_backward",))

    assert set(ended(found, "relu_backward").values()) == {"error"}
    assert "Other walls stand" in found["relu_backward::values"].text
    assert run.calls == []


def test_weak_walls_mark_every_item(run):
    found = run(tier="process", weak=True)

    assert {case.properties["isolation"] for case in found.values()} == {"process: provisional"}
    assert "weak" in run.output


def test_what_a_students_code_says_is_quoted_and_acts_on_nothing(run):
    verdict = with_checks(
        "relu_backward", "values", rung="raised", student_text=f"{HOSTILE}\n::error::no", printed=HOSTILE
    )

    found = run(verdict)

    text = found["relu_backward::values"].text
    assert "\x1b" not in run.output
    assert "\u202e" not in run.output + text
    assert all(line.startswith("  | ") for line in text.splitlines() if "::error::" in line)
