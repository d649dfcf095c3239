"""RMS norm: one statistic, so one way back besides the direct one."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from autograder.course.declare import Array, Exercise, mistake
from autograder.engine import ops
from kit.declare import case
from kit.draws import every_second, exactly, normal, reversed_view

from ..public import rms as public
from .normalization import all_rows


def _rms(
    *,
    path: float = 1.0,
    centred: bool = False,
    summed: bool = False,
    with_gamma: bool = True,
    powers: int = 3,
    raw_x_for_gamma: bool = False,
    eps_used: float | None = None,
    rows: Callable[[Array], Array] = all_rows,
) -> Callable[..., tuple[Array, Array]]:
    """The rule of RMS norm with one thing changed, as ``_normalization`` above; ``powers`` of 1/r in the correction."""

    def wrong(g: Array, y: Array, x: Array, gamma: Array, eps: float = 1e-6) -> tuple[Array, Array]:
        r = np.sqrt((x * x).mean(axis=-1, keepdims=True) + (eps if eps_used is None else eps_used))
        h = g * gamma if with_gamma else g
        combine = np.sum if summed else np.mean
        correction = path * x * combine(h * x, axis=-1, keepdims=True) / r**powers
        if centred:
            correction = correction + h.mean(axis=-1, keepdims=True) / r
        return h / r - correction, rows(g * (x if raw_x_for_gamma else x / r))

    return wrong


RMS_NORM = Exercise(
    public.RMS_NORM,
    op=ops.rms_norm,
    cases=(
        case("square", x=normal(3, 3), gamma=normal(3)),
        case("rows", x=normal(2, 4), gamma=normal(4)),
        case("eps = 0.012", x=normal(4, 3, scale=0.3), gamma=normal(3), eps=0.012),
        case("one vector", check="edges", x=normal(4), gamma=normal(4)),
        case("sequences", check="edges", x=normal(2, 3, 4), gamma=normal(4)),
        case("batch of 1", check="edges", x=normal(1, 3), gamma=normal(3)),
        case("one feature", check="edges", x=normal(3, 1), gamma=normal(1)),
        case("a row of zeros", check="edges", x=exactly([[0.0, 0.0, 0.0], [1.0, 0.0, -2.0]]), gamma=normal(3)),
        case(
            "strided",
            check="edges",
            x=every_second(normal(2, 3)),
            gamma=reversed_view(normal(3)),
            upstream=np.asfortranarray,
        ),
        case("large", check="stability", x=normal(2, 3, scale=1000.0), gamma=normal(3)),
        case("shifted", check="stability", x=normal(2, 3, offset=1000.0), gamma=normal(3)),
        case("cost", check="cost", x=normal(2, 16_000), gamma=normal(16_000)),
    ),
    mistakes=(
        mistake("rms-constant", _rms(path=0), "You divide by r as if it were a given number. What is r made of?"),
        mistake("mean-subtracted", _rms(centred=True), "Layer norm subtracts a mean in the forward. Does this norm?"),
        mistake(
            "sum-for-mean",
            _rms(summed=True),
            "The forward averages the squares. What does that average divide by, and does your correction?",
        ),
        mistake(
            "gamma-forgotten",
            _rms(with_gamma=False),
            "Which factor does grad_output pass first, counted from the output?",
        ),
        mistake(
            "gamma-gradient-uses-x",
            _rms(raw_x_for_gamma=True),
            "What exactly does gamma multiply in the forward: x itself?",
        ),
        mistake("power-of-r", _rms(powers=1), "Double all of x and dL/dx should halve. Does every term of yours?"),
        mistake(
            "eps-ignored",
            _rms(eps_used=1e-6),
            "Right for the default. What does your rule do with the eps it is given?",
        ),
        mistake(
            "only-axis-zero-summed",
            _rms(rows=lambda per_entry: per_entry.sum(axis=0) if per_entry.ndim > 1 else per_entry),
            "Right for a matrix. With x of shape (B, T, D), over which axes is gamma shared?",
        ),
    ),
)


@RMS_NORM.right
def rms_norm_short(grad_output, output, x, gamma, eps=1e-6):
    r = np.sqrt(np.mean(x**2, axis=-1, keepdims=True) + eps)
    h = grad_output * gamma
    dgamma = np.einsum("bd->d", (grad_output * x / r).reshape(-1, len(gamma)))
    return h / r - x * np.mean(h * x, axis=-1, keepdims=True) / r**3, dgamma


@RMS_NORM.right
def rms_norm_long(grad_output, output, x, gamma, eps=1e-6):
    n = x.shape[-1]
    squares = (x * x).sum(axis=-1, keepdims=True) / n + eps
    inverse = squares**-0.5
    d_inverse = (grad_output * gamma * x).sum(axis=-1, keepdims=True)
    d_squares = -0.5 * d_inverse * squares**-1.5
    dx = grad_output * gamma * inverse + d_squares * 2 * x / n
    return dx, (grad_output * x * inverse).reshape(-1, n).sum(axis=0)


@RMS_NORM.right
def rms_norm_loop(grad_output, output, x, gamma, eps=1e-6):
    width = x.shape[-1]
    dx, dgamma = np.zeros(x.shape), np.zeros(width)
    for place in np.ndindex(x.shape[:-1]):
        row, g = x[place], grad_output[place]
        r = math.sqrt(row @ row / width + eps)
        unit = row / r
        dx[place] = (g * gamma - unit * ((g * gamma) @ unit) / width) / r
        dgamma += g * unit
    return [dx, dgamma]


__all__ = ["RMS_NORM"]
