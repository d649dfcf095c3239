"""Strangers' file names, made fit to be told."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_UNSAFE = re.compile(
    r"[^\w ./()\[\],;'&=#~@+-]"
    r"|[\u115f\u1160\u3164\uffa0]"  # letters that are not seen
    r"|(?<![A-Za-z0-9])@"
    r"|(?<=#)\["  # "##[" is a command to some runners
    r"|(?<!\w)=",  # a formula begins so
)
_BEGIN, _END = 40, 80
_NAMES_TOLD = 10


def told(name: str) -> str:
    """A stranger's file name or path made fit to be told, so that a person finds it.

    Letters and digits of every language stay, and signs that are only shown; anything else is '?'. Of a long one the
    beginning and the end are told. An @ stays inside an address; at the beginning of a word it would mention somebody.
    Who writes HTML, Markdown or a console's markup escapes it, as any other text.
    """
    whole = unicodedata.normalize("NFC", name)
    cut = len(whole) > _BEGIN + _END
    shown = f"{whole[:_BEGIN]}...{whole[-_END:]}" if cut else whole
    return f"'{_UNSAFE.sub('?', shown)}'{' (cut)' if cut else ''}"


def told_all(names: Sequence[str]) -> str:
    """Several names, the first few of them told."""
    more = f" and {len(names) - _NAMES_TOLD} more" if len(names) > _NAMES_TOLD else ""
    return ", ".join(told(name) for name in names[:_NAMES_TOLD]) + more
