"""Named functions that exercises hand to an answer as an argument: one table, built on either side of the boundary."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Function = Callable[..., Any]


@dataclass(frozen=True)
class Named:
    """A function by its name in the table, and the arrays and numbers it is built from."""

    name: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def build(self) -> Function:
        """The function itself."""
        return build(self.name, self.params)


def _float64(x: Any) -> Any:
    """The argument, refused unless it is float64: no complex step, no silent integers."""
    if np.asarray(x).dtype != np.float64:
        raise TypeError(f"this function takes float64, got {np.asarray(x).dtype}")
    return x


def _affine(W: Any, b: Any) -> Function:
    return lambda x: W @ _float64(x) + b


def _sine_mix(W: Any) -> Function:
    return lambda x: np.sin(W @ _float64(x)) * np.exp(0.3 * x.sum())


def _cubes(scale: float = 1.0) -> Function:
    return lambda x: scale * _float64(x) ** 3


def _product_and_sum() -> Function:
    return lambda x: np.array([np.prod(_float64(x)), x.sum(), (x**2).sum()])


def _itself() -> Function:
    return lambda x: _float64(x)


def _one_output() -> Function:
    return lambda x: np.array([np.sum(np.exp(_float64(x)) * x)])


def _matrix_times(M: Any) -> Function:
    return lambda x: M @ np.exp(0.5 * _float64(x))


def _outer_self() -> Function:
    return lambda x: np.multiply.outer(np.sin(_float64(x)), x**2)


def _total_square() -> Function:
    return lambda x: np.asarray((_float64(x) ** 2).sum() * np.sin(x.sum()))


def _vjp_matrix(M: Any) -> Function:
    return lambda grad_output: M @ grad_output


def _vjp_scale(d: Any) -> Function:
    return lambda grad_output: d * grad_output


def _polynomial(coefficients: Sequence[float]) -> Function:
    def evaluated(x: float) -> float:
        total = 0.0
        for coefficient in reversed(coefficients):
            total = total * x + coefficient
        return total

    return evaluated


def _wave(amplitude: float, frequency: float = 1.0, phase: float = 0.0) -> Function:
    return lambda x: amplitude * math.sin(frequency * x + phase)


def _growth(scale: float, rate: float) -> Function:
    return lambda x: scale * math.exp(rate * x)


TABLE: Mapping[str, Callable[..., Function]] = {
    "affine": _affine,  # x -> W x + b
    "sine_mix": _sine_mix,  # x -> sin(W x) exp(0.3 sum x)
    "cubes": _cubes,  # x -> scale x^3
    "product_and_sum": _product_and_sum,  # x -> (prod x, sum x, sum x^2)
    "itself": _itself,  # x -> x, the same object
    "one_output": _one_output,  # x -> (sum x exp x,)
    "matrix_times": _matrix_times,  # x (n, k) -> M exp(x / 2)
    "outer_self": _outer_self,  # x -> sin(x) outer x^2
    "total_square": _total_square,  # x -> 0-d
    "vjp_matrix": _vjp_matrix,  # g -> M g, the VJP of a step whose Jacobian is the transpose of M
    "vjp_scale": _vjp_scale,  # g -> d g, entry by entry: the VJP of an elementwise step
    "polynomial": _polynomial,  # a number x -> c0 + c1 x + c2 x^2 + ...
    "wave": _wave,  # a number x -> amplitude sin(frequency x + phase)
    "growth": _growth,  # a number x -> scale exp(rate x)
}


def build(name: str, params: Mapping[str, Any]) -> Function:
    """The function called ``name`` in the table, with ``params``.

    Raises KeyError for a name that is not in the table.
    """
    return TABLE[name](**params)
