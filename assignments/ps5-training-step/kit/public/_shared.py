"""What several topics of this assignment share."""

from __future__ import annotations

NET = ("W1", "b1", "W2", "b2")
