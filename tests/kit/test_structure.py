"""Structural tests: each relation is found where it holds, and nothing is said where it fits only by chance."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.kit.places import entry_class
from autograder.kit.structure import Observation, explain, locate
from tests.kit.made_up import elementwise, name, observation, product
from tests.rows import for_each

RNG = np.random.default_rng


def right(g, y, x):
    """The right rule for y = x^3."""
    return 3 * g * x**2


ELEMENTWISE = [
    ("zeros", lambda g, y, x: np.zeros_like(x)),
    ("not-finite", lambda g, y, x: np.where(x > 0, np.nan, right(g, y, x))),
    ("upstream-returned", lambda g, y, x: g),
    ("forward-returned", lambda g, y, x: y),
    ("input-returned", lambda g, y, x: x),
    ("transposed", lambda g, y, x: right(g, y, x).T),
    ("reshaped", lambda g, y, x: right(g, y, x).ravel()),
    ("kept-axes", lambda g, y, x: right(g, y, x)[None]),
    ("reversed", lambda g, y, x: right(g, y, x)[:, ::-1]),
    ("upstream-ignored", lambda g, y, x: 3 * x**2),
    ("upstream-twice", lambda g, y, x: 3 * g**2 * x**2),
    ("opposite-sign", lambda g, y, x: -right(g, y, x)),
    ("twice", lambda g, y, x: 2 * right(g, y, x)),
    ("half", lambda g, y, x: right(g, y, x) / 2),
    ("factor", lambda g, y, x: 0.7 * right(g, y, x)),
    ("size-factor", lambda g, y, x: right(g, y, x) / len(x)),
    ("size-factor", lambda g, y, x: right(g, y, x) * x.size),
    ("size-factor", lambda g, y, x: right(g, y, x) * (x.shape[-1] - 1) / x.shape[-1]),
    ("factor-per-case", lambda g, y, x: right(g, y, x) * x.max()),
    ("upstream-not-added", lambda g, y, x: right(g, y, x) - g),
    ("upstream-added", lambda g, y, x: right(g, y, x) + g),
    ("rearranged", lambda g, y, x: RNG(3).permutation(right(g, y, x).ravel()).reshape(x.shape)),
    ("summed-too-much", lambda g, y, x: right(g, y, x).sum(axis=0)),
    ("only-negative", lambda g, y, x: np.where(x < 0, 0.0, right(g, y, x))),
    ("only-positive", lambda g, y, x: np.where(x > 0, x, right(g, y, x))),
]


@for_each("expected, wrong", ELEMENTWISE)
def test_a_relation_that_holds_on_every_failing_case_is_named(expected, wrong):
    seen = elementwise(wrong)

    found = name(seen)

    assert found == expected


@for_each("expected, wrong", ELEMENTWISE)
def test_every_finding_ends_in_a_question(expected, wrong):
    seen = elementwise(wrong)

    found = explain(seen)

    assert found.text.endswith("?")


@for_each(
    "wrong",
    [wrong for expected, wrong in ELEMENTWISE if not expected.startswith(("only", "not-finite", "factor-per-case"))],
)
def test_a_relation_that_one_failing_case_contradicts_is_not_named(wrong):
    seen = elementwise(wrong)[:2] + elementwise(lambda g, y, x: g * np.sin(x) + np.cos(y))[2:]

    found = name(seen)

    assert found is None


def test_a_right_answer_has_no_explanation():
    seen = elementwise(right)

    found = explain(seen)

    assert found is None


def test_an_unrelated_answer_has_no_explanation():
    seen = elementwise(lambda g, y, x: np.sin(17 * x) + g)

    found = explain(seen)

    assert found is None


def test_one_number_is_too_little_for_a_factor():
    seen = [observation([np.asarray(3.0)], np.asarray(6.0), inputs={"x": np.asarray(1.7)})]

    found = explain(seen)

    assert found is None


def test_a_nearly_right_answer_is_not_called_rearranged_or_transposed():
    seen = elementwise(lambda g, y, x: right(g, y, x) * (1 + 5e-9))

    found = name(seen)

    assert found is None


def test_a_factor_of_two_is_not_read_as_a_size_that_happens_to_be_two():
    seen = elementwise(lambda g, y, x: 2 * right(g, y, x), shapes=((2, 3), (2, 5)))

    found = name(seen)

    assert found == "twice"


def test_a_constant_factor_is_not_read_as_the_square_root_of_the_only_size():
    seen = elementwise(lambda g, y, x: 3**0.5 * right(g, y, x), shapes=((3, 3),))

    found = name(seen)

    assert found == "factor"


def test_a_symmetric_expectation_is_not_called_transposed():
    matrix = np.array([[1.0, 2.0], [2.0, 5.0]])
    seen = [observation([matrix], matrix.T + 0.5, inputs={"x": matrix * 0.3})]

    found = name(seen)

    assert found != "transposed"


PRODUCTS = [
    ("swapped", lambda da, db, g: (db, da), None),
    ("opposite-sign", lambda da, db, g: (-da, -db), None),
    ("opposite-sign", lambda da, db, g: (da, -db), 1),
    ("transposed", lambda da, db, g: (da, db.T), 1),
    ("upstream-returned", lambda da, db, g: (g, db), 0),
    ("copied", lambda da, db, g: (da, da), None),
    ("some-right", lambda da, db, g: (da, np.sin(9 * db)), 1),
]


@for_each("expected, wrong, which", PRODUCTS)
def test_findings_say_which_of_several_gradients_they_concern(expected, wrong, which):
    seen = product(wrong)

    found = explain(seen)

    assert (found.name, found.which) == (expected, which)


def test_the_right_one_of_two_gradients_is_named_in_words():
    seen = product(lambda da, db, g: (da, np.sin(9 * db)))

    found = explain(seen)

    assert "The gradient of a is right" in found.text


def test_two_different_mistakes_in_two_gradients_are_told_one_at_a_time():
    seen = product(lambda da, db, g: (2 * da, np.sin(db)))

    found = explain(seen)

    assert (found.name, found.which) == ("twice", 0)


def broadcasting(wrong):
    """y = a + b, b of a shape that broadcasts: ``wrong(g)`` is what came back for b."""
    cases = []
    for number, shape in enumerate([(3,), (2, 1), (1, 3)]):
        g = RNG(number).uniform(0.5, 2.0, (2, 3))
        a, b = RNG(number + 9).standard_normal((2, 3)), RNG(number + 5).standard_normal(shape)
        stretched = tuple(range(2 - len(shape))) + tuple(2 - len(shape) + k for k, n in enumerate(shape) if n == 1)
        expected = g.sum(axis=stretched).reshape(shape)
        inputs = {"a": a, "b": b}
        cases.append(
            observation([g, expected], (g, wrong(g, shape)), inputs=inputs, grad_output=g, case=f"broadcast {number}")
        )
    g = RNG(7).uniform(0.5, 2.0, (2, 3))
    inputs = {"a": RNG(1).standard_normal((2, 3)), "b": RNG(2).standard_normal((2, 3))}
    cases.append(observation([g, g], (g, g.copy()), inputs=inputs, grad_output=g, case="plain"))
    same = {name: value * 2 for name, value in inputs.items()}
    cases.append(observation([g, g], (g, g.copy()), inputs=same, grad_output=g, case="plain too"))
    return cases


def test_a_gradient_that_was_not_summed_over_stretched_axes_is_recognised():
    seen = broadcasting(lambda g, shape: g)

    found = explain(seen)

    assert (found.name, found.which) == ("not-summed", 1)


def test_a_gradient_of_the_outputs_shape_with_other_sums_is_not_called_not_summed():
    seen = broadcasting(lambda g, shape: np.sin(g))

    found = name(seen)

    assert found != "not-summed"


def test_a_mistake_only_in_the_broadcast_cases_is_placed_there():
    seen = broadcasting(lambda g, shape: np.cos(np.arange(np.prod(shape))).reshape(shape))

    found = name(seen)

    assert found == "only-broadcast"


def test_a_mean_in_place_of_the_sum_names_how_often_an_entry_was_used():
    seen = broadcasting(lambda g, shape: g.mean(axis=0 if shape[0] != 2 else 1).reshape(shape))

    found = explain(seen)

    assert "how often broadcasting used each entry" in found.text


def test_a_sum_along_the_other_axis_of_a_square_is_recognised():
    g = RNG(0).uniform(0.5, 2.0, (3, 3))
    inputs = {"a": RNG(1).standard_normal((3, 3)), "b": RNG(2).standard_normal(3)}
    seen = [observation([g, g.sum(axis=0)], (g, g.sum(axis=1)), inputs=inputs, grad_output=g)]

    found = explain(seen)

    assert (found.name, found.which) == ("wrong-axis", 1)


def test_an_upstream_spread_along_the_other_axis_of_a_square_is_recognised():
    g = RNG(0).uniform(0.5, 2.0, 3)
    expected, got = np.repeat(g[:, None], 3, axis=1), np.repeat(g[None], 3, axis=0)
    seen = [observation([expected], got + 0.0, inputs={"x": RNG(1).standard_normal((3, 3))}, grad_output=g)]

    found = name(seen)

    assert found in ("wrong-axis", "transposed")


def test_a_permutation_of_three_axes_is_recognised():
    shape = (2, 3, 4)
    seen = elementwise(lambda g, y, x: right(g, y, x).transpose(2, 0, 1), shapes=(shape, shape))

    found = name(seen)

    assert found == "permuted"


def test_a_lost_axis_is_recognised():
    seen = elementwise(lambda g, y, x: right(g, y, x)[0], shapes=((1, 3), (1, 4)))

    found = name(seen)

    assert found == "lost-axes"


def indexed(wrong):
    """y = x[index] with repeats: ``wrong(expected, index, g)`` is what came back."""
    seen = []
    for number, index in enumerate([np.array([0, 2, 2, 1]), np.array([1, 1, -1, 3]), np.array([0, 1, 2])]):
        x, g = RNG(number).standard_normal((4, 2)), RNG(number + 9).uniform(0.5, 2.0, (len(index), 2))
        expected = np.zeros_like(x)
        np.add.at(expected, index, g)
        inputs = {"x": x, "index": index}
        seen.append(observation([expected], wrong(expected, index, g), inputs=inputs, grad_output=g, case=f"{number}"))
    return seen


def assigned(expected, index, g):
    """Plain assignment: the last contribution wins."""
    out = np.zeros_like(expected)
    out[index] = g
    return out


def test_assignment_where_repeated_indices_must_add_is_recognised():
    seen = indexed(assigned)

    found = name(seen)

    assert found == "last-write"


def test_another_mistake_at_repeated_indices_is_only_placed_there():
    seen = indexed(lambda expected, index, g: expected * np.where(assigned(expected, index, g) == expected, 1.0, 0.3))

    found = name(seen)

    assert found == "only-repeated"


def gathered():
    """take_along_axis with repeats, answered by plain assignment along the axis."""
    index = np.array([[0, 0, 2], [1, 1, 1]])
    g = RNG(3).uniform(0.5, 2.0, (2, 3))
    expected, got = np.zeros((2, 4)), np.zeros((2, 4))
    np.add.at(expected, (np.arange(2)[:, None], index), g)
    np.put_along_axis(got, index, g, 1)
    inputs = {"x": RNG(4).standard_normal((2, 4)), "index": index, "axis": 1}
    return [observation([expected], got, inputs=inputs, grad_output=g)]


def test_assignment_along_an_axis_is_recognised_too():
    seen = gathered()

    found = name(seen)

    assert found == "last-write"


def with_entries(values, wrong):
    """One case of y = x^3 at the given entries among random ones."""
    x = np.concatenate([np.asarray(values, dtype=np.float64), RNG(0).standard_normal(24)])
    g = RNG(1).uniform(0.5, 2.0, x.size)
    return [observation([right(g, None, x)], wrong(g, x), inputs={"x": x}, grad_output=g)]


def test_a_mistake_at_exactly_zero_is_placed_at_the_kink():
    seen = with_entries([0.0, 0.0, 0.0], lambda g, x: right(g, None, x) + (x == 0))

    found = name(seen)

    assert found == "only-kink"


def test_a_mistake_at_zero_and_on_one_side_of_it_is_placed_at_both():
    zeros = [0.0, 0.0, 0.0]
    sides = {"negative or zero": lambda x: x <= 0, "positive or zero": lambda x: x >= 0}

    said = {}
    for words, wrong in sides.items():
        found = explain(with_entries(zeros, lambda g, x, w=wrong: right(g, None, x) + np.where(w(x), g * x + 1, 0)))
        said[words] = found.text if found else ""

    assert {words: text for words, text in said.items() if words not in text} == {}


def test_a_mistake_at_large_entries_is_placed_there():
    seen = with_entries([50.0, -700.0, 90.0], lambda g, x: right(g, None, np.clip(x, -20, 20)))

    found = name(seen)

    assert found == "only-large"


def test_a_mistake_at_equal_entries_is_placed_at_the_ties():
    values = [1.5, 1.5, 1.5]
    seen = with_entries(values, lambda g, x: right(g, None, x) * np.where(x == 1.5, g, 1.0))

    found = name(seen)

    assert found == "only-tie"


def test_a_tie_between_two_inputs_is_recognised():
    a, b, g = RNG(0).standard_normal(30), RNG(1).standard_normal(30), RNG(2).uniform(0.5, 2.0, 30)
    b[:3] = a[:3]
    da, db = g * np.where(a == b, 0.5, a > b), g * np.where(a == b, 0.5, a < b)
    seen = [observation([da, db], (g * (a >= b), db), inputs={"a": a, "b": b}, grad_output=g)]

    found = explain(seen)

    assert (found.name, found.which) == ("only-tie", 0)


def test_two_wrong_entries_that_happen_to_be_negative_are_not_called_so():
    def wrong(g, x):
        got = right(g, None, x)
        got[np.argsort(x)[:2]] *= np.array([3.0, 4.0])
        return got

    seen = with_entries([], wrong)

    found = name(seen)

    assert found is None


@pytest.mark.parametrize("right_entries, found", [(3, None), (30, "only-negative")])
def test_two_wrong_entries_that_are_negative_may_be_chance_among_few_and_not_among_many(right_entries, found):
    x = np.concatenate([[-1.3, -2.1], np.linspace(0.5, 2.5, right_entries)])
    g = RNG(1).uniform(0.5, 2.0, x.size)
    wrong = right(g, None, x) + np.where(x < 0, g * x + 1, 0)
    seen = [observation([right(g, None, x)], wrong, inputs={"x": x}, grad_output=g)]

    placed = entry_class(seen, 0)

    assert (placed.name if placed else None) == found


def with_parameter(wrong_if):
    """Six cases, some with ``axis``: wrong where ``wrong_if(axis)``."""
    seen = []
    for number, axis in enumerate([None, None, None, 1, -1, (0, 1)]):
        x, g = RNG(number).standard_normal((2, 3)), RNG(number + 7).uniform(0.5, 2.0, (2, 3))
        expected = right(g, None, x)
        inputs = {"x": x} if axis is None else {"x": x, "axis": axis}
        got = np.sin(5 * expected) if wrong_if(axis) else expected
        seen.append(observation([expected], got, inputs=inputs, grad_output=g, case=f"axis {axis} {number}"))
    return seen


@pytest.mark.parametrize(
    "wrong_if, words",
    [
        (lambda axis: axis is not None, "axis is not its default"),
        (lambda axis: axis == -1, "axis is negative"),
        (lambda axis: isinstance(axis, tuple), "axis is a tuple"),
        (lambda axis: axis == 1, "axis=1"),
    ],
)
def test_cases_with_a_certain_parameter_are_told_from_the_others(wrong_if, words):
    seen = with_parameter(wrong_if)

    found = explain(seen)

    assert words in found.text


def test_an_answer_right_in_one_case_only_is_asked_what_hides_the_mistake():
    wrong = elementwise(lambda g, y, x: np.sin(y), shapes=((2, 3), (3, 2), (4, 2), (5, 3)))
    seen = [*wrong[:3], elementwise(right, shapes=((2, 3), (3, 2), (4, 2), (5, 3)))[3]]

    found = name(seen)

    assert found == "right-once"


def test_a_case_whose_answer_is_empty_hides_nothing():
    seen = elementwise(lambda g, y, x: np.sin(y), shapes=((2, 3), (3, 2), (4, 2), (0, 3)))

    found = explain(seen)

    assert found is None


def test_upstream_of_a_scalar_loss_is_recognised_over_several_cases():
    seen = []
    for number in range(2):
        w, g = RNG(number).standard_normal(3 + number), np.asarray(RNG(number + 5).uniform(1.25, 2.5))
        seen.append(observation([g * w**2], w**2, inputs={"w": w}, grad_output=g, output=np.asarray(1.0)))

    found = name(seen)

    assert found == "upstream-ignored"


def test_functions_are_explained_without_upstream_words():
    seen = [
        observation([[1.0, 2.0, 4.0]], np.array([2.0, 4.0, 8.0]), inputs={"x": np.array([1.0, 3.0, 5.0])}, rule=False)
    ]

    found = explain(seen)

    assert found.name == "twice"
    assert "grad_output" not in found.text


@pytest.mark.parametrize("returned", [None, "text", (1, 2, 3, 4), object(), [[1.0], [1.0, 2.0]], 1j])
def test_what_is_no_array_has_no_explanation(returned):
    seen = [observation([[1.0, 2.0]], returned, inputs={"x": np.array([1.0, 2.0])})]

    found = (explain(seen), locate(seen))

    assert found == (None, None)


def marked(mask):
    """One 3 by 3 case that is wrong where ``mask`` says."""
    x, g = RNG(0).uniform(0.5, 1.5, (3, 3)), RNG(1).uniform(0.5, 2.0, (3, 3))
    expected = right(g, None, x)
    got = expected + np.where(mask, RNG(2).uniform(1, 2, (3, 3)), 0.0)
    return [observation([expected], got, inputs={"x": x}, grad_output=g)]


@pytest.mark.parametrize(
    "mask, words",
    [
        (np.ones((3, 3), dtype=bool), "in every entry"),
        (np.eye(3, dtype=bool), "exactly on the diagonal"),
        (~np.eye(3, dtype=bool), "everywhere but on the diagonal"),
        (np.arange(9).reshape(3, 3) < 3, "in the first row only"),
        (np.arange(9).reshape(3, 3) > 5, "in the last row only"),
        (np.arange(9).reshape(3, 3) % 3 == 0, "in the first column only"),
        (np.arange(9).reshape(3, 3) % 3 == 1, "in a single column"),
        (np.arange(9).reshape(3, 3) == 4, "in one entry"),
    ],
)
def test_the_place_of_the_difference_is_described(mask, words):
    seen = marked(mask)

    found = locate(seen)

    assert found == f"The gradient of x differs {words}."


def test_the_few_wrong_cases_are_listed():
    seen = with_parameter(lambda axis: axis in (1, (0, 1)))

    found = locate(seen)

    assert found.endswith("Of the answers that came back only 'axis 1 3' and 'axis (0, 1) 5' are wrong.")


def test_each_of_two_results_has_places_of_its_own():
    seen = product(lambda da, db, g: (np.sin(9 * da), np.where(np.arange(len(db))[:, None] == 0, np.sin(9 * db), db)))

    found = locate(seen)

    places = "The gradient of a differs in every entry. The gradient of b differs in the first row only."
    assert found.startswith(places)


def test_a_right_answer_is_not_located():
    seen = elementwise(right)

    found = locate(seen)

    assert found is None


def test_a_gradient_that_must_not_arrive_leaves_the_others_explained():
    x = np.array([1.0, 2.0, 3.0])
    seen = [Observation("case", "values", (("x", x),), ("a", "b"), (None, x), (None, -x), False, 1.0, rule=False)]

    found = explain(seen)

    assert found.name == "opposite-sign"


def test_a_gradient_that_arrives_where_none_must_is_not_explained():
    x = np.array([1.0, 2.0, 3.0])
    seen = [Observation("case", "values", (("x", x),), ("a", "b"), (None, x), (x, x), False, 1.0, rule=False)]

    found = explain(seen)

    assert found is None
