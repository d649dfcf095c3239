"""Why a set-up failed, as one paragraph: what the tool said, and what to do next."""

import errno
import re


class SetupError(Exception):
    """The environment can't be made; the message is one paragraph for a person."""


SPACE, FORBIDDEN, HASH, NETWORK, VERSIONS, OTHER = "space", "forbidden", "hash", "network", "versions", "other"

_SIGNS = {
    SPACE: r"No space left on device|Disk quota exceeded|os error (28|122)\b|Errno (28|122)\b",
    FORBIDDEN: r"Permission denied|Read-only file system|os error (13|30)\b|Errno (13|30)\b",
    HASH: r"[Hh]ash mismatch|DO NOT MATCH THE HASHES|Bad CRC|[Ii]nvalid zip|not a zip|corrupt|unexpected end of file",
    VERSIONS: r"No solution found|conflict|ResolutionImpossible|No matching distribution|not find a version",
    NETWORK: r"error sending request|dns error|[Nn]ame resolution|Name or service|[Cc]onnect(ion|Timeout)|timed? ?out|"
    r"[Cc]ertificate|SSLError|ProxyError|Network is unreachable|No route|HTTP status|Failed to (fetch|download)|"
    r"IncompleteRead|client error|server error",
}
"""Which words tell of which sort of failure; the first that fits counts."""

_NEXT = {
    SPACE: "Make room on the disk (an environment takes 1.3 GB, the kept downloads as much) and run it again.",
    FORBIDDEN: "Work in a folder that you may write to, or name another place for the environment, for example: "
    "make grade VENV=/path/to/it",
    HASH: "What came is not what the lock names: an index, a proxy or a damaged cache has changed it, and it was not "
    "installed. Empty the caches (`uv cache clean`, `pip cache purge`) and run it again; if it stays so, do not trust "
    "the index that `pip config list` names.",
    VERSIONS: "The index that pip is configured for lacks what the lock names, or a constraint of pip's forbids it: "
    "`pip config list` shows both.",
    NETWORK: "Check the connection, and what `pip config list` says about index, proxy and certificate, which are used "
    "here too. Then run it again: what was downloaded is kept.",
    OTHER: "Run it again; if it stays so, see whether `pip config list` names what is not there.",
}
_LONGEST = 1000
_NOISE = re.compile(
    r"WARNING|warning|DEPRECATION|\[notice\]|Looking in|Using |Resolved |Prepared |Download|Collecting |"
    r"Traceback|File \"|[~^]"
)


def kind(text):
    """Which sort of failure a tool's words tell of."""
    return next((name for name, sign in _SIGNS.items() if re.search(sign, text)), OTHER)


def worth_another_try(text):
    """Whether the same step may succeed a second time."""
    return kind(text) not in (SPACE, FORBIDDEN)


def paragraph(what, text, tries=1):
    """``what`` could not be done, by what a tool printed."""
    again = f" It was tried {tries} times." if tries > 1 else ""
    return f"{what} failed: {_plain(text).rstrip('.')}.{again} {_NEXT[kind(text)]}"


def of_the_system(what, error):
    """The paragraph for an error of the operating system's."""
    sorts = {errno.ENOSPC: SPACE, errno.EDQUOT: SPACE}
    sorts |= dict.fromkeys((errno.EACCES, errno.EROFS, errno.EPERM), FORBIDDEN)
    where = f" ({error.filename})" if error.filename else ""
    return f"{what} failed: {error.strerror or error}{where}. {_NEXT[sorts.get(error.errno, OTHER)]}"


def _plain(text):
    """A tool's words on one line: no colours, frames, progress, notices or traceback."""
    lines = []
    for line in re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text).splitlines():
        line = re.sub(r"[\s│├╰─▶×]+", " ", line).strip()
        if not line or _NOISE.match(line):
            continue
        lines.append(re.sub(r"^(ERROR|error): ?", "", line))
    said = " ".join(dict.fromkeys(lines)) or "it ended without a word"
    said = re.sub(r"(\w+://)[^/\s@]+@", r"\1", said)  # an index may be named with a password
    return said if len(said) <= _LONGEST else f"{said[: _LONGEST // 2]} ... {said[-_LONGEST // 2 :]}"
