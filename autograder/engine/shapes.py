"""The little language of shape declarations, ``"(n,k),(k,p)->(n,p)"``.

A dimension is a name (``n``), a number (``2``) or a multiple of a name (``4h``). ``*s`` stands for
any number of axes, the same ones wherever it appears; ``...`` for any number of leading axes that
broadcast together. A name that only the result has depends on the parameters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from autograder.engine.errors import DeclarationError

_SHAPE = re.compile(r"\(([^()]*)\)")
_AXIS = re.compile(r"\.\.\.|\*[a-z]+|\d+|\d*[a-z]+")


@dataclass(frozen=True)
class Shapes:
    """A parsed declaration: the axes of each argument, and those of the result."""

    inputs: tuple[tuple[str, ...], ...]
    output: tuple[str, ...]


def parse(declaration: str) -> Shapes:
    """Read a declaration such as ``"(...,n,k),(...,k,p)->(...,n,p)"``.

    Raises DeclarationError where it is not one.
    """
    left, arrow, right = declaration.replace(" ", "").partition("->")
    shapes = [_axes(group) for group in _SHAPE.findall(left)]
    if not arrow or _SHAPE.sub("", left).strip(",") or not _SHAPE.fullmatch(right):
        raise DeclarationError(f"shapes {declaration!r}: expected the form '(n,k),(k,p)->(n,p)'")
    return Shapes(tuple(shapes), _axes(right[1:-1]))


def _axes(group: str) -> tuple[str, ...]:
    axes = tuple(axis for axis in group.split(",") if axis)
    for axis in axes:
        if not _AXIS.fullmatch(axis):
            raise DeclarationError(f"shapes: {axis!r} is not a name, a number, '*name' or '...'")
    return axes
