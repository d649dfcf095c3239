"""detach and its relatives: chains that are cut by accident, and twins in which the cut is right."""

from __future__ import annotations

import numpy as np

from kit.declare import Function
from kit.draws import integers, normal
from kit.repairs._models import PARAMETERS

from ._shared import CHANGED, GRADIENTS, KIND, LEFT, NET, stored, supervised

CODED = tuple("gradient of " + name.replace("body", "encoder").replace("head", "decoder") for name in PARAMETERS)


ENCODER_DECODER_STEP = Function(
    name="encoder_decoder_step",
    signature="encoder_decoder_step(encoder, decoder, loss_fn, x, target)",
    statement="Adds the gradients of loss_fn(decoder(encoder(x)), target) to both modules and returns the loss.",
    stored=stored(
        "encoder_decoder_step",
        mean_squared_error={**supervised(2, 3, 1, 4), "loss_fn": "mse"},
        another_loss={**supervised(3, 2, 2, 3), "loss_fn": "quartic"},
    ),
    results=("loss", "whether what is returned still holds a graph", *CODED, CHANGED, *LEFT),
    adapter="coded",
    takes=(*NET, "loss_fn", "x", "target"),
)


FROZEN_ENCODER_STEP = Function(
    name="frozen_encoder_step",
    signature="frozen_encoder_step(encoder, decoder, loss_fn, x, target)",
    statement="As encoder_decoder_step, but only the decoder gets gradients; the encoder's stay None.",
    stored=stored(
        "frozen_encoder_step",
        mean_squared_error={**supervised(2, 3, 1, 4), "loss_fn": "mse"},
        another_loss={**supervised(3, 2, 2, 3), "loss_fn": "quartic"},
    ),
    results=("loss", "whether what is returned still holds a graph", *CODED, CHANGED, *LEFT),
    adapter="coded",
    takes=(*NET, "loss_fn", "x", "target"),
)


FEATURE_LOSS = Function(
    name="feature_loss",
    signature="feature_loss(model, x, target)",
    statement="The mean squared error of tanh(model(x)), as a loss that can be differentiated.",
    stored=stored(
        "feature_loss",
        small={"grad_output": np.array(1.0), **supervised(2, 3, 1, 4)},
        upstream_gradient={"grad_output": np.array(-1.7), **supervised(3, 2, 2, 3)},
    ),
    results=("loss", KIND, *GRADIENTS, *LEFT),
    adapter="loss_of_model",
    takes=("grad_output", *NET, "x", "target"),
)


TO_NUMPY_FOR_PLOT = Function(
    name="to_numpy_for_plot",
    signature="to_numpy_for_plot(tensor)",
    statement="The tensor's values as a NumPy array of the same dtype. The tensor keeps its graph.",
    stored=stored(
        "to_numpy_for_plot",
        result_of_an_operation={"w": normal(2, 3)},
        leaf={"w": normal(3), "leaf": True},
        without_a_gradient={"w": normal(2, 2), "graph": False},
        integers={"w": integers(0, 9, 4), "leaf": True, "graph": False},
    ),
    results=(
        "values",
        "what is returned (0 NumPy array of the tensor's dtype, 1 tensor, 2 anything else)",
        "whether the tensor requires a gradient on return",
        "gradient that backward gives after the call (None: the graph is gone)",
    ),
    adapter="plotted",
    takes=("w",),
)


SCALED_LOSS = Function(
    name="scaled_loss",
    signature="scaled_loss(model, x, target, scale)",
    statement="scale times the mean squared error, as a loss that can be differentiated.",
    stored=stored(
        "scaled_loss",
        small={"grad_output": np.array(1.0), **supervised(2, 3, 1, 4), "scale": 0.5},
        upstream_gradient={"grad_output": np.array(-1.7), **supervised(3, 2, 2, 3), "scale": 8.0},
    ),
    results=("loss", KIND, *GRADIENTS, *LEFT),
    adapter="loss_of_model",
    takes=("grad_output", *NET, "x", "target", "scale"),
)
