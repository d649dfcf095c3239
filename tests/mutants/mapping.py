"""Which tests run which line: one run of the suite under coverage.py in a copy of the tree, kept as one JSON file.

What it sees: the tests' own processes, what they fork, and every Python that gets their environment (the command line,
nbgrader, the notebooks' kernels). What it can't see is the inside of the box, which has no environment and no
coverage.py: there a line counts as run by every test below BOX_TESTS that starts a box (it runs a line of STARTS); in
the rooms that are on both sides such tests come after those that were seen, or instead where none was. What runs at
import counts as run by every test that runs anything of the file.

The copy's sources end in one more comment. A test that fails because of that compares sources (the kit in
`assignments/`, a digest), and would notice every fault without running a line: it is not in the map.
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.mutants import plugin
from tests.mutants.rules import FUNCTIONS, Mutant

ROOMS = ("boundary", "bridges", "grading", "judging", "kit", "untrusted")
STARTS = ("autograder/boundary/launcher.py", "autograder/boundary/warm.py", "autograder/untrusted/nursery.py")
IN_THE_BOX = ("boundary", "kit", "untrusted")
GRADE = ("boundary", "grading", "judging", "untrusted")
BOX_TESTS = ("tests/untrusted/", "tests/boundary/", "tests/hostile/", "tests/end_to_end/")
CONTENT = "autograder/kit/public"
HARMLESS = "# one more comment\n"
CHEAP, CHEAP_TO_SET_UP = 1.0, 5.0
"""Seconds of a test and of what its file shares."""

RC = """[run]
parallel = true
data_file = {folder}/data
context = ${{{context}-}}
include = {included}
patch = _exit, fork
concurrency = thread, multiprocessing
disable_warnings = no-data-collected, module-not-imported, couldnt-parse, already-imported
"""


def trace(tree: Path, folder: Path, arguments: Iterable[str]) -> dict[str, Any]:
    """Run the suite in ``tree`` and return the map; its data files and pytest's output stay in ``folder``."""
    folder.mkdir(parents=True)
    for path in sources(tree):
        path.write_text(path.read_text(encoding="utf-8") + HARMLESS, encoding="utf-8")
    included = ", ".join(f"{tree}/autograder/{room}/*" for room in ROOMS)
    rc = folder / "coveragerc"
    rc.write_text(RC.format(folder=folder, context=plugin.CONTEXT, included=included), encoding="utf-8")
    environment = clean(tree) | {"COVERAGE_PROCESS_START": str(rc), "MUTANTS_TRACES": str(folder)}
    command = [
        ".venv/bin/python",
        "-m",
        "pytest",
        "-q",
        "-p",
        "tests.mutants.plugin",
        "--dist",
        "loadgroup",
        *arguments,
    ]
    with (folder / "pytest.log").open("w", encoding="utf-8") as log:
        subprocess.run(command, cwd=tree, env=environment, stdout=log, stderr=subprocess.STDOUT, check=False)
    return collect(tree, folder)


def sources(tree: Path) -> list[Path]:
    """The files that get faults: of the six rooms, without the exercises in the kit, which are the course's content."""
    every = (path for room in ROOMS for path in sorted((tree / "autograder" / room).rglob("*.py")))
    return [path for path in every if not path.is_relative_to(tree / CONTENT)]


def clean(tree: Path) -> dict[str, str]:
    """The environment of a test run in a copy: nothing of this one's caches, home or coverage."""
    home, scratch = (tree.parent / f"{tree.name}-{name}" for name in ("home", "tmp"))
    home.mkdir(exist_ok=True)
    scratch.mkdir(exist_ok=True)
    dropped = ("COVERAGE_", "MUTANTS_", "PYTEST_", "PYTHON", "XDG_", "VIRTUAL_ENV")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    return kept | {"HOME": str(home), "TMPDIR": str(scratch), "OMP_NUM_THREADS": "1"}


def collect(tree: Path, folder: Path) -> dict[str, Any]:
    """Put the data files together: for each file and line the tests, and for each test its seconds."""
    import coverage

    written = [path.read_text(encoding="utf-8") for path in sorted(folder.glob("tests-*.jsonl"))]
    tests = [json.loads(line) for text in written for line in text.splitlines()]
    passed = {test["test"]: test for test in tests if test["passed"]}
    if not passed:
        sys.exit(f"No test passed under coverage.py; see {folder / 'pytest.log'}")
    names = sorted(passed)
    number = {name: at for at, name in enumerate(names)}
    users: dict[str, set[int]] = defaultdict(set)
    for name in names:
        users[plugin.key(name)].add(number[name])
        for fixture in passed[name]["fixtures"]:
            users[plugin.key(fixture)].add(number[name])
    lines: dict[str, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    for path in folder.glob("data.*"):
        data = coverage.CoverageData(str(path))
        try:
            data.read()
        except coverage.exceptions.DataError:  # its process was killed while it wrote
            continue
        for measured in data.measured_files():
            file = lines[Path(measured).relative_to(tree).as_posix()]
            for line, contexts in data.contexts_by_lineno(measured).items():
                for context in contexts:
                    file[line] |= users[context.partition("|")[0]] | users[context.rpartition("|")[2]]
    return {
        "tests": names,
        "seconds": [round(passed[name]["seconds"], 3) for name in names],
        "setup": [round(passed[name]["setup"], 3) for name in names],
        "not passed": sorted(test["test"] for test in tests if not test["passed"]),
        "lines": {file: {str(at): sorted(found) for at, found in each.items()} for file, each in sorted(lines.items())},
    }


@dataclass(frozen=True)
class Map:
    """The map as the runs use it. A test costs its own ``seconds`` and the dearest ``setup`` that its file knows."""

    tests: list[str]
    seconds: list[float]
    setup: list[float]
    lines: dict[str, dict[str, list[int]]]

    @classmethod
    def read(cls, path: Path) -> Map:
        """The map that `trace` made."""
        kept = json.loads(path.read_text(encoding="utf-8"))
        dearest: dict[str, float] = defaultdict(float)
        for name, seconds in zip(kept["tests"], kept["setup"], strict=True):
            dearest[_file(name)] = max(dearest[_file(name)], seconds)
        return cls(kept["tests"], kept["seconds"], [dearest[_file(name)] for name in kept["tests"]], kept["lines"])

    def covering(self, mutant: Mutant, source: str) -> set[int]:
        """The tests that run a line of ``mutant``, as places in `tests`; none means that no test covers it."""
        file = self.lines.get(mutant.path, {})
        inside = _function_lines(source)
        changed = range(mutant.first, mutant.last + 1)
        at_import = not any(line in inside for line in changed)
        seen = {test for line in (file if at_import else map(str, changed)) for test in file.get(line, ())}
        room = mutant.path.split("/")[1]
        if room == "untrusted" or (room in IN_THE_BOX and not seen):
            seen |= self._box_tests()
        return seen

    def also(self, mutant: Mutant, covering: set[int]) -> set[int]:
        """Tests that may run the line without having been seen: in the same files (a cache that another test filled
        first), in the room's own folder, and those that grade in a box, some with an environment of their own."""
        room = mutant.path.split("/")[1]
        files = {_file(self.tests[at]) for at in covering}
        near = {at for at, name in enumerate(self.tests) if _file(name) in files or name.startswith(f"tests/{room}/")}
        return (near | (self._box_tests() if room in GRADE else set())) - covering

    def _box_tests(self) -> set[int]:
        starting = {test for path in STARTS for line in self.lines.get(path, {}).values() for test in line}
        return {at for at, name in enumerate(self.tests) if name.startswith(BOX_TESTS) and at in starting}

    def ordered(self, chosen: Iterable[int], mutant: Mutant) -> Iterator[str]:
        """One of each cheap test function first, those that stand near the mutated file before the others; then the
        rest, file by file, so that what a file's tests share is built once."""
        room, stem = mutant.path.split("/")[1], Path(mutant.path).stem.strip("_")

        def distance(file: str) -> int:
            return (not file.startswith(f"tests/{room}/")) + (stem not in Path(file).stem)

        def order(at: int) -> tuple[int, float, str]:
            return distance(_file(self.tests[at])), self.setup[at] + self.seconds[at], self.tests[at]

        left = sorted(chosen, key=order)
        first: dict[str, int] = {}
        for at in left:
            if self.seconds[at] < CHEAP and self.setup[at] < CHEAP_TO_SET_UP:
                first.setdefault(self.tests[at].partition("[")[0], at)
        yield from (self.tests[at] for at in first.values())
        begun = set(first.values())
        rest: dict[str, list[int]] = defaultdict(list)
        for at in left:
            if at not in begun:
                rest[_file(self.tests[at])].append(at)
        total = {file: self.setup[each[0]] + sum(self.seconds[at] for at in each) for file, each in rest.items()}
        for file in sorted(rest, key=lambda file: (distance(file), total[file])):
            yield from (self.tests[at] for at in rest[file])


def _file(test: str) -> str:
    return test.partition("::")[0]


def _function_lines(source: str) -> set[int]:
    """The lines that run when a function is called, not at import."""
    return set(_lines_of(ast.parse(source)))


def _lines_of(tree: ast.AST) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, FUNCTIONS):
            yield from range(node.body[0].lineno, (node.end_lineno or node.lineno) + 1)
