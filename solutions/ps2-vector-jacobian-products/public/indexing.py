"""Reading entries by index: whole slices along axis 0, single entries along one axis."""

from __future__ import annotations

import numpy as np

from kit.declare import Rule, case
from kit.draws import exactly, normal

GETITEM = Rule(
    name="getitem_backward",
    statement="y = x[index], picking along axis 0: integers that may repeat; negative ones count from the end.",
    forward=lambda x, index: x[index],
    oracle=lambda torch, x, index: x[index],
    cases=(
        case("rows", x=normal(4, 2), index=exactly([2, 0], dtype=np.int64)),
        case("repeated", check="edges", x=normal(4, 2), index=exactly([3, 1, 3], dtype=np.int64)),
        case("negative", check="edges", x=normal(4), index=exactly([-1, 0], dtype=np.int64)),
        case("a matrix of indices", check="edges", x=normal(3, 2), index=exactly([[0, 2], [2, 2]], dtype=np.int64)),
    ),
    differentiable=("x",),
)

GATHER = Rule(
    name="gather_backward",
    statement="np.take_along_axis: for axis 0, y[i, j] = x[index[i, j], j]. Entries may be picked more than once.",
    forward=lambda x, index, axis=0: np.take_along_axis(x, index, axis),
    oracle=lambda torch, x, index, axis=0: torch.gather(x, axis, index),
    cases=(
        case("axis 0", x=normal(3, 2), index=exactly([[2, 0], [0, 1]], dtype=np.int64)),
        case("axis 1", x=normal(2, 3), index=exactly([[1, 2], [0, 2]], dtype=np.int64), axis=1),
        case("repeated", check="edges", x=normal(2, 3), index=exactly([[1, 1, 2], [0, 0, 0]], dtype=np.int64), axis=1),
        case("negative axis", check="edges", x=normal(2, 3), index=exactly([[1], [2]], dtype=np.int64), axis=-1),
    ),
    differentiable=("x",),
)
