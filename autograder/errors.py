"""What can go wrong on the trusted side, outside the engine.

AutograderError
├── UsageError        the command line or the course's folders ask for something that can't be done
│   └── NotOneNotebookError  an assignment's folder holds no notebook, or several (a LookupError, too)
├── ReleaseError      a released notebook does not follow the conventions that grading relies on
├── StorageError      the disk is full, or a file or the gradebook can't be written
│   └── DamagedError  the gradebook's file is no whole database
└── SubmissionError   one submission can't be read; intake turns it into `Rejected`, so it never ends a run
    └── MachineError  this machine could not read it: that is our fault, and says nothing of the submission

A message is one paragraph: what was wrong, what was expected and what was there, and what to do next.
"""

from __future__ import annotations

from pathlib import Path


class AutograderError(Exception):
    """Root of everything that the trusted side raises on purpose.

    ``wrong`` says what was wrong, ``expected`` and ``got`` the two that differ (either may be empty), ``next_step``
    what to do about it. All are our own words: no text of a student's gets in.
    """

    def __init__(self, wrong: str, expected: str = "", got: str = "", next_step: str = "") -> None:
        super().__init__(wrong, expected, got, next_step)  # all of them, so that it survives pickling
        self.wrong = wrong
        self.expected = expected
        self.got = got
        self.next_step = next_step

    def __str__(self) -> str:
        pair = " and ".join(f"{verb} {what}" for verb, what in (("expected", self.expected), ("got", self.got)) if what)
        sentences = (self.wrong, pair[:1].upper() + pair[1:], self.next_step)
        return " ".join(sentence.rstrip(".") + "." for sentence in sentences if sentence)


class UsageError(AutograderError):
    """The command line or the course's folders ask for something that can't be done. Exit code 2."""


class NotOneNotebookError(UsageError, LookupError):
    """The folder of an assignment, in solutions/ or assignments/, does not hold exactly one notebook."""


class ReleaseError(AutograderError):
    """The notebook at ``path`` was not released by the conventions; ``cell`` is the id concerned, or empty."""

    def __init__(
        self, wrong: str, expected: str = "", got: str = "", next_step: str = "", *, path: Path, cell: str = ""
    ) -> None:
        super().__init__(wrong, expected, got, next_step)
        self.path = path
        self.cell = cell

    def __str__(self) -> str:
        where = f"{self.path}, cell '{self.cell}'" if self.cell else str(self.path)
        return f"{where}: {super().__str__()}"

    def __reduce__(self) -> tuple[object, ...]:
        return _release_error, (*self.args, self.path, self.cell)


class StorageError(AutograderError):
    """A file or the gradebook can't be written. What was recorded before stays, and the next run goes on from there."""


class DamagedError(StorageError):
    """What is in the gradebook's place is no database, or not a whole one."""


class SubmissionError(AutograderError):
    """One submission can't be read. ``digest`` is that of its bytes, where they could be read."""

    digest: str = ""


class MachineError(SubmissionError):
    """This machine could not read a submission (permissions, descriptors, the disk), which decides nothing about it."""


def _release_error(wrong: str, expected: str, got: str, next_step: str, path: Path, cell: str) -> ReleaseError:
    return ReleaseError(wrong, expected, got, next_step, path=path, cell=cell)
