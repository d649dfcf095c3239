"""A student's source in one spelling, so that a pattern can be looked for in it: for hints only, never for points."""

from __future__ import annotations

import ast

LONGEST = 20_000  # characters: parsing much more would take memory, and no answer is that long


def normalised(source: str) -> str:
    """``source`` as Python would write it, without comments and docstrings; empty if it is too long or broken."""
    if len(source) > LONGEST:
        return ""
    try:
        tree = ast.parse(source)
        for node in ast.walk(tree):
            body = getattr(node, "body", None)
            if isinstance(body, list):
                node.body = [part for part in body if not _is_text(part)] or [ast.Pass()]  # type: ignore[attr-defined]
        return ast.unparse(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
