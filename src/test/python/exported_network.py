"""A network of PyTorch with the tensors of an exported model."""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from twin_cells import MinGru

CELLS = {"elman": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU, "mingru": MinGru}


class Network(nn.Module):
    def __init__(self, cell, tensors, layers, bidirectional, pooling="last"):
        super().__init__()
        self.kind = pooling
        if pooling == "attention":
            self.pooling = nn.ParameterDict({"query": tensors["pooling.query"]})
        vectors = tensors.get("embedding.weight")
        if vectors is not None:
            self.embedding = nn.Embedding(*vectors.shape)
        self.directions = 2 if bidirectional else 1
        states = tensors["head.weight"].shape[1] // self.directions
        inputs = tensors["rnn.weight_ih_l0"].shape[1]
        projection = tensors.get("rnn.weight_hr_l0")
        hidden, options = (states, {}) if projection is None else (projection.shape[1], {"proj_size": states})
        self.rnn = CELLS[cell](inputs, hidden, layers, bidirectional=bidirectional, **options)
        self.head = nn.Linear(*reversed(tensors["head.weight"].shape))
        self.load_state_dict(tensors)  # strict: every name and shape is PyTorch's

    @torch.no_grad()
    def forward(self, x, lengths):
        if x.dtype == torch.int64:
            x = self.embedding(x)
        if self.kind != "last":  # each row alone, without its padding
            return self.head(torch.stack([self.pooled(self.rnn(row[:steps])[0]) for row, steps in zip(x, lengths)]))
        if isinstance(self.rnn, MinGru):  # it does not know packed sequences
            h = torch.stack([self.rnn(row[:steps])[1] for row, steps in zip(x, lengths)], 1)
        else:
            _, state = self.rnn(pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False))
            h = state[0] if isinstance(self.rnn, nn.LSTM) else state
        return self.head(torch.cat(list(h[-self.directions :]), 1))

    def pooled(self, states):
        if self.kind == "attention":
            query = self.pooling["query"]
            return torch.softmax(states @ query / len(query) ** 0.5, 0) @ states
        return states.mean(0) if self.kind == "mean" else states.max(0).values
