"""The judge: what came back from the box against what the authorities say, and nothing else."""

from __future__ import annotations

import traceback
from collections.abc import Mapping, Sequence

import numpy as np

from autograder.boundary.job import Opaque, Reply, Returned
from autograder.course.declare import CALLS, COST, STABILITY, UNCHANGED, VALUES, Exercise, Expected, ExpectedCase
from autograder.judging import known
from autograder.judging.diagnosis import diagnose, where
from autograder.judging.predictions import judge_answers
from autograder.judging.verdict import CheckResult, Hint, Shown, Status, Verdict
from autograder.kit.declare import Predict
from autograder.kit.ladder import Finding, compare, type_text

RUNGS = ("missing", "raised", "type", "count", "shape", "value")
NO_REPLY = "the box gave no answer"
NOT_COMPARABLE = "what came back is no usual number or array of numbers, so it could not be compared"


def judge(
    exercise: Exercise,
    expected: Expected,
    returned: Sequence[Returned] | Reply | None,
    source: str = "",
    *,
    explained: bool = True,
) -> Verdict:
    """The verdict on one exercise; where it is not wanted ``explained``, what is wrong stays unsaid.

    ``expected`` comes from ``exercise.expect``; ``returned`` holds what the box sent, in any order. A case without an
    answer is a failed case: points come only from answers that are right.
    ``source`` is what the student wrote: it may choose between hints that fit equally well, and nothing else.

    Never raises. An answer on which judging fails is not right, if right answers are judged as they should be: no
    answer makes its own verdict INTERNAL. Only where those fail too the fault is ours.
    """
    try:
        return _judged(exercise, expected, returned, source, explained=explained)
    except Exception as error:
        return _not_judged(exercise, expected, error)


def _not_judged(exercise: Exercise, expected: Expected, error: Exception) -> Verdict:
    """The verdict where judging failed: on this answer alone, or on the right answers too."""
    try:
        ours = _judged(exercise, expected, right_answers(expected)).status is not Status.PASSED
    except Exception:
        ours = True
    if ours:
        place = traceback.extract_tb(error.__traceback__)[-1]
        detail = f"{type(error).__name__} in {place.filename.rpartition('/')[2]}, line {place.lineno}"
        return Verdict(exercise.name, Status.INTERNAL, message=f"the grader could not judge this exercise: {detail}")
    checks = tuple(CheckResult(name, share, False) for name, share in exercise.checks.items())
    return Verdict(exercise.name, Status.FAILED, checks, "type", NOT_COMPARABLE)


def right_answers(expected: Expected) -> list[Returned]:
    """What a right submission sends back for every case of ``expected``."""
    exercise = expected.exercise
    if isinstance(exercise.public, Predict):
        return [Returned(name, value=answer) for name, answer in exercise.answers.items()]
    answers = []
    for case in expected.cases:
        assert case.instance is not None
        value = case.arrays if len(case.arrays) > 1 else case.arrays[0]
        calls = exercise.calls(case.instance) if exercise.calls else {}
        answers.append(Returned(case.label, value=value, calls=calls))
    return answers


def _judged(
    exercise: Exercise,
    expected: Expected,
    returned: Sequence[Returned] | Reply | None,
    source: str = "",
    *,
    explained: bool = True,
) -> Verdict:
    reply = returned if isinstance(returned, Reply) else Reply(exercise.name, returned or ())
    if checks := known.passed(expected, reply):
        assert reply.burst is not None
        return Verdict(exercise.name, Status.PASSED, checks, cpu_seconds=reply.burst.cpu)
    answers = {got.case: got for got in reply.returned}
    if isinstance(exercise.public, Predict):
        return judge_answers(exercise, exercise.public, expected, answers)
    findings = findings_of(expected, answers)
    checks = _checks(exercise, expected, answers, findings)
    gate = checks[0]
    cpu = sum(got.cpu for got in answers.values())
    if all(check.passed for check in checks):
        known.remember(expected, reply, checks)
        return Verdict(exercise.name, Status.PASSED, checks, cpu_seconds=cpu)
    if not explained:
        return Verdict(exercise.name, Status.PARTIAL if gate.passed else Status.FAILED, checks, cpu_seconds=cpu)
    worst = _to_show(expected, findings)
    finding = findings[worst.label] if worst else None
    blame = answers.get(worst.label) if worst else None
    status = Status.PARTIAL if gate.passed else Status.FAILED
    hint, place = _told(expected, answers, findings, source)
    raised = blame.raised if blame and finding and finding.rung in ("raised", "missing") else None
    may_print = worst is not None and worst.draw == "shown"
    return Verdict(
        exercise=exercise.name,
        status=status,
        checks=checks,
        rung=finding.rung if finding else "",
        message=finding.message if finding and may_print else _kept_message(finding, checks),
        hint=hint,
        shown=Shown(worst.name, _arguments(worst), finding) if worst and finding and may_print else None,
        student_text=f"{raised.type}: {raised.message}" if raised and may_print else "",
        cell=raised.cell if raised else None,
        line=raised.line if raised else None,
        cpu_seconds=cpu,
        where=place,
        printed=blame.stdout if blame and may_print else "",
    )


def findings_of(expected: Expected, answers: Mapping[str, Returned]) -> dict[str, Finding | None]:
    """The first failed rung of every case by its label, None where the values are right."""
    with np.errstate(all="ignore"):
        return {case.label: _finding(expected.exercise, case, answers.get(case.label)) for case in expected.cases}


def _finding(exercise: Exercise, case: ExpectedCase, got: Returned | None) -> Finding | None:
    """The first failed rung for one case, None if its values are right."""
    if got is None:
        return Finding("missing", NO_REPLY)
    if got.status == "missing":
        return Finding("missing", f"{exercise.name} is not defined when the notebook has run from top to bottom")
    if got.status == "raised":
        return Finding("raised", f"the call raised {'an error' if got.raised is None else 'the error shown below'}")
    if got.status == "unreadable" or isinstance(got.value, Opaque):
        kind = type_text(got.value) if isinstance(got.value, Opaque) else "something"
        return Finding("type", f"got {kind}, which is not an array of numbers")
    if known.plainly_right(got.value, case):
        return None
    names = getattr(exercise.public, "results", ("result",))
    return compare(got.value, case.arrays, names, scale=case.scale, rtol=exercise.rtol, floor=exercise.floor)


def _checks(
    exercise: Exercise,
    expected: Expected,
    answers: Mapping[str, Returned],
    findings: Mapping[str, Finding | None],
) -> tuple[CheckResult, ...]:
    """Every check with whether it passed, the gate first; behind a closed gate the others earn nothing."""
    results: list[CheckResult] = []
    for name, share in exercise.checks.items():
        if name == UNCHANGED:
            failed = [case for case in expected.cases if changed_in(exercise, case, answers.get(case.label))]
            message = "an argument was changed in place: {case}"
            # an answer that never came back says nothing about its inputs
            unanswered = not any(got.status == "returned" for got in answers.values())
        elif name == CALLS:
            failed, message, unanswered = (
                _miscounted(exercise, expected, answers),
                "wrong number of calls: {case}",
                False,
            )
        else:
            about = [case for case in expected.cases if case.check == name]
            failed = [case for case in about if findings[case.label] is not None]
            message, unanswered = _check_message(name), name == COST and not about
        case = failed[0].name if failed else ""
        passed = not failed and not unanswered
        if unanswered and not failed:
            message = "nothing came back that would tell"
        elif name == COST and not results[0].passed:
            message = "counts once the values are right"
        results.append(CheckResult(name, share, passed, "" if passed else message.format(case=case), case))
    return tuple(results)


def changed_in(exercise: Exercise, case: ExpectedCase, got: Returned | None) -> bool:
    """Whether an argument came back different that is not there to be changed."""
    if got is None or not got.changed or case.instance is None:
        return False
    allowed = {str(case.instance.labels.index(name)) for name in getattr(exercise.public, "changes", ())}
    return bool(set(got.changed) - allowed)


def _check_message(name: str) -> str:
    if name == COST:
        return (
            "on a large input there was no right answer within the limits of memory and time. The full Jacobian of "
            "this input does not fit: does the rule build it, or loop over pairs of entries?"
        )
    if name == STABILITY:
        return "extreme magnitudes: {case}"
    return "{case}"


def _miscounted(exercise: Exercise, expected: Expected, answers: Mapping[str, Returned]) -> list[ExpectedCase]:
    """The cases in which a function argument was not called as often as declared."""
    assert exercise.calls is not None
    wrong = []
    for case in expected.cases:
        got = answers.get(case.label)
        assert case.instance is not None
        wanted = exercise.calls(case.instance)
        if got is None or any(got.calls.get(name, 0) != count for name, count in wanted.items()):
            wrong.append(case)
    return wrong


def _to_show(expected: Expected, findings: Mapping[str, Finding | None]) -> ExpectedCase | None:
    """The smallest failing case, shown ones first, those of the gate before the others."""
    failing = [case for case in expected.cases if findings[case.label] is not None]
    if not failing:
        return None
    gate_failed = any(case.check == VALUES for case in failing)
    pool = [case for case in failing if not gate_failed or case.check == VALUES]
    pool = [case for case in pool if case.draw == "shown"] or pool
    return min(pool, key=lambda case: case.instance.size if case.instance else 0)


def _kept_message(finding: Finding | None, checks: Sequence[CheckResult]) -> str:
    """What may be said when no shown case failed: the check's own words, or the rung without values."""
    if finding is not None and finding.rung == "missing":
        return finding.message
    failed = next((check for check in checks if not check.passed), None)
    return f"{failed.name}: {failed.message}" if failed else ""


def _arguments(case: ExpectedCase) -> tuple[tuple[str, object], ...]:
    return case.instance.named() if case.instance else ()


def _told(
    expected: Expected, answers: Mapping[str, Returned], findings: Mapping[str, Finding | None], source: str
) -> tuple[Hint | None, str]:
    """The diagnosis, or where the answers differ if there is none; a failure inside it never costs a verdict."""
    try:
        with np.errstate(all="ignore"):
            hint = diagnose(expected, answers, findings, source)
            return (hint, "") if hint else (None, where(expected, answers, findings))
    except Exception:
        return None, ""
