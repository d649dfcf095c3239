"""The diagnosis is measured: nothing false is ever said, and what is wrong is at least located."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.boundary.job import Returned
from autograder.course.declare import answer_with
from autograder.judging import judge
from autograder.judging.figures import figures, record
from autograder.judging.mutants import UnfitError, mutants
from autograder.judging.selftest import BANK, UNKNOWN, Measured, Trial, measure, right_answers, try_right, unknown
from autograder.kit.declare import Predict
from tests.exercises.catalogue import EXERCISES, expect, in_each_assignment, shared
from tests.this_course import CATALOGUE

SEED = 0  # that of the other tests of the bank, so that its answers are computed once per process
ARRAYS = [param for param in EXERCISES if not isinstance(param.values[0].public, Predict)]
SAMPLE = [
    param for param in ARRAYS if param.values[0].name in ("add_backward", "exp_backward", "matmul_backward", "softmax")
]


_measured: dict[int, Measured] = {}


def measured(exercise) -> Measured:
    """All that the self-test finds out about an exercise, once per process."""
    if id(exercise) not in _measured:
        _measured[id(exercise)] = measure(expect(exercise, SEED))
    return _measured[id(exercise)]


def named(name: str):
    """An exercise by its name."""
    return next(one for exercises in CATALOGUE.values() for one in exercises if one.name == name)


@in_each_assignment("exercise", EXERCISES)
def test_nothing_is_found_wrong_in_a_right_answer_of_any_form(exercise):
    expected = expect(exercise, SEED)

    tried = [try_right(expected, form, answers) for form, answers in right_answers(expected)]

    assert tried
    assert [one for one in tried if not one.passed or one.said] == []


@pytest.mark.slow
@in_each_assignment("exercise", ARRAYS)
def test_nothing_is_found_wrong_in_a_differently_written_right_answer(exercise):
    expected = expect(exercise, SEED)

    tried = [
        try_right(expected, str(number), tuple(answer_with(answer, case) for case in expected.cases))
        for number, answer in enumerate(exercise.right_answers)
    ]

    assert [one for one in tried if not one.passed or one.said] == []


@pytest.mark.slow
@in_each_assignment("exercise", ARRAYS)
def test_a_wrong_answer_without_a_reason_is_never_given_one_of_the_bank(exercise):
    expected = expect(exercise, SEED)
    given = [answers for one in unknown(exercise) if (answers := one.answers(expected)) is not None]

    verdicts = [judge(exercise, expected, answers) for answers in given]

    assert verdicts
    assert [v.hint.name for v in verdicts if v.hint and v.hint.source == "bank"] == []
    assert all(v.fraction < 1 and (v.hint or v.where) for v in verdicts)


@shared("ps2")
@pytest.mark.slow
@pytest.mark.parametrize("exercise", SAMPLE)
def test_what_is_measured_of_a_sample_is_named_explained_and_never_false(exercise):
    trials = measured(exercise).trials

    counted = figures(trials)

    assert {trial.family for trial in trials} >= {BANK, UNKNOWN, "factor", "sign"}
    assert counted.caught == counted.trials
    assert counted.itself == len(exercise.mistakes)
    assert (counted.false, counted.silent) == (0, 0)


MUTATED = [
    ("exp_backward", "twice", "twice"),
    ("exp_backward", "negated", "opposite-sign"),
    ("log_backward", "ones for grad_output", "upstream-ignored"),
    ("matmul_backward", "transposed", "transposed"),
    ("matmul_backward", "results 0 and 1 exchanged", "swapped"),
    ("sigmoid_backward", "output returned", "forward-returned"),
    ("mul_backward", "no sum over broadcast axes", "not-summed"),
    ("gather_backward", "last index wins", "last-write"),
    ("exp_backward", "summed over its last axis", "summed-too-much"),
]


@shared("ps2")
@pytest.mark.parametrize("name, mutant, finding", MUTATED)
def test_a_mutated_reference_is_explained_with_the_bank_switched_off(name, mutant, finding):
    expected = expect(named(name), SEED)
    (wrong,) = [one for one in mutants(expected.exercise) if one.name == mutant]

    trials = measured(expected.exercise).trials

    (trial,) = [one for one in trials if one.name == mutant]
    assert wrong.family == trial.family
    assert trial.caught
    assert trial.structural == finding


def test_a_mutant_that_changes_nothing_is_no_trial():
    expected = expect(named("reshape_backward"), SEED)
    (mutant,) = [one for one in mutants(expected.exercise) if one.name == "last index wins"]

    answers = mutant.answers(expected)

    assert answers is None


@pytest.mark.parametrize("first, second", [("q", "k"), ("q", "v"), ("k", "v")])
def test_two_inputs_exchanged_give_what_the_rule_gives_for_them(first, second):
    expected = expect(named("attention_backward"), SEED)
    (mutant,) = [
        one for one in mutants(expected.exercise) if one.name == f"{first} and {second} exchanged in the formula"
    ]
    case = next(one for one in expected.cases if len({np.shape(value) for value in one.instance.args}) == 1)
    upstream, output, *inputs = case.instance.args
    given = dict(zip("qkv", inputs, strict=True))
    given[first], given[second] = given[second], given[first]

    answer = mutant.wrong(expected.exercise, case)

    wanted = expected.exercise.op.backward(upstream, output, *given.values(), **case.instance.kwargs)
    assert [one.tolist() for one in answer] == [one.tolist() for one in wanted]


@pytest.mark.parametrize("mutant, other", [("output for b", 1), ("a and b exchanged in the formula", 2)])
def test_only_an_array_of_its_own_shape_takes_the_place_of_an_input(mutant, other):
    expected = expect(named("mul_backward"), SEED)
    (mutant,) = [one for one in mutants(expected.exercise) if one.name == mutant]
    shapes = [(case, *(np.shape(case.instance.args[place]) for place in (3, other))) for case in expected.cases]
    narrower = [case for case, own, others in shapes if own != others]

    assert narrower
    for case in narrower:
        with pytest.raises(UnfitError):
            mutant.wrong(expected.exercise, case)


@pytest.mark.parametrize("which", [0, 1])
def test_a_mutant_of_one_result_leaves_the_other_as_it_is(which):
    expected = expect(named("matmul_backward"), SEED)
    (mutant,) = [one for one in mutants(expected.exercise) if one.name == f"twice, result {which}"]
    case = expected.cases[0]

    answer = mutant.wrong(expected.exercise, case)

    factors = [2.0 if place == which else 1.0 for place in range(2)]
    for got, right, factor in zip(answer, case.arrays, factors, strict=True):
        np.testing.assert_array_equal(got, factor * right)


def test_a_mutant_answers_right_where_a_case_has_nothing_for_it():
    expected = expect(named("sum_backward"), SEED)
    (mutant,) = [one for one in mutants(expected.exercise) if one.name == "another axis"]

    answers = mutant.answers(expected)

    without_axis = [got for got, case in zip(answers, expected.cases, strict=True) if case.name == "everything"]
    assert without_axis
    assert [got.status for got in without_axis if got.status != "returned"] == []


def test_where_nothing_fits_the_verdict_says_which_entries_differ():
    exercise = named("matmul_backward")
    expected = expect(exercise, SEED)
    given = []
    for case in expected.cases:
        first, second = (np.array(part) for part in case.arrays)
        second[..., 0, :] += 0.1 + np.arange(second.shape[-1]) ** 2 * 0.37
        given.append(Returned(case.label, value=(first, second)))

    verdict = judge(exercise, expected, given)

    assert verdict.hint is None or verdict.hint.source == "structure"
    assert "gradient of b" in (verdict.hint.text if verdict.hint else verdict.where)


def test_random_numbers_are_located_and_not_explained():
    exercise = named("exp_backward")
    expected = expect(exercise, SEED)
    rng = np.random.default_rng(3)
    given = [Returned(case.label, value=rng.standard_normal(case.arrays[0].shape)) for case in expected.cases]

    verdict = judge(exercise, expected, given)

    assert verdict.hint is None
    assert verdict.where.startswith("The gradient of x differs in every entry.")


def test_calls_that_raise_in_some_cases_are_located():
    exercise = named("exp_backward")
    expected = expect(exercise, SEED)
    given = [
        Returned(case.label, "raised") if case.name == "scalar" else Returned(case.label, value=case.arrays[0])
        for case in expected.cases
    ]

    verdict = judge(exercise, expected, given)

    assert verdict.where == "The call raised an error in the case 'scalar'."


def test_the_record_lists_each_false_diagnosis_by_name():
    false = Trial("some", "other", BANK, True, "another", "bank", ("another",), "", "", "value")

    found = record({"ps0": [Measured("some", (false,), ())]}, seed=0)

    assert [entry["name"] for entry in found["false"]] == ["other"]
    assert found["bank"]["false"] == 1
