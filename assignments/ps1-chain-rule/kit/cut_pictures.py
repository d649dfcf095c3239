"""The recorded graph as a picture: where the way back from the loss ends, and what it does not reach."""

from __future__ import annotations

from typing import Any

from . import _settings
from .autograd_graph import Step, walk
from .gradient_tools import described, parameters
from .pictures import _figure, _finish

MOST_STEPS = 120  # more cannot be read in a picture


def draw_cut(loss: Any, model: Any = None, /, **modules: Any) -> None:
    """Draw the recorded graph from the loss (right) back to its leaves (left).

    Parameters that backward cannot reach stand apart with a dashed frame: between them and the rest the graph is cut.
    """
    if _settings.quiet:
        return
    found = walk(loss, dict(parameters(model, **modules)))
    missing = [name for name in found.names if name not in found.reached]
    if not found.steps or len(found.steps) > MOST_STEPS:
        print(described(found) if not found.steps else f"{len(found.steps)} operations are too many to draw")
        return
    columns = max(step.distance for step in found.steps) + 1
    rows = max(sum(step.distance == d for step in found.steps) for d in range(columns))
    figure, axes = _figure((rows + len(missing), 3 * columns + 2))
    if axes is None:
        return
    places = _places(found.steps)
    boxes = []
    for step, (x, y) in zip(found.steps, places, strict=True):
        frame = {"boxstyle": "round", "facecolor": "white", "edgecolor": "tab:blue" if step.leaf else "grey"}
        boxes.append(axes.text(x, y, step.name, ha="center", va="center", bbox=frame, fontsize=8))
    for number, step in enumerate(found.steps):
        for before in step.before:
            ends = {"patchA": boxes[number].get_bbox_patch(), "patchB": boxes[before].get_bbox_patch()}
            arrow = {"arrowstyle": "->", "color": "grey", "shrinkA": 2, "shrinkB": 2, **ends}
            axes.annotate("", xy=places[before], xytext=places[number], arrowprops=arrow)
    for place, name in enumerate(missing):
        frame = {"boxstyle": "round", "facecolor": "white", "edgecolor": "tab:red", "linestyle": "--"}
        words = f"{name}: not reached"
        axes.text(1 - columns, -rows / 2 - place - 1, words, ha="left", va="center", bbox=frame, fontsize=8)
    axes.text(0, places[0][1] + 0.5, "loss", ha="center", va="center", fontsize=9)
    axes.set_xlim(0.3 - columns, 0.7)
    axes.set_ylim(-rows / 2 - len(missing) - 1, rows / 2 + 1)
    axes.axis("off")
    axes.set_title(described(found), fontsize=9, wrap=True)
    _finish(figure)


def _places(steps: tuple[Step, ...]) -> list[tuple[float, float]]:
    """One place for each step: a column for each distance from the loss, spread evenly within it."""
    columns: dict[int, list[int]] = {}
    for number, step in enumerate(steps):
        columns.setdefault(step.distance, []).append(number)
    found = [(0.0, 0.0)] * len(steps)
    for distance, inside in columns.items():
        for place, number in enumerate(inside):
            found[number] = (float(-distance), (len(inside) - 1) / 2 - place)
    return found
