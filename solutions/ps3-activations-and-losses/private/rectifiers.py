"""ps3, the private half of relu and its relatives: activations with a kink at zero."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.course.declare import Exercise, Misconception
from autograder.engine import ops
from kit.declare import case
from kit.draws import away_from_zero, shuffled

from ..public import rectifiers as kit
from ._shared import FAR_OUT, elementwise, sign_flipped, upstream_dropped

KINK = shuffled([-1.5, -0.0, 0.0, 0.0, 2.0])


def _relu_in_place(g: Any, y: Any, x: Any) -> Any:
    g[x <= 0] = 0.0
    return g


RELU = Exercise(
    public=kit.RELU,
    op=ops.relu,
    cases=elementwise(case("at zero", check="edges", x=KINK)),
    misconceptions=(
        upstream_dropped(ops.relu),
        Misconception(
            "one-at-zero",
            seen_in="at zero",
            wrong=lambda g, y, x: g * (x >= 0),
            hint="Away from 0 all is well. Which slope does the notebook agree on at exactly 0?",
        ),
        Misconception(
            "half-at-zero",
            seen_in="at zero",
            wrong=lambda g, y, x: g * np.where(x == 0, 0.5, x > 0),
            hint="The middle of both slopes is a fair choice at 0. Is it the one that PyTorch made?",
        ),
        Misconception(
            "times-value",
            seen_in="vector",
            wrong=lambda g, y, x: g * y,
            hint="Where the gate is open y equals x. How much does y move when x moves by a little?",
        ),
        Misconception(
            "relu-of-the-upstream",
            seen_in="vector",
            wrong=lambda g, y, x: np.maximum(g, 0.0),
            hint="You let the positive gradients through. Whose sign decides whether the gate is open?",
        ),
        Misconception(
            "minus-one-on-the-left",
            seen_in="vector",
            wrong=lambda g, y, x: g * np.sign(x),
            hint="On the left your slope is -1. If x = -2 moves a little, does y move at all?",
        ),
        Misconception(
            "overwrites-upstream",
            seen_in="vector",
            wrong=_relu_in_place,
            hint="The numbers are right, and grad_output is not what it was. Who else may still need that array?",
        ),
    ),
)

LEAKY_RELU = Exercise(
    public=kit.LEAKY_RELU,
    op=ops.leaky_relu,
    cases=elementwise(
        case("another slope", x=away_from_zero(4), negative_slope=0.25),
        case("slope above one", check="edges", x=away_from_zero(4), negative_slope=1.5),
        case("at zero", check="edges", x=KINK, negative_slope=0.1),
    ),
    misconceptions=(
        upstream_dropped(ops.leaky_relu),
        Misconception(
            "relu-rule",
            seen_in="vector",
            wrong=lambda g, y, x, negative_slope=0.01: g * (x > 0),
            hint="Nothing comes back through negative inputs. What is the leak there for?",
        ),
        Misconception(
            "leak-without-upstream",
            seen_in="vector",
            wrong=lambda g, y, x, negative_slope=0.01: np.where(x > 0, g, negative_slope),
            hint="On the right you use grad_output. What happened to it on the left?",
        ),
        Misconception(
            "hard-coded-slope",
            seen_in="another slope",
            wrong=lambda g, y, x, negative_slope=0.01: g * np.where(x > 0, 1.0, 0.01),
            hint="This is right for the default. Which slope did this call ask for?",
        ),
        Misconception(
            "inverse-slope",
            seen_in="another slope",
            wrong=lambda g, y, x, negative_slope=0.01: g * np.where(x > 0, 1.0, 1.0 / negative_slope),
            hint="You undo the forward. Is the backward pass the inverse of a function, or how much it changes?",
        ),
        Misconception(
            "one-at-zero",
            seen_in="at zero",
            wrong=lambda g, y, x, negative_slope=0.01: g * np.where(x >= 0, 1.0, negative_slope),
            hint="Away from 0 all is well. To which of the two pieces does the notebook count 0 itself?",
        ),
        Misconception(
            "larger-of-the-two-lines",
            seen_in="slope above one",
            wrong=lambda g, y, x, negative_slope=0.01: g * np.where(x > negative_slope * x, 1.0, negative_slope),
            hint="You take the larger of two lines. Which one is that when the slope exceeds 1?",
        ),
    ),
)

ELU = Exercise(
    public=kit.ELU,
    op=ops.elu,
    cases=elementwise(
        case("another alpha", x=away_from_zero(4), alpha=1.7),
        case("at zero", check="edges", x=KINK, alpha=0.5),
        case("far out", check="stability", x=FAR_OUT, alpha=0.5),
    ),
    misconceptions=(
        upstream_dropped(ops.elu),
        Misconception(
            "relu-rule",
            seen_in="vector",
            wrong=lambda g, y, x, alpha=1.0: g * (x > 0),
            hint="On the left the curve bends gently towards -alpha. Is it flat just below 0?",
        ),
        Misconception(
            "alpha-forgotten",
            seen_in="another alpha",
            wrong=lambda g, y, x, alpha=1.0: g * np.where(x > 0, 1.0, np.exp(np.minimum(x, 0.0))),
            hint="This is right for alpha = 1. Where does alpha enter the forward?",
        ),
        Misconception(
            "value-not-slope",
            seen_in="vector",
            wrong=lambda g, y, x, alpha=1.0: g * np.where(x > 0, 1.0, y),
            hint="On the left you multiply by the output, which is negative. Does the curve fall there?",
        ),
        Misconception(
            "output-plus-one",
            seen_in="another alpha",
            wrong=lambda g, y, x, alpha=1.0: g * np.where(x > 0, 1.0, y + 1.0),
            hint="You rebuild the exponential from the output. Was it 1 that the forward took away?",
        ),
        Misconception(
            "one-at-zero",
            seen_in="at zero",
            wrong=lambda g, y, x, alpha=1.0: g * np.where(x >= 0, 1.0, alpha * np.exp(np.minimum(x, 0.0))),
            hint="Unless alpha is 1 there is a kink at 0. Which side's slope does the notebook give it?",
        ),
        Misconception(
            "masked-overflow",
            seen_in="far out",
            wrong=lambda g, y, x, alpha=1.0: g * ((x > 0) + (x <= 0) * alpha * np.exp(x)),
            hint="exp(1000) is infinite. What is infinity times a mask of 0?",
        ),
        sign_flipped(
            ops.elu,
            "vector",
            hint="The curve rises everywhere. Then what sign has grad_input, compared with grad_output?",
        ),
    ),
)
