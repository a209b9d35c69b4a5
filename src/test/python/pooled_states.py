"""States that are pooled over the steps of a sequence, as PyTorch has them."""

import itertools

import torch
from torch import nn

POOLINGS = ["mean", "max", "attention"]


class Attention(nn.Module):
    """A sum of states, weighted by a softmax over the steps of their products with one learned query."""

    def __init__(self, width):
        super().__init__()
        self.query = nn.Parameter(torch.zeros(width))

    def forward(self, states):
        return torch.softmax(states @ self.query / len(self.query) ** 0.5, 0) @ states


def pooled(network, every, last):
    """(H) that the head reads: the last state, or of those of every step (T, H) their mean, maximum or sum by attention."""
    match network.case.get("pooling", "last"):
        case "mean":
            return every.mean(0)
        case "max":
            return every.max(0).values
        case "attention":
            return network.pooling(every)
    return last


def specs(cells):
    for cell, pooling, both in itertools.product(cells, POOLINGS, [False, True]):
        spec = {"cell": cell, "activation": "tanh", "vocabulary": 5, "embeddingSize": 3, "hiddenSize": 3, "classes": 3}
        spec |= {"bidirectional": both, "everyStep": False, "pooling": pooling}
        yield f"{cell} {pooling} {'both directions' if both else 'forward'}", spec
        if not both:
            yield f"{cell} {pooling} 2 fixed:2", {**spec, "numLayers": 2, "truncation": "fixed:2"}
            yield f"{cell} {pooling} squared-error", {
                **{key: spec[key] for key in ("cell", "activation", "hiddenSize", "everyStep", "pooling")},
                "width": 3,
                "loss": "squared-error",
                "outputs": 2,
            }
