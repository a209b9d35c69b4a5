"""Steps of PyTorch's optimisers on given gradients, in float64: what make_fixtures.py writes into optimizers.json."""

import random

import torch
from torch import nn
from torch.nn.utils import clip_grad_norm_
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

# By Unroll's key: the step size of the cases, and PyTorch's optimiser with what is not its default.
OPTIMIZERS = {
    "sgd": (0.1, torch.optim.SGD, {}),
    "momentum": (0.05, torch.optim.SGD, {"momentum": 0.9}),
    "adam": (0.01, torch.optim.Adam, {}),
    "adamw": (0.01, torch.optim.AdamW, {}),
    "rmsprop": (0.01, torch.optim.RMSprop, {}),
    "adagrad": (0.1, torch.optim.Adagrad, {}),
    "nadam": (0.01, torch.optim.NAdam, {}),
    "amsgrad": (0.01, torch.optim.Adam, {"amsgrad": True}),
}
# Decays of moving averages. The second: PyTorch's lerp computes from the other end where 1 - decay is 0.5 or more.
AVERAGED = [("adam", 0.9), ("sgd", 0.25)]


def cases(theta, gradients):
    """What defines a case, and by name what is there after each step."""
    for kind in OPTIMIZERS:
        for variant, decay, clip in [("", 0.0, 0.0), (" with decay", 0.01, 0.0), (" with clipping", 0.0, 0.75)]:
            after, _ = steps(kind, theta, gradients, decay, clip)
            yield case(kind, variant, decay, clip), {"after": after}
    for kind, ema in AVERAGED:
        after, averages = steps(kind, theta, gradients, 0.0, 0.0, ema)
        yield case(kind, " with average", 0.0, 0.0) | {"ema": ema}, {"after": after, "averages": averages}


def case(kind, variant, decay, clip):
    step_size, _, _ = OPTIMIZERS[kind]
    return {"name": kind + variant, "optimizer": kind, "stepSize": step_size, "weightDecay": decay, "clipNorm": clip}


def steps(kind, theta, gradients, decay, clip, ema=0.0):
    """The parameters after each step, and their moving averages."""
    step_size, make, options = OPTIMIZERS[kind]
    p = nn.Parameter(torch.tensor(theta, dtype=torch.float64))
    model = nn.ParameterList([p])
    optimizer = make([p], lr=step_size, weight_decay=decay, **options)
    average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(ema))
    after, averages = [], []
    for gradient in gradients:
        p.grad = torch.tensor(gradient, dtype=torch.float64)
        if clip:
            clip_grad_norm_([p], clip)
        optimizer.step()
        average.update_parameters(model)
        after.append(p.detach().clone())
        averages.append(average.module[0].detach().clone())
    return after, averages


def file(dyadic, numbers):
    """The head of the file, and its cases; of random numbers that float32 holds, and with rounded ones."""
    rng = random.Random("optimizers")
    theta = [dyadic(rng, 2, 64) for _ in range(5)]
    # The last two: a tiny gradient, which Adam enlarges, and one that is exactly 0 for ten steps.
    gradients = [
        [dyadic(rng, 1, 256) for _ in range(3)] + [dyadic(rng, 1, 4) * 2.0**-20, 0.0 if step < 10 else dyadic(rng, 1, 256)]
        for step in range(20)
    ]
    made = [
        {**case, **{name: numbers(every, 12) for name, every in after.items()}}
        for case, after in cases(theta, gradients)
    ]
    return {"theta": theta, "gradients": gradients}, made
