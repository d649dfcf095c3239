"""No room on the disk, or no permission: a clear error, a whole gradebook, and a next run that goes on from there."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager

import pytest

from autograder.commands.signs import lines
from autograder.errors import StorageError
from autograder.grading._files import UNFINISHED, File, put, sweep, write_atomically
from autograder.grading._storage import database_refusal, waiting_for
from autograder.grading.gradebook import open_ledger
from autograder.grading.hold import LOCK
from tests.boundary.boxes import missing_wall, unshare_fault
from tests.grading.small_run import ASSIGNMENT, ROOT, copy_of, graded, new_course, stable, state, whole

STUDENTS = 8
REFUSALS = {
    "no room for files": "No space left on device. Make room on the disk",
    "no room for the gradebook": "database or disk is full. Make room on the disk",
    "read-only": "Read-only file system. Make it writable",
}


@pytest.fixture(scope="module")
def refused(tmp_path_factory):
    """What `small_disk` saw."""
    if reason := unshare_fault("-Urm"):
        missing_wall("disks that are too small", reason)
    command = ["unshare", "-Urm", sys.executable, "-m", "tests.grading.small_disk", tmp_path_factory.mktemp("disk")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def ungraded(tmp_path_factory):
    return new_course(tmp_path_factory.mktemp("ungraded") / "course", STUDENTS)


@pytest.mark.parametrize("kind", REFUSALS)
def test_the_refusal_is_told_with_what_to_do(refused, kind):
    assert REFUSALS[kind] in refused[kind]["said"]


@pytest.mark.parametrize("kind", REFUSALS)
def test_the_gradebook_stays_whole_and_the_next_run_completes(refused, kind):
    assert refused[kind]["whole"]
    assert refused[kind]["completed"]


@pytest.mark.parametrize("kind", ["page", "gradebook"])
def test_where_a_file_may_not_grow_it_is_told_and_the_next_run_completes(ungraded, tmp_path, kind):
    course = copy_of(ungraded, tmp_path / "course")
    largest = 4_000 if kind == "page" else course.gradebook.stat().st_size
    with stable() as runs:
        assert runs.run(course, largest=largest) == 3
    assert whole(course)

    graded(course)

    undisturbed = copy_of(ungraded, tmp_path / "undisturbed")
    graded(undisturbed)
    assert state(course) == state(undisturbed)


def test_the_command_ends_with_exit_code_1_and_without_a_traceback(ungraded, tmp_path):
    course = copy_of(ungraded, tmp_path / "course")
    shutil.copytree(course.assignments, course.solutions)
    (course.results / LOCK).mkdir()

    command = [sys.executable, "-I", "-m", "autograder", "grade", "--course", course.root]
    done = subprocess.run(command, capture_output=True, text=True)

    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert "can't be written. Got Is a directory." in done.stderr


def test_a_damaged_gradebook_is_told(ungraded, tmp_path):
    course = copy_of(ungraded, tmp_path / "course")
    course.gradebook.write_bytes(b"not a database, whatever it is called" * 100)

    with pytest.raises(StorageError, match=r"is no database.*autograder restore"):
        graded(course)


@pytest.fixture
def hasty(monkeypatch):
    """Nobody waits longer for the gradebook than a moment."""
    monkeypatch.setattr("autograder.grading._storage.PATIENCE", 0.3)
    monkeypatch.setattr("autograder.grading._database.GLANCE", 0.05)


@pytest.mark.usefixtures("hasty")
def test_a_gradebook_that_another_program_holds_is_told(ungraded, tmp_path):
    course = copy_of(ungraded, tmp_path / "course")

    with open_ledger(course) as ledger, ledger.engine.begin(), pytest.raises(StorageError, match="Another program"):
        graded(course)


HOLD = """
import sqlite3, sys
other = sqlite3.connect(sys.argv[1], isolation_level=None)
other.execute("BEGIN " + sys.argv[2])
other.execute("SELECT * FROM grade").fetchone()
print(flush=True)
sys.stdin.read()
"""


@contextmanager
def held(course, how):
    """Another program holds the gradebook: its process's number."""
    command = [sys.executable, "-c", HOLD, course.gradebook, how]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        other.stdout.readline()
        yield other.pid
        other.stdin.close()


@pytest.mark.skipif(not os.path.exists("/proc/locks"), reason="the kernel does not tell who holds a lock")
@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("how, does", [("DEFERRED", "reads"), ("IMMEDIATE", "writes to")])
def test_who_holds_the_gradebook_is_named(ungraded, tmp_path, how, does):
    course = copy_of(ungraded, tmp_path / "course")

    with (
        held(course, how) as process,
        pytest.raises(StorageError, match=rf"Got process {process} \(.+\), which {does}"),
    ):
        graded(course)


@pytest.mark.usefixtures("hasty")
def test_who_only_reads_keeps_nobody_from_reading(ungraded, tmp_path):
    course = copy_of(ungraded, tmp_path / "course")
    graded(course)

    with held(course, "DEFERRED"), open_ledger(course) as ledger:
        assert len(ledger.totals(ASSIGNMENT)) == STUDENTS


def test_while_the_gradebook_is_waited_for_there_are_signs_of_life(ungraded, tmp_path, monkeypatch):
    monkeypatch.setattr("autograder.grading._storage.PATIENCE", 1.0)
    monkeypatch.setattr("autograder.grading._database.GLANCE", 0.05)
    course = copy_of(ungraded, tmp_path / "course")
    told = []

    signs = lines(lambda: told.append(waiting_for()) or "", every=0.1)
    with held(course, "IMMEDIATE"), pytest.raises(StorageError), signs:
        open_ledger(course)

    assert len([words for words in told if words]) >= 3
    assert waiting_for() == ""


def test_a_new_gradebook_is_made_beside_its_place(tmp_path, ungraded, monkeypatch):
    seen = []

    def make(url, course_id):
        seen.append(url)
        shutil.copy(ungraded.gradebook, url.removeprefix("sqlite:///"))

    monkeypatch.setattr("autograder.grading._database._let_nbgrader_make", make)
    monkeypatch.setattr("autograder.grading._database.make_blank", lambda *_: False)
    course = copy_of(ungraded, tmp_path / "course")
    course.gradebook.unlink()

    open_ledger(course).close()

    assert seen == [f"sqlite:///{course.results}/.gradebook.db{UNFINISHED}"]
    assert course.gradebook.is_file()
    assert not (course.results / f".gradebook.db{UNFINISHED}").exists()


def test_a_failed_write_leaves_nothing_behind(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fchmod", full)

    with pytest.raises(OSError, match="No space"):
        write_atomically(tmp_path / "file", b"data")

    assert list(tmp_path.iterdir()) == []


def test_files_are_put_in_place_with_their_digests(tmp_path):
    digests = put(tmp_path, [File("a/b", b"data"), File("a/c", None)])

    assert list(digests) == ["a/b"]
    assert (tmp_path / "a" / "b").read_bytes() == b"data"


def test_a_file_that_must_not_be_there_is_removed(tmp_path):
    put(tmp_path, [File("a/c", b"old")])

    put(tmp_path, [File("a/c", None)])

    assert not (tmp_path / "a" / "c").exists()


def test_sweeping_removes_what_is_half_written_and_nothing_else(tmp_path):
    for name in (f".page.html.x{UNFINISHED}", f"page{UNFINISHED}", ".hidden", "page.html"):
        (tmp_path / name).touch()

    sweep(tmp_path)
    sweep(tmp_path / "no folder")

    assert sorted(path.name for path in tmp_path.iterdir()) == [".hidden", "page.html", f"page{UNFINISHED}"]


def test_an_error_of_our_own_is_no_matter_of_storage():
    assert database_refusal("gradebook.db", ValueError("no such column")) is None
