"""Made-up observations of wrong answers, for the structural tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograder.kit.ladder import compare
from autograder.kit.structure import Observation

SHAPES = ((2, 3), (4, 2), (3, 5))


def observation(
    expected: Sequence[Any],
    returned: Any,
    *,
    inputs: dict[str, Any] | None = None,
    grad_output: Any = None,
    output: Any = None,
    case: str = "case",
    check: str = "values",
    rule: bool = True,
) -> Observation:
    """One answered case; upstream gradient and output are drawn where not given, right and wrong are computed."""
    rng = np.random.default_rng(len(case))
    arrays = tuple(np.asarray(part, dtype=np.float64) for part in expected)
    given = dict(inputs or {})
    names = tuple(f"gradient of {name}" for name, value in given.items() if isinstance(value, np.ndarray))
    names = names[: len(arrays)] if len(names) >= len(arrays) else tuple(f"result {k}" for k in range(len(arrays)))
    arguments = tuple(given.items())
    if rule:
        shape = arrays[0].shape
        upstream = rng.uniform(0.5, 2.0, shape) if grad_output is None else grad_output
        value = rng.standard_normal(np.shape(upstream)) if output is None else output
        arguments = (("grad_output", np.asarray(upstream)), ("output", np.asarray(value)), *arguments)
    finding = compare(returned, arrays, names)
    return Observation(case, check, arguments, names, arrays, returned, finding is None, 1.0, rule)


def elementwise(
    wrong: Callable[..., Any], shapes: Sequence[tuple[int, ...]] = SHAPES, **params: Any
) -> list[Observation]:
    """Cases of y = x^3: ``wrong(g, y, x)`` is what came back."""
    seen = []
    for number, shape in enumerate(shapes):
        rng = np.random.default_rng(number)
        x, g = rng.standard_normal(shape), rng.uniform(0.5, 2.0, shape)
        expected = g * 3 * x**2
        seen.append(
            observation(
                [expected],
                wrong(g, x**3, x),
                inputs={"x": x, **params},
                grad_output=g,
                output=x**3,
                case=f"case {number}",
            )
        )
    return seen


def product(wrong: Callable[..., Any], shapes: Sequence[tuple[int, ...]] = SHAPES) -> list[Observation]:
    """Cases of y = a^2 b with inputs of one shape: ``wrong(da, db, g)`` is what came back."""
    seen = []
    for number, shape in enumerate(shapes):
        rng = np.random.default_rng(number)
        a, b, g = rng.standard_normal(shape), rng.standard_normal(shape), rng.uniform(0.5, 2.0, shape)
        da, db = 2 * g * a * b, g * a**2
        seen.append(
            observation(
                [da, db],
                wrong(da.copy(), db.copy(), g),
                inputs={"a": a, "b": b},
                grad_output=g,
                output=a**2 * b,
                case=f"case {number}",
            )
        )
    return seen


def name(seen: Sequence[Observation]) -> str | None:
    """The name of the finding."""
    from autograder.kit.structure import explain

    found = explain(seen)
    return found.name if found else None
