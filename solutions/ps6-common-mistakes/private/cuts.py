"""detach and its relatives, the hidden half: chains that are cut by accident, and twins in which the cut is right."""

from __future__ import annotations

import numpy as np

from autograder.course.declare import EDGES, mistake
from kit.declare import case
from kit.draws import exactly, integers, normal

from ..public import cuts as public
from ..public._shared import supervised
from ._shared import DETACH, ITEM, NO_GRAD, NUMPY, REWRAP, SILENCED, F, nn, repair, torch, written

CODER_CASES = (
    case("mean squared error", **supervised(2, 2, 1, 3), loss_fn="mse"),
    case("absolute error", **supervised(2, 3, 1, 4), loss_fn="l1"),
    case("another loss", **supervised(3, 2, 2, 3), loss_fn="quartic"),
)


def encoder_decoder_step(encoder, decoder, loss_fn, x, target):
    loss = loss_fn(decoder(encoder(x)), target)
    loss.backward()
    return loss.item()


def _output_detached(encoder, decoder, loss_fn, x, target):
    out = decoder(encoder(x)).detach()
    loss = loss_fn(out, target)
    loss.backward()
    return loss.item()


def _output_detached_silenced(encoder, decoder, loss_fn, x, target):
    out = decoder(encoder(x)).detach().requires_grad_()
    loss = loss_fn(out, target)
    loss.backward()
    return loss.item()


def _all_without_a_graph(encoder, decoder, loss_fn, x, target):
    with torch.no_grad():
        loss = loss_fn(decoder(encoder(x)), target)
    loss.backward()
    return loss.item()


def _number_rewrapped(encoder, decoder, loss_fn, x, target):
    value = loss_fn(decoder(encoder(x)), target).item()
    torch.tensor(value).backward()
    return value


def _keeps_the_graph(encoder, decoder, loss_fn, x, target):
    loss = loss_fn(decoder(encoder(x)), target)
    loss.backward()
    return loss


STILL_CUT = f"{SILENCED}|retain_graph|clone|{NO_GRAD}"

ENCODER_DECODER_STEP = repair(
    public.ENCODER_DECODER_STEP,
    encoder_decoder_step,
    CODER_CASES,
    mistake(
        "output-detached",
        _output_detached,
        "Nothing that the loss is computed from has a graph. After which operation was it thrown away?",
        source=written(DETACH),
    ),
    mistake(
        "everything-detached-and-silenced",
        _output_detached_silenced,
        "No error any more, and no gradient either. Which leaf does backward end at now?",
        source=written(SILENCED),
    ),
    mistake(
        "all-without-a-graph",
        _all_without_a_graph,
        "Which lines of a step may run under no_grad, and which must be recorded?",
        source=written(NO_GRAD),
    ),
    mistake(
        "number-wrapped-again",
        _number_rewrapped,
        "The loss became a number and then a tensor again. Of what does the new tensor know?",
        source=written(f"{REWRAP}|{ITEM}", without=f"{DETACH}|{NO_GRAD}"),
    ),
    mistake(
        "loss-of-its-own",
        lambda encoder, decoder, loss_fn, x, target: encoder_decoder_step(encoder, decoder, F.mse_loss, x, target),
        "With a squared error all is well, with another loss it is not. Which loss is handed in?",
    ),
    mistake(
        "keeps-the-graph",
        _keeps_the_graph,
        "The loss that is returned still holds the graph. What does the caller need of it?",
    ),
)


@ENCODER_DECODER_STEP.mistake(source=written(DETACH, without=STILL_CUT))
def encoder_cut_off(encoder, decoder, loss_fn, x, target):
    """The decoder learns and the encoder gets nothing. At which line does the way back to the encoder end?"""
    h = encoder(x)
    h = h.detach()
    loss = loss_fn(decoder(h), target)
    loss.backward()
    return loss.item()


@ENCODER_DECODER_STEP.mistake(source=written(SILENCED, without="retain_graph|clone"))
def cut_and_silenced(encoder, decoder, loss_fn, x, target):
    """requires_grad_() makes h a new leaf: h gets a gradient. Does anything hand it on to the encoder?"""
    h = encoder(x).detach().requires_grad_()
    loss = loss_fn(decoder(h), target)
    loss.backward()
    return loss.item()


@ENCODER_DECODER_STEP.mistake(source=written("clone", without=f"{SILENCED}|retain_graph"))
def cloned_and_still_cut(encoder, decoder, loss_fn, x, target):
    """clone copies values. If the graph was cut before it or after it, what does a copy bring back?"""
    h = encoder(x).detach().clone()
    loss = loss_fn(decoder(h), target)
    loss.backward()
    return loss.item()


@ENCODER_DECODER_STEP.mistake(source=written("retain_graph", without="clone"))
def retained_and_still_cut(encoder, decoder, loss_fn, x, target):
    """retain_graph keeps a graph for a second backward. Is the encoder in that graph at all?"""
    h = encoder(x).detach()
    loss = loss_fn(decoder(h), target)
    loss.backward(retain_graph=True)
    return loss.item()


@ENCODER_DECODER_STEP.mistake(source=written(NO_GRAD, without=f"{SILENCED}|retain_graph|clone"))
def encoder_without_a_graph(encoder, decoder, loss_fn, x, target):
    """What is not recorded while the encoder runs under no_grad, and who would need it?"""
    with torch.no_grad():
        h = encoder(x)
    loss = loss_fn(decoder(h), target)
    loss.backward()
    return loss.item()


@ENCODER_DECODER_STEP.mistake(source=written(without=r"backward\("))
def never_runs_back(encoder, decoder, loss_fn, x, target):
    """The loss is right. Which of the chapter's five lines is missing?"""
    return loss_fn(decoder(encoder(x)), target).item()


@ENCODER_DECODER_STEP.mistake
def steps_too(encoder, decoder, loss_fn, x, target):
    """The parameters are not what they were. Who was asked to move them?"""
    value = encoder_decoder_step(encoder, decoder, loss_fn, x, target)
    torch.optim.SGD([*encoder.parameters(), *decoder.parameters()], lr=0.1).step()
    return value


@ENCODER_DECODER_STEP.right
def coder_in_lines(encoder, decoder, loss_fn, x, target):
    h = encoder(x)
    out = decoder(h)
    loss = loss_fn(out, target)
    loss.backward()
    return loss.item()


@ENCODER_DECODER_STEP.right
def coder_returning_a_bare_tensor(encoder, decoder, loss_fn, x, target):
    loss = loss_fn(decoder(encoder(x)), target)
    loss.backward()
    return loss.detach()


@ENCODER_DECODER_STEP.right
def coder_as_one_module(encoder, decoder, loss_fn, x, target):
    whole = nn.Sequential(encoder, decoder)
    loss = loss_fn(whole(x), target)
    torch.autograd.backward([loss])
    return float(loss)


@ENCODER_DECODER_STEP.right
def coder_in_two_pulls(encoder, decoder, loss_fn, x, target):
    h = encoder(x)
    cut = h.detach().requires_grad_()
    loss = loss_fn(decoder(cut), target)
    loss.backward()
    h.backward(cut.grad)
    return loss.item()


def frozen_encoder_step(encoder, decoder, loss_fn, x, target):
    with torch.no_grad():
        h = encoder(x)
    loss = loss_fn(decoder(h), target)
    loss.backward()
    return loss.item()


FROZEN_ENCODER_STEP = repair(
    public.FROZEN_ENCODER_STEP,
    frozen_encoder_step,
    CODER_CASES,
    mistake(
        "encoder-trained",
        encoder_decoder_step,
        "Gradients arrive in the encoder. Here the cut is wanted: where does it belong?",
    ),
    mistake(
        "output-detached",
        _output_detached,
        "The cut is behind the decoder, so nobody learns. Between which two modules does it belong?",
        source=written(DETACH),
    ),
    mistake(
        "everything-detached-and-silenced",
        _output_detached_silenced,
        "The encoder is frozen, and so is the decoder. What does requires_grad_() on a detached output reach?",
        source=written(SILENCED),
    ),
    mistake(
        "all-without-a-graph",
        _all_without_a_graph,
        "Which of the two modules may run under no_grad here, and which not?",
        source=written(NO_GRAD),
    ),
)


@FROZEN_ENCODER_STEP.mistake
def frozen_for_good(encoder, decoder, loss_fn, x, target):
    """After the call the encoder's parameters no longer require gradients. Does the next step want that too?"""
    for parameter in encoder.parameters():
        parameter.requires_grad_(False)
    return encoder_decoder_step(encoder, decoder, loss_fn, x, target)


@FROZEN_ENCODER_STEP.mistake
def zeros_instead_of_none(encoder, decoder, loss_fn, x, target):
    """The encoder's gradients are zeros. Does an optimizer with momentum treat zero and None alike?"""
    value = encoder_decoder_step(encoder, decoder, loss_fn, x, target)
    encoder.zero_grad(set_to_none=False)
    return value


@FROZEN_ENCODER_STEP.mistake
def decoder_frozen(encoder, decoder, loss_fn, x, target):
    """One module got gradients and the other did not. Is it the right one?"""
    value = encoder_decoder_step(encoder, decoder, loss_fn, x, target)
    for parameter in decoder.parameters():
        parameter.grad = None
    return value


@FROZEN_ENCODER_STEP.mistake
def keeps_the_graph(encoder, decoder, loss_fn, x, target):
    """The loss that is returned still holds the decoder's graph. What does the caller need of it?"""
    return _keeps_the_graph(lambda inputs: encoder(inputs).detach(), decoder, loss_fn, x, target)


@FROZEN_ENCODER_STEP.mistake
def left_in_eval_mode(encoder, decoder, loss_fn, x, target):
    """The encoder is in another mode than before. Does a frozen module have to be in evaluation mode?"""
    encoder.eval()
    return frozen_encoder_step(encoder, decoder, loss_fn, x, target)


@FROZEN_ENCODER_STEP.right
def frozen_by_detach(encoder, decoder, loss_fn, x, target):
    loss = loss_fn(decoder(encoder(x).detach()), target)
    loss.backward()
    return loss.item()


@FROZEN_ENCODER_STEP.right
def frozen_by_autograd(encoder, decoder, loss_fn, x, target):
    loss = loss_fn(decoder(encoder(x)), target)
    parameters = list(decoder.parameters())
    loss.backward(inputs=parameters)
    return loss.detach()


@FROZEN_ENCODER_STEP.right
def frozen_by_flags_for_a_while(encoder, decoder, loss_fn, x, target):
    flags = [(parameter, parameter.requires_grad) for parameter in encoder.parameters()]
    for parameter, _ in flags:
        parameter.requires_grad_(False)
    try:
        loss = loss_fn(decoder(encoder(x)), target)
        loss.backward()
    finally:
        for parameter, flag in flags:
            parameter.requires_grad_(flag)
    return float(loss)


@FROZEN_ENCODER_STEP.right
def frozen_by_no_grad(encoder, decoder, loss_fn, x, target):
    with torch.no_grad():
        h = encoder(x)
    loss = loss_fn(decoder(h), target)
    loss.backward()
    return loss.item()


def feature_loss(model, x, target):
    return ((torch.tanh(model(x)) - target) ** 2).mean()


MODEL_LOSS_CASES = (
    {"grad_output": exactly(1.0), **supervised(2, 2, 1, 3)},
    {"grad_output": exactly(-1.7), **supervised(3, 2, 2, 3)},
    {"grad_output": exactly(0.6), **supervised(2, 3, 1, 4), "layers": "full", "evaluating": ("norm", "drop")},
)

FEATURE_LOSS = repair(
    public.FEATURE_LOSS,
    feature_loss,
    (
        case("small", **MODEL_LOSS_CASES[0]),
        case("upstream gradient", **MODEL_LOSS_CASES[1]),
        case("parts in eval mode", check=EDGES, **MODEL_LOSS_CASES[2]),
    ),
    mistake(
        "without-tanh",
        lambda model, x, target: ((model(x) - target) ** 2).mean(),
        "The graph is whole again. Which function of the model's output went missing on the way?",
    ),
    mistake(
        "another-loss",
        lambda model, x, target: (torch.tanh(model(x)) - target).abs().mean(),
        "Is this the mean of the squared differences?",
    ),
    right_answers=(
        lambda model, x, target: nn.MSELoss()(nn.Tanh()(model(x)), target),
        lambda model, x, target: F.mse_loss(model(x).tanh(), target),
    ),
)


@FEATURE_LOSS.mistake
def through_numpy(model, x, target):
    """NumPy computes tanh as well as PyTorch does. Does it also write down how?"""
    features = torch.tanh(torch.from_numpy(model(x).detach().numpy()))
    return ((features - target) ** 2).mean()


@FEATURE_LOSS.mistake
def through_numpy_and_silenced(model, x, target):
    """backward runs again, and the model still gets nothing. Where does the graph begin now?"""
    features = torch.tanh(torch.from_numpy(model(x).detach().numpy())).requires_grad_()
    return ((features - target) ** 2).mean()


@FEATURE_LOSS.mistake(source=written(NUMPY))
def numpy_refused(model, x, target):
    """PyTorch refuses to hand a tensor with a graph to NumPy. Is NumPy needed for a tanh?"""
    features = torch.tanh(torch.from_numpy(model(x).numpy()))
    return ((features - target) ** 2).mean()


@FEATURE_LOSS.mistake
def runs_backward_itself(model, x, target):
    """The gradients are there before the caller has run backward. Who is to decide on the upstream gradient?"""
    loss = feature_loss(model, x, target)
    loss.backward()
    return loss.detach()


@FEATURE_LOSS.right
def features_by_exponentials(model, x, target):
    output = model(x)
    features = 2.0 * torch.sigmoid(2.0 * output) - 1.0
    return (features - target).square().sum() / target.numel()


def to_numpy_for_plot(tensor):
    return tensor.detach().numpy()


TO_NUMPY_FOR_PLOT = repair(
    public.TO_NUMPY_FOR_PLOT,
    to_numpy_for_plot,
    (
        case("result of an operation", w=normal(2, 3)),
        case("leaf", w=normal(3), leaf=True),
        case("without a gradient", w=normal(2, 2), graph=False),
        case("integers", check=EDGES, w=integers(0, 9, 4), leaf=True, graph=False),
    ),
    mistake(
        "numpy-alone",
        lambda tensor: tensor.numpy(),
        "It works for tensors without a graph only. What does PyTorch's message ask you to do first?",
    ),
    mistake(
        "detached-in-place",
        lambda tensor: tensor.detach_().numpy(),
        "The plot is fine, and the tensor has lost its graph. What does the trailing underscore of detach_ say?",
    ),
    mistake(
        "a-tensor-still",
        lambda tensor: tensor.detach(),
        "What came back is a tensor without a graph. Which type was asked for?",
    ),
    mistake("a-list", lambda tensor: tensor.tolist(), "Are nested lists a NumPy array?"),
    mistake("flattened", lambda tensor: tensor.detach().reshape(-1).numpy(), "All numbers are there. Is the shape?"),
    right_answers=(
        lambda tensor: tensor.detach().numpy(),
        lambda tensor: tensor.detach().cpu().clone().numpy(),
        lambda tensor: np.array(tensor.detach()),
    ),
)


@TO_NUMPY_FOR_PLOT.mistake
def flag_removed(tensor):
    """After the plot this parameter no longer requires a gradient. Will it be trained in the next step?"""
    if tensor.is_leaf and tensor.requires_grad:
        return tensor.requires_grad_(False).numpy()
    return tensor.detach().numpy()


@TO_NUMPY_FOR_PLOT.right
def plot_by_no_grad(tensor):
    with torch.no_grad():
        return (tensor + 0).numpy()


def scaled_loss(model, x, target, scale):
    return scale * ((model(x) - target) ** 2).mean()


SCALED_LOSS = repair(
    public.SCALED_LOSS,
    scaled_loss,
    (
        case("small", **MODEL_LOSS_CASES[0], scale=0.5),
        case("upstream gradient", **MODEL_LOSS_CASES[1], scale=8.0),
        case("parts in eval mode", check=EDGES, **MODEL_LOSS_CASES[2], scale=3.0),
    ),
    mistake(
        "wrapped-again",
        lambda model, x, target, scale: scale * torch.tensor(((model(x) - target) ** 2).mean()),
        "The loss is a tensor already. What does torch.tensor copy of it, and what not?",
    ),
    mistake(
        "a-number",
        lambda model, x, target, scale: scale * ((model(x) - target) ** 2).mean().item(),
        "What is returned is a number. Can the caller run backward on it?",
    ),
    mistake(
        "scaled-inside",
        lambda model, x, target, scale: ((scale * (model(x) - target)) ** 2).mean(),
        "By which factor does a squared error grow when the difference is doubled?",
    ),
    mistake(
        "divided",
        lambda model, x, target, scale: ((model(x) - target) ** 2).mean() / scale,
        "With a scale of 2, should the loss become larger or smaller?",
    ),
    mistake(
        "scale-forgotten", lambda model, x, target, scale: ((model(x) - target) ** 2).mean(), "Where does scale enter?"
    ),
    right_answers=(
        lambda model, x, target, scale: nn.functional.mse_loss(model(x), target) * scale,
        lambda model, x, target, scale: (scale * (model(x) - target).pow(2)).mean(),
        lambda model, x, target, scale: torch.as_tensor(scale, dtype=torch.float32) * F.mse_loss(model(x), target),
    ),
)


@SCALED_LOSS.mistake
def wrapped_again_and_silenced(model, x, target, scale):
    """A new tensor that requires a gradient is the beginning of a graph. Where are the parameters in it?"""
    return scale * torch.tensor(((model(x) - target) ** 2).mean().item(), requires_grad=True)


@SCALED_LOSS.right
def scaled_by_mul(model, x, target, scale):
    loss = ((model(x) - target) ** 2).mean()
    return loss.mul(scale)
