"""Checking a backward rule on its public cases, against PyTorch and finite differences. No rule is in here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from . import calling, numerical, oracle
from .declare import Case, Instance, Rule
from .ladder import Array, Finding, arrays, compare, shape_text
from .results import Failing, Report, Row, unchanged
from .structure import Observation, Structural, explain, locate

MEASURABLE = 20_000  # entries: above, finite differences cost too long


@dataclass(frozen=True)
class Checked:
    """One case after the call. ``expected`` is None without PyTorch; ``measured`` counts the directions compared."""

    case: Case
    instance: Instance
    answered: calling.Answered
    changed: tuple[str, ...]
    expected: tuple[Array, ...] | None
    scale: float
    finding: Finding | None
    measured: int


def check_rule(rule: Rule, target: Callable[..., Any]) -> Report:
    """Run ``target`` on every public case of ``rule``.

    Raises calling.UnfilledError if the skeleton is untouched.
    """
    torch = oracle.load()
    if torch is None and rule.forward is None:
        row = Row("PyTorch", "", None, "it needs PyTorch (pip install torch)")
        return Report(rule.name, rule.signature, (row,))
    with oracle.one_thread(torch):
        done = [_check_case(rule, of, target, torch) for of in rule.cases]
    rows = [_row(rule, one) for one in done]
    touched = [(one.case.name, name) for one in done for name in one.changed]
    if any(one.answered.raised is None for one in done):
        rows.append(unchanged(touched))
    failed = [one for one in done if one.finding is not None]
    return Report(
        rule.name,
        rule.signature,
        tuple(rows),
        _smallest(failed),
        _hint(rule, done, failed, target),
        (_authorities(torch, done),),
    )


def _run(rule: Rule, torch: ModuleType | None) -> Callable[..., Any]:
    """The operation itself, on arrays."""
    if rule.forward is not None:
        return rule.forward
    assert torch is not None
    found = torch
    return lambda *inputs, **params: oracle.forward(found, rule, inputs, params)


def _check_case(rule: Rule, of: Case, target: Callable[..., Any], torch: ModuleType | None) -> Checked:
    run = _run(rule, torch)
    # drawn twice: a copy would lose the memory layout that some cases are about
    given = rule.instance(of, calling.generator(rule.name, of.name), run)
    passed = rule.instance(of, calling.generator(rule.name, of.name), run)
    answered = calling.call(target, passed.args, passed.kwargs)
    touched = tuple(
        name for (name, now), (_, then) in zip(passed.named(), given.named(), strict=True) if calling.changed(now, then)
    )
    grad, _, *inputs = given.args
    expected = None if torch is None else oracle.gradients(torch, rule, grad, inputs, given.kwargs)
    scale = max(float(np.max(np.abs(grad), initial=0.0)), 1e-300)
    finding: Finding | None
    measured = 0
    if answered.raised is not None:
        finding = Finding("raised", answered.raised)
    else:
        finding = None if expected is None else compare(answered.value, expected, rule.results, scale=scale)
        if finding is None:
            finding, measured = _measure(rule, run, given, answered.value, sole=expected is None)
    return Checked(of, given, answered, touched, expected, scale, finding, measured)


def _measure(
    rule: Rule, run: Callable[..., Any], given: Instance, value: Any, *, sole: bool
) -> tuple[Finding | None, int]:
    """The second authority: products of what came back with random directions against measured slopes.

    ``sole`` says that it is the only one, and that nothing else has looked for NaN yet.
    """
    grad, _, *inputs = given.args
    places = [rule.inputs.index(name) for name in rule.differentiable]
    likes = [np.zeros(np.shape(inputs[place])) for place in places]
    found = arrays(value, likes, rule.results)
    if isinstance(found, Finding):
        return found, 0
    parts = [part for part in found if part is not None]
    if given.size > MEASURABLE or given.case.by_convention:
        return None, 0
    infinite = [which for which, part in enumerate(parts) if not np.all(np.isfinite(part))]
    if infinite and sole and np.all(np.isfinite(given.args[1])):
        which = infinite[0]
        return Finding("value", f"{rule.results[which]}: holds NaN or infinite entries", which, parts[which]), 0
    if infinite:
        return None, 0

    def operation(*values: Any) -> Any:
        return run(*values, **given.kwargs)

    rng = calling.generator(rule.name, given.case.name + " directions")
    slopes = numerical.slopes(operation, inputs, places, parts, grad, rng)
    off = next((slope for slope in slopes if not slope.agrees), None)
    if off is None:
        return None, len(slopes)
    message = (
        f"{rule.results[off.which]}: its product with a random direction is {off.claimed:.6g}, "
        f"finite differences along that direction measure {off.measured:.6g}"
    )
    return Finding("value", message, off.which, parts[off.which]), len(slopes)


def _row(rule: Rule, one: Checked) -> Row:
    shapes = [
        f"{name} {shape_text(np.shape(value)).removesuffix(' (a scalar)')}"
        for name, value in one.instance.named()
        if name in rule.inputs
    ]
    params = [f"{name}={value!r}" for name, value in one.instance.kwargs.items()]
    about = ", ".join(shapes + params)
    if one.finding is not None:
        return Row(one.case.name, about, False, one.finding.message)
    if one.expected is None and not one.measured:
        return Row(one.case.name, about, None, "finite differences cannot measure this case; it needs PyTorch")
    return Row(one.case.name, about, True)


def _smallest(failed: list[Checked]) -> Failing | None:
    """The failing case with the fewest numbers, those of the values check first."""
    if not failed:
        return None
    pool = [one for one in failed if one.case.check == "values"] or failed
    worst = min(pool, key=lambda one: one.instance.size)
    assert worst.finding is not None
    return Failing(worst.case.name, worst.instance.named(), worst.finding)


def _authorities(torch: ModuleType | None, done: list[Checked]) -> str:
    """Who the answer was compared with."""
    directions = sum(one.measured for one in done)
    by_slopes = f"finite differences along {directions} random directions"
    if torch is None:
        return f"PyTorch is not installed, so this was compared with {by_slopes} only."
    return f"Compared with PyTorch's autograd{f' and with {by_slopes}' if directions else ''}."


def _hint(rule: Rule, done: list[Checked], failed: list[Checked], target: Callable[..., Any]) -> str:
    """The structural finding in words, else where the answer differs, else nothing."""
    if not failed or any(one.expected is None for one in done):
        return ""
    seen = [_observation(rule, one) for one in done if one.answered.raised is None]
    with np.errstate(all="ignore"):
        found = _upstream(rule, failed, target) or explain(seen)
        return found.text if found else locate(seen) or ""


def _observation(rule: Rule, one: Checked) -> Observation:
    return Observation(
        case=one.case.name,
        check=one.case.check,
        arguments=one.instance.named(),
        names=rule.results,
        expected=one.expected or (),
        returned=one.answered.value,
        right=one.finding is None,
        scale=one.scale,
    )


def _upstream(rule: Rule, failed: list[Checked], target: Callable[..., Any]) -> Structural | None:
    """What only a second call can tell: whether the answer depends on ``grad_output``, and in proportion to it."""
    ignored = proportional = True
    compared = 0
    for one in failed:
        if one.finding is None or one.finding.rung not in ("shape", "value"):
            return None
        first = _numbers(one.answered.value)
        again = _numbers(_with_upstream(one, target, 3.0))
        if first is None or again is None or [a.shape for a in first] != [a.shape for a in again]:
            return None
        for a, b in zip(first, again, strict=True):
            told = np.isfinite(a) & np.isfinite(b) & (a != 0)
            compared += int(told.sum())
            ignored &= bool(np.array_equal(a[told], b[told]))
            proportional &= bool(np.allclose(3.0 * a[told], b[told], rtol=1e-9, atol=1e-9 * one.scale))
    if compared < 2:
        return None
    if ignored:
        text = "What you return stays the same when grad_output changes. Where does dL/dy enter the chain rule?"
        return Structural("upstream-ignored", text)
    if not proportional:
        text = (
            "With three times the grad_output every gradient should be three times as large; yours is not. "
            "How often does grad_output enter your formula, and is it multiplied by everything?"
        )
        return Structural("upstream-not-linear", text)
    return None


def _with_upstream(one: Checked, target: Callable[..., Any], times: float) -> Any:
    """The answer to the same case with ``grad_output`` multiplied; None if that raises."""
    grad, *others = (np.array(value) if isinstance(value, np.ndarray) else value for value in one.instance.args)
    return calling.call(target, (times * np.asarray(grad), *others), one.instance.kwargs).value


def _numbers(value: Any) -> list[Array] | None:
    """What came back as arrays, None where it is not made of numbers."""
    if value is None:
        return None
    parts = value if isinstance(value, (tuple, list)) else [value]
    try:
        found = [np.asarray(part, dtype=np.float64) for part in parts]
    except (TypeError, ValueError):
        return None
    return found
