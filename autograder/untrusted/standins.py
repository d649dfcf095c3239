"""What stands for a module that is not in the box: it can be named, and says why it is not there when it is used.

So a line that imports it costs nothing else: annotations, defaults, base classes, branches that never run, and a seed
or a `with torch.no_grad():` around NumPy need no more than the name. It computes nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, NoReturn

MODES = frozenset({
    "no_grad", "enable_grad", "inference_mode", "set_grad_enabled", "autocast", "set_detect_anomaly", "detect_anomaly",
})  # fmt: skip
"""What PyTorch has for `with` and as decorators: around NumPy they change nothing."""

SETTINGS = frozenset({
    "manual_seed", "manual_seed_all", "seed_all", "set_default_dtype", "set_default_device", "set_default_tensor_type",
    "set_printoptions", "set_num_threads", "set_num_interop_threads", "set_float32_matmul_precision",
    "use_deterministic_algorithms", "set_warn_always", "empty_cache", "synchronize", "device",
})  # fmt: skip
"""What only sets or names something of PyTorch's own."""


class Mode:
    """`torch.no_grad()` and its like where PyTorch is not there: a context, or a decorator, that does nothing."""

    def __enter__(self) -> Mode:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing was changed."""

    def __call__(self, function: Any) -> Any:
        return function


class StandIn:
    """A module that is not there, or anything in it. Calling it, or computing with it, raises its ImportError.

    What PyTorch would only be told, and computes nothing, passes.
    """

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
        module, _, name = self._path.rpartition(".")
        if module.partition(".")[0] == "torch":
            if name in MODES:
                return args[0] if args and callable(args[0]) else Mode()
            if name in SETTINGS:
                return self
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
