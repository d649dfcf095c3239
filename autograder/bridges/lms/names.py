"""People's names and file names as different programs spell them, made comparable."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

NOTEBOOK = ".ipynb"

_LONGEST, _SHOWN = 40, 160
_COPY = re.compile(r"(?:-(?P<again>\d{1,4})|[ _+]*\((?P<copy>\d{1,4})\)|_(?P<cleaned>\d{1,4})_)$", re.ASCII)


def squash(text: str) -> str:
    """Letters and digits only, without accents and case: how Canvas and Moodle clean names differs in all the rest."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(char for char in plain if char.isalnum())


def spellings(name: str) -> frozenset[str]:
    """What a name may look like squashed: as it is, and with any number of its first words moved to its end.

    "Ada King Lovelace" is also "kinglovelaceada" and "lovelaceadaking". With a comma there are only two orders.
    """
    if "," in name:
        last, first = name.split(",", 1)
        return frozenset({squash(last + first), squash(first + last)} - {""})
    words = name.split()
    return frozenset({squash("".join(words[at:] + words[:at])) for at in range(len(words))} - {""})


def ascii_word(text: str, between: str = "") -> str:
    """``text`` as part of a student's id: small ASCII letters and digits, ``between`` where others were."""
    plain = unicodedata.normalize("NFKD", text).casefold().encode("ascii", "ignore").decode()
    return between.join(re.findall("[a-z0-9]+", plain))[:_LONGEST]


def without_copies(filename: str, wanted: str) -> tuple[str, int]:
    """``filename`` without what Canvas (``-1``) and browsers (`` (1)``) add, and Canvas's number, 0 for none.

    Only where ``wanted`` (a file name) is what is left; a name that merely ends with a number stays.
    """
    if filename == wanted or not filename.lower().endswith(NOTEBOOK):
        return filename, 0
    stem, again = filename[: -len(NOTEBOOK)], 0
    while found := _COPY.search(stem):
        stem = stem[: found.start()]
        again = max(again, int(found["again"] or 0))
        if f"{stem}{NOTEBOOK}" == wanted:
            return wanted, again
    return filename, 0


def shown(name: str) -> str:
    """A stranger's name for the terminal: one line, no escape sequences, no marks that change the reading direction."""
    kept = "".join(char if char.isprintable() else "?" for char in name[:_SHOWN])
    return f"'{kept}'{' (cut)' if len(name) > _SHOWN else ''}"


def fit_for(encoding: str, line: str) -> str:
    """``line`` for a terminal of that encoding: a name that it has no letters for must not end the command."""
    return line.encode(encoding, "replace").decode(encoding)


def shown_all(names: Iterable[str]) -> str:
    """Several such names."""
    return ", ".join(shown(name) for name in names)
