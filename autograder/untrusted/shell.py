"""The notebook's habits that are not Python: magics, shell lines, display and get_ipython, which cost nothing here."""

from __future__ import annotations

import ast
import builtins
import importlib
from collections.abc import Callable
from types import CodeType
from typing import Any

Run = Callable[[str], Any]

RUN_THE_BODY = {"time", "capture", "prun"}
RUN_THE_LINE = {"time", "prun"}


class Quiet:
    """An object that agrees to everything: any attribute, any call, any item; empty when looked into."""

    def __getattr__(self, name: str) -> Quiet:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *args: object, **kwargs: object) -> Quiet:
        return self

    def __getitem__(self, key: object) -> Quiet:
        return self

    def __setitem__(self, key: object, value: object) -> None:
        """Forget it."""

    def __iter__(self) -> Any:
        return iter(())

    def __bool__(self) -> bool:
        return False

    def __str__(self) -> str:
        return ""

    __repr__ = __str__


class Shell(Quiet):
    """What `get_ipython()` returns: runs the Python inside %time and its relatives, and nothing else."""

    def __init__(self, namespace: dict[str, Any], run: Run) -> None:
        """`run` runs Python source in the student's namespace and returns the value of a lone expression."""
        self.user_ns = namespace
        self._run = run

    def run_line_magic(self, name: str, line: str, *args: object, **kwargs: object) -> Any:
        """`%name line`"""
        if name in RUN_THE_LINE:
            return self._run(line)
        return Quiet() if name == "timeit" and "-o" in line.split() else None

    def run_cell_magic(self, name: str, line: str, cell: str) -> Any:
        """`%%name line` above the rest of a cell."""
        if name == "capture" and line.split() and not line.startswith("-"):
            self.user_ns[line.split()[0]] = Quiet()
        if name in RUN_THE_BODY:
            self._run(cell)

    def magic(self, line: str) -> Any:
        """`%line`, in the old spelling."""
        name, _, rest = line.lstrip("%").partition(" ")
        return self.run_line_magic(name, rest)

    def system(self, command: str) -> None:
        """`!command` is not run."""

    def getoutput(self, command: str, *args: object, **kwargs: object) -> list[str]:
        """`lines = !command` has no output."""
        return []


def display(*objects: object, **kwargs: object) -> None:
    """Pictures are for people: nothing is shown while a notebook is graded."""


def install(shell: Shell) -> None:
    """Make the names that every notebook has: get_ipython, display, exit, quit."""
    site = importlib.import_module("_sitebuiltins")
    names: dict[str, Any] = {
        "get_ipython": lambda: shell,
        "display": display,
        "exit": site.Quitter("exit", "\x04"),
        "quit": site.Quitter("quit", "\x04"),
    }
    for name, value in names.items():
        setattr(builtins, name, value)


def adopt_ipython(shell: Shell) -> None:
    """Let the real IPython, which has no shell of its own here, hand out ours."""
    for name in ("IPython", "IPython.core.getipython"):
        module: Any = importlib.import_module(name)
        module.get_ipython = lambda: shell


def compiled(source: str, filename: str, flags: int) -> CodeType:
    """The code of a cell. Plain Python first; IPython's transformer, which is slow, only for what that refuses."""
    try:
        return _compile(source, filename, flags)
    except SyntaxError:
        transformed = _transformed(source)
        if transformed == source:
            raise
    return _compile(transformed, filename, flags)


def parsed(source: str, filename: str) -> ast.Module:
    """The statements of a cell that has been compiled."""
    try:
        return ast.parse(source, filename)
    except SyntaxError:
        return ast.parse(_transformed(source), filename)


def _compile(source: str, filename: str, flags: int) -> CodeType:
    code: CodeType = compile(source, filename, "exec", flags, dont_inherit=True)
    return code


def _transformed(source: str) -> str:
    transformer = importlib.import_module("IPython.core.inputtransformer2").TransformerManager()
    return str(transformer.transform_cell(source))
