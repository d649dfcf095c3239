"""``autograder doctor``: which walls stand here, and what to do about the others."""

from __future__ import annotations

from rich.console import Console

from autograder.boundary import doctor, tiers


def run_doctor() -> int:
    """Print a line per wall and what follows. Exit code 0 if real submissions can be graded here, else 1."""
    console = Console(soft_wrap=True, highlight=False)
    for finding in doctor.examine():
        style = "green" if finding.stands else "yellow"
        console.print(f"[{style}]{'stands ' if finding.stands else 'missing'}[/{style}]  {finding.wall:<13}", end="")
        console.print(finding.seen, markup=False)
        if finding.advice:
            console.print(f"         {finding.advice}", markup=False)
    tier = tiers.strongest()
    accepted = tier in tiers.ACCEPTED
    console.print()
    console.print(
        f"Submissions are graded behind the {tier} wall."
        if accepted
        else "Only the example cohort is graded here; real submissions need --allow-weak-isolation.",
        markup=False,
    )
    return 0 if accepted else 1
