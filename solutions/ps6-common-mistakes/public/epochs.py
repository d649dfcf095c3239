"""Epochs: gradients cleared for every batch, and gradients that add up on purpose."""

from __future__ import annotations

from kit.declare import Function

from ._shared import AFTER, KINDS, LEFT, NET, batches, stored

EPOCHS = ("losses of each epoch", KINDS, *(name.replace("step", "epoch") for name in AFTER), *LEFT)


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
