"""Local derivatives of eight scalar operations."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...declare import Function, Property, Public, Stored


def _local(op: str, inputs: str, forward: str, stored: tuple[Stored, ...], *properties: Property) -> Function:
    """``<op>_local``: a tuple with the derivative of ``forward`` with respect to each input but the constant ``n``."""
    names = inputs.split(", ")
    return Function(
        name=f"{op}_local",
        signature=f"{op}_local({inputs})",
        statement=f"The local derivatives of y = {forward}, one per input.",
        stored=stored,
        properties=properties,
        results=tuple(f"dy/d{name}" for name in names if name != "n"),
    )


def _is_flat(returned: Any, a: float) -> bool:
    """Whether one number came back, and a tiny one."""
    slope = np.asarray(returned[0] if isinstance(returned, tuple) else returned, dtype=np.float64)
    return bool(slope.shape == () and abs(slope) < 1e-15)


ADD_LOCAL = _local(
    "add",
    "a, b",
    "a + b",
    (
        Stored("2 + 3", {"a": 2.0, "b": 3.0}, (1.0, 1.0)),
        Stored("-0.5 + 4", {"a": -0.5, "b": 4.0}, (1.0, 1.0)),
    ),
)

MUL_LOCAL = _local(
    "mul",
    "a, b",
    "a * b",
    (
        Stored("2 * 3", {"a": 2.0, "b": 3.0}, (3.0, 2.0)),
        Stored("-0.5 * 4", {"a": -0.5, "b": 4.0}, (4.0, -0.5)),
        Stored("0 * 7", {"a": 0.0, "b": 7.0}, (7.0, 0.0)),
    ),
)

DIV_LOCAL = _local(
    "div",
    "a, b",
    "a / b",
    (
        Stored("6 / 2", {"a": 6.0, "b": 2.0}, (0.5, -1.5)),
        Stored("1 / -4", {"a": 1.0, "b": -4.0}, (-0.25, -0.0625)),
        Stored("0 / 0.5", {"a": 0.0, "b": 0.5}, (2.0, 0.0)),
    ),
)

POW_LOCAL = _local(
    "pow",
    "a, n",
    "a ** n, n a constant",
    (
        Stored("a cubed at 2", {"a": 2.0, "n": 3}, 12.0),
        Stored("the root of a at 4", {"a": 4.0, "n": 0.5}, 0.25),
        Stored("1 over a squared at -2", {"a": -2.0, "n": -2}, 0.25),
        Stored("a to the power 1 at 0", {"a": 0.0, "n": 1}, 1.0),
        Stored("a to the power 0 at 0", {"a": 0.0, "n": 0}, 0.0),
    ),
)

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
    (
        Stored("at 1", {"a": 1.0}, 1.0),
        Stored("at 4", {"a": 4.0}, 0.25),
        Stored("at 0.125", {"a": 0.125}, 8.0),
    ),
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

PUBLIC: tuple[Public, ...] = (
    ADD_LOCAL,
    MUL_LOCAL,
    DIV_LOCAL,
    POW_LOCAL,
    EXP_LOCAL,
    LOG_LOCAL,
    SIN_LOCAL,
    TANH_LOCAL,
)
