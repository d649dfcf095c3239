"""Answered cases as the structural tests see them: what came back beside what was expected, array by array."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from .ladder import FLOOR as RIGHT_FLOOR
from .ladder import RTOL as RIGHT_RTOL
from .ladder import Array, Finding, as_real_array, differing, split

RTOL = 1e-7  # of relations: looser than right and wrong, for a relation is computed from rounded values
FLOOR = 1e-9
LARGE = 1 << 16  # entries: an array up to this size is compared whatever was expected
TIMES_AS_LARGE = 4  # and a larger one up to so many times what was expected
CHANCE = 0.02  # that the wrong entries or cases fall into a class by accident


@dataclass(frozen=True)
class Observation:
    """One answered case.

    ``arguments`` are (name, value) pairs in calling order, ``names`` what each expected array is called, ``returned``
    what came back as it came back, ``right`` whether it passed. ``scale`` is the case's own size, ``rtol`` and
    ``floor`` are the tolerances that it was judged by. ``rule`` says that the arguments begin with ``grad_output`` and
    ``output``.
    """

    case: str
    check: str
    arguments: tuple[tuple[str, Any], ...]
    names: tuple[str, ...]
    expected: tuple[Any, ...]
    returned: Any
    right: bool
    scale: float = 1.0
    rule: bool = True
    rtol: float = RIGHT_RTOL
    floor: float = RIGHT_FLOOR

    @cached_property
    def named(self) -> dict[str, Any]:
        """The arguments by name."""
        return dict(self.arguments)

    @cached_property
    def inputs(self) -> dict[str, Array]:
        """The floating-point arrays among the arguments, without ``grad_output`` and ``output``."""
        own = self.arguments[2:] if self.rule else self.arguments
        return {name: value for name, value in own if isinstance(value, np.ndarray) and value.dtype.kind == "f"}

    @property
    def vacuous(self) -> bool:
        """Whether the right answer is empty or zero: many a mistake gets that right."""
        return not any(np.any(want) for want in self.expected)

    @cached_property
    def upstream(self) -> Array | None:
        """``grad_output``, for a rule."""
        return np.asarray(self.arguments[0][1], dtype=np.float64) if self.rule and self.arguments else None

    @cached_property
    def pairs(self) -> tuple[Pair, ...] | None:
        """Every returned array beside the expected one; None where what came back is not so many arrays of numbers.

        None too where one is far larger than what was expected: it would be copied, and explains nothing.
        """
        parts = split(self.returned, self.expected)
        if isinstance(parts, Finding):
            return None
        found = []
        for which, (part, want, name) in enumerate(zip(parts, self.expected, self.names, strict=True)):
            if part is None and want is None:
                continue
            if want is None:
                return None
            got = as_real_array(part)
            if isinstance(got, str):
                return None
            wanted = np.asarray(want, dtype=np.float64)
            if got.size > max(TIMES_AS_LARGE * wanted.size, LARGE):
                return None
            found.append(Pair(self, which, name, got.astype(np.float64), wanted))
        return tuple(found)


@dataclass(frozen=True)
class Pair:
    """One returned array of one case and what was expected in its place."""

    of: Observation
    which: int
    name: str
    got: Array
    want: Array

    @cached_property
    def differs(self) -> Array | None:
        """A mask of the entries that differ, None where the shapes do."""
        if self.got.shape != self.want.shape:
            return None
        return differing(self.got, self.want, scale=self.of.scale, rtol=self.of.rtol, floor=self.of.floor)

    @property
    def wrong(self) -> bool:
        """Whether this array is not the expected one."""
        return not self.of.right and (self.differs is None or bool(self.differs.any()))

    @cached_property
    def telling(self) -> int:
        """How many numbers speak for a relation that holds: those that a right answer would not have had."""
        if self.differs is None:
            return min(int(np.unique(self.want).size), self.got.size) if self.want.any() else 0
        return int(self.differs.sum())

    @property
    def own_input(self) -> tuple[str, Array] | None:
        """The input that this array is the gradient of; for a function, its first array of the same shape."""
        inputs = self.of.inputs
        if self.of.rule:
            name = self.name.removeprefix("gradient of ")
            return (name, inputs[name]) if name in inputs and inputs[name].shape == self.want.shape else None
        return next(((name, x) for name, x in inputs.items() if x.shape == self.want.shape), None)

    def same(self, a: Array, b: Array) -> bool:
        """Whether two arrays are equal, shapes included, to the tolerance of relations."""
        a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
        rtol, floor = max(RTOL, self.of.rtol), max(FLOOR, self.of.floor)
        return a.shape == b.shape and not differing(a, b, scale=self.of.scale, rtol=rtol, floor=floor).any()

    def factor(self) -> float | None:
        """The one number by which every expected entry is multiplied, None if there is none."""
        if self.differs is None or not self.want.any():
            return None
        largest = np.unravel_index(np.argmax(np.abs(self.want)), self.want.shape)
        with np.errstate(all="ignore"):
            ratio = float(self.got[largest] / self.want[largest])
        return ratio if np.isfinite(ratio) and self.same(self.got, ratio * self.want) else None


@dataclass(frozen=True)
class Structural:
    """A structural finding: a short name, a sentence that ends in a question, and the returned array it concerns."""

    name: str
    text: str
    which: int | None = None


@dataclass(frozen=True)
class Relation:
    """A relation between two arrays: ``fits(pair)`` is None where they cannot tell; ``text`` follows the subject."""

    name: str
    fits: Callable[[Pair], bool | None]
    text: str


def alignments(small: Array, shape: tuple[int, ...]) -> Iterator[Array]:
    """Every way to read the axes of ``small``, in order, as axes of ``shape``: views that broadcast against it."""
    if small.ndim > len(shape) or len(shape) > 5:
        return
    for mask in range(1 << len(shape)):
        kept = [axis for axis in range(len(shape)) if mask >> axis & 1]
        if len(kept) != small.ndim:
            continue
        if all(n in (1, shape[axis]) for n, axis in zip(small.shape, kept, strict=True)):
            sizes = [1] * len(shape)
            for n, axis in zip(small.shape, kept, strict=True):
                sizes[axis] = n
            yield small.reshape(sizes)
