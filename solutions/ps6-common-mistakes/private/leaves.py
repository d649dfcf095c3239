"""New leaves and frozen targets, the hidden half: cuts that are asked for, in the right place."""

from __future__ import annotations

from autograder.course.declare import EDGES, mistake
from kit.declare import case
from kit.draws import integers, normal

from ..public import leaves as public
from ..public._shared import transitions
from ._shared import SILENCED, F, nn, repair, torch, written


def new_leaf(tensor):
    return tensor.detach().clone().requires_grad_()


NEW_LEAF = repair(
    public.NEW_LEAF,
    new_leaf,
    (
        case("result of an operation", w=normal(2, 3)),
        case("leaf", w=normal(3), leaf=True),
        case("without a gradient", check=EDGES, w=normal(2), graph=False),
    ),
    mistake(
        "shares-memory",
        lambda tensor: tensor.detach().requires_grad_(),
        "detach gives a view of the same numbers. What becomes of the original when the new leaf is trained?",
    ),
    mistake(
        "still-connected",
        lambda tensor: tensor.clone().requires_grad_(),
        "A clone is an operation like any other. Is its result a leaf, and where do its gradients go?",
    ),
    mistake(
        "needs-no-gradient",
        lambda tensor: tensor.detach().clone(),
        "The copy is independent. Will anything be put into its .grad?",
    ),
    mistake("the-tensor-itself", lambda tensor: tensor.requires_grad_(), "Is what comes back a new tensor?"),
    mistake(
        "detached-in-place",
        lambda tensor: tensor.detach_().clone().requires_grad_(),
        "The new leaf is right, and the old tensor has lost its graph. Which of the two was to change?",
    ),
    mistake(
        "zeros",
        lambda tensor: torch.zeros_like(tensor, requires_grad=True),
        "Does the new leaf hold the tensor's numbers?",
    ),
    right_answers=(
        lambda tensor: tensor.clone().detach().requires_grad_(True),
        lambda tensor: torch.tensor(tensor.detach().numpy(), requires_grad=True),
        lambda tensor: nn.Parameter(tensor.detach().clone()),
    ),
)


@NEW_LEAF.right
def leaf_by_copy(tensor):
    made = torch.empty_like(tensor, requires_grad=True)
    with torch.no_grad():
        made.copy_(tensor)
    return made


def make_weight(shape, scale, generator):
    return (torch.randn(shape, generator=generator) * scale).requires_grad_()


MAKE_WEIGHT = repair(
    public.MAKE_WEIGHT,
    make_weight,
    (
        case("matrix", shape=(2, 3), scale=0.01, seed=integers(0, 1000)),
        case("vector", shape=(4,), scale=2.0, seed=integers(0, 1000)),
        case("three axes", shape=(2, 1, 3), scale=0.5, seed=integers(0, 1000)),
    ),
    mistake(
        "needs-no-gradient",
        lambda shape, scale, generator: torch.randn(shape, generator=generator) * scale,
        "Will backward put anything into this tensor's .grad?",
    ),
    mistake(
        "not-scaled",
        lambda shape, scale, generator: torch.randn(shape, generator=generator, requires_grad=True),
        "How large are the entries, and how large should they be?",
    ),
    mistake(
        "another-generator",
        lambda shape, scale, generator: (torch.randn(shape) * scale).requires_grad_(),
        "Where do the random numbers come from, and can the caller repeat them?",
    ),
    mistake(
        "uniform",
        lambda shape, scale, generator: (torch.rand(shape, generator=generator) * scale).requires_grad_(),
        "Are some of the entries negative?",
    ),
    right_answers=(
        lambda shape, scale, generator: (torch.randn(shape, generator=generator) * scale).requires_grad_(),
        lambda shape, scale, generator: nn.Parameter(scale * torch.randn(*shape, generator=generator)),
    ),
)


@MAKE_WEIGHT.mistake(source=written(SILENCED, without="retain_grad"))
def not_a_leaf(shape, scale, generator):
    """The product of a leaf and a number: is that a leaf, and does an optimizer find a gradient in it?"""
    return torch.randn(shape, generator=generator, requires_grad=True) * scale


@MAKE_WEIGHT.mistake(source=written("retain_grad"))
def gradient_kept_but_no_leaf(shape, scale, generator):
    """retain_grad keeps a gradient for looking at. Does that make the result a leaf?"""
    made = torch.randn(shape, generator=generator, requires_grad=True) * scale
    made.retain_grad()
    return made


@MAKE_WEIGHT.right
def weight_by_detach(shape, scale, generator):
    made = torch.randn(shape, generator=generator, requires_grad=True) * scale
    return made.detach().requires_grad_()


@MAKE_WEIGHT.right
def weight_in_place(shape, scale, generator):
    made = torch.randn(shape, generator=generator, requires_grad=True)
    with torch.no_grad():
        made *= scale
    return made


def td_loss(online, target_net, x, reward, next_x, gamma):
    with torch.no_grad():
        wanted = reward + gamma * target_net(next_x)
    return ((online(x) - wanted) ** 2).mean()


def _td_not_detached(online, target_net, x, reward, next_x, gamma):
    return ((online(x) - (reward + gamma * target_net(next_x))) ** 2).mean()


TD_LOSS = repair(
    public.TD_LOSS,
    td_loss,
    (
        case("two networks", **transitions(2, 2, 3), gamma=0.9),
        case("more of everything", **transitions(3, 4, 5), gamma=0.5),
        case("one network for both", check=EDGES, **transitions(2, 3, 4, same=True), gamma=0.7),
    ),
    mistake(
        "target-not-detached",
        _td_not_detached,
        "Gradients arrive in the target network. Should the goal move towards the guess?",
    ),
    mistake(
        "online-network-twice",
        lambda online, target_net, x, reward, next_x, gamma: td_loss(online, online, x, reward, next_x, gamma),
        "Which network values the next state?",
    ),
    mistake(
        "without-gamma",
        lambda online, target_net, x, reward, next_x, gamma: td_loss(online, target_net, x, reward, next_x, 1.0),
        "How much is a reward worth that comes one step later?",
    ),
)


@TD_LOSS.mistake
def target_frozen_for_good(online, target_net, x, reward, next_x, gamma):
    """After the call the target network's parameters require no gradient. Whose decision would that be?"""
    for parameter in target_net.parameters():
        parameter.requires_grad_(False)
    return _td_not_detached(online, target_net, x, reward, next_x, gamma)


@TD_LOSS.mistake
def wrong_for_one_network(online, target_net, x, reward, next_x, gamma):
    """If both are the same network, its parameters need gradients from one of two paths. What cuts a path?"""
    parameters = [p for p in target_net.parameters() if target_net is not online]
    for parameter in parameters:
        parameter.requires_grad_(False)
    loss = _td_not_detached(online, target_net, x, reward, next_x, gamma)
    for parameter in parameters:
        parameter.requires_grad_(True)
    return loss


@TD_LOSS.mistake
def everything_detached(online, target_net, x, reward, next_x, gamma):
    """Which of the two networks is to learn from this loss?"""
    with torch.no_grad():
        return _td_not_detached(online, target_net, x, reward, next_x, gamma)


@TD_LOSS.mistake
def other_side_detached(online, target_net, x, reward, next_x, gamma):
    """The cut is on one side of the difference. Is it the side that must not learn?"""
    return ((online(x).detach() - (reward + gamma * target_net(next_x))) ** 2).mean()


@TD_LOSS.right
def td_by_detach(online, target_net, x, reward, next_x, gamma):
    wanted = reward + gamma * target_net(next_x).detach()
    return F.mse_loss(online(x), wanted)


@TD_LOSS.right
def td_by_no_grad(online, target_net, x, reward, next_x, gamma):
    with torch.no_grad():
        wanted = reward + gamma * target_net(next_x)
    return (online(x) - wanted).square().mean()


@TD_LOSS.right
def td_by_detached_sum(online, target_net, x, reward, next_x, gamma):
    difference = online(x) - (reward + gamma * target_net(next_x)).detach()
    return (difference**2).sum() / len(x)
