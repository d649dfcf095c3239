"""Triangular systems."""

from __future__ import annotations

from kit.declare import Function, Stored

BACK_SUBSTITUTION = Function(
    name="back_substitution",
    signature="back_substitution(U, b)",
    statement="The solution x of U x = b for an upper triangular U, from the last row up.",
    stored=(
        Stored("two rows", {"U": [[2.0, 1.0], [0.0, 4.0]], "b": [4.0, 8.0]}, [1.0, 2.0]),
        Stored("one row", {"U": [[4.0]], "b": [2.0]}, [0.5]),
    ),
    results=("solution",),
)
