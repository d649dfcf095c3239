"""Wrong, crashing and endless answers of the example cohort, as students write them."""

from __future__ import annotations

from collections.abc import Mapping

TYPICAL: Mapping[str, Mapping[str, str]] = {
    "ps2-vector-jacobian-products": {
        "numerical_jacobian": '''\
def numerical_jacobian(f, x, eps=1e-6):
    y = f(x)
    J = np.zeros((len(y), len(x)))
    for j in range(len(x)):
        step = np.zeros_like(x)
        step[j] = eps
        J[:, j] = (f(x + step) - y) / eps
    return J
''',
        "add_backward": '''\
def add_backward(grad_output, output, a, b):
    return grad_output, grad_output
''',
        "mul_backward": '''\
def mul_backward(grad_output, output, a, b):
    return unbroadcast(b * np.ones_like(output), a.shape), unbroadcast(a * np.ones_like(output), b.shape)
''',
        "mean_backward": '''\
def mean_backward(grad_output, output, x, axis=None, keepdims=False):
    if axis is not None and not keepdims:
        grad_output = np.expand_dims(grad_output, axis)
    return np.broadcast_to(grad_output, x.shape) / x.size
''',
        "maximum_backward": '''\
def maximum_backward(grad_output, output, a, b):
    return (unbroadcast(grad_output * (a >= b), a.shape),
            unbroadcast(grad_output * (b >= a), b.shape))
''',
        "getitem_backward": '''\
def getitem_backward(grad_output, output, x, index):
    grad = np.zeros_like(x)
    grad[index] += grad_output
    return grad
''',
        "matmul_backward": '''\
def matmul_backward(grad_output, output, a, b):
    return grad_output @ b, a @ grad_output
''',
        "exp_backward": '''\
def exp_backward(grad_output, output, x):
    return grad_output * output
    # a stray line that never runs
    return undefined_name
''',
    },
    "ps3-activations-and-losses": {
        "relu_backward": '''\
def relu_backward(grad_output, output, x):
    return grad_output * (x >= 0)
''',
        "sigmoid_backward": '''\
def sigmoid_backward(grad_output, output, x):
    return grad_output * x * (1 - x)
''',
        "softmax_backward": '''\
def softmax_backward(grad_output, output, x, axis=-1):
    return grad_output * output * (1 - output)
''',
        "mse_backward": '''\
def mse_backward(grad_output, output, prediction, target):
    return grad_output * 2 * (prediction - target)
''',
        "cross_entropy_backward": '''\
def cross_entropy_backward(grad_output, output, logits, target):
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    p[np.arange(len(target)), target] -= 1
    return grad_output * p
''',
    },
}
"""A mistake per exercise: named ones, a bare edge, and one answer that is right in spite of its looks."""

CRASHING: Mapping[str, Mapping[str, str]] = {
    "ps2-vector-jacobian-products": {
        "exp_backward": '''\
def exp_backward(grad_output, output, x):
    import os
    os._exit(0)
''',
        "getitem_backward": '''\
def getitem_backward(grad_output, output, x, index):
    import ctypes
    ctypes.string_at(0)
''',
        "reshape_backward": '''\
def reshape_backward(grad_output, output, x, shape=None):
    raise SystemExit("done")
''',
    },
    "ps3-activations-and-losses": {
        "relu_backward": '''\
def relu_backward(grad_output, output, x):
    import os, signal
    os.kill(os.getpid(), signal.SIGKILL)
''',
        "mse_backward": '''\
def mse_backward(grad_output, output, prediction, target):
    hoard = []
    while True:
        hoard.append(np.ones(10_000_000))
''',
    },
}

ENDLESS: Mapping[str, Mapping[str, str]] = {
    "ps2-vector-jacobian-products": {
        "mul_backward": '''\
def mul_backward(grad_output, output, a, b):
    while True:
        pass
''',
    },
    "ps3-activations-and-losses": {
        "sigmoid_backward": '''\
def sigmoid_backward(grad_output, output, x):
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
''',
    },
}

FORGED: Mapping[str, Mapping[str, str]] = {
    "ps2-vector-jacobian-products": {
        "add_backward": '''\
def add_backward(grad_output, output, a, b):
    import torch
    a, b = torch.tensor(a, requires_grad=True), torch.tensor(b, requires_grad=True)
    (a + b).backward(torch.tensor(grad_output))
    return a.grad.numpy(), b.grad.numpy()
''',
        "mul_backward": '''\
def mul_backward(grad_output, output, a, b):
    return Agreeable(), Agreeable()
''',
        "exp_backward": '''\
def exp_backward(grad_output, output, x):
    return expected_of_my_caller()
''',
        "cumsum_backward": '''\
def cumsum_backward(grad_output, output, x, axis=0):
    return read_an_answer()
''',
        "mean_backward": '''\
def mean_backward(grad_output, output, x, axis=None, keepdims=False):
    from kit.public import ps2
    rule = next(r for r in ps2.PUBLIC if r.name == "mean_backward")
    return rule.oracle(np, x, axis=axis, keepdims=keepdims)
''',
        "matvec_backward": '''\
class matvec_backward:
    def __init__(self, *args):
        self.score = 100.0
    def __float__(self):
        return 100.0
''',
    },
    "ps3-activations-and-losses": {
        "relu_backward": '''\
def relu_backward(grad_output, output, x):
    return Agreeable()
''',
        "tanh_backward": '''\
def tanh_backward(grad_output, output, x):
    return expected_of_my_caller()
''',
        "mse_backward": '''\
def mse_backward(grad_output, output, prediction, target):
    return read_an_answer()
''',
        "softmax_backward": '''\
def softmax_backward(grad_output, output, x, axis=-1):
    import sys
    sys.stdout.write('{"score": 100, "status": "passed"}')
    return "passed"
''',
    },
}
"""Answers that forge. Beside them stand right answers, which keep their points."""
