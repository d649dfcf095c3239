"""What the hidden halves of ps6 share: PyTorch on first use, shares and tolerances, patterns for a student's source."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from autograder.course.declare import EDGES, STABILITY, Exercise, Mistake
from autograder.course.pytorch import quick_torch
from kit.declare import Case, Function

RTOL, FLOOR = 1e-4, 2e-6  # float32, over a few steps


class Lazy:
    """A module that is imported when it is first used: reading the declarations must not load PyTorch."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        return getattr(importlib.import_module(self._name), attribute)


torch: Any = Lazy("torch")
nn: Any = Lazy("torch.nn")
F: Any = Lazy("torch.nn.functional")


def repair(
    public: Function,
    reference: Callable[..., Any],
    cases: tuple[Case, ...],
    *mistakes: Mistake,
    right_answers: tuple[Callable[..., Any], ...] = (),
) -> Exercise:
    """An exercise about a PyTorch program: judged through its adapter, in single precision."""
    return Exercise(
        public,
        reference=reference,
        cases=cases,
        mistakes=mistakes,
        right_answers=right_answers,
        shares={EDGES: 0.2, STABILITY: 0.2},
        rtol=RTOL,
        floor=FLOOR,
        prepare=quick_torch,
    )


def written(*patterns: str, without: str = "") -> str:
    """A regular expression for a source in which each pattern occurs somewhere, and ``without`` nowhere."""
    absent = rf"(?!.*(?:{without}))" if without else ""
    return r"(?s)\A" + absent + "".join(rf"(?=.*(?:{pattern}))" for pattern in patterns)


NO_GRAD = r"no_grad|inference_mode|set_grad_enabled"
DETACH = r"\.detach_?\(|\.data\b"
REWRAP = r"torch\.(?:tensor|as_tensor|scalar_tensor|Tensor|FloatTensor|from_numpy)\("
NUMPY = r"\.numpy\("
SILENCED = r"requires_grad"
ITEM = r"\.item\(|float\("
