"""Special functions that NumPy lacks."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

_erf = np.frompyfunc(math.erf, 1, 1)


def erf(x: Any) -> Any:
    """The error function of each entry of ``x``, float64, in the shape of ``x``: the library's ``math.erf``."""
    return np.asarray(_erf(np.asarray(x, dtype=np.float64)), dtype=np.float64)
