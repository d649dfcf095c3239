"""Group norm: which entries share their statistics, and which share a gamma, are two different questions."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.course.declare import Array, Exercise, mistake
from autograder.engine import ops
from kit.declare import case
from kit.draws import every_second, normal, transposed_view

from ..public import grouped as public
from ..public._shared import far_from_zero
from ._right import norm_long, norm_short

Gradients = tuple[Array, Array, Array]


def _whole(x: Array, groups: int) -> tuple[int, ...]:
    """The shape in which each group is one axis pair (its channels) behind the images: as in the forward."""
    return (x.shape[0], groups, x.shape[1] // groups, *x.shape[2:])


def _group(
    *,
    grouping: Callable[[Array, int], tuple[int, ...]] = _whole,
    over: tuple[int, ...] = (2, 3, 4),
    paths: float = 1.0,
    with_gamma: bool = True,
    raw_x_for_gamma: bool = False,
    eps_used: float | None = None,
    affine: tuple[int, ...] = (0, 2, 3),
) -> Callable[..., Gradients]:
    """The rule with one thing changed: the ``grouping`` of channels and the axes ``over`` which statistics run,
    the weight of their ``paths``, or the axes over which the gradients of gamma and beta are summed."""

    def wrong(g: Array, y: Array, x: Array, gamma: Array, beta: Array, groups: int = 2, eps: float = 1e-5) -> Gradients:
        shape = grouping(x, groups)
        grouped = x.reshape(shape)
        scale = np.sqrt(grouped.var(axis=over, keepdims=True) + (eps if eps_used is None else eps_used))
        normalized = (grouped - grouped.mean(axis=over, keepdims=True)) / scale
        h = (g * gamma[:, None, None] if with_gamma else g).reshape(shape)
        through_mean = h.mean(axis=over, keepdims=True)
        through_variance = normalized * (h * normalized).mean(axis=over, keepdims=True)
        dx = ((h - paths * (through_mean + through_variance)) / scale).reshape(x.shape)
        factor = x if raw_x_for_gamma else normalized.reshape(x.shape)
        return dx, (g * factor).sum(axis=affine), g.sum(axis=affine)

    return wrong


def group_norm_with(rule):
    def answer(grad_output, output, x, gamma, beta, groups=2, eps=1e-5):
        n = len(x)
        h = (grad_output * gamma[None, :, None, None]).reshape(n * groups, -1)
        dx, for_gamma = rule(h, x.reshape(n * groups, -1), 1.0, -1, eps)
        dgamma = (for_gamma.reshape(x.shape) / gamma[:, None, None]).sum(axis=(0, 2, 3))
        return dx.reshape(x.shape), dgamma, grad_output.sum(axis=(0, 2, 3))

    return answer


GROUP_NORM = Exercise(
    public.GROUP_NORM,
    op=ops.group_norm,
    cases=(
        case("two groups", x=normal(3, 4, 2, 3), gamma=normal(4), beta=normal(4)),
        case("three groups", x=normal(2, 6, 2, 1), gamma=normal(6), beta=normal(6), groups=3),
        case("eps = 0.012", x=normal(2, 4, 1, 3, scale=0.3), gamma=normal(4), beta=normal(4), eps=0.012),
        case("one group", check="edges", x=normal(2, 3, 1, 2), gamma=normal(3), beta=normal(3), groups=1),
        case("each channel its own", check="edges", x=normal(2, 3, 2, 2), gamma=normal(3), beta=normal(3), groups=3),
        case("one image", check="edges", x=normal(1, 4, 2, 3), gamma=normal(4), beta=normal(4)),
        case("single pixel", check="edges", x=normal(2, 4, 1, 1), gamma=normal(4), beta=normal(4)),
        case(
            "strided",
            check="edges",
            x=transposed_view(normal(3, 2, 4, 2)),
            gamma=every_second(normal(4)),
            beta=normal(4),
        ),
        case("large", check="stability", x=normal(2, 4, 2, 1, scale=1000.0), gamma=normal(4), beta=normal(4)),
        case(
            "far from zero",
            check="stability",
            x=far_from_zero(2, 4, 2, 1, offset=300.0),
            gamma=normal(4),
            beta=normal(4),
        ),
        case("cost", check="cost", x=normal(1, 2, 90, 90), gamma=normal(2), beta=normal(2), groups=1),
    ),
    mistakes=(
        mistake(
            "statistics-constant", _group(paths=0), "Move one pixel: does the mean of its group stay, and its variance?"
        ),
        mistake(
            "each-channel-alone",
            _group(grouping=lambda x, groups: (x.shape[0], x.shape[1], 1, *x.shape[2:])),
            "You normalized every channel by itself. Which channels share a mean here?",
        ),
        mistake(
            "groups-ignored",
            _group(grouping=lambda x, groups: (x.shape[0], 1, *x.shape[1:])),
            "All channels share one mean in yours. What is `groups` for?",
        ),
        mistake(
            "interleaved-groups",
            _group(grouping=lambda x, groups: (x.shape[0], x.shape[1] // groups, groups, *x.shape[2:]), over=(1, 3, 4)),
            "Do the channels of a group stand next to each other, or does every second one belong to it?",
        ),
        mistake(
            "over-the-batch",
            _group(over=(0, 2, 3, 4)),
            "Do the statistics of one image depend on the other images of the batch?",
        ),
        mistake(
            "gamma-forgotten", _group(with_gamma=False), "Which factor stands between the normalized x and the output?"
        ),
        mistake(
            "gamma-gradient-uses-x",
            _group(raw_x_for_gamma=True),
            "What does gamma multiply in the forward: x, or what the normalization made of it?",
        ),
        mistake(
            "affine-summed-over-batch-only",
            _group(affine=(0,)),
            "One gamma per channel: at how many pixels of an image is the same gamma used?",
        ),
        mistake(
            "eps-ignored",
            _group(eps_used=1e-5),
            "Right for the default. What does your rule do with the eps it is given?",
        ),
        mistake(
            "default-groups-always",
            lambda g, y, x, gamma, beta, groups=2, eps=1e-5: _group()(g, y, x, gamma, beta, 2, eps),
            "Right for two groups. What does your rule do with the number it is given?",
        ),
    ),
    right_answers=(group_norm_with(norm_short), group_norm_with(norm_long)),
)


@GROUP_NORM.right
def group_norm_loop(grad_output, output, x, gamma, beta, groups=2, eps=1e-5):
    size = x.shape[1] // groups
    dx, dgamma, dbeta = np.zeros(x.shape), np.zeros(len(gamma)), np.zeros(len(gamma))
    for image in range(len(x)):
        for group in range(groups):
            channels = slice(group * size, (group + 1) * size)
            values, g = x[image, channels], grad_output[image, channels]
            spread = np.sqrt(values.var() + eps)
            normalized = (values - values.mean()) / spread
            h = g * gamma[channels].reshape(-1, 1, 1)
            dx[image, channels] = (h - h.mean() - normalized * (h * normalized).mean()) / spread
            dgamma[channels] += (g * normalized).sum(axis=(1, 2))
            dbeta[channels] += g.sum(axis=(1, 2))
    return dx, dgamma, dbeta


@GROUP_NORM.right
def group_norm_einsum(grad_output, output, x, gamma, beta, groups=2, eps=1e-5):
    shape = (len(x), groups, -1)
    flat, h = x.reshape(shape), np.einsum("nchw,c->nchw", grad_output, gamma).reshape(shape)
    inverse = 1 / np.sqrt(flat.var(axis=2, keepdims=True) + eps)
    normalized = (flat - flat.mean(axis=2, keepdims=True)) * inverse
    slope = np.einsum("ngk,ngk->ng", h, normalized)[..., None] / flat.shape[2]
    dx = inverse * (h - h.mean(axis=2, keepdims=True) - slope * normalized)
    dgamma = np.einsum("nchw,nchw->c", grad_output, normalized.reshape(x.shape))
    return [dx.reshape(x.shape), dgamma, np.einsum("nchw->c", grad_output)]


__all__ = ["GROUP_NORM"]
