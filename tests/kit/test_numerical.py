"""Finite differences along random directions agree with the truth, notice a thousandth, and step aside at kinks."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.kit.numerical import slopes


def measured(f, x, gradient, g):
    """Slopes for one input."""
    return slopes(f, [x], [0], [gradient], g, np.random.default_rng(5))


SMOOTH = [
    ("cube", lambda x: x**3, lambda x, g: 3 * g * x**2),
    ("exp", np.exp, lambda x, g: g * np.exp(x)),
    ("linear", lambda x: 4 * x, lambda x, g: 4 * g),
    ("constant", lambda x: np.ones(x.shape), lambda x, g: 0 * g),
    ("far out", lambda x: np.tanh(1e3 * x), lambda x, g: 1e3 * g / np.cosh(np.clip(1e3 * x, -300, 300)) ** 2),
]


@pytest.mark.parametrize("label, f, rule", SMOOTH)
def test_a_right_gradient_agrees(label, f, rule):
    x, g = np.random.default_rng(0).standard_normal((2, 3)), np.random.default_rng(1).uniform(1, 2, (2, 3))

    found = measured(f, x, rule(x, g), g)

    assert all(slope.agrees for slope in found)


@pytest.mark.parametrize("label, f, rule", [row for row in SMOOTH if row[0] in ("cube", "exp", "linear")])
def test_a_gradient_off_by_a_thousandth_does_not_agree(label, f, rule):
    x, g = np.random.default_rng(0).standard_normal((2, 3)), np.random.default_rng(1).uniform(1, 2, (2, 3))

    found = measured(f, x, 1.001 * rule(x, g), g)

    assert found
    assert not all(slope.agrees for slope in found)


def test_directions_across_a_kink_are_left_out():
    x, g = np.array([0.0, 1.0]), np.array([1.5, 2.0])

    found = measured(np.abs, x, np.array([0.0, 2.0]), g)

    assert found == []


def test_overflow_is_left_out():
    x, g = np.array([1e308, 1.0]), np.array([1.5, 2.0])

    found = measured(lambda x: x**2, x, np.zeros(2), g)

    assert found == []


def test_one_input_moves_at_a_time():
    a, b, g = np.array([1.0, 2.0]), np.array([3.0, 4.0]), np.array([1.5, 0.5])

    found = slopes(lambda a, b: a * b, [a, b], [0, 1], [g * b, 2 * g * a], g, np.random.default_rng(0))

    assert [slope.agrees for slope in found] == [True] * 3 + [False] * 3
