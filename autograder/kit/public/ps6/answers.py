"""The answers to the public cases of ps6."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ANSWERS: Mapping[str, Any] = {}
