"""The private half of an exercise: hidden cases, reference, shares of the checks, known mistakes, right answers.

MATMUL = Exercise(public.MATMUL, op=ops.matmul, cases=(...), mistakes=(
    mistake("factors-exchanged", lambda g, y, a, b: (swap(b) @ g, g @ swap(a)), "Which index of g is i?"), ...))

@MATMUL.mistake                                             what takes more than a line stands below
def forgot_transpose(g, y, a, b):
    '''In dL/da[i,k], summed over p: which index of b meets k?'''
    return g @ b, a @ g

@MATMUL.right
def by_einsum(g, y, a, b): ...
"""

from __future__ import annotations

import copy
import functools
import hashlib
import hmac
import inspect
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar, overload

import numpy as np

from autograder.boundary.job import Raised, Returned
from autograder.engine import Primitive
from autograder.kit.adapters import adapted
from autograder.kit.calling import changed as differs
from autograder.kit.declare import Case, Function, Instance, Predict, Public, Rule, check_cases
from autograder.kit.functions import Named
from autograder.kit.ladder import FLOOR, RTOL, compare

Array = np.ndarray[Any, np.dtype[Any]]
Seed = bytes | int

VALUES, EDGES, STABILITY, UNCHANGED, COST, CALLS = "values", "edges", "stability", "inputs unchanged", "cost", "calls"
SHARES: Mapping[str, float] = {EDGES: 0.2, STABILITY: 0.1, UNCHANGED: 0.1, COST: 0.1, CALLS: 0.1}
DRAWS = ("kept", "shown")


@dataclass(frozen=True)
class Mistake:
    """A wrong answer worth naming: executable, with a hint that asks a question.

    ``wrong`` has the arguments of the answer itself for a function (``wrong(*args, **kwargs)``) and, for a rule, the
    answer's convention too: ``wrong(grad_output, output, *inputs, **params)``. For a predict exercise it is the mapping
    of the wrong answers it stands for. Which case exposes it is found, not written: `autograder.authoring.seen_in`.

    ``source`` is a regular expression to find in the student's source, as ``judging.source`` writes it. It only chooses
    between mistakes that fit what came back equally well (two programs that end in the same error); it never gives or
    takes a point.
    """

    name: str
    wrong: Callable[..., Any] | Mapping[str, Any]
    hint: str
    source: str = ""

    def __post_init__(self) -> None:
        re.compile(self.source)

    def answer(self, expected: Expected) -> tuple[Returned, ...]:
        """What a submission with this mistake would send back for every case of ``expected``."""
        return tuple(self.answer_to(case, expected.exercise) for case in expected.cases)

    def answer_to(self, case: ExpectedCase, exercise: Exercise) -> Returned:
        """What a submission with this mistake would send back for one case of ``exercise``."""
        if callable(self.wrong):
            if exercise.prepare is not None:
                exercise.prepare()
            return answer_with(self.wrong, case)
        return Returned(case.name, value=self.wrong.get(case.name, exercise.answers[case.name]))

    def shows_in(self, case: ExpectedCase, exercise: Exercise) -> bool:
        """Whether ``case`` alone tells this mistake from a right answer, by the ladder that the judge climbs."""
        got = self.answer_to(case, exercise)
        if isinstance(exercise.public, Predict):
            return bool(got.value != exercise.answers[case.name])
        names = getattr(exercise.public, "results", ("result",))
        with np.errstate(all="ignore"):
            return (
                got.status != "returned"
                or bool(got.changed)
                or compare(got.value, case.arrays, names, scale=case.scale, rtol=exercise.rtol, floor=exercise.floor)
                is not None
            )


def mistake(name: str, wrong: Callable[..., Any] | Mapping[str, Any], hint: str, *, source: str = "") -> Mistake:
    """A known mistake that fits in a line or two of the declaration; longer ones are functions (`Declared.mistake`)."""
    return Mistake(name, wrong, hint, source)


@dataclass(frozen=True)
class Mark:
    """What a decorator says of a function: of which exercise it is a known mistake or a right answer."""

    of: Declared
    function: Callable[..., Any]
    mistake: bool
    source: str = ""

    @property
    def name(self) -> str:
        """The name of the mistake: that of the function, or of the class, in words with hyphens."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", self.function.__name__).lower().strip("_").replace("_", "-")

    @property
    def hint(self) -> str:
        """The docstring as one line."""
        return " ".join(inspect.cleandoc(self.function.__doc__ or "").split())


MARKS = "__marks__"
"""The variable of a module in which its marks stand, in the order of the file."""

Wrong = TypeVar("Wrong", bound=Callable[..., Any])


class Declared:
    """An exercise of which functions further down can be a mistake or a right answer.

    The decorators leave the exercise as it is and return the function: they leave a mark in its module, and
    `course.content` finishes the exercise with all that is marked. Functions marked for two exercises may have one
    name in a file; nothing else may have it, since it would be replaced.
    """

    @overload
    def mistake(self, function: Wrong, /) -> Wrong: ...

    @overload
    def mistake(self, /, *, source: str) -> Callable[[Wrong], Wrong]: ...

    def mistake(self, function: Any = None, /, *, source: str = "") -> Any:
        """Mark a function as a known mistake: its name is the mistake's, with hyphens, its docstring the hint.

        ``source`` is that of `Mistake`. Raises ValueError for a function without a docstring.
        """
        if function is None:
            return functools.partial(self._mark, mistake=True, source=source)
        return self._mark(function, mistake=True)

    def right(self, function: Wrong, /) -> Wrong:
        """Mark a function as a right answer, written differently: it must earn full marks."""
        return self._mark(function, mistake=False)

    def _mark(self, function: Wrong, *, mistake: bool, source: str = "") -> Wrong:
        made = Mark(self, function, mistake, source)
        names = vars(sys.modules[function.__module__])
        marks: list[Mark] = names.setdefault(MARKS, [])
        there = names.get(function.__name__)
        if there is not None and all(there is not mark.function for mark in marks):
            raise ValueError(
                f"{function.__name__} is the name of something else in this file: call one of them otherwise"
            )
        if mistake and not made.hint:
            raise ValueError(f"{function.__name__}: a mistake needs a docstring: the hint, a question")
        re.compile(source)
        marks.append(made)
        return function


@dataclass(frozen=True)
class Exercise(Declared):
    """Both halves together. Give ``op`` (a rule's primitive in the engine) or ``reference`` (any pure function).

    ``cases`` are the hidden cases; ``shares`` what each check is worth besides the ``values`` gate, which gets the
    rest; ``rtol`` and ``floor`` widen the tolerance where an answer is an approximation, and ``unit`` is the size below
    which a function's answers are compared absolutely (1 - tanh(300)^2 is 0 in one form and 1e-260 in another);
    ``calls`` says how often each function argument must be called (argument name to count); ``answers`` are a predict
    exercise's right answers. ``prepare`` is called before the reference or a mistake is run here, each time.

    ``mistakes`` and ``right_answers`` (the same answer written in other ways, which must earn full marks) hold those
    that are short; the others are functions marked with `Declared.mistake` and `Declared.right`.
    """

    public: Public
    op: Primitive | None = None
    reference: Callable[..., Any] | None = None
    cases: tuple[Case, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    right_answers: tuple[Callable[..., Any], ...] = ()
    shares: Mapping[str, float] = field(default_factory=lambda: SHARES)
    rtol: float = RTOL
    floor: float = FLOOR
    unit: float = 1e-300
    calls: Callable[[Instance], Mapping[str, int]] | None = None
    answers: Mapping[str, Any] = field(default_factory=dict)
    prepare: Callable[[], None] | None = None

    def __post_init__(self) -> None:
        if isinstance(self.public, Rule):
            if self.op is None:
                raise ValueError(f"{self.name}: a rule needs its primitive (op=...)")
            check_cases(self.name, self.cases, self.public.inputs, tuple(self.public.params))
        elif isinstance(self.public, Function) and self.reference is None:
            raise ValueError(f"{self.name}: a function needs a reference")
        elif isinstance(self.public, Predict) and set(self.answers) != set(self.public.answers):
            raise ValueError(f"{self.name}: answers {sorted(self.answers)}, declared {sorted(self.public.answers)}")
        names = [case.name for case in self.cases]
        if len(set(names)) != len(names):
            raise ValueError(f"{self.name}: case names must differ, got {names}")

    def finished(self, marks: Iterable[Mark]) -> Exercise:
        """This exercise with the mistakes and right answers that were marked."""
        found = list(marks)
        if not found:
            return self
        mistakes = (Mistake(one.name, one.function, one.hint, one.source) for one in found if one.mistake)
        right = (one.function for one in found if not one.mistake)
        return replace(self, mistakes=(*self.mistakes, *mistakes), right_answers=(*self.right_answers, *right))

    @property
    def name(self) -> str:
        """The exercise's id."""
        return self.public.name

    @property
    def adapter(self) -> str:
        """The kit's adapter through which answers are called; empty for a plain call."""
        return self.public.adapter if isinstance(self.public, Function) else ""

    @cached_property
    def checks(self) -> Mapping[str, float]:
        """Every check of this exercise with its share of the points, ``values`` first; the shares sum to 1."""
        if isinstance(self.public, Predict):
            declared = self.public.answers
            return {part: 1.0 / len(declared) / max(len(declared[name].keys), 1) for part, name, _ in self.public.parts}
        present = {case.check for case in self.cases} | ({UNCHANGED} & set(self.shares))
        if self.calls is not None:
            present.add(CALLS)
        others = {name: share for name, share in self.shares.items() if name in present}
        unknown = present - set(others) - {VALUES}
        if unknown:
            raise ValueError(f"{self.name}: no share for checks {sorted(unknown)}")
        return {VALUES: round(1.0 - sum(others.values()), 10), **others}

    def answer_to(self, instance: Instance) -> tuple[Array | None, ...]:
        """The reference's answer to one instance: float64 arrays in order, None where nothing may arrive."""
        if self.op is not None:
            grad, output, *inputs = (np.asarray(value) for value in instance.args)
            return self.op.backward(grad, output, *inputs, **instance.kwargs)
        assert self.reference is not None
        if self.prepare is not None:
            self.prepare()
        args, kwargs = fresh(instance)
        with np.errstate(all="ignore"):
            got = adapted(self.adapter, self.reference)(*args, **kwargs)
        several = isinstance(self.public, Function) and len(self.public.results) > 1
        return tuple(
            None if part is None else np.array(part, dtype=np.float64) for part in (got if several else (got,))
        )

    def instance(self, case: Case, seed: Seed) -> Instance:
        """``case`` with its values drawn from ``seed``."""
        rng = generator(seed, self.name, case.name)
        if isinstance(self.public, Rule):
            assert self.op is not None
            return self.public.instance(case, rng, self.op.forward)
        assert isinstance(self.public, Function)
        return self.public.instance(case, rng)

    def expect(
        self,
        only: str | None = None,
        *,
        seed: Seed,
        known: Mapping[str, tuple[Array | None, ...]] | None = None,
        draws: Sequence[str] = DRAWS,
        drawn: Sequence[ExpectedCase] = (),
    ) -> Expected:
        """Everything the judge needs to know, for one case or for all: inputs, right answers, tolerances.

        Each case is drawn twice: ``kept``, of which feedback never shows a value, and ``shown`` (not for large cases).
        ``known`` are answers of `answer_to` for the same seed, by label: they are not worked out again.
        ``draws`` may leave one of the two out; ``drawn`` are cases that were built before, for the same seed.
        """
        if isinstance(self.public, Predict):
            cases = tuple(
                ExpectedCase(name, "kept", VALUES, None, (), 1.0) for name in self.answers if only in (None, name)
            )
            return Expected(self, cases)
        built: list[ExpectedCase] = []
        before = {one.label: one for one in drawn}
        for case in self.cases:
            if only not in (None, case.name):
                continue
            for draw in draws:
                if draw == "shown" and not case.shown:
                    continue
                if (one := before.get(f"{case.name}/{draw}")) is not None:
                    built.append(one)
                    continue
                instance = self.instance(case, derive(seed, draw))
                arrays = (known or {}).get(f"{case.name}/{draw}")
                if arrays is None:
                    arrays = self.answer_to(instance)
                scale = self._scale(instance, arrays)
                one = ExpectedCase(
                    case.name, draw, case.check, instance, arrays, scale, self.adapter, self.rtol, self.floor
                )
                built.append(one)
        if not built:
            raise KeyError(f"{self.name} has no case {only!r}")
        return Expected(self, tuple(built))

    def _scale(self, instance: Instance, arrays: Sequence[Array | None]) -> float:
        """The case's own size: of the upstream gradient for a rule, of the finite answers for a function."""
        of = [instance.args[0]] if isinstance(self.public, Rule) else [a for a in arrays if a is not None]
        finite = [float(np.abs(a[np.isfinite(a)]).max(initial=0.0)) for a in map(np.asarray, of)]
        return max([*finite, self.unit])


@dataclass(frozen=True)
class Reused(Declared):
    """An exercise of another assignment, asked again: see `reuse`."""

    assignment: str
    name: str
    public: Public | None
    without: frozenset[str]

    def exercise(self, earlier: Exercise) -> Exercise:
        """The earlier exercise as it is asked again."""
        again = replace(
            earlier,
            public=self.public or earlier.public,
            cases=tuple(case for case in earlier.cases if case.name not in self.without),
        )
        if not self.without:
            return again
        left = [again.expect(case.name, seed=0, draws=("kept",)).cases[0] for case in _cheapest_first(again.cases)]
        shown = (one for one in again.mistakes if any(one.shows_in(case, again) for case in left))
        return replace(again, mistakes=tuple(shown))


def _cheapest_first(cases: Iterable[Case]) -> list[Case]:
    return sorted(cases, key=lambda case: case.check == COST)


def reuse(assignment: str, name: str, *, public: Public | None = None, without: Iterable[str] = ()) -> Reused:
    """The exercise ``name`` of another assignment, asked again.

    ``public`` is its public half here, if it differs; ``without`` names hidden cases that are left out, and with them
    the mistakes that no other case exposes. Mistakes and right answers come along; more of them can be marked.
    """
    return Reused(assignment, name, public, frozenset(without))


@dataclass(frozen=True)
class ExpectedCase:
    """One drawn case with its right answer. ``label`` is what the box sees: it says nothing about the answer."""

    name: str
    draw: str
    check: str
    instance: Instance | None
    arrays: tuple[Array | None, ...]
    scale: float
    adapter: str = ""
    rtol: float = RTOL
    floor: float = FLOOR

    @cached_property
    def room(self) -> tuple[Array | None, ...]:
        """How far each entry may be off, as in ``ladder.compare``; None where that does not say it all."""
        return tuple(
            None if want is None or not np.isfinite(want).all() else self.floor * self.scale + self.rtol * np.abs(want)
            for want in self.arrays
        )

    @cached_property
    def label(self) -> str:
        """The key under which the box answers."""
        return self.name if self.instance is None else f"{self.name}/{self.draw}"


@dataclass(frozen=True)
class Expected:
    """All drawn cases of one exercise, and what each known mistake would answer."""

    exercise: Exercise
    cases: tuple[ExpectedCase, ...]

    @cached_property
    def known(self) -> dict[bytes, Any]:
        """What the judge remembers about replies to these cases, by their form."""
        return {}

    @cached_property
    def kept(self) -> Expected:
        """The cases that no feedback shows, which an answer must pass in any case."""
        kept = Expected(self.exercise, tuple(case for case in self.cases if case.draw == "kept"))
        vars(kept)["_wrong"] = self._wrong  # what a mistake answers to a case is the same here and there
        return kept

    def wrong(self, mistake: Mistake, case: ExpectedCase) -> Returned:
        """What ``mistake`` answers to ``case``: made when first asked for, and used for every submission."""
        key = mistake.name, case.label
        if key not in self._wrong:
            self._wrong[key] = mistake.answer_to(case, self.exercise)
        return self._wrong[key]

    @cached_property
    def _wrong(self) -> dict[tuple[str, str], Returned]:
        return {}


def fresh(instance: Instance) -> tuple[list[Any], dict[str, Any]]:
    """The instance's arguments as an answer receives them: copies with the same memory layout, functions built."""
    copies = [_copy(value) for value in instance.args]
    return copies, {name: _copy(value) for name, value in instance.kwargs.items()}


def _copy(value: Any) -> Any:
    if isinstance(value, Named):
        return value.build()
    if isinstance(value, (list, tuple)):
        return type(value)(_copy(part) for part in value)
    if isinstance(value, dict):
        return {name: _copy(part) for name, part in value.items()}
    return copy.deepcopy(value)


def answer_with(function: Callable[..., Any], case: ExpectedCase) -> Returned:
    """Call ``function`` on a copy of ``case``, as the box would: for known mistakes, never for a student's code."""
    assert case.instance is not None
    args, kwargs = fresh(case.instance)
    try:
        with np.errstate(all="ignore"):
            value = adapted(case.adapter, function)(*args, **kwargs)
    except Exception as error:
        return Returned(case.label, "raised", raised=Raised(type(error).__name__, str(error)))
    changed = tuple(
        str(index)
        for index, (now, then) in enumerate(zip(args, case.instance.args, strict=True))
        if isinstance(then, (np.ndarray, list, tuple, dict)) and differs(now, then)
    )
    return Returned(case.label, value=copy.deepcopy(value), changed=changed)


def derive(seed: Seed, *words: str) -> bytes:
    """HMAC-SHA256 of ``words`` under ``seed``: a seed for one purpose that tells nothing about another's."""
    key = seed if isinstance(seed, bytes) else str(seed).encode()
    return hmac.new(key, "\x1f".join(words).encode(), hashlib.sha256).digest()


def generator(seed: Seed, *words: str) -> np.random.Generator:
    """A NumPy generator for one exercise and case."""
    return np.random.default_rng(int.from_bytes(derive(seed, *words), "big"))
