"""Pictures in Markdown: those of written answers stay, as attachments under names of ours; of all others a mark stays.

An editor writes a picture as an attachment (`![](attachment:name.png)`), as a data URI, as `<img src=...>`, or behind a
label. All become `![alt](attachment:picture-1.png)`. What a picture is, its first bytes say and nothing else. A limit
costs the pictures that are over it, never a word.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from urllib.parse import quote, unquote

BYTES, BYTES_IN_ALL = 5_000_000, 20_000_000
CHARACTERS = 6_900_000
"""Of a picture of BYTES as base64, in lines."""

SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png", "png"),
    (b"\xff\xd8\xff", "image/jpeg", "jpg"),
    (b"GIF87a", "image/gif", "gif"),
    (b"GIF89a", "image/gif", "gif"),
)
OURS = re.compile(r"!\[([^\]\n]*)\]\(attachment:(picture-\d+\.(?:png|jpg|gif))\)")
"""A picture as it is written here."""

MOST = 500
"""References to pictures in one submission; further ones are marks."""

INLINE = "inline picture"
"""Data URIs are taken out of a cell's text under this name before anything else is done with it."""

_HEAD = r"data:image/[\w.+-]{1,40}(?:;[\w=.+-]{1,60}){0,4},"
_DATA = re.compile(rf"(?<=[\"']){_HEAD}[A-Za-z0-9+/=%\s_-]*(?=[\"'])|{_HEAD}[A-Za-z0-9+/=%_-]*", re.IGNORECASE)
_DRAWING = re.compile(rf"{_HEAD}\s{{0,9}}<(?:svg|\?xml|!doctype)\b", re.IGNORECASE)
_DRAWING_END = re.compile(r"</svg\s{0,9}>", re.IGNORECASE)
_CLOSED = re.compile(r"[)\n]|\Z")
_LOCAL = re.compile(
    r"!\[([^\[\]\n]{0,500})\]\(\s{0,9}<?(?![\w+.-]{2,20}:|//|#)[^\s()<>][^()<>\n]{0,500}>?\s{0,9}\)"
    r"|<img\b[^<>]{0,1000}?\bsrc\s{0,9}=\s{0,9}[\"']?\s{0,9}(?![\w+.-]{2,20}:|//|[\s\"'#>])[^<>]{1,1000}>",
    re.IGNORECASE,
)
"""A picture that is a file beside the notebook, or on its owner's machine."""
_BASE64 = re.compile(r";base64,", re.IGNORECASE)
_NO_ALT = re.compile(r"[^\w .,:;+-]")
_BUNDLE = Mapping[str, Mapping[str, str]]


def lift_data_uris(source: str, attachments: dict[str, dict[str, str]]) -> str:
    """``source`` with an attachment in the place of every picture that stands in the text itself."""
    if "data:" not in source and "DATA:" not in source:
        return source
    source = _lift_drawings(source, attachments)

    def lift(found: re.Match[str]) -> str:
        head, comma, content = found[0].partition(",")
        name = f"{INLINE} {len(attachments) + 1}"
        attachments[name] = {"image": unquote(content) if _BASE64.search(head + comma) else ""}
        return f"attachment:{quote(name)}"

    return _DATA.sub(lift, source)


def _lift_drawings(source: str, attachments: dict[str, dict[str, str]]) -> str:
    """The same for drawings (SVG) that stand in a data URI as they are, with all that is in them.

    One that does not end is cut at the next round bracket or the end of its line.
    """
    parts, at, ends = [], 0, True
    for found in _DRAWING.finditer(source):
        if found.start() < at:
            continue
        end = _DRAWING_END.search(source, found.end()) if ends else None
        ends = end is not None
        stop = end.end() if end else _CLOSED.search(source, found.end()).start()  # type: ignore[union-attr]
        name = f"{INLINE} {len(attachments) + 1}"
        attachments[name] = {"image": ""}
        parts += [source[at : found.start()], f"attachment:{quote(name)}"]
        at = stop
    return "".join((*parts, source[at:]))


def bundles(attachments: object) -> dict[str, dict[str, str]]:
    """What a cell calls its attachments, as far as it has the form of some."""
    if not isinstance(attachments, dict):
        return {}
    found = {}
    for name, bundle in attachments.items():
        if isinstance(bundle, dict):
            texts = {kind: "".join(text) if _are_texts(text) else text for kind, text in bundle.items()}
            found[name] = {kind: text for kind, text in texts.items() if isinstance(text, str)}
    return found


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(part, str) for part in value)


class Album:
    """The pictures of one submission."""

    def __init__(self) -> None:
        self._bytes = self._references = self._count = 0
        self._lost: dict[str, dict[str, int]] = {}
        self._notes: list[str] = []

    @property
    def problems(self) -> tuple[str, ...]:
        """What was not kept or not where it was, in our own words."""
        return (*self._notes, *self._of_the_lost())

    def note(self, words: str) -> None:
        """Something else to be said."""
        self._notes.append(words)

    def _of_the_lost(self) -> tuple[str, ...]:
        return tuple(
            f"{cell}: pictures were not kept ({', '.join(f'{count} {why}' for why, count in reasons.items())}); "
            "the file as it was handed in has them"
            for cell, reasons in self._lost.items()
        )

    def take(
        self, cell: str, source: str, attachments: _BUNDLE, *, keep: bool
    ) -> tuple[str, dict[str, dict[str, str]]]:
        """A Markdown cell's text with our references or marks in it, and the pictures that are kept."""
        if keep:
            source, local = _LOCAL.subn(
                lambda found: f"{found[1] or ''} *[picture not kept: in a file of its own]*".lstrip(), source
            )
            if local:
                self.note(f"{cell}: {local} picture(s) in files of their own, which the notebook does not hold")
        if "attachment:" not in source and not (keep and attachments):
            return source, {}
        page = _Page(self, cell, attachments, keep=keep)
        return page.written(source), page.kept

    def lose(self, cell: str, why: str) -> str:
        """Note that a picture was not kept; the mark that stands for it."""
        reasons = self._lost.setdefault(cell, {})
        reasons[why] = reasons.get(why, 0) + 1
        return f"*[picture not kept: {why}]*"

    def admit(self, cell: str, bundle: Mapping[str, str] | None, *, keep: bool) -> tuple[str, str, str] | str:
        """(name, type, base64) of a picture that is kept, or the mark of one that is not."""
        self._references += 1
        if not keep:
            return self.lose(cell, "in a cell that is no written answer")
        if bundle is None:
            return self.lose(cell, "missing in the file")
        if self._references > MOST:
            return self.lose(cell, f"after the first {MOST}")
        reason = "of another kind than PNG, JPEG and GIF"
        for text in bundle.values():
            if len(text) > CHARACTERS:
                reason = f"larger than {BYTES // 1_000_000} MB"
                continue
            found = _picture(text)
            if found is None:
                continue
            kind, ending, size, clean = found
            if size > BYTES:
                reason = f"larger than {BYTES // 1_000_000} MB"
            elif self._bytes + size > BYTES_IN_ALL:
                reason = f"beyond {BYTES_IN_ALL // 1_000_000} MB in all"
            else:
                self._bytes += size
                self._count += 1
                return f"picture-{self._count}.{ending}", kind, clean
        return self.lose(cell, reason)


class _Page:
    """One cell: each of its pictures is looked at once, however often it is referred to."""

    def __init__(self, album: Album, cell: str, attachments: _BUNDLE, *, keep: bool) -> None:
        self._album, self._cell, self._attachments, self._keep = album, cell, attachments, keep
        self._known: dict[str, str] = {}
        self._marks: dict[str, str] = {}
        self._labels: dict[str, str] = {}
        self._said: list[str] = []
        self.kept: dict[str, dict[str, str]] = {}

    def written(self, source: str) -> str:
        """The cell's text."""
        names = sorted({spelt for name in self._attachments for spelt in (name, quote(name), _like_editors(name))})
        known = "|".join(re.escape(name) for name in sorted(names[:1000], key=len, reverse=True) if name)
        uri = rf"attachment:(?:{known + '|' if known else ''}[^\s()<>\"'\]]+)"
        title = r"""(?:\s{1,9}(?:"[^"\n]{0,500}"|'[^'\n]{0,500}'))?"""
        source = re.sub(rf"(?m)^ {{0,3}}\[([^\[\]\n]{{1,200}})\]:[ \t]*<?({uri})>?{title}[ \t]*$", self._label, source)
        source = re.sub(
            rf"<img\b([^<>]{{0,1000}}?)\bsrc\s{{0,9}}=\s{{0,9}}[\"']?\s{{0,9}}({uri})([^<>]{{0,1000}})>",
            lambda m: self._shown(_alt(m[1] + m[3]), m[2]), source, flags=re.IGNORECASE,
        )  # fmt: skip
        source = re.sub(
            rf"!?\[([^\[\]\n]{{0,500}})\]\(\s{{0,9}}<?({uri})>?{title}\s{{0,9}}\)",
            lambda m: self._shown(m[1], m[2]), source,
        )  # fmt: skip
        if self._labels:
            source = re.sub(r"!\[([^\[\]\n]{0,500})\](?:\[([^\[\]\n]{0,200})\])?(?!\()", self._labelled, source)
        source = re.sub(uri, lambda m: self._shown("", m[0]), source)
        unused = [name for name in self._attachments if name not in self._known and name not in self._marks]
        if self._keep and unused:
            self._album.note(f"{self._cell}: pictures that its text does not show stand below it")
            shown = [self._shown(name, f"attachment:{name}") for name in unused]
            source = "\n\n".join((source.rstrip(), "*[attached, and not shown in the text]*", *shown)).lstrip()
        return re.sub(r"\0(\d+)\0", lambda m: self._said[int(m[1])], source)

    def _label(self, found: re.Match[str]) -> str:
        self._labels[found[1].strip().casefold()] = found[2]
        return ""

    def _labelled(self, found: re.Match[str]) -> str:
        uri = self._labels.get((found[2] or found[1]).strip().casefold())
        return found[0] if uri is None else self._shown(found[1], uri)

    def _shown(self, alt: str, uri: str) -> str:
        name = uri.removeprefix("attachment:")
        name = next((one for one in (name, unquote(name)) if one in self._attachments), name)
        if name not in self._known and name not in self._marks:
            admitted = self._album.admit(self._cell, self._attachments.get(name), keep=self._keep)
            if isinstance(admitted, str):
                self._marks[name] = admitted
            else:
                self._known[name] = admitted[0]
                self.kept[admitted[0]] = {admitted[1]: admitted[2]}
        seen = name in self._known
        self._said.append(f"![{_NO_ALT.sub(' ', alt)}](attachment:{self._known[name]})" if seen else self._marks[name])
        return f"\0{len(self._said) - 1}\0"  # no text has null characters: it is not looked at again


def _like_editors(name: str) -> str:
    """As JavaScript's `encodeURI` spells it, which is what JupyterLab writes."""
    return quote(name, safe=";,/?:@&=+$-_.!~*'()#")


def _alt(attributes: str) -> str:
    found = re.search(r"\balt\s{0,9}=\s{0,9}(?:\"([^\"]*)\"|'([^']*)')", attributes, re.IGNORECASE)
    return (found[1] or found[2] or "") if found else ""


def _picture(text: str) -> tuple[str, str, int, str] | None:
    """(type, ending, bytes, base64) of what is a picture by its first bytes, None for anything else."""
    clean = "".join(text.split()).replace("-", "+").replace("_", "/").rstrip("=")
    clean += "=" * (-len(clean) % 4)
    try:
        content = base64.b64decode(clean, validate=True)
    except (binascii.Error, ValueError):
        return None
    for signature, kind, ending in SIGNATURES:
        if content.startswith(signature):
            return kind, ending, len(content), clean
    return None
