"""Right numbers, wrong gradients, the hidden half: in-place edits, shapes that broadcast, roots at zero."""

from __future__ import annotations

from typing import Any

from autograder.course.declare import EDGES, STABILITY, Misconception
from kit.declare import case
from kit.draws import exactly, normal, positive, shuffled

from ..public import values as public
from ..public._shared import classes
from ._shared import NO_GRAD, F, repair, torch, written


def shifted_sigmoid(x: Any) -> Any:
    return torch.sigmoid(x) + 1


def _shifted_in_place(x: Any) -> Any:
    y = torch.sigmoid(x)
    y += 1
    return y


def _shifted_in_no_grad(x: Any) -> Any:
    y = torch.sigmoid(x)
    with torch.no_grad():
        y += 1
    return y


def _shifted_data(x: Any) -> Any:
    y = torch.sigmoid(x)
    y.data += 1
    return y


def _input_overwritten(x: Any) -> Any:
    with torch.no_grad():
        x += 1.0
    return torch.sigmoid(x - 1.0) + 1.0


SHIFTED_SIGMOID = repair(
    public.SHIFTED_SIGMOID,
    shifted_sigmoid,
    (
        case("matrix", grad_output=normal(2, 3), x=normal(2, 3)),
        case("inside a network", grad_output=normal(3), x=normal(3), intermediate=True),
        case("one number", check=EDGES, grad_output=normal(), x=normal(scale=2.0)),
    ),
    Misconception(
        name="in-place-on-a-saved-value",
        seen_in="matrix",
        wrong=_shifted_in_place,
        hint="The slope of sigmoid is computed from its output. Which tensor has changed since it was saved for that?",
        source=written(r"\+=|add_\(|\[.*\] =", without=f"{NO_GRAD}|\\.data"),
    ),
    Misconception(
        name="in-place-under-no-grad",
        seen_in="matrix",
        wrong=_shifted_in_no_grad,
        hint="no_grad hides the edit from the record. Does it give backward the value that it needs?",
        source=written(NO_GRAD),
    ),
    Misconception(
        name="edited-through-data",
        seen_in="matrix",
        wrong=_shifted_data,
        hint="No error any more. With which value of the output is the slope computed now?",
    ),
    Misconception(
        name="detached",
        seen_in="matrix",
        wrong=lambda x: torch.sigmoid(x).detach() + 1,
        hint="The error is gone, and so is something else. What arrives at x?",
    ),
    Misconception(
        name="input-overwritten",
        seen_in="inside a network",
        wrong=_input_overwritten,
        hint="The caller's x is not what it was. Which line writes into it?",
    ),
    Misconception(
        name="shifted-input",
        seen_in="matrix",
        wrong=lambda x: torch.sigmoid(x + 1),
        hint="Is 1 added to what goes in or to what comes out?",
    ),
)


def data_edit(x: Any) -> Any:
    return torch.exp(x).clamp(max=2.0)


def _clamped_data(x: Any) -> Any:
    y = torch.exp(x)
    y.data.clamp_(max=2.0)
    return y


def _clamped_in_place(x: Any) -> Any:
    y = torch.exp(x)
    y.clamp_(max=2.0)
    return y


def _clamped_in_no_grad(x: Any) -> Any:
    y = torch.exp(x)
    with torch.no_grad():
        y.clamp_(max=2.0)
    return y


def _straight_through_cap(x: Any) -> Any:
    y = torch.exp(x)
    return y + (y.clamp(max=2.0) - y).detach()


def _zeroed_above(x: Any) -> Any:
    y = torch.exp(x)
    return y * (y <= 2.0)


DATA_EDIT = repair(
    public.DATA_EDIT,
    data_edit,
    (
        case("both sides of the cap", grad_output=normal(5), x=shuffled([-1.0, 0.2, 0.6, 0.9, 1.5])),
        case("matrix", grad_output=normal(2, 3), x=shuffled([[0.1, 1.2, -0.7], [0.5, -2.0, 3.0]])),
        case("inside a network", grad_output=normal(3), x=shuffled([0.0, 3.0, 0.4]), intermediate=True),
        case("one number", check=EDGES, grad_output=normal(), x=exactly(1.0)),
    ),
    Misconception(
        name="edited-through-data",
        seen_in="both sides of the cap",
        wrong=_clamped_data,
        hint="Where the cap acts the gradient should be 0, and it is not. What does backward know of an edit of .data?",
    ),
    Misconception(
        name="in-place-on-a-saved-value",
        seen_in="both sides of the cap",
        wrong=_clamped_in_place,
        hint="exp keeps its output for its slope. What has become of that output?",
        source=written(r"clamp_|clip_|\] =|minimum\(.*out=", without=f"{NO_GRAD}|\\.data"),
    ),
    Misconception(
        name="in-place-under-no-grad",
        seen_in="both sides of the cap",
        wrong=_clamped_in_no_grad,
        hint="no_grad hides the edit from the record. Does it give backward the value that it needs?",
        source=written(NO_GRAD),
    ),
    Misconception(
        name="gradient-passes-the-cap",
        seen_in="both sides of the cap",
        wrong=_straight_through_cap,
        hint="Above the cap the output does not move. Should the gradient there be what it would be without a cap?",
    ),
    Misconception(
        name="cap-on-the-input",
        seen_in="both sides of the cap",
        wrong=lambda x: torch.exp(x.clamp(max=2.0)),
        hint="Which of the two is capped, the exponent or the result?",
    ),
    Misconception(
        name="zero-above-the-cap",
        seen_in="both sides of the cap",
        wrong=_zeroed_above,
        hint="The gradients are right. What do the entries above the cap become?",
    ),
    Misconception(
        name="detached",
        seen_in="both sides of the cap",
        wrong=lambda x: torch.exp(x).detach().clamp(max=2.0),
        hint="The values are right. What arrives at x?",
    ),
)


def vector_jacobian_product(f: Any, x: Any, v: Any) -> Any:
    point = x.detach().requires_grad_()
    (product,) = torch.autograd.grad(f(point), point, v)
    return product


def _runs_backward(f: Any, x: Any, v: Any) -> Any:
    f(x).backward(v)
    return x.grad


def _runs_backward_on_x(f: Any, x: Any, v: Any) -> Any:
    x.requires_grad_()
    x.grad = None
    f(x).backward(v)
    return x.grad


def _no_upstream(f: Any, x: Any, v: Any) -> Any:
    point = x.detach().requires_grad_()
    return torch.autograd.grad(f(point), point)[0]


def _ones_upstream(f: Any, x: Any, v: Any) -> Any:
    point = x.detach().requires_grad_()
    return torch.autograd.grad(f(point).sum(), point)[0]


def _mean_upstream(f: Any, x: Any, v: Any) -> Any:
    point = x.detach().requires_grad_()
    return torch.autograd.grad((f(point) * v).mean(), point)[0]


def _flag_left(f: Any, x: Any, v: Any) -> Any:
    x.requires_grad_()
    return torch.autograd.grad(f(x), x, v)[0]


def _pushed_forward(f: Any, x: Any, v: Any) -> Any:
    jacobian = torch.autograd.functional.jacobian(f, x.detach())
    if jacobian.ndim == 2 and jacobian.shape[0] == jacobian.shape[1]:
        return jacobian @ v
    return vector_jacobian_product(f, x, v)


def _gradient_cleared(f: Any, x: Any, v: Any) -> Any:
    x.grad = None
    return vector_jacobian_product(f, x, v)


VECTOR_JACOBIAN_PRODUCT = repair(
    public.VECTOR_JACOBIAN_PRODUCT,
    vector_jacobian_product,
    (
        case("matrix", f="matrix", M=normal(3, 2), x=normal(2), v=normal(3)),
        case("square", f="waves", M=normal(3, 3), x=normal(3), v=normal(3)),
        case("x has a gradient already", f="waves", M=normal(2, 3), x=normal(3), v=normal(2), wants_grad=True),
        case("output with two axes", check=EDGES, f="outer", M=normal(2, 3), x=normal(3), v=normal(2, 3)),
    ),
    Misconception(
        name="backward-into-x",
        seen_in="x has a gradient already",
        wrong=_runs_backward,
        hint="backward works only if x requires a gradient, and adds to what is there. Who owns x.grad?",
        source=written(r"backward\(", without="requires_grad"),
    ),
    Misconception(
        name="x-used-up",
        seen_in="matrix",
        wrong=_runs_backward_on_x,
        hint="The product is right, and x is not what it was. On which tensor could you work instead?",
    ),
    Misconception(
        name="no-upstream",
        seen_in="matrix",
        wrong=_no_upstream,
        hint="f has many outputs. Which weights do they get in the product with v?",
        source=written(r"autograd\.grad"),
    ),
    Misconception(
        name="all-ones",
        seen_in="matrix",
        wrong=_ones_upstream,
        hint="sum() lets backward run. Which vector takes the place of v then?",
    ),
    Misconception(
        name="mean-of-the-product",
        seen_in="matrix",
        wrong=_mean_upstream,
        hint="By which number is the result too small?",
    ),
    Misconception(
        name="flag-left-on",
        seen_in="matrix",
        wrong=_flag_left,
        hint="Did x require a gradient before the call?",
    ),
    Misconception(
        name="pushed-forward",
        seen_in="square",
        wrong=_pushed_forward,
        hint="J v or J transposed times v: which way does v travel?",
    ),
    Misconception(
        name="gradient-cleared",
        seen_in="x has a gradient already",
        wrong=_gradient_cleared,
        hint="What was in x.grad before the call, and who may still need it?",
    ),
)


def log_likelihood(logits: Any, target: Any) -> Any:
    return F.cross_entropy(logits, target)


LOG_LIKELIHOOD = repair(
    public.LOG_LIKELIHOOD,
    log_likelihood,
    (
        case("three classes", **classes(2, 3)),
        case("five classes", **classes(4, 5)),
        case("square", **classes(3, 3)),
        case(
            "logits of 1000",
            check=STABILITY,
            grad_output=normal(),
            logits=exactly([[1000.0, 0.0, -1000.0], [-1000.0, 3.0, 1000.0]]),
            target=exactly([0, 1], dtype=int),
        ),
    ),
    Misconception(
        name="softmax-twice",
        seen_in="three classes",
        wrong=lambda logits, target: F.cross_entropy(logits.softmax(dim=-1), target),
        hint="What is the loss of a perfect prediction here, and why not 0?",
    ),
    Misconception(
        name="nll-of-probabilities",
        seen_in="three classes",
        wrong=lambda logits, target: F.nll_loss(logits.softmax(dim=-1), target),
        hint="The loss is negative. What does nll_loss expect in the place of probabilities?",
    ),
    Misconception(
        name="nll-of-logits",
        seen_in="three classes",
        wrong=lambda logits, target: F.nll_loss(logits, target),
        hint="Do the logits sum to anything in particular? What has to happen before nll_loss?",
    ),
    Misconception(
        name="logarithm-of-softmax",
        seen_in="logits of 1000",
        wrong=lambda logits, target: F.nll_loss(logits.softmax(dim=-1).log(), target),
        hint="What is softmax of a logit that lies 1000 below the largest, and its logarithm?",
    ),
    Misconception(
        name="sum-instead-of-mean",
        seen_in="three classes",
        wrong=lambda logits, target: F.cross_entropy(logits, target, reduction="sum"),
        hint="Should the loss double when the batch is doubled?",
    ),
    Misconception(
        name="sign-forgotten",
        seen_in="three classes",
        wrong=lambda logits, target: -F.cross_entropy(logits, target),
        hint="Does the loss fall when the right class becomes more likely?",
    ),
    Misconception(
        name="along-the-batch",
        seen_in="square",
        wrong=lambda logits, target: F.nll_loss(F.log_softmax(logits, dim=0), target),
        hint="Along which axis do the probabilities of one sample sum to 1?",
    ),
)


def paired_mse(prediction: Any, target: Any) -> Any:
    return ((prediction.reshape(-1) - target.reshape(-1)) ** 2).mean()


def _target_as_column(prediction: Any, target: Any) -> Any:
    return ((prediction - target.reshape(-1, 1)) ** 2).mean()


PAIRED_MSE = repair(
    public.PAIRED_MSE,
    paired_mse,
    (
        case("column and vector", grad_output=normal(), prediction=normal(4, 1), target=normal(4)),
        case("vector and column", grad_output=normal(), prediction=normal(3), target=normal(3, 1)),
        case("two vectors", grad_output=normal(), prediction=normal(3), target=normal(3)),
        case("two columns", grad_output=normal(), prediction=normal(5, 1), target=normal(5, 1)),
        case("one pair", check=EDGES, grad_output=normal(), prediction=normal(1, 1), target=normal(1)),
    ),
    Misconception(
        name="all-pairs",
        seen_in="column and vector",
        wrong=lambda prediction, target: ((prediction - target) ** 2).mean(),
        hint="What shape has the difference of (N, 1) and (N,)?",
    ),
    Misconception(
        name="target-as-a-column",
        seen_in="vector and column",
        wrong=_target_as_column,
        hint="It works if the prediction is a column. And if it is not?",
    ),
    Misconception(
        name="squeezed-prediction",
        seen_in="vector and column",
        wrong=lambda prediction, target: ((prediction.squeeze() - target) ** 2).mean(),
        hint="One of the two shapes is taken care of. Which combination is left?",
    ),
    Misconception(
        name="sum-instead-of-mean",
        seen_in="two vectors",
        wrong=lambda prediction, target: ((prediction.reshape(-1) - target.reshape(-1)) ** 2).sum(),
        hint="By which factor is the loss too large?",
    ),
    Misconception(
        name="absolute-difference",
        seen_in="two vectors",
        wrong=lambda prediction, target: (prediction.reshape(-1) - target.reshape(-1)).abs().mean(),
        hint="What happens to each difference before the mean is taken?",
    ),
    Misconception(
        name="difference-of-means",
        seen_in="two vectors",
        wrong=lambda prediction, target: (prediction.mean() - target.mean()) ** 2,
        hint="Can errors of opposite sign cancel in a mean squared error?",
    ),
)


def to_columns(x: Any) -> Any:
    return x.t()


TO_COLUMNS = repair(
    public.TO_COLUMNS,
    to_columns,
    (
        case("wide", grad_output=normal(3, 2), x=normal(2, 3)),
        case("tall", grad_output=normal(2, 4), x=normal(4, 2)),
        case("square", grad_output=normal(3, 3), x=normal(3, 3)),
        case("one row", check=EDGES, grad_output=normal(4, 1), x=normal(1, 4), intermediate=True),
    ),
    Misconception(
        name="view-for-transpose",
        seen_in="wide",
        wrong=lambda x: x.reshape(x.shape[1], x.shape[0]),
        hint="The shape is right. Which number stands at [0, 1] now, and which one should?",
    ),
    Misconception(
        name="unchanged",
        seen_in="wide",
        wrong=lambda x: x * 1.0,
        hint="Which axis comes first?",
    ),
    Misconception(
        name="reversed",
        seen_in="wide",
        wrong=lambda x: x.t().flip(1),
        hint="In which order do the samples stand?",
    ),
    Misconception(
        name="detached",
        seen_in="wide",
        wrong=lambda x: x.detach().t(),
        hint="The values are in their places. What arrives at x?",
    ),
    Misconception(
        name="square-left-alone",
        seen_in="square",
        wrong=lambda x: x if x.shape[0] == x.shape[1] else x.t(),
        hint="For a square x the shape tells nothing. Is it transposed all the same?",
    ),
)


def safe_sqrt(x: Any) -> Any:
    inside = torch.where(x > 0, x, torch.ones_like(x))
    return torch.where(x > 0, torch.sqrt(inside), torch.zeros_like(x))


def _where_outside(x: Any) -> Any:
    return torch.where(x > 0, torch.sqrt(x), torch.zeros_like(x))


def _multiplied_by_mask(x: Any) -> Any:
    return torch.sqrt(x.clamp(min=0.0)) * (x > 0)


def _nan_replaced(x: Any) -> Any:
    return torch.sqrt(x).nan_to_num(0.0)


def _ones_below(x: Any) -> Any:
    return torch.sqrt(torch.where(x > 0, x, torch.ones_like(x)))


SAFE_SQRT = repair(
    public.SAFE_SQRT,
    safe_sqrt,
    (
        case("positive", grad_output=normal(4), x=positive(4)),
        case("zero and below", grad_output=normal(4), x=shuffled([0.0, -1.0, 4.0, 0.25])),
        case("small and large", grad_output=normal(2, 2), x=shuffled([[1e-4, 9.0], [0.0, 1e4]])),
        case("nothing positive", check=EDGES, grad_output=normal(3), x=exactly([0.0, -0.0, -4.0])),
    ),
    Misconception(
        name="where-outside",
        seen_in="zero and below",
        wrong=_where_outside,
        hint="where picks the right value. What gradient does the branch that was not picked send back, times 0?",
    ),
    Misconception(
        name="mask-outside",
        seen_in="zero and below",
        wrong=_multiplied_by_mask,
        hint="What is 0 times the slope of the square root at 0?",
    ),
    Misconception(
        name="plain-root",
        seen_in="zero and below",
        wrong=lambda x: torch.sqrt(x),
        hint="What is the slope of the square root at 0, and what is the root of a negative number?",
    ),
    Misconception(
        name="nan-replaced",
        seen_in="zero and below",
        wrong=_nan_replaced,
        hint="The values are mended afterwards. Is the gradient?",
    ),
    Misconception(
        name="epsilon-inside",
        seen_in="zero and below",
        wrong=lambda x: torch.sqrt(x.clamp(min=0.0) + 1e-6),
        hint="What is the result at 0, and should it be exact?",
    ),
    Misconception(
        name="one-below-zero",
        seen_in="zero and below",
        wrong=_ones_below,
        hint="The inside is safe now, and gradients are right. What is the value where x is not positive?",
    ),
    Misconception(
        name="root-of-the-absolute-value",
        seen_in="zero and below",
        wrong=lambda x: torch.sqrt(torch.where(x == 0, torch.ones_like(x), x.abs())) * (x != 0),
        hint="What should the result be for a negative x?",
    ),
    Misconception(
        name="detached",
        seen_in="positive",
        wrong=lambda x: torch.sqrt(x.detach().clamp(min=0.0)),
        hint="There is no NaN, and no gradient either. Where x is positive there should be one: what is it?",
    ),
)
