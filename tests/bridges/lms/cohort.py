"""The example cohort as Canvas and Moodle would hand it out, and ps2 of this repository with made-up verdicts."""

from __future__ import annotations

import shutil
from pathlib import Path

from autograder.bridges.nbgrader.register import register
from autograder.commands.intake import run_intake
from autograder.grading.course import Course
from autograder.grading.gradebook import Ledger
from autograder.grading.intake import Submission, read_submission
from autograder.grading.pipeline import Graded
from autograder.grading.release import load_release
from autograder.judging.verdict import CheckResult, Status, Verdict
from tests.bridges.lms.downloads import canvas, moodle, zipped
from tests.bridges.small_course import give_penalty
from tests.cohort.make import COHORT, ROOT

PS2 = "ps2-vector-jacobian-products"
STUDENTS = sorted(folder.name for folder in COHORT.iterdir())
UNREADABLE = "jana"  # hands in what is no notebook
NEVER = "kim"
NUMBER = {student: 100 + at for at, student in enumerate([*STUDENTS, NEVER])}
ROSTER = "student,name,canvas_id,email\n" + "".join(
    f"{student},{student.title()} Example,{number},{student}@x.edu\n" for student, number in NUMBER.items()
)
PEOPLE = {number: (f"Example, {student.title()}", "", student) for student, number in NUMBER.items()}


def download(lms, folder):
    """The cohort's notebooks as this LMS would hand them out."""
    files = {}
    for student in STUDENTS:
        (path,) = (COHORT / student / PS2).glob("*.ipynb")
        name = f"{student.title()} Example"
        if lms == "canvas":
            files[canvas(f"Example, {student}", NUMBER[student], NUMBER[student] + 5000, path.name)] = path.read_bytes()
        else:
            files[moodle(name, NUMBER[student] + 9000, path.name)] = path.read_bytes()
    return zipped(folder / f"{lms}.zip", files)


def verdict(name, number):
    """Some verdict, another one for each student and exercise."""
    checks = CheckResult("values", 0.7, True), CheckResult("edges", 0.3, False, "a tie")
    kinds = (
        Verdict(name, Status.PASSED),
        Verdict(name, Status.PARTIAL, checks),
        Verdict(name, Status.FAILED, message="no"),
    )
    return kinds[number % 3]


def taken_in(root: Path, empty_gradebook: Path) -> Course:
    """ps2 in the folder ``root``: taken in from Canvas, graded by nobody, bo's with a late penalty."""
    made = Course.at(root)
    for folder in ("assignments", "solutions"):
        shutil.copytree(ROOT / folder / PS2, made.root / folder / PS2, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("course.toml", "nbgrader_config.py"):
        shutil.copy(ROOT / name, made.root)
    shutil.copy(empty_gradebook, made.gradebook)
    register(made, PS2)
    (made.root / "roster.csv").write_text(ROSTER)
    run_intake(made, download("canvas", made.root), [], roster=made.root / "roster.csv")
    release = load_release(made.release(PS2))
    with Ledger(made.gradebook_url) as ledger:
        for at, student in enumerate(STUDENTS):
            path = made.submitted / student / PS2 / release.filename
            taken = read_submission(path, release, student)
            if isinstance(taken, Submission):
                found = {name: verdict(name, at + n) for n, name in enumerate(release.exercises)}
                graded = Graded(student, PS2, found, taken, (), (), "test", "f")
                ledger.record(graded, release.notebook)
    give_penalty(made, "bo", 2.5)
    return made
