"""A Node holds what the forward pass left behind, and nothing that an exercise asks for."""

from __future__ import annotations

import pytest

from autograder.kit import Node


def test_a_leaf_has_a_value_and_no_parents():
    x = Node(3)

    held = (x.value, x.parents, x.local_grads, x.grad)

    assert held == (3.0, (), (), 0.0)
    assert type(x.value) is float


def test_a_node_keeps_its_parents_in_order_the_same_one_twice():
    x, y = Node(2.0), Node(5.0)

    z = Node(20.0, [x, y, x], [10, 4, 10])

    assert z.parents == (x, y, x)
    assert z.local_grads == (10.0, 4.0, 10.0)
    assert all(type(slope) is float for slope in z.local_grads)


def test_nodes_of_one_value_are_different_nodes():
    a, b = Node(1.5), Node(1.5)

    together = {a, b, a}

    assert a != b
    assert len(together) == 2


def test_the_attributes_can_be_written_to():
    x = Node(1.0)

    x.value, x.parents, x.local_grads, x.grad, x.note = 2.0, (Node(0.0),), (3.0,), 4.0, "mine"

    assert (x.value, len(x.parents), x.local_grads, x.grad, x.note) == (2.0, 1, (3.0,), 4.0, "mine")


def test_a_node_without_a_slope_for_each_parent_is_refused():
    with pytest.raises(ValueError, match="one local derivative per parent, got 1 for 2"):
        Node(1.0, (Node(1.0), Node(2.0)), (1.0,))


def test_a_number_is_refused_as_a_parent():
    with pytest.raises(TypeError, match="parents of a Node are Nodes, got float"):
        Node(1.0, (2.0,), (1.0,))


def test_a_node_prints_itself_without_its_ancestors():
    x = Node(2.0)
    deep = Node(4.0, (x, x), (2.0, 2.0))

    text = repr(deep)

    assert text == "Node(value=4.0, grad=0.0, 2 parents)"


def test_a_node_computes_nothing():
    offered = {name for name in vars(Node) if not name.startswith("__")} | set(vars(Node(1.0)))

    operators = {"__add__", "__mul__", "__call__", "__iter__", "__lt__", "__eq__"} & set(vars(Node))

    assert offered == {"value", "parents", "local_grads", "grad"}
    assert not operators
