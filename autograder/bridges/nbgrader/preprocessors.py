"""The two preprocessors of `nbgrader autograde` that are ours: one writes verdicts into the notebook, one comments."""

from __future__ import annotations

import nbformat
from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.bridges.nbgrader.exporter import Desk, SubmissionExporter
from autograder.grading.annotate import annotated, refused
from autograder.grading.intake import Rejected


class Judge(NbGraderPreprocessor):  # type: ignore[misc]
    """In the place of nbgrader's Execute: grade the submission and write the verdict below every check cell.

    nbgrader's `determine_grade` then reads exactly the verdict's points. Raises for a notebook that did not come in
    through our exporter: without it there is no submission to grade, and no output would mean full marks.
    """

    def preprocess(self, nb: NotebookNode, resources: dict[str, object]) -> tuple[NotebookNode, dict[str, object]]:
        """Grade and annotate one notebook."""
        desk = desk_of(self, resources)
        if isinstance(desk.taken, Rejected):
            self.log.error("%s, %s: not graded. %s", desk.student, desk.assignment, desk.taken.reason)
            return nbformat.from_dict(refused(nb, desk.taken.reason)), resources
        desk.graded = desk.grade(desk.taken)
        return nbformat.from_dict(annotated(nb, desk.graded)), resources


class SaveComments(NbGraderPreprocessor):  # type: ignore[misc]
    """After SaveAutoGrades: bonuses, our comments, and no automatic score where the verdict is INTERNAL."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, object]) -> tuple[NotebookNode, dict[str, object]]:
        """Write to the gradebook; the notebook stays as it is."""
        desk = desk_of(self, resources)
        if isinstance(desk.taken, Rejected):
            recorded = desk.ledger.record_rejected(desk.taken, desk.notebook)
        elif desk.graded is not None:
            recorded = desk.ledger.override(desk.graded, desk.notebook)
        else:
            raise RuntimeError("SaveComments needs Judge before it in Autograde.autograde_preprocessors")
        for hidden in recorded.hidden:
            self.log.warning(
                "%s, %s: the manual score %g stands; the automatic one was %s and is %s",
                hidden.student, hidden.cell, hidden.manual, hidden.before, hidden.after,
            )  # fmt: skip
        for reopened in recorded.reopened:
            self.log.warning(
                "%s, %s: a person must look at %s again: %s",
                desk.student, desk.assignment, reopened.cell, reopened.why,
            )  # fmt: skip
        return nb, resources


def desk_of(preprocessor: NbGraderPreprocessor, resources: dict[str, object]) -> Desk:
    """What the exporter laid out for the notebook that ``resources`` name."""
    exporter = preprocessor.parent
    if not isinstance(exporter, SubmissionExporter):
        raise RuntimeError(
            f"{type(preprocessor).__name__} needs Autograde.exporter_class = SubmissionExporter: see nbgrader_config.py"
        )
    return exporter.desk(resources)
