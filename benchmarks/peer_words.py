"""The word model of conf/kjv-words.properties in PyTorch: same canonical order, streams, vocabulary, updates and evaluation.

    python3 -m venv target/venv && target/venv/bin/pip install torch mmh3
    target/venv/bin/python benchmarks/peer_words.py [--epochs 3] [--seed 1]

Prints a JSON line with the validation perplexity per epoch. The order of the documents is computed here anew, from docs/bits.md.
"""

import argparse
import json
import math
import struct
import time
from collections import Counter
from pathlib import Path

import mmh3
import torch
from torch import nn
from torch.nn.functional import cross_entropy

DATA = Path("target/data/kjv-bible")
VOCABULARY, SIZE, LAYERS, STREAMS, WINDOW = 10_000, 256, 2, 32, 35
END = "\0"
MASK = (1 << 64) - 1


def mix64(z):
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & MASK
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB & MASK
    return z ^ (z >> 31)


def canonical(tokens):
    """The bytes of a row of tokens without labels and with weight 1."""
    steps = b"".join(struct.pack(">i", len(t.encode())) + t.encode() for t in tokens)
    return b"\x01" + struct.pack(">i", len(tokens)) + steps + b"\x00" + struct.pack(">i", 0) + struct.pack(">f", 1.0)


def key(tokens, seed=1):
    row = canonical(tokens)
    first = mmh3.hash64(row, 0, x64arch=True, signed=False)[0]
    return mix64(first ^ mix64(seed)), row


def documents(name):
    lines = (DATA / name).read_text(encoding="utf-8").split("\n")
    return [[END, *line.split(), END] for line in lines if line.strip()]


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(VOCABULARY, SIZE)
        self.rnn = nn.LSTM(SIZE, SIZE, LAYERS)
        self.head = nn.Linear(SIZE, VOCABULARY)

    def forward(self, tokens, state):
        h, state = self.rnn(self.embedding(tokens), state)
        return self.head(h), state


@torch.no_grad()
def perplexity(model, held_out):
    """Every document whole, from state zero; padding stands behind and changes nothing before it."""
    total, count = 0.0, 0
    held_out = sorted(held_out, key=len)
    for at in range(0, len(held_out), 32):
        some = held_out[at : at + 32]
        longest = max(map(len, some))
        ids = torch.tensor([d + [-1] * (longest - len(d)) for d in some]).T
        outputs, _ = model(ids[:-1].clamp(min=0), None)
        total += cross_entropy(outputs.flatten(0, 1), ids[1:].flatten(), ignore_index=-1, reduction="sum").item()
        count += int((ids[1:] >= 0).sum())
    return math.exp(total / count)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    training = sorted(documents("train.txt"), key=key)
    counts = Counter(token for document in training for token in document)
    words = sorted(counts, key=lambda token: (-counts[token], token))[: VOCABULARY - 1]
    ids = {token: i + 1 for i, token in enumerate(words)}
    corpus = [0]
    for document in training:  # the end mark of one is the beginning of the next
        corpus[-1:] = [ids.get(token, 0) for token in document]
    held_out = [[ids.get(token, 0) for token in document] for document in documents("test.txt")]
    steps = len(corpus) - 1
    corpus = torch.tensor(corpus)
    starts = [s * (steps // STREAMS) + min(s, steps % STREAMS) for s in range(STREAMS + 1)]

    model = Model()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.002)
    results, updates, start = [], 0, time.time()
    for _ in range(options.epochs):
        h = torch.zeros(LAYERS, STREAMS, SIZE)
        c = torch.zeros(LAYERS, STREAMS, SIZE)
        for first in range(0, starts[1], WINDOW):
            lengths = [min(WINDOW, starts[s + 1] - starts[s] - first) for s in range(STREAMS)]
            loss = 0.0
            for length in sorted(set(lengths) - {0}):
                group = [s for s in range(STREAMS) if lengths[s] == length]
                at = [starts[s] + first for s in group]
                tokens = torch.stack([corpus[a : a + length] for a in at], 1)
                labels = torch.stack([corpus[a + 1 : a + length + 1] for a in at], 1)
                outputs, (hs, cs) = model(tokens, (h[:, group], c[:, group]))
                h, c = h.index_copy(1, torch.tensor(group), hs.detach()), c.index_copy(1, torch.tensor(group), cs.detach())
                loss = loss + cross_entropy(outputs.flatten(0, 1), labels.flatten(), reduction="sum")
            optimizer.zero_grad()
            (loss / sum(lengths)).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            updates += 1
        results.append(round(perplexity(model, held_out), 3))
        print(json.dumps({"updates": updates, "perplexity": results, "minutes": round((time.time() - start) / 60, 2)}), flush=True)


if __name__ == "__main__":
    main()
