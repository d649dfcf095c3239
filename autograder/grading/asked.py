"""Which assignments somebody asked for: by name, or by how the name begins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from autograder.errors import UsageError
from autograder.grading.units import by_assignment


def asked(known: Iterable[str], words: Sequence[str]) -> tuple[str, ...]:
    """Those of ``known`` that ``words`` name, each once; all of them without any word. Raises UsageError.

    The name of an assignment with several notebooks means all of them.
    """
    names = tuple(known)
    of_assignment = by_assignment(names)
    found: list[str] = []
    for word in words:
        found += [word] if word in names else of_assignment[one_asked(of_assignment, word)]
    return tuple(dict.fromkeys(found)) or names


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
