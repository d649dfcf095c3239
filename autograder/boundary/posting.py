"""The job as a frame: what the trusted side posts into a box, and how the box reads it.

Cells, tasks with their inputs, and limits; no case names, no answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple, cast

from autograder.boundary.frames import INTO_THE_BOX, Buffer, Frame
from autograder.boundary.job import Cell, Job, Task, Value
from autograder.boundary.limits import Limits
from autograder.boundary.wire import Memory, Reader, Writer


def write_job(job: Job, limits: Limits, inherited: Mapping[int, int] | None = None) -> bytes:
    """The frame of a job. Raises `UnwritableError` if an input has no place on the wire.

    `inherited`: where the box has all tasks already, their numbers there by `id` of the task.
    """
    writer = Writer(layout=True)
    if inherited is None:
        tasks: list[Any] = [_task_node(writer, task) for task in job.numbered]
    else:
        tasks = [inherited[id(task)] for task in job.numbered]
    cells = [_cell_node(writer, cell) for cell in job.cells]
    bounds = writer.value(dict(vars(limits)))
    stops = [stop.after for stop in job.stops]
    kind = {"torch": job.torch, "aloud": job.aloud, "piecewise": job.piecewise, "assignment": job.assignment}
    return writer.frame({"cells": cells, "tasks": tasks, "stops": stops, **kind, "limits": bounds})


def _cell_node(writer: Writer, cell: Cell) -> list[Any]:
    node: list[Any] = [writer.value(cell.id), writer.value(cell.source)]
    if cell.ours or cell.offers is not None:
        node += [cell.ours, None if cell.offers is None else list(cell.offers)]
    return node


def write_tasks(tasks: Sequence[Task], numbers: Mapping[int, int]) -> list[Buffer]:
    """The frame of tasks for children to inherit, large inputs uncopied. Raises `UnwritableError`.

    `numbers`: the numbers that the tasks of which others are parts have there, by `id` of the task.
    """
    writer = Writer(layout=True)
    writer.borrowing = True
    nodes = [
        _task_node(writer, task) if task.whole is None else [numbers[id(task.whole)], list(task.chosen)]
        for task in tasks
    ]
    return writer.pieces({"tasks": nodes})


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
    `whole` is the task of which this one has the calls numbered `chosen` alone.
    """

    exercise: str
    driver: str
    adapter: str
    names: tuple[str, ...]
    calls: int
    inputs: Callable[..., tuple[list[Value], dict[str, Value], bool]]
    whole: PostedTask | None = None
    chosen: tuple[int, ...] = ()


@dataclass(frozen=True)
class PostedJob:
    """A job as it arrives in the box: the first of its tasks are those of the stops, each after so many cells."""

    cells: tuple[PostedCell, ...]
    tasks: tuple[PostedTask, ...]
    stops: tuple[int, ...]
    torch: bool
    aloud: bool
    piecewise: bool
    assignment: str
    limits: Limits

    @cached_property
    def one_exercise(self) -> bool:
        """Whether all tasks are about the same exercise."""
        return len({task.exercise for task in self.tasks}) == 1


def read_job(frame: Frame, inherited: Sequence[PostedTask] = ()) -> PostedJob:
    """The job in a frame from the trusted side; a task that is a number is one of `inherited`."""
    message = frame.message
    return PostedJob(
        cells=tuple(PostedCell(*node) for node in message["cells"]),
        tasks=tuple(inherited[task] if isinstance(task, int) else _posted(frame, task) for task in message["tasks"]),
        stops=tuple(message["stops"]),
        torch=message["torch"],
        aloud=message["aloud"],
        piecewise=message["piecewise"],
        assignment=message["assignment"],
        limits=Limits(**cast(Any, Reader(frame, INTO_THE_BOX, inward=True).value(message["limits"]))),
    )


def read_tasks(frame: Frame, earlier: Sequence[PostedTask] = ()) -> list[PostedTask]:
    """The tasks in a frame of `write_tasks`; they are numbered on from the `earlier` ones."""
    tasks = list(earlier)
    for task in frame.message["tasks"]:
        tasks.append(_part(tasks[task[0]], tuple(task[1])) if isinstance(task, list) else _posted(frame, task))
    return tasks[len(earlier) :]


def _part(whole: PostedTask, chosen: tuple[int, ...]) -> PostedTask:
    def inputs(
        index: int, copied: Callable[[memoryview], Memory] = bytearray
    ) -> tuple[list[Value], dict[str, Value], bool]:
        return whole.inputs(chosen[index], copied)

    return replace(whole, calls=len(chosen), inputs=inputs, whole=whole, chosen=chosen)


def _posted(frame: Frame, task: Any) -> PostedTask:
    def inputs(
        index: int, copied: Callable[[memoryview], Memory] = bytearray
    ) -> tuple[list[Value], dict[str, Value], bool]:
        args, kwargs, read_only = task["calls"][index]
        reader = Reader(frame, INTO_THE_BOX, inward=True, copied=copied)
        return [reader.value(arg) for arg in args], cast(dict[str, Value], reader.value(kwargs)), read_only

    names = tuple(task["names"])
    return PostedTask(task["exercise"], task["driver"], task["adapter"], names, len(task["calls"]), inputs)
