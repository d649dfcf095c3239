"""Shapes of graphs as arrays of edges, (E, 2): one row (node, parent) for each parent of each node."""

from __future__ import annotations

from typing import Any

import numpy as np

Edges = np.ndarray[Any, np.dtype[np.int64]]


def chain(length: int) -> Edges:
    """``length`` nodes, each computed from the one before; node 0 is the leaf."""
    later = np.arange(1, length)
    return np.stack([later, later - 1], axis=1)


def skip() -> Edges:
    """z = a + x with a computed from x: nodes x, a, z, and two ways of different length."""
    return np.array([[1, 0], [2, 1], [2, 0]])


def diamond() -> Edges:
    """z computed from a and b, both computed from x: nodes x, a, b, z."""
    return np.array([[1, 0], [2, 0], [3, 1], [3, 2]])


def square() -> Edges:
    """y = x * x: one parent, twice."""
    return np.array([[1, 0], [1, 0]])


def reaches_nothing() -> Edges:
    """A chain 0, 1, 2, and beside it a child 3 of node 0 and a child 4 of that one, which node 2 does not need."""
    return np.array([[1, 0], [2, 1], [3, 0], [4, 3]])


def ladder(rungs: int) -> Edges:
    """Diamonds on top of each other, 2**rungs paths: node 0 is the leaf, 3 * rungs the output, the sides in between."""
    foot = 3 * np.arange(rungs)[:, None]
    one = np.array([[1, 0], [2, 0], [3, 1], [3, 2]])
    return np.asarray((foot[:, :, None] + one).reshape(-1, 2))
