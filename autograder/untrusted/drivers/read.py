"""The driver "read": reads the answer variables of an exercise."""

from __future__ import annotations

from autograder.boundary.events import Answer
from autograder.boundary.posting import PostedTask
from autograder.boundary.wire import Writer
from autograder.untrusted.drivers._stage import Stage


def read(stage: Stage, task: PostedTask, index: int, writer: Writer) -> Answer:
    """The value of variable number `index`. Looking at it may run student code, hence `running`."""
    name = task.names[index]
    if name not in stage.names:
        return Answer(status="missing")
    answer = Answer()
    with stage.running():
        stage.keep(answer, writer, stage.names[name])
    return answer
