"""ps2, the public half: vector-Jacobian products, one file per topic, in the notebook's order."""

from __future__ import annotations

from ...declare import Public
from . import (
    arithmetic,
    broadcasting,
    choices,
    elementwise,
    indexing,
    jacobians,
    powers,
    products,
    reductions,
    shaping,
)

PUBLIC: tuple[Public, ...] = (
    *jacobians.PUBLIC,
    *broadcasting.PUBLIC,
    *arithmetic.PUBLIC,
    *elementwise.PUBLIC,
    *powers.PUBLIC,
    *choices.PUBLIC,
    *reductions.PUBLIC,
    *shaping.PUBLIC,
    *indexing.PUBLIC,
    *products.PUBLIC,
)
