"""Imports that mean something else in the box.

`import kit` finds ours, `import torch` says why it is not there, and `matplotlib.pyplot` draws without raising.
"""

from __future__ import annotations

import functools
import importlib
import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import FunctionType, ModuleType
from typing import Any

from autograder.boundary.aliases import KitFinder
from autograder.untrusted.shell import Quiet

KIT = "autograder.kit"
NO_TORCH = "PyTorch is not available while this assignment is graded: write the rule in NumPy"


class QuietKitFinder(KitFinder):
    """The grader's own kit, told that it is in the box; the student's copy never gets here."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        found = super().find_spec(fullname, path, target)
        if found is not None:
            _quiet_kit()
        return found


class TorchFinder:
    """Refuses PyTorch with a reason, where the assignment is about writing the rules oneself."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname == "torch" or fullname.startswith("torch."):
            raise ImportError(NO_TORCH, name=fullname)
        return None


class PyplotFinder:
    """`matplotlib.pyplot` whose functions draw what they can: a picture that fails is nobody's answer."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != "matplotlib.pyplot":
            return None
        spec = PathFinder.find_spec(fullname, path)
        if spec is not None and spec.loader is not None:
            loader: Any = spec.loader
            spec.loader = _Forgiving(loader.name, loader.path)
        return spec


class _Forgiving(SourceFileLoader):
    def exec_module(self, module: ModuleType) -> None:
        super().exec_module(module)
        for name, value in list(vars(module).items()):
            if isinstance(value, FunctionType) and not name.startswith("_") and value.__module__ == module.__name__:
                setattr(module, name, _forgiving(value))


def _forgiving(draw: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(draw)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return draw(*args, **kwargs)
        except Exception:
            return Quiet()

    return run


def install(*, torch: bool) -> None:
    """Put the finders first."""
    sys.meta_path.insert(0, QuietKitFinder())
    sys.meta_path.insert(0, PyplotFinder())
    if not torch:
        sys.meta_path.insert(0, TorchFinder())


def _quiet_kit() -> None:
    """Tell the kit that it is in the box, where check() and pictures do nothing."""
    settings: Any = importlib.import_module(f"{KIT}._settings")
    settings.quiet = True
