"""`nbgrader generate_feedback` without a page lost: a new page is made before the old one is taken away.

nbgrader deletes a student's feedback folder first and converts then; where the conversion fails, it deletes what there
is. An exporter is made after the folders are listed and before any is touched, so this one converts ahead of that.
"""

from __future__ import annotations

import os
from typing import Any, cast

from nbconvert.exporters import HTMLExporter
from nbgrader.converters import GenerateFeedback, NbGraderException

Page = tuple[str, dict[str, Any]]


class FeedbackExporter(HTMLExporter):  # type: ignore[misc]
    """HTML of a graded notebook. Where it can't be made, the page that is there stays, and the command fails."""

    def __init__(self, config: Any = None, **kwargs: Any) -> None:
        """Made by a converter; nbgrader's GenerateFeedback is taken over at once."""
        super().__init__(config=config, **kwargs)
        self._made: dict[str, Page] = {}
        self._failed: list[str] = []
        if isinstance(self.parent, GenerateFeedback):
            self._take_over(self.parent)

    def from_filename(self, filename: str, resources: dict[str, Any] | None = None, **kwargs: Any) -> Page:
        """The page of the notebook at ``filename``, once from what was made ahead."""
        if filename in self._made:
            return self._made.pop(filename)
        return cast(Page, super().from_filename(filename, resources, **kwargs))

    def _take_over(self, converter: GenerateFeedback) -> None:
        stock_destination, stock_convert = converter.init_destination, converter.convert_notebooks

        def init_destination(assignment_id: str, student_id: str) -> bool:
            if _would_replace(converter, assignment_id, student_id):
                try:
                    for filename in converter.notebooks:
                        named = converter.init_single_notebook_resources(filename)
                        self._made[filename] = self.from_filename(filename, resources=named)
                except Exception:
                    self._made.clear()
                    self._failed.append(f"{student_id}, {assignment_id}")
                    self.log.exception("%s: no new page could be made; the old one stays", self._failed[-1])
                    return False
            return bool(stock_destination(assignment_id, student_id))

        def convert_notebooks() -> None:
            stock_convert()
            if self._failed:
                raise NbGraderException(f"No new page for: {'; '.join(self._failed)}. The old ones stay.")

        converter.init_destination = init_destination
        converter.convert_notebooks = convert_notebooks


def _would_replace(converter: GenerateFeedback, assignment_id: str, student_id: str) -> bool:
    """Whether nbgrader is about to delete pages that are there."""
    there = os.path.normpath(converter._format_dest(assignment_id, student_id))
    if not os.path.exists(there) or converter.force:
        return os.path.exists(there)
    handed_in = converter.coursedir.get_existing_timestamp(converter._format_source(assignment_id, student_id))
    shown = converter.coursedir.get_existing_timestamp(there)
    return handed_in is not None and shown is not None and handed_in > shown
