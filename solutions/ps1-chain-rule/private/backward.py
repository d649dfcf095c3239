"""The backward pass on a graph of scalars: what it adds to every ``.grad``, once and again."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np

from autograder.course.declare import EDGES, SHARES, UNCHANGED, Exercise, mistake
from kit.declare import case

from ..public import backward as public
from ..public._shapes import chain, diamond, ladder, reaches_nothing
from . import _passes as walk
from ._graphs import (
    LADDER_AND_SHORTCUT,
    LEAF,
    LONG_WAY_FIRST,
    ONE_OPERATION,
    SHORT_WAY_FIRST,
    USED_TWICE,
    graph,
    level_slopes,
    shared_slopes,
    tangle,
)
from ._right import reachable
from .orders import order_by_counting_children, order_by_graphlib, order_with_two_visits
from .paths import adjoint_by_loop

AGAIN = "accumulation"
"""The check of its own for what a call does with gradients that are there already."""

BACKWARD = Exercise(
    public.BACKWARD,
    reference=walk.backward,
    shares={AGAIN: 0.2, EDGES: SHARES[EDGES], UNCHANGED: SHARES[UNCHANGED]},
    cases=(
        case("one operation", **graph(ONE_OPERATION)),
        case("chain of four", **graph(chain(4))),
        case("diamond", **graph(diamond())),
        case("x used twice by one operation", **graph(USED_TWICE)),
        case("long way first", **graph(LONG_WAY_FIRST)),
        case("short way first", **graph(SHORT_WAY_FIRST)),
        case("shortcuts", **graph(LADDER_AND_SHORTCUT)),
        case("eight nodes", **graph(tangle(8, 5))),
        case("called twice", check=AGAIN, **graph(LADDER_AND_SHORTCUT, outputs=(-1, -1))),
        case("called three times", check=AGAIN, **graph(tangle(6, 3), outputs=(-1, -1, -1))),
        case("something in .grad before", check=AGAIN, **graph(SHORT_WAY_FIRST, held=True)),
        case("from two outputs", check=AGAIN, **graph(LADDER_AND_SHORTCUT, outputs=(-1, 2))),
        case("something in .grad beside the way", check=AGAIN, **graph(reaches_nothing(), outputs=(2,), held=True)),
        case("a leaf alone", check="edges", **graph(LEAF)),
        case("nodes that the output does not need", check="edges", **graph(reaches_nothing(), outputs=(2,))),
        case("all values equal", check="edges", **graph(tangle(6, 3), alike=True)),
        case("thirty nodes", check="edges", **graph(tangle(30, 30))),
        case("chain of 5,000", check="edges", shown=False, **graph(chain(public.DEEP), slopes=level_slopes)),
        case("ladder of 60 diamonds", check="edges", **graph(ladder(public.RUNGS), slopes=shared_slopes)),
    ),
    mistakes=(
        mistake(
            "assigned-not-added",
            walk.in_grad(walk.assigned),
            "Where a node was used more than once, only one of its contributions is left. "
            "What does = do with what was there?",
        ),
        mistake(
            "assigned-not-added-apart",
            walk.apart(walk.assigned),
            "Where a node was used more than once, only one contribution is left in your dict. "
            "What does = do with what was there?",
        ),
        mistake(
            "leaves-first",
            walk.in_grad(walk.leaves_first),
            "You begin at the leaves. What does a leaf have to hand on, before anything has come down from the output?",
        ),
        mistake(
            "leaves-first-apart",
            walk.apart(walk.leaves_first),
            "You walk from the leaves up. In which direction does a gradient travel, "
            "and when is a node's own complete?",
        ),
        mistake(
            "breadth-first",
            walk.in_grad(walk.breadth_first),
            "A node hands on when you first meet it, by the fewest steps from the output. "
            "Had everything arrived there yet?",
        ),
        mistake(
            "depth-first",
            walk.in_grad(walk.depth_first),
            "A node hands on when you first meet it, going deep first. "
            "Had the contributions of its other children arrived?",
        ),
        mistake(
            "expanded-at-every-visit",
            walk.in_grad(walk.expanded_at_every_visit),
            "A node that is met twice hands on its whole gradient twice, the part from the first time included. "
            "When, and how often, should it hand on?",
        ),
        mistake(
            "held-grads-propagated",
            walk.in_grad(walk.rightly),
            "The first call is right. In the second one, a node hands on what the first call left in .grad as "
            "well. Where else could this call keep its own sums?",
        ),
        mistake(
            "held-grads-propagated-from-the-output",
            walk.output_added_to,
            "The first call is right. The second one starts with what the first left in the output's .grad. "
            "What is d output / d output, in every call?",
        ),
        mistake(
            "earlier-grads-wiped",
            walk.wiped_first,
            "The gradients are those of the last call alone. "
            "Who decides when .grad starts from zero, backward or its caller?",
        ),
        mistake(
            "every-path-walked",
            walk.every_path,
            "Right, path by path. A ladder of 60 diamonds has 2**60 of them. "
            "Can a node wait until all has arrived, and hand on once?",
        ),
        mistake(
            "every-path-walked-by-calls",
            walk.every_path_by_calls,
            "Right, path by path, one call inside another. "
            "How many paths has a ladder of 60 diamonds, and how many calls deep is a chain of 5,000?",
        ),
        mistake(
            "one-call-per-node",
            walk.by_recursive_order,
            "Right on small graphs; on a chain of 5,000 the calls inside calls are too many for Python. "
            "Which of your functions calls itself, and can a list of your own remember what its waiting calls do?",
        ),
        mistake(
            "local-derivatives-ignored",
            walk.in_grad(walk.sharing(lambda above, slope, parent: above)),
            "Each node hands its own gradient down unchanged. How strongly does it react to that parent?",
        ),
        mistake(
            "gradient-from-above-ignored",
            walk.in_grad(walk.sharing(lambda above, slope, parent: slope)),
            "You add up local derivatives. How strongly does the output react to the child?",
        ),
        mistake(
            "added-along-the-path",
            walk.in_grad(walk.sharing(lambda above, slope, parent: above + slope)),
            "You add the local derivative to the gradient from above. Along one path, do slopes add or multiply?",
        ),
        mistake(
            "value-for-slope",
            walk.in_grad(walk.sharing(lambda above, slope, parent: above * parent.value)),
            "You multiply by the parent's value. Which attribute says how the node reacts to this parent?",
        ),
        mistake(
            "slopes-in-reverse",
            walk.in_grad(walk.slopes_in_reverse),
            "A parent gets the local derivative of another parent. How do .parents and .local_grads go together?",
        ),
        mistake(
            "same-parent-once",
            walk.in_grad(walk.same_parent_once),
            "For x * x only one of the two entries of .parents counts. "
            "What do a dict and a set do with the same node twice?",
        ),
        mistake(
            "shared-among-parents",
            walk.in_grad(walk.averaged),
            "A node divides its gradient by the number of its parents. "
            "If only one of them moves, does the node move less because there are others?",
        ),
        mistake(
            "never-started",
            walk.in_grad(walk.starting_from(lambda output: output.grad)),
            "Nothing arrives anywhere. What is the derivative of the output with respect to itself?",
        ),
        mistake(
            "started-from-the-value",
            walk.in_grad(walk.starting_from(lambda output: output.value)),
            "You start with the output's value. How fast does the output change when the output changes?",
        ),
        mistake(
            "only-leaves",
            walk.only_leaves,
            "Only the leaves have a gradient. PyTorch keeps it this way to save memory; "
            "which nodes were asked for here?",
        ),
        mistake(
            "output-left-out",
            walk.output_left_out,
            "All is right but for the output itself. How does the output change with itself?",
        ),
    ),
)


@BACKWARD.right
def backward_by_dict_of_ids(output):
    adjoints = {id(output): 1.0}
    for node in reversed(order_with_two_visits(output)):
        mine = adjoints[id(node)]
        node.grad = node.grad + mine
        for parent, slope in zip(node.parents, node.local_grads, strict=True):
            adjoints[id(parent)] = adjoints.get(id(parent), 0.0) + mine * slope


@BACKWARD.right
def backward_in_grad_with_the_old_ones_put_aside(output):
    order = order_by_counting_children(output)
    held = [node.grad for node in order]
    for node in order:
        node.grad = 0.0
    output.grad = 1.0
    for node in reversed(order):
        for i in range(len(node.parents)):
            node.parents[i].grad += node.local_grads[i] * node.grad
    for node, before in zip(order, held, strict=True):
        node.grad += before


@BACKWARD.right
def backward_by_asking_the_children(output):
    order = order_by_graphlib(output)
    children = defaultdict(list)
    for node in order:
        for parent, slope in zip(node.parents, node.local_grads, strict=True):
            children[parent].append((node, slope))
    adjoint = {}
    for node in order[::-1]:
        adjoint[node] = float(node is output) + adjoint_by_loop([(adjoint[child], s) for child, s in children[node]])
    for node, value in adjoint.items():
        node.grad += np.float64(value)


@BACKWARD.right
def backward_by_counting_children(output):
    waiting = Counter(parent for node in reachable(output) for parent in node.parents)
    adjoint = defaultdict(float, {output: 1.0})
    ready = [output]
    while ready:
        node = ready.pop()
        node.grad += adjoint[node]
        for parent, slope in zip(node.parents, node.local_grads, strict=True):
            adjoint[parent] += adjoint[node] * slope
            waiting[parent] -= 1
            if not waiting[parent]:
                ready.append(parent)
