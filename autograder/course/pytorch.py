"""PyTorch for private halves, whose declarations are read without it: `Exercise(prepare=quick_torch, ...)`."""

from __future__ import annotations

import functools
import importlib

from autograder.boundary.optimizers import without_compiler


@functools.cache
def quick_torch() -> None:
    """Import PyTorch as the box has it: without its compiler, which its optimizers would import."""
    without_compiler(importlib.import_module("torch"))
