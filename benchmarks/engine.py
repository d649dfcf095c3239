"""Forward and backward of two networks: the engine against autograd and PyTorch, in one run.

    python -m benchmarks.engine

Prints a Markdown table. All three compute the same thing in float64 on one thread, on parameters
that are the same arrays; the contenders take turns, so that whatever slows the machine down slows
all of them down, and medians are compared. Gradients are compared once before anything is timed.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import autograd
import autograd.numpy as anp
import numpy as np
import torch
from torch.nn import functional

from autograder.engine import Tensor, ops

# The BLAS libraries read these when they are loaded.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

Parameters = list[np.ndarray]
Step = Callable[[], list[np.ndarray]]  # one forward and backward; the gradients of the parameters


@dataclass(frozen=True)
class Network:
    """Affine layers of these sizes with ReLU between, mean squared error, on a batch."""

    name: str
    sizes: tuple[int, ...]
    batch: int
    rounds: int  # how many times each contender takes its turn
    repeats: int  # how many steps a turn has

    def draw(self) -> tuple[Parameters, np.ndarray, np.ndarray]:
        """Weights and biases in layer order, a batch, and its targets."""
        rng = np.random.default_rng(0)
        parameters: Parameters = []
        for fan_in, fan_out in zip(self.sizes, self.sizes[1:], strict=False):
            parameters += [rng.normal(size=(fan_out, fan_in)) / np.sqrt(fan_in), rng.normal(size=fan_out)]
        return parameters, rng.normal(size=(self.batch, self.sizes[0])), rng.normal(size=(self.batch, self.sizes[-1]))


NETWORKS = (
    Network("the chapter's 10-32-1, batch 16", (10, 32, 1), batch=16, rounds=200, repeats=20),
    Network("four layers of 512, batch 256", (512,) * 5, batch=256, rounds=40, repeats=1),
)


def engine_step(parameters: Parameters, X: np.ndarray, target: np.ndarray) -> Step:
    """The reference engine."""
    tensors = [Tensor(p) for p in parameters]

    def step() -> list[np.ndarray]:
        h = ops.affine(X, *tensors[:2])
        for i in range(2, len(tensors), 2):
            h = ops.affine(ops.relu(h), *tensors[i : i + 2])
        for tensor in tensors:
            tensor.grad = None
        ((h - target) ** 2).mean().backward()
        return [tensor.grad for tensor in tensors]

    return step


def autograd_step(parameters: Parameters, X: np.ndarray, target: np.ndarray) -> Step:
    """HIPS autograd, the older sister: it too records NumPy calls and looks rules up in a table."""

    def loss(parameters: Parameters) -> float:
        h = anp.dot(X, parameters[0].T) + parameters[1]
        for i in range(2, len(parameters), 2):
            h = anp.dot(anp.maximum(h, 0), parameters[i].T) + parameters[i + 1]
        return anp.mean((h - target) ** 2)

    gradient = autograd.value_and_grad(loss)
    return lambda: gradient(parameters)[1]


def torch_step(parameters: Parameters, X: np.ndarray, target: np.ndarray) -> Step:
    """PyTorch, without the overhead of modules."""
    tensors = [torch.tensor(p, requires_grad=True) for p in parameters]
    tX, t_target = torch.tensor(X), torch.tensor(target)

    def step() -> list[np.ndarray]:
        h = functional.linear(tX, *tensors[:2])
        for i in range(2, len(tensors), 2):
            h = functional.linear(torch.relu(h), *tensors[i : i + 2])
        for tensor in tensors:
            tensor.grad = None
        ((h - t_target) ** 2).mean().backward()
        return [tensor.grad.numpy() for tensor in tensors]

    return step


CONTENDERS = {"engine": engine_step, "autograd": autograd_step, "PyTorch": torch_step}


def measure(network: Network) -> dict[str, float]:
    """Median seconds of one step for each contender."""
    drawn = network.draw()
    steps = {name: contender(*drawn) for name, contender in CONTENDERS.items()}
    expected = steps["PyTorch"]()
    for name, step in steps.items():
        for got, want in zip(step(), expected, strict=True):
            np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-9, err_msg=name)
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    turns = list(steps.items())
    for _ in range(network.rounds):
        turns.append(turns.pop(0))  # nobody always comes after the same neighbour
        for name, step in turns:
            start = time.perf_counter()
            for _ in range(network.repeats):
                step()
            seconds[name].append((time.perf_counter() - start) / network.repeats)
    return {name: statistics.median(taken) for name, taken in seconds.items()}


def main() -> None:
    """Measure both networks and print the table, in a process that has one thread from its start."""
    if not ONE_THREAD.items() <= os.environ.items():
        again = [sys.executable, "-m", "benchmarks.engine"]
        sys.exit(subprocess.run(again, env={**os.environ, **ONE_THREAD}, check=False).returncode)
    torch.set_num_threads(1)
    print(
        "| forward + backward, float64, one thread | engine | autograd | PyTorch | autograd/engine | PyTorch/engine |"
    )
    print("|---|---:|---:|---:|---:|---:|")
    for network in NETWORKS:
        medians = measure(network)
        times = [f"{seconds * 1e6:,.0f} µs" for seconds in medians.values()]
        ratios = [f"{medians[other] / medians['engine']:.2f}" for other in ("autograd", "PyTorch")]
        print(f"| {network.name} | {' | '.join(times + ratios)} |")


if __name__ == "__main__":
    main()
