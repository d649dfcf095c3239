"""Every operation with its PyTorch oracle and the cases it is tested on. To test an operation, add a row."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch.nn import functional

Draw = Callable[[np.random.Generator], np.ndarray]


def normal(*shape: int, scale: float = 1.0) -> Draw:
    return lambda rng: scale * rng.normal(size=shape)


def positive(*shape: int) -> Draw:
    return lambda rng: rng.uniform(0.5, 2.0, size=shape)


def bits(*shape: int) -> Draw:
    return lambda rng: rng.random(shape) < 0.6


def below(high: int, *shape: int, low: int = 0) -> Draw:
    return lambda rng: rng.integers(low, high, size=shape)


def probabilities(*shape: int) -> Draw:
    def draw(rng: np.random.Generator) -> np.ndarray:
        weights = rng.random(shape)
        return weights / weights.sum(axis=-1, keepdims=True)

    return draw


def logs(*shape: int) -> Draw:
    return lambda rng: np.log(probabilities(*shape)(rng))


def exactly(values: Any) -> Draw:
    return lambda rng: np.asarray(values)


def every_second(draw: Draw) -> Draw:
    """The same values behind a stride of two entries along the last axis."""

    def strided(rng: np.random.Generator) -> np.ndarray:
        values = draw(rng)
        spaced = np.zeros((*values.shape[:-1], 2 * values.shape[-1]), values.dtype)
        spaced[..., ::2] = values
        return spaced[..., ::2]

    return strided


def backwards(draw: Draw) -> Draw:
    """Negative strides along every axis."""
    return lambda rng: np.flip(draw(rng))


@dataclass(frozen=True)
class Case:
    """One set of inputs. ``smooth`` is False at kinks, ties and magnitudes where differences fail."""

    name: str
    draws: tuple[Draw, ...]
    params: dict[str, Any]
    smooth: bool

    def inputs(self) -> tuple[np.ndarray, ...]:
        """The arrays, read-only: an operation that writes to its inputs fails."""
        rng = np.random.default_rng(zlib.crc32(self.name.encode()))
        arrays = tuple(np.asarray(draw(rng)) for draw in self.draws)
        for array in arrays:
            array.flags.writeable = False
        return arrays


def case(name: str, *draws: Draw, smooth: bool = True, **params: Any) -> Case:
    return Case(name, draws, params, smooth)


def kink(name: str, *draws: Draw, **params: Any) -> Case:
    return Case(name, draws, params, smooth=False)


@dataclass(frozen=True)
class Row:
    """An operation's oracle, a function of torch tensors with the same parameters, and its cases."""

    oracle: Callable[..., torch.Tensor]
    cases: tuple[Case, ...]


def row(oracle: Callable[..., torch.Tensor], *cases: Case) -> Row:
    return Row(oracle, cases)


def dims(x: torch.Tensor, axis: int | tuple[int, ...] | None) -> tuple[int, ...]:
    """An axis in NumPy's sense as torch's ``dim``."""
    if axis is None:
        return tuple(range(x.ndim))
    return (axis,) if isinstance(axis, int) else axis


def flat_if_scalar(x: torch.Tensor) -> torch.Tensor:
    return x.reshape(1) if x.ndim == 0 else x


# --- cases that many operations share -------------------------------------------------------------

EXTREMES = exactly([-1000.0, -40.0, -0.5, 0.25, 40.0, 1000.0])


def unary(draw: Callable[..., Draw] = normal) -> tuple[Case, ...]:
    return (
        case("vector", draw(5)),
        case("matrix", draw(3, 4)),
        case("scalar", draw()),
        case("one entry", draw(1, 1)),
        case("empty", draw(0, 3)),
        case("strided", every_second(draw(3, 4))),
        case("negative strides", backwards(draw(3, 4))),
    )


def binary(draw: Callable[..., Draw] = normal, second: Callable[..., Draw] | None = None) -> tuple[Case, ...]:
    second = second or draw
    return (
        case("same shape", draw(3, 4), second(3, 4)),
        case("row stretched in a", draw(4), second(3, 4)),
        case("row stretched in b", draw(3, 4), second(4)),
        case("column stretched in b", draw(3, 4), second(3, 1)),
        case("both stretched", draw(3, 1), second(1, 4)),
        case("both stretched, new axis", draw(2, 1, 4), second(3, 1)),
        case("scalar a", draw(), second(3, 4)),
        case("scalar b", draw(3, 4), second()),
        case("two scalars", draw(), second()),
        case("one entry stretched", draw(1, 1), second(2, 3, 4)),
        case("stretched to empty", draw(0, 4), second(1, 4)),
        case("strided", every_second(draw(3, 4)), backwards(second(3, 4))),
    )


def reductions() -> tuple[Case, ...]:
    return (
        case("all", normal(3, 4)),
        case("all, keepdims", normal(3, 4), keepdims=True),
        case("axis 0", normal(3, 4), axis=0),
        case("axis 1, square", normal(4, 4), axis=1),
        case("last axis", normal(2, 3, 4), axis=-1),
        case("keepdims", normal(3, 4), axis=1, keepdims=True),
        case("two axes", normal(2, 3, 4), axis=(0, 2)),
        case("two negative axes, unordered", normal(2, 3, 4), axis=(-1, -3)),
        case("two axes, keepdims", normal(2, 3, 4), axis=(1, 2), keepdims=True),
        case("axis of size 1", normal(3, 1, 4), axis=1),
        case("strided", every_second(normal(3, 4)), axis=0),
        case("negative strides", backwards(normal(3, 4)), axis=1),
    )


EMPTY_AXIS_KEPT = case("empty axis kept", normal(0, 4), axis=1)  # torch.var warns about it


def along_one_axis() -> tuple[Case, ...]:
    return (
        case("square", normal(4, 4)),
        case("axis 0", normal(3, 4), axis=0),
        case("middle axis", normal(2, 3, 4), axis=1),
        case("negative axis", normal(2, 3, 4), axis=-2),
        case("vector", normal(5)),
        case("axis of size 1", normal(3, 1)),
        case("empty batch", normal(0, 3)),
        case("strided", every_second(normal(3, 4))),
        case("negative strides", backwards(normal(3, 4)), axis=0),
        case("shifted far up", normal(3, 4, scale=2.0), axis=1),
        kink("extremes", EXTREMES),
        kink("extremes along axis 0", exactly([[1000.0, -1000.0], [999.0, 1000.0], [-1000.0, 0.0]]), axis=0),
    )


def losses(target: Callable[..., Draw] = normal) -> tuple[Case, ...]:
    return (
        case("vector", normal(5), target(5)),
        case("column", normal(6, 1), target(6, 1)),
        case("matrix", normal(3, 4), target(3, 4)),
        case("images", normal(2, 3, 2, 2), target(2, 3, 2, 2)),
        case("one entry", normal(1), target(1)),
        case("strided", every_second(normal(3, 4)), backwards(target(3, 4))),
    )


KINKED = exactly([[-2.0, 0.0, 3.0], [0.0, -0.0, 1e-12]])
TIED = (exactly([[1.0, 2.0, 3.0], [0.0, -1.0, 5.0]]), exactly([1.0, -1.0, 3.0]))


# --- ps2: elementwise, reductions, shapes, indices, products --------------------------------------

OPERATIONS: dict[str, Row] = {
    "add": row(torch.add, *binary()),
    "sub": row(torch.sub, *binary()),
    "mul": row(torch.mul, *binary()),
    "div": row(torch.div, *binary(normal, positive), case("negative divisor", normal(3), exactly([-1.0, 2.0, -0.5]))),
    "neg": row(torch.neg, *unary()),
    "pow": row(
        lambda x, n=2.0: torch.pow(x, n),
        *unary(),
        case("cube, negative base", normal(3, 4), n=3),
        case("inverse", positive(3, 4), n=-1),
        case("inverse, negative base", exactly([-2.0, -0.5, 3.0]), n=-2),
        case("root", positive(3, 4), n=0.5),
        case("first power at 0", exactly([-1.0, 0.0, 2.0]), n=1.0),
        kink("exponent 0 at 0", exactly([-1.0, 0.0, 2.0]), n=0),
    ),
    "power": row(
        torch.pow,
        *binary(positive, normal),
        kink("base 0", exactly([0.0, 0.0, 2.0]), exactly([1.0, 2.5, -1.0])),
        kink("base 0, exponent 0", exactly([0.0, 3.0]), exactly([0.0, 0.0])),
    ),
    "exp": row(torch.exp, *unary(), kink("large negative", exactly([-1000.0, -50.0, 0.0]))),
    "log": row(torch.log, *unary(positive), kink("small", exactly([1e-300, 1e-8]))),
    "sqrt": row(torch.sqrt, *unary(positive), kink("small", exactly([1e-300, 1e-8]))),
    "abs": row(torch.abs, *unary(), kink("at 0", KINKED)),
    "sin": row(torch.sin, *unary()),
    "maximum": row(torch.maximum, *binary(), kink("ties", *TIED)),
    "minimum": row(torch.minimum, *binary(), kink("ties", *TIED)),
    "where": row(
        lambda condition, a, b: torch.where(condition.bool(), a, b),
        case("same shape", bits(3, 4), normal(3, 4), normal(3, 4)),
        case("scalar branch", bits(3, 4), normal(3, 4), normal()),
        case("row and column", bits(3, 4), normal(4), normal(3, 1)),
        case("condition stretched", bits(4), normal(3, 4), normal(3, 4)),
        case("condition stretches", bits(2, 3, 4), normal(4), normal()),
        case("0 and 1 as condition", exactly([0.0, 1.0, 1.0]), normal(3), normal(3)),
        case("strided", backwards(bits(3, 4)), every_second(normal(3, 4)), normal(3, 4)),
    ),
    "clip": row(
        lambda x, lo=-1.0, hi=1.0: torch.clamp(x, lo, hi),
        *unary(),
        case("other bounds", normal(3, 4, scale=3.0), lo=0.5, hi=4.0),
        kink("on the bounds", exactly([-2.0, -1.0, 0.0, 1.0, 2.0])),
    ),
    "sum": row(
        lambda x, axis=None, keepdims=False: x.sum(dims(x, axis), keepdims), *reductions(), EMPTY_AXIS_KEPT, *unary()
    ),
    "mean": row(
        lambda x, axis=None, keepdims=False: x.mean(dims(x, axis), keepdims),
        *reductions(),
        EMPTY_AXIS_KEPT,
        case("scalar", normal()),
    ),
    "var": row(
        lambda x, axis=None, keepdims=False, ddof=0: x.var(dims(x, axis), correction=ddof, keepdim=keepdims),
        *reductions(),
        case("unbiased", normal(3, 4), axis=1, ddof=1),
        case("unbiased, two axes", normal(2, 3, 4), axis=(0, 2), ddof=1, keepdims=True),
        case("far from 0", exactly([[1e3, 1e3 + 1, 1e3 - 2]]), axis=1, smooth=False),
    ),
    "amax": row(
        lambda x, axis=None, keepdims=False: x.amax(dims(x, axis), keepdims),
        *reductions(),
        EMPTY_AXIS_KEPT,
        case("scalar", normal()),
        kink("ties", exactly([[2.0, 2.0, 1.0], [0.0, 3.0, 3.0]]), axis=1),
        kink("ties over everything", exactly([[2.0, 3.0, 1.0], [0.0, 3.0, 3.0]])),
        kink("ties over two axes", exactly(np.ones((2, 3, 2))), axis=(0, 2), keepdims=True),
    ),
    "logsumexp": row(
        lambda x, axis=None, keepdims=False: torch.logsumexp(x, dims(x, axis), keepdims),
        *reductions(),
        EMPTY_AXIS_KEPT,
        kink("extremes", EXTREMES),
        kink("extremes along axis 0", exactly([[1000.0, -1000.0], [999.0, 1000.0]]), axis=0, keepdims=True),
    ),
    "cumsum": row(
        lambda x, axis=0: torch.cumsum(x, axis),
        case("vector", normal(5)),
        case("axis 0", normal(3, 4)),
        case("axis 1", normal(3, 4), axis=1),
        case("negative axis", normal(2, 3, 4), axis=-2),
        case("one entry", normal(1)),
        case("empty", normal(0, 3)),
        case("negative strides", backwards(normal(3, 4)), axis=1),
    ),
    "reshape": row(
        lambda x, shape=None: x.reshape(x.shape if shape is None else shape),
        case("to 3-D", normal(4, 6), shape=(2, 3, 4)),
        case("flat", normal(3, 4), shape=(-1,)),
        case("inferred", normal(3, 4), shape=(2, -1)),
        case("from a scalar", normal(), shape=(1, 1)),
        case("to a scalar", normal(1, 1), shape=()),
        case("unchanged", normal(3, 4)),
        case("empty", normal(0, 3), shape=(3, 0)),
        case("strided", backwards(every_second(normal(3, 4))), shape=(4, 3)),
    ),
    "transpose": row(
        lambda x, axes=None: x.permute(axes or tuple(range(x.ndim))[::-1]),
        case("matrix", normal(3, 4)),
        case("square", normal(4, 4)),
        case("reversed", normal(2, 3, 4)),
        case("3-cycle", normal(2, 3, 4), axes=(1, 2, 0)),
        case("3-cycle, cube", normal(3, 3, 3), axes=(2, 0, 1)),
        case("4 axes", normal(1, 2, 3, 4), axes=(3, 0, 2, 1)),
        case("scalar", normal()),
        case("strided", every_second(normal(3, 4)), axes=(1, 0)),
    ),
    "broadcast_to": row(
        lambda x, shape=None: x.expand(x.shape if shape is None else shape),
        case("new leading axis", normal(4), shape=(3, 4)),
        case("column", normal(3, 1), shape=(3, 4)),
        case("new and inner axes", normal(3, 1), shape=(2, 3, 4)),
        case("scalar", normal(), shape=(2, 3)),
        case("unchanged", normal(3, 4), shape=(3, 4)),
        case("size 1 kept", normal(1, 4), shape=(3, 1, 4)),
        case("stretched to empty", normal(1, 4), shape=(0, 4)),
    ),
    "concatenate": row(
        lambda a, b, axis=0: torch.cat([a, b], axis),
        case("unequal", normal(2, 3), normal(4, 3)),
        case("axis 1", normal(3, 2), normal(3, 5), axis=1),
        case("negative axis, square", normal(3, 3), normal(3, 3), axis=-1),
        case("middle axis", normal(2, 1, 3), normal(2, 4, 3), axis=-2),
        case("vectors", normal(2), normal(3)),
        case("one empty", normal(0, 3), normal(2, 3)),
        case("strided", every_second(normal(2, 3)), backwards(normal(2, 3))),
    ),
    "stack": row(
        lambda a, b, axis=0: torch.stack([a, b], axis),
        case("axis 0", normal(2, 3), normal(2, 3)),
        case("axis 1", normal(2, 3), normal(2, 3), axis=1),
        case("negative axis, square", normal(3, 3), normal(3, 3), axis=-1),
        case("before the last", normal(2, 3), normal(2, 3), axis=-2),
        case("scalars", normal(), normal()),
        case("strided", every_second(normal(2, 3)), backwards(normal(2, 3))),
    ),
    "getitem": row(
        lambda x, index: x[index],
        case("repeated", normal(4, 3), exactly([0, 2, 2, 2, 1])),
        case("negative", normal(4, 3), exactly([-1, 0, -4, 3])),
        case("2-D index", normal(4, 3), below(4, 2, 5)),
        case("vector", normal(4), below(4, 6, low=-4)),
        case("one", normal(4, 3), exactly([2])),
        case("empty index", normal(4, 3), exactly(np.zeros(0, dtype=int))),
        case("3-D", normal(4, 2, 3), below(4, 5)),
        case("strided", backwards(normal(4, 3)), backwards(below(4, 5))),
    ),
    "gather": row(
        lambda x, index, axis=0: torch.gather(x, axis, index),
        case("axis 0", normal(4, 3), below(4, 5, 3)),
        case("axis 1, repeated", normal(3, 4), exactly([[0, 0, 3], [1, 1, 1], [2, 3, 2]]), axis=1),
        case("negative axis, square", normal(3, 3), below(3, 3, 3), axis=-1),
        case("middle axis", normal(2, 4, 3), below(4, 2, 5, 3), axis=1),
        case("vector", normal(4), below(4, 6)),
        case("empty index", normal(4, 3), exactly(np.zeros((0, 3), dtype=int))),
        case("strided", every_second(normal(4, 3)), backwards(below(4, 5, 3))),
    ),
    "matmul": row(
        torch.matmul,
        case("square", normal(3, 3), normal(3, 3)),
        case("all different", normal(2, 3), normal(3, 5)),
        case("batched", normal(4, 2, 3), normal(4, 3, 5)),
        case("batch stretched in a", normal(2, 3), normal(4, 3, 5)),
        case("batch stretched in b", normal(4, 2, 3), normal(3, 5)),
        case("batch of 1 stretched", normal(1, 2, 3), normal(4, 3, 5)),
        case("two batch axes", normal(2, 1, 2, 3), normal(4, 3, 5)),
        case("row times column", normal(1, 3), normal(3, 1)),
        case("nothing in common", normal(2, 0), normal(0, 3)),
        case("strided", every_second(normal(2, 3)), backwards(normal(3, 5))),
    ),
    "matvec": row(
        torch.mv,
        case("wide", normal(2, 3), normal(3)),
        case("tall", normal(5, 2), normal(2)),
        case("square", normal(3, 3), normal(3)),
        case("one entry", normal(1, 1), normal(1)),
        case("strided", every_second(normal(3, 4)), backwards(normal(4))),
    ),
    "linear": row(
        functional.linear,
        case("batch", normal(4, 3), normal(2, 3)),
        case("square", normal(3, 3), normal(3, 3)),
        case("vector", normal(3), normal(2, 3)),
        case("sequence", normal(4, 5, 3), normal(2, 3)),
        case("batch of 1", normal(1, 3), normal(2, 3)),
        case("empty batch", normal(0, 3), normal(2, 3)),
        case("strided", every_second(normal(4, 3)), backwards(normal(2, 3))),
    ),
    "affine": row(
        functional.linear,
        case("batch", normal(4, 3), normal(2, 3), normal(2)),
        case("square", normal(3, 3), normal(3, 3), normal(3)),
        case("vector", normal(3), normal(2, 3), normal(2)),
        case("sequence", normal(4, 5, 3), normal(2, 3), normal(2)),
        case("batch of 1", normal(1, 3), normal(2, 3), normal(2)),
        case("one output", normal(4, 3), normal(1, 3), normal(1)),
        case("empty batch", normal(0, 3), normal(2, 3), normal(2)),
        case("strided", every_second(normal(4, 3)), backwards(normal(2, 3)), backwards(normal(2))),
    ),
    "einsum": row(
        lambda a, b, subscripts="ij,jk->ik": torch.einsum(subscripts, a, b),
        case("product", normal(2, 3), normal(3, 4)),
        case("elementwise", normal(2, 3), normal(2, 3), subscripts="ij,ij->ij"),
        case("inner", normal(2, 3), normal(2, 3), subscripts="ij,ij->"),
        case("outer", normal(2), normal(3), subscripts="i,j->ji"),
        case("batched, transposed", normal(4, 2, 3), normal(4, 5, 3), subscripts="bij,bkj->kbi"),
        case("letter of a summed", normal(2, 3, 4), normal(3, 5), subscripts="ijl,jk->ik"),
        case("letter of b summed", normal(2, 3), normal(3, 5), subscripts="ij,jk->i"),
        case("all summed", normal(2, 3), normal(4), subscripts="ij,k->"),
        case("scalar operand", normal(), normal(2, 3), subscripts=",ij->j"),
        case("spaces", normal(2, 3), normal(3, 4), subscripts="ij, jk -> ki"),
        case("strided", every_second(normal(2, 3)), backwards(normal(3, 4))),
    ),
    # --- ps3: activations and losses --------------------------------------------------------------
    "relu": row(torch.relu, *unary(), kink("at 0", KINKED), kink("extremes", EXTREMES)),
    "leaky_relu": row(
        lambda x, negative_slope=0.01: functional.leaky_relu(x, negative_slope),
        *unary(),
        case("steep", normal(3, 4), negative_slope=1.5),
        kink("at 0", KINKED, negative_slope=0.3),
        kink("extremes", EXTREMES),
    ),
    "elu": row(
        lambda x, alpha=1.0: functional.elu(x, alpha),
        *unary(),
        case("other alpha", normal(3, 4), alpha=0.4),
        kink("at 0", exactly([-2.0, 0.0, 3.0]), alpha=2.5),
        kink("extremes", EXTREMES),
    ),
    "sigmoid": row(torch.sigmoid, *unary(), kink("extremes", EXTREMES)),
    "tanh": row(torch.tanh, *unary(), kink("extremes", EXTREMES)),
    "softplus": row(
        lambda x: torch.logaddexp(x, torch.zeros_like(x)),
        *unary(),
        kink("extremes", EXTREMES),
        case("around 20, where torch's own switches form", exactly([19.0, 20.5, 30.0])),
    ),
    "gelu": row(functional.gelu, *unary(), case("wide", normal(20, scale=4.0)), kink("extremes", EXTREMES)),
    "silu": row(functional.silu, *unary(), kink("extremes", EXTREMES)),
    "softmax": row(lambda x, axis=-1: torch.softmax(x, axis), *along_one_axis()),
    "log_softmax": row(lambda x, axis=-1: torch.log_softmax(x, axis), *along_one_axis()),
    "mse": row(functional.mse_loss, *losses(), case("scalars", normal(), normal())),
    "l1": row(functional.l1_loss, *losses(), kink("equal entries", exactly([1.0, 2.0]), exactly([1.0, 3.0]))),
    "huber": row(
        lambda prediction, target, delta=1.0: functional.huber_loss(prediction, target, delta=delta),
        *losses(),
        case("small delta", normal(3, 4), normal(3, 4), delta=0.3),
        case("large delta", normal(3, 4), normal(3, 4), delta=10.0),
        kink("on the bound", exactly([1.0, -1.0, 0.0]), exactly([0.0, 0.0, 0.0])),
    ),
    "bce_with_logits": row(
        functional.binary_cross_entropy_with_logits,
        *losses(lambda *shape: exactly(np.linspace(0, 1, max(1, int(np.prod(shape)))).reshape(shape))),
        kink("extremes", EXTREMES, exactly([0.0, 1.0, 0.3, 1.0, 0.0, 0.0])),
    ),
    "nll": row(
        functional.nll_loss,
        case("rows", logs(4, 3), below(3, 4)),
        case("batch of 1", logs(1, 5), below(5, 1)),
        case("same class", logs(4, 3), exactly([2, 2, 2, 2])),
        case("strided", backwards(logs(4, 3)), backwards(below(3, 4))),
    ),
    "cross_entropy": row(
        functional.cross_entropy,
        case("rows", normal(4, 3), below(3, 4)),
        case("square", normal(4, 4), below(4, 4)),
        case("batch of 1", normal(1, 5), below(5, 1)),
        case("one class", normal(3, 1), exactly([0, 0, 0])),
        case("strided", every_second(normal(4, 3)), backwards(below(3, 4))),
        kink("extremes", exactly([[1000.0, -1000.0, 0.0], [999.0, 1000.0, -5.0]]), exactly([1, 0])),
    ),
    "kl_div": row(
        lambda log_probs, target: functional.kl_div(log_probs, target, reduction="batchmean"),
        case("rows", logs(4, 3), probabilities(4, 3)),
        case("sequence", logs(2, 5, 3), probabilities(2, 5, 3)),
        case("zeros in the target", logs(2, 3), exactly([[0.0, 0.5, 0.5], [1.0, 0.0, 0.0]])),
        case("strided", every_second(logs(4, 3)), backwards(probabilities(4, 3))),
    ),
    "l2_penalty": row(
        lambda w, strength=0.01: 0.5 * strength * (w**2).sum(),
        *unary(),
        case("strong", normal(3, 4), strength=2.0),
    ),
    # --- ps4: layers ------------------------------------------------------------------------------
    "layer_norm": row(
        lambda x, gamma, beta, eps=1e-5: functional.layer_norm(x, x.shape[-1:], gamma, beta, eps),
        case("rows", normal(3, 5), normal(5), normal(5)),
        case("square", normal(4, 4), normal(4), normal(4)),
        case("sequence", normal(2, 3, 5), normal(5), normal(5)),
        case("vector", normal(5), normal(5), normal(5)),
        case("large eps", normal(3, 5), normal(5), normal(5), eps=0.01),
        case("two features", normal(3, 2), normal(2), normal(2), eps=0.1),
        case("one feature", normal(3, 1), normal(1), normal(1)),
        case("shifted", exactly([[1000.0, 1001.0, 1003.0]]), normal(3), normal(3), smooth=False),
        case("strided", every_second(normal(3, 5)), backwards(normal(5)), normal(5)),
    ),
    "batch_norm": row(
        lambda x, gamma, beta, eps=1e-5: functional.batch_norm(x, None, None, gamma, beta, training=True, eps=eps),
        case("rows", normal(5, 3), normal(3), normal(3)),
        case("square", normal(4, 4), normal(4), normal(4)),
        case("batch of 2", normal(2, 3), normal(3), normal(3), eps=0.1),
        case("large eps", normal(5, 3), normal(3), normal(3), eps=0.01),
        case("strided", every_second(normal(5, 3)), backwards(normal(3)), normal(3)),
    ),
    "rms_norm": row(
        lambda x, gamma, eps=1e-6: functional.rms_norm(x, x.shape[-1:], gamma, eps),
        case("rows", normal(3, 5), normal(5)),
        case("square", normal(4, 4), normal(4)),
        case("sequence", normal(2, 3, 5), normal(5)),
        case("vector", normal(5), normal(5)),
        case("large eps", normal(3, 5), normal(5), eps=0.01),
        case("all zero", exactly(np.zeros((2, 3))), normal(3), eps=0.25),
        case("strided", every_second(normal(3, 5)), backwards(normal(5))),
    ),
    "group_norm": row(
        lambda x, gamma, beta, groups=2, eps=1e-5: functional.group_norm(x, groups, gamma, beta, eps),
        case("two groups", normal(2, 4, 3, 2), normal(4), normal(4)),
        case("one group", normal(2, 4, 3, 2), normal(4), normal(4), groups=1),
        case("a group for each channel", normal(2, 3, 3, 2), normal(3), normal(3), groups=3),
        case("large eps", normal(2, 6, 2, 2), normal(6), normal(6), groups=3, eps=0.01),
        case("one image", normal(1, 4, 2, 2), normal(4), normal(4)),
        case("strided", every_second(normal(2, 4, 3, 2)), backwards(normal(4)), normal(4)),
    ),
    "dropout": row(
        lambda x, mask, p=0.5: x * mask / (1 - p),
        case("half", normal(3, 4), bits(3, 4)),
        case("0 and 1 as mask", normal(3), exactly([0.0, 1.0, 1.0]), p=0.2),
        case("p = 0", normal(3, 4), exactly(np.ones((3, 4), dtype=bool)), p=0.0),
        case("all dropped", normal(3), exactly(np.zeros(3)), p=0.9),
        case("strided", every_second(normal(3, 4)), backwards(bits(3, 4))),
    ),
    "embedding": row(
        lambda index, weight, padding_idx=None: functional.embedding(index, weight, padding_idx),
        case("repeated", exactly([0, 2, 2, 1, 2]), normal(4, 3)),
        case("sequence", below(5, 2, 6), normal(5, 3)),
        case("padding", exactly([[0, 2, 2], [1, 0, 3]]), normal(4, 3), padding_idx=2, smooth=False),
        case("padding 0", exactly([[0, 2, 0], [1, 0, 3]]), normal(4, 3), padding_idx=0, smooth=False),
        case("empty", exactly(np.zeros((0, 2), dtype=int)), normal(4, 3)),
        case("strided", backwards(below(4, 5)), every_second(normal(4, 3))),
    ),
    "conv2d": row(
        lambda x, weight, bias, stride=1, padding=0: functional.conv2d(x, weight, bias, stride, padding),
        case("plain", normal(2, 3, 5, 4), normal(4, 3, 3, 2), normal(4)),
        case("padding", normal(2, 2, 4, 5), normal(3, 2, 3, 3), normal(3), padding=1),
        case("stride 2", normal(2, 2, 6, 5), normal(3, 2, 2, 3), normal(3), stride=2),
        case("stride 2, padding", normal(1, 2, 5, 7), normal(3, 2, 3, 2), normal(3), stride=2, padding=1),
        case("a rest in no window", normal(1, 2, 6, 6), normal(2, 2, 3, 3), normal(2), stride=2),
        case("stride beyond the kernel", normal(1, 1, 7, 7), normal(2, 1, 2, 2), normal(2), stride=3),
        case("1x1", normal(2, 3, 4, 4), normal(2, 3, 1, 1), normal(2)),
        case("whole image", normal(2, 3, 4, 3), normal(2, 3, 4, 3), normal(2)),
        case("padding beyond the kernel", normal(1, 1, 2, 2), normal(1, 1, 2, 2), normal(1), padding=3),
        case("strided", every_second(normal(1, 2, 4, 4)), backwards(normal(2, 2, 2, 2)), normal(2)),
    ),
    "max_pool2d": row(
        lambda x, kernel_size=2, stride=2: functional.max_pool2d(x, kernel_size, stride),
        case("plain", normal(2, 3, 4, 6)),
        case("overlapping", normal(2, 2, 5, 6), kernel_size=3, stride=1),
        case("overlapping, stride 2", normal(1, 2, 7, 7), kernel_size=3, stride=2),
        case("a rest in no window", normal(2, 2, 5, 7)),
        case("gaps", normal(1, 2, 7, 7), kernel_size=2, stride=3),
        case("not square", normal(1, 2, 5, 6), kernel_size=(3, 2), stride=2),
        case("one window", normal(1, 2, 3, 3), kernel_size=3),
        case("strided", backwards(every_second(normal(1, 2, 4, 4)))),
        kink("ties", exactly(np.ones((1, 1, 4, 4)))),
        kink("ties, overlapping", exactly(np.arange(25.0).reshape(1, 1, 5, 5) % 3), kernel_size=3, stride=1),
    ),
    "avg_pool2d": row(
        lambda x, kernel_size=2, stride=2: functional.avg_pool2d(x, kernel_size, stride),
        case("plain", normal(2, 3, 4, 6)),
        case("overlapping", normal(2, 2, 5, 6), kernel_size=3, stride=1),
        case("a rest in no window", normal(2, 2, 5, 7)),
        case("gaps", normal(1, 2, 7, 7), kernel_size=2, stride=3),
        case("not square", normal(1, 2, 5, 6), kernel_size=(3, 2), stride=2),
        case("strided", backwards(every_second(normal(1, 2, 4, 4)))),
    ),
    "attention": row(
        lambda q, k, v, causal=False: functional.scaled_dot_product_attention(q, k, v, is_causal=causal),
        case("one sequence", normal(3, 4), normal(3, 4), normal(3, 4)),
        case("batch", normal(2, 3, 4), normal(2, 5, 4), normal(2, 5, 6)),
        case("batch and heads", normal(2, 3, 4, 2), normal(2, 3, 5, 2), normal(2, 3, 5, 3)),
        case("causal", normal(2, 4, 3), normal(2, 4, 3), normal(2, 4, 3), causal=True),
        case("causal, more keys", normal(3, 4), normal(5, 4), normal(5, 2), causal=True),
        case("causal, fewer keys", normal(5, 4), normal(3, 4), normal(3, 2), causal=True),
        case("one key", normal(3, 4), normal(1, 4), normal(1, 4)),
        case("strided", every_second(normal(3, 4)), backwards(normal(3, 4)), normal(3, 4)),
        case("extreme scores", normal(3, 4, scale=30.0), normal(3, 4, scale=30.0), normal(3, 4), smooth=False),
    ),
    "residual_relu": row(
        lambda x, W: x + torch.relu(functional.linear(x, W)),
        case("batch", normal(4, 3), normal(3, 3)),
        case("vector", normal(3), normal(3, 3)),
        case("sequence", normal(2, 4, 3), normal(3, 3)),
        case("one feature", normal(4, 1), normal(1, 1)),
        case("strided", every_second(normal(4, 3)), backwards(normal(3, 3))),
        kink("at 0", exactly([[0.0, 0.0], [1.0, -1.0]]), exactly([[1.0, 1.0], [2.0, -1.0]])),
    ),
    "glu": row(
        functional.glu,
        case("rows", normal(3, 8)),
        case("vector", normal(4)),
        case("sequence", normal(2, 3, 4)),
        case("two features", normal(3, 2)),
        case("strided", backwards(every_second(normal(3, 8)))),
        kink("extremes", exactly([[1000.0, -3.0, 1000.0, -1000.0]])),
    ),
    "lstm_cell": row(
        lambda x, h, c, W, U, b: torch.stack(torch.lstm_cell(x, (h, c), W, U, b, torch.zeros_like(b))),
        case("batch", normal(4, 3), normal(4, 2), normal(4, 2), normal(8, 3), normal(8, 2), normal(8)),
        case("batch of 1", normal(1, 2), normal(1, 3), normal(1, 3), normal(12, 2), normal(12, 3), normal(12)),
        case(
            "strided",
            every_second(normal(4, 3)),
            backwards(normal(4, 2)),
            normal(4, 2),
            backwards(normal(8, 3)),
            normal(8, 2),
            normal(8),
        ),
        kink(
            "saturated gates",
            normal(2, 3, scale=500.0),
            normal(2, 2),
            normal(2, 2),
            normal(8, 3),
            normal(8, 2),
            normal(8),
        ),
    ),
}
