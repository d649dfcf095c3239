"""One command, and all that it costs: wall clock, CPU of every process it starts, memory of all of them together.

CPU is what `wait4` says of the command: its own, and that of each descendant that was waited for on the way up. A
process whose parent dies first comes to this process instead (it makes itself a subreaper), so that it is counted too.
What is lost all the same (what is killed with its PID namespace is waited for by nobody) is found by looking at /proc
twice a second, and added. As a check that needs none of this, the busy time of the whole machine in the same
interval is kept beside it: on an idle machine the two agree.

Memory is sampled: the sum of the proportional set sizes of the command and its descendants (shared pages counted once).
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

MIB = 1024 * 1024
TICKS = os.sysconf("SC_CLK_TCK")
PR_SET_CHILD_SUBREAPER = 36
LOOK_EVERY, WEIGH_EVERY = 0.5, 2
"""Seconds between two looks at the processes, and every how many looks their memory is added up."""
STRAGGLERS = 10.0
"""Seconds that processes left behind by a command have to end by themselves."""


class CommandError(RuntimeError):
    """The command failed or did not end in time. The message holds the end of what it printed."""


@dataclass(frozen=True)
class Cost:
    """What one command cost, in seconds and MiB.

    ``cpu`` includes ``lost``, what nobody waited for; ``machine`` is the busy time of all cores, None where unknown;
    ``memory`` of all processes together, ``largest`` of the largest; ``sampling`` is what looking at them cost.
    """

    wall: float
    cpu: float
    lost: float
    machine: float | None
    memory: float
    largest: float
    samples: int
    sampling: float
    left_behind: int = 0

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


def become_subreaper() -> None:
    """Make orphaned descendants come to this process. Nothing happens where there is no such call."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def run(
    command: Sequence[str | Path],
    *,
    cwd: Path,
    environment: Mapping[str, str],
    log: Path,
    timeout: float,
    accept: frozenset[int] = frozenset({0}),
) -> Cost:
    """Run ``command`` to its end. Raises CommandError if its exit code is not in ``accept`` or time runs out.

    Every process that ends below this one meanwhile counts as the command's: RuntimeError if there are others already.
    """
    if others := tree(os.getpid()).keys() - {os.getpid()}:
        raise RuntimeError(f"{len(others)} other processes run below this one: measure in a process of its own")
    become_subreaper()
    busy = machine_busy()
    begun = time.monotonic()
    with log.open("ab") as output:
        process = subprocess.Popen(
            list(map(str, command)),
            cwd=cwd,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    sampler = Sampler(os.getpid())
    sampler.start()
    overdue = threading.Timer(timeout, _kill_group, (process.pid,))
    overdue.start()
    try:
        usages, status = _reap(process)
    finally:
        overdue.cancel()
        if process.returncode is None:  # interrupted
            _kill_group(process.pid)
        wall = time.monotonic() - begun
        late, killed = _reap_stragglers()
        sampler.stop()
    usages += late
    if os.waitstatus_to_exitcode(status) not in accept:
        tail = log.read_text(encoding="utf-8", errors="replace")[-2000:]
        why = "took too long" if wall >= timeout else f"exit code {os.waitstatus_to_exitcode(status)}"
        raise CommandError(f"{' '.join(map(str, command))}: {why}\n{tail}")
    now = machine_busy()
    return Cost(
        wall=wall,
        cpu=sum(usage.ru_utime + usage.ru_stime for usage in usages) + sampler.lost,
        lost=sampler.lost,
        machine=None if busy is None or now is None else now - busy,
        memory=sampler.peak / MIB,
        largest=max(usage.ru_maxrss for usage in usages) / (MIB if sys.platform == "darwin" else 1024),
        samples=sampler.samples,
        sampling=sampler.cpu,
        left_behind=killed,
    )


def _reap(process: subprocess.Popen[bytes]) -> tuple[list[resource.struct_rusage], int]:
    """Wait for the command, and for every orphan that comes here before it ends."""
    usages = []
    while True:
        pid, status, usage = os.wait4(-1, 0)
        usages.append(usage)
        if pid == process.pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return usages, status


def _reap_stragglers() -> tuple[list[resource.struct_rusage], int]:
    """Wait for what the command left behind; after a while end it. How many had to be ended comes back too."""
    usages, killed, deadline = [], 0, time.monotonic() + STRAGGLERS
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, _, usage = os.wait4(-1, os.WNOHANG)
            if pid:
                usages.append(usage)
            elif time.monotonic() < deadline:
                time.sleep(0.01)
            else:
                for child in tree(os.getpid()).keys() - {os.getpid()}:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(child, signal.SIGKILL)
                        killed += 1
                deadline = time.monotonic() + STRAGGLERS
    return usages, killed


def _kill_group(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


@dataclass(frozen=True)
class Seen:
    """One process as /proc shows it: its parent, and clock ticks of its own and of the children it has waited for."""

    parent: int
    own: int
    waited_for: int


class Sampler(threading.Thread):
    """Looks at all descendants of a process, many times a second: their memory, and whether any CPU time gets lost.

    CPU time is lost where a process ends and nobody waits for it (a parent that ignores SIGCHLD; the end of a PID
    namespace with processes in it). Between two looks, what the processes that are gone had used must have come to the
    nearest ancestor that is still there, or to the subreaper; what has not is ``lost``, in seconds: at least that much.
    """

    def __init__(self, root: int) -> None:
        """``root`` itself is not counted."""
        super().__init__(daemon=True)
        self.peak = 0
        self.samples = 0
        self.cpu = 0.0
        self.lost = 0.0
        self._root = root
        self._ended = threading.Event()
        self._before: dict[int, Seen] = {}

    def run(self) -> None:
        """Sample until stopped."""
        while not self._ended.wait(LOOK_EVERY):
            self._look()
        self.cpu = time.thread_time()

    def stop(self) -> None:
        """End, after everything was waited for; the figures are final afterwards."""
        self._ended.set()
        self.join()
        self._look()

    def _look(self) -> None:
        now = tree(self._root)
        if self.samples % WEIGH_EVERY == 0:
            self.peak = max(self.peak, sum(_memory(pid) for pid in now if pid != self._root))
        self.samples += 1
        if self._root in self._before and self._root in now:
            self.lost += _lost(self._before, now, self._root) / TICKS
        self._before = now


def _lost(before: Mapping[int, Seen], now: Mapping[int, Seen], root: int) -> int:
    """Ticks of the processes that are gone which came neither to an ancestor that is still there nor to ``root``."""
    left, heirs = 0, {root}
    for pid, seen in before.items():
        if pid not in now:
            left += seen.own + seen.waited_for
            heir = seen.parent
            while heir in before and heir not in now:
                heir = before[heir].parent
            heirs.add(heir)
    return max(0, left - sum(now[heir].waited_for - before[heir].waited_for for heir in heirs & before.keys()))


def tree(root: int) -> dict[int, Seen]:
    """``root`` and all processes below it, whatever namespace they are in; empty where /proc does not tell."""
    found: dict[int, Seen] = {}
    todo = [root]
    while todo:
        pid = todo.pop()
        with contextlib.suppress(OSError, ValueError, IndexError):
            with open(f"/proc/{pid}/stat", "rb") as file:
                words = file.read().rpartition(b")")[2].split()
            found[pid] = Seen(int(words[1]), int(words[11]) + int(words[12]), int(words[13]) + int(words[14]))
            for thread in os.listdir(f"/proc/{pid}/task"):
                with open(f"/proc/{pid}/task/{thread}/children", "rb") as file:
                    todo += map(int, file.read().split())
    return found


def _memory(pid: int) -> int:
    """Proportional set size in bytes; the resident set size where that may not be read; 0 once it is gone."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_bytes()
        return next(int(line.split()[1]) for line in text.splitlines() if line.startswith(b"Pss:")) * 1024
    except (OSError, StopIteration):
        pass
    try:
        return int(Path(f"/proc/{pid}/statm").read_bytes().split()[1]) * resource.getpagesize()
    except (OSError, IndexError):
        return 0


def machine_busy() -> float | None:
    """Seconds that all cores together have been busy since the machine started, None where that is not known."""
    try:
        with open("/proc/stat", encoding="ascii") as file:
            user, nice, system, _idle, _waiting, irq, softirq = map(int, file.readline().split()[1:8])
    except (OSError, ValueError):
        return None
    return (user + nice + system + irq + softirq) / TICKS
