"""ps5, the public half of the student's own tape: small programs that a Tensor class is tried on."""

from __future__ import annotations

import numpy as np

from kit.declare import Function, Stored

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
OWN_MEAN: Program = (
    "u = a * b",
    "m = u.mean()",
    "n = -1.0 * m",
    "v = u + n",
    "w = v * v",
    "y = w.mean()",
    "y.backward()",
)
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
    stored=(
        Stored(
            "product and sum",
            {
                "a": [[1.0, 2.0], [3.0, -1.0]],
                "b": [[0.5, -1.0], [2.0, 4.0]],
                "c": None,
                "g": None,
                "program": PRODUCT_AND_SUM,
            },
            (np.array(0.5), [[0.5, -1.0], [2.0, 4.0]], [[1.0, 2.0], [3.0, -1.0]], []),
        ),
        Stored(
            "matrix product",
            {
                "a": [[1.0, 2.0, -1.0], [0.0, 3.0, 1.0]],
                "b": [[1.0, -1.0], [2.0, 0.5], [0.0, 4.0]],
                "c": None,
                "g": [[1.0, -2.0], [0.5, 3.0]],
                "program": MATRIX_PRODUCT,
            },
            (
                [[5.0, -4.0], [6.0, 5.5]],
                [[3.0, 1.0, -8.0], [-2.5, 2.5, 12.0]],
                [[1.0, -2.0], [3.5, 5.0], [-0.5, 5.0]],
                [],
            ),
        ),
        Stored(
            "mean of a relu",
            {"a": [[-1.0, 2.0], [0.0, 4.0]], "b": None, "c": None, "g": None, "program": MEAN_OF_A_RELU},
            (np.array(1.5), [[0.0, 0.25], [0.0, 0.25]], [], []),
        ),
        Stored(
            "used twice",
            {"a": [1.0, -2.0, 3.0], "b": [2.0, 0.5, -1.0], "c": None, "g": [1.0, -1.0, 0.5], "program": USED_TWICE},
            ([4.0, 1.0, -12.0], [6.0, 1.5, -3.5], [2.0, -2.0, 6.0], []),
        ),
        Stored(
            "late to arrive",
            {"a": [1.0, -0.5], "b": [2.0, 3.0], "c": None, "g": None, "program": LATE_TO_ARRIVE},
            (np.array(21.5625), [66.0, -37.5], [33.0, 6.25], []),
        ),
        Stored(
            "early to arrive",
            {"a": [1.0, -0.5], "b": [2.0, 3.0], "c": None, "g": None, "program": EARLY_TO_ARRIVE},
            (np.array(21.5625), [66.0, -37.5], [33.0, 6.25], []),
        ),
        Stored(
            "numbers on either side",
            {"a": [1.0, -2.0], "b": None, "c": None, "g": None, "program": NUMBERS},
            (np.array(0.0), [6.0, 6.0], [], []),
        ),
        Stored(
            "two calls of backward",
            {"a": [1.0, 2.0], "b": [3.0, 4.0], "c": None, "g": [10.0, -1.0], "program": TWO_CALLS},
            ([4.0, 6.0], [20.0, -2.0], [20.0, -2.0], []),
        ),
        Stored(
            "two calls, deeper",
            {"a": [1.0, 2.0], "b": [3.0, -1.0], "c": None, "g": None, "program": TWO_CALLS_DEEPER},
            (np.array(13.0), [36.0, 8.0], [12.0, -16.0], []),
        ),
        Stored(
            "two graphs with common parts",
            {"a": [1.0, 2.0], "b": [3.0, -1.0], "c": None, "g": None, "program": TWO_GRAPHS},
            (np.array(-1.0), [9.0, -5.0], [2.0, 6.0], []),
        ),
        Stored(
            "a layer",
            {
                "a": [[1.0, 2.0], [-1.0, 0.5], [0.0, 1.0]],
                "b": [[1.0, -1.0], [0.5, 2.0]],
                "c": [0.25, -3.5],
                "g": None,
                "program": A_LAYER,
            },
            (
                np.array(0.5),
                [[0.1666666666667, 0.08333333333333], [0.0, 0.0], [0.1666666666667, 0.08333333333333]],
                [[0.1666666666667, 0.0], [0.5, 0.0]],
                [0.3333333333333, 0.0],
            ),
        ),
        Stored(
            "a row, stretched",
            {
                "a": [[1.0, 2.0], [3.0, 4.0]],
                "b": [10.0, -1.0],
                "c": None,
                "g": [[1.0, 0.5], [-2.0, 3.0]],
                "program": STRETCHED,
            },
            ([[20.0, -3.0], [40.0, -5.0]], [[10.0, -0.5], [-20.0, -3.0]], [-6.0, 16.5], []),
        ),
        Stored(
            "a column, stretched",
            {
                "a": [[1.0, 2.0], [3.0, 4.0]],
                "b": [[10.0], [-1.0]],
                "c": None,
                "g": [[1.0, 0.5], [-2.0, 3.0]],
                "program": STRETCHED,
            },
            ([[20.0, 30.0], [-4.0, -5.0]], [[10.0, 5.0], [2.0, -3.0]], [[3.5], [7.0]], []),
        ),
        Stored(
            "a matrix needs a gradient",
            {"a": [[1.0, 2.0]], "b": [[3.0, 4.0]], "c": None, "g": [[1.0, -1.0]], "program": NOTHING_TO_START_FROM},
            ([[3.0, 8.0]], [[3.0, -4.0]], [[1.0, -2.0]], []),
        ),
        Stored(
            "one sum",
            {"a": [1.0, 2.0], "b": [3.0, 4.0], "c": None, "g": [5.0, 6.0], "program": ONE_SUM},
            ([4.0, 6.0], [5.0, 6.0], [5.0, 6.0], []),
        ),
        Stored(
            "2,000 deep",
            {"a": [1.0], "b": [0.5], "c": None, "g": None, "program": DEEP},
            (np.array(862.5373520162), [2.716923932236], [1719.640856168], []),
        ),
    ),
)
