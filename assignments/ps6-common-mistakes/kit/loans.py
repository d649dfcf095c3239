"""Loans: dicts of parameters or gradients that an adapter lends to an answer, made of the arrays that it was given.

What an answer does to such a dict is done to the arrays it was made of: that is where changed inputs are looked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .notes import note

Array = np.ndarray[Any, np.dtype[Any]]

KEYS = ("W1", "b1", "W2", "b2")


def lent(arrays: Sequence[Array]) -> dict[str, Array]:
    """The dict that an answer receives, made of four arrays."""
    return dict(zip(KEYS, arrays, strict=True))


def settle(loan: Mapping[str, Any], arrays: Sequence[Array]) -> None:
    """Where an answer put something else into its dict, write that over the array; NaN for what does not fit."""
    for key, array in zip(KEYS, arrays, strict=True):
        now = loan.get(key)
        if now is not array:
            array[...] = now if isinstance(now, np.ndarray) and now.shape == array.shape else np.nan
    if set(loan) - set(KEYS):
        arrays[0][...] = np.nan


def entries(value: Any) -> tuple[Any, ...] | str | None:
    """The four entries of a returned dict in order, copied; where it is no such dict a note, or None for None."""
    if value is None:
        return None
    if not isinstance(value, Mapping):
        return note("no dict")
    if set(value) != set(KEYS):
        return note("other keys")
    return tuple(kept(value[key]) for key in KEYS)


def pair(value: Any) -> tuple[Any, Any] | str | None:
    """Two results; where there are not two a note, or None for None."""
    if value is None:
        return None
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        return note("no pair")
    return value[0], value[1]


def kept(value: Any) -> Any:
    """A copy of an array, which later steps cannot change; anything else as it is."""
    return value.copy() if isinstance(value, np.ndarray) else value


def spoil_shared(returned: Sequence[Any], given: Sequence[Array]) -> None:
    """Fill every given array with NaN that shares memory with a returned one: who changes the one changes the other."""
    for array in given:
        if any(isinstance(one, np.ndarray) and np.shares_memory(one, array) for one in returned):
            array[...] = np.nan
