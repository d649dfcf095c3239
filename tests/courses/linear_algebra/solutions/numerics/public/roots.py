"""Square roots by Newton's method, and digits that are lost."""

from __future__ import annotations

from kit.declare import Answer, Function, Predict, Stored

NEWTON_ROOT = Function(
    name="newton_root",
    signature="newton_root(a, x, steps)",
    statement="What Newton's method for x^2 = a has reached after so many steps from x.",
    stored=(
        Stored("one step for 2", {"a": 2.0, "x": 1.0, "steps": 1}, 1.5),
        Stored("two steps for 2", {"a": 2.0, "x": 1.0, "steps": 2}, 17 / 12),
        Stored("no step", {"a": 9.0, "x": 4.0, "steps": 0}, 4.0),
    ),
    results=("root",),
)

CANCELLATION = Predict(
    name="cancellation",
    statement="What is left of sqrt(x + 1) - sqrt(x) at x = 1e16 in float64, and which form keeps its digits.",
    answers={
        "difference": Answer(float),
        "better_form": Answer(str, ("1 / (sqrt(x + 1) + sqrt(x))", "sqrt(x) * (sqrt(1 + 1/x) - 1)", "neither")),
    },
)
