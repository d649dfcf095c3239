"""The same files from nbgrader: ``nbgrader export --exporter=autograder.bridges.lms.plugins.CanvasExporter``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from nbgrader.api import Gradebook
from nbgrader.plugins import ExportPlugin
from traitlets import Bool, Dict, Unicode

from autograder.bridges.lms.export import Request, To, export
from autograder.bridges.lms.sheet import write_sheet
from autograder.bridges.nbgrader.exporter import course_of
from autograder.errors import AutograderError


class LmsExporter(ExportPlugin):  # type: ignore[misc]
    """What the exporters have in common. ``--to`` names the file, ``--assignment`` and ``--student`` choose."""

    format: ClassVar[To]

    roster = Unicode("", help="who is who: a CSV file with our student ids and those of the LMS").tag(config=True)
    item = Dict(help="titles in the LMS, by assignment").tag(config=True)
    only_graded = Bool(False, help="leave out students without any grade").tag(config=True)

    def export(self, gradebook: Gradebook) -> None:
        """Write the file and log who is not in it. Exit code 2 where `autograder export` would refuse too."""
        coursedir = self.parent.coursedir
        target = Path(self.to or f"{self.format}.csv")
        try:
            made = export(course_of(coursedir), coursedir.db_url, self.request())
            write_sheet(target, made.data)
        except AutograderError as error:
            self.log.error("%s Nothing was written.", error)
            raise SystemExit(2) from error
        for line in made.lines:
            self.log.warning("%s", line)
        self.log.info("%d rows written to %s", made.rows, target)

    def request(self) -> Request:
        """What the command line and the configuration ask for."""
        return Request(
            self.format,
            [str(name) for name in self.assignment],
            [str(name) for name in self.student],
            roster=Path(self.roster) if self.roster else None,
            titles={str(name): str(title) for name, title in self.item.items()},
            only_graded=self.only_graded,
        )


class CanvasExporter(LmsExporter):
    """A gradebook for Canvas, on the pattern of one that Canvas exported."""

    format = "canvas"

    template = Unicode("", help="the gradebook as exported from Canvas").tag(config=True)
    assignment_id = Dict(help="Canvas's ids of assignments, by assignment").tag(config=True)

    def request(self) -> Request:
        """The template and the ids too."""
        ids = {str(name): str(number) for name, number in self.assignment_id.items()}
        return replace(super().request(), template=Path(self.template) if self.template else None, ids=ids)


class MoodleExporter(LmsExporter):
    """A file for Moodle's grade import."""

    format = "moodle"

    identify_by = Unicode("", help="email, idnumber, username or id (default: what the roster has)").tag(config=True)

    def request(self) -> Request:
        """The identifier too."""
        return replace(super().request(), identify_by=self.identify_by)


class CsvExporter(LmsExporter):
    """A plain table."""

    format = "csv"
