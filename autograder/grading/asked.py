"""Which assignments somebody asked for: by name, or by how the name begins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from autograder.errors import UsageError


def asked(known: Iterable[str], words: Sequence[str]) -> tuple[str, ...]:
    """Those of ``known`` that ``words`` name, each once; all of them without any word. Raises UsageError."""
    names = tuple(known)
    return tuple(dict.fromkeys(one_asked(names, word) for word in words)) or names


def one_asked(known: Iterable[str], word: str) -> str:
    """The one called ``word``, or the only one that it is short for: ``ps2``. Raises UsageError."""
    names = tuple(known)
    fitting = [name for name in names if name == word or name.startswith(f"{word}-")]
    if len(fitting) != 1:
        raise UsageError(
            f"There is no assignment {word!r}",
            expected=f"one of {', '.join(names) or 'none so far'}",
            next_step="Check the name given with ASSIGNMENT= or --assignment",
        )
    return fitting[0]
