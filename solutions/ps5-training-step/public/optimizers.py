"""ps5, the public half of the optimizers: gradient descent, momentum, Adam."""

from __future__ import annotations

from kit.declare import Function
from kit.stored import stored

from ._shared import START, THREE_STEPS, TWO_RUNS, one_run, steps
from .gradients import GRADS, NET

STEPS = (*NET, *GRADS, "lr")
AFTER = tuple(f"{name} after each step" for name in NET)

SGD_STEP = Function(
    name="sgd_step",
    signature="sgd_step(params, grads, lr)",
    statement="New parameters after one step of gradient descent. The check takes several steps, lr holding one "
    "number each.",
    adapter="steps",
    takes=STEPS,
    results=AFTER,
    stored=stored(
        "sgd_step",
        {
            "one step": {**START, **steps(1), "lr": [0.1]},
            "three steps": {**START, **THREE_STEPS, "lr": [0.1, 0.1, 0.05]},
        },
    ),
)

MOMENTUM_STEP = Function(
    name="momentum_step",
    signature="momentum_step(params, grads, state, lr, momentum=0.9)",
    statement=(
        "New parameters after one step with momentum; the velocities are kept in state. The first axis of all arrays "
        "is the run: runs take turns, each with its own state."
    ),
    adapter="interleaved_steps",
    takes=STEPS,
    results=AFTER,
    stored=stored(
        "momentum_step",
        {
            "three steps": {**one_run(START), **one_run(THREE_STEPS), "lr": [[0.1, 0.1, 0.1]]},
            "lr changes, another momentum": {
                **one_run(START),
                **one_run(THREE_STEPS),
                "lr": [[0.2, 0.1, 0.01]],
                "momentum": 0.5,
            },
            "two runs that take turns": {**TWO_RUNS, "lr": [[0.1, 0.1], [0.2, 0.2]]},
        },
    ),
)

ADAM_STEP = Function(
    name="adam_step",
    signature="adam_step(params, grads, state, lr)",
    statement=(
        "New parameters after one step of Adam; moments and step count are kept in state. The first axis of all "
        "arrays is the run: runs take turns, each with its own state."
    ),
    adapter="interleaved_steps",
    takes=STEPS,
    results=AFTER,
    stored=stored(
        "adam_step",
        {
            "one step": {**one_run(START), **one_run(steps(1)), "lr": [[0.1]]},
            "three steps": {**one_run(START), **one_run(THREE_STEPS), "lr": [[0.1, 0.1, 0.01]]},
            "gradients as small as eps": {
                **one_run(START),
                "dW1": [[[[5e-09, -1e-08], [2e-08, 0.0]], [[0.0, 7.5e-09], [-7.5e-09, 2.5e-09]]]],
                "db1": [[[1e-08, -5e-09], [-2.5e-09, 5e-09]]],
                "dW2": [[[[-1.5e-08, 2.5e-09]], [[1e-08, 1.25e-09]]]],
                "db2": [[[2e-08], [-7.5e-09]]],
                "lr": [[0.1, 0.1]],
            },
            "two runs that take turns": {**TWO_RUNS, "lr": [[0.1, 0.1], [0.2, 0.2]]},
        },
    ),
)
