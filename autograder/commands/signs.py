"""Signs of life: how far a long run is where there is no progress bar, and a word where somebody stops it."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

EVERY = 10.0
"""Seconds between two lines."""

SIGNALS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))


class StoppedError(BaseException):
    """Somebody asked this process to end; ``number`` is the signal's."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@contextmanager
def stoppable() -> Iterator[None]:
    """Turn the signals that ask a process to end into StoppedError, so that it ends tidily and can say a word.

    Only in the process itself: what is forked off it ends by them as it always did.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    owner = os.getpid()

    def stop(number: int, _: FrameType | None) -> None:
        if os.getpid() == owner:
            raise StoppedError(number)
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    before = {number: signal.getsignal(number) for number in SIGNALS}
    for number, was in before.items():
        if was is not signal.SIG_IGN:  # as under nohup
            signal.signal(number, stop)
    try:
        yield
    finally:
        if os.getpid() == owner:
            for number, was in before.items():
                signal.signal(number, was)


def open_standard_streams() -> None:
    """Put the null device where this process was given no input, output or error stream, as by ``2>&-``.

    Otherwise the next file that is opened, the gradebook's lock say, gets the number, and what is told goes into it.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free: this one


@contextmanager
def lines(say: Callable[[], str], every: float = EVERY) -> Iterator[None]:
    """Write what ``say`` gives to standard error every few seconds, from a timer of this process alone.

    A thread would be in the way of the workers that are forked meanwhile; a timer is not inherited by them. Where
    standard error can't be written (a log on a full disk, a pipe that nobody reads any more) there are no lines, and
    the work goes on.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer") or not sys.stderr:
        yield
        return

    def tell(*_: object) -> None:
        text = say()
        if text:
            with suppress(OSError):  # in the middle of a print, print could not be called
                os.write(2, f"{text}\n".encode(errors="replace"))

    before = signal.signal(signal.SIGALRM, tell)
    signal.setitimer(signal.ITIMER_REAL, every, every)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
