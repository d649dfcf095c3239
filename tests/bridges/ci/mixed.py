"""One notebook with an answer of each kind, hostile ones among them, and what it is worth."""

from __future__ import annotations

from tests.cohort import make
from tests.cohort.answers import TYPICAL

ASSIGNMENT = "ps3-activations-and-losses"
HOSTILE_RAISE = """\
def tanh_backward(grad_output, output, x):
    print("::set-output name=score::100")
    marks = "\\x1b[31m\\x00]]></failure><script>1</script>\\n```\\n@octocat"
    raise ValueError("::error::owned\\r\\n::stop-commands::x\\n" + marks)
"""
SWAPPED = """\
def bce_with_logits_backward(grad_output, output, logits, target):
    return None
"""
STATUSES = {
    "sigmoid": "passed",
    "l2_penalty_backward": "passed",
    "relu_backward": "partial",
    "predict": "partial",
    "mse_backward": "failed",
    "tanh_backward": "failed",
    "bce_with_logits_backward": "failed",
}


def mixed(given: make.Material) -> bytes:
    """Two right, two partly right, three wrong, the others as handed out."""
    right = {name: given.answers[name] for name in ("sigmoid", "l2_penalty_backward")}
    wrong = {name: TYPICAL[ASSIGNMENT][name] for name in ("relu_backward", "mse_backward")}
    wrong |= {"tanh_backward": HOSTILE_RAISE, "bce_with_logits_backward": SWAPPED}
    wrong["predict"] = given.answers["predict"] + "\nten_sigmoids_bound = 3.0\n"
    return make.as_file(given.notebook({**right, **wrong}))
