"""Square roots, the hidden half."""

from __future__ import annotations

from autograder.course.declare import EDGES, Exercise, mistake
from kit.declare import case
from kit.draws import number

from ..public import roots as public


def iterated(a, x, steps, step=lambda a, x: (x + a / x) / 2):
    for _ in range(steps):
        x = step(a, x)
    return x


NEWTON_ROOT = Exercise(
    public.NEWTON_ROOT,
    reference=lambda a, x, steps: iterated(a, x, steps),
    shares={EDGES: 0.3},
    cases=(
        case("one step", a=number(2.0, 9.0), x=number(1.0, 3.0), steps=1),
        case("three steps", a=number(2.0, 9.0), x=number(1.0, 3.0), steps=3),
        case("no step", check="edges", a=number(2.0, 9.0), x=number(1.0, 3.0), steps=0),
        case("from far away", check="edges", a=number(2.0, 9.0), x=number(50.0, 90.0), steps=4),
    ),
    mistakes=(
        mistake(
            "one-step-only",
            lambda a, x, steps: iterated(a, x, min(steps, 1)),
            "The answer is the same for one step and for three. Where do you go on from after the first?",
        ),
        mistake(
            "one-step-more",
            lambda a, x, steps: iterated(a, x, steps + 1),
            "With steps = 0 your x moves. How often does the loop run?",
        ),
        mistake(
            "slope-of-the-start",
            lambda a, x, steps: iterated(a, x, steps, lambda a, now: now - (now * now - a) / (2 * x)),
            "The slope is 2 x. At which x, in the second step?",
        ),
        mistake(
            "uphill",
            lambda a, x, steps: iterated(a, x, steps, lambda a, x: x + (x * x - a) / (2 * x)),
            "Your x moves away from the root. Which sign has the step?",
        ),
    ),
    right_answers=(
        lambda a, x, steps: iterated(a, x, steps, lambda a, x: x - (x * x - a) / (2 * x)),
        lambda a, x, steps: iterated(a, x, steps, lambda a, x: 0.5 * x + 0.5 * a / x),
    ),
)


@NEWTON_ROOT.right
def by_recursion(a, x, steps):
    return x if steps == 0 else by_recursion(a, (x * x + a) / (2 * x), steps - 1)


CANCELLATION = Exercise(
    public.CANCELLATION,
    answers={"difference": 0.0, "better_form": "1 / (sqrt(x + 1) + sqrt(x))"},
    mistakes=(
        mistake(
            "as-if-exact",
            {"difference": 5e-9},
            "That is the number on paper. Is 1e16 + 1 another number than 1e16 in float64?",
        ),
        mistake(
            "one-is-lost-again",
            {"better_form": "sqrt(x) * (sqrt(1 + 1/x) - 1)"},
            "1 / x is 1e-16 here. What is 1 + 1e-16 in float64?",
        ),
    ),
)
