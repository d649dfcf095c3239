"""Sums, means and maxima along axes."""

from __future__ import annotations

from kit.declare import Rule, case
from kit.draws import exactly

from ._shared import AXES, dims

SUM = Rule(
    name="sum_backward",
    statement="y = the sum of x over axis (None for all, a number, a tuple); keepdims leaves size 1 in their place.",
    forward=lambda x, axis=None, keepdims=False: x.sum(axis=axis, keepdims=keepdims),
    oracle=lambda torch, x, axis=None, keepdims=False: torch.sum(x, dim=dims(x, axis), keepdim=keepdims),
    cases=AXES,
)


MEAN = Rule(
    name="mean_backward",
    statement="y = the mean of x over axis (None for all, a number, a tuple); keepdims leaves size 1 in their place.",
    forward=lambda x, axis=None, keepdims=False: x.mean(axis=axis, keepdims=keepdims),
    oracle=lambda torch, x, axis=None, keepdims=False: torch.mean(x, dim=dims(x, axis), keepdim=keepdims),
    cases=AXES,
)


AMAX = Rule(
    name="amax_backward",
    statement="y = the largest entry of x over axis (None, a number, a tuple). Entries that tie for it share evenly.",
    forward=lambda x, axis=None, keepdims=False: x.max(axis=axis, keepdims=keepdims),
    oracle=lambda torch, x, axis=None, keepdims=False: torch.amax(x, dim=dims(x, axis), keepdim=keepdims),
    cases=(*AXES, case("ties", check="edges", x=exactly([[2.0, 2.0, 0.0], [1.0, 1.0, 1.0]]), axis=1)),
)
