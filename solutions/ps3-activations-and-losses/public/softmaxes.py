"""ps3, the public half of softmax and log-softmax: every entry depends on its whole row. No code of either ships."""

from __future__ import annotations

from typing import Any

import numpy as np

from kit.declare import Case, Function, Property, Rule, Stored, case
from kit.draws import every_second, exactly, normal

ROWS: tuple[Case, ...] = (
    case("one row", x=normal(3)),
    case("rows", x=normal(2, 3)),
    case("along the first axis", check="edges", x=normal(3, 2), axis=0),
    case("middle of three axes", check="edges", x=normal(2, 3, 2), axis=1),
    case("second axis from the end", check="edges", x=normal(3, 2), axis=-2),
    case("one class", check="edges", x=normal(2, 1)),
    case("no rows", check="edges", x=normal(0, 2)),
    case("strided", check="edges", x=every_second(normal(2, 3))),
    case("far out", check="stability", x=exactly([[1000.0, 999.0, -1000.0], [-1000.0, -1001.0, -1002.0]])),
)


def _is_distribution(y: Any, x: Any) -> bool:
    """Whether the rows of ``y`` add up to 1 and the logarithms of their entries differ as those of ``x`` do."""
    y = np.asarray(y)
    if y.shape != x.shape or not np.all(y > 0.0):
        return False
    ratios = np.log(y / y[..., :1]) - (x - x[..., :1])
    return bool(np.allclose(y.sum(axis=-1), 1.0, rtol=1e-9) and np.allclose(ratios, 0.0, atol=1e-9))


SOFTMAX = Function(
    name="softmax",
    signature="softmax(x, axis=-1)",
    statement="exp(x) / sum of exp(x), the sum along the axis; right for every x, 1000 and -1000 included.",
    stored=(
        Stored("one row", {"x": [0.0, 1.0, 2.0]}, [0.09003057317038046, 0.24472847105479764, 0.6652409557748218]),
        Stored(
            "rows",
            {"x": [[0.0, 1.0, 2.0], [3.0, 3.0, 3.0]]},
            [
                [0.09003057317038046, 0.24472847105479764, 0.6652409557748218],
                [0.3333333333333333, 0.3333333333333333, 0.3333333333333333],
            ],
        ),
        Stored(
            "along the first axis",
            {"x": [[0.0, 5.0], [1.0, 5.0]], "axis": 0},
            [[0.2689414213699951, 0.5], [0.7310585786300049, 0.5]],
        ),
        Stored(
            "middle of three axes",
            {"x": [[[0.0, 1.0], [0.0, 0.0]]], "axis": 1},
            [[[0.5, 0.7310585786300049], [0.5, 0.2689414213699951]]],
        ),
        Stored("no rows", {"x": exactly(np.zeros((0, 2)))}, np.zeros((0, 2))),
        Stored(
            "far out",
            {"x": [[1000.0, 1000.0], [-1000.0, 0.0], [-1000.0, -1001.0]]},
            [[0.5, 0.5], [0.0, 1.0], [0.7310585786300049, 0.2689414213699951]],
        ),
    ),
    properties=(
        Property(
            "a distribution",
            {"x": normal(3, 4)},
            holds=lambda returned, x: _is_distribution(returned, x),
            says="every row is positive and adds up to 1, and the logarithms of two entries differ as their logits do",
        ),
    ),
)

SOFTMAX_BACKWARD = Rule(
    name="softmax_backward",
    statement="y = exp(x) / sum of exp(x), the sum along the axis.",
    forward=None,
    oracle=lambda torch, x, axis=-1: torch.softmax(x, axis),
    cases=ROWS,
)

LOG_SOFTMAX = Rule(
    name="log_softmax_backward",
    statement="y = x - log(sum of exp(x)), the sum along the axis.",
    forward=None,
    oracle=lambda torch, x, axis=-1: torch.log_softmax(x, axis),
    cases=ROWS,
)
