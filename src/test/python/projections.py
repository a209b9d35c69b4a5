"""LSTMs whose states are projected, as PyTorch has them (proj_size)."""

import itertools

TOKENS = {"vocabulary": 5, "embeddingSize": 3, "classes": 3}
MIXED = {
    "numbers": 2,
    "missing": True,
    "categories": [["page", 5, 2], ["day", 4, 3]],
    "staticNumbers": 1,
    "statics": [["shop", 4, 2]],
    "classes": 3,
}


def options(case):
    """What the constructor of nn.LSTM takes besides, for a network with a projection."""
    return {"proj_size": case["projSize"]} if "projSize" in case else {}


def specs():
    lstm = {"cell": "lstm", "activation": "tanh", "hiddenSize": 4, "projSize": 2}
    for layers, both, every in itertools.product([1, 2, 3], [False, True], [False, True]):
        shape = {"numLayers": layers, "bidirectional": both, "everyStep": every}
        yield f"projected {layers} {'both directions' if both else 'forward'} {'every' if every else 'last'}", {**lstm, **TOKENS, **shape}
    for layers, every in itertools.product([1, 2], [False, True]):
        shape = {"numLayers": layers, "truncation": "fixed:2", "everyStep": every}
        yield f"projected {layers} fixed:2 {'every' if every else 'last'}", {**lstm, **TOKENS, **shape}
    for pooling in ["mean", "max", "attention"]:
        shape = {"numLayers": 2, "bidirectional": True, "everyStep": False, "pooling": pooling}
        yield f"projected {pooling}", {**lstm, **TOKENS, **shape}
    yield "projected one-hot", {**lstm, **TOKENS, "embeddingSize": 0, "everyStep": True}
    yield "projected mixed", {**lstm, **MIXED, "bidirectional": True, "everyStep": True}
    yield "projected tied", {**lstm, **TOKENS, "projSize": 3, "classes": 5, "tied": True, "everyStep": True}
    yield "projected squared-error", {**lstm, "width": 3, "loss": "squared-error", "outputs": 2, "everyStep": False}
