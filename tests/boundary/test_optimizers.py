"""PyTorch's optimizers as the box has them: without the compiler, and computing what they compute with it."""

from __future__ import annotations

import subprocess
import sys

COMPARED = '''
import sys
import torch
from autograder.boundary.optimizers import without_compiler

def run(kind, **options):
    """The parameters after each of four steps of every kind that there is, and what is kept of the run."""
    torch.manual_seed(3)
    model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 2))
    x, wanted = torch.randn(5, 3), torch.randn(5, 2)
    groups = [{"params": model[0].parameters()}]
    optimizer = kind(groups, **options)
    optimizer.add_param_group({"params": model[2].parameters(), "lr": 0.05})
    def closure():
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(model(x), wanted)
        loss.backward()
        return loss
    seen = []
    for turn in range(4):
        if turn % 2:
            seen.append(optimizer.step(closure).detach())
        else:
            closure()
            seen.append(optimizer.step())
        seen += [one.detach().clone() for one in model.parameters()]
        assert torch.is_grad_enabled()
    optimizer.load_state_dict(optimizer.state_dict())
    optimizer.zero_grad(set_to_none=False)
    return seen

def same(one, other):
    return len(one) == len(other) and all(
        torch.equal(a, b) if isinstance(a, torch.Tensor) and isinstance(b, torch.Tensor) else a == b
        for a, b in zip(one, other))

kinds = [kind for kind in vars(torch.optim).values() if isinstance(kind, type)
         and issubclass(kind, torch.optim.Optimizer) and kind is not torch.optim.Optimizer
         and kind.__name__ not in ("SparseAdam", "LBFGS", "Muon")]
options = [dict(lr=0.1), dict(lr=0.1, foreach=True), dict(lr=0.1, weight_decay=0.1, maximize=True)]

def all_runs():
    found = {}
    for kind in kinds:
        for given in options:
            try:
                found[kind.__name__, str(given)] = run(kind, **given)
            except (TypeError, AssertionError) as error:
                found[kind.__name__, str(given)] = [type(error).__name__]
    return found

if sys.argv[1] == "compare":
    before = all_runs()
    without_compiler(torch)
    after = all_runs()
    assert len(kinds) >= 10 and before.keys() == after.keys()
    wrong = [key for key in before if not same(before[key], after[key])]
    ran = sum(isinstance(found[-1], torch.Tensor) for found in after.values())
    print(wrong, ran >= 2 * len(kinds))
else:
    without_compiler(torch)
    run(torch.optim.SGD, lr=0.1, momentum=0.9)
    run(torch.optim.Adam, lr=0.1)
    torch.nn.utils.clip_grad_norm_([torch.nn.Parameter(torch.ones(2))], 1.0)
    weight = torch.ones(2, requires_grad=True)
    doubled = weight * 1.0
    doubled.grad = torch.ones(2)
    print([name for name in sys.modules if name == "torch._dynamo"])
'''


def said(what: str) -> str:
    program = subprocess.run([sys.executable, "-c", COMPARED, what], capture_output=True, text=True, check=True)
    return program.stdout.strip()


def test_every_optimizer_takes_the_same_steps_without_the_compiler():
    assert said("compare") == "[] True"


def test_a_step_does_not_import_the_compiler():
    assert said("import") == "[]"
