"""Tensors from arrays, and plain data from whatever a PyTorch program gives back."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

FLOAT, BARE_TENSOR, GRAPH, OTHER = 0, 1, 2, 3
KIND = "kind of what is returned (0 Python float, 1 tensor without a graph, 2 tensor with its graph, 3 anything else)"
KINDS = KIND.replace("kind of what is returned", "kinds of the numbers returned")
TYPES = {"f": np.float32, "i": np.int64, "b": np.bool_}
MODES = "training flags on return"
RECORDING = "requires_grad flags and grad mode on return"


def load() -> Any:
    """The module ``torch``. Raises ImportError where PyTorch is not installed."""
    return importlib.import_module("torch")


@contextmanager
def steady(torch: Any) -> Iterator[None]:
    """One and the same state for every run: one thread, a fixed seed, gradients recorded, no warnings.

    One thread, because nothing here is large and a process that forks must not own a pool of them.
    """
    threads, random = torch.get_num_threads(), torch.default_generator.get_state()
    if threads != 1:
        torch.set_num_threads(1)
    try:
        with warnings.catch_warnings(), torch.enable_grad():
            warnings.simplefilter("ignore")
            torch.default_generator.manual_seed(20)
            yield
    finally:
        torch.default_generator.set_state(random)
        if threads != 1:
            torch.set_num_threads(threads)


def tensor(torch: Any, array: Array, *, grad: bool = False) -> Any:
    """A tensor with a copy of the array's values: float32 for floats, int64 for integers."""
    made = torch.from_numpy(np.array(array, dtype=TYPES[np.asarray(array).dtype.kind], order="C"))
    return made.requires_grad_() if grad else made


def plain(torch: Any, value: Any) -> Any:
    """A tensor or array as an array (floats as float64), a number as it is; anything else as it is too."""
    if isinstance(value, torch.Tensor):
        try:
            value = value.numpy(force=True)
        except (RuntimeError, TypeError):  # a sparse or quantised tensor, bfloat16: no such thing is asked anywhere
            return type(value).__name__
    if isinstance(value, (np.ndarray, np.generic)):
        return np.array(value, dtype=np.float64 if value.dtype.kind == "f" else value.dtype)
    return value


def copied(torch: Any, tensors: Sequence[Any]) -> tuple[Any, ...]:
    """The values of several tensors as they are now."""
    return tuple(plain(torch, one) for one in tensors)


def gradients(torch: Any, tensors: Sequence[Any]) -> tuple[Any, ...]:
    """What each ``.grad`` holds: an array or None."""
    return tuple(None if one.grad is None else plain(torch, one.grad) for one in tensors)


def unknown(count: int) -> tuple[Array, ...]:
    """Nothing in the place of so many gradients that could not be asked for: what came back has another shape."""
    return tuple(np.zeros((0, 0, 0)) for _ in range(count))


def kind(torch: Any, value: Any) -> int:
    """0 for a Python float, 1 for a tensor without a graph, 2 for one with its graph, 3 for anything else."""
    if isinstance(value, torch.Tensor):
        return GRAPH if value.requires_grad else BARE_TENSOR
    return FLOAT if isinstance(value, float) else OTHER


def series(torch: Any, values: Any) -> tuple[Any, Any]:
    """A list of numbers as (array, kinds of its entries); what is no such list as (itself, kinds of nothing)."""
    if not isinstance(values, (list, tuple)):
        return plain(torch, values), np.zeros(0, dtype=np.int64)
    kinds = np.array([kind(torch, one) for one in values], dtype=np.int64)
    entries = [plain(torch, one) for one in values]
    try:
        return np.array(entries, dtype=np.float64), kinds
    except (TypeError, ValueError):  # not numbers, or not of one shape: the ladder says so
        return entries, kinds


def standing(torch: Any, *modules: Any) -> tuple[Array, Array]:
    """How modules were left: training flags; requires_grad of the parameters and, last, the grad mode. 1 or 0."""
    flags = [float(bool(part.training)) for module in modules for part in module.modules()]
    wanted = [float(one.requires_grad) for module in modules for one in module.parameters()]
    return np.array(flags), np.array([*wanted, float(torch.is_grad_enabled())])


def changes(torch: Any, tensors: Sequence[Any], before: Sequence[Any]) -> int:
    """How many of the tensors do not hold the values that they held before."""
    return sum(not _same(now, then) for now, then in zip(copied(torch, tensors), before, strict=True))


def _same(now: Any, then: Any) -> bool:
    """Whether two arrays hold equal values; told by their bytes where nothing happened at all, which is quicker."""
    if isinstance(now, np.ndarray) and isinstance(then, np.ndarray):
        alike = (now.dtype, now.shape) == (then.dtype, then.shape)
        if alike and now.tobytes() == then.tobytes():
            return True
    return np.array_equal(now, then, equal_nan=True)
