"""What `autograder new` writes: a worked example of each kind, which verifies as it is, for an author to change.

Each kind is the text of its two files and of the notebook's cells. `{name}`, `{title}` and `{constant}` are filled in;
all other braces stand as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Example:
    """The files and cells of one kind of exercise. ``program`` is a cell that shows what is to be repaired."""

    public: str
    private: str
    text: str
    solution: str
    check: str
    program: str = ""


RULE = Example(
    public='''"""{title}: what is asked."""

from __future__ import annotations

from kit.declare import Rule, case
from kit.draws import normal

{constant} = Rule(
    name="{name}",
    statement="y = x * x, entry by entry.",
    forward=lambda x: x * x,
    oracle=lambda torch, x: x * x,
    cases=(
        case("vector", x=normal(3)),
        case("matrix", x=normal(2, 3)),
        case("scalar", check="edges", x=normal()),
    ),
)
''',
    private='''"""{title}: hidden cases, mistakes and right answers."""

from __future__ import annotations

import numpy as np

from autograder.course.declare import Exercise
from autograder.engine import defvjp, primitive
from kit.declare import case
from kit.draws import exactly, normal

from ..public import {topic} as public


@primitive(shapes="(*s)->(*s)", source="product rule")
def operation(x):
    """Square y = x x.

    Given g = dL/dy:  dL/dx = 2 g x.
    """
    return x * x


defvjp(operation, x=lambda g, y, x: 2.0 * g * x)

{constant} = Exercise(
    public=public.{constant},
    op=operation,
    cases=(
        case("vector", x=normal(4)),
        case("matrix", x=normal(3, 2)),
        case("three axes", x=normal(2, 3, 2)),
        case("scalar", check="edges", x=normal()),
        case("empty", check="edges", x=normal(0, 3)),
        case("far from zero", check="edges", x=exactly([-30.0, 1e-3, 40.0])),
        case("cost", check="cost", x=normal(150, 120)),
    ),
)


@{constant}.mistake
def upstream_ignored(g, y, x):
    """That is the local slope. What multiplies it on the way down?"""
    return 2 * x


@{constant}.mistake
def one_factor_only(g, y, x):
    """x enters the product more than once. How many paths lead from x to y?"""
    return g * x


@{constant}.mistake
def multiplied_by_the_output(g, y, x):
    """You multiply by the value y. Is that its slope?"""
    return g * y


@{constant}.mistake
def sign_lost(g, y, x):
    """Left of 0, does y grow or shrink when x grows?"""
    return 2 * g * np.abs(x)


@{constant}.right
def as_a_sum(g, y, x):
    return g * x + x * g


@{constant}.right
def entry_by_entry(g, y, x):
    return np.array([2.0 * g[at] * x[at] for at in np.ndindex(x.shape)]).reshape(x.shape)
''',
    text="""### {title}{practice}

$$y = x^2$$

entry by entry. In NumPy: `y = x * x`.""",
    solution='''def {name}(grad_output, output, x):
    """Gradient of x for y = x * x, entry by entry.

    grad_output: dL/dy. Returns an array of x's shape.
    """
    ### BEGIN SOLUTION
    return 2 * grad_output * x
    ### END SOLUTION''',
    check="check({name})",
)

FUNCTION = Example(
    public='''"""{title}: what is asked."""

from __future__ import annotations

import numpy as np

from kit.declare import Function, Property, Stored
from kit.draws import normal

{constant} = Function(
    name="{name}",
    signature="{name}(x)",
    statement="The mean of the squares of the entries of x.",
    stored=(
        Stored("a vector", {"x": [1.0, -2.0, 4.0]}, 7.0),
        Stored("a matrix", {"x": [[1.0, 2.0], [3.0, 0.0]]}, 3.5),
    ),
    properties=(
        Property(
            "not below the square of the mean",
            {"x": normal(5)},
            lambda returned, x: returned >= np.mean(x) ** 2,
            says="The mean of the squares is never below the square of the mean.",
        ),
    ),
)
''',
    private='''"""{title}: hidden cases, mistakes and right answers."""

from __future__ import annotations

import numpy as np

from autograder.course.declare import Exercise
from kit.declare import case
from kit.draws import exactly, normal

from ..public import {topic} as public

{constant} = Exercise(
    public=public.{constant},
    reference=lambda x: np.mean(x**2),
    cases=(
        case("a vector", x=normal(5)),
        case("a matrix", x=normal(3, 2)),
        case("one number", check="edges", x=exactly([-3.0])),
        case("a scalar", check="edges", x=normal()),
    ),
)


@{constant}.mistake
def not_divided(x):
    """That is the sum. Should twice as many entries give twice as much?"""
    return np.sum(x**2)


@{constant}.mistake
def square_of_the_mean(x):
    """Which comes first, the square or the mean? Try 1 and -1."""
    return np.mean(x) ** 2


@{constant}.mistake
def rooted(x):
    """If x is in metres, what is your answer in, and what is asked?"""
    return np.sqrt(np.mean(x**2))


@{constant}.mistake
def rows_only(x):
    """Right for a vector. How many entries does a matrix of 3 rows have?"""
    return np.sum(x**2) / max(len(np.atleast_1d(x)), 1)


@{constant}.right
def by_dot_product(x):
    flat = np.ravel(x)
    return flat @ flat / flat.size


@{constant}.right
def by_loop(x):
    total = 0.0
    for entry in np.ravel(x):
        total += entry * entry
    return total / np.size(x)
''',
    text="""### {title}{practice}

`{name}(x)` is the mean of the squares of all entries of `x`, as a number.""",
    solution='''def {name}(x):
    """The mean of the squares of the entries of x, an array of any shape."""
    ### BEGIN SOLUTION
    return np.mean(x**2)
    ### END SOLUTION''',
    check="check({name})",
)

REPAIR = Example(
    public='''"""{title}: what is asked."""

from __future__ import annotations

from kit.declare import Function, Stored

{constant} = Function(
    name="{name}",
    signature="{name}(x)",
    statement="y = x * x, of which PyTorch finds the whole gradient.",
    stored=(
        # the upstream gradient and x; then y, the gradient of x, and how many inputs were changed in place
        Stored(
            "three numbers",
            {"grad_output": [1.0, -2.0, 0.5], "x": [1.0, 3.0, -2.0]},
            ([1.0, 9.0, 4.0], [2.0, -12.0, -2.0], 0),
            tolerance=1e-5,
        ),
    ),
    results=("y", "gradient of x", "number of inputs that were changed in place"),
    adapter="pulled",
    takes=("grad_output", "x"),
)
''',
    private='''"""{title}: hidden cases, mistakes and right answers."""

from __future__ import annotations

from autograder.course.declare import EDGES, Exercise
from kit.declare import case
from kit.draws import normal

from ..public import {topic} as public

{constant} = Exercise(
    public=public.{constant},
    reference=lambda x: x * x,
    cases=(
        case("a vector", grad_output=normal(4), x=normal(4)),
        case("a matrix", grad_output=normal(2, 3), x=normal(2, 3)),
        case("a scalar", check="edges", grad_output=normal(), x=normal()),
    ),
    shares={EDGES: 0.2},
    rtol=1e-4,  # float32
    floor=2e-6,
)


@{constant}.mistake
def one_factor_detached(x):
    """Half of the gradient is missing. Through how many factors does y depend on x?"""
    return x * x.detach()


@{constant}.mistake
def result_detached(x):
    """No gradient arrives. What does detach leave of the graph?"""
    return (x * x).detach()


@{constant}.mistake
def doubled(x):
    """The gradient is right, and is y still what it should be?"""
    return 2 * x * x.detach()


@{constant}.right
def by_power(x):
    return x**2
''',
    text="""### {title}{practice}

The program below should compute $y = x^2$, and half of the gradient is missing. Write `{name}(x)` so that
PyTorch finds all of it.""",
    program="""def broken(x):
    return x * x.detach()


x = torch.tensor([1.0, 3.0], requires_grad=True)
broken(x).sum().backward()
print(x.grad)""",
    solution='''def {name}(x):
    """x * x, entry by entry, for a tensor x that wants a gradient."""
    ### BEGIN SOLUTION
    return x * x
    ### END SOLUTION''',
    check="check({name})",
)

PREDICT = Example(
    public='''"""{title}: what is asked."""

from __future__ import annotations

from kit.declare import Answer, Predict

{constant} = Predict(
    name="{name}",
    statement="How many numbers the gradient of a matrix of 3 rows and 4 columns holds, and of which shape it is.",
    answers={
        "{name}_numbers": Answer(int),
        "{name}_shape": Answer(str, allowed=("3 by 4", "4 by 3", "12 by 12")),
    },
)
''',
    private='''"""{title}: the right answers, and mistakes."""

from __future__ import annotations

from autograder.course.declare import Exercise, mistake

from ..public import {topic} as public

{constant} = Exercise(
    public=public.{constant},
    answers={"{name}_numbers": 12, "{name}_shape": "3 by 4"},
    mistakes=(
        mistake(
            "transposed",
            {"{name}_shape": "4 by 3"},
            "A gradient step subtracts it from the matrix. Which shape must it have for that?",
        ),
        mistake(
            "the-whole-jacobian",
            {"{name}_numbers": 144, "{name}_shape": "12 by 12"},
            "That is the Jacobian of a function from matrices to matrices. The loss is one number: what is left?",
        ),
    ),
)
''',
    text="""### {title}{practice}

A loss depends on a matrix of 3 rows and 4 columns. How many numbers does its gradient hold, and of which shape is it:
`'3 by 4'`, `'4 by 3'` or `'12 by 12'`?""",
    solution="""{name}_numbers = ...
{name}_shape = ...
### BEGIN SOLUTION
{name}_numbers = 12
{name}_shape = "3 by 4"
### END SOLUTION""",
    check='check("{name}", {name}_numbers={name}_numbers, {name}_shape={name}_shape)',
)

EXAMPLES: Mapping[str, Example] = {"rule": RULE, "function": FUNCTION, "repair": REPAIR, "predict": PREDICT}

ESSAY_TEXT = """### {title}{practice}

Why does the chain rule multiply along a path, and add where paths meet? Answer in a few sentences."""
ESSAY_ANSWER = """Along a path each step scales the change that it is handed. Where paths meet, the changes
arrive together and add up."""

TITLE = """# {title}

Write here what this assignment is about."""
HOW = """## How this notebook works

Every exercise is a function to complete and a check cell below it. `check` runs your answer on a few public cases and
shows the smallest one that fails. The grader uses other inputs of the same kinds."""
IMPORTS = "import numpy as np\n\nfrom kit import check"
IMPORTS_TORCH = "import numpy as np\nimport torch\nfrom torch import nn\n\nfrom kit import check"

KERNEL = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}

SOLUTIONS = """A folder for each assignment that course.toml names: the notebook with the answers, `public/`
and `private/`. `autograder new assignment NAME` begins one.
"""
SUBMITTED = """What students hand in: `<student>/<assignment>/<notebook>.ipynb`. Git ignores this folder.
"""

COURSE = """# The course that this folder holds. Its content lies in solutions/<assignment>/.
id = "{name}"
title = "{title}"
"""
CONFIG = '''"""nbgrader's configuration: its commands, run in this folder, grade, release and show this course."""

from autograder.bridges.nbgrader.config import configure

configure(get_config(), __file__)  # noqa: F821 - nbgrader provides it
'''
IGNORE = """.venv/
__pycache__/
.ipynb_checkpoints/

# what students hand in and what grading writes
/submitted/
/autograded/
/feedback/
/reports/
/gradescope/
/example/
/lab/
/answer-key/
/.release-*
/gradebook.db*
/backups/
/.grading.lock
/.*.unfinished
/.course-secret
.nbgrader.log
*.zip
"""
README = """# {title}

A course for `autograder`: `course.toml` names its assignments, each is a folder
in `solutions/` with a notebook, `public/` (ships to students) and `private/` (never does).

```sh
autograder new assignment vectors --title "Vectors"
autograder new rule square --assignment vectors --points 10
autograder verify
autograder release
```

`assignments/` is then what students get. Put what they hand in into `submitted/<student>/<assignment>/` and run
`autograder grade`. `.course-secret` appears with the first grading: keep it, and give it to nobody.
"""


def filled(template: str, words: Mapping[str, str]) -> str:
    """A template with the words put in."""
    for name, value in words.items():
        template = template.replace("{" + name + "}", value)
    return template
