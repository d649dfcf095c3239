"""Where a graph is cut, by accident or on purpose: detach, NumPy, new leaves, target networks."""

from __future__ import annotations

import numpy as np

from ...declare import Function
from ...draws import integers, normal
from ...repairs._models import PARAMETERS
from ._shared import CHANGED, GRADIENTS, KIND, LEFT, NET, stored, supervised, transitions

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

NEW_LEAF = Function(
    name="new_leaf",
    signature="new_leaf(tensor)",
    statement="A new leaf of the tensor's values that requires a gradient and shares neither graph nor memory.",
    stored=stored(
        "new_leaf",
        result_of_an_operation={"w": normal(2, 3)},
        leaf={"w": normal(3), "leaf": True},
        without_a_gradient={"w": normal(2), "graph": False},
    ),
    results=(
        "values",
        "whether it is a leaf, requires a gradient, owns its memory",
        "gradient of the new leaf",
        "grad of what the tensor was computed from",
        "whether the tensor itself is as it was",
    ),
    adapter="fresh_leaf",
    takes=("w",),
)

MAKE_WEIGHT = Function(
    name="make_weight",
    signature="make_weight(shape, scale, generator)",
    statement="Standard normal numbers from the generator times scale: a leaf that requires a gradient.",
    stored=stored(
        "make_weight",
        matrix={"shape": (2, 3), "scale": 0.01, "seed": 3},
        vector={"shape": (4,), "scale": 2.0, "seed": 5},
    ),
    results=(
        "values of the first weight",
        "values of the second weight from the same generator",
        "whether it is a leaf, requires a gradient",
        "its gradient",
    ),
    adapter="made_weight",
    takes=("shape", "scale", "seed"),
)

TD_LOSS = Function(
    name="td_loss",
    signature="td_loss(online, target_net, x, reward, next_x, gamma)",
    statement="mean((online(x) - (reward + gamma target_net(next_x)))^2), of which only online gets a gradient.",
    stored=stored(
        "td_loss",
        two_networks={**transitions(2, 3, 4), "gamma": 0.9},
        one_network_for_both={**transitions(2, 3, 3, same=True), "gamma": 0.5},
    ),
    results=("loss", *GRADIENTS, "number of gradients that arrived in target_net", *LEFT),
    adapter="target_network",
    takes=(*NET, "V1", "c1", "V2", "c2", "x", "reward", "next_x", "gamma"),
)
