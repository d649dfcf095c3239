"""What the files of a course may import: the public half ships to students, the private half is run by the grader."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from autograder.authoring.problems import Problem
from autograder.course.content import PRIVATE, PUBLIC, SOLUTIONS

ALLOWED = {PUBLIC: ("numpy", "kit"), PRIVATE: ("numpy", "kit", "autograder.course", "autograder.engine")}
"""Packages besides the standard library."""
LAZY = {PUBLIC: (), PRIVATE: ("torch",)}
"""Packages that may be imported inside a function only."""


def check_imports(root: Path, assignment: str) -> Iterator[Problem]:
    """Every import that a file of an assignment may not have, and every file that is not Python."""
    for half in (PUBLIC, PRIVATE):
        for path in sorted((root / SOLUTIONS / assignment / half).glob("*.py")):
            yield from _check_file(path, half, path.relative_to(root).as_posix())


def _check_file(path: Path, half: str, shown: str) -> Iterator[Problem]:
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError) as error:
        line = f", line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        yield Problem(f"{shown}{line}", f"this is not Python: {getattr(error, 'msg', error)}", "Mend that line")
        return
    functions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
    inside = {id(node) for f in ast.walk(tree) if isinstance(f, functions) for node in ast.walk(f)}
    for node in ast.walk(tree):
        for name in _imported(node):
            if said := _refused(name, half, lazily=id(node) in inside):
                yield Problem(f"{shown}, line {getattr(node, 'lineno', 1)}", f"imports {name}", said)


def _imported(node: ast.AST) -> list[str]:
    """Dotted names; a relative import begins with its dots."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    module = "." * node.level + (node.module or "")
    if module.strip(".") and module != "autograder":
        return [module]
    return [f"{module}{'' if module.endswith('.') else '.'}{alias.name}" for alias in node.names]


def _refused(name: str, half: str, *, lazily: bool) -> str:
    """What to do about an import; empty if it is as it should be."""
    dots = len(name) - len(name.lstrip("."))
    if dots:
        other = PRIVATE if half == PUBLIC else PUBLIC
        if dots == 1 or (dots == 2 and name[2:].split(".")[0] in ({half} if half == PUBLIC else {half, other})):
            return ""
        if half == PUBLIC and dots == 2:
            return "The public half ships to students: declare in the private file what only that needs"
        return 'An exercise of another assignment is asked again with reuse("<assignment>", "<exercise>")'
    package = name.split(".")[0]
    allowed = (*ALLOWED[half], *(LAZY[half] if lazily else ()))
    if package in sys.stdlib_module_names or any(name == one or name.startswith(f"{one}.") for one in allowed):
        return ""
    if package == "torch":
        hint = (
            "its oracle gets torch as an argument" if half == PUBLIC else "import it inside the function that needs it"
        )
        return f"A declaration is read without PyTorch: {hint}"
    return f"The {half} half imports the standard library and {', '.join(ALLOWED[half])} alone"
