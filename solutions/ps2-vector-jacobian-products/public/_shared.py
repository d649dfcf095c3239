"""What several topics of this assignment share."""

from __future__ import annotations

from typing import Any

from kit.declare import Case, case
from kit.draws import normal


def dims(x: Any, axis: int | tuple[int, ...] | None) -> int | tuple[int, ...]:
    """``axis`` as PyTorch takes it: every axis by number where NumPy has None."""
    return tuple(range(x.ndim)) if axis is None else axis


AXES: tuple[Case, ...] = (
    case("all of a matrix", x=normal(2, 3)),
    case("axis 0", x=normal(2, 3), axis=0),
    case("axis 1", x=normal(2, 3), axis=1),
    case("axis kept", check="edges", x=normal(2, 3), axis=1, keepdims=True),
    case("negative axis", check="edges", x=normal(2, 3, 2), axis=-2),
    case("two axes", check="edges", x=normal(2, 3, 2), axis=(0, 2)),
)
