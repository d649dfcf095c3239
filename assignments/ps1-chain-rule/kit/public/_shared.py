"""What several topics of this assignment share."""

from __future__ import annotations

from typing import Any

import numpy as np

from kit.declare import Function, Property, Stored

from ._shapes import Edges


def _local(op: str, inputs: str, forward: str, stored: tuple[Stored, ...], *properties: Property) -> Function:
    """``<op>_local``: a tuple with the derivative of ``forward`` with respect to each input but the constant ``n``."""
    names = inputs.split(", ")
    return Function(
        name=f"{op}_local",
        signature=f"{op}_local({inputs})",
        statement=f"The local derivatives of y = {forward}, one per input.",
        stored=stored,
        properties=properties,
        results=tuple(f"dy/d{name}" for name in names if name != "n"),
    )


DEEP, RUNGS = 5_000, 60


def _values(edges: Edges) -> np.ndarray[Any, Any]:
    return np.linspace(-1.0, 1.5, int(edges.max()) + 1)
