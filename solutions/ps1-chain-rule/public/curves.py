"""Local derivatives of functions of one variable."""

from __future__ import annotations

from typing import Any

import numpy as np

from kit.declare import Property, Stored

from ._shared import _local


def _is_flat(returned: Any, a: float) -> bool:
    """Whether one number came back, and a tiny one."""
    slope = np.asarray(returned[0] if isinstance(returned, tuple) else returned, dtype=np.float64)
    return bool(slope.shape == () and abs(slope) < 1e-15)


EXP_LOCAL = _local(
    "exp",
    "a",
    "exp(a)",
    (
        Stored("at 0", {"a": 0.0}, 1.0),
        Stored("at 0.5", {"a": 0.5}, 1.6487212707001282),
        Stored("at -2", {"a": -2.0}, 0.1353352832366127),
    ),
)


LOG_LOCAL = _local(
    "log",
    "a",
    "log(a), the natural logarithm, a > 0",
    (Stored("at 1", {"a": 1.0}, 1.0), Stored("at 4", {"a": 4.0}, 0.25), Stored("at 0.125", {"a": 0.125}, 8.0)),
)


SIN_LOCAL = _local(
    "sin",
    "a",
    "sin(a), a in radians",
    (
        Stored("at 0", {"a": 0.0}, 1.0),
        Stored("at 0.5", {"a": 0.5}, 0.8775825618903728),
        Stored("at -2", {"a": -2.0}, -0.4161468365471424),
    ),
)


TANH_LOCAL = _local(
    "tanh",
    "a",
    "tanh(a), |a| <= 300",
    (
        Stored("at 0", {"a": 0.0}, 1.0),
        Stored("at 0.5", {"a": 0.5}, 0.7864477329659275),
        Stored("at -1.5", {"a": -1.5}, 0.18070663892364855),
    ),
    Property(
        "flat at 300",
        {"a": 300.0},
        holds=_is_flat,
        says="far from zero the curve of tanh is flat: the slope at 300 differs from 0 by less than 1e-15",
    ),
)
