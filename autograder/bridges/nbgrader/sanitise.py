"""HTML for feedback and formgrader in which a student's Markdown can't run scripts, load files or imitate the page.

nbgrader's templates insert rendered Markdown and comments as they are, in the origin of the instructor's Jupyter
server. These two filters replace nbconvert's: its own `clean_html` does nothing there, and would show `<p>` as text.
"""

from __future__ import annotations

from functools import cache

import bleach  # type: ignore[import-untyped]
from nbconvert.filters.markdown_mistune import markdown2html_mistune

TAGS = frozenset(
    {
        "a", "abbr", "b", "blockquote", "br", "code", "dd", "del", "div", "dl", "dt", "em", "h1", "h2", "h3", "h4",
        "h5", "h6", "hr", "i", "kbd", "li", "ol", "p", "pre", "s", "span", "strong", "sub", "sup", "table", "tbody",
        "td", "th", "thead", "tr", "ul",
    }
)  # fmt: skip
"""No images (they could report who reads), forms, styles, media or scripts."""

ATTRIBUTES = {"a": ["href", "title"], "abbr": ["title"], "ol": ["start"], "div": ["class"], "span": ["class"]}
"""Classes are those of the highlighter, see `_attribute`; ids could collide with the formgrader's own."""

PROTOCOLS = frozenset({"http", "https", "mailto"})


def clean(html: object) -> str:
    """``html`` with the allowed tags and attributes; everything else is shown as text."""
    text = html.decode("utf-8", "replace") if isinstance(html, bytes) else str(html)
    return str(_cleaner().clean(text))


def markdown_to_html(source: str) -> str:
    """Markdown as clean HTML. Formulas stay as they are, for MathJax (which runs with its Safe extension)."""
    return clean(markdown2html_mistune(source))


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
