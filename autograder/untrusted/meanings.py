"""Which names an answer uses, and whether their meaning changes in later cells: for words on a page, and no more."""

from __future__ import annotations

import builtins
import dis
from collections.abc import Iterable, Iterator, Mapping
from types import CodeType, FunctionType
from typing import Any

from autograder.boundary.limits import REBOUND
from autograder.boundary.text import is_name

ABSENT = object()
MOST = 200
LOOKS_UP = frozenset({"LOAD_GLOBAL", "LOAD_NAME"})


class Meanings:
    """What the names that an answer uses mean in a notebook. Looking at that runs no code of the student's."""

    def __init__(self, names: Mapping[str, Any], answers: Iterable[str]) -> None:
        """`names` is the notebook's namespace, `answers` are the names under which the answer is looked up."""
        self._names = names
        self._room = REBOUND
        self._known = {name: self._meaning(name) for name in _used(names, answers) if is_name(name)}

    def changed(self) -> list[str]:
        """The names that have another meaning than when this was last looked at, or none any more."""
        found = [name for name, meaning in self._known.items() if self._meaning(name) is not meaning][: self._room]
        self._room -= len(found)
        self._known |= {name: self._meaning(name) for name in found}
        return found

    def _meaning(self, name: str) -> object:
        return self._names[name] if name in self._names else vars(builtins).get(name, ABSENT)


def _used(names: Mapping[str, Any], answers: Iterable[str]) -> list[str]:
    """The answers' names, and all that the functions and classes behind them look up, directly or not."""
    found = dict.fromkeys(answers)
    for name in (waiting := list(found)):
        for code in _code_of(names.get(name)):
            new = [one for one in _looked_up(code) if one not in found][: MOST - len(found)]
            found |= dict.fromkeys(new)
            waiting += new
    return list(found)


def _code_of(value: object) -> list[CodeType]:
    if type(value) is FunctionType:
        return [value.__code__]
    if type(value) is type:
        return [
            part.__code__ for part in type.__dict__["__dict__"].__get__(value).values() if type(part) is FunctionType
        ]
    return []


def _looked_up(code: CodeType) -> Iterator[str]:
    """The global names and builtins that this code and the functions in it look up."""
    yield from (one.argval for one in dis.get_instructions(code) if one.opname in LOOKS_UP)
    for constant in code.co_consts:
        if type(constant) is CodeType:
            yield from _looked_up(constant)
