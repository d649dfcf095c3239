"""ps3, the private half of the losses of numbers, and of the penalty: grad_output is one number, and it is not 1."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.course.declare import Exercise, mistake
from autograder.course.mistakes import rescaled, sign_flipped, upstream_ignored
from autograder.engine import ops
from kit.declare import Case, case
from kit.draws import every_second, exactly, normal, reversed_view

from ..public import regression as public

PAIRS: tuple[Case, ...] = (
    case("vector", prediction=normal(5), target=normal(5)),
    case("matrix", prediction=normal(2, 3), target=normal(2, 3)),
    case("a single number", check="edges", prediction=normal(), target=normal()),
    case("column", check="edges", prediction=normal(4, 1), target=normal(4, 1)),
    case("three axes", check="edges", prediction=normal(2, 3, 2), target=normal(2, 3, 2)),
    case("strided", check="edges", prediction=every_second(normal(2, 3)), target=reversed_view(normal(2, 3))),
)

MSE = Exercise(
    public.MSE,
    op=ops.mse,
    cases=PAIRS,
    mistakes=(
        upstream_ignored(ops.mse),
        rescaled(
            "mean-forgotten",
            ops.mse,
            lambda prediction, target: prediction.size,
            "The forward takes a mean. How much does one entry's square weigh in it?",
        ),
        rescaled(
            "divided-by-rows",
            ops.mse,
            lambda prediction, target: prediction.size / prediction.shape[0],
            "Over how many numbers does the mean go when the prediction is a matrix?",
        ),
        rescaled(
            "two-forgotten",
            ops.mse,
            lambda prediction, target: 0.5,
            "The forward has a square. What does differentiating it bring down?",
        ),
        sign_flipped(
            ops.mse, "Where the prediction is too high, raising it raises the loss. What sign has your gradient there?"
        ),
        mistake(
            "target-too",
            lambda g, y, prediction, target: (
                g * 2.0 * (prediction - target) / prediction.size,
                g * 2.0 * (target - prediction) / prediction.size,
            ),
            "You return two gradients. Is the target something that training should change?",
        ),
        mistake(
            "loss-not-slope",
            lambda g, y, prediction, target: g * (prediction - target) ** 2 / prediction.size,
            "These are the shares of the loss itself. How do they change when a prediction moves?",
        ),
    ),
)


@MSE.right
def mse_by_loop(grad_output, output, prediction, target):
    gradient = np.zeros(prediction.shape)
    for place in np.ndindex(prediction.shape):
        gradient[place] = 2 * grad_output * (prediction[place] - target[place]) / prediction.size
    return gradient


@MSE.right
def mse_by_parts(grad_output, output, prediction, target):
    difference = prediction - target
    grad_mean = np.full(prediction.shape, grad_output / np.prod(prediction.shape))
    return grad_mean * difference + grad_mean * difference


@MSE.right
def mse_in_a_tuple(grad_output, output, prediction, target):
    return (-2 / np.size(target) * (target - prediction) * grad_output,)


L1 = Exercise(
    public.L1,
    op=ops.l1,
    cases=(
        *PAIRS,
        case(
            "met exactly",
            check="edges",
            prediction=exactly([1.0, 2.0, 3.0, -4.0, 0.0]),
            target=exactly([1.0, 2.5, 3.0, -5.0, 0.0]),
        ),
    ),
    mistakes=(
        upstream_ignored(ops.l1),
        rescaled(
            "mean-forgotten",
            ops.l1,
            lambda prediction, target: prediction.size,
            "The forward takes a mean. How much does one entry's distance weigh in it?",
        ),
        rescaled(
            "divided-by-rows",
            ops.l1,
            lambda prediction, target: prediction.size / prediction.shape[0],
            "Over how many numbers does the mean go when the prediction is a matrix?",
        ),
        sign_flipped(
            ops.l1, "Where the prediction is too high, raising it raises the loss. What sign has your gradient there?"
        ),
        mistake(
            "difference-for-sign",
            lambda g, y, prediction, target: g * (prediction - target) / prediction.size,
            "Your gradient grows with the error. Does the slope of |d| depend on how far away the target is?",
        ),
        mistake(
            "direction-lost",
            lambda g, y, prediction, target: g * (prediction != target) / prediction.size,
            "Your gradient is the same on both sides of the target. Which way should each prediction move?",
        ),
        mistake(
            "one-where-equal",
            lambda g, y, prediction, target: g * np.where(prediction >= target, 1.0, -1.0) / prediction.size,
            "Some predictions meet their target exactly. Which slope does the notebook agree on there?",
        ),
        mistake(
            "divides-by-zero",
            lambda g, y, prediction, target: g * (prediction - target) / np.abs(prediction - target) / prediction.size,
            "You divide a difference by its size. What if a prediction meets its target exactly?",
        ),
    ),
)


@L1.right
def l1_by_comparison(grad_output, output, prediction, target):
    above, below = prediction > target, prediction < target
    return grad_output * (above.astype(float) - below) / prediction.size


@L1.right
def l1_by_loop(grad_output, output, prediction, target):
    def sign(d):
        return 0 if d == 0 else 1 if d > 0 else -1

    signs = [sign(d) for d in (prediction - target).ravel()]
    return grad_output * np.reshape(signs, prediction.shape) / len(signs)


@L1.right
def l1_in_a_tuple(grad_output, output, prediction, target):
    return (np.sign(target - prediction) * -grad_output / np.prod(prediction.shape),)


def _within(d: Any, delta: float, inside: Any, outside: Any) -> Any:
    """``inside`` where the distance is at most ``delta``, else ``outside``."""
    return np.where(np.abs(d) <= delta, inside, outside)


HUBER = Exercise(
    public.HUBER,
    op=ops.huber,
    cases=(
        case("vector", prediction=normal(6, scale=2.0), target=normal(6)),
        case(
            "small delta",
            prediction=exactly([[0.25, -0.75, 3.0], [-3.0, 0.75, -0.125]]),
            target=normal(2, 3, scale=0.1),
            delta=0.4,
        ),
        case(
            "large delta",
            prediction=exactly([[0.25, -1.5], [4.0, -4.0], [1.5, 6.0]]),
            target=normal(3, 2, scale=0.1),
            delta=2.5,
        ),
        case("a single number", check="edges", prediction=normal(), target=normal()),
        case("far target", check="edges", prediction=exactly([10.0, -10.0, 0.0]), target=exactly([10.25, -14.0, 5.0])),
        case(
            "on the border",
            check="edges",
            prediction=exactly([0.5, -0.5, 0.0, 1.0]),
            target=exactly([0.0, 0.0, 0.0, 0.5]),
            delta=0.5,
        ),
        case("strided", check="edges", prediction=every_second(normal(2, 3)), target=reversed_view(normal(2, 3))),
    ),
    mistakes=(
        upstream_ignored(ops.huber),
        rescaled(
            "mean-forgotten",
            ops.huber,
            lambda prediction, target: prediction.size,
            "The forward takes a mean. How much does one entry weigh in it?",
        ),
        sign_flipped(
            ops.huber,
            "Where the prediction is too high, raising it raises the loss. What sign has your gradient there?",
        ),
        mistake(
            "hard-coded-delta",
            lambda g, y, p, t, delta=1.0: g * np.clip(p - t, -1.0, 1.0) / p.size,
            "This is right for the default. Where does this call change from a parabola to a line?",
        ),
        mistake(
            "smooth-l1-rule",
            lambda g, y, p, t, delta=1.0: g * np.clip((p - t) / delta, -1.0, 1.0) / p.size,
            "That is a close relative, steepest slope 1. How steep is this loss far from the target?",
        ),
        mistake(
            "steepness-forgotten",
            lambda g, y, p, t, delta=1.0: g * _within(p - t, delta, p - t, np.sign(p - t)) / p.size,
            "Near the target all is well. With which slope does the line go on where the parabola stops?",
        ),
        mistake(
            "direction-lost",
            lambda g, y, p, t, delta=1.0: g * _within(p - t, delta, p - t, delta) / p.size,
            "Far from the target your gradient points the same way on both sides. Should it?",
        ),
        mistake(
            "half-forgotten",
            lambda g, y, p, t, delta=1.0: g * _within(p - t, delta, 2.0 * (p - t), delta * np.sign(p - t)) / p.size,
            "Near the target yours is twice as steep. What stands in front of the square in the forward?",
        ),
        mistake(
            "mse-everywhere",
            lambda g, y, p, t, delta=1.0: g * (p - t) / p.size,
            "Your gradient grows without end. What is this loss meant to do with outliers?",
        ),
    ),
)


@HUBER.right
def huber_by_where(grad_output, output, prediction, target, delta=1.0):
    d = prediction - target
    return grad_output * np.where(np.abs(d) <= delta, d, delta * np.sign(d)) / d.size


@HUBER.right
def huber_by_loop(grad_output, output, prediction, target, delta=1.0):
    gradient = np.zeros(prediction.shape)
    for place in np.ndindex(prediction.shape):
        d = prediction[place] - target[place]
        slope = d if -delta < d < delta else delta if d > 0 else -delta
        gradient[place] = grad_output * slope / prediction.size
    return gradient


@HUBER.right
def huber_by_min_and_max(grad_output, output, prediction, target, delta=1.0):
    return grad_output / prediction.size * np.minimum(np.maximum(prediction - target, -delta), delta)


L2_PENALTY = Exercise(
    public.L2_PENALTY,
    op=ops.l2_penalty,
    cases=(
        case("vector", w=normal(4)),
        case("matrix, stronger", w=normal(2, 3), strength=0.7),
        case("a single number", check="edges", w=normal(), strength=3.0),
        case("no weights", check="edges", w=normal(0)),
        case("strided", check="edges", w=every_second(normal(3, 2)), strength=0.2),
        case("backwards", check="edges", w=reversed_view(normal(4))),
    ),
    mistakes=(
        upstream_ignored(ops.l2_penalty),
        rescaled(
            "two-not-cancelled",
            ops.l2_penalty,
            lambda w: 2.0,
            "Differentiating the square brings down a 2. What else stands in front of the sum?",
        ),
        mistake(
            "strength-forgotten",
            lambda g, y, w, strength=0.01: g * w,
            "Make the penalty ten times stronger. Does your gradient notice?",
        ),
        mistake(
            "hard-coded-strength",
            lambda g, y, w, strength=0.01: g * 0.01 * w,
            "This is right for the default. Which strength did this call ask for?",
        ),
        mistake(
            "norm-rule",
            lambda g, y, w, strength=0.01: g * strength * w / np.linalg.norm(w),
            "All your gradients have the same length. Is the penalty the norm of w, or its square?",
        ),
        mistake(
            "value-not-slope",
            lambda g, y, w, strength=0.01: g * strength * w**2,
            "Your gradient is never negative. Which way should a negative weight be pulled?",
        ),
        mistake(
            "averaged",
            lambda g, y, w, strength=0.01: g * strength * w / max(w.size, 1),
            "You divide by the number of weights. Is there a mean in the forward?",
        ),
        mistake(
            "sign-only",
            lambda g, y, w, strength=0.01: g * strength * np.sign(w),
            "Every weight is pulled equally hard. Which penalty does that, and is it this one?",
        ),
    ),
)


@L2_PENALTY.right
def l2_by_loop(grad_output, output, w, strength=0.01):
    gradient = np.zeros(w.shape)
    for place in np.ndindex(w.shape):
        gradient[place] = grad_output * strength * w[place]
    return gradient


@L2_PENALTY.right
def l2_by_the_product_rule(grad_output, output, w, strength=0.01):
    half = 0.5 * strength * grad_output
    return half * w + half * w


@L2_PENALTY.right
def l2_through_the_square(grad_output, output, w, strength=0.01):
    grad_square = np.full_like(w, 0.5 * strength * grad_output)
    return (grad_square * 2 * w,)
