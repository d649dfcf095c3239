"""A primitive and its table are checked when they are declared, not when a gradient goes wrong."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.engine import (
    NO_GRAD,
    DeclarationError,
    NoDerivativeError,
    Primitive,
    SeedError,
    Tensor,
    defvjp,
    ops,
    primitive,
)
from autograder.engine.shapes import parse


def fresh() -> Primitive:
    """A primitive of two arguments and a parameter, its table still to be written."""

    @primitive(shapes="(*s),(*s)->(*s)", source="test")
    def scale(a, b, c=2.0):
        return a * b * c

    return scale


def test_a_missing_row_is_named() -> None:
    scale = fresh()

    with pytest.raises(DeclarationError, match=r"defvjp\(scale\): missing rows \['b'\]; write NO_GRAD"):
        defvjp(scale, a=lambda g, y, a, b, c: g * b * c)


def test_an_unknown_row_is_named() -> None:
    scale = fresh()

    with pytest.raises(
        DeclarationError, match=r"defvjp\(scale\): unknown rows \['z'\]; the arguments are \['a', 'b'\]"
    ):
        defvjp(scale, a=NO_GRAD, b=NO_GRAD, z=NO_GRAD)


def test_a_parameter_with_a_default_has_no_row() -> None:
    scale = fresh()

    with pytest.raises(DeclarationError, match=r"unknown rows \['c'\]"):
        defvjp(scale, a=NO_GRAD, b=NO_GRAD, c=NO_GRAD)


def test_a_row_that_does_not_take_the_parameters_is_named() -> None:
    scale = fresh()

    with pytest.raises(DeclarationError, match=r"row 'a' must accept \(g, y, a, b, c\)"):
        defvjp(scale, a=lambda g, y, a, b: g * b, b=NO_GRAD)


def test_a_second_table_is_refused() -> None:
    scale = fresh()
    defvjp(scale, a=NO_GRAD, b=NO_GRAD)

    with pytest.raises(DeclarationError, match="declared twice"):
        defvjp(scale, a=NO_GRAD, b=NO_GRAD)


def test_a_primitive_without_a_table_has_no_gradient() -> None:
    scale = fresh()
    y = scale(Tensor(1.0), 2.0)

    with pytest.raises(DeclarationError, match="scale has no table of rows"):
        y.backward()


def test_shapes_must_have_one_entry_for_each_argument() -> None:
    with pytest.raises(DeclarationError, match=r"declare 1 arguments, the function has 2: a, b"):

        @primitive(shapes="(n)->(n)", source="test")
        def scale(a, b):
            return a * b


@pytest.mark.parametrize(
    "declaration", ["(n,k)", "(n),k->(n)", "(n)->n", "n->n", "(N)->(N)", "(n-1)->(n)", "(n)->(n),(n)"]
)
def test_what_is_not_a_shape_declaration_is_refused(declaration: str) -> None:
    with pytest.raises(DeclarationError, match="shapes"):
        parse(declaration)


def test_a_shape_declaration_is_read_axis_by_axis() -> None:
    shapes = parse("(..., n, 4h), (*s), () -> (2, *s)")

    assert shapes.inputs == (("...", "n", "4h"), ("*s",), ())
    assert shapes.output == ("2", "*s")


def test_a_primitive_describes_itself() -> None:
    op = ops.where

    assert op.name == "where"
    assert op.arguments == ("condition", "a", "b")
    assert op.differentiable == ("a", "b")
    assert op.defaults == {}
    assert repr(op) == "<primitive where (...),(...),(...)->(...)>"


def test_a_tensor_where_there_is_no_derivative_is_refused() -> None:
    with pytest.raises(NoDerivativeError, match=r"mse\(\) has no derivative with respect to 'target'") as caught:
        ops.mse(Tensor([1.0]), Tensor([2.0]))

    assert (caught.value.primitive, caught.value.argument) == ("mse", "target")


def test_a_call_on_arrays_gives_an_array() -> None:
    y = ops.add(np.ones(2), [1.0, 2.0])

    assert isinstance(y, np.ndarray)
    np.testing.assert_array_equal(y, [2.0, 3.0])


def test_integers_are_differentiated_as_floats() -> None:
    (gradient,) = ops.pow.backward(np.ones(2), [8, 27], np.array([2, 3]), n=3)

    assert gradient.dtype == np.float64
    np.testing.assert_array_equal(gradient, [12.0, 27.0])


def test_a_cotangent_of_another_shape_is_refused() -> None:
    with pytest.raises(SeedError, match=r"has shape \(2,\), expected \(3, 2\)"):
        ops.neg.backward(np.ones(2), np.ones((3, 2)), np.ones((3, 2)))


def test_a_call_accepts_parameters_by_position_and_arguments_by_name() -> None:
    x = Tensor([[1.0, 2.0], [3.0, 4.0]])

    by_position, by_name = ops.sum(x, 1), ops.sum(x=x, axis=1)

    np.testing.assert_array_equal(by_position.data, [3.0, 7.0])
    np.testing.assert_array_equal(by_name.data, [3.0, 7.0])


def test_a_missing_argument_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="missing a required argument: 'b'"):
        ops.add(Tensor(1.0))


@pytest.mark.parametrize("loss", ["mse", "l1", "huber", "bce_with_logits", "kl_div"])
def test_a_loss_refuses_to_broadcast_its_target(loss: str) -> None:
    op: Primitive = getattr(ops, loss)

    with pytest.raises(ValueError, match=rf"{loss}: target has shape \(3,\), expected \(3, 1\)"):
        op.forward(np.ones((3, 1)), np.ones(3))


def test_matmul_refuses_vectors() -> None:
    with pytest.raises(ValueError, match=r"matmul needs matrices, got shapes \(2, 3\) and \(3,\)"):
        ops.matmul(np.ones((2, 3)), np.ones(3))
