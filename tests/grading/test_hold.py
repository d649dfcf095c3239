"""One run at a time: the second one waits a little, then says who is in its way and what to do."""

from __future__ import annotations

import errno
import fcntl
import os
import threading

import pytest

from autograder.commands.course import run_register
from autograder.commands.grade import run_grade
from autograder.errors import StorageError, UsageError
from autograder.grading import hold as holding
from autograder.grading.course import Course
from autograder.grading.hold import LOCK, hold
from tests.grading.notebooks import write
from tests.grading.small_run import ASSIGNMENT, NOTEBOOK, answer, hand_in, release_json


@pytest.fixture
def course(tmp_path):
    return Course.at(tmp_path)


def test_the_second_is_refused_and_told_who_the_first_is(course):
    told = pytest.raises(UsageError, match=rf"one at a time and got process {os.getpid()} on .*Wait until")

    with hold(course), told, hold(course, patience=0.0):
        pass


def test_the_second_waits_for_a_first_that_ends_soon(course):
    held, leave = threading.Event(), threading.Event()

    def first():
        with hold(course):
            held.set()
            leave.wait()

    thread = threading.Thread(target=first)
    thread.start()
    held.wait()
    threading.Timer(0.1, leave.set).start()

    with hold(course, patience=60.0):
        pass

    thread.join()


def test_one_that_ended_is_in_nobodys_way(course):
    with hold(course):
        pass

    with hold(course, patience=0.0):
        assert (course.results / LOCK).is_file()


def test_a_disk_too_full_to_say_who_holds_it_holds_all_the_same(course, monkeypatch):
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(holding, "_sign", full)
    refused = pytest.raises(UsageError, match="one that has not said who it is")

    with hold(course), refused, hold(course, patience=0.0):
        pass


def test_two_courses_are_held_at_once(tmp_path):
    with hold(Course.at(tmp_path / "a")), hold(Course.at(tmp_path / "b"), patience=0.0):
        pass


def test_a_file_system_without_locks_is_refused(course, monkeypatch):
    def flock(*_):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", flock)

    with pytest.raises(UsageError, match="without locks"), hold(course):
        pass


def test_a_folder_that_cannot_be_written_is_told(course):
    (course.results / LOCK).mkdir(parents=True)

    with pytest.raises(StorageError, match=r"can't be written.*directory"), hold(course):
        pass


def test_a_lock_that_is_a_link_is_refused_and_what_it_leads_to_stays(course, tmp_path):
    precious, missing = tmp_path / "precious.txt", tmp_path / "missing.txt"
    precious.write_text("keep me")
    lock = course.results / LOCK

    for target in (precious, missing):
        lock.unlink(missing_ok=True)
        lock.symlink_to(target)
        with pytest.raises(StorageError, match="can't be written"), hold(course):
            pass

    assert precious.read_text() == "keep me"
    assert not missing.exists()


@pytest.mark.parametrize("command", ["grade", "register"])
def test_a_command_that_writes_results_is_refused_meanwhile(course, monkeypatch, command):
    monkeypatch.setattr(holding, "PATIENCE", 0.0)
    for folder in (course.solutions, course.assignments):
        write(folder / ASSIGNMENT / f"{NOTEBOOK}.ipynb", release_json())
    hand_in(course, "alice", answer("mul_backward"))
    whole = {"submitted": None, "force": False, "workers": 1, "reseed": True, "allow_weak": False}

    with hold(course), pytest.raises(UsageError, match="Another run"):
        run_grade(course, (), **whole) if command == "grade" else run_register(course, ())

    assert not course.gradebook.exists()
    assert not course.secret.exists()
