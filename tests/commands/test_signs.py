"""Long work gives a sign of life, and what is stopped says so and how to go on."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from autograder.commands import ci
from autograder.commands.signs import StoppedError, lines, stoppable
from tests.grading.small_run import ROOT, wait_until

PS1 = "ps1-chain-rule"


def test_where_there_is_no_bar_a_line_is_written_every_few_seconds(capfd):
    with lines(lambda: "grading: 3 of 9 submissions", every=0.05):
        time.sleep(0.3)
    written = capfd.readouterr().err

    assert set(written.splitlines()) == {"grading: 3 of 9 submissions"}
    time.sleep(0.1)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("lost", ["a full disk", "a pipe that nobody reads"])
def test_where_the_lines_cannot_be_written_the_work_goes_on(lost):
    kept = os.dup(2)
    reading, writing = os.pipe()
    os.close(reading)
    before = signal.signal(signal.SIGPIPE, signal.SIG_IGN)  # as Python sets it
    if lost == "a full disk":
        os.close(writing)
        writing = os.open("/dev/full", os.O_WRONLY)
    os.dup2(writing, 2)
    try:
        with lines(lambda: "a line", every=0.02):
            time.sleep(0.1)
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(writing)
        signal.signal(signal.SIGPIPE, before)


STREAMS = """
import os
from autograder.commands.signs import open_standard_streams
open_standard_streams()
file = os.open("file", os.O_WRONLY | os.O_CREAT)
os.write(2, b"a line")
os.write(1, b"another")
"""


def test_what_is_told_goes_into_no_file_where_there_is_no_standard_error(tmp_path):
    line = ["sh", "-c", 'exec "$0" -c "$1" >&- 2>&- <&-', sys.executable, STREAMS]

    done = subprocess.run(line, cwd=tmp_path)

    assert done.returncode == 0
    assert (tmp_path / "file").read_bytes() == b""


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
def test_an_output_that_cannot_be_written_is_told_in_a_line():
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-I", "-m", "autograder", "restore", "--list"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)

    assert done.returncode == 1
    assert done.stderr == "The output could not be written: No space left on device. What was recorded stays.\n"


CAPABLE = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search"]
"""root, who may otherwise read everything, as somebody who may not."""


@pytest.mark.parametrize("folder", ["autograded", "backups"])
def test_a_folder_that_may_not_be_read_is_told_in_a_line(tmp_path, folder):
    as_anybody = CAPABLE if os.geteuid() == 0 else []
    if as_anybody and not shutil.which("setpriv"):
        pytest.skip("root can't be made anybody here")
    (tmp_path / "gradebook.db").write_bytes(b"")
    (tmp_path / "submitted" / "ada").mkdir(parents=True)
    (tmp_path / folder).mkdir(mode=0)
    shutil.copy(ROOT / "course.toml", tmp_path)
    for place in ("solutions", "assignments"):
        shutil.copytree(ROOT / place / PS1, tmp_path / place / PS1)

    asked = ["restore", "--list"] if folder == "backups" else ["grade"]
    command = [*as_anybody, sys.executable, "-I", "-m", "autograder", *asked]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)

    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert f"{folder} can't be read or written. Got Permission denied. Make it readable" in done.stderr


def heard() -> None:
    """Have Ctrl-C end the process that begins: what a shell starts in the background is deaf to it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


EARLY = """
import runpy, signal, sys
class Interrupting:
    def find_spec(self, name, *_):
        if name == "autograder.cli":
            signal.raise_signal(signal.SIGINT)
sys.meta_path.insert(0, Interrupting())
runpy.run_module("autograder", run_name="__main__")
"""


def test_a_command_stopped_before_it_began_says_so_in_a_word():
    done = subprocess.run([sys.executable, "-I", "-c", EARLY], capture_output=True, text=True, preexec_fn=heard)

    assert (done.returncode, done.stderr) == (130, "Stopped by SIGINT.\n")


def test_a_class_in_ci_has_signs_of_life_too(monkeypatch):
    told = []

    @contextmanager
    def every_few_seconds(say):
        monkeypatch.setattr(ci, "_result", lambda *_: told.append(say()))
        yield

    monkeypatch.setattr(ci, "lines", every_few_seconds)
    monkeypatch.setattr(ci, "_Graders", lambda *_: SimpleNamespace(close=lambda: None))
    ci._each(None, SimpleNamespace(entries="abc"), {}, False, None)

    assert told == [f"grading: {number} of 3 submissions" for number in range(3)]


def test_a_process_forked_meanwhile_writes_no_lines(capfd):
    with lines(lambda: "a line", every=0.05):
        child = os.fork()
        if not child:
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
            os.close(2)
            ours = signal.getitimer(signal.ITIMER_REAL)
            os._exit(0 if ours == (0.0, 0.0) else 1)
        assert os.waitpid(child, 0)[1] == 0


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_signal_that_asks_to_end_runs_what_must_be_done_at_the_end(name):
    done = []

    def stopped_at_work():
        with stoppable():
            try:
                os.kill(os.getpid(), getattr(signal, name))
                time.sleep(1)
            finally:
                done.append("tidied")

    with pytest.raises(StoppedError) as stopped:
        stopped_at_work()

    assert (stopped.value.number, done) == (getattr(signal, name), ["tidied"])
    assert signal.getsignal(getattr(signal, name)) is signal.SIG_DFL


def test_a_forked_process_ends_by_the_signal_as_ever():
    there, here = os.pipe()
    with stoppable():
        child = os.fork()
        if not child:
            os.write(here, b".")
            time.sleep(30)
            os._exit(0)
        os.read(there, 1)
        os.kill(child, signal.SIGTERM)
        status = os.waitpid(child, 0)[1]

    assert os.WTERMSIG(status) == signal.SIGTERM


STOPPED = """
    import sys, time
    from pathlib import Path
    from autograder import cli

    sys.argv = ["autograder", sys.argv[1]]
    sys.flags.isolated or sys.exit(9)

    @cli.commands.command("grade")
    def grade():
        Path(marker).touch()
        time.sleep(30)

    @cli.commands.command("check")
    def check():
        Path(marker).touch()
        time.sleep(30)

    cli.main()
"""


@pytest.mark.parametrize("command, name", [("grade", "SIGINT"), ("grade", "SIGTERM"), ("check", "SIGHUP")])
def test_a_command_that_is_stopped_says_by_what_and_that_it_goes_on(tmp_path, command, name):
    marker = tmp_path / "begun"
    program = f"marker = {str(marker)!r}\n" + textwrap.dedent(STOPPED)
    line = [sys.executable, "-I", "-c", program, command]
    started = subprocess.Popen(line, stderr=subprocess.PIPE, text=True, preexec_fn=heard)
    wait_until(marker.exists, 30)

    started.send_signal(getattr(signal, name))
    said = started.communicate(timeout=30)[1].strip().splitlines()

    assert started.returncode == 128 + getattr(signal, name)
    assert said[-1].startswith(f"Stopped by {name}.")
    assert ("run the same command again, and it goes on" in said[-1]) == (command == "grade")
