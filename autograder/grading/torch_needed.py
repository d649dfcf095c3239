"""Which assignments are about PyTorch: elsewhere calling autograd is not an answer, so it is not in the box.

An assignment says so itself, with a line `TORCH = True` in the module of its exercises. That line is read, and the
module is not imported: which box is to start is asked before anything else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

EXERCISES = Path(__file__).resolve().parent.parent / "exercises"

_MODULE = re.compile(r'^    "([^"\n]+)": "(\w+)",$', re.MULTILINE)
_TORCH = re.compile(r"^TORCH(: bool)? = True$", re.MULTILINE)


def _declared() -> Iterator[str]:
    for assignment, module in _MODULE.findall((EXERCISES / "__init__.py").read_text(encoding="utf-8")):
        places = (EXERCISES / module / "__init__.py", EXERCISES / f"{module}.py")
        if any(_TORCH.search(place.read_text(encoding="utf-8")) for place in places if place.is_file()):
            yield assignment


NEEDS_TORCH = frozenset(_declared())


def needs_torch(assignments: Iterable[str]) -> bool:
    """Whether the box of any of these assignments has PyTorch in it."""
    return not NEEDS_TORCH.isdisjoint(assignments)
