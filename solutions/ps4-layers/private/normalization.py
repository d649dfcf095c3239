"""Layer and batch norm: the statistics depend on x too, and most mistakes forget one of the ways back."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from autograder.course.declare import Array, Exercise, mistake
from autograder.engine import ops
from kit.declare import case
from kit.draws import every_second, exactly, normal, reversed_view, transposed_view

from ..public import normalization as public
from ..public._shared import far_from_zero
from ._right import norm_long, norm_short

Gradients = tuple[Array, Array, Array]


def all_rows(per_entry: Array) -> Array:
    """Summed over everything but the last axis."""
    return np.asarray(per_entry.reshape(-1, per_entry.shape[-1]).sum(axis=0))


def _normalization(
    axis: int,
    *,
    along: int | None = None,
    mean_path: float = 1.0,
    variance_path: float = 1.0,
    summed: bool = False,
    with_gamma: bool = True,
    ddof: int = 0,
    root: Callable[[Array, float], Array] = lambda variance, eps: np.asarray(np.sqrt(variance + eps)),
    difference_of_squares: bool = False,
    raw_x_for_gamma: bool = False,
    rows: Callable[[Array], Array] = all_rows,
) -> Callable[..., Gradients]:
    """The rule of a norm over ``axis`` with one thing changed: each keyword is one mistake.

    ``along`` is the axis of the corrections, ``mean_path`` and ``variance_path`` weigh them, ``summed`` takes sums
    for means, ``root`` is the denominator, ``rows`` how the gradients of gamma and beta are summed.
    """
    where = axis if along is None else along

    def wrong(g: Array, y: Array, x: Array, gamma: Array, beta: Array, eps: float = 1e-5) -> Gradients:
        mean = x.mean(axis=axis, keepdims=True)
        variance = ((x - mean) ** 2).sum(axis=axis, keepdims=True) / (x.shape[axis] - ddof)
        if difference_of_squares:
            variance = np.maximum((x * x).mean(axis=axis, keepdims=True) - mean * mean, 0.0)
        scale = root(variance, eps)
        normalized = (x - mean) / scale
        h = g * gamma if with_gamma else g
        combine = np.sum if summed else np.mean
        through_mean = mean_path * combine(h, axis=where, keepdims=True)
        through_variance = variance_path * normalized * combine(h * normalized, axis=where, keepdims=True)
        dx = (h - through_mean - through_variance) / scale
        return dx, rows(g * (x if raw_x_for_gamma else normalized)), rows(g)

    return wrong


def layer_norm_with(rule):
    def answer(grad_output, output, x, gamma, beta, eps=1e-5):
        dx, for_gamma = rule(grad_output, x, gamma, -1, eps)
        leading = tuple(range(x.ndim - 1))
        return dx, for_gamma.sum(axis=leading), grad_output.sum(axis=leading)

    return answer


def norm_scaled_by_n(grad_output, x, gamma, axis, eps):
    """The form with 1/n in front, as many derivations end."""
    n = x.shape[axis]
    inverse = 1 / np.sqrt(np.var(x, axis=axis, keepdims=True) + eps)
    normalized = (x - np.mean(x, axis=axis, keepdims=True)) * inverse
    h = grad_output * gamma
    total = np.sum(h, axis=axis, keepdims=True)
    dx = inverse / n * (n * h - total - normalized * np.sum(h * normalized, axis=axis, keepdims=True))
    return dx, grad_output * normalized


LAYER_NORM = Exercise(
    public.LAYER_NORM,
    op=ops.layer_norm,
    cases=(
        case("square", x=normal(3, 3), gamma=normal(3), beta=normal(3)),
        case("rows", x=normal(2, 4), gamma=normal(4), beta=normal(4)),
        case("eps = 0.012", x=normal(4, 3, scale=0.3), gamma=normal(3), beta=normal(3), eps=0.012),
        case("one vector", check="edges", x=normal(4), gamma=normal(4), beta=normal(4)),
        case("sequences", check="edges", x=normal(2, 3, 4), gamma=normal(4), beta=normal(4)),
        case("four axes", check="edges", x=normal(2, 1, 3, 2), gamma=normal(2), beta=normal(2)),
        case("batch of 1", check="edges", x=normal(1, 3), gamma=normal(3), beta=normal(3)),
        case("one feature", check="edges", x=normal(3, 1), gamma=normal(1), beta=normal(1)),
        case(
            "a constant row",
            check="edges",
            x=exactly([[2.0, 2.0, 2.0], [0.0, 1.0, -3.0]]),
            gamma=normal(3),
            beta=normal(3),
        ),
        case(
            "strided",
            check="edges",
            x=every_second(normal(2, 4)),
            gamma=reversed_view(normal(4)),
            beta=normal(4),
            upstream=np.asfortranarray,
        ),
        case("large", check="stability", x=normal(2, 3, scale=1000.0), gamma=normal(3), beta=normal(3)),
        case("far from zero", check="stability", x=far_from_zero(3, 4, offset=3e4), gamma=normal(4), beta=normal(4)),
        case("cost", check="cost", x=normal(2, 16_000), gamma=normal(16_000), beta=normal(16_000)),
    ),
    mistakes=(
        mistake(
            "statistics-constant",
            _normalization(-1, mean_path=0, variance_path=0),
            "Move one x: does only its own numerator change? How many paths lead from x to the output?",
        ),
        mistake(
            "variance-path-missing",
            _normalization(-1, variance_path=0),
            "Directly and through the mean: yes. What in the denominator depends on x?",
        ),
        mistake(
            "mean-path-missing",
            _normalization(-1, mean_path=0),
            "Add the same number to all of x: the output stays. What must a row of dL/dx sum to, then?",
        ),
        mistake(
            "batch-axis",
            _normalization(-1, along=0),
            "Whose statistics are these: one example's over its features, or one feature's over the batch?",
        ),
        mistake(
            "sum-for-mean",
            _normalization(-1, summed=True),
            "The forward averages over D entries. Where has 1/D gone in your corrections?",
        ),
        mistake(
            "gamma-forgotten",
            _normalization(-1, with_gamma=False),
            "On its way down, what does grad_output meet before it reaches the normalized x?",
        ),
        mistake(
            "gamma-gradient-uses-x",
            _normalization(-1, raw_x_for_gamma=True),
            "What exactly does gamma multiply in the forward: x itself?",
        ),
        mistake(
            "affine-not-summed",
            _normalization(-1, rows=lambda per_entry: per_entry * 1.0),
            "One gamma serves every row. How do the contributions of the rows come together?",
        ),
        mistake(
            "only-axis-zero-summed",
            _normalization(-1, rows=lambda per_entry: per_entry.sum(axis=0) if per_entry.ndim > 1 else per_entry),
            "Right for a matrix. With x of shape (B, T, D), over which axes is gamma shared?",
        ),
        mistake(
            "axis-zero-always-summed",
            _normalization(-1, rows=lambda per_entry: per_entry.sum(axis=tuple(range(max(per_entry.ndim - 1, 1))))),
            "With a single vector, is there any row to sum over?",
        ),
        mistake(
            "unbiased-variance", _normalization(-1, ddof=1), "Does the forward divide the squares by D or by D - 1?"
        ),
        mistake(
            "eps-outside-root",
            _normalization(-1, root=lambda variance, eps: np.sqrt(variance) + eps),
            "Is eps added to the variance or to the standard deviation?",
        ),
        mistake(
            "eps-ignored",
            _normalization(-1, root=lambda variance, eps: np.sqrt(variance + 1e-5)),
            "Right for the default. What does your rule do with the eps it is given?",
        ),
        mistake(
            "eps-left-out",
            _normalization(-1, root=lambda variance, eps: np.sqrt(variance)),
            "Close, but not equal: what is added to the variance before the root, and what if a row is constant?",
        ),
        mistake(
            "variance-by-difference",
            _normalization(-1, difference_of_squares=True),
            "mean(x^2) - mean(x)^2 subtracts two huge, nearly equal numbers. Which order avoids that?",
        ),
    ),
    right_answers=(layer_norm_with(norm_short), layer_norm_with(norm_long), layer_norm_with(norm_scaled_by_n)),
)


@LAYER_NORM.right
def layer_norm_rows(grad_output, output, x, gamma, beta, eps=1e-5):
    width = len(gamma)
    rows, upstream = x.reshape(-1, width), grad_output.reshape(-1, width)
    dx, dgamma, dbeta = np.zeros(rows.shape), np.zeros(width), np.zeros(width)
    for r, (row, g) in enumerate(zip(rows, upstream, strict=True)):
        spread = math.sqrt(((row - row.mean()) ** 2).mean() + eps)
        normalized = (row - row.mean()) / spread
        h = g * gamma
        dx[r] = (h - h.mean() - normalized * (h @ normalized) / width) / spread
        dgamma += g * normalized
        dbeta += g
    return [dx.reshape(x.shape), dgamma, dbeta]


def batch_norm_with(rule):
    def answer(grad_output, output, x, gamma, beta, eps=1e-5):
        dx, for_gamma = rule(grad_output, x, gamma, 0, eps)
        return dx, for_gamma.sum(axis=0), np.ones(len(x)) @ grad_output

    return answer


BATCH_NORM = Exercise(
    public.BATCH_NORM,
    op=ops.batch_norm,
    cases=(
        case("square", x=normal(3, 3), gamma=normal(3), beta=normal(3)),
        case("batch of 5", x=normal(5, 2), gamma=normal(2), beta=normal(2)),
        case("eps = 0.012", x=normal(4, 3, scale=0.3), gamma=normal(3), beta=normal(3), eps=0.012),
        case("batch of 2", check="edges", x=normal(2, 4), gamma=normal(4), beta=normal(4)),
        case("one feature", check="edges", x=normal(4, 1), gamma=normal(1), beta=normal(1)),
        case(
            "a constant feature",
            check="edges",
            x=exactly([[2.0, 1.0], [2.0, 0.0], [2.0, -4.0]]),
            gamma=normal(2),
            beta=normal(2),
        ),
        case(
            "strided",
            check="edges",
            x=transposed_view(normal(3, 4)),
            gamma=every_second(normal(3)),
            beta=reversed_view(normal(3)),
            upstream=np.asfortranarray,
        ),
        case("large", check="stability", x=normal(4, 3, scale=1000.0), gamma=normal(3), beta=normal(3)),
        case("far from zero", check="stability", x=far_from_zero(4, 3, offset=3e4), gamma=normal(3), beta=normal(3)),
        case("cost", check="cost", x=normal(16_000, 2), gamma=normal(2), beta=normal(2)),
    ),
    mistakes=(
        mistake(
            "eval-mode-rule",
            _normalization(0, mean_path=0, variance_path=0),
            "That is right once the statistics are frozen. In training, what are they computed from?",
        ),
        mistake(
            "mean-path-missing",
            _normalization(0, mean_path=0),
            "Add the same number to a whole column: the output stays. What must a column of dL/dx sum to?",
        ),
        mistake(
            "variance-path-missing",
            _normalization(0, variance_path=0),
            "The mean is accounted for. Which other statistic does one example of the batch move?",
        ),
        mistake(
            "sum-for-mean",
            _normalization(0, summed=True),
            "By how much does one example of N move the mean of the batch?",
        ),
        mistake(
            "gamma-forgotten",
            _normalization(0, with_gamma=False),
            "Which factor stands between the normalized x and the output?",
        ),
        mistake(
            "feature-axis",
            _normalization(0, along=1),
            "In which direction do batch norm's statistics run: along a row or down a column?",
        ),
        mistake(
            "gamma-gradient-uses-x",
            _normalization(0, raw_x_for_gamma=True),
            "What does gamma multiply: x as it came in, or something computed from it?",
        ),
        mistake(
            "affine-averaged",
            _normalization(0, rows=lambda per_entry: per_entry.mean(axis=0)),
            "Every example uses the same gamma and beta. Do the contributions of several uses add, or average?",
        ),
        mistake(
            "unbiased-variance",
            _normalization(0, ddof=1),
            "The running estimate divides by N - 1. Which variance normalizes the batch in the forward here?",
        ),
        mistake(
            "eps-outside-root",
            _normalization(0, root=lambda variance, eps: np.sqrt(variance) + eps),
            "Is eps inside or outside the square root of the forward?",
        ),
        mistake(
            "eps-ignored",
            _normalization(0, root=lambda variance, eps: np.sqrt(variance + 1e-5)),
            "Right for the default. What does your rule do with the eps it is given?",
        ),
        mistake(
            "variance-by-difference",
            _normalization(0, difference_of_squares=True),
            "What remains of the digits of mean(x^2) - mean(x)^2 when the mean is far larger than the spread?",
        ),
    ),
    right_answers=(batch_norm_with(norm_short), batch_norm_with(norm_long), batch_norm_with(norm_scaled_by_n)),
)


@BATCH_NORM.right
def batch_norm_columns(grad_output, output, x, gamma, beta, eps=1e-5):
    columns = [norm_short(g, column, s, 0, eps) for g, column, s in zip(grad_output.T, x.T, gamma, strict=True)]
    dx = np.stack([dx for dx, _ in columns], axis=1)
    return dx, np.array([for_gamma.sum() for _, for_gamma in columns]), grad_output.sum(0)


__all__ = ["BATCH_NORM", "LAYER_NORM", "all_rows"]
