"""Small exercises of the tests' own, so that the checks are tested without any assignment, and how a check fails."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograder.kit import check
from autograder.kit.declare import Answer, Function, Predict, Property, Rule, Stored, case
from autograder.kit.draws import as_is, booleans, exactly, normal, reversed_view
from autograder.kit.functions import Named

CUBE_MIX = Rule(
    name="mix_backward",
    statement="y = a^2 b, where keep is true",
    forward=lambda keep, a, b, scale=1.0: np.where(keep, scale * a**2 * b, 0.0),
    oracle=lambda torch, keep, a, b, scale=1.0: torch.where(keep, scale * a**2 * b, 0.0),
    cases=(
        case("matrix", keep=booleans(2, 3), a=normal(2, 3), b=normal(2, 3)),
        case("scaled", keep=booleans(3), a=normal(3), b=normal(3), scale=2.5),
        case("backwards", check="edges", keep=booleans(4), a=reversed_view(normal(4)), b=normal(4)),
        case("padding", check="edges", by_convention=True, keep=booleans(5), a=normal(5), b=normal(5)),
    ),
    differentiable=("a", "b"),
)

KINK = Rule(
    name="relu_backward",
    statement="y = max(x, 0)",
    forward=None,
    oracle=lambda torch, x: torch.relu(x),
    cases=(
        case("vector", x=normal(5)),
        case("kink", check="edges", x=exactly([0.0, -1.0, 2.0])),
        case("huge", check="stability", x=exactly([1e300, -1e300])),
    ),
)

DOUBLE = Function(
    name="double",
    signature="double(x)",
    statement="Twice x.",
    stored=(Stored("numbers", {"x": [1.0, 2.0]}, [2.0, 4.0]), Stored("one", {"x": [3.0]}, [6.0])),
    properties=(
        Property(
            "even",
            {"x": normal(3)},
            holds=lambda returned, x: bool(np.allclose(returned - x, x)),
            says="double(x) - x must be x",
        ),
    ),
)

APPLY = Function(
    name="apply_all",
    signature="apply_all(functions, x, times=1)",
    statement="The functions one after the other.",
    stored=(
        Stored("two", {"functions": as_is([Named("cubes"), Named("cubes")]), "x": [1.0, -1.0]}, [1.0, -1.0]),
        Stored("repeated", {"functions": as_is([Named("cubes")]), "x": [1.0, 2.0], "times": 2}, [1.0, 512.0]),
    ),
)

STATEFUL = Function(
    name="step",
    signature="step(params, state)",
    statement="One step.",
    stored=(Stored("first", {"params": {"w": [1.0, 2.0]}, "state": {}}, {"w": [0.5, 1.5]}),),
    changes=("state",),
)

BOX = Function(
    name="Box",
    signature="Box(value)",
    statement="A class.",
    properties=(
        Property(
            "keeps", {"value": normal(2)}, holds=lambda returned, value: returned.get() is value, says="get() gives it"
        ),
    ),
)

WORDS = Predict(
    name="fate",
    statement="What happens.",
    answers={
        "count": Answer(int),
        "size": Answer(float),
        "combine": Answer(str, ("add", "multiply")),
        "nets": Answer(dict, ("vanishes", "explodes")),
    },
)

ALL = {one.name: one for one in (CUBE_MIX, KINK, DOUBLE, APPLY, STATEFUL, BOX, WORDS)}


def mix_backward(grad_output: Any, output: Any, keep: Any, a: Any, b: Any, scale: float = 1.0) -> Any:
    """The right answer to CUBE_MIX."""
    g = np.where(keep, grad_output, 0.0) * scale
    return 2 * g * a * b, g * a**2


def relu_backward(grad_output: Any, output: Any, x: Any) -> Any:
    """The right answer to KINK."""
    return grad_output * (x > 0)


def failure(target: Any, **answers: Any) -> str:
    """The line with which check fails."""
    with pytest.raises(AssertionError) as caught:
        check(target, **answers)
    return str(caught.value)
