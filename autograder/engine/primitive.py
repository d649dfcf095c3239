"""Primitives: a forward function, and a table with one backward row for each of its arguments.

Second in reading order, after ``tape.py``; the tables stand in ``ops/``.

    @primitive(shapes="(...),(...)->(...)", source="...")
    def mul(a, b):
        return a * b

    defvjp(mul,
           a=lambda g, y, a, b: unbroadcast(g * b, a.shape),
           b=lambda g, y, a, b: unbroadcast(g * a, b.shape))

Arguments are arrays and stand in the table; parameters have a default and do not: a row receives
them as keywords, defaults filled in.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, overload

import numpy as np
import numpy.typing as npt

from autograder.engine import shapes as shape_language
from autograder.engine.broadcasting import Array
from autograder.engine.errors import DeclarationError, NoDerivativeError
from autograder.engine.tape import Node, Row, seed

N = TypeVar("N", bound=Node)


class NoGrad:
    """Type of ``NO_GRAD``, the table entry of an argument without a derivative."""

    def __repr__(self) -> str:
        return "NO_GRAD"


NO_GRAD = NoGrad()


class Primitive:
    """A differentiable function of arrays: ``forward``, ``backward``, and recording on the tape.

    ``arguments`` are the names of its array arguments, ``differentiable`` those of them that have a
    derivative, ``defaults`` its keyword parameters; ``shapes`` and ``source`` as declared.
    """

    def __init__(self, function: Callable[..., Array], *, shapes: str, source: str) -> None:
        self.name = function.__name__
        self.shapes = shapes
        self.source = source
        self.__doc__ = function.__doc__
        self._function = function
        self._signature = inspect.signature(function)
        parameters = self._signature.parameters.values()
        self.arguments = tuple(p.name for p in parameters if p.default is p.empty)
        self.defaults = {p.name: p.default for p in parameters if p.default is not p.empty}
        self.differentiable: tuple[str, ...] = ()
        self._rows: tuple[Row | NoGrad, ...] = (self._undeclared,) * len(self.arguments)
        declared = len(shape_language.parse(shapes).inputs)
        if declared != len(self.arguments):
            raise DeclarationError(
                f"{self.name}: shapes {shapes!r} declare {declared} arguments, "
                f"the function has {len(self.arguments)}: {', '.join(self.arguments)}"
            )

    def __repr__(self) -> str:
        return f"<primitive {self.name} {self.shapes}>"

    def forward(self, *arrays: npt.ArrayLike, **params: Any) -> Array:
        """The value of the function: a float64 array (0-d for a scalar)."""
        return np.asarray(self._function(*self._values(arrays), **params), dtype=np.float64)

    def backward(self, g: npt.ArrayLike, y: npt.ArrayLike, *arrays: npt.ArrayLike, **params: Any) -> tuple[Array, ...]:
        """Gradients dL/d(argument) for each of ``differentiable``, given ``g`` = dL/dy.

        ``y`` is what ``forward`` returned for the same arrays and parameters. The results are fresh
        float64 arrays of the arguments' shapes. Raises SeedError where g has not the shape of y.
        """
        values = self._values(arrays)
        y = np.asarray(y, dtype=np.float64)
        g = seed(y, g)
        params = {**self.defaults, **params}
        return tuple(
            np.array(row(g, y, *values, **params), dtype=np.float64)
            for row in self._rows
            if not isinstance(row, NoGrad)
        )

    @overload
    def __call__(self, *arguments: npt.ArrayLike, **params: Any) -> Array: ...
    @overload
    def __call__(self, *arguments: N | npt.ArrayLike, **params: Any) -> N: ...
    def __call__(self, *arguments: Any, **params: Any) -> Any:
        """Apply to arrays, or to tensors: then the result is a tensor that remembers how it was made.

        Raises NoDerivativeError for a tensor where the table says NO_GRAD.
        """
        if len(arguments) != len(self.arguments):
            arguments, params = self._bind(arguments, params)
        if self.defaults:
            params = {**self.defaults, **params}
        parents: list[Node] = []
        rows: list[Row] = []
        inputs: list[Any] = []
        for name, row, argument in zip(self.arguments, self._rows, arguments, strict=True):
            if isinstance(argument, Node):
                if isinstance(row, NoGrad):
                    raise NoDerivativeError(self.name, name)
                parents.append(argument)
                rows.append(row)
                inputs.append(argument.data)
            elif isinstance(row, NoGrad):
                inputs.append(np.asarray(argument))
            else:
                inputs.append(np.asarray(argument, dtype=np.float64))
        y = np.asarray(self._function(*inputs, **params))
        return type(parents[0]).record(y, parents, rows, inputs, params) if parents else y

    def _values(self, arrays: Sequence[npt.ArrayLike]) -> list[Any]:
        """The arguments as arrays: float64 where differentiable, as they are (indices) where not."""
        return [
            np.asarray(array, dtype=None if isinstance(row, NoGrad) else np.float64)
            for array, row in zip(arrays, self._rows, strict=True)
        ]

    def _bind(self, arguments: tuple[Any, ...], params: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Sort out parameters passed by position and arguments passed by name."""
        bound = self._signature.bind(*arguments, **params).arguments
        return (
            tuple(bound[name] for name in self.arguments),
            {name: value for name, value in bound.items() if name in self.defaults},
        )

    def _declare(self, table: dict[str, Row | NoGrad]) -> None:
        """Take over a table of rows, checked against the function's arguments."""
        if self._undeclared not in self._rows:
            raise DeclarationError(f"defvjp({self.name}): declared twice")
        if missing := [name for name in self.arguments if name not in table]:
            raise DeclarationError(
                f"defvjp({self.name}): missing rows {missing}; write NO_GRAD for an argument without a derivative"
            )
        if unknown := [name for name in table if name not in self.arguments]:
            raise DeclarationError(
                f"defvjp({self.name}): unknown rows {unknown}; "
                f"the arguments are {list(self.arguments)} (parameters with a default have no row)"
            )
        for name, row in table.items():
            if not isinstance(row, NoGrad):
                self._check_row(name, row)
        self._rows = tuple(table[name] for name in self.arguments)
        self.differentiable = tuple(name for name in self.arguments if not isinstance(table[name], NoGrad))

    def _undeclared(self, *_: Any, **__: Any) -> Array:
        raise DeclarationError(f"{self.name} has no table of rows: write defvjp({self.name}, ...)")

    def _check_row(self, name: str, row: Row) -> None:
        """A row must accept (g, y, *arguments, **parameters): better found here than in a backward."""
        try:
            inspect.signature(row).bind("g", "y", *self.arguments, **self.defaults)
        except TypeError as reason:
            expected = ", ".join(("g", "y", *self.arguments, *self.defaults))
            raise DeclarationError(f"defvjp({self.name}): row '{name}' must accept ({expected}): {reason}") from None


def primitive(*, shapes: str, source: str) -> Callable[[Callable[..., Array]], Primitive]:
    """Declare a primitive: ``shapes`` as in ``shapes.py``, ``source`` where its rule comes from."""
    return lambda function: Primitive(function, shapes=shapes, source=source)


def defvjp(op: Primitive, /, **table: Row | NoGrad) -> None:
    """Declare the backward rows of ``op``, one for each argument, keyed by its name.

    A row is ``lambda g, y, *arguments, **params``: given the cotangent g = dL/dy, of y's shape, it
    returns dL/d(argument), of that argument's shape. Raises DeclarationError for a missing,
    unknown or ill-formed row.
    """
    op._declare(table)
