"""The driver "call": calls the function that the exercise is named after, and watches its inputs."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.boundary.events import Answer
from autograder.boundary.posting import PostedTask
from autograder.boundary.wire import Writer
from autograder.untrusted.drivers._stage import Stage
from autograder.untrusted.functions import Counted, adapted
from autograder.untrusted.inputs import snapshots
from autograder.untrusted.observe import changed


def call(stage: Stage, task: PostedTask, index: int, writer: Writer) -> Answer:
    """One call with its inputs. What the student's function raises goes through: the host reports it."""
    if task.exercise not in stage.names:
        return Answer(status="missing")
    function = adapted(task.adapter, stage.names[task.exercise])
    posted = stage.shelf.take(task, index)
    args, kwargs, before = posted.args, posted.kwargs, posted.before
    answer = Answer()
    if posted.functions:
        counted = Counted(stage.build)
        args = [counted.realised(arg) for arg in args]
        kwargs = {key: counted.realised(arg) for key, arg in kwargs.items()}
        answer.calls = counted.counts
    inputs: list[Any] = [*args, *kwargs.values()]
    if posted.functions:
        before = snapshots(inputs)
    if posted.read_only:
        freeze(inputs)

    with stage.running():
        stage.keep(answer, writer, function(*args, **kwargs))

    answer.changed = changed(inputs, before)
    return answer


def freeze(value: Any) -> None:
    """Make every array in `value` unwritable."""
    if isinstance(value, np.ndarray):
        value.flags.writeable = False
    elif isinstance(value, (list, tuple)):
        for item in value:
            freeze(item)
    elif isinstance(value, dict):
        freeze(list(value.values()))
