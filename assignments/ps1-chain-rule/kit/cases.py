"""Which cases an answer fails: a property that exactly they have."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from math import comb

import numpy as np

from .ladder import Array
from .observed import CHANCE, Observation, Structural

CaseClass = tuple[str, str, Callable[[Observation], bool]]


def case_class(seen: Sequence[Observation]) -> Structural | None:
    """Properties that the failing cases have and no other case has."""
    seen = [one for one in seen if not (one.right and one.vacuous)]
    failing = {id(one) for one in seen if not one.right}
    right = [one for one in seen if one.right]
    if not failing or not right:
        return None
    fitting = [
        (name, words)
        for name, words, has in case_classes(seen)
        if _tells(failing, {id(one) for one in seen if has(one)}, len(seen))
    ]
    if fitting:
        phrases = fitting[0][1]
        if len(fitting) > 1:
            phrases += f" (the same cases are those in which {fitting[1][1]})"
        text = (
            f"All wrong answers are to cases in which {phrases}; those to other cases are right. "
            "What has to change in the formula then?"
        )
        return Structural(f"only-{fitting[0][0]}", text)
    names = {one.case for one in right}
    if len(names) == 1 and len({one.case for one in seen} - names) >= 3:
        text = (
            f"Only the case '{right[0].case}' is right. What does it have that hides the mistake (look at its shapes)?"
        )
        return Structural("right-once", text)
    return None


def _tells(failing: set[int], members: set[int], total: int) -> bool:
    """Whether a class of cases is exactly the failing ones, or holds them all in a way that is no accident."""
    if failing == members:
        return True
    few, class_size = len(failing), len(members)
    return (
        failing < members and 2 * few >= class_size and few >= 2 and comb(class_size, few) <= CHANCE * comb(total, few)
    )


def case_classes(seen: Sequence[Observation]) -> Iterator[CaseClass]:
    """(name, words, has) for every property of cases; ``has(observation)`` tells."""
    yield "stability", "the numbers are extreme", lambda one: one.check == "stability"
    yield "broadcast", "the inputs broadcast", broadcasts
    yield "scalar", "an input is a scalar (0-d)", lambda one: _any(one, lambda x: x.ndim == 0)
    yield "empty", "an axis has length 0", lambda one: _any(one, lambda x: x.size == 0)
    plain = (bool, int, float, str, tuple, type(None))
    for name in dict.fromkeys(name for one in seen for name, value in one.arguments if isinstance(value, plain)):
        yield from _by_value(seen, name)
    yield "strided", "an input is a view with other strides", lambda one: _any(one, lambda x: not x.flags.c_contiguous)
    yield "deep", "an input has three axes or more", lambda one: _any(one, lambda x: x.ndim >= 3)
    yield (
        "not-square",
        "the lengths of the last two axes differ",
        lambda one: _any(one, lambda x: x.ndim >= 2 and x.shape[-1] != x.shape[-2]),
    )


def _by_value(seen: Sequence[Observation], name: str) -> Iterator[CaseClass]:
    """Properties of one parameter: given at all, negative, a tuple, one certain value."""
    values = {repr(one.named[name]) for one in seen if name in one.named}
    if len(values) > 1:
        yield "parameter", f"{name} is not its default", lambda one: name in one.named
    yield "negative-parameter", f"{name} is negative", lambda one: _is_negative(one.named.get(name))
    yield "tuple-parameter", f"{name} is a tuple", lambda one: isinstance(one.named.get(name), tuple)
    for value in dict.fromkeys(repr(one.named[name]) for one in seen if name in one.named):
        if len(value) <= 30:
            yield "parameter", f"{name}={value}", partial(_has_value, name, value)


def _has_value(name: str, value: str, one: Observation) -> bool:
    return name in one.named and repr(one.named[name]) == value


def _is_negative(value: object) -> bool:
    numbers = value if isinstance(value, tuple) else (value,)
    return any(isinstance(n, (int, float)) and n < 0 for n in numbers)


def _any(one: Observation, holds: Callable[[Array], bool]) -> bool:
    return any(holds(x) for x in one.inputs.values())


def broadcasts(one: Observation) -> bool:
    """Whether the inputs together have a shape that one of them lacks: the output's, or its leading axes."""
    if one.upstream is None or len(one.inputs) < 2:
        return False
    shapes = [x.shape for x in one.inputs.values()]
    if _stretched(shapes, one.upstream.shape):
        return True
    leading = [shape[:-2] for shape in shapes if len(shape) >= 2]
    return len(leading) == len(shapes) and _stretched(leading, one.upstream.shape[:-2])


def _stretched(shapes: list[tuple[int, ...]], whole: tuple[int, ...]) -> bool:
    try:
        return np.broadcast_shapes(*shapes) == whole and any(shape != whole for shape in shapes)
    except ValueError:
        return False
