"""The picture of a graph: every node and arrow is in it, also in words, and nothing in the box."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from autograder.kit import Node, _settings, draw_graph
from autograder.kit.graph_pictures import ACROSS, WIDTH, GraphPicture

SVG = "{http://www.w3.org/2000/svg}"


def residual() -> tuple[Node, Node, Node]:
    """z = a + x with a = x * x, at 3."""
    x = Node(3.0)
    a = Node(9.0, (x, x), (3.0, 3.0))
    z = Node(12.0, (a, x), (1.0, 1.0))
    x.grad = 7.0
    return x, a, z


def drawn(output: Node, **names: Node) -> ET.Element:
    return ET.fromstring(GraphPicture(output, {node: name for name, node in names.items()}).svg())


def left_edges(picture: ET.Element) -> list[int]:
    return sorted(int(box.attrib["x"]) for box in picture.iter(f"{SVG}rect"))


def test_every_node_is_a_box_and_every_use_an_arrow():
    _, _, z = residual()

    picture = drawn(z)

    assert len(list(picture.iter(f"{SVG}rect"))) == 3
    assert len([path for path in picture.iter(f"{SVG}path") if "marker-end" in path.attrib]) == 4


def test_values_gradients_names_and_slopes_can_be_read():
    x, a, z = residual()

    words = " ".join("".join(text.itertext()) for text in drawn(z, x=x, a=a, z=z).iter(f"{SVG}text"))

    assert all(word in words for word in ("x = 3", "grad 7", "a = 9", "z = 12", "grad 0", "1"))


def test_a_node_stands_to_the_right_of_all_its_parents():
    _, _, z = residual()

    assert left_edges(drawn(z)) == [0, WIDTH + ACROSS, 2 * (WIDTH + ACROSS)]


def test_the_longest_way_decides_where_a_node_stands():
    x = Node(1.0)
    long = [Node(1.0, (x,), (1.0,))]
    for _ in range(5):
        long.append(Node(1.0, (long[-1],), (1.0,)))
    z = Node(2.0, (x, long[-1]), (1.0, 1.0))

    assert max(left_edges(drawn(z))) == 7 * (WIDTH + ACROSS)


def test_no_two_boxes_lie_upon_each_other():
    x, y = Node(1.0), Node(2.0)
    middle = [Node(3.0, (x, y), (1.0, 1.0)) for _ in range(4)]
    z = Node(12.0, middle, [1.0] * 4)

    places = [(box.attrib["x"], box.attrib["y"]) for box in drawn(z).iter(f"{SVG}rect")]

    assert len(set(places)) == len(places) == 7


def test_the_picture_has_a_title_and_a_description_in_words():
    x, a, z = residual()

    picture = drawn(z, x=x, a=a, z=z)

    title, description = picture.find(f"{SVG}title"), picture.find(f"{SVG}desc")
    assert picture.attrib["role"] == "img"
    assert picture.attrib["aria-labelledby"].split() == [title.attrib["id"], description.attrib["id"]]
    assert "z: value 12, grad 0, from a (slope 1), x (slope 1)" in description.text


def test_two_pictures_on_one_page_share_no_ids():
    _, _, z = residual()
    other = Node(1.0)

    ids = [set(re.findall(r' id="(\w+)"', GraphPicture(output, {}).svg())) for output in (z, other)]

    assert not ids[0] & ids[1]


def test_names_are_escaped():
    x = Node(1.0)

    svg = GraphPicture(x, {x: "<script>"}).svg()

    assert "<script>" not in svg


def test_a_grad_that_is_no_number_is_drawn_as_it_is():
    x = Node(1.0)
    x.grad = None

    assert "grad None" in GraphPicture(x, {}).svg()


def test_a_graph_that_nobody_could_read_is_refused():
    node = Node(0.0)
    for _ in range(200):
        node = Node(0.0, (node,), (1.0,))

    with pytest.raises(ValueError, match="201 nodes is too large to draw"):
        draw_graph(node)


def test_without_a_notebook_the_nodes_are_listed(capsys):
    x, a, z = residual()

    draw_graph(z, names={x: "x", a: "a", z: "z"})

    assert capsys.readouterr().out.splitlines()[1] == "  x: value 3, grad 7"


def test_nothing_is_drawn_in_the_box(monkeypatch, capsys):
    monkeypatch.setattr(_settings, "quiet", True)

    draw_graph(Node(1.0))

    assert capsys.readouterr().out == ""
