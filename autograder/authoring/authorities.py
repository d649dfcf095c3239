"""Three authorities agree on every case of a rule: the reference, PyTorch's autograd, and finite differences."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import Any

import numpy as np

from autograder.authoring.problems import Places, Problem
from autograder.course.declare import Array, Exercise, derive
from autograder.errors import UsageError
from autograder.kit import oracle
from autograder.kit.declare import Instance, Rule

STEP = 1e-6
SLOPES_DIFFER = 1e-3
"""Relative: more than this between the slopes on both sides is a kink or a tie, where PyTorch alone decides."""
MEASURED = 1e-5
"""Relative: what a slope measured with that step is good for."""
NOT_MEASURED = ("stability", "cost")
"""Checks whose cases are too large, or whose numbers are, for differences to say anything."""


def check_authorities(places: Places, exercise: Exercise, seed: int) -> Iterator[Problem]:
    """Every case in which the three do not agree. Upstream gradients are random. Other exercises have no oracle."""
    if not isinstance(exercise.public, Rule):
        return
    torch = oracle.load()
    if torch is None:
        raise UsageError("PyTorch is not installed, and it is what a rule is compared with", next_step="Install torch")
    measured = 0
    with oracle.one_thread(torch):
        for case in (*exercise.public.cases, *exercise.cases):
            instance = exercise.instance(case, derive(seed, "verify"))
            gradients = [part for part in exercise.answer_to(instance) if part is not None]
            for wrong in _against_pytorch(torch, exercise, exercise.public, instance, gradients):
                yield Problem(places.case(exercise.name, case.name), f"{exercise.name}, case {case.name!r}: {wrong}",
                              "Mend the one that is wrong: forward, oracle or backward row")  # fmt: skip
            if case.check in NOT_MEASURED or case.by_convention:
                continue
            for name, slopes in _slopes(exercise, exercise.public, instance, gradients):
                measured += 1
                if slopes:
                    told = f"{exercise.name}, case {case.name!r}, {name}: {slopes}"
                    yield Problem(places.case(exercise.name, case.name), told, "Mend the backward row, or the forward")
    if not measured:
        yield Problem(
            places.exercise(exercise.name), f"{exercise.name}: no case could be measured with finite differences",
            "Add one without kinks, in the check `values`",
        )  # fmt: skip


def _against_pytorch(
    torch: ModuleType, exercise: Exercise, rule: Rule, instance: Instance, gradients: list[Array]
) -> Iterator[str]:
    grad, output, *inputs = instance.args
    assert exercise.op is not None
    with np.errstate(all="ignore"):
        by_op = exercise.op.forward(*inputs, **instance.kwargs)
    by_torch = oracle.forward(torch, rule, inputs, instance.kwargs)
    size = max([1.0, *(float(np.abs(one).max(initial=0.0)) for one in inputs)])
    for what, found in (("the primitive's forward", by_op), ("the oracle in PyTorch", by_torch)):
        if said := _differ(output, found, 1e-12, 1e-12 * size):
            yield f"forward and {what} differ: {said}"
    wanted = oracle.gradients(torch, rule, grad, inputs, instance.kwargs)
    if len(gradients) != len(wanted):
        yield f"the reference gives {len(gradients)} gradients and PyTorch {len(wanted)}"
        return
    for name, mine, theirs in zip(rule.differentiable, gradients, wanted, strict=True):
        if said := _differ(mine, theirs, 1e-9, 1e-11):
            yield f"the gradient of {name} is not PyTorch's: {said}"


def _differ(mine: Array, theirs: Array, rtol: float, atol: float) -> str:
    """In what two arrays differ; empty if they do not."""
    if np.shape(mine) != np.shape(theirs):
        return f"shapes {np.shape(mine)} and {np.shape(theirs)}"
    close = np.isclose(mine, theirs, rtol=rtol, atol=atol, equal_nan=True)
    if close.all():
        return ""
    at = tuple(int(index) for index in np.argwhere(~close)[0])
    return f"{float(np.asarray(mine)[at]):.6g} and {float(np.asarray(theirs)[at]):.6g} at {list(at)}"


def _slopes(exercise: Exercise, rule: Rule, instance: Instance, gradients: list[Array]) -> Iterator[tuple[str, str]]:
    """For each input that could be measured along a random direction: its name, and what is wrong, if anything."""
    assert exercise.op is not None
    grad, _, *inputs = instance.args
    forward = exercise.op.forward
    rng = np.random.default_rng(3)
    for name, gradient in zip(rule.differentiable, gradients, strict=False):
        place = rule.inputs.index(name)
        direction = rng.standard_normal(gradient.shape)

        def along(times: float, place: int = place, direction: Any = direction) -> Array:
            moved = [*inputs[:place], inputs[place] + times * STEP * direction, *inputs[place + 1 :]]
            with np.errstate(all="ignore"):
                return np.asarray(forward(*moved, **instance.kwargs))

        here = along(0)
        ahead, behind = ((grad * (along(1) - here)).sum() / STEP, (grad * (here - along(-1))).sum() / STEP)
        size = 1.0 + abs(ahead)
        if not abs(ahead - behind) < SLOPES_DIFFER * size:
            continue
        claimed, slope = float((gradient * direction).sum()), float(ahead + behind) / 2
        off = abs(slope - claimed) >= MEASURED * size
        yield (
            name,
            f"along a random direction it claims {claimed:.6g}, and differences measure {slope:.6g}" if off else "",
        )
