"""Draws: one case, one result, also where several inputs are parts of it."""

from __future__ import annotations

import numpy as np

from autograder.kit.declare import Function, case, numbers_in
from autograder.kit.draws import jointly, normal, number
from autograder.kit.functions import Named

PAIRED = Function(name="paired", signature="paired(x, a, b)", statement="")


def pair(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Two arrays that know of each other."""
    a = rng.standard_normal(3)
    return {"a": a, "b": 2 * a}


def test_parts_of_one_draw_fit_together_whatever_is_drawn_in_between():
    of = case("one", x=normal(5), **jointly(pair, "a", "b"))

    _, a, b = PAIRED.instance(of, np.random.default_rng(7)).args

    np.testing.assert_array_equal(b, 2 * a)


def test_joint_draws_differ_from_seed_to_seed_and_from_other_draws_of_the_case():
    of = case("one", x=normal(3), **jointly(pair, "a", "b"))

    first, second = (PAIRED.instance(of, np.random.default_rng(seed)).args for seed in (1, 2))

    assert not np.isin(first[1], [*second[1], *first[0]]).any()


def test_a_number_is_a_python_float_away_from_zero():
    drawn = [number(0.5, 2.0)(np.random.default_rng(seed)) for seed in range(50)]

    assert all(type(x) is float and 0.5 <= abs(x) <= 2.0 for x in drawn)
    assert min(drawn) < 0 < max(drawn)


def test_numbers_are_counted_at_any_depth_and_functions_hold_none():
    value = [[1.0, 2.0], [], (np.zeros((2, 3)), {"a": 4.0}), Named("itself"), len]

    assert numbers_in(value) == 9


def test_normal_entries_are_standard_normal_unless_said_otherwise():
    plain, wider = (draw(np.random.default_rng(7)) for draw in (normal(2, 3), normal(2, 3, scale=3.0, offset=1.0)))

    np.testing.assert_array_equal(plain, np.random.default_rng(7).standard_normal((2, 3)))
    np.testing.assert_array_equal(wider, plain * 3.0 + 1.0)
