"""ps5, the public half of what is done to gradients before a step: cleared, accumulated, clipped."""

from __future__ import annotations

from ...declare import Function

NET = ("W1", "b1", "W2", "b2")
GRADS = tuple(f"d{name}" for name in NET)

ZERO_GRAD = Function(
    name="zero_grad",
    signature="zero_grad(grads)",
    statement="A new dict with the keys of grads and zeros of their shapes.",
    adapter="cleared",
    takes=GRADS,
    results=tuple(f"zeros for {name}" for name in NET),
    stored=(),
)

ACCUMULATE = Function(
    name="accumulate",
    signature="accumulate(total, grads)",
    statement="A new dict: total plus grads, entry by entry; total is {} or None at first. No memory is shared.",
    adapter="accumulated",
    takes=("total", *GRADS),
    results=tuple(f"total for {name}" for name in NET),
    stored=(),
)

CLIP_GRAD_NORM = Function(
    name="clip_grad_norm",
    signature="clip_grad_norm(grads, max_norm)",
    statement="(clipped, norm): norm is the 2-norm of all arrays together before clipping; clipped has at most max_norm.",
    adapter="clipped",
    takes=(*GRADS, "max_norm"),
    results=("norm", *(f"clipped gradient of {name}" for name in NET)),
    stored=(),
)
