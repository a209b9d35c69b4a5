"""A conditional random field, by a list of all sequences of classes."""

import itertools

import torch
from torch import nn


class Transitions(nn.Module):
    """Scores of the first class, of the last one, and of each class after each (rows: from)."""

    def __init__(self, classes):
        super().__init__()
        self.start_transitions = nn.Parameter(torch.zeros(classes))
        self.end_transitions = nn.Parameter(torch.zeros(classes))
        self.transitions = nn.Parameter(torch.zeros(classes, classes))


def scores(outputs, crf):
    """Every sequence of classes, and the score of each."""
    steps, classes = outputs.shape
    every = torch.tensor(list(itertools.product(range(classes), repeat=steps)))
    ends = crf.start_transitions[every[:, 0]] + crf.end_transitions[every[:, -1]]
    pairs = crf.transitions[every[:, :-1], every[:, 1:]].sum(1)
    return every, ends + pairs + outputs[range(steps), every].sum(1)


def terms(outputs, sequence, crf):
    """An equal share of l for each step with a label, and that weighs something: (T)."""
    every, score = scores(outputs, crf)
    weights = torch.tensor(sequence.get("weights", [1] * len(outputs)))
    wanted = torch.where(weights > 0, torch.tensor(sequence["labels"]), -1)
    as_labelled = ((every == wanted) | (wanted == -1)).all(1)
    loss = score.logsumexp(0) - score[as_labelled].logsumexp(0)
    return (loss / (wanted != -1).sum()).expand(len(wanted))


def best(outputs, crf):
    every, score = scores(outputs, crf)
    return every[score.argmax()]


def specs(cells):
    tokens = {"vocabulary": 5, "embeddingSize": 3, "hiddenSize": 3, "classes": 3, "everyStep": True, "loss": "crf"}
    for cell, both in itertools.product(cells, [False, True]):
        spec = {"cell": cell, "activation": "tanh", **tokens, "bidirectional": both}
        yield f"{cell} crf {'both directions' if both else 'forward'}", spec
        yield f"{cell} crf {'both directions' if both else 'forward'} masked", {**spec, "masked": True}
    yield "lstm crf 2 fixed:2", {"cell": "lstm", "activation": "tanh", **tokens, "numLayers": 2, "truncation": "fixed:2"}
