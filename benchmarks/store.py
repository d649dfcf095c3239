"""Results on disk while a benchmark runs: one entry per step, written at once, so that nothing is measured twice."""

from __future__ import annotations

import datetime
import json
import os
from pathlib import Path
from typing import Any

Entry = dict[str, Any]


class Store:
    """The results of one run of the benchmark, possibly in several sittings."""

    def __init__(self, path: Path, digest: str, *, fresh: bool = False) -> None:
        """Open ``path``. What another state of the sources gave is dropped, and everything if ``fresh``."""
        self._path = path
        self.digest = digest
        self.sittings = 1
        self.entries: dict[str, Entry] = {}
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            kept = {}
        if kept.get("digest") == digest and not fresh:
            self.entries = {key: entry for key, entry in kept["entries"].items() if "failed" not in entry}
            self.sittings = kept["sittings"] + bool(self.entries)

    def __contains__(self, key: str) -> bool:
        """Whether the step was measured."""
        return key in self.entries

    def put(self, key: str, entry: Entry) -> None:
        """Keep one result, on disk too."""
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        self.entries[key] = entry | {"at": now}
        content = {"digest": self.digest, "sittings": self.sittings, "entries": self.entries}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self._path.with_suffix(".new")
        temporary.write_text(json.dumps(content, indent=1), encoding="utf-8")
        os.replace(temporary, self._path)

    def forget(self, prefix: str) -> None:
        """Drop what was measured under keys that begin so."""
        self.entries = {key: entry for key, entry in self.entries.items() if not key.startswith(prefix)}
        self.sittings = self.sittings if self.entries else 1

    def of(self, *words: object) -> list[Entry]:
        """All repeats of one measurement that succeeded, in order."""
        prefix = "/".join(map(str, words)) + "/"
        return [entry for key, entry in self.entries.items() if key.startswith(prefix) and "failed" not in entry]

    def failures(self) -> dict[str, str]:
        """Key to reason."""
        return {key: entry["failed"] for key, entry in self.entries.items() if "failed" in entry}
