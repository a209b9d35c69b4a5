"""Attributions of single predictions by Captum, for make_fixtures.py: integrated gradients, and gradient times input.

    pip install captum
"""

import torch
from captum.attr import InputXGradient, IntegratedGradients

import columns
import network_specs
import pooled_states

NODES = 200  # of one Gauss-Legendre rule


def specs(cells):
    """Embedded, one-hot, dense and mixed inputs, without kinks; last state and every step."""
    yield from (s for s in network_specs.gradient([(cell, "tanh") for cell in cells]))
    yield from columns.specs(["lstm"])
    yield from (s for s in pooled_states.specs(["gru"]) if s[1]["pooling"] != "max" and "truncation" not in s[1])


def add(network, case, numbers):
    """A gradient case with explanations in place of gradients: of the sum of what is predicted, from zero."""
    rest = {key: value for key, value in case.items() if key not in ("step", "sequence", "correct")}
    return {**rest, "explanations": [explanation(network, s, numbers) for s in case["sequences"]]}


def explanation(network, sequence, numbers):
    rows = network.steps(sequence).detach()
    whole, steps = rows[:, : network.statics], rows[:, network.statics :]
    inputs = (steps[None], whole[:1]) if network.statics else (steps[None],)
    classes = outputs(network, *inputs)[0].argmax(1)

    def score(*batch):
        read = outputs(network, *batch)
        return read.gather(2, classes.expand(len(read), -1)[:, :, None]).sum((1, 2)) if "classes" in network.case else read.sum((1, 2))

    integrated = IntegratedGradients(score).attribute(inputs, n_steps=NODES, method="gausslegendre")
    product = InputXGradient(score).attribute(tuple(x.requires_grad_() for x in inputs))
    return {
        "score": numbers(score(*inputs)[0], 10),
        "baselineScore": numbers(score(*(torch.zeros_like(x) for x in inputs))[0], 10),
        "integrated": by_column(network.case, integrated, numbers),
        "product": by_column(network.case, product, numbers),
    }


def outputs(network, steps, whole=None):
    """(B, T or 1, C) of rows (B, T, I) and statics (B, S)."""
    result = []
    for b, x in enumerate(steps):
        above = lambda rows: rows if whole is None else torch.cat([whole[b].expand(len(rows), -1), rows], 1)
        every, last = network.states(above(x))
        read = every if network.case["everyStep"] else pooled_states.pooled(network, every, network.last_states(last))[None]
        result.append(network.head(above(read)))
    return torch.stack(result)


def by_column(case, attributions, numbers):
    """Of each column its steps, and of each column of statics its number; numbers come before categories."""
    steps = attributions[0][0]
    if "categories" not in case:
        return {"columns": numbers((steps if "width" in case else steps.sum(1, keepdim=True)).T, 8), "statics": []}
    kinds = lambda of, categories, count: of_columns(of, [e for _, _, e in case.get(categories, [])], case.get(count, 0))
    whole = kinds(attributions[1], "statics", "staticNumbers") if len(attributions) > 1 else []
    return {"columns": numbers([c.detach() for c in kinds(steps, "categories", "numbers")], 8), "statics": [numbers(c[0], 8) for c in whole]}


def of_columns(rows, widths, count):
    ends = [sum(widths[: k + 1]) for k in range(len(widths))]
    embedded = ends[-1] if ends else 0
    categories = [rows[:, end - width : end].sum(1) for width, end in zip(widths, ends)]
    indicated = rows.shape[1] > embedded + count
    number = lambda d: rows[:, embedded + d] + (rows[:, embedded + count + d] if indicated else 0)
    return [number(d) for d in range(count)] + categories
