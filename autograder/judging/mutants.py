"""Wrong answers made from the right one by rule: what no author thought of, to measure the diagnosis with."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.boundary.job import Raised, Returned
from autograder.course.declare import Exercise, Expected, ExpectedCase
from autograder.kit.declare import Predict, Rule
from autograder.kit.ladder import compare

Array = np.ndarray[Any, np.dtype[Any]]
Results = Sequence[Array | None]
MOST_AXES = 4  # of which every subset is tried


class UnfitError(Exception):
    """A mutation has nothing to change in a case."""


@dataclass(frozen=True)
class Mutant:
    """One mutation of one exercise's reference. ``family`` is the kind of mistake that it stands for.

    ``wrong(exercise, case)`` gives the mutated results; where there is nothing to change, the right ones or UnfitError:
    there the mutant answers right. ``truths`` are the structural findings that describe it.
    """

    name: str
    family: str
    wrong: Callable[[Exercise, ExpectedCase], Results]
    truths: frozenset[str]

    def answers(self, expected: Expected) -> tuple[Returned, ...] | None:
        """What came back for every case; None if the mutant is the reference on all of them (an equivalent one)."""
        given, changed = [], False
        for case in expected.cases:
            answer = self._answer(expected.exercise, case)
            changed = changed or answer.status == "raised" or _differs(expected.exercise, case, answer.value)
            given.append(answer)
        return tuple(given) if changed else None

    def _answer(self, exercise: Exercise, case: ExpectedCase) -> Returned:
        try:
            with np.errstate(all="ignore"):
                results = self.wrong(exercise, case)
        except UnfitError:
            results = case.arrays
        except Exception as error:  # a mutated call may fail in any way, as a student's may
            return Returned(case.label, "raised", raised=Raised(type(error).__name__, str(error)))
        return Returned(case.label, value=as_value(results))


def as_value(results: Results) -> Any:
    """Results as a rule returns them: one array bare, several as a tuple."""
    return results[0] if len(results) == 1 else tuple(results)


def _differs(exercise: Exercise, case: ExpectedCase, value: Any) -> bool:
    names = getattr(exercise.public, "results", ("result",))
    found = compare(value, case.arrays, names, scale=case.scale, rtol=exercise.rtol, floor=exercise.floor)
    return found is not None


def mutants(exercise: Exercise) -> tuple[Mutant, ...]:
    """Every mutation that exists for this kind of exercise; none for predictions."""
    if isinstance(exercise.public, Predict):
        return ()
    found = [*_of_results(len(exercise.public.results))]
    if isinstance(exercise.public, Rule):
        found += _of_rules(exercise.public)
    return tuple(found)


def _of_results(count: int) -> Iterator[Mutant]:
    """Mutations that need no more than the right answer."""
    for words, factor, truth in (("twice", 2.0, "twice"), ("half", 0.5, "half"), ("negated", -1.0, "opposite-sign")):
        family = "sign" if factor < 0 else "factor"
        yield Mutant(words, family, _mapped(_times(factor)), frozenset({truth}))
        if count > 1:
            for which in range(count):
                truths = frozenset({truth, "some-right"})
                yield Mutant(f"{words}, result {which}", family, _mapped(_times(factor), which), truths)
    for a, b in itertools.combinations(range(count), 2):
        yield Mutant(f"results {a} and {b} exchanged", "operands", _exchanged(a, b), frozenset({"swapped"}))
    yield Mutant("transposed", "transposition", _mapped(_transposed), frozenset({"transposed", "permuted"}))
    yield Mutant("summed over its first axis", "sum", _mapped(lambda a: _summed(a, 0)), frozenset({"summed-too-much"}))
    yield Mutant("summed over its last axis", "sum", _mapped(lambda a: _summed(a, -1)), frozenset({"summed-too-much"}))


def _of_rules(rule: Rule) -> Iterator[Mutant]:
    """Mutations of what a backward rule is called with, and of the sums in it."""
    upstream = frozenset({"upstream-ignored", "some-right"})
    yield Mutant("ones for grad_output", "upstream", _called(_ones_for_upstream), upstream)
    yield Mutant(
        "grad_output squared",
        "upstream",
        _called(lambda args, kwargs: [args[0] ** 2, *args[1:]]),
        frozenset({"upstream-twice"}),
    )
    yield Mutant("output returned", "forward for gradient", _first_replaced(1), frozenset({"forward-returned"}))
    yield Mutant("grad_output returned", "forward for gradient", _first_replaced(0), frozenset({"upstream-returned"}))
    for place, name in enumerate(rule.inputs):
        yield Mutant(f"output for {name}", "output for input", _called(_replaced(place + 2, 1)), frozenset())
    for a, b in itertools.combinations(range(len(rule.inputs)), 2):
        words = f"{rule.inputs[a]} and {rule.inputs[b]} exchanged in the formula"
        swapped = frozenset({"swapped", "opposite-sign"})
        yield Mutant(words, "operands", _called(_swapped(a + 2, b + 2)), swapped)
    yield Mutant("no sum over broadcast axes", "sum", _unsummed, frozenset({"not-summed"}))
    last = frozenset({"last-write", "only-repeated", "only-broadcast"})
    yield Mutant("last index wins", "accumulation", _called(_without_repeats), last)
    yield Mutant("last broadcast copy wins", "accumulation", _last_copy, last)
    for name in ("axis", "dim"):
        if name in rule.params:
            axis = frozenset({"wrong-axis", "only-parameter", "only-negative-parameter"})
            yield Mutant(f"another {name}", "axis", _other_axis(name), axis)
    yield Mutant("summed over other axes", "axis", _summed_elsewhere, frozenset({"wrong-axis"}))


def _mapped(change: Callable[[Array], Array], which: int | None = None) -> Callable[[Exercise, ExpectedCase], Results]:
    """``change`` done to every result, or to one of them."""

    def wrong(exercise: Exercise, case: ExpectedCase) -> Results:
        done: list[Array | None] = []
        for place, array in enumerate(case.arrays):
            if array is None or which not in (None, place):
                done.append(array)
                continue
            try:
                done.append(change(array))
            except UnfitError:
                done.append(array)
        return done

    return wrong


def _times(factor: float) -> Callable[[Array], Array]:
    return lambda array: np.asarray(factor * array)


def _transposed(array: Array) -> Array:
    if array.ndim < 2:
        raise UnfitError
    return np.swapaxes(array, -1, -2)


def _summed(array: Array, axis: int) -> Array:
    if not array.ndim or array.shape[axis] < 2:
        raise UnfitError
    return np.asarray(array.sum(axis=axis))


def _exchanged(a: int, b: int) -> Callable[[Exercise, ExpectedCase], Results]:
    def wrong(exercise: Exercise, case: ExpectedCase) -> Results:
        done = list(case.arrays)
        done[a], done[b] = done[b], done[a]
        return done

    return wrong


Arguments = list[Any]


def _called(
    change: Callable[[Arguments, Mapping[str, Any]], Arguments],
) -> Callable[[Exercise, ExpectedCase], Results]:
    """The reference rule, called with changed arguments."""

    def wrong(exercise: Exercise, case: ExpectedCase) -> Results:
        assert case.instance is not None
        assert exercise.op is not None
        arguments = change([np.array(value) for value in case.instance.args], case.instance.kwargs)
        return exercise.op.backward(*arguments, **case.instance.kwargs)

    return wrong


def _ones_for_upstream(arguments: Arguments, _: Mapping[str, Any]) -> Arguments:
    return [np.ones_like(arguments[0]), *arguments[1:]]


def _replaced(place: int, by: int) -> Callable[[Arguments, Mapping[str, Any]], Arguments]:
    def change(arguments: Arguments, _: Mapping[str, Any]) -> Arguments:
        old, new = arguments[place], arguments[by]
        if old.shape != new.shape or old.dtype.kind != "f":
            raise UnfitError
        return [*arguments[:place], new, *arguments[place + 1 :]]

    return change


def _swapped(a: int, b: int) -> Callable[[Arguments, Mapping[str, Any]], Arguments]:
    def change(arguments: Arguments, _: Mapping[str, Any]) -> Arguments:
        if arguments[a].shape != arguments[b].shape or arguments[a].dtype != arguments[b].dtype:
            raise UnfitError
        done = list(arguments)
        done[a], done[b] = done[b], done[a]
        return done

    return change


def _first_replaced(by: int) -> Callable[[Exercise, ExpectedCase], Results]:
    """An argument (0 is grad_output, 1 the output) in the place of the first result."""

    def wrong(exercise: Exercise, case: ExpectedCase) -> Results:
        assert case.instance is not None
        return [np.array(case.instance.args[by]), *case.arrays[1:]]

    return wrong


def _without_repeats(arguments: Arguments, kwargs: Mapping[str, Any]) -> Arguments:
    """Of several entries of grad_output that an index array sends to one place, only the last is left."""
    upstream = arguments[0]
    for index in arguments[2:]:
        if index.dtype.kind not in "iu" or not index.ndim:
            continue
        axis = int(kwargs.get("axis", 0) or 0) % max(upstream.ndim, 1)
        if index.shape == upstream.shape and index.ndim > 1:
            spots = np.indices(index.shape)
            spots[axis] = index
            places = np.ravel_multi_index(tuple(spots), [int(part.max(initial=0)) + 1 for part in spots]).ravel()
        elif upstream.shape[: index.ndim] == index.shape:
            places = index.ravel()
        else:
            continue
        last = {int(place): spot for spot, place in enumerate(places)}
        kept = np.zeros(places.size, dtype=bool)
        kept[list(last.values())] = True
        mask = kept.reshape(index.shape + (1,) * (upstream.ndim - index.ndim))
        return [upstream * mask, *arguments[1:]]
    raise UnfitError


def _whole(exercise: Exercise, case: ExpectedCase) -> list[tuple[Array | None, Array]]:
    """Each right result beside the same before it was summed over the axes that broadcasting stretched.

    The rule is called on inputs that are broadcast already; or the result is grad_output summed over some axes.
    """
    assert case.instance is not None
    assert exercise.op is not None
    upstream, output, *inputs = (np.array(value) for value in case.instance.args)
    shapes = [x.shape for x in inputs]
    wide: list[Array | None] | None = None
    try:
        if len(inputs) > 1 and np.broadcast_shapes(*shapes) == output.shape and len(set(shapes)) > 1:
            stretched = [np.array(np.broadcast_to(x, output.shape)) for x in inputs]
            wide = list(exercise.op.backward(upstream, output, *stretched, **case.instance.kwargs))
    except ValueError:
        wide = None
    found: list[tuple[Array | None, Array]] = []
    for which, right in enumerate(case.arrays):
        assert right is not None
        if wide is not None:
            found.append((wide[which], right))
        else:
            summed = next(_sums(upstream, right), None)
            found.append((upstream if summed is not None else None, right))
    return found


def _sums(upstream: Array, right: Array) -> Iterator[tuple[int, ...]]:
    """The sets of axes over which grad_output sums to ``right``."""
    if upstream.ndim > MOST_AXES or right.size >= upstream.size:
        return
    for count in range(1, upstream.ndim + 1):
        for axes in itertools.combinations(range(upstream.ndim), count):
            total = upstream.sum(axis=axes)
            if total.size == right.size and np.allclose(total.ravel(), right.ravel(), rtol=1e-9, atol=1e-12):
                yield axes


def _unsummed(exercise: Exercise, case: ExpectedCase) -> Results:
    """Gradients that are left as large as the output."""
    pairs = _whole(exercise, case)
    if all(wide is None or wide.shape == right.shape for wide, right in pairs):
        raise UnfitError
    return [right if wide is None else wide for wide, right in pairs]


def _last_copy(exercise: Exercise, case: ExpectedCase) -> Results:
    """Of the gradients of the copies that broadcasting made of an entry, only the last."""
    done = []
    for wide, right in _whole(exercise, case):
        if wide is None or wide.shape == right.shape or wide.ndim < right.ndim or not wide.size:
            done.append(right)
            continue
        lead = wide.ndim - right.ndim
        part = wide[(-1,) * lead]
        for axis, n in enumerate(right.shape):
            if n == 1:
                part = part.take([-1], axis=axis)
        done.append(part if part.shape == right.shape else right)
    return done


def _other_axis(name: str) -> Callable[[Exercise, ExpectedCase], Results]:
    """The rule called with the next axis in the place of the one asked for."""

    def wrong(exercise: Exercise, case: ExpectedCase) -> Results:
        assert case.instance is not None
        assert exercise.op is not None
        defaults = exercise.public.params if isinstance(exercise.public, Rule) else {}
        kwargs = {**defaults, **case.instance.kwargs}
        ndim = max((np.ndim(value) for value in case.instance.args), default=0)
        axis = kwargs[name]
        if not isinstance(axis, int) or ndim < 2:
            raise UnfitError
        return exercise.op.backward(*case.instance.args, **{**kwargs, name: (axis + 1) % ndim})

    return wrong


def _summed_elsewhere(exercise: Exercise, case: ExpectedCase) -> Results:
    """A gradient that is grad_output summed over some axes, summed over as many other ones."""
    assert case.instance is not None
    upstream = np.array(case.instance.args[0])
    done = []
    for right in case.arrays:
        assert right is not None
        axes = next(_sums(upstream, right), None)
        others = itertools.combinations(range(upstream.ndim), len(axes) if axes else 0)
        other = next((some for some in others if some != axes), None) if axes else None
        done.append(right if other is None else np.asarray(upstream.sum(axis=other)))
    return done
