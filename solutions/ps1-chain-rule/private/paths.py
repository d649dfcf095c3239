"""Multiple paths: x^2 + x, sums over paths, and the adjoint of a variable from those of its children."""

from __future__ import annotations

import math
from collections.abc import Sequence

from autograder.course.declare import Exercise, Misconception
from kit.declare import case
from kit.draws import Draw, Generator, as_is, number, signed

from ..public import paths as kit

TOTAL_DERIVATIVE = Exercise(
    public=kit.TOTAL_DERIVATIVE,
    reference=lambda x: 2.0 * x + 1.0,
    cases=(
        case("near zero", x=number(0.1, 0.4)),
        case("further out", x=number(1.2, 1.9)),
        case("far out", x=number(3.0, 9.0)),
        case("at 0", check="edges", x=0.0),
        case("paths cancel", check="edges", x=-0.5),
        case("huge", check="edges", x=number(1e8, 1e9)),
    ),
    misconceptions=(
        Misconception(
            "one-path-or-a-product",
            seen_in="further out",
            wrong=lambda x: 2.0 * x,
            hint="2x is what the path through x^2 brings, and also what you get from multiplying the two paths. What "
            "does the path that goes straight to the sum bring, and how does it join?",
        ),
        Misconception(
            "only-the-direct-path",
            seen_in="further out",
            wrong=lambda x: 1.0,
            hint="That is the path that goes straight from x to the sum. Where else does x enter?",
        ),
        Misconception(
            "paths-averaged",
            seen_in="further out",
            wrong=lambda x: (2.0 * x + 1.0) / 2.0,
            hint="Half of the right answer. When two changes arrive at z together, do you hear their sum or their "
            "mean?",
        ),
        Misconception(
            "value-returned",
            seen_in="further out",
            wrong=lambda x: x * x + x,
            hint="That is z itself. What is asked for: the value, or how fast it changes?",
        ),
        Misconception(
            "factor-two-lost",
            seen_in="further out",
            wrong=lambda x: x + 1.0,
            hint="The direct path is right. x enters x * x in two places: what is the slope of x^2?",
        ),
        Misconception(
            "value-of-the-direct-path",
            seen_in="further out",
            wrong=lambda x: 2.0 * x + x,
            hint="One of your terms is a slope and the other one a value. What is the slope of b = x?",
        ),
    ),
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
    public=kit.SUM_OVER_PATHS,
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
            paths=Draw(
                "and one empty",
                lambda rng: [
                    signed(rng, (2,)).tolist(),
                    [],
                    signed(rng, (1,)).tolist(),
                ],
            ),
        ),
        case("many paths", check="edges", paths=routes(*[3] * 200)),
    ),
    misconceptions=(
        Misconception(
            "sums-multiplied",
            seen_in="three paths",
            wrong=lambda paths: math.prod(sum(path) for path in paths),
            hint="You add along a path and multiply the paths. Which of the two happens step after step, and which "
            "side by side?",
        ),
        Misconception(
            "everything-added",
            seen_in="three paths",
            wrong=lambda paths: sum(sum(path) for path in paths),
            hint="You add along each path. Two steps in a row, with slopes 2 and 3: is the slope of both together 5 "
            "or 6?",
        ),
        Misconception(
            "everything-multiplied",
            seen_in="three paths",
            wrong=lambda paths: math.prod(math.prod(path) for path in paths),
            hint="Along each path you are right. Do the paths then act one after the other, or side by side?",
        ),
        Misconception(
            "only-the-first-path",
            seen_in="two paths",
            wrong=lambda paths: math.prod(paths[0]) if paths else 0.0,
            hint="Only the first path is in your result. Does a return stand inside the loop?",
        ),
        Misconception(
            "only-the-last-path",
            seen_in="two paths",
            wrong=lambda paths: math.prod(paths[-1]) if paths else 0.0,
            hint="Only the last path is left. Is the total added to in each turn, or assigned anew?",
        ),
        Misconception(
            "paths-averaged",
            seen_in="two paths",
            wrong=lambda paths: sum_over_paths(paths) / max(len(paths), 1),
            hint="Too small by the number of paths. Does a second route make the influence of x weaker?",
        ),
        Misconception(
            "empty-path-is-nothing",
            seen_in="one empty path",
            wrong=lambda paths: sum_over_paths([path for path in paths if path]),
            hint="A path without steps: the variable is the output itself. How does a variable change with itself?",
        ),
        Misconception(
            "zeros-skipped",
            seen_in="a path through a zero",
            wrong=lambda paths: sum_over_paths([[slope for slope in path if slope] for path in paths]),
            hint="You leave out local derivatives that are zero. What gets through a step whose output does not move?",
        ),
        Misconception(
            "sum-starts-at-one",
            seen_in="two paths",
            wrong=lambda paths: 1.0 + sum_over_paths(paths),
            hint="Too large by one, also when there is no path. What number does a sum start from?",
        ),
        Misconception(
            "product-starts-at-zero",
            seen_in="two paths",
            wrong=lambda paths: 0.0,
            hint="Always zero. What number does a product start from?",
        ),
        Misconception(
            "product-runs-on",
            seen_in="three paths",
            wrong=lambda paths: sum(math.prod(math.prod(path) for path in paths[: n + 1]) for n in range(len(paths))),
            hint="Your first path is right, the next one still holds the product of the one before. Where in the "
            "loops does the product begin again?",
        ),
    ),
)


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
    public=kit.ADJOINT,
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
            children=Draw(
                "and a zero",
                lambda rng: [
                    *pairs(2)(rng),
                    (float(signed(rng, ())), 0.0),
                ],
            ),
        ),
        case("the same child twice", check="edges", children=Draw("alike", alike)),
    ),
    misconceptions=(
        Misconception(
            "adjoints-of-children-ignored",
            seen_in="two children",
            wrong=lambda children: sum(slope for _, slope in children),
            hint="You add the local derivatives. Does the loss care equally about every child?",
        ),
        Misconception(
            "local-derivatives-ignored",
            seen_in="two children",
            wrong=lambda children: sum(above for above, _ in children),
            hint="You add what the children have. How strongly does each of them move with v?",
        ),
        Misconception(
            "children-multiplied",
            seen_in="two children",
            wrong=lambda children: math.prod(above * slope for above, slope in children),
            hint="Each contribution is right. Do several children stand in a row, or side by side?",
        ),
        Misconception(
            "only-the-last-child",
            seen_in="two children",
            wrong=lambda children: children[-1][0] * children[-1][1] if children else 0.0,
            hint="Only the last child is left. What becomes of the others when the result is assigned anew in each "
            "turn?",
        ),
        Misconception(
            "only-the-first-child",
            seen_in="two children",
            wrong=lambda children: children[0][0] * children[0][1] if children else 0.0,
            hint="Only the first child is in your result. Does a return stand inside the loop?",
        ),
        Misconception(
            "pairs-added",
            seen_in="two children",
            wrong=lambda children: sum(above + slope for above, slope in children),
            hint="You add the two numbers of a pair. The loss moves with u, and u with v: sum or factor?",
        ),
        Misconception(
            "sums-multiplied",
            seen_in="two children",
            wrong=lambda children: sum(above for above, _ in children) * sum(slope for _, slope in children),
            hint="You multiply two sums, so each child's adjoint meets every child's slope. Which ones belong "
            "together?",
        ),
        Misconception(
            "children-averaged",
            seen_in="two children",
            wrong=lambda children: adjoint(children) / max(len(children), 1),
            hint="Too small by the number of children. Is a variable that is used more often less important?",
        ),
        Misconception(
            "sum-starts-at-one",
            seen_in="two children",
            wrong=lambda children: 1.0 + adjoint(children),
            hint="Too large by one, also without children. Only which node of a graph has an adjoint of 1 to begin "
            "with?",
        ),
        Misconception(
            "equal-children-merged",
            seen_in="the same child twice",
            wrong=lambda children: adjoint(list(dict.fromkeys(children))),
            hint="Two equal pairs count once. If v is used twice in the same way, how often does it matter?",
        ),
    ),
)
