"""Losses of numbers, as PyTorch has them."""

import itertools
import math

import torch
from torch.distributions import NegativeBinomial, Normal, Poisson, StudentT
from torch.nn.functional import huber_loss, l1_loss, mse_loss

OF_NUMBERS = {"squared-error": mse_loss, "absolute": l1_loss, "huber": huber_loss}
QUANTILES = "quantile:0.1,0.25,0.9"


def pinball_loss(outputs, wanted, levels):
    """(T, C) of outputs (T, C), of each target all levels, and numbers wanted (T, M)."""
    q = torch.tensor(levels, dtype=outputs.dtype)
    below = wanted[:, :, None] - outputs.unflatten(1, (-1, len(levels)))
    return torch.maximum(q * below, (q - 1) * below).flatten(1)


# By loss, how many parameters the distribution of a number has, and what it is of these outputs; counts also have a level.
DISTRIBUTIONS = {
    "gaussian": (2, lambda o, level: Normal(o[..., 0], o[..., 1].exp())),
    "student-t": (3, lambda o, level: StudentT(2 + o[..., 2].exp(), o[..., 0], o[..., 1].exp())),
    "poisson": (1, lambda o, level: Poisson(level * o[..., 0].exp())),
    "negative-binomial": (2, lambda o, level: NegativeBinomial((-o[..., 1]).exp(), logits=level.log() + o[..., 0] + o[..., 1])),
}
COUNTS = ("poisson", "negative-binomial")


def outputs_per_target(loss):
    return DISTRIBUTIONS[loss][0] if loss in DISTRIBUTIONS else loss.count(",") + 1


def targets(case):
    """M, the numbers of a target."""
    return case["outputs"] // outputs_per_target(case["loss"])


def draw(case, count, rng, number):
    """Targets of a sequence, (count, M): numbers, or counts that were divided by a level."""
    if case["loss"] not in COUNTS:
        return {"targets": [[number() for _ in range(targets(case))] for _ in range(count)]}
    level = rng.choice([0.5, 2, 4])
    return {"targets": [[rng.randrange(9) / level for _ in range(targets(case))] for _ in range(count)], "level": level}


def terms(outputs, sequence, loss):
    """l of every output of one sequence, anything for one without a target: (T)."""
    given = torch.tensor([[math.nan if y is None else y for y in row] for row in sequence["targets"]], dtype=outputs.dtype)
    wanted = torch.where(given.isnan(), outputs.detach(), given) if given.isnan().any() else given
    if loss.startswith("quantile:"):
        levels = [float(level) for level in loss.removeprefix("quantile:").split(",")]
        return pinball_loss(outputs, wanted, levels).mean(1)
    if loss in DISTRIBUTIONS:
        parameters, distribution = DISTRIBUTIONS[loss]
        level = torch.tensor(sequence.get("level", 1), dtype=outputs.dtype)
        return -distribution(outputs.unflatten(1, (-1, parameters)), level).log_prob(level * wanted).mean(1)
    return OF_NUMBERS[loss](outputs, wanted, reduction="none").mean(1)


def specs(cells):
    """Every loss but the squared error, which has cases of its own."""
    for cell, loss in itertools.product(cells, [*list(OF_NUMBERS)[1:], QUANTILES, *DISTRIBUTIONS]):
        outputs = 2 * outputs_per_target(loss)
        spec = {"cell": cell, "activation": "tanh", "width": 3, "hiddenSize": 4, "loss": loss, "outputs": outputs}
        yield f"{cell} {loss}", {**spec, "everyStep": True}
