"""What the public cases of ps6 share: recipes for networks and data, names of results."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from kit.declare import Stored
from kit.draws import Draw, Generator, exactly, integers, normal
from kit.repairs._data import KIND as KIND
from kit.repairs._data import KINDS as KINDS
from kit.repairs._data import MODES, RECORDING
from kit.repairs._models import PARAMETERS
from kit.stored import stored as generated

Inputs = Mapping[str, Any]

TOLERANCE = 1e-4  # float32, over a few steps

NET = ("W1", "b1", "W2", "b2")
GRADIENTS = tuple(f"gradient of {name}" for name in PARAMETERS)
AFTER = tuple(f"{name} after each step" for name in PARAMETERS)
LEFT = (MODES, RECORDING)
CHANGED = "number of parameters that were changed"
TOUCHED = "number of inputs that were changed in place"


def net(n: int, h: int, m: int) -> dict[str, Any]:
    """Weights of a network from n inputs over h hidden units to m outputs."""
    return {"W1": normal(h, n), "b1": normal(h), "W2": normal(m, h), "b2": normal(m)}


def supervised(n: int, h: int, m: int, batch: int) -> dict[str, Any]:
    """A network and one batch for it."""
    return net(n, h, m) | {"x": normal(batch, n), "target": normal(batch, m)}


def learning(n: int, h: int, m: int, batch: int, steps: int) -> dict[str, Any]:
    """A network and another batch for every step."""
    return net(n, h, m) | {"x": normal(steps, batch, n), "target": normal(steps, batch, m)}


def batches(n: int, h: int, m: int, *sizes: int) -> dict[str, Any]:
    """A network and a list of batches, of these sizes."""
    return net(n, h, m) | {"x": _several(n, sizes), "target": _several(m, sizes)}


def _several(n: int, sizes: tuple[int, ...]) -> Draw:
    def build(rng: Generator) -> tuple[np.ndarray[Any, Any], ...]:
        return tuple(rng.standard_normal((size, n)) for size in sizes)

    return Draw(f"batches of {sizes}", build)


def classes(batch: int, count: int) -> dict[str, Any]:
    """Logits (batch, count), their targets, and the upstream gradient of a scalar loss."""
    return {"grad_output": normal(), "logits": normal(batch, count, scale=1.5), "target": integers(0, count, batch)}


def recurrent(n: int, h: int, m: int, *, chunks: int, time: int, batch: int) -> dict[str, Any]:
    """An RNN cell from n inputs to h units, a head to m outputs, and a long sequence in chunks."""
    cell = {"W_ih": normal(h, n), "W_hh": normal(h, h), "b_ih": normal(h), "b_hh": normal(h)}
    head = {"W_out": normal(m, h), "b_out": normal(m)}
    return cell | head | {"chunks": normal(chunks, time, batch, n), "targets": normal(chunks, batch, m)}


def transitions(n: int, h: int, batch: int, *, same: bool = False) -> dict[str, Any]:
    """Two value networks from n inputs to one value (or one for both), and transitions between states."""
    other = {"V1": normal(h, n), "c1": normal(h), "V2": normal(1, h), "c2": normal(1)}
    if same:
        other = {name: exactly(np.zeros(0)) for name in other}
    data = {"x": normal(batch, n), "reward": normal(batch, 1), "next_x": normal(batch, n)}
    return {**net(n, h, 1), **other, **data, **({"same": True} if same else {})}


def stored(exercise: str, **cases: Inputs) -> tuple[Stored, ...]:
    """Public cases, named with underscores for spaces, in single precision."""
    return generated(exercise, {key.replace("_", " "): inputs for key, inputs in cases.items()}, tolerance=TOLERANCE)
