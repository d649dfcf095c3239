"""Diagnosis: which known mistake gives exactly these arrays, and what can be said when none does. Never a guess."""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograder.boundary.job import Opaque, Returned
from autograder.course.declare import Exercise, Expected, ExpectedCase, Mistake
from autograder.judging.source import normalised
from autograder.judging.verdict import Hint
from autograder.kit.declare import Rule
from autograder.kit.ladder import Finding, as_real_array, differing, split
from autograder.kit.several import joined
from autograder.kit.structure import FEW, Observation, explain, locate


class Fit(enum.Enum):
    """How well a known mistake explains what came back."""

    NOT = "not"
    ERRORS = "errors"  # the same error in every case, and nothing else came back: many a mistake ends so
    ARRAYS = "arrays"  # the same arrays wherever there are any


def diagnose(
    expected: Expected,
    answers: Mapping[str, Returned],
    findings: Mapping[str, Finding | None],
    source: str = "",
) -> Hint | None:
    """The hint for one failed exercise: the bank first, then the structural tests, else None.

    ``findings`` maps each case's label to its failed rung, None where the answer was right. ``source`` is what the
    student wrote: where several mistakes fit equally well, the one whose pattern it holds is meant. An error in every
    case is explained only by a mistake whose pattern is found.
    """
    fitting = fitting_mistakes(expected, answers, findings, source)
    if len(fitting) == 1:
        return Hint(fitting[0].name, fitting[0].hint, "bank")
    structural = explain(observations(expected, answers, findings))
    if structural is None:
        return None
    return Hint(structural.name, structural.text, "structure")


def fitting_mistakes(
    expected: Expected,
    answers: Mapping[str, Returned],
    findings: Mapping[str, Finding | None],
    source: str = "",
) -> list[Mistake]:
    """The known mistakes that explain what came back, narrowed down by ``source`` where several do."""
    arrays, errors = alike(expected, answers, findings)
    if len(arrays) == 1:
        return arrays
    return _written(arrays or errors, source) or arrays


def alike(
    expected: Expected, answers: Mapping[str, Returned], findings: Mapping[str, Finding | None]
) -> tuple[list[Mistake], list[Mistake]]:
    """The known mistakes that give the same arrays, and those that give the same errors and nothing else."""
    fits = {m.name: _fit(expected, m, answers, findings) for m in expected.exercise.mistakes}
    arrays, errors = (
        [m for m in expected.exercise.mistakes if fits[m.name] is fit] for fit in (Fit.ARRAYS, Fit.ERRORS)
    )
    return arrays, errors


def where(expected: Expected, answers: Mapping[str, Returned], findings: Mapping[str, Finding | None]) -> str:
    """Where the answers are wrong, for when nothing says why: entries, results, cases. Facts, and never a guess."""
    if all(got is not None and got.status == "returned" for got in map(answers.get, findings)) and not any(
        findings.values()
    ):
        return "Every value that came back is right."
    names = list(dict.fromkeys(case.name for case in expected.cases))
    raised = list(dict.fromkeys(case.name for case in expected.cases if _status(answers, case) == "raised"))
    sentences = [locate(observations(expected, answers, findings)) or ""]
    if raised and len(raised) == len(names):
        sentences = ["The call raised an error in every case."]
    elif raised and len(raised) <= FEW:
        called = joined([f"'{name}'" for name in raised])
        sentences.append(f"The call raised an error in the case{'s' if len(raised) > 1 else ''} {called}.")
    elif raised:
        sentences.append(f"The call raised an error in {len(raised)} of the {len(names)} cases.")
    return " ".join(filter(None, sentences))


def _status(answers: Mapping[str, Returned], case: ExpectedCase) -> str:
    got = answers.get(case.label)
    return got.status if got else "missing"


def _written(pool: Sequence[Mistake], source: str) -> list[Mistake]:
    """The mistakes among ``pool`` whose pattern occurs in the student's source."""
    asked = [mistake for mistake in pool if mistake.source]
    text = normalised(source) if asked else ""
    return [mistake for mistake in asked if text and re.search(mistake.source, text)]


def observations(
    expected: Expected, answers: Mapping[str, Returned], findings: Mapping[str, Finding | None]
) -> list[Observation]:
    """The answered cases in the form that the structural tests take."""
    exercise = expected.exercise
    seen = []
    for case in expected.cases:
        got = answers.get(case.label)
        if got is None or got.status != "returned" or isinstance(got.value, Opaque) or case.instance is None:
            continue
        if all(array is None for array in case.arrays):
            continue  # relations are between arrays
        seen.append(
            Observation(
                case=case.name,
                check=case.check,
                arguments=case.instance.named(),
                names=tuple(getattr(exercise.public, "results", ("result",))),
                expected=case.arrays,
                returned=got.value,
                right=findings[case.label] is None,
                scale=case.scale,
                rule=isinstance(exercise.public, Rule),
                rtol=exercise.rtol,
                floor=exercise.floor,
            )
        )
    return seen


def _fit(
    expected: Expected, mistake: Mistake, answers: Mapping[str, Returned], findings: Mapping[str, Finding | None]
) -> Fit:
    """How well ``mistake`` explains the answers: it must give the student's arrays on every case that returned.

    Where the student's call raised, the mistake must raise too; at least one failing case must agree in its arrays
    (or, where all values are right, in the inputs that were changed). Where nothing but raising went wrong and some
    cases are right, the same errors in the same cases agree as well: a recursion that is too deep, a division by zero.
    Where every case raised the same type of error, that alone does not tell one mistake from another.
    """
    agreed = right = False
    errors: set[bool] = set()
    for case in expected.cases:
        got = answers.get(case.label)
        if got is None:
            return Fit.NOT
        wrong = expected.wrong(mistake, case)
        if sorted(got.changed) != sorted(wrong.changed) and got.status == wrong.status == "returned":
            return Fit.NOT
        if got.status != "returned" or wrong.status != "returned":
            if got.status != wrong.status:
                return Fit.NOT
            errors.add(got.raised is not None and wrong.raised is not None and got.raised.type == wrong.raised.type)
            continue
        if not same_arrays(expected.exercise, case, got.value, wrong.value):
            return Fit.NOT
        agreed = agreed or findings[case.label] is not None or bool(got.changed)
        right = right or findings[case.label] is None
    if agreed or (right and errors == {True}):
        return Fit.ARRAYS
    return Fit.ERRORS if errors == {True} else Fit.NOT


def same_arrays(exercise: Exercise, case: ExpectedCase, got: Any, wrong: Any) -> bool:
    """Whether two returned values hold the same arrays, shapes included, to the exercise's tolerance."""
    mine, theirs = _arrays(got, case), _arrays(wrong, case)
    if mine is None or theirs is None:
        # a text is a note of the adapter: what it says must be the same
        return (
            mine is None and theirs is None and type(got) is type(wrong) and (not isinstance(got, str) or got == wrong)
        )
    if len(mine) != len(theirs):
        return False
    for a, b in zip(mine, theirs, strict=True):
        if a is None or b is None:
            if a is not b:
                return False
            continue
        if a.shape != b.shape:
            return False
        if differing(
            a, b.astype(np.float64), scale=case.scale, rtol=max(exercise.rtol, 1e-9), floor=exercise.floor
        ).any():
            return False
    return True


def _arrays(value: Any, case: ExpectedCase) -> Sequence[np.ndarray[Any, Any] | None] | None:
    """The returned value as arrays (None among them stays None), None where it is not made of them."""
    parts = split(value, case.arrays)
    if isinstance(parts, Finding):
        parts = list(value) if isinstance(value, (tuple, list)) else [value]
    arrays = [None if part is None else as_real_array(part) for part in parts]
    if any(isinstance(array, str) for array in arrays):
        return None
    return [array for array in arrays if not isinstance(array, str)]
