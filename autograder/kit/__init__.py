"""The student's kit: checks, pictures and small helpers for the notebooks."""

from __future__ import annotations

from .checking import check
from .cut_pictures import draw_cut
from .files import data
from .gradient_tools import inspect_gradients, where_cut
from .graph_pictures import draw_graph
from .node import Node
from .pictures import dependency, heatmap, plot_costs
from .special import erf

__all__ = [
    "Node",
    "check",
    "data",
    "dependency",
    "draw_cut",
    "draw_graph",
    "erf",
    "heatmap",
    "inspect_gradients",
    "plot_costs",
    "where_cut",
]
