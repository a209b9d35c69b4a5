"""Cells that PyTorch has not, as a few lines of PyTorch that autograd differentiates: minGRU, and the LSTMs with peepholes and with
layer normalisation. Members and their order are Unroll's."""

import torch
from torch import nn
from torch.nn.functional import layer_norm


class TwinLayers(nn.Module):
    """Stacked layers of one cell, read from one end or from both: as nn.LSTM for one sequence (T, I), or for sequences (T, B, I)."""

    blocks = 4  # of H rows in weight_ih and bias_ih
    recurrent = True  # whether there are weight_hh and bias_hh
    cell_state = True

    def __init__(self, inputs, hidden, num_layers=1, bidirectional=False):
        super().__init__()
        self.hidden_size, self.num_layers, self.directions = hidden, num_layers, 2 if bidirectional else 1
        for layer in range(num_layers):
            for suffix in self.suffixes(layer):
                shapes = {"weight_ih": (self.blocks * hidden, inputs if layer == 0 else self.directions * hidden)}
                shapes |= {"weight_hh": (self.blocks * hidden, hidden)} if self.recurrent else {}
                shapes |= {"bias_ih": (self.blocks * hidden,)}
                shapes |= {"bias_hh": (self.blocks * hidden,)} if self.recurrent else {}
                for name, shape in (shapes | self.own(hidden)).items():
                    self.register_parameter(f"{name}_{suffix}", nn.Parameter(torch.zeros(shape)))

    def suffixes(self, layer):
        return [f"l{layer}", f"l{layer}_reverse"][: self.directions]

    def own(self, hidden):
        """Shapes of the cell's own parameters, by name."""
        return {}

    def step(self, p, x, h, c):
        """One step: (h, c), or (h, None) without a cell state; p gives the parameters of the layer by name."""
        raise NotImplementedError

    def forward(self, steps, last=None):
        hs, cs = [], []
        for layer in range(self.num_layers):
            halves = []
            for suffix in self.suffixes(layer):
                p = {name.removesuffix(f"_{suffix}"): value for name, value in self.named_parameters() if name.endswith(f"_{suffix}")}
                zero = steps.new_zeros(*steps.shape[1:-1], self.hidden_size)
                at = len(hs)
                before = last if self.cell_state or last is None else (last, last)
                h, c = (zero, zero) if before is None else (before[0][at], before[1][at])
                states = []
                reverse = suffix.endswith("_reverse")
                for x in steps.flip(0) if reverse else steps:
                    h, c = self.step(p, x, h, c)
                    states.append(h)
                hs.append(h)
                cs.append(c)
                halves.append(torch.stack(states[::-1] if reverse else states))
            steps = torch.cat(halves, -1)
        return steps, (torch.stack(hs), torch.stack(cs)) if self.cell_state else torch.stack(hs)


class MinGru(TwinLayers):
    """Feng et al. 2024, "Were RNNs all we needed?", without a squashed candidate."""

    blocks, recurrent, cell_state = 2, False, False

    def step(self, p, x, h, c):
        z, candidate = (x @ p["weight_ih"].T + p["bias_ih"]).chunk(2, -1)
        z = torch.sigmoid(z)
        return (1 - z) * h + z * candidate, None


class PeepholeLstm(TwinLayers):
    """Gers, Schraudolph and Schmidhuber 2002, "Learning precise timing with LSTM recurrent networks"."""

    def own(self, hidden):
        return {"weight_ci": (hidden,), "weight_cf": (hidden,), "weight_co": (hidden,)}

    def step(self, p, x, h, c):
        i, f, g, o = (x @ p["weight_ih"].T + p["bias_ih"] + h @ p["weight_hh"].T + p["bias_hh"]).chunk(4, -1)
        c_t = torch.sigmoid(f + p["weight_cf"] * c) * c + torch.sigmoid(i + p["weight_ci"] * c) * torch.tanh(g)
        return torch.sigmoid(o + p["weight_co"] * c_t) * torch.tanh(c_t), c_t


class LayerNormLstm(TwinLayers):
    """Ba, Kiros and Hinton 2016, "Layer normalization", equations (20) to (22)."""

    def own(self, hidden):
        gates = {"gain_ih": 4 * hidden, "shift_ih": 4 * hidden, "gain_hh": 4 * hidden, "shift_hh": 4 * hidden}
        return {name: (size,) for name, size in (gates | {"gain_c": hidden, "shift_c": hidden}).items()}

    def step(self, p, x, h, c):
        def norm(a, of):
            return layer_norm(a, a.shape[-1:], p[f"gain_{of}"], p[f"shift_{of}"], eps=1e-5)

        u, v = x @ p["weight_ih"].T + p["bias_ih"], h @ p["weight_hh"].T + p["bias_hh"]
        i, f, g, o = (norm(u, "ih") + norm(v, "hh")).chunk(4, -1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(norm(c, "c")), c


TWINS = {"mingru": MinGru, "peephole": PeepholeLstm, "layernormlstm": LayerNormLstm}
