"""Strangers' file names, made fit to be told."""

from __future__ import annotations

import re
from collections.abc import Sequence

_UNSAFE = re.compile(r"[^A-Za-z0-9 _.@+-]|(?<![A-Za-z0-9])@")
_NAMES_TOLD = 10


def told(name: str) -> str:
    """A stranger's file name made fit to be told: other characters than a plain few are '?', at most 64 of them.

    An @ stays inside an address; at the beginning of a word it would mention somebody.
    """
    return f"'{_UNSAFE.sub('?', name[:64])}'{' (cut)' if len(name) > 64 else ''}"


def told_all(names: Sequence[str]) -> str:
    """Several names, the first few of them told."""
    more = f" and {len(names) - _NAMES_TOLD} more" if len(names) > _NAMES_TOLD else ""
    return ", ".join(told(name) for name in names[:_NAMES_TOLD]) + more
