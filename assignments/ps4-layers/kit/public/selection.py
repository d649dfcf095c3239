"""Dropout and embedding: what was selected forward decides where the upstream gradient goes."""

from __future__ import annotations

import numpy as np

from kit.declare import Rule, case
from kit.draws import booleans, integers, normal, shuffled

DROPOUT = Rule(
    name="dropout_backward",
    statement="y = x * mask / (1 - p): inverted dropout with the mask given; mask gets no gradient.",
    forward=lambda x, mask, p=0.5: x * mask / (1 - p),
    oracle=lambda torch, x, mask, p=0.5: x * mask / (1 - p),
    cases=(
        case("half dropped", x=normal(2, 3), mask=booleans(2, 3)),
        case("p = 0.2", x=normal(3, 2), mask=booleans(3, 2, p=0.8), p=0.2),
        case("mask of 0.0 and 1.0", check="edges", x=normal(5), mask=shuffled([0, 1, 1, 0, 1]), p=0.4),
    ),
    differentiable=("x",),
)


EMBEDDING = Rule(
    name="embedding_backward",
    statement="y = weight[index]: one row of the table for every entry of index; index gets no gradient.",
    forward=lambda index, weight, padding_idx=None: weight[index],
    oracle=lambda torch, index, weight, padding_idx=None: torch.nn.functional.embedding(
        index, weight, padding_idx=padding_idx
    ),
    cases=(
        case("a token twice", index=shuffled([1, 3, 1], dtype=np.int64), weight=normal(4, 2)),
        case("two sentences", index=integers(0, 4, 2, 3), weight=normal(4, 2)),
        case(
            "padding",
            check="edges",
            index=shuffled([0, 2, 2, 1], dtype=np.int64),
            weight=normal(3, 2),
            padding_idx=2,
            by_convention=True,
        ),
        case(
            "padding is row 0",
            check="edges",
            index=shuffled([0, 2, 0], dtype=np.int64),
            weight=normal(3, 2),
            padding_idx=0,
            by_convention=True,
        ),
    ),
    differentiable=("weight",),
)
