"""The student's kit: checks, pictures and small helpers for the notebooks."""

from __future__ import annotations

from .checking import check
from .graph_pictures import draw_graph
from .node import Node
from .pictures import dependency, heatmap, plot_costs
from .special import erf

__all__ = ["Node", "check", "dependency", "draw_graph", "erf", "heatmap", "plot_costs"]
