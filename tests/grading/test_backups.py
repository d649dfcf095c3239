"""The gradebook's copies: made before each run that finds it changed, kept ten deep, and put back."""

from __future__ import annotations

import datetime
import errno
import os
import shutil
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from autograder.errors import StorageError, UsageError
from autograder.grading.backups import KEPT, backups, check_belongs, keep_backup, restore
from autograder.grading.course import Course
from tests.bridges.small_course import sql
from tests.grading.small_run import copy_of, graded, new_course


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A course of three students, graded."""
    course = new_course(tmp_path_factory.mktemp("done") / "course", 3)
    graded(course)
    return course


@pytest.fixture
def course(done, tmp_path):
    return copy_of(done, tmp_path / "course")


def score(course):
    return sql(course, "SELECT sum(coalesce(manual_score, 0)) FROM grade")[0][0]


def give(course, points):
    sql(course, "UPDATE grade SET manual_score = ?", points)


def at(second):
    return datetime.datetime(2030, 1, 1, 0, 0, second, tzinfo=datetime.UTC)


def test_a_copy_is_made_of_what_changed_and_of_nothing_else(course):
    first = keep_backup(course, at(1))
    again = keep_backup(course, at(2))
    give(course, 1.0)
    second = keep_backup(course, at(3))

    assert again is None
    assert backups(course) == [second, first]
    assert {path.stat().st_mode & 0o777 for path in backups(course)} == {0o600}


def test_the_last_ten_are_kept(course):
    made = []
    for number in range(KEPT + 3):
        give(course, float(number + 1))
        made.append(keep_backup(course, at(number)))

    assert backups(course) == made[:2:-1]


def test_a_copy_made_while_somebody_writes_is_whole(course):
    with sqlite3.connect(course.gradebook, isolation_level=None) as writing:
        writing.execute("BEGIN IMMEDIATE")
        writing.execute("UPDATE grade SET manual_score = 5")

        copy = keep_backup(course)

        writing.execute("ROLLBACK")
    with sqlite3.connect(copy) as found:
        assert found.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert found.execute("SELECT count(*) FROM grade WHERE manual_score = 5").fetchone() == (0,)


def test_what_a_person_gave_comes_back_and_what_was_there_is_kept(course):
    give(course, 2.0)
    keep_backup(course, at(1))
    want = score(course)
    give(course, 9.0)

    restore(course)

    assert score(course) == want
    assert len(backups(course)) == 2


def test_an_older_copy_is_put_back_by_its_name(course):
    names = []
    for number in (1, 2, 3):
        give(course, float(number))
        names.append(keep_backup(course, at(number)).name)

    restore(course, names[0])

    assert sql(course, "SELECT DISTINCT manual_score FROM grade") == [(1.0,)]


def test_a_damaged_gradebook_is_replaced_and_kept(course):
    give(course, 2.0)
    keep_backup(course)
    course.gradebook.write_bytes(b"no database at all" * 100)

    done = restore(course)

    assert sql(course, "SELECT DISTINCT manual_score FROM grade") == [(2.0,)]
    assert done.damaged == course.gradebook.with_name("gradebook.db.damaged")
    assert done.damaged.read_bytes().startswith(b"no database")


def test_a_second_damaged_gradebook_does_not_replace_the_first(course):
    keep_backup(course)
    kept = []
    for number in range(3):
        course.gradebook.write_bytes(b"%d is no database" % number * 100)
        kept.append(restore(course).damaged)

    assert [path.read_bytes()[:1] for path in kept] == [b"0", b"1", b"2"]


def half_written(book):
    """As a program leaves a gradebook that is killed while it writes: new pages in it, the old ones in the journal."""
    child = os.fork()
    if not child:
        writing = sqlite3.connect(book, isolation_level=None)
        writing.execute("PRAGMA cache_size = 1")
        writing.execute("BEGIN")
        writing.execute("CREATE TABLE rubbish (text)")
        writing.executemany("INSERT INTO rubbish VALUES (?)", [("x" * 2000,)] * 500)
        writing.execute("UPDATE grade SET manual_score = 0")
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    assert book.with_name(f"{book.name}-journal").stat().st_size


def test_a_gradebook_whose_writer_was_killed_is_copied_as_it_was_before(course):
    give(course, 7.0)
    half_written(course.gradebook)

    copy = keep_backup(course)

    with sqlite3.connect(copy) as found:
        assert found.execute("SELECT DISTINCT manual_score FROM grade").fetchall() == [(7.0,)]


def test_to_restore_one_whose_writer_was_killed_keeps_what_people_gave_in_a_copy(course):
    keep_backup(course)
    give(course, 7.0)
    half_written(course.gradebook)

    done = restore(course)

    assert done.damaged is None
    with sqlite3.connect(backups(course)[0]) as found:
        assert found.execute("SELECT DISTINCT manual_score FROM grade").fetchall() == [(7.0,)]


@pytest.fixture
def hasty(monkeypatch):
    """Nobody waits longer for the gradebook than a moment."""
    for module in ("_storage", "backups"):
        monkeypatch.setattr(f"autograder.grading.{module}.PATIENCE", 0.2)
        monkeypatch.setattr(f"autograder.grading.{module}.GLANCE", 0.05)


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("ask", [keep_backup, restore])
def test_a_gradebook_that_another_program_holds_is_waited_for_no_longer_than_that(course, ask):
    keep_backup(course, at(1))
    give(course, 7.0)
    with closing(sqlite3.connect(course.gradebook, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StorageError, match="Another program holds the gradebook"):
            ask(course)
        other.execute("ROLLBACK")

    assert sql(course, "SELECT DISTINCT manual_score FROM grade") == [(7.0,)]
    assert not course.gradebook.with_name("gradebook.db.damaged").exists()


def test_where_there_is_no_room_for_the_copy_the_gradebook_stays_in_its_place(course, monkeypatch):
    keep_backup(course)
    course.gradebook.write_bytes(b"no database at all" * 100)

    def full(path, _):
        path.touch()
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(StorageError, match="Make room"):
        restore(course)

    assert course.gradebook.read_bytes().startswith(b"no database")
    assert not list(course.root.glob(".*unfinished"))


def test_a_link_to_the_gradebook_stays_one(course, tmp_path):
    there = tmp_path / "shared.db"
    course.gradebook.rename(there)
    course.gradebook.symlink_to(there)
    give(course, 2.0)
    keep_backup(course)
    give(course, 9.0)

    restore(course)

    assert course.gradebook.is_symlink()
    with sqlite3.connect(there) as found:
        assert found.execute("SELECT DISTINCT manual_score FROM grade").fetchall() == [(2.0,)]


def test_a_copy_that_is_not_there_is_told_with_those_that_are(course):
    kept = keep_backup(course)

    with pytest.raises(UsageError, match=kept.name):
        restore(course, "gradebook-1999.db")


def test_a_course_without_any_copy_says_so(course):
    with pytest.raises(UsageError, match="There is no backup in"):
        restore(course)


def test_a_gradebook_on_a_server_has_its_backups_there_and_its_password_is_not_told(course):
    served = Course.at(course.root)
    served = Course(**{**vars(served), "db_url": "postgresql://grader:secret@db/grades"})

    with pytest.raises(UsageError, match="its backups are the server's") as raised:
        restore(served)

    assert "secret" not in str(raised.value)
    assert keep_backup(served) is None


def lose(course, how):
    if how == "deleted":
        course.gradebook.unlink()
    if how == "emptied":
        course.gradebook.write_bytes(b"")
    if how == "without tables":
        course.gradebook.unlink()
        sqlite3.connect(course.gradebook).execute("CREATE TABLE x (y)").connection.close()
    if how == "another course's":
        sql(course, "UPDATE submitted_assignment SET student_id = 'nobody-' || student_id")
    if how == "without submissions":
        keep_backup(course)
        for table in ("submitted_notebook", "submitted_assignment"):
            sql(course, f"DELETE FROM {table}")


@pytest.mark.parametrize("how", ["deleted", "emptied", "without tables", "another course's", "without submissions"])
def test_a_lost_gradebook_beside_results_stops_the_run_with_both_ways_out(course, how):
    lose(course, how)

    with pytest.raises(UsageError) as raised:
        check_belongs(course)

    assert "autograder restore" in str(raised.value)
    assert f"move {course.autograded} and {course.feedback} away" in str(raised.value)


def test_an_older_gradebook_names_whom_it_does_not_know(course):
    sql(course, "DELETE FROM submitted_assignment WHERE student_id = 's0001'")

    (line,) = check_belongs(course)

    assert "s0001" in line
    assert "restore --list" in line


def test_a_new_course_a_moved_one_and_a_first_run_that_was_killed_may_go_on(course, tmp_path):
    killed = new_course(tmp_path / "killed", 2)
    shutil.copytree(course.autograded, killed.autograded)
    anew = copy_of(course, tmp_path / "anew")
    lose(anew, "deleted")
    for folder in (anew.autograded, anew.feedback):
        shutil.rmtree(folder)

    assert [check_belongs(one) for one in (course, killed, anew, new_course(tmp_path / "new", 0))] == [()] * 4


def test_a_copy_that_cannot_be_written_stops_the_run_before_anything_is_written(course, monkeypatch):
    course.backups.write_text("a file where the folder should be")

    with pytest.raises(StorageError, match="can't be written"):
        keep_backup(course)
