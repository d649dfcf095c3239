"""Hidden graphs: shapes with their nodes numbered at random, values and slopes drawn; the deep ones stay in bounds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from kit.draws import Draw, Generator, jointly, signed

Array = np.ndarray[Any, np.dtype[Any]]
Shape = Array | Callable[[Generator], Array]
Slopes = Callable[[Generator, int], Array]

ONE_OPERATION = np.array([[2, 0], [2, 1]])
LONG_WAY_FIRST = np.array([[1, 0], [2, 1], [2, 0]])
SHORT_WAY_FIRST = np.array([[1, 0], [2, 0], [2, 1]])
USED_TWICE = np.array([[1, 0], [1, 0], [2, 1], [2, 0]])
"""a = x * x, z = a * x."""
LADDER_AND_SHORTCUT = np.array([[1, 0], [2, 1], [3, 0], [3, 2], [4, 1], [4, 3], [5, 0], [5, 4]])
"""x, and four steps that also reach back: a shortcut always arrives before the long way."""
LEAF = np.zeros((0, 2), dtype=np.int64)


def graph(
    shape: Shape,
    *,
    outputs: Sequence[int] = (-1,),
    slopes: Slopes | None = None,
    held: bool = False,
    alike: bool = False,
) -> dict[str, Any]:
    """The inputs of ``backward``: a graph of this shape with its nodes numbered at random.

    ``outputs`` are nodes of ``shape``, -1 its last. ``held``: every ``.grad`` holds something before. ``alike``: all
    nodes have one value.
    """

    def build(rng: Generator) -> Mapping[str, Any]:
        rows = shape(rng) if callable(shape) else shape
        count = int(rows.max(initial=0)) + 1
        number = rng.permutation(count)
        values = np.full(count, 1.5) if alike else rng.standard_normal(count)
        return {
            "values": values,
            "edges": number[rows].astype(np.int64),
            "local_grads": slopes(rng, len(rows)) if slopes else signed(rng, (len(rows),)),
            "grads": signed(rng, (count,)) if held else np.zeros(count),
            "outputs": tuple(int(number[output]) for output in outputs),
        }

    return jointly(build, "values", "edges", "local_grads", "grads", "outputs")


def order_of(shape: Shape, *, output: int = -1, alike: bool = False) -> dict[str, Any]:
    """The inputs of ``topological_order``: as ``graph``, without what it does not need."""
    drawn = graph(shape, outputs=(output,), alike=alike)
    whole = drawn["outputs"]
    return {
        "values": drawn["values"],
        "edges": drawn["edges"],
        "output": Draw("output, jointly", lambda rng: whole(rng)[0]),
    }


def tangle(nodes: int, more: int) -> Callable[[Generator], Array]:
    """A random graph: every node reaches the last one, with ``more`` edges than that takes, and one edge twice."""

    def rows(rng: Generator) -> Array:
        needed = [(int(rng.integers(node + 1, nodes)), node) for node in range(nodes - 1)]
        pairs = [(b, a) for a in range(nodes) for b in range(a + 1, nodes)]
        extra = [pairs[place] for place in rng.choice(len(pairs), more, replace=False)]
        edges = np.array([*needed, *extra, needed[int(rng.integers(nodes - 1))]])
        return np.asarray(edges[rng.permutation(len(edges))])

    return rows


def level_slopes(rng: Generator, count: int) -> Array:
    """Slopes of a chain whose product stays near plus or minus one wherever it starts."""
    level = rng.uniform(-0.5, 0.5, count + 1)
    return np.asarray(np.exp(np.diff(level)) * rng.choice([-1.0, 1.0], count))


def shared_slopes(rng: Generator, count: int) -> Array:
    """Slopes of a ladder, four a rung: the two ways add up to plus or minus one."""
    share = rng.uniform(0.2, 0.8, count // 4)
    sign = rng.choice([-1.0, 1.0], count // 4)
    return np.stack([share, 1.0 - share, sign, sign], axis=1).ravel()
