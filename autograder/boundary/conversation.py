"""The trusted half of one exchange with a box: sends the job, believes nothing, and watches the clock.

Three things end it: `done`; the end of the process or of its channel; a deadline. A stopped process sends nothing and
uses no CPU, a process may leave a child behind that holds the channel open: neither can make this wait for ever.

The limits on CPU seconds hold in the box by timers that a student's code can switch off. So the box's own clock is read
out here too, whenever something arrives and from time to time: what comes after too many seconds is not taken.
"""

from __future__ import annotations

import contextlib
import math
import select
import signal
import socket
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from autograder.boundary.clock import Clock, asking, sender
from autograder.boundary.events import Answers, Done, Event, EventReader, Loaded, Loading, Ready, TaskBegun
from autograder.boundary.frames import FROM_THE_BOX, Assembler, Frame, MalformedError
from autograder.boundary.job import CellReport, Ending, Job, Outcome, Rebound, Reply, Task
from autograder.boundary.limits import Limits
from autograder.boundary.posting import write_job

LOOK_UP = 0.25
PIECE = 1 << 16
LAST_WORDS = 1.0


class Child(Protocol):
    """What a conversation needs of a box: see `launcher.Child`."""

    channel: socket.socket

    def ended(self) -> bool:
        """Whether the process has ended by itself."""
        ...

    def end(self, patience: float = 0.0) -> int:
        """Kill what is left after `patience` seconds, and tell the exit code; 128 + n for signal n."""
        ...

    def complaint(self) -> str:
        """What the launcher wrote to standard error."""
        ...


@dataclass(frozen=True)
class Exchange:
    """The outcome of one exchange, and whether it got beyond loading.

    If not, which cell was announced last, if one was. What ended at a stop is no cell's doing: it counts as beyond.
    """

    outcome: Outcome
    loaded: bool = False
    loading: int | None = None


class _RefusedError(Exception):
    """The box is not what was asked for."""


class _OverdueError(Exception):
    """More CPU seconds were used than there are for this."""


class Conversation:
    """One job, one box."""

    def __init__(
        self,
        job: Job,
        limits: Limits,
        child: Child,
        *,
        filter_wanted: bool,
        inherited: Mapping[int, int] | None = None,
    ) -> None:
        """`filter_wanted`: refuse a host that says it has no system call filter.

        `inherited`: the numbers of the tasks in a box that has them already, by `id` of the task.
        """
        self._inherited = inherited
        self._job = job
        self._limits = limits
        self._child = child
        self._filter_wanted = filter_wanted
        self._reader = EventReader(job)
        self._assembler = Assembler(FROM_THE_BOX)
        self._received = 0
        self._phase_end = time.monotonic() + limits.start_wall
        self._end = math.inf  # known when the box is ready: a slow start is not the submission's time
        self._until = math.inf if job.left is None else job.left.until
        self._clock: Clock | None = None
        self._begun = self._ended = 0.0  # the moments at which the box got its job, and was last heard or seen
        self._before = self._used = self._marked = 0.0  # CPU seconds: of the start, since then, at the last event
        self._glanced = False
        self._phase_begun = 0.0
        self._seconds = self._most = limits.load_cpu  # what there is for what goes on; the most of what was reported
        self._ready = self._loaded = self._done = self._answering = False
        self._cell: int | None = None
        self._task: int | None = None
        self._reports: tuple[CellReport, ...] = ()
        self._rebound: tuple[Rebound, ...] = ()
        self._replies: dict[int, Reply] = {}

    def hold(self) -> Exchange:
        """The whole exchange; afterwards the box is dead."""
        try:
            broken_off = self._listen()
            status = self._child.end(patience=0 if broken_off else LAST_WORDS)
            ended, detail = broken_off or (("finished", "") if self._done else self._death(status))
        except MalformedError as error:
            self._child.end()
            ended, detail = "malformed", f"what came back was not the protocol ({error}){self._place()}"
        except _RefusedError as error:
            self._child.end()
            ended, detail = "refused", str(error)
        except _OverdueError:
            self._child.end()
            ended, detail = "cpu", f"the CPU limit was reached{self._place()}"
        if self._clock is not None:
            self._clock.close()
        if self._reader.unknown:
            detail = f"{detail}; {self._reader.unknown} unknown fields were dropped".removeprefix("; ")
        stops = len(self._job.stops)
        early = {reply.exercise: reply for at, reply in self._replies.items() if at < stops}
        replies = {reply.exercise: reply for at, reply in self._replies.items() if at >= stops}
        waited = (ended == "wall" and not self._glanced) or (ended == "spent" and not self._cpu_is_spent())
        outcome = Outcome(
            self._reports, replies, ended, detail, early=early, rebound=self._rebound, cpu=self._used,
            idle=self._idle(ended), waited=waited,
        )  # fmt: skip
        beyond = self._loaded or self._answering
        return Exchange(outcome, beyond, None if beyond else self._cell)

    def _listen(self) -> tuple[Ending, str] | None:
        """Take what comes until it ends; the ending if it was ours to decide."""
        poll = select.poll()
        poll.register(self._child.channel, select.POLLIN)
        gone = False
        while not self._done:
            left = min(self._phase_end, self._end, self._until) - time.monotonic()
            if left <= 0:
                return self._late()
            if spent := self._spent():
                return spent
            # A process that has ended can have left words behind: they are read before it counts as silent.
            if poll.poll(0 if gone else math.ceil(min(left, LOOK_UP) * 1000)):
                frames = self._receive()
                if frames is None:
                    return None
                self._take(frames)
            elif gone:
                return None
            else:
                gone = self._child.ended()
        return None

    def _receive(self) -> Iterator[Frame] | None:
        """The frames that what has arrived completes; None if nothing will arrive any more."""
        gap = self._assembler.gap()
        data = b""
        try:
            if not self._ready:
                data, process = sender(self._child.channel, PIECE)
                self._clock = self._clock or (Clock(process) if process else None)
                count = len(data)
            elif gap is None:
                data = self._child.channel.recv(PIECE)
                count = len(data)
            else:
                count = self._child.channel.recv_into(gap)
        except ConnectionError:
            return None
        self._received += count
        if self._received > self._limits.reply_in_all:
            raise MalformedError("more bytes than all answers may have")
        if count == 0:
            return None
        return self._assembler.feed(data) if gap is None else self._assembler.filled(count)

    def _take(self, frames: Iterator[Frame]) -> None:
        self._look()
        heard, self._most = False, self._seconds
        for frame in frames:
            event = self._reader.read(frame)
            if self._used - self._marked > self._limits.outside(self._most):
                raise _OverdueError
            self._hear(event)
            heard, self._most = True, max(self._most, self._seconds)
            if self._done:
                break
        if heard:
            self._marked = self._used

    def _look(self) -> None:
        """Read the clocks."""
        self._ended = time.monotonic()
        if self._ready and self._clock is not None:
            self._used = max(self._used, self._clock.read() - self._before)

    def _spent(self) -> tuple[Ending, str] | None:
        """Whether what was used is too much: for this phase, or for the submission. Raises `_OverdueError`."""
        self._look()
        if self._used - self._marked > self._limits.outside(self._seconds):
            raise _OverdueError
        if self._job.glance and self._answers_slowly():
            self._glanced = True
            return "wall", f"something else was tried first{self._place()}"
        left = self._job.left
        if left is None or not self._ready or self._clock is None:
            return None
        if self._cpu_is_spent():
            return "spent", f"the submission had used up its processor time{self._place()}"
        return self._waited_enough() if self._idle("spent") > left.waiting else None

    def _answers_slowly(self) -> bool:
        """Whether the exercise that goes on has used up a call's time, or done nothing for a while."""
        if self._clock is None or self._task is None or not (self._loaded or self._answering):
            return False
        used = self._used - self._marked
        idle = self._ended - self._phase_begun - self._limits.wall_factor * used
        quick = self._limits.call_cpu + self._limits.grace_cpu
        return idle > self._limits.glance_wall or (self._job.one_exercise and used > quick)

    def _waited_enough(self) -> tuple[Ending, str]:
        return "spent", f"the submission had used up its time{self._place()}"

    def _cpu_is_spent(self) -> bool:
        return self._job.left is not None and self._used > self._job.left.cpu

    def _idle(self, ended: Ending) -> float:
        """For how long the box did nothing since it got its job: less than it can have waited for its turn."""
        elapsed = self._ended - self._begun if self._ready else 0.0
        if self._clock is None:
            return elapsed if ended in ("wall", "spent") else 0.0
        return max(0.0, elapsed - self._limits.wall_factor * self._used)

    def _hear(self, event: Event) -> None:
        match event:
            case Ready(locked=locked) if not self._ready:
                self._greet(locked)
            case Loading(cell=cell) if self._aloud() and cell == _next(self._cell):
                self._cell = cell
                self._expect(self._limits.cell_cpu, self._limits.cell_cpu)
            case Loaded() if self._at_stops() and _next(self._task) == len(self._job.stops):
                self._loaded, self._reports, self._rebound = True, event.reports, event.rebound
                self._expect(self._limits.task_cpu, self._limits.task_cpu)
            case TaskBegun(task=task) if task == _next(self._task) and self._in_its_place(task):
                self._task, self._answering = task, True
                self._expect(self._limits.task_cpu, self._cpu_of(self._job.numbered[task]))
            case Answers() if self._answering and event.task == self._task:
                self._keep(event)
            case Done() if self._loaded:
                self._done = True
                with contextlib.suppress(OSError):
                    self._child.channel.shutdown(socket.SHUT_WR)  # its clock has been read: it may go
            case _:
                raise MalformedError("an event out of turn")

    def _aloud(self) -> bool:
        """Whether it is time for announcements of cells, and they were asked for."""
        return self._job.aloud and self._at_stops()

    def _at_stops(self) -> bool:
        """Whether cells are being loaded, and no stop is unanswered."""
        return self._ready and not self._loaded and not self._answering

    def _in_its_place(self, task: int) -> bool:
        """Whether it is time for this task: for those of stops while cells are loaded, for the others afterwards."""
        return self._at_stops() if task < len(self._job.stops) else self._loaded

    def _greet(self, locked: bool) -> None:
        """The walls are shut: send the job."""
        if self._filter_wanted and not locked:
            raise _RefusedError("the system call filter could not be put on in the box")
        self._ready = True
        self._begun = self._ended = time.monotonic()
        asking(self._child.channel, False)
        self._before = 0.0 if self._clock is None else self._clock.read()
        self._end = self._begun + self._limits.wall(self._limits.child_cpu)
        self._expect(self._limits.cell_cpu, self._limits.load_cpu)
        self._child.channel.settimeout(self._limits.start_wall)
        try:
            self._child.channel.sendall(write_job(self._job, self._limits, self._inherited))
        except OSError as error:
            raise _RefusedError(f"the box did not take the job: {error}") from None

    def _expect(self, cpu: float, seconds: float) -> None:
        """Something new has begun: its deadline follows from the CPU budget of its parts, ``seconds`` is the whole."""
        waits = 0 if self._job.left is None else self._job.left.waits
        self._phase_begun = time.monotonic()
        self._phase_end = self._phase_begun + self._limits.wall(cpu, waits)
        self._seconds = seconds

    def _cpu_of(self, task: Task) -> float:
        """What there is for a task: where others are in the same box, their answers may arrive with its own."""
        if not self._job.one_exercise:
            return self._limits.task_cpu
        return min(self._limits.task_cpu, self._limits.call_cpu * len(task.wanted))

    def _keep(self, answers: Answers) -> None:
        name = self._job.numbered[answers.task].exercise
        so_far = self._replies.get(answers.task, Reply(name))
        if answers.first != len(so_far.returned) or so_far.complete:
            raise MalformedError("answers that do not follow the ones before")
        if not answers.returned and not answers.last:
            raise MalformedError("answers that are none")
        if so_far.returned:
            reply = Reply(name, (*so_far.returned, *answers.returned), answers.last)
        else:
            reply = Reply(name, answers.returned, answers.last, answers.burst)
        self._replies[answers.task] = reply
        if answers.last and not self._loaded:
            self._answering = False
            self._expect(self._limits.cell_cpu, self._limits.load_cpu)  # loading goes on

    def _late(self) -> tuple[Ending, str]:
        if not self._ready:
            return "refused", f"the box did not start within {self._limits.start_wall:.0f} seconds"
        if self._until <= min(self._phase_end, self._end):
            return self._waited_enough()
        return "wall", f"nothing was heard before the deadline{self._place()}"

    def _death(self, status: int) -> tuple[Ending, str]:
        if not self._ready:
            return "refused", f"the box did not start: {self._child.complaint() or f'exit code {status}'}"
        if status == 128 + signal.SIGXCPU:
            return "cpu", f"the CPU limit was reached{self._place()}"
        if status > 128 and status - 128 in {int(number) for number in signal.Signals}:
            return "killed", f"the process died of {signal.Signals(status - 128).name}{self._place()}"
        return "killed", f"the process ended with exit code {status}{self._place()}"

    def _place(self) -> str:
        if not self._loaded and not self._answering:
            return "" if self._cell is None else f" while loading cell {self._job.cells[self._cell].id}"
        return "" if self._task is None else f" during exercise {self._job.numbered[self._task].exercise}"


def _next(number: int | None) -> int:
    """The number after the last one: what is announced comes in order and once, so a flood ends at its second frame."""
    return 0 if number is None else number + 1
