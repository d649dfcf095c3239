"""The CPU time of a box's host, read from outside: nothing that runs in the box can change it.

The kernel says which process sent the first bytes, and keeps a clock for each process that others may read. Where it
does not (no Linux), there is no such clock, and what the box does by itself is all that limits it.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import struct
import time

_CREDENTIALS = struct.Struct("3i")
_OF_A_PROCESS = 2  # the lowest bits of a clock's number: CPU time as the scheduler counts it


def asking(channel: socket.socket, yes: bool = True) -> None:
    """Have the kernel say of what arrives from now on who sent it, or no longer."""
    if hasattr(socket, "SO_PASSCRED"):
        with contextlib.suppress(OSError):
            channel.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, int(yes))


def sender(channel: socket.socket, most: int) -> tuple[bytes, int]:
    """Receive, and say which process sent it; 0 where the kernel does not tell."""
    if not hasattr(socket, "SO_PASSCRED"):
        return channel.recv(most), 0
    data, words, _, _ = channel.recvmsg(most, socket.CMSG_SPACE(_CREDENTIALS.size))
    for level, kind, word in words:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS) and len(word) == _CREDENTIALS.size:
            return data, int(_CREDENTIALS.unpack(word)[0])
    return data, 0


class Clock:
    """The CPU seconds of one process, all its threads together; of one that has ended, what was read last."""

    def __init__(self, process: int) -> None:
        self._number = (~process << 3) | _OF_A_PROCESS
        self._last = 0.0
        try:
            self._process = os.pidfd_open(process)
        except (OSError, AttributeError):
            self._process = -1

    def read(self) -> float:
        """CPU seconds so far."""
        if self._process >= 0:
            with contextlib.suppress(OSError):
                now = time.clock_gettime(self._number)
                if now > self._last and self._is_there():  # else the number may be another process's by now
                    self._last = now
        return self._last

    def close(self) -> None:
        """Let go of the process."""
        if self._process >= 0:
            os.close(self._process)
            self._process = -1

    def _is_there(self) -> bool:
        poll = select.poll()
        poll.register(self._process, select.POLLIN)
        return not poll.poll(0)
