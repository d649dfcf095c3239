"""ps1, the public half: the chain rule on scalars, one file per topic, in the notebook's order."""

from __future__ import annotations

from ...declare import Public
from . import composition, graphs, local_rules, paths, predictions

PUBLIC: tuple[Public, ...] = (
    *composition.PUBLIC,
    *local_rules.PUBLIC,
    *paths.PUBLIC,
    *graphs.PUBLIC,
    *predictions.PUBLIC,
)
