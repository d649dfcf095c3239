"""Every operation: engine = PyTorch's autograd = finite differences, on every case, random upstream."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from autograder import engine
from autograder.engine import Primitive, Tensor, numerical_vjp, ops
from tests.rows import for_each

from .cases import OPERATIONS, Case

EVERY_CASE = [
    pytest.param(name, case, id=f"{name}: {case.name}") for name, row in OPERATIONS.items() for case in row.cases
]
SMOOTH_CASES = [param for param in EVERY_CASE if param.values[1].smooth]


def upstream(y: np.ndarray) -> np.ndarray:
    """A random, sign-mixed cotangent, nowhere near 0, that must not be written to."""
    rng = np.random.default_rng(7)
    g = np.asarray(rng.uniform(0.5, 2.0, size=y.shape) * rng.choice([-1.0, 1.0], size=y.shape))
    g.flags.writeable = False
    return g


def as_torch(array: np.ndarray, tracked: bool) -> torch.Tensor:
    return torch.tensor(np.ascontiguousarray(array).reshape(array.shape), requires_grad=tracked)


def torch_says(op: Primitive, case: Case, g: np.ndarray | None = None) -> tuple[np.ndarray, list[np.ndarray]]:
    """PyTorch's output and gradients."""
    inputs = [
        as_torch(array, tracked=name in op.differentiable)
        for name, array in zip(op.arguments, case.inputs(), strict=True)
    ]
    y = OPERATIONS[op.name].oracle(*inputs, **case.params)
    y.backward(torch.tensor(np.zeros(y.shape) if g is None else g))
    return y.detach().numpy(), [x.grad.numpy() for x in inputs if x.requires_grad]


def assert_close(got: np.ndarray, expected: np.ndarray, tolerance: float) -> None:
    assert isinstance(got, np.ndarray)
    assert got.dtype == np.float64
    assert got.shape == expected.shape
    scale = max(0.01, np.abs(expected).max(initial=0.0))
    np.testing.assert_allclose(got, expected, rtol=tolerance, atol=tolerance * scale)


def test_every_operation_has_cases() -> None:
    assert sorted(OPERATIONS) == sorted(ops.__all__)


@for_each("name", ops.__all__)
def test_every_operation_is_found_under_both_names(name: str) -> None:
    op = getattr(engine, name)

    assert isinstance(op, Primitive)
    assert op.name == name
    assert op is getattr(ops, name)


@for_each("name, case", EVERY_CASE)
def test_the_forward_equals_pytorch(name: str, case: Case) -> None:
    op: Primitive = getattr(ops, name)
    expected, _ = torch_says(op, case)

    y = op.forward(*case.inputs(), **case.params)

    assert_close(y, expected, tolerance=1e-12)


@for_each("name, case", EVERY_CASE)
def test_the_gradients_equal_pytorch(name: str, case: Case) -> None:
    op: Primitive = getattr(ops, name)
    inputs = case.inputs()
    y = op.forward(*inputs, **case.params)
    g = upstream(y)
    _, expected = torch_says(op, case, g)

    gradients = op.backward(g, y, *inputs, **case.params)

    for got, want in zip(gradients, expected, strict=True):
        assert_close(got, want, tolerance=1e-11)


@for_each("name, case", SMOOTH_CASES)
def test_the_gradients_equal_finite_differences(name: str, case: Case) -> None:
    op: Primitive = getattr(ops, name)
    inputs = case.inputs()
    y = op.forward(*inputs, **case.params)
    g = upstream(y)

    gradients = op.backward(g, y, *inputs, **case.params)

    expected = numerical_vjp(_of_differentiable(op, case), _differentiable(op, inputs), g)
    for got, want in zip(gradients, expected, strict=True):
        assert_close(got, want, tolerance=1e-7)


@for_each("name", ops.__all__)
def test_a_gradient_off_by_a_thousandth_would_be_noticed(name: str) -> None:
    op: Primitive = getattr(ops, name)
    case = OPERATIONS[name].cases[0]
    inputs = case.inputs()
    y = op.forward(*inputs, **case.params)
    g = upstream(y)
    expected = numerical_vjp(_of_differentiable(op, case), _differentiable(op, inputs), g)

    gradients = op.backward(g, y, *inputs, **case.params)

    for got, want in zip(gradients, expected, strict=True):
        with pytest.raises(AssertionError, match="Not equal to tolerance"):
            assert_close(1.001 * got, want, tolerance=1e-7)


@for_each("name, case", EVERY_CASE)
def test_the_tape_gives_what_the_table_gives(name: str, case: Case) -> None:
    op: Primitive = getattr(ops, name)
    inputs = case.inputs()
    y = op.forward(*inputs, **case.params)
    g = upstream(y)
    expected = op.backward(g, y, *inputs, **case.params)
    arguments: list[Any] = [
        Tensor(array) if argument in op.differentiable else array
        for argument, array in zip(op.arguments, inputs, strict=True)
    ]

    op(*arguments, **case.params).backward(g)

    for got, want in zip([a.grad for a in arguments if isinstance(a, Tensor)], expected, strict=True):
        np.testing.assert_array_equal(got, want)


@for_each("name", ops.__all__)
def test_gradients_share_no_memory(name: str) -> None:
    op: Primitive = getattr(ops, name)
    case = OPERATIONS[name].cases[0]
    inputs = case.inputs()
    y = op.forward(*inputs, **case.params)
    g = upstream(y)

    gradients = op.backward(g, y, *inputs, **case.params)

    assert not any(np.shares_memory(d, other) for d in gradients for other in (g, y, *inputs))


@for_each("name", ops.__all__)
def test_every_operation_says_formula_shapes_and_source(name: str) -> None:
    op: Primitive = getattr(ops, name)

    documentation = op.__doc__ or ""

    assert "Given g" in documentation
    assert "dL/d" in documentation
    assert op.source


def _differentiable(op: Primitive, inputs: tuple[np.ndarray, ...]) -> tuple[np.ndarray, ...]:
    return tuple(x for name, x in zip(op.arguments, inputs, strict=True) if name in op.differentiable)


def _of_differentiable(op: Primitive, case: Case) -> Any:
    """The forward as a function of its differentiable arguments alone."""

    def f(*moving: np.ndarray) -> np.ndarray:
        replaced = dict(zip(op.differentiable, moving, strict=True))
        arrays = [replaced.get(name, fixed) for name, fixed in zip(op.arguments, case.inputs(), strict=True)]
        return op.forward(*arrays, **case.params)

    return f
