"""ps5, the private half of the four rules that a training step needs: those of ps2 and ps3 again, on batches."""

from __future__ import annotations

from autograder.course.declare import reuse

from ..public import rules as public

NOT_A_BATCH = ("one example", "one example, square", "sequences")
"""Cases of ps2's linear layers in which X is not a matrix."""

LINEAR = reuse("ps2-vector-jacobian-products", "linear_backward", public=public.LINEAR, without=NOT_A_BATCH)
AFFINE = reuse("ps2-vector-jacobian-products", "affine_backward", public=public.AFFINE, without=NOT_A_BATCH)
RELU = reuse("ps3-activations-and-losses", "relu_backward", public=public.RELU)
MSE = reuse("ps3-activations-and-losses", "mse_backward", public=public.MSE)
