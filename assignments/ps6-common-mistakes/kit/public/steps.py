"""One training step: what is recorded, in which order, and clipped when."""

from __future__ import annotations

from kit.declare import Function

from ._shared import AFTER, KINDS, LEFT, NET, learning, stored

STEPS = ("losses", KINDS, *AFTER, *LEFT)


TRAIN_STEP = Function(
    name="train_step",
    signature="train_step(model, optimizer, x, target)",
    statement="One training step on the mean squared error; returns the loss before the step as a float.",
    stored=stored(
        "train_step",
        three_steps=learning(2, 3, 1, 4, 3),
        momentum_and_stale_gradients={**learning(3, 2, 2, 3, 2), "momentum": 0.9, "stale": 1.0},
        batch_norm_in_eval_mode={**learning(2, 3, 1, 4, 2), "layers": "full", "evaluating": ("norm",)},
    ),
    results=STEPS,
    adapter="stepped",
    takes=(*NET, "x", "target"),
)


ORDERED_STEP = Function(
    name="ordered_step",
    signature="ordered_step(model, optimizer, x, target)",
    statement="One training step on the mean squared error, its lines in the right order; returns the loss as a float.",
    stored=stored(
        "ordered_step",
        three_steps=learning(2, 3, 1, 4, 3),
        momentum_and_stale_gradients={**learning(3, 2, 2, 3, 2), "momentum": 0.9, "stale": 1.0},
    ),
    results=STEPS,
    adapter="stepped",
    takes=(*NET, "x", "target"),
)


CLIPPED_STEP = Function(
    name="clipped_step",
    signature="clipped_step(model, optimizer, x, target, max_norm)",
    statement="One training step whose gradients' common norm is clipped to max_norm; returns the loss as a float.",
    stored=stored(
        "clipped_step",
        tight_limit={**learning(2, 3, 1, 4, 3), "max_norm": 0.1},
        limit_out_of_reach={**learning(3, 2, 2, 3, 2), "max_norm": 1e3, "stale": 1.0},
    ),
    results=STEPS,
    adapter="stepped",
    takes=(*NET, "x", "target", "max_norm"),
)
