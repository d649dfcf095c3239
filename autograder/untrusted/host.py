"""The host: warms up, takes one job from the channel, loads the cells, and answers task by task, one burst each.

`warm_up` and `serve` are apart so that a nursery can do the first once and each child of its parents the second.
"""

from __future__ import annotations

import importlib
import os
import socket
import sys
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

import numpy as np

from autograder.boundary.events import Answer, raised_node, write_answers, write_event, write_loaded
from autograder.boundary.frames import INTO_THE_BOX, Assembler, Buffer
from autograder.boundary.limits import MIB, Limits
from autograder.boundary.posting import PostedJob, PostedTask, read_job
from autograder.boundary.wire import UnwritableError, Writer
from autograder.untrusted import imports
from autograder.untrusted.budget import Budget, OutOfTime, confine
from autograder.untrusted.capture import Capture, channel_from_stdin
from autograder.untrusted.cells import Notebook, seed
from autograder.untrusted.drivers import DRIVERS, Stage
from autograder.untrusted.functions import Build, HostFault, kit_build
from autograder.untrusted.inputs import Shelf
from autograder.untrusted.lockdown import lock_down
from autograder.untrusted.observe import UnreadableError, data

RECURSION_LIMIT = 1000
WARM = ("numpy.random", "numpy.ma", "inspect", "tokenize", "autograder.kit", "autograder.kit.functions")
BURST_BYTES, BURST_NODES = 16 * MIB, 20_000
ALONE = 1 << 15

Pieces = list[Buffer]


def main(*, torch: bool) -> NoReturn:
    """Warm up, serve one job, end. The channel is standard input."""
    warm_up(torch=torch)
    channel = socket.socket(fileno=channel_from_stdin())
    serve(channel)
    os._exit(0)  # no finalizers, no exit handlers, no waiting for threads: they are the student's


def warm_up(*, torch: bool, for_many: bool = False) -> None:
    """Everything that is the same for all submissions: imports, and `for_many` a first step of training.

    PyTorch imports and makes much of itself with the first use: a nursery does that once for all.
    """
    for name in WARM:
        importlib.import_module(name)
    imports.install(torch=torch)
    if torch:
        importlib.import_module("torch").set_num_threads(1)
        if for_many:
            _take_a_step(importlib.import_module("torch"))


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

    def run(self) -> None:
        reports = self._notebook.load(self._announce, aloud=self._job.aloud)
        self._send([write_loaded([(report.raised, report.printed) for report in reports])])
        answers: Pieces = []  # leave together with the announcement of the next task
        for number, task in enumerate(self._job.tasks):
            self._send([*answers, write_event("task", number)])
            with self._usual_state():
                answers = self._answer_task(number, task)
        self._send([*answers, write_event("done")])

    def _announce(self, cell: int) -> None:
        if self._job.aloud:
            self._send([write_event("loading", cell)])

    def _answer_task(self, number: int, task: PostedTask) -> Pieces:
        """Answers in one burst; in several where they are large, and call by call where this is the only task.

        The last burst is returned, the others are sent. Alone, an exercise is judged on what came back before it took
        the box down, so each answer leaves at once.
        """
        alone = len(self._job.tasks) == 1
        count = len(task.names) if task.driver == "read" else task.calls
        seed(task.exercise)
        self._task_end = time.process_time() + self._limits.task_cpu
        writer, pending, first = Writer(), list[Answer](), 0
        for index in range(count):
            writer.borrowing = index + 1 == count  # no code of the student's runs between this call and the sending
            pending.append(self._answer(task, index, writer))
            if index + 1 < count and (alone or writer.size > BURST_BYTES or writer.nodes > BURST_NODES):
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
            if isinstance(error, OutOfTime) and len(self._job.tasks) > 1:
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
        """Send the pieces one after the other: small ones together, a large one as it is, without a copy."""
        together: Pieces = []
        for piece in pieces:
            if len(piece) < ALONE:
                together.append(piece)
                continue
            if together:
                self._channel.sendall(b"".join(together))
                together = []
            self._channel.sendall(piece)
        if together:
            self._channel.sendall(b"".join(together))
