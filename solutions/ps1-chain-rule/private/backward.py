"""The backward pass on a graph of scalars: what it adds to every ``.grad``, once and again."""

from __future__ import annotations

from autograder.course.declare import EDGES, SHARES, UNCHANGED, Exercise, Misconception
from kit.declare import case

from ..public import backward as kit
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

AGAIN = "accumulation"
"""The check of its own for what a call does with gradients that are there already."""

BACKWARD = Exercise(
    public=kit.BACKWARD,
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
        case("chain of 5,000", check="edges", shown=False, **graph(chain(kit.DEEP), slopes=level_slopes)),
        case("ladder of 60 diamonds", check="edges", **graph(ladder(kit.RUNGS), slopes=shared_slopes)),
    ),
    misconceptions=(
        Misconception(
            "assigned-not-added",
            seen_in="diamond",
            wrong=walk.in_grad(walk.assigned),
            hint="Where a node was used more than once, only one of its contributions is left. What does = do with "
            "what was there?",
        ),
        Misconception(
            "assigned-not-added-apart",
            seen_in="diamond",
            wrong=walk.apart(walk.assigned),
            hint="Where a node was used more than once, only one contribution is left in your dict. What does = do "
            "with what was there?",
        ),
        Misconception(
            "leaves-first",
            seen_in="chain of four",
            wrong=walk.in_grad(walk.leaves_first),
            hint="You begin at the leaves. What does a leaf have to hand on, before anything has come down from the "
            "output?",
        ),
        Misconception(
            "leaves-first-apart",
            seen_in="chain of four",
            wrong=walk.apart(walk.leaves_first),
            hint="You walk from the leaves up. In which direction does a gradient travel, and when is a node's own "
            "complete?",
        ),
        Misconception(
            "breadth-first",
            seen_in="shortcuts",
            wrong=walk.in_grad(walk.breadth_first),
            hint="A node hands on when you first meet it, by the fewest steps from the output. Had everything arrived "
            "there yet?",
        ),
        Misconception(
            "depth-first",
            seen_in="shortcuts",
            wrong=walk.in_grad(walk.depth_first),
            hint="A node hands on when you first meet it, going deep first. Had the contributions of its other "
            "children arrived?",
        ),
        Misconception(
            "expanded-at-every-visit",
            seen_in="shortcuts",
            wrong=walk.in_grad(walk.expanded_at_every_visit),
            hint="A node that is met twice hands on its whole gradient twice, the part from the first time included. "
            "When, and how often, should it hand on?",
        ),
        Misconception(
            "held-grads-propagated",
            seen_in="called twice",
            wrong=walk.in_grad(walk.rightly),
            hint="The first call is right. In the second one, a node hands on what the first call left in .grad as "
            "well. Where else could this call keep its own sums?",
        ),
        Misconception(
            "held-grads-propagated-from-the-output",
            seen_in="called twice",
            wrong=walk.output_added_to,
            hint="The first call is right. The second one starts with what the first left in the output's .grad. What "
            "is d output / d output, in every call?",
        ),
        Misconception(
            "earlier-grads-wiped",
            seen_in="called twice",
            wrong=walk.wiped_first,
            hint="The gradients are those of the last call alone. Who decides when .grad starts from zero, backward "
            "or its caller?",
        ),
        Misconception(
            "every-path-walked",
            seen_in="ladder of 60 diamonds",
            wrong=walk.every_path,
            hint="Right, path by path. A ladder of 60 diamonds has 2**60 of them. Can a node wait until all has "
            "arrived, and hand on once?",
        ),
        Misconception(
            "every-path-walked-by-calls",
            seen_in="chain of 5,000",
            wrong=walk.every_path_by_calls,
            hint="Right, path by path, one call inside another. How many paths has a ladder of 60 diamonds, and how "
            "many calls deep is a chain of 5,000?",
        ),
        Misconception(
            "one-call-per-node",
            seen_in="chain of 5,000",
            wrong=walk.by_recursive_order,
            hint="Right on small graphs; on a chain of 5,000 the calls inside calls are too many for Python. Which of "
            "your functions calls itself, and can a list of your own remember what its waiting calls do?",
        ),
        Misconception(
            "local-derivatives-ignored",
            seen_in="one operation",
            wrong=walk.in_grad(walk.sharing(lambda above, slope, parent: above)),
            hint="Each node hands its own gradient down unchanged. How strongly does it react to that parent?",
        ),
        Misconception(
            "gradient-from-above-ignored",
            seen_in="chain of four",
            wrong=walk.in_grad(walk.sharing(lambda above, slope, parent: slope)),
            hint="You add up local derivatives. How strongly does the output react to the child?",
        ),
        Misconception(
            "added-along-the-path",
            seen_in="chain of four",
            wrong=walk.in_grad(walk.sharing(lambda above, slope, parent: above + slope)),
            hint="You add the local derivative to the gradient from above. Along one path, do slopes add or multiply?",
        ),
        Misconception(
            "value-for-slope",
            seen_in="one operation",
            wrong=walk.in_grad(walk.sharing(lambda above, slope, parent: above * parent.value)),
            hint="You multiply by the parent's value. Which attribute says how the node reacts to this parent?",
        ),
        Misconception(
            "slopes-in-reverse",
            seen_in="one operation",
            wrong=walk.in_grad(walk.slopes_in_reverse),
            hint="A parent gets the local derivative of another parent. How do .parents and .local_grads go together?",
        ),
        Misconception(
            "same-parent-once",
            seen_in="x used twice by one operation",
            wrong=walk.in_grad(walk.same_parent_once),
            hint="For x * x only one of the two entries of .parents counts. What do a dict and a set do with the same "
            "node twice?",
        ),
        Misconception(
            "shared-among-parents",
            seen_in="one operation",
            wrong=walk.in_grad(walk.averaged),
            hint="A node divides its gradient by the number of its parents. If only one of them moves, does the node "
            "move less because there are others?",
        ),
        Misconception(
            "never-started",
            seen_in="one operation",
            wrong=walk.in_grad(walk.starting_from(lambda output: output.grad)),
            hint="Nothing arrives anywhere. What is the derivative of the output with respect to itself?",
        ),
        Misconception(
            "started-from-the-value",
            seen_in="one operation",
            wrong=walk.in_grad(walk.starting_from(lambda output: output.value)),
            hint="You start with the output's value. How fast does the output change when the output changes?",
        ),
        Misconception(
            "only-leaves",
            seen_in="chain of four",
            wrong=walk.only_leaves,
            hint="Only the leaves have a gradient. PyTorch keeps it this way to save memory; which nodes were asked "
            "for here?",
        ),
        Misconception(
            "output-left-out",
            seen_in="one operation",
            wrong=walk.output_left_out,
            hint="All is right but for the output itself. How does the output change with itself?",
        ),
    ),
)
