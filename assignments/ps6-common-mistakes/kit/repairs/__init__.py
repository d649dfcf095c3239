"""Adapters for PyTorch programs: arrays go in, modules and optimizers are built from them, and what happened comes out.

Each adapter runs the student's function, once or over a few steps, and gives per parameter the gradient or None, the
losses, and what else is asked, as plain data. PyTorch is imported when an adapter is called, never before. The helpers
take the module ``torch`` as their first argument.
"""

from __future__ import annotations

from .chunks import chunked
from .leaves import fresh_leaf, logged, made_weight, plotted, running
from .losses import backward_once, coded, loss_of_model, target_network
from .modes import evaluated, sampled, without_dropout
from .pulled import indices, pulled, pulled_first, vector_product
from .stacks import stacked
from .steps import accumulated_epochs, epochs, manual, stepped

__all__ = [
    "accumulated_epochs",
    "backward_once",
    "chunked",
    "coded",
    "epochs",
    "evaluated",
    "fresh_leaf",
    "indices",
    "logged",
    "loss_of_model",
    "made_weight",
    "manual",
    "plotted",
    "pulled",
    "pulled_first",
    "running",
    "sampled",
    "stacked",
    "stepped",
    "target_network",
    "vector_product",
    "without_dropout",
]
