"""What is to be graded, as one JSON file: written by the command, read by pytest's process and by its workers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from autograder.boundary.text import clean
from autograder.bridges.ci.finding import Entry, find
from autograder.errors import UsageError
from autograder.grading.intake import Rejected
from autograder.grading.release import Release

FILE = "submissions.json"
LONGEST = 200


class Listed(msgspec.Struct, frozen=True):
    """One notebook. ``shown`` is what it is called; ``rejected`` says why there is none to read.

    ``only`` are the items asked for by name, all if empty: ``relu_backward``, ``relu_backward::values``.
    """

    assignment: str
    shown: str
    student: str = ""
    path: str = ""
    within: str = ""
    rejected: str = ""
    notes: tuple[str, ...] = ()
    only: tuple[str, ...] = ()

    def wants(self, name: str) -> bool:
        """Whether the item called ``name`` is asked for."""
        return not self.only or any(name == word or name.startswith(f"{word}::") for word in self.only)


class Listing(msgspec.Struct, frozen=True):
    """All of them, and how they are graded. ``alone`` grades each exercise by itself: workers share a notebook."""

    root: str
    tier: str
    weak: bool
    hidden: bool
    alone: bool
    notebooks: tuple[Listed, ...]

    def write(self, folder: Path) -> None:
        """Put it into ``folder``."""
        (folder / FILE).write_bytes(msgspec.json.encode(self))

    @classmethod
    def read(cls, path: Path) -> Listing:
        """The listing in the file."""
        return msgspec.json.decode(path.read_bytes(), type=cls)


def listed(words: Sequence[str], releases: Mapping[str, Release], here: Path) -> tuple[tuple[Listed, ...], list[str]]:
    """The notebooks at ``words`` (``PATH`` or ``PATH::item``, seen from ``here``), and what was noticed.

    Raises UsageError where there is nothing, or where it can't be said which assignment it is.
    """
    asked: dict[str, list[str]] = {}
    for word in words:
        path, _, item = word.partition("::")
        asked.setdefault(path, []).append(item)
    found: list[Listed] = []
    noticed: list[str] = []
    for path, items in asked.items():
        holding = find(here / path, releases)
        noticed += holding.problems
        only = () if "" in items else tuple(items)
        found += [_listed(entry, here, only) for entry in holding.entries]
    if not found:
        raise UsageError(
            "There is no submission",
            expected="a notebook, or a folder with submissions",
            next_step="Check the paths",
        )
    return tuple(_told_apart(found)), noticed


def _listed(entry: Entry | Rejected, here: Path, only: tuple[str, ...]) -> Listed:
    if isinstance(entry, Rejected):
        shown = "/".join(word for word in (entry.student, entry.unit) if word)
        return Listed(entry.unit, shown, entry.student, rejected=entry.reason)
    path = entry.path.relative_to(here) if entry.path.is_relative_to(here) else entry.path
    return Listed(
        entry.unit,
        _plain(path.as_posix()),
        entry.student,
        path=str(entry.path),
        within=str(entry.within),
        notes=entry.notes,
        only=only,
    )


def _plain(name: str) -> str:
    """A path as part of an item's id: strangers choose names, and ids are taken apart at ``::``."""
    return clean(name, LONGEST).replace(":", "?").replace("[", "?")


def _told_apart(found: Sequence[Listed]) -> Iterator[Listed]:
    """The same with names that differ."""
    seen: dict[str, int] = {}
    for one in found:
        seen[one.shown] = number = seen.get(one.shown, 0) + 1
        yield one if number == 1 else msgspec.structs.replace(one, shown=f"{one.shown} ({number})")
