"""The tape adapter: programs on a Tensor class, and what it says of a class that is none."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.engine import Tensor
from autograder.kit.ladder import compare
from autograder.kit.tapes import below, tape

EMPTY = np.zeros(0)
NAMES = ("y.data", "a.grad", "b.grad", "c.grad")


def played(answer, program, a=None, b=None, g=None):
    """What the adapter makes of a program on one or two leaves."""
    return tape(answer)(a, b, None, g, program)


def test_operators_methods_and_numbers_are_understood():
    program = ("u = 2 * a", "v = u + -0.5", "w = v.relu()", "y = w.sum()", "y.backward()")

    data, a_grad, *absent = played(Tensor, program, a=np.array([1.0, -1.0]))

    assert data == 1.5
    np.testing.assert_array_equal(a_grad, [2.0, 0.0])
    assert [grad.size for grad in absent] == [0, 0]


def test_a_leaf_that_no_backward_pass_reaches_may_have_none():
    program = ("z = b * b", "y = a.sum()", "y.backward()")

    _, _, b_grad, _ = played(Tensor, program, a=np.ones(2), b=np.ones(3))

    np.testing.assert_array_equal(b_grad, np.zeros(3))


def test_a_leaf_that_is_reached_may_not():
    class Forgetful(Tensor):
        def backward(self, grad=None):
            """Nothing."""

    _, a_grad, _, _ = played(Forgetful, ("y = a + a", "y.backward(g)"), a=np.ones(2), g=np.ones(2))

    assert a_grad is None


@pytest.mark.parametrize(
    "program, names",
    [
        (("y = a + b", "y.backward()"), {"y", "a", "b"}),
        (("u = a * a", "z = b.sum()", "y = u.sum()", "y.backward(g)"), {"y", "u", "a"}),
        (("y = a + b", "y.backward() must raise"), set()),
    ],
)
def test_what_a_backward_pass_reaches_is_read_off_the_program(program, names):
    reached = below(program)

    assert reached - {"sum", "mean", "relu"} == names


def test_a_backward_pass_that_should_be_refused_and_is_not_is_a_finding():
    class Lenient(Tensor):
        def backward(self, grad=None):
            """Ones, whatever the shape."""
            super().backward(np.ones(self.shape) if grad is None else grad)

    found = played(Lenient, ("y = a + a", "y.backward() must raise", "y.backward(g)"), a=np.ones(2), g=np.ones(2))
    finding = compare(found, (EMPTY,) * 4, NAMES)

    assert "has to raise" in finding.message


def test_a_class_whose_operations_return_arrays_is_a_finding():
    class Leaky(Tensor):
        def __add__(self, other):
            return self.data + other.data

    found = played(Leaky, ("y = a + a", "y.backward(g)"), a=np.ones(2), g=np.ones(2))
    finding = compare(found, (EMPTY,) * 4, NAMES)

    assert "without .data and .backward()" in finding.message


def test_a_gradient_that_is_kept_counts_as_a_changed_argument():
    class Keeping(Tensor):
        def backward(self, grad=None):
            """Right, but the leaf's gradient is the array that came in."""
            self.parents[0].grad = grad

    g = np.ones(2)

    _, a_grad, _, _ = played(Keeping, ("y = a + 0.0", "y.backward(g)"), a=np.ones(2), g=g)

    np.testing.assert_array_equal(a_grad, np.ones(2))
    assert np.isnan(g).all()
