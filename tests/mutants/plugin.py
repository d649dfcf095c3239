"""Pytest's side of it: says to coverage.py which test is running, or runs the tests of a list in the list's order.

With MUTANTS_TRACES (a folder): every line is recorded under the test it ran for, in this process, in what it forks and
in every Python that it starts with its environment; what a fixture of a wider scope runs is recorded under the
fixture, and so counts for every test that uses it. With MUTANTS_TESTS (a file): see `selected`.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

CONTEXT = "MUTANTS_CONTEXT"


def key(name: str) -> str:
    """A name that can stand in an environment variable."""
    return hashlib.sha256(name.encode()).hexdigest()[:16]


def pytest_configure(config: pytest.Config) -> None:
    """Choose the side; the process that only hands tests to workers traces nothing."""
    if tests := os.environ.get("MUTANTS_TESTS"):
        config.pluginmanager.register(Selected(Path(tests), Path(os.environ["MUTANTS_PROGRESS"])))
    elif (folder := os.environ.get("MUTANTS_TRACES")) and (
        hasattr(config, "workerinput") or not config.getoption("numprocesses", None)
    ):
        config.pluginmanager.register(Tracing(Path(folder)))


class Tracing:
    """Names the context of what runs, and writes one line about each test: its fixtures, outcome and seconds."""

    def __init__(self, folder: Path) -> None:
        import coverage

        self._coverage = coverage.Coverage.current()
        self._tests: dict[str, dict[str, Any]] = {}
        self._out = (folder / f"tests-{os.getpid()}.jsonl").open("a", encoding="utf-8")
        self._inside = [""]

    def _switch(self, name: str) -> None:
        assert self._coverage is not None, "coverage.py did not start: is mutants-coverage.pth in this environment?"
        context = key(name) if name else ""
        os.environ[CONTEXT] = context
        self._coverage.config.context = context  # of what is forked from now on
        self._coverage.switch_context(context)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        name = item.nodeid.rpartition("@")[0] if "@" in item.nodeid.rpartition("]")[2] else item.nodeid
        defined = getattr(item, "_fixtureinfo", None)
        fixtures = [
            f"{each[-1].baseid}::{argument}"
            for argument, each in (defined.name2fixturedefs if defined else {}).items()
            if each[-1].scope != "function"
        ]
        self._tests[item.nodeid] = {"test": name, "fixtures": fixtures, "passed": True, "seconds": 0.0, "setup": 0.0}
        self._inside.append(name)
        self._switch(name)
        try:
            return (yield)
        finally:
            self._inside.pop()
            self._switch(self._inside[-1])
            self._out.write(json.dumps(self._tests.pop(item.nodeid)) + "\n")
            self._out.flush()

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Generator[None, Any, Any]:
        if fixturedef.scope == "function":
            return (yield)
        self._inside.append(f"{fixturedef.baseid}::{fixturedef.argname}")
        self._switch(self._inside[-1])
        try:
            return (yield)
        finally:
            self._inside.pop()
            self._switch(self._inside[-1])

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if test := self._tests.get(report.nodeid):
            test["passed"] &= report.passed
            test["setup" if report.when == "setup" else "seconds"] += report.duration


class Selected:
    """Keep the tests of a list, in its order, and write which one is running and which one failed.

    The list may be older than the tests. Where none of a function's names is collected any more, all of that function
    are kept; and with a list of the ``known`` functions those that it has not, before all others.
    """

    def __init__(self, tests: Path, progress: Path) -> None:
        listed = json.loads(tests.read_text(encoding="utf-8"))
        self._place = {name: at for at, name in enumerate(listed["tests"])}
        self._known = None if listed["known"] is None else set(listed["known"])
        self._progress = progress.open("a", encoding="utf-8")

    def _say(self, word: str, value: object) -> None:
        self._progress.write(json.dumps([word, value]) + "\n")
        self._progress.flush()

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        there = {function(item.nodeid) for item in items if item.nodeid in self._place}
        renamed: dict[str, int] = {}
        for name, at in self._place.items():
            if function(name) not in there:
                renamed.setdefault(function(name), at)

        def place(item: pytest.Item) -> int | None:
            if self._known is not None and function(item.nodeid) not in self._known:
                return -1
            return self._place.get(item.nodeid, renamed.get(function(item.nodeid)))

        places = [(at, item) for item in items if (at := place(item)) is not None]
        kept = [item for _, item in sorted(places, key=lambda one: one[0])]
        left_out = set(items) - set(kept)
        config.hook.pytest_deselected(items=[item for item in items if item in left_out])
        items[:] = kept
        self._say("collected", len(items))

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._say("test", nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._say("failed", report.nodeid)


def function(test: str) -> str:
    """The name of a test without its parameters."""
    return test.partition("[")[0]
