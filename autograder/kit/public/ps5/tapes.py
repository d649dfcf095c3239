"""ps5, the public half of the student's own tape: small programs that a Tensor class is tried on."""

from __future__ import annotations

from ...declare import Function

Program = tuple[str, ...]

PRODUCT_AND_SUM: Program = ("u = a * b", "y = u.sum()", "y.backward()")
MATRIX_PRODUCT: Program = ("y = a @ b", "y.backward(g)")
MEAN_OF_A_RELU: Program = ("u = a.relu()", "y = u.mean()", "y.backward()")
USED_TWICE: Program = ("u = a * a", "v = u + a", "y = v * b", "y.backward(g)")
LATE_TO_ARRIVE: Program = ("u = a * b", "v = u * u", "w = v * v", "t = w + u", "y = t.sum()", "y.backward()")
EARLY_TO_ARRIVE: Program = ("u = a * b", "v = u * u", "w = v * v", "t = u + w", "y = t.sum()", "y.backward()")
DIAMONDS: Program = (
    "u = a + b",
    "v = u * c",
    "w = u.relu()",
    "s = v + w",
    "t = s * u",
    "r = t + s",
    "y = r.sum()",
    "y.backward()",
)
NUMBERS: Program = ("u = 2 * a", "v = u + 1.5", "w = -0.5 + v", "t = w * 3.0", "y = t.sum()", "y.backward()")
ONE_SUM: Program = ("y = a + b", "y.backward(g)")
TWO_CALLS: Program = ("y = a + b", "y.backward(g)", "y.backward(g)")
TWO_CALLS_DEEPER: Program = ("u = a * b", "v = u * u", "y = v.sum()", "y.backward()", "y.backward()")
TWO_GRAPHS: Program = ("u = a * b", "z = u.sum()", "z.backward()", "v = u * a", "y = v.sum()", "y.backward()")
A_LAYER: Program = ("u = a @ b", "v = u + c", "w = v.relu()", "y = w.mean()", "y.backward()")
STRETCHED: Program = ("u = a * b", "y = u + b", "y.backward(g)")
OWN_MEAN: Program = ("u = a * b", "m = u.mean()", "n = -1.0 * m", "v = u + n", "w = v * v", "y = w.mean()", "y.backward()")
NOTHING_TO_START_FROM: Program = ("y = a * b", "y.backward() must raise", "y.backward(g)")
UNSEEN: Program = ("z = b * c", "y = a.sum()", "y.backward()")
DEEP: Program = ("u = a + b", *(("u = u * 1.001", "u = u + b") * 1000), "y = u.sum()", "y.backward()")
LADDER: Program = ("u = a + 0.0", *(("v = u * 0.5", "w = u * 0.6", "u = v + w") * 40), "y = u.sum()", "y.backward()")

TENSOR = Function(
    name="Tensor",
    signature="Tensor(data)",
    statement="An array that remembers how it was made; .backward(grad=None) adds gradients to .grad of the leaves.",
    adapter="tape",
    takes=("a", "b", "c", "g", "program"),
    results=("y.data", "a.grad", "b.grad", "c.grad"),
    stored=(),
)
