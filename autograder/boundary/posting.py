"""The job as a frame: what the trusted side posts into a box, and how the box reads it.

Cells, tasks with their inputs, and limits; no case names, no answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, cast

from autograder.boundary.frames import INTO_THE_BOX, Frame
from autograder.boundary.job import Call, Job, NamedFunction, Value
from autograder.boundary.limits import Limits
from autograder.boundary.wire import Reader, Writer


def functions_of(call: Call) -> list[str]:
    """The names under which the functions among a call's inputs are counted, in the order of the inputs.

    That is the function's own name; where one name occurs again, `name#2`, `name#3` and so on.
    """
    seen: dict[str, int] = {}
    names = []
    for function in _functions_in([*call.args, *call.kwargs.values()]):
        seen[function.name] = seen.get(function.name, 0) + 1
        again = seen[function.name]
        names.append(function.name if again == 1 else f"{function.name}#{again}")
    return names


def inputs_of(call: Call) -> list[str]:
    """The names of a call's inputs: "0", "1", ... for positions, otherwise the keyword."""
    return [*map(str, range(len(call.args))), *call.kwargs]


def _functions_in(value: object) -> Iterator[NamedFunction]:
    if isinstance(value, NamedFunction):
        yield value
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _functions_in(item)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _functions_in(item)


def write_job(job: Job, limits: Limits) -> bytes:
    """The frame of a job. Raises `UnwritableError` if an input has no place on the wire."""
    writer = Writer(layout=True)
    tasks = [
        {
            "exercise": task.exercise,
            "driver": task.driver,
            "adapter": task.adapter,
            "names": list(task.names),
            "calls": [
                [[writer.value(arg) for arg in call.args], writer.value(dict(call.kwargs)), call.read_only]
                for call in task.calls
            ],
        }
        for task in job.tasks
    ]
    cells = [[writer.value(cell.id), writer.value(cell.source)] for cell in job.cells]
    return writer.frame({"cells": cells, "tasks": tasks, "torch": job.torch, "limits": writer.value(asdict(limits))})


@dataclass(frozen=True)
class PostedTask:
    """A task as it arrives in the box. The inputs of a call are made anew each time they are asked for."""

    exercise: str
    driver: str
    adapter: str
    names: tuple[str, ...]
    calls: int
    inputs: Callable[[int], tuple[list[Value], dict[str, Value], bool]]


@dataclass(frozen=True)
class PostedJob:
    """A job as it arrives in the box."""

    cells: tuple[tuple[str, str], ...]
    tasks: tuple[PostedTask, ...]
    torch: bool
    limits: Limits


def read_job(frame: Frame) -> PostedJob:
    """The job in a frame from the trusted side."""
    message = frame.message

    def posted(task: Any) -> PostedTask:
        def inputs(index: int) -> tuple[list[Value], dict[str, Value], bool]:
            args, kwargs, read_only = task["calls"][index]
            reader = Reader(frame, INTO_THE_BOX, inward=True)
            return [reader.value(arg) for arg in args], cast(dict[str, Value], reader.value(kwargs)), read_only

        names = tuple(task["names"])
        return PostedTask(task["exercise"], task["driver"], task["adapter"], names, len(task["calls"]), inputs)

    return PostedJob(
        cells=tuple((cell, source) for cell, source in message["cells"]),
        tasks=tuple(posted(task) for task in message["tasks"]),
        torch=message["torch"],
        limits=Limits(**cast(Any, Reader(frame, INTO_THE_BOX, inward=True).value(message["limits"]))),
    )
