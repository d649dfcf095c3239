"""Multiple paths: x^2 + x, sums over paths, and the adjoint of a variable from those of its children."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence

import numpy as np

from autograder.course.declare import Exercise, mistake
from kit.declare import case
from kit.draws import Draw, Generator, as_is, number, signed

from ..public import paths as public

TOTAL_DERIVATIVE = Exercise(
    public.TOTAL_DERIVATIVE,
    reference=lambda x: 2.0 * x + 1.0,
    cases=(
        case("near zero", x=number(0.1, 0.4)),
        case("further out", x=number(1.2, 1.9)),
        case("far out", x=number(3.0, 9.0)),
        case("at 0", check="edges", x=0.0),
        case("paths cancel", check="edges", x=-0.5),
        case("huge", check="edges", x=number(1e8, 1e9)),
    ),
    mistakes=(
        mistake(
            "one-path-or-a-product",
            lambda x: 2.0 * x,
            "2x is what the path through x^2 brings, and also what you get from multiplying the two paths. "
            "What does the path that goes straight to the sum bring, and how does it join?",
        ),
        mistake(
            "only-the-direct-path",
            lambda x: 1.0,
            "That is the path that goes straight from x to the sum. Where else does x enter?",
        ),
        mistake(
            "paths-averaged",
            lambda x: (2.0 * x + 1.0) / 2.0,
            "Half of the right answer. When two changes arrive at z together, do you hear their sum or their mean?",
        ),
        mistake(
            "value-returned",
            lambda x: x * x + x,
            "That is z itself. What is asked for: the value, or how fast it changes?",
        ),
        mistake(
            "factor-two-lost",
            lambda x: x + 1.0,
            "The direct path is right. x enters x * x in two places: what is the slope of x^2?",
        ),
        mistake(
            "value-of-the-direct-path",
            lambda x: 2.0 * x + x,
            "One of your terms is a slope and the other one a value. What is the slope of b = x?",
        ),
    ),
    right_answers=(lambda x: 2 * x + 1, lambda x: x + x + 1.0, lambda x: (sum([2 * x, 1]),)),
)


def routes(*lengths: int) -> Draw:
    """Paths with so many local derivatives each."""
    return Draw(f"routes{lengths}", lambda rng: [signed(rng, (n,)).tolist() for n in lengths])


def with_zeros(rng: Generator) -> list[list[float]]:
    """Three paths, the second of which goes through a zero."""
    first, second, third = (signed(rng, (n,)).tolist() for n in (2, 3, 1))
    second[1] = 0.0
    return [first, second, third]


def sum_over_paths(paths: Sequence[Sequence[float]]) -> float:
    """Products along the paths, added up. Source: chapter, Multiple Paths."""
    return float(sum(math.prod(path) for path in paths))


SUM_OVER_PATHS = Exercise(
    public.SUM_OVER_PATHS,
    reference=sum_over_paths,
    cases=(
        case("two paths", paths=routes(2, 2)),
        case("three paths", paths=routes(1, 3, 2)),
        case("five paths", paths=routes(2, 4, 1, 3, 2)),
        case("one path", check="edges", paths=routes(3)),
        case("a path through a zero", check="edges", paths=Draw("with zeros", with_zeros)),
        case("no path", check="edges", paths=as_is([])),
        case("one empty path", check="edges", paths=as_is([[]])),
        case(
            "an empty path beside others",
            check="edges",
            paths=Draw("and one empty", lambda rng: [signed(rng, (2,)).tolist(), [], signed(rng, (1,)).tolist()]),
        ),
        case("many paths", check="edges", paths=routes(*[3] * 200)),
    ),
    mistakes=(
        mistake(
            "sums-multiplied",
            lambda paths: math.prod(sum(path) for path in paths),
            "You add along a path and multiply the paths. "
            "Which of the two happens step after step, and which side by side?",
        ),
        mistake(
            "everything-added",
            lambda paths: sum(sum(path) for path in paths),
            "You add along each path. Two steps in a row, with slopes 2 and 3: is the slope of both together 5 or 6?",
        ),
        mistake(
            "everything-multiplied",
            lambda paths: math.prod(math.prod(path) for path in paths),
            "Along each path you are right. Do the paths then act one after the other, or side by side?",
        ),
        mistake(
            "only-the-first-path",
            lambda paths: math.prod(paths[0]) if paths else 0.0,
            "Only the first path is in your result. Does a return stand inside the loop?",
        ),
        mistake(
            "only-the-last-path",
            lambda paths: math.prod(paths[-1]) if paths else 0.0,
            "Only the last path is left. Is the total added to in each turn, or assigned anew?",
        ),
        mistake(
            "paths-averaged",
            lambda paths: sum_over_paths(paths) / max(len(paths), 1),
            "Too small by the number of paths. Does a second route make the influence of x weaker?",
        ),
        mistake(
            "empty-path-is-nothing",
            lambda paths: sum_over_paths([path for path in paths if path]),
            "A path without steps: the variable is the output itself. How does a variable change with itself?",
        ),
        mistake(
            "zeros-skipped",
            lambda paths: sum_over_paths([[slope for slope in path if slope] for path in paths]),
            "You leave out local derivatives that are zero. What gets through a step whose output does not move?",
        ),
        mistake(
            "sum-starts-at-one",
            lambda paths: 1.0 + sum_over_paths(paths),
            "Too large by one, also when there is no path. What number does a sum start from?",
        ),
        mistake("product-starts-at-zero", lambda paths: 0.0, "Always zero. What number does a product start from?"),
        mistake(
            "product-runs-on",
            lambda paths: sum(math.prod(math.prod(path) for path in paths[: n + 1]) for n in range(len(paths))),
            "Your first path is right, the next one still holds the product of the one before. "
            "Where in the loops does the product begin again?",
        ),
    ),
    right_answers=(
        lambda paths: np.sum([np.prod(path) for path in paths]),
        lambda paths: (float(sum(functools.reduce(lambda a, b: a * b, path, 1.0) for path in paths)),),
    ),
)


@SUM_OVER_PATHS.right
def sum_over_paths_by_loops(paths):
    total = 0
    for path in paths:
        product = 1
        for slope in path:
            product *= slope
        total += product
    return total


def pairs(count: int) -> Draw:
    """So many children, each a pair of its adjoint and the local derivative."""
    return Draw(f"pairs({count})", lambda rng: [(float(u), float(slope)) for u, slope in signed(rng, (count, 2))])


def alike(rng: Generator) -> list[tuple[float, float]]:
    """The same child, with the same local derivative, twice."""
    child = signed(rng, (2,)).tolist()
    return [(child[0], child[1])] * 2


Children = Sequence[tuple[float, float]]


def adjoint(children: Children) -> float:
    """v_bar = sum of u_bar du/dv. Source: chapter, Chain Rule on Graphs."""
    return float(sum(above * slope for above, slope in children))


ADJOINT = Exercise(
    public.ADJOINT,
    reference=adjoint,
    cases=(
        case("two children", children=pairs(2)),
        case("three children", children=pairs(3)),
        case("six children", children=pairs(6)),
        case("one child", check="edges", children=pairs(1)),
        case("no child", check="edges", children=as_is([])),
        case(
            "a child that passes nothing on",
            check="edges",
            children=Draw("and a zero", lambda rng: [*pairs(2)(rng), (float(signed(rng, ())), 0.0)]),
        ),
        case("the same child twice", check="edges", children=Draw("alike", alike)),
    ),
    mistakes=(
        mistake(
            "adjoints-of-children-ignored",
            lambda children: sum(slope for _, slope in children),
            "You add the local derivatives. Does the loss care equally about every child?",
        ),
        mistake(
            "local-derivatives-ignored",
            lambda children: sum(above for above, _ in children),
            "You add what the children have. How strongly does each of them move with v?",
        ),
        mistake(
            "children-multiplied",
            lambda children: math.prod(above * slope for above, slope in children),
            "Each contribution is right. Do several children stand in a row, or side by side?",
        ),
        mistake(
            "only-the-last-child",
            lambda children: children[-1][0] * children[-1][1] if children else 0.0,
            "Only the last child is left. What becomes of the others when the result is assigned anew in each turn?",
        ),
        mistake(
            "only-the-first-child",
            lambda children: children[0][0] * children[0][1] if children else 0.0,
            "Only the first child is in your result. Does a return stand inside the loop?",
        ),
        mistake(
            "pairs-added",
            lambda children: sum(above + slope for above, slope in children),
            "You add the two numbers of a pair. The loss moves with u, and u with v: sum or factor?",
        ),
        mistake(
            "sums-multiplied",
            lambda children: sum(above for above, _ in children) * sum(slope for _, slope in children),
            "You multiply two sums, so each child's adjoint meets every child's slope. Which ones belong together?",
        ),
        mistake(
            "children-averaged",
            lambda children: adjoint(children) / max(len(children), 1),
            "Too small by the number of children. Is a variable that is used more often less important?",
        ),
        mistake(
            "sum-starts-at-one",
            lambda children: 1.0 + adjoint(children),
            "Too large by one, also without children. Only which node of a graph has an adjoint of 1 to begin with?",
        ),
        mistake(
            "equal-children-merged",
            lambda children: adjoint(list(dict.fromkeys(children))),
            "Two equal pairs count once. If v is used twice in the same way, how often does it matter?",
        ),
    ),
    right_answers=(lambda children: math.fsum(u * slope for u, slope in children),),
)


@ADJOINT.right
def adjoint_by_loop(children):
    total = 0.0
    for child in children:
        total += child[0] * child[1]
    return total


@ADJOINT.right
def adjoint_by_numpy(children):
    pairs = np.array(children).reshape(-1, 2)
    return pairs[:, 0] @ pairs[:, 1]
