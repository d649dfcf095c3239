"""What backward has left in a model, in words: which parameters have no gradient, a zero one, a finite one."""

from __future__ import annotations

import html
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from . import _settings
from .autograd_graph import Walk, walk
from .ladder import shape_text
from .show import BOX, CELL, TABLE, fitting

NONE, ZERO, FINITE, INFINITE, FROZEN = "none", "zero", "finite", "not finite", "frozen"


@dataclass(frozen=True)
class Fate:
    """One parameter after backward: ``word`` says what its ``.grad`` holds, ``size`` is the norm (0 for none)."""

    name: str
    shape: tuple[int, ...]
    word: str
    size: float


class Table:
    """A heading, a table and a sentence, as HTML for notebooks and as text for terminals."""

    def __init__(self, heading: str, columns: Sequence[str], rows: Sequence[Sequence[str]], sentence: str) -> None:
        self.heading = heading
        self.columns = tuple(columns)
        self.rows = tuple(tuple(row) for row in rows)
        self.sentence = sentence

    def _repr_html_(self) -> str:
        def line(cells: Sequence[str], tag: str) -> str:
            inside = "".join(f"<{tag} style='{CELL}'>{html.escape(cell)}</{tag}>" for cell in cells)
            return f"<tr>{inside}</tr>"

        body = line(self.columns, "th") + "".join(line(row, "td") for row in self.rows)
        heading, sentence = html.escape(self.heading), html.escape(self.sentence)
        return f"<div style='{BOX}'><b>{heading}</b><table style='{TABLE}'>{body}</table>{sentence}</div>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/html": self._repr_html_(), "text/plain": repr(self)}

    def __repr__(self) -> str:
        lines = [self.columns, *self.rows]
        widths = [max(len(line[place]) for line in lines) for place in range(len(self.columns))]
        table = ["  " + "  ".join(map(str.ljust, line, widths)).rstrip() for line in lines]
        return fitting("\n".join([self.heading, *table, self.sentence]), getattr(sys.stdout, "encoding", None))


def inspect_gradients(model: Any = None, /, **modules: Any) -> None:
    """Show, for every parameter, whether backward has left no gradient, a zero one or a finite one.

    ``inspect_gradients(model)``, or with several: ``inspect_gradients(encoder=encoder, decoder=decoder)``. A tensor
    counts as its own parameter. What the gradient should be, nobody knows but you.
    """
    if _settings.quiet:
        return
    fates = fates_of(model, **modules)
    rows = [
        (one.name, shape_text(one.shape), one.word, f"{one.size:.3g}" if one.word == FINITE else "") for one in fates
    ]
    counts = {word: sum(one.word == word for one in fates) for word in (NONE, ZERO, FINITE, INFINITE, FROZEN)}
    sentence = ", ".join(f"{count} {word}" for word, count in counts.items() if count) or "There are no parameters."
    _display(Table("Gradients after backward", ("parameter", "shape", "gradient", "norm"), rows, sentence))


def where_cut(loss: Any, model: Any = None, /, **modules: Any) -> None:
    """Show which parameters backward can reach from ``loss``, and at which other leaves the way back ends.

    Nothing is differentiated: the recorded operations are followed from the loss. Call it before backward.
    """
    if _settings.quiet:
        return
    found = walk(loss, dict(parameters(model, **modules)))
    rows = [(name, "reached" if name in found.reached else "not reached") for name in found.names]
    _display(Table("The way back from the loss", ("parameter", "backward"), rows, described(found)))


def fates_of(model: Any = None, /, **modules: Any) -> tuple[Fate, ...]:
    """Every parameter with what its ``.grad`` holds."""
    return tuple(_fate(name, one) for name, one in parameters(model, **modules))


def parameters(model: Any = None, /, **modules: Any) -> Iterator[tuple[str, Any]]:
    """Name and tensor of every parameter; those of named modules with the module's name in front."""
    if model is not None:
        yield from model.named_parameters()
    for name, module in modules.items():
        if hasattr(module, "named_parameters"):
            yield from ((f"{name}.{inner}", one) for inner, one in module.named_parameters())
        else:
            yield name, module


def described(found: Walk) -> str:
    """What the walk says, in a sentence or two."""
    if not found.is_tensor:
        return f"This is a {found.type_name}, not a tensor: a Python number has no graph, so there is no way back."
    if not found.steps:
        return "This tensor has no graph: it does not require a gradient, so backward would raise an error."
    missing = [name for name in found.names if name not in found.reached]
    strangers = f" The way back also ends at {found.strangers} leaf tensors that belong to none of the modules."
    if found.strangers == 1:
        strangers = " The way back also ends at a leaf tensor that belongs to none of the modules: was it made anew?"
    if not found.strangers:
        strangers = ""
    if len(found.steps) == 1:
        return "This tensor is itself a leaf: whatever it was computed from, backward will not go there."
    if not missing:
        return f"Every parameter is reached, over {len(found.steps)} recorded operations and leaves.{strangers}"
    return f"{len(missing)} of {len(found.names)} parameters are not reached: the graph is cut on the way.{strangers}"


def _fate(name: str, one: Any) -> Fate:
    shape = tuple(int(n) for n in one.shape)
    gradient = one.grad if one.is_leaf else None
    if gradient is None:
        return Fate(name, shape, NONE if one.requires_grad else FROZEN, 0.0)
    size = float(gradient.detach().double().norm())
    if size == 0.0:
        return Fate(name, shape, ZERO, size)
    return Fate(name, shape, FINITE if size < float("inf") else INFINITE, size)


def _display(table: Table) -> None:
    """Through IPython where that runs, else on standard output."""
    ipython = sys.modules.get("IPython")
    if ipython is not None and ipython.get_ipython() is not None:
        from IPython.display import display as show

        show(table)
    else:
        print(table)
