"""How an exercise names its mistakes and right answers: the one place of this room that knows."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Sequence
from typing import Any

from autograder.course.declare import Exercise, Misconception


def mistakes(exercise: Exercise) -> Sequence[Misconception]:
    """The known mistakes."""
    return exercise.misconceptions


def right_answers(exercise: Exercise) -> Sequence[Callable[..., Any]]:
    """The differently written right answers."""
    return getattr(exercise, "right_answers", ())


def written(mistake: Misconception) -> str:
    """How the mistake is written down, where its source may choose between hints."""
    if not mistake.source or not callable(mistake.wrong):
        return ""
    return textwrap.dedent(inspect.getsource(mistake.wrong))
