"""What one box may use: every limit is a number here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB


@dataclass(frozen=True)
class Limits:
    """The limits of one box. Times are seconds, sizes are bytes; `*_cpu` are CPU seconds and decide verdicts.

    A cell or a call that uses up its own budget is interrupted politely, and the box goes on; what does not let
    itself be interrupted is killed. Wall-clock deadlines are only for what sleeps: `wall_factor` times the CPU
    budget of the phase, plus `wall_slack`.
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
    open_files: int = 64
    file_size: int = 8 * MIB
    tmpfs: int = 16 * MIB
    printed: int = 4 * KIB
    printed_in_all: int = 256 * KIB
    value: int = 64 * MIB
    reply_in_all: int = 256 * MIB

    def wall(self, cpu: float) -> float:
        """The wall-clock deadline of a phase whose CPU budget is `cpu`."""
        return cpu * self.wall_factor + self.wall_slack


NUMPY = Limits()
TORCH = Limits(memory=3 * GIB, call_cpu=10.0, task_cpu=30.0, child_cpu=240.0)

MESSAGE_CHARACTERS = 600
TYPE_NAME_CHARACTERS = 80
NAME_CHARACTERS = 40
REBOUND = 8
"""How many names bound again below an answer's check are reported."""


def for_job(torch: bool) -> Limits:
    """The limits of a job, by whether PyTorch is allowed in it."""
    return TORCH if torch else NUMPY
