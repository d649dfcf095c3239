"""ps5, the public half of what is done to gradients before a step: cleared, accumulated, clipped."""

from __future__ import annotations

from kit.declare import Function, Stored
from kit.stored import stored

from ._shared import GRADIENT, THREE_STEPS, steps

NET = ("W1", "b1", "W2", "b2")
GRADS = tuple(f"d{name}" for name in NET)

ZERO_GRAD = Function(
    name="zero_grad",
    signature="zero_grad(grads)",
    statement="A new dict with the keys of grads and zeros of their shapes.",
    adapter="cleared",
    takes=GRADS,
    results=tuple(f"zeros for {name}" for name in NET),
    stored=(Stored("small", {**GRADIENT}, ([[0.0, 0.0], [0.0, 0.0]], [0.0, 0.0], [[0.0, 0.0]], [0.0])),),
)

ACCUMULATE = Function(
    name="accumulate",
    signature="accumulate(total, grads)",
    statement="A new dict: total plus grads, entry by entry; total is {} or None at first. No memory is shared.",
    adapter="accumulated",
    takes=("total", *GRADS),
    results=tuple(f"total for {name}" for name in NET),
    stored=(
        Stored(
            "two micro-batches, {} at first",
            {"total": {}, **steps(2)},
            ([[0.5, -0.25], [1.25, 0.25]], [0.75, 0.0], [[-0.5, 0.375]], [1.25]),
        ),
        Stored(
            "None at first",
            {"total": None, **THREE_STEPS},
            ([[0.5, -3.25], [4.25, -0.75]], [1.75, -2.0], [[-4.5, -0.125]], [4.25]),
        ),
        Stored(
            "one micro-batch",
            {"total": {}, **steps(1)},
            ([[0.5, -1.0], [2.0, 0.0]], [1.0, -0.5], [[-1.5, 0.25]], [2.0]),
        ),
    ),
)

CLIP_GRAD_NORM = Function(
    name="clip_grad_norm",
    signature="clip_grad_norm(grads, max_norm)",
    statement="(clipped, norm): norm is the 2-norm of all arrays together before clipping; clipped has at most "
    "max_norm.",
    adapter="clipped",
    takes=(*GRADS, "max_norm"),
    results=("norm", *(f"clipped gradient of {name}" for name in NET)),
    stored=stored(
        "clip_grad_norm",
        {
            "too long": {**GRADIENT, "max_norm": 1.0},
            "short enough": {**GRADIENT, "max_norm": 10.0},
            "each short, together long": {**GRADIENT, "max_norm": 3.5},
            "zeros": {
                "dW1": [[0.0, 0.0], [0.0, 0.0]],
                "db1": [0.0, 0.0],
                "dW2": [[0.0, 0.0]],
                "db2": [0.0],
                "max_norm": 1.0,
            },
        },
        tolerance=1e-06,
    ),
)
