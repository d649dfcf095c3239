"""Convolution and pooling on images (N, C, H, W): windows that slide, and may overlap.

Forward, an image is read as windows (N, C, Y, X, KH, KW): window (y, x) starts at row y·stride,
column x·stride. Backward, an entry adds up what it gets from every window that read it. Where sizes
do not divide, the rest at the right and the bottom is in no window and gets 0.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from autograder.engine.broadcasting import Array
from autograder.engine.primitive import defvjp, primitive

__all__ = ["avg_pool2d", "conv2d", "max_pool2d"]

Pair = tuple[int, int]


def _windows(x: Array, kernel: Pair, stride: int) -> Array:
    """A view (N, C, Y, X, KH, KW) of all windows of an image."""
    return sliding_window_view(x, kernel, axis=(2, 3))[:, :, ::stride, ::stride]


def _overlap_add(shape: tuple[int, ...], kernel: Pair, stride: int, part: Callable[[int, int], Array]) -> Array:
    """An image of ``shape``: ``part(i, j)``, (N, C, Y, X), is what entry (i, j) of each window adds."""
    image = np.zeros(shape)
    for i, j in np.ndindex(kernel):
        contribution = part(i, j)
        height, width = contribution.shape[2:]
        rows = slice(i, i + stride * height, stride)
        columns = slice(j, j + stride * width, stride)
        image[:, :, rows, columns] += contribution
    return image


def _padded(x: Array, padding: int) -> Array:
    """Zeros around the image, ``padding`` of them on each side."""
    return np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))


@primitive(shapes="(n,c,h,w),(o,c,k,l),(o)->(n,o,y,x)", source="Dumoulin, Visin 2016; PyTorch nn.functional.conv2d")
def conv2d(x: Array, weight: Array, bias: Array, stride: int = 1, padding: int = 0) -> Array:
    """Cross-correlation: y[n,o,p,q] = Σ_(c,i,j) x[n,c,p·stride+i,q·stride+j] weight[o,c,i,j] + bias[o].

    Given g = dL/dy, (N,O,Y,X):  dL/dx = g weight, added where each window lies (N,C,H,W);
    dL/dweight = Σ_(n,y,x) g windows, (O,C,KH,KW);  dL/dbias = Σ_(n,y,x) g, (O,).
    """
    windows = _windows(_padded(x, padding), weight.shape[2:], stride)
    y: Array = np.tensordot(windows, weight, axes=((1, 4, 5), (1, 2, 3)))  # (N, Y, X, O)
    return y.transpose(0, 3, 1, 2) + bias[:, None, None]


def _conv2d_x(g: Array, y: Array, x: Array, weight: Array, bias: Array, stride: int, padding: int) -> Array:
    n, channels, height, width = x.shape
    padded = (n, channels, height + 2 * padding, width + 2 * padding)

    parts: Array = np.tensordot(weight, g, axes=(0, 1))  # (C, KH, KW, N, Y, X)
    image = _overlap_add(padded, weight.shape[2:], stride, lambda i, j: parts[:, i, j].swapaxes(0, 1))
    return image[:, :, padding : padding + height, padding : padding + width]


def _conv2d_weight(g: Array, y: Array, x: Array, weight: Array, bias: Array, stride: int, padding: int) -> Array:
    windows = _windows(_padded(x, padding), weight.shape[2:], stride)
    dweight: Array = np.tensordot(g, windows, axes=((0, 2, 3), (0, 2, 3)))
    return dweight


defvjp(
    conv2d,
    x=_conv2d_x,
    weight=_conv2d_weight,
    bias=lambda g, y, x, weight, bias, stride, padding: g.sum(axis=(0, 2, 3)),
)


def _max_pool2d_row(g: Array, y: Array, x: Array, kernel_size: int | Pair, stride: int) -> Array:
    kernel = _pair(kernel_size)
    windows = _windows(x, kernel, stride)
    # Subgradient: a tie gives everything to the first entry in row-major order, as argmax finds it.
    winner = windows.reshape(*y.shape, kernel[0] * kernel[1]).argmax(axis=-1)
    return _overlap_add(x.shape, kernel, stride, lambda i, j: g * (winner == i * kernel[1] + j))


@primitive(shapes="(n,c,h,w)->(n,c,y,x)", source="PyTorch nn.functional.max_pool2d")
def max_pool2d(x: Array, kernel_size: int | Pair = 2, stride: int = 2) -> Array:
    """The largest entry of each window.

    Given g = dL/dy, (N,C,Y,X):  dL/dx = g at the largest entry of each window, 0 elsewhere, added up
    where windows overlap (N,C,H,W).
    """
    y: Array = _windows(x, _pair(kernel_size), stride).max(axis=(4, 5))
    return y


defvjp(max_pool2d, x=_max_pool2d_row)


def _avg_pool2d_row(g: Array, y: Array, x: Array, kernel_size: int | Pair, stride: int) -> Array:
    kernel = _pair(kernel_size)
    share = g / (kernel[0] * kernel[1])
    return _overlap_add(x.shape, kernel, stride, lambda i, j: share)


@primitive(shapes="(n,c,h,w)->(n,c,y,x)", source="PyTorch nn.functional.avg_pool2d")
def avg_pool2d(x: Array, kernel_size: int | Pair = 2, stride: int = 2) -> Array:
    """The mean of each window of k entries.

    Given g = dL/dy, (N,C,Y,X):  dL/dx = g / k for every entry of each window, added up where windows
    overlap (N,C,H,W).
    """
    y: Array = _windows(x, _pair(kernel_size), stride).mean(axis=(4, 5))
    return y


defvjp(avg_pool2d, x=_avg_pool2d_row)


def _pair(size: int | Pair) -> Pair:
    """Height and width of a kernel given as one number or two."""
    return (size, size) if isinstance(size, int) else size
