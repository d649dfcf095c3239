"""Adapters: how an answer that works on objects is put to use with plain data in and plain data out.

An adapter takes the student's function or class and returns a function of numbers, arrays and tuples. One table serves
the notebook's check, the box and the judge, so all three exercise an answer in the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Answer = Callable[..., Any]
Adapter = Callable[[Answer], Answer]


TABLE: Mapping[str, Adapter] = {}


def adapted(name: str, answer: Answer) -> Answer:
    """``answer`` behind the adapter called ``name``; without a name, ``answer`` itself.

    Raises KeyError for a name that is not in the table.
    """
    return TABLE[name](answer) if name else answer
