"""Graphs of Nodes behind arrays: what makes an order valid, what backward leaves in .grad, what nonsense becomes."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.kit import Node
from autograder.kit.adapters import adapted
from autograder.kit.graphs import PATIENCE, build_graph
from autograder.kit.notes import read
from tests.this_course import module_of

SHAPES = module_of("ps1", "public", "_shapes")
chain, diamond, ladder, skip = SHAPES.chain, SHAPES.diamond, SHAPES.ladder, SHAPES.skip

VALUES = np.array([3.0, 9.0, 12.0])
SLOPES = np.array([6.0, 1.0, 1.0])


def ordered(answer, edges=None, values=VALUES, output=2):
    """What the adapter makes of ``answer`` on z = a + x, a = x^2."""
    return adapted("graph_order", answer)(values.copy(), skip() if edges is None else edges, output)


def passed(answer, outputs=(2,), grads=(0.0, 0.0, 0.0), values=VALUES):
    """The gradients that ``answer`` leaves on z = a + x, a = x^2."""
    return adapted("graph_backward", answer)(values, skip(), SLOPES.copy(), np.array(grads), outputs)


def x_a_z(z: Node) -> list[Node]:
    """The one valid order of z = a + x; for any smaller graph, its nodes from the leaf up."""
    a = z.parents[0]
    return [*a.parents, a, z]


def add_one(node: Node) -> None:
    node.grad += 1.0


def test_a_graph_is_built_as_the_arrays_say():
    x, a, z = build_graph(VALUES, skip(), SLOPES, np.array([0.5, 0.0, -1.0]))

    links = (a.parents, z.parents, x.parents)

    assert links == ((x,), (a, x), ())
    assert z.local_grads == (1.0, 1.0)
    assert (x.value, x.grad, z.grad) == (3.0, 0.5, -1.0)
    assert isinstance(z, Node)


def test_a_valid_order_is_all_ones():
    listed, first, end, strangers = ordered(x_a_z)

    assert listed.tolist() == [1, 1, 1]
    assert first.tolist() == [1, 1, 1]
    assert (end, strangers) == (1, 0)


def test_two_valid_orders_come_out_the_same():
    def in_order(sides):
        def order(z):
            return [*z.parents[0].parents, *sides(z.parents), z]

        return ordered(order, diamond(), np.ones(4), 3)

    one, other = in_order(list), in_order(lambda sides: sides[::-1])

    assert [np.array_equal(a, b) for a, b in zip(one, other, strict=True)] == [True] * 4


def test_children_before_their_parents_are_told_edge_by_edge():
    listed, first, end, _ = ordered(lambda z: x_a_z(z)[::-1])

    assert listed.tolist() == [1, 1, 1]
    assert first.tolist() == [0, 0, 0]
    assert end == 3


def test_a_node_listed_twice_and_a_node_left_out_are_counted():
    listed, first, _, _ = ordered(lambda z: [z.parents[0], z.parents[0], z])

    assert listed.tolist() == [0, 2, 1]
    assert first.tolist() == [0, 1, 0]


def test_values_in_the_list_are_strangers():
    listed, _, end, strangers = ordered(lambda z: [node.value for node in x_a_z(z)])

    assert not listed.any()
    assert (end, strangers) == (0, 1)


def test_a_list_that_is_kept_between_calls_shows():
    kept = []

    def keeping(output):
        kept.extend(x_a_z(output))
        return kept

    *_, strangers = ordered(keeping)

    assert strangers == 1


@pytest.mark.parametrize("nonsense", [None, 3.0, "abc"])
def test_what_cannot_be_walked_through_is_noted(nonsense):
    assert read(ordered(lambda z: nonsense))[1].startswith("expected a list of Nodes")


def test_an_iterator_is_walked_through():
    listed, first, end, strangers = ordered(lambda z: iter(x_a_z(z)))

    assert (listed.tolist(), first.tolist(), end, strangers) == ([1, 1, 1], [1, 1, 1], 1, 0)


def test_a_mark_on_a_node_is_a_change_of_its_value():
    values = VALUES.copy()

    def marking(z):
        z.seen = True
        return x_a_z(z)

    adapted("graph_order", marking)(values, skip(), 2)

    assert np.isnan(values).tolist() == [False, False, True]


def test_backward_is_called_once_for_each_output():
    assert passed(add_one, outputs=(2, 0, 2)).tolist() == [1.0, 0.0, 2.0]


def test_backward_finds_the_gradients_that_were_there():
    assert passed(add_one, grads=(0.5, -1.0, 2.0)).tolist() == [0.5, -1.0, 3.0]


def test_a_grad_that_is_no_number_comes_out_as_it_is():
    def forgetting(z):
        z.grad = None

    assert passed(forgetting) == [0.0, 0.0, None]


def test_a_changed_slope_is_a_change_of_the_values_and_a_changed_grad_is_none():
    values = VALUES.copy()

    def meddling(z):
        z.grad = 5.0
        z.parents[0].local_grads = (0.0,)

    passed(meddling, values=values)

    assert np.isnan(values).tolist() == [False, True, False]


def test_a_walk_along_every_path_is_stopped():
    edges = ladder(60)

    def every_path(output):
        return [output] + [node for parent in output.parents for node in every_path(parent)]

    with pytest.raises(RuntimeError, match="once for every path"):
        ordered(every_path, edges, np.zeros(181), 180)


def test_sweeping_over_a_deep_chain_is_not_stopped():
    length = 5_000
    nodes = build_graph(np.zeros(length), chain(length), np.ones(length - 1), np.zeros(length))

    asked = [nodes[-1].parents for _ in range(2 * length)]

    assert len(asked) < PATIENCE


def test_an_adapter_remembers_the_answer_behind_it():
    assert adapted("graph_order", x_a_z).__wrapped__ is x_a_z
