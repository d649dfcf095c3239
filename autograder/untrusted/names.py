"""Which names of the notebook a compiled cell reads and binds: by it the demonstrations to run are chosen.

It is read off the code objects, so that an argument or an attribute of the same name is not taken for the notebook's.
"""

from __future__ import annotations

import dis
import re
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from types import CodeType

READS = {"LOAD_NAME", "LOAD_GLOBAL", "LOAD_FROM_DICT_OR_GLOBALS", "DELETE_NAME", "DELETE_GLOBAL"}
BINDS = {"STORE_NAME", "STORE_GLOBAL"}
BUILTINS = {"exec", "eval", "globals", "locals", "vars"}
OTHERS = {"__main__", "run_line_magic", "run_cell_magic", "magic", "user_ns"}
"""Where a cell uses one of these, names may also stand in its texts: `%time f(x)` is one. `model.eval` is none."""

_WORD = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True)
class Names:
    """What a cell reads without having bound it before, and what it binds, of the names that were asked about."""

    reads: Set[str] = field(default_factory=frozenset)
    binds: Set[str] = field(default_factory=frozenset)


def names_in(code: CodeType, among: Set[str]) -> Names:
    """The names `among` others that a cell reads and binds when it is loaded or when its functions are called."""
    telling = among | BUILTINS | OTHERS
    found = [one for one in _all_code(code) if not telling.isdisjoint(one.co_names)]
    if not found:
        return Names()
    reads: set[str] = set()
    binds: set[str] = set()
    for one in found:
        top, by_text = one is code, not OTHERS.isdisjoint(one.co_names)
        for instruction in dis.get_instructions(one):
            if instruction.opname in READS:
                by_text = by_text or instruction.argval in BUILTINS
                reads |= {instruction.argval} & among - binds
            elif instruction.opname == "STORE_GLOBAL" or (top and instruction.opname in BINDS):
                binds |= {instruction.argval} & among
        if by_text:
            reads.update(*(among & set(_WORD.findall(text)) for text in one.co_consts if isinstance(text, str)))
            reads |= among & set(one.co_names)  # `from __main__ import f`
    return Names(reads, binds)


def words_in(source: str) -> Set[str]:
    """All words of a source: what it may read, for one that was not compiled."""
    return frozenset(_WORD.findall(source))


def _all_code(code: CodeType) -> Iterator[CodeType]:
    """A code object and those of all functions and classes in it: the cell's own statements first."""
    waiting = [code]
    while waiting:
        one = waiting.pop()
        yield one
        waiting += [constant for constant in one.co_consts if isinstance(constant, CodeType)]


def needed(offers: Sequence[Set[str] | None], names: Callable[[int], Names]) -> set[int]:
    """The numbers of the demonstrations that the other cells need, directly or through other demonstrations.

    `offers` has for each cell what it binds as a demonstration, None for any other; `names` says what a cell reads. A
    name comes from where Jupyter takes it from: the last cell above that binds it; where none does, from any below, as
    a function may be called when all cells have run.
    """
    chosen: set[int] = set()
    waiting = [number for number, offered in enumerate(offers) if offered is None]
    known = {number: names(number) for number in waiting}
    while waiting:
        place = waiting.pop()
        for name in (known.get(place) or names(place)).reads:
            for number in _sources(offers, known, name, place):
                if number not in chosen:
                    chosen.add(number)
                    waiting.append(number)
    return chosen


def _sources(offers: Sequence[Set[str] | None], known: Mapping[int, Names], name: str, place: int) -> list[int]:
    """The demonstrations that may give `name` its meaning for the cell at `place`."""
    for number in range(place - 1, -1, -1):
        offered = offers[number]
        if offered is None and name in known[number].binds:
            return []
        if offered is not None and name in offered:
            return [number]
    return [number for number in range(place + 1, len(offers)) if name in (offers[number] or ())]
