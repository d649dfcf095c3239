"""A large notebook file without what grading never reads: outputs, widgets' state, pictures of code cells, metadata.

The file is gone through once, from bracket to bracket and string to string, by searches that run at the speed of C.
Nothing of what is left out is decoded or built. What is kept is the file's own bytes: JSON's own reader decides what
they mean, within the limits of ordinary files.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator

from autograder.grading.essays import outputs_in_short
from autograder.grading.pictures import CHARACTERS

TOKENS = 10_000_000
"""Brackets and strings that are gone through."""

ATTACHMENTS = 60_000_000
"""Bytes of attachments in Markdown; behind that only those of written answers are kept."""

OUTPUT = 200_000
"""Bytes of a cell's outputs without pictures that are looked at: nobody writes more than that as an answer."""

_TOP = frozenset((b'"cells"', b'"worksheets"', b'"nbformat"'))
_SHEET = frozenset((b'"cells"',))
_CELL = frozenset((b'"cell_type"', b'"source"', b'"input"', b'"id"', b'"metadata"', b'"attachments"', b'"outputs"'))
_METADATA = frozenset((b'"nbgrader"',))

_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_SPACE = re.compile(rb"[ \t\r\n]*+")
_SCALAR = re.compile(rb'[^\s,\[\]{}":]++')
_STRUCTURE = re.compile(rb'["\[\]{}]')
_HERE = b"\0attachments\0"
"""Where a cell's attachments go: no JSON has null characters outside of what it was checked for."""

_CODE = re.compile(rb'"cell_type"\s*:\s*"code"')
_PICTURE = re.compile(rb'"image/[\w.+-]{1,40}"\s*:')
_FLAG = re.compile(rb'"(?:grade|solution)"\s*:\s*true')


class NotJsonError(ValueError):
    """The bytes are no JSON; ``place`` is where that shows."""

    def __init__(self, place: int) -> None:
        super().__init__(place)
        self.place = place


class TooManyError(ValueError):
    """There is more in the file than is gone through."""


def skim(data: bytes) -> bytes:
    """The notebook in ``data`` (JSON in UTF-8) with the cells' own text. Raises NotJsonError, TooManyError."""
    return _Skimmer(data).notebook()


class _Skimmer:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 3 if data.startswith(b"\xef\xbb\xbf") else 0
        self._tokens = self._attachments = 0

    def notebook(self) -> bytes:
        """The whole file."""
        made = b"".join(self._object(_TOP, self._top)) if self._next() == b"{" else self._value()
        self._next()
        if self._at != len(self._data):
            raise NotJsonError(self._at)
        return made

    def _top(self, key: bytes) -> bytes:
        if self._next() != b"[" or key == b'"nbformat"':
            return self._value()
        return b"".join(self._list(self._cell if key == b'"cells"' else self._sheet))

    def _sheet(self) -> bytes:
        return b"".join(self._object(_SHEET, self._top)) if self._next() == b"{" else self._value()

    def _cell(self) -> bytes:
        if self._next() != b"{":
            return self._value()
        attachments = b"null"

        def part(key: bytes) -> bytes:
            nonlocal attachments
            if key == b'"outputs"':
                return self._outputs()
            if key not in (b'"metadata"', b'"attachments"') or self._next() != b"{":
                return self._value()
            if key == b'"metadata"':
                return b"".join(self._object(_METADATA, lambda _: self._value()))
            attachments = b"".join(self._object(None, self._bundle))
            return _HERE

        text = b"".join(self._object(_CELL, part))
        if attachments == b"null":
            return text
        self._attachments += len(attachments)
        room = self._attachments <= ATTACHMENTS or len(_FLAG.findall(text)) == len(("grade", "solution"))
        return text.replace(_HERE, attachments if room and not _CODE.search(text) else b"null")

    def _outputs(self) -> bytes:
        """Whether an answer may be in them, and nothing of them."""
        text = self._value()
        if _PICTURE.search(text):
            return b'[{"data":{"image/png":""}}]'
        try:
            found = json.loads(text) if len(text) <= OUTPUT else []
        except (ValueError, RecursionError):
            return b"[]"
        return json.dumps(outputs_in_short(found)).encode()

    def _bundle(self, _: bytes) -> bytes:
        return b"".join(self._object(None, self._picture)) if self._next() == b"{" else self._value()

    def _picture(self, _: bytes) -> bytes:
        """Of one that is too large to be kept, as much as shows that it is."""
        text = self._value()
        return text if len(text) <= CHARACTERS else b'"%b"' % (b"A" * (CHARACTERS + 1))

    def _object(self, wanted: Collection[bytes] | None, read: Callable[[bytes], bytes]) -> Iterator[bytes]:
        """An object with the wanted keys alone (None: with all), the value of each as `read` makes it."""
        yield self._take(b"{")
        first = True
        if self._next() != b"}":
            while True:
                key = self._string()
                self._take(b":")
                if wanted is None or key in wanted:
                    yield (b"%b:" if first else b",%b:") % key
                    yield read(key)
                    first = False
                else:
                    self._skip()
                if self._next() != b",":
                    break
                self._take(b",")
        yield self._take(b"}")

    def _list(self, read: Callable[[], bytes]) -> Iterator[bytes]:
        yield self._take(b"[")
        if self._next() != b"]":
            yield read()
            while self._next() == b",":
                yield self._take(b",")
                yield read()
        yield self._take(b"]")

    def _value(self) -> bytes:
        """One value as it stands in the file."""
        self._next()
        begin = self._at
        self._skip()
        return self._data[begin : self._at]

    def _skip(self) -> None:
        """Go past one value, whatever is in it."""
        opening = self._next()
        if opening == b'"':
            self._string()
        elif opening in (b"[", b"{"):
            depth = 0
            while True:
                found = _STRUCTURE.search(self._data, self._at)
                if found is None:
                    raise NotJsonError(len(self._data))
                self._at = found.start()
                if (mark := found[0]) == b'"':
                    self._string()
                    continue
                self._count()
                self._at += 1
                depth += 1 if mark in b"[{" else -1
                if depth == 0:
                    return
        else:
            self._past(_SCALAR)

    def _string(self) -> bytes:
        self._count()
        self._next()
        return self._past(_STRING)

    def _take(self, mark: bytes) -> bytes:
        self._count()
        if self._next() != mark:
            raise NotJsonError(self._at)
        self._at += 1
        return mark

    def _past(self, what: re.Pattern[bytes]) -> bytes:
        found = what.match(self._data, self._at)
        if found is None:
            raise NotJsonError(self._at)
        self._at = found.end()
        return found[0]

    def _next(self) -> bytes:
        """The next byte that is no white space; nothing at the end."""
        found = _SPACE.match(self._data, self._at)
        assert found is not None  # it may be empty
        self._at = found.end()
        return self._data[self._at : self._at + 1]

    def _count(self) -> None:
        self._tokens += 1
        if self._tokens > TOKENS:
            raise TooManyError
