"""What to say of an error that comes of other versions than the student's: newer Python, another NumPy."""

from __future__ import annotations

import re
import sys

_F_STRING = r"\b(?:[fF][rR]?|[rR][fF])['\"]"
_OLD_F_STRING = r"f-string|line continuation"
"""What Pythons say to whom f-strings were plain strings first."""

NEWER = (
    ((3, 12), "quotes, backslashes or comments in the braces of an f-string", _F_STRING, _OLD_F_STRING),
    ((3, 12), "an f-string whose braces go over several lines", _F_STRING + r"[^'\"]*\{[^}'\"]*$", "unterminated"),
    ((3, 12), "a `type` statement", r"^\s*type\s+\w+\s*(?:\[.*\]\s*)?=", ""),
    ((3, 12), "type parameters in brackets after a name", r"^\s*(?:(?:async\s+)?def|class)\s+\w+\s*\[", ""),
    ((3, 13), "defaults of type parameters", r"^\s*(?:(?:async\s+)?def|class|type)\s+\w+\s*\[[^\]]*=", ""),
    ((3, 14), "t-strings", r"\b(?:[tT][rR]?|[rR][tT])['\"]", ""),
    ((3, 14), "`except` with several types and no parentheses", r"^\s*except\*?\s+\w[\w.]*\s*,", ""),
    ((3, 15), "a `lazy` import", r"^\s*lazy\s+(?:import|from)\b", ""),
)
"""Since which Python, what it is, what its line looks like, and what older Pythons say of it, where that tells."""

LONGEST_LINE = 2_000


def newer_than_here(error: BaseException) -> str:
    """A sentence to put behind the message of an error, empty where nothing speaks for other versions."""
    here = sys.version_info[:2]
    if isinstance(error, SyntaxError):
        line = (error.text or "")[:LONGEST_LINE]
        for since, what, looks, said in NEWER:
            if since > here and re.search(looks, line) and re.search(said, str(error.msg)):
                return (
                    f". Is it {what}? That is Python {since[0]}.{since[1]} or newer, and Python {here[0]}.{here[1]} "
                    "grades: write it in the older way"
                )
    if isinstance(error, AttributeError) and re.match(r"module 'numpy[\w.]*' has no attribute", str(error)):
        return f". NumPy {sys.modules['numpy'].__version__} grades, with Python {here[0]}.{here[1]}"
    return ""
