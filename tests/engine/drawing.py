"""Arguments for any operation, drawn by hypothesis from its ``shapes`` declaration.

What a declaration cannot say (an index below a size, a positive logarithm, an axis that exists)
stands in the two tables at the end.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograder.engine import Primitive
from autograder.engine.shapes import parse

Shape = tuple[int, ...]
DataDrawer = Callable[[st.SearchStrategy[Any]], Any]


@dataclass
class Sizes:
    """The sizes chosen so far for the names of one declaration."""

    draw: DataDrawer
    smallest: dict[str, int]
    named: dict[str, int] = field(default_factory=dict)
    runs: dict[str, Shape] = field(default_factory=dict)
    shown: list[Shape] = field(default_factory=list)  # what each operand shows of the run ``...``

    def shape(self, axes: tuple[str, ...]) -> Shape:
        """The shape of an argument with these axes, sizes drawn where they are new."""
        return tuple(size for axis in axes for size in self._sizes(axis))

    def known(self, axes: tuple[str, ...]) -> bool:
        """Whether the arguments settle every one of these axes."""
        return all(axis.isdigit() or axis in self.runs or _name(axis) in self.named for axis in axes)

    def broadcast(self, axes: tuple[str, ...]) -> Shape:
        """The shape of a result: ``...`` is what the operands' runs broadcast to."""
        if axes[:1] == ("...",):
            return np.broadcast_shapes(*self.shown) + self.shape(axes[1:])
        return self.shape(axes)

    def _sizes(self, axis: str) -> Shape:
        if axis == "...":
            run = self._run(axis)
            kept = run[self.draw(st.integers(0, len(run))) :]
            self.shown.append(tuple(self.draw(st.sampled_from([1, size])) for size in kept))
            return self.shown[-1]
        if axis.startswith("*"):
            return self._run(axis)
        if axis.isdigit():
            return (int(axis),)
        factor = int(re.match(r"\d*", axis).group() or 1)
        return (factor * self._size(_name(axis)),)

    def _run(self, axis: str) -> Shape:
        if axis not in self.runs:
            self.runs[axis] = tuple(self.draw(st.lists(st.integers(1, 3), max_size=3)))
        return self.runs[axis]

    def _size(self, name: str) -> int:
        if name not in self.named:
            self.named[name] = self.draw(st.integers(self.smallest.get(name, 1), 4))
        return self.named[name]


def _name(axis: str) -> str:
    return axis.lstrip("0123456789")


@dataclass(frozen=True)
class Drawn:
    """Arguments and parameters for one call, and the shape that the declaration gives the result."""

    inputs: tuple[np.ndarray, ...]
    params: dict[str, Any]
    output: Shape | None


@st.composite
def calls(draw: DataDrawer, op: Primitive) -> Drawn:
    """Calls of ``op``."""
    declared = parse(op.shapes)
    sizes = Sizes(draw, SMALLEST.get(op.name, {}))
    shapes = [sizes.shape(axes) for axes in declared.inputs]
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    special = VALUES.get(op.name, {})
    inputs = tuple(
        np.asarray(special.get(name, _normal)(rng, shape, shapes))
        for name, shape in zip(op.arguments, shapes, strict=True)
    )
    params = PARAMS[op.name](draw, *shapes) if op.name in PARAMS else {}
    settled = sizes.known(declared.output) or "..." in declared.output
    return Drawn(inputs, params, sizes.broadcast(declared.output) if settled else None)


# --- what a declaration cannot say ----------------------------------------------------------------

Values = Callable[[np.random.Generator, Shape, list[Shape]], np.ndarray]


def _normal(rng: np.random.Generator, shape: Shape, _: list[Shape]) -> np.ndarray:
    return rng.normal(size=shape)


def _positive(rng: np.random.Generator, shape: Shape, _: list[Shape]) -> np.ndarray:
    return rng.uniform(0.5, 2.0, size=shape)


def _bits(rng: np.random.Generator, shape: Shape, _: list[Shape]) -> np.ndarray:
    return rng.random(shape) < 0.5


def _index(argument: int, axis: int) -> Values:
    """Integers below the size of one axis of one argument."""
    return lambda rng, shape, shapes: rng.integers(0, shapes[argument][axis], size=shape)


VALUES: dict[str, dict[str, Values]] = {
    "cross_entropy": {"target": _index(0, 1)},
    "div": {"b": _positive},
    "dropout": {"mask": _bits},
    "embedding": {"index": _index(1, 0)},
    "gather": {"index": _index(0, 0)},
    "getitem": {"index": _index(0, 0)},
    "kl_div": {"target": _positive},
    "log": {"x": _positive},
    "nll": {"target": _index(0, 1)},
    "power": {"a": _positive},
    "sqrt": {"x": _positive},
    "where": {"condition": _bits},
}

# Images that hold at least one window.
SMALLEST = {
    "conv2d": {"h": 4, "w": 4},
    "max_pool2d": {"h": 2, "w": 2},
    "avg_pool2d": {"h": 2, "w": 2},
}


def _axes(draw: DataDrawer, shape: Shape) -> dict[str, Any]:
    some = st.lists(st.integers(-len(shape), len(shape) - 1), min_size=1, unique_by=lambda a: a % len(shape))
    choices = st.none() | some.map(tuple) | some.map(lambda axes: axes[0]) if shape else st.none()
    return {"axis": draw(choices), "keepdims": draw(st.booleans())}


def _one_axis(draw: DataDrawer, *shapes: Shape) -> dict[str, Any]:
    return {"axis": draw(st.integers(-len(shapes[0]), len(shapes[0]) - 1))}


PARAMS: dict[str, Callable[..., dict[str, Any]]] = {
    "amax": _axes,
    "broadcast_to": lambda draw, shape: {"shape": (draw(st.integers(1, 3)), *shape)},
    "cumsum": _one_axis,
    "dropout": lambda draw, *_: {"p": draw(st.sampled_from([0.0, 0.25, 0.9]))},
    "logsumexp": _axes,
    "log_softmax": _one_axis,
    "mean": _axes,
    "pow": lambda draw, _: {"n": draw(st.sampled_from([0, 1, 2, 3.0]))},
    "reshape": lambda draw, shape: {"shape": draw(st.permutations(shape).map(tuple))},
    "softmax": _one_axis,
    "stack": lambda draw, shape, _: {"axis": draw(st.integers(-len(shape) - 1, len(shape)))},
    "sum": _axes,
    "transpose": lambda draw, shape: {"axes": draw(st.permutations(range(len(shape))).map(tuple))},
    "var": _axes,
}
