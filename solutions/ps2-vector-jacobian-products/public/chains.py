"""Chains of vector-Jacobian products, and what their order costs."""

from __future__ import annotations

import itertools

from kit.declare import Answer, Function, Predict, Stored
from kit.draws import Draw, Generator
from kit.functions import Named


def vjp_chain(*sizes: int) -> Draw:
    """The VJPs of len(sizes) - 1 steps with dense Jacobians, the step from sizes[0] to sizes[1] first."""

    def build(rng: Generator) -> list[Named]:
        return [Named("vjp_matrix", {"M": rng.standard_normal(step)}) for step in itertools.pairwise(sizes)]

    return Draw(f"vjp_chain{sizes}", build)


def steps(*vjps: Named) -> Draw:
    """The given VJPs as a list, the first step's first."""
    return Draw("steps", lambda rng: list(vjps))


CHAIN_VJPS = Function(
    name="chain_vjps",
    signature="chain_vjps(vjps, grad_output)",
    statement=(
        "The VJP of a composition: vjps[i] takes the gradient of step i's output to that of its input, and step 0 was "
        "applied first. Each is called once."
    ),
    stored=(
        Stored(
            "two steps",
            {
                "vjps": steps(
                    Named("vjp_matrix", {"M": [[1.0, 2.0], [0.0, 1.0], [-1.0, 3.0]]}),
                    Named("vjp_matrix", {"M": [[2.0, 0.0, 1.0], [1.0, 1.0, -1.0]]}),
                ),
                "grad_output": [1.0, 2.0, 3.0],
            },
            [5.0, 0.0, -5.0],
        ),
        Stored(
            "three steps of one size",
            {
                "vjps": steps(
                    Named("vjp_scale", {"d": [2.0, -1.0]}),
                    Named("vjp_matrix", {"M": [[0.0, 1.0], [3.0, 0.0]]}),
                    Named("vjp_scale", {"d": [5.0, 0.5]}),
                ),
                "grad_output": [1.0, 4.0],
            },
            [4.0, -15.0],
        ),
        Stored("no step", {"vjps": steps(), "grad_output": [1.0, -2.0]}, [1.0, -2.0]),
    ),
)


MULTIPLICATIONS = Predict(
    name="multiplications",
    statement="How many multiplications the notebook's three Jacobians and one upstream gradient cost in each order.",
    answers={"reverse_multiplications": Answer(int), "forward_multiplications": Answer(int)},
)
