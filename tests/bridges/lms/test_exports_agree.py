"""Every export says the same of everybody, before and after a regrade: ours for Canvas, Moodle and CSV, and nbgrader's.

Who waits for a person has a number in nbgrader's file alone: it counts what is there so far.
"""

from __future__ import annotations

import csv
import io
import shutil

import pytest
from nbgrader.apps import ExportApp
from nbgrader.plugins import CsvExportPlugin

from autograder.bridges.lms.export import Request, export
from autograder.bridges.nbgrader import release as building
from autograder.bridges.nbgrader.register import register
from autograder.grading.course import Course
from tests.bridges.lms.importers import CanvasCourse, MoodleCourse
from tests.bridges.small_course import (
    ASSIGNMENT,
    RIGHT_ADD,
    RIGHT_MUL,
    RIGHT_SUM,
    answered,
    autograde,
    give_by_hand,
    hand_in,
    record,
    sql,
    with_bonus,
    write_sources,
)
from tests.bridges.test_late import late_plugin

PLUGINS = "autograder.bridges.lms.plugins"
WRONG = "def mul_backward(grad_output, output, a, b):\n    return 0  # wrong"
INTERNAL = "def mul_backward(grad_output, output, a, b):\n    return 0  # internal"
CONFIG = """
from autograder.bridges.nbgrader.config import configure
from nbgrader.plugins import LateSubmissionPlugin

class Quarter(LateSubmissionPlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return 0.25 * score

c = get_config()
configure(c)
c.AssignLatePenalties.plugin_class = Quarter
"""
PEOPLE = ("ada", "bo", "cy", "di", "ed", "flo", "gil")
WAITING = {"di", "ed", "flo"}
IN_CANVAS = {number: (name, f"S{number}", name) for number, name in enumerate(PEOPLE, start=11)}

SCORES = {
    "ada": 4.0 + 3.0 + 5.0 + 4.25 + 0.5,  # all right, an essay and extra credit by a person, the bonus
    "bo": 0.75 * 7.0,  # late
    "cy": 0.75 * (4.0 + 2.5 + 0.5),  # a person gave points for what the program found wrong; late
    "gil": 0.0,  # handed in what was handed out
}


@pytest.fixture
def course(small_kit, tmp_path):
    """A course with a bonus, an essay, lateness that costs a quarter, and a student of every kind."""
    made = Course.at(tmp_path / "course")
    write_sources(made, with_bonus())
    building.release(made)
    register(made, ASSIGNMENT)
    (made.root / "nbgrader_config.py").write_text(CONFIG)
    sql(made, "UPDATE assignment SET duedate = '2024-01-01 00:00:00.000000'")
    right = {"add_backward": RIGHT_ADD, "mul_backward": RIGHT_MUL}
    work = {
        "ada": answered(made, **right, sum_backward=RIGHT_SUM, essay_why="Paths."),
        "bo": answered(made, **right),
        "cy": answered(made, add_backward=RIGHT_ADD, mul_backward=WRONG),
        "di": answered(made, **right, essay_why="Sums."),
        "ed": b"no notebook",
        "flo": answered(made, add_backward=RIGHT_ADD, mul_backward=INTERNAL),
        "gil": answered(made),
    }
    for student, notebook in work.items():
        day = "2024-01-02" if student in ("bo", "cy", "di") else "2023-12-31"
        hand_in(made, student, notebook).with_name("timestamp.txt").write_text(f"{day} 01:00:00.0 CET\n")
    record(made)
    give_by_hand(made, "ada", "essay-why", 4.25)
    give_by_hand(made, "cy", "mul_backward-check", 2.5)
    record(made)
    return made


@pytest.fixture
def exported(course, tmp_path, monkeypatch):
    """What each export says of everybody, by its name."""
    monkeypatch.chdir(course.root)
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR"):
        monkeypatch.setenv(name, str(tmp_path))
    roster = tmp_path / "roster.csv"
    roster.write_text("student,canvas_id\n" + "".join(f"{name},{number}\n" for number, (name, *_) in IN_CANVAS.items()))
    asking = {
        "csv": Request("csv"),
        "canvas": Request("canvas", roster=roster, ids={ASSIGNMENT: "777"}),
        "moodle": Request("moodle", identify_by="username"),
    }
    plugins = {
        "csv": [],
        "canvas": [f"--CanvasExporter.roster={roster}", f"--CanvasExporter.assignment_id={ASSIGNMENT}=777"],
        "moodle": ["--MoodleExporter.identify_by=username"],
    }

    def by_nbgrader(exporter, *options):
        out = tmp_path / "nbgrader.csv"
        app = ExportApp()
        app.initialize([f"--exporter={exporter}", f"--to={out}", *options])
        app.start()
        return out.read_bytes()

    def export_all(by_plugins=False):
        ours = {name: export(course, course.gradebook_url, request).data for name, request in asking.items()}
        for name, options in plugins.items() if by_plugins else ():
            assert by_nbgrader(f"{PLUGINS}.{name.capitalize()}Exporter", *options) == ours[name]
        stock = by_nbgrader(f"{CsvExportPlugin.__module__}.CsvExportPlugin")
        return {name: READ[name](data) for name, data in ours.items()} | {"nbgrader": read_stock(stock)}

    return export_all


def table(data):
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def read_csv(data):
    return {row["student"]: float(row["score"]) if row["score"] else None for row in table(data)}


def read_canvas(data):
    canvas = CanvasCourse({777: ASSIGNMENT}, IN_CANVAS)
    canvas.upload(data)
    assert (canvas.created, canvas.strangers) == ([], [])
    given = {IN_CANVAS[who][0]: float(score) for (who, _), score in canvas.grades.items() if score}
    return {name: given.get(name) for name in PEOPLE}  # who has no row keeps what Canvas has


def read_moodle(data):
    moodle = MoodleCourse({"Username": {name: name for name in PEOPLE}}, (ASSIGNMENT,))
    moodle.upload(data)
    return {name: score for (name, _), score in moodle.grades.items()}


READ = {"csv": read_csv, "canvas": read_canvas, "moodle": read_moodle}


def read_stock(data):
    return {row["student_id"]: float(row["score"]) for row in table(data)}


def with_force(course):
    autograde(course, more=late_plugin(course))


def hand_in_again(course):
    """The same work, later: the file is another one, no answer is."""
    made = answered(course, add_backward=RIGHT_ADD, mul_backward=RIGHT_MUL, sum_backward=RIGHT_SUM, essay_why="Paths.")
    made["cells"].append({"cell_type": "code", "id": "own", "metadata": {}, "source": "1 + 1", "outputs": [],
                          "execution_count": None})  # fmt: skip
    hand_in(course, "ada", made)
    record(course)


def new_results(course):
    shutil.rmtree(course.autograded)
    record(course)


def register_again(course):
    building.release(course)
    register(course, ASSIGNMENT)
    record(course)


AGAIN = {
    "graded again": record,
    "nbgrader autograde --force": with_force,
    "and ours after it": record,
    "handed in again": hand_in_again,
    "results deleted": new_results,
    "released and registered again": register_again,
}


def test_every_export_has_the_same_scores_whatever_is_graded_again(course, exported):
    expected = {**SCORES, **dict.fromkeys(WAITING)}
    found = {"at first": exported()}

    for name, act in AGAIN.items():
        act(course)
        found[name] = exported()

    wrong = [
        (when, which, said)
        for when, each in found.items()
        for which, said in each.items()
        if {who: score for who, score in said.items() if which != "nbgrader" or who not in WAITING}
        != {who: score for who, score in expected.items() if which != "nbgrader" or who not in WAITING}
    ]
    assert wrong == []


def test_a_cell_that_waits_again_takes_the_number_out_of_ours_alone(course, exported):
    other = answered(course, add_backward=RIGHT_ADD, mul_backward=RIGHT_MUL, sum_backward=RIGHT_SUM, essay_why="Sums!")
    hand_in(course, "ada", other)
    record(course)

    found = exported(by_plugins=True)

    assert {which: found[which]["ada"] for which in READ} == dict.fromkeys(READ)
    assert found["nbgrader"]["ada"] == SCORES["ada"]
