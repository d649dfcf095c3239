"""The graph that PyTorch recorded, followed from a tensor back to its leaves. Nothing is differentiated."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .ladder import shape_text


@dataclass(frozen=True)
class Step:
    """One recorded operation or leaf: its short name, how many steps from the loss, and where backward goes next."""

    name: str
    distance: int
    before: tuple[int, ...]
    leaf: bool


@dataclass(frozen=True)
class Walk:
    """All steps from one tensor; the parameters by name, which are reached, how many leaves are none of them."""

    type_name: str
    is_tensor: bool
    steps: tuple[Step, ...]
    names: tuple[str, ...]
    reached: frozenset[str]
    strangers: int


def walk(loss: Any, named: Mapping[str, Any]) -> Walk:
    """Follow the recorded operations from ``loss``. ``named`` holds the parameters that one asks about."""
    is_tensor = hasattr(loss, "grad_fn") and hasattr(loss, "requires_grad")
    names = {id(one): name for name, one in named.items()}
    steps: list[Step] = []
    leaves: list[Any] = []
    if is_tensor and loss.grad_fn is not None:
        steps, leaves = _followed(loss.grad_fn, names)
    elif is_tensor and loss.requires_grad:
        steps, leaves = [Step(names.get(id(loss), f"leaf {shape_text(tuple(loss.shape))}"), 0, (), True)], [loss]
    reached = frozenset(names[id(one)] for one in leaves if id(one) in names)
    strangers = sum(id(one) not in names for one in leaves)
    return Walk(type(loss).__name__, is_tensor, tuple(steps), tuple(named), reached, strangers)


def _followed(first: Any, names: Mapping[int, str]) -> tuple[list[Step], list[Any]]:
    """Steps in the order of their distance from the loss, and the tensors at the leaves."""
    number, distance, waiting, functions = {first: 0}, [0], deque([first]), [first]
    while waiting:
        function = waiting.popleft()
        for before, _ in function.next_functions:
            if before is not None and before not in number:
                number[before] = len(functions)
                functions.append(before)
                distance.append(distance[number[function]] + 1)
                waiting.append(before)
    leaves = [function.variable for function in functions if hasattr(function, "variable")]
    steps = [
        Step(
            _called(function, names),
            distance[place],
            tuple(number[before] for before, _ in function.next_functions if before is not None),
            hasattr(function, "variable"),
        )
        for place, function in enumerate(functions)
    ]
    return steps, leaves


def _called(function: Any, names: Mapping[int, str]) -> str:
    if hasattr(function, "variable"):
        leaf = function.variable
        return names.get(id(leaf), f"leaf {shape_text(tuple(leaf.shape))}")
    return re.sub(r"Backward\d*$", "", str(function.name()).rpartition("::")[2])
