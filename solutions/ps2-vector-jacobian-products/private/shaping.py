"""Moving entries without changing them: reshape, transpose, concatenate, stack."""

from __future__ import annotations

import numpy as np

from autograder.course.declare import Exercise, mistake
from autograder.course.mistakes import gradients_swapped, upstream_ignored
from autograder.engine import ops
from kit.declare import case
from kit.draws import every_second, normal, reversed_view, transposed_view

from ..public import shaping as public

RESHAPE = Exercise(
    public.RESHAPE,
    op=ops.reshape,
    cases=(
        case("flatten", x=normal(3, 4), shape=(12,)),
        case("matrix to matrix", x=normal(3, 4), shape=(2, 6)),
        case("to three axes", x=normal(4, 3), shape=(2, 3, 2)),
        case("from three axes", x=normal(2, 3, 2), shape=(4, 3)),
        case("the rest", check="edges", x=normal(2, 6), shape=(3, -1, 2)),
        case("scalar", check="edges", x=normal(), shape=(1, 1)),
        case("to a scalar", check="edges", x=normal(1, 1), shape=()),
        case("empty", check="edges", x=normal(0, 3), shape=(3, 0)),
        case("Fortran order", check="edges", x=transposed_view(normal(3, 4)), shape=(6, 2)),
        case("strided", check="edges", x=normal(2, 3), shape=(3, 2), upstream=np.flip),
        case("cost", check="cost", x=normal(16400), shape=(164, 100)),
    ),
    mistakes=(
        upstream_ignored(ops.reshape, "The slope of moving an entry is 1. What moves back to where it came from?"),
        mistake(
            "not-reshaped-back",
            lambda g, y, x, shape: g,
            "A gradient has the shape of what it is the gradient of. Which shape is that here?",
        ),
        mistake(
            "transposed-first",
            lambda g, y, x, shape: g.T.reshape(x.shape),
            "The shape is right and the entries are shuffled. "
            "Does reshape change the reading order, and does a transpose?",
        ),
        mistake(
            "column-by-column",
            lambda g, y, x, shape: g.reshape(x.shape, order="F"),
            "The entries are read and written column by column. In which order did the forward pass read them?",
        ),
        mistake(
            "left-flat", lambda g, y, x, shape: g.ravel(), "The right numbers in one long row. What shape does x have?"
        ),
        mistake(
            "reversed",
            lambda g, y, x, shape: g.ravel()[::-1].reshape(x.shape),
            "The entries come back in reverse. Does undoing a reshape turn the order round?",
        ),
    ),
    right_answers=(
        lambda g, y, x, shape=None: np.reshape(g.copy(), np.shape(x)),
        lambda g, y, x, shape=None: np.array(g.ravel().tolist()).reshape(x.shape),
        lambda g, y, x, shape=None: (g.flatten().reshape(x.shape),),
    ),
)


@RESHAPE.right
def reshape_by_loop(g, y, x, shape=None):
    grad = np.zeros(x.shape)
    for to, value in zip(np.ndindex(x.shape), g.ravel().tolist(), strict=True):
        grad[to] = value
    return grad


TRANSPOSE = Exercise(
    public.TRANSPOSE,
    op=ops.transpose,
    cases=(
        case("matrix", x=normal(2, 3)),
        case("square", x=normal(3, 3)),
        case("last two", x=normal(2, 3, 4), axes=(0, 2, 1)),
        case("in a circle", x=normal(2, 3, 4), axes=(1, 2, 0)),
        case("in a circle, the other way", x=normal(2, 3, 4), axes=(2, 0, 1)),
        case("cube", x=normal(3, 3, 3), axes=(1, 2, 0)),
        case("nothing moves", check="edges", x=normal(2, 3), axes=(0, 1)),
        case("three axes reversed", check="edges", x=normal(2, 3, 4)),
        case("four axes", check="edges", x=normal(2, 3, 1, 4), axes=(3, 0, 2, 1)),
        case("vector", check="edges", x=normal(3)),
        case("strided", check="edges", x=reversed_view(normal(2, 3)), upstream=np.flip),
        case("cost", check="cost", x=normal(164, 100)),
    ),
    mistakes=(
        upstream_ignored(ops.transpose, "The slope of moving an entry is 1. What moves back to where it came from?"),
        mistake(
            "all-axes-reversed",
            lambda g, y, x, axes=None: g.T,
            "g.T reverses the order of all axes. Which permutation did the forward pass use?",
        ),
        mistake(
            "reshaped-instead",
            lambda g, y, x, axes=None: g.reshape(x.shape),
            "The right shape with the entries in other places. Does reshape move an entry from row to column?",
        ),
        mistake(
            "same-axes-again",
            lambda g, y, x, axes=None: g.transpose(axes),
            "Two axes swapped twice are back in place. What if three axes move in a circle: what undoes that?",
        ),
        mistake(
            "not-undone",
            lambda g, y, x, axes=None: g,
            "Your gradient has the axes of the output. In which order does x have them?",
        ),
        mistake(
            "last-two-swapped",
            lambda g, y, x, axes=None: g.swapaxes(-1, -2) if g.ndim > 1 else g,
            "You always swap the last two axes. Which ones were moved?",
        ),
    ),
)


@TRANSPOSE.right
def transpose_by_argsort(g, y, x, axes=None):
    axes = tuple(reversed(range(x.ndim))) if axes is None else axes
    return np.transpose(g, np.argsort(axes))


@TRANSPOSE.right
def transpose_by_inverse(g, y, x, axes=None):
    inverse = [0] * x.ndim
    for place, axis in enumerate(axes or range(x.ndim)[::-1]):
        inverse[axis] = place
    return g.transpose(inverse).copy()


@TRANSPOSE.right
def transpose_by_numbers(g, y, x, axes=None):
    numbers = np.transpose(np.arange(x.size).reshape(x.shape), axes)
    grad = np.empty(x.size)
    grad[numbers.ravel()] = g.ravel()
    return grad.reshape(x.shape)


@TRANSPOSE.right
def transpose_by_einsum(g, y, x, axes=None):
    letters = "abcdef"[: x.ndim]
    moved = "".join(letters[k] for k in (axes or range(x.ndim)[::-1]))
    return np.einsum(f"{moved}->{letters}", g)


CONCATENATE = Exercise(
    public.CONCATENATE,
    op=ops.concatenate,
    cases=(
        case("vectors", a=normal(2), b=normal(4)),
        case("rows", a=normal(3, 2), b=normal(1, 2)),
        case("columns", a=normal(2, 3), b=normal(2, 1), axis=1),
        case("equal sizes", a=normal(2, 3), b=normal(2, 3)),
        case("negative axis", check="edges", a=normal(2, 3, 2), b=normal(2, 1, 2), axis=-2),
        case("last axis, square", check="edges", a=normal(4, 2), b=normal(4, 2), axis=-1),
        case("nothing in front", check="edges", a=normal(0, 3), b=normal(2, 3)),
        case("nothing behind", check="edges", a=normal(2, 2), b=normal(2, 0), axis=1),
        case("strided", check="edges", a=every_second(normal(2, 3)), b=normal(2, 1), axis=1, upstream=np.flip),
        case("cost", check="cost", a=normal(150, 80), b=normal(150, 80), axis=1),
    ),
    mistakes=(
        upstream_ignored(ops.concatenate, "The slope of copying is 1. What stands where a and b went?"),
        mistake(
            "equal-halves",
            lambda g, y, a, b, axis=0: tuple(np.split(g, 2, axis)),
            "You cut in the middle. Where does a end and b begin?",
        ),
        mistake(
            "always-axis-0",
            lambda g, y, a, b, axis=0: (g[: a.shape[0]], g[a.shape[0] :]),
            "You cut between rows. Along which axis were the two joined?",
        ),
        mistake(
            "cut-at-the-size-of-b",
            lambda g, y, a, b, axis=0: tuple(np.split(g, [b.shape[axis]], axis)),
            "The first part has the size of b. Which of the two comes first in the output?",
        ),
        gradients_swapped(ops.concatenate, "Which part of the output came from a, the first or the last?"),
        mistake(
            "everything-to-both",
            lambda g, y, a, b, axis=0: (g, g),
            "Both gradients have the shape of the output. Which entries of it does a know anything about?",
        ),
    ),
)


@CONCATENATE.right
def concatenate_by_slices(g, y, a, b, axis=0):
    cut = a.shape[axis]
    front, back = [slice(None)] * g.ndim, [slice(None)] * g.ndim
    front[axis], back[axis] = slice(cut), slice(cut, None)
    return g[tuple(front)], g[tuple(back)]


@CONCATENATE.right
def concatenate_by_take(g, y, a, b, axis=0):
    n, whole = a.shape[axis], g.shape[axis]
    return [np.take(g, range(n), axis=axis), np.take(g, range(n, whole), axis=axis)]


@CONCATENATE.right
def concatenate_moved(g, y, a, b, axis=0):
    moved = np.swapaxes(g, 0, axis)
    return np.swapaxes(moved[: a.shape[axis]], 0, axis), np.swapaxes(moved[a.shape[axis] :], 0, axis)


STACK = Exercise(
    public.STACK,
    op=ops.stack,
    cases=(
        case("vectors", a=normal(3), b=normal(3)),
        case("matrices", a=normal(3, 4), b=normal(3, 4)),
        case("new axis 1", a=normal(3, 4), b=normal(3, 4), axis=1),
        case("new axis 1 of a square", a=normal(2, 2), b=normal(2, 2), axis=1),
        case("new last axis", check="edges", a=normal(2, 3), b=normal(2, 3), axis=-1),
        case("negative axis", check="edges", a=normal(2, 3), b=normal(2, 3), axis=-2),
        case("scalars", check="edges", a=normal(), b=normal()),
        case("empty", check="edges", a=normal(0, 3), b=normal(0, 3), axis=1),
        case("strided", check="edges", a=every_second(normal(2, 3)), b=normal(2, 3), axis=2, upstream=np.flip),
        case("cost", check="cost", a=normal(150, 80), b=normal(150, 80), axis=1),
    ),
    mistakes=(
        upstream_ignored(ops.stack, "The slope of copying is 1. What stands where a and b went?"),
        mistake(
            "axis-not-removed",
            lambda g, y, a, b, axis=0: tuple(np.split(g, 2, axis)),
            "Stacking added an axis. Is an axis of size 1 the same as no axis?",
        ),
        gradients_swapped(ops.stack, "Which place along the new axis did a take?"),
        mistake(
            "reshaped",
            lambda g, y, a, b, axis=0: tuple(g.reshape(2, *a.shape)),
            "The right shapes with entries mixed up. Does reshape move an axis to the front?",
        ),
        mistake(
            "always-axis-0",
            lambda g, y, a, b, axis=0: (g[0], g[1]),
            "You pick along axis 0. Where is the axis that stacking made?",
        ),
        mistake(
            "everything-to-both",
            lambda g, y, a, b, axis=0: (g.sum(axis=axis), g.sum(axis=axis)),
            "You add the two slices and hand the sum to both. Which slice does a know anything about?",
        ),
    ),
    right_answers=(
        lambda g, y, a, b, axis=0: tuple(np.moveaxis(g, axis, 0)),
        lambda g, y, a, b, axis=0: list(np.moveaxis(g, axis, 0)),
    ),
)


@STACK.right
def stack_by_split(g, y, a, b, axis=0):
    da, db = np.split(g, 2, axis=axis)
    return da.squeeze(axis), db.squeeze(axis)


@STACK.right
def stack_by_loop(g, y, a, b, axis=0):
    moved = np.moveaxis(g, axis, 0)
    da, db = np.zeros(a.shape), np.zeros(b.shape)
    for index in np.ndindex(a.shape):
        da[index], db[index] = moved[(0, *index)], moved[(1, *index)]
    return da, db
