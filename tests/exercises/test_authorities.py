"""Two authorities agree: the engine's rule, PyTorch's autograd and finite differences, on every case of every rule."""

from __future__ import annotations

import numpy as np
import torch

from autograder.course.declare import Exercise, derive, generator
from autograder.kit.declare import Case, Instance, Rule
from tests.exercises.catalogue import RULES, in_each_assignment

EPS = 1e-6


def every_case(exercise: Exercise) -> list[Case]:
    """The public and the hidden cases."""
    return [*exercise.public.cases, *exercise.cases]


def drawn(exercise: Exercise, case: Case, draw: int) -> Instance:
    """``case`` with values, as the grader draws them."""
    assert isinstance(exercise.public, Rule)
    assert exercise.op is not None
    return exercise.public.instance(case, generator(derive(draw), exercise.name, case.name), exercise.op.forward)


def by_torch(rule: Rule, instance: Instance) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
    """Output and gradients by PyTorch's autograd, in float64."""
    grad, _, *inputs = instance.args
    tensors = {}
    for name, value in zip(rule.inputs, inputs, strict=True):
        tensor = torch.tensor(np.ascontiguousarray(value).reshape(np.shape(value)))
        tensors[name] = tensor.requires_grad_() if name in rule.differentiable else tensor
    output = rule.oracle(torch, *tensors.values(), **instance.kwargs)
    upstream = torch.tensor(np.ascontiguousarray(grad).reshape(np.shape(grad)))
    wanted = [tensors[name] for name in rule.differentiable]
    gradients = torch.autograd.grad(output, wanted, upstream, allow_unused=True)
    zeros = [torch.zeros_like(t) if g is None else g for g, t in zip(gradients, wanted, strict=True)]
    return output.detach().numpy(), tuple(gradient.numpy() for gradient in zeros)


@in_each_assignment("exercise", RULES)
def test_reference_equals_pytorch_on_every_case(exercise):
    for case in every_case(exercise):
        instance = drawn(exercise, case, draw=1)

        output, gradients = by_torch(exercise.public, instance)

        np.testing.assert_allclose(instance.args[1], output, rtol=1e-12, atol=1e-12, err_msg=case.name)
        for mine, theirs in zip(exercise.answer_to(instance), gradients, strict=True):
            assert mine.shape == theirs.shape, case.name
            np.testing.assert_allclose(mine, theirs, rtol=1e-9, atol=1e-11, err_msg=case.name)


@in_each_assignment("exercise", RULES)
def test_reference_equals_finite_differences_wherever_the_function_is_smooth(exercise):
    compared = 0
    for case in every_case(exercise):
        if case.check in ("stability", "cost") or case.by_convention:
            continue
        instance = drawn(exercise, case, draw=2)
        grad, _, *inputs = instance.args
        gradients = exercise.answer_to(instance)
        rng = np.random.default_rng(3)
        for name, gradient in zip(exercise.public.differentiable, gradients, strict=True):
            place = exercise.public.inputs.index(name)
            direction = rng.standard_normal(gradient.shape)

            def along(
                step: float, place: int = place, direction=direction, inputs=inputs, kwargs=instance.kwargs
            ) -> np.ndarray:
                moved = [*inputs[:place], inputs[place] + step * direction, *inputs[place + 1 :]]
                with np.errstate(all="ignore"):
                    return np.asarray(exercise.op.forward(*moved, **kwargs))

            here, right, left = along(0.0), along(EPS), along(-EPS)
            forward, backward = (grad * (right - here)).sum() / EPS, (grad * (here - left)).sum() / EPS
            size = 1.0 + abs(forward)
            if not abs(forward - backward) < 1e-3 * size:
                continue  # a kink or a tie: the slopes on both sides differ, and PyTorch alone decides
            compared += 1
            assert abs((forward + backward) / 2 - (gradient * direction).sum()) < 1e-5 * size, (case.name, name)
    assert compared > 0
