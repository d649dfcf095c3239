"""The student's kit: checks, pictures and small helpers for the notebooks."""

from __future__ import annotations

from .special import erf

__all__ = ["erf"]
