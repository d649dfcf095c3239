"""Broadcasting, and undoing it."""

from __future__ import annotations

import numpy as np

from autograder.course.declare import Exercise, mistake
from autograder.course.mistakes import upstream_ignored
from autograder.engine import ops
from autograder.engine.broadcasting import unbroadcast
from kit.declare import case
from kit.draws import every_second, normal, reversed_view

from ..public import broadcasting as public
from ._shared import Array

Shape = tuple[int, ...]


def leading_only(grad: Array, shape: Shape) -> Array:
    """Sums over the axes that broadcasting put in front, and over no other."""
    return np.asarray(grad.sum(axis=tuple(range(grad.ndim - len(shape)))))


def averaged(grad: Array, shape: Shape) -> Array:
    """The mean over the copies."""
    return unbroadcast(grad, shape) * (np.prod(shape, dtype=np.float64) / max(grad.size, 1))


def without_size_one(grad: Array, shape: Shape) -> Array:
    """Summed over the right axes; a stretched axis of size 1 is gone afterwards."""
    new = grad.ndim - len(shape)
    inner = [new + i for i, n in enumerate(shape) if n == 1 and grad.shape[new + i] != 1]
    return np.asarray(grad.sum(axis=(*range(new), *inner)))


def one_copy(grad: Array, shape: Shape) -> Array:
    """The gradient of the first copy alone."""
    new = grad.ndim - len(shape)
    front = grad[(0,) * new]
    return np.array(front[tuple(slice(0, 1) if n == 1 else slice(None) for n in shape)])


def total(grad: Array, shape: Shape) -> Array:
    """The sum over everything in each entry."""
    return grad if grad.shape == shape else np.full(shape, grad.sum())


UNBROADCAST = Exercise(
    public.UNBROADCAST,
    reference=unbroadcast,
    cases=(
        case("nothing stretched", grad=normal(2, 3), shape=(2, 3)),
        case("row", grad=normal(4, 3), shape=(3,)),
        case("column", grad=normal(4, 3), shape=(4, 1)),
        case("kept row", grad=normal(4, 3), shape=(1, 3)),
        case("two new axes", check="edges", grad=normal(2, 4, 3), shape=(3,)),
        case("leading and inner", check="edges", grad=normal(5, 4, 3), shape=(4, 1)),
        case("leading and kept", check="edges", grad=normal(2, 4, 3), shape=(1, 3)),
        case("only ones", check="edges", grad=normal(2, 3), shape=(1, 1)),
        case("scalar", check="edges", grad=normal(2, 3), shape=()),
        case("scalar to scalar", check="edges", grad=normal(), shape=()),
        case("size 1 not stretched", check="edges", grad=normal(3, 1), shape=(3, 1)),
        case("no copies at all", check="edges", grad=normal(0, 3), shape=(3,)),
        case("negative stride", check="edges", grad=reversed_view(normal(4, 3)), shape=(3,)),
        case("cost", check="cost", grad=normal(2, 16000), shape=(16000,)),
    ),
    mistakes=(
        mistake(
            "leading-axes-only",
            leading_only,
            "You removed the axes that broadcasting put in front. What happened to an axis of size 1?",
        ),
        mistake(
            "averaged", averaged, "Each copy moved the loss on its own. Is the total effect of four copies their mean?"
        ),
        mistake(
            "size-1-axis-lost",
            without_size_one,
            "The numbers are right and one axis is missing. Which argument of sum leaves an axis with size 1?",
        ),
        mistake("one-copy-only", one_copy, "You return the gradient of one copy. What about the others?"),
        mistake(
            "summed-over-everything",
            total,
            "All entries of your result are equal. Which part of grad belongs to which entry?",
        ),
        mistake(
            "always-axis-0",
            lambda grad, shape: grad if grad.shape == shape else grad.sum(axis=0),
            "You sum over axis 0 whenever the shapes differ. Along which axis was a column copied?",
        ),
    ),
)


@UNBROADCAST.mistake
def size_1_axes_only(grad, shape):
    """You deal with axes of size 1. And if grad has more axes than the shape you are asked for?"""
    axes = tuple(axis for axis, n in enumerate(shape) if n == 1 and axis < grad.ndim)
    return np.asarray(grad.sum(axis=axes, keepdims=True))


@UNBROADCAST.right
def axis_by_axis(grad, shape):
    """Sum leading axes away one at a time, then the stretched ones."""
    while grad.ndim > len(shape):
        grad = grad.sum(axis=0)
    for axis, size in enumerate(shape):
        if size == 1:
            grad = grad.sum(axis=axis, keepdims=True)
    return grad


@UNBROADCAST.right
def by_counting(grad, shape):
    """Number the entries of the input, broadcast the numbers, and add up by number."""
    size = int(np.prod(shape))
    numbers = np.broadcast_to(np.arange(size).reshape(shape), grad.shape)
    return np.bincount(numbers.ravel(), weights=grad.ravel(), minlength=size).reshape(shape)


@UNBROADCAST.right
def by_reshape(grad, shape):
    """Put ones in front, sum with keepdims, reshape."""
    padded = (1,) * (grad.ndim - len(shape)) + tuple(shape)
    axes = tuple(k for k in range(grad.ndim) if padded[k] == 1 and grad.shape[k] != 1)
    return np.sum(grad, axis=axes, keepdims=True).reshape(shape)


BROADCAST_TO = Exercise(
    public.BROADCAST_TO,
    op=ops.broadcast_to,
    cases=(
        case("new leading axis", x=normal(3), shape=(4, 3)),
        case("column", x=normal(4, 1), shape=(4, 3)),
        case("kept row", x=normal(1, 3), shape=(4, 3)),
        case("new axis and column", check="edges", x=normal(4, 1), shape=(2, 4, 3)),
        case("scalar", check="edges", x=normal(), shape=(2, 3)),
        case("nothing to copy", check="edges", x=normal(2, 3), shape=(2, 3)),
        case("no copies at all", check="edges", x=normal(3), shape=(0, 3)),
        case("strided", check="edges", x=every_second(normal(3)), shape=(2, 3), upstream=np.flip),
        case("cost", check="cost", x=normal(16000), shape=(2, 16000)),
    ),
    mistakes=(
        mistake(
            "copies-not-summed",
            lambda g, y, x, shape: g,
            "Your gradient has the shape of the output. What is the backward of making copies?",
        ),
        mistake(
            "copies-averaged",
            lambda g, y, x, shape: averaged(g, x.shape),
            "An entry with four copies moves the loss along four paths. What does the chain rule do with paths?",
        ),
        mistake(
            "size-1-axis-lost",
            lambda g, y, x, shape: without_size_one(g, x.shape),
            "The numbers are right and one axis is missing. What is the shape of x?",
        ),
        upstream_ignored(
            ops.broadcast_to, "You counted how many copies each entry has. What should be added up for each of them?"
        ),
        mistake(
            "one-copy-only",
            lambda g, y, x, shape: one_copy(g, x.shape),
            "You return the upstream gradient of one copy. What about the others?",
        ),
        mistake(
            "leading-axes-only",
            lambda g, y, x, shape: leading_only(g, x.shape),
            "New axes in front are summed away. And where x had an axis of size 1 that became longer?",
        ),
    ),
    right_answers=(
        lambda g, y, x, shape=None: axis_by_axis(g, x.shape),
        lambda g, y, x, shape=None: by_counting(g, x.shape),
        lambda g, y, x, shape=None: (by_reshape(g, x.shape),),
    ),
)
