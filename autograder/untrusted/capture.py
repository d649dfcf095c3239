"""What student code prints, kept up to a cap; and standard streams that nothing a student does can break."""

from __future__ import annotations

import builtins
import fcntl
import io
import os
import sys
from typing import Any, NoReturn

from autograder.boundary.limits import Limits

HIGH_DESCRIPTOR = 40
PRINTED = "printed"  # in the working directory, which is the box's own


class InputUnavailableError(RuntimeError):
    """`input()` was called while the notebook is graded."""


class Printed(io.TextIOBase):
    """A text stream in memory that keeps the first characters, drops the rest and cannot be closed."""

    encoding = "utf-8"

    def __init__(self, cap: int) -> None:
        self._cap = cap
        self._kept: list[str] = []
        self._room = cap

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if self._room > 0:
            self._kept.append(text[: self._room])
            self._room -= len(text)
        return len(text)

    def take(self) -> str:
        """What was printed since the last time."""
        if not self._kept:
            return ""
        text = "".join(self._kept)
        self._kept, self._room = [], self._cap
        return text

    @property
    def buffer(self) -> Any:
        """Where bytes can be written, as to a real standard output."""
        return _Bytes(self)

    def writable(self) -> bool:
        return True

    def close(self) -> None:
        """Stay open: a closed standard output would cost every later exercise that prints."""


class Nothing(io.TextIOBase):
    """A standard input in which there is never anything, and which cannot be closed."""

    encoding = "utf-8"

    def read(self, size: int | None = -1) -> str:
        return ""

    def readline(self, size: int = -1) -> str:  # type: ignore[override]
        return ""

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        """Stay open."""


class _Bytes(io.RawIOBase):
    def __init__(self, text: Printed) -> None:
        self._text = text

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        raw = bytes(data)
        self._text.write(raw.decode("utf-8", "replace"))
        return len(raw)


class Capture:
    """Standard output of student code: what goes through Python, then what goes straight to the descriptor."""

    def __init__(self, limits: Limits) -> None:
        """Takes over descriptors 1 and 2 with a file of this process's own."""
        self._stdin, self._stdout, self._stderr = Nothing(), Printed(limits.printed), Printed(0)
        self._cap = limits.printed
        self._room = limits.printed_in_all
        printed = os.open(PRINTED, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        os.unlink(PRINTED)
        self._file = high(printed)
        os.dup2(printed, 1)
        os.close(printed)
        with open(os.devnull, "wb") as nothing:
            os.dup2(nothing.fileno(), 2)

    def install(self) -> None:
        """Put the streams in place, whatever student code has done to them."""
        system: Any = sys
        system.stdout = system.__stdout__ = self._stdout
        system.stderr = system.__stderr__ = self._stderr
        system.stdin = self._stdin
        builtins.input = _no_input

    def take(self) -> str:
        """What was printed since the last time, within the cap for one piece and for the whole box."""
        text = self._stdout.take()
        if written := os.lseek(self._file, 0, os.SEEK_END):
            text += os.pread(self._file, min(written, self._cap), 0).decode("utf-8", "replace")
            os.ftruncate(self._file, 0)
        text = text[: min(self._cap, self._room)]
        self._room -= len(text)
        return text


def channel_from_stdin() -> int:
    """Move the channel away from descriptor 0, which becomes an empty standard input, and from its neighbours."""
    channel = high(0)
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    return channel


def high(descriptor: int) -> int:
    """A copy with a high number: code that closes or reuses low ones by accident does not meet it."""
    return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, HIGH_DESCRIPTOR)


def _no_input(prompt: object = "") -> NoReturn:
    raise InputUnavailableError(
        "input() has nobody to answer it while the notebook is graded: write the value into the code"
    )
