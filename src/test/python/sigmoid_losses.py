"""Cross-entropy of sigmoids, of a label of two and of sets of labels, as PyTorch has it."""

import itertools

import torch
from torch.nn.functional import binary_cross_entropy_with_logits

KINDS = ("binary", "multi-label")


def draw(case, count, rng, _number):
    """A label for each output, or of each label whether it is in the set: (count, C)."""
    if case["loss"] == "binary":
        return {"labels": [rng.randrange(2) for _ in range(count)]}
    return {"targets": [[rng.randrange(2) for _ in range(case["outputs"])] for _ in range(count)]}


def wanted(outputs, sequence):
    """y of every output: (T, C)."""
    y = sequence.get("targets") or [[label] for label in sequence["labels"]]
    return torch.tensor(y, dtype=outputs.dtype)


def terms(outputs, sequence):
    """l of every output of one sequence: (T)."""
    return binary_cross_entropy_with_logits(outputs, wanted(outputs, sequence), reduction="none").mean(1)


def right(outputs, sequence):
    """Whether all that is more probable than not is what is wanted: (T)."""
    return ((outputs > 0) == (wanted(outputs, sequence) > 0)).all(1)


def specs(cells):
    for cell, loss, every in itertools.product(cells, KINDS, [False, True]):
        outputs = {"binary": 1, "multi-label": 3}[loss]
        spec = {"cell": cell, "activation": "tanh", "width": 3, "hiddenSize": 4, "loss": loss, "outputs": outputs}
        yield f"{cell} {loss} {'every' if every else 'last'}", {**spec, "everyStep": every}
