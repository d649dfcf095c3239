"""Reading entries by index: whole slices along axis 0, single entries along one axis."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.course.declare import Exercise, mistake
from autograder.course.mistakes import upstream_ignored
from autograder.engine import ops
from kit.declare import case
from kit.draws import Draw, Generator, every_second, exactly, integers, normal, shuffled

from ..public import indexing as public
from ._shared import EDGES_ARE_THE_POINT, Array


def written(x: Array, index: Any, g: Array) -> Array:
    """Zeros with g written at the index: of repeated ones the last stays."""
    gradient = np.zeros(x.shape)
    gradient[index] = g
    return gradient


def added(x: Array, index: Any, g: Array | float, start: Array | None = None) -> Array:
    """Zeros (or ``start``) with g added at the index, as often as it occurs."""
    gradient = np.zeros(x.shape) if start is None else start
    np.add.at(gradient, index, g)
    return gradient


def divided_by_uses(x: Array, index: Array, g: Array) -> Array:
    """The mean of the contributions instead of their sum."""
    uses = added(x, index, 1.0)
    return added(x, index, g) / np.maximum(uses, 1.0)


GETITEM = Exercise(
    public.GETITEM,
    op=ops.getitem,
    shares=EDGES_ARE_THE_POINT,
    cases=(
        case("rows", x=normal(5, 3), index=shuffled([0, 2, 4], dtype=np.int64)),
        case("entries", x=normal(6), index=shuffled([1, 2, 5], dtype=np.int64)),
        case("every row, shuffled", x=normal(4, 2), index=shuffled([0, 1, 2, 3], dtype=np.int64)),
        case("repeated", check="edges", x=normal(5, 3), index=shuffled([1, 1, 1, 3], dtype=np.int64)),
        case("drawn", check="edges", x=normal(4, 2), index=integers(0, 4, 9)),
        case("negative", check="edges", x=normal(5, 2), index=shuffled([-1, 1, -4], dtype=np.int64)),
        case("one row from both ends", check="edges", x=normal(5), index=shuffled([-1, 4], dtype=np.int64)),
        case("matrix of indices", check="edges", x=normal(4, 3), index=integers(0, 4, 2, 3)),
        case("three axes", check="edges", x=normal(4, 2, 3), index=exactly([2, 2], dtype=np.int64)),
        case("nothing picked", check="edges", x=normal(4, 3), index=exactly([], dtype=np.int64)),
        case("strided", check="edges", x=every_second(normal(4, 3)), index=integers(0, 4, 3), upstream=np.flip),
        case("cost", check="cost", x=normal(2740, 6), index=integers(0, 2740, 2740)),
    ),
    mistakes=(
        upstream_ignored(ops.getitem, "You counted how often each row was picked. What should be added each time?"),
        mistake(
            "repeats-overwritten",
            lambda g, y, x, index: written(x, index, g),
            "A row that was picked twice has two paths to the loss. What does dx[index] = g, or +=, keep of them?",
        ),
        mistake(
            "unpicked-get-something",
            lambda g, y, x, index: added(x, index, g, np.full(x.shape, g.sum() / max(g.size, 1))),
            "A row that nobody picked: how much does the loss change when it does?",
        ),
        mistake(
            "repeats-averaged",
            lambda g, y, x, index: divided_by_uses(x, index, g),
            "A row that was picked three times gets a third of what it should. Do paths add up or average out?",
        ),
        mistake(
            "not-put-back",
            lambda g, y, x, index: g,
            "Your gradient has a row per pick. How many rows does x have, and which of them were picked?",
        ),
        mistake(
            "same-row-order",
            lambda g, y, x, index: added(x, np.sort(index % len(x), axis=None).reshape(index.shape), g),
            "The right rows get a gradient, but each other's. Which row of grad_output belongs to index[0]?",
        ),
    ),
)


@GETITEM.right
def getitem_by_loop(g, y, x, index):
    grad = np.zeros(x.shape)
    for place in np.ndindex(index.shape):
        grad[index[place]] += g[place]
    return grad


@GETITEM.right
def getitem_by_one_hot(g, y, x, index):
    one_hot = (index.reshape(-1, 1) % len(x) == np.arange(len(x))).astype(float)
    return (one_hot.T @ g.reshape(index.size, x[0].size)).reshape(x.shape)


@GETITEM.right
def getitem_by_bincount(g, y, x, index):
    rows = np.arange(x.size).reshape(len(x), -1)
    places = rows[index % len(x)].ravel()
    return np.bincount(places, weights=g.ravel(), minlength=x.size).reshape(x.shape)


def distinct(size: int, *shape: int, axis: int = 0) -> Draw:
    """Indices below ``size``, of ``shape``, no two of them equal along ``axis``."""

    def build(rng: Generator) -> Array:
        every = np.moveaxis(np.broadcast_to(np.arange(size), (*np.delete(shape, axis), size)), -1, axis)
        return np.take(rng.permuted(every, axis=axis), np.arange(shape[axis]), axis=axis)

    return Draw(f"distinct{shape}", build)


def places(index: Array, axis: int) -> tuple[Array, ...]:
    """The full index of every entry that take_along_axis reads."""
    full: list[Array] = list(np.indices(index.shape))
    full[axis] = index
    return tuple(full)


def along_axis_0(g: Array, x: Array, index: Array) -> Array:
    """Added along axis 0 whatever the axis, as far as x goes."""
    return added(x, places(np.minimum(index, x.shape[0] - 1), 0), g)


REPEATED = [[1, 1, 3], [0, 0, 0], [2, 3, 2]]

GATHER = Exercise(
    public.GATHER,
    op=ops.gather,
    shares=EDGES_ARE_THE_POINT,
    cases=(
        case("axis 0", x=normal(4, 3), index=distinct(4, 2, 3)),
        case("axis 1", x=normal(3, 4), index=distinct(4, 3, 2, axis=1), axis=1),
        case("square", x=normal(3, 3), index=distinct(3, 3, 3, axis=1), axis=1),
        case("vector", x=normal(5), index=distinct(5, 3)),
        case("repeated", check="edges", x=normal(3, 4), index=shuffled(REPEATED, np.int64), axis=1),
        case("drawn", check="edges", x=normal(3, 2, 3), index=integers(0, 2, 3, 5, 3), axis=1),
        case("negative axis", check="edges", x=normal(2, 4, 3), index=integers(0, 4, 2, 3, 3), axis=-2),
        case("one of each row", check="edges", x=normal(3, 4), index=integers(0, 4, 3, 1), axis=-1),
        case("nothing picked", check="edges", x=normal(3, 4), index=exactly(np.zeros((3, 0)), np.int64), axis=1),
        case(
            "strided", check="edges", x=every_second(normal(3, 4)), index=integers(0, 4, 3, 2), axis=1, upstream=np.flip
        ),
        case("cost", check="cost", x=normal(2740, 6), index=integers(0, 6, 2740, 6), axis=1),
    ),
    mistakes=(
        upstream_ignored(ops.gather, "You counted how often each entry was picked. What should be added each time?"),
        mistake(
            "repeats-overwritten",
            lambda g, y, x, index, axis=0: written(x, places(index, axis), g),
            "An entry that was picked twice has two paths to the loss. "
            "What does assigning, or a fancy +=, keep of them?",
        ),
        mistake(
            "always-axis-0",
            lambda g, y, x, index, axis=0: along_axis_0(g, x, index),
            "The index replaces one coordinate of each entry. Which one does the argument axis name?",
        ),
        mistake(
            "not-put-back",
            lambda g, y, x, index, axis=0: g,
            "Your gradient has the shape of the index. What shape does x have, and what do the other entries get?",
        ),
        mistake(
            "gathered-again",
            lambda g, y, x, index, axis=0: np.take_along_axis(g, np.minimum(index, g.shape[axis] - 1), axis),
            "Picking a second time is not the way back. If y[i] was read from x[k], where does g[i] go?",
        ),
        mistake(
            "repeats-averaged",
            lambda g, y, x, index, axis=0: (
                added(x, places(index, axis), g) / np.maximum(added(x, places(index, axis), 1.0), 1.0)
            ),
            "An entry that was picked three times gets a third of what it should. Do paths add up or average out?",
        ),
    ),
)


@GATHER.right
def gather_by_loop(g, y, x, index, axis=0):
    grad = np.zeros(x.shape)
    for place in np.ndindex(index.shape):
        to = list(place)
        to[axis] = index[place]
        grad[tuple(to)] += g[place]
    return grad


@GATHER.right
def gather_by_layers(g, y, x, index, axis=0):
    grad = np.zeros(x.shape)
    for k in range(index.shape[axis]):
        picked, upstream = index.take([k], axis=axis), g.take([k], axis=axis)
        sofar = np.take_along_axis(grad, picked, axis)
        np.put_along_axis(grad, picked, sofar + upstream, axis)
    return grad


@GATHER.right
def gather_by_numbers(g, y, x, index, axis=0):
    numbers = np.take_along_axis(np.arange(x.size).reshape(x.shape), index, axis)
    return np.bincount(numbers.ravel(), weights=g.ravel(), minlength=x.size).reshape(x.shape)
