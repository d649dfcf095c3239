"""Choosing between values, entry by entry: the larger, the smaller, by a condition, within bounds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.course.declare import Exercise, mistake
from autograder.course.mistakes import averaged, gradients_swapped, not_summed, upstream_ignored
from autograder.engine import ops
from autograder.engine.broadcasting import unbroadcast
from kit.declare import case
from kit.draws import booleans, exactly, normal, reversed_view, shuffled, tied

from ..public import choices as public
from ._right import looped, looped_pair, pair
from ._shared import Array, entries, pairs
from .broadcasting import axis_by_axis, by_counting, by_reshape

TIES = (
    case("ties", check="edges", a=exactly([1.0, 2.0, 2.0, 0.0]), b=exactly([1.0, 1.0, 2.0, 3.0])),
    case("many ties", check="edges", a=tied(4, 3, levels=2), b=tied(3, levels=2)),
    case("all equal", check="edges", a=exactly([[2.0], [2.0]]), b=exactly([2.0, 2.0, 2.0])),
)


def masked(first: Callable[[Array, Array], Any], second: Callable[[Array, Array], Any]) -> Callable[..., Any]:
    """A rule that multiplies the upstream gradient by one mask (or factor) for each input."""
    return lambda g, y, a, b: (unbroadcast(g * first(a, b), a.shape), unbroadcast(g * second(a, b), b.shape))


def share(wins: Array, equal: Array) -> Array:
    """1 where this input wins, half on a tie."""
    return wins + 0.5 * equal


def larger(a, b):
    return (1.0, 0.0) if a > b else (0.0, 1.0) if b > a else (0.5, 0.5)


MAXIMUM = Exercise(
    public.MAXIMUM,
    op=ops.maximum,
    cases=(*pairs(), *TIES),
    mistakes=(
        upstream_ignored(ops.maximum, "A mask of zeros and ones is the local slope. What does it multiply?"),
        not_summed(lambda g, y, a, b: (g * share(a > b, a == b), g * share(b > a, a == b))),
        averaged(lambda g, y, a, b: (g * share(a > b, a == b), g * share(b > a, a == b))),
        mistake(
            "tie-counted-twice",
            masked(lambda a, b: a >= b, lambda a, b: b >= a),
            "On a tie both of your masks are true. How much gradient leaves in total, and how much came in?",
        ),
        mistake(
            "tie-lost",
            masked(lambda a, b: a > b, lambda a, b: b > a),
            "On a tie neither of your masks is true. Where does the gradient of that entry go?",
        ),
        mistake(
            "tie-to-the-first",
            masked(lambda a, b: a >= b, lambda a, b: b > a),
            "On a tie you give everything to a. What does the text agree on for equal entries?",
        ),
        mistake(
            "loser-gets-it",
            masked(lambda a, b: share(b > a, a == b), lambda a, b: share(a > b, a == b)),
            "Move the smaller of the two a little: does the maximum notice?",
        ),
        mistake(
            "multiplied-by-the-value",
            masked(lambda a, b: a * share(a > b, a == b), lambda a, b: b * share(b > a, a == b)),
            "If the larger one grows by a little, by how much does the maximum grow: does its size matter?",
        ),
    ),
    right_answers=(
        looped_pair(larger),
        pair(lambda g, y, a, b: (g * (np.sign(a - b) + 1) / 2, g * (np.sign(b - a) + 1) / 2), axis_by_axis),
        pair(lambda g, y, a, b: (g * np.heaviside(a - b, 0.5), g * np.heaviside(b - a, 0.5)), by_reshape),
        pair(lambda g, y, a, b: tuple(g * (x == y) / ((a == y) * 1 + (b == y)) for x in (a, b)), by_reshape),
    ),
)


def smaller(a, b):
    return larger(-a, -b)


MINIMUM = Exercise(
    public.MINIMUM,
    op=ops.minimum,
    cases=(*pairs(), *TIES),
    mistakes=(
        upstream_ignored(ops.minimum, "Your masks are local slopes. What do they multiply?"),
        not_summed(lambda g, y, a, b: (g * share(a < b, a == b), g * share(b < a, a == b))),
        mistake(
            "negated-maximum",
            masked(lambda a, b: -share(a < b, a == b), lambda a, b: -share(b < a, a == b)),
            "The minimum is minus the maximum of the negatives. "
            "How many minus signs does the gradient meet on its way?",
        ),
        mistake(
            "tie-counted-twice",
            masked(lambda a, b: a <= b, lambda a, b: b <= a),
            "On a tie both of your masks are true. How much gradient leaves in total, and how much came in?",
        ),
        mistake(
            "tie-lost",
            masked(lambda a, b: a < b, lambda a, b: b < a),
            "On a tie neither of your masks is true. Where does the gradient of that entry go?",
        ),
        mistake(
            "tie-to-the-first",
            masked(lambda a, b: a <= b, lambda a, b: b < a),
            "On a tie you give everything to a. What does the text agree on for equal entries?",
        ),
        mistake(
            "loser-gets-it",
            masked(lambda a, b: share(b < a, a == b), lambda a, b: share(a < b, a == b)),
            "That is the rule of the maximum. Move the larger of the two a little: does the minimum notice?",
        ),
    ),
    right_answers=(
        looped_pair(smaller),
        pair(lambda g, y, a, b: (g * (np.sign(b - a) + 1) / 2, g * (np.sign(a - b) + 1) / 2), axis_by_axis),
        pair(lambda g, y, a, b: (g * np.heaviside(b - a, 0.5), g * np.heaviside(a - b, 0.5)), by_reshape),
    ),
)


def picked(g: Array, condition: Array) -> tuple[Array, Array]:
    """g where the condition holds and where it does not, unsummed."""
    return np.where(condition, g, 0.0), np.where(condition, 0.0, g)


WHERE = Exercise(
    public.WHERE,
    op=ops.where,
    cases=(
        case("same shape", condition=booleans(3, 2), a=normal(3, 2), b=normal(3, 2)),
        case("three axes", condition=booleans(2, 3, 2), a=normal(2, 3, 2), b=normal(2, 3, 2)),
        case("scalar branch", check="edges", condition=booleans(2, 3), a=normal(2, 3), b=normal()),
        case("row and column", check="edges", condition=booleans(4, 3), a=normal(3), b=normal(4, 1)),
        case("condition stretched", check="edges", condition=booleans(3), a=normal(4, 3), b=normal(4, 3)),
        case("all stretched", check="edges", condition=booleans(4, 1), a=normal(3), b=normal(2, 1, 1)),
        case("never true", check="edges", condition=exactly([False, False], dtype=np.bool_), a=normal(2), b=normal(2)),
        case("empty", check="edges", condition=booleans(0, 3), a=normal(0, 3), b=normal(3)),
        case(
            "strided",
            check="edges",
            condition=reversed_view(booleans(2, 3)),
            a=reversed_view(normal(2, 3)),
            b=normal(3),
        ),
        case("cost", check="cost", condition=booleans(164, 100), a=normal(164, 100), b=normal(164, 100)),
    ),
    mistakes=(
        upstream_ignored(ops.where, "Your masks are right. What belongs where they are true?"),
        mistake(
            "both-get-everything",
            lambda g, y, condition, a, b: (unbroadcast(g, a.shape), unbroadcast(g, b.shape)),
            "Each output entry came from exactly one of the two. What does the other one get for it?",
        ),
        gradients_swapped(ops.where, "Which of the two is used where the condition is true?"),
        mistake(
            "no-unbroadcast",
            lambda g, y, condition, a, b: picked(g, condition),
            "A scalar branch fills many entries of the output. What is the shape of its gradient?",
        ),
        mistake(
            "gradient-for-the-condition",
            lambda g, y, condition, a, b: (np.zeros(condition.shape), *ops.where.backward(g, y, condition, a, b)),
            "You return three gradients. Which of the three inputs can be moved by a little?",
        ),
        mistake(
            "multiplied-by-the-value",
            lambda g, y, condition, a, b: (
                unbroadcast(np.where(condition, g * a, 0.0), a.shape),
                unbroadcast(np.where(condition, 0.0, g * b), b.shape),
            ),
            "The chosen entry is copied as it is. What is the slope of copying?",
        ),
    ),
    right_answers=(
        lambda g, y, condition, a, b: [by_reshape(g * condition, a.shape), by_reshape(g * ~condition, b.shape)],
    ),
)


@WHERE.right
def where_by_masks(g, y, condition, a, b):
    mask = np.broadcast_to(condition, g.shape).astype(float)
    return axis_by_axis(mask * g, a.shape), axis_by_axis((1 - mask) * g, b.shape)


@WHERE.right
def where_by_assignment(g, y, condition, a, b):
    mask = np.broadcast_to(condition, g.shape)
    da, db = g.copy(), g.copy()
    da[~mask] = 0
    db[mask] = 0
    return by_counting(da, a.shape), by_counting(db, b.shape)


def inside(x: Array, lo: float, hi: float) -> Array:
    """Where clipping leaves the entry alone."""
    return (x >= lo) & (x <= hi)


CLIP = Exercise(
    public.CLIP,
    op=ops.clip,
    cases=(
        case("vector", x=shuffled([-2.5, -0.7, 0.2, 0.8, 1.9])),
        *entries(lambda *shape: normal(*shape, scale=1.5))[1:],
        case("other bounds", x=shuffled([-2.0, -0.8, -0.2, 0.4, 1.5, 3.0]), lo=-0.5, hi=2.0),
        case("both bounds positive", x=shuffled([0.1, 0.4, 0.9, 1.7]), lo=0.25, hi=1.5),
        case("on the bounds", check="edges", x=shuffled([-1.0, 0.0, 1.0, 2.0, -3.0])),
        case("on other bounds", check="edges", x=shuffled([0.5, 1.0, 2.0, 4.0]), lo=0.5, hi=2.0),
    ),
    mistakes=(
        upstream_ignored(ops.clip, "A mask of zeros and ones is the local slope. What does it multiply?"),
        mistake(
            "passed-through",
            lambda g, y, x, lo=-1.0, hi=1.0: g,
            "Outside the bounds, how much does the output move when x does?",
        ),
        mistake(
            "gradient-clipped",
            lambda g, y, x, lo=-1.0, hi=1.0: np.clip(g, lo, hi),
            "The values of x were limited on the way up. Does that limit the values of the gradient?",
        ),
        mistake(
            "one-bound-only",
            lambda g, y, x, lo=-1.0, hi=1.0: g * (x <= hi),
            "There are two flat parts. Which of them does your mask know?",
        ),
        mistake(
            "bounds-excluded",
            lambda g, y, x, lo=-1.0, hi=1.0: g * ((x > lo) & (x < hi)),
            "Everything is right except exactly on a bound. What does the text agree on there?",
        ),
        mistake(
            "default-bounds-always",
            lambda g, y, x, lo=-1.0, hi=1.0: g * inside(x, -1.0, 1.0),
            "Right for the default bounds. Where do lo and hi enter?",
        ),
        mistake(
            "multiplied-by-the-value",
            lambda g, y, x, lo=-1.0, hi=1.0: g * y * inside(x, lo, hi),
            "Between the bounds the output is x itself. What is the slope there?",
        ),
    ),
    right_answers=(
        looped(lambda x, y, lo=-1.0, hi=1.0: 1.0 if lo <= x <= hi else 0.0),
        lambda g, y, x, lo=-1.0, hi=1.0: np.where(y == x, g, 0.0),
        lambda g, y, x, lo=-1.0, hi=1.0: np.where(np.logical_or(x < lo, x > hi), 0.0, g),
    ),
)


@CLIP.right
def clip_by_assignment(g, y, x, lo=-1.0, hi=1.0):
    grad = np.array(g)
    grad[np.asarray((x < lo) | (x > hi))] = 0.0
    return grad
