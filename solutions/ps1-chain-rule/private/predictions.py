"""Predictions: how many paths, how they combine, what a second backward pass does, what a node off the path gets."""

from __future__ import annotations

from autograder.course.declare import Exercise, mistake

from ..public import predictions as public

# The notebook's graph: a = x * x, b = sin(x), c = a + b, d = a * b, e = exp(c), z = d + e, and u = 4 x beside it.
# From x there are two edges to a and one to b, from a and b one each to c and d, from either of these one way to z.
PATHS = 2 * 1 * 2 + 1 * 1 * 2

# z = a + x with a = x^2, at x = 3: 7 after the first call. A pass that starts from what .grad holds gives 27 at the
# second call, and 20 if it sets the output's own .grad to 1 again.
FIRST = 7.0

PREDICT = Exercise(
    public.PREDICT,
    answers={
        "path_count": PATHS,
        "combine_paths": "add",
        "grad_after_second_backward": 2 * FIRST,
        "unreached_grad": 0.0,
    },
    mistakes=(
        mistake(
            "double-edge-counted-once",
            {"path_count": 4},
            "x enters a = x * x in two places. How many ways lead from x to a?",
        ),
        mistake(
            "edges-counted",
            {"path_count": 10},
            "That is the number of arrows between x and z. A path is a whole way from x to z: "
            "how many choices are there at each node?",
        ),
        mistake(
            "arrows-of-x-counted",
            {"path_count": 3},
            "So many arrows leave x towards z. Does each of them lead to z in one way only?",
        ),
        mistake(
            "dead-end-or-nodes-counted",
            {"path_count": 7},
            "Seven is reached by counting a way that ends at u, or by counting nodes. Which ways arrive at z?",
        ),
        mistake(
            "paths-multiplied",
            {"combine_paths": "multiply"},
            "Along one path the local derivatives multiply. What happens to two changes that arrive at z side by side?",
        ),
        mistake(
            "paths-averaged",
            {"combine_paths": "average"},
            "For z = x + x the average of the two paths would be 1. How fast does z grow with x?",
        ),
        mistake(
            "second-call-replaces",
            {"grad_after_second_backward": FIRST},
            "That is the gradient after one call. Does the second call write over .grad, or add to it?",
        ),
        mistake(
            "second-call-squares",
            {"grad_after_second_backward": FIRST**2},
            "You multiply the two gradients. How did the paths of one call combine?",
        ),
        mistake(
            "held-grads-propagated",
            {"grad_after_second_backward": 27.0},
            "You let the second call carry on what every .grad held after the first. What does each call start from?",
        ),
        mistake(
            "held-grads-propagated-from-one",
            {"grad_after_second_backward": 20.0},
            "You start from 1 at z again, but let a hand on what it held from the first call. "
            "Whose contribution is that?",
        ),
        mistake(
            "second-call-cancels",
            {"grad_after_second_backward": 0.0},
            "Who would take the first gradient away again before, or after, the second call?",
        ),
        mistake("local-slope-kept", {"unreached_grad": 4.0}, "That is how u moves with x. How does z move with u?"),
        mistake(
            "counted-as-an-output",
            {"unreached_grad": 1.0},
            "A node has gradient 1 with respect to itself. But which node is backward called on?",
        ),
    ),
)
