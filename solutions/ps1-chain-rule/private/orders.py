"""Topological order: many orders are right, so cases are judged by what makes an order valid (see ``kit.graphs``)."""

from __future__ import annotations

import graphlib
import sys
from collections import Counter, defaultdict, deque
from collections.abc import Callable

from autograder.course.declare import EDGES, SHARES, UNCHANGED, Exercise, mistake
from kit.declare import case
from kit.node import Node

from ..public import orders as public
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
from ._right import reachable


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


TOPOLOGICAL_ORDER = Exercise(
    public.TOPOLOGICAL_ORDER,
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
        case("chain of 5,000", check="edges", shown=False, **order_of(chain(public.DEEP))),
        case("ladder of 60 diamonds", check="edges", **order_of(ladder(public.RUNGS))),
    ),
    mistakes=(
        mistake(
            "children-first",
            lambda output: topological_order(output)[::-1],
            "Your list runs from the output to the leaves. Which end is asked to come first?",
        ),
        mistake(
            "known-by-value",
            lambda output: topological_order(output, known_by=lambda node: node.value),
            "Of several nodes with the same value you list one. "
            "Are two inputs that both happen to be 1.5 the same input?",
        ),
        mistake(
            "output-left-out",
            lambda output: topological_order(output)[:-1],
            "The output itself is missing. When does your function list the node it was called with?",
        ),
        mistake(
            "leaves-left-out",
            lambda output: [node for node in topological_order(output) if node.parents],
            "Nodes without parents are missing. What does your function do with a node at which there is nothing "
            "to walk through?",
        ),
        mistake(
            "values-listed",
            lambda output: [node.value for node in topological_order(output)],
            "You list numbers. backward will want to write to .grad: on what?",
        ),
        mistake(
            "list-kept-between-calls",
            lambda output: [Node(0.0), *topological_order(output)],
            "Nodes of an earlier graph are in the list. "
            "When is a list made that stands as a default argument, or outside the function?",
        ),
        mistake(
            "one-call-per-node",
            by_recursion,
            "Right on small graphs; on a chain of 5,000 the calls inside calls are too many for Python. "
            "What does the chain of waiting calls remember, and can a list of your own remember it?",
        ),
    ),
)


@TOPOLOGICAL_ORDER.mistake
def listed_for_every_visit(output):
    """A node that two others were computed from stands in your list twice. How do you tell that you have been at a
    node before?"""
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


@TOPOLOGICAL_ORDER.mistake
def first_met_depth_first(output):
    """You list a node when you first meet it, and turn the list around. In z = x + a with a computed from x, which of
    x and a do you meet first? When may a node be listed at the earliest?"""
    order = dict[Node, None]()
    todo = [output]
    while todo:
        node = todo.pop()
        if node not in order:
            order[node] = None
            todo += reversed(node.parents)
    return list(order)[::-1]


@TOPOLOGICAL_ORDER.mistake
def first_met_breadth_first(output):
    """You order the nodes by their fewest steps from the output. If a node is reached by a short way and a long way,
    which one decides where it must stand?"""
    order, seen, todo = [], {output}, deque([output])
    while todo:
        node = todo.popleft()
        order.append(node)
        fresh = [parent for parent in dict.fromkeys(node.parents) if parent not in seen]
        seen.update(fresh)
        todo += fresh
    return order[::-1]


@TOPOLOGICAL_ORDER.mistake
def only_first_parents(output):
    """You follow the first parent of each node. Where are the others, and does a return end the walk early?"""
    order = [output]
    while order[-1].parents:
        order.append(order[-1].parents[0])
    return order[::-1]


@TOPOLOGICAL_ORDER.mistake
def marks_left_on_nodes(output):
    """The order is right, but the nodes are not as they were. What does a second call find on them, and where else
    could you note which nodes you have seen?"""
    order = topological_order(output)
    for node in order:
        vars(node)["visited"] = True
    return order


@TOPOLOGICAL_ORDER.right
def order_with_two_visits(output):
    order, done, stack = [], set(), [(output, False)]
    while stack:
        node, ready = stack.pop()
        if id(node) in done:
            continue
        if ready:
            done.add(id(node))
            order.append(node)
        else:
            stack.append((node, True))
            stack.extend((parent, False) for parent in node.parents)
    return order


@TOPOLOGICAL_ORDER.right
def order_by_counting_children(output):
    waiting = Counter(parent for node in reachable(output) for parent in node.parents)
    order, ready = [], [output]
    while ready:
        node = ready.pop()
        order.append(node)
        for parent in node.parents:
            waiting[parent] -= 1
            if waiting[parent] == 0:
                ready.append(parent)
    order.reverse()
    return order


@TOPOLOGICAL_ORDER.right
def order_from_the_leaves(output):
    nodes = reachable(output)
    children = defaultdict(list)
    missing = {}
    for node in nodes:
        missing[node] = len(node.parents)
        for parent in node.parents:
            children[parent].append(node)
    ready = deque(node for node in nodes if not node.parents)
    order = []
    while ready:
        node = ready.popleft()
        order.append(node)
        for child in children[node]:
            missing[child] -= 1
            if not missing[child]:
                ready.append(child)
    return tuple(order)


@TOPOLOGICAL_ORDER.right
def order_by_graphlib(output):
    return list(graphlib.TopologicalSorter({node: node.parents for node in reachable(output)}).static_order())


@TOPOLOGICAL_ORDER.right
def order_by_recursion_with_a_raised_limit(output):
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(20_000)
    order, seen = [], set()

    def visit(node):
        if node in seen:
            return
        seen.add(node)
        for parent in node.parents:
            visit(parent)
        order.append(node)

    try:
        visit(output)
    finally:
        sys.setrecursionlimit(before)
    return order


@TOPOLOGICAL_ORDER.right
def order_with_marks_taken_away(output):
    order, stack = [], [output]
    while stack:
        node = stack[-1]
        node.state = getattr(node, "state", 0)
        unseen = [parent for parent in node.parents if not hasattr(parent, "state")]
        if unseen:
            stack.append(unseen[0])
            continue
        stack.pop()
        if node.state == 0:
            node.state = 1
            order.append(node)
    for node in order:
        del node.state
    return order
