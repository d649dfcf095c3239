"""Local derivatives of sums, products and quotients."""

from __future__ import annotations

from kit.declare import Stored

from ._shared import _local

ADD_LOCAL = _local(
    "add",
    "a, b",
    "a + b",
    (Stored("2 + 3", {"a": 2.0, "b": 3.0}, (1.0, 1.0)), Stored("-0.5 + 4", {"a": -0.5, "b": 4.0}, (1.0, 1.0))),
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
