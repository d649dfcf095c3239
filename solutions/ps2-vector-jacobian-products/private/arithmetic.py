"""Arithmetic, entry by entry: addition, multiplication, division, subtraction, negation."""

from __future__ import annotations

import numpy as np

from autograder.course.declare import Exercise, mistake
from autograder.course.mistakes import (
    always_axis_0,
    averaged,
    gradients_swapped,
    not_summed,
    size_one_axis_lost,
    summed_over_everything,
    upstream_ignored,
    upstream_overwritten,
)
from autograder.engine import ops
from autograder.engine.broadcasting import unbroadcast
from kit.draws import away_from_zero, normal

from ..public import arithmetic as public
from ._right import looped, looped_pair, pair
from ._shared import EDGES_ARE_THE_POINT, Array, entries, pairs
from .broadcasting import axis_by_axis, by_counting, by_reshape


def both(g: Array, y: Array, a: Array, b: Array) -> tuple[Array, Array]:
    """The upstream gradient for both inputs, unsummed."""
    return g, g


ADD = Exercise(
    public.ADD,
    op=ops.add,
    cases=pairs(),
    shares=EDGES_ARE_THE_POINT,
    mistakes=(
        upstream_ignored(
            ops.add,
            "The local derivative of a sum is 1. What does the chain rule multiply it by, "
            "and where is that in your answer?",
        ),
        not_summed(both),
        always_axis_0(both),
        averaged(both),
        size_one_axis_lost(both),
        mistake(
            "treated-as-product",
            lambda g, y, a, b: (unbroadcast(g * b, a.shape), unbroadcast(g * a, b.shape)),
            "If a grows by a little, how much does a + b grow: does it matter how large b is?",
        ),
        mistake(
            "shared-out",
            lambda g, y, a, b: (unbroadcast(g / 2, a.shape), unbroadcast(g / 2, b.shape)),
            "You split the upstream gradient between the two inputs. If only a moves, is half of the effect lost?",
        ),
    ),
    right_answers=(
        looped_pair(lambda a, b: (1.0, 1.0)),
        pair(lambda g, y, a, b: (g, g), axis_by_axis),
        pair(lambda g, y, a, b: (g * 1.0, g * 1.0), by_reshape),
    ),
)

MUL = Exercise(
    public.MUL,
    op=ops.mul,
    cases=pairs(),
    mistakes=(
        upstream_ignored(
            ops.mul,
            "The slope in a is b, and that is what you return. Where does the gradient that arrives from above enter?",
        ),
        not_summed(lambda g, y, a, b: (g * b, g * a)),
        averaged(lambda g, y, a, b: (g * b, g * a)),
        size_one_axis_lost(lambda g, y, a, b: (g * b, g * a)),
        gradients_swapped(ops.mul, "Hold b still and move a: by what is the change of a multiplied, by a or by b?"),
        mistake(
            "summed-too-early",
            lambda g, y, a, b: (
                unbroadcast(g, a.shape) * unbroadcast(np.broadcast_to(b, g.shape), a.shape),
                unbroadcast(g, b.shape) * unbroadcast(np.broadcast_to(a, g.shape), b.shape),
            ),
            "Is a product of sums the sum of the products? Which of the two comes first here?",
        ),
        mistake(
            "multiplied-by-the-output",
            lambda g, y, a, b: (unbroadcast(g * y, a.shape), unbroadcast(g * y, b.shape)),
            "Your factor is the value a * b. Is that how fast the product changes when a does?",
        ),
        mistake(
            "upstream-overwritten",
            lambda g, y, a, b: (unbroadcast(g * b, a.shape), unbroadcast(np.multiply(g, a, out=g), b.shape)),
            "The numbers are right, and grad_output is not what it was. Who else may still need it?",
        ),
    ),
    right_answers=(
        looped_pair(lambda a, b: (b, a)),
        pair(lambda g, y, a, b: (g * b, g * a), by_counting),
        pair(lambda g, y, a, b: (g * b, g * a), axis_by_axis),
    ),
)

DIV = Exercise(
    public.DIV,
    op=ops.div,
    cases=pairs(normal, away_from_zero),
    mistakes=(
        upstream_ignored(ops.div, "Both local slopes are right. What multiplies them on the way down to a and b?"),
        not_summed(lambda g, y, a, b: (g / b, -g * a / b**2)),
        averaged(lambda g, y, a, b: (g / b, -g * a / b**2)),
        mistake(
            "denominator-not-squared",
            lambda g, y, a, b: (unbroadcast(g / b, a.shape), unbroadcast(-g * a / b, b.shape)),
            "Write the quotient as a times a power of b. By how much does differentiating lower that power?",
        ),
        mistake(
            "numerator-forgotten",
            lambda g, y, a, b: (unbroadcast(g / b, a.shape), unbroadcast(-g / b**2, b.shape)),
            "That is how 1 / b reacts to b. What stands on top here?",
        ),
        mistake(
            "sign-forgotten",
            lambda g, y, a, b: (unbroadcast(g / b, a.shape), unbroadcast(g * a / b**2, b.shape)),
            "Take a and b positive and let b grow: does the quotient grow or shrink?",
        ),
        mistake(
            "treated-as-product",
            lambda g, y, a, b: (unbroadcast(g * b, a.shape), unbroadcast(g * a, b.shape)),
            "Those would be the gradients of which operation?",
        ),
    ),
    right_answers=(
        looped_pair(lambda a, b: (1 / b, -a / b**2)),
        pair(lambda g, y, a, b: (g * b**-1.0, -(g * a) * b**-2.0), axis_by_axis),
        pair(lambda g, y, a, b: (g / b, -(g / b) * (a / b)), by_reshape),
    ),
)

SUB = Exercise(
    public.SUB,
    op=ops.sub,
    cases=pairs(),
    shares=EDGES_ARE_THE_POINT,
    mistakes=(
        upstream_ignored(ops.sub, "1 and -1 are the local slopes. What has to multiply them before you return?"),
        not_summed(lambda g, y, a, b: (g, -g)),
        averaged(lambda g, y, a, b: (g, -g)),
        summed_over_everything(lambda g, y, a, b: (g, -g)),
        mistake(
            "sign-forgotten",
            lambda g, y, a, b: (unbroadcast(g, a.shape), unbroadcast(g, b.shape)),
            "When b grows, does a - b grow or shrink?",
        ),
        gradients_swapped(ops.sub, "Which of the two inputs carries the minus sign?"),
        mistake(
            "both-negated",
            lambda g, y, a, b: (unbroadcast(-g, a.shape), unbroadcast(-g, b.shape)),
            "One of the two signs is right. What does a - b do when a grows?",
        ),
    ),
    right_answers=(
        looped_pair(lambda a, b: (1.0, -1.0)),
        pair(lambda g, y, a, b: (g, -g), axis_by_axis),
        lambda g, y, a, b: (by_reshape(g, a.shape), -by_reshape(g, b.shape)),
    ),
)

NEG = Exercise(
    public.NEG,
    op=ops.neg,
    cases=entries(),
    mistakes=(
        upstream_ignored(ops.neg, "The slope is -1 everywhere. What is it the slope of, and what multiplies it?"),
        upstream_overwritten(
            ops.neg, "You negated grad_output itself. If another branch of the graph reads it next, what does it find?"
        ),
        mistake("passed-through", lambda g, y, x: g, "If x goes up, which way does the output go?"),
        mistake("multiplied-by-the-input", lambda g, y, x: -g * x, "Does the slope of -x depend on where you are?"),
        mistake(
            "forward-again",
            lambda g, y, x: y.copy(),
            "You return the value of the operation. What was to be negated on the way back?",
        ),
        mistake(
            "always-negative",
            lambda g, y, x: -np.abs(g),
            "All your entries are negative or zero. What becomes of an upstream gradient that is negative already?",
        ),
    ),
    right_answers=(
        looped(lambda x, y: -1.0),
        lambda g, y, x: 0.0 - g,
        lambda g, y, x: (np.negative(g).tolist(),) if x.size else -g,
    ),
)
