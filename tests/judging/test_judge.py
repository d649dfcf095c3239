"""The judge: gate, shares, rungs, and points only for answers that are right."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest

from autograder.boundary.job import Opaque, Raised, Returned
from autograder.course.declare import UNCHANGED, Exercise, Mistake, answer_with
from autograder.engine import ops
from autograder.judging import Status, judge
from autograder.kit.declare import Answer, Function, Predict, Rule, case
from autograder.kit.draws import normal

SCALE = Exercise(
    public=Rule(
        name="mul_backward",
        statement="y = a b",
        forward=lambda a, b: a * b,
        oracle=lambda torch, a, b: a * b,
        cases=(case("plain", a=normal(2, 3), b=normal(2, 3)),),
    ),
    op=ops.mul,
    cases=(
        case("plain", a=normal(2, 3), b=normal(2, 3)),
        case("row", check="edges", a=normal(2, 3), b=normal(3)),
    ),
    mistakes=(Mistake("product", lambda g, y, a, b: (g * y, g * y), "Is the slope in a really a times b?"),),
)

EXPECTED = SCALE.expect(seed=0)


def right() -> list[Returned]:
    return [answer_with(lambda *args, c=case: c.arrays, case) for case in EXPECTED.cases]


def answered(**changes) -> list[Returned]:
    """Right answers, each with ``changes``."""
    return [dataclasses.replace(got, **changes) for got in right()]


def wrong_where(here: Callable[[str], bool]) -> list[Returned]:
    """Right answers, but zeros of another shape in the cases of these names."""
    zeros = (np.zeros(1), np.zeros(1))
    return [dataclasses.replace(got, value=zeros) if here(got.case) else got for got in right()]


def test_right_answers_pass_every_check():
    verdict = judge(SCALE, EXPECTED, right())

    assert verdict.status is Status.PASSED
    assert verdict.fraction == 1.0


@pytest.mark.parametrize("returned", [None, (), right()[:1]], ids=["no reply", "empty reply", "half a reply"])
def test_no_answer_is_no_points(returned):
    verdict = judge(SCALE, EXPECTED, returned)

    assert verdict.status is Status.FAILED
    assert verdict.fraction == 0.0


@pytest.mark.parametrize(
    "changes, rung",
    [
        ({"status": "missing", "value": None}, "missing"),
        ({"status": "raised", "value": None, "raised": Raised("ValueError", "x")}, "raised"),
        ({"status": "unreadable", "value": None}, "type"),
        ({"value": Opaque("generator")}, "type"),
        ({"value": "forty-two"}, "type"),
        ({"value": (1j * np.ones((2, 3)), np.ones((2, 3)))}, "type"),
        ({"value": (np.ones((2, 3)),)}, "count"),
        ({"value": (np.ones((3, 2)), np.ones((3, 2)))}, "shape"),
        ({"value": (np.full((2, 3), np.nan), np.full((2, 3), np.nan))}, "value"),
    ],
)
def test_the_first_failed_rung_is_named(changes, rung):
    verdict = judge(SCALE, EXPECTED, answered(**changes))

    assert verdict.rung == rung
    assert verdict.fraction == 0.0


def test_single_precision_is_wrong_and_said_so():
    single = [dataclasses.replace(got, value=tuple(part.astype(np.float32) for part in got.value)) for got in right()]

    verdict = judge(SCALE, EXPECTED, single)

    assert verdict.fraction == 0.0
    assert "float32" in verdict.message


def test_a_failed_edge_costs_the_edges_share_only():
    returned = wrong_where(lambda case: case.startswith("row"))

    verdict = judge(SCALE, EXPECTED, returned)

    assert verdict.status is Status.PARTIAL
    assert verdict.fraction == pytest.approx(1 - SCALE.checks["edges"])


def test_an_argument_changed_in_place_costs_the_share_of_unchanged_inputs_and_no_other():
    for place in ("0", "2", "3"):
        verdict = judge(SCALE, EXPECTED, answered(changed=(place,)))

        assert verdict.status is Status.PARTIAL
        assert [check.name for check in verdict.checks if not check.passed] == [UNCHANGED]
        assert verdict.fraction == pytest.approx(1 - SCALE.checks[UNCHANGED])
        assert "changed in place: plain" in verdict.message


def test_an_argument_changed_in_one_case_counts_and_the_case_is_named():
    returned = [dataclasses.replace(got, changed=("2",) if got.case.startswith("row") else ()) for got in right()]

    verdict = judge(SCALE, EXPECTED, returned)

    assert [check.case for check in verdict.checks if not check.passed] == ["row"]


def test_only_an_argument_that_is_there_to_be_changed_may_be():
    refill = Function("refill", "refill(state, x)", "fill state with x", changes=("state",))
    declared = Exercise(refill, reference=lambda state, x: x, cases=(case("plain", state=normal(2), x=normal(2)),))
    expected = declared.expect(seed=0)

    verdicts = {
        changed: judge(
            declared, expected, [Returned(c.label, value=c.arrays[0], changed=changed) for c in expected.cases]
        )
        for changed in ((), ("0",), ("1",), ("0", "1"))
    }

    assert {changed: verdict.status is Status.PASSED for changed, verdict in verdicts.items()} == {
        (): True,
        ("0",): True,
        ("1",): False,
        ("0", "1"): False,
    }


def test_behind_a_closed_gate_nothing_is_earned():
    returned = wrong_where(lambda case: case.startswith("plain"))

    verdict = judge(SCALE, EXPECTED, returned)

    assert verdict.status is Status.FAILED
    assert verdict.fraction == 0.0


def test_values_of_kept_cases_are_never_shown():
    returned = wrong_where(lambda case: case.endswith("kept"))

    verdict = judge(SCALE, EXPECTED, returned)

    assert verdict.shown is None
    assert verdict.student_text == ""
    assert verdict.status is Status.FAILED


def test_text_of_an_exception_in_a_kept_case_is_never_shown():
    returned = [
        dataclasses.replace(got, status="raised", value=None, raised=Raised("ValueError", "kept input is 0.123"))
        if got.case.endswith("kept")
        else got
        for got in right()
    ]

    verdict = judge(SCALE, EXPECTED, returned)

    assert "0.123" not in repr(verdict)


def test_a_case_that_may_be_shown_and_was_not_answered_is_named_without_an_answer():
    returned = [got for got in right() if got.case != "plain/shown"]

    verdict = judge(SCALE, EXPECTED, returned)

    assert verdict.rung == "missing"
    assert (verdict.student_text, verdict.printed) == ("", "")


def test_answers_to_cases_that_were_not_asked_earn_nothing():
    extra = [Returned("plain/extra", value=1.0), Returned("values", value=1.0)]

    verdict = judge(SCALE, EXPECTED, extra)

    assert verdict.fraction == 0.0


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "[/foo]", "=1+1", "a\u202eb", "x" * 200])
def test_the_name_of_a_students_type_is_repeated_only_if_it_is_plain(name):
    verdict = judge(SCALE, EXPECTED, answered(value=Opaque(name)))

    assert verdict.rung == "type"
    assert name not in verdict.message
    assert "object of another type" in verdict.message


def test_a_failure_inside_the_diagnosis_costs_the_hint_and_nothing_else(monkeypatch):
    def broken(*_):
        raise RuntimeError

    monkeypatch.setattr("autograder.judging._judge.diagnose", broken)
    returned = [dataclasses.replace(got, value=(np.zeros((2, 3)), np.zeros(3))) for got in right()]

    verdict = judge(SCALE, EXPECTED, returned)

    assert verdict.status is Status.FAILED
    assert verdict.hint is None


PREDICT = Exercise(
    public=Predict(
        "guess", "what is it?", {"count": Answer(int), "size": Answer(float), "word": Answer(str, ("up", "down"))}
    ),
    answers={"count": 6, "size": 0.5, "word": "up"},
)


@pytest.mark.parametrize(
    "values, fraction",
    [
        ({"count": 6, "size": 0.5, "word": "up"}, 1.0),
        ({"count": np.asarray(6), "size": np.float64(0.5), "word": "up"}, 1.0),
        ({"count": 6.0, "size": 0.5, "word": "up"}, 1.0),
        ({"count": 7, "size": 0.5, "word": "up"}, 2 / 3),
        ({"count": True, "size": "0.5", "word": "UP"}, 0.0),
        ({"count": None, "size": None, "word": None}, 0.0),
        ({}, 0.0),
    ],
)
def test_each_prediction_earns_its_share(values, fraction):
    expected = PREDICT.expect(seed=0)

    verdict = judge(PREDICT, expected, [Returned(name, value=value) for name, value in values.items()])

    assert verdict.fraction == pytest.approx(fraction)


def test_a_wrong_prediction_is_named_and_the_right_one_is_not_told():
    expected = PREDICT.expect(seed=0)

    verdict = judge(
        PREDICT, expected, [Returned("count", value=7), Returned("size", value=0.5), Returned("word", value="up")]
    )

    assert "count" in verdict.message
    assert "6" not in repr(verdict)
