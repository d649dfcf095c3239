"""Draws: recipes for the inputs of a case, turned into values by a seeded generator."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

Generator = np.random.Generator
Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Draw:
    """A recipe: ``build(rng)`` gives one value, a fresh one each time. ``text`` says what, for people."""

    text: str
    build: Callable[[Generator], Any]

    def __call__(self, rng: Generator) -> Any:
        """One value drawn from ``rng``."""
        return self.build(rng)


def normal(*shape: int, scale: float = 1.0, offset: float = 0.0) -> Draw:
    """Standard normal float64 entries of ``shape`` (none: a 0-d array), times ``scale`` plus ``offset``."""
    return Draw(f"normal{shape}", lambda rng: np.asarray(rng.standard_normal(shape) * scale + offset))


def positive(*shape: int, low: float = 0.5, high: float = 2.0) -> Draw:
    """Uniform float64 entries of ``shape`` between ``low`` and ``high``, both above zero."""
    return Draw(f"positive{shape}", lambda rng: np.asarray(rng.uniform(low, high, shape)))


def away_from_zero(*shape: int, low: float = 0.5, high: float = 2.0) -> Draw:
    """Entries of both signs with absolute value between ``low`` and ``high``: safe divisors, no kink at zero."""
    return Draw(f"away_from_zero{shape}", lambda rng: signed(rng, shape, low, high))


def exactly(values: Any, dtype: Any = np.float64) -> Draw:
    """The same array each time: for kinks, ties and extreme magnitudes that chance does not hit."""
    return Draw("exactly", lambda rng: np.array(values, dtype=dtype))


def as_is(value: Any) -> Draw:
    """The value itself, a fresh copy each time: a list that must stay a list (of paths, of functions), a dict."""
    return Draw("as is", lambda rng: copy.deepcopy(value))


def shuffled(values: Any, dtype: Any = np.float64) -> Draw:
    """The given entries in a random order along the last axis: ties and kinks whose place cannot be guessed."""
    return Draw("shuffled", lambda rng: rng.permuted(np.array(values, dtype=dtype), axis=-1))


def integers(low: int, high: int, *shape: int) -> Draw:
    """int64 entries of ``shape`` with ``low <= entry < high``."""
    return Draw(f"integers{shape}", lambda rng: np.asarray(rng.integers(low, high, shape)))


def tied(*shape: int, levels: int = 3) -> Draw:
    """Small whole numbers as float64, so that many entries are equal: ties for maximum and amax."""
    return Draw(f"tied{shape}", lambda rng: np.asarray(rng.integers(0, levels, shape), dtype=np.float64))


def booleans(*shape: int, p: float = 0.5) -> Draw:
    """Boolean entries, True with probability ``p``; both values occur when there are two entries or more."""

    def build(rng: Generator) -> Array:
        mask = np.asarray(rng.random(shape) < p)
        if mask.size > 1 and mask.all() | ~mask.any():
            mask.flat[rng.integers(mask.size)] = not mask.flat[0]
        return mask

    return Draw(f"booleans{shape}", build)


def reversed_view(draw: Draw, axis: int = -1) -> Draw:
    """The drawn array through a negative stride along ``axis``."""
    return Draw(f"reversed {draw.text}", lambda rng: np.flip(draw(rng), axis))


def every_second(draw: Draw, axis: int = -1) -> Draw:
    """The drawn array as every second entry of a longer one along ``axis``: not contiguous."""

    def build(rng: Generator) -> Array:
        values = draw(rng)
        place = axis % values.ndim
        base = np.zeros(tuple(2 * n if i == place else n for i, n in enumerate(values.shape)), dtype=values.dtype)
        view = base[tuple(slice(None, None, 2) if i == place else slice(None) for i in range(values.ndim))]
        view[...] = values
        return view

    return Draw(f"strided {draw.text}", build)


def transposed_view(draw: Draw) -> Draw:
    """The drawn array with its axes reversed, in the memory order of the original: Fortran order."""
    return Draw(f"transposed {draw.text}", lambda rng: draw(rng).T)


def number(low: float = 0.5, high: float = 2.0) -> Draw:
    """A Python float of either sign with absolute value between ``low`` and ``high``."""
    return Draw("number", lambda rng: float(rng.choice([-1.0, 1.0]) * rng.uniform(low, high)))


def jointly(build: Callable[[Generator], Mapping[str, Any]], *names: str) -> dict[str, Any]:
    """Inputs of one case that belong together: a function and its derivative, the arrays of one graph.

    ``build(rng)`` gives all of ``names``. Each draw runs it on a generator that depends on the case alone, not on what
    was drawn before, so all of them are parts of one and the same result: ``case("...", **jointly(build, "f", "df"))``.
    """

    def part(name: str) -> Draw:
        return Draw(f"{name}, jointly", lambda rng: build(_of_the_case(rng))[name])

    return {name: part(name) for name in names}


def _of_the_case(rng: Generator) -> Generator:
    """A second generator from the seed of the first, at its start however far the first has come."""
    seeds = rng.bit_generator.seed_seq
    assert isinstance(seeds, np.random.SeedSequence)
    return np.random.default_rng(np.random.SeedSequence(seeds.entropy, spawn_key=(*seeds.spawn_key, 1)))


def signed(rng: Generator, shape: tuple[int, ...], low: float = 0.5, high: float = 2.0) -> Array:
    """Entries with ``low <= |entry| <= high`` and, from two entries on, both signs."""
    size = rng.uniform(low, high, shape)
    sign = np.where(rng.random(shape) < 0.5, -1.0, 1.0)
    values = np.asarray(size * sign)
    if values.size > 1 and (values > 0).all() | (values < 0).all():
        values.flat[rng.integers(values.size)] *= -1.0
    return values


def upstream(rng: Generator, shape: tuple[int, ...]) -> Array:
    """An upstream gradient of ``shape``: sign-mixed, not uniform, and as a scalar never plus or minus 1.

    An all-ones upstream gradient hides a fifth to a third of all wrong rules.
    """
    if shape == ():
        return np.asarray(rng.choice([-1.0, 1.0]) * rng.uniform(1.25, 2.5))
    return signed(rng, shape)
