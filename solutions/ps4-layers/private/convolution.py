"""Convolution: an input entry collects from every window that read it, a weight from every place it was used."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from autograder.course.declare import Array, Exercise, mistake
from autograder.engine import ops
from kit.declare import case
from kit.draws import every_second, normal, reversed_view, transposed_view

from ..public import convolution as public
from ._right import windows_of


def _padded(x: Array, padding: int) -> Array:
    return np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))


def _cropped(dx: Array, x: Array, padding: int) -> Array:
    return dx[:, :, padding : padding + x.shape[2], padding : padding + x.shape[3]]


def _conv(
    *,
    flip: bool = False,
    add: bool = True,
    step: Callable[[int], int] = lambda stride: stride,
    crop: Callable[[Array, Array, int], Array] = _cropped,
    for_bias: Callable[[Array], Array] = lambda g: np.asarray(g.sum(axis=(0, 2, 3))),
    images: slice = np.s_[:],
    weigh: Callable[[Array, Array], Array] = lambda dweight, x: dweight,
    flip_weight_gradient: bool = False,
    upstream: Callable[[Array], Array] = lambda g: g,
) -> Callable[..., tuple[Any, ...]]:
    """The rule with one thing changed: the kernel flipped, overlaps assigned, the ``step``, the ``crop``, which
    ``images`` act on the weight."""

    def wrong(
        g: Array, y: Array, x: Array, weight: Array, bias: Array, stride: int = 1, padding: int = 0
    ) -> tuple[Any, ...]:
        g = upstream(g)
        padded, kernel = _padded(x, padding), weight[:, :, ::-1, ::-1] if flip else weight
        dx, dweight = np.zeros(padded.shape), np.zeros(weight.shape)
        tall, wide, apart = g.shape[2] * step(stride), g.shape[3] * step(stride), step(stride)
        for i, j in reversed(list(np.ndindex(weight.shape[2:]))):  # so that the last window of an entry assigns last
            place = np.s_[:, :, i : i + tall : apart, j : j + wide : apart]
            part = np.einsum("noyx,oc->ncyx", g, kernel[:, :, i, j])
            dx[place] = dx[place] + part if add else part
            dweight[:, :, i, j] = np.einsum("noyx,ncyx->oc", g[images], padded[place][images])
        if flip_weight_gradient:
            dweight = dweight[:, :, ::-1, ::-1]
        return crop(dx, x, padding), weigh(dweight, x), for_bias(g)

    return wrong


CONV2D = Exercise(
    public.CONV2D,
    op=ops.conv2d,
    cases=(
        case("plain", x=normal(2, 3, 5, 4), weight=normal(2, 3, 3, 3), bias=normal(2)),
        case("padding", x=normal(2, 2, 4, 3), weight=normal(3, 2, 3, 3), bias=normal(3), padding=1),
        case("stride 2", x=normal(2, 1, 5, 7), weight=normal(2, 1, 3, 3), bias=normal(2), stride=2),
        case(
            "stride 2, padding 2",
            check="edges",
            x=normal(1, 2, 5, 3),
            weight=normal(1, 2, 3, 3),
            bias=normal(1),
            stride=2,
            padding=2,
        ),
        case(
            "does not divide", check="edges", x=normal(2, 1, 6, 4), weight=normal(2, 1, 3, 3), bias=normal(2), stride=2
        ),
        case(
            "non-square kernel",
            check="edges",
            x=normal(2, 2, 5, 4),
            weight=normal(3, 2, 2, 3),
            bias=normal(3),
            padding=1,
        ),
        case("kernel of one", check="edges", x=normal(2, 3, 2, 4), weight=normal(2, 3, 1, 1), bias=normal(2)),
        case("kernel of the image", check="edges", x=normal(2, 2, 3, 4), weight=normal(3, 2, 3, 4), bias=normal(3)),
        case("gaps", check="edges", x=normal(1, 1, 7, 5), weight=normal(2, 1, 2, 2), bias=normal(2), stride=3),
        case("one image, one channel", check="edges", x=normal(1, 1, 4, 3), weight=normal(1, 1, 2, 2), bias=normal(1)),
        case(
            "more padding than kernel",
            check="edges",
            x=normal(1, 1, 2, 3),
            weight=normal(1, 1, 2, 1),
            bias=normal(1),
            padding=2,
        ),
        case(
            "strided",
            check="edges",
            x=transposed_view(normal(4, 5, 2, 2)),
            weight=reversed_view(normal(3, 2, 2, 2)),
            bias=every_second(normal(3)),
            upstream=np.asfortranarray,
        ),
        case("cost", check="cost", x=normal(1, 1, 128, 128), weight=normal(1, 1, 3, 3), bias=normal(1)),
    ),
    mistakes=(
        mistake(
            "kernel-flipped",
            _conv(flip=True),
            "Output p read x[p + i] with weight[i]. When x[p + i] gets its share, which weight comes with it?",
        ),
        mistake(
            "weight-gradient-flipped",
            _conv(flip_weight_gradient=True),
            "Which entry of a window did weight[0, 0] meet: the first, or the last?",
        ),
        mistake(
            "stride-ignored", _conv(step=lambda stride: 1), "At which row of x does the window of output row p start?"
        ),
        mistake(
            "overlaps-overwritten",
            _conv(add=False),
            "Neighbouring windows share entries. Does a shared entry keep all contributions, or the last?",
        ),
        mistake(
            "bias-summed-over-batch-only",
            _conv(for_bias=lambda g: np.asarray(g.sum(axis=0))),
            "One bias per output channel: to how many pixels of an image is it added?",
        ),
        mistake(
            "bias-averaged",
            _conv(for_bias=lambda g: np.asarray(g.mean(axis=(0, 2, 3)))),
            "Many outputs use the same bias. Do contributions of several paths add, or average?",
        ),
        mistake(
            "weight-gradient-last-image",
            _conv(images=np.s_[-1:]),
            "Every image of the batch used the same kernel. How many of them are in your dL/dweight?",
        ),
        mistake(
            "weight-gradient-averaged",
            _conv(weigh=lambda dweight, x: np.asarray(dweight / len(x))),
            "Did the forward divide by the number of images anywhere?",
        ),
        mistake(
            "padding-kept",
            _conv(crop=lambda dx, x, padding: dx),
            "Your gradient has the shape of the padded image. Are the zeros around it inputs too?",
        ),
        mistake(
            "cropped-to-nothing",
            _conv(crop=lambda dx, x, padding: dx[:, :, padding:-padding, padding:-padding]),
            "What does the slice [p:-p] hold when p is 0?",
        ),
        mistake(
            "cropped-on-one-side",
            _conv(crop=lambda dx, x, padding: dx[:, :, : x.shape[2], : x.shape[3]]),
            "The padding stands on all four sides. At which row of the padded image does x begin?",
        ),
        mistake(
            "upstream-ignored",
            _conv(upstream=np.ones_like),
            "Every output pixel has its own upstream gradient. Does your result change when grad_output does?",
        ),
    ),
)


def padded(x, padding):
    return np.pad(x, [(0, 0), (0, 0), (padding, padding), (padding, padding)])


@CONV2D.right
def conv_windows(grad_output, output, x, weight, bias, stride=1, padding=0):
    height, width = weight.shape[2:]
    wide = padded(x, padding)
    dwide, dweight = np.zeros_like(wide), np.zeros_like(weight)
    for r, s in np.ndindex(grad_output.shape[2:]):
        place = (..., slice(r * stride, r * stride + height), slice(s * stride, s * stride + width))
        g = grad_output[:, :, r, s]
        dwide[place] += np.einsum("no,ocij->ncij", g, weight)
        dweight += np.einsum("no,ncij->ocij", g, wide[place])
    stop_row, stop_column = wide.shape[2] - padding, wide.shape[3] - padding
    return dwide[:, :, padding:stop_row, padding:stop_column], dweight, grad_output.sum((0, 2, 3))


@CONV2D.right
def conv_columns(grad_output, output, x, weight, bias, stride=1, padding=0):
    """im2col: windows as rows of a matrix, two matrix products, and a scatter with repeated places."""
    wide = padded(x, padding)
    places = windows_of(np.arange(wide.size).reshape(wide.shape), weight.shape[2:], stride)
    places = places.transpose(0, 2, 3, 1, 4, 5).reshape(-1, weight[0].size)
    g = grad_output.transpose(0, 2, 3, 1).reshape(-1, len(weight))
    dweight = (g.T @ wide.ravel()[places]).reshape(weight.shape)
    dwide = np.bincount(places.ravel(), (g @ weight.reshape(len(weight), -1)).ravel(), wide.size).reshape(wide.shape)
    if padding:
        dwide = dwide[:, :, padding:-padding, padding:-padding]
    return [dwide, dweight, g.sum(axis=0)]


@CONV2D.right
def conv_full(grad_output, output, x, weight, bias, stride=1, padding=0):
    """Full convolution: spread grad_output over the stride, pad it, slide the flipped kernel over it."""
    height, width = weight.shape[2:]
    wide = padded(x, padding)
    spread = np.zeros((*grad_output.shape[:2], wide.shape[2] - height + 1, wide.shape[3] - width + 1))
    spread[:, :, ::stride, ::stride][:, :, : grad_output.shape[2], : grad_output.shape[3]] = grad_output
    dweight = np.einsum("nopq,ncpqij->ocij", spread, sliding_window_view(wide, (height, width), axis=(2, 3)))
    around = np.pad(spread, [(0, 0), (0, 0), (height - 1, height - 1), (width - 1, width - 1)])
    seen = sliding_window_view(around, (height, width), axis=(2, 3))
    dwide = np.einsum("noyxij,ocij->ncyx", seen, weight[:, :, ::-1, ::-1], optimize=True)
    rows, columns = x.shape[2:]
    return (
        dwide[:, :, padding : padding + rows, padding : padding + columns],
        dweight,
        np.einsum("nopq->o", grad_output),
    )


__all__ = ["CONV2D"]
