"""The job as a frame: what the trusted side posts into a box, and how the box reads it.

Cells, tasks with their inputs, and limits; no case names, no answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from autograder.boundary.frames import INTO_THE_BOX, Frame
from autograder.boundary.job import Cell, Job, Task, Value
from autograder.boundary.limits import Limits
from autograder.boundary.wire import Memory, Reader, Writer


def write_job(job: Job, limits: Limits, inherited: Mapping[int, int] | None = None) -> bytes:
    """The frame of a job. Raises `UnwritableError` if an input has no place on the wire.

    `inherited`: where the box has all tasks already, their numbers there by `id` of the task.
    """
    writer = Writer(layout=True)
    if inherited is None:
        tasks: list[Any] = [_task_node(writer, task) for task in job.tasks]
    else:
        tasks = [inherited[id(task)] for task in job.tasks]
    cells = [_cell_node(writer, cell) for cell in job.cells]
    bounds = writer.value(dict(vars(limits)))
    return writer.frame({"cells": cells, "tasks": tasks, "torch": job.torch, "aloud": job.aloud, "limits": bounds})


def _cell_node(writer: Writer, cell: Cell) -> list[Any]:
    node: list[Any] = [writer.value(cell.id), writer.value(cell.source)]
    if cell.ours or cell.offers is not None:
        node += [cell.ours, None if cell.offers is None else list(cell.offers)]
    return node


def write_tasks(tasks: Sequence[Task]) -> bytes:
    """The frame of tasks for children to inherit. Raises `UnwritableError`."""
    writer = Writer(layout=True)
    return writer.frame({"tasks": [_task_node(writer, task) for task in tasks]})


def _task_node(writer: Writer, task: Task) -> dict[str, Any]:
    calls = [
        [[writer.value(arg) for arg in call.args], writer.value(dict(call.kwargs)), call.read_only]
        for call in task.calls
    ]
    return {
        "exercise": task.exercise,
        "driver": task.driver,
        "adapter": task.adapter,
        "names": list(task.names),
        "calls": calls,
    }


class PostedCell(NamedTuple):
    """A cell as it arrives in the box, field by field a `Cell`."""

    id: str
    source: str
    ours: bool = False
    offers: Sequence[str] | None = None


@dataclass(frozen=True)
class PostedTask:
    """A task as it arrives in the box.

    `inputs(number)` makes the inputs of a call, anew each time; `inputs(number, copied)` says where arrays get memory.
    """

    exercise: str
    driver: str
    adapter: str
    names: tuple[str, ...]
    calls: int
    inputs: Callable[..., tuple[list[Value], dict[str, Value], bool]]


@dataclass(frozen=True)
class PostedJob:
    """A job as it arrives in the box."""

    cells: tuple[PostedCell, ...]
    tasks: tuple[PostedTask, ...]
    torch: bool
    aloud: bool
    limits: Limits


def read_job(frame: Frame, inherited: Sequence[PostedTask] = ()) -> PostedJob:
    """The job in a frame from the trusted side; a task that is a number is one of `inherited`."""
    message = frame.message
    return PostedJob(
        cells=tuple(PostedCell(*node) for node in message["cells"]),
        tasks=tuple(inherited[task] if isinstance(task, int) else _posted(frame, task) for task in message["tasks"]),
        torch=message["torch"],
        aloud=message["aloud"],
        limits=Limits(**cast(Any, Reader(frame, INTO_THE_BOX, inward=True).value(message["limits"]))),
    )


def read_tasks(frame: Frame) -> list[PostedTask]:
    """The tasks in a frame of `write_tasks`."""
    return [_posted(frame, task) for task in frame.message["tasks"]]


def _posted(frame: Frame, task: Any) -> PostedTask:
    def inputs(
        index: int, copied: Callable[[memoryview], Memory] = bytearray
    ) -> tuple[list[Value], dict[str, Value], bool]:
        args, kwargs, read_only = task["calls"][index]
        reader = Reader(frame, INTO_THE_BOX, inward=True, copied=copied)
        return [reader.value(arg) for arg in args], cast(dict[str, Value], reader.value(kwargs)), read_only

    names = tuple(task["names"])
    return PostedTask(task["exercise"], task["driver"], task["adapter"], names, len(task["calls"]), inputs)
