"""Loads a student's cells: compiles and runs them in order in one namespace, and says which raised what, and where."""

from __future__ import annotations

import ast
import importlib
import inspect
import linecache
import random
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from autograder.boundary.events import raised_node
from autograder.boundary.limits import Limits
from autograder.untrusted import shell as notebook
from autograder.untrusted.budget import Budget
from autograder.untrusted.capture import Capture

FLAGS = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
LEAST_CPU = 0.5


@dataclass(frozen=True)
class Loaded:
    """How one cell went: what it raised, as it crosses the line, and what it printed."""

    raised: dict[str, Any] | None
    printed: str


class Notebook:
    """A student's notebook: one namespace, known as `__main__`."""

    def __init__(self, cells: tuple[tuple[str, str], ...], capture: Capture, limits: Limits, budget: Budget) -> None:
        """`cells` are pairs of id and source."""
        self._cells = cells
        self._budget = budget
        self._capture = capture
        self._limits = limits
        self._numbers = {f"<cell {number}>": number for number in range(len(cells))}
        self._loop: Any = None
        module = ModuleType("__main__")
        sys.modules["__main__"] = module
        self.names: dict[str, Any] = module.__dict__
        self._shell = notebook.Shell(self.names, self._run_source)
        notebook.install(self._shell)

    def load(self, begin: Callable[[int], None]) -> list[Loaded]:
        """Run all cells, whatever each of them raises; `begin` is called with the number of each before it runs.

        What `begin` does is not in the time for loading.
        """
        end = time.process_time() + self._limits.load_cpu
        seed("loading")
        reports = []
        for number, (_, source) in enumerate(self._cells):
            before = time.process_time()
            begin(number)
            end += time.process_time() - before
            self._capture.install()
            self._budget.install()
            raised = None
            try:
                with self._budget(self._allowance(end), self._limits.grace_cpu):
                    self._run(source, f"<cell {number}>")
            except BaseException as error:  # sys.exit() and KeyboardInterrupt cost a cell, not the notebook
                raised = self.describe(error)
            reports.append(Loaded(raised, self._capture.take()))
        return reports

    def describe(self, error: BaseException) -> dict[str, Any]:
        """What was raised: type, message, and the innermost place in the notebook that it passed through."""
        cell, line = None, None
        if isinstance(error, SyntaxError) and error.filename in self._numbers:
            cell, line = self._numbers[error.filename], error.lineno
        else:
            place = error.__traceback__
            while place is not None:
                name = place.tb_frame.f_code.co_filename
                if name in self._numbers:
                    cell, line = self._numbers[name], place.tb_lineno
                place = place.tb_next
        return raised_node(type(error).__name__, _message(error), cell, line)

    def _allowance(self, end: float) -> float:
        return max(LEAST_CPU, min(self._limits.cell_cpu, end - time.process_time()))

    def _run(self, source: str, filename: str) -> None:
        linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
        if "IPython" in source:
            notebook.adopt_ipython(self._shell)
        code = notebook.compiled(source, filename, FLAGS)
        outcome = eval(code, self.names)
        if code.co_flags & inspect.CO_COROUTINE:
            self._await(outcome)

    def _run_source(self, source: str) -> Any:
        """Run what stands behind %time or under %%time; the value of a lone expression comes back."""
        try:
            code = compile(source.strip(), "<magic>", "eval", FLAGS, dont_inherit=True)
        except SyntaxError:
            code = notebook.compiled(source, "<magic>", FLAGS)
        outcome = eval(code, self.names)
        return self._await(outcome) if code.co_flags & inspect.CO_COROUTINE else outcome

    def _await(self, coroutine: Any) -> Any:
        if self._loop is None:
            self._loop = importlib.import_module("asyncio").new_event_loop()
        return self._loop.run_until_complete(coroutine)


def seed(name: str) -> None:
    """Fix the state of the random generators that are in use, from a name."""
    number = zlib.crc32(name.encode())
    random.seed(number)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(number)
    if "torch" in sys.modules:
        sys.modules["torch"].default_generator.manual_seed(number)  # `manual_seed` asks for every GPU that is not there


@contextmanager
def undisturbed() -> Iterator[None]:
    """Leave the random generators and the recursion limit as they were, for the cells that come after."""
    depth, state = sys.getrecursionlimit(), random.getstate()
    numpy, torch = (sys.modules.get(name) for name in ("numpy", "torch"))
    of_numpy = numpy.random.get_state() if numpy else None
    of_torch = torch.default_generator.get_state() if torch else None
    yield
    sys.setrecursionlimit(depth)
    random.setstate(state)
    if numpy:
        numpy.random.set_state(of_numpy)
    if torch:
        torch.default_generator.set_state(of_torch)


def _message(error: BaseException) -> str:
    try:
        return str(error)
    except BaseException as second:
        return f"(its message could not be shown: {type(second).__name__})"
