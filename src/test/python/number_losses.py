"""Losses of numbers, as PyTorch has them."""

import itertools

import torch
from torch.nn.functional import huber_loss, l1_loss, mse_loss

OF_NUMBERS = {"squared-error": mse_loss, "absolute": l1_loss, "huber": huber_loss}


def terms(outputs, targets, loss):
    """l of every output of one sequence: (T)."""
    return OF_NUMBERS[loss](outputs, torch.tensor(targets, dtype=outputs.dtype), reduction="none").mean(1)


def specs(cells):
    """Every loss but the squared error, which has cases of its own."""
    for cell, loss in itertools.product(cells, list(OF_NUMBERS)[1:]):
        spec = {"cell": cell, "activation": "tanh", "width": 3, "hiddenSize": 4, "loss": loss, "outputs": 2}
        yield f"{cell} {loss}", {**spec, "everyStep": True}
