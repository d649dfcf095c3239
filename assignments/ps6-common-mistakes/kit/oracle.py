"""PyTorch as the notebook's authority: outputs and gradients of a rule by autograd, in float64."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any

import numpy as np

from .declare import Rule

Array = np.ndarray[Any, np.dtype[Any]]


def load() -> ModuleType | None:
    """PyTorch, or None where it is not installed."""
    try:
        return importlib.import_module("torch")
    except ImportError:
        return None


@contextlib.contextmanager
def one_thread(torch: ModuleType | None) -> Iterator[None]:
    """PyTorch on one thread while the block runs: on arrays this small, waking the others costs more than the work."""
    if torch is None:
        yield
        return
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def forward(torch: ModuleType, rule: Rule, inputs: Sequence[Array], params: Mapping[str, Any]) -> Array:
    """The output of ``rule``'s operation."""
    with torch.no_grad():
        return _output(rule.oracle(torch, *(_tensor(torch, value) for value in inputs), **params))


def gradients(
    torch: ModuleType, rule: Rule, grad_output: Array, inputs: Sequence[Array], params: Mapping[str, Any]
) -> tuple[Array, ...]:
    """dL/d(input) for every differentiable input, by autograd; zeros where the output does not depend on it."""
    tensors = {name: _tensor(torch, value) for name, value in zip(rule.inputs, inputs, strict=True)}
    wanted = [tensors[name].requires_grad_() for name in rule.differentiable]
    with torch.enable_grad():
        output = rule.oracle(torch, *tensors.values(), **params)
    if not output.requires_grad:
        return tuple(np.zeros(tuple(tensor.shape)) for tensor in wanted)
    found = torch.autograd.grad(output, wanted, _tensor(torch, grad_output), allow_unused=True)
    return tuple(
        np.zeros(tuple(tensor.shape)) if gradient is None else _output(gradient)
        for gradient, tensor in zip(found, wanted, strict=True)
    )


def _tensor(torch: ModuleType, value: Array) -> Any:
    """A tensor with the array's values and dtype: a copy, for PyTorch takes no negative strides."""
    return torch.from_numpy(np.array(value, order="C"))


def _output(tensor: Any) -> Array:
    return np.array(tensor.detach().numpy(), dtype=np.float64)
