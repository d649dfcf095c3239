"""What a file's name says: whether a notebook may be in it, and whether it is a copy that a program named."""

from __future__ import annotations

import re

NOTEBOOK = ".ipynb"
ARCHIVES = (".zip", ".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz", ".gz", ".bz2", ".xz", ".7z", ".rar")

_AGAIN = re.compile(
    r"(?:-(?P<again>\d{1,4})"  # Canvas
    r"|[ _+]*\((?P<copy>\d{1,4})\)"  # browsers
    r"|_(?P<cleaned>\d{1,4})_"
    r"|[ _-]+(?:copy|copie|kopie|copia)[ _-]?\d{0,4}"  # Jupyter, Windows, macOS
    r"|[ _-]+checkpoint)$",
    re.ASCII | re.IGNORECASE,
)
_NUMBERED = re.compile(r"(?:-\d{1,4}|[ _+]*\(\d{1,4}\)|_\d{1,4}_)+$", re.ASCII)
_COPY_OF = re.compile(r"^(?:copy of|copy_of|kopie von|copie de|copia de|copia di)[ _]+", re.IGNORECASE)
_HIDING = re.compile(
    r"(?:\.(?:txt|json|html?|download|crdownload|part|bak|old|zip)|[~_]| ?\(\d{1,3}\)|[-.]\d{1,3})+$", re.IGNORECASE
)
_DOCUMENTS = re.compile(
    r"\.(?:md|markdown|txt|rtf|tex|docx?|odt|pages|pdf|html?|png|jpe?g|gif|heic|heif|webp|tiff?|bmp|svg)$",
    re.IGNORECASE,
)
_NO_ANSWER = re.compile(
    r"^(?:readme|licen[cs]e|copying|changelog|contributing|authors|requirements|constraints|timestamp"
    r"|submission_secret|assignment|instructions)\b",
    re.IGNORECASE,
)
_JUNK = re.compile(r"(?:^|/)(?:__MACOSX/|\.DS_Store$|Thumbs\.db$|desktop\.ini$|\._[^/]*$)")


def is_junk(path: str) -> bool:
    """Whether the file is one that a desktop puts beside others."""
    return _JUNK.search(path) is not None


def is_checkpoint(path: str) -> bool:
    """Whether the file is what Jupyter saves by itself beside the notebook."""
    return ".ipynb_checkpoints" in path.split("/") or base(path).lower().endswith(f"-checkpoint{NOTEBOOK}")


def may_be_a_document(path: str) -> bool:
    """Whether the name is that of a text or a picture in which somebody may have written an answer."""
    name = base(path)
    return bool(_DOCUMENTS.search(name)) and not _NO_ANSWER.match(name) and not is_notebook_name(path)


def base(path: str) -> str:
    """The name without folders."""
    return path.rsplit("/", 1)[-1]


def is_notebook_name(path: str) -> bool:
    """Whether the name ends as a notebook's, in small letters or capitals, whatever a program put behind that."""
    return _HIDING.sub("", base(path)).lower().endswith(NOTEBOOK)


def is_archive_name(path: str) -> bool:
    """Whether the name ends as an archive's."""
    return base(path).lower().endswith(ARCHIVES)


def may_be_text(path: str) -> bool:
    """Whether a notebook may have been saved under this name by a program that hid its ending or left it out."""
    name = base(path)
    return name.lower().endswith((".json", ".txt")) or "." not in name


def without_copies(filename: str, wanted: str) -> tuple[str, int]:
    """``filename`` without what Canvas (``-1``), browsers (`` (1)``) and desktops (`` - Copy``) add; Canvas's number, 0
    for none.

    Only where ``wanted`` (a file name) is what is left; a name that merely ends with a number stays.
    """
    if filename == wanted:
        return wanted, 0
    plain = _HIDING.sub("", filename)
    if not plain.lower().endswith(NOTEBOOK):
        return filename, 0
    stem, aim, again = _COPY_OF.sub("", plain[: -len(NOTEBOOK)]), wanted[: -len(NOTEBOOK)].casefold(), 0
    while stem.casefold() != aim:
        found = _AGAIN.search(stem)
        if not found:
            return filename, 0
        stem = stem[: found.start()]
        again = max(again, int(found["again"] or 0))
    return wanted, again


def is_version(path: str, wanted: str) -> bool:
    """Whether the file has the right name, but for its folders, its ending and what programs add to copies."""
    return without_copies(base(path), wanted)[0] == wanted


def is_plain_copy(name: str, wanted: str) -> bool:
    """Whether the name is ``wanted`` but for a number that an LMS or a browser put before the ending."""
    return name.endswith(NOTEBOOK) and _NUMBERED.sub("", name[: -len(NOTEBOOK)]) == wanted[: -len(NOTEBOOK)]
