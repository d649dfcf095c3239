"""Right numbers, wrong gradients: in-place edits, shapes that broadcast, losses fed with the wrong thing."""

from __future__ import annotations

import numpy as np

from kit.declare import Function
from kit.draws import normal, positive

from ._shared import TOUCHED, classes, stored

OF_X = ("gradient of x", TOUCHED)

SHIFTED_SIGMOID = Function(
    name="shifted_sigmoid",
    signature="shifted_sigmoid(x)",
    statement="sigmoid(x) + 1; x stays as it is.",
    stored=stored(
        "shifted_sigmoid",
        matrix={"grad_output": normal(2, 3), "x": normal(2, 3)},
        inside_a_network={"grad_output": normal(3), "x": normal(3), "intermediate": True},
    ),
    results=("output", *OF_X),
    adapter="pulled",
    takes=("grad_output", "x"),
)

DATA_EDIT = Function(
    name="data_edit",
    signature="data_edit(x)",
    statement="exp(x), where entries above 2 become 2; their gradient is 0. x stays as it is.",
    stored=stored(
        "data_edit",
        both_sides_of_the_cap={"grad_output": normal(5), "x": np.array([-1.0, 0.2, 0.6, 0.9, 1.5])},
        inside_a_network={"grad_output": normal(2, 2), "x": np.array([[0.0, 3.0], [1.0, 0.5]]), "intermediate": True},
    ),
    results=("output", *OF_X),
    adapter="pulled",
    takes=("grad_output", "x"),
)

VECTOR_JACOBIAN_PRODUCT = Function(
    name="vector_jacobian_product",
    signature="vector_jacobian_product(f, x, v)",
    statement="J^T v, where J is the Jacobian of f at x. x's grad and flags stay as they are.",
    stored=stored(
        "vector_jacobian_product",
        matrix={"f": "matrix", "M": normal(3, 2), "x": normal(2), "v": normal(3)},
        x_has_a_gradient_already={"f": "waves", "M": normal(2, 3), "x": normal(3), "v": normal(2), "wants_grad": True},
    ),
    results=("J^T v", "x.grad on return", "whether x requires a gradient on return", TOUCHED),
    adapter="vector_product",
    takes=("f", "M", "x", "v"),
)

LOG_LIKELIHOOD = Function(
    name="log_likelihood",
    signature="log_likelihood(logits, target)",
    statement="The mean negative log-likelihood of the targets under softmax(logits), right also for logits of 1000.",
    stored=stored(
        "log_likelihood",
        three_classes=classes(2, 3),
        five_classes=classes(4, 5),
        logits_of_1000={
            "grad_output": np.array(1.5),
            "logits": np.array([[1000.0, 0.0, -1000.0], [-1000.0, 3.0, 1000.0]]),
            "target": np.array([0, 1]),
        },
    ),
    results=("loss", "gradient of logits", TOUCHED),
    adapter="pulled",
    takes=("grad_output", "logits", "target"),
)

PAIRED_MSE = Function(
    name="paired_mse",
    signature="paired_mse(prediction, target)",
    statement="The mean squared difference of pairs; each argument has the shape (N,) or (N, 1).",
    stored=stored(
        "paired_mse",
        column_and_vector={"grad_output": normal(), "prediction": normal(4, 1), "target": normal(4)},
        vector_and_column={"grad_output": normal(), "prediction": normal(3), "target": normal(3, 1)},
        two_vectors={"grad_output": normal(), "prediction": normal(3), "target": normal(3)},
    ),
    results=("loss", "gradient of prediction", TOUCHED),
    adapter="pulled_first",
    takes=("grad_output", "prediction", "target"),
)

TO_COLUMNS = Function(
    name="to_columns",
    signature="to_columns(x)",
    statement="x (N, C) turned into (C, N): row c holds entry c of every sample.",
    stored=stored(
        "to_columns",
        wide={"grad_output": normal(3, 2), "x": normal(2, 3)},
        square={"grad_output": normal(3, 3), "x": normal(3, 3)},
    ),
    results=("columns", *OF_X),
    adapter="pulled",
    takes=("grad_output", "x"),
)

SAFE_SQRT = Function(
    name="safe_sqrt",
    signature="safe_sqrt(x)",
    statement="sqrt(x) where x > 0; elsewhere 0 with gradient 0.",
    stored=stored(
        "safe_sqrt",
        positive={"grad_output": normal(4), "x": positive(4)},
        zero_and_below={"grad_output": normal(4), "x": np.array([0.0, -1.0, 4.0, 1e-6])},
    ),
    results=("root", *OF_X),
    adapter="pulled",
    takes=("grad_output", "x"),
)
