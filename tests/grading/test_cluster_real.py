"""A real Dask cluster on this machine, over TLS: a worker is killed midway, then the scheduler, and nothing is lost.

Two stories are played once, on copies of one course, and the tests look at what is left of them.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import SimpleNamespace

import dask
import pytest

from autograder.bridges.nbgrader.register import register
from autograder.errors import AutograderError, UsageError
from autograder.grading.cluster import client, dealing
from autograder.grading.cluster.client import joined
from autograder.grading.plan import open_plan
from autograder.grading.run import Settings, run
from autograder.grading.walls import raise_walls
from tests.grading.small_run import copy_of, new_course, state

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("dask")]

ROOT = Path(__file__).resolve().parents[2]
ASSIGNMENT, NOTEBOOK = "ps2-vector-jacobian-products", "vector-jacobian-products"
STUDENTS = 12
RIGHT = "def mul_backward(grad_output, output, a, b):\n    return grad_output * b, grad_output * a"
WRONG = "def mul_backward(grad_output, output, a, b):\n    return grad_output * a, grad_output * b"
SLOWLY = "import time\ntime.sleep(0.3)\n"
"""So that some work is under way when something is killed."""


def a_course(folder):
    """Some students who answered one exercise, rightly or wrongly, and one whose file is broken."""
    course = new_course(folder, 0)
    shutil.copytree(ROOT / "assignments" / ASSIGNMENT, course.assignments / ASSIGNMENT)
    released = json.loads(course.release(ASSIGNMENT).read_text())
    for number in range(STUDENTS):
        answer = next(cell for cell in released["cells"] if cell["id"] == "mul_backward")
        answer["source"] = SLOWLY + (WRONG if number % 5 == 1 else RIGHT)
        path = course.submitted / f"s{number:02d}" / ASSIGNMENT / f"{NOTEBOOK}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text("{" if number == 7 else json.dumps(released))
    register(course, ASSIGNMENT)
    (course.root / ".course-secret").write_text("5e" * 32)
    return course


def plans_of(course):
    return {ASSIGNMENT: open_plan(course, ASSIGNMENT)}


def graded_here(course):
    """An ordinary run."""
    walls = raise_walls(accept_weak=False, torch=False)
    try:
        return run(course, plans_of(course), Settings(walls.box, walls.tier, workers=1))
    finally:
        walls.box.close()


def graded_there(course, address, progress):
    """A run on the cluster."""
    plans = plans_of(course)
    releases = {ASSIGNMENT: plans[ASSIGNMENT].release}
    with joined(address, course, plans, releases) as cluster:
        summary = run(course, plans, Settings(cluster.box, cluster.tier), progress, each=cluster.each)
        return summary, cluster.tier


@contextmanager
def processes():
    """Start processes that are ended at the end, whatever happens."""
    started = []

    def start(*words, log):
        with open(log, "wb") as file:
            command = [str(Path(sys.executable).with_name("dask")), *words]
            environment = {**os.environ, "DASK_TEMPORARY_DIRECTORY": str(log.parent / "scratch")}
            process = subprocess.Popen(command, stdout=file, stderr=file, env=environment)
        started.append(process)
        return process

    try:
        yield start
    finally:
        for process in started:
            process.kill()
            process.wait()


def certificate(folder):
    """A certificate that is its own authority."""
    folder.mkdir()
    key, made = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-days", "2", "-subj", "/CN=test", "-keyout", key, "-out", made],
        check=True, capture_output=True,
    )  # fmt: skip
    return str(made), str(key)


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    """What was left when a worker, and then the scheduler, was killed in the middle of a run."""
    folder = tmp_path_factory.mktemp("cluster")
    undisturbed = a_course(folder / "undisturbed")
    without_worker = copy_of(undisturbed, folder / "without-worker")
    without_scheduler = copy_of(undisturbed, folder / "without-scheduler")
    graded_here(undisturbed)
    made, key = certificate(folder / "tls")
    tls = ["--tls-ca-file", made, "--tls-cert", made, "--tls-key", key]
    ours = {"ca-file": made, "client.cert": made, "client.key": key}
    found = SimpleNamespace(undisturbed=undisturbed, without_worker=without_worker, without_scheduler=without_scheduler)
    with ExitStack() as stack:
        stack.enter_context(dask.config.set({f"distributed.comm.tls.{name}": value for name, value in ours.items()}))
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(dealing, "FEWEST", 2)
        patch.setattr(dealing, "MOST", 2)
        patch.setattr(client, "CONNECT", 3.0)
        start = stack.enter_context(processes())
        at = folder / "scheduler.json"
        scheduler = start(
            "scheduler", "--scheduler-file", at, "--protocol", "tls", "--host", "127.0.0.1", "--port", "0",
            "--no-dashboard", "--dashboard-address", "127.0.0.1:0", *tls, log=folder / "scheduler.log",
        )  # fmt: skip
        workers = [
            start(
                "worker", "--scheduler-file", at, "--nthreads", "1", "--no-nanny", "--no-dashboard", *tls,
                log=folder / f"worker-{number}.log",
            )
            for number in range(2)
        ]  # fmt: skip
        address = joinable(at, len(workers))
        killed = after_first(lambda: os.kill(workers[0].pid, signal.SIGKILL))
        found.summary, found.tier = graded_there(without_worker, address, killed)
        found.ending = workers[0].wait()
        found.left_on_worker = [path for path in (folder / "scratch").rglob("autograder-*") if path.is_dir()]
        gone = after_first(lambda: os.kill(scheduler.pid, signal.SIGKILL))
        with pytest.raises(AutograderError) as raised:
            graded_there(without_scheduler, address, gone)
        found.told = str(raised.value)
        found.recorded = len(state(without_scheduler)["completions"])
        found.resumed = graded_here(without_scheduler)
    return found


def joinable(scheduler_file, workers):
    """The scheduler's address, once so many workers are there."""
    deadline = time.monotonic() + 120
    while not scheduler_file.exists():
        assert time.monotonic() < deadline
        time.sleep(0.1)
    address = json.loads(scheduler_file.read_text())["address"]
    with client._connected(address) as connected:
        connected.wait_for_workers(workers, timeout=120)
    return address


def after_first(kill):
    """A progress that kills something when the first submission was recorded."""

    def progress(done, total):
        if done == 1:
            kill()

    return progress


def comparable(course):
    """All of the results, but for the processor time that was measured."""
    found = state(course)
    for name, data in found["files"].items():
        found["files"][name] = re.sub(rb'"cpu_seconds": [\d.e-]+', b"", data)
    found["completions"] = [
        (*row[:-2], sorted(name for name in row[-2]), row[-1]) for row in found["completions"]
    ]  # the digests are those of the files
    return found


def test_a_killed_worker_s_submissions_are_graded_by_another_as_if_nothing_had_happened(story):
    assert story.ending == -signal.SIGKILL
    assert comparable(story.without_worker) == comparable(story.undisturbed)


def test_everybody_is_graded_once_and_behind_real_walls(story):
    assert sorted(name.student for name in story.summary.graded) == [f"s{n:02d}" for n in range(STUDENTS) if n != 7]
    assert [rejected.student for rejected in story.summary.rejected] == ["s07"]
    assert story.tier in ("namespaces", "other-uid")


def test_a_worker_that_lives_on_keeps_nothing_of_the_run(story):
    assert len(story.left_on_worker) <= 1  # that of the killed one, which Dask removes


def test_a_lost_scheduler_is_said_and_what_was_recorded_stays(story):
    assert re.search("connection to the scheduler was lost.*run the same command again", story.told)
    assert 0 < story.recorded < STUDENTS


def test_the_next_run_goes_on_where_the_scheduler_was_lost(story):
    assert len(story.resumed.unchanged) == story.recorded
    assert comparable(story.without_scheduler) == comparable(story.undisturbed)


def test_where_no_scheduler_answers_it_is_said(story, monkeypatch):
    monkeypatch.setattr(client, "CONNECT", 0.2)

    with pytest.raises(UsageError, match=r"No scheduler answers at tcp://127\.0\.0\.1:1"):
        graded_there(story.without_worker, "tcp://127.0.0.1:1", lambda done, total: None)
