"""One mutant after another in one copy of the tree: does a test fail that passes without it?

The tests run in three steps, and the first that fails ends it: a few cheap ones near the file, those of the room that
are newer than the map, then the others that run the line and those that may run it unseen (`Map.also`). The last step
has ``most`` seconds of tests, by the map's count: what lives costs the longest, and a fault that only a far test might
notice after minutes counts as unnoticed. A failure counts only if the same test passes again without the mutant, and
one of a test that was not seen to run the line only if it fails once more with it, so that an unsteady test kills
nothing. A test that takes ten times its time and a minute more hangs, which counts as a failure.
"""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path

from tests.mutants.mapping import Map, clean
from tests.mutants.plugin import function
from tests.mutants.rules import Mutant

FIRST_SECONDS, FIRST_FILES = 15.0, 6
"""Of the first step: what collecting many files would cost is saved for most mutants."""
MOST = 60.0
"""Seconds of the last step, unless said otherwise."""
SLACK, TIMES = 60.0, 10.0
COLLECTING = 300.0
TIMED_OUT = -1
PASSED, FAILED, NONE_COLLECTED = 0, 1, 5
SUBREAPER = 36
_changes = count(1)
_adopting: list[int] = []
"""This process, once it adopts what its children leave behind."""


@dataclass(frozen=True)
class Result:
    """What became of a mutant: killed, survived, uncovered (no test was seen to run its line, and none failed)
    or equivalent. ``left`` is how many tests that might notice it were not run for want of time."""

    key: str
    mutant: str
    room: str
    status: str
    by: str = ""
    tests: int = 0
    left: int = 0
    unsteady: tuple[str, ...] = ()
    seconds: float = 0.0

    def line(self) -> str:
        """As one line of JSON."""
        return json.dumps(asdict(self), ensure_ascii=False)


@dataclass(frozen=True)
class Run:
    """How a run of pytest ended, at which test, and how many it started."""

    code: int
    test: str
    started: int


@dataclass(frozen=True)
class Step:
    """Tests to run in this order from these files; with ``known`` test functions, first those of the files that are
    not among them: they are newer than the map."""

    tests: list[str]
    files: list[str]
    known: list[str] | None = None

    @classmethod
    def of(cls, tests: list[str]) -> Step:
        """These tests, from their files."""
        return cls(tests, [*dict.fromkeys(_file(test) for test in tests)])

    def after(self, test: str) -> Step:
        """What is left after ``test``, which failed; nothing if the map does not know it."""
        return Step.of(self.tests[self.tests.index(test) + 1 :] if test in self.tests else [])


class Tree:
    """A copy of the checkout in which one process runs tests."""

    def __init__(self, place: Path, known: Map, most: float = MOST) -> None:
        self.place = place
        self._most = most
        self._map = known
        self._seconds = dict(zip(known.tests, known.seconds, strict=True))
        self._setup = dict(zip(known.tests, known.setup, strict=True))
        self._functions = {function(test) for test in known.tests}

    def judge(self, mutant: Mutant) -> Result:
        """Put ``mutant`` into its file, run the tests, and put the file back."""
        begun = time.monotonic()
        path = self.place / mutant.path
        source = path.read_text(encoding="utf-8")
        mutated = mutant.of(source)
        covering = self._map.covering(mutant, source)
        unsteady: list[str] = []
        ran = 0
        status, by = ("survived" if covering else "uncovered"), ""
        also = self._map.also(mutant, covering)
        unseen = {self._map.tests[at] for at in also}
        steps, left = self._steps(mutant, covering, also)
        for step in steps:
            while True:
                with_it = self._with(path, mutated, source, step)
                ran += with_it.started
                if with_it.code in (PASSED, NONE_COLLECTED):
                    break
                again = Step([with_it.test], [_file(with_it.test)]) if with_it.test else step
                if self._run(again, only_collect=not with_it.test).code == PASSED and (
                    with_it.test not in unseen or self._with(path, mutated, source, again).code != PASSED
                ):
                    how = " (timeout)" if with_it.code == TIMED_OUT else ""
                    status, by = "killed", (with_it.test or "collecting") + how
                    break
                if not with_it.test:
                    raise RuntimeError(f"these can't be collected without a mutant either: {' '.join(step.files)}")
                unsteady.append(with_it.test)
                step = step.after(with_it.test)
            if by:
                break
        spent = round(time.monotonic() - begun, 1)
        room = mutant.path.split("/")[1]
        return Result(mutant.key, str(mutant), room, status, by, ran, 0 if by else left, tuple(unsteady), spent)

    def _steps(self, mutant: Mutant, covering: set[int], also: set[int]) -> tuple[list[Step], int]:
        """The steps, and how many tests are in none of them."""
        room = self.place / "tests" / mutant.path.split("/")[1]
        beside = [path.relative_to(self.place).as_posix() for path in sorted(room.rglob("test_*.py"))]
        first, rest = self._within(self._there(covering, mutant), FIRST_SECONDS, FIRST_FILES)
        others, left = self._within(rest + self._there(also, mutant), self._most)
        return [Step.of(first), Step([], beside, known=[*self._functions]), Step.of(others)], len(left)

    def _there(self, chosen: set[int], mutant: Mutant) -> list[str]:
        """The tests of ``chosen`` whose files are still there, in order."""
        return [test for test in self._map.ordered(chosen, mutant) if (self.place / _file(test)).exists()]

    def _within(self, tests: list[str], seconds: float, most_files: int | None = None) -> tuple[list[str], list[str]]:
        """``tests`` in two parts: those that take so many seconds together, at least one, and the others."""
        files: set[str] = set()
        spent = 0.0
        for at, test in enumerate(tests):
            spent += self._seconds[test] + (0 if _file(test) in files else self._setup[test])
            files.add(_file(test))
            if at and (spent > seconds or (most_files and len(files) > most_files)):
                return tests[:at], tests[at:]
        return tests, []

    def _with(self, path: Path, mutated: str, source: str, step: Step) -> Run:
        _write(path, mutated)
        try:
            return self._run(step)
        finally:
            _write(path, source)

    def _run(self, step: Step, *, only_collect: bool = False) -> Run:
        if not step.files:
            return Run(NONE_COLLECTED, "", 0)
        listed, progress = (self.place.parent / f"{self.place.name}-{name}" for name in ("tests", "progress"))
        listed.write_text(json.dumps({"tests": step.tests, "known": step.known}), encoding="utf-8")
        progress.write_text("", encoding="utf-8")
        environment = clean(self.place) | {"MUTANTS_TESTS": str(listed), "MUTANTS_PROGRESS": str(progress)}
        command = [
            ".venv/bin/python", "-m", "pytest", "-x", "-q", "--tb=line", "-n", "0", "-p", "tests.mutants.plugin",
            *(["--collect-only"] if only_collect else []), *step.files,
        ]  # fmt: skip
        log = self.place.parent / f"{self.place.name}-log"
        with log.open("w", encoding="utf-8") as out:
            process = subprocess.Popen(
                command, cwd=self.place, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                start_new_session=True,
            )  # fmt: skip
            try:
                return self._follow(process, progress)
            finally:
                end(process)

    def _patience(self, test: str) -> float:
        return SLACK + TIMES * (self._seconds.get(test, 0) + self._setup.get(test, 0))

    def _follow(self, process: subprocess.Popen[bytes], progress: Path) -> Run:
        """Wait for its end, or for a test that takes too long."""
        running, started, changed, rest = "", 0, time.monotonic(), ""
        with progress.open(encoding="utf-8") as written:
            while True:
                code = process.poll()
                *lines, rest = (rest + written.read()).split("\n")
                for word, value in map(json.loads, lines):
                    changed = time.monotonic()
                    if word == "failed":
                        return Run(FAILED, value, started)
                    if word == "test":
                        running, started = value, started + 1
                if code is not None:
                    return Run(code, running, started)
                if time.monotonic() - changed > (self._patience(running) if running else COLLECTING):
                    return Run(TIMED_OUT, running, started)
                time.sleep(0.1)


def _write(path: Path, text: str) -> None:
    """Write a source file with a time of its own: what was compiled is kept by whole seconds and size."""
    path.write_text(text, encoding="utf-8")
    moment = time.time() + 10 * next(_changes)
    os.utime(path, (moment, moment))


def adopt() -> None:
    """Become the parent of what a test leaves running, so that `end` finds it. For a process with no other children."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    _adopting.append(os.getpid())


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill it and everything that it started, whatever session that is in, once this process adopts what is left."""
    import psutil

    for parent in (process.pid, *_adopting):
        with suppress(psutil.NoSuchProcess):
            for child in psutil.Process(parent).children(recursive=True):
                with suppress(psutil.NoSuchProcess):
                    child.kill()
    process.kill()
    process.wait()
    with suppress(ChildProcessError):
        while _adopting and os.waitpid(-1, os.WNOHANG)[0]:
            continue


def _file(test: str) -> str:
    return test.partition("::")[0]
