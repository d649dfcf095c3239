"""The budget of one submission: all its boxes together may use so much, and are run only while some of it is left."""

from __future__ import annotations

import time
from dataclasses import replace

from autograder.boundary.job import Box, Job, Left, Outcome
from autograder.boundary.limits import Allowance


class Budgeted:
    """A box for the jobs of one submission, within an allowance; it begins now.

    ``box`` is the same one without a budget: for what is not the submission's. It is not closed here.
    """

    def __init__(self, box: Box, allowance: Allowance) -> None:
        self.box = box
        self.waited = False
        """Whether some box of the submission's was given up for the time on the clock."""
        self._left = Left(time.monotonic() + allowance.wall, allowance.cpu, allowance.waiting, allowance.waits)

    @property
    def lasts(self) -> bool:
        """Whether there is anything left of all of it."""
        left = self._left
        return left.cpu > 0 and left.waiting > 0 and left.until > time.monotonic()

    def run(self, job: Job) -> Outcome:
        """Run the job with what is left; where nothing is, it is not run."""
        if not self.lasts:
            self.waited = self.waited or self._left.cpu > 0
            return Outcome(ended="spent", detail="the submission had used up its time")
        outcome = self.box.run(replace(job, left=self._left))
        self._left = self._left.after(outcome)
        loaded = {report.cell: report for report in outcome.load}
        for cell in outcome.left_out:
            if cell in loaded and (raised := loaded[cell].raised) is not None:
                self._left = self._left.without(cell, raised.message.removeprefix("this cell was left out: "))
        self.waited = self.waited or outcome.waited
        return outcome

    def close(self) -> None:
        """Leave the box alone: it serves others."""
