"""Losses of numbers, as PyTorch has them."""

import itertools

import torch
from torch.nn.functional import huber_loss, l1_loss, mse_loss

OF_NUMBERS = {"squared-error": mse_loss, "absolute": l1_loss, "huber": huber_loss}
QUANTILES = "quantile:0.1,0.25,0.9"


def pinball_loss(outputs, wanted, levels):
    """(T, C) of outputs (T, C), of each target all levels, and numbers wanted (T, M)."""
    q = torch.tensor(levels, dtype=outputs.dtype)
    below = wanted[:, :, None] - outputs.unflatten(1, (-1, len(levels)))
    return torch.maximum(q * below, (q - 1) * below).flatten(1)


def outputs_per_target(loss):
    return loss.count(",") + 1


def targets(case):
    """M, the numbers of a target."""
    return case["outputs"] // outputs_per_target(case["loss"])


def terms(outputs, numbers, loss):
    """l of every output of one sequence: (T)."""
    wanted = torch.tensor(numbers, dtype=outputs.dtype)
    if loss.startswith("quantile:"):
        levels = [float(level) for level in loss.removeprefix("quantile:").split(",")]
        return pinball_loss(outputs, wanted, levels).mean(1)
    return OF_NUMBERS[loss](outputs, wanted, reduction="none").mean(1)


def specs(cells):
    """Every loss but the squared error, which has cases of its own."""
    for cell, loss in itertools.product(cells, [*list(OF_NUMBERS)[1:], QUANTILES]):
        outputs = 2 * outputs_per_target(loss)
        spec = {"cell": cell, "activation": "tanh", "width": 3, "hiddenSize": 4, "loss": loss, "outputs": outputs}
        yield f"{cell} {loss}", {**spec, "everyStep": True}
