"""Student-made text made harmless: cut to length, without characters that act on what shows them."""

from __future__ import annotations

import unicodedata

from autograder.boundary.limits import NAME_CHARACTERS

CUT = "…"


def clean(text: str, limit: int, keep: str = "") -> str:
    """`text` without control, format (bidirectional ones included) and surrogate characters, at most `limit` long.

    Characters in `keep` (a line feed, say) stay. What was removed is not marked, what was cut off is.
    """
    if len(text) <= limit and text.isprintable():
        return text
    shown = text[: 4 * limit]
    safe = "".join(c for c in shown if c in keep or unicodedata.category(c) not in _ACTING)
    if len(safe) <= limit and len(shown) == len(text):
        return safe
    return safe[: limit - 1] + CUT


def is_name(text: str, limit: int = NAME_CHARACTERS, *, dotted: bool = False) -> bool:
    """Whether `text` can be shown as a name of the student's code: an identifier in ASCII, not too long.

    ``dotted``: or several with dots between, as a class has. A sentence is not repeated as a name.
    """
    parts = text.split(".") if dotted else [text]
    return len(text) <= limit and text.isascii() and all(map(str.isidentifier, parts))


def encodable(text: str) -> str:
    """`text` with lone surrogates replaced, so that it can be written anywhere."""
    return text.encode("utf-8", "replace").decode("utf-8")


_ACTING = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
