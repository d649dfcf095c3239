"""New leaves and frozen targets, the hidden half: cuts that are asked for, in the right place."""

from __future__ import annotations

from typing import Any

from autograder.course.declare import EDGES, Misconception
from kit.declare import case
from kit.draws import integers, normal

from ..public import leaves as public
from ..public._shared import transitions
from ._shared import SILENCED, repair, torch, written


def new_leaf(tensor: Any) -> Any:
    return tensor.detach().clone().requires_grad_()


NEW_LEAF = repair(
    public.NEW_LEAF,
    new_leaf,
    (
        case("result of an operation", w=normal(2, 3)),
        case("leaf", w=normal(3), leaf=True),
        case("without a gradient", check=EDGES, w=normal(2), graph=False),
    ),
    Misconception(
        name="shares-memory",
        seen_in="leaf",
        wrong=lambda tensor: tensor.detach().requires_grad_(),
        hint="detach gives a view of the same numbers. What becomes of the original when the new leaf is trained?",
    ),
    Misconception(
        name="still-connected",
        seen_in="leaf",
        wrong=lambda tensor: tensor.clone().requires_grad_(),
        hint="A clone is an operation like any other. Is its result a leaf, and where do its gradients go?",
    ),
    Misconception(
        name="needs-no-gradient",
        seen_in="leaf",
        wrong=lambda tensor: tensor.detach().clone(),
        hint="The copy is independent. Will anything be put into its .grad?",
    ),
    Misconception(
        name="the-tensor-itself",
        seen_in="leaf",
        wrong=lambda tensor: tensor.requires_grad_(),
        hint="Is what comes back a new tensor?",
    ),
    Misconception(
        name="detached-in-place",
        seen_in="leaf",
        wrong=lambda tensor: tensor.detach_().clone().requires_grad_(),
        hint="The new leaf is right, and the old tensor has lost its graph. Which of the two was to change?",
    ),
    Misconception(
        name="zeros",
        seen_in="leaf",
        wrong=lambda tensor: torch.zeros_like(tensor, requires_grad=True),
        hint="Does the new leaf hold the tensor's numbers?",
    ),
)


def make_weight(shape: Any, scale: Any, generator: Any) -> Any:
    return (torch.randn(shape, generator=generator) * scale).requires_grad_()


def _weight_times_scale(shape: Any, scale: Any, generator: Any) -> Any:
    return torch.randn(shape, generator=generator, requires_grad=True) * scale


def _weight_retained(shape: Any, scale: Any, generator: Any) -> Any:
    made = torch.randn(shape, generator=generator, requires_grad=True) * scale
    made.retain_grad()
    return made


MAKE_WEIGHT = repair(
    public.MAKE_WEIGHT,
    make_weight,
    (
        case("matrix", shape=(2, 3), scale=0.01, seed=integers(0, 1000)),
        case("vector", shape=(4,), scale=2.0, seed=integers(0, 1000)),
        case("three axes", shape=(2, 1, 3), scale=0.5, seed=integers(0, 1000)),
    ),
    Misconception(
        name="not-a-leaf",
        seen_in="matrix",
        wrong=_weight_times_scale,
        hint="The product of a leaf and a number: is that a leaf, and does an optimizer find a gradient in it?",
        source=written(SILENCED, without="retain_grad"),
    ),
    Misconception(
        name="gradient-kept-but-no-leaf",
        seen_in="matrix",
        wrong=_weight_retained,
        hint="retain_grad keeps a gradient for looking at. Does that make the result a leaf?",
        source=written("retain_grad"),
    ),
    Misconception(
        name="needs-no-gradient",
        seen_in="matrix",
        wrong=lambda shape, scale, generator: torch.randn(shape, generator=generator) * scale,
        hint="Will backward put anything into this tensor's .grad?",
    ),
    Misconception(
        name="not-scaled",
        seen_in="matrix",
        wrong=lambda shape, scale, generator: torch.randn(shape, generator=generator, requires_grad=True),
        hint="How large are the entries, and how large should they be?",
    ),
    Misconception(
        name="another-generator",
        seen_in="matrix",
        wrong=lambda shape, scale, generator: (torch.randn(shape) * scale).requires_grad_(),
        hint="Where do the random numbers come from, and can the caller repeat them?",
    ),
    Misconception(
        name="uniform",
        seen_in="matrix",
        wrong=lambda shape, scale, generator: (torch.rand(shape, generator=generator) * scale).requires_grad_(),
        hint="Are some of the entries negative?",
    ),
)


def td_loss(online: Any, target_net: Any, x: Any, reward: Any, next_x: Any, gamma: Any) -> Any:
    with torch.no_grad():
        wanted = reward + gamma * target_net(next_x)
    return ((online(x) - wanted) ** 2).mean()


def _td_not_detached(online: Any, target_net: Any, x: Any, reward: Any, next_x: Any, gamma: Any) -> Any:
    return ((online(x) - (reward + gamma * target_net(next_x))) ** 2).mean()


def _td_frozen_for_good(online: Any, target_net: Any, x: Any, reward: Any, next_x: Any, gamma: Any) -> Any:
    for parameter in target_net.parameters():
        parameter.requires_grad_(False)
    return _td_not_detached(online, target_net, x, reward, next_x, gamma)


def _td_frozen_for_a_while(online: Any, target_net: Any, x: Any, reward: Any, next_x: Any, gamma: Any) -> Any:
    parameters = [p for p in target_net.parameters() if target_net is not online]
    for parameter in parameters:
        parameter.requires_grad_(False)
    loss = _td_not_detached(online, target_net, x, reward, next_x, gamma)
    for parameter in parameters:
        parameter.requires_grad_(True)
    return loss


def _td_all_detached(online: Any, target_net: Any, x: Any, reward: Any, next_x: Any, gamma: Any) -> Any:
    with torch.no_grad():
        return _td_not_detached(online, target_net, x, reward, next_x, gamma)


def _td_other_side(online: Any, target_net: Any, x: Any, reward: Any, next_x: Any, gamma: Any) -> Any:
    return ((online(x).detach() - (reward + gamma * target_net(next_x))) ** 2).mean()


def _td_online_twice(online: Any, target_net: Any, x: Any, reward: Any, next_x: Any, gamma: Any) -> Any:
    return td_loss(online, online, x, reward, next_x, gamma)


def _td_without_gamma(online: Any, target_net: Any, x: Any, reward: Any, next_x: Any, gamma: Any) -> Any:
    return td_loss(online, target_net, x, reward, next_x, 1.0)


TD_LOSS = repair(
    public.TD_LOSS,
    td_loss,
    (
        case("two networks", **transitions(2, 2, 3), gamma=0.9),
        case("more of everything", **transitions(3, 4, 5), gamma=0.5),
        case("one network for both", check=EDGES, **transitions(2, 3, 4, same=True), gamma=0.7),
    ),
    Misconception(
        name="target-not-detached",
        seen_in="two networks",
        wrong=_td_not_detached,
        hint="Gradients arrive in the target network. Should the goal move towards the guess?",
    ),
    Misconception(
        name="target-frozen-for-good",
        seen_in="two networks",
        wrong=_td_frozen_for_good,
        hint="After the call the target network's parameters require no gradient. Whose decision would that be?",
    ),
    Misconception(
        name="wrong-for-one-network",
        seen_in="one network for both",
        wrong=_td_frozen_for_a_while,
        hint="If both are the same network, its parameters need gradients from one of two paths. What cuts a path?",
    ),
    Misconception(
        name="everything-detached",
        seen_in="two networks",
        wrong=_td_all_detached,
        hint="Which of the two networks is to learn from this loss?",
    ),
    Misconception(
        name="other-side-detached",
        seen_in="two networks",
        wrong=_td_other_side,
        hint="The cut is on one side of the difference. Is it the side that must not learn?",
    ),
    Misconception(
        name="online-network-twice",
        seen_in="two networks",
        wrong=_td_online_twice,
        hint="Which network values the next state?",
    ),
    Misconception(
        name="without-gamma",
        seen_in="two networks",
        wrong=_td_without_gamma,
        hint="How much is a reward worth that comes one step later?",
    ),
)
