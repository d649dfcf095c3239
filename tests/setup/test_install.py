"""A set-up from its beginning to its end, in a small world of toy packages."""

import os
import signal
import subprocess
import time

import pytest

from tests.setup.world import CUDA, UV, make_world, wheel

WITHOUT_UV = "pip installs the same packages; that takes longer."


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A world, and what the first set-up there said."""
    world = make_world(tmp_path_factory.mktemp("world") / "shared")
    return world, world.install("grade")


@pytest.fixture
def world(tmp_path):
    return make_world(tmp_path / "world")


def test_an_environment_has_what_the_lock_names_and_the_second_time_there_is_nothing_to_do(shared):
    world, first = shared

    second = world.install("grade")

    assert first.returncode == 0, first.stderr
    assert (WITHOUT_UV in first.stderr) is not UV.exists()
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")
    assert world.ask("import importlib.metadata as m; print(m.version('toy'), m.version('torch'))") == "1.0 2.13.0+cpu"


def test_more_groups_are_added_to_what_is_there(shared):
    world, _ = shared

    added = world.install("grade", "test")

    assert added.returncode == 0, added.stderr
    assert "the tests" in added.stderr
    assert "grading" not in added.stderr
    assert world.ask("import toy_tests, torch, numpy") == ""


def test_what_was_half_made_is_made_anew(shared):
    world, _ = shared
    (world.environment / ".installed.json").write_text("{}")
    (world.environment / "left-over").write_text("")

    again = world.install("grade")

    assert again.returncode == 0, again.stderr
    assert not (world.environment / "left-over").exists()


def test_a_changed_package_is_refused_and_named_and_what_was_whole_stays(shared):
    world, _ = shared
    world.lock("lab", wheel(world.wheels, "toy-lab", "2.0", {"toy_lab.py": ""}))
    wheel(world.wheels, "toy-lab", "2.0", {"toy_lab.py": "import os  # somebody else's\n"})

    refused = world.install("grade", "lab")
    wheel(world.wheels, "toy-lab", "2.0", {"toy_lab.py": ""})
    mended = world.install("grade", "lab")

    last = refused.stderr.splitlines()[-1]
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr
    assert last.startswith("Installing the packages of lab failed: ")
    assert "toy-lab" in last
    assert "It was tried 2 times. What came is not what the lock names" in last
    assert mended.returncode == 0, mended.stderr
    assert world.ask("import toy_lab") == ""


def test_a_constraint_of_pips_that_forbids_the_lock_is_said(shared):
    world, _ = shared
    world.lock("lint", wheel(world.wheels, "toy-lint", "1.0", {"toy_lint.py": ""}))
    (world.root / "mine.txt").write_text("toy-lint<1.0\ntorch<=2.14.1\n")

    ran = world.install("grade", "lint", PIP_CONSTRAINT=str(world.root / "mine.txt"))

    assert ran.returncode == 1
    assert "toy-lint" in ran.stderr.splitlines()[-1]
    assert "a constraint of pip's forbids it" in ran.stderr
    assert world.install("grade").stderr == ""


def test_without_uv_pip_installs_the_same_and_refuses_the_same(world):
    (world.wheels / "uv-0.1-py3-none-any.whl").unlink()

    ran = world.install("grade")
    wheel(world.wheels, "toy-tests", "2.0", {"toy_tests.py": "import os  # somebody else's\n"})
    refused = world.install("grade", "test")

    assert ran.returncode == 0, ran.stderr
    assert WITHOUT_UV in ran.stderr
    assert world.ask("import importlib.metadata as m; print(m.version('toy'), m.version('torch'))") == "1.0 2.13.0+cpu"
    assert refused.returncode == 1
    assert "toy-tests" in refused.stderr.splitlines()[-1]
    assert "What came is not what the lock names" in refused.stderr


@pytest.mark.slow
def test_of_two_at_once_the_second_waits_and_an_interrupted_one_is_not_trusted(world):
    """uv does not run here: it waits at a gate."""
    os.mkfifo(world.gate)
    first = subprocess.Popen(world.command("grade"), env=world.variables(), stderr=subprocess.PIPE, text=True)
    opened = _at_the_gate(world, first)
    first.send_signal(signal.SIGKILL)  # its uv goes on
    second = subprocess.Popen(world.command("grade"), env=world.variables(), stderr=subprocess.PIPE, text=True)
    said = second.stderr.readline()
    world.gate.unlink()
    opened.close()

    rest = second.communicate()[1]

    first.communicate()
    assert "waiting for it" in said
    assert second.returncode == 0, rest
    assert "Setting up" in rest
    assert world.ask("import numpy, torch") == ""


@pytest.mark.slow
def test_where_there_is_no_cpu_build_it_is_said_once_and_what_is_there_is_taken(world):
    (world.wheels / "torch-2.13.0+cpu-py3-none-any.whl").unlink()
    wheel(world.wheels, "torch", "2.13.0", {"torch.py": CUDA}, needs="nvidia-toy")
    wheel(world.wheels, "nvidia-toy", "13.0", {"nvidia_toy.py": ""})

    ran = world.install("grade")

    assert ran.returncode == 0, ran.stderr
    assert ran.stderr.count("No CPU build of PyTorch 2.13.0 could be reached") == 1
    assert world.ask("import torch; print(torch.version.cuda)") == "13.0"


@pytest.mark.slow
def test_cuda_comes_only_when_it_is_asked_for(world):
    wheel(world.wheels, "torch", "2.13.0", {"torch.py": CUDA}, needs="nvidia-toy")
    wheel(world.wheels, "nvidia-toy", "13.0", {"nvidia_toy.py": ""})

    asked = world.install("grade", "--torch", "cuda")

    assert asked.returncode == 0, asked.stderr
    assert world.ask("import torch, nvidia_toy; print(torch.version.cuda)") == "13.0"
    assert world.install("grade").stderr == ""


@pytest.mark.slow
def test_an_index_that_does_not_answer_is_said_in_one_paragraph(world):
    (world.root / "pip.conf").write_text("[global]\nindex-url = http://me:secret@127.0.0.1:9/simple\nretries = 0\n")

    ran = world.install("grade")

    assert ran.returncode == 1
    assert "Traceback" not in ran.stderr
    assert "secret" not in ran.stderr
    assert "toy" in ran.stderr.splitlines()[-1]
    assert "pip config list" in ran.stderr.splitlines()[-1]
    assert not world.environment.exists()


def _at_the_gate(world, process):
    """The gate's other end, as soon as something waits there. Fails if the set-up ends before."""
    while process.poll() is None:
        try:
            return os.fdopen(os.open(world.gate, os.O_WRONLY | os.O_NONBLOCK), "w")
        except OSError:  # nobody reads yet
            time.sleep(0.05)
    raise AssertionError(process.stderr.read())
