"""ps5, the private half of the optimizers: gradient descent, momentum, Adam. Proven equal to torch.optim's."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.course.declare import Exercise, mistake
from kit.declare import case
from kit.draws import Draw, exactly

from ..public import optimizers as public
from ._nets import Array, Params, Recipes, each, gradients, net

State = dict[str, Any]


def sgd_step(params: Params, grads: Params, lr: float) -> Params:
    """w - lr g, in new arrays. Source: torch.optim.SGD."""
    return each(lambda value, grad: value - lr * grad, params, grads)


def weights_only(params: Params, grads: Params, lr: float) -> Params:
    """Biases left as they are."""
    return {key: value - lr * grads[key] if key.startswith("W") else value.copy() for key, value in params.items()}


def normalized(params: Params, grads: Params, lr: float) -> Params:
    """Steps of a length of their own."""
    return each(lambda value, grad: value - lr * grad / (np.linalg.norm(grad) or 1.0), params, grads)


RATES = exactly([0.1, 0.1, 0.05])

SGD_STEP = Exercise(
    public.SGD_STEP,
    reference=sgd_step,
    cases=(
        case("one step", **net(2, 3, 1), **gradients(2, 3, 1, 1), lr=exactly([0.1])),
        case("three steps", **net(2, 2, 2), **gradients(2, 2, 2, 3), lr=RATES),
        case("large rate", **net(3, 2, 1), **gradients(3, 2, 1, 2), lr=exactly([2.5, 0.5])),
        case("rate 0", check="edges", **net(2, 3, 1), **gradients(2, 3, 1, 2), lr=exactly([0.0, 0.0])),
        case(
            "tiny gradients",
            check="edges",
            **net(2, 3, 1, scale=1e-9),
            **gradients(2, 3, 1, 2, scale=1e-9),
            lr=exactly([0.1, 0.2]),
        ),
    ),
    mistakes=(
        mistake(
            "uphill",
            lambda params, grads, lr: sgd_step(params, grads, -lr),
            "You step along the gradient. Does the loss grow or fall in that direction?",
        ),
        mistake(
            "rate-forgotten",
            lambda params, grads, lr: sgd_step(params, grads, 1.0),
            "Halve lr: your step stays the same. Where does it enter?",
        ),
        mistake(
            "step-without-parameters",
            lambda params, grads, lr: each(lambda grad: -lr * grad, grads),
            "You return how far to go. From where?",
        ),
        mistake("biases-left-behind", weights_only, "The weights move. Which parameters stay where they are?"),
        mistake(
            "gradient-normalized",
            normalized,
            "All your steps have the same length. Should a steep slope not take you further than a flat one?",
        ),
    ),
)


@SGD_STEP.mistake
def parameters_overwritten(params, grads, lr):
    """The numbers are right, but the caller's arrays have moved. What does -= do to an array?"""
    for key, grad in grads.items():
        params[key] -= lr * grad
    return params


@SGD_STEP.right
def sgd_comprehension(params, grads, lr):
    return {name: params[name] - lr * grads[name] for name in params}


@SGD_STEP.right
def sgd_on_copies(params, grads, lr):
    new = {name: value.copy() for name, value in params.items()}
    for name, grad in grads.items():
        new[name] -= lr * grad
    return new


@SGD_STEP.right
def sgd_by_entries(params, grads, lr):
    new = {}
    for name, value in params.items():
        flat = [w - lr * g for w, g in zip(value.flat, grads[name].flat, strict=True)]
        new[name] = np.array(flat).reshape(value.shape)
    return new


Update = Callable[[State, str, Array, Array, float], Array]
"""(state, key, value, gradient, lr) to the new value: one array's part of a step."""


def by_array(update: Update) -> Callable[..., Params]:
    """An optimizer made of one update for each array."""

    def step(params: Params, grads: Params, state: State, lr: float) -> Params:
        return {key: update(state, key, value, grads[key], lr) for key, value in params.items()}

    return step


def momentum_step(params: Params, grads: Params, state: State, lr: float, momentum: float = 0.9) -> Params:
    """v = momentum v + g, then w - lr v. Source: torch.optim.SGD(momentum=...)."""
    new = {}
    for key, value in params.items():
        state[key] = momentum * state.get(key, 0.0) + grads[key]
        new[key] = value - lr * state[key]
    return new


TWO_RUNS = exactly([[0.1, 0.1, 0.1], [0.2, 0.2, 0.2]])


def runs(n_in: int, hidden: int, n_out: int, steps: int, runs: int = 1, scale: float = 1.0) -> Recipes:
    """Parameters and gradients of some runs of some steps."""
    return {**net(n_in, hidden, n_out, runs), **gradients(n_in, hidden, n_out, runs, steps, scale=scale)}


MOMENTUM_STEP = Exercise(
    public.MOMENTUM_STEP,
    reference=momentum_step,
    cases=(
        case("three steps", **runs(2, 2, 1, 3), lr=exactly([[0.1, 0.1, 0.1]])),
        case("another momentum", **runs(2, 2, 2, 4), lr=exactly([[0.1] * 4]), momentum=0.5),
        case("a rate that changes", **runs(2, 2, 1, 3), lr=exactly([[0.2, 0.1, 0.01]])),
        case("two runs that take turns", check="edges", **runs(2, 2, 1, 3, 2), lr=TWO_RUNS),
        case("no momentum", check="edges", **runs(2, 2, 1, 2), lr=exactly([[0.1, 0.1]]), momentum=0.0),
        case("one step", check="edges", **runs(3, 2, 1, 1), lr=exactly([[0.1]])),
    ),
    mistakes=(
        mistake(
            "velocity-not-kept",
            lambda params, grads, state, lr, momentum=0.9: momentum_step(params, grads, {}, lr, momentum),
            "Every step looks like a first step. Is the velocity in the very dict that you were handed?",
        ),
        mistake(
            "hard-coded-momentum",
            lambda params, grads, state, lr, momentum=0.9: momentum_step(params, grads, state, lr, 0.9),
            "This is right for the default. Which momentum did this call ask for?",
        ),
        mistake(
            "uphill",
            lambda params, grads, state, lr, momentum=0.9: momentum_step(params, grads, state, -lr, momentum),
            "You gather speed uphill. Which sign has the step?",
        ),
    ),
)


@MOMENTUM_STEP.mistake
def dampened(params, grads, state, lr, momentum=0.9):
    """You weigh the new gradient with what momentum leaves over. Does the text average, or add?"""
    return momentum_step(params, each(lambda grad: (1.0 - momentum) * grad, grads), state, lr, momentum)


@MOMENTUM_STEP.mistake
def rate_inside_the_velocity(params, grads, state, lr, momentum=0.9):
    """Right while lr stays the same. After lr has been lowered, which lr should scale the old velocity?"""
    return momentum_step(params, each(lambda grad: lr * grad, grads), state, 1.0, momentum)


@MOMENTUM_STEP.mistake
def look_ahead(params, grads, state, lr, momentum=0.9):
    """You look one step ahead, as Nesterov does. What does the plain rule step along?"""
    momentum_step(params, grads, state, lr, momentum)
    return {key: value - lr * (grads[key] + momentum * state[key]) for key, value in params.items()}


@MOMENTUM_STEP.mistake
def old_velocity(params, grads, state, lr, momentum=0.9):
    """Your first step goes nowhere. Is the velocity updated before or after it is used?"""
    old = {key: state.get(key, np.zeros_like(value)) for key, value in params.items()}
    momentum_step(params, grads, state, lr, momentum)
    return {key: value - lr * old[key] for key, value in params.items()}


@MOMENTUM_STEP.mistake
def gradient_as_buffer(params, grads, state, lr, momentum=0.9):
    """The numbers are right, but the gradients of the first step have changed. Whose array did you keep as the
    velocity?"""
    new = {}
    for key, value in params.items():
        if key in state:
            state[key] *= momentum
            state[key] += grads[key]
        else:
            state[key] = grads[key]
        new[key] = value - lr * state[key]
    return new


@MOMENTUM_STEP.right
def momentum_with_get(params, grads, state, lr, momentum=0.9):
    for name, grad in grads.items():
        state[name] = momentum * state.get(name, 0.0) + grad
    return {name: value - lr * state[name] for name, value in params.items()}


@MOMENTUM_STEP.right
def momentum_in_place(params, grads, state, lr, momentum=0.9):
    if not state:
        state.update({name: np.zeros_like(value) for name, value in params.items()})
    for name, velocity in state.items():
        velocity *= momentum
        velocity += grads[name]
    return {name: params[name] - lr * state[name] for name in params}


@MOMENTUM_STEP.right
def momentum_nested(params, grads, state, lr, momentum=0.9):
    velocities = state.setdefault("velocities", {})
    new = {}
    for name in params:
        old = velocities.get(name)
        velocities[name] = grads[name].copy() if old is None else np.add(np.multiply(momentum, old), grads[name])
        new[name] = params[name] + -lr * velocities[name]
    return new


def adam(
    m: Array, v: Array, t: int, lr: float, *, eps: float = 1e-8, corrected: bool = True, inside: bool = False
) -> Array:
    """The step of Adam after t updates of the moments m and v."""
    first, second = (m / (1 - 0.9**t), v / (1 - 0.999**t)) if corrected else (m, v)
    return np.asarray(lr * first / (np.sqrt(second + eps) if inside else np.sqrt(second) + eps))


def moments(state: State, key: str, grad: Array, beta1: float = 0.9, beta2: float = 0.999) -> tuple[Array, Array, int]:
    """Both moments of one array after one more gradient, and how many there have been; kept in ``state``."""
    m, v, t = state.get(key, (0.0, 0.0, 0))
    state[key] = beta1 * m + (1 - beta1) * grad, beta2 * v + (1 - beta2) * grad**2, t + 1
    found: tuple[Array, Array, int] = state[key]
    return found


def adam_step(params: Params, grads: Params, state: State, lr: float) -> Params:
    """Adam with bias correction. Source: torch.optim.Adam."""
    return {key: value - adam(*moments(state, key, grads[key]), lr) for key, value in params.items()}


def no_root(state: State, key: str, value: Array, grad: Array, lr: float) -> Array:
    """Divided by the second moment itself."""
    m, v, t = moments(state, key, grad)
    return value - lr * (m / (1 - 0.9**t)) / (v / (1 - 0.999**t) + 1e-8)


def betas_exchanged(state: State, key: str, value: Array, grad: Array, lr: float) -> Array:
    """The mean remembers long, the mean square briefly; each corrected by its own."""
    m, v, t = moments(state, key, grad, 0.999, 0.9)
    return value - lr * (m / (1 - 0.999**t)) / (np.sqrt(v / (1 - 0.9**t)) + 1e-8)


SPECIAL = {
    **runs(2, 2, 1, 3),
    "dW1": Draw("tiny and zero", lambda rng: rng.choice([0.0, 1e-9, -1e-9, 3e-8], (1, 3, 2, 2))),
}
"""Gradients of 0 and of the size of eps."""

ADAM_STEP = Exercise(
    public.ADAM_STEP,
    reference=adam_step,
    cases=(
        case("one step", **runs(2, 2, 1, 1), lr=exactly([[0.1]])),
        case("four steps", **runs(2, 2, 1, 4), lr=exactly([[0.1] * 4])),
        case("a rate that changes", **runs(2, 1, 2, 3), lr=exactly([[0.2, 0.1, 0.01]])),
        case("tiny gradients", **{**runs(2, 2, 1, 3), **gradients(2, 2, 1, 1, 3, scale=1e-8)}, lr=exactly([[0.1] * 3])),
        case("two runs that take turns", check="edges", **runs(2, 2, 1, 3, 2), lr=TWO_RUNS),
        case("zeros and tiny", check="edges", **SPECIAL, lr=exactly([[0.1] * 3])),
        case("large gradients", check="edges", **runs(2, 2, 1, 2, scale=1e6), lr=exactly([[0.1] * 2])),
    ),
    mistakes=(
        mistake(
            "not-corrected",
            by_array(lambda state, key, w, g, lr: w - adam(*moments(state, key, g), lr, corrected=False)),
            "Your first step is about three times too long: both moments start at 0. What makes up for that bias?",
        ),
        mistake(
            "eps-inside-the-root",
            by_array(lambda state, key, w, g, lr: w - adam(*moments(state, key, g), lr, inside=True)),
            "Right for large gradients. For one of 1e-8: is eps added before the root is taken, or after?",
        ),
        mistake(
            "moments-not-kept",
            lambda params, grads, state, lr: adam_step(params, grads, {}, lr),
            "Every step looks like a first step. Are the moments in the very dict that you were handed?",
        ),
        mistake(
            "betas-exchanged",
            by_array(betas_exchanged),
            "The first step is right, later ones are not. Which of the two moments forgets faster?",
        ),
        mistake(
            "root-forgotten",
            by_array(no_root),
            "Small gradients make your largest steps. In which unit is the second moment, and what brings it back?",
        ),
        mistake(
            "uphill",
            lambda params, grads, state, lr: adam_step(params, grads, state, -lr),
            "Your parameters climb. Which sign has the step?",
        ),
    ),
)


@ADAM_STEP.mistake
def eps_before_the_correction(params, grads, state, lr):
    """Tiny gradients show it: to which quantity is eps added, the corrected second moment's root or the uncorrected
    one's?"""
    new = {}
    for key, value in params.items():
        m, v, t = moments(state, key, grads[key])
        new[key] = value - lr * np.sqrt(1 - 0.999**t) / (1 - 0.9**t) * m / (np.sqrt(v) + 1e-8)
    return new


@ADAM_STEP.mistake
def counted_once_per_array(params, grads, state, lr):
    """Your corrections differ from one parameter to the next. How often does t grow in one step?"""
    new = {}
    for key, value in params.items():
        state["t"] = state.get("t", 0) + 1
        m, v, _ = moments(state, key, grads[key])
        new[key] = value - adam(m, v, state["t"], lr)
    return new


@ADAM_STEP.mistake
def counted_from_zero(params, grads, state, lr):
    """Your first step divides by 0. What is t after the first gradient?"""
    new = {}
    for key, value in params.items():
        m, v, t = moments(state, key, grads[key])
        first, second = np.float64(1 - 0.9 ** (t - 1)), np.float64(1 - 0.999 ** (t - 1))
        new[key] = value - lr * (m / first) / (np.sqrt(v / second) + 1e-8)
    return new


@ADAM_STEP.right
def adam_textbook(params, grads, state, lr):
    t = state["t"] = state.get("t", 0) + 1
    m, v = state.setdefault("m", {}), state.setdefault("v", {})
    new = {}
    for k, g in grads.items():
        m[k] = 0.9 * m.get(k, 0) + 0.1 * g
        v[k] = 0.999 * v.get(k, 0) + 0.001 * g * g
        new[k] = params[k] - lr * (m[k] / (1 - 0.9**t)) / (np.sqrt(v[k] / (1 - 0.999**t)) + 1e-8)
    return new


@ADAM_STEP.right
def adam_as_pytorch(params, grads, state, lr):
    new = {}
    for name, value in params.items():
        own = state.setdefault(name, {"step": 0, "m": np.zeros_like(value), "v": np.zeros_like(value)})
        own["step"] += 1
        own["m"] += (1 - 0.9) * (grads[name] - own["m"])
        own["v"] *= 0.999
        own["v"] += (1 - 0.999) * grads[name] ** 2
        correction1, correction2 = 1 - 0.9 ** own["step"], 1 - 0.999 ** own["step"]
        new[name] = value - lr / correction1 * own["m"] / (np.sqrt(own["v"]) / math.sqrt(correction2) + 1e-8)
    return new


@ADAM_STEP.right
def adam_with_history(params, grads, state, lr):
    history = state.setdefault("history", [])
    history.append({name: grad.copy() for name, grad in grads.items()})
    t, new = len(history), {}
    for name, value in params.items():
        first = sum(0.1 * 0.9 ** (t - 1 - i) * old[name] for i, old in enumerate(history)) / (1 - 0.9**t)
        second = sum(0.001 * 0.999 ** (t - 1 - i) * old[name] ** 2 for i, old in enumerate(history)) / (1 - 0.999**t)
        new[name] = value - lr * first / (second**0.5 + 1e-8)
    return new
