"""Warm boxes: as isolated as a fresh one, one child at a time, nothing left behind, and never used unproven."""

from __future__ import annotations

import fcntl
import gc
import itertools
import json
import os
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from autograder.boundary import nurseries, orders, probe, seccomp, tiers
from autograder.boundary.events import _Later
from autograder.boundary.frames import MalformedError
from autograder.boundary.job import Burst, Outcome, Reply, Returned
from autograder.boundary.launcher import FreshBox
from autograder.boundary.orders import pack, unpack
from autograder.boundary.processes import LaunchError
from autograder.boundary.warm import WarmBox, _Parent, _WarmChild
from autograder.untrusted import nursery
from tests.boundary.boxes import DROWSY, QUICK, box_of, call, job, only, read, values


@pytest.fixture
def warm():
    """A box of the test's own."""
    box_of("warm")
    box = WarmBox(proven=True)
    yield box
    box.close()


def parent_of(box: WarmBox):
    """The warm parent that a box has started."""
    return box._parents[False]


def nursery_of(box: WarmBox) -> int:
    """The number of the process around everything that a box has started: bubblewrap."""
    return box._nurseries[False].process._process.pid


def number_of(parent) -> int:
    """The number of a warm parent's process, outside."""
    (line,) = (
        line for line in Path(f"/proc/self/fdinfo/{parent._itself}").read_text().splitlines() if line.startswith("Pid:")
    )
    return int(line.split()[1])


NURSERY, PARENT, CHILD = 2, 1, 2
"""Processes below bubblewrap: its own first process and the nursery; a parent; a child's first process and its host."""


def family(pid: int) -> list[int]:
    """The processes below one, at any depth."""
    below: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            below.setdefault(parent, []).append(int(folder.name))
    found, pending = [], [pid]
    while pending:
        children = below.get(pending.pop(), [])
        found += children
        pending += children
    return found


def gone(processes: list[int], patience: float = 20.0) -> bool:
    """Whether the processes end within a while: the kernel takes a namespace down in the background."""
    deadline = time.monotonic() + patience
    while alive := [pid for pid in processes if Path(f"/proc/{pid}").exists()]:
        if time.monotonic() > deadline:
            return not alive
        time.sleep(0.01)
    return True


SOURCES = {
    "a value": "x = [1, 2.5, 'three', None, (True,)]",
    "an array": "import numpy as np; x = np.arange(6.0).reshape(2, 3)[:, ::-1]",
    "an error": "x = 1\nraise ValueError('no')",
    "random numbers": "import random, numpy as np; x = [random.random(), *np.random.rand(3).tolist()]",
    "the order of a set": "x = list({'a', 'b', 'c', 'd', 'e'})",
    "printing": "import os; x = 1; print('hello'); os.system('true'); os.write(1, b'raw')",
    "an exit": "x = 1; import sys; sys.exit(3)",
    "its number": "import os; x = [os.getpid(), os.getppid(), os.getcwd(), sorted(os.environ)]",
    "the name of the machine": "import socket; x = socket.gethostname()",
}


@pytest.mark.parametrize("name", SOURCES)
def test_a_warm_box_gives_what_a_fresh_one_gives(name):
    posed = job([SOURCES[name]], read("x"))

    warm, fresh = (box_of(kind).run(posed) for kind in ("warm", "namespaces"))

    assert [report.raised for report in warm.load] == [report.raised for report in fresh.load]
    assert [report.stdout for report in warm.load] == [report.stdout for report in fresh.load]
    assert repr(values(warm)) == repr(values(fresh))


def test_what_a_submission_leaves_the_next_one_does_not_find(warm):
    plant = "import builtins, os, sys\nopen('/tmp/planted', 'w').close(); builtins.planted = sys.planted = 1"
    look = "import os, sys\nx = [os.listdir('/tmp'), hasattr(sys, 'planted'), 'planted' in dir(__builtins__)]"

    warm.run(job([plant]))

    assert values(warm.run(job([look], read("x")))) == [[[], False, False]]


def test_a_child_holds_nothing_that_the_parent_has_open(warm):
    look = """
import os, stat
kinds = []
for number in range(3, 4096):
    try:
        kinds.append(stat.filemode(os.fstat(number).st_mode)[0])
    except OSError:
        continue
"""
    inputs = [np.zeros(3), np.zeros(50_000)]

    outcome = warm.run(job([look, "def f(x):\n    return x"], call("f", inputs[:1], inputs[1:]), read("kinds")))

    assert sorted(values(outcome)[0]) == ["-", "s"], "what it prints into, and its channel"


@pytest.mark.parametrize("size", [3, 50_000], ids=["small", "large"])
@pytest.mark.parametrize("layout", [slice(None), slice(None, None, -2)], ids=["plain", "strided"])
def test_inputs_that_one_submission_changed_are_whole_for_the_next(warm, size, layout):
    posed = job(["def f(x):\n    x += 1.0\n    return x"], call("f", [np.zeros(2 * size)[layout]]))

    first, second = (warm.run(posed) for _ in range(2))

    for outcome in (first, second):
        assert (values(outcome, "f")[0] == 1.0).all()
        assert only(outcome, "f").changed == ("0",)


@pytest.mark.parametrize("size", [3, 50_000], ids=["small", "large"])
def test_an_input_that_comes_back_as_it_went_in_is_not_called_changed(warm, size):
    source = "def f(x):\n    x += 1.0\n    x -= 1.0\n    return x"

    outcome = warm.run(job([source], call("f", [np.zeros(size)])))

    assert only(outcome, "f").changed == ()


def test_the_same_call_in_the_same_process_gets_inputs_that_are_whole(warm):
    task = call("f", [np.zeros(2)])
    posed = job(["def f(x):\n    x += 1.0\n    return x"], task, task)

    outcome = warm.run(posed)

    assert values(outcome, "f")[0].tolist() == [1.0, 1.0]


@pytest.mark.parametrize("source", ["import time; time.sleep(10**6)", "import os; os.kill(os.getpid(), 19)"])
def test_a_deadline_ends_the_child_and_the_parent_serves_the_next(source):
    box = WarmBox(DROWSY, proven=True)
    try:
        late = box.run(job(["y = 1", f"def f():\n    {source}"], call("f", ())))
        parent = parent_of(box)
        after = box.run(job(["x = 42"], read("x")))

        assert late.ended == "wall"
        assert values(after) == [42]
        assert parent_of(box) is parent
        assert len(family(nursery_of(box))) == NURSERY + PARENT
    finally:
        box.close()


def test_threads_that_are_left_running_end_with_the_child(warm):
    source = (
        "import threading, time\nfor _ in range(5): threading.Thread(target=time.sleep, args=(10**6,)).start()\nx = 1"
    )

    outcome = warm.run(job([source], read("x")))

    assert values(outcome) == [1]
    assert len(family(nursery_of(warm))) == NURSERY + PARENT


def test_the_tasks_that_serve_every_child_can_be_changed_by_nobody(warm, monkeypatch):
    sealed = []
    send = socket.send_fds

    def sending(control, buffers, descriptors):
        if unpack(buffers[0])[0] == orders.POST:
            sealed.append(fcntl.fcntl(descriptors[0], fcntl.F_GET_SEALS))
        return send(control, buffers, descriptors)

    monkeypatch.setattr(socket, "send_fds", sending)

    outcome = warm.run(job(["x = 1"], read("x")))

    assert values(outcome) == [1]
    assert sealed == [fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL]


def test_after_some_children_the_parent_is_replaced():
    box = WarmBox(children=2, proven=True)
    try:
        seen = []
        for _ in range(5):
            box.run(job([]))
            seen.append(number_of(parent_of(box)))

        assert [one == other for one, other in itertools.pairwise(seen)] == [True, False, True, False]
        assert gone(seen[:4])
    finally:
        box.close()


def test_the_time_of_answers_is_known_before_they_are_read():
    unread = _Later(1, lambda: pytest.fail("read"))

    assert Reply("one", unread, complete=True, burst=Burst(b"", memoryview(b""), 0.5)).cpu == 0.5


def test_every_parent_is_attacked_before_it_serves(monkeypatch):
    box_of("warm")
    attacked = []
    monkeypatch.setattr(probe, "fault", lambda run, tier, *, times=1, **_: attacked.extend([tier] * times) or "")
    box = WarmBox(children=1)
    try:
        for _ in range(3):
            box.run(job([]))
    finally:
        box.close()

    assert attacked == ["namespaces"] * 2 * 3


def test_a_second_attacker_that_finds_what_the_first_left_is_seen():
    """Each attack is a run of its own, and a hole in any of them counts."""
    said = [dict.fromkeys(probe.ATTACKS, False), {**dict.fromkeys(probe.ATTACKS, False), probe.SECRETS[1]: True}]
    canary = Returned("one", value=np.arange(3.0) + 1.0)

    def run(_):
        probed = Reply("probe", (Returned("achieved", value=said.pop(0)),), complete=True)
        return Outcome(replies={"probe": probed, "canary": Reply("canary", (canary,), complete=True)})

    assert probe.SECRETS[1] in probe.fault(run, "namespaces", torch=False, filtered=True, times=2)
    assert said == []


def test_a_box_that_does_not_run_a_known_program_is_not_proven():
    def run(_):
        probed = Reply("probe", (Returned("achieved", value=dict.fromkeys(probe.ATTACKS, False)),), complete=True)
        return Outcome(replies={"probe": probed})

    assert "known program" in probe.fault(run, "namespaces", torch=False, filtered=True)


def test_a_parent_that_falls_to_the_attacker_serves_nobody(monkeypatch):
    monkeypatch.setattr(probe, "fault", lambda *_, **__: "a hole")
    box = WarmBox()

    outcome = box.run(job(["x = 1"], read("x")))

    assert (outcome.ended, "a hole" in outcome.detail, outcome.replies) == ("refused", True, {})
    assert box._parents == {}


def test_a_parent_that_died_is_replaced(warm):
    warm.run(job([]))
    dead, nursery = parent_of(warm), nursery_of(warm)
    os.kill(number_of(dead), signal.SIGKILL)
    time.sleep(0.2)

    outcome = warm.run(job(["x = 42"], read("x")))

    assert values(outcome) == [42]
    assert parent_of(warm) is not dead
    assert nursery_of(warm) == nursery


def test_a_nursery_that_died_is_replaced_with_all_its_parents(warm):
    warm.run(job([]))
    dead, below = nursery_of(warm), family(nursery_of(warm))
    os.kill(dead, signal.SIGKILL)
    time.sleep(0.2)

    outcome = warm.run(job(["x = 42"], read("x")))

    assert values(outcome) == [42]
    assert nursery_of(warm) != dead
    assert gone(below)


def test_a_parent_that_hears_nothing_is_ended_all_the_same(warm):
    warm.run(job([]))
    stopped = number_of(parent_of(warm))
    os.kill(stopped, signal.SIGSTOP)

    warm._parents.popitem()[1].close()

    assert gone([stopped])
    assert values(warm.run(job(["x = 42"], read("x")))) == [42]


def test_what_was_begun_is_what_the_first_run_uses(warm):
    warm.begin(torch=False)
    begun = nursery_of(warm)

    outcome = warm.run(job(["x = 42"], read("x")))

    assert values(outcome) == [42]
    assert nursery_of(warm) == begun


def test_what_cannot_begin_is_told_by_the_first_run(monkeypatch):
    monkeypatch.setattr(seccomp, "architecture", lambda: None)
    box = WarmBox(proven=True)

    box.begin(torch=False)

    assert "filter" in box.run(job([])).detail


def forked(work) -> Callable[[], str]:
    """A forked process at work: call what is returned to wait for what it finds."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.write(writing, str(work()).encode())
        finally:
            os._exit(0)
    os.close(writing)

    def found() -> str:
        with open(reading, encoding="utf-8") as file:
            told = file.read()
        os.waitpid(pid, 0)
        return told

    return found


def wait_for(process: int, count: int) -> list[int]:
    """The processes below one, once there are so many."""
    deadline = time.monotonic() + 20.0
    while len(below := family(process)) < count:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return below


def test_a_child_has_ended_once_its_parent_says_so_whoever_holds_its_channel():
    parent = SimpleNamespace(heard=lambda patience: said, answer=lambda: (orders.ENDED, 3))
    ours, theirs = socket.socketpair()
    with ours, theirs:
        child = _WarmChild(parent, ours)

        said = False
        before = child.ended()
        said = True

        assert (before, child.ended(), child.end()) == (False, True, 3)


@pytest.mark.parametrize("said", [b"", pack(orders.READY), pack(orders.DONE)], ids=["nothing", "ready", "done"])
def test_a_parent_that_sends_no_descriptor_of_itself_is_none(said):
    ours, theirs = socket.socketpair(type=socket.SOCK_SEQPACKET)
    with ours, theirs:
        if said:
            theirs.send(said)
        theirs.shutdown(socket.SHUT_WR)

        with pytest.raises(LaunchError, match="no such luck"):
            _Parent(SimpleNamespace(complaint=lambda: "no such luck"), ours)


def test_a_parent_that_dies_with_a_child_costs_that_run_only():
    box = WarmBox(QUICK, proven=True)
    try:
        box.run(job([]))
        victim = number_of(parent_of(box))

        def work():
            below = wait_for(victim, CHILD)
            os.kill(victim, signal.SIGKILL)
            return below

        killed = forked(work)
        cut_off = box.run(job(["def f():\n    import time; time.sleep(30)"], call("f", ())))

        assert cut_off.ended in ("killed", "refused")
        assert gone(json.loads(killed())), "with the parent went its child"
        assert values(box.run(job(["x = 42"], read("x")))) == [42]
    finally:
        box.close()


def test_a_forked_process_gets_a_parent_of_its_own_out_of_the_same_nursery(warm):
    warm.run(job([]))
    ours, nursery = number_of(parent_of(warm)), nursery_of(warm)

    def work():
        (value,) = values(warm.run(job(["x = 42"], read("x"))))
        found = value, number_of(parent_of(warm)) != ours, nursery_of(warm) == nursery
        warm.close()
        return found

    assert forked(work)() == "(42, True, True)"
    assert values(warm.run(job(["x = 43"], read("x")))) == [43]
    assert number_of(parent_of(warm)) == ours
    assert len(family(nursery)) == NURSERY + PARENT, "the parent of the forked process went with it"


def test_a_forked_process_whose_nursery_died_starts_one_of_its_own(warm):
    warm.run(job([]))
    dead = nursery_of(warm)

    def work():
        os.kill(dead, signal.SIGKILL)
        time.sleep(0.2)
        (value,) = values(warm.run(job(["x = 42"], read("x"))))
        found = value, nursery_of(warm) != dead
        warm.close()
        return found

    assert forked(work)() == "(42, True)"


def test_two_children_at_once_of_one_nursery_do_not_meet(warm):
    """Whose files are whose: the system calls by which they could meet otherwise are refused to each of them."""
    plant = "import os, time\nopen('/tmp/planted', 'w').close()\ntime.sleep(2)\nx = os.listdir('/tmp')"
    warm.run(job([]))
    nursery = nursery_of(warm)

    def work():
        (value,) = values(warm.run(job([plant], read("x"))))
        found = value, nursery_of(warm) == nursery
        warm.close()
        return found

    planted = forked(work)
    begun = wait_for(nursery, NURSERY + 2 * PARENT + CHILD)
    time.sleep(0.5)

    looked = values(warm.run(job(["import os\nx = os.listdir('/tmp')"], read("x"))))

    assert set(begun) <= set(family(nursery)), "both ran at the same time"
    assert looked == [[]]
    assert planted() == "(['planted'], True)"


def test_a_nursery_that_has_no_memory_for_a_parent_goes_on(monkeypatch):
    monkeypatch.setattr(os, "fork", lambda: (_ for _ in ()).throw(OSError("no memory")))
    usual = signal.getsignal(signal.SIGCHLD)
    asking, control = socket.socketpair(type=socket.SOCK_SEQPACKET)
    asked, theirs = socket.socketpair(type=socket.SOCK_SEQPACKET)
    with asking, control, asked:
        for _ in range(2):
            socket.send_fds(asking, [pack(orders.PARENT)], [theirs.fileno()])
        asking.send(pack(orders.PARENT))
        theirs.close()
        asking.shutdown(socket.SHUT_WR)
        try:
            nursery._make_parents(control)
        finally:
            signal.signal(signal.SIGCHLD, usual)

        assert asked.recv(1) == b"", "nobody holds the other end"


def test_a_closed_box_leaves_no_process_and_no_descriptor():
    box_of("warm")
    before = len(os.listdir("/proc/self/fd"))
    box = WarmBox(proven=True)
    box.run(job([]))
    below = [nursery_of(box), *family(nursery_of(box))]

    box.close()

    assert len(os.listdir("/proc/self/fd")) == before
    assert len(below) >= 1 + NURSERY + PARENT
    assert gone(below)


def test_without_a_filter_there_is_no_warm_box(monkeypatch):
    monkeypatch.setattr(seccomp, "architecture", lambda: None)

    outcome = WarmBox(proven=True).run(job(["x = 1"], read("x")))

    assert outcome.ended == "refused"
    assert "filter" in outcome.detail


def test_where_no_warm_box_stands_fresh_ones_are_chosen(monkeypatch):
    monkeypatch.setattr(WarmBox, "_parent", lambda *_: (_ for _ in ()).throw(OSError("nesting refused")))

    chosen = tiers.choose()

    assert isinstance(chosen.box, FreshBox)
    assert "nesting refused" in chosen.not_warm


def test_where_a_warm_box_stands_it_is_chosen():
    box_of("warm")

    chosen = tiers.choose()

    assert (type(chosen.box), chosen.tier, chosen.not_warm) == (WarmBox, "namespaces", "")
    chosen.box.close()


def test_what_was_begun_is_chosen_if_it_stands():
    box_of("warm")
    begun = tiers.begin(torch=False)

    chosen = tiers.choose(begun=begun)

    assert chosen.box is begun
    begun.close()


def test_what_was_begun_is_closed_if_it_does_not_stand(monkeypatch):
    box_of("warm")
    begun = tiers.begin(torch=False)
    started = nursery_of(begun)
    monkeypatch.setattr(WarmBox, "_parent", lambda *_: (_ for _ in ()).throw(OSError("nesting refused")))

    chosen = tiers.choose(begun=begun)

    assert isinstance(chosen.box, FreshBox)
    assert gone([started])


def test_a_box_that_is_proven_beside_the_caller_is_attacked_once_and_serves():
    box_of("warm")
    box = WarmBox(begun=nurseries.begin(torch=False, few=True))
    box.prove(torch=False)
    try:
        fault, proven = box.fault(torch=False), parent_of(box)
        outcome = box.run(job(["x = 42"], read("x")))

        assert (fault, values(outcome)) == ("", [42])
        assert parent_of(box) is proven
    finally:
        box.close()


@pytest.mark.parametrize("wait", [0.0, 0.3, 0.6])
def test_a_box_that_is_closed_while_it_is_proven_leaves_nothing(wait):
    box_of("warm")
    box = WarmBox(begun=nurseries.begin(torch=False, few=True))
    started = nursery_of(box)
    box.prove(torch=False)
    time.sleep(wait)

    box.close()

    assert gone([started])
    assert (box._parents, box._nurseries) == ({}, {})


def test_what_falls_to_the_attacker_beside_the_caller_serves_nobody(monkeypatch):
    box_of("warm")
    monkeypatch.setattr(probe, "fault", lambda *_, **__: "a hole")
    box = WarmBox()
    box.prove(torch=False)
    try:
        assert "a hole" in box.fault(torch=False)
    finally:
        box.close()


@pytest.mark.parametrize("data", [b"", b"F", pack(b"F", 1) + b"x", b"x" * 8])
def test_a_datagram_of_another_length_is_no_order(data):
    with pytest.raises(MalformedError):
        unpack(data)


def resident(pid: int) -> int:
    """Bytes of memory that are a process's own or shared."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.slow
def test_five_thousand_children_leak_nothing():
    box_of("warm")
    box = WarmBox(children=10_000, proven=True)
    posed = job(["x = 1", "def f(a):\n    return a"], read("x"), call("f", [1.0]))
    try:
        for _ in range(200):
            box.run(posed)
        gc.collect()
        process = nursery_of(box)
        inside = number_of(parent_of(box))
        measured = (resident(os.getpid()), resident(inside), len(os.listdir("/proc/self/fd")), len(family(process)))
        held = len(os.listdir(f"/proc/{inside}/fd")) if os.access(f"/proc/{inside}/fd", os.R_OK) else None

        for _ in range(5_000):
            assert box.run(posed).ended == "finished"

        gc.collect()
        assert resident(os.getpid()) - measured[0] < 8 << 20
        assert resident(inside) - measured[1] < 8 << 20
        assert len(os.listdir("/proc/self/fd")) == measured[2]
        assert len(family(process)) == measured[3]
        assert held is None or len(os.listdir(f"/proc/{inside}/fd")) == held
    finally:
        box.close()
