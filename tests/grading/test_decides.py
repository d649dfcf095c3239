"""The digest of what decides a verdict: it changes with what could change one, and with nothing else."""

from __future__ import annotations

import ast
import functools
import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest

from autograder.course.content import Content, content_of
from autograder.grading import decides
from autograder.grading.decides import PACKAGE, deciding, verdict_digest
from tests.this_course import CATALOGUE, COURSE

PS1, PS2, PS3, PS4, PS5, PS6 = CATALOGUE
SOLUTIONS = {name: f"solutions/{name}" for name in CATALOGUE}

STARTS = ("judging", "course.content", "grading.pipeline", "grading.intake", "boundary.tiers", "untrusted.__main__")
"""Where a verdict is made: the judge, the content, how a notebook becomes verdicts, both sides of the box."""

DECIDES_NOTHING = frozenset(
    {
        "autograder",  # the version's number
        "autograder.errors",  # words
        "autograder.grading",  # empty
        "autograder.grading._files",  # reads and writes bytes
        "autograder.grading._holders",  # words
        "autograder.grading._storage",  # words
        "autograder.grading.closed",  # what people gave
        "autograder.grading.course",  # where files are
        "autograder.grading.handed_in",  # times
        "autograder.grading.marks",  # what the gradebook says
        "autograder.grading.not_a_notebook",  # words
        "autograder.grading.pictures",  # for people to look at
        "autograder.grading.told",  # words
        "autograder.grading.secret",  # the secret has a fingerprint of its own
    }
)


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A copy of the package that a test may change; the digests are those of the copy."""
    copy = tmp_path / "autograder"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(decides, "PACKAGE", copy)
    decides._of_the_grader.cache_clear()
    yield copy
    decides._of_the_grader.cache_clear()


def digests(content: Content = CATALOGUE) -> dict[str, str]:
    decides._of_the_grader.cache_clear()
    return {assignment: verdict_digest(content, assignment) for assignment in content}


def changed_by(root: Path, files: Iterable[str], content: Content = CATALOGUE) -> dict[str, set[str]]:
    """For each file the assignments whose digest another line in it changes."""
    before, found = digests(content), {}
    for file in files:
        text = (root / file).read_text()
        (root / file).write_text(text + "\n# changed\n")
        after = digests(content)
        found[file] = {assignment for assignment in content if before[assignment] != after[assignment]}
        (root / file).write_text(text)
    return found


def test_a_hidden_case_changes_the_digest_of_its_assignment_and_of_those_alone_that_ask_it_again(tmp_path):
    shutil.copy(COURSE.root / "course.toml", tmp_path)
    shutil.copytree(COURSE.solutions, tmp_path / "solutions", ignore=shutil.ignore_patterns("__pycache__"))
    files = {
        f"{SOLUTIONS[PS1]}/private/paths.py": {PS1},
        f"{SOLUTIONS[PS2]}/private/products.py": {PS2, PS5},  # ps5 asks four rules of ps2 and ps3 again
        f"{SOLUTIONS[PS3]}/public/smooth.py": {PS3, PS5},
        f"{SOLUTIONS[PS4]}/public/lstm.py": {PS4},
        f"{SOLUTIONS[PS5]}/private/tapes.py": {PS5},
        f"{SOLUTIONS[PS6]}/private/steps.py": {PS6},
    }

    assert changed_by(tmp_path, files, content_of(tmp_path)) == files


def test_a_dropped_exercise_changes_the_digest_of_its_assignment(tmp_path):
    shutil.copytree(COURSE.solutions, tmp_path / "solutions", ignore=shutil.ignore_patterns("__pycache__"))
    text = (COURSE.root / "course.toml").read_text()
    (tmp_path / "course.toml").write_text(text)
    before = digests(content_of(tmp_path))

    (tmp_path / "course.toml").write_text(text.replace(f'name = "{PS4}"', f'name = "{PS4}"\ndrop = ["glu_backward"]'))
    after = digests(content_of(tmp_path))

    assert {name for name in before if before[name] != after[name]} == {PS4}


def test_what_all_verdicts_go_through_changes_all_digests(package):
    files = (
        "judging/_judge.py", "judging/diagnosis.py", "kit/ladder.py", "engine/ops/products.py", "boundary/limits.py",
        "untrusted/host.py", "course/declare.py", "grading/passes.py", "grading/_restore.py",
    )  # fmt: skip

    assert changed_by(package, files) == {file: set(CATALOGUE) for file in files}


def test_what_only_words_shows_records_or_sends_a_verdict_changes_none(package):
    files = ("reports/feedback.py", "reports/values.py", "bridges/lms/canvas.py", "commands/check.py", "cli.py",
             "grading/gradebook.py", "grading/workers.py", "errors.py")  # fmt: skip

    assert changed_by(package, files) == {file: set() for file in files}


def test_a_new_file_counts_and_what_python_compiled_does_not(package):
    before = digests()

    (package / "judging" / "__pycache__").mkdir()
    (package / "judging" / "__pycache__" / "verdict.cpython-311.pyc").write_bytes(b"compiled")
    compiled = digests()
    (package / "engine" / "ops" / "another.py").write_text("")

    assert compiled == before
    assert not set(digests().values()) & set(before.values())


def test_pytorch_counts_where_it_is_needed_alone_and_python_and_numpy_everywhere(monkeypatch):
    versions = {torch: dict(decides._versions(torch=torch)) for torch in (False, True)}

    assert {torch for torch, found in versions.items() if "torch" in found} == {True}
    assert all({"Python", "numpy"} <= found.keys() for found in versions.values())
    before = digests()
    monkeypatch.setattr(decides.importlib.metadata, "version", lambda name: "another")
    after = digests()
    assert not set(before.values()) & set(after.values())


def test_every_module_that_decides_is_in_the_digest():
    """Follow the imports from where a verdict is made: all that is met is counted, or listed as deciding nothing."""
    counted = {dotted(PACKAGE / path) for path in deciding()}

    missing = closure([f"autograder.{start}" for start in STARTS]) - counted - DECIDES_NOTHING

    assert not missing


@functools.cache
def modules() -> dict[str, Path]:
    return {dotted(path): path for path in PACKAGE.rglob("*.py")}


def dotted(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@functools.cache
def imported(module: str) -> frozenset[str]:
    """The modules of the package that one imports, anywhere in it, by statement or by name."""
    path = modules()[module]
    package = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            source = ".".join([*base, *([node.module] if node.module else [])])
            found |= {source, *(f"{source}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("autograder."):
            found.add(node.value)
    return frozenset(found & modules().keys())


def closure(starts: list[str]) -> set[str]:
    """The modules that are imported with these, the packages around them included."""
    pending, seen = list(starts), set()
    while pending:
        module = pending.pop()
        if module not in seen:
            seen.add(module)
            pending += imported(module)
            if "." in module:
                pending.append(module.rpartition(".")[0])
    return seen
