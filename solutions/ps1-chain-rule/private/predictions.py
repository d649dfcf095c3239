"""Predictions: how many paths, how they combine, what a second backward pass does, what a node off the path gets."""

from __future__ import annotations

from autograder.course.declare import Exercise, Misconception

from ..public import predictions as kit

# The notebook's graph: a = x * x, b = sin(x), c = a + b, d = a * b, e = exp(c), z = d + e, and u = 4 x beside it.
# From x there are two edges to a and one to b, from a and b one each to c and d, from either of these one way to z.
PATHS = 2 * 1 * 2 + 1 * 1 * 2

# z = a + x with a = x^2, at x = 3: 7 after the first call. A pass that starts from what .grad holds gives 27 at the
# second call, and 20 if it sets the output's own .grad to 1 again.
FIRST = 7.0

PREDICT = Exercise(
    public=kit.PREDICT,
    answers={
        "path_count": PATHS,
        "combine_paths": "add",
        "grad_after_second_backward": 2 * FIRST,
        "unreached_grad": 0.0,
    },
    misconceptions=(
        Misconception(
            "double-edge-counted-once",
            seen_in="path_count",
            wrong={"path_count": 4},
            hint="x enters a = x * x in two places. How many ways lead from x to a?",
        ),
        Misconception(
            "edges-counted",
            seen_in="path_count",
            wrong={"path_count": 10},
            hint="That is the number of arrows between x and z. A path is a whole way from x to z: how many choices "
            "are there at each node?",
        ),
        Misconception(
            "arrows-of-x-counted",
            seen_in="path_count",
            wrong={"path_count": 3},
            hint="So many arrows leave x towards z. Does each of them lead to z in one way only?",
        ),
        Misconception(
            "dead-end-or-nodes-counted",
            seen_in="path_count",
            wrong={"path_count": 7},
            hint="Seven is reached by counting a way that ends at u, or by counting nodes. Which ways arrive at z?",
        ),
        Misconception(
            "paths-multiplied",
            seen_in="combine_paths",
            wrong={"combine_paths": "multiply"},
            hint="Along one path the local derivatives multiply. What happens to two changes that arrive at z side by "
            "side?",
        ),
        Misconception(
            "paths-averaged",
            seen_in="combine_paths",
            wrong={"combine_paths": "average"},
            hint="For z = x + x the average of the two paths would be 1. How fast does z grow with x?",
        ),
        Misconception(
            "second-call-replaces",
            seen_in="grad_after_second_backward",
            wrong={"grad_after_second_backward": FIRST},
            hint="That is the gradient after one call. Does the second call write over .grad, or add to it?",
        ),
        Misconception(
            "second-call-squares",
            seen_in="grad_after_second_backward",
            wrong={"grad_after_second_backward": FIRST**2},
            hint="You multiply the two gradients. How did the paths of one call combine?",
        ),
        Misconception(
            "held-grads-propagated",
            seen_in="grad_after_second_backward",
            wrong={"grad_after_second_backward": 27.0},
            hint="You let the second call carry on what every .grad held after the first. What does each call start "
            "from?",
        ),
        Misconception(
            "held-grads-propagated-from-one",
            seen_in="grad_after_second_backward",
            wrong={"grad_after_second_backward": 20.0},
            hint="You start from 1 at z again, but let a hand on what it held from the first call. Whose contribution "
            "is that?",
        ),
        Misconception(
            "second-call-cancels",
            seen_in="grad_after_second_backward",
            wrong={"grad_after_second_backward": 0.0},
            hint="Who would take the first gradient away again before, or after, the second call?",
        ),
        Misconception(
            "local-slope-kept",
            seen_in="unreached_grad",
            wrong={"unreached_grad": 4.0},
            hint="That is how u moves with x. How does z move with u?",
        ),
        Misconception(
            "counted-as-an-output",
            seen_in="unreached_grad",
            wrong={"unreached_grad": 1.0},
            hint="A node has gradient 1 with respect to itself. But which node is backward called on?",
        ),
    ),
)
