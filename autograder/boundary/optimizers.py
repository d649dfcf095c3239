"""PyTorch's optimizers without its compiler, which they import with their first use and never need here.

That import takes two thirds of the time of `import torch` itself. It comes from wrappers around their methods, which
tell the compiler, where there is one, to leave the method alone. Python keeps what a wrapper wraps (`inspect.unwrap`),
so the methods can be had without. Nothing else about them changes; a test compares what they compute.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

Step = Callable[..., Any]

PLAIN = ("add_param_group", "zero_grad", "state_dict", "load_state_dict")
"""Methods of every optimizer, which do the same with their wrapper and without."""


def without_compiler(torch: Any) -> None:
    """Take the wrappers off, in this process. A method that has none stays as it is."""
    optimizer = torch.optim.Optimizer
    for name in PLAIN:
        setattr(optimizer, name, inspect.unwrap(getattr(optimizer, name)))
    kinds: list[Any] = [kind for kind in vars(torch.optim).values() if inspect.isclass(kind)]
    for kind in kinds:
        if not issubclass(kind, optimizer) or "step" not in vars(kind):
            continue
        if "differentiable" in inspect.signature(kind).parameters and inspect.unwrap(kind.step) is not kind.step:
            kind.step = _stepping(torch, inspect.unwrap(kind.step))


def _stepping(torch: Any, step: Step) -> Step:
    """What the wrapper of a step does besides: gradients are recorded only where the optimizer is differentiable."""

    @functools.wraps(step)
    def stepping(self: Any, *args: Any, **kwargs: Any) -> Any:
        with torch.set_grad_enabled(self.defaults["differentiable"]):
            return step(self, *args, **kwargs)

    return stepping
