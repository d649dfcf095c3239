"""The two small files beside a submission: when it was handed in, and what its student finds the feedback by.

`autograder intake` and `nbgrader collect` write them into ``submitted/``; `collect` reads them. A copy of the time goes
beside the autograded notebook, because nbgrader compares the two to see what was handed in anew. The secret is made by
`nbgrader submit`: feedback is released under a name that only who knows it can work out.
"""

from __future__ import annotations

from datetime import UTC, datetime

TIMESTAMP = "timestamp.txt"
SECRET = "submission_secret.txt"


def stamp(moment: datetime) -> bytes:
    """The content of the file, as nbgrader writes it; a moment without a zone is in UTC."""
    utc = moment if moment.tzinfo is None else moment.astimezone(UTC)
    return f"{utc:%Y-%m-%d %H:%M:%S.%f} UTC\n".encode()
