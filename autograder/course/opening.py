"""The lines that find the kit, which a release writes above the notebook's import of it: one text for all notebooks.

A source notebook says `from kit import check`, on a line of its own. Where the kit then comes from, in this order: a
folder `kit` beside the notebook (as it was handed out in earlier terms), kit.zip beside it, on Kaggle the inputs, what
is importable anyhow (the grader's own kit in the box), and, if course.toml has a `kit_url`, from there: with the digest
of the archive, so that nothing is written or imported that is not the kit of this release.
"""

from __future__ import annotations

import json
import re
from typing import Any

IMPORT = re.compile(r"^(?:from kit(?:\.\w+)* import |import kit\b)", re.MULTILINE)
INDENTED = re.compile(r"^[ \t]+(?:from kit(?:\.\w+)* import |import kit\b)", re.MULTILINE)
"""An import that is no line of its own: nothing can be written above it."""

_BEGIN = "# The kit: the folder `kit`, or the file kit.zip, beside this notebook (on Kaggle among the inputs)."
_END = "# The kit is found."

_FIND = f"""\
{_BEGIN}
import importlib.util
import sys
from pathlib import Path

_places = [Path("kit/__init__.py"), Path("kit.zip")]
_places += [path for name in ("kit/__init__.py", "kit.zip") for path in Path("/kaggle/input").rglob(name)]
_kit = next((path.absolute() for path in _places if path.is_file()), None)
if _kit and "kit" not in sys.modules:
    sys.path.insert(0, str(_kit if _kit.suffix == ".zip" else _kit.parent.parent))
    importlib.invalidate_caches()
"""
_ELSE_SAY = """\
if importlib.util.find_spec("kit") is None:
    raise ModuleNotFoundError(
        f"There is no kit in {Path.cwd()}.\\n"
        "Upload the file kit.zip that came with this notebook into that folder, then run this cell again."
    )
"""
_ELSE_FETCH = """\
if importlib.util.find_spec("kit") is None:
    import hashlib
    import tempfile
    import urllib.request

    _address = @ADDRESS@
    _digest = "@DIGEST@"
    try:
        _archive = urllib.request.urlopen(_address, timeout=60).read()
        _problem = f"What {_address} gave is not the kit of this notebook: nothing was kept of it."
    except Exception as error:  # no network, no such file, half an answer
        _archive, _problem = b"", f"There is no kit in {Path.cwd()}, and none came from {_address} ({error})."
    if hashlib.sha256(_archive).hexdigest() != _digest:
        raise ModuleNotFoundError(
            f"{_problem}\\n"
            "Upload the file kit.zip that came with this notebook into its folder, then run this cell again."
        )
    try:
        _kit = Path("kit.zip").absolute()
        _kit.write_bytes(_archive)
    except OSError:  # a folder that cannot be written to
        _kit = Path(tempfile.mkdtemp()) / "kit.zip"
        _kit.write_bytes(_archive)
    sys.path.insert(0, str(_kit))
    importlib.invalidate_caches()
"""


def opening(address: str = "", digest: str = "") -> str:
    """The lines, without an end of line at their end; with an https ``address`` they fetch what has that ``digest``."""
    fetch = _ELSE_FETCH.replace("@ADDRESS@", json.dumps(address)).replace("@DIGEST@", digest)
    return f"{_FIND}{fetch if address else _ELSE_SAY}{_END}"


def address(kit_url: str, assignment: str, name: str) -> str:
    """Where the file ``name`` of an assignment lies, by course.toml's `kit_url`: a folder, or an address with a
    place for the assignment's name in it, as where all files must lie in one folder."""
    if "{assignment}" in kit_url:
        return kit_url.replace("{assignment}", assignment)
    return f"{kit_url.rstrip('/')}/{assignment}/{name}" if kit_url else ""


def with_opening(cells: list[dict[str, Any]], text: str) -> bool:
    """Write ``text`` above the first import of the kit in a notebook's ``cells``, in the place of an earlier one.

    Whether there is such an import.
    """
    for cell in cells:
        source = "".join(cell["source"])
        found = IMPORT.search(source) if cell["cell_type"] == "code" else None
        if found:
            before, after = source[: found.start()], source[found.start() :]
            begin, end = before.find(_BEGIN), before.find(_END)
            if begin >= 0 and end > begin:
                before = before[:begin] + before[end + len(_END) :].lstrip("\n")
            before = f"{before.rstrip()}\n\n" if before.strip() else ""
            written = f"{before}{text}\n\n{after}"
            cell["source"] = written if isinstance(cell["source"], str) else written.splitlines(keepends=True)
            return True
    return False
