"""What the public cases of ps3 share: shapes to try an activation on, and draws of probabilities."""

from __future__ import annotations

import numpy as np

from kit.declare import Case, case
from kit.draws import Draw, away_from_zero, every_second, exactly

EXTREME = exactly([-1000.0, -30.0, 0.5, 30.0, 1000.0])


def elementwise(*more: Case) -> tuple[Case, ...]:
    """What every activation is tried on, then ``more``."""
    return (
        case("vector", x=away_from_zero(3)),
        case("matrix", x=away_from_zero(2, 3)),
        case("a single number", check="edges", x=away_from_zero()),
        case("no entries", check="edges", x=away_from_zero(0, 2)),
        case("strided", check="edges", x=every_second(away_from_zero(2, 3))),
        *more,
    )


def probabilities(*shape: int) -> Draw:
    """Entries above zero that add up to 1 along the last axis."""
    return Draw(f"probabilities{shape}", lambda rng: rng.dirichlet(np.full(shape[-1], 2.0), shape[:-1]))


def log_probabilities(*shape: int) -> Draw:
    """Logarithms of entries that add up to 1 along the last axis."""
    draw = probabilities(*shape)
    return Draw(f"log_probabilities{shape}", lambda rng: np.log(draw(rng)))
