"""A gradebook on PostgreSQL holds what one in a file holds, whoever writes into it and whatever fails."""

from __future__ import annotations

import functools
import inspect
import json
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from autograder.commands.restore import run_restore
from autograder.errors import StorageError, UsageError
from autograder.grading._database import make_gradebook
from autograder.grading.backups import check_belongs, restore
from autograder.grading.course import Course
from autograder.grading.gradebook import Ledger, open_ledger
from autograder.grading.preview import preview
from tests.bridges.small_course import on_server, rows, sql
from tests.grading import test_bonus, test_closed, test_gradebook
from tests.grading.ledgers import registered
from tests.grading.notebooks import released
from tests.grading.postgresql import database, drop, server
from tests.grading.small_run import ASSIGNMENT, ROOT, ScriptedBox, copy_of, graded, new_course, plan_of, stable, state
from tests.grading.test_closed import before_there_were_versions

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("PostgreSQL")]

OF_SQLITE = {
    "test_a_score_by_hand_that_no_sum_can_hold_is_none_and_a_person_must_look",
    "test_what_cannot_be_read_in_a_gradebook_is_told",
    "test_a_submission_that_was_removed_gets_its_bonus_when_it_comes_again",  # the same
    "test_a_submission_without_all_its_scores_is_not_completed",  # tears out rows that others need: refused on a server
    "test_no_statement_of_a_recording_reads_a_whole_table_that_grows_with_the_class",  # asks SQLite for its plan
}


@pytest.fixture(scope="module")
def postgres():
    """A server for all of these."""
    with server() as folder:
        yield folder


@pytest.fixture(scope="module")
def registered_once(postgres, tmp_path_factory):
    """A database in which a release is registered, to be copied; each is made once."""

    @functools.cache
    def made(bonus):
        url = database(postgres)
        registered(tmp_path_factory.mktemp("template"), test_bonus.with_bonus() if bonus else None, url=url)
        return url

    return made


@pytest.fixture
def course(request, postgres, registered_once, tmp_path):
    """What the tests of the gradebook start from, with the gradebook on the server."""
    bonus = request.function.__module__ == test_bonus.__name__
    released(tmp_path, test_bonus.with_bonus() if bonus else None)
    url = database(postgres, like=registered_once(bonus))
    yield replace(Course.at(tmp_path), db_url=url)
    drop(postgres, url)


def _tests_of_the_gradebook():
    """Those that start from a ledger, by name."""
    for module in (test_gradebook, test_closed, test_bonus):
        for name, test in vars(module).items():
            if name.startswith("test_") and name not in OF_SQLITE and "ledger" in inspect.signature(test).parameters:
                yield name, test


globals().update(_tests_of_the_gradebook())


def late(student, score, seconds):
    return 0.5


def a_term(course):
    """What happens to a gradebook: graded, looked at by a person, late, graded again with and without force."""
    graded(course)
    sql(
        course, "UPDATE grade SET manual_score = 0.5, needs_manual_grade = ? WHERE cell_id IN"
        " (SELECT id FROM base_cell WHERE name = 'essay-why') AND needs_manual_grade = ?", False, True,
    )  # fmt: skip
    sql(course, "UPDATE comment SET manual_comment = 'well done'")
    sql(course, "UPDATE assignment SET duedate = '2020-01-01 00:00:00.000000'")
    yield graded(course, late=late)
    yield graded(course, late=late, force=True)
    (course.submitted / "s0000" / ASSIGNMENT / "timestamp.txt").write_text("2020-01-05 10:00:00 CET\n")
    shutil.rmtree(course.autograded / "s0001")
    yield graded(course, late=late)


def test_the_same_rows_and_files_as_with_sqlite_after_a_term(postgres, tmp_path):
    here, there = new_course(tmp_path / "file", 5), new_course(tmp_path / "server", 5, url=database(postgres))

    for told_here, told_there in zip(a_term(here), a_term(there), strict=True):
        assert told_there == told_here

    assert state(there) == state(here)
    assert {row[3] for row in rows(there)["submitted_notebook"]} == {0.5, 0.0}


def test_two_that_find_no_tables_make_them_once(postgres):
    url = database(postgres)

    with ThreadPoolExecutor(2) as both:
        list(both.map(lambda _: make_gradebook(url, "backpropagation"), range(2)))

    assert on_server(url, "SELECT count(*) FROM alembic_version") == [(1,)]
    assert sorted(on_server(url, "SELECT id FROM course")) == [("backpropagation",), ("default_course",)]


def test_two_graders_at_once_leave_what_one_leaves(postgres, tmp_path):
    alone = new_course(tmp_path / "alone", 20)
    graded(alone)
    url = database(postgres)
    first = new_course(tmp_path / "first", 20, url=url)
    second = replace(copy_of(first, tmp_path / "second"), db_url=url)

    with ExitStack() as stack:
        graders = [stack.enter_context(stable()) for _ in range(2)]
        for grader, each in zip(graders, (first, second), strict=True):
            grader.start(each, url=url, workers=1, delay=0.02, together=1)
        ended = [grader.wait() for grader in graders]

    assert ended == [0, 0]
    assert rows(first) == rows(alone)
    assert sql(first, "SELECT count(*) FROM autograder_completion") == [(20,)]


def test_no_score_by_hand_comes_between_what_is_read_and_what_is_written(course):
    with open_ledger(course) as ledger, ledger.together():
        formgrader = sa.create_engine(course.gradebook_url, poolclass=sa.NullPool)
        with formgrader.connect() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM grade").scalar_one() == 0  # reading goes on
            connection.exec_driver_sql("SET lock_timeout = '50ms'")
            with pytest.raises(sa.exc.DBAPIError, match="lock timeout"):
                connection.exec_driver_sql("UPDATE grade SET manual_score = 1")


def test_a_dry_run_on_a_server_writes_nothing(postgres, tmp_path):
    course = new_course(tmp_path, 3, url=database(postgres))
    graded(course)
    with open_ledger(course) as ledger:
        before_there_were_versions(ledger)
    plan = replace(plan_of(course), grader="another")
    before = dump(course)

    found = preview(course, {ASSIGNMENT: plan}, graded_with(plan))

    assert (len(found.graded), found.new) == (3, [])
    assert dump(course) == before


def graded_with(plan):
    from autograder.grading.run import Settings

    return Settings(ScriptedBox(plan), "scripted", workers=1)


def dump(course):
    """Every table of the server's with its columns and rows."""
    tables = [name for (name,) in sql(course, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    columns = "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public'"
    return sorted(sql(course, columns)), {
        name: sorted(sql(course, f"SELECT * FROM {name}"), key=repr) for name in tables
    }


def test_an_empty_database_is_not_touched_by_a_dry_run(postgres, tmp_path):
    new_course(tmp_path, 2)
    course = replace(Course.at(tmp_path), db_url=database(postgres))
    plan = plan_of(course)

    found = preview(course, {ASSIGNMENT: plan}, graded_with(plan))

    assert len(found.new) == 2
    assert dump(course) == ([], {})


@pytest.mark.parametrize("only_list", [True, False])
def test_backups_of_a_server_are_the_servers(course, only_list):
    (course.root / "nbgrader_config.py").write_text(
        f"c = get_config()\nc.CourseDirectory.db_url = {course.gradebook_url!r}\n"
    )

    with pytest.raises(UsageError, match=r"its backups are the server's.*pg_restore"):
        run_restore(Course.at(course.root), "", only_list=only_list)
    with pytest.raises(UsageError, match="its backups are the server's"):
        restore(course)


def test_an_emptied_database_beside_results_is_told_and_what_to_do_fits_a_server(postgres, tmp_path):
    course = new_course(tmp_path, 2, url=database(postgres))
    graded(course)

    with pytest.raises(UsageError, match="Restore it on the server; or"):
        check_belongs(replace(course, db_url=database(postgres)))


def test_a_server_that_is_not_there_is_told_without_the_password(postgres, tmp_path):
    asked = {
        "postgresql://grader:hunter2@/grades?host=/nowhere": "No such file or directory",
        f"postgresql://grader:hunter2@/grades?host={postgres}": 'database "grades" does not exist',
        f"postgresql://nobody:hunter2@/postgres?host={postgres}": 'role "nobody" does not exist',
    }
    said = {}

    for url in asked:
        for opening in (lambda: make_gradebook(url, "course"), lambda: Ledger(url)):  # noqa: B023 - called at once
            with pytest.raises(StorageError) as raised:
                opening()
            said.setdefault(url, []).append(str(raised.value))

    assert {url: [words in told for told in said[url]] for url, words in asked.items()} == dict.fromkeys(
        asked, [True] * 2
    )
    assert not [
        told for each in said.values() for told in each if "names its place, its database and a user" not in told
    ]
    assert not [told for each in said.values() for told in each if "hunter2" in told]


def test_a_user_without_rights_is_told(course):
    url = course.gradebook_url
    on_server(url, "DROP ROLE IF EXISTS reader")
    on_server(url, "CREATE ROLE reader LOGIN")
    on_server(url, "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")

    with pytest.raises(StorageError, match=r"may not be written by this user.*rights to its tables"):
        Ledger(url.replace("grader@", "reader@"))


# The real commands

A, STUDENTS = "ps3-activations-and-losses", ("ada", "chen", "emil")
EXPORTS = {
    "csv": ("--to", "csv"),
    "moodle": ("--to", "moodle", "--identify-by", "username"),
    "canvas": ("--to", "canvas", "--assignment-id", f"{A}=7", "--roster", "roster.csv"),
}
STEPS = (
    ("autograder", "register"),
    ("autograder", "grade"),
    ("by hand",),
    ("nbgrader", "db", "assignment", "add", A, "--duedate=2026-10-01 23:59:00 UTC"),
    ("autograder", "grade"),
    ("export",),
    ("autograder", "grade", "--force"),
    ("export",),
    ("nbgrader", "autograde", A, "--force"),
    ("export",),
    ("autograder", "grade", "--dry-run", "--force"),
    ("autograder", "grade"),
    ("export",),
)


def real_course(folder: Path, url: str) -> Course:
    """One assignment of the example, three students of whom one is late, and lateness costs everything."""
    for place in ("assignments", "solutions"):
        shutil.copytree(ROOT / place / A, folder / place / A)
    for student in STUDENTS:
        shutil.copytree(ROOT / "tests" / "cohort" / "submitted" / student / A, folder / "submitted" / student / A)
        (folder / "submitted" / student / A / "timestamp.txt").write_text(
            f"2026-10-0{3 if student == 'emil' else 1} 01:00:00.000000 CEST\n"
        )
    shutil.copytree(ROOT / "requirements", folder / "requirements")
    for name in ("course.toml", "nbgrader_config.py"):
        shutil.copy(ROOT / name, folder)
    more = ["c = get_config()", "c.LateSubmissionPlugin.penalty_method = 'zero'"]
    more += [f"c.CourseDirectory.db_url = {url!r}"] if url else []
    with (folder / "nbgrader_config.py").open("a") as file:
        file.write("\n".join(["", *more, ""]))
    (folder / ".course-secret").write_text("5e" * 32 + "\n")
    (folder / ".course-secret").chmod(0o600)
    (folder / "roster.csv").write_text("student,canvas_id\n" + "".join(f"{s},{n}\n" for n, s in enumerate(STUDENTS)))
    return replace(Course.at(folder), db_url=url)


def ran(course: Course, words: tuple[str, ...], home: Path) -> str:
    """What a command says, without how long it took and where."""
    tools = Path(sys.executable).parent
    environment = {
        **os.environ, "JUPYTER_CONFIG_DIR": str(home), "HOME": str(home), "PATH": f"{tools}:{os.environ['PATH']}",
    }  # fmt: skip
    command = [str(tools / words[0]), *words[1:]]
    done = subprocess.run(
        command, cwd=course.root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert done.returncode == 0, done.stdout
    return re.sub(r" in \d+\.\d s|gradebook +\S.*", "", done.stdout) if words[0] == "autograder" else ""


def taken(course: Course, step: tuple[str, ...], home: Path) -> object:
    """What comes of one step."""
    if step == ("by hand",):
        from nbgrader.api import Gradebook

        with Gradebook(course.gradebook_url) as gradebook:  # as the formgrader does
            grade = gradebook.find_grade("essay-softmax-cross-entropy", "activations-and-losses", A, "ada")
            grade.manual_score, grade.needs_manual_grade = 9, False
            gradebook.db.commit()
        return None
    if step == ("export",):
        written = {}
        for name, options in EXPORTS.items():
            ran(course, ("autograder", "export", *options, "--out", f"{name}.csv"), home)
            written[name] = (course.root / f"{name}.csv").read_bytes()
        ran(course, ("nbgrader", "export", "--to=nbgrader.csv"), home)
        stock = (course.root / "nbgrader.csv").read_text().splitlines()
        return {**written, "nbgrader": sorted(stock)}
    return ran(course, step, home)


def test_the_real_commands_say_write_and_export_the_same_on_a_server(postgres, tmp_path):
    here = real_course(tmp_path / "file", "")
    there = real_course(tmp_path / "server", database(postgres))

    differ = []
    for number, step in enumerate(STEPS):
        one, other = (taken(course, step, tmp_path / "home") for course in (here, there))
        differ += [(number, step, one, other)] if one != other else []
        differ += [(number, step, "rows")] if number and rows(here) != rows(there) else []

    assert differ == []
    assert [row[:2] for row in rows(there)["grade"] if row[3] == 9.0] == [("ada", "essay-softmax-cross-entropy")]
    assert [row[0] for row in rows(there)["submitted_notebook"] if row[3]] == ["emil"]
    assert json.loads((there.reports / A / "report.json").read_text())["students"]
