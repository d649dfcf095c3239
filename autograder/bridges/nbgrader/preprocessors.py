"""The preprocessors that are ours: one of `generate_assignment`, which writes the lines that find the kit, and two of
`autograde`, of which one writes verdicts into the notebook and one comments.
"""

from __future__ import annotations

from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Unicode

from autograder.bridges.nbgrader.exporter import Desk, SubmissionExporter
from autograder.course.kit_zip import NAME, digest, kit_zip
from autograder.course.opening import address, opening, with_opening
from autograder.grading.annotate import annotated, refused
from autograder.grading.course import Course
from autograder.grading.intake import Rejected


class FindKit(NbGraderPreprocessor):  # type: ignore[misc]
    """First of all when a release is made: write the lines that find the kit above the notebook's import of it."""

    course = Unicode(help="The folder of the course.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Write them into one notebook."""
        with_opening(nb.cells, opening_of(Course.at(self.course), resources["nbgrader"]["assignment"]))
        return nb, resources


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


def opening_of(course: Course, assignment: str) -> str:
    """The lines that find the kit of ``assignment``: with the archive's digest where there is an address for it."""
    place = address(course.manifest.kit_url, assignment, NAME)
    return opening(place, digest(kit_zip(course.content, assignment)) if place else "")


def desk_of(preprocessor: NbGraderPreprocessor, resources: dict[str, object]) -> Desk:
    """What the exporter laid out for the notebook that ``resources`` name."""
    exporter = preprocessor.parent
    if not isinstance(exporter, SubmissionExporter):
        raise RuntimeError(
            f"{type(preprocessor).__name__} needs Autograde.exporter_class = SubmissionExporter: see nbgrader_config.py"
        )
    return exporter.desk(resources)
