"""Loads a student's cells: compiles and runs them in order in one namespace, and says which raised what, and where.

Demonstrations of the release run where another cell needs a name of theirs. Where a line can't run in the box although
it can at home (a module, a file or a network that is not here), the lines below it run all the same.
"""

from __future__ import annotations
import __future__

import ast
import importlib
import inspect
import itertools
import linecache
import random
import sys
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import CodeType, ModuleType
from typing import Any

from autograder.boundary.events import raised_node
from autograder.boundary.limits import Limits
from autograder.boundary.posting import PostedCell
from autograder.untrusted import shell as notebook
from autograder.untrusted.budget import Budget
from autograder.untrusted.capture import Capture
from autograder.untrusted.names import Names, names_in, needed, words_in
from autograder.untrusted.newer_python import newer_than_here
from autograder.untrusted.standins import stand_ins

FLAGS = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
LEAST_CPU = 0.5


@dataclass(frozen=True)
class Loaded:
    """How one cell went: what it raised, as it crosses the line, and what it printed."""

    raised: dict[str, Any] | None
    printed: str


class Notebook:
    """A student's notebook: one namespace, known as `__main__`."""

    def __init__(self, cells: Sequence[PostedCell], capture: Capture, limits: Limits, budget: Budget) -> None:
        self._cells = cells
        self._lost: set[str] = set()
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

    def load(self, begin: Callable[[int], None], *, aloud: bool = False) -> list[Loaded]:
        """Run all cells, whatever each of them raises; `begin` is called with the number of each before it runs.

        What `begin` does is not in the time for loading. `aloud`: nothing is done with a cell's source, not even
        reading it as Python, before `begin` was called for it.
        """
        end = time.process_time() + self._limits.load_cpu
        seed("loading")
        ahead, chosen = self._choose(end, aloud=aloud)
        reports = []
        for number, cell in enumerate(self._cells):
            before = time.process_time()
            begin(number)
            end += time.process_time() - before
            if cell.offers is not None and number not in chosen:
                reports.append(Loaded(None, ""))
                continue
            self._capture.install()
            self._budget.install()
            raised = None
            try:
                with self._budget(self._allowance(end), self._limits.grace_cpu):
                    self._run(number, ahead.get(number))
            except BaseException as error:  # sys.exit() and KeyboardInterrupt cost a cell, not the notebook
                raised = self.describe(error)
            printed = self._capture.take()
            reports.append(Loaded(raised, printed) if cell.offers is None else Loaded(None, ""))
        return reports

    def _choose(self, end: float, *, aloud: bool) -> tuple[dict[int, CodeType | BaseException], set[int]]:
        """The code of each cell that was compiled for it, and the numbers of the demonstrations to run."""
        offers = [None if cell.offers is None else frozenset(cell.offers) for cell in self._cells]
        offered = frozenset[str]().union(*(one for one in offers if one is not None))
        if not offered:
            return {}, set()
        code = {} if aloud else self._compile([n for n, one in enumerate(offers) if one is None], end)

        def names(number: int) -> Names:
            if number not in code and aloud:
                return Names(words_in(self._cells[number].source) & offered)
            one = code.get(number) or code.setdefault(number, self._compile([number], end)[number])
            return names_in(one, offered) if isinstance(one, CodeType) else Names()

        return code, needed(offers, names)

    def _compile(self, numbers: Iterable[int], end: float) -> dict[int, CodeType | BaseException]:
        """The code of cells, or what compiling one raised: it is raised again when the cell's turn to run comes."""
        self._capture.install()
        code: dict[int, CodeType | BaseException] = {}
        for number in numbers:
            self._budget.install()
            try:
                with self._budget(self._allowance(end), self._limits.grace_cpu):
                    code[number] = notebook.compiled(self._cells[number].source, f"<cell {number}>", FLAGS)
            except BaseException as error:
                code[number] = error
        return code

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
        return raised_node(type(error).__name__, f"{_message(error)}{newer_than_here(error)}", cell, line)

    def _allowance(self, end: float) -> float:
        return max(LEAST_CPU, min(self._limits.cell_cpu, end - time.process_time()))

    def _run(self, number: int, code: CodeType | BaseException | None) -> None:
        cell, filename = self._cells[number], f"<cell {number}>"
        linecache.cache[filename] = (len(cell.source), None, cell.source.splitlines(keepends=True), filename)
        if "IPython" in cell.source:
            notebook.adopt_ipython(self._shell)
        if isinstance(code, BaseException):
            raise code
        if code is None:
            code = notebook.compiled(cell.source, filename, FLAGS)
        try:
            self._execute(code)
        except Exception as error:
            if cell.ours or self._only_here(error):
                self._go_on(cell, filename, code, error)
            raise

    def _execute(self, code: CodeType) -> None:
        outcome = eval(code, self.names)
        if code.co_flags & inspect.CO_COROUTINE:
            self._await(outcome)

    def _go_on(self, cell: PostedCell, filename: str, code: CodeType, error: Exception) -> None:
        """Run the statements of a cell below the one that raised `error`, and below each that raises after it."""
        statements = notebook.parsed(cell.source, filename).body
        flags = FLAGS | code.co_flags & __future__.annotations.compiler_flag
        begin = 0
        while True:
            failed = _failed(statements, begin, filename, error)
            if failed is None:
                return
            self._lost |= _names_of(statements[failed])
            if isinstance(error, ImportError):
                self.names.update(stand_ins(statements[failed], str(error)))
            begin = failed + 1
            rest = ast.Module(statements[begin:], [])
            try:
                self._execute(compile(rest, filename, "exec", flags, dont_inherit=True))
                return
            except Exception as another:
                if not (cell.ours or self._only_here(another)):
                    raise
                error = another

    def _only_here(self, error: Exception) -> bool:
        """Whether what was raised comes of what the box lacks: modules, files, a network, or what was made of them."""
        return isinstance(error, (ImportError, OSError)) or (isinstance(error, NameError) and error.name in self._lost)

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


def _failed(statements: Sequence[ast.stmt], begin: int, filename: str, error: Exception) -> int | None:
    """The number of the cell's own statement, from `begin` on, in which `error` was raised."""
    place = error.__traceback__
    while place is not None:
        code = place.tb_frame.f_code
        if code.co_filename == filename and code.co_name == "<module>":
            line, _, column, _ = next(itertools.islice(code.co_positions(), place.tb_lasti // 2, None))
            here = (line or place.tb_lineno, column or 0)
            for number in range(len(statements) - 1, begin - 1, -1):
                if _begins(statements[number]) <= here:
                    return number
            return None
        place = place.tb_next
    return None


def _names_of(statement: ast.stmt) -> set[str]:
    """All names in a statement, of which those that it should have bound are missing now."""
    defined = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    nodes = list(ast.walk(statement))
    return {node.id for node in nodes if isinstance(node, ast.Name)} | {
        node.name for node in nodes if isinstance(node, defined)
    }


def _begins(statement: ast.stmt) -> tuple[int, int]:
    """Where a statement begins, its decorators included."""
    nodes: list[ast.stmt | ast.expr] = [statement, *getattr(statement, "decorator_list", ())]
    return min((node.lineno, node.col_offset) for node in nodes)


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
