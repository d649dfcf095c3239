"""The processes that grade: one for each core, fed one submission at a time, and gone when their run is.

Theory of operation. Workers are forked, so that they inherit the plans (which hold functions and large arrays) and the
course's lock. Each has a channel of its own; on it go small things only: where a submission is, and what the gradebook
is to record. The parent keeps two submissions with each worker, so that none waits while the parent records.

All of them hold the reading end of one pipe, the lifeline, and the parent alone its writing end. When that is closed
a thread in each worker ends it at once. A parent that is killed closes it by that; so does one that is interrupted. The
boxes end with the process that started them. A worker that is lost (the machine was short of memory, say) is replaced
and its submission tried once more.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess
from typing import NoReturn, TypeAlias

from autograder.errors import AutograderError
from autograder.grading.one import one
from autograder.grading.work import Done, Entry, Work

Each: TypeAlias = Callable[[Work, Sequence[Entry]], Iterator[Done]]
"""Deals with every submission, anywhere, and gives each back when its files are in place, in any order."""

LIVES = 2
"""How often a submission may take its worker with it before that is said aloud."""

PARTING = 10.0
"""Seconds that a worker has to close its box when there is nothing more to do."""


def each(work: Work, entries: Sequence[Entry]) -> Iterator[Done]:
    """Every submission dealt with on this machine, in the order in which they are finished.

    What the caller does between two of them (recording) goes on beside the workers. Raises what a worker raised, and
    AutograderError where one submission keeps taking its workers down.
    """
    for plan in work.plans.values():
        _ = plan.tasks, plan.kept_tasks  # worked out once, before the workers inherit it
    count = min(work.settings.processes, len(entries))
    if count <= 1:
        yield from (one(work, entry) for entry in entries)
        return
    crew = _Crew(work, count)
    try:
        yield from crew.deal(entries)
        crew.dismiss()
    finally:
        crew.end()


@dataclass
class _Given:
    """A submission that a worker has, and how many more workers it may cost."""

    entry: Entry
    lives: int = LIVES


@dataclass
class _Worker:
    process: ForkProcess
    channel: Connection
    given: deque[_Given] = field(default_factory=deque)

    def give(self, given: _Given) -> None:
        self.given.append(given)
        self.channel.send(given.entry)


class _Crew:
    """The workers of one run."""

    def __init__(self, work: Work, count: int) -> None:
        self._work = work
        self._lifeline = os.pipe()
        self._workers = [self._start() for _ in range(count)]

    def deal(self, entries: Iterable[Entry]) -> Iterator[Done]:
        """Keep every worker busy until all is done."""
        rest = deque(_Given(entry) for entry in entries)
        while True:
            self._feed(rest)
            busy = {worker.channel: worker for worker in self._workers if worker.given}
            if not busy:
                return
            for channel in wait(list(busy)):
                assert isinstance(channel, Connection)
                worker = busy[channel]
                try:
                    answer = channel.recv()
                except (EOFError, OSError):
                    rest.extendleft(reversed(self._replace(worker)))
                    continue
                worker.given.popleft()
                if isinstance(answer, Exception):
                    raise answer
                yield answer

    def dismiss(self) -> None:
        """Let the workers close their boxes and go."""
        for worker in self._workers:
            worker.channel.send(None)
        for worker in self._workers:
            worker.process.join(PARTING)

    def end(self) -> None:
        """End those that are left, whatever they are doing."""
        os.close(self._lifeline[1])
        for worker in self._workers:
            worker.process.join(PARTING)
            worker.process.kill()
            worker.process.join()
            worker.channel.close()
        os.close(self._lifeline[0])

    def _feed(self, rest: deque[_Given]) -> None:
        ahead = 2 if len(rest) > len(self._workers) else 1  # at the end a slow one should not keep another waiting
        for depth in range(1, ahead + 1):
            for worker in self._workers:
                if rest and len(worker.given) < depth:
                    worker.give(rest.popleft())

    def _start(self) -> _Worker:
        ours, theirs = multiprocessing.Pipe()
        context = multiprocessing.get_context("fork")
        process = context.Process(target=_serve, args=(self._work, theirs, ours, self._lifeline), daemon=True)
        process.start()
        theirs.close()
        return _Worker(process, ours)

    def _replace(self, lost: _Worker) -> list[_Given]:
        """A new worker in the place of one that ended by itself; the submissions that it had, the first one marked."""
        lost.process.join(PARTING)
        lost.channel.close()
        first, *others = lost.given
        first.lives -= 1
        if not first.lives:
            raise AutograderError(
                f"A worker process ended {LIVES} times while it graded {first.entry.student}, {first.entry.assignment}",
                got=_ending(lost.process.exitcode),
                next_step="Run it again; what was recorded stays. If it happens again, is the machine short of memory?",
            )
        self._workers[self._workers.index(lost)] = self._start()
        return [first, *others]


def _ending(code: int | None) -> str:
    if code is not None and code < 0:
        return f"signal {-code} ({signal.Signals(-code).name})"
    return f"exit code {code}"


def _serve(work: Work, channel: Connection, parents_end: Connection, lifeline: tuple[int, int]) -> None:
    """The life of a worker: it deals with what it is given, until there is no more."""
    parents_end.close()
    os.close(lifeline[1])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the keyboard interrupts the parent, and the parent ends the workers
    threading.Thread(target=_end_with, args=(lifeline[0],), daemon=True).start()
    try:
        while (entry := channel.recv()) is not None:
            channel.send(_answer(work, entry))
    finally:
        work.settings.box.close()


def _answer(work: Work, entry: Entry) -> Done | Exception:
    try:
        return one(work, entry)
    except AutograderError as error:
        return error
    except Exception as error:
        fault = RuntimeError(f"{type(error).__name__} while {entry.student}, {entry.assignment} was graded")
        fault.add_note(traceback.format_exc())
        return fault


def _end_with(lifeline: int) -> NoReturn:
    os.read(lifeline, 1)
    os._exit(1)
