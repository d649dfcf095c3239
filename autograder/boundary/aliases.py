"""`kit`, as students' notebooks and a course's content call it, is `autograder.kit`: the very same modules."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any


class KitFinder:
    """Finds `kit` and all below it in the grader's own kit, whatever else lies on the path."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The module below `autograder` of that name; None for what is not the kit."""
        if fullname != "kit" and not fullname.startswith("kit."):
            return None
        real = importlib.import_module(f"autograder.{fullname}")
        loader: Any = _Alias(real)
        return importlib.util.spec_from_loader(fullname, loader, is_package=hasattr(real, "__path__"))


class _Alias:
    """Loads a module by handing out the one that is there, with the names by which it knows itself."""

    def __init__(self, real: ModuleType) -> None:
        self._real = real
        self._spec = real.__spec__

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """The module itself, already loaded."""
        return self._real

    def exec_module(self, module: ModuleType) -> None:
        """Undo what the import system has just written on it."""
        module.__spec__ = self._spec


def install() -> None:
    """Put the finder first, once."""
    if not any(isinstance(finder, KitFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, KitFinder())
