"""Made-up accounts of graded submissions, without a box: one exercise of each kind, and everything hostile."""

from __future__ import annotations

from types import SimpleNamespace

from autograder.bridges.ci.results import Result, from_graded, from_rejected, not_graded
from autograder.grading.intake import Rejected
from autograder.judging.verdict import CheckResult, Hint, Status, Verdict
from autograder.kit.declare import Answer, Predict
from tests.reports.made_up import wrong

ASSIGNMENT = "ps2-rules"
HOSTILE = (
    "::error::owned\n::set-output name=a::b\r\n##[add-mask]x\n::stop-commands::t\n"
    "\x1b[31m\x00\x07\x9b\u202eevil\u2066\ud800\ufffe\ufffflast\n"
    "```\n</pre></code></summary><script>alert(1)</script><img src=x onerror=alert(1)>\n````\n"
    "]]> &amp; <!-- --> % %0A::error::x @octocat #1 [link](javascript:alert(1)) http://evil.example www.evil.example\n"
    "# heading\n- list\n1. one\n=====\n| a | b |\n{{ 7*7 }} $x$ ![](x) ~~x~~ ${{ secrets.KEY }}"
)
PREDICT = Predict(
    name="predict",
    statement="",
    answers={name: Answer(str, ("zero", "right")) for name in ("first", "second")},
)
CHECKS = (CheckResult("values", 0.7, True), CheckResult("edges", 0.3, False, "ties", "ties"))
VERDICTS = {
    "right": Verdict("right", Status.PASSED, (CheckResult("values", 1.0, True),)),
    "partial": wrong("partial", status=Status.PARTIAL, checks=CHECKS, cell="own-1", line=2),
    "failed": wrong(
        "failed", student_text="ValueError: no", cell="failed", line=2, hint=Hint("no-sum", "Which?", "bank")
    ),
    "skipped": Verdict("skipped", Status.NOT_ATTEMPTED, message="nothing was handed in here"),
    "practice": Verdict("practice", Status.NOT_ATTEMPTED),
    "crashed": Verdict("crashed", Status.CRASHED, message="the code ended its own process"),
    "predict": Verdict(
        "predict",
        Status.PARTIAL,
        (CheckResult("first", 0.5, True, "", "first"), CheckResult("second", 0.5, False, "not right", "second")),
        rung="value",
        message="second: not right",
        hint=Hint("second-is-zero", "Is the second one zero?", "bank"),
    ),
    "extra": Verdict("extra", Status.PASSED),
}
POINTS = {"right": 3.0, "partial": 4.0, "failed": 5.0, "skipped": 2.0, "practice": 0.0, "crashed": 1.0, "predict": 3.0,
          "extra": 0.0}  # fmt: skip
EARNED, TOTAL = 3.0 + 0.7 * 4 + 0.5 * 3 + 2.5, 18.0
RELEASE = SimpleNamespace(exercises=POINTS, essays={"essay-why": 5.0}, bonuses={"extra": 2.5})


def account(verdicts=VERDICTS, *, points=POINTS, problems=(), essay=True, file="a/rules.ipynb", **changes) -> Result:
    """What was graded, as `autograder ci` gets it from the pipeline."""
    release = SimpleNamespace(exercises=points, essays=RELEASE.essays, bonuses=RELEASE.bonuses)
    public = {name: SimpleNamespace(public=PREDICT if name == "predict" else None) for name in points}
    graded = SimpleNamespace(
        assignment=ASSIGNMENT,
        unit=ASSIGNMENT,
        verdicts=verdicts,
        submission=SimpleNamespace(problems=problems, essays={"essay-why": essay}),
        tier="namespaces",
        fingerprint="cafe0000.0123456789ab",
    )
    plan = SimpleNamespace(release=release, exercises=public)
    given = {"student": "ada", "lines": {"failed": (40, 3), "partial": (20, 5)}, "weak": False, **changes}
    return from_graded(graded, plan, file=file, **given)


def hostile() -> Result:
    """Everything that a submission can put into a verdict is hostile."""
    verdict = wrong("failed", student_text=HOSTILE, printed=HOSTILE, message=HOSTILE, notes=(HOSTILE,), where=HOSTILE)
    return account(
        {**VERDICTS, "failed": verdict},
        problems=(HOSTILE,),
        file="a,b:c%0A::error::/rules.ipynb",
        student="a@github.example",
    )


def internal() -> Result:
    """One exercise that the grader could not decide."""
    return account({**VERDICTS, "failed": Verdict("failed", Status.INTERNAL, message="bwrap: /secret/path")})


def rejected(reason: str = "The file is not JSON.") -> Result:
    """A submission that could not be read."""
    return from_rejected(Rejected("jana", ASSIGNMENT, reason), RELEASE, student="jana", file="b/rules.ipynb")


ALL = {
    "graded": account(),
    "hostile": hostile(),
    "internal": internal(),
    "rejected": rejected(),
    "rejected hostile": rejected(HOSTILE),
    "not graded": not_graded(ASSIGNMENT),
    "nothing known": not_graded(),
}
