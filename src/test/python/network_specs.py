"""The networks that several fixtures are of, by title."""

import itertools


def gradient(cells):
    inputs = {
        "onehot": {"vocabulary": 5, "embeddingSize": 0},
        "embedding": {"vocabulary": 5, "embeddingSize": 3},
        "dense": {"width": 3},
    }
    for (cell, activation), name, every in itertools.product(cells, inputs, [False, True]):
        title = f"{cell}-{activation} {name} {'every' if every else 'last'}"
        spec = {"cell": cell, "activation": activation, **inputs[name], "hiddenSize": 4, "classes": 3, "everyStep": every}
        yield title, spec
    for (cell, activation), every in itertools.product(cells, [False, True]):
        title = f"{cell}-{activation} dense {'every' if every else 'last'} squared-error"
        spec = {"cell": cell, "activation": activation, "width": 3, "hiddenSize": 4, "loss": "squared-error", "outputs": 2}
        yield title, {**spec, "everyStep": every}


def stack(cells, tied):
    tokens = {"vocabulary": 5, "embeddingSize": 3, "hiddenSize": 3, "classes": 3}
    for cell, layers, both, every in itertools.product(cells, [1, 2, 3], [False, True], [False, True]):
        if layers > 1 or both:
            title = f"{cell} {layers} {'both directions' if both else 'forward'} {'every' if every else 'last'}"
            spec = {"cell": cell, "activation": "tanh", **tokens, "numLayers": layers, "bidirectional": both}
            yield title, {**spec, "everyStep": every}
    for cell, layers, every in itertools.product(cells, [1, 2], [False, True]):
        title = f"{cell} {layers} fixed:2 {'every' if every else 'last'}"
        spec = {"cell": cell, "activation": "tanh", **tokens, "numLayers": layers, "truncation": "fixed:2"}
        yield title, {**spec, "everyStep": every}
    for cell, layers in itertools.product(tied, [1, 2]):
        spec = {"cell": cell, "activation": "tanh", **tokens, "classes": 5, "numLayers": layers, "tied": True}
        yield f"{cell} {layers} tied", {**spec, "everyStep": True}


def smoothed(cells):
    """Labels that are smoothed, of every step and of the whole sequence; some are missing."""
    for cell, every in itertools.product(cells, [False, True]):
        spec = {"cell": cell, "activation": "tanh", "vocabulary": 5, "embeddingSize": 3, "hiddenSize": 4, "classes": 3}
        spec |= {"everyStep": every, "labelSmoothing": 0.3}
        yield f"{cell} {'every' if every else 'last'}", spec
        if every:
            yield f"{cell} masked", {**spec, "masked": True}
