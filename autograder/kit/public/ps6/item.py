"""The number without a graph: item and its relatives that leave the graph by accident."""

from __future__ import annotations

import numpy as np

from ...declare import Function, Public
from ...draws import exactly, integers, normal
from ._shared import CHANGED, GRADIENTS, KIND, KINDS, LEFT, NET, net, stored, supervised

USABLE = "gradient that backward of the loss gives after the call (None: its graph is gone)"

BACKWARD_FROM_LOSS = Function(
    name="backward_from_loss",
    signature="backward_from_loss(model, x, target)",
    statement="Adds the gradients of the mean squared error to the model's parameters and returns the loss as a float.",
    stored=stored(
        "backward_from_loss",
        one_call=supervised(2, 3, 1, 4),
        called_twice={**supervised(3, 2, 2, 3), "times": 2},
        batch_norm_in_eval_mode={**supervised(2, 3, 1, 4), "layers": "full", "evaluating": ("norm",)},
    ),
    results=("loss", KIND, *GRADIENTS, CHANGED, *LEFT),
    adapter="backward_once",
    takes=(*NET, "x", "target"),
)

LOSS_FOR_LOG = Function(
    name="loss_for_log",
    signature="loss_for_log(loss)",
    statement="The value of the loss as a Python float. The loss can still be differentiated afterwards.",
    stored=stored(
        "loss_for_log",
        loss_with_its_graph={"w": normal(3), "x": normal(3)},
        loss_without_a_graph={"w": normal(2), "x": normal(2), "graph": False},
    ),
    results=("number for the log", KIND, "grad of the parameter on return", USABLE),
    adapter="logged",
    takes=("w", "x"),
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
        "whether it is a NumPy array of the tensor's dtype",
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
    statement="A new leaf with the tensor's values that requires a gradient and shares neither graph nor memory with it.",
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

RUNNING_LOSS = Function(
    name="running_loss",
    signature="running_loss(losses)",
    statement="The sum of the losses as a Python float. The losses can still be differentiated afterwards.",
    stored=stored(
        "running_loss",
        three_losses={"w": normal(2), "x": normal(3, 2)},
        one_loss={"w": normal(2), "x": normal(1, 2)},
        no_loss={"w": normal(2), "x": np.zeros((0, 2))},
    ),
    results=("sum", KIND, "losses on return", "grad of the parameter on return", f"{USABLE[:-25]} (None: no graph)"),
    adapter="running",
    takes=("w", "x"),
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
        two_networks={
            **net(2, 3, 1),
            **{"V1": normal(3, 2), "c1": normal(3), "V2": normal(1, 3), "c2": normal(1)},
            **{"x": normal(4, 2), "reward": normal(4, 1), "next_x": normal(4, 2), "gamma": 0.9},
        },
        one_network_for_both={
            **net(2, 3, 1),
            **{name: exactly(np.zeros(0)) for name in ("V1", "c1", "V2", "c2")},
            **{"x": normal(3, 2), "reward": normal(3, 1), "next_x": normal(3, 2), "gamma": 0.5, "same": True},
        },
    ),
    results=("loss", *GRADIENTS, "number of gradients that arrived in target_net", *LEFT),
    adapter="target_network",
    takes=(*NET, "V1", "c1", "V2", "c2", "x", "reward", "next_x", "gamma"),
)

PUBLIC: tuple[Public, ...] = (
    BACKWARD_FROM_LOSS,
    LOSS_FOR_LOG,
    FEATURE_LOSS,
    TO_NUMPY_FOR_PLOT,
    SCALED_LOSS,
    NEW_LEAF,
    RUNNING_LOSS,
    MAKE_WEIGHT,
    TD_LOSS,
)

__all__ = ["KINDS", "PUBLIC"]
