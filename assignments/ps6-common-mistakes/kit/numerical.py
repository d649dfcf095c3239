"""Finite differences along random directions: products with a gradient, never its entries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

STEP = 1e-5  # times the input's size: about where rounding and truncation meet for central differences
RTOL = 1e-6
KINK = 1e-3  # one-sided slopes this far apart, relatively, mean a kink
DIRECTIONS = 3


@dataclass(frozen=True)
class Slope:
    """One product: ``claimed`` is <gradient, d>, ``measured`` the slope of <grad_output, f> along d."""

    which: int
    claimed: float
    measured: float
    slack: float

    @property
    def agrees(self) -> bool:
        """Whether the two are equal up to what finite differences can tell."""
        return bool(abs(self.claimed - self.measured) <= self.slack)


def slopes(
    f: Callable[..., Any],
    inputs: Sequence[Array],
    places: Sequence[int],
    gradients: Sequence[Array],
    grad_output: Array,
    rng: np.random.Generator,
) -> list[Slope]:
    """Measured slopes of <grad_output, f(inputs)> beside the claimed gradients, input by input, a few directions each.

    ``gradients[k]`` claims to be the gradient for ``inputs[places[k]]``. Directions along which the two one-sided
    slopes disagree (a kink), or the values are too extreme to measure, are left out.
    """
    with np.errstate(all="ignore"):
        here = np.asarray(grad_output * np.asarray(f(*inputs)))
    found = []
    for which, (place, gradient) in enumerate(zip(places, gradients, strict=True)):
        for _ in range(DIRECTIONS):
            direction = rng.standard_normal(np.shape(inputs[place]))
            measured = _slope(f, inputs, place, direction, grad_output, here)
            if measured is not None:
                claimed = float(np.sum(gradient * direction))
                size = float(np.sum(np.abs(gradient * direction)))
                found.append(Slope(which, claimed, measured[0], measured[1] + RTOL * size))
    return found


def _slope(
    f: Callable[..., Any], inputs: Sequence[Array], place: int, direction: Array, grad_output: Array, here: Array
) -> tuple[float, float] | None:
    """(slope, how far it can be trusted) along one direction for one input; None at a kink or where it overflows."""
    step = STEP * max(1.0, float(np.max(np.abs(inputs[place]), initial=0.0)))

    def weighted(times: float) -> Array:
        moved = [x + times * step * direction if index == place else x for index, x in enumerate(inputs)]
        return np.asarray(grad_output * np.asarray(f(*moved)))

    with np.errstate(all="ignore"):
        right, left = weighted(1.0), weighted(-1.0)
        wide = (np.sum(weighted(2.0) - weighted(-2.0))) / (4 * step)
        slope = float(np.sum(right - left) / (2 * step))
        size = float(np.sum(np.abs(right - left)) / (2 * step))
        bend = float(np.sum(np.abs(right + left - 2 * here)) / step)
        noise = 1e-14 * float(np.sum(np.abs(here))) / step
    if not np.all(np.isfinite([slope, wide, size, bend])):
        return None
    slack = RTOL * size + noise
    if bend > KINK * size + noise or abs(slope - wide) > 10 * slack:
        return None
    return slope, slack
