"""The tape: nodes that remember how they were made, and the backward pass over them.

First in reading order; then ``primitive.py``, ``ops/``, ``tensor.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from autograder.engine.broadcasting import Array
from autograder.engine.errors import SeedError

# Given g, y, the inputs and the parameters: the cotangent of one input.
Row = Callable[..., Array]


class Node:
    """A float64 array, and how it was made from others.

    A leaf was made by hand: no ``parents``. ``backward`` accumulates into the ``grad`` of leaves.
    """

    __slots__ = ("data", "grad", "inputs", "params", "parents", "rows")

    def __init__(self, data: npt.ArrayLike) -> None:
        self.data: Array = np.asarray(data, dtype=np.float64)
        self.grad: Array | None = None
        self.parents: Sequence[Node] = ()
        self.rows: Sequence[Row] = ()
        self.inputs: Sequence[Any] = ()
        self.params: Mapping[str, Any] = {}

    @classmethod
    def record(
        cls,
        data: Array,
        parents: Sequence[Node],
        rows: Sequence[Row],
        inputs: Sequence[Any],
        params: Mapping[str, Any],
    ) -> Self:
        """The node of a result: row i pulls a cotangent back to parent i."""
        node = cls.__new__(cls)
        node.data = data
        node.grad = None
        node.parents = parents
        node.rows = rows
        node.inputs = inputs
        node.params = params
        return node

    def backward(self, grad: npt.ArrayLike | None = None) -> None:
        """Add d self / d leaf, weighted by ``grad``, to the ``grad`` of every leaf below.

        ``grad`` is the upstream gradient, of this node's shape; it may be left out for a single
        element, where it is 1. Raises SeedError otherwise.
        """
        for leaf, g in leaf_cotangents(self, seed(self.data, grad)).items():
            # A copy: rules may hand the same array to several leaves, or a view of their input.
            # (An array also where NumPy made a 0-d result a scalar.)
            leaf.grad = np.array(g) if leaf.grad is None else np.asarray(leaf.grad + g)


def seed(y: Array, grad: npt.ArrayLike | None) -> Array:
    """The upstream gradient to start a backward pass from: ``grad``, or 1 for a single element."""
    if grad is None:
        if y.size != 1:
            raise SeedError(
                f"backward() of shape {y.shape} needs the upstream gradient: "
                f"pass an array of that shape (only a single element may leave it out)"
            )
        return np.ones(y.shape)
    g = np.asarray(grad, dtype=np.float64)
    if g.shape != y.shape:
        raise SeedError(f"upstream gradient has shape {g.shape}, expected {y.shape}")
    return g


def leaf_cotangents(end: Node, g: Array) -> dict[Node, Array]:
    """The chapter's backward pass: v̄ = Σᵢ ūᵢ ∂uᵢ/∂v, from ``end`` down to its leaves."""
    leaves: dict[Node, Array] = {}
    pending = {end: g}
    for node in children_first(end):
        g = pending.pop(node)
        if not node.parents:
            leaves[node] = g
        for parent, row in zip(node.parents, node.rows, strict=True):
            contribution = row(g, node.data, *node.inputs, **node.params)
            before = pending.get(parent)
            pending[parent] = contribution if before is None else before + contribution
    return leaves


def children_first(end: Node) -> Iterator[Node]:
    """Every node that ``end`` was made from, once, and only after all nodes made from it.

    Without recursion, so that depth is limited by memory alone.
    """
    uses = {end: 1}
    stack = [end]
    while stack:
        for parent in stack.pop().parents:
            if parent in uses:
                uses[parent] += 1
            else:
                uses[parent] = 1
                stack.append(parent)
    ready = [end]
    while ready:
        node = ready.pop()
        yield node
        for parent in node.parents:
            uses[parent] -= 1
            if not uses[parent]:
                ready.append(parent)
