"""The public half of an exercise: name, signature, statement, forward, PyTorch oracle, public cases."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from .draws import Draw, Generator, upstream
from .functions import Named


@dataclass(frozen=True)
class Case:
    """One input of an exercise, by recipe.

    ``check`` names the check that the case belongs to: "values", "edges", "stability" or "cost".
    ``shown`` cases may be printed in feedback (from a draw of their own); large ones should not be.
    ``upstream`` overrides how the upstream gradient is laid out, as a function from the drawn array to a view of it.
    ``by_convention``: the gradient is what PyTorch says rather than what slopes are (the padding row of an embedding),
    so finite differences do not measure it.
    """

    name: str
    inputs: Mapping[str, Any]
    check: str = "values"
    shown: bool = True
    upstream: Callable[[Any], Any] | None = None
    by_convention: bool = False


def case(
    name: str,
    /,
    *,
    check: str = "values",
    shown: bool | None = None,
    upstream: Callable[[Any], Any] | None = None,
    by_convention: bool = False,
    **inputs: Any,
) -> Case:
    """Declare a case: a recipe (or a plain value) for every input, and for parameters away from their default."""
    return Case(name, inputs, check, check != "cost" if shown is None else shown, upstream, by_convention)


@dataclass(frozen=True)
class Instance:
    """A case with its values drawn: exactly what an answer is called with."""

    case: Case
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    labels: tuple[str, ...]  # one per positional argument

    def named(self) -> tuple[tuple[str, Any], ...]:
        """Every argument with its name, keyword arguments last."""
        return (*zip(self.labels, self.args, strict=True), *self.kwargs.items())

    @property
    def size(self) -> int:
        """How many numbers the case holds: the smallest failing case is the one to show."""
        return numbers_in(self.args)


def numbers_in(value: Any) -> int:
    """How many numbers a value holds, at any depth of lists, tuples and dicts; a function holds none."""
    if isinstance(value, dict):
        return numbers_in(list(value.values()))
    if isinstance(value, (list, tuple)):
        return sum(map(numbers_in, value))
    return 0 if isinstance(value, Named) or callable(value) else int(np.size(value))


def _drawn(inputs: Mapping[str, Any], rng: Generator) -> dict[str, Any]:
    return {name: recipe(rng) if isinstance(recipe, Draw) else recipe for name, recipe in inputs.items()}


@dataclass(frozen=True)
class Rule:
    """A backward rule: ``<op>_backward(grad_output, output, *inputs, **params)``.

    ``oracle(torch, *tensors, **params)`` is the operation in PyTorch; inputs and parameters are read off its signature.
    ``forward(*inputs, **params)`` is the operation in NumPy, or None where the forward is an exercise of its own: then
    the notebook's check takes outputs from the oracle, and no code of the forward ships.
    ``differentiable`` names the inputs that get a gradient, in order (all of them unless said otherwise).
    """

    name: str
    statement: str
    forward: Callable[..., Any] | None
    oracle: Callable[..., Any]
    cases: tuple[Case, ...]
    differentiable: tuple[str, ...] = ()
    kind: str = field(default="rule", init=False)

    def __post_init__(self) -> None:
        if not self.differentiable:
            object.__setattr__(self, "differentiable", self.inputs)
        unknown = set(self.differentiable) - set(self.inputs)
        if unknown:
            raise ValueError(f"{self.name}: differentiable names {sorted(unknown)}, inputs are {list(self.inputs)}")
        check_cases(self.name, self.cases, self.inputs, tuple(self.params))

    @cached_property
    def _parameters(self) -> list[inspect.Parameter]:
        return list(inspect.signature(self.oracle).parameters.values())[1:]

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """Names of the array inputs, in order: the oracle's parameters without a default, after ``torch``."""
        return tuple(p.name for p in self._parameters if p.default is p.empty)

    @cached_property
    def params(self) -> Mapping[str, Any]:
        """The keyword parameters with their defaults."""
        return {p.name: p.default for p in self._parameters if p.default is not p.empty}

    @property
    def signature(self) -> str:
        """The signature as the notebook prints it."""
        words = ["grad_output", "output", *self.inputs, *(f"{n}={v!r}" for n, v in self.params.items())]
        return f"{self.name}({', '.join(words)})"

    @property
    def results(self) -> tuple[str, ...]:
        """What each returned array is called in messages."""
        return tuple(f"gradient of {name}" for name in self.differentiable)

    def instance(self, of: Case, rng: Generator, forward: Callable[..., Any] | None = None) -> Instance:
        """``of`` with its inputs drawn from ``rng`` and a random upstream gradient of the output's shape.

        ``forward(*inputs, **params)`` computes the output where the exercise itself declares none.
        """
        run = self.forward or forward
        if run is None:
            raise ValueError(f"{self.name} declares no forward: pass one")
        values = _drawn(of.inputs, rng)
        arrays = [values.pop(name) for name in self.inputs]
        with np.errstate(all="ignore"):
            output = np.array(run(*arrays, **values), dtype=np.float64)
        grad = upstream(rng, output.shape)
        if of.upstream is not None:
            grad = of.upstream(grad)
        return Instance(of, (grad, output, *arrays), values, ("grad_output", "output", *self.inputs))


@dataclass(frozen=True)
class Stored:
    """A public case of a function exercise with its answer written down: data, never code.

    In ``inputs`` a list stands for a float64 array; tuples, numbers, strings, dicts and arrays stay what they are,
    ``Named`` functions are built, and a draw is drawn (``as_is`` for a value that must remain a list). Where the answer
    is ``generated`` it stands in a file: see `kit.stored`.
    """

    name: str
    inputs: Mapping[str, Any]
    expected: Any
    tolerance: float = 1e-9
    generated: bool = False


@dataclass(frozen=True)
class Property:
    """What every right answer has: ``holds(returned, **inputs)`` on drawn inputs. ``says`` is shown if not."""

    name: str
    inputs: Mapping[str, Any]
    holds: Callable[..., bool]
    says: str


@dataclass(frozen=True)
class Function:
    """Any other pure function. Where the function is itself the answer, kit holds stored answers and properties only.

    ``changes`` names the arguments that an answer may change in place because that is the purpose (``state``, a model).
    ``adapter`` names the entry of ``kit.adapters`` through which an answer that works on objects is called with data;
    ``takes`` are then the names of the data it is called with (else those of the signature).
    """

    name: str
    signature: str
    statement: str
    stored: tuple[Stored, ...] = ()
    properties: tuple[Property, ...] = ()
    results: tuple[str, ...] = ("result",)
    changes: tuple[str, ...] = ()
    adapter: str = ""
    takes: tuple[str, ...] = ()
    kind: str = field(default="function", init=False)

    @property
    def arguments(self) -> tuple[str, ...]:
        """Names of the positional arguments, in order; those with a default are passed by keyword."""
        if self.takes:
            return self.takes
        inside = self.signature[self.signature.index("(") + 1 : self.signature.rindex(")")]
        return tuple(word.strip() for word in inside.split(",") if "=" not in word)

    def instance(self, of: Case, rng: Generator) -> Instance:
        """``of`` with its inputs drawn from ``rng``. Functions arrive by name (``Named``)."""
        values = _drawn(of.inputs, rng)
        args = tuple(values.pop(name) for name in self.arguments)
        return Instance(of, args, values, self.arguments)


@dataclass(frozen=True)
class Answer:
    """One answer variable of a predict exercise: its type, and the words allowed if it is a choice.

    A dict has ``keys``; each of its entries is one of the words allowed, and is judged on its own.
    """

    type: type
    allowed: tuple[Any, ...] = ()
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Predict:
    """Answer variables: what happens, and why. The public check sees only their type and allowed values."""

    name: str
    statement: str
    answers: Mapping[str, Answer]
    kind: str = field(default="predict", init=False)

    @property
    def parts(self) -> tuple[tuple[str, str, str | None], ...]:
        """All that is judged on its own, as (what it is called, variable, key or None): variables, entries of dicts."""
        return tuple(
            (name if key is None else f"{name}[{key!r}]", name, key)
            for name, declared in self.answers.items()
            for key in (declared.keys or (None,))
        )


Public = Rule | Function | Predict


def check_cases(name: str, cases: tuple[Case, ...], inputs: tuple[str, ...], params: tuple[str, ...]) -> None:
    """Refuse a case that forgets an input or names one that does not exist."""
    for of in cases:
        missing = [word for word in inputs if word not in of.inputs]
        unknown = [word for word in of.inputs if word not in (*inputs, *params)]
        if missing or unknown:
            raise ValueError(f"{name}, case {of.name!r}: missing {missing}, unknown {unknown}")
