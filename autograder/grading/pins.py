"""The pinned versions of a course: the folder `requirements/`, which `make lock` writes."""

from __future__ import annotations

import re
from importlib.metadata import distributions
from pathlib import Path

from autograder.errors import UsageError

LOCKS = ("grade.txt", "lab.txt", "torch.txt")
"""What grading and students install."""

_PIN = re.compile(r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)(?P<marker> ; [^\\]*)?[\s\\]*")


def pins(folder: Path) -> tuple[str, ...]:
    """Each pin without its hashes, as a line of a requirements file: ``name==version``, with its marker if it has one.

    A course without that folder is pinned to what is installed here, which is what grades it. Raises UsageError where a
    lock can't be read.
    """
    if not folder.is_dir():
        return tuple(sorted(f"{one.name.lower()}=={one.version.partition('+')[0]}" for one in distributions()))
    found = {}
    for name in LOCKS:
        for line in _read(folder / name).splitlines():
            pin = _PIN.fullmatch(line)
            if pin:
                marker = (pin["marker"] or "").rstrip()
                found[pin["name"], marker] = f"{pin['name']}=={pin['version']}{marker}"
    return tuple(found.values())


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{path} can't be read",
            expected="the pinned versions",
            got=str(error),
            next_step="Copy the folder requirements/ of this repository there, or name another course with --course",
        ) from error
