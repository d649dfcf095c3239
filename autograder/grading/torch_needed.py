"""Which assignments are about PyTorch: elsewhere calling autograd is not an answer, so it is not in the box."""

from __future__ import annotations

from collections.abc import Iterable

NEEDS_TORCH = frozenset({"ps6-common-mistakes"})


def needs_torch(assignments: Iterable[str]) -> bool:
    """Whether the box of any of these assignments has PyTorch in it."""
    return not NEEDS_TORCH.isdisjoint(assignments)
