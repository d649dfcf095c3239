"""Training: the steps one after the other."""

from __future__ import annotations

from kit.declare import Function, Stored

from ._shared import NET

TRAIN = Function(
    name="train",
    signature="train(params, X, target, steps, lr)",
    statement="(params, losses) after so many steps of gradient descent on the whole batch; losses before each update.",
    adapter="training_run",
    takes=(*NET, "X", "target", "steps", "lr"),
    results=("losses", *(f"{name} after the last step" for name in NET)),
    stored=(
        Stored(
            "three steps",
            {
                "W1": [[1.0, -2.0], [0.5, 1.0]],
                "b1": [0.5, -1.0],
                "W2": [[2.0, -1.0]],
                "b2": [0.25],
                "X": [[1.0, 2.0], [3.0, -1.0], [-1.0, 0.5]],
                "target": [[1.0], [4.0], [-2.0]],
                "steps": 3,
                "lr": 0.01,
            },
            (
                [20.89583333333, 8.25351703231, 5.215144330682],
                [[0.4921211406678, -1.830707046889], [0.4574653947859, 0.9149307895718]],
                [0.3307070468893, -1.042534605214],
                [[1.551779574521, -0.9385580615576]],
                [0.1579338173254],
            ),
            tolerance=1e-08,
        ),
        Stored(
            "two outputs",
            {
                "W1": [[1.0, 0.5], [-1.0, 2.0]],
                "b1": [0.0, 0.5],
                "W2": [[1.0, -1.0], [0.5, 2.0]],
                "b2": [0.5, -0.5],
                "X": [[1.0, 2.0], [-2.0, 0.5]],
                "target": [[1.0, -1.0], [0.5, 2.0]],
                "steps": 2,
                "lr": 0.05,
            },
            (
                [27.1875, 1.047619923878],
                [[0.9110876953125, 0.322175390625], [-0.885124420166, 0.8937381973267]],
                [-0.0889123046875, -0.2757997283936],
                [[1.053073339844, -0.4986523269653], [0.03924326171875, 0.9052907806396]],
                [0.6299497070312, -0.8159755859375],
            ),
            tolerance=1e-08,
        ),
        Stored(
            "no step",
            {
                "W1": [[1.0, -2.0], [0.5, 1.0]],
                "b1": [0.5, -1.0],
                "W2": [[2.0, -1.0]],
                "b2": [0.25],
                "X": [[1.0, 2.0], [3.0, -1.0], [-1.0, 0.5]],
                "target": [[1.0], [4.0], [-2.0]],
                "steps": 0,
                "lr": 0.1,
            },
            ([], [[1.0, -2.0], [0.5, 1.0]], [0.5, -1.0], [[2.0, -1.0]], [0.25]),
            tolerance=1e-08,
        ),
    ),
)
