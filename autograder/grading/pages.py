"""A result as a student's page: which sections it has, and what each is given to say."""

from __future__ import annotations

from autograder.grading.annotate import score
from autograder.grading.intake import Rejected, Submission
from autograder.grading.pipeline import Graded
from autograder.grading.release import Release
from autograder.judging import Verdict
from autograder.reports.feedback import Loading, Page, Section

WEAK = "Graded with weak isolation: the scores are provisional."


def page(release: Release, result: Graded | Rejected, *, weak: bool = False) -> Page:
    """The student's page for one result."""
    notice = WEAK if weak else ""
    if isinstance(result, Rejected):
        return Page(result.student, result.unit, (), (), notice=notice, rejected=result.reason, others=release.siblings)
    return Page(
        result.student,
        result.unit,
        [_section(result.verdicts[name], points, result.submission) for name, points in release.exercises.items()],
        [(name, points, result.submission.essays.get(name, False)) for name, points in release.essays.items()],
        result.submission.problems,
        notice,
        loading=_loading(result),
        others=release.siblings,
    )


def _loading(result: Graded) -> list[Loading]:
    """The cells that raised or printed something when the notebook was loaded."""
    sources = {cell.id: cell.source.split("\n") for cell in result.submission.cells}
    told = []
    for report in result.load:
        raised, lines = report.raised, sources.get(report.cell, [])
        if raised is None:
            if report.stdout:
                told.append(Loading(report.cell, printed=report.stdout))
            continue
        line = raised.line if raised.cell in (None, report.cell) else None
        code = lines[line - 1] if line and 0 < line <= len(lines) else ""
        told.append(Loading(report.cell, line, f"{raised.type}: {raised.message}", code, report.stdout))
    return told


def _section(verdict: Verdict, points: float, submission: Submission) -> Section:
    name = verdict.exercise
    bonus = submission.bonuses.get(name, 0.0)
    return Section(name, verdict, score(verdict, points), points, submission.sources.get(name, ""), bonus=bonus)
