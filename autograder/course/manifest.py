"""`course.toml` as data: what only a course can say about itself.

id = "backpropagation"                  # nbgrader's id of the course
title = "Backpropagation"               # optional
example = "tests/cohort/submitted"      # optional: graded while submitted/ is empty
kit_url = "https://..."                 # optional: where students' notebooks find their kit.zip

[[assignment]]                          # in the order of the course
name = "ps1-chain-rule"                 # its folder in solutions/
title = "..."                           # optional
hours = 5                               # optional
torch = true                            # optional: PyTorch is in its box, and in its students' requirements
drop = ["log_backward"]                 # optional: exercises that are not given this term
"""

from __future__ import annotations

import functools
import os
import re
import stat
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from autograder.errors import UsageError

FILE = "course.toml"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
NAMES = "letters, digits, '.', '_' and '-', beginning with a letter or digit"
_MOST_BYTES = 1 << 20
_NO_LINK = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
_PLACE = re.compile(r" - at `\$(?P<place>.*)`$")


class Assignment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One assignment: a folder of this name in solutions/."""

    name: str
    title: str = ""
    hours: float | None = None
    torch: bool = False
    drop: tuple[str, ...] = ()


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"assignments": "assignment"}):
    """A course: its id, its title, and its assignments in order."""

    id: str
    title: str = ""
    example: str = ""
    kit_url: str = ""
    assignments: tuple[Assignment, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The assignments' names, in order."""
        return tuple(one.name for one in self.assignments)

    def __getitem__(self, name: str) -> Assignment:
        """The assignment of this name. Raises KeyError."""
        for one in self.assignments:
            if one.name == name:
                return one
        raise KeyError(name)

    def needs_torch(self, names: Iterable[str]) -> bool:
        """Whether the box of any of these assignments has PyTorch in it."""
        wanted = set(names)
        return any(one.torch for one in self.assignments if one.name in wanted)


def read_manifest(folder: Path) -> Manifest:
    """The manifest of the course in ``folder``. Raises UsageError, with the line, for one that can't be used."""
    path = folder / FILE
    try:
        stamp = path.lstat()
    except OSError as error:
        raise UsageError(
            f"There is no course in {folder}: {FILE} can't be read ({error.strerror})",
            next_step="Begin one with `autograder init`, or name the course's folder with --course",
        ) from None
    if not stat.S_ISREG(stamp.st_mode) or stamp.st_size > _MOST_BYTES:  # opening a pipe would wait for ever
        what = "a link" if stat.S_ISLNK(stamp.st_mode) else f"{stamp.st_size} bytes"
        raise UsageError(
            f"{path} is not what a course begins with",
            expected=f"an ordinary file of at most {_MOST_BYTES} bytes",
            got=what if stat.S_ISREG(stamp.st_mode) or stat.S_ISLNK(stamp.st_mode) else "a folder, a pipe or a device",
            next_step="Put the file itself there, or name another course with --course",
        )
    return _read(path, stamp.st_mtime_ns, stamp.st_size)


@functools.lru_cache(maxsize=64)
def _read(path: Path, changed: int, size: int) -> Manifest:
    try:
        with open(os.open(path, os.O_RDONLY | _NO_LINK), "rb") as file:
            text = file.read(_MOST_BYTES).decode("utf-8")
        data = tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{path} can't be read: it is not UTF-8 from byte {error.start} on",
            next_step="Save it as UTF-8: most editors offer that where they save",
        ) from None
    except (OSError, ValueError) as error:  # TOMLDecodeError names line and column
        raise UsageError(f"{path} can't be read: {error}", next_step="Mend that line") from None
    try:
        manifest = msgspec.convert(data, Manifest)
    except msgspec.ValidationError as error:
        raise _refused(path, text, data, str(error)) from None
    _check_names(path, text, manifest)
    return manifest


def _refused(path: Path, text: str, data: dict[str, Any], message: str) -> UsageError:
    """What msgspec found, at the line that it means."""
    found = _PLACE.search(message)
    place = found["place"] if found else ""
    said = message[: found.start()] if found else message
    number = re.search(r"\[(\d+)\]", place)
    start = _line_of_assignment(text, int(number[1])) if number else 1
    words = [*re.findall(r"`(\w+)`", said), *re.findall(r"\.(\w+)", place)]
    line = next((at for word in words if (at := _line(text, rf"{re.escape(word)}\s*=", start))), start)
    return UsageError(
        f"{path}, line {line}: {said}",
        expected="id, title, example, kit_url, and for each [[assignment]] name, title, hours, torch, drop",
        next_step="Mend that line; docs/authoring.md has an example",
    )


def _check_names(path: Path, text: str, manifest: Manifest) -> None:
    names = manifest.names
    for at, name in enumerate(names):
        line = _line_of_assignment(text, at)
        if not NAME.fullmatch(name):
            raise UsageError(f"{path}, line {line}: {name!r} is no name of a folder", expected=NAMES)
        if name in names[:at]:
            raise UsageError(f"{path}, line {line}: the assignment {name} stands there twice", next_step="Take one out")
    if not NAME.fullmatch(manifest.id):
        line = _line(text, r"id\s*=", 1) or 1
        raise UsageError(f"{path}, line {line}: {manifest.id!r} is no id of a course", expected=NAMES)
    if manifest.kit_url and not manifest.kit_url.startswith("https://"):
        line = _line(text, r"kit_url\s*=", 1) or 1
        raise UsageError(f"{path}, line {line}: kit_url is no https address", got=manifest.kit_url)


def _line(text: str, pattern: str, start: int) -> int | None:
    """The first line from ``start`` on that begins with ``pattern``."""
    lines = enumerate(text.splitlines(), start=1)
    return next((number for number, line in lines if number >= start and re.match(rf"\s*{pattern}", line)), None)


def _line_of_assignment(text: str, index: int) -> int:
    """The line of the header of one assignment, counted from 0."""
    heads = [at for at, line in enumerate(text.splitlines(), start=1) if re.match(r"\s*\[\[\s*assignment\s*\]\]", line)]
    return heads[index] if index < len(heads) else 1
