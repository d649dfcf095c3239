"""However a submission ends its box, the run goes on, the cause is named, and what it cost is its own."""

import contextlib
import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from autograder.boundary.job import Cell, Job
from autograder.boundary.limits import NUMPY, TORCH, Limits
from tests.boundary.boxes import QUICK, answers, box_of, call, job, only, read, side_by_side, values
from tests.rows import collected

SEGFAULT = "import ctypes; ctypes.string_at(0)"
FOR_EVER_IN_C = "import itertools, collections; collections.deque(itertools.repeat(0), maxlen=0)"
DEAF = "import signal; signal.signal(signal.SIGPROF, signal.SIG_IGN)\n    while True: pass"
ASLEEP = "import time; time.sleep(10**6)"
STOPPED = "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)"
CHANNEL = "import socket, os; [os.fstat(n) for n in (0,)]; s = socket.socket(fileno=40)"

ENDS = {
    "an exit without goodbye": ("import os; os._exit(0)", "killed"),
    "a segmentation fault": (SEGFAULT, "killed"),
    "an abort": ("import os; os.abort()", "killed"),
    "a signal to itself": ("import os; os.kill(os.getpid(), 9)", "killed"),
    "a loop that never returns to Python": (FOR_EVER_IN_C, "cpu"),
    "a loop that does not listen": (DEAF, "cpu"),
    "a long sleep": (ASLEEP, "wall"),
    "a stop": (STOPPED, "wall"),
    "closing everything": ("import os; os.closerange(0, 64)", "killed"),
    "noise on the channel": (f"{CHANNEL}; s.sendall(b'x' * 100)", "malformed"),
    "a header of 2 GB": (f"{CHANNEL}; s.sendall(b'AGF1' + b'\\xff' * 12)", "malformed"),
    "a flood on the channel": (f"{CHANNEL}\n    while True: s.sendall(b'x' * 10**6)", "malformed"),
}


def test_an_exercise_that_ends_the_box_is_not_answered_and_the_one_before_it_is(quick, drowsy):
    jobs = {
        name: job(
            ["def right():\n    return 42", f"def f():\n    {source}"],
            *(call("right", ()), call("f", ()), call("right2", ())),
        )
        for name, (source, _) in ENDS.items()
    }
    asleep = {name for name, (_, ended) in ENDS.items() if ended == "wall"}

    outcomes = side_by_side(
        (drowsy, {name: jobs[name] for name in asleep}),
        (quick, {name: jobs[name] for name in ENDS if name not in asleep}),
    )

    with collected() as each:
        for name, (_, ended) in ENDS.items():
            with each(name):
                outcome = outcomes[name]

                assert outcome.ended == ended, outcome
                assert "exercise f" in outcome.detail
                assert only(outcome, "right").value == 42
                assert outcome.replies.keys() == {"right"}


def test_in_pieces_what_was_answered_before_the_crash_counts(quick):
    source = "import os\ndef f(x):\n    if x: os._exit(1)\n    return 42"

    outcome = quick.run(replace(job([source], call("f", [0], [0], [1], [0])), piecewise=True))

    assert [r.value for r in outcome.replies["f"].returned] == [42, 42]
    assert not outcome.replies["f"].complete


def test_a_cell_that_ends_the_box_while_loading_is_left_out(quick, drowsy, drowsy_too):
    def loading(source):
        return job(["a = 1", source, "b = 2"], read("a", "b"))

    outcomes = side_by_side(
        (drowsy, {"stopped": loading(STOPPED)}),
        (drowsy_too, {"asleep": loading(ASLEEP)}),
        (quick, {"an exit": loading("import os; os._exit(0)"), "a segmentation fault": loading(SEGFAULT)}),
    )

    with collected() as each:
        for name, outcome in outcomes.items():
            with each(name):
                assert (outcome.ended, outcome.left_out) == ("finished", ("c1",))
                assert values(outcome) == [1, 2]
                assert [report.cell for report in outcome.load] == ["c0", "c1", "c2"]
                assert outcome.load[1].raised.type == "LeftOut"


def test_a_cell_with_an_endless_loop_is_interrupted_and_loading_goes_on(quick):
    outcome = quick.run(job(["a = 1\nwhile True: pass", "b = 2"], read("a", "b")))

    assert (outcome.ended, outcome.left_out) == ("finished", ())
    assert outcome.load[0].raised.type == "OutOfTime"
    assert values(outcome) == [1, 2]


def test_three_cells_are_left_out_at_most():
    box = box_of("namespaces", QUICK)
    fatal = "import os; os._exit(0)"

    outcome = box.run(job(["a = 1", fatal, fatal, fatal, fatal], read("a")))

    assert (outcome.ended, outcome.left_out) == ("killed", ("c1", "c2", "c3"))
    assert not outcome.replies


def test_cells_with_the_same_source_are_told_apart():
    fatal = "import os\nif 'once' in globals(): os._exit(0)\nonce = 1"
    twins = (Cell("same", fatal), Cell("same", fatal), Cell("end", "end = 1"))

    outcome = box_of("namespaces", QUICK).run(Job(twins, (read("end"),)))

    assert values(outcome) == [1]
    assert len(outcome.load) == 3


def test_threads_left_by_a_cell_do_not_keep_the_box_alive(quick):
    source = "import threading, time\nthreading.Thread(target=time.sleep, args=(10**6,)).start()\na = 1"

    outcome = quick.run(job([source], read("a")))

    assert outcome.ended == "finished"


def test_a_memory_bomb_meets_the_limit(quick):
    source = "import numpy as np\ndef f():\n    hoard = []\n    while True: hoard.append(np.empty(1 << 24))"

    answer = only(quick.run(job([source], call("f", ()))), "f")

    assert answer.raised.type == "MemoryError"


def test_files_cannot_fill_the_disk(walled):
    source = """
def f():
    written = 0
    try:
        for n in range(1000):
            with open(f"junk{n}", "wb") as file:
                while file.tell() < 1 << 20: written += file.write(bytes(1 << 16))
    except OSError: return written
def g():
    with open("large", "wb") as file:
        while True: file.write(bytes(1 << 20))"""

    outcome = walled.run(job([source], call("g", ()), call("f", ())))

    assert only(outcome, "f").value <= Limits().tmpfs
    assert only(outcome, "g").raised.type == "OSError"


def test_open_files_are_limited(quick):
    source = "def f():\n    files = []\n    while True: files.append(open('x', 'w'))"

    answer = only(quick.run(job([source], call("f", ()))), "f")

    assert "Too many open files" in answer.raised.message


def test_the_whole_box_has_a_cpu_limit_that_cannot_be_raised():
    limits = Limits(child_cpu=1.0, cell_cpu=60.0, load_cpu=60.0)
    source = """
import resource, signal
signal.signal(signal.SIGXCPU, signal.SIG_IGN); signal.signal(signal.SIGPROF, signal.SIG_IGN)
soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
resource.setrlimit(resource.RLIMIT_CPU, (hard, hard))
while True: pass"""

    outcome = box_of("namespaces", limits).run_once(job([source])).outcome

    assert outcome.ended == "killed"


def test_in_a_box_with_pytorch_as_many_tasks_may_use_up_their_time_as_in_one_without():
    assert TORCH.child_cpu / TORCH.task_cpu >= NUMPY.child_cpu / NUMPY.task_cpu


def test_the_environment_is_empty_of_the_graders_own(quick, monkeypatch):
    monkeypatch.setenv("AUTOGRADER_TEST_SECRET", "42")
    source = "import os\nnames = sorted(os.environ)\nhere = os.listdir('.')"

    names, here = values(quick.run(job([source], read("names", "here"))))

    assert not [name for name in names if "AUTOGRADER" in name or name in ("USER", "LOGNAME", "VIRTUAL_ENV")]
    assert here == []


def test_one_descriptor_leads_out(quick):
    source = """
import os, stat
kinds = []
for n in range(64):
    try: kinds.append(stat.S_IFMT(os.fstat(n).st_mode))
    except OSError: pass
sockets = sum(kind == stat.S_IFSOCK for kind in kinds)
pipes = sum(kind == stat.S_IFIFO for kind in kinds)"""

    assert values(quick.run(job([source], read("sockets", "pipes")))) == [1, 0]


def descendants() -> set[int]:
    """The processes below this one."""
    parents = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents[int(entry.parent.name)] = int(entry.read_text().rpartition(")")[2].split()[1])
    found = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {os.getpid()}


def test_nothing_of_a_box_outlives_it(drowsy):
    source = "import time\ndef f():\n    time.sleep(10**6)"
    drowsy.run(job([]))  # a warm parent stays, and is there from now on
    before = descendants()

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(drowsy.run, job([source], call("f", ())))
        time.sleep(1.0)
        during = descendants() - before
        outcome = running.result()

    assert outcome.ended == "wall"
    assert during
    assert not during & descendants()


def test_boxes_can_run_side_by_side(walled):
    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(walled.run, [job([f"n = {n}"], read("n")) for n in range(6)]))

    assert [values(outcome) for outcome in outcomes] == [[n] for n in range(6)]


def test_the_answers_do_not_come_late_into_another_box(walled):
    first = walled.run(job(["import threading\ndef f():\n    return 1"], call("f", ())))
    second = walled.run(job(["x = 2"], call("f", ())))

    assert only(first, "f").value == 1
    assert answers(second, "f")[0].status == "missing"
