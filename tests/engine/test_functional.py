"""vjp and gradcheck, and whether the checker itself can be trusted."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.engine import (
    GradientCheckError,
    Primitive,
    SeedError,
    Tensor,
    defvjp,
    gradcheck,
    numerical_vjp,
    ops,
    primitive,
    unbroadcast,
    vjp,
)

X = np.array([[0.5, -1.0, 2.0], [3.0, 0.1, -0.7]])


def test_vjp_gives_the_value_and_a_pullback() -> None:
    y, pullback = vjp(lambda a, b: a @ b.T, X, 2 * X)

    a_bar, b_bar = pullback(np.eye(2))

    np.testing.assert_array_equal(y, X @ (2 * X).T)
    np.testing.assert_array_equal(a_bar, 2 * X)
    np.testing.assert_array_equal(b_bar, X)


def test_a_pullback_may_be_called_again() -> None:
    _, pullback = vjp(lambda x: (x**2).sum(), X)

    first, second = pullback(1.0), pullback(2.0)

    np.testing.assert_array_equal(2 * first[0], second[0])


def test_an_input_used_for_nothing_has_gradient_zero() -> None:
    _, pullback = vjp(lambda a, b: a.sum(), X, np.ones(3))

    _, unused = pullback(1.0)

    np.testing.assert_array_equal(unused, np.zeros(3))


def test_a_constant_function_has_gradient_zero() -> None:
    y, pullback = vjp(lambda x: np.ones(2), X)

    (gradient,) = pullback(np.ones(2))

    np.testing.assert_array_equal(y, np.ones(2))
    np.testing.assert_array_equal(gradient, np.zeros_like(X))


def test_the_identity_hands_the_cotangent_on() -> None:
    _, pullback = vjp(lambda x: x, X)
    g = np.ones_like(X)

    (gradient,) = pullback(g)

    np.testing.assert_array_equal(gradient, g)
    assert not np.shares_memory(gradient, g)


def test_integer_inputs_are_passed_as_arrays_and_left_out() -> None:
    y, pullback = vjp(ops.getitem, X, np.array([1, 1]))

    gradients = pullback(np.ones((2, 3)))

    np.testing.assert_array_equal(y, X[[1, 1]])
    np.testing.assert_array_equal(gradients, [[[0, 0, 0], [2, 2, 2]]])


def test_a_cotangent_of_another_shape_is_refused() -> None:
    _, pullback = vjp(lambda x: x.sum(axis=0), X)

    with pytest.raises(SeedError, match=r"has shape \(2,\), expected \(3,\)"):
        pullback(np.ones(2))


def test_numerical_vjp_leaves_its_inputs_alone() -> None:
    x = X.copy()

    (gradient,) = numerical_vjp(np.sin, (x,), np.ones_like(x))

    np.testing.assert_array_equal(x, X)
    np.testing.assert_allclose(gradient, np.cos(X), rtol=1e-9)


def test_gradcheck_accepts_a_right_rule() -> None:
    gradcheck(lambda a, b: (a * b).tanh(), X, np.ones(3))


def scaled_matmul(factor: float) -> Primitive:
    """matmul, its second row off by a factor."""

    @primitive(shapes="(n,k),(k,p)->(n,p)", source="test")
    def matmul(a, b):
        return a @ b

    defvjp(matmul, a=lambda g, y, a, b: g @ b.T, b=lambda g, y, a, b: factor * a.T @ g)
    return matmul


def test_gradcheck_refuses_a_rule_scaled_by_a_thousandth() -> None:
    with pytest.raises(GradientCheckError, match="gradient of input 1 is wrong") as caught:
        gradcheck(scaled_matmul(1.001), X, X.T)

    assert caught.value.got == pytest.approx(1.001 * caught.value.expected)


def test_gradcheck_refuses_a_rule_off_at_one_entry() -> None:
    @primitive(shapes="(*s)->(*s)", source="test")
    def double(x):
        return 2 * x

    def off_at_one_entry(g, y, x):
        d = 2 * g
        d[1, 2] += 1e-4
        return d

    defvjp(double, x=off_at_one_entry)

    with pytest.raises(GradientCheckError, match=r"most of all at \(1, 2\)"):
        gradcheck(double, X)


def test_gradcheck_sees_what_an_all_ones_upstream_hides() -> None:
    @primitive(shapes="(n,c)->(n,c)", source="test")
    def softmax(x):
        return ops.softmax.forward(x)

    defvjp(softmax, x=lambda g, y, x: np.zeros_like(x))

    with pytest.raises(GradientCheckError):
        gradcheck(softmax, X)


def test_gradcheck_refuses_nan() -> None:
    @primitive(shapes="(*s)->(*s)", source="test")
    def broken(x):
        return 2 * x

    defvjp(broken, x=lambda g, y, x: np.full_like(x, np.nan))

    with pytest.raises(GradientCheckError):
        gradcheck(broken, X)


def test_gradcheck_accepts_a_function_of_nothing() -> None:
    gradcheck(lambda x: x.sum(), np.zeros((0, 3)))


@pytest.mark.parametrize("shape", [(2, 3, 4), (3, 4), (4,), (1, 4), (3, 1), (2, 1, 1), (1, 1, 1), (1,), ()], ids=str)
def test_unbroadcast_undoes_broadcasting(shape: tuple[int, ...]) -> None:
    x, g = Tensor(np.zeros(shape)), np.random.default_rng(0).normal(size=(2, 3, 4))

    (x + np.zeros((2, 3, 4))).backward(g)

    np.testing.assert_array_equal(unbroadcast(g, shape), x.grad)
    (expected,) = numerical_vjp(lambda a: np.broadcast_to(a, g.shape), (np.zeros(shape),), g)
    np.testing.assert_allclose(unbroadcast(g, shape), expected, rtol=1e-8, atol=1e-8)
