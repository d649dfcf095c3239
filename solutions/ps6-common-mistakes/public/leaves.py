"""New leaves and frozen targets: cuts that are asked for, in the right place."""

from __future__ import annotations

from kit.declare import Function
from kit.draws import normal

from ._shared import GRADIENTS, LEFT, NET, stored, transitions

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
