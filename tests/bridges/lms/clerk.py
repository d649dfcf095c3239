"""Who takes in: `autograder intake` on files that are made up for the purpose, and what came of it."""

from __future__ import annotations

import json

from autograder.commands.intake import run_intake
from tests.bridges.lms.downloads import zipped
from tests.bridges.small_course import ASSIGNMENT, NOTEBOOK, answered
from tests.grading.notebooks import write

RULES = f"{NOTEBOOK}.ipynb"
ROSTER = "student,name,canvas_id,moodle_participant\nada,Ada Lovelace,11,\nbo,Bo Chen,,\nzoe,Zoë Ångström,13,\n"
ADA, BO = "Lovelace, Ada", "Chen, Bo"


class Clerk:
    """Takes in, and knows what came of it."""

    def __init__(self, course, folder, capsys):
        self.course, self.folder, self._capsys = course, folder, capsys

    def notebook(self, mark):
        """A student's notebook that can be told from others."""
        return answered(self.course, add_backward=f"def add_backward(grad_output, output, a, b):\n    return {mark}")

    def take(self, files, roster=ROSTER, **options):
        """Take in a zip of these files; what was said."""
        path = files if not isinstance(files, dict) else zipped(self.folder / "submissions.zip", files)
        if roster:
            options["roster"] = write(self.folder / "roster.csv", roster)
        options.setdefault("assignments", [])
        assert run_intake(self.course, path, **options) == 0
        return self._capsys.readouterr().out

    def there(self):
        """What is in submitted/: student to the mark in the notebook."""
        found = {}
        for path in sorted(self.course.submitted.glob(f"[!.]*/{ASSIGNMENT}/{RULES}")):
            cells = {cell["id"]: cell["source"] for cell in json.loads(path.read_text())["cells"]}
            found[path.parts[-3]] = cells["add_backward"].rpartition("return ")[2]
        return found

    def place(self, student):
        """Where a student's notebook is in submitted/."""
        return self.course.submitted / student / ASSIGNMENT / RULES

    def files(self):
        """Every file in submitted/ but the receipts."""
        return {
            path.relative_to(self.course.submitted).as_posix()
            for path in self.course.submitted.rglob("*")
            if path.is_file() and ".intake" not in path.parts
        }
