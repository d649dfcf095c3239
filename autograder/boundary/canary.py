"""A known program: where it fails too, the failure is ours."""

from __future__ import annotations

import numpy as np

from autograder.boundary.job import Call, Cell, Job, Outcome, Task

CANARY = Job(
    cells=(Cell("canary", "def canary(x):\n    return x + 1.0\n"),),
    tasks=(Task("canary", calls=(Call("one", (np.arange(3.0),)),)),),
)


def answered(outcome: Outcome) -> bool:
    """Whether the known program was answered rightly."""
    reply = outcome.replies.get("canary")
    if reply is None or not reply.complete:
        return False
    value = reply.returned[0].value
    return isinstance(value, np.ndarray) and np.array_equal(value, np.arange(3.0) + 1.0)
