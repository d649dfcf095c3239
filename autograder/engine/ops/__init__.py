"""Every operation of the course, one file per family; third in reading order, before ``tensor.py``.

A family's ``__all__`` is the only list of its operations: adding one touches that file alone.
"""

# ruff: noqa: F403  (star imports, so that the list of operations is not written a second time)

from autograder.engine.ops import (
    activations,
    blocks,
    convolution,
    elementwise,
    indexing,
    losses,
    normalization,
    products,
    recurrent,
    reductions,
    shaping,
)
from autograder.engine.ops.activations import *
from autograder.engine.ops.blocks import *
from autograder.engine.ops.convolution import *
from autograder.engine.ops.elementwise import *
from autograder.engine.ops.indexing import *
from autograder.engine.ops.losses import *
from autograder.engine.ops.normalization import *
from autograder.engine.ops.products import *
from autograder.engine.ops.recurrent import *
from autograder.engine.ops.reductions import *
from autograder.engine.ops.shaping import *

__all__: list[str] = []
__all__ += activations.__all__
__all__ += blocks.__all__
__all__ += convolution.__all__
__all__ += elementwise.__all__
__all__ += indexing.__all__
__all__ += losses.__all__
__all__ += normalization.__all__
__all__ += products.__all__
__all__ += recurrent.__all__
__all__ += reductions.__all__
__all__ += shaping.__all__
