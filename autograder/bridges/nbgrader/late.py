"""Late penalties on the fast path: the plugin that nbgrader_config.py names, as `nbgrader autograde` would ask it."""

from __future__ import annotations

from math import isfinite
from typing import cast

from traitlets.config import Config

from autograder.bridges.nbgrader.settings import CONFIG_FILE, read_config
from autograder.errors import UsageError
from autograder.grading.course import Course
from autograder.grading.gradebook import Penalty


def late_penalty(course: Course) -> Penalty | None:
    """What being late costs in ``course``; None where its configuration says nothing about that: then it is free.

    Raises UsageError where the configuration, which is an instructor's program, fails.
    """
    config = read_config(course)
    try:
        late = "LateSubmissionPlugin" in config or "AssignLatePenalties" in config
        return _plugin(config) if late else None
    except Exception as error:
        raise UsageError(
            f"{course.root / CONFIG_FILE} can't be used",
            got=f"{type(error).__name__}: {error}",
            next_step="Mend it there; nothing was graded",
        ) from error


def _plugin(config: Config) -> Penalty:
    from nbgrader.preprocessors import AssignLatePenalties  # seconds of import, for courses with penalties only

    assigning = AssignLatePenalties(config=config)
    assigning.init_plugin()
    return _told(cast(Penalty, assigning.plugin_inst.late_submission_penalty))


def _told(penalty: Penalty) -> Penalty:
    """The plugin, an instructor's program: where it fails, or gives no usable number, that is told as UsageError."""

    def ask(student: str, score: float, seconds: float) -> float | None:
        try:
            points = penalty(student, score, seconds)
            if points is None or isfinite(points):
                return points
            got = f"a penalty of {points}"
        except Exception as error:
            got = f"{type(error).__name__}: {error}"
        raise UsageError(
            f"The late submission plugin that {CONFIG_FILE} names fails for {student}",
            expected="points, or None",
            got=got,
            next_step="Mend it and run the same command again: what was recorded stays",
        )

    return ask
