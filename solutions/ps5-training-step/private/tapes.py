"""ps5, the student's own tape: hidden programs, the engine's Tensor as reference, and tapes with one thing wrong.

The wrong tapes are one small class with switches, so that each mistake stands alone.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from autograder.course.declare import EDGES, UNCHANGED, Exercise, mistake
from autograder.engine import Tensor
from autograder.engine.broadcasting import unbroadcast
from kit.declare import Case, case
from kit.draws import Draw, Generator, every_second, exactly, normal

from ..public import tapes as public
from ._nets import Array

DEPTH = "depth"
TOO_MANY = 20_000  # visits of nodes after which a tape is stuck

Rule = Callable[[Array], Array]
Parents = Sequence[tuple["Tape", Rule]]


class StuckError(Exception):
    """A tape that would go on for longer than anyone waits. It goes by the name that the box has for this."""


StuckError.__name__ = "OutOfTime"


class Tape:
    """A tape in the plainest style: a tensor knows its parents, each with the rule that leads back to it.

    The switches say what a subclass does wrong; as it stands this tape is right.
    """

    order = "topological"  # or "recursive", "breadth first"
    walks = ""  # no order at all: along every path, sending on "what arrives" or "what is there"
    adds = True  # contributions to a tensor are added
    keeps_old = False  # what .grad holds before backward() is propagated again
    wipes = False  # .grad of leaves is cleared at the start
    stores = "a copy"  # or "the array", and what comes later is added "in place"; or the first array "as it is"
    upstream = True  # backward(grad) starts from grad
    strict = True  # more than one element needs a gradient to start from
    fits: Callable[[Array, tuple[int, ...]], Array] = staticmethod(unbroadcast)
    mean_divides = True
    relu_gate: Callable[[Array], Array] = staticmethod(lambda x: x > 0)
    swaps_matmul = False

    def __init__(self, data: Any, parents: Parents = ()) -> None:
        self.data: Array = np.asarray(data, dtype=np.float64)
        self.grad: Any = None
        self.parents = parents

    def _of(self, other: Any) -> Tape:
        return other if isinstance(other, Tape) else type(self)(other)

    def __add__(self, other: Any) -> Tape:
        a, b = self, self._of(other)
        return type(self)(a.data + b.data, ((a, lambda g: g), (b, lambda g: g)))

    def __mul__(self, other: Any) -> Tape:
        a, b = self, self._of(other)
        return type(self)(a.data * b.data, ((a, lambda g: g * b.data), (b, lambda g: g * a.data)))

    def __radd__(self, other: float) -> Tape:
        return self.__add__(other)

    def __rmul__(self, other: float) -> Tape:
        return self.__mul__(other)

    def __matmul__(self, other: Tape) -> Tape:
        a, b = self, other
        if self.swaps_matmul:
            return type(self)(a.data @ b.data, ((a, lambda g: b.data.T @ g), (b, lambda g: g @ a.data.T)))
        return type(self)(a.data @ b.data, ((a, lambda g: g @ b.data.T), (b, lambda g: a.data.T @ g)))

    def relu(self) -> Tape:
        """max(0, x)."""
        gate = self.relu_gate(self.data)
        return type(self)(np.maximum(self.data, 0.0), ((self, lambda g: g * gate),))

    def sum(self) -> Tape:
        """The sum of all entries."""
        return type(self)(self.data.sum(), ((self, lambda g: np.ones_like(self.data) * g),))

    def mean(self) -> Tape:
        """The mean of all entries."""
        n = self.data.size if self.mean_divides else 1
        return type(self)(self.data.mean(), ((self, lambda g: np.ones_like(self.data) * g / n),))

    def backward(self, grad: Any = None) -> None:
        """Gradients of this tensor in ``.grad`` of the leaves."""
        if grad is None and self.strict and self.data.size != 1:
            raise ValueError("a gradient to start from is needed")
        start = np.ones_like(self.data) if grad is None or not self.upstream else grad
        if self.walks:
            self._walk(start, [0])
            return
        nodes = list(self._nodes())
        pending: dict[int, Any] = {}
        if self.keeps_old:
            pending = {id(node): node.grad for node in nodes if node.grad is not None and node.parents}
        if self.wipes:
            for node in nodes:
                node.grad = None
        pending[id(self)] = start
        for node in nodes:
            g = pending.get(id(node))
            if g is None:
                continue
            if not node.parents:
                node._store(g)
            elif self.keeps_old:
                node.grad = g
            for parent, rule in node.parents:
                contribution = self.fits(np.asarray(rule(g)), parent.data.shape)
                before = pending.get(id(parent))
                pending[id(parent)] = contribution if before is None or not self.adds else before + contribution

    def _store(self, g: Any) -> None:
        if self.grad is None:
            self.grad = np.array(g) if self.stores == "a copy" else g
        elif self.stores == "in place":
            self.grad += g
        else:
            self.grad = self.grad + g

    def _nodes(self) -> Iterator[Tape]:
        """Every tensor below this one, each after all that was made from it (or in another order, if that is wrong)."""
        if self.order == "breadth first":
            queue, seen = [self], {id(self)}
            while queue:
                node = queue.pop(0)
                yield node
                fresh = [parent for parent, _ in node.parents if id(parent) not in seen]
                queue += [parent for place, parent in enumerate(fresh) if parent not in fresh[:place]]
                seen |= {id(parent) for parent in fresh}
        elif self.order == "recursive":
            found: list[Tape] = []
            self._visit(found, set())
            yield from reversed(found)
        else:
            yield from reversed(self._finished())

    def _finished(self) -> list[Tape]:
        found: list[Tape] = []
        seen: set[int] = set()
        stack: list[tuple[Tape, bool]] = [(self, False)]
        while stack:
            node, done = stack.pop()
            if done:
                found.append(node)
            elif id(node) not in seen:
                seen.add(id(node))
                stack.append((node, True))
                stack += [(parent, False) for parent, _ in node.parents]
        return found

    def _visit(self, found: list[Tape], seen: set[int]) -> None:
        seen.add(id(self))
        for parent, _ in self.parents:
            if id(parent) not in seen:
                parent._visit(found, seen)
        found.append(self)

    def _walk(self, g: Any, visits: list[int]) -> None:
        visits[0] += 1
        if visits[0] > TOO_MANY:
            raise StuckError
        self._store(g)
        onward = g if self.walks == "what arrives" else self.grad
        for parent, rule in self.parents:
            parent._walk(self.fits(np.asarray(rule(onward)), parent.data.shape), visits)


def leading_only(grad: Array, shape: tuple[int, ...]) -> Array:
    """Summed over new axes, not over stretched ones of length 1."""
    extra = grad.ndim - len(shape)
    return np.asarray(grad.sum(axis=tuple(range(extra))) if extra else grad)


def wrong(**switches: Any) -> type[Tape]:
    """A tape with these switches."""
    return type("Tensor", (Tape,), switches)


def random_program(operations: int, shapes: dict[str, tuple[int, ...]]) -> Draw:
    """Lines of a random graph on leaves of these shapes, at least one of them (3, 3); y is a sum."""

    def build(rng: Generator) -> tuple[str, ...]:
        known = dict(shapes)
        lines = []
        for number in range(operations):
            name = f"u{number}"
            line, known[name] = _operation(rng, known)
            lines.append(f"{name} = {line}")
        return (*lines, f"v = u{operations - 1} * u{operations - 2}", "y = v.sum()", "y.backward()")

    return Draw(f"program of {operations}", build)


def _operation(rng: Generator, known: dict[str, tuple[int, ...]]) -> tuple[str, tuple[int, ...]]:
    """One random line on known names, and the shape of its result. Names that came last are taken more often."""
    names = list(known)
    weights = np.arange(1, len(names) + 1, dtype=np.float64)
    first, second = rng.choice(names, 2, p=weights / weights.sum())
    stretched = len(set(known.values())) > 1
    kind = rng.choice(["+", "*", "@", "relu", "number", *(["mean", "sum"] if stretched else [])])
    if kind == "number":
        sign, value = rng.choice(["+", "*"]), round(float(rng.uniform(-1.5, 1.5)), 2)
        return str(rng.choice([f"{first} {sign} {value}", f"{value} {sign} {first}"])), known[first]
    if kind in ("mean", "sum"):
        return f"{first}.{kind}()", ()
    if kind == "relu":
        return f"{first}.relu()", known[first]
    if kind == "@" and known[first] == known[second] == (3, 3):
        return f"{first} @ {second}", (3, 3)
    return f"{first} {'*' if kind == '@' else kind} {second}", np.broadcast_shapes(known[first], known[second])


SQUARES: dict[str, tuple[int, ...]] = {"a": (3, 3), "b": (3, 3), "c": (3, 3)}
STRETCHED: dict[str, tuple[int, ...]] = {"a": (3, 3), "b": (3,), "c": (3, 1)}


def of(name: str, program: Any, check: str = "values", shown: bool = True, **leaves: Any) -> Case:
    """A case on some of the leaves a, b and c and the array g."""
    given: dict[str, Any] = {word: leaves.get(word) for word in ("a", "b", "c", "g")}
    return case(name, check=check, shown=shown, program=program, **given)


CASES: tuple[Case, ...] = (
    of("product and sum", public.PRODUCT_AND_SUM, a=normal(2, 3), b=normal(2, 3)),
    of("matrix product", public.MATRIX_PRODUCT, a=normal(2, 3), b=normal(3, 4), g=normal(2, 4)),
    of("square product", public.MATRIX_PRODUCT, a=normal(3, 3), b=normal(3, 3), g=normal(3, 3)),
    of("mean of a relu", public.MEAN_OF_A_RELU, a=normal(3, 4)),
    of("used twice", public.USED_TWICE, a=normal(2, 2), b=normal(2, 2), g=normal(2, 2)),
    of("late to arrive", public.LATE_TO_ARRIVE, a=normal(2, 2), b=normal(2, 2)),
    of("early to arrive", public.EARLY_TO_ARRIVE, a=normal(2, 2), b=normal(2, 2)),
    of("diamonds", public.DIAMONDS, a=normal(2, 3), b=normal(2, 3), c=normal(2, 3)),
    of("numbers on either side", public.NUMBERS, a=normal(2, 2)),
    of("two calls", public.TWO_CALLS, a=normal(2, 2), b=normal(2, 2), g=normal(2, 2)),
    of("two calls through a product", public.TWO_CALLS_DEEPER, a=normal(2, 2), b=normal(2, 2)),
    of("two graphs", public.TWO_GRAPHS, a=normal(2, 2), b=normal(2, 2)),
    of("random", random_program(8, SQUARES), a=normal(3, 3), b=normal(3, 3), c=normal(3, 3)),
    of(
        "random, larger",
        random_program(14, SQUARES),
        a=normal(3, 3, scale=0.5),
        b=normal(3, 3, scale=0.5),
        c=normal(3, 3),
    ),
    of("a layer", public.A_LAYER, EDGES, a=normal(4, 3), b=normal(3, 2), c=normal(2)),
    of("a row", public.STRETCHED, EDGES, a=normal(2, 3), b=normal(3), g=normal(2, 3)),
    of("a column", public.STRETCHED, EDGES, a=normal(3, 4), b=normal(3, 1), g=normal(3, 4)),
    of("both stretched", public.STRETCHED, EDGES, a=normal(3, 1), b=normal(4), g=normal(3, 4)),
    of("a single number", public.STRETCHED, EDGES, a=normal(2, 2), b=normal(), g=normal(2, 2)),
    of("one sum", public.ONE_SUM, EDGES, a=normal(2, 2), b=normal(2, 2), g=normal(2, 2)),
    of("its own mean", public.OWN_MEAN, EDGES, a=normal(2, 3), b=normal(2, 3)),
    of("random, stretched", random_program(10, STRETCHED), EDGES, a=normal(3, 3), b=normal(3), c=normal(3, 1)),
    of("at zero", public.MEAN_OF_A_RELU, EDGES, a=exactly([[0.0, -1.0, 2.0], [0.0, 3.0, -2.0]])),
    of("nothing to start from", public.NOTHING_TO_START_FROM, EDGES, a=normal(2, 2), b=normal(2, 2), g=normal(2, 2)),
    of("a leaf that y does not see", public.UNSEEN, EDGES, a=normal(2, 2), b=normal(2, 2), c=normal(2)),
    of("strided gradient", public.MATRIX_PRODUCT, EDGES, a=normal(2, 3), b=normal(3, 2), g=every_second(normal(2, 2))),
    of("2,000 deep", public.DEEP, DEPTH, False, a=normal(2), b=normal(2)),
    of("40 diamonds", public.LADDER, DEPTH, False, a=normal(2)),
)

TENSOR = Exercise(
    public.TENSOR,
    reference=Tensor,
    cases=CASES,
    shares={EDGES: 0.2, DEPTH: 0.15, UNCHANGED: 0.1},
    mistakes=(
        mistake(
            "assigned-not-added",
            wrong(adds=False),
            "A tensor that is used twice hears from one use only. What should happen to what it was told before?",
        ),
        mistake(
            "sent-on-twice",
            wrong(walks="what is there", stores="the array"),
            "Each time something arrives you send on all that has arrived so far. "
            "How often does the first contribution travel on from there?",
        ),
        mistake(
            "every-path-walked",
            wrong(walks="what arrives"),
            "You walk along every path from y to a leaf. "
            "How many are there in a row of 40 diamonds, and what could be added up before it travels on?",
        ),
        mistake(
            "first-come-first-served",
            wrong(order="breadth first"),
            "Some tensors send their gradient on before all of it is there. In which order must they be visited?",
        ),
        mistake(
            "too-deep-a-recursion",
            wrong(order="recursive"),
            "Right, but a graph of 2,000 steps in a row is deeper than Python's stack. "
            "What could keep the list of tensors still to visit instead?",
        ),
        mistake(
            "not-summed-over-copies",
            wrong(fits=staticmethod(lambda grad, shape: grad)),
            "Broadcasting used some entries several times. What is the shape of the leaf, and of its .grad?",
        ),
        mistake(
            "only-new-axes-summed",
            wrong(fits=staticmethod(leading_only)),
            "You sum over axes that broadcasting put in front. What about an axis of length 1 that it stretched?",
        ),
        mistake(
            "leaves-wiped",
            wrong(wipes=True),
            "Every call of backward starts from a clean slate. What should be left in .grad by the call before?",
        ),
        mistake(
            "old-gradients-sent-on",
            wrong(keeps_old=True),
            "The second call counts the first one's gradients again. Which tensors must not remember them?",
        ),
        mistake(
            "array-shared",
            wrong(stores="in place"),
            "Several leaves keep the very same array as .grad. What does += do for the others?",
        ),
        mistake(
            "upstream-aliased",
            wrong(stores="the array"),
            "Right until somebody writes to the array that was handed to backward. Whose array is in .grad?",
        ),
        mistake(
            "upstream-ignored",
            wrong(upstream=False),
            "You always start from ones. What is the argument grad of backward for?",
        ),
        mistake(
            "started-from-nothing",
            wrong(strict=False),
            "backward() of a matrix, without a gradient: of which loss would that be the gradient?",
        ),
        mistake(
            "mean-not-divided",
            wrong(mean_divides=False),
            "That is the gradient of a sum. How much does one entry move a mean?",
        ),
        mistake(
            "open-at-zero",
            wrong(relu_gate=staticmethod(lambda x: x >= 0)),
            "At exactly 0 your ReLU lets the gradient through. Which slope was agreed on there?",
        ),
        mistake(
            "factors-exchanged",
            wrong(swaps_matmul=True),
            "The transposes are there, on the wrong side. On which side of g does the other factor stand?",
        ),
    ),
)


def summed_to(grad, shape):
    while grad.ndim > len(shape):
        grad = grad.sum(axis=0)
    for axis, n in enumerate(shape):
        if n == 1 and grad.shape[axis] != 1:
            grad = grad.sum(axis=axis, keepdims=True)
    return grad


@TENSOR.right
class TensorWithClosures:
    """Each result keeps a function that adds to the gradients of its parents; an iterative depth-first order."""

    def __init__(self, data, parents=()):
        self.data = np.asarray(data, dtype=float)
        self.grad = None if not parents else np.zeros_like(self.data)
        self.parents = parents
        self.push = lambda g: ()

    def _lift(self, other):
        return other if isinstance(other, TensorWithClosures) else TensorWithClosures(other)

    def __add__(self, other):
        other = self._lift(other)
        out = TensorWithClosures(self.data + other.data, (self, other))
        out.push = lambda g: (summed_to(g, self.data.shape), summed_to(g, other.data.shape))
        return out

    def __mul__(self, other):
        other = self._lift(other)
        out = TensorWithClosures(self.data * other.data, (self, other))
        out.push = lambda g: (summed_to(g * other.data, self.data.shape), summed_to(g * self.data, other.data.shape))
        return out

    __radd__, __rmul__ = __add__, __mul__

    def __matmul__(self, other):
        out = TensorWithClosures(self.data @ other.data, (self, other))
        out.push = lambda g: (g @ other.data.T, self.data.T @ g)
        return out

    def relu(self):
        out = TensorWithClosures(self.data * (self.data > 0), (self,))
        out.push = lambda g: (g * (self.data > 0),)
        return out

    def sum(self):
        out = TensorWithClosures(self.data.sum(), (self,))
        out.push = lambda g: (np.broadcast_to(g, self.data.shape),)
        return out

    def mean(self):
        return self.sum() * (1.0 / self.data.size)

    def backward(self, grad=None):
        if grad is None:
            if self.data.size != 1:
                raise RuntimeError("grad can be created implicitly only for one element")
            grad = np.ones_like(self.data)
        order, seen, stack = [], set(), [(self, iter(self.parents))]
        seen.add(self)
        while stack:
            node, rest = stack[-1]
            for parent in rest:
                if parent not in seen:
                    seen.add(parent)
                    stack.append((parent, iter(parent.parents)))
                    break
            else:
                order.append(node)
                stack.pop()
        arrived = {self: np.array(grad, dtype=float)}
        for node in reversed(order):
            g = arrived.pop(node)
            if not node.parents:
                node.grad = g.copy() if node.grad is None else node.grad + g
            for parent, part in zip(node.parents, node.push(g), strict=True):
                arrived[parent] = arrived[parent] + part if parent in arrived else np.array(part)


NUMBER = itertools.count()


@TENSOR.right
class TensorByAge:
    """Every tensor has a number; the backward pass takes the youngest that still has something to send."""

    def __init__(self, data, made_by=None, inputs=()):
        self.data, self.made_by, self.inputs = np.array(data, dtype=np.float64), made_by, inputs
        self.grad = np.zeros_like(self.data)
        self.number = next(NUMBER)

    def _result(self, name, data, *inputs):
        return TensorByAge(data, name, tuple(x if isinstance(x, TensorByAge) else TensorByAge(x) for x in inputs))

    def __add__(self, other):
        return self._result("add", self.data + getattr(other, "data", other), self, other)

    def __radd__(self, other):
        return self + other

    def __mul__(self, other):
        return self._result("mul", self.data * getattr(other, "data", other), self, other)

    def __rmul__(self, other):
        return self * other

    def __matmul__(self, other):
        return self._result("matmul", self.data @ other.data, self, other)

    def relu(self):
        return self._result("relu", np.maximum(self.data, 0), self)

    def sum(self):
        return self._result("sum", np.sum(self.data), self)

    def mean(self):
        return self._result("mean", np.mean(self.data), self)

    def rules(self, g):
        x = [one.data for one in self.inputs]
        if self.made_by == "add":
            return [g, g]
        if self.made_by == "mul":
            return [g * x[1], g * x[0]]
        if self.made_by == "matmul":
            return [g @ x[1].T, x[0].T @ g]
        if self.made_by == "relu":
            return [np.where(x[0] > 0, g, 0.0)]
        return [np.full(x[0].shape, g / (x[0].size if self.made_by == "mean" else 1))]

    def backward(self, grad=None):
        if grad is None and self.data.size > 1:
            raise ValueError("a gradient is needed")
        waiting = {self.number: (self, np.ones(self.data.shape) if grad is None else np.array(grad))}
        while waiting:
            node, g = waiting.pop(max(waiting))
            if node.made_by is None:
                node.grad = node.grad + g
                continue
            for one, part in zip(node.inputs, node.rules(g), strict=True):
                part = summed_to(np.asarray(part), one.data.shape)
                if one.number in waiting:
                    part = waiting[one.number][1] + part
                waiting[one.number] = (one, part)


@TENSOR.right
class TensorByCounting:
    """Kahn's way: a tensor is ready once all that was made from it has sent its part. Edges are (parent, function)."""

    def __init__(self, data, edges=None):
        self.data = np.asarray(data) * 1.0
        self.grad = None
        self.edges = edges or []

    @classmethod
    def _of(cls, thing):
        return thing if isinstance(thing, cls) else cls(thing)

    def __add__(self, other):
        other = self._of(other)
        return type(self)(self.data + other.data, [(self, lambda g: g), (other, lambda g: g)])

    def __mul__(self, other):
        other = self._of(other)
        return type(self)(self.data * other.data, [(self, lambda g: g * other.data), (other, lambda g: g * self.data)])

    def __radd__(self, other):
        return self._of(other) + self

    def __rmul__(self, other):
        return self._of(other) * self

    def __matmul__(self, other):
        edges = [
            (self, lambda g: np.einsum("ij,kj->ik", g, other.data)),
            (other, lambda g: np.einsum("ij,ik->jk", self.data, g)),
        ]
        return type(self)(np.dot(self.data, other.data), edges)

    def relu(self):
        return type(self)(np.clip(self.data, 0.0, None), [(self, lambda g: np.heaviside(self.data, 0.0) * g)])

    def sum(self):
        return type(self)(self.data.sum(), [(self, lambda g: g + np.zeros(self.data.shape))])

    def mean(self):
        return type(self)(self.data.mean(), [(self, lambda g: np.ones(self.data.shape) * (g / self.data.size))])

    def backward(self, grad=None):
        if grad is None:
            assert self.data.size == 1, "which loss?"
            grad = np.ones(np.shape(self.data))
        missing, queue = {}, deque([self])
        known = {id(self)}
        while queue:
            for parent, _ in queue.popleft().edges:
                missing[id(parent)] = missing.get(id(parent), 0) + 1
                if id(parent) not in known:
                    known.add(id(parent))
                    queue.append(parent)
        sums = {id(self): np.copy(grad)}
        ready = [self]
        while ready:
            node = ready.pop()
            g = sums[id(node)]
            if not node.edges:
                node.grad = np.copy(g) if node.grad is None else node.grad + g
            for parent, rule in node.edges:
                part = summed_to(np.asarray(rule(g)), np.shape(parent.data))
                sums[id(parent)] = sums[id(parent)] + part if id(parent) in sums else part
                missing[id(parent)] -= 1
                if missing[id(parent)] == 0:
                    ready.append(parent)
