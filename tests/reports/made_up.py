"""Made-up results: a page with everything hostile on it, and a class of any size without a box."""

from __future__ import annotations

import json
import random
from types import SimpleNamespace

import numpy as np

from autograder.boundary.job import CellReport, Raised
from autograder.grading.annotate import score
from autograder.grading.release import CHECK
from autograder.judging.verdict import CheckResult, Hint, Shown, Status, Verdict
from autograder.kit.ladder import compare
from autograder.reports.class_report import CellMark, Class, Standing
from autograder.reports.feedback import Loading, Page, Section
from autograder.reports.record import Record, read_record, submission_record

HOSTILE = (
    '<script>document.title="owned"</script><img src=x onerror="document.title=\'owned\'">'
    "</pre></style></svg><svg onload=document.title='owned'>"
    "\x1b[31m\x00\u202eevil\u2066 [/foo] {{ 7*7 }} $x^2$ &amp; ]]>"
)
EXERCISES = {f"rule_{number}_backward": float(number % 4 * 2) for number in range(20)}
ESSAYS = {"essay-why": 5.0}
MISTAKES = ("upstream-ignored", "forgot-transpose", "no-unbroadcast")


def wrong(exercise: str = "mul_backward", **changes) -> Verdict:
    """An answer with a value that is wrong on a shown case."""
    got, expected = np.array([[1.0, 2.0], [3.0, 40.0]]), np.array([[1.0, 2.1], [3.0, 4.0]])
    shown = Shown("square", (("grad_output", expected), ("a", got)), compare(got, [expected], ["gradient of a"]))
    given = {
        "checks": (CheckResult("values", 0.7, False, "square", "square"), CheckResult("cost", 0.3, True)),
        "rung": "value",
        "message": "gradient of a: 2 of 4 entries differ",
        "shown": shown,
        **changes,
    }
    return Verdict(exercise, given.pop("status", Status.FAILED), **given)


def page(*verdicts: Verdict, source: str = "def f():\n    return 1", loading=(), **changes) -> Page:
    """A page with these verdicts, each worth four points."""
    sections = [Section(v.exercise, v, score(v, 4.0), 4.0, source) for v in verdicts]
    return Page("ada", "ps2-rules", sections, [("essay-why", 5.0, True)], loading=loading, **changes)


def hostile_page(text: str = HOSTILE) -> Page:
    """A page on which everything that a student's code can write is ``text``."""
    verdict = wrong(
        student_text=text, printed=text, cell=text[:200], line=1, rung="raised", message=text, notes=(text,), where=text
    )
    loading = [Loading(text[:200], 1, text, text, text)] * 30
    return page(verdict, source="\n".join([text] * 300), loading=loading, problems=[text])


def record_of(student: str, verdicts, **changes) -> Record:
    """The record of one submission, through its file's format."""
    submission = SimpleNamespace(
        digest=changes.pop("digest", "d1"), essays={}, problems=(), bonuses=changes.pop("bonuses", {})
    )
    load = (CellReport("own-1", Raised("ValueError", "secret words", "own-1", 3)),)
    result = SimpleNamespace(
        student=student,
        assignment="ps2-rules",
        verdicts={verdict.exercise: verdict for verdict in verdicts},
        submission=submission,
        tier="bwrap",
        fingerprint=changes.pop("seed", "aaaa.bbbb"),
        load=load,
    )
    return _through_json(submission_record(result, EXERCISES) | changes)


def _through_json(record) -> Record:
    class InMemory:
        def read_bytes(self) -> bytes:
            return json.dumps(record).encode()

    found = read_record(InMemory())
    assert found is not None
    return found


def standing(student: str, verdicts, *, manual=(), penalty: float = 0.0) -> Standing:
    """What the gradebook says after these verdicts; ``manual`` maps cells to scores by hand."""
    given = dict(manual)
    cells = [
        CellMark(name + CHECK, EXERCISES[name], given.get(name + CHECK, earned), earned, given.get(name + CHECK))
        for name, earned in ((v.exercise, score(v, EXERCISES[v.exercise])) for v in verdicts)
    ]
    essay = given.get("essay-why")
    cells.append(CellMark("essay-why", 5.0, essay, None, essay, needs_human=essay is None))
    return Standing(student, tuple(cells), penalty, "2026-11-01 10:00:00 UTC")


def a_class(size: int = 200, seed: int = 1, **changes) -> Class:
    """A class with all kinds of results, the same for the same seed."""
    rng = random.Random(seed)
    made = {f"student{number:03d}": _verdicts(rng) for number in range(size)}
    return class_of(made, **changes)


def class_of(made, *, standings=None, records=None, **changes) -> Class:
    """A class from verdicts by student."""
    return Class(
        "ps2-rules",
        EXERCISES,
        ESSAYS,
        {name: name + CHECK for name in EXERCISES},
        standings or [standing(student, verdicts) for student, verdicts in made.items()],
        records or {student: record_of(student, verdicts) for student, verdicts in made.items()},
        {student: f"../../feedback/{student}/ps2-rules/rules.html" for student in made},
        **changes,
    )


def _verdicts(rng: random.Random) -> list[Verdict]:
    return [_verdict(rng, name, place) for place, name in enumerate(EXERCISES)]


def _verdict(rng: random.Random, name: str, place: int) -> Verdict:
    cpu = rng.random() / 10
    checks = (CheckResult("values", 0.6, True), CheckResult("edges", 0.4, True))
    kind = rng.choices(
        [Status.PASSED, Status.PARTIAL, Status.FAILED, Status.CRASHED, Status.NOT_ATTEMPTED],
        [60, 10, 5 + place, 1, 5],
    )[0]
    if kind is Status.NOT_ATTEMPTED:
        return Verdict(name, kind)
    if kind is Status.PASSED:
        return Verdict(name, kind, checks, cpu_seconds=60.0 if rng.random() < 0.002 else cpu)
    hint = Hint(rng.choice(MISTAKES), "a question?", "bank") if rng.random() < 0.7 else None
    failed = tuple(CheckResult(c.name, c.share, c.name == "values" and kind is Status.PARTIAL) for c in checks)
    return Verdict(name, kind, failed, rung="value", message="4 entries differ", hint=hint, cpu_seconds=cpu)
