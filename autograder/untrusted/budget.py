"""CPU budgets: student code is interrupted politely when its time is up, and killed if it goes on."""

from __future__ import annotations

import math
import resource
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from autograder.boundary.limits import Limits

REMINDER = 0.5


class OutOfTime(BaseException):
    """Raised inside student code that has used up its CPU seconds; not an Exception, so that few handlers stop it."""


@contextmanager
def budget(seconds: float, grace: float) -> Iterator[None]:
    """Run the block for at most `seconds` of CPU.

    Then `OutOfTime` is raised in it, again and again should it be swallowed; `grace` seconds later the kernel ends the
    process (SIGXCPU), which also stops what never returns to Python.
    """

    def interrupt(signum: int, frame: FrameType | None) -> None:
        raise OutOfTime(f"stopped after {seconds:.3g} CPU seconds: is there a loop that never ends?")

    signal.signal(signal.SIGPROF, interrupt)
    _soft_limit(time.process_time() + seconds + grace)
    try:
        signal.setitimer(signal.ITIMER_PROF, max(seconds, 0.001), REMINDER)
        yield
    finally:
        _stop_timer()


def _stop_timer() -> None:
    while True:
        try:
            signal.setitimer(signal.ITIMER_PROF, 0)
            return
        except OutOfTime:  # it went off just now: the block is over, and so is the reason
            continue


def _soft_limit(seconds: float) -> None:
    """Before the hard limit in any case: the kernel says SIGXCPU at the one and kills without a reason at the other."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = math.ceil(seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard - 1), hard))


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
