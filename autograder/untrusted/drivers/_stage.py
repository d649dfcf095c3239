"""What a driver is: a function that answers call number `index` of a task, on a stage that the host provides."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from autograder.boundary.events import Answer
from autograder.boundary.posting import PostedTask
from autograder.boundary.wire import Writer
from autograder.untrusted.functions import Build
from autograder.untrusted.inputs import Shelf


@dataclass(frozen=True)
class Stage:
    """What a driver works with.

    `names` is the student's namespace; `build` makes named functions; `running` is the context in which student code
    runs, and nothing else (its CPU budget); `keep(answer, value)` puts what came back into the answer as data; `shelf`
    has the inputs of the calls.
    """

    names: dict[str, Any]
    build: Build
    running: Callable[[], AbstractContextManager[None]]
    keep: Callable[[Answer, Writer, object], None]
    shelf: Shelf


Driver = Callable[[Stage, PostedTask, int, Writer], Answer]
