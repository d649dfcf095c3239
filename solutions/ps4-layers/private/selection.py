"""Dropout and embedding: what was selected forward decides where the upstream gradient goes."""

from __future__ import annotations

import numpy as np

from autograder.course.declare import Array, Exercise, mistake
from autograder.engine import ops
from kit.declare import case
from kit.draws import booleans, every_second, exactly, integers, normal, reversed_view, shuffled

from ..public import selection as public

DROPOUT = Exercise(
    public.DROPOUT,
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
    mistakes=(
        mistake(
            "scale-forgotten",
            lambda g, y, x, mask, p=0.5: g * mask,
            "A kept entry was not only kept on the way forward: what was it divided by?",
        ),
        mistake(
            "fresh-mask",
            lambda g, y, x, mask, p=0.5: g * (np.random.default_rng(0).random(np.shape(x)) > p) / (1 - p),
            "Which entries took part in this forward pass: those of a new draw, or those of the given mask?",
        ),
        mistake(
            "upstream-ignored",
            lambda g, y, x, mask, p=0.5: mask / (1 - p),
            "That is the local derivative. What does the chain rule multiply it by?",
        ),
        mistake(
            "mask-from-sign",
            lambda g, y, x, mask, p=0.5: g * (y > 0) / (1 - p),
            "Can an entry be kept and still be negative?",
        ),
        mistake(
            "mask-from-zeros",
            lambda g, y, x, mask, p=0.5: g * (y != 0) / (1 - p),
            "An output of zero: was it dropped for certain, or may it have been kept?",
        ),
        mistake(
            "divided-by-p",
            lambda g, y, x, mask, p=0.5: g * mask / p if p else g * mask,
            "Is p here the probability of dropping an entry or of keeping it?",
        ),
        mistake(
            "multiplied-by-keep",
            lambda g, y, x, mask, p=0.5: g * mask * (1 - p),
            "The map is linear: does its derivative multiply by the forward's factor or undo it?",
        ),
        mistake(
            "mask-inverted",
            lambda g, y, x, mask, p=0.5: g * (1 - np.asarray(mask, dtype=np.float64)) / (1 - p),
            "Which entries reached the output: those where the mask is 1, or those where it is 0?",
        ),
        mistake(
            "evaluation-rule",
            lambda g, y, x, mask, p=0.5: g * 1.0,
            "That is the rule of a layer that does nothing. How does a dropped entry act on the output?",
        ),
        mistake(
            "p-ignored",
            lambda g, y, x, mask, p=0.5: g * mask / 0.5,
            "Right for one p. Does your factor change when p does?",
        ),
    ),
    right_answers=(
        lambda grad_output, output, x, mask, p=0.5: np.where(mask, grad_output / (1 - p), 0.0),
        lambda grad_output, output, x, mask, p=0.5: (mask * grad_output / (1.0 - p),),
    ),
)


@DROPOUT.right
def dropout_loop(grad_output, output, x, mask, p=0.5):
    dx = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        if mask[place]:
            dx[place] = grad_output[place] * (1.0 / (1.0 - p))
    return dx


@DROPOUT.right
def dropout_einsum(grad_output, output, x, mask, p=0.5):
    keep = 1 - p
    return np.einsum("...,...->...", grad_output, np.asarray(mask, dtype=float) / keep)


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


EMBEDDING = Exercise(
    public.EMBEDDING,
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
    mistakes=(
        mistake(
            "padding-row-trained",
            lambda g, y, index, weight, padding_idx=None: _scattered(g, index, weight),
            "Which row of the table should never learn, and what does its gradient have to be for that?",
        ),
        mistake(
            "padding-zero-is-false",
            lambda g, y, index, weight, padding_idx=None: _without(_scattered(g, index, weight), padding_idx or None),
            "What does `if padding_idx:` do when the padding row is row 0?",
        ),
        mistake(
            "padding-always-row-zero",
            lambda g, y, index, weight, padding_idx=None: _without(_scattered(g, index, weight), 0),
            "Row 0 gets no gradient in yours, whatever padding_idx says. Who told you that row 0 is the padding?",
        ),
        mistake(
            "gradient-of-output",
            lambda g, y, index, weight, padding_idx=None: g * 1.0,
            "Your result has the shape of the output. Which shape does the gradient of the table have?",
        ),
    ),
)


@EMBEDDING.mistake
def repeats_overwritten(g, y, index, weight, padding_idx=None):
    """A token that occurs three times was read three times. How many contributions does its row keep? (What does NumPy
    do with rows[index] += g where index repeats?)"""
    rows = np.zeros(weight.shape)
    rows[index] += g
    return _without(rows, padding_idx)


@EMBEDDING.mistake
def repeats_within_a_row(g, y, index, weight, padding_idx=None):
    """Your loop adds sentence by sentence. What if one sentence holds the same token twice?"""
    rows = np.zeros(weight.shape)
    for tokens, upstream in zip(index, g, strict=True):
        rows[tokens] += upstream
    return _without(rows, padding_idx)


@EMBEDDING.mistake
def averaged_by_count(g, y, index, weight, padding_idx=None):
    """Was anything averaged on the way forward? Then do contributions of several paths add, or average?"""
    counts = np.bincount(index.ravel(), minlength=len(weight))[:, None]
    return _without(_scattered(g, index, weight) / np.maximum(counts, 1), padding_idx)


@EMBEDDING.mistake
def padding_by_position(g, y, index, weight, padding_idx=None):
    """Is padding_idx a place in the sentence or a row of the table?"""
    flat = g.reshape(-1, weight.shape[1]).copy()
    if padding_idx is not None:
        flat[padding_idx : padding_idx + 1] = 0.0
    return _scattered(flat, index.ravel(), weight)


@EMBEDDING.mistake
def upstream_ignored(g, y, index, weight, padding_idx=None):
    """You counted how often each row was read. What arrived from above at each of those places?"""
    return _without(_scattered(np.ones_like(g), index, weight), padding_idx)


@EMBEDDING.right
def embedding_one_hot(grad_output, output, index, weight, padding_idx=None):
    tokens = index.reshape(-1)
    one_hot = (tokens[:, None] == np.arange(len(weight))).astype(np.float64)
    if padding_idx is not None:
        one_hot[:, padding_idx] = 0
    return one_hot.T @ grad_output.reshape(-1, weight.shape[1])


@EMBEDDING.right
def embedding_loop(grad_output, output, index, weight, padding_idx=None):
    rows = [[0.0] * weight.shape[1] for _ in weight]
    for token, g in zip(index.ravel().tolist(), grad_output.reshape(-1, weight.shape[1]).tolist(), strict=True):
        if padding_idx is not None and token == padding_idx:
            continue
        rows[token] = [old + new for old, new in zip(rows[token], g, strict=True)]
    return rows


@EMBEDDING.right
def embedding_add_at(grad_output, output, index, weight, padding_idx=None):
    keep = np.ones(index.shape, dtype=bool) if padding_idx is None else index != padding_idx
    result = np.zeros_like(weight)
    np.add.at(result, index[keep], grad_output[keep])
    return result


@EMBEDDING.right
def embedding_bincount(grad_output, output, index, weight, padding_idx=None):
    flat, g = index.ravel(), grad_output.reshape(-1, weight.shape[1])
    columns = [np.bincount(flat, weights=g[:, j], minlength=len(weight)) for j in range(weight.shape[1])]
    result = np.stack(columns, axis=1)
    if padding_idx is not None:
        result[padding_idx, :] = 0.0
    return result


__all__ = ["DROPOUT", "EMBEDDING"]
