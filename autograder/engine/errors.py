"""What can go wrong in the engine.

EngineError
├── DeclarationError   a primitive or its table of rows is not well formed (raised at import)
├── NoDerivativeError  a tensor was passed where the primitive has no derivative
├── SeedError          backward() was started without, or with a misshapen, upstream gradient
└── GradientCheckError   gradcheck found a gradient that finite differences contradict
"""

from __future__ import annotations


class EngineError(Exception):
    """Root of everything that the engine raises on purpose."""


class DeclarationError(EngineError):
    """A primitive or its ``defvjp`` table is not well formed."""


class NoDerivativeError(EngineError):
    """A tensor was passed for an argument that has no derivative.

    ``primitive`` and ``argument`` are the names concerned.
    """

    def __init__(self, primitive: str, argument: str) -> None:
        super().__init__(
            f"{primitive}() has no derivative with respect to '{argument}': "
            f"pass an array there (tensor.data), not a tensor"
        )
        self.primitive = primitive
        self.argument = argument


class SeedError(EngineError):
    """``backward()`` has no upstream gradient to start from, or one of the wrong shape."""


class GradientCheckError(EngineError):
    """A gradient that finite differences contradict.

    ``argument`` is the position of the input, ``index`` the entry where the two differ most,
    ``got`` the gradient there by backpropagation and ``expected`` by finite differences.
    """

    def __init__(self, argument: int, index: tuple[int, ...], got: float, expected: float) -> None:
        super().__init__(
            f"gradient of input {argument} is wrong, most of all at {index}: "
            f"got {got:.10g}, expected {expected:.10g} by central differences"
        )
        self.argument = argument
        self.index = index
        self.got = got
        self.expected = expected
