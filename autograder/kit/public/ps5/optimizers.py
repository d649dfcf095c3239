"""ps5, the public half of the optimizers: gradient descent, momentum, Adam."""

from __future__ import annotations

from ...declare import Function
from .gradients import GRADS, NET

STEPS = (*NET, *GRADS, "lr")
AFTER = tuple(f"{name} after each step" for name in NET)

SGD_STEP = Function(
    name="sgd_step",
    signature="sgd_step(params, grads, lr)",
    statement="New parameters after one step of gradient descent. The check takes several steps, lr holding one number each.",
    adapter="steps",
    takes=STEPS,
    results=AFTER,
    stored=(),
)

MOMENTUM_STEP = Function(
    name="momentum_step",
    signature="momentum_step(params, grads, state, lr, momentum=0.9)",
    statement=(
        "New parameters after one step with momentum; the velocities are kept in state. The first axis of all arrays is "
        "the run: runs take turns, each with its own state."
    ),
    adapter="interleaved_steps",
    takes=STEPS,
    results=AFTER,
    stored=(),
)

ADAM_STEP = Function(
    name="adam_step",
    signature="adam_step(params, grads, state, lr)",
    statement=(
        "New parameters after one step of Adam; moments and step count are kept in state. The first axis of all arrays is "
        "the run: runs take turns, each with its own state."
    ),
    adapter="interleaved_steps",
    takes=STEPS,
    results=AFTER,
    stored=(),
)
