"""Predict exercises: each answer variable against the right answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from autograder.boundary.job import Opaque, Returned
from autograder.course.declare import Exercise, Expected
from autograder.judging.verdict import CheckResult, Hint, Status, Verdict
from autograder.kit.declare import Answer, Predict

FLOAT_RTOL = 1e-6  # a prediction worked out by hand


def judge_answers(exercise: Exercise, public: Predict, expected: Expected, answers: Mapping[str, Returned]) -> Verdict:
    """Every variable is worth its share. Which one is wrong is said; what would be right is not."""
    checks: list[CheckResult] = []
    rungs: list[str] = []
    wrong: list[str] = []
    for part, name, key in public.parts:
        problem = _problem(public.answers[name], exercise.answers[name], answers.get(name), key)
        if problem:
            rungs.append(problem[0])
            wrong.append(name)
        checks.append(CheckResult(part, exercise.checks[part], problem is None, problem[1] if problem else "", name))
    if not wrong:
        return Verdict(exercise.name, Status.PASSED, tuple(checks))
    status = Status.FAILED if len(rungs) == len(checks) else Status.PARTIAL
    message = "; ".join(f"{check.name}: {check.message}" for check in checks if not check.passed)
    return Verdict(exercise.name, status, tuple(checks), rungs[0], message, _hint(exercise, public, wrong, answers))


def same_answer(declared: Answer, want: Any, got: Any) -> bool:
    """Whether ``got`` is the answer ``want``: exact for integers and words, to six digits for floats."""
    if declared.type is dict:
        return (
            isinstance(got, dict)
            and got.keys() == want.keys()
            and all(_same_word(word, got[key]) for key, word in want.items())
        )
    got = got.item() if isinstance(got, (np.ndarray, np.generic)) and np.size(got) == 1 else got
    if declared.type in (int, float):
        if isinstance(got, (bool, np.bool_)) or not isinstance(got, (int, float)):
            return False
        return got == want if declared.type is int else _near(got, want)
    return _same_word(want, got)


def _near(got: int | float, want: float) -> bool:
    """Whether ``got`` is ``want`` to six digits. An integer that no float can hold is near to none."""
    try:
        return abs(float(got) - want) <= FLOAT_RTOL * abs(want)
    except OverflowError:
        return False


def _same_word(want: Any, got: Any) -> bool:
    return type(got) is type(want) and bool(got == want)


def _problem(declared: Answer, want: Any, got: Returned | None, key: str | None) -> tuple[str, str] | None:
    """The rung that failed and our words for it, None if the answer is right."""
    if got is None or got.status in ("missing", "raised"):
        return "missing", "not set when the notebook has run from top to bottom"
    if got.value is None or isinstance(got.value, Opaque):
        return "type", f"not answered; expected {declared.type.__name__}"
    if key is not None:
        return _entry_problem(want[key], got.value, key)
    if same_answer(declared, want, got.value):
        return None
    return "value", "not right"


def _entry_problem(want: Any, got: Any, key: str) -> tuple[str, str] | None:
    if not isinstance(got, dict):
        return "type", "not answered in a dict"
    if key not in got:
        return "missing", "no such key in your dict"
    return None if _same_word(want, got[key]) else ("value", "not right")


def _hint(exercise: Exercise, public: Predict, wrong: list[str], answers: Mapping[str, Returned]) -> Hint | None:
    """The one declared mistake that gives exactly the wrong answers that were given."""
    fitting = [
        mistake
        for mistake in exercise.mistakes
        if isinstance(mistake.wrong, Mapping)
        and any(name in mistake.wrong for name in wrong)
        and all(
            (got := answers.get(name)) is not None
            and same_answer(public.answers[name], mistake.wrong.get(name, exercise.answers[name]), got.value)
            for name in wrong
        )
    ]
    if len(fitting) != 1:
        return None
    return Hint(fitting[0].name, fitting[0].hint, "bank")
