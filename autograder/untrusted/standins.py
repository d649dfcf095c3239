"""What stands for a module that is not in the box: it can be named, and says why it is not there when it is used.

So a line that imports it costs nothing else: annotations, defaults, base classes and branches that never run need no
more than the name. It computes nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, NoReturn


class StandIn:
    """A module that is not there, or anything in it. Calling it, or computing with it, raises its ImportError."""

    _path: str
    _reason: str

    def __init__(self, path: str, reason: str) -> None:
        self._path, self._reason = path, reason

    def __getattr__(self, name: str) -> StandIn:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return StandIn(f"{self._path}.{name}", self._reason)

    def __call__(self, *args: object, **kwargs: object) -> Any:
        if self._path.endswith((".is_tensor", ".is_available")):
            return False  # nothing here is one
        raise ImportError(self._reason, name=self._path)

    def __getitem__(self, key: object) -> StandIn:
        return self

    def __or__(self, other: object) -> StandIn:
        return self

    __ror__ = __or__

    def __mro_entries__(self, bases: tuple[object, ...]) -> tuple[type, ...]:
        return ()

    def __instancecheck__(self, instance: object) -> bool:
        return False

    def __subclasscheck__(self, subclass: type) -> bool:
        return False

    def _refuse(self, *_: object) -> NoReturn:
        raise ImportError(self._reason, name=self._path)

    __iter__ = __bool__ = __len__ = __float__ = __int__ = __index__ = __enter__ = __array__ = _refuse
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _refuse
    __matmul__ = __rmatmul__ = __pow__ = __rpow__ = __neg__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse

    def __exit__(self, *_: object) -> None:
        """Never entered."""

    def __repr__(self) -> str:
        return f"<{self._path}, which is not available while this assignment is graded>"


def stand_ins(statement: ast.stmt, reason: str) -> Iterator[tuple[str, StandIn]]:
    """The names that an import which failed would have bound, each with what stands for it."""
    if isinstance(statement, ast.Import):
        for alias in statement.names:
            path = alias.name if alias.asname else alias.name.partition(".")[0]
            yield alias.asname or path, StandIn(path, reason)
    elif isinstance(statement, ast.ImportFrom) and statement.module:
        for alias in statement.names:
            if alias.name != "*":
                yield alias.asname or alias.name, StandIn(f"{statement.module}.{alias.name}", reason)
