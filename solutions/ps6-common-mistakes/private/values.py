"""Right numbers, wrong gradients, the hidden half: in-place edits, shapes that broadcast, roots at zero."""

from __future__ import annotations

from autograder.course.declare import EDGES, STABILITY, mistake
from kit.declare import case
from kit.draws import exactly, normal, positive, shuffled

from ..public import values as public
from ..public._shared import classes
from ._shared import NO_GRAD, F, nn, repair, torch, written
from .choices import classification_by_gather, classification_by_log_softmax, classification_by_one_hot


def shifted_sigmoid(x):
    return torch.sigmoid(x) + 1


SHIFTED_SIGMOID = repair(
    public.SHIFTED_SIGMOID,
    shifted_sigmoid,
    (
        case("matrix", grad_output=normal(2, 3), x=normal(2, 3)),
        case("inside a network", grad_output=normal(3), x=normal(3), intermediate=True),
        case("one number", check=EDGES, grad_output=normal(), x=normal(scale=2.0)),
    ),
    mistake(
        "detached",
        lambda x: torch.sigmoid(x).detach() + 1,
        "The error is gone, and so is something else. What arrives at x?",
    ),
    mistake("shifted-input", lambda x: torch.sigmoid(x + 1), "Is 1 added to what goes in or to what comes out?"),
    right_answers=(lambda x: torch.sigmoid(x) + 1, lambda x: 1.0 + 1.0 / (1.0 + torch.exp(-x))),
)


@SHIFTED_SIGMOID.mistake(source=written(r"\+=|add_\(|\[.*\] =", without=f"{NO_GRAD}|\\.data"))
def in_place_on_a_saved_value(x):
    """The slope of sigmoid is computed from its output. Which tensor has changed since it was saved for that?"""
    y = torch.sigmoid(x)
    y += 1
    return y


@SHIFTED_SIGMOID.mistake(source=written(NO_GRAD))
def in_place_under_no_grad(x):
    """no_grad hides the edit from the record. Does it give backward the value that it needs?"""
    y = torch.sigmoid(x)
    with torch.no_grad():
        y += 1
    return y


@SHIFTED_SIGMOID.mistake
def edited_through_data(x):
    """No error any more. With which value of the output is the slope computed now?"""
    y = torch.sigmoid(x)
    y.data += 1
    return y


@SHIFTED_SIGMOID.mistake
def input_overwritten(x):
    """The caller's x is not what it was. Which line writes into it?"""
    with torch.no_grad():
        x += 1.0
    return torch.sigmoid(x - 1.0) + 1.0


@SHIFTED_SIGMOID.right
def shifted_by_clone(x):
    y = torch.sigmoid(x).clone()
    y += 1
    return y


@SHIFTED_SIGMOID.right
def shifted_before_saving(x):
    y = torch.tanh(0.5 * x) * 0.5
    y += 1.5
    return y


def data_edit(x):
    return torch.exp(x).clamp(max=2.0)


DATA_EDIT = repair(
    public.DATA_EDIT,
    data_edit,
    (
        case("both sides of the cap", grad_output=normal(5), x=shuffled([-1.0, 0.2, 0.6, 0.9, 1.5])),
        case("matrix", grad_output=normal(2, 3), x=shuffled([[0.1, 1.2, -0.7], [0.5, -2.0, 3.0]])),
        case("inside a network", grad_output=normal(3), x=shuffled([0.0, 3.0, 0.4]), intermediate=True),
        case("one number", check=EDGES, grad_output=normal(), x=exactly(1.0)),
    ),
    mistake(
        "cap-on-the-input",
        lambda x: torch.exp(x.clamp(max=2.0)),
        "Which of the two is capped, the exponent or the result?",
    ),
    mistake("detached", lambda x: torch.exp(x).detach().clamp(max=2.0), "The values are right. What arrives at x?"),
    right_answers=(
        lambda x: torch.minimum(torch.exp(x), torch.tensor(2.0)),
        lambda x: 2.0 - F.relu(2.0 - torch.exp(x)),
    ),
)


@DATA_EDIT.mistake
def edited_through_data(x):
    """Where the cap acts the gradient should be 0, and it is not. What does backward know of an edit of .data?"""
    y = torch.exp(x)
    y.data.clamp_(max=2.0)
    return y


@DATA_EDIT.mistake(source=written(r"clamp_|clip_|\] =|minimum\(.*out=", without=f"{NO_GRAD}|\\.data"))
def in_place_on_a_saved_value(x):
    """exp keeps its output for its slope. What has become of that output?"""
    y = torch.exp(x)
    y.clamp_(max=2.0)
    return y


@DATA_EDIT.mistake(source=written(NO_GRAD))
def in_place_under_no_grad(x):
    """no_grad hides the edit from the record. Does it give backward the value that it needs?"""
    y = torch.exp(x)
    with torch.no_grad():
        y.clamp_(max=2.0)
    return y


@DATA_EDIT.mistake
def gradient_passes_the_cap(x):
    """Above the cap the output does not move. Should the gradient there be what it would be without a cap?"""
    y = torch.exp(x)
    return y + (y.clamp(max=2.0) - y).detach()


@DATA_EDIT.mistake
def zero_above_the_cap(x):
    """The gradients are right. What do the entries above the cap become?"""
    y = torch.exp(x)
    return y * (y <= 2.0)


@DATA_EDIT.right
def capped_by_where(x):
    y = torch.exp(x)
    return torch.where(y > 2.0, torch.full_like(y, 2.0), y)


@DATA_EDIT.right
def capped_on_a_clone(x):
    y = torch.exp(x).clone()
    y[y > 2.0] = 2.0
    return y


def vector_jacobian_product(f, x, v):
    point = x.detach().requires_grad_()
    (product,) = torch.autograd.grad(f(point), point, v)
    return product


VECTOR_JACOBIAN_PRODUCT = repair(
    public.VECTOR_JACOBIAN_PRODUCT,
    vector_jacobian_product,
    (
        case("matrix", f="matrix", M=normal(3, 2), x=normal(2), v=normal(3)),
        case("square", f="waves", M=normal(3, 3), x=normal(3), v=normal(3)),
        case("x has a gradient already", f="waves", M=normal(2, 3), x=normal(3), v=normal(2), wants_grad=True),
        case("output with two axes", check=EDGES, f="outer", M=normal(2, 3), x=normal(3), v=normal(2, 3)),
    ),
    right_answers=(lambda f, x, v: torch.autograd.functional.vjp(f, x.detach(), v)[1],),
)


@VECTOR_JACOBIAN_PRODUCT.mistake(source=written(r"backward\(", without="requires_grad"))
def backward_into_x(f, x, v):
    """backward works only if x requires a gradient, and adds to what is there. Who owns x.grad?"""
    f(x).backward(v)
    return x.grad


@VECTOR_JACOBIAN_PRODUCT.mistake
def x_used_up(f, x, v):
    """The product is right, and x is not what it was. On which tensor could you work instead?"""
    x.requires_grad_()
    x.grad = None
    f(x).backward(v)
    return x.grad


@VECTOR_JACOBIAN_PRODUCT.mistake(source=written(r"autograd\.grad"))
def no_upstream(f, x, v):
    """f has many outputs. Which weights do they get in the product with v?"""
    point = x.detach().requires_grad_()
    return torch.autograd.grad(f(point), point)[0]


@VECTOR_JACOBIAN_PRODUCT.mistake
def all_ones(f, x, v):
    """sum() lets backward run. Which vector takes the place of v then?"""
    point = x.detach().requires_grad_()
    return torch.autograd.grad(f(point).sum(), point)[0]


@VECTOR_JACOBIAN_PRODUCT.mistake
def mean_of_the_product(f, x, v):
    """By which number is the result too small?"""
    point = x.detach().requires_grad_()
    return torch.autograd.grad((f(point) * v).mean(), point)[0]


@VECTOR_JACOBIAN_PRODUCT.mistake
def flag_left_on(f, x, v):
    """Did x require a gradient before the call?"""
    x.requires_grad_()
    return torch.autograd.grad(f(x), x, v)[0]


@VECTOR_JACOBIAN_PRODUCT.mistake
def pushed_forward(f, x, v):
    """J v or J transposed times v: which way does v travel?"""
    jacobian = torch.autograd.functional.jacobian(f, x.detach())
    if jacobian.ndim == 2 and jacobian.shape[0] == jacobian.shape[1]:
        return jacobian @ v
    return vector_jacobian_product(f, x, v)


@VECTOR_JACOBIAN_PRODUCT.mistake
def gradient_cleared(f, x, v):
    """What was in x.grad before the call, and who may still need it?"""
    x.grad = None
    return vector_jacobian_product(f, x, v)


@VECTOR_JACOBIAN_PRODUCT.right
def product_by_autograd(f, x, v):
    point = x.detach().clone().requires_grad_()
    return torch.autograd.grad(f(point), point, grad_outputs=v)[0]


@VECTOR_JACOBIAN_PRODUCT.right
def product_by_backward(f, x, v):
    point = x.detach().clone().requires_grad_()
    f(point).backward(v)
    return point.grad


@VECTOR_JACOBIAN_PRODUCT.right
def product_by_sum(f, x, v):
    point = x.detach().requires_grad_()
    (f(point) * v).sum().backward()
    return point.grad


def log_likelihood(logits, target):
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
    mistake(
        "softmax-twice",
        lambda logits, target: F.cross_entropy(logits.softmax(dim=-1), target),
        "What is the loss of a perfect prediction here, and why not 0?",
    ),
    mistake(
        "nll-of-probabilities",
        lambda logits, target: F.nll_loss(logits.softmax(dim=-1), target),
        "The loss is negative. What does nll_loss expect in the place of probabilities?",
    ),
    mistake(
        "nll-of-logits",
        lambda logits, target: F.nll_loss(logits, target),
        "Do the logits sum to anything in particular? What has to happen before nll_loss?",
    ),
    mistake(
        "logarithm-of-softmax",
        lambda logits, target: F.nll_loss(logits.softmax(dim=-1).log(), target),
        "What is softmax of a logit that lies 1000 below the largest, and its logarithm?",
    ),
    mistake(
        "sum-instead-of-mean",
        lambda logits, target: F.cross_entropy(logits, target, reduction="sum"),
        "Should the loss double when the batch is doubled?",
    ),
    mistake(
        "sign-forgotten",
        lambda logits, target: -F.cross_entropy(logits, target),
        "Does the loss fall when the right class becomes more likely?",
    ),
    mistake(
        "along-the-batch",
        lambda logits, target: F.nll_loss(F.log_softmax(logits, dim=0), target),
        "Along which axis do the probabilities of one sample sum to 1?",
    ),
    right_answers=(
        classification_by_log_softmax,
        classification_by_gather,
        classification_by_one_hot,
        lambda logits, target: -logits.log_softmax(dim=-1)[torch.arange(len(target)), target].mean(),
    ),
)


def paired_mse(prediction, target):
    return ((prediction.reshape(-1) - target.reshape(-1)) ** 2).mean()


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
    mistake(
        "all-pairs",
        lambda prediction, target: ((prediction - target) ** 2).mean(),
        "What shape has the difference of (N, 1) and (N,)?",
    ),
    mistake(
        "target-as-a-column",
        lambda prediction, target: ((prediction - target.reshape(-1, 1)) ** 2).mean(),
        "It works if the prediction is a column. And if it is not?",
    ),
    mistake(
        "squeezed-prediction",
        lambda prediction, target: ((prediction.squeeze() - target) ** 2).mean(),
        "One of the two shapes is taken care of. Which combination is left?",
    ),
    mistake(
        "sum-instead-of-mean",
        lambda prediction, target: ((prediction.reshape(-1) - target.reshape(-1)) ** 2).sum(),
        "By which factor is the loss too large?",
    ),
    mistake(
        "absolute-difference",
        lambda prediction, target: (prediction.reshape(-1) - target.reshape(-1)).abs().mean(),
        "What happens to each difference before the mean is taken?",
    ),
    mistake(
        "difference-of-means",
        lambda prediction, target: (prediction.mean() - target.mean()) ** 2,
        "Can errors of opposite sign cancel in a mean squared error?",
    ),
    right_answers=(
        lambda prediction, target: F.mse_loss(prediction.flatten(), target.flatten()),
        lambda prediction, target: nn.MSELoss()(prediction, target.reshape(prediction.shape)),
    ),
)


@PAIRED_MSE.right
def paired_by_columns(prediction, target):
    difference = prediction.view(-1, 1) - target.view(-1, 1)
    return difference.square().sum() / len(difference)


def to_columns(x):
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
    mistake(
        "view-for-transpose",
        lambda x: x.reshape(x.shape[1], x.shape[0]),
        "The shape is right. Which number stands at [0, 1] now, and which one should?",
    ),
    mistake("unchanged", lambda x: x * 1.0, "Which axis comes first?"),
    mistake("reversed", lambda x: x.t().flip(1), "In which order do the samples stand?"),
    mistake("detached", lambda x: x.detach().t(), "The values are in their places. What arrives at x?"),
    mistake(
        "square-left-alone",
        lambda x: x if x.shape[0] == x.shape[1] else x.t(),
        "For a square x the shape tells nothing. Is it transposed all the same?",
    ),
    right_answers=(
        lambda x: x.transpose(0, 1),
        lambda x: x.permute(1, 0).contiguous(),
        lambda x: torch.stack([x[:, c] for c in range(x.shape[1])]),
        lambda x: torch.einsum("nc->cn", x),
    ),
)


def safe_sqrt(x):
    inside = torch.where(x > 0, x, torch.ones_like(x))
    return torch.where(x > 0, torch.sqrt(inside), torch.zeros_like(x))


SAFE_SQRT = repair(
    public.SAFE_SQRT,
    safe_sqrt,
    (
        case("positive", grad_output=normal(4), x=positive(4)),
        case("zero and below", grad_output=normal(4), x=shuffled([0.0, -1.0, 4.0, 0.25])),
        case("small and large", grad_output=normal(2, 2), x=shuffled([[1e-4, 9.0], [0.0, 1e4]])),
        case("nothing positive", check=EDGES, grad_output=normal(3), x=exactly([0.0, -0.0, -4.0])),
    ),
    mistake(
        "where-outside",
        lambda x: torch.where(x > 0, torch.sqrt(x), torch.zeros_like(x)),
        "where picks the right value. What gradient does the branch that was not picked send back, times 0?",
    ),
    mistake(
        "mask-outside",
        lambda x: torch.sqrt(x.clamp(min=0.0)) * (x > 0),
        "What is 0 times the slope of the square root at 0?",
    ),
    mistake(
        "plain-root",
        lambda x: torch.sqrt(x),
        "What is the slope of the square root at 0, and what is the root of a negative number?",
    ),
    mistake(
        "nan-replaced", lambda x: torch.sqrt(x).nan_to_num(0.0), "The values are mended afterwards. Is the gradient?"
    ),
    mistake(
        "epsilon-inside",
        lambda x: torch.sqrt(x.clamp(min=0.0) + 1e-6),
        "What is the result at 0, and should it be exact?",
    ),
    mistake(
        "one-below-zero",
        lambda x: torch.sqrt(torch.where(x > 0, x, torch.ones_like(x))),
        "The inside is safe now, and gradients are right. What is the value where x is not positive?",
    ),
    mistake(
        "root-of-the-absolute-value",
        lambda x: torch.sqrt(torch.where(x == 0, torch.ones_like(x), x.abs())) * (x != 0),
        "What should the result be for a negative x?",
    ),
    mistake(
        "detached",
        lambda x: torch.sqrt(x.detach().clamp(min=0.0)),
        "There is no NaN, and no gradient either. Where x is positive there should be one: what is it?",
    ),
)


@SAFE_SQRT.right
def root_by_two_wheres(x):
    safe = torch.where(x > 0, x, 1.0)
    return torch.where(x > 0, safe.sqrt(), 0.0)


@SAFE_SQRT.right
def root_by_mask(x):
    mask = x > 0
    return torch.zeros_like(x).masked_scatter(mask, torch.sqrt(x[mask]))


@SAFE_SQRT.right
def root_by_masked_fill(x):
    inside = x.masked_fill(x <= 0, 1.0)
    return torch.sqrt(inside) * (x > 0)


@SAFE_SQRT.right
def root_by_function(x):
    class RootFunction(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            root = x.clamp(min=0.0).sqrt()
            ctx.save_for_backward(root)
            return root

        @staticmethod
        def backward(ctx, grad_output):
            (root,) = ctx.saved_tensors
            return torch.where(root > 0, 0.5 * grad_output / root, torch.zeros_like(root))

    return RootFunction.apply(x)
