"""People's names and file names as different programs spell them, made comparable."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from autograder.grading.file_names import NOTEBOOK, without_copies

__all__ = [
    "NOTEBOOK", "ascii_word", "fit_for", "resembles", "shown", "shown_all", "spellings", "spelt", "squash",
    "without_copies",
]  # fmt: skip

_LONGEST, _SHOWN = 40, 160
_WHOLE = str.maketrans({
    "ł": "l", "ø": "o", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i", "ħ": "h", "ŧ": "t", "ĸ": "k",
})  # fmt: skip
_SPELT_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa"})


def squash(text: str) -> str:
    """Letters and digits only, without accents and case: how Canvas and Moodle clean names differs in all the rest."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(char for char in plain if char.isalnum()).translate(_WHOLE)


def spellings(name: str) -> frozenset[str]:
    """What a name may look like squashed: as it is, and with any number of its first words moved to its end.

    "Ada King Lovelace" is also "kinglovelaceada" and "lovelaceadaking". With a comma there are only two orders. An
    umlaut may be spelt out.
    """
    if "," in name:
        last, first = name.split(",", 1)
        orders = [last + first, first + last]
    else:
        words = name.split()
        orders = ["".join(words[at:] + words[:at]) for at in range(len(words))]
    return frozenset({word for order in orders for word in spelt(order)})


def spelt(text: str) -> frozenset[str]:
    """The text squashed, with its umlauts as letters and spelt out."""
    composed = unicodedata.normalize("NFC", text).casefold()
    return frozenset({squash(text), squash(composed.translate(_SPELT_OUT))} - {""})


def resembles(one: str, other: str) -> bool:
    """Whether one of two names has all the words of the other, in any order: "Ada K. Lovelace" and "Lovelace, Ada"."""
    ours, theirs = ([squash(word) for word in re.split(r"[\s,]+", name) if squash(word)] for name in (one, other))
    few, many = sorted((ours, theirs), key=len)
    return len(few) > 1 and all(any(word == there for there in many) for word in few)


def ascii_word(text: str, between: str = "") -> str:
    """``text`` as part of a student's id: small ASCII letters and digits, ``between`` where others were."""
    plain = unicodedata.normalize("NFKD", text).casefold().encode("ascii", "ignore").decode()
    return between.join(re.findall("[a-z0-9]+", plain))[:_LONGEST]


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
