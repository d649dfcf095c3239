"""kit.zip, which students get beside a notebook: the kit's library, one assignment's public half, and its data.

    kit/*.py             what `import kit` reaches, and the adapters that the exercises name: no others
    kit/public/*.py      the public half
    kit/public/data/*    its data, which `kit.data` reads

The bytes are the same on every machine: entries sorted and stored as they are, with one date and one mode.
"""

from __future__ import annotations

import ast
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import autograder
from autograder.course.content import PUBLIC, Content, files_below
from autograder.kit import adapters

NAME = "kit.zip"

_KIT = Path(autograder.__file__).parent / "kit"
_PUBLIC = b'"""What the exercises of this assignment ask."""\n'
_DATE = (1980, 1, 1, 0, 0, 0)
_MODE = 0o100644
_UNIX = 3


def kit_zip(content: Content, assignment: str) -> bytes:
    """The whole archive."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for name, data in sorted(kit_files(content, assignment).items()):
            entry = zipfile.ZipInfo(f"kit/{name}", _DATE)
            entry.create_system, entry.external_attr = _UNIX, _MODE << 16
            archive.writestr(entry, data)
    return made.getvalue()


def digest(archive: bytes) -> str:
    """What the notebook compares before it imports an archive that it has fetched."""
    return hashlib.sha256(archive).hexdigest()


def kit_files(content: Content, assignment: str) -> dict[str, bytes]:
    """The files of the kit that ship with ``assignment``, by their path in it."""
    folder = content.folder(assignment)
    public = folder / PUBLIC
    own = {path.relative_to(public).as_posix(): path.read_bytes() for path in files_below(public)}
    asked = [data.decode("utf-8", "replace") for name, data in own.items() if name.endswith(".py")]
    found = _library([*asked, *_cells(folder)]) | {f"{PUBLIC}/__init__.py": _PUBLIC}
    return found | {f"{PUBLIC}/{name}": data for name, data in own.items()}


def _cells(folder: Path) -> Iterator[str]:
    """The code in the notebooks of an assignment: what they import from the kit ships too."""
    for path in sorted(folder.glob("[!.]*.ipynb")):
        try:
            cells = json.loads(path.read_bytes())["cells"]
            yield from ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
        except (OSError, ValueError, LookupError, TypeError):
            continue  # the release says what is wrong with it


def _library(sources: Iterable[str]) -> dict[str, bytes]:
    """The files of the library that `import kit` and these sources reach, and those that are no modules."""
    files = {path.relative_to(_KIT).as_posix(): path.read_bytes() for path in files_below(_KIT)}
    modules = {_module(path): path for path in files if path.endswith(".py")}
    found = {path: data for path, data in files.items() if not path.endswith((".py", ".pyc"))}
    pending = ["", *(name for source in sources for name in _named(source))]
    while pending:
        name = pending.pop()
        path = modules.get(name, "")
        if path and path not in found:
            found[path] = files[path]
            package = name if path.endswith("__init__.py") else name.rpartition(".")[0]
            pending += [name.rpartition(".")[0], *_imported(_tree(files[path].decode("utf-8")), package)]
    return found


def _module(path: str) -> str:
    """The name of the module in a file of the kit, below the kit: empty for the kit itself."""
    return path.removesuffix(".py").replace("/", ".").removesuffix("__init__").rstrip(".")


def _named(source: str) -> Iterator[str]:
    """The kit's modules that content needs: what it imports, and the adapters that it names in quotes."""
    tree = _tree(source)
    yield from _imported(tree, None)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            named = adapters.TABLE.get(node.value.partition(":")[0], "")
            yield from [named.partition(":")[0]] if named else []


def _imported(tree: ast.AST, package: str | None) -> Iterator[str]:
    """What may be modules of the kit among the imports of its ``package``, or of content (None)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.removeprefix("kit.") for alias in node.names if alias.name.startswith("kit."))
        elif isinstance(node, ast.ImportFrom):
            name = node.module or ""
            if node.level and package is not None:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                name = ".".join(part for part in (*above, name) if part)
            elif node.level or not (name == "kit" or name.startswith("kit.")):
                continue
            else:
                name = name.removeprefix("kit").removeprefix(".")
            yield name
            yield from (f"{name}.{alias.name}".removeprefix(".") for alias in node.names)


def _tree(source: str) -> ast.AST:
    """The code, empty for what is not Python: a cell with a magic in it, say."""
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError):
        return ast.Module([], [])
