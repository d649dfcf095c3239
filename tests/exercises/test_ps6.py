"""PyTorch programs: references against gradients by hand, broken programs, half-fixes, twins, what a hint may use."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache

import numpy as np
import pytest
import torch

from autograder.authoring.mistakes import text_of
from autograder.course.declare import answer_with
from autograder.judging import judge
from autograder.judging.source import LONGEST, normalised
from autograder.kit import _settings
from autograder.kit.declare import Function
from tests.cohort.make import ROOT
from tests.rows import for_each
from tests.this_course import exercises_of

BY_NAME = exercises_of("ps6")
REPAIRS = [exercise for exercise in BY_NAME.values() if isinstance(exercise.public, Function)]
NAMED = [pytest.param(exercise, id=exercise.name) for exercise in REPAIRS]


@cache
def expected_of(name):
    return BY_NAME[name].expect(seed=11)


def verdict_of(name, answer, source=""):
    expected = expected_of(name)
    return judge(BY_NAME[name], expected, [answer_with(answer, case) for case in expected.cases], source)


def mistake_of(name, mistake):
    return next(one for one in BY_NAME[name].mistakes if one.name == mistake)


def shown(name, case):
    """The arguments by name, and the right answers by name, of one case."""
    one = next(one for one in expected_of(name).cases if one.name == case)
    return dict(one.instance.named()), dict(zip(BY_NAME[name].public.results, one.arrays, strict=True))


def close(mine, theirs):
    np.testing.assert_allclose(mine, theirs, rtol=1e-4, atol=1e-5)


# The references against gradients worked out by hand


def by_hand(W1, b1, W2, b2, x, target):
    """Loss and the four gradients of the two-layer network, by the chain rule in NumPy."""
    h = np.tanh(x @ W1.T + b1)
    difference = h @ W2.T + b2 - target
    g = 2.0 * difference / difference.size
    back = (g @ W2) * (1.0 - h**2)
    return (difference**2).mean(), (back.T @ x, back.sum(axis=0), g.T @ h, g.sum(axis=0))


NET = ("W1", "b1", "W2", "b2")
PARAMETERS = ("body.weight", "body.bias", "head.weight", "head.bias")


def test_backward_from_loss_adds_the_gradients_that_the_chain_rule_gives():
    given, right = shown("backward_from_loss", "gradients there before")

    loss, gradients = by_hand(*(given[name] for name in (*NET, "x", "target")))

    close(right["loss"], loss)
    for name, gradient in zip(PARAMETERS, gradients, strict=True):
        close(right[f"gradient of {name}"], given["stale"] + gradient)


def test_a_frozen_layer_is_expected_without_gradients():
    _, right = shown("backward_from_loss", "frozen layer")

    assert right["gradient of body.weight"] is None
    assert right["gradient of head.weight"] is not None


@pytest.mark.parametrize("name", ["train_step", "ordered_step"])
def test_a_step_moves_the_parameters_as_gradient_descent_by_hand_does(name):
    given, right = shown(name, "three steps")
    values = [given[one] for one in NET]

    for step, (x, target) in enumerate(zip(given["x"], given["target"], strict=True)):
        loss, gradients = by_hand(*values, x, target)
        values = [value - 0.1 * gradient for value, gradient in zip(values, gradients, strict=True)]

        close(right["losses"][step], loss)
        for one, value in zip(PARAMETERS, values, strict=True):
            close(right[f"{one} after each step"][step], value)


def test_an_accumulated_epoch_is_one_step_on_all_samples_at_once():
    given, right = shown("accumulate_epoch", "unequal sizes")
    values = [given[one] for one in NET]
    x, target = np.concatenate(given["x"]), np.concatenate(given["target"])

    for epoch in range(2):
        loss, gradients = by_hand(*values, x, target)
        values = [value - 0.1 * gradient for value, gradient in zip(values, gradients, strict=True)]

        close(right["losses of each epoch"][epoch], loss)
        close(right["body.weight after each epoch"][epoch], values[0])


def test_a_clipped_step_has_the_length_of_the_limit():
    given, right = shown("clipped_step", "tight limit")

    after = np.concatenate([right[f"{one} after each step"][0].ravel() for one in PARAMETERS])
    before = np.concatenate([given[one].ravel() for one in NET])

    close(np.linalg.norm(after - before), 0.1 * given["max_norm"])


def test_the_target_network_counts_as_a_constant():
    given, right = shown("td_loss", "one network for both")
    values = [given[one] for one in NET]
    value_of_next = np.tanh(given["next_x"] @ values[0].T + values[1]) @ values[2].T + values[3]

    loss, gradients = by_hand(*values, given["x"], given["reward"] + given["gamma"] * value_of_next)

    close(right["loss"], loss)
    for one, gradient in zip(PARAMETERS, gradients, strict=True):
        close(right[f"gradient of {one}"], gradient)


def test_straight_through_is_one_hot_forward_and_softmax_backward():
    given, right = shown("straight_through_one_hot", "rows")
    g, z = given["grad_output"], given["logits"]
    soft = np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)

    close(right["one-hot"], np.eye(z.shape[-1])[z.argmax(axis=-1)])
    close(right["gradient of logits"], soft * (g - (g * soft).sum(axis=-1, keepdims=True)))


def test_truncated_backpropagation_equals_a_chain_of_separate_problems():
    given, right = shown("train_chunks", "three chunks")
    names = ("W_ih", "W_hh", "b_ih", "b_hh", "W_out", "b_out")
    values = [torch.tensor(given[name]) for name in names]
    state, losses = torch.zeros(2, 3, dtype=torch.float64), []

    for chunk, target in zip(torch.tensor(given["chunks"]), torch.tensor(given["targets"]), strict=True):
        values = [value.detach().requires_grad_() for value in values]
        W_ih, W_hh, b_ih, b_hh, W_out, b_out = values
        h = state
        for x in chunk:
            h = torch.tanh(x @ W_ih.T + b_ih + h @ W_hh.T + b_hh)
        loss = ((h @ W_out.T + b_out - target) ** 2).mean()
        gradients = torch.autograd.grad(loss, values)
        values = [value - 0.2 * gradient for value, gradient in zip(values, gradients, strict=True)]
        state = h.detach()
        losses.append(loss.item())

    close(right["losses"], losses)
    close(right["cell.weight_hh on return"], values[1].detach().numpy())


# What the notebook shows


@cache
def notebook():
    path = ROOT / "solutions" / "ps6-common-mistakes" / "common-mistakes.ipynb"
    return {cell["id"]: "".join(cell["source"]) for cell in json.loads(path.read_bytes())["cells"]}


@pytest.fixture
def run(monkeypatch, capsys):
    """Runs cells of the notebook, tools of the kit silent, and gives the names that they define."""
    monkeypatch.setattr(_settings, "quiet", True)
    monkeypatch.setitem(sys.modules, "kit", sys.modules["autograder.kit"])

    def cells(*ids):
        names = {}
        for one in ids:
            exec(compile(notebook()[one], one, "exec"), names)
        return names

    return cells


BROKEN = sorted(one.removeprefix("demo-") for one in notebook() if "def broken_" in notebook()[one])


@pytest.mark.parametrize("slug", BROKEN)
def test_a_broken_program_of_the_notebook_earns_nothing(run, slug):
    names = run("given-imports", "demo-item-prediction", "demo-argmax-prediction", f"demo-{slug}")
    name = slug.replace("-", "_")
    name = {"no_grad": "train_step", "in_place": "shifted_sigmoid"}.get(name, name)

    verdict = verdict_of(name, names[f"broken_{name}"], notebook()[f"demo-{slug}"])

    assert verdict.fraction == 0


def test_the_broken_stack_of_the_notebook_earns_nothing_and_is_named(run):
    verdict = verdict_of("Stack", run("given-imports", "demo-stack")["BrokenStack"])

    assert verdict.fraction == 0
    assert verdict.hint.name == "layers-in-a-list"


def fate(parameter, meant):
    """What a prediction calls the gradient that a parameter has."""
    if parameter.grad is None:
        return "none"
    if not parameter.grad.any():
        return "zero"
    return "right" if meant is not None and torch.allclose(parameter.grad, meant) else "wrong"


def test_the_first_prediction_is_what_the_program_does(run):
    names = run("given-imports", "demo-item-prediction")
    body, head = names["body"], names["head"]
    parameters = {"body.weight": body.weight, "head.weight": head.weight, "head.bias": head.bias}

    output = head(torch.tanh(body(names["x"])))
    meant = torch.nn.functional.mse_loss(output, names["target"]) + 0.01 * (head.weight**2).sum()
    gradients = torch.autograd.grad(meant, list(parameters.values()))

    found = {name: fate(one, gradient) for (name, one), gradient in zip(parameters.items(), gradients, strict=True)}
    assert found == BY_NAME["item_prediction"].answers["item_prediction"]


def test_the_second_prediction_is_what_the_program_does(run, capsys):
    names = run("given-imports", "demo-item-prediction", "demo-detach-prediction")

    found = {name: fate(module.weight, names["meant"][name]) for name, module in names["modules"].items()}

    assert found == BY_NAME["detach_prediction"].answers["detach_prediction"]


def test_the_third_prediction_is_what_the_program_does(run):
    names = run("given-imports", "demo-item-prediction", "demo-argmax-prediction")
    offset = names["offset"]

    found = {name: fate(names[name].weight, None) for name in ("features", "classifier", "scorer")}
    found["offset"] = fate(offset, (2.0 * (offset - 1.0)).detach())

    assert found == BY_NAME["argmax_prediction"].answers["argmax_prediction"]


# Half-fixes and twins

HALF_FIXES = [
    ("backward_from_loss", "silenced-with-requires-grad"),
    ("backward_from_loss", "no-graph-and-silenced"),
    ("backward_from_loss", "also-steps"),
    ("backward_from_loss", "left-in-eval-mode"),
    ("backward_from_loss", "returns-the-graph"),
    ("encoder_decoder_step", "cut-and-silenced"),
    ("encoder_decoder_step", "cloned-and-still-cut"),
    ("encoder_decoder_step", "retained-and-still-cut"),
    ("encoder_decoder_step", "everything-detached-and-silenced"),
    ("frozen_encoder_step", "everything-detached-and-silenced"),
    ("classification_loss", "error-rate-silenced"),
    ("classification_loss", "expected-error"),
    ("classification_loss", "squared-probabilities"),
    ("straight_through_one_hot", "no-gradient-and-silenced"),
    ("straight_through_one_hot", "identity-backward"),
    ("quantized_forward", "rounded-and-silenced"),
    ("train_step", "detached-and-silenced"),
    ("train_step", "returns-the-graph"),
    ("train_step", "left-in-eval-mode"),
    ("train_chunks", "retained-instead-of-cut"),
    ("evaluate", "left-in-eval-mode"),
    ("shifted_sigmoid", "detached"),
    ("data_edit", "edited-through-data"),
]


@pytest.mark.parametrize("name, mistake", HALF_FIXES)
def test_a_half_fix_earns_nothing_and_is_named(name, mistake):
    wrong = mistake_of(name, mistake).wrong

    verdict = verdict_of(name, wrong, text_of(wrong, name))

    assert verdict.fraction == 0
    assert verdict.hint.name == mistake


TWINS = [
    ("encoder_decoder_step", "frozen_encoder_step"),
    ("straight_through_one_hot", "soft_argmax"),
    ("train_epoch", "accumulate_epoch"),
    ("predict_with_dropout_off", "evaluate"),
]


@pytest.mark.parametrize("one, other", [*TWINS, *(pair[::-1] for pair in TWINS[:3])])
def test_the_repair_of_one_twin_earns_nothing_as_the_other(one, other):
    verdict = verdict_of(other, BY_NAME[one].reference)

    assert verdict.fraction == 0


def test_never_detaching_is_caught_where_the_cut_is_the_repair():
    for name, mistake in (
        ("frozen_encoder_step", "encoder-trained"),
        ("train_chunks", "never-cut"),
        ("td_loss", "target-not-detached"),
    ):
        wrong = mistake_of(name, mistake).wrong

        verdict = verdict_of(name, wrong, text_of(wrong, name))

        assert (verdict.fraction, verdict.hint.name) == (0, mistake)


# One message, many causes

SAME_MESSAGE = {
    "train_step": ("forward-without-a-graph", "detached-loss", "number-wrapped-again"),
    "encoder_decoder_step": ("output-detached", "all-without-a-graph", "number-wrapped-again"),
    "backward_from_loss": ("detached-loss", "no-graph-recorded", "number-wrapped-without-a-graph"),
}


@pytest.mark.parametrize("name", list(SAME_MESSAGE))
def test_mistakes_that_end_in_one_message_get_different_hints(name):
    said, hints = set(), []
    for mistake in SAME_MESSAGE[name]:
        wrong = mistake_of(name, mistake).wrong
        said |= {answer_with(wrong, case).raised.message for case in expected_of(name).cases}

        hints.append(verdict_of(name, wrong, text_of(wrong, name)).hint.name)

    assert said == {"element 0 of tensors does not require grad and does not have a grad_fn"}
    assert tuple(hints) == SAME_MESSAGE[name]


@pytest.mark.parametrize("name", list(SAME_MESSAGE))
def test_without_a_source_one_message_is_no_ground_for_a_guess(name):
    verdict = verdict_of(name, mistake_of(name, SAME_MESSAGE[name][0]).wrong)

    assert verdict.fraction == 0
    assert verdict.hint is None


def test_a_source_gives_and_takes_no_point():
    right, wrong = BY_NAME["train_step"].reference, mistake_of("train_step", "detached-loss").wrong

    assert verdict_of("train_step", right, text_of(wrong, "train_step")).fraction == 1
    assert verdict_of("train_step", wrong, text_of(right, "train_step")).fraction == 0


def test_words_in_comments_and_docstrings_choose_no_hint():
    source = 'def train_step(x):\n    """with torch.no_grad()"""\n    return x  # x.detach()\n'

    text = normalised(source)

    assert "no_grad" not in text
    assert "detach" not in text
    assert "return x" in text


@pytest.mark.parametrize("source", ["def broken(:", "x" * (LONGEST + 1), "(" * 5_000, "\0"])
def test_a_source_that_cannot_be_read_is_no_source(source):
    assert normalised(source) == ""


# The adapters

NONSENSE = [None, "text", 3, [1, None], object(), {"loss": 1.0}, torch.zeros(2, 7), np.array(1j)]


@for_each("exercise", NAMED)
def test_nonsense_is_judged_and_never_breaks_the_adapter(exercise):
    expected = expected_of(exercise.name)
    for value in NONSENSE:
        returned = [answer_with(lambda *args, v=value, **kwargs: v, case) for case in expected.cases]

        verdict = judge(exercise, expected, returned)

        assert {got.status for got in returned} == {"returned"}, repr(value)
        assert verdict.fraction == 0


def test_an_adapter_leaves_pytorch_as_it_was():
    torch.manual_seed(1)
    before = torch.get_rng_state(), torch.get_num_threads(), torch.is_grad_enabled()

    answer_with(BY_NAME["evaluate"].reference, expected_of("evaluate").cases[0])

    assert torch.equal(torch.get_rng_state(), before[0])
    assert (torch.get_num_threads(), torch.is_grad_enabled()) == before[1:]


def test_reading_the_declarations_does_not_load_pytorch():
    code = "import sys; from tests.this_course import CATALOGUE; dict(CATALOGUE); print('torch' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"
