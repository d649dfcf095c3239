"""Pooling: what one window hands back to its entries, and what overlapping windows add up to."""

from __future__ import annotations

from kit.declare import Rule, case
from kit.draws import normal, tied

from ._shared import _windows


def _pair(size: int | tuple[int, int]) -> tuple[int, int]:
    return (size, size) if isinstance(size, int) else size


AVG_POOL2D = Rule(
    name="avg_pool2d_backward",
    statement="y: the mean of each window. kernel_size is an int or a pair (height, width), stride an int.",
    forward=lambda x, kernel_size=2, stride=2: _windows(x, _pair(kernel_size), stride).mean(axis=(4, 5)),
    oracle=lambda torch, x, kernel_size=2, stride=2: torch.nn.functional.avg_pool2d(x, kernel_size, stride),
    cases=(
        case("2 by 2", x=normal(2, 1, 4, 2)),
        case("overlapping", check="edges", x=normal(1, 1, 4, 3), stride=1),
        case("does not divide", check="edges", x=normal(1, 2, 3, 5)),
        case("non-square kernel", check="edges", x=normal(1, 1, 4, 6), kernel_size=(2, 3)),
    ),
)


MAX_POOL2D = Rule(
    name="max_pool2d_backward",
    statement="y: the largest entry of each window, the first in row-major order where several are equal.",
    forward=lambda x, kernel_size=2, stride=2: _windows(x, _pair(kernel_size), stride).max(axis=(4, 5)),
    oracle=lambda torch, x, kernel_size=2, stride=2: torch.nn.functional.max_pool2d(x, kernel_size, stride),
    cases=(
        case("2 by 2", x=normal(2, 1, 4, 2)),
        case("overlapping", check="edges", x=normal(1, 1, 4, 3), stride=1),
        case("ties", check="edges", x=tied(1, 2, 4, 4, levels=2)),
        case("does not divide", check="edges", x=normal(1, 2, 3, 5)),
        case("non-square kernel", check="edges", x=normal(1, 1, 4, 6), kernel_size=(2, 3)),
    ),
)
