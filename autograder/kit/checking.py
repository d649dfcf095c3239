"""``check``: runs an exercise's public cases in the notebook, shows a table, and raises one short line on failure."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Mapping
from functools import cache
from typing import Any

from . import _settings
from .calling import UnfilledError
from .check_answers import check_answers
from .check_functions import check_function
from .check_rules import check_rule
from .declare import Function, Predict, Public, Rule
from .results import Report
from .show import display


class CheckFailedError(AssertionError):
    """A check failed; the message is one line. IPython prints that line instead of a traceback."""

    def _render_traceback_(self) -> list[str]:
        return [f"AssertionError: {self}"]


# nbgrader, nbconvert and people look for the plain name
CheckFailedError.__name__ = CheckFailedError.__qualname__ = "AssertionError"
CheckFailedError.__module__ = "builtins"


def check(target: Any, /, **answers: Any) -> None:
    """Check an answer on the public cases of its exercise and show what was found.

    ``target`` is your function or class; the exercise is found by its name. For a prediction it is the exercise's
    name in quotes, with the answer variables as keywords: ``check("cost", vjp_entries=vjp_entries)``.
    Raises AssertionError, with one line, if something is wrong or not filled in yet.
    """
    if _settings.quiet:
        return
    failure: str | None = None
    for exercise, function in _found(target, sys._getframe(1).f_globals):
        report = report_on(exercise, function, answers)
        display(report)
        if not report.passed and failure is None:
            failure = report.summary
    if failure is not None:
        raise CheckFailedError(failure)


def report_on(exercise: Public, target: Any, answers: Mapping[str, Any]) -> Report:
    """What the public cases say of an answer: ``target`` for a function, ``answers`` by name for a prediction."""
    try:
        if isinstance(exercise, Predict):
            return check_answers(exercise, answers)
        if isinstance(exercise, Rule):
            return check_rule(exercise, target)
        return check_function(exercise, target)
    except UnfilledError:
        signature = exercise.name if isinstance(exercise, Predict) else exercise.signature
        return Report(exercise.name, signature, (), unfilled=True)


@cache
def exercises() -> Mapping[str, Public]:
    """Every exercise that ships with this kit, by name."""
    found: dict[str, Public] = {}
    public = importlib.import_module(".public", __package__)  # there where `release` has put an assignment's
    for module in sorted(pkgutil.iter_modules(public.__path__), key=lambda info: info.name):
        for value in vars(importlib.import_module(f"{public.__name__}.{module.name}")).values():
            if isinstance(value, (Function, Predict, Rule)):
                found.setdefault(value.name, value)
    return found


def _found(target: Any, variables: Mapping[str, Any]) -> list[tuple[Public, Any]]:
    """The exercises that ``target`` answers: by its name, else by the variables under which it stands."""
    known = exercises()
    if isinstance(target, str):
        return [_by_name(target, known, variables)]
    if not callable(target):
        raise CheckFailedError(
            f"check takes a function, a class or an exercise's name in quotes; got {type(target).__name__}. "
            "Hand over the function itself, without calling it: check(add_backward)"
        )
    own = getattr(target, "__name__", "")
    names = [name for name, exercise in known.items() if variables.get(name) is target and _asks_a_call(exercise)]
    if not names and own in known and _asks_a_call(known[own]):
        names = [own]
    if names:
        return [(known[name], target) for name in names]
    raise CheckFailedError(
        f"no exercise is called {own or 'so'}, and this {type(target).__name__} stands under no exercise's name. "
        f"The exercises here: {_listed(known)}.{_OTHER_KIT}"
    )


_OTHER_KIT = " If these are not those of your notebook, the kit beside it is another assignment's"


def _asks_a_call(exercise: Public) -> bool:
    return isinstance(exercise, (Rule, Function))


def _by_name(name: str, known: Mapping[str, Public], variables: Mapping[str, Any]) -> tuple[Public, Any]:
    if name not in known:
        raise CheckFailedError(f"no exercise is called {name!r}. The exercises here: {_listed(known)}.{_OTHER_KIT}")
    exercise = known[name]
    if isinstance(exercise, Predict):
        return exercise, None
    target = variables.get(name)
    if not callable(target):
        raise CheckFailedError(f"{name} is not defined yet: run the cell above first")
    return exercise, target


def _listed(names: Any) -> str:
    return ", ".join(names) or "none"
