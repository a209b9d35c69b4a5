"""The job conf/japanese-vowels.properties with several seeds, and the same network in PyTorch with as many updates.

    benchmarks/data.sh
    python3 -m venv target/venv && target/venv/bin/pip install torch
    target/venv/bin/python benchmarks/vowels.py [--seeds 5] [--only unroll|torch] [--key=value ...]

Further keys go to both sides (cell, hidden-size, num-layers, bidirectional, dropout, batch-size, step-size, schedule, weight-decay, epochs).
Prints a JSON line with the accuracy on the test part for every seed, and their mean.
"""

import argparse
import json
import math
import tempfile
import time

from command import HOME, unroll

DATA = HOME / "target" / "data" / "japanese-vowels"


def settings(further):
    lines = (HOME / "conf" / "japanese-vowels.properties").read_text().splitlines()
    given = dict(map(str.strip, line.split("=", 1)) for line in lines if line and not line.startswith("#"))
    given.update(pair.removeprefix("--").split("=", 1) for pair in further)
    return given


def ours(keys, seed):
    with tempfile.TemporaryDirectory() as folder:
        last = unroll("train", {**keys, "seed": seed, "model": folder + "/model"})
        return last["validation"]["accuracy"], last["iterations"]


def twin(keys, seed):
    import torch
    from torch import nn
    from torch.nn.utils.rnn import pack_sequence

    def rows(name):
        read = [json.loads(line) for line in (DATA / name).read_text().splitlines()]
        return [torch.tensor(row["steps"]) for row in read], torch.tensor([int(row["speaker"]) - 1 for row in read])

    torch.manual_seed(seed)
    torch.set_num_threads(1)
    (x, y), (test, labels) = rows("train.json"), rows("test.json")
    every = torch.cat(x)
    mean, deviation = every.mean(0), every.std(0, correction=0)
    x, test = [(s - mean) / deviation for s in x], [(s - mean) / deviation for s in test]
    size, layers, both = int(keys["hidden-size"]), int(keys.get("num-layers", 1)), keys.get("bidirectional") == "true"
    kind = {"gru": nn.GRU, "lstm": nn.LSTM}[keys["cell"]]
    rnn = kind(12, size, layers, bidirectional=both, dropout=float(keys.get("dropout", 0)))
    head = nn.Linear(size * (2 if both else 1), 9)

    def outputs(sequences):
        last = rnn(pack_sequence(sequences, enforce_sorted=False))[1]
        last = last[0] if keys["cell"] == "lstm" else last
        return head(torch.cat([last[-2], last[-1]], 1) if both else last[-1])

    parameters = [*rnn.parameters(), *head.parameters()]
    rate = float(keys["step-size"])
    adam = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[keys.get("optimizer", "adam")]
    optimizer = adam(parameters, lr=rate, weight_decay=float(keys.get("weight-decay", 0)))
    batch, epochs = int(keys["batch-size"]), int(keys["epochs"])
    updates = epochs * math.ceil(len(x) / batch)
    done = 0
    for _ in range(epochs):
        order = torch.randperm(len(x)).tolist()
        for at in range(0, len(x), batch):
            if keys.get("schedule", "constant") == "cosine":
                optimizer.param_groups[0]["lr"] = rate * (1 + math.cos(math.pi * done / updates)) / 2
            some = order[at : at + batch]
            optimizer.zero_grad()
            nn.functional.cross_entropy(outputs([x[i] for i in some]), y[some]).backward()
            nn.utils.clip_grad_norm_(parameters, 1)
            optimizer.step()
            done += 1
    rnn.eval()
    with torch.no_grad():
        return (outputs(test).argmax(1) == labels).float().mean().item(), done


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--only", choices=["unroll", "torch"])
    given, further = parser.parse_known_args()
    keys = settings(further)
    for name, side in ("unroll", ours), ("torch", twin):
        if given.only in (None, name):
            began = time.monotonic()
            found = [side(keys, seed) for seed in range(1, given.seeds + 1)]
            accuracies = [round(accuracy, 4) for accuracy, _ in found]
            mean = round(sum(accuracies) / len(accuracies), 4)
            print(json.dumps({"side": name, "accuracy": accuracies, "mean": mean, "updates": found[0][1], "seconds": round(time.monotonic() - began)}), flush=True)


main()
