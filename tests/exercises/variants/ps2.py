"""Right answers of ps2, written in different ways."""

from __future__ import annotations

from collections.abc import Callable

VARIANTS: dict[str, tuple[Callable, ...]] = {}
