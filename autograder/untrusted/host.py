"""The host: warms up, takes one job from the channel, loads the cells, and answers task by task, one burst each.

Some tasks are answered while the cells are loaded, at their stops, with the names as they stand there.

`warm_up` and `serve` are apart so that a nursery can do the first once and each child of its parents the second.
"""

from __future__ import annotations

import gc
import importlib
import os
import socket
import sys
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from autograder.boundary.events import Answer, raised_node, write_answers, write_event, write_loaded
from autograder.boundary.frames import INTO_THE_BOX, Assembler, Buffer
from autograder.boundary.limits import MIB, Limits
from autograder.boundary.optimizers import without_compiler
from autograder.boundary.posting import PostedJob, PostedTask, read_job
from autograder.boundary.wire import UnwritableError, Writer
from autograder.untrusted import imports
from autograder.untrusted.budget import Budget, OutOfTime, confine
from autograder.untrusted.capture import Capture, channel_from_stdin
from autograder.untrusted.cells import Notebook, seed, undisturbed
from autograder.untrusted.drivers import DRIVERS, Stage
from autograder.untrusted.functions import Build, HostFault, kit_build
from autograder.untrusted.inputs import Shelf
from autograder.untrusted.lockdown import drop_capabilities, lock_down, seal_devices
from autograder.untrusted.meanings import Meanings
from autograder.untrusted.observe import UnreadableError, data

RECURSION_LIMIT = 1000
WARM = ("numpy.random", "numpy.ma", "inspect", "tokenize", "autograder.kit", "autograder.kit.functions")
DATA = Path(__file__).parents[3] / "data"
"""Where a box has the data of assignments, each in a folder of its name."""
BURST_BYTES, BURST_NODES = 16 * MIB, 20_000
ALONE = 1 << 15

Pieces = list[Buffer]


def main(*, torch: bool, walled: bool) -> NoReturn:
    """Warm up, serve one job, end. The channel is standard input; `walled` where the mounts are this process's own."""
    if walled:
        seal_devices()
        drop_capabilities()
    warm_up(torch=torch)
    gc.enable()
    channel = socket.socket(fileno=channel_from_stdin())
    serve(channel)
    os._exit(0)  # no finalizers, no exit handlers, no waiting for threads: they are the student's


def warm_up(*, torch: bool, for_many: bool = False) -> None:
    """Everything that is the same for all submissions: imports, and `for_many` a first step of training.

    PyTorch imports and makes much of itself with the first use: a nursery does that once for all.
    """
    for name in WARM:
        importlib.import_module(name)
    importlib.import_module("autograder.kit.adapters").load_all()  # before forks, and before limits
    imports.install(torch=torch)
    if torch:
        imported: Any = importlib.import_module("torch")
        imported.set_num_threads(1)
        without_compiler(imported)
        if for_many:
            importlib.import_module("torch.fx.experimental.symbolic_shapes")  # `autograd.grad` does, when it is used
            _take_a_step(imported)


def _take_a_step(torch: Any) -> None:
    """A training step without its backward: that would begin threads of the engine, which no fork takes along."""
    model = torch.nn.Sequential(torch.nn.Linear(1, 1), torch.nn.BatchNorm1d(1), torch.nn.Tanh(), torch.nn.Dropout())
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    optimizer.zero_grad()
    torch.nn.functional.mse_loss(model(torch.zeros(2, 1)), torch.zeros(2, 1)).item()
    for parameter in model.parameters():
        parameter.grad = torch.zeros_like(parameter)
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()


def serve(
    channel: socket.socket,
    build: Build = kit_build,
    inherited: Sequence[PostedTask] = (),
    shelf: Shelf | None = None,
) -> None:
    """Serve one job: from here on this process belongs to one submission.

    `build` makes the named functions; `inherited` are the tasks that a job may name by number, and `shelf` has inputs
    that were made for them.
    """
    locked = lock_down()
    channel.sendall(write_event("ready", int(locked)))
    job = _receive(channel, inherited)
    importlib.import_module("autograder.kit.files").use(DATA / job.assignment if job.assignment else None)
    capture = Capture(job.limits)
    confine(job.limits)
    _Host(channel, job, capture, build, shelf or Shelf()).run()


def _receive(channel: socket.socket, inherited: Sequence[PostedTask]) -> PostedJob:
    assembler = Assembler(INTO_THE_BOX)
    while True:
        received = channel.recv(1 << 20)
        if not received:
            raise SystemExit("the channel was closed before the job had arrived")
        for frame in assembler.feed(received):
            return read_job(frame, inherited)


class _Host:
    def __init__(self, channel: socket.socket, job: PostedJob, capture: Capture, build: Build, shelf: Shelf) -> None:
        self._channel = channel
        self._job = job
        self._limits: Limits = job.limits
        self._capture = capture
        self._budget = Budget()
        self._notebook = Notebook(job.cells, capture, job.limits, self._budget)
        self._stage = Stage(self._notebook.names, build, self._running, self._keep, shelf)
        self._now = self._task_end = 0.0
        self._stops = list(enumerate(job.stops))  # those that are still to come
        self._waiting: Pieces = []  # what leaves together with the next piece that has to
        self._meanings: Meanings | None = None
        self._rebound: list[tuple[int, str]] = []

    def run(self) -> None:
        reports = self._notebook.load(self._between_cells, aloud=self._job.aloud)
        self._between_cells(len(self._job.cells))
        self._send([write_loaded([(report.raised, report.printed) for report in reports], self._rebound)])
        stops = len(self._job.stops)
        for number, task in enumerate(self._job.tasks[stops:], start=stops):
            self._send([write_event("task", number)])  # with the answers before it: this one may end the box
            with self._usual_state():
                last = self._answer_task(number, task)  # it may have sent what waited
            self._waiting += last
        self._send([write_event("done")])
        self._channel.recv(1)  # the clock of a process that has ended can't be read: until it was, this one stays

    def _between_cells(self, cell: int) -> None:
        """What is done before each cell, and after the last."""
        if self._meanings is not None and cell:
            self._rebound += [(cell - 1, name) for name in self._meanings.changed()]
        while self._stops and self._stops[0][1] <= cell:
            number, _ = self._stops.pop(0)
            self._stop(number, self._job.tasks[number])
        if self._job.aloud and cell < len(self._job.cells):
            self._send([write_event("loading", cell)])

    def _stop(self, number: int, task: PostedTask) -> None:
        """Answer a task where it stands in the notebook. What is only read may wait to be sent."""
        waits = task.driver == "read" and not self._job.aloud
        self._waiting.append(write_event("task", number))
        if not waits:
            self._send([])
        with undisturbed(), self._usual_state():
            last = self._answer_task(number, task, borrowing=not waits)
        self._waiting += last
        if not waits:
            self._send([])
        if self._job.one_exercise:
            self._meanings = Meanings(self._notebook.names, task.names or [task.exercise])

    def _answer_task(self, number: int, task: PostedTask, *, borrowing: bool = True) -> Pieces:
        """Answers in one burst; in several where they are large, and one by one where the job says so.

        The last burst is returned, the others are sent. It may borrow the memory of the last answer where no code of
        the student's runs before it is sent.
        """
        count = len(task.names) if task.driver == "read" else task.calls
        seed(task.exercise)
        self._task_end = time.process_time() + self._limits.task_cpu
        writer, pending, first = Writer(), list[Answer](), 0
        for index in range(count):
            writer.borrowing = borrowing and index + 1 == count
            pending.append(self._answer(task, index, writer))
            large = writer.size > BURST_BYTES or writer.nodes > BURST_NODES
            if index + 1 < count and (self._job.piecewise or large):
                self._send(write_answers(writer, number, first, pending, last=False))
                writer, pending, first = Writer(), [], index + 1
        return write_answers(writer, number, first, pending, last=True)

    def _answer(self, task: PostedTask, index: int, writer: Writer) -> Answer:
        self._capture.install()
        begun = time.thread_time()  # the process's own clock moves in ticks once it has a CPU limit
        self._now = time.process_time()
        if self._now >= self._task_end:
            spent = "not run: the calls before it had used up the time of this exercise"
            return Answer(status="raised", raised=raised_node(OutOfTime.__name__, spent))
        try:
            answer = DRIVERS[task.driver](self._stage, task, index, writer)
        except UnreadableError as error:
            answer = Answer(status="unreadable", raised=raised_node("Unreadable", str(error)))
        except HostFault:
            raise
        except BaseException as error:  # whatever it is, it is the answer to this call
            if isinstance(error, OutOfTime) and not self._job.one_exercise:
                self._task_end = 0.0  # not passed, so it is run again, alone: more of the same is not worth the time
            answer = Answer(status="raised", raised=self._notebook.describe(error))
        answer.cpu = max(0.0, time.thread_time() - begun)
        answer.stdout = self._capture.take()
        return answer

    @contextmanager
    def _usual_state(self) -> Iterator[None]:
        """The state of the interpreter in which each exercise runs, whatever ran before."""
        self._budget.install()
        with warnings.catch_warnings(), np.errstate(divide="warn", over="warn", under="ignore", invalid="warn"):
            warnings.simplefilter("ignore")
            yield

    def _running(self) -> Budget:
        sys.setrecursionlimit(RECURSION_LIMIT)
        return self._budget(min(self._limits.call_cpu, self._task_end - self._now), self._limits.grace_cpu, self._now)

    def _keep(self, answer: Answer, writer: Writer, value: object) -> None:
        try:
            answer.value = writer.value(data(value, self._limits.value))
        except (UnwritableError, RecursionError) as error:
            raise UnreadableError(str(error)) from None

    def _send(self, pieces: Pieces) -> None:
        """Send what has waited and the pieces: small ones together, a large one as it is, without a copy."""
        together: Pieces = []
        waiting, self._waiting = self._waiting, []
        for piece in [*waiting, *pieces]:
            if len(piece) < ALONE:
                together.append(piece)
                continue
            if together:
                self._channel.sendall(b"".join(together))
                together = []
            self._channel.sendall(piece)
        if together:
            self._channel.sendall(b"".join(together))
