"""Dropout and embedding: what was selected forward decides where the upstream gradient goes."""

from __future__ import annotations

import numpy as np

from autograder.course.declare import Array, Exercise, Misconception
from autograder.engine import ops
from kit.declare import case
from kit.draws import booleans, every_second, exactly, integers, normal, reversed_view, shuffled

from ..public import selection as kit

DROPOUT = Exercise(
    public=kit.DROPOUT,
    op=ops.dropout,
    cases=(
        case("matrix", x=normal(3, 4), mask=booleans(3, 4)),
        case("p = 0.2", x=normal(4, 3), mask=booleans(4, 3, p=0.8), p=0.2),
        case("p = 0.9", x=normal(2, 5), mask=booleans(2, 5, p=0.3), p=0.9),
        case("mask of 0.0 and 1.0", check="edges", x=normal(6), mask=shuffled([0, 1, 1, 0, 1, 0]), p=0.3),
        case("p = 0", check="edges", x=normal(2, 3), mask=exactly([[True] * 3] * 2, dtype=bool), p=0.0),
        case(
            "kept zeros",
            check="edges",
            x=exactly([0.0, -1.0, 0.0, 2.0, -0.0]),
            mask=exactly([1, 1, 0, 0, 1], dtype=bool),
        ),
        case("3-D", check="edges", x=normal(2, 3, 2), mask=booleans(2, 3, 2), p=0.25),
        case("scalar", check="edges", x=normal(), mask=exactly(True, dtype=bool), p=0.4),
        case("strided", check="edges", x=every_second(normal(3, 2)), mask=reversed_view(booleans(3, 2))),
        case("cost", check="cost", x=normal(16_000), mask=booleans(16_000)),
    ),
    misconceptions=(
        Misconception(
            "scale-forgotten",
            seen_in="matrix",
            wrong=lambda g, y, x, mask, p=0.5: g * mask,
            hint="A kept entry was not only kept on the way forward: what was it divided by?",
        ),
        Misconception(
            "fresh-mask",
            seen_in="matrix",
            wrong=lambda g, y, x, mask, p=0.5: g * (np.random.default_rng(0).random(np.shape(x)) > p) / (1 - p),
            hint="Which entries took part in this forward pass: those of a new draw, or those of the given mask?",
        ),
        Misconception(
            "upstream-ignored",
            seen_in="matrix",
            wrong=lambda g, y, x, mask, p=0.5: mask / (1 - p),
            hint="That is the local derivative. What does the chain rule multiply it by?",
        ),
        Misconception(
            "mask-from-sign",
            seen_in="matrix",
            wrong=lambda g, y, x, mask, p=0.5: g * (y > 0) / (1 - p),
            hint="Can an entry be kept and still be negative?",
        ),
        Misconception(
            "mask-from-zeros",
            seen_in="kept zeros",
            wrong=lambda g, y, x, mask, p=0.5: g * (y != 0) / (1 - p),
            hint="An output of zero: was it dropped for certain, or may it have been kept?",
        ),
        Misconception(
            "divided-by-p",
            seen_in="p = 0.2",
            wrong=lambda g, y, x, mask, p=0.5: g * mask / p if p else g * mask,
            hint="Is p here the probability of dropping an entry or of keeping it?",
        ),
        Misconception(
            "multiplied-by-keep",
            seen_in="matrix",
            wrong=lambda g, y, x, mask, p=0.5: g * mask * (1 - p),
            hint="The map is linear: does its derivative multiply by the forward's factor or undo it?",
        ),
        Misconception(
            "mask-inverted",
            seen_in="matrix",
            wrong=lambda g, y, x, mask, p=0.5: g * (1 - np.asarray(mask, dtype=np.float64)) / (1 - p),
            hint="Which entries reached the output: those where the mask is 1, or those where it is 0?",
        ),
        Misconception(
            "evaluation-rule",
            seen_in="matrix",
            wrong=lambda g, y, x, mask, p=0.5: g * 1.0,
            hint="That is the rule of a layer that does nothing. How does a dropped entry act on the output?",
        ),
        Misconception(
            "p-ignored",
            seen_in="p = 0.2",
            wrong=lambda g, y, x, mask, p=0.5: g * mask / 0.5,
            hint="Right for one p. Does your factor change when p does?",
        ),
    ),
)


def _scattered(g: Array, index: Array, weight: Array) -> Array:
    """g added to the rows that index names."""
    total = np.zeros(weight.shape)
    np.add.at(total, index, g)
    return total


def _without(rows: Array, padding_idx: int | None) -> Array:
    """``rows`` with the padding row set to zero."""
    if padding_idx is not None:
        rows[padding_idx] = 0.0
    return rows


def _overwritten(g: Array, y: Array, index: Array, weight: Array, padding_idx: int | None = None) -> Array:
    rows = np.zeros(weight.shape)
    rows[index] += g
    return _without(rows, padding_idx)


def _averaged(g: Array, y: Array, index: Array, weight: Array, padding_idx: int | None = None) -> Array:
    counts = np.bincount(index.ravel(), minlength=len(weight))[:, None]
    return _without(_scattered(g, index, weight) / np.maximum(counts, 1), padding_idx)


def _row_by_row(g: Array, y: Array, index: Array, weight: Array, padding_idx: int | None = None) -> Array:
    rows = np.zeros(weight.shape)
    for tokens, upstream in zip(index, g, strict=True):
        rows[tokens] += upstream
    return _without(rows, padding_idx)


def _padding_truthy(g: Array, y: Array, index: Array, weight: Array, padding_idx: int | None = None) -> Array:
    return _without(_scattered(g, index, weight), padding_idx or None)


def _padding_always_zero(g: Array, y: Array, index: Array, weight: Array, padding_idx: int | None = None) -> Array:
    return _without(_scattered(g, index, weight), 0)


def _padding_by_position(g: Array, y: Array, index: Array, weight: Array, padding_idx: int | None = None) -> Array:
    flat = g.reshape(-1, weight.shape[1]).copy()
    if padding_idx is not None:
        flat[padding_idx : padding_idx + 1] = 0.0
    return _scattered(flat, index.ravel(), weight)


def _token_counts(g: Array, y: Array, index: Array, weight: Array, padding_idx: int | None = None) -> Array:
    return _without(_scattered(np.ones_like(g), index, weight), padding_idx)


EMBEDDING = Exercise(
    public=kit.EMBEDDING,
    op=ops.embedding,
    cases=(
        case("repeated tokens", index=shuffled([1, 3, 1, 0, 1], dtype=np.int64), weight=normal(5, 3)),
        case("sentences", index=integers(0, 4, 3, 4), weight=normal(4, 2)),
        case("one token", index=shuffled([2], dtype=np.int64), weight=normal(4, 3)),
        case(
            "padding",
            check="edges",
            index=shuffled([[0, 3, 3, 1], [3, 2, 1, 1]], dtype=np.int64),
            weight=normal(4, 2),
            padding_idx=3,
            by_convention=True,
        ),
        case(
            "padding is row 0",
            check="edges",
            index=shuffled([[0, 2, 0, 1, 1], [0, 0, 2, 0, 0]], dtype=np.int64),
            weight=normal(3, 2),
            padding_idx=0,
            by_convention=True,
        ),
        case(
            "padding that does not occur",
            check="edges",
            index=shuffled([0, 2, 2], dtype=np.int64),
            weight=normal(4, 2),
            padding_idx=1,
            by_convention=True,
        ),
        case("index of three axes", check="edges", index=integers(0, 3, 2, 2, 3), weight=normal(3, 2)),
        case("a single number", check="edges", index=exactly(2, dtype=np.int64), weight=normal(4, 3)),
        case("no tokens", check="edges", index=integers(0, 3, 0), weight=normal(3, 2)),
        case("width 1", check="edges", index=integers(0, 3, 5), weight=normal(3, 1)),
        case("strided", check="edges", index=reversed_view(integers(0, 4, 2, 5)), weight=every_second(normal(4, 2))),
        case("cost", check="cost", index=integers(0, 1000, 1000), weight=normal(1000, 16)),
    ),
    misconceptions=(
        Misconception(
            "repeats-overwritten",
            seen_in="repeated tokens",
            wrong=_overwritten,
            hint="A token that occurs three times was read three times. How many contributions does its row keep? "
            "(What does NumPy do with rows[index] += g where index repeats?)",
        ),
        Misconception(
            "repeats-within-a-row",
            seen_in="index of three axes",
            wrong=_row_by_row,
            hint="Your loop adds sentence by sentence. What if one sentence holds the same token twice?",
        ),
        Misconception(
            "averaged-by-count",
            seen_in="repeated tokens",
            wrong=_averaged,
            hint="Was anything averaged on the way forward? Then do contributions of several paths add, or average?",
        ),
        Misconception(
            "padding-row-trained",
            seen_in="padding",
            wrong=lambda g, y, index, weight, padding_idx=None: _scattered(g, index, weight),
            hint="Which row of the table should never learn, and what does its gradient have to be for that?",
        ),
        Misconception(
            "padding-zero-is-false",
            seen_in="padding is row 0",
            wrong=_padding_truthy,
            hint="What does `if padding_idx:` do when the padding row is row 0?",
        ),
        Misconception(
            "padding-always-row-zero",
            seen_in="repeated tokens",
            wrong=_padding_always_zero,
            hint="Row 0 gets no gradient in yours, whatever padding_idx says. Who told you that row 0 is the padding?",
        ),
        Misconception(
            "padding-by-position",
            seen_in="padding",
            wrong=_padding_by_position,
            hint="Is padding_idx a place in the sentence or a row of the table?",
        ),
        Misconception(
            "upstream-ignored",
            seen_in="repeated tokens",
            wrong=_token_counts,
            hint="You counted how often each row was read. What arrived from above at each of those places?",
        ),
        Misconception(
            "gradient-of-output",
            seen_in="repeated tokens",
            wrong=lambda g, y, index, weight, padding_idx=None: g * 1.0,
            hint="Your result has the shape of the output. Which shape does the gradient of the table have?",
        ),
    ),
)

__all__ = ["DROPOUT", "EMBEDDING"]
