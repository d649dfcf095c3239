"""Operators and methods of Tensor, each against PyTorch's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from autograder.engine import Tensor, ops
from tests.rows import for_each

INDEX = np.array([2, 0, 2])
MASK = np.array([True, False, True])

# Name, expression of x (3,4) and y (3,4), the same one for PyTorch where it is written differently.
EXPRESSIONS: list[tuple[str, Callable[..., Any], Callable[..., Any] | None]] = [
    ("x + y", lambda x, y: x + y, None),
    ("x - y", lambda x, y: x - y, None),
    ("x * y", lambda x, y: x * y, None),
    ("x / y", lambda x, y: x / y, None),
    ("-x", lambda x, y: -x, None),
    ("x**3", lambda x, y: x**3, None),
    ("x**-0.5", lambda x, y: x**-0.5, None),
    ("x**y", lambda x, y: x**y, None),
    ("2**x", lambda x, y: 2.0**x, None),
    ("2 + x", lambda x, y: 2 + x, None),
    ("2 - x", lambda x, y: 2 - x, None),
    ("2 * x", lambda x, y: 2 * x, None),
    ("2 / x", lambda x, y: 2 / x, None),
    ("x @ y.T", lambda x, y: x @ y.T, None),
    ("x @ y[0]", lambda x, y: x @ y[0], None),
    ("x.sum()", lambda x, y: x.sum(), None),
    ("x.sum(axis)", lambda x, y: x.sum(0, keepdims=True), lambda x, y: x.sum(0, keepdim=True)),
    ("x.mean(axis)", lambda x, y: x.mean(axis=1), lambda x, y: x.mean(1)),
    ("x.max(axis)", lambda x, y: x.max(axis=1), lambda x, y: x.amax(1)),
    ("x.reshape", lambda x, y: x.reshape(2, -1), None),
    ("x.transpose()", lambda x, y: x.transpose(), lambda x, y: x.T),
    ("x.transpose(axes)", lambda x, y: x.transpose(1, 0), lambda x, y: x.T),
    ("x.exp()", lambda x, y: x.exp(), None),
    ("x.log()", lambda x, y: x.log(), None),
    ("x.relu()", lambda x, y: (x - 1).relu(), None),
    ("x.sigmoid()", lambda x, y: x.sigmoid(), None),
    ("x.tanh()", lambda x, y: x.tanh(), None),
    ("x[integers]", lambda x, y: x[INDEX], None),
    ("x[0]", lambda x, y: x[0], None),
    ("x[-1, 2]", lambda x, y: x[-1, 2], None),
    ("x[1:, ::2]", lambda x, y: x[1:, ::2], None),
    ("x[:, integers]", lambda x, y: x[:, INDEX], None),
    ("x[mask]", lambda x, y: x[MASK], None),
    ("x[..., None]", lambda x, y: x[..., None], None),
]


@for_each("ours, theirs", [pytest.param(f, t or f, id=name) for name, f, t in EXPRESSIONS])
def test_an_operator_equals_pytorchs(ours: Callable[..., Any], theirs: Callable[..., Any]) -> None:
    rng = np.random.default_rng(1)
    a, b = rng.uniform(0.5, 2.0, size=(2, 3, 4))
    x, y = Tensor(a), Tensor(b)
    tx, ty = (torch.tensor(array, requires_grad=True) for array in (a, b))
    expected = theirs(tx, ty)
    g = np.asarray(rng.normal(size=tuple(expected.shape)))
    expected.backward(torch.tensor(g))

    result = ours(x, y)
    result.backward(g)

    np.testing.assert_allclose(result.data, expected.detach().numpy(), rtol=1e-13)
    for node, tensor in ((x, tx), (y, ty)):
        if tensor.grad is None:
            assert node.grad is None
        else:
            np.testing.assert_allclose(node.grad, tensor.grad.numpy(), rtol=1e-12)


@pytest.mark.parametrize(
    "operation",
    [
        lambda array, tensor: array + tensor,
        lambda array, tensor: array * tensor,
        lambda array, tensor: array - tensor,
        lambda array, tensor: array / tensor,
        lambda array, tensor: array**tensor,
        lambda array, tensor: array @ tensor,
        lambda array, tensor: array @ tensor[0],
    ],
)
def test_an_array_on_the_left_leaves_the_operation_to_the_tensor(operation: Callable[..., Any]) -> None:
    array = np.full((2, 2), 2.0)
    tensor = Tensor([[1.0, 2.0], [3.0, 4.0]])

    result = operation(array, tensor)

    assert isinstance(result, Tensor)
    np.testing.assert_array_equal(result.data, operation(array, tensor.data))


def test_data_is_float64_whatever_goes_in() -> None:
    tensors = [Tensor(3), Tensor([1, 2]), Tensor(np.float32(0.5)), Tensor(np.ones(2, dtype=bool))]

    dtypes = {tensor.data.dtype for tensor in tensors}

    assert dtypes == {np.dtype(np.float64)}


def test_a_tensor_tells_its_shape() -> None:
    x = Tensor(np.zeros((2, 3)))

    described = (x.shape, x.ndim, x.size, len(x))

    assert described == ((2, 3), 2, 6, 2)


def test_item_is_a_plain_number() -> None:
    value = Tensor([[2.5]]).item()

    assert type(value) is float
    assert value == 2.5


def test_a_tensor_shows_its_data() -> None:
    shown = repr(Tensor([1.0, 2.0]))

    assert shown == "Tensor(array([1., 2.]))"


def test_a_subclass_stays_itself_through_operations() -> None:
    class Named(Tensor):
        __slots__ = ()

    result = Named(1.0) + Tensor(2.0)

    assert type(result) is Named


def test_the_states_of_an_lstm_cell_are_its_two_slices() -> None:
    rng = np.random.default_rng(0)
    shapes = [(4, 3), (4, 2), (4, 2), (8, 3), (8, 2), (8,)]
    arrays = [rng.normal(size=shape) for shape in shapes]
    tensors = [Tensor(array) for array in arrays]
    theirs = [torch.tensor(array, requires_grad=True) for array in arrays]
    zero = torch.zeros(8, dtype=torch.float64)
    expected_h, expected_c = torch.lstm_cell(theirs[0], theirs[1:3], *theirs[3:], zero)
    (expected_h.sum() + (expected_c**2).sum()).backward()

    h, c = ops.lstm_cell(*tensors)
    (h.sum() + (c**2).sum()).backward()

    for ours, their in zip(tensors, theirs, strict=True):
        np.testing.assert_allclose(ours.grad, their.grad.numpy(), rtol=1e-11, atol=1e-13)
