"""ps3, the private half of the smooth rectifiers: softplus, silu and gelu."""

from __future__ import annotations

import math

import numpy as np

from autograder.course.declare import Exercise, mistake
from autograder.course.mistakes import sign_flipped, upstream_ignored
from autograder.engine import ops
from autograder.engine.ops.activations import normal_cdf, normal_pdf, stable_sigmoid
from kit.declare import case
from kit.draws import shuffled

from ..public import smooth as public
from ._shared import FAR_OUT, elementwise
from .squashing import sigmoid_as_written, sigmoid_backward_squared, sigmoid_by_masks, sigmoid_by_tanh

ZEROS = shuffled([-1.5, -0.0, 0.0, 2.0])


def _softplus(x):
    return np.logaddexp(x, 0.0)


SOFTPLUS = Exercise(
    public.SOFTPLUS,
    reference=_softplus,
    cases=elementwise(case("far out", check="stability", x=FAR_OUT), cost=False),
    mistakes=(
        mistake(
            "overflow",
            lambda x: np.log(1.0 + np.exp(x)),
            "At x = 1000 the result is about 1000. How large is the exponential on the way there?",
        ),
        mistake("relu-instead", lambda x: np.maximum(x, 0.0), "Far out both agree. What does softplus give at 0?"),
        mistake(
            "straight-part-forgotten",
            lambda x: np.log1p(np.exp(-np.abs(x))),
            "Your curve has its peak at 0. What must be added so that it goes on rising on the right?",
        ),
        mistake(
            "mirrored", lambda x: np.logaddexp(-x, 0.0), "For large x the result should be near x. Where does yours go?"
        ),
        mistake(
            "logarithm-to-base-two",
            lambda x: np.logaddexp(x, 0.0) / math.log(2.0),
            "At 0 you get 1. To which base is the logarithm?",
        ),
        mistake(
            "one-forgotten",
            lambda x: np.log(np.exp(x)),
            "A logarithm of an exponential gives x back. What stands between the two in the formula?",
        ),
    ),
    right_answers=(lambda x: np.logaddexp(0, x), lambda x: np.where(x > 30, x, np.log1p(np.exp(np.minimum(x, 30))))),
)


@SOFTPLUS.mistake
def overwrites_input(x):
    """The numbers are right, and x is not what it was. Which line writes into the caller's array?"""
    np.logaddexp(x, 0.0, out=x)
    return x.copy()


@SOFTPLUS.right
def softplus_by_loop(x):
    def one(v):
        return v + math.log1p(math.exp(-v)) if v > 0 else math.log1p(math.exp(v))

    return np.array([one(v) for v in x.ravel()]).reshape(x.shape)


SOFTPLUS_BACKWARD = Exercise(
    public.SOFTPLUS_BACKWARD,
    op=ops.softplus,
    cases=elementwise(case("far out", check="stability", x=FAR_OUT)),
    mistakes=(
        upstream_ignored(ops.softplus),
        mistake(
            "overflow",
            lambda g, y, x: g * np.exp(x) / (1.0 + np.exp(x)),
            "What is exp(1000) in float64? You have written this very function in a safe form: where?",
        ),
        mistake(
            "slope-at-the-output",
            lambda g, y, x: g * stable_sigmoid(y),
            "The function is the right one. Is it taken at the input or at the output?",
        ),
        mistake("relu-rule", lambda g, y, x: g * (x > 0), "Your slope jumps at 0. Does the slope of a smooth curve?"),
        mistake(
            "inner-derivative-forgotten",
            lambda g, y, x: g * stable_sigmoid(-x),
            "You differentiated the logarithm. What does the chain rule ask for next?",
        ),
        mistake(
            "one-derivative-too-many",
            lambda g, y, x: g * stable_sigmoid(x) * stable_sigmoid(-x),
            "Far to the right softplus rises like x itself. How steep is your answer there?",
        ),
        sign_flipped(ops.softplus, "Softplus rises everywhere. What sign should its slope have?"),
    ),
    right_answers=(
        lambda grad_output, output, x: grad_output / (1 + np.exp(-x)),
        lambda grad_output, output, x: grad_output * (np.tanh(x / 2) + 1) / 2,
        lambda grad_output, output, x: grad_output * -np.expm1(-output),
        lambda grad_output, output, x: (grad_output * np.exp(x - output),),
    ),
)


SILU = Exercise(
    public.SILU,
    op=ops.silu,
    cases=elementwise(case("at zero", check="edges", x=ZEROS), case("far out", check="stability", x=FAR_OUT)),
    mistakes=(
        upstream_ignored(ops.silu),
        mistake(
            "one-term-of-the-product",
            lambda g, y, x: g * stable_sigmoid(x),
            "y is a product of two functions of x. How many terms does the product rule have?",
        ),
        mistake(
            "other-term-of-the-product",
            lambda g, y, x: g * x * stable_sigmoid(x) * stable_sigmoid(-x),
            "You differentiated the sigmoid and left x alone. Which term of the product rule is missing?",
        ),
        mistake(
            "sigmoid-not-differentiated",
            lambda g, y, x: g * (stable_sigmoid(x) + x * stable_sigmoid(x)),
            "Two terms, good. In the second, is it the sigmoid that is wanted or its slope?",
        ),
        mistake(
            "slope-at-the-output",
            lambda g, y, x: g * (y + stable_sigmoid(y) * (1.0 - y)),
            "The shape of the formula is right. Is the sigmoid taken at the input or at the output?",
        ),
        mistake(
            "factor-missing",
            lambda g, y, x: g * (stable_sigmoid(x) + stable_sigmoid(x) * stable_sigmoid(-x)),
            "Two terms, good. Which factor of the second stays as it is when the other is differentiated?",
        ),
    ),
)


@SILU.mistake
def divided_by_the_input(g, y, x):
    """You recover the sigmoid by a division. What if x is 0?"""
    s = y / x
    return g * (s + x * s * (1.0 - s))


@SILU.mistake
def overflow(g, y, x):
    """What is exp(1000) in float64? You have written this sigmoid in a safe form: where?"""
    s = np.exp(x) / (1.0 + np.exp(x))
    return g * (s + x * s * (1.0 - s))


@SILU.right
def silu_from_the_output(grad_output, output, x):
    s = sigmoid_by_tanh(x)
    return grad_output * (output + s * (1 - output))


@SILU.right
def silu_factored(grad_output, output, x):
    s = sigmoid_as_written(x)
    return grad_output * s * (1 + x * (1 - s))


@SILU.right
def silu_by_two_paths(grad_output, output, x):
    s = sigmoid_by_masks(np.array(x))
    through_x = grad_output * s
    through_sigmoid = sigmoid_backward_squared(grad_output * x, s, x)
    return through_x + through_sigmoid


GELU = Exercise(
    public.GELU,
    op=ops.gelu,
    cases=elementwise(case("at zero", check="edges", x=ZEROS), case("far out", check="stability", x=FAR_OUT)),
    mistakes=(
        upstream_ignored(ops.gelu),
        mistake(
            "one-term-of-the-product",
            lambda g, y, x: g * normal_cdf(x),
            "y is a product of two functions of x. How many terms does the product rule have?",
        ),
        mistake(
            "other-term-of-the-product",
            lambda g, y, x: g * x * normal_pdf(x),
            "You differentiated the second factor and left x alone. Which term of the product rule is missing?",
        ),
        mistake(
            "factor-missing",
            lambda g, y, x: g * (normal_cdf(x) + normal_pdf(x)),
            "Two terms, good. Which factor of the second stays as it is when the other is differentiated?",
        ),
        mistake(
            "normaliser-forgotten",
            lambda g, y, x: g * (normal_cdf(x) + x * np.exp(-0.5 * x * x)),
            "The bell curve under a distribution function has area 1. Does yours?",
        ),
        mistake(
            "root-of-two-lost-inside",
            lambda g, y, x: g * (normal_cdf(x) + x * np.exp(-x * x / 2.0) / math.sqrt(math.pi)),
            "erf is taken of x divided by something. Where does that divisor go by the chain rule?",
        ),
    ),
)


@GELU.mistake
def tanh_form(g, y, x):
    """You are within a thousandth: that is the slope of an approximation. Which form is the forward's?"""
    c = math.sqrt(2.0 / math.pi)
    t = np.tanh(c * (x + 0.044715 * x**3))
    return g * (0.5 * (1.0 + t) + 0.5 * x * (1.0 - t**2) * c * (1.0 + 3.0 * 0.044715 * x**2))


@GELU.right
def gelu_by_erfc(grad_output, output, x):
    slope = [0.5 * math.erfc(-v / math.sqrt(2)) + v * math.exp(-v * v / 2) / math.sqrt(2 * math.pi) for v in x.ravel()]
    return grad_output * np.reshape(slope, x.shape)


@GELU.right
def gelu_by_vectorize(grad_output, output, x):
    if x.size == 0:
        return np.zeros(x.shape)
    half = np.vectorize(math.erf)(x / 2**0.5) / 2 + 0.5
    return half * grad_output + grad_output * x * np.exp(-(x**2) / 2) * 0.3989422804014327


@GELU.right
def gelu_by_loop(grad_output, output, x):
    gradient = np.empty(x.shape)
    for place in np.ndindex(x.shape):
        v = float(x[place])
        cdf = (1 + math.erf(v / math.sqrt(2))) / 2
        gradient[place] = grad_output[place] * (cdf + v * math.exp(-0.5 * v**2) / math.sqrt(math.tau))
    return gradient
