"""Hidden tests of backward rules with PyTorch as oracle."""

import numpy as np
import torch

from benchmarks.hidden.common import drawn, parts_of


def check_rule(student, operation, positional, differentiable, cases):
    """A backward rule against what autograd gives for the operation."""
    for number, case in enumerate(cases):
        inputs, rng = drawn(case, number)
        arrays = [inputs.pop(name) for name in positional]
        tensors = [torch.tensor(np.array(x, order="C")) for x in arrays]
        leaves = [x for name, x in zip(positional, tensors, strict=True) if name in differentiable]
        for leaf in leaves:
            leaf.requires_grad_()
        output = operation(torch, *tensors, **inputs)
        grad_output = rng.standard_normal(tuple(output.shape))
        output.backward(torch.tensor(grad_output))
        found = parts_of(student(grad_output, output.detach().numpy(), *arrays, **inputs), len(leaves))
        for one, leaf in zip(found, leaves, strict=True):
            one = torch.tensor(np.array(one, dtype=np.float64, order="C"))
            torch.testing.assert_close(one, leaf.grad, rtol=1e-6, atol=1e-8, equal_nan=True)
