"""A run may be killed at any moment: after the next one all is as if nobody had disturbed it, and nothing lingers."""

from __future__ import annotations

import os
import random
import re
import signal
import time

import pytest

from autograder.errors import AutograderError, UsageError
from autograder.grading import workers
from autograder.grading._files import UNFINISHED
from autograder.grading.hold import hold
from tests.grading.small_run import (
    ASSIGNMENT,
    ScriptedBox,
    answer,
    copy_of,
    files,
    graded,
    hand_in,
    new_course,
    plan_of,
    release_json,
    stable,
    state,
    wait_until,
    whole,
)

STUDENTS = 11
KILLED = -signal.SIGKILL
MOMENTS = (
    "before the files are in place",
    "while a file is written",
    "before the transaction",
    "inside the transaction",
    "between transactions",
)


@pytest.fixture(scope="module")
def runs():
    with stable() as made:
        yield made


@pytest.fixture(scope="module")
def ungraded(tmp_path_factory):
    return new_course(tmp_path_factory.mktemp("ungraded") / "course", STUDENTS)


@pytest.fixture(scope="module")
def undisturbed(ungraded, runs, tmp_path_factory):
    """What a run leaves that nobody disturbs."""
    course = copy_of(ungraded, tmp_path_factory.mktemp("undisturbed") / "course")
    assert runs.run(course) == 0
    return state(course)


@pytest.fixture
def course(ungraded, tmp_path):
    return copy_of(ungraded, tmp_path / "course")


def saying(*remarks):
    """Notebooks whose first answers hold these comments, one for each student."""

    def made(number):
        notebook = release_json()
        notebook["cells"][1]["source"] = answer("mul_backward", remarks[number])
        return notebook

    return made


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_run_killed_at_a_critical_moment_is_completed_by_the_next(course, runs, undisturbed, moment):
    assert runs.run(course, die=moment, nth=3) == KILLED
    assert state(course) != undisturbed

    runs.run(course)

    assert state(course) == undisturbed


def test_a_run_killed_three_times_at_random_moments_is_completed_by_the_next(course, runs, undisturbed):
    kill_at_random(course, runs, times=3)

    runs.run(course)

    assert state(course) == undisturbed


@pytest.mark.slow
def test_a_run_killed_ten_times_at_random_moments_is_completed_by_the_next(tmp_path, runs):
    course = new_course(tmp_path / "course", 200)
    expected = copy_of(course, tmp_path / "undisturbed")
    runs.run(expected)
    kill_at_random(course, runs, times=10)

    runs.run(course)

    assert state(course) == state(expected)


def kill_at_random(course, runs, times):
    for seed in range(times):
        run_id = runs.start(course, delay=0.01)
        time.sleep(random.Random(seed).uniform(0.0, 0.3))
        os.kill(run_id, signal.SIGKILL)
        runs.wait()
        assert whole(course)


def test_what_was_recorded_before_the_kill_is_not_graded_again(course, runs):
    runs.run(course, workers=1, die="between transactions", nth=3)

    summary = graded(course)

    assert (len(summary.unchanged), len(summary.graded) + len(summary.rejected)) == (4, STUDENTS - 4)


def test_a_file_half_written_by_a_killed_run_is_removed_by_the_next(course, runs):
    runs.run(course, die="while a file is written", nth=2)
    assert any(name.endswith(UNFINISHED) for name in files(course))

    graded(course)

    assert not any(name.endswith(UNFINISHED) for name in files(course))


def test_no_worker_outlives_its_run_whatever_it_is_doing(tmp_path, runs):
    course = new_course(tmp_path / "course", 2, saying("# sleep", "# sleep"))
    run_id = runs.start(course)
    wait_until(lambda: len(children(run_id)) == 2)
    workers = children(run_id)

    os.kill(run_id, signal.SIGKILL)
    runs.wait()

    wait_until(lambda: not any(alive(worker) for worker in workers))
    with hold(course):  # the workers held the course too
        pass


def test_while_a_run_goes_on_another_is_told_which_process_is_in_its_way(tmp_path, runs):
    course = new_course(tmp_path / "course", 2, saying("# sleep", "# sleep"))
    run_id = runs.start(course)
    wait_until(lambda: len(children(run_id)) == 2)

    with pytest.raises(UsageError, match=f"process {run_id} "), hold(course, patience=0.0):
        pass

    os.kill(run_id, signal.SIGKILL)
    runs.wait()


def test_no_box_outlives_its_run(tmp_path, runs):
    course = new_course(tmp_path / "course", 2, saying("", ""))
    for student in ("s0000", "s0001"):
        notebook = release_json()
        notebook["cells"][1]["source"] = f"import time\n{answer('mul_backward')}\ntime.sleep(60)"
        hand_in(course, student, notebook)
    mark = 16_777_216 + os.getpid()  # in the box's command line, where it can be found again
    run_id = runs.start(course, real=mark)
    wait_until(lambda: len(boxes(mark)) >= 2)

    os.kill(run_id, signal.SIGKILL)
    runs.wait()

    wait_until(lambda: not boxes(mark))


def test_each_worker_closes_its_box_when_there_is_no_more_to_do(tmp_path):
    course = new_course(tmp_path / "course", 4)
    box = ScriptedBox(plan_of(course), closed=tmp_path / "closed")

    graded(course, box, workers=2)

    assert len(set(box.closed.read_text().split()) - {str(os.getpid())}) == 2


def test_a_lost_worker_is_replaced_and_its_submission_graded(tmp_path):
    course = new_course(tmp_path / "course", 4, saying("", "# lost", "", ""))
    box = ScriptedBox(plan_of(course), lost=tmp_path / "lost")

    summary = graded(course, box, workers=2)

    assert box.lost.exists()
    assert (len(summary.graded), summary.internal) == (4, [])


def test_a_submission_that_keeps_taking_workers_down_is_left_to_a_person_and_the_others_are_graded(tmp_path):
    course = new_course(tmp_path / "course", 4, saying("", "# lost", "", ""))

    summary = graded(course, workers=2)

    (failed,) = summary.failed
    assert (failed.student, failed.fault) == ("s0001", "grading")
    assert re.search(r"2 times while it was graded .*signal 9", failed.reason)
    assert {name.student for name in summary.graded} == {"s0000", "s0002", "s0003"}
    (total,) = (one for one in summary.totals[ASSIGNMENT] if one.student == "s0001")
    assert total.needs_human


def test_a_worker_that_is_lost_between_two_submissions_is_replaced_and_all_are_graded(tmp_path):
    course = new_course(tmp_path / "course", 7, saying("", "# gone when idle", *[""] * 5))

    summary = graded(course, workers=2)

    assert [name.student for name in summary.graded] == [f"s000{number}" for number in range(7)]
    assert (summary.failed, summary.internal) == ([], [])


def test_workers_that_end_oftener_than_that_end_the_run_and_what_was_recorded_stays(tmp_path, monkeypatch):
    monkeypatch.setattr(workers, "LIVES", 0)
    course = new_course(tmp_path / "course", 2, saying("# sleep", "# gone when idle"))

    with pytest.raises(AutograderError, match=r"between two submissions.*signal 9.*what was recorded stays"):
        graded(course, workers=2)

    assert [row[0] for row in state(course)["completions"]] == ["s0001"]


def test_a_ticket_that_went_with_a_lost_worker_is_offered_again_and_those_in_the_pipe_once():
    crew = workers._Crew(None, range(5), 0)
    crew._offer()
    os.read(crew._tickets[0], workers.TICKET)  # a worker has 0, and is lost before it says so

    crew._take_back()
    crew._offer()
    offered = [int.from_bytes(os.read(crew._tickets[0], workers.TICKET)) for _ in range(5)]
    crew.end()

    assert offered == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("number, said", [(9, "signal 9 (SIGKILL)"), (40, "signal 40 (one without a name)")])
def test_the_signal_that_ended_a_worker_is_told(number, said):
    assert workers._ending(-number) == said


def test_more_submissions_than_the_pipe_of_tickets_holds_are_offered_in_turn():
    many = 40_000  # of four bytes each, where a pipe holds 65,536
    crew = workers._Crew(None, range(many), 0)
    taken = []
    while len(taken) < many:
        crew._offer()
        taken += [
            int.from_bytes(os.read(crew._tickets[0], workers.TICKET)) for _ in range(min(1000, many - len(taken)))
        ]
    crew.end()

    assert taken == list(range(many))


def test_a_slow_submission_keeps_no_other_waiting(tmp_path):
    course = new_course(tmp_path / "course", 6, saying("# last", *[""] * 5))
    box = ScriptedBox(plan_of(course), others_done=lambda: len(list(course.feedback.glob("*"))) == 5)

    summary = graded(course, box, workers=2)

    assert (len(summary.graded), summary.internal) == (6, [])


def test_where_our_own_code_fails_a_human_is_asked_and_the_others_are_graded(tmp_path):
    course = new_course(tmp_path / "course", 3, saying("", "# fault", ""))

    summary = graded(course, workers=2)

    assert summary.internal == [("s0001", ASSIGNMENT, "mul_backward")]
    assert len(summary.graded) == 3


def children(process):
    with open(f"/proc/{process}/task/{process}/children") as file:
        return [int(word) for word in file.read().split()]


def alive(process):
    try:
        with open(f"/proc/{process}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def boxes(mark):
    """The processes with ``mark`` on their command line."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/cmdline", "rb") as file:
                words = file.read().split(b"\0")
        except OSError:
            continue
        if str(mark).encode() in words and alive(int(name)):
            found.append(int(name))
    return found
