"""ps3, the private half of the losses of numbers, and of the penalty: grad_output is one number, and it is not 1."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.course.declare import Exercise, Misconception
from autograder.engine import ops
from kit.declare import Case, case
from kit.draws import every_second, exactly, normal, reversed_view

from ..public import regression as kit
from ._shared import rescaled, sign_flipped, upstream_dropped

PAIRS: tuple[Case, ...] = (
    case("vector", prediction=normal(5), target=normal(5)),
    case("matrix", prediction=normal(2, 3), target=normal(2, 3)),
    case("a single number", check="edges", prediction=normal(), target=normal()),
    case("column", check="edges", prediction=normal(4, 1), target=normal(4, 1)),
    case("three axes", check="edges", prediction=normal(2, 3, 2), target=normal(2, 3, 2)),
    case("strided", check="edges", prediction=every_second(normal(2, 3)), target=reversed_view(normal(2, 3))),
)

MSE = Exercise(
    public=kit.MSE,
    op=ops.mse,
    cases=PAIRS,
    misconceptions=(
        upstream_dropped(ops.mse),
        rescaled(
            "mean-forgotten",
            ops.mse,
            "vector",
            lambda prediction, target: prediction.size,
            hint="The forward takes a mean. How much does one entry's square weigh in it?",
        ),
        rescaled(
            "divided-by-rows",
            ops.mse,
            "matrix",
            lambda prediction, target: prediction.size / prediction.shape[0],
            hint="Over how many numbers does the mean go when the prediction is a matrix?",
        ),
        rescaled(
            "two-forgotten",
            ops.mse,
            "vector",
            lambda prediction, target: 0.5,
            hint="The forward has a square. What does differentiating it bring down?",
        ),
        sign_flipped(
            ops.mse,
            "vector",
            hint="Where the prediction is too high, raising it raises the loss. What sign has your gradient there?",
        ),
        Misconception(
            "target-too",
            seen_in="vector",
            wrong=lambda g, y, prediction, target: (
                g * 2.0 * (prediction - target) / prediction.size,
                g * 2.0 * (target - prediction) / prediction.size,
            ),
            hint="You return two gradients. Is the target something that training should change?",
        ),
        Misconception(
            "loss-not-slope",
            seen_in="vector",
            wrong=lambda g, y, prediction, target: g * (prediction - target) ** 2 / prediction.size,
            hint="These are the shares of the loss itself. How do they change when a prediction moves?",
        ),
    ),
)

L1 = Exercise(
    public=kit.L1,
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
    misconceptions=(
        upstream_dropped(ops.l1),
        rescaled(
            "mean-forgotten",
            ops.l1,
            "vector",
            lambda prediction, target: prediction.size,
            hint="The forward takes a mean. How much does one entry's distance weigh in it?",
        ),
        rescaled(
            "divided-by-rows",
            ops.l1,
            "matrix",
            lambda prediction, target: prediction.size / prediction.shape[0],
            hint="Over how many numbers does the mean go when the prediction is a matrix?",
        ),
        sign_flipped(
            ops.l1,
            "vector",
            hint="Where the prediction is too high, raising it raises the loss. What sign has your gradient there?",
        ),
        Misconception(
            "difference-for-sign",
            seen_in="vector",
            wrong=lambda g, y, prediction, target: g * (prediction - target) / prediction.size,
            hint="Your gradient grows with the error. Does the slope of |d| depend on how far away the target is?",
        ),
        Misconception(
            "direction-lost",
            seen_in="vector",
            wrong=lambda g, y, prediction, target: g * (prediction != target) / prediction.size,
            hint="Your gradient is the same on both sides of the target. Which way should each prediction move?",
        ),
        Misconception(
            "one-where-equal",
            seen_in="met exactly",
            wrong=lambda g, y, prediction, target: g * np.where(prediction >= target, 1.0, -1.0) / prediction.size,
            hint="Some predictions meet their target exactly. Which slope does the notebook agree on there?",
        ),
        Misconception(
            "divides-by-zero",
            seen_in="met exactly",
            wrong=lambda g, y, prediction, target: (
                g * (prediction - target) / np.abs(prediction - target) / prediction.size
            ),
            hint="You divide a difference by its size. What if a prediction meets its target exactly?",
        ),
    ),
)


def _within(d: Any, delta: float, inside: Any, outside: Any) -> Any:
    """``inside`` where the distance is at most ``delta``, else ``outside``."""
    return np.where(np.abs(d) <= delta, inside, outside)


HUBER = Exercise(
    public=kit.HUBER,
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
    misconceptions=(
        upstream_dropped(ops.huber),
        rescaled(
            "mean-forgotten",
            ops.huber,
            "vector",
            lambda prediction, target: prediction.size,
            hint="The forward takes a mean. How much does one entry weigh in it?",
        ),
        sign_flipped(
            ops.huber,
            "vector",
            hint="Where the prediction is too high, raising it raises the loss. What sign has your gradient there?",
        ),
        Misconception(
            "hard-coded-delta",
            seen_in="small delta",
            wrong=lambda g, y, p, t, delta=1.0: g * np.clip(p - t, -1.0, 1.0) / p.size,
            hint="This is right for the default. Where does this call change from a parabola to a line?",
        ),
        Misconception(
            "smooth-l1-rule",
            seen_in="small delta",
            wrong=lambda g, y, p, t, delta=1.0: g * np.clip((p - t) / delta, -1.0, 1.0) / p.size,
            hint="That is a close relative, steepest slope 1. How steep is this loss far from the target?",
        ),
        Misconception(
            "steepness-forgotten",
            seen_in="small delta",
            wrong=lambda g, y, p, t, delta=1.0: g * _within(p - t, delta, p - t, np.sign(p - t)) / p.size,
            hint="Near the target all is well. With which slope does the line go on where the parabola stops?",
        ),
        Misconception(
            "direction-lost",
            seen_in="vector",
            wrong=lambda g, y, p, t, delta=1.0: g * _within(p - t, delta, p - t, delta) / p.size,
            hint="Far from the target your gradient points the same way on both sides. Should it?",
        ),
        Misconception(
            "half-forgotten",
            seen_in="vector",
            wrong=lambda g, y, p, t, delta=1.0: (
                g * _within(p - t, delta, 2.0 * (p - t), delta * np.sign(p - t)) / p.size
            ),
            hint="Near the target yours is twice as steep. What stands in front of the square in the forward?",
        ),
        Misconception(
            "mse-everywhere",
            seen_in="vector",
            wrong=lambda g, y, p, t, delta=1.0: g * (p - t) / p.size,
            hint="Your gradient grows without end. What is this loss meant to do with outliers?",
        ),
    ),
)

L2_PENALTY = Exercise(
    public=kit.L2_PENALTY,
    op=ops.l2_penalty,
    cases=(
        case("vector", w=normal(4)),
        case("matrix, stronger", w=normal(2, 3), strength=0.7),
        case("a single number", check="edges", w=normal(), strength=3.0),
        case("no weights", check="edges", w=normal(0)),
        case("strided", check="edges", w=every_second(normal(3, 2)), strength=0.2),
        case("backwards", check="edges", w=reversed_view(normal(4))),
    ),
    misconceptions=(
        upstream_dropped(ops.l2_penalty),
        rescaled(
            "two-not-cancelled",
            ops.l2_penalty,
            "vector",
            lambda w: 2.0,
            hint="Differentiating the square brings down a 2. What else stands in front of the sum?",
        ),
        Misconception(
            "strength-forgotten",
            seen_in="vector",
            wrong=lambda g, y, w, strength=0.01: g * w,
            hint="Make the penalty ten times stronger. Does your gradient notice?",
        ),
        Misconception(
            "hard-coded-strength",
            seen_in="matrix, stronger",
            wrong=lambda g, y, w, strength=0.01: g * 0.01 * w,
            hint="This is right for the default. Which strength did this call ask for?",
        ),
        Misconception(
            "norm-rule",
            seen_in="vector",
            wrong=lambda g, y, w, strength=0.01: g * strength * w / np.linalg.norm(w),
            hint="All your gradients have the same length. Is the penalty the norm of w, or its square?",
        ),
        Misconception(
            "value-not-slope",
            seen_in="vector",
            wrong=lambda g, y, w, strength=0.01: g * strength * w**2,
            hint="Your gradient is never negative. Which way should a negative weight be pulled?",
        ),
        Misconception(
            "averaged",
            seen_in="vector",
            wrong=lambda g, y, w, strength=0.01: g * strength * w / max(w.size, 1),
            hint="You divide by the number of weights. Is there a mean in the forward?",
        ),
        Misconception(
            "sign-only",
            seen_in="vector",
            wrong=lambda g, y, w, strength=0.01: g * strength * np.sign(w),
            hint="Every weight is pulled equally hard. Which penalty does that, and is it this one?",
        ),
    ),
)
