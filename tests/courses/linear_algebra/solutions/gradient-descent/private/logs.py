"""The hidden half. What goes through an adapter is called with data, and the answer with objects made of them."""

from __future__ import annotations

import numpy as np

from autograder.course.declare import EDGES, UNCHANGED, Exercise, mistake
from kit.declare import case
from kit.draws import normal

from ..public import logs as public

LOGGED_LOSS = Exercise(
    public.LOGGED_LOSS,
    reference=lambda loss: loss.item(),
    shares={EDGES: 0.2},
    rtol=1e-4,  # single precision
    floor=2e-6,
    cases=(
        case("two weights", w=normal(2), x=normal(2)),
        case("five weights", w=normal(5), x=normal(5)),
        case("no graph", check="edges", w=normal(3), x=normal(3), graph=False),
    ),
    mistakes=(
        mistake(
            "returns-the-tensor",
            lambda loss: loss,
            "The log holds the tensor, and with it its whole graph. What does one keep of it for a plot?",
        ),
        mistake(
            "detached-only",
            lambda loss: loss.detach(),
            "A tensor without a graph is still a tensor. How does one get the Python number out of it?",
        ),
        mistake(
            "cut-in-place",
            lambda loss: loss.detach_().item(),
            "detach_ changes the loss that it is called on. Can the caller still run backward?",
        ),
    ),
    right_answers=(
        lambda loss: float(loss),
        lambda loss: float(loss.detach().numpy()),
        lambda loss: loss.tolist(),
    ),
)


def computation_order(output, *, known_by=id):
    """Every parent before the node, by a stack."""
    order, seen, waiting = [], {known_by(output)}, [(output, iter(output.parents))]
    while waiting:
        node, parents = waiting[-1]
        new = next((parent for parent in parents if known_by(parent) not in seen), None)
        if new is None:
            order.append(node)
            waiting.pop()
        else:
            seen.add(known_by(new))
            waiting.append((new, iter(new.parents)))
    return order


def graph(edges, *, alike=False):
    """The inputs of a case: nodes numbered by age, the youngest the output."""
    nodes = int(np.max(edges)) + 1
    values = np.ones(nodes) if alike else np.arange(1.0, nodes + 1)
    return {"values": values, "edges": np.array(edges), "output": nodes - 1}


SKIP = [[1, 0], [2, 1], [2, 0], [3, 2], [3, 0]]

COMPUTATION_ORDER = Exercise(
    public.COMPUTATION_ORDER,
    reference=computation_order,
    shares={EDGES: 0.2, UNCHANGED: 0.1},
    cases=(
        case("a chain", **graph(public.CHAIN)),
        case("a diamond", **graph(public.DIAMOND)),
        case("short ways beside long ones", **graph(SKIP)),
        case("used twice by one operation", check="edges", **graph([[1, 0], [1, 0], [2, 1]])),
        case("all values equal", check="edges", **graph(SKIP, alike=True)),
    ),
    mistakes=(
        mistake(
            "children-first",
            lambda output: computation_order(output)[::-1],
            "Your list begins with the output. Which nodes can be computed first?",
        ),
        mistake(
            "known-by-value",
            lambda output: computation_order(output, known_by=lambda node: node.value),
            "Two nodes with the same value are one in your list. Are they the same node?",
        ),
        mistake(
            "output-left-out",
            lambda output: computation_order(output)[:-1],
            "When does your function list the node that it was called with?",
        ),
    ),
)


@COMPUTATION_ORDER.mistake
def once_for_every_path(output):
    """A node is listed once for every way that leads to it. How do you know that you have been there?"""
    return [node for parent in output.parents for node in once_for_every_path(parent)] + [output]


@COMPUTATION_ORDER.right
def by_recursion(output):
    order, seen = [], set()

    def visit(node):
        if node not in seen:
            seen.add(node)
            for parent in node.parents:
                visit(parent)
            order.append(node)

    visit(output)
    return order


@COMPUTATION_ORDER.right
def by_waiting_for_parents(output):
    nodes, waiting = [], [output]
    while waiting:
        node = waiting.pop()
        if node not in nodes:
            nodes.append(node)
            waiting += node.parents
    order = []
    while len(order) < len(nodes):
        order += [node for node in nodes if node not in order and all(parent in order for parent in node.parents)]
    return order


@COMPUTATION_ORDER.right
def last_visit_counts(output):
    order, waiting = [], [output]
    while waiting:
        node = waiting.pop(0)
        order = [one for one in order if one is not node] + [node]
        waiting += node.parents
    return order[::-1]
