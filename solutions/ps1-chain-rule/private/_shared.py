"""What the local rules share: positive inputs."""

from __future__ import annotations

from kit.draws import Draw


def above_zero(low: float = 1.3, high: float = 3.0) -> Draw:
    """A positive Python float."""
    return Draw("above zero", lambda rng: float(rng.uniform(low, high)))
