"""Nothing that a command uses is missed, nothing that was measured is lost, and the tables say what is not met."""

from __future__ import annotations

import json
import platform
import subprocess
import sys

import pytest

from benchmarks import measure
from benchmarks.cohort import Student
from benchmarks.machine import ROOT
from benchmarks.measure import Seen
from benchmarks.results import Options, markdown
from benchmarks.steps import CheckError, Step, _stock_caught
from benchmarks.store import Store
from benchmarks.throughput import PARTS, main, measured, options_from, plan

BURN = "import os, time\ndef burn():\n    while time.process_time() < 0.4: pass\n"
ORPHAN = BURN + "if os.fork() == 0:\n    burn()\n    os._exit(0)\n"
UNWAITED = f"""{BURN}
import signal
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
child = os.fork()
if child == 0:
    burn()
    time.sleep(0.5)  # so that it is seen
    os._exit(0)
try:
    while not os.kill(child, 0):
        time.sleep(0.05)
except ProcessLookupError:
    time.sleep(0.5)
"""
PS2 = "ps2-vector-jacobian-products"

needs_linux = pytest.mark.skipif(
    sys.platform != "linux",
    reason="only Linux has /proc to find lost processes in, and subreapers to whom orphans come",
)

MEASURE = """
import json, os, pathlib, sys
from benchmarks import measure
cost = measure.run(
    [sys.executable, "-c", sys.argv[1]], cwd=pathlib.Path.cwd(), environment=dict(os.environ),
    log=pathlib.Path(sys.argv[2]), timeout=60,
)
print(json.dumps(cost.plain()))
"""


@pytest.fixture
def measure_python(tmp_path):
    """Measure a program, in a process that has no other children; the figures, or what was said instead."""

    def measured(text):
        line = [sys.executable, "-c", MEASURE, text, str(tmp_path / "log")]
        done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True)
        return json.loads(done.stdout) if done.returncode == 0 else done.stderr

    return measured


@needs_linux
def test_the_cpu_of_an_orphan_counts(measure_python):
    cost = measure_python(ORPHAN)

    assert cost["cpu"] >= 0.4


@needs_linux
def test_the_cpu_of_a_process_that_nobody_waits_for_counts(measure_python):
    cost = measure_python(UNWAITED)

    assert cost["lost"] >= 0.3
    assert cost["cpu"] >= cost["lost"]


def test_a_command_that_fails_says_how(measure_python):
    said = measure_python("import sys; print('no such luck'); sys.exit(3)")

    assert "CommandError" in said
    assert "exit code 3\nno such luck" in said


def test_what_an_ancestor_waited_for_is_not_lost():
    before = {1: Seen(0, 5, 0), 2: Seen(1, 7, 0), 3: Seen(2, 9, 1)}
    now = {1: Seen(0, 6, 17)}

    assert measure._lost(before, now, root=1) == 0
    assert measure._lost(before, {1: Seen(0, 6, 7)}, root=1) == 10


def test_results_outlive_the_process_and_no_change_of_the_sources(tmp_path):
    kept = tmp_path / "kept.json"
    Store(kept, "this state").put("ours/ps2/1", {"size": 1})

    assert "ours/ps2/1" in Store(kept, "this state")
    assert Store(kept, "this state").sittings == 2
    assert "ours/ps2/1" not in Store(kept, "another state")


def test_a_step_that_fails_is_taken_again_and_stops_no_other(tmp_path):
    kept, taken = tmp_path / "kept.json", []

    def good(folder):
        taken.append(folder)
        return {"table": ""}

    def bad(folder):
        raise CheckError("wrong marks")

    steps = [Step("a/1", bad), Step("b/1", good)]

    first = measured(steps, Store(kept, ""), tmp_path)
    second = measured([Step("a/1", good), *steps[1:]], Store(kept, ""), tmp_path)

    assert (first, second, len(taken)) == (False, True, 2)
    assert not any(folder.exists() for folder in taken)


def test_stock_and_ours_take_turns():
    options, _ = options_from(["--assignment", "ps2"])

    parts = [step.part for step in plan(options) if step.part in ("stock", "ours")]

    assert parts[:6] == ["ours", "stock", "ours", "stock", "ours", "ours"]


def canned(tmp_path, wall_of_ours):
    """Measurements as they would be, with nbgrader at four seconds a submission."""
    store = Store(tmp_path / "kept.json", "")
    cost = {"cpu": 1.0, "lost": 0.0, "machine": 1.0, "memory": 100.0, "largest": 50.0, "sampling": 0.0}
    each = {"autograde": cost | {"wall": 70.0}, "generate_feedback": cost | {"wall": 10.0}}
    for form in ("torch", "numpy"):
        store.put(f"stock/{PS2}/{form}/20/1", {"size": 20, "costs": each, "alone": each, "caught": [8, 8]})
    ours = {"size": 200, "cost": cost | {"wall": 200 * wall_of_ours}, "right": 120, "isolation": "namespaces"}
    store.put(f"ours/{PS2}/class/200/1", ours)
    return markdown(store, Options((PS2,), sizes=(200,)), {"Python": "3"})


def test_a_right_submission_without_full_marks_is_no_measurement():
    students = [Student("s1", {}), Student("s2", {}, wrong=("add_backward",))]

    assert _stock_caught(students, {"s1": True, "s2": False}) == (1, 1)
    with pytest.raises(CheckError, match="s1"):
        _stock_caught(students, {"s1": False, "s2": False})


@pytest.mark.parametrize("wall_of_ours, times, met", [(0.02, 200, "yes"), (0.1, 40, "**no**")])
def test_the_tables_say_whether_an_aim_is_met(tmp_path, wall_of_ours, times, met):
    text = canned(tmp_path, wall_of_ours)

    row = next(line for line in text.splitlines() if "PyTorch as oracle (200" in line)

    assert row.endswith(f"| at least 100 | {times} | {met} |")


def test_what_was_not_measured_is_said_to_be_missing(tmp_path):
    text = canned(tmp_path, 0.02)

    assert "| ps2: verdicts, all exercises right, CPU per submission | at most 45 ms | not measured | |" in text


def test_the_tables_name_no_host_and_no_path(tmp_path):
    text = canned(tmp_path, 0.02)

    assert platform.node() not in text
    assert str(tmp_path) not in text


def test_a_wrong_assignment_is_refused(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--assignment", "ps99"])

    assert ended.value.code == 2
    assert "expected some of ps1-chain-rule" in capsys.readouterr().err


@pytest.mark.slow
def test_two_submissions_go_through_every_part(tmp_path):
    kept = tmp_path / "kept.json"
    line = [sys.executable, "-m", "benchmarks.throughput", "--quick", "--assignment", "ps2", "--kept", str(kept)]

    done = subprocess.run([*line, "--folder", str(tmp_path)], cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert {key.partition("/")[0] for key in json.loads(kept.read_text())["entries"]} == set(PARTS)
