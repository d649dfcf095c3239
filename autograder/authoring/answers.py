"""What becomes of answers: mistakes are caught and told apart, right answers are right, nearly right ones are not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograder.authoring.mistakes import problems_of, written
from autograder.authoring.problems import Places, Problem
from autograder.boundary.job import Returned
from autograder.course.declare import CALLS, SHARES, VALUES, Exercise, Expected, ExpectedCase, answer_with
from autograder.judging import judge
from autograder.kit.checking import report_on
from autograder.kit.declare import Function, Predict, Rule

SLIGHTLY = 1.001
COARSE = 1e-4
"""From this tolerance on, an answer that is off by a thousandth may be right."""


def check_cases(places: Places, exercise: Exercise) -> Iterator[Problem]:
    """Public and hidden cases as they should be, and every check with a share of its own has one."""
    public, name = exercise.public, exercise.name
    where = places.exercise(name)
    if not public.statement:
        yield Problem(where, f"{name} has no statement", "Say in a sentence what is asked")
    if isinstance(public, Predict):
        return
    asked = public.cases if isinstance(public, Rule) else (*public.stored, *public.properties)
    if not asked:
        yield Problem(where, f"{name} has no public case", "Add one: students' own check runs on those alone")
    checks = {case.check for case in exercise.cases}
    if VALUES not in checks:
        yield Problem(where, f"{name} has no hidden case in the check `values`, and without it nothing earns points",
                      "Add one: plain inputs")  # fmt: skip
    for check in sorted({*exercise.shares} - {*exercise.checks} - {*SHARES}):
        yield Problem(where, f"{name} gives a share to the check `{check}`, which has no case",
                      "Add a case of that check, or take the share out")  # fmt: skip


def check_mistakes(places: Places, exercise: Exercise, expected: Expected) -> Iterator[Problem]:
    """Each known mistake is exposed by a case, differs from the others, and earns its own hint, a question."""
    for said in problems_of(exercise, places.file(exercise.name), expected):
        where, _, wrong = said.partition(": ")
        yield Problem(places.shown(where), wrong)
    for mistake in exercise.mistakes:
        answers = [expected.wrong(mistake, case) for case in expected.cases]
        verdict = judge(exercise, expected, answers, written(mistake, exercise))
        hint = verdict.hint.name if verdict.hint else ""
        if verdict.fraction < 1 and hint != mistake.name:
            told = f"is told as {hint}" if hint else "earns no hint"
            if raised := next((answer.raised for answer in answers if answer.raised), None):
                told += f"; it raised {raised.type}: {raised.message}"
            yield Problem(
                places.function(mistake.wrong, places.case(exercise.name, mistake.name)),
                f"{exercise.name}: the mistake {mistake.name} is caught and {told}",
                "Add a case that tells the two apart, or take one out",
            )


def check_right_answers(places: Places, exercise: Exercise, expected: Expected) -> Iterator[Problem]:
    """The reference and each right answer have full marks, and pass the check that students run."""
    others = ((_called(one), one) for one in exercise.right_answers)
    for name, answer in (("the reference", _reference(exercise)), *others):
        where = places.function(answer, places.exercise(exercise.name))
        told = f"{exercise.name}, {name}"
        if answer is not None:
            got = [answer_with(answer, case) for case in expected.cases]
            verdict = judge(exercise, expected, got)
            if failed := [check.name for check in verdict.checks if not check.passed and check.name != CALLS]:
                wrong = f"not right in {', '.join(failed)} ({verdict.message})"
                yield Problem(where, f"{told}: {wrong}", "Mend it, or the cases")
        report = report_on(exercise.public, answer, exercise.answers)
        if not report.passed:
            yield Problem(where, f"{told}: the public check does not pass it: {report.summary}",
                          "Mend the public cases; `autograder verify --write` renews stored answers")  # fmt: skip


def check_nearly_right(places: Places, exercise: Exercise, expected: Expected) -> Iterator[Problem]:
    """What is right but for a thousandth earns nothing."""
    if isinstance(exercise.public, Predict) or exercise.rtol > COARSE:
        return
    if not any(np.any(part) for case in expected.cases for part in case.arrays if part is not None):
        return  # the right answer is 0, and so is a thousandth more
    verdict = judge(exercise, expected, [_scaled(exercise, case) for case in expected.cases])
    if verdict.fraction > 0:
        yield Problem(
            places.exercise(exercise.name), f"{exercise.name}: an answer that is off by a thousandth earns points",
            "Add plain hidden cases, or narrow the tolerance",
        )  # fmt: skip


def _reference(exercise: Exercise) -> Callable[..., Any] | None:
    """What the grader itself answers; None for a prediction, of which the answers are declared."""
    op = exercise.op
    if op is None:
        return exercise.reference

    def by_reference(grad: Any, output: Any, *inputs: Any, **params: Any) -> Any:
        found = op.backward(grad, output, *inputs, **params)
        return found if len(found) > 1 else found[0]

    return by_reference


def _called(answer: Callable[..., Any]) -> str:
    name = getattr(answer, "__name__", "")
    return f"the right answer {name}" if name.isidentifier() else "a right answer"


def _scaled(exercise: Exercise, case: ExpectedCase) -> Returned:
    parts = tuple(None if part is None else np.asarray(part) * SLIGHTLY for part in case.arrays)
    single = len(parts) == 1 and not (isinstance(exercise.public, Function) and len(exercise.public.results) > 1)
    return Returned(case.label, value=parts[0] if single else parts)
