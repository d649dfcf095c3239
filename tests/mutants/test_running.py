"""A planted module with planted tests: which mutants die, which live, and that nothing of the tree is changed."""

from __future__ import annotations

import json
import shutil
import site
import venv
from dataclasses import replace
from pathlib import Path

import pytest

from tests.mutants import command, mapping, rules, running, trees

pytestmark = pytest.mark.slow

MODULE = """
import functools
import time


def larger(a, b):
    if a == 7:
        raise ValueError(a)
    return a if a > b else b


def wait(n):
    while n > 0:
        n -= 1


@functools.cache
def kept():
    return len("kept")


def unused(a):
    return a + 1
"""

TESTS = """
import os
import subprocess
import sys

import pytest

from autograder.kit import planted


@pytest.fixture(scope="module")
def shared():
    return planted.larger(2, 1)


def test_larger():
    assert planted.larger(2, 1) == 2


def test_shared(shared):
    assert shared == 2


def test_shared_again(shared):
    assert shared > 1


def test_in_a_fork():
    child = os.fork()
    if not child:
        planted.wait(3)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_in_a_subprocess():
    subprocess.run([sys.executable, "-c", "from autograder.kit import planted; assert planted.kept() == 4"], check=True)


def test_that_compares_sources():
    assert "one more comment" not in open(planted.__file__).read()
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small tree with an environment that sees the packages of this one, and coverage.py in every process."""
    place = tmp_path_factory.mktemp("planted") / "tree"
    files = {
        "pytest.ini": "[pytest]\naddopts = -p no:autograder\n",
        "autograder/__init__.py": "",
        "autograder/kit/__init__.py": "",
        "autograder/kit/planted.py": MODULE,
        "tests/__init__.py": "",
        "tests/kit/__init__.py": "",
        "tests/kit/test_planted.py": TESTS,
    }
    for name, text in files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text, encoding="utf-8")
    shutil.copytree(Path(trees.__file__).parent, place / "tests" / "mutants", ignore=shutil.ignore_patterns("test_*"))
    venv.create(place / ".venv", symlinks=True)
    (packages,) = (place / ".venv").glob("lib/python*/site-packages")
    known = [path for path in site.getsitepackages() if Path(path).is_dir()]
    (packages / "planted.pth").write_text("\n".join([*known, trees.START_COVERAGE]), encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def known(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> mapping.Map:
    """The map of the planted tests; the tree is as before."""
    folder = tmp_path_factory.mktemp("traces")
    found = mapping.trace(tree, folder / "traces", ["-n", "0"])
    (tree / "autograder/kit/planted.py").write_text(MODULE, encoding="utf-8")
    (folder / "map.json").write_text(json.dumps(found), encoding="utf-8")
    return mapping.Map.read(folder / "map.json")


def _planted(text: str, after: str) -> rules.Mutant:
    (found,) = (
        mutant
        for mutant in rules.mutants("autograder/kit/planted.py", MODULE)
        if text in MODULE.splitlines()[mutant.first - 1] and mutant.after == after
    )
    return found


def _covering(known: mapping.Map, mutant: rules.Mutant) -> set[str]:
    return {known.tests[at].rpartition("::")[2] for at in known.covering(mutant, MODULE)}


def test_the_map_knows_fixtures_forks_and_subprocesses_and_no_test_that_compares_sources(known):
    everything = {"test_larger", "test_shared", "test_shared_again", "test_in_a_fork", "test_in_a_subprocess"}

    assert {name.rpartition("::")[2] for name in known.tests} == everything
    assert _covering(known, _planted("a > b", "True")) == {"test_larger", "test_shared", "test_shared_again"}
    assert _covering(known, _planted("n -= 1", "n += 1")) == {"test_in_a_fork"}
    assert _covering(known, _planted("len(", "return None")) == {"test_in_a_subprocess"}
    assert _covering(known, _planted("a + 1", "(a - 1)")) == set()


@pytest.mark.parametrize(
    "text, after, status, by",
    [
        ("a > b", "(a >= b)", "survived", ""),
        ("a > b", "False", "killed", "test_larger"),
        ("len(", "return None", "killed", "test_in_a_subprocess"),
        ("n -= 1", "n += 1", "killed", "test_in_a_fork (timeout)"),
        ("a + 1", "(a - 1)", "uncovered", ""),
    ],
)
def test_a_mutant_that_a_test_notices_is_told_from_one_that_none_does(
    tree, known, monkeypatch, text, after, status, by
):
    if "timeout" in by:
        monkeypatch.setattr(running, "SLACK", 4.0)
    before = {path: path.read_bytes() for path in tree.glob("*/kit/*.py")}

    result = running.Tree(tree, known).judge(_planted(text, after))

    assert (result.status, result.by.rpartition("::")[2]) == (status, by)
    assert {path: path.read_bytes() for path in before} == before


def test_a_test_that_fails_without_the_mutant_too_kills_nothing(tree, known):
    broken = tree / "tests/kit/test_planted.py"
    broken.write_text(TESTS.replace("planted.larger(2, 1) == 2", "planted.larger(2, 1) == 3"), encoding="utf-8")

    result = running.Tree(tree, known).judge(_planted("a > b", "(a >= b)"))
    broken.write_text(TESTS, encoding="utf-8")

    assert result.status == "survived"
    assert result.unsteady == ("tests/kit/test_planted.py::test_larger",)


def test_a_test_that_fails_once_and_never_runs_the_line_kills_nothing(tree, known, tmp_path):
    unsteady = tree / "tests/kit/test_planted.py"
    once = f"not os.path.exists({str(tmp_path / 'ran')!r}) and not open({str(tmp_path / 'ran')!r}, 'w').close()"
    unsteady.write_text(TESTS.replace("assert planted.larger(2, 1) == 2", f"assert not ({once})"), encoding="utf-8")

    result = running.Tree(tree, known).judge(_planted("a + 1", "(a - 1)"))
    unsteady.write_text(TESTS, encoding="utf-8")

    assert result.status == "uncovered"
    assert result.unsteady == ("tests/kit/test_planted.py::test_larger",)


def test_what_lives_says_how_many_tests_there_was_no_time_for(tree, known, monkeypatch):
    monkeypatch.setattr(running, "FIRST_SECONDS", 0.0)
    slow = replace(known, seconds=[1.0 for _ in known.tests])

    result = running.Tree(tree, slow, most=0.0).judge(_planted("a > b", "(a >= b)"))

    assert result.status == "survived"
    assert result.left == len(known.tests) - 2  # one near it, and one far from it


@pytest.mark.parametrize("name", ["test_new", "test_larger"])
def test_a_test_that_is_newer_than_the_map_or_has_other_parameters_is_run_too(tree, known, name):
    newer = tree / "tests/kit/test_planted.py"
    parameters = '@pytest.mark.parametrize("b", [5])\n'
    newer.write_text(
        f"{TESTS.replace('def test_larger', 'def old')}\n\n{parameters}def {name}(b):\n"
        "    with pytest.raises(ValueError):\n        planted.larger(7, b)\n",
        encoding="utf-8",
    )

    result = running.Tree(tree, known).judge(_planted("raise", "pass"))
    newer.write_text(TESTS, encoding="utf-8")

    assert (result.status, result.by) == ("killed", f"tests/kit/test_planted.py::{name}[5]")


@pytest.fixture
def results() -> list[running.Result]:
    """Nineteen killed, one equivalent."""
    killed = [running.Result(str(at), "a", "kit", "killed") for at in range(19)]
    return [*killed, running.Result("e", "a", "kit", "equivalent")]


@pytest.mark.parametrize("status, code", [("killed", 0), ("survived", 0), ("uncovered", 0)])
def test_one_in_twenty_may_live(results, status, code):
    assert command.sum_up([*results, running.Result("x", "a", "kit", status)]) == code


@pytest.mark.parametrize("status", ["survived", "uncovered"])
def test_two_in_twenty_one_are_too_many_whether_they_live_or_no_test_runs_them(results, status):
    live = [running.Result(str(at), "a", "kit", status) for at in (20, 21)]

    assert command.sum_up([*results, *live]) == 1


def test_each_equivalent_mutant_has_a_reason():
    listed = json.loads(command.EQUIVALENT.read_text(encoding="utf-8"))

    assert [key for key, row in listed.items() if not row["mutant"] or len(row["why"]) < 20] == []
