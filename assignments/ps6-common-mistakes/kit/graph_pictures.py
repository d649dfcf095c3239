"""A computational graph as a picture: inputs on the left, the output on the right, values and gradients in the boxes.

The picture is SVG text written here, so it needs no other program. A node's column is the length of the longest way
to it, found by sweeping over all arrows until nothing moves any more.
"""

from __future__ import annotations

import html
import sys
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from . import _settings
from .node import Node
from .printing import number

LARGEST = 120  # nodes; a larger graph is a tangle, not a picture
WIDTH, HEIGHT = 118, 46  # of a box
ACROSS, DOWN = 120, 30  # between boxes
MARGIN = 14
LEVEL = 50  # the last piece of an arrow, with the number on it


def draw_graph(output: Node, *, names: Mapping[Node, str] | None = None) -> None:
    """Show the graph that ``output`` was computed from: nodes with value and gradient, local derivatives on the arrows.

    ``names`` puts names to nodes: ``draw_graph(z, names={x: "x", z: "z"})``. The arrows run as the computation does,
    from a parent to what was computed from it; gradients travel against them.
    Raises ValueError for a graph of more than 120 nodes.
    """
    if _settings.quiet:
        return
    picture = GraphPicture(output, names or {})
    ipython = sys.modules.get("IPython")
    if ipython is not None and ipython.get_ipython() is not None:
        ipython.display.display(picture)
    else:
        print(picture)


class GraphPicture:
    """A graph that notebooks show as SVG and terminals as a list of its nodes."""

    def __init__(self, output: Node, names: Mapping[Node, str]) -> None:
        nodes = gathered(output)
        if len(nodes) > LARGEST:
            raise ValueError(f"a graph of {len(nodes)} nodes is too large to draw; up to {LARGEST} can be read")
        self._boxes, self._arrows = laid_out(nodes, names)

    def __repr__(self) -> str:
        lines = [f"A graph of {len(self._boxes)} nodes"]
        for box in self._boxes:
            origin = ", ".join(f"{a.parent.title} (slope {a.slope})" for a in self._arrows if a.node is box)
            lines.append(f"  {box.title}: value {box.value}, grad {box.grad}" + (f", from {origin}" if origin else ""))
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return self.svg()

    def svg(self) -> str:
        """The picture, with a title and a description in words for those who do not see it."""
        words = html.escape(repr(self))
        mark = f"graph{zlib.crc32(words.encode()):08x}"  # ids must differ between the pictures of one page
        spots = [*self._boxes, *(spot for arrow in self._arrows for spot in arrow.via)]
        width = 2 * MARGIN + WIDTH + max(spot.x for spot in spots)
        height = 2 * MARGIN + HEIGHT + max(spot.y for spot in spots)
        shapes = "".join([*self._drawn_arrows(mark), *map(_box, self._boxes)])
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="{mark}t {mark}d" '
            f'width="{width:.0f}" height="{height:.0f}" viewBox="{-MARGIN} {-MARGIN} {width:.0f} {height:.0f}" '
            f'style="max-width:100%;height:auto;color:inherit" font-family="sans-serif" font-size="12">'
            f'<title id="{mark}t">Computational graph</title><desc id="{mark}d">{words}</desc>'
            f'<defs><marker id="{mark}a" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" '
            f'orient="auto"><path d="M0 0 8 4 0 8z" fill="currentColor"/></marker></defs>{shapes}</svg>'
        )

    def _drawn_arrows(self, mark: str) -> Iterator[str]:
        """The arrows of each node spread over its left edge, in the order in which they come from above."""
        for box in self._boxes:
            arriving = sorted((a for a in self._arrows if a.node is box), key=lambda arrow: arrow.last.row)
            for place, arrow in enumerate(arriving, start=1):
                yield _arrow(arrow, mark, HEIGHT * place / (len(arriving) + 1))


@dataclass(eq=False)
class Spot:
    """A place in the picture: ``column`` from the left and ``row`` from the top, as far apart as boxes are.

    ``behind`` are the spots of the column before from which arrows arrive.
    """

    column: int
    row: float = 0.0
    behind: list[Spot] = field(default_factory=list)

    @property
    def x(self) -> float:
        """The left edge."""
        return self.column * (WIDTH + ACROSS)

    @property
    def y(self) -> float:
        """The top edge."""
        return self.row * (HEIGHT + DOWN)

    @property
    def near(self) -> float:
        """The row where this spot's arrows come from, on average."""
        return sum(spot.row for spot in self.behind) / len(self.behind) if self.behind else 0.0


@dataclass(eq=False)
class Box(Spot):
    """A node in its place."""

    title: str = ""
    value: str = ""
    grad: str = ""
    leaf: bool = False


@dataclass(frozen=True, eq=False)
class Arrow:
    """From a parent to a node that was computed from it, past the spots kept free for it in the columns between."""

    parent: Box
    node: Box
    slope: str
    via: tuple[Spot, ...]

    @property
    def last(self) -> Spot:
        """Where it comes from when it arrives."""
        return self.via[-1] if self.via else self.parent


def gathered(output: Node) -> list[Node]:
    """Every node that can be reached, as it was found: in no order that means anything."""
    found = {id(output): output}
    edge = [output]
    while edge:
        near = {id(parent): parent for node in edge for parent in node.parents}
        edge = [node for key, node in near.items() if key not in found]
        found.update((id(node), node) for node in edge)
    return list(found.values())


def columns(nodes: list[Node]) -> dict[int, int]:
    """The column of each node by its id: one more than the largest of its parents', 0 for a leaf."""
    column = {id(node): 0 for node in nodes}
    moving = True
    while moving:
        moving = False
        for node in nodes:
            needed = max((column[id(parent)] + 1 for parent in node.parents), default=0)
            if column[id(node)] < needed:
                column[id(node)] = needed
                moving = True
    return column


def laid_out(nodes: list[Node], names: Mapping[Node, str]) -> tuple[list[Box], list[Arrow]]:
    """Boxes and arrows with their places: in each column close to where their arrows come from."""
    column = columns(nodes)
    known = {id(node): name for node, name in names.items()}
    boxes = {
        id(node): Box(
            column[id(node)],
            title=known.get(id(node), ""),
            value=_text(node.value),
            grad=_text(node.grad),
            leaf=not node.parents,
        )
        for node in nodes
    }
    arrows = [
        _routed(boxes[id(parent)], boxes[id(node)], _text(slope))
        for node in nodes
        for parent, slope in zip(node.parents, node.local_grads, strict=True)
    ]
    spots: list[Spot] = [*boxes.values(), *(spot for arrow in arrows for spot in arrow.via)]
    width = max(spot.column for spot in spots) + 1
    tallest = max(sum(spot.column == place for spot in spots) for place in range(width))
    for place in range(width):
        here = sorted((spot for spot in spots if spot.column == place), key=lambda spot: spot.near)
        for row, spot in enumerate(here):
            spot.row = row + (tallest - len(here)) / 2
    inside = sorted(boxes.values(), key=lambda box: (box.column, box.row))
    for place, box in enumerate(inside, start=1):
        box.title = box.title or f"node {place}"
    return inside, arrows


def _routed(parent: Box, node: Box, slope: str) -> Arrow:
    """The arrow between two boxes, with a spot of its own in every column that it crosses."""
    via: list[Spot] = []
    for place in range(parent.column + 1, node.column):
        via.append(Spot(place, behind=[via[-1] if via else parent]))
    arrow = Arrow(parent, node, slope, tuple(via))
    node.behind.append(arrow.last)
    return arrow


def _text(value: object) -> str:
    """A number in few digits; whatever else stands there as Python prints it."""
    return number(value) if isinstance(value, (int, float, np.number)) else repr(value)[:20]


def _box(box: Box) -> str:
    middle = box.x + WIDTH / 2
    corner = HEIGHT / 2 if box.leaf else 4
    return (
        f'<g><rect x="{box.x:.0f}" y="{box.y:.0f}" width="{WIDTH}" height="{HEIGHT}" rx="{corner:.0f}" '
        f'fill="rgba(128,128,128,.12)" stroke="currentColor"/>'
        f'<text x="{middle:.0f}" y="{box.y + 19:.0f}" text-anchor="middle" fill="currentColor">'
        f'<tspan font-weight="bold">{html.escape(box.title)}</tspan> = {html.escape(box.value)}</text>'
        f'<text x="{middle:.0f}" y="{box.y + 36:.0f}" text-anchor="middle" fill="currentColor">'
        f"grad {html.escape(box.grad)}</text></g>"
    )


def _arrow(arrow: Arrow, mark: str, port: float) -> str:
    """A curve that arrives at the height ``port`` of its node, level, with the local derivative above its end."""
    x, y = arrow.parent.x + WIDTH, arrow.parent.y + HEIGHT / 2
    path = [f"M{x:.0f} {y:.0f}"]
    for spot in arrow.via:
        level = spot.y + HEIGHT / 2
        path.append(f"{_curve(x, y, spot.x, level)}H{spot.x + WIDTH:.0f}")
        x, y = spot.x + WIDTH, level
    path.append(f"{_curve(x, y, arrow.node.x - LEVEL, arrow.node.y + port)}H{arrow.node.x:.0f}")
    return (
        f'<path d="{"".join(path)}" fill="none" stroke="currentColor" marker-end="url(#{mark}a)"/>'
        f'<text x="{arrow.node.x - 11:.0f}" y="{arrow.node.y + port - 4:.0f}" text-anchor="end" '
        f'fill="currentColor" font-size="11">{html.escape(arrow.slope)}</text>'
    )


def _curve(x: float, y: float, to_x: float, to_y: float) -> str:
    """A piece that leaves level and arrives level."""
    middle = (x + to_x) / 2
    return f"C{middle:.0f} {y:.0f} {middle:.0f} {to_y:.0f} {to_x:.0f} {to_y:.0f}"
