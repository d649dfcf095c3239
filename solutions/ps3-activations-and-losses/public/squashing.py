"""ps3, the public half of sigmoid and tanh. The sigmoid itself is asked for, so no code of it ships."""

from __future__ import annotations

from typing import Any

import numpy as np

from kit.declare import Answer, Function, Predict, Property, Rule, Stored, case
from kit.draws import away_from_zero, exactly

from ._shared import EXTREME, elementwise


def _has_odds(y: Any, x: Any) -> bool:
    """Whether the log odds of ``y`` are ``x``."""
    if np.shape(y) != np.shape(x) or not np.all((np.asarray(y) > 0.0) & (np.asarray(y) < 1.0)):
        return False
    return bool(np.allclose(np.log(np.asarray(y) / (1.0 - np.asarray(y))), x, rtol=1e-9, atol=1e-9))


SIGMOID = Function(
    name="sigmoid",
    signature="sigmoid(x)",
    statement="1 / (1 + exp(-x)), entry by entry; right for every x, 1000 and -1000 included.",
    stored=(
        Stored("zero", {"x": [0.0]}, [0.5]),
        Stored(
            "a few values",
            {"x": [[-2.0, -0.5, 0.0], [0.5, 1.0, 3.0]]},
            [
                [0.11920292202211755, 0.3775406687981454, 0.5],
                [0.6224593312018546, 0.7310585786300049, 0.9525741268224334],
            ],
        ),
        Stored("a single number", {"x": exactly(1.0)}, 0.7310585786300049),
        Stored("no entries", {"x": []}, []),
        Stored("far out", {"x": [-1000.0, 1000.0]}, [0.0, 1.0]),
    ),
    properties=(
        Property(
            "odds",
            {"x": away_from_zero(2, 3)},
            holds=lambda returned, x: _has_odds(returned, x),
            says="every entry y lies between 0 and 1, and log(y / (1 - y)) gives x back",
        ),
    ),
)

SIGMOID_BACKWARD = Rule(
    name="sigmoid_backward",
    statement="y = 1 / (1 + exp(-x)), entry by entry.",
    forward=None,
    oracle=lambda torch, x: torch.sigmoid(x),
    cases=elementwise(case("far out", check="stability", x=EXTREME)),
)

PREDICT = Predict(
    name="predict",
    statement="Where the sigmoid is steepest, and the most that the slope of ten sigmoids in a row can be.",
    answers={"sigmoid_steepest_at": Answer(float), "ten_sigmoids_bound": Answer(float)},
)

TANH = Rule(
    name="tanh_backward",
    statement="y = tanh(x), entry by entry.",
    forward=lambda x: np.tanh(x),
    oracle=lambda torch, x: torch.tanh(x),
    cases=elementwise(case("far out", check="stability", x=EXTREME)),
)
