"""Jacobians, and their products with a vector: finite differences as reference."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograder.course.declare import Exercise, mistake
from kit.declare import case
from kit.draws import Draw, Generator, every_second, normal, reversed_view, transposed_view
from kit.functions import Named

from ..public import jacobians as public
from ._shared import Array

Vector = Callable[[Array], Array]

CENTRAL = 2e-8
"""Between two ways of writing a central difference with a step of 1e-6: 1e-10. One-sided differences: 1e-6."""


def named(name: str, **recipes: Draw | float) -> Draw:
    """A function of the kit's table with parameters drawn for it."""

    def build(rng: Generator) -> Named:
        return Named(name, {key: made(rng) if isinstance(made, Draw) else made for key, made in recipes.items()})

    return Draw(name, build)


def nudges(x: Array, eps: float) -> list[Array]:
    """For each entry of ``x`` an array of its shape that is ``eps`` there and 0 elsewhere."""
    steps = np.zeros((x.size, x.size))
    np.fill_diagonal(steps, eps)
    return [step.reshape(x.shape) for step in steps]


def numerical_jacobian(f: Vector, x: Array, eps: float = 1e-6) -> Array:
    """J[:, i] = (f(x + eps e_i) - f(x - eps e_i)) / (2 eps), (m, n). Source: the central difference quotient."""
    return np.stack([(f(x + step) - f(x - step)) / (2 * eps) for step in nudges(x, eps)], axis=1)


NUMERICAL_JACOBIAN = Exercise(
    public.NUMERICAL_JACOBIAN,
    reference=numerical_jacobian,
    rtol=CENTRAL,
    floor=CENTRAL,
    cases=(
        case("linear", f=named("affine", W=normal(2, 4), b=normal(2)), x=normal(4)),
        case("entry by entry", f=named("cubes", scale=2.0), x=normal(3, offset=1.0)),
        case("more outputs than inputs", f=named("sine_mix", W=normal(4, 2)), x=normal(2)),
        case("more inputs than outputs", f=named("product_and_sum"), x=normal(5, offset=1.0)),
        case("f returns its argument", check="edges", f=named("itself"), x=normal(3)),
        case("one output", check="edges", f=named("one_output"), x=normal(3)),
        case("one input", check="edges", f=named("product_and_sum"), x=normal(1)),
        case("coarse step", check="edges", f=named("cubes"), x=normal(3, offset=2.0), eps=0.125),
        case("strided", check="edges", f=named("sine_mix", W=normal(2, 3)), x=every_second(normal(3))),
    ),
    mistakes=(
        mistake(
            "one-sided",
            lambda f, x, eps=1e-6: np.stack([(f(x + s) - f(x)) / eps for s in nudges(x, eps)], axis=1),
            "Close, but only to about six digits: you step to one side. "
            "Which term of the Taylor series would a step to the other side cancel?",
        ),
        mistake(
            "half-forgotten",
            lambda f, x, eps=1e-6: 2 * numerical_jacobian(f, x, eps),
            "Everything is twice too large. How far apart are the two points at which you evaluate f?",
        ),
        mistake(
            "transposed",
            lambda f, x, eps=1e-6: numerical_jacobian(f, x, eps).T,
            "Nudging x[i] gives one number per output. Is that a row or a column of a matrix of shape (m, n)?",
        ),
        mistake(
            "eps-ignored",
            lambda f, x, eps=1e-6: numerical_jacobian(f, x),
            "The caller may choose the step. Where in your function does the argument eps enter?",
        ),
        mistake(
            "outputs-summed",
            lambda f, x, eps=1e-6: numerical_jacobian(f, x, eps).sum(axis=0),
            "That is the gradient of the sum of the outputs. Where did the separate outputs go?",
        ),
    ),
)


@NUMERICAL_JACOBIAN.mistake
def shared_result(f, x, eps=1e-6):
    """f may hand back the very array it was given. If you change that array afterwards, what happens to the value that
    you kept?"""
    moved, columns = x.copy(), []
    for i in range(x.size):
        moved[i] += eps
        above = f(moved)
        moved[i] -= 2 * eps
        columns.append((above - f(moved)) / (2 * eps))
        moved[i] = x[i]
    return np.stack(columns, axis=1)


@NUMERICAL_JACOBIAN.mistake
def input_nudged_in_place(f, x, eps=1e-6):
    """Adding eps and taking it away again does not always give the same float. Whose array are you nudging?"""
    columns = []
    for i in range(x.size):
        x[i] += eps
        above = np.array(f(x))
        x[i] -= 2 * eps
        below = np.array(f(x))
        x[i] += eps
        columns.append((above - below) / (2 * eps))
    return np.stack(columns, axis=1)


@NUMERICAL_JACOBIAN.mistake
def all_entries_at_once(f, x, eps=1e-6):
    """All your columns are equal: you move every entry of x together. Which entry should column i be about?"""
    change = (f(x + eps) - f(x - eps)) / (2 * eps)
    return np.repeat(change[:, None], x.size, axis=1)


@NUMERICAL_JACOBIAN.right
def jacobian_by_columns(f, x, eps=1e-6):
    n, m = len(x), len(f(x))
    J = np.empty((m, n))
    for j in range(n):
        right, left = x.copy(), x.copy()
        right[j] += eps
        left[j] -= eps
        J[:, j] = (f(right) - f(left)) / (2.0 * eps)
    return J


@NUMERICAL_JACOBIAN.right
def jacobian_entry_by_entry(f, x, eps=1e-6):
    rows = []
    for i in range(f(x).shape[0]):
        row = []
        for j in range(x.shape[0]):
            nudge = eps * (np.arange(x.size) == j)
            row.append(float(f(x + nudge)[i] - f(x - nudge)[i]) / eps / 2)
        rows.append(row)
    return rows


@NUMERICAL_JACOBIAN.right
def jacobian_by_identity(f, x, eps=1e-6):
    above = np.array([f(row) for row in x + eps * np.eye(x.size)])
    below = np.array([f(row) for row in x - eps * np.eye(x.size)])
    return ((above - below) / (2 * eps)).T


@NUMERICAL_JACOBIAN.right
def jacobian_in_place_on_a_copy(f, x, eps=1e-6):
    x = x.copy()
    columns = []
    for j in range(x.size):
        saved = x[j]
        x[j] = saved + eps
        above = np.array(f(x))
        x[j] = saved - eps
        columns.append((above - np.array(f(x))) / (2 * eps))
        x[j] = saved
    return np.column_stack(columns)


VJP_FROM_JACOBIAN = Exercise(
    public.VJP_FROM_JACOBIAN,
    reference=lambda J, grad_output: J.T @ grad_output,
    cases=(
        case("square", J=normal(3, 3), grad_output=normal(3)),
        case("wide", J=normal(2, 4), grad_output=normal(2)),
        case("tall", J=normal(4, 2), grad_output=normal(4)),
        case("one output", check="edges", J=normal(1, 3), grad_output=normal(1)),
        case("one input", check="edges", J=normal(3, 1), grad_output=normal(3)),
        case("strided", check="edges", J=transposed_view(normal(3, 2)), grad_output=reversed_view(normal(2))),
    ),
    mistakes=(
        mistake(
            "not-transposed",
            lambda J, grad_output: J @ grad_output,
            "J times a vector takes a step in x to a step in y. Which way does a gradient travel?",
        ),
        mistake(
            "not-summed-over-outputs",
            lambda J, grad_output: grad_output[:, None] * J,
            "You have one row per output, each right. x[j] moves the loss through all outputs: "
            "what happens to the rows?",
        ),
        mistake(
            "upstream-ignored",
            lambda J, grad_output: J.sum(axis=0),
            "You add up the rows of J as they are. How much does the loss care about each output?",
        ),
        mistake(
            "averaged-over-outputs",
            lambda J, grad_output: J.T @ grad_output / len(grad_output),
            "All of it is too small by the number of outputs. Does the chain rule add paths or average them?",
        ),
        mistake(
            "kept-as-a-column",
            lambda J, grad_output: J.T @ grad_output[:, None],
            "The numbers are right, the shape is (n, 1). What shape does x have, and so its gradient?",
        ),
        mistake(
            "summed-over-inputs",
            lambda J, grad_output: J.sum(axis=1) * grad_output,
            "You sum over the axis of J that belongs to x. Which index should be left at the end?",
        ),
    ),
    right_answers=(
        lambda J, grad_output: grad_output @ J,
        lambda J, grad_output: np.einsum("ij,i->j", J, grad_output),
        lambda J, grad_output: (J * grad_output[:, None]).sum(axis=0),
    ),
)


@VJP_FROM_JACOBIAN.right
def vjp_by_loop(J, grad_output):
    m, n = J.shape
    return [sum(J[i, j] * grad_output[i] for i in range(m)) for j in range(n)]


def numerical_vjp(f: Vector, x: Array, grad_output: Array, eps: float = 1e-6) -> Array:
    """The change of sum(grad_output * f(x)) for each entry of x, divided by 2 eps; the shape of x."""
    changes = [np.sum(grad_output * (f(x + step) - f(x - step))) / (2 * eps) for step in nudges(x, eps)]
    return np.array(changes).reshape(x.shape)


NUMERICAL_VJP = Exercise(
    public.NUMERICAL_VJP,
    reference=numerical_vjp,
    rtol=CENTRAL,
    floor=CENTRAL,
    cases=(
        case("vector to vector", f=named("sine_mix", W=normal(3, 2)), x=normal(2), grad_output=normal(3)),
        case("matrix", f=named("cubes", scale=2.0), x=normal(2, 3, offset=1.0), grad_output=normal(2, 3)),
        case("matrix product", f=named("matrix_times", M=normal(4, 2)), x=normal(2, 3), grad_output=normal(4, 3)),
        case("vector to matrix", f=named("outer_self"), x=normal(3), grad_output=normal(3, 3)),
        case("scalar input", check="edges", f=named("cubes"), x=normal(offset=1.0), grad_output=normal()),
        case("scalar output", check="edges", f=named("total_square"), x=normal(2, 2), grad_output=normal(offset=3.0)),
        case("coarse step", check="edges", f=named("cubes"), x=normal(2, offset=2.0), grad_output=normal(2), eps=0.125),
        case("strided", check="edges", f=named("cubes"), x=transposed_view(normal(3, 2)), grad_output=normal(2, 3)),
    ),
    mistakes=(
        mistake(
            "half-forgotten",
            lambda f, x, grad_output, eps=1e-6: 2 * numerical_vjp(f, x, grad_output, eps),
            "Everything is twice too large. How far apart are the two points at which you evaluate f?",
        ),
        mistake(
            "upstream-ignored",
            lambda f, x, grad_output, eps=1e-6: numerical_vjp(f, x, np.ones(np.shape(grad_output)), eps),
            "You differentiate the plain sum of the outputs. With which weights do they enter the loss?",
        ),
        mistake(
            "eps-ignored",
            lambda f, x, grad_output, eps=1e-6: numerical_vjp(f, x, grad_output),
            "The caller may choose the step. Where in your function does the argument eps enter?",
        ),
        mistake(
            "left-flat",
            lambda f, x, grad_output, eps=1e-6: numerical_vjp(f, x, grad_output, eps).ravel(),
            "The numbers are right and stand in one long row. What shape does the gradient of x have?",
        ),
        mistake(
            "entry-by-entry",
            lambda f, x, grad_output, eps=1e-6: grad_output * (f(x + eps) - f(x - eps)) / (2 * eps),
            "That works where output i depends on input i alone. What if one entry of x moves several outputs?",
        ),
    ),
)


@NUMERICAL_VJP.mistake
def one_sided(f, x, grad_output, eps=1e-6):
    """Close, but only to about six digits: you step to one side. Which term of the Taylor series would a step to the
    other side cancel?"""
    changes = [np.sum(grad_output * (f(x + step) - f(x))) / eps for step in nudges(x, eps)]
    return np.array(changes).reshape(x.shape)


@NUMERICAL_VJP.mistake
def input_nudged_in_place(f, x, grad_output, eps=1e-6):
    """Adding eps and taking it away again does not always give the same float. Whose array are you nudging?"""
    gradient = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        x[i] += eps
        above = np.sum(grad_output * f(x))
        x[i] -= 2 * eps
        below = np.sum(grad_output * f(x))
        x[i] += eps
        gradient[i] = (above - below) / (2 * eps)
    return gradient


@NUMERICAL_VJP.right
def numerical_vjp_flat(f, x, grad_output, eps=1e-6):
    flat = []
    for k in range(x.size):
        nudge = np.zeros(x.size)
        nudge[k] = eps
        nudge = nudge.reshape(x.shape)
        flat.append(np.vdot(grad_output, f(x + nudge) - f(x - nudge)) / (2 * eps))
    return np.reshape(flat, x.shape)


@NUMERICAL_VJP.right
def numerical_vjp_of_the_weighted_sum(f, x, grad_output, eps=1e-6):
    def loss(z):
        return (grad_output * f(z)).sum()

    grad = np.empty(x.shape)
    for index in np.ndindex(*x.shape):
        up, down = np.array(x), np.array(x)
        up[index] += eps
        down[index] -= eps
        grad[index] = (loss(up) - loss(down)) / eps / 2
    return grad


@NUMERICAL_VJP.right
def numerical_vjp_by_iterator(f, x, grad_output, eps=1e-6):
    moved, grad = np.array(x), np.zeros(x.shape)
    walk = np.nditer(x, flags=["multi_index"])
    for value in walk:
        at = walk.multi_index
        moved[at] = value + eps
        above = np.array(f(moved))
        moved[at] = value - eps
        below = np.array(f(moved))
        moved[at] = value
        grad[at] = np.sum(grad_output * (above - below) / (2 * eps))
    return (grad,)
