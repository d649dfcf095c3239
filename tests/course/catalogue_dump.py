"""All that a course declares, as one table that can be compared: before and after its files were written differently.

    python -m tests.course.catalogue_dump > before.json

Values are given as digests: of the drawn inputs, of the right answers, and of what each known mistake answers.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

SEED = b"the same draws"


def digest_of(value: Any) -> str:
    """Sixteen digits that change with a bit of an array, its type, its shape or its layout."""
    total = hashlib.sha256()
    _feed(total.update, value)
    return total.hexdigest()[:16]


def _feed(feed: Callable[[bytes], None], value: Any) -> None:
    if isinstance(value, np.ndarray):
        feed(f"array {value.dtype} {value.shape} {value.strides}".encode())
        if value.dtype == object:
            _feed(feed, value.tolist())
        else:
            feed(np.ascontiguousarray(value).tobytes())
    elif isinstance(value, Mapping):
        feed(b"{")
        for key, part in value.items():
            _feed(feed, key)
            _feed(feed, part)
    elif isinstance(value, (list, tuple)):
        feed(type(value).__name__.encode())
        for part in value:
            _feed(feed, part)
    elif hasattr(value, "params") and hasattr(value, "name"):
        _feed(feed, [value.name, value.params])
    elif type(value).__module__.partition(".")[0] == "torch":
        _feed(feed, value.detach().numpy())
    elif isinstance(value, (int, float, complex, str, bytes, bool, type(None), np.generic)):
        feed(f"{type(value).__name__} {value!r}".encode())
    else:
        feed(type(value).__name__.encode())
        _feed(feed, {name: part for name, part in sorted(vars(value).items()) if not name.startswith("_")})


def dump(exercise: Any) -> dict[str, Any]:
    """One exercise as a row of the table."""
    public = exercise.public
    expected = exercise.expect(seed=SEED)
    kept = expected.kept
    row: dict[str, Any] = {
        "kind": type(public).__name__,
        "statement": public.statement,
        "checks": dict(exercise.checks),
        "tolerance": [exercise.rtol, exercise.floor, exercise.unit],
        "cases": {
            case.label: [case.check, digest_of(case.instance and [case.instance.args, case.instance.kwargs])]
            for case in expected.cases
        },
        "answers": {case.label: digest_of([case.arrays, case.scale]) for case in expected.cases},
        "right": {name: repr(value) for name, value in exercise.answers.items()},
        "public": [case.name for case in getattr(public, "cases", ())],
        "mistakes": {},
    }
    for mistake in exercise.mistakes:
        answers = [mistake.answer_to(case, exercise) for case in kept.cases]
        got = [[a.case, a.status, a.value, a.raised and [a.raised.type], a.changed] for a in answers]
        row["mistakes"][mistake.name] = [mistake.hint, mistake.source, digest_of(got)]
    return row


def main() -> None:
    """Print the table of this course."""
    from tests.this_course import CATALOGUE

    table = {
        assignment: {exercise.name: dump(exercise) for exercise in exercises}
        for assignment, exercises in CATALOGUE.items()
    }
    json.dump(table, sys.stdout, indent=1)


if __name__ == "__main__":
    main()
