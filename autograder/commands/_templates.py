"""What ``autograder new rule`` writes: a worked example, y = x * x, complete in every file, for an author to change."""

from __future__ import annotations

OPERATION = '''

@primitive(shapes="(*s)->(*s)", source="product rule")
def {op}(x: Array) -> Array:
    """Square y = x x.

    Given g = dL/dy:  dL/dx = 2 g x.
    """
    return x * x


defvjp({op}, x=lambda g, y, x: 2.0 * g * x)
'''

ORACLE_ROW = '"{op}": row(lambda x: x * x, *unary())'

PUBLIC_RULE = """{constant} = Rule(
    name="{rule}",
    statement="y = x * x, entry by entry.",
    forward=lambda x: x * x,
    oracle=lambda torch, x: x * x,
    cases=(
        case("vector", x=normal(3)),
        case("matrix", x=normal(2, 3)),
        case("scalar", check="edges", x=normal()),
    ),
)
"""

PUBLIC_MODULE = '''"""{title}, the public half."""

from __future__ import annotations

from ...declare import Public, Rule, case
from ...draws import normal

{declared}
PUBLIC: tuple[Public, ...] = ({constant},)
'''

PRIVATE_MODULE = '''"""{title}, the private half: hidden cases and misconceptions."""

from __future__ import annotations

import numpy as np

from autograder.engine import ops
from autograder.course.declare import Exercise, Misconception
from autograder.kit.declare import case
from autograder.kit.draws import exactly, normal
{import_kit}

{constant} = Exercise(
    public={kit}.{constant},
    op=ops.{op},
    cases=(
        case("vector", x=normal(4)),
        case("matrix", x=normal(3, 2)),
        case("three axes", x=normal(2, 3, 2)),
        case("scalar", check="edges", x=normal()),
        case("empty", check="edges", x=normal(0, 3)),
        case("far from zero", check="edges", x=exactly([-30.0, 1e-3, 40.0])),
        case("cost", check="cost", x=normal(150, 120)),
    ),
    misconceptions=(
        Misconception(
            "upstream-ignored",
            seen_in="vector",
            wrong=lambda g, y, x: 2 * x,
            hint="That is the local slope. What multiplies it on the way down?",
        ),
        Misconception(
            "one-factor-only",
            seen_in="vector",
            wrong=lambda g, y, x: g * x,
            hint="x enters the product more than once. How many paths lead from x to y?",
        ),
        Misconception(
            "multiplied-by-the-output",
            seen_in="vector",
            wrong=lambda g, y, x: g * y,
            hint="You multiply by the value y. Is that its slope?",
        ),
        Misconception(
            "constant-slope",
            seen_in="vector",
            wrong=lambda g, y, x: 2 * g,
            hint="Your slope is the same everywhere. Is the curve as steep near 0 as it is far out?",
        ),
        Misconception(
            "sign-lost",
            seen_in="vector",
            wrong=lambda g, y, x: 2 * g * np.abs(x),
            hint="Left of 0, does y grow or shrink when x grows?",
        ),
    ),
)

EXERCISES: tuple[Exercise, ...] = ({constant},)
'''

VARIANTS = """"{rule}": (
        lambda g, y, x: 2 * g * x,
        lambda g, y, x: (g * x + x * g,),
        lambda g, y, x: np.array([2.0 * g[at] * x[at] for at in np.ndindex(x.shape)]).reshape(x.shape),
    )"""

TEXT = """### {title}{practice}

$$y = x^2$$

entry by entry. In NumPy: `y = x * x`."""

SOLUTION = '''def {rule}(grad_output, output, x):
    """Gradient of x for y = x * x, entry by entry.

    grad_output: dL/dy. Returns an array of x's shape.
    """
    ### BEGIN SOLUTION
    return 2 * grad_output * x
    ### END SOLUTION'''

CHECK = "check({rule})"
