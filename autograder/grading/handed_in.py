"""The file that says when a submission was handed in.

`autograder intake` and nbgrader's `collect` write it into ``submitted/``; `collect.read_timestamp` reads it. A copy
goes beside the autograded notebook, because nbgrader compares the two to see what was handed in anew.
"""

from __future__ import annotations

from datetime import UTC, datetime

TIMESTAMP = "timestamp.txt"


def stamp(moment: datetime) -> bytes:
    """The content of the file, as nbgrader writes it; a moment without a zone is in UTC."""
    utc = moment if moment.tzinfo is None else moment.astimezone(UTC)
    return f"{utc:%Y-%m-%d %H:%M:%S.%f} UTC\n".encode()
