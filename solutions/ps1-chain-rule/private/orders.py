"""Topological order: many orders are right, so cases are judged by what makes an order valid (see ``kit.graphs``)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from autograder.course.declare import EDGES, SHARES, UNCHANGED, Exercise, Misconception
from kit.declare import case
from kit.node import Node

from ..public import orders as kit
from ..public._shapes import chain, diamond, ladder, reaches_nothing
from ._graphs import (
    LADDER_AND_SHORTCUT,
    LEAF,
    LONG_WAY_FIRST,
    ONE_OPERATION,
    SHORT_WAY_FIRST,
    USED_TWICE,
    order_of,
    tangle,
)


def topological_order(output: Node, known_by: Callable[[Node], object] = id) -> list[Node]:
    """Depth first, with a stack: a node is listed once all its parents are. Source: chapter, Chain Rule on Graphs.

    ``known_by`` tells whether a node has been met before.
    """
    order: list[Node] = []
    seen = {known_by(output)}
    open_nodes = [(output, iter(output.parents))]
    while open_nodes:
        node, parents = open_nodes[-1]
        unseen = next((parent for parent in parents if known_by(parent) not in seen), None)
        if unseen is None:
            order.append(node)
            open_nodes.pop()
        else:
            seen.add(known_by(unseen))
            open_nodes.append((unseen, iter(unseen.parents)))
    return order


def by_recursion(output: Node) -> list[Node]:
    """Right, one call inside another for every node on the way down."""
    order: list[Node] = []
    seen: set[Node] = set()

    def visit(node: Node) -> None:
        if node not in seen:
            seen.add(node)
            for parent in node.parents:
                visit(parent)
            order.append(node)

    visit(output)
    return order


def every_visit_listed(output: Node) -> list[Node]:
    """Parents before children, and a node again for every way that leads to it."""
    order: list[Node] = []
    todo = [(output, False)]
    while todo:
        node, ready = todo.pop()
        if ready:
            order.append(node)
        else:
            todo.append((node, True))
            todo += [(parent, False) for parent in node.parents]
    return order


def first_met_depth_first(output: Node) -> list[Node]:
    """In the order of the first meeting, depth first, turned around: right only where no way is a shortcut."""
    order = dict[Node, None]()
    todo = [output]
    while todo:
        node = todo.pop()
        if node not in order:
            order[node] = None
            todo += reversed(node.parents)
    return list(order)[::-1]


def first_met_breadth_first(output: Node) -> list[Node]:
    """In the order of the fewest steps from the output, turned around."""
    order, seen, todo = [], {output}, deque([output])
    while todo:
        node = todo.popleft()
        order.append(node)
        fresh = [parent for parent in dict.fromkeys(node.parents) if parent not in seen]
        seen.update(fresh)
        todo += fresh
    return order[::-1]


def along_first_parents(output: Node) -> list[Node]:
    """Follows only the first parent of each node."""
    order = [output]
    while order[-1].parents:
        order.append(order[-1].parents[0])
    return order[::-1]


def marking_nodes(output: Node) -> list[Node]:
    """Right, and leaves a mark on every node."""
    order = topological_order(output)
    for node in order:
        vars(node)["visited"] = True
    return order


TOPOLOGICAL_ORDER = Exercise(
    public=kit.TOPOLOGICAL_ORDER,
    reference=topological_order,
    shares={EDGES: SHARES[EDGES], UNCHANGED: SHARES[UNCHANGED]},
    cases=(
        case("one operation", **order_of(ONE_OPERATION)),
        case("chain of four", **order_of(chain(4))),
        case("diamond", **order_of(diamond())),
        case("x used twice by one operation", **order_of(USED_TWICE)),
        case("long way first", **order_of(LONG_WAY_FIRST)),
        case("short way first", **order_of(SHORT_WAY_FIRST)),
        case("shortcuts", **order_of(LADDER_AND_SHORTCUT)),
        case("nine nodes", **order_of(tangle(9, 7))),
        case("a leaf alone", check="edges", **order_of(LEAF)),
        case("nodes that the output does not need", check="edges", **order_of(reaches_nothing(), output=2)),
        case("all values equal", check="edges", **order_of(tangle(6, 3), alike=True)),
        case("thirty nodes", check="edges", **order_of(tangle(30, 60))),
        case("chain of 5,000", check="edges", shown=False, **order_of(chain(kit.DEEP))),
        case("ladder of 60 diamonds", check="edges", **order_of(ladder(kit.RUNGS))),
    ),
    misconceptions=(
        Misconception(
            "children-first",
            seen_in="chain of four",
            wrong=lambda output: topological_order(output)[::-1],
            hint="Your list runs from the output to the leaves. Which end is asked to come first?",
        ),
        Misconception(
            "listed-for-every-visit",
            seen_in="diamond",
            wrong=every_visit_listed,
            hint="A node that two others were computed from stands in your list twice. How do you tell that you have "
            "been at a node before?",
        ),
        Misconception(
            "first-met-depth-first",
            seen_in="short way first",
            wrong=first_met_depth_first,
            hint="You list a node when you first meet it, and turn the list around. In z = x + a with a computed from "
            "x, which of x and a do you meet first? When may a node be listed at the earliest?",
        ),
        Misconception(
            "first-met-breadth-first",
            seen_in="shortcuts",
            wrong=first_met_breadth_first,
            hint="You order the nodes by their fewest steps from the output. If a node is reached by a short way and "
            "a long way, which one decides where it must stand?",
        ),
        Misconception(
            "known-by-value",
            seen_in="all values equal",
            wrong=lambda output: topological_order(output, known_by=lambda node: node.value),
            hint="Of several nodes with the same value you list one. Are two inputs that both happen to be 1.5 the "
            "same input?",
        ),
        Misconception(
            "output-left-out",
            seen_in="chain of four",
            wrong=lambda output: topological_order(output)[:-1],
            hint="The output itself is missing. When does your function list the node it was called with?",
        ),
        Misconception(
            "leaves-left-out",
            seen_in="chain of four",
            wrong=lambda output: [node for node in topological_order(output) if node.parents],
            hint="Nodes without parents are missing. What does your function do with a node at which there is nothing "
            "to walk through?",
        ),
        Misconception(
            "only-first-parents",
            seen_in="one operation",
            wrong=along_first_parents,
            hint="You follow the first parent of each node. Where are the others, and does a return end the walk "
            "early?",
        ),
        Misconception(
            "values-listed",
            seen_in="one operation",
            wrong=lambda output: [node.value for node in topological_order(output)],
            hint="You list numbers. backward will want to write to .grad: on what?",
        ),
        Misconception(
            "list-kept-between-calls",
            seen_in="one operation",
            wrong=lambda output: [Node(0.0), *topological_order(output)],
            hint="Nodes of an earlier graph are in the list. When is a list made that stands as a default argument, "
            "or outside the function?",
        ),
        Misconception(
            "marks-left-on-nodes",
            seen_in="one operation",
            wrong=marking_nodes,
            hint="The order is right, but the nodes are not as they were. What does a second call find on them, and "
            "where else could you note which nodes you have seen?",
        ),
        Misconception(
            "one-call-per-node",
            seen_in="chain of 5,000",
            wrong=by_recursion,
            hint="Right on small graphs; on a chain of 5,000 the calls inside calls are too many for Python. What "
            "does the chain of waiting calls remember, and can a list of your own remember it?",
        ),
    ),
)
