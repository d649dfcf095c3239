"""Where the time goes: the real pipeline in one process, with a stopwatch around the functions that its stages are.

The stopwatch replaces a function wherever the package's modules hold it, so the product needs no hooks. Each stage is
charged with its own time alone: what a stage calls that is a stage itself is charged there. The rest is "other".
"""

from __future__ import annotations

import functools
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import autograder.commands.grade  # noqa: F401 - loads every module that holds one of the functions below
from autograder.boundary.job import Box
from autograder.grading._files import put
from autograder.grading.collect import read_timestamp
from autograder.grading.gradebook import Ledger
from autograder.grading.intake import read_submission
from autograder.grading.notebooks import autograded, handed_in
from autograder.grading.roster import find_submissions
from autograder.judging import judge
from autograder.reports.feedback import render
from autograder.reports.record import submission_record

FUNCTIONS: Mapping[str, tuple[Callable[..., Any], ...]] = {
    "intake": (find_submissions, read_timestamp, read_submission),
    "judge": (judge,),
    "page": (render,),
    "record file": (submission_record,),
    "notebook": (autograded, handed_in),
    "writing files": (put,),
}
GRADEBOOK = ("record", "record_rejected", "completed", "totals")
STAGES = ("intake", "box", "judge", "page", "record file", "notebook", "writing files", "gradebook", "other")


@dataclass
class Stopwatch:
    """Wall-clock and own CPU seconds by stage."""

    wall: dict[str, float] = field(default_factory=lambda: dict.fromkeys(STAGES, 0.0))
    cpu: dict[str, float] = field(default_factory=lambda: dict.fromkeys(STAGES, 0.0))
    _running: list[str] = field(default_factory=lambda: ["other"])
    _since: tuple[float, float] = (0.0, 0.0)

    def start(self) -> None:
        """From now on time is charged, to "other" as long as no stage runs."""
        self._since = time.perf_counter(), time.process_time()

    def charge(self) -> None:
        """Charge what has passed to the stage that runs."""
        now = time.perf_counter(), time.process_time()
        stage = self._running[-1]
        self.wall[stage] += now[0] - self._since[0]
        self.cpu[stage] += now[1] - self._since[1]
        self._since = now

    def timed(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """``function`` charged to ``stage``."""

        @functools.wraps(function)
        def running(*args: Any, **kwargs: Any) -> Any:
            self.charge()
            self._running.append(stage)
            try:
                return function(*args, **kwargs)
            finally:
                self.charge()
                self._running.pop()

        return running

    def attach(self, box: Box) -> None:
        """Put the stopwatch around the stages, in every module of the package."""
        for stage, functions in FUNCTIONS.items():
            for function in functions:
                replace_everywhere(function, self.timed(stage, function))
        for name in GRADEBOOK:
            setattr(Ledger, name, self.timed("gradebook", getattr(Ledger, name)))
        kind: Any = type(box)
        kind.run = self.timed("box", kind.run)


def replace_everywhere(old: Callable[..., Any], new: Callable[..., Any]) -> None:
    """Let every module of the package that knows ``old`` know ``new`` instead."""
    for name, module in list(sys.modules.items()):
        if name == "autograder" or name.startswith("autograder."):
            for word, value in list(vars(module).items()):
                if value is old:
                    setattr(module, word, new)
