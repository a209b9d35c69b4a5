"""Steps of several columns of ids and numbers, for make_fixtures.py: what the recurrent layer sees of them, and cases."""

import itertools

import torch
from torch import nn


def rows(embeddings, ids, numbers, missing, dtype):
    """Embeddings of (K, T) ids, numbers (T, D) and their indicators, side by side; a number that is None is 0, its indicator 1."""
    numbers = torch.tensor([[float("nan") if x is None else x for x in row] for row in numbers], dtype=dtype)
    parts = [embedding(torch.tensor(column)) for embedding, column in zip(embeddings.values(), ids)] + [numbers.nan_to_num()]
    return torch.cat(parts + [numbers.isnan().to(dtype)] * missing, 1)


def add_embeddings(network, case):
    """The members of a network of columns; gives the width of a step and that of the statics."""
    network.embeddings, network.static_embeddings = nn.ModuleDict(), nn.ModuleDict()
    widths = []
    for member, categories, numbers in [("embeddings", "categories", "numbers"), ("static_embeddings", "statics", "staticNumbers")]:
        getattr(network, member).update({name: nn.Embedding(v, e) for name, v, e in case.get(categories, [])})
        widths.append(sum(e for _, _, e in case.get(categories, [])) + case.get(numbers, 0) * (2 if case["missing"] else 1))
    return widths


def of_steps(network, sequence):
    """(T, I)."""
    return rows(network.embeddings, sequence["ids"], sequence["numbers"], network.case["missing"], network.dtype)


def below_statics(network, sequence, steps):
    """What holds for the whole sequence, before every row."""
    if not network.statics:
        return steps
    ids, numbers = sequence["staticIds"], sequence["staticNumbers"]
    whole = rows(network.static_embeddings, ids, numbers, network.case["missing"], network.dtype)
    return torch.cat([whole.expand(len(steps), -1), steps], 1)


def specs(cells):
    of_steps = {"categories": [["page", 5, 3], ["day", 4, 2]], "numbers": 2, "hiddenSize": 4}
    for cell, missing, every in itertools.product(cells, [False, True], [False, True]):
        title = f"{cell} mixed {'missing ' if missing else ''}{'every' if every else 'last'}"
        spec = {"cell": cell, "activation": "tanh", **of_steps, "missing": missing, "everyStep": every}
        yield title, {**spec, **({"loss": "squared-error", "outputs": 2} if missing else {"classes": 3})}
    static = {"statics": [["shop", 3, 2]], "staticNumbers": 2}
    for cell, missing in itertools.product(cells, [False, True]):
        title = f"{cell} mixed statics {'missing every' if missing else 'last'}"
        yield title, {"cell": cell, "activation": "tanh", **of_steps, **static, "missing": missing, "everyStep": missing, "classes": 3}
    both = {"cell": "lstm", "activation": "tanh", **of_steps, "missing": True, "numLayers": 2, "bidirectional": True}
    yield "lstm 2 both directions mixed every", {**both, "classes": 3, "everyStep": True}
    yield "lstm 2 both directions mixed statics last", {**both, **static, "classes": 3, "everyStep": False}


def draw(case, length, rng):
    """Ids by column and numbers by step, multiples of 1/64 in +-2; one in four is missing where that is allowed."""
    number = lambda: None if case["missing"] and rng.random() < 0.25 else rng.randint(-128, 128) / 64
    ids = [[rng.randrange(v) for _ in range(length)] for _, v, _ in case["categories"]]
    steps = {"ids": ids, "numbers": [[number() for _ in range(case["numbers"])] for _ in range(length)]}
    if "statics" in case:
        steps["staticIds"] = [[rng.randrange(v)] for _, v, _ in case["statics"]]
        steps["staticNumbers"] = [[number() for _ in range(case["staticNumbers"])]]
    return steps
