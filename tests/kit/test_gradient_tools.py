"""The tools that look at gradients and at the recorded graph: what they say of whole, cut and missing graphs."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from autograder.kit import draw_cut, gradient_tools, inspect_gradients, where_cut
from autograder.kit.autograd_graph import walk


@pytest.fixture
def model():
    """Two layers with a tanh between."""
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))


def words(*args, **modules):
    return {one.name: one.word for one in gradient_tools.fates_of(*args, **modules)}


def test_before_backward_no_parameter_has_a_gradient(model):
    assert set(words(model).values()) == {"none"}


def test_after_backward_through_a_whole_graph_every_gradient_is_finite(model):
    model(torch.ones(4, 2)).sum().backward()

    assert set(words(model).values()) == {"finite"}


def test_none_zero_infinite_and_frozen_are_told_apart(model):
    first, second = model[0], model[2]
    first.weight.requires_grad_(False)
    first.bias.grad = torch.zeros(3)
    second.bias.grad = torch.tensor([torch.nan])

    assert words(model) == {"0.weight": "frozen", "0.bias": "zero", "2.weight": "none", "2.bias": "not finite"}


def test_several_modules_and_a_tensor_are_named_as_they_are_handed_in(model):
    assert list(words(encoder=model[0], offset=torch.zeros(1))) == ["encoder.weight", "encoder.bias", "offset"]


def test_the_table_counts_what_it_lists(model, capsys):
    model[2](torch.ones(1, 3)).sum().backward()

    inspect_gradients(model)

    printed = capsys.readouterr().out
    assert "2 none, 2 finite" in printed
    assert "0.weight   (3, 2)  none" in printed


def test_an_html_table_escapes_names():
    table = gradient_tools.Table("heading", ["a"], [["<script>"]], "sentence")

    assert "<script>" not in table._repr_html_()


def test_a_whole_graph_reaches_every_parameter(model):
    found = walk(model(torch.ones(4, 2)).sum(), dict(model.named_parameters()))

    assert found.reached == set(found.names)
    assert found.strangers == 0


def test_a_detached_intermediate_cuts_off_what_lies_before_it(model):
    loss = model[2](model[1](model[0](torch.ones(4, 2))).detach()).sum()

    found = walk(loss, dict(model.named_parameters()))

    assert found.reached == {"2.weight", "2.bias"}


def test_a_leaf_made_anew_is_a_stranger(model):
    h = model[0](torch.ones(4, 2)).detach().requires_grad_()

    found = walk(model[2](h).sum(), dict(model.named_parameters()))

    assert found.strangers == 1
    assert "made anew" in gradient_tools.described(found)


@pytest.mark.parametrize(
    "loss, said",
    [
        (1.5, "Python number"),
        (torch.tensor(1.5), "has no graph"),
        (torch.tensor(1.5, requires_grad=True), "itself a leaf"),
    ],
)
def test_what_has_no_graph_is_said(model, loss, said, capsys):
    where_cut(loss, model)

    printed = capsys.readouterr().out
    assert said in printed
    assert printed.count("not reached") == len(list(model.parameters()))


def test_the_walk_leaves_gradients_and_graph_alone(model):
    loss = model(torch.ones(4, 2)).sum()

    walk(loss, dict(model.named_parameters()))

    assert all(parameter.grad is None for parameter in model.parameters())
    loss.backward()


def test_a_long_graph_is_followed_without_recursion():
    x = torch.ones((), requires_grad=True)
    y = x
    for _ in range(5_000):
        y = y + 1.0

    assert walk(y, {"x": x}).reached == {"x"}


def test_the_picture_names_what_is_not_reached(model, figures):
    loss = model[2](model[1](model[0](torch.ones(4, 2))).detach()).sum()

    draw_cut(loss, model)

    texts = [text.get_text() for text in figures[0].axes[0].texts]
    assert "0.weight: not reached" in texts
    assert "2.weight" in texts
    assert "Addmm" in texts


def test_everything_in_the_picture_lies_within_its_frame(model, figures):
    loss = model[2](model[1](model[0](torch.ones(4, 2))).detach()).sum()

    draw_cut(loss, model)

    (axes,) = figures[0].axes
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    places = {text.get_text(): text.get_position() for text in axes.texts}
    assert {name for name, (x, y) in places.items() if not (left <= x <= right and bottom <= y <= top)} == set()


def test_above_and_below_the_picture_is_no_more_room_than_a_row_and_a_half(model, figures):
    loss = model[2](model[1](model[0](torch.ones(4, 2))).detach()).sum()

    draw_cut(loss, model)

    (axes,) = figures[0].axes
    (bottom, top), heights = axes.get_ylim(), [text.get_position()[1] for text in axes.texts]
    assert max(top - max(heights), min(heights) - bottom) <= 1.5


def test_without_a_graph_there_is_a_sentence_in_place_of_a_picture(model, figures, capsys):
    draw_cut(torch.tensor(1.0), model)

    assert not figures
    assert "has no graph" in capsys.readouterr().out


def test_in_the_box_the_tools_do_nothing(model, quiet, capsys, figures):
    inspect_gradients(model)
    where_cut(torch.tensor(1.0), model)
    draw_cut(model(torch.ones(1, 2)).sum(), model)

    assert capsys.readouterr().out == ""
    assert not figures
