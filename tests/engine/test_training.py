"""The chapter's training step: engine and PyTorch walk the same path."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from torch import nn

from autograder.engine import Tensor, ops

STEPS = 20
RATE = 0.05


@pytest.fixture
def model() -> Iterator[nn.Sequential]:
    """The chapter's Linear(10, 32) - ReLU - Linear(32, 1), in float64."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 1)).double()


@pytest.fixture
def batch() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.normal(size=(16, 10)), rng.normal(size=(16, 1))


def parameters_of(model: nn.Sequential) -> list[Tensor]:
    return [Tensor(p.detach().numpy().copy()) for p in model.parameters()]


def predict(parameters: list[Tensor], X: np.ndarray) -> Tensor:
    W1, b1, W2, b2 = parameters
    return ops.affine(ops.relu(ops.affine(X, W1, b1)), W2, b2)


def gradients_of(model: nn.Sequential, X: np.ndarray, target: np.ndarray) -> list[np.ndarray]:
    model.zero_grad()
    ((model(torch.tensor(X)) - torch.tensor(target)) ** 2).mean().backward()
    return [p.grad.numpy() for p in model.parameters()]


def test_the_gradients_of_a_training_step_equal_pytorchs(model, batch) -> None:
    X, target = batch
    parameters = parameters_of(model)

    ((predict(parameters, X) - target) ** 2).mean().backward()

    for ours, theirs in zip(parameters, gradients_of(model, X, target), strict=True):
        np.testing.assert_allclose(ours.grad, theirs, rtol=1e-10, atol=1e-12)


def test_the_fused_loss_gives_the_same_gradients(model, batch) -> None:
    X, target = batch
    parameters = parameters_of(model)

    ops.mse(predict(parameters, X), target).backward()

    for ours, theirs in zip(parameters, gradients_of(model, X, target), strict=True):
        np.testing.assert_allclose(ours.grad, theirs, rtol=1e-10, atol=1e-12)


def test_training_walks_the_same_path_as_pytorch(model, batch) -> None:
    X, target = batch
    parameters = parameters_of(model)
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE)

    for _ in range(STEPS):
        ops.mse(predict(parameters, X), target).backward()
        parameters = [Tensor(p.data - RATE * p.grad) for p in parameters]
        gradients_of(model, X, target)
        optimizer.step()

    for ours, theirs in zip(parameters, model.parameters(), strict=True):
        np.testing.assert_allclose(ours.data, theirs.detach().numpy(), rtol=1e-10, atol=1e-12)


def test_training_lowers_the_loss(model, batch) -> None:
    X, target = batch
    parameters = parameters_of(model)
    losses = []

    for _ in range(STEPS):
        loss = ops.mse(predict(parameters, X), target)
        loss.backward()
        losses.append(loss.item())
        parameters = [Tensor(p.data - RATE * p.grad) for p in parameters]

    assert losses == sorted(losses, reverse=True)
