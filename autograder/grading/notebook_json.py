"""From a stranger's bytes to plain cells: limits first, then JSON, then only what grading needs of each cell.

Nothing here looks into source: no tokenizer, no parser, no highlighter. Python's json module decides what the bytes
mean (as Jupyter does, the last of two equal keys counts), within limits that make its time and memory linear in the
size of the file. A file beyond them is skimmed first: outputs and widgets' state are as large as they like, up to
FILE_BYTES. What is odd but readable is repaired and said; what is not is a SubmissionError in our own words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from autograder.errors import SubmissionError
from autograder.grading.essays import shows_an_answer
from autograder.grading.pictures import bundles, lift_data_uris
from autograder.grading.skimming import TOKENS, NotJsonError, TooManyError, skim

CellType: TypeAlias = Literal["code", "markdown", "raw"]

FILE_BYTES = 200_000_000
WHOLE_BYTES = 20_000_000
"""Of a file that is read as a whole; a larger one is skimmed."""

KEPT_BYTES = 100_000_000
"""What skimming may leave: text, and pictures in it."""

CELLS = 2_000
NESTING = 100
BRACKETS = 500_000
COMMAS = 1_000_000
"""In the whole file, those in text included: a bracket can cost 200 bytes of memory, a comma 60 and a microsecond."""
CODE_CHARACTERS = 250_000
MARKDOWN_CHARACTERS = 1_000_000
DIGITS = 300

TOO_LONG = f"# This cell was longer than {CODE_CHARACTERS:,} characters. The grader left it out."
CUT = f"*[This cell was longer than {MARKDOWN_CHARACTERS:,} characters. The grader cut the rest.]*"
_CLEAR_OUTPUTS = "Clear all outputs, save, and hand the notebook in again"
_SHORTER = "Outputs are left out already: take out cells, text or pictures that do not belong to the answers"
_SAVE_AGAIN = "Open the notebook in Jupyter, save it, and hand it in again"
_SURROGATE = re.compile("[\ud800-\udfff]")
_NBGRADER_SCHEMA = 3


@dataclass(frozen=True)
class PlainCell:
    """One cell as handed in. ``number`` counts from 1 in the file; ``id`` and ``grade_id`` are the student's claims."""

    number: int
    id: str
    grade_id: str
    cell_type: CellType
    source: str
    flags: Mapping[str, Any] = field(default_factory=dict)
    """Its nbgrader metadata, unchecked."""
    attachments: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Of Markdown: what it calls its attachments, and the pictures that stood in its text, unchecked."""
    shown: bool = False
    """Whether what it showed when its student ran it may be an answer; that itself is not kept."""


@dataclass(frozen=True)
class PlainNotebook:
    """The cells of one submission, and in our own words what had to be repaired to read them."""

    cells: tuple[PlainCell, ...]
    problems: tuple[str, ...] = ()


def parse(data: bytes) -> PlainNotebook:
    """The cells in the bytes of one ``.ipynb``. Raises SubmissionError for what can't be repaired."""
    notes: dict[str, None] = {}
    if len(data) > FILE_BYTES:
        raise SubmissionError("The file is too large", f"at most {FILE_BYTES:,} bytes", "more", _CLEAR_OUTPUTS)
    text = _decode(data, notes) if len(data) <= WHOLE_BYTES else None
    if text is None or _is_bulky(text):
        text = _decode(_skimmed(data), notes)
        if _is_bulky(text):
            expected = f"at most {BRACKETS:,} brackets and {COMMAS:,} commas in its cells' text"
            raise SubmissionError("The notebook holds too many values", expected, "more", _SHORTER)
    document = _load(text, notes)
    _check_nesting(document)
    plain = plain_cells(document)
    return PlainNotebook(plain.cells, (*notes, *plain.problems))


def _is_bulky(text: str) -> bool:
    return text.count("[") + text.count("{") > BRACKETS or text.count(",") > COMMAS


def _skimmed(data: bytes) -> bytes:
    """The file without what grading never reads. Raises SubmissionError."""
    encoding = json.detect_encoding(data)
    if encoding not in ("utf-8", "utf-8-sig"):
        data = data.decode(encoding, "replace").encode("utf-8", "replace")
    try:
        kept = skim(data)
    except NotJsonError as error:
        line_begin = data.rfind(b"\n", 0, error.place) + 1
        raise _no_json(data.count(b"\n", 0, error.place) + 1, error.place - line_begin + 1) from None
    except TooManyError:
        raise SubmissionError(
            "The notebook holds too many values", f"at most {TOKENS:,} brackets and texts", "more", _CLEAR_OUTPUTS
        ) from None
    if len(kept) > KEPT_BYTES:
        expected = f"at most {KEPT_BYTES:,} bytes without outputs"
        raise SubmissionError("The file is too large", expected, f"{len(kept):,}", _SHORTER)
    return kept


def plain_cells(document: object) -> PlainNotebook:
    """The cells of a notebook that is JSON already, of any nbformat. Raises SubmissionError if it has none."""
    notes: dict[str, None] = {}
    if not isinstance(document, dict):
        raise SubmissionError("The file is no notebook", "a JSON object", f"a JSON {_kind(document)}", _SAVE_AGAIN)
    raw_cells = list(_raw_cells(document, notes))
    if len(raw_cells) > CELLS:
        raise SubmissionError("The notebook has too many cells", f"at most {CELLS:,}", f"{len(raw_cells):,}",
                              "Delete the cells that don't belong to the assignment")  # fmt: skip
    cells = [_cell(raw, number, notes) for number, raw in enumerate(raw_cells, start=1)]
    return PlainNotebook(tuple(cell for cell in cells if cell is not None), tuple(notes))


def _decode(data: bytes, notes: dict[str, None]) -> str:
    if not data.strip(b"\0\t\n\r "):
        raise SubmissionError("The file is empty", next_step=_SAVE_AGAIN)
    encoding = json.detect_encoding(data)
    if encoding != "utf-8":
        notes[f"the file was not plain UTF-8 ({encoding}); it was read as such"] = None
    try:
        return data.decode(encoding, "surrogatepass")
    except UnicodeDecodeError:
        notes[f"some bytes were not {encoding} text; each was replaced by U+FFFD"] = None
        return data.decode(encoding, "replace")


def _load(text: str, notes: dict[str, None]) -> object:
    def pairs(items: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(items)
        if len(found) != len(items):
            notes["an object in the file names a key twice; as in Jupyter, the last one counts"] = None
        return found

    def integer(digits: str) -> int:
        if len(digits) > DIGITS:  # longer ones take quadratic time, or a ValueError of Python's own
            notes[f"a number of more than {DIGITS} digits was read as 0"] = None
            return 0
        return int(digits)

    def constant(_: str) -> None:
        notes["the file says NaN or Infinity, which JSON does not have; it was read as null"] = None

    decoder = json.JSONDecoder(object_pairs_hook=pairs, parse_int=integer, parse_constant=constant, strict=False)
    try:
        document: object = decoder.decode(text)
    except json.JSONDecodeError as error:
        raise _no_json(error.lineno, error.colno) from None
    except RecursionError:
        raise _too_deep() from None
    return document


def _no_json(line: int, column: int) -> SubmissionError:
    return SubmissionError(
        "The file is not JSON",
        got=f"something else at line {line}, column {column}; it may have been cut off",
        next_step=_SAVE_AGAIN,
    )


def _check_nesting(document: object) -> None:
    level: list[object] = [document]
    for _ in range(NESTING):
        level = [
            child
            for node in level
            for child in (node.values() if isinstance(node, dict) else node if isinstance(node, list) else ())
            if isinstance(child, (dict, list))
        ]
        if not level:
            return
    raise _too_deep()


def _too_deep() -> SubmissionError:
    return SubmissionError("The file is nested too deeply", f"at most {NESTING} levels", "more", _CLEAR_OUTPUTS)


def _raw_cells(document: Mapping[str, Any], notes: dict[str, None]) -> Iterator[object]:
    """The entries of ``cells``, or of nbformat 3's ``worksheets``."""
    if isinstance(document.get("cells"), list):
        if document.get("nbformat") != 4:
            notes["the notebook does not say nbformat 4; its cells were read as such"] = None
        yield from document["cells"]
        return
    sheets = document.get("worksheets")
    if not isinstance(sheets, list):
        raise SubmissionError("The file is no notebook", "a list of cells", "none", _SAVE_AGAIN)
    notes["the notebook is of nbformat 3; it was read as far as the two agree"] = None
    for sheet in sheets:
        if isinstance(sheet, dict) and isinstance(sheet.get("cells"), list):
            yield from sheet["cells"]


def _cell(raw: object, number: int, notes: dict[str, None]) -> PlainCell | None:
    if not isinstance(raw, dict):
        notes[f"cell {number} of the file is a JSON {_kind(raw)}, not a cell; it was left out"] = None
        return None
    metadata = raw.get("metadata")
    flags = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    if not isinstance(flags, dict):
        flags = {}
    elif flags and flags.get("schema_version") != _NBGRADER_SCHEMA:
        notes["nbgrader metadata of another schema version was replaced by the release's"] = None
    cell_type = _cell_type(raw.get("cell_type"), number, notes)
    source = _source(raw, number, notes)
    attachments = {}
    if cell_type == "markdown":
        attachments = bundles(raw.get("attachments"))
        source = lift_data_uris(source, attachments)
    if cell_type == "code" and len(source) > CODE_CHARACTERS:
        notes[f"cell {number} of the file is too long to be graded; it was left out"] = None
        source = TOO_LONG
    elif len(source) > MARKDOWN_CHARACTERS:
        notes[f"cell {number} of the file is longer than {MARKDOWN_CHARACTERS:,} characters; the rest was cut"] = None
        source = f"{source[:MARKDOWN_CHARACTERS]}\n\n{CUT}"
    shown = cell_type == "code" and shows_an_answer(raw.get("outputs"), source)
    names = _text(raw.get("id")), _text(flags.get("grade_id"))
    return PlainCell(number, *names, cell_type, source, flags, attachments, shown)


def _cell_type(name: object, number: int, notes: dict[str, None]) -> CellType:
    if name in ("heading", "html"):  # nbformat 3
        return "markdown"
    if name == "markdown" or name == "raw" or name == "code":
        return name
    notes[f"cell {number} of the file has no known type; it was read as code"] = None
    return "code"


def _source(raw: Mapping[str, Any], number: int, notes: dict[str, None]) -> str:
    source = raw.get("source", raw.get("input", ""))  # nbformat 3 calls a code cell's source its input
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        notes[f"cell {number} of the file has a source that is no text; it was read as empty"] = None
        return ""
    if "\r" in source:
        source = source.replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in source:
        notes[f"cell {number} of the file held null characters; they were removed"] = None
        source = source.replace("\0", "")
    if not source.isascii() and _SURROGATE.search(source):
        notes[f"cell {number} of the file held halves of characters; each was replaced by U+FFFD"] = None
        source = _SURROGATE.sub("\ufffd", source)
    return source


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _kind(value: object) -> str:
    names = {dict: "object", list: "list", str: "string", bool: "boolean", int: "number", float: "number"}
    return names.get(type(value), "null")
