"""The inputs of calls, ready to be handed to an answer, with what tells later whether they were changed.

A warm parent makes them for all its children: each inherits a copy that is its own to write to, at no cost.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograder.boundary.job import Value
from autograder.boundary.posting import PostedTask
from autograder.untrusted.observe import snapshot


@dataclass(frozen=True)
class Inputs:
    """The inputs of one call as they arrived; `before` holds the snapshots of the arrays among them, by number."""

    args: list[Value]
    kwargs: dict[str, Value]
    read_only: bool
    before: dict[int, object]


@dataclass
class Shelf:
    """The inputs that were made beforehand. Each is handed out once: what was handed out may have been changed."""

    _made: dict[tuple[int, int], Inputs] = field(default_factory=dict)

    def prepare(self, tasks: Iterable[PostedTask]) -> None:
        """Make the inputs of all calls of the tasks."""
        for task in tasks:
            for index in range(task.calls):
                self._made[id(task), index] = _make(task, index)

    def take(self, task: PostedTask, index: int) -> Inputs:
        """The inputs of call number `index`, which nobody has used."""
        return self._made.pop((id(task), index), None) or _make(task, index)


def _make(task: PostedTask, index: int) -> Inputs:
    args, kwargs, read_only = task.inputs(index)
    values: list[Any] = [*args, *kwargs.values()]
    before = {number: snapshot(value) for number, value in enumerate(values) if isinstance(value, np.ndarray)}
    return Inputs(args, kwargs, read_only, before)
