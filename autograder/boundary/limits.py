"""What one box may use: every limit is a number here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB


OUTSIDE_FACTOR = 1.5


@dataclass(frozen=True)
class Limits:
    """The limits of one box. Times are seconds, sizes are bytes; `*_cpu` are CPU seconds and decide verdicts.

    A cell or a call that uses up its own budget is interrupted politely, and the box goes on; what does not let
    itself be interrupted is killed. Wall-clock deadlines are only for what sleeps: `wall_factor` times the CPU
    budget of the phase, plus `wall_slack`. `glance_wall` is how long an answer may do nothing where it gets another try
    when everything else has been tried.
    """

    memory: int = 1 * GIB
    cell_cpu: float = 10.0
    load_cpu: float = 30.0
    call_cpu: float = 5.0
    task_cpu: float = 20.0
    child_cpu: float = 120.0
    grace_cpu: float = 2.0
    start_wall: float = 60.0
    wall_factor: float = 4.0
    wall_slack: float = 10.0
    glance_wall: float = 4.0
    open_files: int = 64
    file_size: int = 8 * MIB
    tmpfs: int = 16 * MIB
    printed: int = 4 * KIB
    printed_in_all: int = 256 * KIB
    value: int = 64 * MIB
    reply_in_all: int = 256 * MIB

    def wall(self, cpu: float, waits: int = 0) -> float:
        """The wall-clock deadline of a phase whose CPU budget is `cpu`.

        It is shorter for a submission that was waited for in vain before, `waits` times: down to the budget itself.
        """
        least = min(1.0, self.wall_factor)
        return cpu * max(least, self.wall_factor * 0.5**waits) + self.wall_slack

    def outside(self, cpu: float) -> float:
        """CPU seconds by the clock outside after which a phase whose budget is `cpu` has used too much.

        Inside, a timer and the kernel stop it long before, unless it has switched them off.
        """
        return cpu * OUTSIDE_FACTOR + self.grace_cpu


NUMPY = Limits()
TORCH = Limits(memory=3 * GIB, call_cpu=10.0, task_cpu=30.0, child_cpu=240.0)


@dataclass(frozen=True)
class Allowance:
    """What all boxes of one submission may use together, in seconds.

    ``cpu`` decides at once. ``wall`` and ``waiting`` depend on what else the machine does: whoever runs out of them
    while others are graded beside it is graded once more, alone. ``waiting`` is time in which the submission neither
    answered nor computed. ``waits`` is how often it counts as waited for before it begins.
    """

    wall: float = 600.0
    cpu: float = 240.0
    waiting: float = 240.0
    waits: int = 0


SUBMISSION = Allowance()
CI = Allowance(wall=300.0, waiting=120.0)
"""Services end a check after ten minutes, some of them without keeping what was written: this is well before."""
AGAIN = Allowance(wall=300.0, waiting=60.0, waits=2)
"""For a submission that is graded once more, alone."""

LONGEST_CALL = max(NUMPY.child_cpu, TORCH.child_cpu)
"""CPU seconds: no call can have used more, whatever the box says of it."""

MESSAGE_CHARACTERS = 600
TYPE_NAME_CHARACTERS = 80
NAME_CHARACTERS = 40
REBOUND = 8
"""How many names bound again below an answer's check are reported."""


def for_job(torch: bool) -> Limits:
    """The limits of a job, by whether PyTorch is allowed in it."""
    return TORCH if torch else NUMPY
