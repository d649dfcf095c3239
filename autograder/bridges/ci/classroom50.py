"""Classroom 50's result.json: https://github.com/foundation50/classroom50/wiki/Advanced-Autograding

Its collector takes whole numbers only, and no score above its maximum, so a point is a hundred here. A bonus exercise
adds what it earned to score and maximum. There is no way to say "not graded" in the file: where nothing is decided
there must be no file, and an exit code other than 0 says that the infrastructure failed.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from autograder.bridges.ci.results import Item, Result
from autograder.errors import UsageError
from autograder.judging.verdict import Status

Json = dict[str, Any]

SCHEMA = "classroom50/result/v1"
POINT = 100
NEEDED = ("CLASSROOM", "ASSIGNMENT", "SUBMISSION_TAG", "COMMIT_URL", "RELEASE_URL")


def identity(environment: Mapping[str, str]) -> Mapping[str, str]:
    """Whose result it is, as the runner says. Raises UsageError where it does not."""
    missing = [name for name in NEEDED if not environment.get(name)]
    owner = environment.get("OWNER") or environment.get("USERNAME") or ""
    if missing or not owner:
        raise UsageError(
            f"Classroom 50 has not said {', '.join([*missing, *([] if owner else ['OWNER'])])}",
            expected="these variables in the environment",
            next_step="Run the command from the classroom's autograder.py",
        )
    return {
        "classroom": environment["CLASSROOM"],
        "assignment": environment["ASSIGNMENT"],
        "assignment_type": environment.get("ASSIGNMENT_TYPE") or "individual",
        "owner": owner,
        "submission": environment["SUBMISSION_TAG"],
        "commit": environment["COMMIT_URL"],
        "release": environment["RELEASE_URL"],
        "review": environment.get("REVIEW_URL") or environment["COMMIT_URL"],
    }


def result_json(result: Result, who: Mapping[str, str], *, now: datetime.datetime | None = None) -> Json | None:
    """The content of result.json; None where there must be no file."""
    if not result.decided:
        return None
    moment = (now or datetime.datetime.now(datetime.UTC)).astimezone(datetime.UTC)
    tests = [_test(item) for item in result.items] or [_whole(result)]
    return {
        "schema": SCHEMA,
        **who,
        "datetime": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
        "score": sum(test["score"] for test in tests),
        "max-score": sum(test["max-score"] for test in tests),
        "tests": tests,
    }


def _test(item: Item) -> Json:
    earned = round(POINT * (item.earned or 0.0))
    return {
        "test-name": item.exercise,
        "passed": item.status is Status.PASSED,
        "score": earned,
        "max-score": earned if item.bonus else round(POINT * item.points),
        "message": "\n".join((item.word, *item.said)),
        "points": item.points,
        "earned": item.earned,
    }


def _whole(result: Result) -> Json:
    """One test that stands for a submission that could not be read."""
    return {
        "test-name": "notebook",
        "passed": False,
        "score": 0,
        "max-score": round(POINT * result.points),
        "message": result.reason,
        "points": result.points,
        "earned": 0.0,
    }
