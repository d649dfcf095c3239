"""The cells that were ever released of one assignment, as digests: by them our own text is told from a student's.

A release that changes a text or points must not turn what the one before handed out into a student's words. The record
is kept in git beside the source (`solutions/<assignment>/released-cells.json`); `make release` adds to it, takes
nothing away, and ships a copy beside the notebook, so that it is wherever a release is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from autograder.errors import ReleaseError

RECORD = "released-cells.json"
FLAGS = ("schema_version", "grade_id", "grade", "solution", "locked", "points")
DIGITS = 24


@dataclass(frozen=True)
class ReleasedCells:
    """Digests of texts and of nbgrader's flags, to the cells that had them."""

    texts: Mapping[str, str] = field(default_factory=dict)
    flags: frozenset[str] = frozenset()

    def cell_of(self, source: str) -> str | None:
        """The id of the cell that was released with this text, whatever white space ends its lines."""
        return self.texts.get(of_text(source))

    def had(self, flags: Mapping[str, Any]) -> bool:
        """Whether a cell was released with these flags."""
        return of_flags(flags) in self.flags

    def __or__(self, other: ReleasedCells) -> ReleasedCells:
        return ReleasedCells({**self.texts, **other.texts}, self.flags | other.flags)

    def to_json(self) -> bytes:
        """As the record's file."""
        texts: dict[str, list[str]] = {}
        for digest, name in self.texts.items():
            texts.setdefault(name, []).append(digest)
        content = {"texts": {name: sorted(digests) for name, digests in texts.items()}, "flags": sorted(self.flags)}
        return (json.dumps(content, indent=1, sort_keys=True) + "\n").encode()


def essence(source: str) -> str:
    """A source without white space at the ends of its lines and without blank lines around it."""
    return "\n".join(line.rstrip() for line in source.split("\n")).strip("\n")


def of_text(source: str) -> str:
    """The digest of a cell's text."""
    return sha256(essence(source).encode("utf-8", "surrogatepass")).hexdigest()[:DIGITS]


def of_flags(flags: Mapping[str, Any]) -> str:
    """The digest of what nbgrader knows of a cell."""
    text = json.dumps([flags.get(name) for name in FLAGS], default=repr)
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:DIGITS]


def of_cells(cells: Iterable[Mapping[str, Any]]) -> ReleasedCells:
    """The record of the cells of one released notebook, as JSON."""
    texts: dict[str, str] = {}
    flags: set[str] = set()
    for cell in cells:
        if (source := "".join(cell["source"])).strip():
            texts[of_text(source)] = cell["id"]
        if "nbgrader" in cell["metadata"]:
            flags.add(of_flags(cell["metadata"]["nbgrader"]))
    return ReleasedCells(texts, frozenset(flags))


def read_record(path: Path) -> ReleasedCells:
    """The record at ``path``; an empty one where there is none. Raises ReleaseError for one that can't be read."""
    try:
        content = json.loads(path.read_bytes())
        texts = {digest: name for name, digests in content["texts"].items() for digest in digests}
        return ReleasedCells(texts, frozenset(content["flags"]))
    except FileNotFoundError:
        return ReleasedCells()
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise ReleaseError(
            "The record of released cells can't be read",
            got=f"{type(error).__name__}: {error}",
            next_step="Take the last good one from git, or remove it and run `make release`",
            path=path,
        ) from error
