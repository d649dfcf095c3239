"""Backward passes over a graph of scalars: the right one, and the ways in which it goes wrong."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterator, MutableMapping

from kit.node import Node

from .orders import by_recursion, topological_order

Total = MutableMapping[Node, float]
Walk = Callable[[Node, Total], None]


def inputs(node: Node) -> Iterator[tuple[Node, float]]:
    """Each parent with the local derivative that belongs to it."""
    return zip(node.parents, node.local_grads, strict=True)


def backward(output: Node) -> None:
    """Adjoints apart from ``.grad``, from the output down, then added. Source: chapter, Chain Rule on Graphs."""
    adjoint = defaultdict[Node, float](float, {output: 1.0})
    for node in reversed(topological_order(output)):
        for parent, slope in inputs(node):
            adjoint[parent] += adjoint[node] * slope
        node.grad += adjoint[node]


class Grads(MutableMapping[Node, float]):
    """The ``.grad`` of the nodes as a mapping: for passes that use it as their working memory."""

    def __getitem__(self, node: Node) -> float:
        return node.grad

    def __setitem__(self, node: Node, grad: float) -> None:
        node.grad = grad

    def __delitem__(self, node: Node) -> None:
        node.grad = 0.0

    def __iter__(self) -> Iterator[Node]:
        return iter(())

    def __len__(self) -> int:
        return 0


def in_grad(walk: Walk) -> Callable[[Node], None]:
    """The pass that works in ``.grad`` itself."""
    return lambda output: walk(output, Grads())


def apart(walk: Walk) -> Callable[[Node], None]:
    """The pass that works in a dict of its own and adds to ``.grad`` in the end."""

    def backward(output: Node) -> None:
        total = defaultdict[Node, float](float)
        walk(output, total)
        for node, grad in total.items():
            node.grad += grad

    return backward


def pushed(
    total: Total,
    nodes: Iterator[Node] | list[Node],
    share: Callable[[float, float, Node], float] = lambda g, s, p: g * s,
) -> None:
    """Every node in turn hands ``share(its total, slope, parent)`` to its parents."""
    for node in nodes:
        for parent, slope in inputs(node):
            total[parent] += share(total[node], slope, parent)


def rightly(output: Node, total: Total) -> None:
    """Right if ``total`` is zero everywhere before."""
    total[output] = 1.0
    pushed(total, topological_order(output)[::-1])


def assigned(output: Node, total: Total) -> None:
    """``=`` where ``+=`` is needed."""
    total[output] = 1.0
    for node in reversed(topological_order(output)):
        for parent, slope in inputs(node):
            total[parent] = total[node] * slope


def leaves_first(output: Node, total: Total) -> None:
    """The order not turned around."""
    total[output] = 1.0
    pushed(total, topological_order(output))


def breadth_first(output: Node, total: Total) -> None:
    """Each node once, at its first meeting, by the fewest steps from the output."""
    total[output] = 1.0
    seen, todo = {output}, deque([output])
    while todo:
        node = todo.popleft()
        pushed(total, [node])
        fresh = [parent for parent in dict.fromkeys(node.parents) if parent not in seen]
        seen.update(fresh)
        todo += fresh


def depth_first(output: Node, total: Total) -> None:
    """Each node once, at its first meeting, as deep as it goes."""
    total[output] = 1.0
    seen: set[Node] = set()
    todo = [output]
    while todo:
        node = todo.pop()
        if node not in seen:
            seen.add(node)
            pushed(total, [node])
            todo += reversed(node.parents)


def expanded_at_every_visit(output: Node, total: Total) -> None:
    """A node hands on all that it has so far, each time it is met."""
    total[output] = 1.0

    def visit(node: Node) -> None:
        for parent, slope in inputs(node):
            total[parent] += total[node] * slope
            visit(parent)

    visit(output)


def output_added_to(output: Node) -> None:
    """Works in ``.grad``, and adds 1 to the output's."""
    output.grad += 1.0
    pushed(Grads(), topological_order(output)[::-1])


def wiped_first(output: Node) -> None:
    """Clears every ``.grad`` on the way before it starts."""
    order = topological_order(output)
    for node in order:
        node.grad = 0.0
    output_added_to(output)


def every_path(output: Node) -> None:
    """Right: one contribution for every path, however many there are, with a list of what is still to do."""
    todo = [(output, 1.0)]
    while todo:
        node, along = todo.pop()
        node.grad += along
        todo += [(parent, along * slope) for parent, slope in inputs(node)]


def every_path_by_calls(output: Node) -> None:
    """Right: one contribution for every path, with a call for every step."""

    def visit(node: Node, along: float) -> None:
        node.grad += along
        for parent, slope in inputs(node):
            visit(parent, along * slope)

    visit(output, 1.0)


def by_recursive_order(output: Node) -> None:
    """Right, on an order that needs a call inside a call for every node."""
    by_recursion(output)
    backward(output)


def starting_from(seed: Callable[[Node], float]) -> Walk:
    """Another start than 1."""

    def walk(output: Node, total: Total) -> None:
        total[output] = seed(output)
        pushed(total, topological_order(output)[::-1])

    return walk


def sharing(share: Callable[[float, float, Node], float]) -> Walk:
    """Something else than adjoint times local derivative."""

    def walk(output: Node, total: Total) -> None:
        total[output] = 1.0
        pushed(total, topological_order(output)[::-1], share)

    return walk


def slopes_in_reverse(output: Node, total: Total) -> None:
    """The local derivatives of a node's parents in the opposite order."""
    total[output] = 1.0
    for node in reversed(topological_order(output)):
        for parent, slope in zip(node.parents, node.local_grads[::-1], strict=True):
            total[parent] += total[node] * slope


def same_parent_once(output: Node, total: Total) -> None:
    """A parent that is used twice by one operation counts with its last local derivative only."""
    total[output] = 1.0
    for node in reversed(topological_order(output)):
        for parent, slope in dict(inputs(node)).items():
            total[parent] += total[node] * slope


def averaged(output: Node, total: Total) -> None:
    """A node divides what it hands on by the number of its parents."""
    total[output] = 1.0
    for node in reversed(topological_order(output)):
        for parent, slope in inputs(node):
            total[parent] += total[node] * slope / len(node.parents)


def only_leaves(output: Node) -> None:
    """Keeps the gradient of the leaves alone, as PyTorch does."""
    total = defaultdict[Node, float](float)
    rightly(output, total)
    for node, grad in total.items():
        if not node.parents:
            node.grad += grad


def output_left_out(output: Node) -> None:
    """The output's own gradient is not added."""
    backward(output)
    output.grad -= 1.0
