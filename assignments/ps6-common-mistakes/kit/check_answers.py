"""Checking the variables of a predict exercise: their types and the words allowed, nothing about what is right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .declare import Answer, Predict
from .ladder import type_text
from .results import Report, Row

UNANSWERED = "not answered yet"
NOTE = "Only types and allowed values are looked at here; whether an answer is right is judged when it is graded."


def check_answers(predict: Predict, answers: Mapping[str, Any]) -> Report:
    """Look at every declared variable; one that is missing or misspelt is said by name."""
    rows = []
    for name, declared in predict.answers.items():
        problem = "not handed to check" if name not in answers else _problem(declared, answers[name])
        rows.append(Row(name, _wanted(declared), problem is None, problem or ""))
    rows += [
        Row(name, "", False, f"there is no such answer in {predict.name}")
        for name in answers.keys() - predict.answers.keys()
    ]
    unfilled = all(row.note == UNANSWERED for row in rows)
    return Report(
        predict.name, f"{predict.name}: {', '.join(predict.answers)}", tuple(rows), notes=(NOTE,), unfilled=unfilled
    )


def _wanted(declared: Answer) -> str:
    words = " or ".join(repr(word) for word in declared.allowed)
    if not words:
        return declared.type.__name__
    return f"{declared.type.__name__}, each value {words}" if declared.type is dict else words


def _problem(declared: Answer, value: Any) -> str | None:
    """What is wrong with the form of one answer, None if nothing is."""
    if value is None or value is ...:
        return UNANSWERED
    if isinstance(value, (np.ndarray, np.generic)) and np.size(value) == 1:
        value = value.item()
    fits = isinstance(value, declared.type) or (declared.type is float and isinstance(value, int))
    if not fits or (isinstance(value, bool) and declared.type is not bool):
        return f"got {type_text(value)}, expected {declared.type.__name__}"
    if declared.type is dict:
        return _dict_problem(declared, value)
    if declared.allowed and value not in declared.allowed:
        return f"got {value!r}, expected {_wanted(declared)}"
    return None


def _dict_problem(declared: Answer, value: Mapping[Any, Any]) -> str | None:
    if not value or any(word is None or word is ... for word in value.values()):
        return UNANSWERED
    if declared.keys and set(value) != set(declared.keys):
        return f"got the keys {list(value)}, expected {list(declared.keys)}"
    if not declared.allowed:
        return None
    wrong = next((name for name, word in value.items() if word not in declared.allowed), None)
    return None if wrong is None else f"{wrong!r}: got {value[wrong]!r}, expected one of {list(declared.allowed)}"
