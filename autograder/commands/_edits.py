"""Small edits of Python source, made where the syntax tree says and checked against it afterwards."""

from __future__ import annotations

import ast

from autograder.errors import UsageError

WIDTH = 120


def with_entry(text: str, variable: str, entry: str, where: str) -> str:
    """``text`` with ``entry`` as the last one of the tuple, list or dict that ``variable`` is set to.

    Raises UsageError, naming ``where``, if there is no such literal.
    """
    value = _literal(text, variable, where)
    lines = text.encode().splitlines(keepends=True)
    assert value.end_lineno is not None
    assert value.end_col_offset is not None
    close = sum(map(len, lines[: value.end_lineno - 1])) + value.end_col_offset - 1
    before, after = text.encode()[:close].decode().rstrip(), text.encode()[close:].decode()
    if value.lineno == value.end_lineno:
        opened = before[-1] in "([{"
        done = f"{before}{'' if opened else ', ' if before[-1] != ',' else ' '}{entry}"
        done += f",{after}" if after.startswith(")") and opened else after
    else:
        done = f"{before}{'' if before[-1] in ',([{' else ','}\n    {entry},\n{after}"
    if _length(_literal(done, variable, where)) != _length(value) + 1:
        raise _unfit(variable, where, entry)
    return done


def identifiers(text: str, where: str) -> frozenset[str]:
    """Every name that Python source imports, defines or uses. Raises UsageError, naming ``where``, if it is none."""
    found: set[str] = set()
    for node in ast.walk(_parsed(text, where)):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).split(".")[0])
    return frozenset(found)


def _parsed(text: str, where: str) -> ast.Module:
    try:
        return ast.parse(text)
    except SyntaxError as error:
        raise UsageError(f"{where} is not Python", got=str(error), next_step="Mend it first") from error


def _literal(text: str, variable: str, where: str) -> ast.Tuple | ast.List | ast.Dict:
    for node in _parsed(text, where).body:
        targets = _targets(node)
        if any(isinstance(target, ast.Name) and target.id == variable for target in targets):
            value = getattr(node, "value", None)
            if isinstance(value, (ast.Tuple, ast.List, ast.Dict)):
                return value
    raise _unfit(variable, where)


def _targets(node: ast.stmt) -> list[ast.expr]:
    if isinstance(node, ast.AnnAssign):
        return [node.target]
    return node.targets if isinstance(node, ast.Assign) else []


def _length(value: ast.Tuple | ast.List | ast.Dict) -> int:
    return len(value.keys) if isinstance(value, ast.Dict) else len(value.elts)


def _unfit(variable: str, where: str, entry: str = "") -> UsageError:
    return UsageError(
        f"{where} has no list {variable} that can be extended",
        expected=f"{variable} = (...), written out",
        next_step=f"Add {entry} by hand" if entry else "Check the file",
    )


def with_import(text: str, module: str, level: int, *names: str) -> str:
    """``text`` with ``from module import names``, merged into an import of that module if there is one."""
    imports = [node for node in ast.parse(text).body if isinstance(node, (ast.Import, ast.ImportFrom))]
    lines = text.splitlines(keepends=True)
    for node in imports:
        if isinstance(node, ast.ImportFrom) and (node.module or "", node.level) == (module, level):
            known = [part.name if part.asname is None else f"{part.name} as {part.asname}" for part in node.names]
            if set(names) <= set(known):
                return text
            assert node.end_lineno is not None
            lines[node.lineno - 1 : node.end_lineno] = [import_line(module, level, *known, *names)]
            return "".join(lines)
    line = import_line(module, level, *names)
    after = next((node for node in imports if _comes_after(node, module, level)), None)
    if after is not None:
        lines.insert(after.lineno - 1, line)
        return "".join(lines)
    last = imports[-1]
    assert last.end_lineno is not None
    future = isinstance(last, ast.ImportFrom) and last.module == "__future__"
    lines.insert(last.end_lineno, f"\n{line}" if future else line)
    return "".join(lines)


def _comes_after(node: ast.Import | ast.ImportFrom, module: str, level: int) -> bool:
    """Whether an import belongs below that of ``module``: same kind, later in the alphabet, or less far up."""
    if not isinstance(node, ast.ImportFrom) or bool(node.level) != bool(level) or node.module == "__future__":
        return False
    return (-node.level, node.module or "") > (-level, module) and (level > 0 or _ours(node.module or ""))


def _ours(module: str) -> bool:
    return module.split(".")[0] == "autograder"


def import_line(module: str, level: int, *names: str) -> str:
    """``from module import a, b`` as the formatter writes it: constants, classes, the rest; folded where too long."""
    ordered = sorted(dict.fromkeys(names), key=lambda name: (_kind(name), name))
    head = f"from {'.' * level}{module} import "
    line = head + ", ".join(ordered)
    if len(line) <= WIDTH:
        return line + "\n"
    return head + "(\n" + "".join(f"    {name},\n" for name in ordered) + ")\n"


def _kind(name: str) -> int:
    return 0 if name.isupper() and len(name) > 1 else 1 if name[0].isupper() else 2
