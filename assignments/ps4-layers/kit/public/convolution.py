"""Convolution: an input entry collects from every window that read it, a weight from every place it was used."""

from __future__ import annotations

import numpy as np

from kit.declare import Rule, case
from kit.draws import Array, normal

from ._shared import _windows


def _conv2d(x: Array, weight: Array, bias: Array, stride: int = 1, padding: int = 0) -> Array:
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = _windows(padded, (weight.shape[2], weight.shape[3]), stride)
    return np.asarray(np.einsum("ncyxij,ocij->noyx", windows, weight, optimize=True) + bias[:, None, None])


CONV2D = Rule(
    name="conv2d_backward",
    statement="y[n,o,p,q] = sum x[n,c,p*stride+i,q*stride+j] weight[o,c,i,j] + bias[o], x padded with zeros.",
    forward=_conv2d,
    oracle=lambda torch, x, weight, bias, stride=1, padding=0: torch.nn.functional.conv2d(
        x, weight, bias, stride=stride, padding=padding
    ),
    cases=(
        case("plain", x=normal(2, 2, 4, 3), weight=normal(3, 2, 2, 2), bias=normal(3)),
        case("padding", x=normal(1, 1, 3, 4), weight=normal(2, 1, 3, 3), bias=normal(2), padding=1),
        case("stride 2", x=normal(1, 2, 5, 3), weight=normal(1, 2, 3, 3), bias=normal(1), stride=2),
        case(
            "does not divide", check="edges", x=normal(1, 1, 4, 6), weight=normal(1, 1, 3, 3), bias=normal(1), stride=2
        ),
        case("non-square kernel", check="edges", x=normal(1, 1, 4, 5), weight=normal(2, 1, 2, 3), bias=normal(2)),
    ),
)
