"""The diagnosis measured: known mistakes, mutated references, answers that fit nothing, and right answers."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.boundary.job import Returned
from autograder.course.declare import CALLS, Exercise, Expected, ExpectedCase
from autograder.judging._judge import findings_of, judge
from autograder.judging.diagnosis import alike, fitting_mistakes, observations, where
from autograder.judging.mutants import Array, Mutant, Results, as_value, mutants
from autograder.judging.verdict import Status
from autograder.kit.declare import Predict
from autograder.kit.structure import explain

NOISE = 1e-13  # relative: what another order of summation leaves
BANK, UNKNOWN = "bank", "in no bank"


@dataclass(frozen=True)
class Trial:
    """What the diagnosis said of one wrong answer.

    ``family`` is "bank", "in no bank" or a mutant's. ``hint`` is what a student is told, ``source`` the layer that it
    comes from; ``fits`` are the known mistakes that what came back does not tell apart; ``structural`` and ``where``
    are what is said with the bank switched off. ``truths`` are the structural findings that describe the answer, None
    where none were written down.
    """

    exercise: str
    name: str
    family: str
    caught: bool
    hint: str
    source: str
    fits: tuple[str, ...]
    structural: str
    where: str
    rung: str
    truths: frozenset[str] | None = None
    arrays: bool = True  # predictions are words and numbers: they have no structure

    @property
    def named(self) -> bool:
        """A known mistake that was diagnosed as itself."""
        return self.family == BANK and self.hint == self.name

    @property
    def ambiguous(self) -> bool:
        """Several known mistakes give what came back: only the student's source can tell which was made."""
        return len(self.fits) > 1

    @property
    def false(self) -> bool:
        """A hint that does not describe the answer."""
        if self.family == BANK:
            return self.source == BANK and self.hint != self.name
        if self.family == UNKNOWN:
            return self.source == BANK or self._untrue
        return self.source == BANK and not self.fits

    @property
    def _untrue(self) -> bool:
        """A relation that is not among the truths. Which results, entries, cases are right is counted: always true."""
        if not self.structural or self.truths is None or self.structural in self.truths:
            return False
        return not self.structural.startswith("only-") and self.structural not in ("some-right", "right-once")

    @property
    def otherwise(self) -> bool:
        """A structural finding other than those written down for this mutation: true, perhaps, but to be read."""
        return self.family not in (BANK, UNKNOWN) and self._untrue


@dataclass(frozen=True)
class Right:
    """What was said of one right answer: it must pass, and nothing may be found."""

    exercise: str
    form: str
    passed: bool
    said: str


@dataclass(frozen=True)
class Measured:
    """All trials of one exercise. ``equivalent`` counts mutants that are the reference on every case."""

    exercise: str
    trials: tuple[Trial, ...]
    right: tuple[Right, ...]
    equivalent: int = 0


def measure(expected: Expected, sources: Mapping[str, str] | None = None) -> Measured:
    """Everything the self-test asks of one exercise. ``sources``: known mistake to how a student would write it."""
    exercise = expected.exercise
    trials = [
        try_answers(expected, m.name, BANK, m.answer(expected), source=(sources or {}).get(m.name, ""))
        for m in exercise.mistakes
    ]
    equivalent = 0
    for mutant in mutants(exercise):
        answers = mutant.answers(expected)
        if answers is None:
            equivalent += 1
        else:
            trials.append(try_answers(expected, mutant.name, mutant.family, answers, mutant.truths))
    if not isinstance(exercise.public, Predict):
        for mutant in unknown(exercise):
            answers = mutant.answers(expected)
            if answers is not None:
                trials.append(try_answers(expected, mutant.name, UNKNOWN, answers, mutant.truths))
    right = tuple(try_right(expected, form, answers) for form, answers in right_answers(expected))
    return Measured(exercise.name, tuple(trials), right, equivalent)


def try_answers(
    expected: Expected,
    name: str,
    family: str,
    given: Sequence[Returned],
    truths: frozenset[str] | None = None,
    source: str = "",
) -> Trial:
    """Judge one wrong answer, and diagnose it once more with the bank switched off."""
    verdict = judge(expected.exercise, expected, given, source)
    fits: tuple[str, ...] = ()
    structural = place = ""
    if not isinstance(expected.exercise.public, Predict):
        answers = {got.case: got for got in given}
        findings = findings_of(expected, answers)
        with np.errstate(all="ignore"):
            arrays, errors = alike(expected, answers, findings)
            fits = tuple(mistake.name for mistake in arrays or errors)
            found = explain(observations(expected, answers, findings))
            structural, place = (found.name, "") if found else ("", where(expected, answers, findings))
    return Trial(
        exercise=expected.exercise.name,
        name=name,
        family=family,
        caught=verdict.fraction < 1,
        hint=verdict.hint.name if verdict.hint else "",
        source=verdict.hint.source if verdict.hint else "",
        fits=fits,
        structural=structural,
        where=place,
        rung=verdict.rung,
        truths=truths,
        arrays=not isinstance(expected.exercise.public, Predict),
    )


def try_right(expected: Expected, form: str, given: Sequence[Returned]) -> Right:
    """Judge one right answer, and ask both layers of the diagnosis for what they find in it."""
    verdict = judge(expected.exercise, expected, given)
    # how often a function was called is seen only in the box
    passed = verdict.status is Status.PASSED or all(c.passed for c in verdict.checks if c.name != CALLS)
    said = verdict.hint.name if verdict.hint else "" if passed else verdict.where
    if not said and not isinstance(expected.exercise.public, Predict):
        answers = {got.case: got for got in given}
        findings = findings_of(expected, answers)
        found = explain(observations(expected, answers, findings))
        mistakes = [mistake.name for mistake in fitting_mistakes(expected, answers, findings)]
        said = found.name if found else ", ".join(mistakes)
    return Right(expected.exercise.name, form, passed, said)


def right_answers(expected: Expected) -> Iterator[tuple[str, tuple[Returned, ...]]]:
    """The right answer in every form in which it may come back."""
    exercise = expected.exercise
    if isinstance(exercise.public, Predict):
        yield "as declared", tuple(Returned(name, value=value) for name, value in exercise.answers.items())
        return
    for form, change in FORMS:
        yield form, tuple(Returned(case.label, value=as_value(_formed(case, change))) for case in expected.cases)
    if all(len(case.arrays) > 1 for case in expected.cases):
        yield "a list", tuple(Returned(case.label, value=list(case.arrays)) for case in expected.cases)


def _formed(case: ExpectedCase, change: Callable[[Array, np.random.Generator], Any]) -> list[Any]:
    rng = np.random.default_rng(zlib.crc32(case.label.encode()))
    return [None if array is None else change(array, rng) for array in case.arrays]


def _rounded(array: Array, rng: np.random.Generator) -> Array:
    with np.errstate(all="ignore"):
        return np.asarray(array * (1 + NOISE * rng.standard_normal(array.shape)))


def _listed(array: Array, _: np.random.Generator) -> Any:
    return array.tolist() if array.size else array


FORMS: tuple[tuple[str, Callable[[Array, np.random.Generator], Any]], ...] = (
    ("as it is", lambda array, rng: array),
    ("rounded otherwise", _rounded),
    ("nested lists", _listed),
    ("in Fortran's order", lambda array, rng: np.array(array, order="F")),
)


def unknown(exercise: Exercise) -> tuple[Mutant, ...]:
    """Wrong answers without a reason, of which no more can be said than where they are wrong."""
    nothing: frozenset[str] = frozenset()
    found = [
        Mutant("random numbers", UNKNOWN, _noisy(lambda which, case: True), nothing),
        Mutant("random in every second case", UNKNOWN, _noisy(_every_second), nothing),
        Mutant("one entry off", UNKNOWN, _one_off, nothing),
        Mutant("bent", UNKNOWN, _bent, nothing),
    ]
    if len(getattr(exercise.public, "results", ())) > 1:
        found.append(Mutant("first result random", UNKNOWN, _noisy(lambda which, case: which == 0), nothing))
        found.append(Mutant("last result right", UNKNOWN, _noisy(_all_but_last), nothing))
    return tuple(found)


def _every_second(which: int, case: ExpectedCase) -> bool:
    return bool(zlib.crc32(case.name.encode()) % 2)


def _all_but_last(which: int, case: ExpectedCase) -> bool:
    return which < len(case.arrays) - 1


def _noisy(chosen: Callable[[int, ExpectedCase], bool]) -> Callable[[Exercise, ExpectedCase], Results]:
    """Normal numbers of the right size in the place of the results chosen."""

    def wrong(exercise: Exercise, case: ExpectedCase) -> Results:
        rng = np.random.default_rng(zlib.crc32(f"{exercise.name}/{case.label}".encode()))
        return [
            array
            if array is None or not chosen(which, case)
            else np.asarray(rng.standard_normal(array.shape) * _size(array))
            for which, array in enumerate(case.arrays)
        ]

    return wrong


def _size(array: Array) -> float:
    finite = np.abs(array[np.isfinite(array)])
    return float(finite.max(initial=0.0)) or 1.0


def _one_off(exercise: Exercise, case: ExpectedCase) -> Results:
    """One entry of the first result that has any, another one in each case."""
    done = [None if array is None else np.array(array) for array in case.arrays]
    rng = np.random.default_rng(zlib.crc32(case.label.encode()))
    for array in done:
        if array is not None and array.size:
            array.flat[rng.integers(array.size)] += rng.uniform(0.3, 0.7) * _size(array)
            break
    return done


def _bent(exercise: Exercise, case: ExpectedCase) -> Results:
    """Every entry off by a factor of its own."""
    rng = np.random.default_rng(zlib.crc32(f"bent/{case.label}".encode()))
    return [None if a is None else np.asarray(a * (1 + 0.3 * rng.standard_normal(a.shape))) for a in case.arrays]
