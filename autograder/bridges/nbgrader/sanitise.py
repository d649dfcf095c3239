"""HTML for feedback and formgrader in which a student's Markdown can't run scripts, load files or imitate the page.

nbgrader's templates insert rendered Markdown and comments as they are, in the origin of the instructor's Jupyter
server. These two filters replace nbconvert's: its own `clean_html` does nothing there, and would show `<p>` as text;
its `markdown2html` raises for a reference to a picture that is not there.
"""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Mapping
from functools import cache
from html import escape
from typing import Any

import bleach  # type: ignore[import-untyped]
from jinja2 import pass_context
from nbconvert.filters.markdown_mistune import markdown2html_mistune

from autograder.grading.pictures import OURS, SIGNATURES

NOT_THERE = "[picture not kept]"
_ATTACHMENT = re.compile(r"!\[[^\[\]\n]*\]\(attachment:[^)\n]*\)")
_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}")

TAGS = frozenset(
    {
        "a", "abbr", "b", "blockquote", "br", "code", "dd", "del", "div", "dl", "dt", "em", "h1", "h2", "h3", "h4",
        "h5", "h6", "hr", "i", "kbd", "li", "ol", "p", "pre", "s", "span", "strong", "sub", "sup", "table", "tbody",
        "td", "th", "thead", "tr", "ul",
    }
)  # fmt: skip
"""No images but those of `rendered` (others could report who reads), forms, styles, media or scripts."""

ATTRIBUTES = {"a": ["href", "title"], "abbr": ["title"], "ol": ["start"], "div": ["class"], "span": ["class"]}
"""Classes are those of the highlighter, see `_attribute`; ids could collide with the formgrader's own."""

PROTOCOLS = frozenset({"http", "https", "mailto"})


def clean(html: object) -> str:
    """``html`` with the allowed tags and attributes; everything else is shown as text."""
    text = html.decode("utf-8", "replace") if isinstance(html, bytes) else str(html)
    return str(_cleaner().clean(text))


@pass_context
def markdown_to_html(context: Mapping[str, Any], source: str) -> str:
    """Markdown as clean HTML, with the pictures that its cell has. What can't be rendered is shown as it is.

    Formulas stay as they are, for MathJax (which runs with its Safe extension).
    """
    cell = context.get("cell") or {}
    return rendered(source, cell.get("attachments") or {})


def rendered(source: str, attachments: Mapping[str, Mapping[str, str]]) -> str:
    """Markdown as clean HTML; a picture is one that intake has kept, and whose first bytes say so still.

    The cleaner sees a word in the place of each picture: it lets no picture through, and need not read megabytes.
    """
    pictures: list[str] = []

    def lift(found: re.Match[str]) -> str:
        shown = _as_image(found[1], attachments.get(found[2], {}))
        if shown is None:
            return NOT_THERE
        pictures.append(shown)
        return f"{key}n{len(pictures) - 1}n"

    key = "picture" + secrets.token_hex(8)
    try:
        text = _ATTACHMENT.sub(NOT_THERE, OURS.sub(lift, source))
        html = clean(markdown2html_mistune(text))
    except Exception:  # a renderer's own errors and too deep a nesting: the words count
        return f"<pre>{escape(source)}</pre>"
    return re.sub(rf"{key}n(\d+)n", lambda found: pictures[int(found[1])], html)


def _as_image(alt: str, bundle: Mapping[str, str]) -> str | None:
    for kind, content in bundle.items():
        if (kind, True) in ((known, _begins(content, signature)) for signature, known, _ in SIGNATURES):
            return f'<img src="data:{kind};base64,{content}" alt="{escape(alt, quote=True)}">'
    return None


def _begins(content: str, signature: bytes) -> bool:
    try:
        return base64.b64decode(content[:16]).startswith(signature) and _BASE64.fullmatch(content) is not None
    except ValueError:
        return False


@cache
def _cleaner() -> bleach.Cleaner:
    return bleach.Cleaner(tags=TAGS, attributes=_attribute, protocols=PROTOCOLS, strip=False, strip_comments=True)


def _attribute(tag: str, name: str, value: str) -> bool:
    if name == "class":
        return tag in ("div", "span", "pre") and all(_of_highlighter(word) for word in value.split())
    return name in ATTRIBUTES.get(tag, ())


def _of_highlighter(word: str) -> bool:
    """Pygments' classes: ``highlight``, ``hl-ipython3`` and tokens of one to three characters, such as ``kn``."""
    return word == "highlight" or word.startswith("hl-") or len(word) <= 3
