"""ps3, the private half of relu and its relatives: activations with a kink at zero."""

from __future__ import annotations

import numpy as np

from autograder.course.declare import Exercise, mistake
from autograder.course.mistakes import sign_flipped, upstream_ignored
from autograder.engine import ops
from kit.declare import case
from kit.draws import away_from_zero, shuffled

from ..public import rectifiers as public
from ._shared import FAR_OUT, elementwise

KINK = shuffled([-1.5, -0.0, 0.0, 0.0, 2.0])


RELU = Exercise(
    public.RELU,
    op=ops.relu,
    cases=elementwise(case("at zero", check="edges", x=KINK)),
    mistakes=(
        upstream_ignored(ops.relu),
        mistake(
            "one-at-zero",
            lambda g, y, x: g * (x >= 0),
            "Away from 0 all is well. Which slope does the notebook agree on at exactly 0?",
        ),
        mistake(
            "half-at-zero",
            lambda g, y, x: g * np.where(x == 0, 0.5, x > 0),
            "The middle of both slopes is a fair choice at 0. Is it the one that PyTorch made?",
        ),
        mistake(
            "times-value",
            lambda g, y, x: g * y,
            "Where the gate is open y equals x. How much does y move when x moves by a little?",
        ),
        mistake(
            "relu-of-the-upstream",
            lambda g, y, x: np.maximum(g, 0.0),
            "You let the positive gradients through. Whose sign decides whether the gate is open?",
        ),
        mistake(
            "minus-one-on-the-left",
            lambda g, y, x: g * np.sign(x),
            "On the left your slope is -1. If x = -2 moves a little, does y move at all?",
        ),
    ),
    right_answers=(
        lambda grad_output, output, x: np.where(x > 0, grad_output, 0.0),
        lambda grad_output, output, x: np.heaviside(x, 0.0) * grad_output,
    ),
)


@RELU.mistake
def overwrites_upstream(g, y, x):
    """The numbers are right, and grad_output is not what it was. Who else may still need that array?"""
    g[x <= 0] = 0.0
    return g


@RELU.right
def relu_by_loop(grad_output, output, x):
    gradient = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        if x[place] > 0:
            gradient[place] = grad_output[place]
    return gradient


@RELU.right
def relu_from_the_output(grad_output, output, x):
    gradient = grad_output.copy()
    gradient[output == 0] = 0
    return (gradient,)


LEAKY_RELU = Exercise(
    public.LEAKY_RELU,
    op=ops.leaky_relu,
    cases=elementwise(
        case("another slope", x=away_from_zero(4), negative_slope=0.25),
        case("slope above one", check="edges", x=away_from_zero(4), negative_slope=1.5),
        case("at zero", check="edges", x=KINK, negative_slope=0.1),
    ),
    mistakes=(
        upstream_ignored(ops.leaky_relu),
        mistake(
            "relu-rule",
            lambda g, y, x, negative_slope=0.01: g * (x > 0),
            "Nothing comes back through negative inputs. What is the leak there for?",
        ),
        mistake(
            "leak-without-upstream",
            lambda g, y, x, negative_slope=0.01: np.where(x > 0, g, negative_slope),
            "On the right you use grad_output. What happened to it on the left?",
        ),
        mistake(
            "hard-coded-slope",
            lambda g, y, x, negative_slope=0.01: g * np.where(x > 0, 1.0, 0.01),
            "This is right for the default. Which slope did this call ask for?",
        ),
        mistake(
            "inverse-slope",
            lambda g, y, x, negative_slope=0.01: g * np.where(x > 0, 1.0, 1.0 / negative_slope),
            "You undo the forward. Is the backward pass the inverse of a function, or how much it changes?",
        ),
        mistake(
            "one-at-zero",
            lambda g, y, x, negative_slope=0.01: g * np.where(x >= 0, 1.0, negative_slope),
            "Away from 0 all is well. To which of the two pieces does the notebook count 0 itself?",
        ),
        mistake(
            "larger-of-the-two-lines",
            lambda g, y, x, negative_slope=0.01: g * np.where(x > negative_slope * x, 1.0, negative_slope),
            "You take the larger of two lines. Which one is that when the slope exceeds 1?",
        ),
    ),
)


@LEAKY_RELU.right
def leaky_relu_by_loop(grad_output, output, x, negative_slope=0.01):
    gradient = np.array(grad_output)
    for place in np.ndindex(x.shape):
        if not x[place] > 0:
            gradient[place] *= negative_slope
    return gradient


@LEAKY_RELU.right
def leaky_relu_by_masks(grad_output, output, x, negative_slope=0.01):
    open_gate = (x > 0).astype(float)
    return grad_output * open_gate + negative_slope * grad_output * (1 - open_gate)


@LEAKY_RELU.right
def leaky_relu_from_the_output(grad_output, output, x, negative_slope=0.01):
    return np.where(output > 0, grad_output, grad_output * negative_slope)


ELU = Exercise(
    public.ELU,
    op=ops.elu,
    cases=elementwise(
        case("another alpha", x=away_from_zero(4), alpha=1.7),
        case("at zero", check="edges", x=KINK, alpha=0.5),
        case("far out", check="stability", x=FAR_OUT, alpha=0.5),
    ),
    mistakes=(
        upstream_ignored(ops.elu),
        mistake(
            "relu-rule",
            lambda g, y, x, alpha=1.0: g * (x > 0),
            "On the left the curve bends gently towards -alpha. Is it flat just below 0?",
        ),
        mistake(
            "alpha-forgotten",
            lambda g, y, x, alpha=1.0: g * np.where(x > 0, 1.0, np.exp(np.minimum(x, 0.0))),
            "This is right for alpha = 1. Where does alpha enter the forward?",
        ),
        mistake(
            "value-not-slope",
            lambda g, y, x, alpha=1.0: g * np.where(x > 0, 1.0, y),
            "On the left you multiply by the output, which is negative. Does the curve fall there?",
        ),
        mistake(
            "output-plus-one",
            lambda g, y, x, alpha=1.0: g * np.where(x > 0, 1.0, y + 1.0),
            "You rebuild the exponential from the output. Was it 1 that the forward took away?",
        ),
        mistake(
            "one-at-zero",
            lambda g, y, x, alpha=1.0: g * np.where(x >= 0, 1.0, alpha * np.exp(np.minimum(x, 0.0))),
            "Unless alpha is 1 there is a kink at 0. Which side's slope does the notebook give it?",
        ),
        mistake(
            "masked-overflow",
            lambda g, y, x, alpha=1.0: g * ((x > 0) + (x <= 0) * alpha * np.exp(x)),
            "exp(1000) is infinite. What is infinity times a mask of 0?",
        ),
        sign_flipped(ops.elu, "The curve rises everywhere. Then what sign has grad_input, compared with grad_output?"),
    ),
    right_answers=(
        lambda grad_output, output, x, alpha=1.0: np.where(x > 0, grad_output, grad_output * (output + alpha)),
        lambda grad_output, output, x, alpha=1.0: grad_output * np.where(x > 0, 1, alpha * np.exp(x)),
    ),
)


@ELU.right
def elu_by_indexing(grad_output, output, x, alpha=1.0):
    slope = np.ones_like(x)
    low = x <= 0
    slope[low] = alpha * np.exp(x[low])
    return (slope * grad_output,)
