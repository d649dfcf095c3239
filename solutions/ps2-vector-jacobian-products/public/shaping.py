"""Moving entries without changing them: reshape, transpose, concatenate, stack."""

from __future__ import annotations

import numpy as np

from kit.declare import Rule, case
from kit.draws import normal

RESHAPE = Rule(
    name="reshape_backward",
    statement="y = the entries of x in the same reading order in another shape; one size may be -1 (whatever is left).",
    forward=lambda x, shape=None: x.reshape(x.shape if shape is None else shape),
    oracle=lambda torch, x, shape=None: torch.reshape(x, x.shape if shape is None else shape),
    cases=(
        case("flatten", x=normal(2, 3), shape=(6,)),
        case("matrix to matrix", x=normal(2, 3), shape=(3, 2)),
        case("the rest", check="edges", x=normal(2, 6), shape=(2, -1, 3)),
        case("scalar", check="edges", x=normal(), shape=(1, 1)),
    ),
)

TRANSPOSE = Rule(
    name="transpose_backward",
    statement="axis i of y is axis axes[i] of x; axes=None reverses the order of the axes.",
    forward=lambda x, axes=None: np.transpose(x, axes),
    oracle=lambda torch, x, axes=None: torch.permute(x, tuple(range(x.ndim))[::-1] if axes is None else axes),
    cases=(
        case("matrix", x=normal(2, 3)),
        case("last two", x=normal(2, 3, 4), axes=(0, 2, 1)),
        case("in a circle", x=normal(2, 3, 4), axes=(1, 2, 0)),
        case("vector", check="edges", x=normal(3)),
    ),
)

CONCATENATE = Rule(
    name="concatenate_backward",
    statement="y = a followed by b along an existing axis; their sizes along it may differ.",
    forward=lambda a, b, axis=0: np.concatenate([a, b], axis=axis),
    oracle=lambda torch, a, b, axis=0: torch.cat([a, b], dim=axis),
    cases=(
        case("vectors", a=normal(2), b=normal(3)),
        case("rows", a=normal(1, 3), b=normal(2, 3)),
        case("columns", a=normal(2, 3), b=normal(2, 1), axis=1),
        case("negative axis", check="edges", a=normal(2, 3, 2), b=normal(2, 1, 2), axis=-2),
    ),
)

STACK = Rule(
    name="stack_backward",
    statement="y = a and b next to each other along a new axis of size 2, which becomes axis number `axis` of y.",
    forward=lambda a, b, axis=0: np.stack([a, b], axis=axis),
    oracle=lambda torch, a, b, axis=0: torch.stack([a, b], dim=axis),
    cases=(
        case("new axis 0", a=normal(3), b=normal(3)),
        case("new axis 1", a=normal(2, 3), b=normal(2, 3), axis=1),
        case("new last axis", check="edges", a=normal(2, 3), b=normal(2, 3), axis=-1),
    ),
)
