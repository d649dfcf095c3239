"""Every operation's rows are the adjoint of its derivative: <v, VJP(u)> = <JVP(v), u>."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.engine import Primitive, ops
from tests.rows import for_each

from .drawing import Drawn, calls

STEP = 6e-6


def jvp(op: Primitive, call: Drawn, directions: dict[str, np.ndarray]) -> np.ndarray:
    """The derivative of the forward along ``directions``, by a central difference."""
    above, below = (
        op.forward(
            *(
                x + sign * STEP * directions[name] if name in directions else x
                for name, x in zip(op.arguments, call.inputs, strict=True)
            ),
            **call.params,
        )
        for sign in (1, -1)
    )
    return (above - below) / (2 * STEP)


@for_each("name", ops.__all__)
@settings(max_examples=25, deadline=None, derandomize=True, database=None)
@given(data=st.data())
def test_the_rows_are_the_adjoint_of_the_derivative(name: str, data: st.DataObject) -> None:
    op: Primitive = getattr(ops, name)
    call = data.draw(calls(op))
    y = op.forward(*call.inputs, **call.params)
    rng = np.random.default_rng(0)
    u = np.asarray(rng.normal(size=y.shape))
    directions = {
        name: rng.normal(size=x.shape)
        for name, x in zip(op.arguments, call.inputs, strict=True)
        if name in op.differentiable
    }

    gradients = dict(zip(op.differentiable, op.backward(u, y, *call.inputs, **call.params), strict=True))

    pulled = sum(np.sum(directions[name] * gradient) for name, gradient in gradients.items())
    pushed = np.sum(jvp(op, call, directions) * u)
    assert pulled == pytest.approx(pushed, rel=1e-5, abs=1e-6)


@for_each("name", ops.__all__)
@settings(max_examples=10, deadline=None, derandomize=True, database=None)
@given(data=st.data())
def test_results_have_the_declared_shape(name: str, data: st.DataObject) -> None:
    op: Primitive = getattr(ops, name)
    call = data.draw(calls(op))

    y = op.forward(*call.inputs)

    assert call.output is None or y.shape == call.output
