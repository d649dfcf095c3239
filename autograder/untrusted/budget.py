"""CPU budgets: student code is interrupted politely when its time is up, and killed if it goes on."""

from __future__ import annotations

import math
import resource
import signal
import time
from types import FrameType, TracebackType

from autograder.boundary.limits import Limits

REMINDER = 0.5


class OutOfTime(BaseException):
    """Raised inside student code that has used up its CPU seconds; not an Exception, so that few handlers stop it."""


class Budget:
    """`with budget(seconds, grace):` runs the block for at most `seconds` of CPU.

    Then `OutOfTime` is raised in it, again and again should it be swallowed; `grace` seconds later the kernel ends the
    process (SIGXCPU), which also stops what never returns to Python. `install` puts the signal's handler in place,
    again whenever student code may have put another one there.
    """

    def __init__(self) -> None:
        self._seconds = self._end = 0.0
        self._killed_at = 0

    def install(self) -> None:
        """Handle the signal that says that the time is up."""
        signal.signal(signal.SIGPROF, self._interrupt)

    def __call__(self, seconds: float, grace: float, now: float | None = None) -> Budget:
        """Set the budget of the next block; `now` is the process's CPU time, where it has just been read."""
        self._seconds = max(seconds, 0.001)
        self._end = (time.process_time() if now is None else now) + self._seconds + grace
        return self

    def __enter__(self) -> None:
        self._soft_limit(self._end)
        signal.setitimer(signal.ITIMER_PROF, self._seconds, REMINDER)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        while True:
            try:
                signal.setitimer(signal.ITIMER_PROF, 0)
                return
            except OutOfTime:  # it went off just now: the block is over, and so is the reason
                continue

    def _interrupt(self, signum: int, frame: FrameType | None) -> None:
        raise OutOfTime(f"stopped after {self._seconds:.3g} CPU seconds: is there a loop that never ends?")

    def _soft_limit(self, seconds: float) -> None:
        """Before the hard limit in any case: the kernel says SIGXCPU at the one and kills mutely at the other."""
        soft = math.ceil(seconds)
        if soft == self._killed_at:  # limits are whole seconds, and most calls take microseconds
            return
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard - 1), hard))
        self._killed_at = soft


def confine(limits: Limits) -> None:
    """Put this process under its limits for good: memory, CPU in all, open files, file size, no core files."""
    cpu = math.ceil(time.process_time() + limits.child_cpu) + 1
    for what, amount in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_CPU, cpu),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_FSIZE, limits.file_size),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
    ):
        _, hard = resource.getrlimit(what)
        most = amount if hard == resource.RLIM_INFINITY else min(amount, hard)
        try:
            resource.setrlimit(what, (most, most))
        except (OSError, ValueError):  # macOS has no working address-space limit: the CPU limits hold there too
            continue
