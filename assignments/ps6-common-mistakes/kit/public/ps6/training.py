"""Training steps: what is recorded, cleared, clipped, cut and updated, and when."""

from __future__ import annotations

import numpy as np

from ...declare import Function
from ...draws import Draw, normal
from ._shared import AFTER, KINDS, LEFT, NET, batches, learning, recurrent, stored

STEPS = ("losses", KINDS, *AFTER, *LEFT)
EPOCHS = ("losses of each epoch", KINDS, *(name.replace("step", "epoch") for name in AFTER), *LEFT)


def layers(*sizes: int) -> Draw:
    """Weight and bias of each layer, as a tuple."""
    pairs = list(zip(sizes[1:], sizes[:-1], strict=True))
    return Draw(
        f"layers {sizes}",
        lambda rng: tuple(array for m, n in pairs for array in (rng.standard_normal((m, n)), rng.standard_normal(m))),
    )


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

TRAIN_EPOCH = Function(
    name="train_epoch",
    signature="train_epoch(model, optimizer, batches)",
    statement="One training step for each (x, target) of batches; returns the list of the losses, as floats.",
    stored=stored(
        "train_epoch",
        two_batches=batches(2, 3, 1, 4, 4),
        unequal_batches_and_stale_gradients={**batches(3, 2, 2, 2, 4, 1), "stale": 1.0},
    ),
    results=EPOCHS,
    adapter="epochs",
    takes=(*NET, "x", "target"),
)

ACCUMULATE_EPOCH = Function(
    name="accumulate_epoch",
    signature="accumulate_epoch(model, optimizer, micro_batches)",
    statement="One step with the gradient of all micro-batches taken as one batch; returns its loss as a float.",
    stored=stored(
        "accumulate_epoch",
        two_of_one_size=batches(2, 3, 1, 3, 3),
        unequal_sizes_and_stale_gradients={**batches(3, 2, 2, 1, 4, 2), "stale": 1.0},
    ),
    results=EPOCHS,
    adapter="accumulated_epochs",
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

STACK = Function(
    name="Stack",
    signature="Stack(sizes)",
    statement="A module of linear layers, sizes[0] -> sizes[1] -> ..., with ReLU between them.",
    stored=stored(
        "Stack",
        two_layers={"arrays": layers(2, 3, 1), "x": normal(4, 2), "target": normal(4, 1)},
        three_layers={"arrays": layers(3, 4, 2, 2), "x": normal(3, 3), "target": normal(3, 2)},
        one_layer={"arrays": layers(2, 2), "x": normal(3, 2), "target": normal(3, 2)},
    ),
    results=(
        "shapes of parameters()",
        "output",
        "gradients of all parameters in a row (zero: none arrived)",
        "output after a step of the optimizer",
    ),
    adapter="stacked",
    takes=("arrays", "x", "target"),
)

MANUAL_SGD = Function(
    name="manual_sgd",
    signature="manual_sgd(parameters, lr)",
    statement="Moves every parameter by -lr times its gradient, in place, and skips those without one. Returns None.",
    stored=stored(
        "manual_sgd",
        two_parameters={"w": normal(2, 2), "b": normal(3), "unused": np.zeros(0), "lr": 0.1},
        one_without_a_gradient={"w": normal(3), "b": normal(2), "unused": normal(2), "lr": 0.05},
    ),
    results=(
        "first parameter after each step",
        "second parameter after each step",
        "parameter without a gradient",
        "whether each parameter is a leaf and requires a gradient, and last whether gradients are recorded",
        "whether something was returned",
    ),
    adapter="manual",
    takes=("w", "b", "unused", "lr"),
)

TRAIN_CHUNKS = Function(
    name="train_chunks",
    signature="train_chunks(cell, head, chunks, targets, optimizer)",
    statement="Trains on one chunk after the other, the state carried over without its graph; returns the losses.",
    stored=stored(
        "train_chunks",
        three_chunks=recurrent(2, 3, 1, chunks=3, time=2, batch=2),
        one_chunk=recurrent(1, 2, 2, chunks=1, time=3, batch=3),
    ),
    results=(
        "losses",
        KINDS,
        "cell.weight_ih on return",
        "cell.weight_hh on return",
        "cell.bias_ih on return",
        "cell.bias_hh on return",
        "head.weight on return",
        "head.bias on return",
    ),
    adapter="chunked",
    takes=("W_ih", "W_hh", "b_ih", "b_hh", "W_out", "b_out", "chunks", "targets"),
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
