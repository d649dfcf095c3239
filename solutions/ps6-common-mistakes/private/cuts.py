"""detach and its relatives, the hidden half: chains that are cut by accident, and twins in which the cut is right."""

from __future__ import annotations

from typing import Any

from autograder.course.declare import EDGES, Misconception
from kit.declare import case
from kit.draws import exactly, integers, normal

from ..public import cuts as public
from ..public._shared import supervised
from ._shared import DETACH, ITEM, NO_GRAD, NUMPY, REWRAP, SILENCED, F, repair, torch, written

CODER_CASES = (
    case("mean squared error", **supervised(2, 2, 1, 3), loss_fn="mse"),
    case("absolute error", **supervised(2, 3, 1, 4), loss_fn="l1"),
    case("another loss", **supervised(3, 2, 2, 3), loss_fn="quartic"),
)


def encoder_decoder_step(encoder: Any, decoder: Any, loss_fn: Any, x: Any, target: Any) -> Any:
    loss = loss_fn(decoder(encoder(x)), target)
    loss.backward()
    return loss.item()


def _cut_off(encoder: Any, decoder: Any, loss_fn: Any, x: Any, target: Any) -> Any:
    h = encoder(x)
    h = h.detach()
    loss = loss_fn(decoder(h), target)
    loss.backward()
    return loss.item()


def _cut_off_silenced(encoder: Any, decoder: Any, loss_fn: Any, x: Any, target: Any) -> Any:
    h = encoder(x).detach().requires_grad_()
    loss = loss_fn(decoder(h), target)
    loss.backward()
    return loss.item()


def _cut_off_cloned(encoder: Any, decoder: Any, loss_fn: Any, x: Any, target: Any) -> Any:
    h = encoder(x).detach().clone()
    loss = loss_fn(decoder(h), target)
    loss.backward()
    return loss.item()


def _cut_off_retained(encoder: Any, decoder: Any, loss_fn: Any, x: Any, target: Any) -> Any:
    h = encoder(x).detach()
    loss = loss_fn(decoder(h), target)
    loss.backward(retain_graph=True)
    return loss.item()


def _encoder_without_a_graph(encoder: Any, decoder: Any, loss_fn: Any, x: Any, target: Any) -> Any:
    with torch.no_grad():
        h = encoder(x)
    loss = loss_fn(decoder(h), target)
    loss.backward()
    return loss.item()


def _output_detached(encoder: Any, decoder: Any, loss_fn: Any, x: Any, target: Any) -> Any:
    out = decoder(encoder(x)).detach()
    loss = loss_fn(out, target)
    loss.backward()
    return loss.item()


def _output_detached_silenced(encoder: Any, decoder: Any, loss_fn: Any, x: Any, target: Any) -> Any:
    out = decoder(encoder(x)).detach().requires_grad_()
    loss = loss_fn(out, target)
    loss.backward()
    return loss.item()


def _all_without_a_graph(encoder: Any, decoder: Any, loss_fn: Any, x: Any, target: Any) -> Any:
    with torch.no_grad():
        loss = loss_fn(decoder(encoder(x)), target)
    loss.backward()
    return loss.item()


def _number_rewrapped(encoder: Any, decoder: Any, loss_fn: Any, x: Any, target: Any) -> Any:
    value = loss_fn(decoder(encoder(x)), target).item()
    torch.tensor(value).backward()
    return value


def _own_loss(encoder: Any, decoder: Any, loss_fn: Any, x: Any, target: Any) -> Any:
    return encoder_decoder_step(encoder, decoder, F.mse_loss, x, target)


def _keeps_the_graph(encoder: Any, decoder: Any, loss_fn: Any, x: Any, target: Any) -> Any:
    loss = loss_fn(decoder(encoder(x)), target)
    loss.backward()
    return loss


def _never_runs_back(encoder: Any, decoder: Any, loss_fn: Any, x: Any, target: Any) -> Any:
    return loss_fn(decoder(encoder(x)), target).item()


def _steps_too(encoder: Any, decoder: Any, loss_fn: Any, x: Any, target: Any) -> Any:
    value = encoder_decoder_step(encoder, decoder, loss_fn, x, target)
    torch.optim.SGD([*encoder.parameters(), *decoder.parameters()], lr=0.1).step()
    return value


STILL_CUT = f"{SILENCED}|retain_graph|clone|{NO_GRAD}"

ENCODER_DECODER_STEP = repair(
    public.ENCODER_DECODER_STEP,
    encoder_decoder_step,
    CODER_CASES,
    Misconception(
        name="encoder-cut-off",
        seen_in="mean squared error",
        wrong=_cut_off,
        hint="The decoder learns and the encoder gets nothing. At which line does the way back to the encoder end?",
        source=written(DETACH, without=STILL_CUT),
    ),
    Misconception(
        name="cut-and-silenced",
        seen_in="mean squared error",
        wrong=_cut_off_silenced,
        hint="requires_grad_() makes h a new leaf: h gets a gradient. Does anything hand it on to the encoder?",
        source=written(SILENCED, without="retain_graph|clone"),
    ),
    Misconception(
        name="cloned-and-still-cut",
        seen_in="mean squared error",
        wrong=_cut_off_cloned,
        hint="clone copies values. If the graph was cut before it or after it, what does a copy bring back?",
        source=written("clone", without=f"{SILENCED}|retain_graph"),
    ),
    Misconception(
        name="retained-and-still-cut",
        seen_in="mean squared error",
        wrong=_cut_off_retained,
        hint="retain_graph keeps a graph for a second backward. Is the encoder in that graph at all?",
        source=written("retain_graph", without="clone"),
    ),
    Misconception(
        name="encoder-without-a-graph",
        seen_in="mean squared error",
        wrong=_encoder_without_a_graph,
        hint="What is not recorded while the encoder runs under no_grad, and who would need it?",
        source=written(NO_GRAD, without=f"{SILENCED}|retain_graph|clone"),
    ),
    Misconception(
        name="output-detached",
        seen_in="mean squared error",
        wrong=_output_detached,
        hint="Nothing that the loss is computed from has a graph. After which operation was it thrown away?",
        source=written(DETACH),
    ),
    Misconception(
        name="everything-detached-and-silenced",
        seen_in="mean squared error",
        wrong=_output_detached_silenced,
        hint="No error any more, and no gradient either. Which leaf does backward end at now?",
        source=written(SILENCED),
    ),
    Misconception(
        name="all-without-a-graph",
        seen_in="mean squared error",
        wrong=_all_without_a_graph,
        hint="Which lines of a step may run under no_grad, and which must be recorded?",
        source=written(NO_GRAD),
    ),
    Misconception(
        name="number-wrapped-again",
        seen_in="mean squared error",
        wrong=_number_rewrapped,
        hint="The loss became a number and then a tensor again. Of what does the new tensor know?",
        source=written(f"{REWRAP}|{ITEM}", without=f"{DETACH}|{NO_GRAD}"),
    ),
    Misconception(
        name="loss-of-its-own",
        seen_in="another loss",
        wrong=_own_loss,
        hint="With a squared error all is well, with another loss it is not. Which loss is handed in?",
    ),
    Misconception(
        name="keeps-the-graph",
        seen_in="mean squared error",
        wrong=_keeps_the_graph,
        hint="The loss that is returned still holds the graph. What does the caller need of it?",
    ),
    Misconception(
        name="never-runs-back",
        seen_in="mean squared error",
        wrong=_never_runs_back,
        hint="The loss is right. Which of the chapter's five lines is missing?",
        source=written(without=r"backward\("),
    ),
    Misconception(
        name="steps-too",
        seen_in="mean squared error",
        wrong=_steps_too,
        hint="The parameters are not what they were. Who was asked to move them?",
    ),
)


def frozen_encoder_step(encoder: Any, decoder: Any, loss_fn: Any, x: Any, target: Any) -> Any:
    with torch.no_grad():
        h = encoder(x)
    loss = loss_fn(decoder(h), target)
    loss.backward()
    return loss.item()


def _frozen_for_good(encoder: Any, decoder: Any, loss_fn: Any, x: Any, target: Any) -> Any:
    for parameter in encoder.parameters():
        parameter.requires_grad_(False)
    return encoder_decoder_step(encoder, decoder, loss_fn, x, target)


def _zeros_in_the_encoder(encoder: Any, decoder: Any, loss_fn: Any, x: Any, target: Any) -> Any:
    value = encoder_decoder_step(encoder, decoder, loss_fn, x, target)
    encoder.zero_grad(set_to_none=False)
    return value


def _frozen_keeps_the_graph(encoder: Any, decoder: Any, loss_fn: Any, x: Any, target: Any) -> Any:
    return _keeps_the_graph(lambda inputs: encoder(inputs).detach(), decoder, loss_fn, x, target)


def _decoder_frozen(encoder: Any, decoder: Any, loss_fn: Any, x: Any, target: Any) -> Any:
    value = encoder_decoder_step(encoder, decoder, loss_fn, x, target)
    for parameter in decoder.parameters():
        parameter.grad = None
    return value


def _frozen_in_eval_mode(encoder: Any, decoder: Any, loss_fn: Any, x: Any, target: Any) -> Any:
    encoder.eval()
    return frozen_encoder_step(encoder, decoder, loss_fn, x, target)


FROZEN_ENCODER_STEP = repair(
    public.FROZEN_ENCODER_STEP,
    frozen_encoder_step,
    CODER_CASES,
    Misconception(
        name="encoder-trained",
        seen_in="mean squared error",
        wrong=encoder_decoder_step,
        hint="Gradients arrive in the encoder. Here the cut is wanted: where does it belong?",
    ),
    Misconception(
        name="output-detached",
        seen_in="mean squared error",
        wrong=_output_detached,
        hint="The cut is behind the decoder, so nobody learns. Between which two modules does it belong?",
        source=written(DETACH),
    ),
    Misconception(
        name="everything-detached-and-silenced",
        seen_in="mean squared error",
        wrong=_output_detached_silenced,
        hint="The encoder is frozen, and so is the decoder. What does requires_grad_() on a detached output reach?",
        source=written(SILENCED),
    ),
    Misconception(
        name="all-without-a-graph",
        seen_in="mean squared error",
        wrong=_all_without_a_graph,
        hint="Which of the two modules may run under no_grad here, and which not?",
        source=written(NO_GRAD),
    ),
    Misconception(
        name="frozen-for-good",
        seen_in="mean squared error",
        wrong=_frozen_for_good,
        hint="After the call the encoder's parameters no longer require gradients. Does the next step want that too?",
    ),
    Misconception(
        name="zeros-instead-of-none",
        seen_in="mean squared error",
        wrong=_zeros_in_the_encoder,
        hint="The encoder's gradients are zeros. Does an optimizer with momentum treat zero and None alike?",
    ),
    Misconception(
        name="decoder-frozen",
        seen_in="mean squared error",
        wrong=_decoder_frozen,
        hint="One module got gradients and the other did not. Is it the right one?",
    ),
    Misconception(
        name="keeps-the-graph",
        seen_in="mean squared error",
        wrong=_frozen_keeps_the_graph,
        hint="The loss that is returned still holds the decoder's graph. What does the caller need of it?",
    ),
    Misconception(
        name="left-in-eval-mode",
        seen_in="mean squared error",
        wrong=_frozen_in_eval_mode,
        hint="The encoder is in another mode than before. Does a frozen module have to be in evaluation mode?",
    ),
)


def feature_loss(model: Any, x: Any, target: Any) -> Any:
    return ((torch.tanh(model(x)) - target) ** 2).mean()


def _through_numpy(model: Any, x: Any, target: Any) -> Any:
    features = torch.tanh(torch.from_numpy(model(x).detach().numpy()))
    return ((features - target) ** 2).mean()


def _through_numpy_silenced(model: Any, x: Any, target: Any) -> Any:
    features = torch.tanh(torch.from_numpy(model(x).detach().numpy())).requires_grad_()
    return ((features - target) ** 2).mean()


def _numpy_refused(model: Any, x: Any, target: Any) -> Any:
    features = torch.tanh(torch.from_numpy(model(x).numpy()))
    return ((features - target) ** 2).mean()


def _without_tanh(model: Any, x: Any, target: Any) -> Any:
    return ((model(x) - target) ** 2).mean()


def _absolute(model: Any, x: Any, target: Any) -> Any:
    return (torch.tanh(model(x)) - target).abs().mean()


def _features_backward(model: Any, x: Any, target: Any) -> Any:
    loss = feature_loss(model, x, target)
    loss.backward()
    return loss.detach()


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
    Misconception(
        name="through-numpy",
        seen_in="small",
        wrong=_through_numpy,
        hint="NumPy computes tanh as well as PyTorch does. Does it also write down how?",
    ),
    Misconception(
        name="through-numpy-and-silenced",
        seen_in="small",
        wrong=_through_numpy_silenced,
        hint="backward runs again, and the model still gets nothing. Where does the graph begin now?",
    ),
    Misconception(
        name="numpy-refused",
        seen_in="small",
        wrong=_numpy_refused,
        hint="PyTorch refuses to hand a tensor with a graph to NumPy. Is NumPy needed for a tanh?",
        source=written(NUMPY),
    ),
    Misconception(
        name="without-tanh",
        seen_in="small",
        wrong=_without_tanh,
        hint="The graph is whole again. Which function of the model's output went missing on the way?",
    ),
    Misconception(
        name="another-loss",
        seen_in="small",
        wrong=_absolute,
        hint="Is this the mean of the squared differences?",
    ),
    Misconception(
        name="runs-backward-itself",
        seen_in="small",
        wrong=_features_backward,
        hint="The gradients are there before the caller has run backward. Who is to decide on the upstream gradient?",
    ),
)


def to_numpy_for_plot(tensor: Any) -> Any:
    return tensor.detach().numpy()


def _detached_in_place(tensor: Any) -> Any:
    return tensor.detach_().numpy()


def _flag_removed(tensor: Any) -> Any:
    if tensor.is_leaf and tensor.requires_grad:
        return tensor.requires_grad_(False).numpy()
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
    Misconception(
        name="numpy-alone",
        seen_in="leaf",
        wrong=lambda tensor: tensor.numpy(),
        hint="It works for tensors without a graph only. What does PyTorch's message ask you to do first?",
    ),
    Misconception(
        name="detached-in-place",
        seen_in="leaf",
        wrong=_detached_in_place,
        hint="The plot is fine, and the tensor has lost its graph. What does the trailing underscore of detach_ say?",
    ),
    Misconception(
        name="flag-removed",
        seen_in="leaf",
        wrong=_flag_removed,
        hint="After the plot this parameter no longer requires a gradient. Will it be trained in the next step?",
    ),
    Misconception(
        name="a-tensor-still",
        seen_in="leaf",
        wrong=lambda tensor: tensor.detach(),
        hint="What came back is a tensor without a graph. Which type was asked for?",
    ),
    Misconception(
        name="a-list",
        seen_in="leaf",
        wrong=lambda tensor: tensor.tolist(),
        hint="Are nested lists a NumPy array?",
    ),
    Misconception(
        name="flattened",
        seen_in="result of an operation",
        wrong=lambda tensor: tensor.detach().reshape(-1).numpy(),
        hint="All numbers are there. Is the shape?",
    ),
)


def scaled_loss(model: Any, x: Any, target: Any, scale: Any) -> Any:
    return scale * ((model(x) - target) ** 2).mean()


def _scaled_rewrapped(model: Any, x: Any, target: Any, scale: Any) -> Any:
    return scale * torch.tensor(((model(x) - target) ** 2).mean())


def _scaled_rewrapped_with_flag(model: Any, x: Any, target: Any, scale: Any) -> Any:
    return scale * torch.tensor(((model(x) - target) ** 2).mean().item(), requires_grad=True)


SCALED_LOSS = repair(
    public.SCALED_LOSS,
    scaled_loss,
    (
        case("small", **MODEL_LOSS_CASES[0], scale=0.5),
        case("upstream gradient", **MODEL_LOSS_CASES[1], scale=8.0),
        case("parts in eval mode", check=EDGES, **MODEL_LOSS_CASES[2], scale=3.0),
    ),
    Misconception(
        name="wrapped-again",
        seen_in="small",
        wrong=_scaled_rewrapped,
        hint="The loss is a tensor already. What does torch.tensor copy of it, and what not?",
    ),
    Misconception(
        name="wrapped-again-and-silenced",
        seen_in="small",
        wrong=_scaled_rewrapped_with_flag,
        hint="A new tensor that requires a gradient is the beginning of a graph. Where are the parameters in it?",
    ),
    Misconception(
        name="a-number",
        seen_in="small",
        wrong=lambda model, x, target, scale: scale * ((model(x) - target) ** 2).mean().item(),
        hint="What is returned is a number. Can the caller run backward on it?",
    ),
    Misconception(
        name="scaled-inside",
        seen_in="small",
        wrong=lambda model, x, target, scale: ((scale * (model(x) - target)) ** 2).mean(),
        hint="By which factor does a squared error grow when the difference is doubled?",
    ),
    Misconception(
        name="divided",
        seen_in="small",
        wrong=lambda model, x, target, scale: ((model(x) - target) ** 2).mean() / scale,
        hint="With a scale of 2, should the loss become larger or smaller?",
    ),
    Misconception(
        name="scale-forgotten",
        seen_in="small",
        wrong=lambda model, x, target, scale: ((model(x) - target) ** 2).mean(),
        hint="Where does scale enter?",
    ),
)
