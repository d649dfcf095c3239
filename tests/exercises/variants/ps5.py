"""Right answers of ps5, written in different ways. NumPy and the standard library only."""

from __future__ import annotations

import itertools
import math
import types
from collections import deque
from collections.abc import Callable

import numpy as np

# The four rules


def linear_by_matmul(grad_output, output, X, W):
    return grad_output @ W, grad_output.T @ X


def linear_by_einsum(grad_output, output, X, W):
    return [np.einsum("bm,mn->bn", grad_output, W), np.einsum("bm,bn->mn", grad_output, X)]


def linear_by_loop(grad_output, output, X, W):
    dW = np.zeros_like(W)
    for g, x in zip(grad_output, X, strict=True):
        dW += np.outer(g, x)
    return np.dot(grad_output, W), dW


def affine_by_matmul(grad_output, output, X, W, b):
    return grad_output @ W, grad_output.T @ X, grad_output.sum(axis=0)


def affine_by_ones(grad_output, output, X, W, b):
    return (W.T @ grad_output.T).T, (X.T @ grad_output).T, np.ones(len(X)) @ grad_output


def affine_by_linear(grad_output, output, X, W, b):
    dX, dW = linear_by_loop(grad_output, output, X, W)
    return dX, dW, np.einsum("bm->m", grad_output)


def relu_by_mask(grad_output, output, x):
    return grad_output * (x > 0)


def relu_by_where(grad_output, output, x):
    return np.where(x > 0, grad_output, 0.0)


def relu_from_the_output(grad_output, output, x):
    grad = np.array(grad_output)
    grad[output <= 0] = 0.0
    return (grad,)


def mse_plain(grad_output, output, prediction, target):
    return grad_output * 2.0 * (prediction - target) / prediction.size


def mse_by_parts(grad_output, output, prediction, target):
    difference = prediction - target
    return np.full_like(difference, grad_output / difference.size) * difference * 2


def mse_by_loop(grad_output, output, prediction, target):
    flat = [2 / prediction.size * (p - t) * grad_output for p, t in zip(prediction.flat, target.flat, strict=True)]
    return np.array(flat).reshape(prediction.shape)


# The network. Each backward pass belongs to its own forward pass


def forward_with_tuple(params, X):
    z = X @ params["W1"].T + params["b1"]
    h = np.maximum(z, 0)
    return h @ params["W2"].T + params["b2"], (X, h)


def on(forward):
    """A backward pass in a namespace in which ``mlp_forward`` is ``forward``, as in the notebook of one student."""
    return lambda backward: types.FunctionType(
        backward.__code__, {**globals(), "mlp_forward": forward}, backward.__name__
    )


@on(forward_with_tuple)
def backward_with_tuple(params, cache, grad_prediction):
    X, h = cache
    dz = (grad_prediction @ params["W2"]) * (h > 0)
    return {"b2": grad_prediction.sum(0), "W2": grad_prediction.T @ h, "b1": dz.sum(0), "W1": dz.T @ X}


def forward_with_dict(params, X):
    cache = {"X": X.copy()}
    cache["z"] = np.einsum("bn,hn->bh", X, params["W1"]) + params["b1"]
    cache["mask"] = cache["z"] > 0
    cache["h"] = np.where(cache["mask"], cache["z"], 0.0)
    return np.einsum("bh,oh->bo", cache["h"], params["W2"]) + params["b2"], cache


@on(forward_with_dict)
def backward_with_dict(params, cache, grad_prediction):
    grads = {name: np.zeros_like(value) for name, value in params.items()}
    for x, h, mask, g in zip(cache["X"], cache["h"], cache["mask"], grad_prediction, strict=True):
        grads["W2"] += np.outer(g, h)
        grads["b2"] += g
        delta = mask * (params["W2"].T @ g)
        grads["W1"] += np.outer(delta, x)
        grads["b1"] += delta
    return grads


def forward_by_rows(params, X):
    rows = []
    for x in X:
        hidden = [max(float(w @ x + b), 0.0) for w, b in zip(params["W1"], params["b1"], strict=True)]
        rows.append([float(w @ hidden + b) for w, b in zip(params["W2"], params["b2"], strict=True)])
    return rows, X


@on(forward_by_rows)
def backward_from_inputs_alone(params, cache, grad_prediction):
    X = cache
    z = X @ params["W1"].T + params["b1"]
    dh, dW2, db2 = affine_by_matmul(grad_prediction, None, np.maximum(z, 0), params["W2"], params["b2"])
    dz = relu_by_where(dh, None, z)
    _, dW1, db1 = affine_by_matmul(dz, None, X, params["W1"], params["b1"])
    return {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}


def step_by_calls(params, X, target):
    prediction, cache = forward_with_tuple(params, X)
    loss = np.mean((prediction - target) ** 2)
    return loss, backward_with_tuple(params, cache, mse_plain(1.0, loss, prediction, target))


def step_in_one_go(params, X, target):
    prediction, cache = forward_with_dict(params, X)
    error = prediction - target
    return float((error * error).sum() / error.size), backward_with_dict(params, cache, 2 / error.size * error)


def step_example_by_example(params, X, target):
    loss, grads = 0.0, None
    for i in range(len(X)):
        part, own = step_by_calls(params, X[i : i + 1], target[i : i + 1])
        loss += part / len(X)
        own = {name: grad / len(X) for name, grad in own.items()}
        grads = own if grads is None else {name: grads[name] + own[name] for name in own}
    return loss, grads


def train_with_list(params, X, target, steps, lr):
    losses = []
    for _ in range(steps):
        loss, grads = step_by_calls(params, X, target)
        losses.append(loss)
        params = {name: params[name] - lr * grads[name] for name in params}
    return params, losses


def train_on_copies(params, X, target, steps, lr):
    params = {name: value.copy() for name, value in params.items()}
    losses = np.zeros(steps)
    for i in range(steps):
        losses[i], grads = step_in_one_go(params, X, target)
        for name, value in params.items():
            value -= lr * grads[name]
    return params, losses


def train_recursively(params, X, target, steps, lr):
    if steps == 0:
        return params, []
    loss, grads = step_by_calls(params, X, target)
    params, losses = train_recursively(sgd_comprehension(params, grads, lr), X, target, steps - 1, lr)
    return params, [loss, *losses]


# Gradients


def zero_comprehension(grads):
    return {name: np.zeros(grad.shape) for name, grad in grads.items()}


def zero_like(grads):
    return {name: np.zeros_like(grads[name]) for name in grads}


def zero_by_loop(grads):
    new = {}
    for name, grad in grads.items():
        new[name] = np.full(np.shape(grad), 0.0)
    return new


def accumulate_comprehension(total, grads):
    if not total:
        return {name: grad.copy() for name, grad in grads.items()}
    return {name: total[name] + grads[name] for name in grads}


def accumulate_with_get(total, grads):
    return {name: (total or {}).get(name, 0.0) + grad for name, grad in grads.items()}


def accumulate_into_zeros(total, grads):
    new = {name: np.zeros_like(grad) for name, grad in grads.items()}
    for one in (total, grads):
        for name, grad in (one or {}).items():
            new[name] += grad
    return new


def clip_plain(grads, max_norm):
    norm = math.sqrt(sum((grad**2).sum() for grad in grads.values()))
    if norm <= max_norm:
        return {name: grad.copy() for name, grad in grads.items()}, norm
    return {name: grad * (max_norm / norm) for name, grad in grads.items()}, norm


def clip_as_pytorch(grads, max_norm):
    norm = np.linalg.norm([np.linalg.norm(grad) for grad in grads.values()])
    coefficient = min(1.0, max_norm / (norm + 1e-6))
    return {name: grad * coefficient for name, grad in grads.items()}, norm


def clip_flat(grads, max_norm):
    flat = np.concatenate([grad.ravel() for grad in grads.values()])
    norm = float(np.sqrt(flat @ flat))
    return (dict(grads) if norm <= max_norm else {k: v / norm * max_norm for k, v in grads.items()}), norm


# Optimizers


def sgd_comprehension(params, grads, lr):
    return {name: params[name] - lr * grads[name] for name in params}


def sgd_on_copies(params, grads, lr):
    new = {name: value.copy() for name, value in params.items()}
    for name, grad in grads.items():
        new[name] -= lr * grad
    return new


def sgd_by_entries(params, grads, lr):
    new = {}
    for name, value in params.items():
        flat = [w - lr * g for w, g in zip(value.flat, grads[name].flat, strict=True)]
        new[name] = np.array(flat).reshape(value.shape)
    return new


def momentum_with_get(params, grads, state, lr, momentum=0.9):
    for name, grad in grads.items():
        state[name] = momentum * state.get(name, 0.0) + grad
    return {name: value - lr * state[name] for name, value in params.items()}


def momentum_in_place(params, grads, state, lr, momentum=0.9):
    if not state:
        state.update({name: np.zeros_like(value) for name, value in params.items()})
    for name, velocity in state.items():
        velocity *= momentum
        velocity += grads[name]
    return {name: params[name] - lr * state[name] for name in params}


def momentum_nested(params, grads, state, lr, momentum=0.9):
    velocities = state.setdefault("velocities", {})
    new = {}
    for name in params:
        old = velocities.get(name)
        velocities[name] = grads[name].copy() if old is None else np.add(np.multiply(momentum, old), grads[name])
        new[name] = params[name] + -lr * velocities[name]
    return new


def adam_textbook(params, grads, state, lr):
    t = state["t"] = state.get("t", 0) + 1
    m, v = state.setdefault("m", {}), state.setdefault("v", {})
    new = {}
    for k, g in grads.items():
        m[k] = 0.9 * m.get(k, 0) + 0.1 * g
        v[k] = 0.999 * v.get(k, 0) + 0.001 * g * g
        new[k] = params[k] - lr * (m[k] / (1 - 0.9**t)) / (np.sqrt(v[k] / (1 - 0.999**t)) + 1e-8)
    return new


def adam_as_pytorch(params, grads, state, lr):
    new = {}
    for name, value in params.items():
        own = state.setdefault(name, {"step": 0, "m": np.zeros_like(value), "v": np.zeros_like(value)})
        own["step"] += 1
        own["m"] += (1 - 0.9) * (grads[name] - own["m"])
        own["v"] *= 0.999
        own["v"] += (1 - 0.999) * grads[name] ** 2
        correction1, correction2 = 1 - 0.9 ** own["step"], 1 - 0.999 ** own["step"]
        new[name] = value - lr / correction1 * own["m"] / (np.sqrt(own["v"]) / math.sqrt(correction2) + 1e-8)
    return new


def adam_with_history(params, grads, state, lr):
    history = state.setdefault("history", [])
    history.append({name: grad.copy() for name, grad in grads.items()})
    t, new = len(history), {}
    for name, value in params.items():
        first = sum(0.1 * 0.9 ** (t - 1 - i) * old[name] for i, old in enumerate(history)) / (1 - 0.9**t)
        second = sum(0.001 * 0.999 ** (t - 1 - i) * old[name] ** 2 for i, old in enumerate(history)) / (1 - 0.999**t)
        new[name] = value - lr * first / (second**0.5 + 1e-8)
    return new


# Tapes


def summed_to(grad, shape):
    while grad.ndim > len(shape):
        grad = grad.sum(axis=0)
    for axis, n in enumerate(shape):
        if n == 1 and grad.shape[axis] != 1:
            grad = grad.sum(axis=axis, keepdims=True)
    return grad


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


# Depth


def products_backwards(derivatives):
    products = [1.0]
    for derivative in derivatives[::-1]:
        products.insert(0, products[0] * derivative)
    return products


def products_by_cumprod(derivatives):
    return np.cumprod([1.0, *reversed(derivatives)])[::-1]


def products_by_accumulate(derivatives):
    return list(itertools.accumulate(reversed(derivatives), lambda a, b: a * b, initial=1.0))[::-1]


def f(z, activation):
    return {"tanh": np.tanh(z), "relu": np.maximum(z, 0.0), "sigmoid": 1 / (1 + np.exp(-z))}[activation]


def slope_from_output(y, activation):
    return {"tanh": 1 - y**2, "relu": (y > 0) * 1.0, "sigmoid": y * (1 - y)}[activation]


def slope_from_input(z, activation):
    if activation == "tanh":
        return 1 / np.cosh(z) ** 2
    if activation == "relu":
        return np.heaviside(z, 0.0)
    return 1 / ((1 + np.exp(-z)) * (1 + np.exp(z)))


def norms_from_outputs(weights, x, activation, skip=0.0, branch=1.0):
    outputs, h = [], x
    for W in weights:
        outputs.append(f(h @ W.T, activation))
        h = branch * outputs[-1] + (skip * h if skip else 0.0)
    g = np.ones(h.shape)
    found = [np.linalg.norm(g)]
    for W, y in zip(weights[::-1], outputs[::-1], strict=True):
        g = branch * (g * slope_from_output(y, activation)) @ W + (skip * g if skip else 0.0)
        found.append(np.linalg.norm(g))
    return found[::-1]


def norms_from_inputs(weights, x, activation, skip=0.0, branch=1.0):
    zs, h = [], x
    for W in weights:
        zs.append(np.einsum("bn,mn->bm", h, W))
        h = skip * h + branch * f(zs[-1], activation) if skip else branch * f(zs[-1], activation)
    g = np.ones_like(h)
    norms = np.zeros(len(weights) + 1)
    norms[-1] = math.sqrt((g * g).sum())
    for t in reversed(range(len(weights))):
        back = np.einsum("bm,mn->bn", g * slope_from_input(zs[t], activation), weights[t])
        g = branch * back + skip * g if skip else branch * back
        norms[t] = math.sqrt((g * g).sum())
    return norms


def norms_example_by_example(weights, x, activation, skip=0.0, branch=1.0):
    squares = [0.0] * (len(weights) + 1)
    for row in x:
        h, jacobians = row, []
        for W in weights:
            z = W @ h
            local = np.diag(slope_from_input(z, activation)) @ W * branch
            h, before = branch * f(z, activation), h
            if skip:
                local, h = local + skip * np.eye(len(before)), h + skip * before
            jacobians.append(local)
        g = np.ones(len(h))
        squares[-1] += g @ g
        for t in range(len(weights) - 1, -1, -1):
            g = jacobians[t].T @ g
            squares[t] += g @ g
    return tuple(math.sqrt(square) for square in squares)


def residual(norms):
    return lambda weights, x, activation: norms(weights, x, activation, 1.0)


def gated(norms):
    return lambda weights, x, activation, carry=0.9: norms(weights, x, activation, carry, 1 - carry)


def normalized_by_formula(weights, x, activation, eps=1e-5):
    saved, h = [], x
    for W in weights:
        z = h @ W.T
        std = np.sqrt(z.var(axis=-1, keepdims=True) + eps)
        hat = (z - z.mean(axis=-1, keepdims=True)) / std
        h = f(hat, activation)
        saved.append((hat, std, h))
    g = np.ones_like(h)
    norms = [np.linalg.norm(g)]
    for W, (hat, std, y) in zip(weights[::-1], saved[::-1], strict=True):
        g = g * slope_from_output(y, activation)
        g = (g - g.mean(axis=-1, keepdims=True) - hat * (g * hat).mean(axis=-1, keepdims=True)) / std
        g = g @ W
        norms.append(np.linalg.norm(g))
    return norms[::-1]


def normalized_row_by_row(weights, x, activation, eps=1e-5):
    squares = np.zeros(len(weights) + 1)
    for row in x:
        h, jacobians = row, []
        for W in weights:
            z = W @ h
            n = len(z)
            std = math.sqrt(((z - z.mean()) ** 2).mean() + eps)
            hat = (z - z.mean()) / std
            normalizing = (np.eye(n) - np.ones((n, n)) / n - np.outer(hat, hat) / n) / std
            jacobians.append(np.diag(slope_from_input(hat, activation)) @ normalizing @ W)
            h = f(hat, activation)
        g = np.ones(len(h))
        squares[-1] += (g**2).sum()
        for t in reversed(range(len(weights))):
            g = g @ jacobians[t]
            squares[t] += (g**2).sum()
    return np.sqrt(squares)


def normalized_by_parts(weights, x, activation, eps=1e-5):
    saved, h = [], x
    for W in weights:
        centred = (h @ W.T) - (h @ W.T).mean(-1)[:, None]
        inverse = ((centred * centred).mean(-1)[:, None] + eps) ** -0.5
        saved.append((W, centred, inverse))
        h = f(centred * inverse, activation)
    g = np.ones(h.shape)
    norms = [float(np.sqrt(np.sum(g**2)))]
    while saved:
        W, centred, inverse = saved.pop()
        g = g * slope_from_input(centred * inverse, activation)
        d_inverse = (g * centred).sum(-1)[:, None]
        d_centred = g * inverse - d_inverse * inverse**3 * centred / W.shape[0]
        g = (d_centred - d_centred.mean(-1)[:, None]) @ W
        norms.insert(0, float(np.sqrt(np.sum(g**2))))
    return norms


VARIANTS: dict[str, tuple[Callable, ...]] = {
    "linear_backward": (linear_by_matmul, linear_by_einsum, linear_by_loop),
    "affine_backward": (affine_by_matmul, affine_by_ones, affine_by_linear),
    "relu_backward": (relu_by_mask, relu_by_where, relu_from_the_output),
    "mse_backward": (mse_plain, mse_by_parts, mse_by_loop),
    "mlp_forward": (forward_with_tuple, forward_with_dict, forward_by_rows),
    "mlp_backward": (
        backward_with_tuple, backward_with_dict, backward_from_inputs_alone,
    ),
    "loss_and_gradients": (step_by_calls, step_in_one_go, step_example_by_example),
    "zero_grad": (zero_comprehension, zero_like, zero_by_loop),
    "accumulate": (accumulate_comprehension, accumulate_with_get, accumulate_into_zeros),
    "sgd_step": (sgd_comprehension, sgd_on_copies, sgd_by_entries),
    "train": (train_with_list, train_on_copies, train_recursively),
    "clip_grad_norm": (clip_plain, clip_as_pytorch, clip_flat),
    "momentum_step": (momentum_with_get, momentum_in_place, momentum_nested),
    "adam_step": (adam_textbook, adam_as_pytorch, adam_with_history),
    "Tensor": (TensorWithClosures, TensorByAge, TensorByCounting),
    "chain_product": (products_backwards, products_by_cumprod, products_by_accumulate),
    "gradient_norms": (norms_from_outputs, norms_from_inputs, norms_example_by_example),
    "xavier_std": (
        lambda fan_in, fan_out: math.sqrt(2 / (fan_in + fan_out)),
        lambda fan_in, fan_out: np.sqrt(2.0 / np.sum([fan_in, fan_out])),
        lambda fan_in, fan_out: ((fan_in + fan_out) / 2) ** -0.5,
    ),
    "he_std": (
        lambda fan_in: math.sqrt(2 / fan_in),
        lambda fan_in: np.sqrt(2.0) / np.sqrt(fan_in),
        lambda fan_in: np.array((fan_in / 2) ** -0.5),
    ),
    "residual_gradient_norms": (residual(norms_from_outputs), residual(norms_from_inputs), residual(norms_example_by_example)),
    "gated_gradient_norms": (gated(norms_from_outputs), gated(norms_from_inputs), gated(norms_example_by_example)),
    "normalized_gradient_norms": (normalized_by_formula, normalized_row_by_row, normalized_by_parts),
}
