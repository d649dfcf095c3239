"""What a file is that is no notebook, told from its first bytes, and what its owner can do about it."""

from __future__ import annotations

import io
import json
import re
import zipfile

from autograder.errors import SubmissionError

_LOOKED_AT = 4_096
_DOWNLOAD = (
    "Download the notebook itself (in Colab: File > Download > Download .ipynb; on GitHub: 'Download raw file'), open "
    "it in Jupyter, and hand that file in"
)
_HAND_IN = "Hand in the .ipynb file itself"
_EXPORTED = f"It may have been exported from the notebook, which is a file of its own. {_HAND_IN}"
_UNPACK = "Unpack it, and hand in the .ipynb file that is in it"

_BEGINNINGS: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF", "a PDF document", _EXPORTED),
    (b"\x89PNG", "a picture (PNG)", _HAND_IN),
    (b"\xff\xd8\xff", "a picture (JPEG)", _HAND_IN),
    (b"GIF8", "a picture (GIF)", _HAND_IN),
    (b"II*\0", "a picture (TIFF)", _HAND_IN),
    (b"MM\0*", "a picture (TIFF)", _HAND_IN),
    (b"\x1f\x8b", "a gzip archive", _UNPACK),
    (b"BZh", "a bzip2 archive", _UNPACK),
    (b"\xfd7zXZ\0", "an xz archive", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", _UNPACK),
    (b"Rar!", "a rar archive", _UNPACK),
    (b"(\xb5/\xfd", "a zstd archive", _UNPACK),
    (b"\xd0\xcf\x11\xe0", "an old Office document", _EXPORTED),
    (b"{\\rtf", "an RTF document", _EXPORTED),
    (b"SQLite format 3", "a database", _HAND_IN),
    (b"\x7fELF", "a program", _HAND_IN),
    (b"MZ", "a program", _HAND_IN),
    (b"\x80\x04", "a Python pickle", _HAND_IN),
    (b"\x93NUMPY", "a NumPy array", _HAND_IN),
    (b"bplist00", "a shortcut of macOS", _DOWNLOAD),
    (b"L\0\0\0\x01\x14\x02\0", "a shortcut of Windows", "Hand in the notebook that it points to"),
    (b"\0\5\x16\7", "a companion file of macOS (its name begins with '._')", _HAND_IN),
    (b"\0\5\x16\0", "a companion file of macOS (its name begins with '._')", _HAND_IN),
    (b"[InternetShortcut]", "a shortcut to a web page", _DOWNLOAD),
    (b"[Desktop Entry]", "a shortcut", "Hand in the notebook that it points to"),
    (
        b"version https://git-lfs.github.com/spec/",
        "a Git LFS pointer: the notebook itself is kept elsewhere",
        "Fetch the notebook with `git lfs pull`, and hand that file in",
    ),
    (b"/annex/objects/", "a git-annex pointer", "Fetch the notebook with `git annex get`, and hand that file in"),
    (b"diff --git ", "a patch, the differences of two versions", _HAND_IN),
    (b"Index: ", "a patch, the differences of two versions", _HAND_IN),
)
_OFFICE = (("word/", "a Word document"), ("xl/", "an Excel workbook"), ("ppt/", "a PowerPoint presentation"))
_MARKS = (b"<", b"=", b">", b"|")
_CONFLICT = re.compile(rb"^(?:(?:<{7}|>{7}|\|{7})(?: |\r?$)|={7}\r?$)", re.MULTILINE)
_PAGE = re.compile(
    rb"\A\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|meta|script|svg|div)\b", re.I | re.DOTALL
)
_SCRIPT = re.compile(
    rb"\A(?:#!.*python|# coding|# -\*- coding|# %%|#%%|# In\[|# ---\s*$|import \w|from \w+(?:\.\w+)* import |def \w+\()"
)
_JSON_WORD = re.compile(r"(?:null|true|false|-?\d[\d.eE+-]*)\s*\Z")
_LATEX = re.compile(rb"\A\s*\\(?:documentclass|begin|section)\b")


def recognised(data: bytes) -> SubmissionError | None:
    """The error that says what the bytes of a file are, where they are certainly something else than a notebook.

    None for what may be a notebook, sound or damaged: then what the reader met says more.
    """
    bare = data.lstrip(b"\xef\xbb\xbf\0\t\n\r ")
    if not bare:
        return _error(
            "The file is empty" if not data else "The file is empty: it holds nothing but blanks or zeros",
            "",
            "Saving or uploading may have failed. Open the notebook in Jupyter, see that your work is there, save it, "
            "and hand it in again",
        )
    if data.startswith((b"PK\3\4", b"PK\5\6")):
        return _zip(data)
    for beginning, what, advice in _BEGINNINGS:
        if data.startswith(beginning) or (beginning.isascii() and bare.startswith(beginning)):
            return _is(what, advice)
    if data[257:262] == b"ustar":
        return _is("a tar archive", _UNPACK)
    if data[4:8] == b"ftyp":
        return _is("a film or a picture", _HAND_IN)
    if data[:4] == b"RIFF" or (data[:2] == b"BM" and data[6:10] == b"\0\0\0\0"):
        return _is("a picture or a sound", _HAND_IN)
    return _text(data, bare)


def _text(data: bytes, bare: bytes) -> SubmissionError | None:
    head = bare[:_LOOKED_AT]
    if _CONFLICT.search(data) or _stops_at_a_mark(data):
        return _is(
            "a notebook with marks of a merge conflict in it (<<<<<<<, =======, >>>>>>>)",
            "Settle the conflict: keep one of the two versions between each pair of marks, delete the marks (or take "
            "one version whole with `git checkout --ours` or `--theirs`), open the notebook in Jupyter, save it, and "
            "hand it in again",
        )
    if _PAGE.match(head) or b"<html" in head.lower()[:1_024]:
        return _is("a web page (HTML)", _DOWNLOAD)
    if bare.startswith(b"<?xml"):
        return _is("a shortcut of macOS" if b"<plist" in head else "an XML document", _DOWNLOAD)
    if _SCRIPT.match(bare):
        return _is("a Python script", _EXPORTED)
    if _LATEX.match(bare):
        return _is("a LaTeX document", _EXPORTED)
    start = data[:200].decode(json.detect_encoding(data), "replace").lstrip("\ufeff\0 \t\r\n")
    if start[:1] in ("{", "[", '"') or _JSON_WORD.match(start):
        return None  # JSON perhaps, in whichever encoding: the reader says more
    return _plain_text(data)


def _stops_at_a_mark(data: bytes) -> bool:
    """Whether what is no JSON begins with a mark of a merge conflict, wherever in a line that stands."""
    if not any(mark * 7 in data for mark in _MARKS):
        return False
    text = data.decode(json.detect_encoding(data), "replace").removeprefix("\ufeff")
    try:
        json.loads(text, strict=False)
    except json.JSONDecodeError as error:
        return any(text.startswith(mark.decode() * 7, error.pos) for mark in _MARKS)
    except (ValueError, RecursionError):
        pass
    return False


def _plain_text(data: bytes) -> SubmissionError:
    try:
        data[:_LOOKED_AT].decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < min(len(data), _LOOKED_AT) - 4:
            return _is("neither text nor a notebook", _HAND_IN)
    return _is("text that is no notebook (a notebook begins with '{')", _HAND_IN)


def about_json(document: object) -> SubmissionError | None:
    """The same for JSON that was read and has no cells."""
    if isinstance(document, dict):
        if {"doc_id", "resource_id", "resource_key"} & document.keys() or (
            document and document.keys() <= {"url", "email"}
        ):
            return _is("a shortcut to a file in Google Drive", _DOWNLOAD)
        if "message" in document and len(document) < 6:
            return _is("an error message that was saved in place of the notebook", _DOWNLOAD)
    if isinstance(document, str) and '"cells"' in document[:1_000_000]:
        return _is("a notebook packed into text once more", _DOWNLOAD)
    return None


def explained(data: bytes, error: SubmissionError) -> SubmissionError:
    """``error``, which reading the bytes of a file raised, or one that says better what the file is."""
    known = recognised(data)
    if known is None and error.wrong == "The file is no notebook":
        try:
            known = about_json(json.loads(data[:5_000_000]))
        except (ValueError, RecursionError):
            known = None
    return known or error


def _zip(data: bytes) -> SubmissionError:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()[:_LOOKED_AT]
    except (OSError, ValueError, NotImplementedError, zipfile.BadZipFile, RuntimeError):
        return _is("a zip archive that is damaged", "Hand in the .ipynb file itself, unpacked")
    if "mimetype" in names and "content.xml" in names:
        return _is("an OpenDocument file", _EXPORTED)
    for folder, what in _OFFICE:
        if any(name.startswith(folder) for name in names):
            return _is(what, _EXPORTED)
    return _is("a zip archive", _UNPACK)


def _is(what: str, advice: str) -> SubmissionError:
    return _error("The file is no notebook", what, advice)


def _error(wrong: str, got: str, advice: str) -> SubmissionError:
    return SubmissionError(wrong, "the JSON that Jupyter saves" if got else "", got, advice)
