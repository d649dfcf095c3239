"""The hostile cohort: every attack and some honest students, graded in one run of one mode, and what came of it."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from autograder.grading.course import Course
from tests.grading.notebooks import Json
from tests.hostile import course as small
from tests.hostile.course import PROGRAMS, RULES
from tests.hostile.folders import FOLDERS, WAITS, Folder, Student, notebook

ROOT = Path(__file__).resolve().parents[2]
DEADLINE = 1800
"""Seconds after which a run counts as hanging: many times what it takes on a busy machine."""

WRONG = "# %% sin_backward\ndef sin_backward(grad_output, output, x):\n    return -grad_output * np.cos(x)"
HALF = "# %% multiplications\nreverse_multiplications = 95000\nforward_multiplications = 1"

HONEST: Mapping[str, Mapping[str, str]] = {
    RULES.name: {
        "0-before-all": "",
        "f-between": WRONG,
        "m-between": HALF,
        "s-between": f"# %% mine\n{WAITS}",
        "zz-after-all": "",
    },
    PROGRAMS.name: {"0-before-all": "", "zz-after-all": ""},
}
"""Assignment and name to cells. They sort between the attacks; one is graded with short deadlines, as attacks are."""


@dataclass(frozen=True, eq=False)
class Kind:
    """One run: in which boxes, of which assignment, and whether of all its folders."""

    name: str
    boxes: str
    assignment: small.Assignment = RULES
    whole: bool = True
    slow: bool = False

    @property
    def folders(self) -> list[Folder]:
        """The attacks of this run."""
        of_this = [folder for folder in FOLDERS if folder.assignment is self.assignment]
        return [folder for folder in of_this if self.whole or folder.is_about_the_box]

    @property
    def students(self) -> list[Student]:
        """Who attacks."""
        return [student for folder in self.folders for student in folder.students]

    @property
    def listed(self) -> list[Student]:
        """Those with a name that a student may have."""
        return [student for student in self.students if not student.expects.unlisted]

    @property
    def honest(self) -> Mapping[str, str]:
        """Who does not, and their cells."""
        return HONEST[self.assignment.name]


KINDS = (
    Kind("warm", "warm"),
    Kind("fresh", "fresh", whole=False, slow=True),
    Kind("warm PyTorch", "warm", PROGRAMS, slow=True),
    Kind("all in fresh", "fresh", slow=True),
    Kind("fresh PyTorch", "fresh", PROGRAMS, slow=True),
)
"""`make test` tries everything in warm boxes; `make soak` tries it in fresh ones too, and what attacks PyTorch, whose
import takes seconds."""


@dataclass(frozen=True)
class Cohort:
    """What one run left behind."""

    kind: Kind
    course: Course
    output: str
    exit_code: int
    trophies: Path
    before: Mapping[str, str]

    @cached_property
    def seen(self) -> Mapping[str, Any]:
        """What `grade.py` noticed."""
        return json.loads((self.course.root / "seen.json").read_text())  # type: ignore[no-any-return]

    @property
    def alone(self) -> Course:
        """The honest students, graded alone."""
        return Course.at(self.course.root, results=self.course.root / "alone")

    def record(self, student: str) -> Mapping[str, Any]:
        """The machine-readable record of one submission."""
        path = self.course.record(student, self.kind.assignment.name)
        return json.loads(path.read_bytes())  # type: ignore[no-any-return]

    def written(self, student: str) -> dict[str, str]:
        """What was written about one submission for people: page, record, and the outputs in the notebook."""
        assignment = self.kind.assignment.name
        page = next((self.course.feedback / student / assignment).glob("*.html"))
        path = next((self.course.autograded / student / assignment).glob("*.ipynb"))
        cells: list[Json] = json.loads(path.read_text())["cells"]
        data = [output["data"] for one in cells for output in one.get("outputs", ())]
        return {
            "page": page.read_text(),
            "record": self.course.record(student, assignment).read_text(),
            "HTML outputs": "\n".join("".join(one.get("text/html", "")) for one in data),
            "plain outputs": "\n".join("".join(one["text/plain"]) for one in data),
        }

    def about_the_class(self) -> dict[str, str]:
        """What is written about all of them."""
        top = self.course.reports
        files = {str(path.relative_to(top)): path.read_text() for path in top.glob("*/*") if path.is_file()}
        return {"output": self.output, **files}

    def scores(self, student: str) -> dict[str, float | None]:
        """The automatic score in the gradebook of each automatic grade cell."""
        found = self.rows(
            "SELECT b.name, g.auto_score FROM grade g JOIN base_cell b ON b.id = g.cell_id JOIN submitted_notebook n"
            " ON n.id = g.notebook_id JOIN submitted_assignment s ON s.id = n.assignment_id WHERE s.student_id = ?",
            student,
        )
        return {name: score for name, score in found if name.endswith("-check")}

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """A query on the gradebook."""
        connection = sqlite3.connect(f"file:{self.course.gradebook}?mode=ro", uri=True)
        try:
            return connection.execute(query, values).fetchall()
        finally:
            connection.close()

    def now(self) -> dict[str, str]:
        """What nobody may change, as it is now."""
        return fingerprint(self.course)


def graded(root: Path, kind: Kind) -> Cohort:
    """Everything of this kind, handed in and graded."""
    course = Course.at(root / "course")
    trophies, temporary, home, again = root / "trophies", root / "temporary", root / "home", course.root / "again"
    for folder in (course.root, trophies, temporary, home, again):
        folder.mkdir()
    small.write(course)
    for submitted in (course.submitted, course.root / "honest"):
        for name, cells in kind.honest.items():
            place = submitted / name / kind.assignment.name / kind.assignment.file
            place.parent.mkdir(parents=True)
            place.write_text(json.dumps(notebook(kind.assignment, cells)))
    for folder in kind.folders:
        folder.hand_in(course.submitted, course, trophies)
        folder.hand_in(again, course, trophies, again=True)
    before = fingerprint(course)
    done = subprocess.run(
        [sys.executable, "-m", "tests.hostile.grade", str(course.root), kind.boxes, kind.assignment.name],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "HOME": str(home), "TMPDIR": str(temporary), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=DEADLINE,
    )
    return Cohort(kind, course, done.stdout.decode(), done.returncode, trophies, before)


def fingerprint(course: Course) -> dict[str, str]:
    """Each file that an instructor or a student wrote, by path, as a digest of what it is."""
    return {
        str(path.relative_to(course.root)): _digest(path)
        for top in (course.solutions, course.assignments, course.submitted)
        for path in sorted(top.rglob("*"))
        if top != course.solutions or "__pycache__" not in path.parts  # Python's own, of content that was loaded
    }


def _digest(path: Path) -> str:
    status = path.lstat()
    if path.is_symlink():
        return f"link to {os.readlink(path)}"
    if not stat.S_ISREG(status.st_mode) or status.st_size > 30_000_000:
        return f"{stat.S_IFMT(status.st_mode)} of {status.st_size}"
    return hashlib.sha256(path.read_bytes()).hexdigest()
