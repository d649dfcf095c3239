"""The data contract between the trusted side and the box: a job goes in, an outcome comes back.

Everything here is plain frozen data. Nothing in it is an answer: a job holds the student's cells and the inputs
of the calls, an outcome holds what the student's code did with them. The one direction of each value type:

    both ways     None, bool, int, float, str, np.ndarray (bool, int, float), tuple, list, dict[str, Value]
    inwards only  NamedFunction: a callable that the host builds in the box from the kit's table
    outwards only Opaque: whatever else a student returned, known only by the name of its type
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.generic]

Driver: TypeAlias = str
"""How the host runs a task: a key of `autograder.untrusted.drivers.DRIVERS`."""

Status: TypeAlias = Literal["returned", "raised", "missing", "unreadable"]
"""What became of one call: a value, an exception, no such name, or a value that is no data at all."""

Ending: TypeAlias = Literal["finished", "cpu", "wall", "spent", "killed", "malformed", "refused"]
"""How a box ended.

finished   the host said that it was done
cpu        a CPU limit: for loading, for one task, or for the whole child
wall       the wall-clock deadline, which a caller retries alone before it counts
spent      the submission as a whole has used up what it may use (`allowance`)
killed     the process died without a word (`os._exit`, a segfault, a signal, memory)
malformed  the bytes that came back were not the protocol
refused    the box could not be built, or its walls did not hold: never the submission's doing
"""


@dataclass(frozen=True)
class NamedFunction:
    """A callable that the box builds for itself: `name` in the kit's table of functions, with its parameters."""

    name: str
    params: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Opaque:
    """A value that is not data; `type_name` is the student's word for it, cut and cleaned."""

    type_name: str


Value: TypeAlias = (
    "bool | int | float | str | Array | tuple[Value, ...] | list[Value] | dict[str, Value]"
    " | NamedFunction | Opaque | None"
)


@dataclass(frozen=True)
class Cell:
    """One code cell of the submission, in notebook order.

    `ours`: its text is the release's; where a line of it fails, the lines below it run all the same. A demonstration
    `offers` the names that it binds: it runs only where another cell needs one of them.
    """

    id: str
    source: str
    ours: bool = False
    offers: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Call:
    """One call of the exercise's function; `case` is a label that comes back with the answer.

    `read_only` makes the arrays arrive unwritable; by default a student may write to them (and is then told so).
    """

    case: str
    args: tuple[Value, ...] = ()
    kwargs: Mapping[str, Value] = field(default_factory=dict)
    read_only: bool = False

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """The names of the inputs: "0", "1", ... for positions, otherwise the keyword."""
        return (*map(str, range(len(self.args))), *self.kwargs)

    @cached_property
    def functions(self) -> tuple[str, ...]:
        """The names under which the functions among the inputs are counted, in the order of the inputs.

        That is the function's own name; where one name occurs again, `name#2`, `name#3` and so on.
        """
        seen: dict[str, int] = {}
        names = []
        for function in _functions_in([*self.args, *self.kwargs.values()]):
            seen[function.name] = seen.get(function.name, 0) + 1
            again = seen[function.name]
            names.append(function.name if again == 1 else f"{function.name}#{again}")
        return tuple(names)


def _functions_in(value: object) -> Iterator[NamedFunction]:
    if isinstance(value, NamedFunction):
        yield value
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _functions_in(item)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _functions_in(item)


@dataclass(frozen=True)
class Task:
    """One exercise: driver "call" calls the function named `exercise`, driver "read" reads the variables `names`.

    `adapter` names the kit's adapter through which "call" calls an answer that works on objects; empty for none.
    `whole` is the task of which this one has the calls numbered `chosen` alone: a box that has the one has the other.
    """

    exercise: str
    driver: Driver = "call"
    calls: tuple[Call, ...] = ()
    names: tuple[str, ...] = ()
    adapter: str = ""
    whole: Task | None = None
    chosen: tuple[int, ...] = ()

    def part(self, chosen: Sequence[int]) -> Task:
        """The task with some of its calls alone, by their numbers; itself where these are all of them, in order."""
        if list(chosen) == list(range(len(self.calls))):
            return self
        calls = tuple(self.calls[number] for number in chosen)
        self.parts.append(replace(self, calls=calls, whole=self, chosen=tuple(chosen)))
        return self.parts[-1]

    @cached_property
    def parts(self) -> list[Task]:
        """The parts that were made of it: who gets the task gets those with it."""
        return []

    @cached_property
    def wanted(self) -> tuple[Call, ...]:
        """What is answered one by one: the calls, or for each variable that is read a call of its name."""
        return self.calls if self.driver != "read" else tuple(Call(name) for name in self.names)

    @cached_property
    def plain_forms(self) -> set[bytes]:
        """The forms of bursts that have been read without a fault and hold values only; kept by their reader."""
        return set()


@dataclass(frozen=True)
class Stop:
    """A place in the notebook, by how many cells stand above it, and what is run there before loading goes on."""

    after: int
    task: Task


@dataclass(frozen=True)
class Left:
    """What a submission may still use, out of its allowance: see `limits.Allowance`.

    ``until`` is a moment of this machine's monotonic clock, the others are seconds. ``waits`` is how often it was
    waited for in vain, and ``hung`` has the cells without which it had to be loaded, each with what was seen.
    """

    until: float
    cpu: float
    waiting: float
    waits: int = 0
    hung: Mapping[str, str] = field(default_factory=dict)

    def after(self, outcome: Outcome) -> Left:
        """What is left when a box has ended so."""
        waits = self.waits + (outcome.ended == "wall" and outcome.waited)
        return replace(self, cpu=self.cpu - outcome.cpu, waiting=self.waiting - outcome.idle, waits=waits)

    def without(self, cell: str, seen: str) -> Left:
        """The same when one more cell is left out."""
        return replace(self, hung={**self.hung, cell: seen})


@dataclass(frozen=True)
class Job:
    """What one box does: load the cells in order, with stops in between, then work through the tasks in order.

    ``aloud``: it announces each cell before it loads it, which takes time, and says which one ended it.
    ``piecewise``: each answer leaves the box at once, which takes time, and counts should the box end in the next.
    ``glance``: an answer that takes long or waits is left alone at once, for it will be tried again.
    ``left``: what the submission may still use; it stays outside. Without it, only the limits of one box hold.
    ``assignment`` is the one whose data `kit.data` reads there.
    """

    cells: tuple[Cell, ...]
    tasks: tuple[Task, ...]
    torch: bool = False
    aloud: bool = False
    stops: tuple[Stop, ...] = ()
    piecewise: bool = False
    glance: bool = field(default=False, compare=False)
    assignment: str = ""
    left: Left | None = field(default=None, compare=False)

    @cached_property
    def one_exercise(self) -> bool:
        """Whether all tasks are of one exercise."""
        return len({task.exercise for task in self.numbered}) == 1

    @cached_property
    def numbered(self) -> tuple[Task, ...]:
        """All tasks in the order in which they are run: those of the stops, then the others."""
        return (*(stop.task for stop in self.stops), *self.tasks)

    def without(self, number: int) -> Job:
        """The same job without one of its cells."""
        stops = tuple(Stop(stop.after - (stop.after > number), stop.task) for stop in self.stops)
        return replace(self, cells=self.cells[:number] + self.cells[number + 1 :], stops=stops)


@dataclass(frozen=True)
class Raised:
    """An exception of the student's code: its own words, cut and free of control characters.

    `cell` and `line` (from 1) say where in the notebook it came from, the innermost such place, where known.
    """

    type: str
    message: str
    cell: str | None = None
    line: int | None = None


@dataclass(frozen=True)
class Returned:
    """What one call (or one variable that was read: `case` is then its name) gave.

    `changed` names the inputs that came back different: "0", "1", ... for positions, otherwise the keyword.
    `calls` counts the calls of the named functions that were passed in, by function name; where one name was passed
    in more than once, in the order of the inputs: `sin`, `sin#2`, `sin#3`.
    """

    case: str
    status: Status = "returned"
    value: Value = None
    changed: tuple[str, ...] = ()
    calls: Mapping[str, int] = field(default_factory=dict)
    raised: Raised | None = None
    stdout: str = ""
    cpu: float = 0.0


@dataclass(frozen=True)
class Burst:
    """The answers of one frame as it arrived: two with the same `form` differ in their numbers and times alone.

    `numbers` are the entries of all arrays, one after the other, and `cpu` the seconds of all calls together.
    """

    form: bytes
    numbers: memoryview
    cpu: float


@dataclass(frozen=True)
class Reply:
    """The answers to one task; `complete` only if every call was answered and the frame arrived whole.

    `burst` is the frame, where all answers arrived in one.
    """

    exercise: str
    returned: Sequence[Returned] = ()
    complete: bool = False
    burst: Burst | None = None

    @property
    def cpu(self) -> float:
        """The CPU seconds of all calls, without reading answers that nobody has looked at."""
        return sum(got.cpu for got in self.returned) if self.burst is None else self.burst.cpu


@dataclass(frozen=True)
class CellReport:
    """How one cell loaded: silently, or with what it raised; and what it printed."""

    cell: str
    raised: Raised | None = None
    stdout: str = ""


@dataclass(frozen=True)
class Rebound:
    """A cell, and a name of which the box says that its meaning changed there. For words on a page, and no more."""

    cell: str
    name: str


@dataclass(frozen=True)
class Outcome:
    """All that came out of a box. Tasks without an entry in `replies` were not answered; `early` has those of stops.

    `detail` is our own words about the ending. `left_out` are the cells without which loading had to be retried.
    `rebound` are the names that an answer uses and that cells below its stop bind again or delete.

    `cpu` are the CPU seconds of the submission's processes, and `idle` the seconds in which they neither computed nor
    ended, both by clocks outside. `waited` if some box ended by the clock on the wall.
    """

    load: tuple[CellReport, ...] = ()
    replies: Mapping[str, Reply] = field(default_factory=dict)
    ended: Ending = "finished"
    detail: str = ""
    left_out: tuple[str, ...] = ()
    early: Mapping[str, Reply] = field(default_factory=dict)
    rebound: tuple[Rebound, ...] = ()
    cpu: float = 0.0
    idle: float = 0.0
    waited: bool = False


class Box(Protocol):
    """Something that runs a job in isolation. Safe to call from several processes at once."""

    def run(self, job: Job) -> Outcome:
        """Run the job; never raises for anything that the submission does."""
        ...

    def close(self) -> None:
        """Let go of what this process holds for it. It can be used again."""
        ...
