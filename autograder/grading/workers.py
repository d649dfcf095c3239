"""The processes that grade: one for each core, which take the next submission when free, and are gone with their run.

Theory of operation. Workers are forked, so that they inherit the plans (which hold functions and large arrays), the
list of submissions and the course's lock. The numbers of the submissions lie in one pipe, the tickets: a worker that is
free takes the next, so that one that is slow keeps no other waiting, and none waits while the parent records. Each has
a channel of its own, on which it says which number it took, and then what the gradebook is to record. Where one is lost
that had said nothing, what nobody is known to have is offered again.

All of them hold the reading end of another pipe, the lifeline, and the parent alone its writing end. When that is
closed a thread in each worker ends it at once. A parent that is killed closes it by that; so does one that is
interrupted. The boxes end with the process that started them. A worker that is lost (the machine was short of memory,
say) is replaced and its submission tried once more; whoever takes two workers down is left to a person.

A submission for which it was waited in vain while others were graded beside it is graded once more when they are done,
alone: a busy machine is not a verdict.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess
from typing import NoReturn, TypeAlias

from autograder.errors import AutograderError, StorageError
from autograder.grading.one import failed, fenced, finish, one
from autograder.grading.pipeline import Graded
from autograder.grading.work import Done, Entry, Work

Each: TypeAlias = Callable[[Work, Sequence[Entry]], Iterator[Done]]
"""Deals with every submission, anywhere, and gives each back when its files are in place, in any order."""

LIVES = 2
"""How often a submission may take its worker with it before that is said aloud."""

PARTING = 10.0
"""Seconds that a worker has to close its box when there is nothing more to do."""

TICKET = 4
"""Bytes of a number in the pipe: whoever reads so many has read one whole."""


def each(work: Work, entries: Sequence[Entry]) -> Iterator[Done]:
    """Every submission dealt with on this machine, in the order in which they are finished.

    What the caller does between two of them (recording) goes on beside the workers. Raises StorageError where a file
    can't be written, nothing for one submission's sake.
    """
    for plan in work.plans.values():
        _ = plan.tasks, plan.kept_tasks, plan.small_tasks  # worked out once, before the workers inherit it
    count = min(work.settings.processes, len(entries))
    if count <= 1:
        yield from (_answer(work, entry) for entry in entries)
        return
    again: list[Entry] = []
    by_name = {(entry.student, entry.unit): entry for entry in entries}
    for done in _by_a_crew(work, entries, count):
        if isinstance(done.result, Graded) and done.result.waited:
            again.append(by_name[done.student, done.unit])
        else:
            yield done
    alone = replace(work, settings=replace(work.settings, allowance=work.settings.again))
    yield from _by_a_crew(alone, again, 1)


def _by_a_crew(work: Work, entries: Sequence[Entry], count: int) -> Iterator[Done]:
    if not entries:
        return
    crew = _Crew(work, entries, count)
    try:
        yield from crew.results()
        crew.dismiss()
    finally:
        crew.end()


@dataclass
class _Worker:
    process: ForkProcess
    channel: Connection
    number: int | None = None
    """The submission that it has, if it has one."""


class _Crew:
    """The workers of one run."""

    def __init__(self, work: Work, entries: Sequence[Entry], count: int) -> None:
        self._work = work
        self._entries = entries
        self._losses: Counter[int] = Counter()
        self._lifeline = os.pipe()
        self._tickets = list(os.pipe())
        os.set_blocking(self._tickets[1], False)
        self._rest = deque(range(len(entries)))  # the numbers that are not in the pipe
        self._offered: set[int] = set()  # those that are, or were taken by a worker that has not said so yet
        self._finished: set[int] = set()
        self._lost_idle = 0
        self._workers = [self._start() for _ in range(count)]

    def results(self) -> Iterator[Done]:
        """What the workers give back, until all is done."""
        left = len(self._entries)
        while left:
            self._offer()
            workers = {worker.channel: worker for worker in self._workers}
            for channel in wait(list(workers)):
                assert isinstance(channel, Connection)
                worker = workers[channel]
                try:
                    answer = channel.recv()
                except (EOFError, OSError):
                    if why := self._replaced(worker):
                        left -= 1
                        assert worker.number is not None
                        self._finished.add(worker.number)
                        yield finish(self._work.course, failed(self._entries[worker.number], why))
                    continue
                if isinstance(answer, Exception):
                    raise answer
                if isinstance(answer, int):
                    worker.number = answer
                    self._offered.discard(answer)
                    continue
                number, worker.number = worker.number, None
                assert number is not None
                if number not in self._finished:  # twice, where a worker was lost that had none
                    self._finished.add(number)
                    left -= 1
                    yield answer

    def dismiss(self) -> None:
        """Let the workers close their boxes and go."""
        os.close(self._tickets.pop())
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
        for descriptor in (self._lifeline[0], *self._tickets):
            os.close(descriptor)

    def _offer(self) -> None:
        """Put as many tickets into the pipe as it takes."""
        with contextlib.suppress(BlockingIOError):
            while self._rest:
                os.write(self._tickets[1], self._rest[0].to_bytes(TICKET))
                self._offered.add(self._rest.popleft())

    def _start(self) -> _Worker:
        ours, theirs = multiprocessing.Pipe()
        context = multiprocessing.get_context("fork")
        process = context.Process(target=self._serve, args=(theirs, ours), daemon=True)
        process.start()
        theirs.close()
        return _Worker(process, ours)

    def _replaced(self, lost: _Worker) -> str:
        """A new worker in the place of one that ended by itself; why what it had is not tried again, if it is not."""
        lost.process.join(PARTING)
        ending = _ending(lost.process.exitcode)
        lost.channel.close()
        if lost.number is None:
            self._lost_idle += 1
            if self._lost_idle > LIVES * len(self._workers):
                raise AutograderError(
                    "Worker processes end again and again, between two submissions",
                    got=ending,
                    next_step="Run it again; what was recorded stays",
                )
            self._take_back()
        self._workers[self._workers.index(lost)] = self._start()
        if lost.number is None:
            return ""
        self._losses[lost.number] += 1
        if self._losses[lost.number] < LIVES:
            self._rest.appendleft(lost.number)
            return ""
        return (
            f"a worker process ended {LIVES} times while it was graded ({ending}). Is the machine short of memory? "
            "Grade it again"
        )

    def _take_back(self) -> None:
        """Offer anew what no worker is known to have: a ticket may have gone with the one that was lost.

        Those in the pipe are taken out first. What another worker took at this moment may be graded twice.
        """
        with contextlib.suppress(OSError):
            reading = os.open(f"/proc/self/fd/{self._tickets[0]}", os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            try:
                while ticket := os.read(reading, TICKET):
                    number = int.from_bytes(ticket)
                    self._offered.discard(number)
                    self._rest.append(number)
            finally:
                os.close(reading)
        self._rest.extendleft(sorted(self._offered, reverse=True))
        self._offered.clear()

    def _serve(self, channel: Connection, parents_end: Connection) -> None:
        """The life of a worker: it deals with what it takes, until there is no more."""
        parents_end.close()
        os.close(self._lifeline[1])
        os.close(self._tickets[1])
        # The keyboard interrupts the parent, and the parent ends the workers.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        threading.Thread(target=_end_with, args=(self._lifeline[0],), daemon=True).start()
        try:
            while ticket := os.read(self._tickets[0], TICKET):
                number = int.from_bytes(ticket)
                channel.send(number)
                channel.send(_sent(self._work, self._entries[number]))
        finally:
            self._work.settings.box.close()


def _ending(code: int | None) -> str:
    if code is not None and code < 0:
        name = signal.Signals(-code).name if -code in set(signal.Signals) else "one without a name"
        return f"signal {-code} ({name})"
    return f"exit code {code}"


def _answer(work: Work, entry: Entry) -> Done:
    """One submission dealt with; what our own code raises meanwhile costs it its score, and nobody else anything."""
    try:
        return one(work, entry)
    except StorageError:
        raise
    except Exception as error:
        return finish(work.course, fenced(error, entry))


def _sent(work: Work, entry: Entry) -> Done | StorageError:
    try:
        return _answer(work, entry)
    except StorageError as error:
        return error


def _end_with(lifeline: int) -> NoReturn:
    os.read(lifeline, 1)
    os._exit(1)
