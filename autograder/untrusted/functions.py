"""Named functions: the callables that exercises pass in, built in the box from the kit's table and counted."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograder.boundary.job import NamedFunction, Value

Build = Callable[[str, Mapping[str, Value]], Callable[..., Any]]

PLAIN = frozenset({np.ndarray, int, float, bool, str, type(None)})


def kit_build(name: str, params: Mapping[str, Value]) -> Callable[..., Any]:
    """Build a function of the kit's table. Raises KeyError for a name that is not in it."""
    build: Build = importlib.import_module("autograder.kit.functions").build
    return build(name, params)


class HostFault(BaseException):
    """The job asks for something that this host cannot make: never the student's doing, so it ends the box."""


def adapted(name: str, answer: Any) -> Any:
    """`answer` behind the kit's adapter called `name`, or itself where there is none."""
    if not name:
        return answer
    try:
        return importlib.import_module("autograder.kit.adapters").adapted(name, answer)
    except Exception as error:
        raise HostFault(f"the adapter {name!r} cannot be used") from error


class Counted:
    """Puts callables in the place of named functions and counts the calls of each, in the order of the inputs."""

    def __init__(self, build: Build) -> None:
        self._build = build
        self.counts: list[int] = []

    def realised(self, value: Any) -> Any:
        """`value` with each named function in it, at any depth, replaced by one that can be called."""
        if type(value) in PLAIN:
            return value
        if isinstance(value, NamedFunction):
            try:
                function = self._build(value.name, value.params)
            except Exception as error:
                raise HostFault(f"the function {value.name!r} cannot be built") from error
            return self._counting(function, value.name)
        if isinstance(value, list):
            return [self.realised(item) for item in value]
        if isinstance(value, tuple):
            return tuple(self.realised(item) for item in value)
        if isinstance(value, dict):
            return {key: self.realised(item) for key, item in value.items()}
        return value

    def _counting(self, function: Callable[..., Any], name: str) -> Callable[..., Any]:
        number = len(self.counts)
        self.counts.append(0)

        def counted(*args: Any, **kwargs: Any) -> Any:
            self.counts[number] += 1
            return function(*args, **kwargs)

        counted.__name__ = counted.__qualname__ = name
        return counted
