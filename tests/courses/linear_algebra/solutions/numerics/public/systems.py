"""Linear systems: one step of Jacobi's method, and how sensitive a system is."""

from __future__ import annotations

from kit.declare import Function, Stored

JACOBI_STEP = Function(
    name="jacobi_step",
    signature="jacobi_step(A, b, x)",
    statement="One step of Jacobi's method for A x = b: every row solved for its own unknown, with the old others.",
    stored=(
        Stored("two rows", {"A": [[2.0, 1.0], [1.0, 4.0]], "b": [3.0, 5.0], "x": [0.0, 0.0]}, [1.5, 1.25]),
        Stored("at the solution", {"A": [[2.0, 1.0], [1.0, 4.0]], "b": [3.0, 5.0], "x": [1.0, 1.0]}, [1.0, 1.0]),
    ),
    results=("next x",),
)

CONDITION_NUMBER = Function(
    name="condition_number",
    signature="condition_number(A)",
    statement="The condition number of A in the 2-norm.",
    stored=(
        Stored("a diagonal", {"A": [[3.0, 0.0], [0.0, -0.5]]}, 6.0),
        Stored("a rotation", {"A": [[0.0, -1.0], [1.0, 0.0]]}, 1.0),
    ),
    results=("condition number",),
)
