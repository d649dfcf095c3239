"""ps5's references are PyTorch's: the training step, the optimizers, clipping, the tape and the gradient norms."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch

from autograder.course.declare import ExpectedCase, answer_with, fresh
from autograder.judging import Status, judge
from autograder.kit import calling
from autograder.kit.adapters import adapted
from autograder.kit.declare import Function, Stored
from autograder.kit.ladder import compare
from autograder.kit.tapes import tape
from tests.rows import for_each
from tests.this_course import exercises_of, module_of

EXERCISES = exercises_of("ps5")
FATE = module_of("ps5", "private", "remedies").FATE
KEYS = ("W1", "b1", "W2", "b2")


def cases(name: str) -> list:
    """All drawn cases of an exercise, with readable ids."""
    return [pytest.param(case, id=case.label) for case in EXERCISES[name].expect(seed=11).cases]


def tensors(arrays, **options) -> list[torch.Tensor]:
    """PyTorch's tensors of some arrays, whatever their strides."""
    return [torch.tensor(np.array(array), **options) for array in arrays]


def agrees(case: ExpectedCase, found) -> None:
    """The case's expected arrays are these tensors, to 1e-10."""
    assert len(found) == len(case.arrays)
    for mine, theirs in zip(case.arrays, found, strict=True):
        theirs = theirs.detach().numpy() if isinstance(theirs, torch.Tensor) else np.asarray(theirs)
        assert mine.shape == theirs.shape
        np.testing.assert_allclose(mine, theirs, rtol=1e-10, atol=1e-10 * max(case.scale, 1e-300))


def model(W1, b1, W2, b2, X):
    """The chapter's model with given parameters."""
    hidden = torch.relu(torch.nn.functional.linear(X, W1, b1))
    return torch.nn.functional.linear(hidden, W2, b2)


@for_each("case", cases("mlp_forward"))
def test_the_forward_pass_is_pytorchs(case):
    inputs = tensors(case.instance.args)

    prediction = model(*inputs)

    agrees(case, [prediction])


@for_each("case", cases("mlp_backward"))
def test_the_backward_pass_is_pytorchs(case):
    *params, X, grad_prediction = tensors(case.instance.args)
    params = [param.requires_grad_() for param in params]

    prediction = model(*params, X)
    gradients = torch.autograd.grad(prediction, params, grad_prediction)

    agrees(case, [prediction, *gradients])


@for_each("case", cases("loss_and_gradients"))
def test_the_training_step_is_pytorchs(case):
    *params, X, target = tensors(case.instance.args)
    params = [param.requires_grad_() for param in params]

    loss = ((model(*params, X) - target) ** 2).mean()
    gradients = torch.autograd.grad(loss, params)

    agrees(case, [loss, *gradients])


@for_each("case", cases("train"))
def test_the_training_run_is_pytorchs(case):
    *arrays, steps, lr = case.instance.args
    *params, X, target = tensors(arrays)
    params = [param.requires_grad_() for param in params]
    optimizer = torch.optim.SGD(params, lr=lr)
    losses = []

    for _ in range(steps):
        loss = ((model(*params, X) - target) ** 2).mean()
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    agrees(case, [np.array(losses), *params])


def trajectory(optimizer_of, arrays, lr):
    """The parameters after each step of PyTorch's optimizer on given gradients."""
    params = [param.requires_grad_() for param in tensors(arrays[:4])]
    optimizer = optimizer_of(params)
    seen = []
    for number, rate in enumerate(lr):
        optimizer.param_groups[0]["lr"] = float(rate)
        for param, gradient in zip(params, arrays[4:], strict=True):
            param.grad = torch.tensor(np.array(gradient[number]))
        optimizer.step()
        seen.append([param.detach().numpy().copy() for param in params])
    return [np.stack([after[place] for after in seen]) for place in range(4)]


@for_each("case", cases("sgd_step"))
def test_gradient_descent_is_pytorchs(case):
    *arrays, lr = case.instance.args

    found = trajectory(torch.optim.SGD, arrays, lr)

    agrees(case, found)


def runs(optimizer_of, case):
    """The trajectories of all runs of a case, runs along the first axis."""
    *arrays, lr = case.instance.args
    found = [trajectory(optimizer_of, [array[i] for array in arrays], lr[i]) for i in range(len(lr))]
    return [np.stack([run[place] for run in found]) for place in range(4)]


@for_each("case", cases("momentum_step"))
def test_momentum_is_pytorchs_in_every_run(case):
    momentum = case.instance.kwargs.get("momentum", 0.9)

    found = runs(lambda params: torch.optim.SGD(params, lr=0.1, momentum=momentum), case)

    agrees(case, found)


@for_each("case", cases("adam_step"))
def test_adam_is_pytorchs_in_every_run(case):
    found = runs(torch.optim.Adam, case)

    agrees(case, found)


@for_each("case", cases("clip_grad_norm"))
def test_clipping_is_pytorchs_but_for_the_millionth_that_it_adds(case):
    *arrays, max_norm = case.instance.args
    params = tensors([np.zeros_like(array) for array in arrays], requires_grad=True)
    for param, array in zip(params, arrays, strict=True):
        param.grad = torch.tensor(np.array(array))

    norm = torch.nn.utils.clip_grad_norm_(params, max_norm)

    np.testing.assert_allclose(case.arrays[0], norm.numpy(), rtol=1e-12)
    for mine, param in zip(case.arrays[1:], params, strict=True):
        np.testing.assert_allclose(mine, param.grad.numpy(), rtol=EXERCISES["clip_grad_norm"].rtol)


class TorchTensor:
    """PyTorch behind the interface that the tape exercise asks for."""

    def __init__(self, data):
        self.t = data if isinstance(data, torch.Tensor) else torch.tensor(np.array(data), requires_grad=True)

    def __add__(self, other):
        return TorchTensor(self.t + getattr(other, "t", other))

    def __mul__(self, other):
        return TorchTensor(self.t * getattr(other, "t", other))

    __radd__, __rmul__ = __add__, __mul__

    def __matmul__(self, other):
        return TorchTensor(self.t @ other.t)

    def relu(self):
        return TorchTensor(torch.relu(self.t))

    def sum(self):
        return TorchTensor(self.t.sum())

    def mean(self):
        return TorchTensor(self.t.mean())

    def backward(self, grad=None):
        self.t.backward(None if grad is None else torch.tensor(np.array(grad)), retain_graph=True)

    @property
    def data(self):
        return self.t.detach().numpy()

    @property
    def grad(self):
        return None if self.t.grad is None else self.t.grad.numpy()


@for_each("case", cases("Tensor"))
def test_the_tapes_reference_is_pytorch_on_every_program(case):
    args, kwargs = fresh(case.instance)

    found = tape(TorchTensor)(*args, **kwargs)

    agrees(case, found)


def norms_by_pytorch(name, weights, x, activation, **options):
    """Norms of dL/dh_t by autograd."""
    f = getattr(torch, activation)
    carry, eps = options.get("carry", 0.9), options.get("eps", 1e-5)
    h = torch.tensor(np.array(x), requires_grad=True)
    hidden = [h]
    for W in tensors(weights):
        z = h @ W.T
        h = {
            "gradient_norms": lambda z=z: f(z),
            "residual_gradient_norms": lambda z=z, h=h: h + f(z),
            "gated_gradient_norms": lambda z=z, h=h: carry * h + (1 - carry) * f(z),
            "normalized_gradient_norms": lambda z=z: f(torch.nn.functional.layer_norm(z, z.shape[-1:], eps=eps)),
        }[name]()
        hidden.append(h)
    gradients = torch.autograd.grad(h.sum(), hidden)
    return np.array([float(gradient.norm()) for gradient in gradients])


NORMS = ("gradient_norms", "residual_gradient_norms", "gated_gradient_norms", "normalized_gradient_norms")


@pytest.mark.parametrize("name", NORMS)
def test_gradient_norms_are_pytorchs(name):
    for case in EXERCISES[name].expect(seed=11).cases:
        found = norms_by_pytorch(name, *case.instance.args, **case.instance.kwargs)

        np.testing.assert_allclose(case.arrays[0], found, rtol=1e-8, err_msg=case.label)


def test_the_initializations_are_pytorchs():
    weight = torch.empty(400, 600)

    torch.manual_seed(0)
    xavier = torch.nn.init.xavier_normal_(weight.clone()).std()
    he = torch.nn.init.kaiming_normal_(weight.clone()).std()

    assert EXERCISES["xavier_std"].reference(600, 400) == pytest.approx(float(xavier), rel=5e-3)
    assert EXERCISES["he_std"].reference(600) == pytest.approx(float(he), rel=5e-3)


STORED = [
    pytest.param(exercise, stored, id=f"{exercise.name}-{stored.name}")
    for exercise in EXERCISES.values()
    if isinstance(exercise.public, Function)
    for stored in exercise.public.stored
]


@for_each("exercise, stored", STORED)
def test_the_answers_stored_in_the_kit_are_the_references(exercise, stored: Stored):
    public = exercise.public
    values = {
        name: calling.built(value, np.random.default_rng(0), lists_are_arrays=True)
        for name, value in stored.inputs.items()
    }
    args = [values.pop(name) for name in public.arguments]
    expected = stored.expected if len(public.results) > 1 else (stored.expected,)

    found = adapted(exercise.adapter, exercise.reference)(*args, **values)

    assert compare(found, tuple(map(np.asarray, expected)), public.results, rtol=stored.tolerance) is None


def fate_of(net: str, seed: int) -> float:
    """|dL/dh_0| / |dL/dh_50| of one of the notebook's six networks."""
    n, depth, rng = 64, 50, np.random.default_rng(seed)
    xavier, he = EXERCISES["xavier_std"].reference(n, n), EXERCISES["he_std"].reference(n)
    std = {"sigmoid": xavier, "small_tanh": xavier / 2, "he_relu": he, "double_he_relu": 2 * he}
    std |= {"residual_sigmoid": xavier, "residual_he_relu": he}
    weights = [std[net] * rng.standard_normal((n, n)) for _ in range(depth)]
    name = "residual_gradient_norms" if net.startswith("residual") else "gradient_norms"
    norms = EXERCISES[name].reference(weights, rng.standard_normal((32, n)), net.rsplit("_", 1)[-1])
    return norms[0] / norms[-1]


@for_each("net", FATE)
def test_the_fate_of_each_network_is_clear_whatever_the_draw(net):
    bounds = {"vanishes": (0.0, 1e-5), "survives": (0.1, 100.0), "explodes": (1e5, np.inf)}[FATE[net]]

    ratios = [fate_of(net, seed) for seed in range(5)]

    assert all(bounds[0] < ratio < bounds[1] for ratio in ratios), ratios


def test_an_optimizer_that_keeps_its_state_in_globals_fails_where_runs_take_turns():
    exercise = EXERCISES["momentum_step"]
    expected = exercise.expect("two runs that take turns", seed=3)
    kept: dict = {}

    def with_global_state(params, grads, state, lr, momentum=0.9):
        return exercise.reference(params, grads, kept, lr, momentum)

    verdict = judge(exercise, expected, [answer_with(with_global_state, case) for case in expected.cases])

    assert verdict.status is Status.PARTIAL
    assert [check.name for check in verdict.checks if not check.passed] == ["edges"]


def test_a_backward_pass_is_blocked_where_the_forward_pass_is_wrong():
    exercise = EXERCISES["mlp_backward"]
    expected = exercise.expect(seed=3)
    namespace: dict = {"np": np}
    exec(
        "def mlp_forward(params, X):\n    return X @ params['W1'].T, None\n"
        "def mlp_backward(params, cache, grad_prediction):\n"
        "    return {name: np.zeros_like(value) for name, value in params.items()}\n",
        namespace,
    )

    verdict = judge(exercise, expected, [answer_with(namespace["mlp_backward"], case) for case in expected.cases])

    assert verdict.fraction == 0
    assert "mlp_forward, which blocks mlp_backward until it is right" in verdict.message


def test_a_backward_pass_is_blocked_where_the_forward_pass_raises():
    exercise = EXERCISES["mlp_backward"]
    expected = exercise.expect(seed=3)
    namespace: dict = {}
    exec(
        "def mlp_forward(params, X):\n    raise NotImplementedError\n"
        "def mlp_backward(params, cache, grad_prediction):\n    return {}\n",
        namespace,
    )

    verdict = judge(exercise, expected, [answer_with(namespace["mlp_backward"], case) for case in expected.cases])

    assert verdict.message.startswith("blocked")


def test_a_dict_that_an_answer_refills_counts_as_changed():
    exercise = EXERCISES["sgd_step"]
    expected = exercise.expect(seed=3)

    def refilling(params, grads, lr):
        for key, grad in grads.items():
            params[key] = params[key] - lr * grad
        return params

    verdict = judge(exercise, expected, [answer_with(refilling, case) for case in expected.cases])

    assert [check.name for check in verdict.checks if not check.passed] == ["inputs unchanged"]


@pytest.mark.parametrize("nonsense", [None, 3.0, {}, {"W1": 1.0}, ("a", "b", "c"), dict.fromkeys(KEYS), "note: x"])
def test_what_is_no_dict_of_parameters_is_a_finding_and_no_error(nonsense):
    exercise = EXERCISES["sgd_step"]
    expected = exercise.expect(seed=3)

    verdict = judge(exercise, expected, [answer_with(lambda *_: copy.copy(nonsense), case) for case in expected.cases])

    assert verdict.status is Status.FAILED
    assert verdict.rung in ("type", "count", "shape")
