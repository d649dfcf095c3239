"""The reference engine: reverse-mode differentiation of NumPy programs.

Theory of operation. A *primitive* is a forward function with a table of rows, one for each array
argument; given the cotangent ``g`` = dL/dy of its result, a row returns that of its argument: a
vector-Jacobian product (VJP). Applied to tensors, a primitive notes on its result which rows lead
back to which inputs. ``backward()`` visits the results, each after everything made from it, and
lets the rows pull cotangents back, adding where paths meet. Nothing else knows any calculus.

Read in this order: ``tape.py`` (nodes and the backward pass), ``primitive.py`` (primitive and
defvjp), ``ops/`` (the tables), ``tensor.py`` (operators). Around it: ``functional.py`` (vjp),
``checking.py`` (finite differences), ``broadcasting.py``, ``shapes.py``, ``errors.py``.

Everything is float64. TRUSTED: this package holds the course's answers.
"""

# ruff: noqa: F403  (engine.matmul is ops.matmul; mypy can't follow a star import of ops as a whole)

from autograder.engine import ops
from autograder.engine.broadcasting import unbroadcast
from autograder.engine.checking import gradcheck, numerical_vjp
from autograder.engine.errors import (
    DeclarationError,
    EngineError,
    GradientCheckError,
    NoDerivativeError,
    SeedError,
)
from autograder.engine.functional import vjp
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
from autograder.engine.primitive import NO_GRAD, Primitive, defvjp, primitive
from autograder.engine.tape import Node
from autograder.engine.tensor import Tensor

__all__ = [
    "NO_GRAD",
    "DeclarationError",
    "EngineError",
    "GradientCheckError",
    "NoDerivativeError",
    "Node",
    "Primitive",
    "SeedError",
    "Tensor",
    "defvjp",
    "gradcheck",
    "numerical_vjp",
    "ops",
    "primitive",
    "unbroadcast",
    "vjp",
]
__all__ += ops.__all__
