"""Adapters for answers that work on graphs of ``Node``: a graph goes in as arrays, what was found comes out as arrays.

A graph of n nodes with E edges is

    values       (n,)    float64, the nodes' values
    edges        (E, 2)  int64, one row (node, parent) for each parent of each node, a node's parents in their order
    local_grads  (E,)    float64, the local derivative that belongs to each row

The number of a node is its place in ``values``; it says nothing about the order of the computation. What an answer
changes on the nodes without being asked to, it does to the data too: the node's entry of ``values`` becomes NaN, so
that "inputs unchanged" holds for nodes as it does for arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from .node import Node
from .notes import note

Array = np.ndarray[Any, np.dtype[Any]]
State = tuple[Any, ...]

PATIENCE = 20_000
"""How often one node may be asked for its parents. Sweeping again and again over 5,000 nodes stays far below."""


class WatchedNode(Node):
    """A Node that loses patience: a ladder of diamonds has more paths than anybody can walk, and this one says so."""

    def __init__(self, value: float) -> None:
        self._asked = 0
        super().__init__(value)

    @property
    def parents(self) -> tuple[Node, ...]:
        """The nodes that this one was computed from."""
        self._asked += 1
        if self._asked > PATIENCE:
            raise RuntimeError(
                f"one node was asked for its parents {PATIENCE:,} times: is it visited once for every path?"
            )
        return self._parents

    @parents.setter
    def parents(self, parents: tuple[Node, ...]) -> None:
        self._parents = parents


def build_graph(values: Array, edges: Array, local_grads: Array, grads: Array) -> list[Node]:
    """The nodes of the graph that the arrays describe, by number; ``grads`` (n,) is what their ``.grad`` holds."""
    nodes: list[Node] = [WatchedNode(float(value)) for value in values]
    parents: list[list[Node]] = [[] for _ in nodes]
    slopes: list[list[float]] = [[] for _ in nodes]
    for (node, parent), slope in zip(edges.tolist(), local_grads.tolist(), strict=True):
        parents[node].append(nodes[parent])
        slopes[node].append(slope)
    for node, found, along, grad in zip(nodes, parents, slopes, grads.tolist(), strict=True):
        node.parents, node.local_grads, node.grad = tuple(found), tuple(along), grad
    return nodes


def on_order(answer: Callable[[Node], Any]) -> Callable[..., Any]:
    """``topological_order`` behind arrays.

    The graph has many valid orders, so it is not the order that comes out but what makes one valid: how often each
    node is listed, (n,); whether each row of ``edges`` has the parent before the node, (E,), 1 or 0, and 1 where the
    node is not listed at all; the place of the output counted from the end, 1 if it is last and 0 if it is missing; 1
    if something is listed that is no node of this graph, else 0. For what cannot be walked through, a note.
    """

    def described(values: Array, edges: Array, output: int) -> Any:
        answer(_another_graph())
        nodes = build_graph(values, edges, np.ones(len(edges)), np.zeros(len(values)))
        before = [_everything(node) for node in nodes]
        returned = answer(nodes[output])
        if not isinstance(returned, Iterable) or isinstance(returned, (str, bytes)):
            return note("no list of nodes")
        order = list(returned)
        _mark_changed(values, before, [_everything(node) for node in nodes])
        return describe(order, nodes, edges, output)

    return described


def describe(
    order: Sequence[object], nodes: Sequence[Node], edges: Array, output: int
) -> tuple[Array, Array, int, int]:
    """What makes an order of ``nodes`` valid, as ``on_order`` says."""
    number = {id(node): index for index, node in enumerate(nodes)}
    listed = np.zeros(len(nodes), dtype=np.int64)
    first: dict[int, int] = {}
    from_the_end, strangers = 0, False
    for place, entry in enumerate(order):
        index = number.get(id(entry))
        if index is None:
            strangers = True
            continue
        listed[index] += 1
        first.setdefault(index, place)
        if index == output:
            from_the_end = len(order) - place
    never = len(order)
    parents_first = [node not in first or first.get(parent, never) < first[node] for node, parent in edges.tolist()]
    return listed, np.array(parents_first, dtype=np.int64), from_the_end, int(strangers)


def on_backward(answer: Callable[[Node], Any]) -> Callable[..., Any]:
    """``backward`` behind arrays: called once for each entry of ``outputs``, in order, on one and the same graph.

    ``grads`` (n,) is what each ``.grad`` holds before. Comes out: what each holds afterwards, (n,), or a list of what
    is there instead of numbers.
    """

    def accumulated(values: Array, edges: Array, local_grads: Array, grads: Array, outputs: Sequence[int]) -> Any:
        nodes = build_graph(values, edges, local_grads, grads)
        before = [_computed(node) for node in nodes]
        for output in outputs:
            answer(nodes[output])
        _mark_changed(values, before, [_computed(node) for node in nodes])
        found: list[Any] = [node.grad for node in nodes]
        if all(isinstance(grad, (int, float, np.integer, np.floating)) for grad in found):
            return np.array(found, dtype=np.float64)
        return found

    return accumulated


def _another_graph() -> Node:
    """Asked about first, so that an answer that keeps its list from one call to the next hands back these nodes too."""
    return Node(2.0, (Node(1.0),), (1.0,))


def _computed(node: Node) -> State:
    """What the forward pass left on a node."""
    return (node.value, node.parents, node.local_grads)


def _everything(node: Node) -> State:
    """All that a node holds, and the names of its attributes."""
    return (*_computed(node), node.grad, tuple(vars(node)))


def _mark_changed(values: Array, before: Sequence[State], after: Sequence[State]) -> None:
    for index, (was, now) in enumerate(zip(before, after, strict=True)):
        if not all(map(_same, was, now)):
            values[index] = np.nan


def _same(was: Any, now: Any) -> bool:
    """Whether an attribute holds the same object, an equal number or word, or a tuple of such. Nodes go by identity."""
    if was is now:
        return True
    if isinstance(was, tuple) and isinstance(now, tuple):
        return len(was) == len(now) and all(map(_same, was, now))
    return isinstance(now, (int, float, str)) and bool(was == now)
