"""The text of things that exist as values: lambdas, small functions, draws. For notebooks that must stand alone."""

from __future__ import annotations

import ast
import functools
import inspect
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import numpy as np

from autograder.course.declare import Exercise
from autograder.kit import draws
from autograder.kit.draws import Draw
from autograder.kit.functions import Named

DIGITS = 6


def definition(function: Callable[..., Any], name: str, known: frozenset[str]) -> str | None:
    """``function`` as ``def name(...)``, without annotations; None if it needs more than the names ``known``.

    None too for what has no text of its own: closures, builtins, two lambdas on a line that compile to the same code.
    """
    if not isinstance(function, FunctionType) or function.__closure__:
        return None
    needed = set(_globals(function.__code__)) & function.__globals__.keys()
    node = _node(function)
    if node is None or not needed <= known or name in needed:
        return None
    if isinstance(node, ast.Lambda):
        made = ast.FunctionDef(name, node.args, [ast.Return(node.body)], [])
    else:
        text = ast.get_docstring(node) is not None  # of a known mistake: the hint
        made = ast.FunctionDef(name, node.args, node.body[1:] if text else node.body, [])
    plain = ast.fix_missing_locations(_Bare().visit(ast.parse(ast.unparse(ast.fix_missing_locations(made)))))
    return ast.unparse(plain) + "\n"


def lambda_text(function: Callable[..., Any]) -> tuple[str, frozenset[str]] | None:
    """A lambda as an expression, and the names it takes from its module; None for anything but a plain lambda."""
    if not isinstance(function, FunctionType) or function.__closure__:
        return None
    node = _node(function)
    if not isinstance(node, ast.Lambda):
        return None
    needed = set(_globals(function.__code__)) & function.__globals__.keys()
    return ast.unparse(node), frozenset(needed)


class _Bare(ast.NodeTransformer):
    """Takes annotations away: their names are the bank's, not the notebook's."""

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        node.returns = None
        self.generic_visit(node)
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        value = node.value or ast.Constant(None)
        return ast.copy_location(ast.Assign([node.target], value), node)


def _globals(code: CodeType) -> Iterator[str]:
    """Every name that the code or a function in it looks up."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _globals(constant)


@functools.cache
def _functions(path: str) -> Mapping[int, Sequence[ast.Lambda | ast.FunctionDef]]:
    """The functions of a file by the line on which they begin."""
    found: dict[int, list[ast.Lambda | ast.FunctionDef]] = {}
    for node in ast.walk(ast.parse(Path(path).read_text(encoding="utf-8"))):
        if isinstance(node, (ast.Lambda, ast.FunctionDef)):
            decorators = [] if isinstance(node, ast.Lambda) else node.decorator_list
            found.setdefault(min([node.lineno, *(one.lineno for one in decorators)]), []).append(node)
    return found


def _node(function: FunctionType) -> ast.Lambda | ast.FunctionDef | None:
    code = function.__code__
    fitting = []
    for node in _functions(code.co_filename).get(code.co_firstlineno, ()):
        if isinstance(node, ast.Lambda):
            again = eval(compile(ast.Expression(node), "<again>", "eval"), {}).__code__
            same = code.co_name == "<lambda>" and _words(again) == _words(code)
        else:
            same = node.name == code.co_name
        if same:
            fitting.append(node)
    return fitting[0] if len({ast.dump(node) for node in fitting}) == 1 else None


def _words(code: CodeType) -> tuple[Any, ...]:
    """What tells lambdas of one line apart. Not the instructions: they differ with what the module imports."""
    plain = [repr(constant) for constant in code.co_consts if not isinstance(constant, CodeType)]
    return code.co_varnames, sorted(code.co_names), sorted(plain), len(code.co_consts)


def inputs(exercise: Exercise, number: int) -> str:
    """The recipe of case ``number`` as ``dict(x=normal(2, 3), ...)``; what has no recipe of its own is drawn once."""
    case = exercise.cases[number]
    drawn = dict(exercise.instance(case, 0).named())
    parts = (f"{name}={_recipe(value) or literal(drawn[name])}" for name, value in case.inputs.items())
    return f"dict({', '.join(parts)})"


def _recipe(value: Any) -> str | None:
    """The call of ``kit.draws`` that makes this draw, read off its closure; None for draws made elsewhere."""
    if not isinstance(value, Draw):
        return None
    build = value.build
    maker = getattr(draws, build.__qualname__.split(".")[0], None)
    if build.__module__ != draws.__name__ or maker is None:
        return None
    held = inspect.getclosurevars(build).nonlocals
    words = []
    for name, parameter in inspect.signature(maker).parameters.items():
        if name not in held:
            return None
        given = held[name]
        if isinstance(given, Draw):
            inner = _recipe(given)
            if inner is None:
                return None
            words.append(inner)
        elif parameter.kind is parameter.VAR_POSITIONAL:
            words += map(literal, given)
        elif parameter.default is parameter.empty:
            words.append(literal(given))
        elif given is not parameter.default and given != parameter.default:
            words.append(f"{name}={literal(given)}")
    return f"{maker.__name__}({', '.join(words)})"


def literal(value: Any) -> str:
    """A value as Python text that ``np``, ``inf``, ``nan`` and ``Named`` turn back into it; arrays to six digits."""
    match value:
        case np.ndarray():
            return f"np.array({_numbers(value.tolist())}, {value.dtype.name!r}).reshape({value.shape})"
        case np.generic():
            return literal(value.item())
        case float() if not math.isfinite(value):
            return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
        case Named():
            return f"Named({value.name!r}, {literal(dict(value.params))})"
        case dict():
            return f"{{{', '.join(f'{literal(key)}: {literal(part)}' for key, part in value.items())}}}"
        case tuple():
            return f"({''.join(f'{literal(part)}, ' for part in value)})"
        case list():
            return f"[{', '.join(map(literal, value))}]"
        case type():
            return value.__name__ if value.__module__ == "builtins" else f"np.{value.__name__}"
    return repr(value)


def _numbers(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_numbers, value))}]"
    if isinstance(value, float):
        return literal(float(f"{value:.{DIGITS}g}"))
    return repr(value)
