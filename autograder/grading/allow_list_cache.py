"""What a box may see (`boundary.visible`), as it was worked out before, in the user's cache folder.

The list is taken only while all that it was worked out from is as it was: every file and folder that it names as its
witness is looked at. It holds paths, and every box is attacked before it is used, whatever list it is made from.
"""

from __future__ import annotations

import json
import os
import sys
import zlib
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from autograder.boundary.visible import Visible, know, known
from autograder.grading import user_cache
from autograder.grading.course import Course

KIND = "boxes"
MOST_BYTES = 1 << 20


def recall(course: Course, *, torch: bool) -> bool:
    """Let `visible` give what is kept; whether there was something that still holds."""
    try:
        with user_cache.opened(course, KIND) as folder:
            data: Any = json.loads(user_cache.content(folder, _name(torch), MOST_BYTES))
        seen = _read(data["seen"])
        if data["circumstances"] != _circumstances() or data["states"] != _states(seen.witnesses):
            return False
    except (OSError, ValueError, TypeError, KeyError):
        return False
    know(torch, seen)
    return True


def keep(course: Course, *, torch: bool) -> None:
    """Keep what `visible` gave in this process, if it was needed and can be kept."""
    seen = known(torch)
    if seen is None or not seen.witnesses:
        return
    fields = {
        "circumstances": _circumstances(),
        "states": _states(seen.witnesses),
        "seen": {name: _plain(value) for name, value in vars(seen).items()},
    }
    with suppress(OSError, ValueError), user_cache.opened(course, KIND, make=True) as folder:
        user_cache.put(folder, _name(torch), json.dumps(fields).encode())


def _name(torch: bool) -> str:
    """Each interpreter has files of its own."""
    return f"{'torch' if torch else 'numpy'}-{zlib.crc32(os.fsencode(sys.prefix)):08x}.json"


def _circumstances() -> list[str]:
    """What the list depends on besides files: the interpreter, where it looks, and what the loader is told."""
    loader = [f"{name}={value}" for name, value in sorted(os.environ.items()) if name.startswith("LD_")]
    return [sys.version, sys.executable, str(user_cache.PACKAGE), *sys.path, *loader]


def _states(paths: Iterable[Path]) -> list[list[int]]:
    """Something for each path that is another one when the file is; nothing where there is none."""
    states = []
    for path in paths:
        try:
            found = os.stat(path)
            states.append([found.st_ino, found.st_size, found.st_mtime_ns, found.st_mode])
        except OSError:
            states.append([])
    return states


def _plain(value: Any) -> Any:
    """Paths as text, at any depth."""
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return str(value) if isinstance(value, Path) else value


def _read(fields: dict[str, Any]) -> Visible:
    """The list that was kept. Raises KeyError, TypeError or ValueError where it is none."""
    return Visible(
        interpreter=Path(fields["interpreter"]),
        loader=None if fields["loader"] is None else Path(fields["loader"]),
        standard_library=Path(fields["standard_library"]),
        masked=tuple(map(str, fields["masked"])),
        libraries=_pairs(fields["libraries"]),
        packages=_pairs(fields["packages"]),
        application=_pairs(fields["application"]),
        witnesses=tuple(map(Path, fields["witnesses"])),
    )


def _pairs(value: Any) -> tuple[tuple[Path, str], ...]:
    return tuple((Path(outside), str(inside)) for outside, inside in value)
