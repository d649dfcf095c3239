"""Right answers of a course as a student's own code: the functions and all that they need, in one text.

    alone = StandingAlone()
    alone.answer(exercise, ...) what to write into the solution cell: `by_einsum`, or `looped(lambda x, y: y)`
    alone.text                  what must stand in a cell before: imports, helpers, functions

Everything is read from the files of content. A right answer may use what a student has, and nothing of the grader.
"""

from __future__ import annotations

import ast
import copy
import functools
import inspect
import symtable
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FunctionType, ModuleType

from autograder.course.declare import Exercise

Definition = ast.FunctionDef | ast.ClassDef


class StandingAlone:
    """The text that some right answers need."""

    def __init__(self) -> None:
        self._imports: dict[str, None] = {}
        self._parts: dict[str, str] = {}

    @property
    def text(self) -> str:
        """Imports first, then what is needed before what needs it."""
        lines = sorted(self._imports, key=lambda line: (line.startswith("from"), line))
        return "".join(f"{line}\n" for line in lines) + "".join(f"\n\n{part}\n" for part in self._parts.values())

    def answer(self, exercise: Exercise, modules: Mapping[str, ModuleType]) -> str:
        """The first right answer that is a function or class of its own, or else the second of those in one line.

        ``modules`` are those of the private half in which the exercise is declared.
        """
        for function in exercise.right_answers:
            if isinstance(function, type):
                self._take(Path(inspect.getfile(function)), function.__name__)
                return function.__name__
            if isinstance(function, FunctionType) and (node := _definition(function)) is not None:
                self._define(Path(function.__code__.co_filename), node)
                return node.name
        path, short = _in_one_line(exercise, modules)
        self._needs(path, short)
        return ast.unparse(short)

    def _define(self, path: Path, node: Definition) -> None:
        text = _bare(path, node)
        if self._parts.get(node.name) == text:
            return
        if node.name in self._parts:
            raise ValueError(f"{path}: {node.name} is the name of two things that right answers need")
        self._needs(path, node, but=node.name)
        self._parts[node.name] = text

    def _needs(self, path: Path, node: ast.AST, but: str = "") -> None:
        for name in dict.fromkeys(_names(node)):
            if name != but and name in _module(path):
                self._take(path, name)

    def _take(self, path: Path, name: str) -> None:
        there = _module(path)[name]
        if isinstance(there, (ast.FunctionDef, ast.ClassDef)):
            self._define(path, there)
        elif isinstance(there, ast.ImportFrom) and there.level:
            near = path.parents[there.level - 1] / f"{(there.module or '').replace('.', '/')}.py"
            self._take(near, next(one.name for one in there.names if (one.asname or one.name) == name))
        elif isinstance(there, (ast.Import, ast.ImportFrom)):
            self._import(path, there, name)
        elif isinstance(there, ast.AnnAssign) and isinstance(there.value, ast.Call):  # Lazy("torch.nn.functional")
            module = ast.literal_eval(there.value.args[0])
            self._imports[f"import {module}" + (f" as {name}" if module != name else "")] = None
        else:
            self._needs(path, there, but=name)
            self._parts[name] = ast.unparse(there)

    def _import(self, path: Path, node: ast.Import | ast.ImportFrom, name: str) -> None:
        one = next(one for one in node.names if (one.asname or one.name.partition(".")[0]) == name)
        module = node.module if isinstance(node, ast.ImportFrom) else one.name
        if str(module).partition(".")[0] in ("autograder", "kit"):
            raise ValueError(f"{path}: a right answer needs {name}, which a student does not have")
        again = ast.ImportFrom(node.module, [one], 0) if isinstance(node, ast.ImportFrom) else ast.Import([one])
        self._imports[ast.unparse(again)] = None


@functools.cache
def _module(path: Path) -> Mapping[str, ast.stmt]:
    """What stands at the top of a file, by name."""
    found: dict[str, ast.stmt] = {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        for name in _bound(node):
            found[name] = node
    return found


def _bound(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        yield node.name
    elif isinstance(node, (ast.Import, ast.ImportFrom)):
        yield from (one.asname or one.name.partition(".")[0] for one in node.names)
    elif isinstance(node, ast.Assign):
        yield from (one.id for target in node.targets for one in ast.walk(target) if isinstance(one, ast.Name))
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        yield node.target.id


def _definition(function: FunctionType) -> Definition | None:
    """The ``def`` that a function comes from, if it stands at the top of its file."""
    code = function.__code__
    for node in ast.parse(Path(code.co_filename).read_text(encoding="utf-8")).body:
        if not isinstance(node, ast.FunctionDef) or node.name != code.co_name:
            continue
        if min([node.lineno, *(one.lineno for one in node.decorator_list)]) == code.co_firstlineno:
            return node
    return None


def _in_one_line(exercise: Exercise, modules: Mapping[str, ModuleType]) -> tuple[Path, ast.expr]:
    """The second of an exercise's ``right_answers=(...)``, and its file."""
    for module in modules.values():
        path = Path(str(module.__file__))
        for name, value in vars(module).items():
            node = _module(path).get(name)
            if getattr(value, "name", "") == exercise.name and isinstance(node, ast.Assign):
                assert isinstance(node.value, ast.Call)
                word = next(one.value for one in node.value.keywords if one.arg == "right_answers")
                assert isinstance(word, ast.Tuple)
                return path, word.elts[1]
    raise ValueError(f"{exercise.name} has no right answer with a text of its own")


def _bare(path: Path, node: Definition) -> str:
    """The text of a function or class without the decorators that declare something."""
    lines = path.read_text(encoding="utf-8").splitlines()
    kept = [f"@{ast.unparse(one)}" for one in node.decorator_list if _stays(one)]
    return "\n".join([*kept, *lines[node.lineno - 1 : node.end_lineno]])


def _stays(decorator: ast.AST) -> bool:
    """Whether a decorator belongs to the answer: contextlib.contextmanager does, @MATMUL.right does not."""
    return ast.unparse(decorator).startswith(("contextlib.", "functools."))


def _names(node: ast.AST) -> Iterator[str]:
    """The names that a piece of code takes from its module."""
    text = ast.unparse(ast.fix_missing_locations(ast.Module([_statement(node)], [])))
    tables = [symtable.symtable(text, "<answer>", "exec")]
    for table in tables:
        tables += table.get_children()
        top = table.get_type() == "module"
        for symbol in table.get_symbols():
            if symbol.is_referenced() and (not symbol.is_assigned() if top else symbol.is_global()):
                yield symbol.get_name()


def _statement(node: ast.AST) -> ast.stmt:
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        kept = [one for one in node.decorator_list if _stays(one)]
        again = copy.copy(node)
        again.decorator_list = kept
        return again
    return node if isinstance(node, ast.stmt) else ast.Expr(node)
