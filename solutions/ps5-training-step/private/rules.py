"""ps5, the private half of the four rules that a training step needs: those of ps2 and ps3 again, on batches.

Cases, mistakes and right answers come along; the right answers below hold for a batch only.
"""

from __future__ import annotations

import numpy as np

from autograder.course.declare import reuse

from ..public import rules as public

NOT_A_BATCH = ("one example", "one example, square", "sequences")
"""Cases of ps2's linear layers in which X is not a matrix."""

LINEAR = reuse("ps2-vector-jacobian-products", "linear_backward", public=public.LINEAR, without=NOT_A_BATCH)
AFFINE = reuse("ps2-vector-jacobian-products", "affine_backward", public=public.AFFINE, without=NOT_A_BATCH)
RELU = reuse("ps3-activations-and-losses", "relu_backward", public=public.RELU)
MSE = reuse("ps3-activations-and-losses", "mse_backward", public=public.MSE)


@LINEAR.right
def linear_by_matmul(grad_output, output, X, W):
    return grad_output @ W, grad_output.T @ X


@AFFINE.right
def affine_by_matmul(grad_output, output, X, W, b):
    return grad_output @ W, grad_output.T @ X, grad_output.sum(axis=0)


@AFFINE.right
def affine_by_ones(grad_output, output, X, W, b):
    return (W.T @ grad_output.T).T, (X.T @ grad_output).T, np.ones(len(X)) @ grad_output
