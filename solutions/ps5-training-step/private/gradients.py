"""ps5, the private half of what is done to gradients before a step: cleared, accumulated, clipped."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.course.declare import Exercise, mistake
from kit.declare import case
from kit.draws import Draw, every_second, exactly, normal

from ..public import gradients as public
from ._nets import Array, Params, Recipes, each, gradients


def zero_grad(grads: Params) -> Params:
    """Zeros of the same shapes, in new arrays. Source: chapter, model.zero_grad()."""
    return each(np.zeros_like, grads)


ZERO_GRAD = Exercise(
    public.ZERO_GRAD,
    reference=zero_grad,
    cases=(
        case("small", **gradients(2, 3, 1)),
        case("two outputs", **gradients(3, 4, 2)),
        case(
            "overflowed",
            check="edges",
            **{**gradients(2, 3, 1), "dW1": exactly([[np.inf, -1.0], [np.nan, 0.0], [2.0, -np.inf]])},
        ),
        case("strided", check="edges", **{**gradients(2, 3, 2), "dW2": every_second(normal(2, 3))}),
    ),
    mistakes=(
        mistake(
            "none-for-zero",
            lambda grads: each(lambda grad: None, grads),
            "PyTorch may set a gradient to None. What would your accumulate add None to?",
        ),
        mistake(
            "empty-dict",
            lambda grads: {},
            "The gradients are gone altogether. Which keys and shapes should the zeros have?",
        ),
        mistake(
            "one-number-each",
            lambda grads: each(lambda grad: 0.0, grads),
            "A zero under every key, but which shape does the gradient of W1 have?",
        ),
        mistake(
            "times-zero",
            lambda grads: each(lambda grad: grad * 0.0, grads),
            "Almost always 0. What is infinity times 0, after a step that overflowed?",
        ),
        mistake(
            "unchanged",
            lambda grads: each(np.copy, grads),
            "These are the old gradients, copied. What would the next step add its own to?",
        ),
    ),
    right_answers=(
        lambda grads: {name: np.zeros(grad.shape) for name, grad in grads.items()},
        lambda grads: {name: np.zeros_like(grads[name]) for name in grads},
    ),
)


@ZERO_GRAD.mistake
def overwritten(grads):
    """The caller's gradients are zero now as well. Were they yours to overwrite?"""
    for grad in grads.values():
        grad[...] = 0.0
    return grads


@ZERO_GRAD.right
def zero_by_loop(grads):
    new = {}
    for name, grad in grads.items():
        new[name] = np.full(np.shape(grad), 0.0)
    return new


def accumulate(total: Params | None, grads: Params) -> Params:
    """total + grads in new arrays; nothing yet counts as zeros. Source: chapter, Multiple Paths (paths are added)."""
    return each(np.add, total, grads) if total else each(np.copy, grads)


def weights_only(total: Params | None, grads: Params) -> Params:
    """Biases taken from the last batch."""
    if not total:
        return each(np.copy, grads)
    return {key: total[key] + grad if key.startswith("W") else grad.copy() for key, grad in grads.items()}


def some_total(n_in: int, hidden: int, n_out: int) -> Draw:
    """A total from earlier batches: a dict."""
    recipes = gradients(n_in, hidden, n_out)
    return Draw("total", lambda rng: {name[1:]: recipe(rng) for name, recipe in recipes.items()})


ACCUMULATE = Exercise(
    public.ACCUMULATE,
    reference=accumulate,
    cases=(
        case("two micro-batches", total={}, **gradients(2, 3, 1, 2)),
        case("four micro-batches", total={}, **gradients(2, 2, 2, 4)),
        case("onto a total", total=some_total(2, 3, 1), **gradients(2, 3, 1, 1)),
        case("None at first", check="edges", total=None, **gradients(2, 3, 1, 3)),
        case("one micro-batch", check="edges", total={}, **gradients(2, 3, 1, 1)),
        case("strided", check="edges", total={}, **{**gradients(2, 3, 2, 2), "dW1": every_second(normal(2, 3, 2))}),
    ),
    mistakes=(
        mistake(
            "averaged",
            lambda total, grads: each(lambda a, b: (a + b) / 2.0, total, grads) if total else each(np.copy, grads),
            "You halve whenever something is added. Who knows how large each micro-batch is: accumulate or its caller?",
        ),
        mistake(
            "overwritten",
            lambda total, grads: each(np.copy, grads),
            "Only the last micro-batch is left. What happened to the ones before?",
        ),
        mistake(
            "memory-shared",
            lambda total, grads: each(np.add, total, grads) if total else dict(grads),
            "The first total is made of the caller's own arrays. What happens to it when those are used again?",
        ),
        mistake(
            "biases-not-added", weights_only, "The weights add up. Which entries of the dict are replaced instead?"
        ),
        mistake(
            "difference",
            lambda total, grads: each(np.subtract, total, grads) if total else each(np.copy, grads),
            "Your second micro-batch counts against the first. Do contributions add or cancel?",
        ),
    ),
    right_answers=(lambda total, grads: {name: (total or {}).get(name, 0.0) + grad for name, grad in grads.items()},),
)


@ACCUMULATE.mistake
def total_changed_in_place(total, grads):
    """The sum is right, and the total that the caller handed in has changed. What does += do to an array?"""
    if not total:
        return each(np.copy, grads)
    for key, grad in grads.items():
        total[key] += grad
    return total


@ACCUMULATE.right
def accumulate_comprehension(total, grads):
    if not total:
        return {name: grad.copy() for name, grad in grads.items()}
    return {name: total[name] + grads[name] for name in grads}


@ACCUMULATE.right
def accumulate_into_zeros(total, grads):
    new = {name: np.zeros_like(grad) for name, grad in grads.items()}
    for one in (total, grads):
        for name, grad in (one or {}).items():
            new[name] += grad
    return new


Norm = Callable[[list[Array]], Any]


def norm_of_all(arrays: list[Array]) -> float:
    """The 2-norm of all entries of all arrays together."""
    return float(np.sqrt(sum(float((array**2).sum()) for array in arrays)))


def clip_grad_norm(grads: Params, max_norm: float) -> tuple[Params, float]:
    """Scaled to a joint norm of max_norm if it is above. Source: torch.nn.utils.clip_grad_norm_."""
    norm = norm_of_all(list(grads.values()))
    factor = max_norm / norm if norm > max_norm else 1.0
    return each(lambda grad: factor * grad, grads), norm


def clipped_by(norm: Norm) -> Callable[[Params, float], tuple[Params, float]]:
    """Clipping by something else than the joint 2-norm."""

    def clip(grads: Params, max_norm: float) -> tuple[Params, float]:
        size = norm(list(grads.values()))
        factor = max_norm / size if size > max_norm else 1.0
        return each(lambda grad: factor * grad, grads), size

    return clip


ZEROS: Recipes = {name: exactly(np.zeros(shape)) for name, shape in
                          (("dW1", (3, 2)), ("db1", (3,)), ("dW2", (1, 3)), ("db2", (1,)))}  # fmt: skip

CLIP_GRAD_NORM = Exercise(
    public.CLIP_GRAD_NORM,
    reference=clip_grad_norm,
    rtol=1e-6,  # PyTorch adds 1e-6 to the norm before it divides: both ways are right
    cases=(
        case("too long", **gradients(2, 3, 1, scale=10.0), max_norm=5.0),
        case("much too long", **gradients(3, 4, 2, scale=1000.0), max_norm=1.0),
        case("short enough", **gradients(2, 3, 1), max_norm=50.0),
        case("each short, together long", **gradients(2, 3, 2, scale=2.0), max_norm=4.5),
        case("zeros", check="edges", **ZEROS, max_norm=2.0),
        case("limit below 1", check="edges", **gradients(2, 2, 1, scale=20.0), max_norm=0.25),
        case("one array rules", check="edges", **{**gradients(2, 3, 1), "db2": exactly([1e6])}, max_norm=100.0),
    ),
    mistakes=(
        mistake(
            "root-forgotten",
            clipped_by(lambda arrays: norm_of_all(arrays) ** 2),
            "You add up the squares. What is still missing to get a length?",
        ),
        mistake(
            "norms-added",
            clipped_by(lambda arrays: sum(norm_of_all([array]) for array in arrays)),
            "You add the lengths of the arrays. If a step goes 3 east and 4 north, how long is it?",
        ),
        mistake(
            "largest-entry",
            clipped_by(lambda arrays: max(float(np.abs(array).max()) for array in arrays)),
            "You measure by the largest entry. Which norm does the text ask for?",
        ),
    ),
)


@CLIP_GRAD_NORM.mistake
def each_array_alone(grads, max_norm):
    """You clip each array by itself, which turns the step. Which length should be limited: of one array or of the
    whole gradient?"""
    clipped = {key: clip_grad_norm({key: grad}, max_norm)[0][key] for key, grad in grads.items()}
    return clipped, norm_of_all(list(grads.values()))


@CLIP_GRAD_NORM.mistake
def scaled_up_too(grads, max_norm):
    """Short gradients come out longer. What does clipping do to a gradient below the limit?"""
    norm = norm_of_all(list(grads.values()))
    return each(lambda grad: grad * (max_norm / norm if norm else 1.0), grads), norm


@CLIP_GRAD_NORM.mistake
def norm_after_clipping(grads, max_norm):
    """The gradients are right; the norm you report never exceeds the limit. Of what use would that be in a log?"""
    clipped = clip_grad_norm(grads, max_norm)[0]
    return clipped, norm_of_all(list(clipped.values()))


@CLIP_GRAD_NORM.mistake
def entry_by_entry(grads, max_norm):
    """You cut off single entries. Does the gradient still point the same way?"""
    return each(lambda grad: np.clip(grad, -max_norm, max_norm), grads), norm_of_all(list(grads.values()))


@CLIP_GRAD_NORM.mistake
def zero_divided_by_zero(grads, max_norm):
    """What is the direction of a gradient of zeros, and need you know it?"""
    norm = np.float64(norm_of_all(list(grads.values())))
    return each(lambda grad: grad / norm * min(norm, max_norm), grads), float(norm)


@CLIP_GRAD_NORM.mistake
def unit_length(grads, max_norm):
    """Whatever the limit, you scale to the same length. Where does max_norm enter the factor?"""
    norm = norm_of_all(list(grads.values()))
    return each(lambda grad: grad / (norm if norm > max_norm else 1.0), grads), norm


@CLIP_GRAD_NORM.mistake
def gradients_overwritten(grads, max_norm):
    """The numbers are right, and the caller's gradients are clipped as well. Does the text ask for that?"""
    clipped, norm = clip_grad_norm(grads, max_norm)
    for key, grad in grads.items():
        grad[...] = clipped[key]
    return grads, norm


@CLIP_GRAD_NORM.right
def clip_plain(grads, max_norm):
    norm = math.sqrt(sum((grad**2).sum() for grad in grads.values()))
    if norm <= max_norm:
        return {name: grad.copy() for name, grad in grads.items()}, norm
    return {name: grad * (max_norm / norm) for name, grad in grads.items()}, norm


@CLIP_GRAD_NORM.right
def clip_as_pytorch(grads, max_norm):
    norm = np.linalg.norm([np.linalg.norm(grad) for grad in grads.values()])
    coefficient = min(1.0, max_norm / (norm + 1e-6))
    return {name: grad * coefficient for name, grad in grads.items()}, norm


@CLIP_GRAD_NORM.right
def clip_flat(grads, max_norm):
    flat = np.concatenate([grad.ravel() for grad in grads.values()])
    norm = float(np.sqrt(flat @ flat))
    return (dict(grads) if norm <= max_norm else {k: v / norm * max_norm for k, v in grads.items()}), norm
