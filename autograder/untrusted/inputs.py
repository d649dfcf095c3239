"""The inputs of calls, ready to be handed to an answer, with what tells later whether they were changed.

A warm parent makes them for all its children: each inherits a copy that is its own to write to. A fork copies the
page tables, not the pages: large arrays lie in an arena of huge pages, which has few entries there.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from autograder.boundary.job import NamedFunction, Value
from autograder.boundary.limits import MIB
from autograder.boundary.posting import PostedTask
from autograder.boundary.wire import Memory
from autograder.untrusted.observe import LARGE, snapshot

BLOCK = 32 * MIB
ALIGNMENT = 64
FIXED = frozenset({int, float, bool, str, type(None)})


@dataclass(frozen=True)
class Inputs:
    """The inputs of one call as they arrived; `before` holds snapshots of those that can be written to, by number.

    `functions`: whether there are named functions among them, which are yet to be built; then `before` is empty.
    """

    args: list[Value]
    kwargs: dict[str, Value]
    read_only: bool
    functions: bool
    before: dict[int, object]


@dataclass
class Shelf:
    """The inputs that were made beforehand. Each is handed out once: what was handed out may have been changed."""

    _made: dict[tuple[int, int], Inputs] = field(default_factory=dict)
    _arena: Arena = field(default_factory=lambda: Arena())

    def prepare(self, tasks: Iterable[PostedTask]) -> None:
        """Make the inputs of all calls of the tasks; a part of another task has its."""
        for task in tasks:
            for index in range(task.calls if task.whole is None else 0):
                self._made[id(task), index] = _make(task, index, self._arena.copied)

    def take(self, task: PostedTask, index: int) -> Inputs:
        """The inputs of call number `index`, which nobody has used."""
        if task.whole is not None:
            task, index = task.whole, task.chosen[index]
        return self._made.pop((id(task), index), None) or _make(task, index)


class Arena:
    """Memory for arrays that are made once and stay: large blocks, cut from the front."""

    def __init__(self) -> None:
        self._room = memoryview(b"")

    def copied(self, data: memoryview) -> Memory:
        """A copy of `data` that can be written to; small ones are ordinary objects."""
        if len(data) < LARGE:
            return bytearray(data)
        size = -(-len(data) // ALIGNMENT) * ALIGNMENT
        if size > len(self._room):
            private = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS  # what a child writes is its own
            block = mmap.mmap(-1, max(BLOCK, size), flags=private)
            block.madvise(mmap.MADV_HUGEPAGE)  # there are warm parents on Linux only
            self._room = memoryview(block)
        copy, self._room = self._room[: len(data)], self._room[size:]
        copy[:] = data
        return copy


def _make(task: PostedTask, index: int, copied: Callable[[memoryview], Memory] = bytearray) -> Inputs:
    args, kwargs, read_only = task.inputs(index, copied)
    values: list[Any] = [*args, *kwargs.values()]
    functions = any(map(_names_functions, values))
    return Inputs(args, kwargs, read_only, functions, {} if functions else snapshots(values, copied))


def snapshots(values: list[Any], copied: Callable[[memoryview], Memory] = bytearray) -> dict[int, object]:
    """Snapshots of those of the values that can be written to, by number."""
    return {number: snapshot(value, copied) for number, value in enumerate(values) if type(value) not in FIXED}


def _names_functions(value: Value) -> bool:
    """Whether there is a named function in `value`, at any depth."""
    if isinstance(value, (list, tuple)):
        return any(map(_names_functions, value))
    if isinstance(value, dict):
        return any(map(_names_functions, value.values()))
    return isinstance(value, NamedFunction)
