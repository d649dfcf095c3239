"""One submission from notebook to verdicts: intake has read it, the box runs it, the judge decides."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from autograder.boundary.job import Box, Cell, CellReport, Job
from autograder.boundary.limits import SUBMISSION, Allowance
from autograder.grading._places import named
from autograder.grading.closed import answer_digests
from autograder.grading.intake import Submission
from autograder.grading.passes import Answers, Two, internal, run_passes
from autograder.grading.plan import Plan, open_plan
from autograder.judging import Status, Verdict


@dataclass(frozen=True)
class Graded:
    """All verdicts on one submission, in the notebook's order, and how they came about."""

    student: str
    assignment: str
    verdicts: Mapping[str, Verdict]
    submission: Submission
    load: tuple[CellReport, ...]
    left_out: tuple[str, ...]
    tier: str
    fingerprint: str
    answers: Mapping[str, str] = field(default_factory=dict)
    """A digest of each answer, by exercise and essay: whether another one was handed in (`grading.closed`)."""
    waited: bool = False
    """Something was given up for the time on the clock: on a busy machine that is no verdict."""

    @property
    def unit(self) -> str:
        """What was graded: the assignment, or one of its notebooks."""
        return self.submission.unit

    def for_the_gradebook(self) -> Graded:
        """The same without what only the files show: the notebook, the sources, values, text of the student's.

        It is a tenth of the size, crosses from a worker to the process that records, and may be kept.
        """
        return replace(
            self,
            verdicts={
                name: replace(verdict, shown=None, student_text="", printed="")
                for name, verdict in self.verdicts.items()
            },
            submission=replace(self.submission, notebook={}, cells=(), sources={}),
            load=(),
        )


def undecided(submission: Submission, plan: Plan, detail: str, *, tier: str = "") -> Graded:
    """No verdict on anything that was attempted: our own code failed, as ``detail`` says in our own words."""
    verdicts = {
        name: internal(name, detail) if name in submission.attempted else _not_attempted(name)
        for name in plan.exercises
    }
    return Graded(
        submission.student, submission.assignment, verdicts, submission, (), (), tier, plan.fingerprint,
        answer_digests(submission.notebook, submission.sources, plan.release),
    )  # fmt: skip


def grade(submission: Submission, plan: Plan, box: Box, *, tier: str = "", allowance: Allowance = SUBMISSION) -> Graded:
    """Grade one submission, within what it may use. Never raises for anything that the submission does."""
    answers = run_passes(
        submission.cells, submission.attempted, plan, box, submission.sources, submission.places, allowance=allowance
    )
    verdicts: dict[str, Verdict] = {}
    ours = _broken_by_us(answers, plan, box)
    for name in plan.exercises:
        verdict = answers.verdicts.get(name) or _not_attempted(name)
        if ours and verdict.status not in (Status.PASSED, Status.NOT_ATTEMPTED):
            verdict = internal(name, ours)
        verdict = _with_loading(verdict, answers.load, answers.left_out)
        verdict = _with_what_is_missing(verdict, answers.load, submission, plan)
        verdicts[name] = _with_two(verdict, answers.two.get(name), submission)
    verdicts = {name: _with_callees(verdict, submission, verdicts) for name, verdict in verdicts.items()}
    return Graded(
        submission.student,
        submission.assignment,
        verdicts,
        submission,
        answers.load,
        answers.left_out,
        tier,
        plan.fingerprint,
        answer_digests(submission.notebook, submission.sources, plan.release),
        answers.waited,
    )


def _broken_by_us(answers: Answers, plan: Plan, box: Box) -> str:
    """What is wrong with a given cell above the first answer: if it fails with no code of a student's, we are at fault.

    Asked only where one failed and something did not pass.
    """
    leading = tuple(
        Cell(cell.id, cell.source)
        for cell in itertools.takewhile(lambda cell: cell.role != "solution", plan.release.cells)
        if cell.role == "given" and cell.cell_type == "code"
    )
    raised = {report.cell for report in answers.load if report.raised is not None}
    if raised.isdisjoint(cell.id for cell in leading):
        return ""
    if all(verdict.status is Status.PASSED for verdict in answers.verdicts.values()):
        return ""
    for report in box.run(Job(leading, (), plan.torch, assignment=plan.release.assignment)).load:
        if report.raised is not None and report.cell in raised:
            return f"the given cell {report.cell} of the assignment fails by itself ({report.raised.type})"
    return ""


def _not_attempted(name: str) -> Verdict:
    return Verdict(name, Status.NOT_ATTEMPTED, message="nothing was handed in here")


def _with_loading(verdict: Verdict, load: tuple[CellReport, ...], left_out: tuple[str, ...]) -> Verdict:
    """Say what happened to the exercise's own cell when the notebook was loaded, where that explains the verdict."""
    if verdict.status not in (Status.FAILED, Status.PARTIAL, Status.CRASHED):
        return verdict
    if verdict.exercise in left_out:
        return replace(verdict, message="its cell did not finish when the notebook was loaded, so it was left out")
    reports = (report.raised for report in load if report.cell == verdict.exercise)  # one for each part of the cell
    raised = next((raised for raised in reports if raised is not None), None)
    if raised is None or verdict.rung != "missing":
        return verdict
    return replace(
        verdict,
        message="its cell raised an error when the notebook was loaded",
        student_text=f"{raised.type}: {raised.message}",
        cell=verdict.exercise,
        line=raised.line,
    )


_NOT_DEFINED = re.compile(r"NameError: name '(\w+)' is not defined")


def _with_what_is_missing(
    verdict: Verdict, load: tuple[CellReport, ...], submission: Submission, plan: Plan
) -> Verdict:
    """Say why a name is not there that is there at home: its cell raised an error, or it is a demonstration's."""
    if verdict.status not in (Status.FAILED, Status.PARTIAL, Status.CRASHED):
        return verdict
    missing = _NOT_DEFINED.match(verdict.student_text)
    if missing is None and (verdict.rung != "missing" or verdict.student_text):
        return verdict
    name = missing[1] if missing else verdict.exercise
    why = _why_missing(name, verdict.exercise, load, submission, plan)
    return replace(verdict, notes=(*verdict.notes, why)) if why else verdict


def _why_missing(name: str, exercise: str, load: tuple[CellReport, ...], submission: Submission, plan: Plan) -> str:
    binds = re.compile(_BINDS.format(name=re.escape(name)), re.MULTILINE)
    for cell, report in zip(submission.cells, load, strict=False):
        raised = report.raised
        if raised is None or f"name '{name}' is not defined" in raised.message or not binds.search(cell.source):
            continue
        line = f" in line {raised.line}" if raised.line and raised.cell == report.cell else ""
        torch = not plan.torch and raised.type == "ImportError" and "PyTorch" in raised.message
        of_torch = ": PyTorch is not available while this assignment is graded" if torch else ""
        where = named(report.cell, submission.notebook)
        return f"{name} is not defined here because {where} raised an error{line}{of_torch}"
    order = [cell.id for cell in plan.release.cells]
    demos = [cell for cell, offered in plan.release.offers.items() if name in offered]
    if not demos or name in plan.exercises:
        return ""
    demo = next((cell for cell in reversed(demos) if order.index(cell) < order.index(exercise)), demos[0])
    return (
        f"{name} comes from a demonstration of the handout ({demo}), and not all that demonstrations do can be "
        f"done while this assignment is graded{'' if plan.torch else ', as PyTorch is not available'}: an answer needs "
        "values of its own"
    )


_BINDS = r"\b{name}\b[^=\n]*=(?!=)|\b(?:def|class|as|for)\s+{name}\b|\bimport\b[^\n]*\b{name}\b|\bfor\b[^\n]*\b{name}\b"
"""How a name may be bound in a cell: a plain text search, for words and no more."""


def _with_two(verdict: Verdict, two: Two | None, submission: Submission) -> Verdict:
    """Say that the answer is not the same at its check and at the end, which counts, and which cells changed what."""
    if two is None:
        return verdict
    cells: dict[str, list[str]] = {}
    for one in two.rebound:
        cells.setdefault(one.cell, []).append(one.name)
    where = [
        f"{named(cell, submission.notebook)} changes what {', '.join(names)} means" for cell, names in cells.items()
    ]
    counts = "at its check" if two.early else "at the end"
    changed = f": {'; '.join(where)}" if where else ""
    note = f"this answer is not the same at its check and at the notebook's end, and counts as it is {counts}{changed}"
    return replace(verdict, notes=(*verdict.notes, note))


def _with_callees(verdict: Verdict, submission: Submission, verdicts: Mapping[str, Verdict]) -> Verdict:
    """Name the student's other answers that this one mentions and that are not right themselves."""
    if verdict.status in (Status.PASSED, Status.NOT_ATTEMPTED, Status.INTERNAL):
        return verdict
    source = submission.sources.get(verdict.exercise, "")
    wrong = [
        name
        for name, other in verdicts.items()
        if name != verdict.exercise
        and other.status is not Status.PASSED
        and re.search(rf"\b{re.escape(name)}\s*\(", source)
    ]
    if not wrong:
        return verdict
    note = (
        f"this answer calls {', '.join(wrong)}, which {'is' if len(wrong) == 1 else 'are'} not right yet: start there"
    )
    return replace(verdict, notes=(*verdict.notes, note))


__all__ = ["Graded", "Plan", "grade", "open_plan", "undecided"]
