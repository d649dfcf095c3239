"""Adapter for a tape: short programs, line by line, on the student's own Tensor class.

A program is a tuple of lines in these forms, where an operand is a name or a number:

    u = a + b      u = 2.0 * a      u = a @ b      u = a.relu()      u = a.sum()      u = a.mean()
    u.backward()   u.backward(g)    u.backward() must raise

``a``, ``b`` and ``c`` are leaves, ``g`` is an array for backward, the result is ``y``.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from .loans import kept, spoil_shared
from .notes import note

Answer = Callable[..., Any]
Array = np.ndarray[Any, np.dtype[Any]]

LEAVES = ("a", "b", "c")
BINARY: Mapping[str, Callable[[Any, Any], Any]] = {"+": operator.add, "*": operator.mul, "@": operator.matmul}
METHOD = re.compile(r"(\w+)\.(\w+)\((\w*)\)")


class NoTensorError(Exception):
    """Something that should be a Tensor has no ``data`` or no ``backward``."""


def tape(answer: Answer) -> Answer:
    """class Tensor, as (a, b, c, g, program) -> (y.data, a.grad, b.grad, c.grad).

    A leaf that a case does not have is None and gives an empty array. ``.grad`` None counts as zeros for a leaf that no
    backward pass reaches. An upstream gradient that shares memory with a leaf's ``.grad`` counts as changed.
    """

    def run(a: Array | None, b: Array | None, c: Array | None, g: Array | None, program: Sequence[str]) -> Any:
        given = dict(zip(LEAVES, (a, b, c), strict=True))
        leaves = {name: answer(array) for name, array in given.items() if array is not None}
        try:
            names = played(program, leaves, g)
        except NoTensorError:
            return note("no tensor")
        if names is None:
            return note("not refused")
        reached = below(program)
        grads = [getattr(leaves[name], "grad", None) if name in leaves else np.zeros(0) for name in LEAVES]
        for place, name in enumerate(LEAVES):
            array = given[name]
            if grads[place] is None and array is not None and name not in reached:
                grads[place] = np.zeros(array.shape)
        results = (kept(names["y"].data), *map(kept, grads))
        if g is not None:
            spoil_shared(grads, [g])
        return results

    return run


def played(program: Sequence[str], leaves: Mapping[str, Any], g: Array | None) -> dict[str, Any] | None:
    """Every name of the program with its value after the last line; None if a backward pass was not refused."""
    names: dict[str, Any] = dict(leaves)
    for name in leaves:
        _check(names[name])
    for line in program:
        target, _, expression = line.rpartition(" = ")
        if target:
            names[target] = value(expression, names)
            _check(names[target])
        elif line.endswith(" must raise"):
            if not _refused(names[line.partition(".")[0]]):
                return None
        else:
            name, with_g = line.partition(".")[0], line.endswith("(g)")
            names[name].backward(g) if with_g else names[name].backward()
    return names


def value(expression: str, names: Mapping[str, Any]) -> Any:
    """The value of what stands to the right of the equals sign."""
    words = expression.split()
    if len(words) == 3:
        left, sign, right = words
        return BINARY[sign](operand(left, names), operand(right, names))
    call = METHOD.fullmatch(expression)
    return getattr(names[call[1]], call[2])() if call else names[expression]


def operand(word: str, names: Mapping[str, Any]) -> Any:
    """The tensor of that name, or the number."""
    return names[word] if word in names else ast.literal_eval(word)


def below(program: Sequence[str]) -> set[str]:
    """Names that some backward pass starts at or leads to."""
    reached: set[str] = set()
    for line in reversed(program):
        target, _, expression = line.rpartition(" = ")
        if not target and not line.endswith(" must raise"):
            reached.add(line.partition(".")[0])
        elif target in reached:
            reached.update(re.findall(r"[a-z]\w*", expression))
    return reached


def _check(tensor: Any) -> None:
    if isinstance(tensor, np.ndarray) or not hasattr(tensor, "data") or not hasattr(tensor, "backward"):
        raise NoTensorError


def _refused(tensor: Any) -> bool:
    try:
        tensor.backward()
    except Exception:  # which error it is, is left to the student
        return True
    return False
