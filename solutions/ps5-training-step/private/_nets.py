"""What the exercises of ps5 share: draws of a two-layer network's parameters and of their gradients."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from kit.draws import normal

Array = np.ndarray[Any, np.dtype[Any]]
Params = dict[str, Array]
Recipes = dict[str, Any]


def net(n_in: int, hidden: int, n_out: int, *leading: int, scale: float = 1.0, of: str = "") -> Recipes:
    """Recipes for the four arrays of a network, with ``leading`` axes in front; ``of`` stands before their names."""
    shapes = {"W1": (hidden, n_in), "b1": (hidden,), "W2": (n_out, hidden), "b2": (n_out,)}
    return {of + name: normal(*leading, *shape, scale=scale) for name, shape in shapes.items()}


def gradients(n_in: int, hidden: int, n_out: int, *leading: int, scale: float = 1.0) -> Recipes:
    """Recipes for the gradients of the four arrays."""
    return net(n_in, hidden, n_out, *leading, scale=scale, of="d")


def each(function: Callable[..., Any], *dicts: Mapping[str, Any]) -> Params:
    """``function`` of the entries under each key, as a new dict."""
    return {key: function(*(one[key] for one in dicts)) for key in dicts[0]}
