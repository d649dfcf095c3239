"""The backward pass on a graph of scalars: what it adds to every ``.grad``, once and again."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterator, MutableMapping

from autograder.exercises.declare import EDGES, SHARES, UNCHANGED, Exercise, Misconception
from autograder.exercises.ps1._graphs import (
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
from autograder.exercises.ps1.orders import by_recursion, topological_order
from autograder.kit.declare import case
from autograder.kit.node import Node
from autograder.kit.public.ps1 import graphs as kit
from autograder.kit.public.ps1._shapes import chain, diamond, ladder, reaches_nothing

Total = MutableMapping[Node, float]
Walk = Callable[[Node, Total], None]
AGAIN = "accumulation"
"""The check of its own for what a call does with gradients that are there already."""


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
    """Contributions of several parents' children averaged over the number of arrows into a node's children."""
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


BACKWARD = Exercise(
    public=kit.BACKWARD,
    reference=backward,
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
        case("a leaf alone", check="edges", **graph(LEAF)),
        case("nodes that the output does not need", check="edges", **graph(reaches_nothing(), outputs=(2,), held=True)),
        case("all values equal", check="edges", **graph(tangle(6, 3), alike=True)),
        case("thirty nodes", check="edges", **graph(tangle(30, 30))),
        case("chain of 5,000", check="edges", shown=False, **graph(chain(kit.DEEP), slopes=level_slopes)),
        case("ladder of 60 diamonds", check="edges", **graph(ladder(kit.RUNGS), slopes=shared_slopes)),
    ),
    misconceptions=(
        Misconception(
            "assigned-not-added",
            seen_in="diamond",
            wrong=in_grad(assigned),
            hint="Where a node was used more than once, only one of its contributions is left. What does = do with "
            "what was there?",
        ),
        Misconception(
            "assigned-not-added-apart",
            seen_in="diamond",
            wrong=apart(assigned),
            hint="Where a node was used more than once, only one contribution is left in your dict. What does = do "
            "with what was there?",
        ),
        Misconception(
            "leaves-first",
            seen_in="chain of four",
            wrong=in_grad(leaves_first),
            hint="You begin at the leaves. What does a leaf have to hand on, before anything has come down from the "
            "output?",
        ),
        Misconception(
            "leaves-first-apart",
            seen_in="chain of four",
            wrong=apart(leaves_first),
            hint="You walk from the leaves up. In which direction does a gradient travel, and when is a node's own "
            "complete?",
        ),
        Misconception(
            "breadth-first",
            seen_in="shortcuts",
            wrong=in_grad(breadth_first),
            hint="A node hands on when you first meet it, by the fewest steps from the output. Had everything arrived "
            "there yet?",
        ),
        Misconception(
            "depth-first",
            seen_in="shortcuts",
            wrong=in_grad(depth_first),
            hint="A node hands on when you first meet it, going deep first. Had the contributions of its other "
            "children arrived?",
        ),
        Misconception(
            "expanded-at-every-visit",
            seen_in="shortcuts",
            wrong=in_grad(expanded_at_every_visit),
            hint="A node that is met twice hands on its whole gradient twice, the part from the first time included. "
            "When, and how often, should it hand on?",
        ),
        Misconception(
            "held-grads-propagated",
            seen_in="called twice",
            wrong=in_grad(rightly),
            hint="The first call is right. In the second one, a node hands on what the first call left in .grad as "
            "well. Where else could this call keep its own sums?",
        ),
        Misconception(
            "held-grads-propagated-from-the-output",
            seen_in="called twice",
            wrong=output_added_to,
            hint="The first call is right. The second one starts with what the first left in the output's .grad. What "
            "is d output / d output, in every call?",
        ),
        Misconception(
            "earlier-grads-wiped",
            seen_in="called twice",
            wrong=wiped_first,
            hint="The gradients are those of the last call alone. Who decides when .grad starts from zero, backward "
            "or its caller?",
        ),
        Misconception(
            "every-path-walked",
            seen_in="ladder of 60 diamonds",
            wrong=every_path,
            hint="Right, path by path. A ladder of 60 diamonds has 2**60 of them. Can a node wait until all has "
            "arrived, and hand on once?",
        ),
        Misconception(
            "every-path-walked-by-calls",
            seen_in="chain of 5,000",
            wrong=every_path_by_calls,
            hint="Right, path by path, one call inside another. How many paths has a ladder of 60 diamonds, and how "
            "many calls deep is a chain of 5,000?",
        ),
        Misconception(
            "one-call-per-node",
            seen_in="chain of 5,000",
            wrong=by_recursive_order,
            hint="Right on small graphs; on a chain of 5,000 the calls inside calls are too many for Python. Which of "
            "your functions calls itself, and can a list of your own remember what its waiting calls do?",
        ),
        Misconception(
            "local-derivatives-ignored",
            seen_in="one operation",
            wrong=in_grad(sharing(lambda above, slope, parent: above)),
            hint="Each node hands its own gradient down unchanged. How strongly does it react to that parent?",
        ),
        Misconception(
            "gradient-from-above-ignored",
            seen_in="chain of four",
            wrong=in_grad(sharing(lambda above, slope, parent: slope)),
            hint="You add up local derivatives. How strongly does the output react to the child?",
        ),
        Misconception(
            "added-along-the-path",
            seen_in="chain of four",
            wrong=in_grad(sharing(lambda above, slope, parent: above + slope)),
            hint="You add the local derivative to the gradient from above. Along one path, do slopes add or multiply?",
        ),
        Misconception(
            "value-for-slope",
            seen_in="one operation",
            wrong=in_grad(sharing(lambda above, slope, parent: above * parent.value)),
            hint="You multiply by the parent's value. Which attribute says how the node reacts to this parent?",
        ),
        Misconception(
            "slopes-in-reverse",
            seen_in="one operation",
            wrong=in_grad(slopes_in_reverse),
            hint="A parent gets the local derivative of another parent. How do .parents and .local_grads go together?",
        ),
        Misconception(
            "same-parent-once",
            seen_in="x used twice by one operation",
            wrong=in_grad(same_parent_once),
            hint="For x * x only one of the two entries of .parents counts. What do a dict and a set do with the same "
            "node twice?",
        ),
        Misconception(
            "shared-among-parents",
            seen_in="one operation",
            wrong=in_grad(averaged),
            hint="A node divides its gradient by the number of its parents. If only one of them moves, does the node "
            "move less because there are others?",
        ),
        Misconception(
            "never-started",
            seen_in="one operation",
            wrong=in_grad(starting_from(lambda output: output.grad)),
            hint="Nothing arrives anywhere. What is the derivative of the output with respect to itself?",
        ),
        Misconception(
            "started-from-the-value",
            seen_in="one operation",
            wrong=in_grad(starting_from(lambda output: output.value)),
            hint="You start with the output's value. How fast does the output change when the output changes?",
        ),
        Misconception(
            "only-leaves",
            seen_in="chain of four",
            wrong=only_leaves,
            hint="Only the leaves have a gradient. PyTorch keeps it this way to save memory; which nodes were asked "
            "for here?",
        ),
        Misconception(
            "output-left-out",
            seen_in="one operation",
            wrong=output_left_out,
            hint="All is right but for the output itself. How does the output change with itself?",
        ),
    ),
)

EXERCISES: tuple[Exercise, ...] = (BACKWARD,)
