"""The student's kit: checks, pictures and small helpers for the notebooks."""

from __future__ import annotations

from .checking import check
from .pictures import dependency, heatmap, plot_costs
from .special import erf

__all__ = ["check", "dependency", "erf", "heatmap", "plot_costs"]
