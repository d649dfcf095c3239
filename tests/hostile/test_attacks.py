"""Every attack earns what its code deserves, harms nobody, leaves nothing behind, and says nothing that acts."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from autograder.boundary.job import Call, Cell, Job, Task
from autograder.boundary.limits import MIB
from autograder.course.declare import derive
from autograder.grading.secret import course_secret
from tests.boundary.boxes import box_of
from tests.hostile.cohort import Cohort
from tests.hostile.course import RULES, Assignment
from tests.hostile.folders import HERE, notebook
from tests.hostile.inert import acting_characters, active_parts, commands, in_words, numbers
from tests.rows import collected
from tests.this_course import CATALOGUE

GOT_IN = "GOT IN"
"""What an attack prints where it succeeds (its source says it in two pieces, which pages show)."""

ACTING = ("<script", "<img", "<svg", "javascript:", "::error", "::set-", "@everyone", "[/foo]", "{{", "$\\")
"""What attacks say and own words never hold."""


def test_each_exercise_earns_exactly_what_its_code_deserves(cohort: Cohort) -> None:
    with collected() as each:
        for student in cohort.kind.listed:
            with each(student.name):
                expected = student.expects

                record = cohort.record(student.name)

                assert (record["state"] == "rejected") == bool(expected.rejected), record.get("reason")
                found = record.get("exercises", [])
                assert not found or {one["exercise"]: one["earned"] for one in found} == pytest.approx(
                    {name: share * student.folder.assignment.points[name] for name, share in expected.earns.items()}
                ), [(one["exercise"], one["status"], one["message"]) for one in found]
                assert expected.status.items() <= {one["exercise"]: one["status"] for one in found}.items()


def test_the_gradebook_says_the_same(cohort: Cohort) -> None:
    with collected() as each:
        for student in cohort.kind.listed:
            with each(student.name):
                points = student.folder.assignment.points

                scores = cohort.scores(student.name)

                assert scores == pytest.approx(
                    {f"{name}-check": share * points[name] for name, share in student.expects.earns.items()}
                )


def test_what_was_odd_is_said(cohort: Cohort) -> None:
    with collected() as each:
        for student in cohort.kind.students:
            with each(student.name):
                expected = student.expects
                notices = cohort.seen["notices"]

                said = notices if expected.unlisted else [one for one in notices if one.startswith(f"{student.name}, ")]

                assert [words for words in expected.problems if not any(words in one for one in said)] == [], said
                assert expected.rejected in ("" if expected.unlisted else cohort.record(student.name).get("reason", ""))


def test_nothing_that_is_written_about_the_attack_acts(cohort: Cohort) -> None:
    with collected() as each:
        for student in cohort.kind.listed:
            with each(student.name):
                written = cohort.written(student.name)

                for where, text in written.items():
                    assert [words for words in (GOT_IN, *student.expects.never) if words in text] == [], where
                    assert acting_characters(text) == set(), where
                assert active_parts(written["page"]) == []
                assert active_parts(written["HTML outputs"]) == []
                assert commands(written["plain outputs"]) == []
                assert [words for words in ACTING if words in in_words(written["record"])] == []


def test_an_honest_student_has_the_score_that_they_have_alone(cohort: Cohort) -> None:
    with collected() as each:
        for honest in cohort.kind.honest:
            with each(honest):
                alone = json.loads(cohort.alone.record(honest, cohort.kind.assignment.name).read_bytes())

                among_attackers = cohort.record(honest)

                assert comparable(among_attackers) == comparable(alone)


def test_everybody_has_a_verdict_and_nobody_else(cohort: Cohort) -> None:
    graded = {name for (name,) in cohort.rows("SELECT student_id FROM submitted_assignment")}

    assert cohort.exit_code == 0, cohort.output
    assert cohort.seen["exit_codes"] == [0, 0]
    assert cohort.seen["internal"] == []
    assert "Traceback" not in cohort.output
    assert graded == {student.name for student in cohort.kind.listed} | set(cohort.kind.honest)


def test_handed_in_again_only_what_changed_is_graded_again(cohort: Cohort) -> None:
    again = [name for name in ("resubmitted-without-tests",) if name in {one.name for one in cohort.kind.students}]

    assert cohort.seen["graded_again"] == again


def test_no_process_no_thread_and_no_temporary_file_is_left(cohort: Cohort) -> None:
    assert cohort.seen["processes"] == []
    assert cohort.seen["threads"] == 1
    assert cohort.seen["temporary"] == []
    assert list(cohort.trophies.iterdir()) == []


def test_the_graders_own_processes_lose_neither_descriptors_nor_memory(cohort: Cohort) -> None:
    for noticed in cohort.seen["workers"].values():
        assert {one["descriptors"] for one in noticed} == {noticed[0]["descriptors"]}
        assert {one["children"] for one in noticed} == {noticed[0]["children"]}
        assert noticed[-1]["kilobytes"] < 450 * MIB / 1024  # all of an assignment is declared, of which three are asked


def test_no_file_of_an_instructor_or_a_student_has_changed(cohort: Cohort) -> None:
    resubmitted = re.compile(r"submitted/resubmitted-")

    changed = {path for path, digest in cohort.now().items() ^ cohort.before.items() if not resubmitted.match(path)}

    assert {path for path in changed if "/__pycache__/" not in path} == set()


def test_results_are_written_where_results_belong_and_nowhere_else(cohort: Cohort) -> None:
    harness = {"again", "honest", "alone", "watched", "seen.json"}

    written = set(os.listdir(cohort.course.root)) - harness

    assert written - {"gradebook.db-journal", ".grading.lock"} == {
        *("solutions", "assignments", "submitted", "autograded", "feedback", "reports", "backups"),
        *("course.toml", "gradebook.db", ".course-secret"),
    }
    students = {student.name for student in cohort.kind.listed} | set(cohort.kind.honest)
    assert set(os.listdir(cohort.course.feedback)) == set(os.listdir(cohort.course.autograded)) == students


def test_the_gradebook_is_sound(cohort: Cohort) -> None:
    several = "SELECT notebook_id, cell_id FROM grade GROUP BY notebook_id, cell_id HAVING count(*) > 1"
    beyond = "SELECT g.id FROM grade g JOIN grade_cells c ON c.id = g.cell_id WHERE g.auto_score > c.max_score"
    by_hand = "SELECT id FROM grade WHERE manual_score IS NOT NULL OR extra_credit IS NOT NULL OR auto_score < 0"

    assert cohort.rows("PRAGMA integrity_check") == [("ok",)]
    assert cohort.rows("PRAGMA foreign_key_check") == []
    assert [cohort.rows(query) for query in (several, beyond, by_hand)] == [[], [], []]


def test_what_is_written_about_the_class_acts_nowhere(cohort: Cohort) -> None:
    name = cohort.kind.assignment.name

    written = cohort.about_the_class()

    for where, text in written.items():
        assert acting_characters(text) == set(), where
        assert where.endswith(".html") or [words for words in (GOT_IN, *ACTING) if words in text] == [], where
    assert active_parts(written[f"{name}/index.html"]) == []
    assert commands(written["output"]) == []
    cells = [cell for row in csv.reader(io.StringIO(written[f"{name}/grades.csv"])) for cell in row]
    assert [cell for cell in cells if cell.lstrip().startswith(("=", "+", "-", "@", "\t", "\r"))] == []


def test_hidden_numbers_and_the_secret_are_shown_to_nobody(cohort: Cohort) -> None:
    secret = course_secret(cohort.course.root)
    hidden = kept_numbers(cohort.kind.assignment, secret)

    shown = {}
    for student in cohort.kind.listed:
        text = "\n".join(cohort.written(student.name).values())
        shown[student.name] = numbers(text) & hidden | ({"the secret"} if secret.hex()[:16] in text else set())

    assert len(hidden) > 50
    assert {name: found for name, found in shown.items() if found} == {}


def test_what_the_process_wall_alone_cannot_stop_is_known(tmp_path) -> None:
    place = tmp_path / "solutions" / "rules" / "rules.ipynb"
    place.parent.mkdir(parents=True)
    place.write_text(json.dumps(notebook(RULES, "")))
    text = (HERE / "what-the-process-wall-cannot-stop" / "cells.py").read_text().replace("@COURSE@", str(tmp_path))
    cells = {cell["id"]: cell["source"] for cell in notebook(RULES, text)["cells"]}
    x = np.arange(3.0)
    job = Job(
        (Cell("given", "import numpy as np"), Cell("mine", cells["sin_backward"])),
        (Task("sin_backward", calls=(Call("one", (np.ones(3), np.sin(x), x)),)),),
    )

    outcome = box_of("process").run(job)

    assert np.array_equal(outcome.replies["sin_backward"].returned[0].value, np.cos(x))


def comparable(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record without what differs between two runs: the time that it took, and behind which walls."""
    exercises = [{**one, "cpu_seconds": None} for one in record["exercises"]]
    return {**record, "exercises": exercises, "isolation": None}


def kept_numbers(assignment: Assignment, secret: bytes) -> set[str]:
    """The first digits of every number in the inputs and answers of hidden cases that are never shown."""
    declared = {exercise.name: exercise for exercise in CATALOGUE[assignment.declared_in]}
    seed = derive(secret, assignment.name)
    cases = [case for name in assignment.answers for case in declared[name].expect(seed=seed).cases]
    hidden = [case for case in cases if case.instance is not None and case.draw == "kept"]
    arrays = [array for case in hidden for array in (*case.instance.args, *case.arrays)]
    return set().union(*(numbers(repr(np.asarray(array).ravel()[:200].tolist())) for array in arrays))
