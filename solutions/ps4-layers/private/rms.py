"""RMS norm: one statistic, so one way back besides the direct one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.course.declare import Array, Exercise, Misconception
from autograder.engine import ops
from kit.declare import case
from kit.draws import every_second, exactly, normal, reversed_view

from ..public import rms as kit
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
    public=kit.RMS_NORM,
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
    misconceptions=(
        Misconception(
            "rms-constant",
            seen_in="square",
            wrong=_rms(path=0),
            hint="You divide by r as if it were a given number. What is r made of?",
        ),
        Misconception(
            "mean-subtracted",
            seen_in="square",
            wrong=_rms(centred=True),
            hint="Layer norm subtracts a mean in the forward. Does this norm?",
        ),
        Misconception(
            "sum-for-mean",
            seen_in="square",
            wrong=_rms(summed=True),
            hint="The forward averages the squares. What does that average divide by, and does your correction?",
        ),
        Misconception(
            "gamma-forgotten",
            seen_in="square",
            wrong=_rms(with_gamma=False),
            hint="Which factor does grad_output pass first, counted from the output?",
        ),
        Misconception(
            "gamma-gradient-uses-x",
            seen_in="square",
            wrong=_rms(raw_x_for_gamma=True),
            hint="What exactly does gamma multiply in the forward: x itself?",
        ),
        Misconception(
            "power-of-r",
            seen_in="square",
            wrong=_rms(powers=1),
            hint="Double all of x and dL/dx should halve. Does every term of yours?",
        ),
        Misconception(
            "eps-ignored",
            seen_in="eps = 0.012",
            wrong=_rms(eps_used=1e-6),
            hint="Right for the default. What does your rule do with the eps it is given?",
        ),
        Misconception(
            "only-axis-zero-summed",
            seen_in="sequences",
            wrong=_rms(rows=lambda per_entry: per_entry.sum(axis=0) if per_entry.ndim > 1 else per_entry),
            hint="Right for a matrix. With x of shape (B, T, D), over which axes is gamma shared?",
        ),
    ),
)

__all__ = ["RMS_NORM"]
