"""Checking any other function: stored answers, and properties that every right answer has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from . import calling
from .adapters import adapted
from .declare import Function, Property, Stored, numbers_in
from .ladder import Array, Finding, compare, type_text
from .results import Failing, Report, Row, unchanged
from .structure import Observation, explain, locate

Arguments = tuple[tuple[str, Any], ...]


def check_function(function: Function, target: Callable[..., Any]) -> Report:
    """Run ``target`` on every stored case and every property of ``function``.

    Raises calling.UnfilledError if the skeleton is untouched.
    """
    answer = adapted(function.adapter, target)
    rows: list[Row] = []
    failing: list[tuple[int, Failing]] = []
    seen: list[Observation] = []
    touched: list[tuple[str, str]] = []
    cases: list[Stored | Property] = [*function.stored, *function.properties]
    for of in cases:
        given, passed = _inputs(function, of), _inputs(function, of)
        arguments = tuple(given.items())
        args = tuple(passed[name] for name in function.arguments)
        options = {name: value for name, value in passed.items() if name not in function.arguments}
        answered = calling.call(answer, args, options)
        touched += [
            (of.name, name)
            for name, value in passed.items()
            if name not in function.changes and calling.changed(value, given[name])
        ]
        finding: Finding | None
        if answered.raised is not None:
            finding = Finding("raised", answered.raised)
        elif isinstance(of, Property):
            finding = _property(of, answered.value, passed)
        else:
            finding, observation = _stored(function, of, answered.value, arguments)
            seen += [observation] if observation else []
        rows.append(Row(of.name, _about(arguments), finding is None, finding.message if finding else ""))
        if finding is not None:
            size = numbers_in([value for _, value in arguments])
            failing.append((size, Failing(of.name, arguments, finding)))
    rows.append(unchanged(touched))
    with np.errstate(all="ignore"):
        found = explain(seen) if failing else None
        hint = found.text if found else (locate(seen) or "" if failing else "")
    worst = min(failing, key=lambda pair: pair[0])[1] if failing else None
    return Report(function.name, function.signature, tuple(rows), worst, hint)


def _inputs(function: Function, of: Stored | Property) -> dict[str, Any]:
    """The case's arguments, made anew on every call."""
    rng = calling.generator(function.name, of.name)
    return {
        name: calling.built(value, rng, lists_are_arrays=isinstance(of, Stored)) for name, value in of.inputs.items()
    }


def _stored(
    function: Function, of: Stored, value: Any, arguments: Arguments
) -> tuple[Finding | None, Observation | None]:
    """The first failed rung against the stored answer, and the case as the structural tests take it."""
    if isinstance(of.expected, Mapping):
        return _mapping(function, of, value), None
    if of.expected is None:
        return (None, None) if value is None else (Finding("type", f"got {type_text(value)}, expected None"), None)
    if isinstance(of.expected, (str, bool)):
        return _word(of, value), None
    several = len(function.results) > 1
    expected = tuple(
        None if part is None else np.array(part, dtype=np.float64)
        for part in (of.expected if several else (of.expected,))
    )
    scale = _scale(tuple(part for part in expected if part is not None))
    finding = compare(value, expected, function.results, scale=scale, rtol=of.tolerance, floor=of.tolerance)
    observation = Observation(
        case=of.name,
        check="values",
        arguments=arguments,
        names=function.results,
        expected=expected,
        returned=value,
        right=finding is None,
        scale=scale,
        rule=False,
        rtol=of.tolerance,
        floor=of.tolerance,
    )
    return finding, observation


def _mapping(function: Function, of: Stored, value: Any) -> Finding | None:
    """A dict of arrays: the keys first, then every array under its key."""
    name = function.results[0]
    if not isinstance(value, Mapping):
        return Finding("type", f"{name}: got {type_text(value)}, expected a dict with the keys {list(of.expected)}")
    if set(value) != set(of.expected):
        return Finding("count", f"{name}: got the keys {list(value)}, expected {list(of.expected)}")
    for key, want in of.expected.items():
        expected = (np.array(want, dtype=np.float64),)
        label = (f"{name}[{key!r}]",)
        finding = compare(value[key], expected, label, scale=_scale(expected), rtol=of.tolerance, floor=of.tolerance)
        if finding is not None:
            return finding
    return None


def _word(of: Stored, value: Any) -> Finding | None:
    if isinstance(value, np.generic):
        value = value.item()
    if type(value) is not type(of.expected):
        return Finding("type", f"got {type_text(value)}, expected {type_text(of.expected)}")
    return None if value == of.expected else Finding("value", f"got {value!r}, expected {of.expected!r}")


def _property(of: Property, value: Any, passed: Mapping[str, Any]) -> Finding | None:
    """Whether the property holds; a property that cannot even be evaluated does not."""
    try:
        with np.errstate(all="ignore"):
            holds = bool(of.holds(value, **passed))
    except NotImplementedError as error:
        raise calling.UnfilledError from error
    except Exception as error:
        if value is None and not isinstance(error, AssertionError):
            return Finding("type", "got None: is there a return statement?")
        return Finding("value", f"{of.says} (checking that raised {type(error).__name__}: {error})")
    if holds:
        return None
    return Finding("value", of.says, got=value if isinstance(value, (np.ndarray, float, int)) else None)


def _scale(expected: tuple[Array, ...]) -> float:
    finite = [float(np.max(np.abs(part[np.isfinite(part)]), initial=0.0)) for part in expected]
    return max([*finite, 1e-300])


def _about(arguments: Arguments) -> str:
    return ", ".join(f"{name} {_brief(value)}" for name, value in arguments)


def _brief(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return str(tuple(int(n) for n in value.shape))
    if callable(value):
        return "(a function)"
    if isinstance(value, (list, dict)):
        return f"({type(value).__name__} of {len(value)})"
    text = repr(value)
    return f"= {text}" if len(text) <= 30 else f"({type_text(value)})"
