"""A class of four for the course in linear_algebra/: what each wrote into which cell, by notebook.

ada     everything right
bo      known mistakes everywhere, and an essay
chen    half done: of `numerics` one notebook only, and nothing for `gradient-descent`
eve     hostile: looks for answers, forges points, takes the process down
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

Answers = Mapping[str, Mapping[str, str]]
"""``<assignment>/<notebook>`` to the sources of cells, by id."""

VECTORS, ROOTS = "vectors-and-matrices/vectors-and-matrices", "numerics/roots"
SYSTEMS, DESCENT = "numerics/systems", "gradient-descent/gradient-descent"

ADA: Answers = {
    VECTORS: {
        "project": "def project(v, u):\n    return (v @ u) / (u @ u) * u",
        "quadratic_backward": "def quadratic_backward(grad_output, output, x, A):\n"
        "    return grad_output * (A @ x + x @ A), grad_output * np.outer(x, x)",
        "product_shapes": 'A_times_x, x_times_x = "(3,)", "()"\nA_times_z, A_times_A_transposed = "error", "(3, 3)"',
        "back_substitution": "def back_substitution(U, b):\n    return np.linalg.solve(U, b)",
    },
    ROOTS: {
        "newton_root": "def newton_root(a, x, steps):\n    for _ in range(steps):\n        x = (x + a / x) / 2\n"
        "    return x",
        "cancellation": 'difference, better_form = 0.0, "1 / (sqrt(x + 1) + sqrt(x))"',
        "essay-stopping": "Near a double root the residual is small long before x is right.",
    },
    SYSTEMS: {
        "jacobi_step": "def jacobi_step(A, b, x):\n    d = np.diag(A)\n    return (b - A @ x) / d + x",
        "condition_number": "def condition_number(A):\n    return np.linalg.cond(A)",
    },
    DESCENT: {
        "logged_loss": "def logged_loss(loss):\n    return loss.item()",
        "computation_order": "def computation_order(output, seen=None):\n    seen = set() if seen is None else seen\n"
        "    if output in seen:\n        return []\n    seen.add(output)\n"
        "    before = [node for parent in output.parents for node in computation_order(parent, seen)]\n"
        "    return [*before, output]",
    },
}

BO: Answers = {
    VECTORS: {
        "project": "def project(v, u):\n    return (v @ u) * u",
        "quadratic_backward": "def quadratic_backward(grad_output, output, x, A):\n"
        "    return 2 * grad_output * A @ x, grad_output * np.outer(x, x)",
        "product_shapes": 'A_times_x, x_times_x = "(3,)", "(4,)"\nA_times_z, A_times_A_transposed = "error", "(3, 3)"',
        "back_substitution": "def back_substitution(U, b):\n    return b / np.diag(U)",
    },
    ROOTS: {
        "newton_root": "def newton_root(a, x, steps):\n    for _ in range(steps + 1):\n        x = (x + a / x) / 2\n"
        "    return x",
        "cancellation": 'difference, better_form = 5e-9, "1 / (sqrt(x + 1) + sqrt(x))"',
        "essay-stopping": "They never differ.",
    },
    SYSTEMS: {
        "jacobi_step": "def jacobi_step(A, b, x):\n    x = x.copy()\n    for i in range(len(b)):\n"
        "        x[i] += (b[i] - A[i] @ x) / A[i, i]\n    return x",
        "condition_number": "def condition_number(A):\n    return np.linalg.cond(A.T @ A)",
    },
    DESCENT: {
        "logged_loss": "def logged_loss(loss):\n    return loss.detach()",
        "computation_order": "def computation_order(output):\n    order = []\n\n    def visit(node):\n"
        "        if node not in order:\n            for parent in node.parents:\n                visit(parent)\n"
        "            order.append(node)\n\n    visit(output)\n    return order[::-1]",
    },
}

CHEN: Answers = {
    VECTORS: {"project": ADA[VECTORS]["project"], "product_shapes": ADA[VECTORS]["product_shapes"]},
    ROOTS: {"newton_root": ADA[ROOTS]["newton_root"]},
}

EVE: Answers = {
    VECTORS: {
        "project": "import os\n\n\ndef project(v, u):\n    os._exit(0)",
        "quadratic_backward": "def quadratic_backward(grad_output, output, x, A):\n"
        "    from autograder.course.content import content_of\n\n    raise SystemExit",
        "product_shapes": 'A_times_x = x_times_x = A_times_z = A_times_A_transposed = "(3,)"',
        "back_substitution": "class Equal(float):\n    def __eq__(self, other):\n        return True\n\n\n"
        "def back_substitution(U, b):\n    return Equal(1)",
    },
    ROOTS: {
        "newton_root": ADA[ROOTS]["newton_root"],
        "cancellation": "raise SystemExit",
    },
    SYSTEMS: {
        "jacobi_step": "def jacobi_step(A, b, x):\n    A[...] = 0\n    return x",
        "condition_number": "def condition_number(A):\n"
        "    return open('/etc/passwd').read() + str(__import__('socket').create_connection(('127.0.0.1', 1)))",
    },
}

CLASS: Mapping[str, Answers] = {"ada": ADA, "bo": BO, "chen": CHEN, "eve": EVE}


def hand_in(course: Path) -> None:
    """What the class handed in, into ``submitted/``: the released notebooks with their answers."""
    for student, answers in CLASS.items():
        for place, sources in answers.items():
            assignment, _, notebook = place.partition("/")
            made = json.loads((course / "assignments" / assignment / f"{notebook}.ipynb").read_bytes())
            for cell in made["cells"]:
                cell["source"] = sources.get(cell["id"], cell["source"])
            path = course / "submitted" / student / assignment / f"{notebook}.ipynb"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(made, indent=1))
