"""The backward pass: paths add up, leaves accumulate, depth and sharing cost nothing."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.engine import SeedError, Tensor, defvjp, ops, primitive
from autograder.engine.tape import children_first


def test_the_chapters_two_paths_add() -> None:
    x = Tensor(3.0)

    (x**2 + x).backward()

    assert x.grad == 7.0


def test_the_chapters_sum_of_squares() -> None:
    x, y = Tensor(2.0), Tensor(3.0)

    ((x + y) ** 2).backward()

    assert (x.grad, y.grad) == (10.0, 10.0)


def test_a_node_used_twice_by_one_operation_counts_twice() -> None:
    x = Tensor([2.0, 3.0])

    (x * x).backward([1.0, 10.0])

    np.testing.assert_array_equal(x.grad, [4.0, 60.0])


def test_leaves_accumulate_over_repeated_calls() -> None:
    x = Tensor(3.0)
    z = x**2 + x

    for _ in range(3):
        z.backward()

    assert x.grad == 21.0


def test_leaves_accumulate_over_graphs_that_share_them() -> None:
    x = Tensor(3.0)

    (2.0 * x).backward()
    x.exp().backward()

    assert x.grad == pytest.approx(2.0 + np.exp(3.0))


def test_only_leaves_keep_a_gradient() -> None:
    x = Tensor(3.0)
    middle = x * 2.0

    (middle + 1.0).backward()

    assert middle.grad is None


def test_a_leaf_is_its_own_gradient() -> None:
    x = Tensor([1.0, 2.0])

    x.backward([3.0, 4.0])

    np.testing.assert_array_equal(x.grad, [3.0, 4.0])


def test_the_gradient_of_a_scalar_is_an_array_too() -> None:
    x = Tensor(3.0)
    z = x * x

    z.backward()
    once = x.grad
    z.backward()

    assert isinstance(once, np.ndarray)
    assert isinstance(x.grad, np.ndarray)


def test_leaves_that_do_not_reach_the_result_keep_no_gradient() -> None:
    x, aside = Tensor(3.0), Tensor(4.0)

    (x * 2.0).backward()

    assert aside.grad is None


def test_the_upstream_gradient_is_neither_changed_nor_aliased() -> None:
    x, y = Tensor([1.0, 2.0]), Tensor([3.0, 4.0])
    g = np.array([1.0, 1.0])

    (x + y).backward(g)
    x.grad *= 5.0

    np.testing.assert_array_equal(g, [1.0, 1.0])
    np.testing.assert_array_equal(y.grad, [1.0, 1.0])


def test_an_earlier_gradient_array_is_left_alone() -> None:
    x = Tensor([1.0, 2.0])
    y = x * 3.0
    y.backward([1.0, 1.0])
    earlier = x.grad

    y.backward([1.0, 1.0])

    np.testing.assert_array_equal(earlier, [3.0, 3.0])


@pytest.mark.parametrize("shape", [(), (1,), (1, 1)])
def test_a_single_element_needs_no_upstream_gradient(shape: tuple[int, ...]) -> None:
    x = Tensor(np.full(shape, 3.0))

    (x * 2.0).backward()

    np.testing.assert_array_equal(x.grad, np.full(shape, 2.0))


@pytest.mark.parametrize("shape", [(2,), (0,), (1, 3)])
def test_several_elements_need_one(shape: tuple[int, ...]) -> None:
    y = Tensor(np.ones(shape)) * 2.0

    with pytest.raises(SeedError, match="needs the upstream gradient"):
        y.backward()


def test_an_upstream_gradient_of_another_shape_is_refused() -> None:
    y = Tensor(np.ones((2, 3))) * 2.0

    with pytest.raises(SeedError, match=r"has shape \(3,\), expected \(2, 3\)"):
        y.backward(np.ones(3))


def test_a_chain_of_ten_thousand_operations_works() -> None:
    x = Tensor(1.0)
    y = x
    for _ in range(10_000):
        y = y + 1.0

    y.backward()

    assert x.grad == 1.0


def test_a_deep_chain_multiplies_its_derivatives() -> None:
    x = Tensor(1.0)
    y = x
    for _ in range(10_000):
        y = y * 1.0001

    y.backward()

    assert x.grad == pytest.approx(1.0001**10_000, rel=1e-9)


def test_a_ladder_of_sixty_diamonds_has_two_to_the_sixty_paths() -> None:
    x = Tensor(1.0)
    y = x
    for _ in range(60):
        y = y + y

    y.backward()

    assert x.grad == 2.0**60


def test_shared_nodes_are_visited_once() -> None:
    visits = []

    @primitive(shapes="(*s)->(*s)", source="test")
    def watched(x):
        return x.copy()

    defvjp(watched, x=lambda g, y, x: visits.append(1) or g)
    x = Tensor(1.0)
    shared = watched(x)

    (shared * shared + shared).backward()

    assert len(visits) == 1


def test_every_node_comes_once_and_after_what_was_made_from_it() -> None:
    a = Tensor(1.0)
    b = a * 2.0
    c = b + a
    d = c * b

    order = list(children_first(d))

    assert order == [d, c, b, a]


def test_rows_of_constants_are_not_computed() -> None:
    @primitive(shapes="(*s),(*s)->(*s)", source="test")
    def picky(a, b):
        return a * b

    def refuse(*_):
        raise AssertionError("this argument is a constant")

    defvjp(picky, a=lambda g, y, a, b: g * b, b=refuse)
    x = Tensor(2.0)

    picky(x, 5.0).backward()

    assert x.grad == 5.0


def test_a_residual_block_of_the_engine_equals_its_parts() -> None:
    rng = np.random.default_rng(0)
    x, W, g = rng.normal(size=(4, 3)), rng.normal(size=(3, 3)), rng.normal(size=(4, 3))
    fused, parts = (Tensor(x), Tensor(W)), (Tensor(x), Tensor(W))

    ops.residual_relu(*fused).backward(g)
    (parts[0] + ops.relu(parts[0] @ parts[1].T)).backward(g)

    for one, other in zip(fused, parts, strict=True):
        np.testing.assert_allclose(one.grad, other.grad, rtol=1e-13)
