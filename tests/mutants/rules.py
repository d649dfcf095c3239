"""The rules: what small faults a source file can have, each as one replacement of text that leaves every other line be.

Left alone: docstrings and other text, annotations, what is said in an error or an f-string, `__all__`, and what only a
type checker reads. A fault is known by what it changes and where (file, function, rule, the text before and after), not
by its line, so the same seed draws the same faults after lines were added elsewhere.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

COMPARED = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
COMPUTED = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv, ast.Pow: ast.Mult, ast.BitAnd: ast.BitOr, ast.LShift: ast.RShift, ast.RShift: ast.LShift,
}  # fmt: skip
PATHS = re.compile(r"\b(path|folder|target|place|root|parent|text|decode)\b", re.IGNORECASE)
"""What is joined, not computed: another operator is a TypeError that any test sees."""
TEXT = (ast.JoinedStr, ast.List, ast.Tuple, ast.ListComp)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Mutant:
    """One fault: the text from ``start`` to ``end`` of ``path`` becomes ``after``. Lines count from 1."""

    path: str
    function: str
    rule: str
    first: int
    last: int
    start: int
    end: int
    before: str
    after: str
    repeated: int

    @property
    def key(self) -> str:
        """Its name, the same as long as the changed text and its function are."""
        said = "\0".join((self.path, self.function, self.rule, self.before, self.after, str(self.repeated)))
        return hashlib.sha256(said.encode()).hexdigest()[:12]

    def of(self, source: str) -> str:
        """``source`` with the fault in it."""
        return source[: self.start] + self.after + source[self.end :]

    def __str__(self) -> str:
        before, after = (" ".join(text.split()) for text in (self.before, self.after))
        return f"{self.path}:{self.first} [{self.rule}] {before} -> {after}"


Change = tuple[ast.AST, str, str]
"""A node, the rule, and what its text becomes."""


def mutants(path: str, source: str) -> list[Mutant]:
    """Every fault that the rules make in ``source``, in the order of its lines; `compiles` is for the caller to ask."""
    places = _Places(source)
    tree = ast.parse(source)
    found: list[Mutant] = []
    repeated: Counter[tuple[str, ...]] = Counter()
    for node, function in _walk(tree, "", ()):
        for changed, rule, after in _changes(node):
            start, end = places.of(changed)
            text = (function, rule, source[start:end], after)
            first, last = changed.lineno, changed.end_lineno or changed.lineno  # type: ignore[attr-defined]
            mutant = Mutant(path, function, rule, first, last, start, end, source[start:end], after, repeated[text])
            repeated[text] += 1
            found.append(mutant)
    return found


def compiles(mutant: Mutant, source: str) -> bool:
    """Whether it is another program than ``source``, and one at all."""
    try:
        compile(mutant.of(source), mutant.path, "exec", dont_inherit=True)
    except SyntaxError:
        return False
    return ast.dump(ast.parse(mutant.of(source))) != ast.dump(ast.parse(source))


def draw(rooms: dict[str, list[Mutant]], seed: str) -> Iterator[Mutant]:
    """All of them: the rooms in turns, in each room the rules in turns, in each rule in an order of the seed's."""

    def shuffled(room: list[Mutant]) -> list[Mutant]:
        by_rule: dict[str, list[Mutant]] = defaultdict(list)
        for one in sorted(room, key=lambda one: hashlib.sha256(f"{seed}{one.key}".encode()).hexdigest()):
            by_rule[one.rule].append(one)
        return list(_in_turns([by_rule[rule] for rule in sorted(by_rule)]))

    return _in_turns([shuffled(rooms[name]) for name in sorted(rooms)])


def _in_turns(rows: Sequence[Sequence[Mutant]]) -> Iterator[Mutant]:
    for turn in range(max(map(len, rows), default=0)):
        yield from (row[turn] for row in rows if turn < len(row))


def _walk(node: ast.AST, function: str, skipped: tuple[str, ...]) -> Iterator[tuple[ast.AST, str]]:
    """The nodes that may change, each with the function or class that it stands in."""
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "type_params", "decorator_list", *skipped):
            continue
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST) or isinstance(child, ast.JoinedStr) or _said_only(child):
                continue
            yield child, function
            named = isinstance(child, (*FUNCTIONS, ast.ClassDef))
            inside = f"{function}.{child.name}".lstrip(".") if named else function  # type: ignore[attr-defined]
            yield from _walk(child, inside, ("exc", "cause") if isinstance(child, ast.Raise) else ())


def _said_only(node: ast.AST) -> bool:
    """Docstrings, `__all__`, types under another name, and what stands under `if TYPE_CHECKING`."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if isinstance(node, ast.Assign):
        typed = isinstance(node.value, (ast.Subscript, ast.BinOp)) and isinstance(node.targets[0], ast.Name)
        alias = typed and node.targets[0].id[:1].isupper() and not node.targets[0].id.isupper()  # type: ignore[attr-defined]
        return alias or any(isinstance(target, ast.Name) and target.id == "__all__" for target in node.targets)
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def _changes(node: ast.AST) -> Iterator[Change]:
    for rule in RULES:
        yield from rule(node)


def _text(node: ast.expr) -> str:
    return f"({ast.unparse(node)})"


def _comparison(node: ast.AST) -> Iterator[Change]:
    if isinstance(node, ast.Compare):
        for at, op in enumerate(node.ops):
            ops = [COMPARED[type(op)]() if this == at else other for this, other in enumerate(node.ops)]
            yield node, "comparison", _text(ast.Compare(node.left, ops, node.comparators))


def _and_or(node: ast.AST) -> Iterator[Change]:
    if isinstance(node, ast.BoolOp):
        other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield node, "and/or", _text(ast.BoolOp(other, node.values))
        for value in node.values:
            rest = [kept for kept in node.values if kept is not value]
            yield node, "part of a condition", _text(rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest))


def _not(node: ast.AST) -> Iterator[Change]:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node, "not", _text(node.operand)


def _constant(node: ast.AST) -> Iterator[Change]:
    if isinstance(node, ast.Constant):
        if isinstance(node.value, bool):
            yield node, "constant", str(not node.value)
        elif isinstance(node.value, int):
            yield from ((node, "constant", str(value)) for value in {node.value + 1, 0} - {node.value})
        elif isinstance(node.value, float) and node.value:
            yield from ((node, "constant", repr(node.value * factor)) for factor in (0.5, 2))


def _returned(node: ast.AST) -> Iterator[Change]:
    if isinstance(node, ast.Return) and node.value and not _is_none(node.value):
        yield node, "return", "return None"
        if isinstance(node.value, (ast.Compare, ast.BoolOp)) or _is_not(node.value):
            yield from ((node, "return", f"return {value}") for value in (True, False))
    if isinstance(node, FUNCTIONS):
        body = [part for part in node.body if not (isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant))]
        yields = any(isinstance(part, (ast.Yield, ast.YieldFrom)) for part in ast.walk(node))
        if len(body) > 1 and not yields and not isinstance(body[0], FUNCTIONS):
            yield body[0], "early return", "return None"


def _argument(node: ast.AST) -> Iterator[Change]:
    if isinstance(node, ast.Call):
        for at, keyword in enumerate(node.keywords):
            if keyword.arg:
                rest = node.keywords[:at] + node.keywords[at + 1 :]
                yield node, "argument", ast.unparse(ast.Call(node.func, node.args, rest))


def _condition(node: ast.AST) -> Iterator[Change]:
    if isinstance(node, (ast.If, ast.IfExp)):
        yield from ((node.test, "if", str(value)) for value in (True, False))
    if isinstance(node, ast.While) and not isinstance(node.test, ast.Constant):
        yield node.test, "if", "False"
    if isinstance(node, ast.comprehension):
        yield from ((test, "if", "True") for test in node.ifs)


def _flag(node: ast.AST) -> Iterator[Change]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        last = node.right
        if isinstance(last, ast.Attribute) and last.attr.isupper():
            yield node, "flag", ast.unparse(node.left)
        if isinstance(node.left, ast.Attribute) and node.left.attr.isupper():
            yield node, "flag", ast.unparse(last)


def _arithmetic(node: ast.AST) -> Iterator[Change]:
    if isinstance(node, (ast.BinOp, ast.AugAssign)) and type(node.op) in COMPUTED:
        parts = (node.left, node.right) if isinstance(node, ast.BinOp) else (node.value,)
        if any(isinstance(part, TEXT) or _is_text(part) or PATHS.search(ast.unparse(part)) for part in parts):
            return
        op = COMPUTED[type(node.op)]()
        if isinstance(node, ast.BinOp):
            yield node, "arithmetic", _text(ast.BinOp(node.left, op, node.right))
        else:
            yield node, "arithmetic", ast.unparse(ast.AugAssign(node.target, op, node.value))


def _raised(node: ast.AST) -> Iterator[Change]:
    if isinstance(node, ast.Raise):
        yield node, "raise", "pass"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "suppress":
        yield node, "suppress", "suppress()"


def _statement(node: ast.AST) -> Iterator[Change]:
    called = isinstance(node, ast.Expr) and isinstance(node.value, (ast.Call, ast.Await))
    stored = isinstance(node, ast.Assign) and not any(isinstance(target, ast.Name) for target in node.targets)
    if called or stored or isinstance(node, (ast.AugAssign, ast.Delete, ast.Continue, ast.Break)):
        yield node, "statement", "pass"


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _is_not(node: ast.AST) -> bool:
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes))


RULES: tuple[Callable[[ast.AST], Iterator[Change]], ...] = (
    _comparison, _and_or, _not, _constant, _returned, _argument, _condition, _flag, _arithmetic, _raised, _statement,
)  # fmt: skip


class _Places:
    """Offsets into the text: the tree counts lines, and in a line bytes."""

    def __init__(self, source: str) -> None:
        self._lines = source.splitlines(keepends=True)
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line))

    def of(self, node: ast.AST) -> tuple[int, int]:
        first, last = node.lineno, node.end_lineno  # type: ignore[attr-defined]
        return self._offset(first, node.col_offset), self._offset(last, node.end_col_offset)  # type: ignore[attr-defined]

    def _offset(self, line: int, column: int) -> int:
        return self._starts[line - 1] + len(self._lines[line - 1].encode()[:column].decode())
