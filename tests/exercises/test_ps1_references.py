"""ps1's references agree with PyTorch's autograd: the chapter's numbers, drawn points, and whole graphs of scalars."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from autograder.course.declare import fresh
from autograder.kit.node import Node
from tests.this_course import exercises_of, module_of

EXERCISES = exercises_of("ps1")
backward = module_of("ps1", "private", "_passes").backward
topological_order = module_of("ps1", "private", "orders").topological_order
SEED = 4

LOCAL = {
    "add_local": lambda a, b: a + b,
    "mul_local": lambda a, b: a * b,
    "div_local": lambda a, b: a / b,
    "exp_local": torch.exp,
    "log_local": torch.log,
    "sin_local": torch.sin,
    "tanh_local": torch.tanh,
}


def leaf(value: float) -> torch.Tensor:
    return torch.tensor(value, dtype=torch.float64, requires_grad=True)


def cases(name: str) -> list:
    return list(EXERCISES[name].expect(seed=SEED).cases)


def named(function):
    """A scalar function of the kit's table in PyTorch."""
    p = function.params
    if function.name == "polynomial":
        return lambda x: sum(c * x**power for power, c in enumerate(p["coefficients"])) + 0.0 * x
    if function.name == "wave":
        return lambda x: p["amplitude"] * torch.sin(p["frequency"] * x + p["phase"])
    return lambda x: p["scale"] * torch.exp(p["rate"] * x)


def test_the_chapters_numbers():
    x = Node(3.0)
    z = Node(12.0, (Node(9.0, (x,), (6.0,)), x), (1.0, 1.0))
    backward(z)
    chain, sums, total = (
        EXERCISES[n].reference for n in ("chain_derivative", "squared_sum_gradients", "total_derivative")
    )

    found = (chain(lambda y: 2 * y, lambda x: x + 1, lambda x: 1.0, 3.0), sums(2.0, 3.0), total(3.0), x.grad)

    assert found == (8.0, (10.0, 10.0), 7.0, 7.0)


@pytest.mark.parametrize("name", LOCAL)
def test_local_derivatives_are_autograds(name):
    for case in cases(name):
        inputs = [leaf(value) for value in case.instance.args]

        gradients = torch.autograd.grad(LOCAL[name](*inputs), inputs)

        np.testing.assert_allclose(np.ravel(case.arrays), [float(g) for g in gradients], rtol=1e-12, atol=1e-15)


def test_the_local_derivative_of_a_power_is_autograds():
    for case in cases("pow_local"):
        a, n = case.instance.args
        x = leaf(a)

        (gradient,) = torch.autograd.grad(x**n, x)

        assert float(case.arrays[0]) == pytest.approx(float(gradient), rel=1e-12), case.name


@pytest.mark.parametrize("name, forward", [
    ("squared_sum_gradients", lambda x, y: (x + y) ** 2),
    ("total_derivative", lambda x: x**2 + x),
])  # fmt: skip
def test_small_formulas_are_autograds(name, forward):
    for case in cases(name):
        inputs = [leaf(value) for value in case.instance.args]

        gradients = torch.autograd.grad(forward(*inputs), inputs)

        np.testing.assert_allclose(np.ravel(case.arrays), [float(g) for g in gradients], rtol=1e-12)


def test_a_composition_of_many_is_autograds():
    for case in cases("compose_many"):
        functions, _, start = case.instance.args
        x = leaf(start)

        y = x
        for function in functions:
            y = named(function)(y)
        (gradient,) = torch.autograd.grad(y, x) if functions else (torch.ones(()),)

        assert float(case.arrays[0]) == pytest.approx(y.item(), rel=1e-10), case.name
        assert float(case.arrays[1]) == pytest.approx(float(gradient), rel=1e-10), case.name


def test_named_derivatives_are_the_slopes_of_named_functions():
    for case in cases("chain_derivative"):
        _, g, g_prime, start = case.instance.args
        x = leaf(start)

        (gradient,) = torch.autograd.grad(named(g)(x), x)

        assert g_prime.build()(start) == pytest.approx(float(gradient), rel=1e-12, abs=1e-15), case.name


def test_sums_over_paths_and_children_are_autograds():
    for case in cases("sum_over_paths"):
        paths = case.instance.args[0]
        x = leaf(0.0)
        steps = [torch.tensor(path, dtype=torch.float64) for path in paths]

        z = sum((x * step.prod() for step in steps), start=0.0 * x)
        (gradient,) = torch.autograd.grad(z, x)

        assert float(case.arrays[0]) == pytest.approx(float(gradient), rel=1e-12), case.name


def by_torch(values, edges, local_grads, grads, outputs) -> np.ndarray:
    """What ``.grad`` holds after backward from each output, every node being the sum of slope times parent."""
    into: dict[int, list[tuple[int, float]]] = {node: [] for node in range(len(values))}
    for (node, parent), slope in zip(edges.tolist(), local_grads.tolist(), strict=True):
        into[node].append((parent, slope))
    tensors: dict[int, torch.Tensor] = {}
    while len(tensors) < len(values):
        for node, found in into.items():
            if node not in tensors and all(parent in tensors for parent, _ in found):
                start = leaf(values[node]) if not found else 0.0
                tensors[node] = sum((slope * tensors[parent] for parent, slope in found), start=start)
    nodes = [tensors[node] for node in range(len(values))]
    total = np.array(grads)
    for output in outputs:
        found = torch.autograd.grad(nodes[output], nodes, retain_graph=True, allow_unused=True)
        total += [0.0 if gradient is None else float(gradient) for gradient in found]
    return total


def test_backward_is_autograd_on_every_graph_but_the_longest():
    for case in cases("backward"):
        if case.name == "chain of 5,000":
            continue
        args, _ = fresh(case.instance)

        np.testing.assert_allclose(case.arrays[0], by_torch(*args), rtol=1e-12, atol=1e-12, err_msg=case.name)


def test_backward_along_the_longest_chain_is_a_running_product():
    (case,) = EXERCISES["backward"].expect("chain of 5,000", seed=SEED).cases
    _, edges, slopes, _, (output,) = case.instance.args
    parent = {node: (before, slope) for (node, before), slope in zip(edges.tolist(), slopes.tolist(), strict=True)}

    node, product = output, 1.0
    for _ in range(len(case.arrays[0])):
        assert case.arrays[0][node] == pytest.approx(product, rel=1e-9)
        before, slope = parent.get(node, (None, 0.0))
        node, product = before, product * slope


def test_the_reference_order_is_valid_for_a_graph_read_by_hand():
    x = Node(3.0)
    a = Node(9.0, (x, x), (3.0, 3.0))
    z = Node(12.0, (x, a), (1.0, 1.0))

    assert topological_order(z) == [x, a, z]


def test_the_prediction_graph_has_as_many_paths_as_its_slopes_say():
    x = Node(0.0)
    a, b = Node(0.0, (x, x), (1.0, 1.0)), Node(0.0, (x,), (1.0,))
    c, d = Node(0.0, (a, b), (1.0, 1.0)), Node(0.0, (a, b), (1.0, 1.0))
    z = Node(0.0, (d, Node(0.0, (c,), (1.0,))), (1.0, 1.0))

    backward(z)

    assert x.grad == EXERCISES["predict"].answers["path_count"] == 6
