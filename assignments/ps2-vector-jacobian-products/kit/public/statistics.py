"""Variance, logsumexp and running sums."""

from __future__ import annotations

from typing import Any

import numpy as np

from kit.declare import Rule, case
from kit.draws import exactly, normal

from ._shared import AXES, dims

VAR = Rule(
    name="var_backward",
    statement="y = the sum of (x - mean)^2 over axis, divided by N - ddof, where N entries are reduced to one.",
    forward=lambda x, axis=None, keepdims=False, ddof=0: x.var(axis=axis, keepdims=keepdims, ddof=ddof),
    oracle=lambda torch, x, axis=None, keepdims=False, ddof=0: torch.var(
        x, dim=dims(x, axis), correction=ddof, keepdim=keepdims
    ),
    cases=(*AXES, case("unbiased", x=normal(3, 2), axis=0, ddof=1)),
)


def _logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    top = x.max(axis=axis, keepdims=True)
    kept = top + np.log(np.exp(x - top).sum(axis=axis, keepdims=True))
    return kept if keepdims else kept.squeeze(axis)


LOGSUMEXP = Rule(
    name="logsumexp_backward",
    statement="y = log of the sum of e^x over axis (None, a number, a tuple), computed so that nothing overflows.",
    forward=_logsumexp,
    oracle=lambda torch, x, axis=None, keepdims=False: torch.logsumexp(x, dim=dims(x, axis), keepdim=keepdims),
    cases=(
        *AXES,
        case("extreme", check="stability", x=exactly([[1000.0, 999.0, 990.0], [-1000.0, -999.0, 0.0]]), axis=1),
    ),
)


CUMSUM = Rule(
    name="cumsum_backward",
    statement="y = the running sum of x along one axis: y[j] = x[0] + ... + x[j].",
    forward=lambda x, axis=0: x.cumsum(axis=axis),
    oracle=lambda torch, x, axis=0: torch.cumsum(x, dim=axis),
    cases=(
        case("vector", x=normal(4)),
        case("axis 1", x=normal(2, 3), axis=1),
        case("negative axis", check="edges", x=normal(2, 3, 2), axis=-2),
    ),
)
