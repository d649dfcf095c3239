"""Products of matrices: the cotangent meets the other factor, transposed."""

from __future__ import annotations

import numpy as np

from autograder.engine.broadcasting import Array, rows, stretch, swap, unbroadcast
from autograder.engine.primitive import defvjp, primitive

__all__ = ["affine", "einsum", "linear", "matmul", "matvec"]


@primitive(shapes="(...,n,k),(...,k,p)->(...,n,p)", source="chapter: A Linear Layer Example")
def matmul(a: Array, b: Array) -> Array:
    """Matrix product y = a b; batch axes broadcast.

    Given g = dL/dy, (n,p):  dL/da = g bᵀ, (n,k);  dL/db = aᵀ g, (k,p).
    Raises ValueError for operands with fewer than two axes.
    """
    if min(a.ndim, b.ndim) < 2:
        raise ValueError(f"matmul needs matrices, got shapes {a.shape} and {b.shape}: see matvec")
    return a @ b


defvjp(
    matmul,
    a=lambda g, y, a, b: unbroadcast(g @ swap(b), a.shape),
    b=lambda g, y, a, b: unbroadcast(swap(a) @ g, b.shape),
)


@primitive(shapes="(m,n),(n)->(m)", source="chapter: A Linear Layer Example")
def matvec(W: Array, x: Array) -> Array:
    """Matrix times vector, y = W x.

    Given g = dL/dy, (m,):  dL/dW = g xᵀ, (m,n);  dL/dx = Wᵀ g, (n,).
    """
    return W @ x


defvjp(
    matvec,
    W=lambda g, y, W, x: np.outer(g, x),
    x=lambda g, y, W, x: W.T @ g,
)


@primitive(shapes="(*b,n),(m,n)->(*b,m)", source="chapter: A Linear Layer Example")
def linear(X: Array, W: Array) -> Array:
    """Linear layer on a batch, Y = X Wᵀ.

    Given g = dL/dY, (B,m):  dL/dX = g W, (B,n);  dL/dW = gᵀ X, (m,n), summed over the batch.
    """
    return X @ W.T


defvjp(
    linear,
    X=lambda g, y, X, W: g @ W,
    W=lambda g, y, X, W: rows(g).T @ rows(X),
)


@primitive(shapes="(*b,n),(m,n),(m)->(*b,m)", source="chapter: A Linear Layer Example")
def affine(X: Array, W: Array, b: Array) -> Array:
    """Linear layer with bias on a batch, Y = X Wᵀ + b.

    Given g = dL/dY, (B,m):  dL/dX = g W, (B,n);  dL/dW = gᵀ X, (m,n);  dL/db = Σ_B g, (m,).
    """
    return X @ W.T + b


defvjp(
    affine,
    X=lambda g, y, X, W, b: g @ W,
    W=lambda g, y, X, W, b: rows(g).T @ rows(X),
    b=lambda g, y, X, W, b: unbroadcast(g, b.shape),
)


def _contract(g: Array, other: Array, result: str, axes_of_other: str, axes: str, shape: tuple[int, ...]) -> Array:
    """dL/d(operand) for the operand of einsum with these ``axes`` and this ``shape``.

    It is the product of g and the other operand, summed over the axes that this operand does not
    have. An axis that only this operand has was summed over: its gradient is the same all along it.
    """
    met = "".join(axis for axis in axes if axis in result + axes_of_other)
    product = np.einsum(f"{result},{axes_of_other}->{met}", g, other)
    sizes = iter(product.shape)
    return stretch(product.reshape([next(sizes) if axis in met else 1 for axis in axes]), shape)


def _operands(subscripts: str) -> tuple[str, str, str]:
    """The letters of a, of b and of the result in "ij,jk->ik"."""
    left, _, result = subscripts.replace(" ", "").partition("->")
    a, _, b = left.partition(",")
    return a, b, result


@primitive(shapes="(i,j),(j,k)->(i,k)", source="PyTorch derivatives.yaml: einsum")
def einsum(a: Array, b: Array, subscripts: str = "ij,jk->ik") -> Array:
    """Einstein summation of two operands with explicit result, no letter twice in one operand.

    Given g = dL/dy: dL/da is again an einsum, of g and b; for "ij,jk->ik" it is "ik,jk->ij".
    """
    y: Array = np.einsum(subscripts, a, b)
    return y


def _einsum_a(g: Array, y: Array, a: Array, b: Array, subscripts: str) -> Array:
    letters_a, letters_b, result = _operands(subscripts)
    return _contract(g, b, result, letters_b, letters_a, a.shape)


def _einsum_b(g: Array, y: Array, a: Array, b: Array, subscripts: str) -> Array:
    letters_a, letters_b, result = _operands(subscripts)
    return _contract(g, a, result, letters_a, letters_b, b.shape)


defvjp(einsum, a=_einsum_a, b=_einsum_b)
