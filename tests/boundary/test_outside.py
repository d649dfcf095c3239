"""What holds whatever a student's code does to the process that it is in: clocks, devices and locks outside."""

from __future__ import annotations

import os
import time
from dataclasses import replace

import pytest

from autograder.boundary import probe
from autograder.boundary.budget import Budgeted
from autograder.boundary.conversation import Conversation
from autograder.boundary.job import Left
from autograder.boundary.limits import Allowance
from tests.boundary.boxes import QUICK, box_of, call, job, only, read, values

KINDS = (pytest.param("process", marks=pytest.mark.slow), "namespaces", "warm")
STRICT = replace(QUICK, call_cpu=0.3, grace_cpu=0.3, task_cpu=0.5)

HEADS = {
    "signals blocked": "import signal; signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGPROF, signal.SIGXCPU})",
    "signals ignored": "import signal; [signal.signal(s, signal.SIG_IGN) for s in (signal.SIGPROF, signal.SIGXCPU)]",
    "the timer stopped": "import signal; signal.setitimer(signal.ITIMER_PROF, 0); "
    "signal.signal(signal.SIGXCPU, signal.SIG_IGN)",
    "the limit raised": "import resource as r, signal; signal.setitimer(signal.ITIMER_PROF, 0); "
    "r.setrlimit(r.RLIMIT_CPU, (r.getrlimit(r.RLIMIT_CPU)[1],) * 2)",
    "another clock": "import signal, time; signal.setitimer(signal.ITIMER_PROF, 0); "
    "signal.signal(signal.SIGXCPU, signal.SIG_IGN); time.thread_time = time.process_time = lambda: 0.0",
}
BUSY = """
def f():
    {}
    import resource
    begun = resource.getrusage(resource.RUSAGE_SELF)
    while True:
        now = resource.getrusage(resource.RUSAGE_SELF)
        if now.ru_utime + now.ru_stime - begun.ru_utime - begun.ru_stime > {}:
            return 42
"""


@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_that_took_more_seconds_than_there_are_is_not_taken_whatever_was_switched_off(kind):
    box = box_of(kind, STRICT)
    allowed = STRICT.outside(STRICT.call_cpu)
    taken = []
    for name, head in HEADS.items():
        outcome = box.run(job([BUSY.format(head, 2 * allowed)], call("f", ())))
        if outcome.ended != "cpu" or outcome.replies or "exercise f" not in outcome.detail:
            taken.append((name, outcome))

    assert not taken
    quick = box.run(job([BUSY.format("pass", 0.1)], call("f", ())))
    assert only(quick, "f").value == 42


@pytest.mark.parametrize("kind", KINDS)
def test_a_cell_that_switches_its_limit_off_is_left_out(kind):
    head = HEADS["signals ignored"]
    strict = replace(STRICT, cell_cpu=0.3, load_cpu=0.6)

    outcome = box_of(kind, strict).run(job(["a = 1", f"{head}\nwhile True:\n    pass", "b = 2"], read("a", "b")))

    assert outcome.left_out == ("c1",)
    assert values(outcome) == [1, 2]


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_submission_used_is_known_outside(kind):
    outcome = box_of(kind, QUICK).run(job([BUSY.format("pass", 0.2)], call("f", ())))

    assert 0.2 <= outcome.cpu < QUICK.outside(QUICK.call_cpu)


@pytest.mark.parametrize("kind", KINDS)
def test_the_clock_of_a_box_is_read_before_it_may_go(kind, monkeypatch):
    """On a busy machine a box had ended before its last words were read: 0.2 seconds of CPU counted as none."""
    taken = Conversation._take

    def later(self, frames):
        time.sleep(0.3)
        taken(self, frames)

    monkeypatch.setattr(Conversation, "_take", later)

    outcome = box_of(kind, QUICK).run(job([BUSY.format("pass", 0.2)], call("f", ())))

    assert outcome.cpu >= 0.2
    assert only(outcome, "f").value == 42


@pytest.mark.parametrize("kind", KINDS)
def test_all_boxes_of_a_submission_share_one_budget(kind):
    budget = Budgeted(box_of(kind, QUICK), Allowance(cpu=0.5))
    busy = job([BUSY.format("pass", 0.3)], call("f", ()))

    endings = [budget.run(busy).ended for _ in range(4)]

    assert endings[0] == "finished"
    assert endings[2:] == ["spent", "spent"]
    assert not budget.waited


@pytest.mark.parametrize("kind", KINDS)
def test_a_box_that_sleeps_uses_up_what_there_is_for_waiting(kind):
    sleeps = ["def f():\n    import time\n    time.sleep(600)"]
    budget = Budgeted(box_of(kind, QUICK), Allowance(waiting=0.5))

    outcome = budget.run(job(sleeps, call("f", ())))

    assert (outcome.ended, outcome.waited, outcome.replies) == ("spent", True, {})
    assert not budget.lasts


def test_a_glance_leaves_what_waits_for_later_and_lets_what_loads_slowly_load():
    limits = replace(QUICK, glance_wall=0.3)
    slow_cell = ["import time\ntime.sleep(1.0)", "def f():\n    return 1"]
    slow_answer = ["def f():\n    import time\n    time.sleep(600)"]
    box = box_of("warm", limits)

    loads = box.run(replace(job(slow_cell, call("f", ())), glance=True))
    waits = box.run(replace(job(slow_answer, call("f", ())), glance=True))

    assert only(loads, "f").value == 1
    assert (waits.ended, waits.waited) == ("wall", False)


def test_a_cell_that_was_left_out_once_is_not_waited_for_again():
    sleeps = ["a = 1", "import time\ntime.sleep(600)", "b = 2"]
    left = Left(time.monotonic() + 60, 60.0, 60.0, hung={"c1": "it slept"})

    outcome = box_of("warm", QUICK).run(replace(job(sleeps, read("a", "b")), left=left))

    assert (values(outcome), outcome.left_out) == ([1, 2], ("c1",))
    assert "it slept" in outcome.load[1].raised.message


# The machine's own devices and files

METADATA = """
import contextlib, fcntl, os, stat
done = []
def attempt(what, act):
    try:
        act()
        done.append(what)
    except OSError:
        pass
for path in ("/dev/null", "/dev/zero", "/dev/urandom", os.__file__, os.path.dirname(os.__file__), "/"):
    now = os.stat(path)
    attempt((path, "mode"), lambda: os.chmod(path, stat.S_IMODE(now.st_mode)))
    attempt((path, "times"), lambda: os.utime(path, ns=(now.st_atime_ns, now.st_mtime_ns)))
    attempt((path, "times now"), lambda: os.utime(path))
    attempt((path, "owner"), lambda: os.chown(path, now.st_uid, now.st_gid))
    attempt((path, "attribute"), lambda: os.setxattr(path, "user.x", b""))
    held = os.open(path, os.O_RDONLY)
    attempt((path, "mode of a descriptor"), lambda: os.fchmod(held, stat.S_IMODE(now.st_mode)))
    attempt((path, "times of a descriptor"), lambda: os.utime(held, ns=(now.st_atime_ns, now.st_mtime_ns)))
    attempt((path, "owner of a descriptor"), lambda: os.fchown(held, now.st_uid, now.st_gid))
for number in (0, 2):
    attempt((number, "mode"), lambda: os.fchmod(number, stat.S_IMODE(os.fstat(number).st_mode)))
    attempt((number, "times"), lambda: os.utime(number))
with open("/dev/null", "w") as nothing:
    nothing.write("it can be written to")
with open("mine", "w") as file:
    file.write("x")
os.chmod("mine", 0o640)
os.utime("mine", (1, 1))
mine = [oct(os.stat("mine").st_mode & 0o777), os.stat("mine").st_mtime]
"""


@pytest.mark.parametrize("kind", ["namespaces", "warm"])
def test_nothing_outside_the_scratch_folder_gets_other_marks_even_if_root_grades(kind):
    before = os.stat("/dev/null").st_ctime_ns

    outcome = box_of(kind).run(job([METADATA], read("done", "mine")))

    assert values(outcome) == [[], ["0o640", 1.0]]
    assert os.stat("/dev/null").st_ctime_ns == before


LOCKS = """
import fcntl, os
held = [os.open(path, os.O_RDONLY) for path in ("/dev/null", os.__file__)]
for one in held:
    fcntl.flock(one, fcntl.LOCK_EX)
writing = os.open("/dev/null", os.O_RDWR)
fcntl.lockf(writing, fcntl.LOCK_EX)
locked = []
for path in ("/dev/null", os.__file__):
    with open(path) as second:
        try:
            fcntl.flock(second, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            locked.append(path)
"""


@pytest.mark.parametrize("kind", KINDS)
def test_a_lock_that_a_box_takes_holds_nothing_outside(kind):
    assert values(box_of(kind).run(job([LOCKS], read("locked")))) == [[]]


def test_the_attacker_finds_what_is_not_sealed():
    assert {"changes what a file of the machine is marked with", "locks a file of the machine"} <= probe.BEHIND_WALL[
        "namespaces"
    ]
    box = box_of("process")

    found = probe.attack(lambda attack: box.run_once(attack).outcome)

    assert found.complete
    assert "changes what a file of the machine is marked with" in found.achieved  # this user's own files
    assert "locks a file of the machine" not in found.achieved
