"""Predictions, the hidden half: what is in .grad after each broken program. A test runs the programs."""

from __future__ import annotations

from autograder.course.declare import Exercise, mistake
from kit.declare import Predict

from ..public import predictions as public

ITEM = {"body.weight": "none", "head.weight": "wrong", "head.bias": "none"}
DETACH = {"encoder": "none", "shared": "wrong", "decoder": "right", "skip": "right"}
ARGMAX = {"features": "none", "classifier": "none", "scorer": "zero", "offset": "right"}


def _prediction(declared: Predict, right: dict[str, str], *mistakes: tuple[str, dict[str, str], str]) -> Exercise:
    """A prediction with (name, the entries that are wrong, hint) for each mistake."""
    return Exercise(
        declared,
        answers={declared.name: right},
        mistakes=tuple(mistake(name, {declared.name: right | entries}, hint) for name, entries, hint in mistakes),
    )


ITEM_PREDICTION = _prediction(
    public.ITEM_PREDICTION,
    ITEM,
    (
        "the-number-remembers",
        {"body.weight": "right", "head.weight": "right", "head.bias": "right"},
        "Can a Python number know which parameters it was computed from?",
    ),
    ("nothing-arrives", {"head.weight": "none"}, "The loss went through item(). Did the penalty?"),
    (
        "the-penalty-is-enough",
        {"head.weight": "right"},
        "head.weight was meant to get the gradient of two terms. How many of them does backward see?",
    ),
    (
        "zeros-for-none",
        {"body.weight": "zero", "head.bias": "zero"},
        "What does .grad hold when backward never reaches a parameter: zeros, or nothing?",
    ),
    ("whole-head-or-nothing", {"head.weight": "wrong", "head.bias": "wrong"}, "Does the penalty contain head.bias?"),
)

DETACH_PREDICTION = _prediction(
    public.DETACH_PREDICTION,
    DETACH,
    ("no-harm-done", {"encoder": "right", "shared": "right"}, "What does detach keep, the values or the history?"),
    (
        "shared-is-right",
        {"shared": "right"},
        "shared is used twice. Along how many of its paths does a gradient come back?",
    ),
    (
        "shared-gets-nothing",
        {"shared": "none"},
        "shared is used on both sides of the cut. What comes back on the loss's side?",
    ),
    (
        "everything-cut",
        {"shared": "none", "decoder": "none", "skip": "none"},
        "detach ends the way back at one place. What lies between that place and the loss?",
    ),
    (
        "zeros-for-none",
        {"encoder": "zero"},
        "What does .grad hold when backward never reaches a parameter: zeros, or nothing?",
    ),
    ("skip-is-spoilt", {"skip": "wrong"}, "Does the path through skip pass the detach?"),
)

ARGMAX_PREDICTION = _prediction(
    public.ARGMAX_PREDICTION,
    ARGMAX,
    (
        "argmax-has-zero-slope",
        {"features": "zero", "classifier": "zero"},
        "An index is an integer. Does PyTorch record an operation for it at all?",
    ),
    (
        "round-cuts",
        {"scorer": "none"},
        "round returns floats, and has a rule: slope 0. Does backward reach what lies behind it?",
    ),
    (
        "argmax-passes",
        {"features": "right", "classifier": "right"},
        "How far must a logit move for the index to change?",
    ),
    ("round-passes", {"scorer": "right"}, "What is the slope of a staircase between its steps?"),
    (
        "all-or-nothing",
        {"scorer": "none", "offset": "none"},
        "The loss is a sum of three terms. Which of them still has a graph?",
    ),
)
