"""A course of one small assignment, a grader that does what comments in the answers say, and nbgrader's commands on it.

write_sources(course)                        solutions/ and requirements/
with_bonus()                                 the same with an exercise of 0 points and a bonus
answered(course, add_backward="...")         a student's notebook: the release with other sources
hand_in(course, "alice", notebook)           into submitted/
scripted(course, assignment)                 the grader: an answer with `# wrong` fails, and so on
autograde(course), feedback(course)          nbgrader's own converters with our configuration
record(course)                               the fast path
rows(course)                                 the gradebook, comparable: no ids, no times
"""

from __future__ import annotations

import datetime
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from nbgrader.converters import Autograde, GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from autograder.bridges.nbgrader.config import configure
from autograder.bridges.nbgrader.late import late_penalty
from autograder.grading._files import put
from autograder.grading.closed import answer_digests
from autograder.grading.collect import read_timestamp
from autograder.grading.course import Course
from autograder.grading.gradebook import open_ledger
from autograder.grading.intake import Rejected, Submission, read_submission
from autograder.grading.notebooks import autograded, handed_in
from autograder.grading.pipeline import Graded
from autograder.grading.release import load_release
from autograder.grading.roster import Found, find_submissions
from autograder.judging.verdict import CheckResult, Hint, Status, Verdict
from tests.grading.notebooks import Json, cell, essay, exercise, find, given, inserted, notebook, with_sources, write
from tests.this_course import write_manifest

ASSIGNMENT, NOTEBOOK = "tiny-rules", "rules"
ADD_POINTS, MUL_POINTS, ESSAY_POINTS = 4, 3, 5
BONUS = 5
KIT = ("__init__.py", "checking.py", "reached_by_nothing.py")
HINT = "Which input does the upstream gradient meet?"

ADD = """def add_backward(grad_output, output, a, b):
    ### BEGIN SOLUTION
    grad_a = grad_output
    grad_b = grad_output
    return grad_a, grad_b
    ### END SOLUTION"""
MUL = """def mul_backward(grad_output, output, a, b):
    ### BEGIN SOLUTION
    return grad_output * b, grad_output * a
    ### END SOLUTION"""
SUM = """def sum_backward(grad_output, output, a):
    ### BEGIN SOLUTION
    grad_a = np.zeros(a.shape)
    return grad_a + grad_output
    ### END SOLUTION"""
RIGHT_SUM = "def sum_backward(grad_output, output, a):\n    return np.full(a.shape, grad_output)"
RIGHT_ADD = "def add_backward(grad_output, output, a, b):\n    return grad_output, grad_output"
RIGHT_MUL = "def mul_backward(grad_output, output, a, b):\n    return grad_output * b, grad_output * a"

PINS = {
    "grade.txt": "numpy==2.4.6 \\\n    --hash=sha256:0\n    # via contourpy\n"
    "matplotlib==3.11.2 \\\nipython==9.18.1\njupyterlab==4.6.6\n",
    "lab.txt": "",
    "torch.txt": "torch==2.13.0\n",
}
"""What stands in the locks."""


def source_json() -> Json:
    """The instructor's notebook: a given cell, a demonstration, two rules and an essay, with their answers."""
    return notebook(
        cell("markdown", "text-opening", "# Two rules"),
        given("given-imports", "import math\nimport numpy as np\nfrom kit import check"),
        cell("code", "demo-print", "print(np.ones(2))"),
        *exercise("add_backward", ADD, points=ADD_POINTS),
        *exercise("mul_backward", MUL, points=MUL_POINTS),
        essay("essay-why", "Why are gradients added?\n\n### BEGIN SOLUTION\nPaths.\n### END SOLUTION", ESSAY_POINTS),
    )


def with_bonus(amount: float = BONUS) -> Json:
    """The same with a third rule that gives a bonus and no points."""
    made = inserted(source_json(), "essay-why", *exercise("sum_backward", SUM, points=0))
    find(made, "sum_backward-check")["metadata"]["autograder"] = {"bonus": amount}
    return made


def write_sources(course: Course, made: Json | None = None) -> None:
    """What an instructor writes."""
    write_manifest(course.root, ASSIGNMENT)
    write(course.solutions / ASSIGNMENT / f"{NOTEBOOK}.ipynb", made or source_json())
    course.requirements.mkdir(exist_ok=True)
    for name, text in PINS.items():
        (course.requirements / name).write_text(text)


def answered(course: Course, **sources: str) -> Json:
    """The released notebook as a student would save it, with other sources in the cells named ('_' for '-')."""
    return with_sources(json.loads(course.release(ASSIGNMENT).read_text()), sources)


def hand_in(course: Course, student: str, made: Json | bytes | str, name: str = NOTEBOOK) -> Path:
    """Put a notebook into ``submitted/``."""
    return write(course.submitted / student / ASSIGNMENT / f"{name}.ipynb", made)


def scripted(course: Course, assignment: str) -> Any:
    """A grader that believes the comments in an answer."""
    release = load_release(course.release(assignment))

    def grade(submission: Submission) -> Graded:
        verdicts = {name: _verdict(name, submission) for name in release.exercises}
        answers = answer_digests(submission.notebook, submission.sources, release)
        return Graded(submission.student, assignment, verdicts, submission, (), (), "test", "cafe0000", answers)

    return grade


def _verdict(name: str, submission: Submission) -> Verdict:
    source = submission.sources.get(name, "")
    if name not in submission.attempted:
        return Verdict(name, Status.NOT_ATTEMPTED)
    if "# raise" in source:
        raise RuntimeError("the grader broke")
    if "# internal" in source:
        return Verdict(name, Status.INTERNAL)
    if "# wrong" in source:
        said = "<script>alert(1)</script>\x1b[31m ::error::"
        hint = Hint("ignores-upstream", HINT, "bank")
        return Verdict(name, Status.FAILED, rung="value", message="2 of 4 differ", hint=hint, student_text=said)
    if "# partial" in source:
        checks = CheckResult("values", 0.7, True), CheckResult("edges", 0.3, False, "a scalar went wrong")
        return Verdict(name, Status.PARTIAL, checks=checks)
    return Verdict(name, Status.PASSED, checks=(CheckResult("values", 1.0, True),))


def stock_config(course: Course, grader: Any = scripted) -> tuple[CourseDirectory, Config]:
    """nbgrader's objects as the stock commands have them in the course's folder."""
    config = Config()
    configure(config)
    config.SubmissionExporter.grader = grader
    coursedir = CourseDirectory(root=str(course.root), config=config)
    coursedir.assignment_id = ASSIGNMENT
    return coursedir, config


def autograde(
    course: Course, *, force: bool = True, grader: Any = scripted, student: str = "*", more: Config | None = None
) -> None:
    """`nbgrader autograde ASSIGNMENT --force`."""
    coursedir, config = stock_config(course, grader)
    config.merge(more or Config())
    coursedir.student_id = student
    Autograde(coursedir=coursedir, config=config, force=force).start()


def feedback(course: Course, student: str) -> str:
    """`nbgrader generate_feedback ASSIGNMENT --force`, and the page of one student."""
    coursedir, config = stock_config(course)
    GenerateFeedback(coursedir=coursedir, config=config, force=True).start()
    return (course.feedback / student / ASSIGNMENT / f"{NOTEBOOK}.html").read_text()


def record(course: Course) -> None:
    """The fast path over everything that was handed in."""
    release = load_release(course.release(ASSIGNMENT))
    listing = find_submissions(course.submitted, {ASSIGNMENT: release})
    grade = scripted(course, ASSIGNMENT)
    late = late_penalty(course)
    with open_ledger(course) as ledger:
        for entry in (*listing.found, *listing.rejected):
            timestamp, _ = read_timestamp(course.submitted / entry.student / ASSIGNMENT)
            taken: Submission | Rejected | Found = entry
            if isinstance(entry, Found):
                taken = read_submission(entry.path, release, entry.student, within=course.submitted, notes=entry.notes)
            if isinstance(taken, Rejected):
                files = put_notebook(course, taken, timestamp)
                ledger.record_rejected(taken, NOTEBOOK, timestamp=timestamp, files=files, late=late)
            else:
                graded = grade(taken)
                files = put_notebook(course, graded, timestamp)
                ledger.record(graded, NOTEBOOK, timestamp=timestamp, files=files, late=late)


def put_notebook(course: Course, outcome: Graded | Rejected, timestamp: datetime.datetime | None) -> dict[str, str]:
    """The autograded notebook and its time, as `one.finish` puts them in place, without the pages; SHA-256 by path."""
    notebook = autograded(course, course.release(ASSIGNMENT), outcome)
    return put(course.results, (notebook, handed_in(course, outcome.student, ASSIGNMENT, timestamp)))


def sql(course: Course, query: str, *values: object) -> list[tuple[Any, ...]]:
    """A statement on the gradebook, by hand. A server's answers are given as SQLite keeps them."""
    if course.gradebook is None:
        return on_server(course.gradebook_url, query, *values)
    with sqlite3.connect(course.gradebook) as connection:
        found = connection.execute(query, values).fetchall()
    connection.close()
    return found


def on_server(url: str, query: str, *values: object) -> list[tuple[Any, ...]]:
    """A statement on a database of a server, by hand."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        done = connection.exec_driver_sql(query.replace("?", "%s"), values)
        return [tuple(map(_as_in_sqlite, row)) for row in done] if done.returns_rows else []


def _as_in_sqlite(value: Any) -> Any:
    if isinstance(value, datetime.timedelta):
        value = datetime.datetime(1970, 1, 1) + value
    if isinstance(value, datetime.datetime):
        return f"{value:%Y-%m-%d %H:%M:%S.%f}"
    if isinstance(value, bool):
        return int(value)
    return json.dumps(value) if isinstance(value, (dict, list)) else value


def rows(course: Course) -> dict[str, list[tuple[Any, ...]]]:
    """Everything in the gradebook that is not a random key, by table."""
    found = {name: sorted(sql(course, query), key=repr) for name, query in QUERIES.items()}
    found["notebook"] = [(*names, json.loads(kernel)) for *names, kernel in found["notebook"]]
    return found


def bonuses(course: Course) -> list[tuple[Any, ...]]:
    """(student, grade id, last bonus, whether we wrote it): what the grader remembers of extra credit."""
    return sorted(sql(course, OURS))


def grades(course: Course, student: str) -> dict[str, tuple[Any, ...]]:
    """Grade id to (automatic score, manual score, extra credit, needs a human)."""
    found = (row for row in rows(course)["grade"] if row[0] == student)
    return {row[1]: row[2:] for row in found}


def comments(course: Course, student: str) -> dict[str, tuple[str | None, str | None]]:
    """Grade id to (automatic comment, manual comment)."""
    found = (row for row in rows(course)["comment"] if row[0] == student)
    return {row[1]: row[2:] for row in found}  # type: ignore[misc]


def give_by_hand(
    course: Course, student: str, cell_name: str, score: float | None, words: str = "well done", extra: float = 0.5
) -> None:
    """A human's score and extra credit on a grade cell and comment on its answer, as the formgrader saves them."""
    place = (
        "(SELECT sn.id FROM submitted_notebook sn JOIN submitted_assignment sa ON sa.id = sn.assignment_id"
        " WHERE sa.student_id = ?)"
    )
    answer = cell_name.removesuffix("-check")
    sql(course, "UPDATE grade SET manual_score = ?, extra_credit = ?, needs_manual_grade = 0"
        f" WHERE notebook_id IN {place} AND cell_id IN (SELECT id FROM base_cell WHERE name = ?)",
        score, extra, student, cell_name)  # fmt: skip
    sql(course, f"UPDATE comment SET manual_comment = ? WHERE notebook_id IN {place} AND cell_id IN"
        " (SELECT id FROM base_cell WHERE name = ?)", words, student, answer)  # fmt: skip


def give_penalty(course: Course, student: str, points: float) -> None:
    """What handing in late costs, as nbgrader saves it."""
    sql(course, "UPDATE submitted_notebook SET late_submission_penalty = ? WHERE assignment_id IN"
        " (SELECT id FROM submitted_assignment WHERE student_id = ?)", points, student)  # fmt: skip


_PLACE = (
    " JOIN submitted_notebook sn ON sn.id = x.notebook_id JOIN submitted_assignment sa ON sa.id = sn.assignment_id"
    " JOIN base_cell bc ON bc.id = x.cell_id"
)
QUERIES = {
    "course": "SELECT id FROM course",
    "assignment": "SELECT name, duedate, course_id FROM assignment",
    "notebook": "SELECT n.name, a.name, kernelspec FROM notebook n JOIN assignment a ON a.id = n.assignment_id",
    "base_cell": "SELECT c.name, n.name, c.type FROM base_cell c JOIN notebook n ON n.id = c.notebook_id",
    "grade_cells": "SELECT c.name, max_score, cell_type FROM grade_cells JOIN base_cell c USING (id)",
    "solution_cells": "SELECT c.name FROM solution_cells JOIN base_cell c USING (id)",
    "task_cells": "SELECT c.name FROM task_cells JOIN base_cell c USING (id)",
    "source_cell": "SELECT s.name, s.cell_type, locked, source, checksum, n.name FROM source_cell s"
    " JOIN notebook n ON n.id = s.notebook_id",
    "student": "SELECT id, first_name, last_name, email, lms_user_id FROM student",
    "submitted_assignment": "SELECT student_id, a.name, timestamp, extension FROM submitted_assignment s"
    " JOIN assignment a ON a.id = s.assignment_id",
    "submitted_notebook": "SELECT sa.student_id, n.name, flagged, late_submission_penalty FROM submitted_notebook s"
    " JOIN submitted_assignment sa ON sa.id = s.assignment_id JOIN notebook n ON n.id = s.notebook_id",
    "grade": "SELECT sa.student_id, bc.name, auto_score, manual_score, extra_credit, needs_manual_grade FROM grade x"
    + _PLACE,
    "comment": "SELECT sa.student_id, bc.name, auto_comment, manual_comment FROM comment x" + _PLACE,
    "alembic_version": "SELECT version_num FROM alembic_version",
}

OURS = (
    "SELECT sa.student_id, bc.name, x.bonus, x.ours FROM"
    " (SELECT bonus, ours, cell AS cell_id, place AS notebook_id FROM autograder_bonus) x" + _PLACE
)

both_ways = pytest.mark.parametrize("graded_by", [autograde, record], ids=["nbgrader", "fast path"])
"""Run a test with stock `nbgrader autograde` and with our own recording."""
