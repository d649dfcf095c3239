"""Nurseries: the process in which a warm box's imports are made, begun before anything else of ours is imported."""

from __future__ import annotations

import contextlib
import os
import socket

from autograder.boundary import seccomp
from autograder.boundary.limits import Limits, for_job
from autograder.boundary.orders import PARENT, pack
from autograder.boundary.processes import Child, LaunchError, started_warm
from autograder.boundary.visible import Data

PARTING = 2.0


class Nursery:
    """A nursery, as the trusted side knows it. Whoever was forked since it was started may have parents of it too."""

    def __init__(self, limits: Limits, *, torch: bool, few: bool = False, data: Data = ()) -> None:
        """Start it, for a `few` submissions or for many, without waiting for it; its boxes show the folders `data`.

        Raises `LaunchError` or another OSError where there can be none.
        """
        if seccomp.architecture() is None:
            raise LaunchError("there is no system call filter for this machine, and no warm box without one")
        self._owner = os.getpid()
        self.torch = torch
        self.data = data
        self.listens = False
        """Whether it has made a parent: while it imports it would not hear that there is no more work."""
        with contextlib.ExitStack() as stack:
            started = started_warm(limits, torch=torch, few=few, data=data)
            self.process: Child = stack.enter_context(started)
            self._close = stack.pop_all()

    def order_parent(self, theirs: socket.socket) -> None:
        """Have it make a parent that takes orders at the other end of `theirs`. Raises OSError."""
        socket.send_fds(self.process.channel, [pack(PARENT)], [theirs.fileno()])

    def kill(self) -> None:
        """Let its process die, from another thread than the one that uses it: that one sees it as gone, and closes."""
        if os.getpid() == self._owner:
            self.process.kill()

    def close(self) -> None:
        """End it, and all parents with it; in a forked process, which does not own it, let go of it."""
        if os.getpid() != self._owner:
            self.process.abandon()
            self._close.pop_all()
            return
        with contextlib.suppress(OSError):
            self.process.channel.shutdown(socket.SHUT_WR)
        self.process.end(patience=PARTING if self.listens else 0.0)
        self._close.close()


def begin(*, torch: bool, few: bool, data: Data = ()) -> Nursery | None:
    """A nursery for ordinary jobs, whose imports go on while the caller does something else; None where it cannot be.

    The first run of a box then says why. The caller closes it, also if a box has taken it over.
    """
    try:
        return Nursery(for_job(torch), torch=torch, few=few, data=data)
    except OSError:
        return None
