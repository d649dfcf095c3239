"""Downloads as Canvas and Moodle make them, and zips as nobody should make them.

canvas("Lovelace, Ada", 4711, 90210, "rules.ipynb", late=True)     an entry's name
moodle("Ada Lovelace", 123456, "rules.ipynb", shape="folders")     another
zipped(path, {name: content, ...})                                 a sound archive
hostile(path, [(ZipInfo, content), ...])                           any archive
"""

from __future__ import annotations

import json
import re
import stat
import warnings
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tests.grading.notebooks import Json

SHAPES = {"folders": "_/", "newer folders": "/", "no folders": "_"}


def canvas(name: str, user: int, upload: int, filename: str, *, late: bool = False) -> str:
    """As lib/content_zipper.rb names an upload; ``name`` is the sortable one."""
    cleaned = re.sub(r"_(\d+)_", r"\1", name).lower()
    parts = [cleaned, *(["LATE"] if late else []), str(user)]
    about = re.sub(r"[^\w]", "", "_".join(parts))
    return f"{about}_{upload}_" + re.sub(r'[\x00/\\:*?"<>|]+', "_", filename)


def moodle(name: str, participant: int, filename: str, *, shape: str = "folders", plugin: str = "file") -> str:
    """As mod/assign names it; ``shape`` is one of `SHAPES`."""
    cleaned = re.sub(r"[&<>\"`|':\\/]", "", name.replace("_", " "))
    return f"{cleaned}_{participant}_assignsubmission_{plugin}{SHAPES[shape]}{filename}"


def content(made: Json | bytes | str) -> bytes:
    """A notebook, or anything that claims to be one, as bytes."""
    if isinstance(made, dict):
        return json.dumps(made).encode()
    return made.encode() if isinstance(made, str) else made


def zipped(path: Path, files: Mapping[str, Json | bytes | str]) -> Path:
    """A sound archive."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, made in files.items():
            archive.writestr(name, content(made))
    return path


def hostile(path: Path, entries: Iterable[tuple[zipfile.ZipInfo, bytes]]) -> Path:
    """An archive with entries as they are given, twice the same name included."""
    with zipfile.ZipFile(path, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # about names that are there twice
        for info, data in entries:
            archive.writestr(info, data)
    return path


def info(name: str, *, mode: int = stat.S_IFREG | 0o644, packed: int = zipfile.ZIP_DEFLATED, **more: Any) -> Any:
    """One entry's claims."""
    made = zipfile.ZipInfo(name)
    made.external_attr, made.compress_type, made.create_system = mode << 16, packed, 3
    for key, value in more.items():
        setattr(made, key, value)
    return made


def patched(path: Path, *changes: tuple[bytes, bytes]) -> Path:
    """The archive with bytes replaced everywhere, of the same number: what no library would write."""
    data = path.read_bytes()
    for old, new in changes:
        assert old in data
        assert len(old) == len(new)
        data = data.replace(old, new)
    path.write_bytes(data)
    return path
