"""Arithmetic, entry by entry: addition, multiplication, division, subtraction, negation."""

from __future__ import annotations

import numpy as np

from autograder.course.declare import Exercise, Misconception
from autograder.engine import ops
from autograder.engine.broadcasting import unbroadcast
from kit.draws import away_from_zero, normal

from ..public import arithmetic as kit
from ._shared import (
    EDGES_ARE_THE_POINT,
    Array,
    always_axis_0,
    averaged,
    entries,
    gradients_swapped,
    not_summed,
    pairs,
    size_one_axis_lost,
    summed_over_everything,
    upstream_ignored,
    upstream_overwritten,
)


def both(g: Array, y: Array, a: Array, b: Array) -> tuple[Array, Array]:
    """The upstream gradient for both inputs, unsummed."""
    return g, g


ADD = Exercise(
    public=kit.ADD,
    op=ops.add,
    cases=pairs(),
    shares=EDGES_ARE_THE_POINT,
    misconceptions=(
        upstream_ignored(
            ops.add,
            "same shape",
            "The local derivative of a sum is 1. What does the chain rule multiply it by, and where is that in your "
            "answer?",
        ),
        not_summed(both),
        always_axis_0(both),
        averaged(both),
        size_one_axis_lost(both),
        Misconception(
            "treated-as-product",
            seen_in="same shape",
            wrong=lambda g, y, a, b: (unbroadcast(g * b, a.shape), unbroadcast(g * a, b.shape)),
            hint="If a grows by a little, how much does a + b grow: does it matter how large b is?",
        ),
        Misconception(
            "shared-out",
            seen_in="same shape",
            wrong=lambda g, y, a, b: (unbroadcast(g / 2, a.shape), unbroadcast(g / 2, b.shape)),
            hint="You split the upstream gradient between the two inputs. If only a moves, is half of the effect lost?",
        ),
    ),
)

MUL = Exercise(
    public=kit.MUL,
    op=ops.mul,
    cases=pairs(),
    misconceptions=(
        upstream_ignored(
            ops.mul,
            "same shape",
            "The slope in a is b, and that is what you return. Where does the gradient that arrives from above enter?",
        ),
        not_summed(lambda g, y, a, b: (g * b, g * a)),
        averaged(lambda g, y, a, b: (g * b, g * a)),
        size_one_axis_lost(lambda g, y, a, b: (g * b, g * a)),
        gradients_swapped(
            ops.mul, "same shape", "Hold b still and move a: by what is the change of a multiplied, by a or by b?"
        ),
        Misconception(
            "summed-too-early",
            seen_in="row",
            wrong=lambda g, y, a, b: (
                unbroadcast(g, a.shape) * unbroadcast(np.broadcast_to(b, g.shape), a.shape),
                unbroadcast(g, b.shape) * unbroadcast(np.broadcast_to(a, g.shape), b.shape),
            ),
            hint="Is a product of sums the sum of the products? Which of the two comes first here?",
        ),
        Misconception(
            "multiplied-by-the-output",
            seen_in="same shape",
            wrong=lambda g, y, a, b: (unbroadcast(g * y, a.shape), unbroadcast(g * y, b.shape)),
            hint="Your factor is the value a * b. Is that how fast the product changes when a does?",
        ),
        Misconception(
            "upstream-overwritten",
            seen_in="same shape",
            wrong=lambda g, y, a, b: (unbroadcast(g * b, a.shape), unbroadcast(np.multiply(g, a, out=g), b.shape)),
            hint="The numbers are right, and grad_output is not what it was. Who else may still need it?",
        ),
    ),
)

DIV = Exercise(
    public=kit.DIV,
    op=ops.div,
    cases=pairs(normal, away_from_zero),
    misconceptions=(
        upstream_ignored(
            ops.div, "same shape", "Both local slopes are right. What multiplies them on the way down to a and b?"
        ),
        not_summed(lambda g, y, a, b: (g / b, -g * a / b**2)),
        averaged(lambda g, y, a, b: (g / b, -g * a / b**2)),
        Misconception(
            "denominator-not-squared",
            seen_in="same shape",
            wrong=lambda g, y, a, b: (unbroadcast(g / b, a.shape), unbroadcast(-g * a / b, b.shape)),
            hint="Write the quotient as a times a power of b. By how much does differentiating lower that power?",
        ),
        Misconception(
            "numerator-forgotten",
            seen_in="same shape",
            wrong=lambda g, y, a, b: (unbroadcast(g / b, a.shape), unbroadcast(-g / b**2, b.shape)),
            hint="That is how 1 / b reacts to b. What stands on top here?",
        ),
        Misconception(
            "sign-forgotten",
            seen_in="same shape",
            wrong=lambda g, y, a, b: (unbroadcast(g / b, a.shape), unbroadcast(g * a / b**2, b.shape)),
            hint="Take a and b positive and let b grow: does the quotient grow or shrink?",
        ),
        Misconception(
            "treated-as-product",
            seen_in="same shape",
            wrong=lambda g, y, a, b: (unbroadcast(g * b, a.shape), unbroadcast(g * a, b.shape)),
            hint="Those would be the gradients of which operation?",
        ),
    ),
)

SUB = Exercise(
    public=kit.SUB,
    op=ops.sub,
    cases=pairs(),
    shares=EDGES_ARE_THE_POINT,
    misconceptions=(
        upstream_ignored(
            ops.sub, "same shape", "1 and -1 are the local slopes. What has to multiply them before you return?"
        ),
        not_summed(lambda g, y, a, b: (g, -g)),
        averaged(lambda g, y, a, b: (g, -g)),
        summed_over_everything(lambda g, y, a, b: (g, -g)),
        Misconception(
            "sign-forgotten",
            seen_in="same shape",
            wrong=lambda g, y, a, b: (unbroadcast(g, a.shape), unbroadcast(g, b.shape)),
            hint="When b grows, does a - b grow or shrink?",
        ),
        gradients_swapped(ops.sub, "same shape", "Which of the two inputs carries the minus sign?"),
        Misconception(
            "both-negated",
            seen_in="same shape",
            wrong=lambda g, y, a, b: (unbroadcast(-g, a.shape), unbroadcast(-g, b.shape)),
            hint="One of the two signs is right. What does a - b do when a grows?",
        ),
    ),
)

NEG = Exercise(
    public=kit.NEG,
    op=ops.neg,
    cases=entries(),
    misconceptions=(
        upstream_ignored(
            ops.neg, "matrix", "The slope is -1 everywhere. What is it the slope of, and what multiplies it?"
        ),
        upstream_overwritten(
            ops.neg,
            "matrix",
            "You negated grad_output itself. If another branch of the graph reads it next, what does it find?",
        ),
        Misconception(
            "passed-through",
            seen_in="matrix",
            wrong=lambda g, y, x: g,
            hint="If x goes up, which way does the output go?",
        ),
        Misconception(
            "multiplied-by-the-input",
            seen_in="matrix",
            wrong=lambda g, y, x: -g * x,
            hint="Does the slope of -x depend on where you are?",
        ),
        Misconception(
            "forward-again",
            seen_in="matrix",
            wrong=lambda g, y, x: y.copy(),
            hint="You return the value of the operation. What was to be negated on the way back?",
        ),
        Misconception(
            "always-negative",
            seen_in="matrix",
            wrong=lambda g, y, x: -np.abs(g),
            hint="All your entries are negative or zero. What becomes of an upstream gradient that is negative "
            "already?",
        ),
    ),
)
