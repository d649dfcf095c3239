"""What the public cases of ps6 share: recipes for networks and data, names of results, answers written down as data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ...declare import Stored
from ...draws import Draw, Generator, integers, normal
from ...repairs._data import KIND, KINDS, MODES, RECORDING
from ...repairs._models import PARAMETERS
from .answers import ANSWERS

Inputs = Mapping[str, Any]

TOLERANCE = 1e-4  # float32, over a few steps

NET = ("W1", "b1", "W2", "b2")
GRADIENTS = tuple(f"gradient of {name}" for name in PARAMETERS)
AFTER = tuple(f"{name} after each step" for name in PARAMETERS)
LEFT = (MODES, RECORDING)
CHANGED = "number of parameters that were changed"
TOUCHED = "number of inputs that were changed in place"

__all__ = [
    "AFTER",
    "CHANGED",
    "GRADIENTS",
    "KIND",
    "KINDS",
    "LEFT",
    "NET",
    "TOUCHED",
    "Inputs",
    "batches",
    "learning",
    "net",
    "stored",
    "supervised",
]


def net(n: int, h: int, m: int) -> dict[str, Draw]:
    """Weights of a network from n inputs over h hidden units to m outputs."""
    return {"W1": normal(h, n), "b1": normal(h), "W2": normal(m, h), "b2": normal(m)}


def supervised(n: int, h: int, m: int, batch: int) -> dict[str, Draw]:
    """A network and one batch for it."""
    return net(n, h, m) | {"x": normal(batch, n), "target": normal(batch, m)}


def learning(n: int, h: int, m: int, batch: int, steps: int) -> dict[str, Draw]:
    """A network and another batch for every step."""
    return net(n, h, m) | {"x": normal(steps, batch, n), "target": normal(steps, batch, m)}


def batches(n: int, h: int, m: int, *sizes: int) -> dict[str, Draw]:
    """A network and a list of batches, of these sizes."""
    return net(n, h, m) | {"x": _several(n, sizes), "target": _several(m, sizes)}


def _several(n: int, sizes: tuple[int, ...]) -> Draw:
    def build(rng: Generator) -> tuple[np.ndarray[Any, Any], ...]:
        return tuple(rng.standard_normal((size, n)) for size in sizes)

    return Draw(f"batches of {sizes}", build)


def classes(batch: int, count: int) -> dict[str, Draw]:
    """Logits (batch, count), their targets, and the upstream gradient of a scalar loss."""
    return {"grad_output": normal(), "logits": normal(batch, count, scale=1.5), "target": integers(0, count, batch)}


def stored(exercise: str, **cases: Inputs) -> tuple[Stored, ...]:
    """Public cases, named with underscores for spaces, with the answers written down in ``answers``."""
    return tuple(
        Stored(name, inputs, ANSWERS.get(f"{exercise}: {name}"), TOLERANCE)
        for name, inputs in ((key.replace("_", " "), inputs) for key, inputs in cases.items())
    )
