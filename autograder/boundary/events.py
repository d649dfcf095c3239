"""Events as frames: what a box says to the trusted side, in the order in which it says it.

    ready                    the interpreter is up, its walls are shut, no student code has run
    loading cell             before each cell
    task index               before each exercise, and its reply: those of stops come while cells are loaded
    loaded reports           one per cell
    reply task, first, ...   answers from call `first` on; one burst an exercise, or call by call; times come last
    done

Cells, tasks, calls, inputs and functions go by number, so that a box can name nothing that the job did not.
Keys that the protocol does not know are counted and never repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any, Literal, TypeVar, cast, overload

import numpy as np

from autograder.boundary import limits as limit_table
from autograder.boundary.frames import FROM_THE_BOX, MEMORABLE, Buffer, Frame, MalformedError, Node
from autograder.boundary.job import Burst, Call, CellReport, Job, Raised, Rebound, Returned, Task
from autograder.boundary.text import clean, is_name
from autograder.boundary.wire import Reader, Writer

T = TypeVar("T")

STATUSES = ("returned", "raised", "missing", "unreadable")

OF_AN_EVENT = frozenset({"e", "at", "cells", "rebound", "first", "returned", "last", "cpu"})
OF_AN_ANSWER = frozenset({"status", "value", "changed", "calls", "raised", "stdout"})
OF_MOST_ANSWERS = frozenset({"value"})
OF_AN_ERROR = frozenset({"type", "message", "cell", "line"})

FORMS = 64
"""How many forms of answers to one task are remembered."""


@dataclass(frozen=True)
class Ready:
    """The box is up; `locked`: its host has put the inner system call filter on."""

    locked: bool


@dataclass(frozen=True)
class Loading:
    """A cell begins."""

    cell: int


@dataclass(frozen=True)
class Loaded:
    """All cells have run; `rebound`: which names changed their meaning where, as far as that was looked at."""

    reports: tuple[CellReport, ...]
    rebound: tuple[Rebound, ...] = ()


@dataclass(frozen=True)
class TaskBegun:
    """An exercise begins."""

    task: int


@dataclass(frozen=True)
class Answers:
    """Answers to the calls of a task from number `first` on; `last`: there are no more."""

    task: int
    first: int
    returned: Sequence[Returned]
    last: bool
    burst: Burst


@dataclass(frozen=True)
class Done:
    """The box has nothing more to say."""


Event = Ready | Loading | Loaded | TaskBegun | Answers | Done


@cache
def write_event(kind: Literal["ready", "loading", "task", "done"], number: int = 0) -> bytes:
    """The frame of an event that carries no values."""
    return Writer().frame({"e": kind, "at": number})


@dataclass
class Answer:
    """One answer on its way out; `value` is a node of the writer that writes the frame."""

    status: str = "returned"
    value: Node = None
    changed: list[int] = field(default_factory=list)
    calls: list[int] = field(default_factory=list)
    raised: dict[str, Any] | None = None
    stdout: str = ""
    cpu: float = 0.0


def write_loaded(
    reports: Sequence[tuple[dict[str, Any] | None, str]], rebound: Sequence[tuple[int, str]] = ()
) -> bytes:
    """The frame of the reports on all cells: what each raised, and what it printed; and names bound again by cells."""
    writer = Writer()
    cells = [[_raised_node(writer, raised), writer.value(printed)] for raised, printed in reports]
    return writer.frame({"e": "loaded", "at": 0, "cells": cells, "rebound": [list(one) for one in rebound]})


def write_answers(writer: Writer, task: int, first: int, answers: list[Answer], *, last: bool) -> list[Buffer]:
    """The frame of a burst of answers whose values `writer` has written, in pieces."""
    nodes = [_answer_node(writer, answer) for answer in answers]
    seconds = np.array([answer.cpu for answer in answers])
    cpu = writer.add(seconds.tobytes())  # the times differ each time: kept out of the message, which often does not
    return writer.pieces({"e": "reply", "at": task, "first": first, "returned": nodes, "last": last, "cpu": cpu})


def _answer_node(writer: Writer, answer: Answer) -> dict[str, Any]:
    """The fields of an answer that are not as in most answers."""
    node: dict[str, Any] = {"value": answer.value}
    if answer.status != "returned":
        node["status"] = answer.status
    if answer.changed:
        node["changed"] = answer.changed
    if answer.calls:
        node["calls"] = answer.calls
    if answer.raised is not None:
        node["raised"] = _raised_node(writer, answer.raised)
    if answer.stdout:
        node["stdout"] = writer.value(answer.stdout)
    return node


def raised_node(type_name: str, message: str, cell: int | None = None, line: int | None = None) -> dict[str, Any]:
    """What was raised, as it crosses the line; cut here so that frames stay small, cleaned on the other side."""
    return {
        "type": type_name[: limit_table.TYPE_NAME_CHARACTERS * 2],
        "message": message[: limit_table.MESSAGE_CHARACTERS * 2],
        "cell": cell,
        "line": line,
    }


def _raised_node(writer: Writer, raised: dict[str, Any] | None) -> Node:
    if raised is None:
        return None
    return {key: writer.value(item) if isinstance(item, str) else item for key, item in raised.items()}


class EventReader:
    """Reads events from a box. Nothing that it returns was checked by the box; `unknown` counts what was dropped."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self.unknown = 0

    def read(self, frame: Frame) -> Event:
        """The event in a frame. Raises `MalformedError`."""
        message = self._record(frame.message, OF_AN_EVENT)
        at = _count(message.get("at"))
        match message.get("e"):
            case "ready":
                return Ready(locked=at == 1)
            case "loading":
                return Loading(_within(at, self._job.cells))
            case "loaded":
                return self._loaded(message)
            case "task":
                return TaskBegun(_within(at, self._job.numbered))
            case "reply":
                return self._answers(frame, message, _within(at, self._job.numbered))
            case "done":
                return Done()
        raise MalformedError("an event of an unknown kind")

    def _loaded(self, message: Mapping[str, Any]) -> Loaded:
        nodes = message.get("cells")
        if not isinstance(nodes, list) or len(nodes) != len(self._job.cells):
            raise MalformedError("not one report for each cell")
        reports = []
        for cell, node in zip(self._job.cells, nodes, strict=True):
            if not isinstance(node, list) or len(node) != 2:
                raise MalformedError("a report that is none")
            reports.append(CellReport(cell.id, self._raised(node[0]), _printed(node[1])))
        return Loaded(tuple(reports), tuple(self._rebound(message.get("rebound", []))))

    def _rebound(self, nodes: Node) -> Iterator[Rebound]:
        if not isinstance(nodes, list) or len(nodes) > limit_table.REBOUND:
            raise MalformedError("names bound again that are none")
        for node in nodes:
            if not isinstance(node, list) or len(node) != 2:
                raise MalformedError("a name bound again that is none")
            cell, name = self._job.cells[_within(_count(node[0]), self._job.cells)], node[1]
            if not isinstance(name, str) or not is_name(name):
                raise MalformedError("a name that is none")
            yield Rebound(cell.id, name)

    def _answers(self, frame: Frame, message: Mapping[str, Any], at: int) -> Answers:
        task = self._job.numbered[at]
        calls = task.wanted
        first, nodes = _count(message.get("first")), message.get("returned")
        if not isinstance(nodes, list) or first + len(nodes) > len(calls):
            raise MalformedError("more answers than calls")
        last = message.get("last") is True
        if last and first + len(nodes) != len(calls):
            raise MalformedError("fewer answers than calls")
        cpu = _seconds(frame, message.get("cpu"), len(nodes))
        burst = Burst(frame.header, frame.body[: len(frame.body) - 8 * len(nodes)], sum(cpu))
        return Answers(at, first, self._returned(frame, task, first, nodes, cpu), last, burst)

    def _returned(
        self, frame: Frame, task: Task, first: int, nodes: Sequence[Node], cpu: Sequence[float]
    ) -> Sequence[Returned]:
        """The answers in a frame, which are read later if nothing can be wrong with them.

        Plain values are well-formed or not by the header alone: one that was read before will be read again.
        """
        calls = task.wanted[first : first + len(nodes)]

        def read() -> tuple[Returned, ...]:
            reader = Reader(frame, FROM_THE_BOX, inward=False, buffers=-1)  # the last one has the times
            return tuple(self._answer(reader, *one) for one in zip(calls, nodes, cpu, strict=True))

        if frame.header in task.plain_forms:
            return _Later(len(nodes), read)
        returned = read()
        plain = all(node.keys() == OF_MOST_ANSWERS for node in nodes)
        if plain and len(frame.header) <= MEMORABLE and len(task.plain_forms) < FORMS:
            task.plain_forms.add(frame.header)
        return returned

    def _answer(self, reader: Reader, call: Call, node: Node, cpu: float) -> Returned:
        fields = self._record(node, OF_AN_ANSWER)
        if fields.keys() == OF_MOST_ANSWERS:
            return Returned(
                call.case, value=reader.value(fields["value"]), calls=dict.fromkeys(call.functions, 0), cpu=cpu
            )
        status = fields.get("status", "returned")
        if status not in STATUSES:
            raise MalformedError("an unknown status")
        value = reader.value(fields.get("value"))
        functions, inputs = call.functions, call.inputs
        counts, changed = _counts(fields.get("calls", [])), _counts(fields.get("changed", []))
        if len(counts) != len(functions) and counts:
            raise MalformedError("not one count for each function")
        return Returned(
            case=call.case,
            status=cast(Any, status),
            value=value,
            changed=tuple(inputs[_within(number, inputs)] for number in changed),
            calls=dict(zip(functions, counts or [0] * len(functions), strict=True)),
            raised=self._raised(fields.get("raised")),
            stdout=_printed(fields.get("stdout", "")),
            cpu=cpu,
        )

    def _raised(self, node: Node) -> Raised | None:
        if node is None:
            return None
        fields = self._record(node, OF_AN_ERROR)
        name, message = fields.get("type"), fields.get("message")
        if not isinstance(name, str) or not isinstance(message, str):
            raise MalformedError("an exception without a name")
        cell, line = fields.get("cell"), fields.get("line")
        return Raised(
            type=name if is_name(name, limit_table.TYPE_NAME_CHARACTERS, dotted=True) else "an error",
            message=clean(message, limit_table.MESSAGE_CHARACTERS, keep="\n"),
            cell=None if cell is None else self._job.cells[_within(_count(cell), self._job.cells)].id,
            line=None if line is None else _count(line),
        )

    def _record(self, node: Node, known: frozenset[str]) -> Mapping[str, Any]:
        if not isinstance(node, dict):
            raise MalformedError("a record that is none")
        if not node.keys() <= known:
            self.unknown += len(node.keys() - known)
        return node


class _Later(Sequence[Returned]):
    """Answers that are read when somebody looks at them."""

    def __init__(self, count: int, read: Callable[[], tuple[Returned, ...]]) -> None:
        self._count = count
        self._read = read

    @cached_property
    def _all(self) -> tuple[Returned, ...]:
        return self._read()

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, place: int) -> Returned: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Returned]: ...

    def __getitem__(self, place: int | slice) -> Returned | Sequence[Returned]:
        return self._all[place]

    def __iter__(self) -> Iterator[Returned]:
        return iter(self._all)


def _seconds(frame: Frame, place: Node, count: int) -> list[float]:
    """The seconds of each call: the last buffer."""
    if type(place) is not int or place != len(frame.lengths) - 1 or frame.lengths[place] != 8 * count:
        raise MalformedError("not one time for each answer")
    seconds = np.frombuffer(frame.body[len(frame.body) - 8 * count :], np.float64)
    if not (np.isfinite(seconds) & (seconds >= 0)).all():
        raise MalformedError("a time that is none")
    return cast(list[float], np.minimum(seconds, limit_table.LONGEST_CALL).tolist())


def _printed(node: Node) -> str:
    if not isinstance(node, str):
        raise MalformedError("output that is none")
    return clean(node, limit_table.NUMPY.printed, keep="\n\t")


def _counts(node: Node) -> list[int]:
    if not isinstance(node, list):
        raise MalformedError("counts that are none")
    return [_count(item) for item in node]


def _count(node: Node) -> int:
    if type(node) is not int or not 0 <= node < 1 << 53:
        raise MalformedError("a number that is none")
    return node


def _within(number: int, items: list[T] | tuple[T, ...]) -> int:
    if number >= len(items):
        raise MalformedError("a number beyond the end")
    return number
